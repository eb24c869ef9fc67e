"""Workbook files: checks of the file before it is parsed."""

from __future__ import annotations

import difflib
import hashlib
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from kido.errors import Finding, Place, WorkbookError
from kido.messages import Excerpt, Phrase, phrase

LARGEST_FILE = 100 * 2**20
LARGEST_UNPACKED = 200 * 2**20
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 2**20
MOST_PARTS = 10_000

# Folders of parts that are never unpacked (pictures, drawings); no limit of size applies.
UNREAD = {
    "media", "drawings", "charts", "diagrams", "embeddings", "printerSettings", "theme", "model",
    "pivotTables", "pivotCache", "externalLinks", "customXml", "customProperty", "docProps",
    "ctrlProps", "activeX", "tables", "queryTables", "threadedComments", "persons", "slicers",
    "slicerCaches", "timelines", "timelineCaches", "richData", "webextensions",
}  # fmt: skip
UNREAD_NAMES = ("calcChain", "comments", "vmlDrawing", "connections", "volatileDependencies")
OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)")
# Streams of a file whose key is kept by a rights service, not made of a password.
LABELLED = ("DRMEncryptedDataSpace", "DRMEncryptedTransform", "LabelInfo")


@dataclass(frozen=True)
class BookFile:
    """The bytes of a checked workbook file, their hash, and warnings."""

    data: bytes
    sha256: str
    warnings: tuple[Finding, ...]


def open_file(path: Path) -> BookFile:
    """The bytes of a workbook file. Raises WorkbookError where it is not a safe .xlsx file."""
    data = _bytes(path)
    if data.startswith(OLE_HEADER):
        raise _ole(path, data)
    if not data.startswith(b"PK"):
        raise _fault(path, "not-a-workbook", _kind(data))
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            _check_parts(path, parts)
            names = parts.namelist()
    except WorkbookError:
        raise
    except Exception:  # a damaged list of parts can raise any error
        raise _fault(path, "truncated") from None
    warnings = [*_locks(path), *_links(path, names)]
    return BookFile(data, hashlib.sha256(data).hexdigest(), tuple(warnings))


def _fault(path: Path, key: str, value: object = "", /, **values: object) -> WorkbookError:
    return WorkbookError([Finding.of(key, Place(path.name or str(path)), value, **values)])


def unreadable(path: Path, reason: Phrase) -> WorkbookError:
    """The error of a file that cannot be parsed, with the reason."""
    return _fault(path, "unreadable", Excerpt(reason, 120))


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _fault(path, "not-a-file.folder")
        if not path.exists():
            raise _no_file(path)
        if not path.is_file():
            raise _fault(path, "not-a-file")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            text = phrase("part.megabytes", size=size / 2**20)
            raise _fault(path, "too-large", text, most=_megabytes(LARGEST_FILE))
        return path.read_bytes()
    except PermissionError:
        raise _fault(path, "no-permission") from None
    except (OSError, ValueError) as problem:
        raise unreadable(path, phrase("part.problem", problem=problem)) from None


def _no_file(path: Path) -> WorkbookError:
    beside = [p.name for p in path.parent.glob("*.xlsx")] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, beside, n=1)
    advice = phrase("part.check_name")
    if close:
        advice = phrase("part.close", close=path.with_name(close[0]))
    return _fault(path, "no-file", str(path), advice=advice)


def _megabytes(size: int) -> Phrase:
    return phrase("part.most_megabytes", size=size >> 20)


def _ole(path: Path, data: bytes) -> WorkbookError:
    if any(_utf16(word) in data for word in LABELLED):
        return _fault(path, "encrypted.label", phrase("part.label"))
    if _utf16("EncryptedPackage") in data:
        return _fault(path, "encrypted")
    return _fault(path, "old-format", ".xls")


def _utf16(word: str) -> bytes:
    return word.encode("utf-16-le")


def _kind(data: bytes) -> Phrase:
    head = data[:400].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not data:
        return phrase("part.empty_file")
    if head.startswith((b"<!doctype html", b"<html", b"<table")):
        return phrase("part.web_page")
    if head.startswith(b"%pdf"):
        return phrase("part.pdf")
    return phrase("part.plain_text" if b"\0" not in data[:4000] else "part.something_else")


def is_read(name: str) -> bool:
    """Whether a part of the file may be read."""
    folders = set(name.split("/")[:-1])
    own = name.rpartition("/")[2]
    if folders & UNREAD or own.startswith(UNREAD_NAMES):
        return False
    return own.endswith((".xml", ".rels"))


def _check_parts(path: Path, parts: zipfile.ZipFile) -> None:
    """Checks size and kind of the parts, by their declared sizes and first bytes."""
    infos = parts.infolist()
    read = [part for part in infos if is_read(part.filename)]
    unpacked = sum(part.file_size for part in read)
    if unpacked > LARGEST_UNPACKED or len(infos) > MOST_PARTS:
        text = phrase("part.unpacked", size=unpacked / 2**20)
        raise _fault(path, "too-large", text, most=_megabytes(LARGEST_UNPACKED))
    for part in read:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > RATIO_COUNTS_FROM and ratio > LARGEST_RATIO:
            text = phrase("part.packed", part=part.filename, ratio=ratio)
            most = phrase("part.most_packed", ratio=LARGEST_RATIO)
            raise _fault(path, "too-large", text, most=most)
    names = set(parts.namelist())
    if any(name.endswith("vbaProject.bin") for name in names) or path.suffix.lower() == ".xlsm":
        raise _fault(path, "macro-book")
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise _fault(path, "not-a-workbook", phrase("part.packed_file"))
    if "xl/workbook.bin" in names:
        raise _fault(path, "old-format.binary", ".xlsb")
    _check_content(path, parts, read)


def _check_content(path: Path, parts: zipfile.ZipFile, infos: Iterable[zipfile.ZipInfo]) -> None:
    for part in infos:
        try:
            with parts.open(part) as file:
                head = file.read(2048)
        except Exception as problem:  # a damaged part can raise any error
            reason = phrase("part.part_raised", part=part.filename, problem=problem)
            raise unreadable(path, reason) from None
        if ENTITY.search(head):
            raise unreadable(path, phrase("part.entities", part=part.filename))


def _locks(path: Path) -> list[Finding]:
    locks = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
    if not any(lock.exists() for lock in locks):
        return []
    return [Finding.warn("open-in-excel", Place(path.name))]


def _links(path: Path, names: Iterable[str]) -> list[Finding]:
    if not any(name.startswith("xl/externalLinks/") for name in names):
        return []
    return [Finding.warn("external-links", Place(path.name))]
