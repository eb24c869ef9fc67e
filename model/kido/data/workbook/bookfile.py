"""The file itself: what is refused before a workbook parser may touch it."""

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

LARGEST_FILE = 100 * 2**20
LARGEST_UNPACKED = 200 * 2**20
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 2**20
MOST_PARTS = 10_000

# What is in pictures, drawings and the like is never unpacked: it may be as large as it wants.
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
SAVE_AS = "open it in Excel and save it as an Excel workbook (.xlsx)"


@dataclass(frozen=True)
class BookFile:
    """The bytes of a workbook that passed every check of the file, and their hash."""

    data: bytes
    sha256: str
    warnings: tuple[Finding, ...]


def open_file(path: Path) -> BookFile:
    """Read a workbook's bytes. Raises WorkbookError for what is not a safe .xlsx file."""
    data = _bytes(path)
    if data.startswith(OLE_HEADER):
        raise _ole(path, data)
    if not data.startswith(b"PK"):
        raise _not_a_workbook(path, _kind(data))
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            _check_parts(path, parts)
            names = parts.namelist()
    except WorkbookError:
        raise
    except Exception:  # a garbled list of parts can make the unpacker say anything
        raise _fault(
            path, "truncated", "The file is damaged or cut off.", advice="copy it again"
        ) from None
    warnings = [*_locks(path), *_links(path, names)]
    return BookFile(data, hashlib.sha256(data).hexdigest(), tuple(warnings))


def _fault(
    path: Path, code: str, sentence: str, found: str = "", expected: str = "", advice: str = ""
) -> WorkbookError:
    place = Place(path.name or str(path))
    return WorkbookError([Finding(code, place, sentence, found, expected, advice)])


def unreadable(path: Path, reason: object = "") -> WorkbookError:
    """The fault of a workbook that only looks like one."""
    return _fault(
        path,
        "unreadable",
        "The file begins like an Excel workbook but cannot be read as one.",
        found=str(reason)[:120],
        advice=SAVE_AS,
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _fault(
                path, "not-a-file", "This is a folder, not a workbook.", advice="name a file"
            )
        if not path.exists():
            raise _no_file(path)
        if not path.is_file():
            raise _fault(path, "not-a-file", "This is not an ordinary file.", advice="name a file")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _too_large(path, f"{size / 2**20:.0f} MB", f"at most {LARGEST_FILE >> 20} MB")
        return path.read_bytes()
    except PermissionError:
        raise _fault(
            path,
            "no-permission",
            "The file may not be read, or another program holds it.",
            advice="close it in Excel, or ask for the right to read it",
        ) from None
    except (OSError, ValueError) as problem:
        raise unreadable(path, problem) from None


def _no_file(path: Path) -> WorkbookError:
    beside = [p.name for p in path.parent.glob("*.xlsx")] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, beside, n=1)
    advice = f"did you mean {path.with_name(close[0])}?" if close else "check the name and folder"
    return _fault(path, "no-file", "There is no such file.", found=str(path), advice=advice)


def _too_large(path: Path, found: str, expected: str) -> WorkbookError:
    sentence = "The file unpacks to far more than a planner's workbook holds; it was not opened."
    return _fault(path, "too-large", sentence, found=found, expected=expected, advice=SAVE_AS)


def _ole(path: Path, data: bytes) -> WorkbookError:
    if any(_utf16(word) in data for word in LABELLED):
        return _fault(
            path,
            "encrypted",
            "The workbook carries a sensitivity label or rights that keep it from being read.",
            found="a label that encrypts the file",
            expected="a workbook that is not encrypted",
            advice="open it in Excel, choose a label without encryption (Home, Sensitivity, or "
            "File, Info, Protect Workbook), and save; or ask its owner for such a copy",
        )
    if _utf16("EncryptedPackage") in data:
        return _fault(
            path,
            "encrypted",
            "The workbook is protected by a password.",
            advice="take off the password in Excel (File, Info, Protect Workbook) and save",
        )
    return _fault(
        path,
        "old-format",
        "This is an Excel workbook of the old kind, whatever its name.",
        found=".xls",
        expected=".xlsx",
        advice=SAVE_AS,
    )


def _utf16(word: str) -> bytes:
    return word.encode("utf-16-le")


def _kind(data: bytes) -> str:
    head = data[:400].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not data:
        return "an empty file"
    if head.startswith((b"<!doctype html", b"<html", b"<table")):
        return "a web page"
    if head.startswith(b"%pdf"):
        return "a PDF"
    return "plain text" if b"\0" not in data[:4000] else "something else"


def _not_a_workbook(path: Path, found: str) -> WorkbookError:
    sentence = "This is not an Excel workbook, whatever its name."
    return _fault(path, "not-a-workbook", sentence, found=found, expected=".xlsx", advice=SAVE_AS)


def is_read(name: str) -> bool:
    """Whether a part is one that is read, or may be."""
    folders = set(name.split("/")[:-1])
    own = name.rpartition("/")[2]
    if folders & UNREAD or own.startswith(UNREAD_NAMES):
        return False
    return own.endswith((".xml", ".rels"))


def _check_parts(path: Path, parts: zipfile.ZipFile) -> None:
    """Size, kind and sanity of the parts, from their declared sizes and first bytes."""
    infos = parts.infolist()
    read = [part for part in infos if is_read(part.filename)]
    unpacked = sum(part.file_size for part in read)
    if unpacked > LARGEST_UNPACKED or len(infos) > MOST_PARTS:
        raise _too_large(
            path, f"{unpacked / 2**20:.0f} MB unpacked", f"at most {LARGEST_UNPACKED >> 20} MB"
        )
    for part in read:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > RATIO_COUNTS_FROM and ratio > LARGEST_RATIO:
            found = f"{part.filename} packed 1 : {ratio:.0f}"
            raise _too_large(path, found, f"at most 1 : {LARGEST_RATIO}")
    names = set(parts.namelist())
    if any(name.endswith("vbaProject.bin") for name in names) or path.suffix.lower() == ".xlsm":
        raise _fault(
            path,
            "macro-book",
            "The workbook carries macros, which are not read.",
            expected=".xlsx",
            advice="save it as .xlsx, without macros",
        )
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise _not_a_workbook(path, "another kind of packed file")
    if "xl/workbook.bin" in names:
        raise _fault(
            path,
            "old-format",
            "This is a binary workbook.",
            found=".xlsb",
            expected=".xlsx",
            advice=SAVE_AS,
        )
    _check_content(path, parts, read)


def _check_content(path: Path, parts: zipfile.ZipFile, infos: Iterable[zipfile.ZipInfo]) -> None:
    for part in infos:
        try:
            with parts.open(part) as file:
                head = file.read(2048)
        except Exception as problem:  # whatever a damaged part makes the unpacker say
            raise unreadable(path, f"{part.filename}: {problem}") from None
        if ENTITY.search(head):
            raise unreadable(path, f"{part.filename} declares entities")


def _locks(path: Path) -> list[Finding]:
    locks = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
    if not any(lock.exists() for lock in locks):
        return []
    return [
        Finding(
            "open-in-excel",
            Place(path.name),
            "The workbook is open in Excel; changes not yet saved are not seen.",
            advice="save it, then run again",
            warning=True,
        )
    ]


def _links(path: Path, names: Iterable[str]) -> list[Finding]:
    if not any(name.startswith("xl/externalLinks/") for name in names):
        return []
    return [
        Finding(
            "external-links",
            Place(path.name),
            "The workbook links to other workbooks; kido does not follow the links.",
            advice="break the links in Excel (Data, Edit Links) if they are not needed",
            warning=True,
        )
    ]
