"""Atomic writes of files and run folders; an earlier run is never damaged."""

from __future__ import annotations

import glob
import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from kido.errors import OutputError

BOOK = "run-book.xlsx"  # the workbook as it was read: no name that a planner would give
OURS = ("results.xlsx", "run.json", "tables.json", "solver.log", BOOK)
LONGEST = 100  # bytes of a name in the name of a folder, of which systems allow 255
FINISHED: list[Path] = []  # run folders that this process has written
WEEK = 7 * 24 * 3600.0


def slug(text: str) -> str:
    """The text as part of the name of a folder; a long one is cut and given a hash."""
    name = re.sub(r"[^\w.-]+", "-", text.strip()).strip("-.").lower() or "unnamed"
    if len(name.encode()) <= LONGEST:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name.encode()[: LONGEST - 9].decode(errors='ignore')}-{digest}"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: written beside `path`, flushed, then moved over it.

    Raises OSError, without leaving a file behind.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def keep_book(book: Path, sha256: str, folder: Path) -> None:
    """Copy a workbook into a run folder, unless it is no longer the one with this hash."""
    content = book.read_bytes()
    if hashlib.sha256(content).hexdigest() == sha256:
        (folder / BOOK).write_bytes(content)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` as a context; it replaces `target` when the block ends well.

    When the block fails, `target` stays as it was. Files in it that are not of a run are kept.
    Raises OutputError before the block where `target` cannot be a run folder, and after it where
    the old results cannot be moved.
    """
    target = run_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            _clear(target)
            _try_old(target)
        fresh = target.with_name(f"{_prefix(target)}{os.getpid()}.{secrets.token_hex(4)}.new")
        fresh.mkdir()
    except OSError as problem:
        raise _unwritable(target, problem) from problem
    try:
        yield fresh
        with _alone(target):
            _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def run_folder(target: Path) -> Path:
    """The absolute path of a run folder, mended. Raises OutputError where it cannot be one."""
    try:
        folder = target.resolve()
        with _alone(folder):
            return _run_folder(folder)
    except (OSError, RuntimeError) as problem:  # a link to itself is either
        raise _unwritable(target, problem) from problem


def _run_folder(target: Path) -> Path:
    current = Path.cwd()
    if target in (current, *current.parents):
        raise OutputError(
            f"{target} is the folder you are in, or one above it: name a folder inside it"
        )
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file: name a folder")
    _mend(target)
    if os.path.lexists(_aside(target)):
        raise OutputError(
            f"{target} cannot be the run folder: what is left of an earlier run in "
            f"{_aside(target)} cannot be removed"
        )
    run_files = [name for name in OURS if os.path.lexists(target / name)]
    if run_files and "run.json" not in run_files:
        raise OutputError(
            f"{target} holds a {run_files[0]} that is of no run (there is no run.json): "
            "name another folder, or move the file"
        )
    return target


def keep_apart(book: str, target: Path) -> None:
    """Raise OutputError where results would replace the workbook that they are made from."""
    folder = target.resolve()
    for name in OURS:
        file = folder / name
        if file.exists() and os.path.exists(book) and os.path.samefile(file, book):
            raise OutputError(
                f"the results would replace the workbook {book}: name another folder after -o, "
                "or give the workbook another name"
            )


def mend_beside(book: Path) -> None:
    """Restore a workbook that was in a run folder whose swap was interrupted."""
    with suppress(OSError, RuntimeError):
        if not book.exists():
            mend(book.parent)


def mend(target: Path) -> None:
    """Finish, or undo, the swap of a run folder that was interrupted."""
    folder = target.resolve()
    with _alone(folder):
        _mend(folder)


def _mend(target: Path) -> None:
    """Finish, or undo, an interrupted swap; files that are not of a run stay."""
    aside = _aside(target)
    if not aside.is_dir():
        return
    if not target.exists():
        os.replace(aside, target)
        return
    for item in aside.iterdir():
        if item.name not in OURS and not os.path.lexists(target / item.name):
            os.replace(item, target / item.name)
    shutil.rmtree(aside, ignore_errors=True)


def _swap(fresh: Path, target: Path) -> None:
    try:
        if target.exists():
            os.replace(target, _aside(target))
        os.replace(fresh, target)
        _mend(target)
    except OSError as problem:
        raise _unwritable(target, problem) from problem
    finally:
        with suppress(OSError):
            _mend(target)
    FINISHED.append(target)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """A lock on a run folder against other threads and processes, as a context.

    The lock file is among the temporary files of the machine; the lock ends with its process.
    """
    user = getattr(os, "getuid", int)()
    mark = hashlib.sha256(f"{user} {target}".encode()).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"kido-{mark}.lock"):
        yield


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _prefix(target: Path) -> str:
    return f".{target.name}.{platform.node()}-"


def _try_old(target: Path) -> None:
    """Raise OSError now, not after the solve, where old results cannot be moved.

    On Windows a workbook that is open in Excel cannot be.
    """
    for name in OURS:
        if (target / name).exists():
            os.replace(target / name, target / name)
    if target.exists():  # what is mounted there, or held, cannot be moved aside
        os.replace(target, _aside(target))
        os.replace(_aside(target), target)


def _unwritable(target: Path, problem: OSError | RuntimeError) -> OutputError:
    where = getattr(problem, "filename", None) or target
    reason = getattr(problem, "strerror", None) or str(problem)
    hint = " (is it open in Excel?)" if isinstance(problem, PermissionError) else ""
    return OutputError(f"{target} cannot be the run folder: {where}: {reason}{hint}")


def _clear(target: Path) -> None:
    """Remove folders of killed runs: of this machine once their process is gone, else in a week."""
    prefix = _prefix(target)
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.*.new"):
        process_id = leftover.name.removeprefix(prefix).split(".")[0]
        expired = time.time() - leftover.stat().st_mtime > WEEK
        if expired or (
            leftover.name.startswith(prefix) and process_id.isdigit() and _gone(int(process_id))
        ):
            shutil.rmtree(leftover, ignore_errors=True)


def _gone(process: int) -> bool:
    if os.name == "nt":  # there signal 0 would end it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
