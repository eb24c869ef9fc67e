"""A run folder is written whole or not at all; an earlier run is never damaged."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OURS = ("results.xlsx", "run.json", "solver.log")


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target`; when the block ends well, it takes its place.

    When the block fails, `target` stays as it was. Files of other makers in an earlier run's
    folder are carried over. Raises OSError where the old folder cannot be moved (on Windows:
    a workbook of it open in Excel).
    """
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    mend(target)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent))
    try:
        fresh.chmod(0o755)
        yield fresh
        if target.exists():
            _carry_over(target, fresh)
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def mend(target: Path) -> None:
    """Put back an old run that a kill caught between the two renames of a swap."""
    aside = _aside(target)
    if aside.exists():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.replace(aside, target)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _carry_over(old: Path, fresh: Path) -> None:
    for item in old.iterdir():
        if item.name in OURS or (fresh / item.name).exists():
            continue
        if item.is_dir():
            shutil.copytree(item, fresh / item.name)
        else:
            shutil.copy2(item, fresh / item.name)


def _swap(fresh: Path, target: Path) -> None:
    aside = _aside(target)
    if not target.exists():
        os.replace(fresh, target)
        return
    os.replace(target, aside)
    try:
        os.replace(fresh, target)
    except OSError:
        os.replace(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
