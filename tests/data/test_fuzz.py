"""Books made from good ones by faults that people type: none is read in silence, none hangs.

Three hundred and sixty by the seed: a cell of a good book, of a kind that the fault is one for, is
typed over. Each must come back as a finding that stands in that row or names what was typed, within
seconds; where all that is found are warnings, the book is planned, and the plan is certified or
said to be none. Files made to do harm are read by a process with little memory and time.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

import kido
from example_book import good_book
from faulty_cells import repack
from kido.data.schema import Column, catalogue
from kido.errors import Finding, KidoError, WorkbookError
from kido.study.checks.book import check_file
from sweep_by_hand import tutorial
from tiny_book import small_book

SEED = 20261128
COUNT = 360
PARTS = 12
SECONDS = 10.0
NUMBERS = ("number", "share", "rate", "integer")


@dataclass(frozen=True)
class Spot:
    """A filled cell of a good book: its sheet (in English), column and place."""

    book: str
    column: Column
    row: int
    letter: str
    held: Any

    @property
    def place(self) -> str:
        return f"{self.column.sheet}!{self.letter}{self.row}"


def swapped(text: str, draw: random.Random) -> str:
    """Two letters of a name in the wrong order, or one twice."""
    at = draw.randrange(len(text) - 1)
    if text[at] == text[at + 1]:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


Typed = Callable[[Spot, random.Random], Any]


def _is(*kinds: str) -> Callable[[Spot], bool]:
    return lambda spot: spot.column.kind in kinds


def _refers(spot: Spot) -> bool:
    return spot.column.refers != "" and isinstance(spot.held, str) and len(spot.held) > 2


# fault: (which cells it is one for, what is typed)
FAULTS: dict[str, tuple[Callable[[Spot], bool], Typed]] = {
    "words for a number": (_is(*NUMBERS), lambda s, d: d.choice(["many", "?", "abc", "ca. 5"])),
    "a unit with the number": (_is(*NUMBERS), lambda s, d: f"{s.held} {d.choice(('t', 'kg'))}"),
    "a decimal comma": (_is("number"), lambda s, d: f"{d.randint(1, 9)},{d.randint(1, 9)}"),
    "two numbers": (_is(*NUMBERS), lambda s, d: f"{s.held}-{d.randint(2, 9)}"),
    "far too large": (_is("number"), lambda s, d: d.choice([1e13, -1e13, 1e100, "1e308"])),
    "four hundred digits": (_is(*NUMBERS), lambda s, d: "9" * 400),
    "no number": (_is(*NUMBERS), lambda s, d: d.choice(["nan", "inf", "-inf"])),
    "true": (_is("number"), lambda s, d: d.choice([True, False])),
    "a date for a number": (_is("number"), lambda s, d: datetime(2027, d.randint(1, 12), 1)),
    "an error of Excel": (lambda s: True, lambda s, d: d.choice(["#REF!", "#N/A", "#DIV/0!"])),
    "below the least": (
        lambda s: s.column.least is not None and s.column.kind in NUMBERS,
        lambda s, d: s.column.least - d.choice([1, 0.5, 100]),
    ),
    "above the most": (
        lambda s: s.column.most is not None and s.column.kind in NUMBERS,
        lambda s, d: s.column.most + d.choice([1, 10, 1e6]),
    ),
    "a percentage": (_is("number"), lambda s, d: f"{d.randint(1, 99)} %"),
    "footnotes and powers": (_is(*NUMBERS), lambda s, d: f"{s.held}{d.choice('①²³⁵¹')}"),
    "half a character": (_is("number"), lambda s, d: f"１{d.choice('千万億')}"),
    "a name spelt wrongly": (_refers, lambda s, d: swapped(s.held, d)),
    "no such choice": (_is("choice"), lambda s, d: d.choice(["perhaps", "both", "yes", "年ごと"])),
    "no such flag": (_is("flag"), lambda s, d: d.choice(["maybe", 2, "n/a"])),
    "no such month": (
        _is("month"), lambda s, d: d.choice(["2027-13", "soon", "13/2027", "2028", 2027, -5]),
    ),
    "a month long ago": (_is("month"), lambda s, d: d.choice(["1850-01", "2500-12"])),
    "nothing where something must be": (lambda s: s.column.required, lambda s, d: None),
    "not a calendar": (_is("calendar"), lambda s, d: d.choice(["monthly", "0 month", "-3 year"])),
    "a formula never calculated": (_is(*NUMBERS), lambda s, d: "=1+1"),
}  # fmt: skip
# Cells whose name others repeat, or that nobody has to read: a change there is another fault
LEFT_OUT = ("Sources", "Sweeps", "source", "grade", "use", "tags", "title", "name", "id")


@cache
def good(name: str) -> bytes:
    from tempfile import TemporaryDirectory

    makers = {"good": good_book, "small": small_book, "tutorial": tutorial}
    with TemporaryDirectory() as folder:
        return makers[name](Path(folder) / "book.xlsx").read_bytes()


@cache
def spots() -> tuple[Spot, ...]:
    """Every filled cell of the good books that is of interest."""
    found = []
    for book in ("good", "small", "tutorial"):
        opened = openpyxl.load_workbook(BytesIO(good(book)))
        for name, sheet in catalogue().items():
            if name in (*LEFT_OUT, "Settings") or name not in opened.sheetnames:
                continue
            page = opened[name]
            by_header = {c.name: c for c in sheet.columns.values()}
            for number, head in enumerate(page[1], 1):
                column = by_header.get(str(head.value).split(" [")[0])
                if column is None or column.key in LEFT_OUT:
                    continue
                for row in range(2, page.max_row + 1):
                    held = page.cell(row, number).value
                    if held is not None:
                        found.append(Spot(book, column, row, get_column_letter(number), held))
    return tuple(found)


def drawn(count: int) -> Iterator[tuple[str, Spot, Any]]:
    """(fault, where, what is typed), the same in every run; each fault as often as the others."""
    draw = random.Random(SEED)
    for number in range(count):
        fault = list(FAULTS)[number % len(FAULTS)]
        fits, typed = FAULTS[fault]
        here = [spot for spot in spots() if fits(spot)]
        if here:
            spot = draw.choice(here)
            yield fault, spot, typed(spot, draw)


def typed_into(path: Path, spot: Spot, value: Any) -> Path:
    book = openpyxl.load_workbook(BytesIO(good(spot.book)))
    cell = book[spot.column.sheet][f"{spot.letter}{spot.row}"]
    cell.value = value
    if isinstance(value, str) and value.startswith("#"):
        cell.data_type = "e"
    book.save(path)
    return path


def told_of(findings: list[Finding], spot: Spot, value: Any) -> bool:
    """Whether something is said of the row, or of what was typed."""
    row = f"{spot.column.sheet}!"
    for finding in findings:
        place = str(finding.place)
        if place.startswith(row) and place.rstrip().endswith(str(spot.row)):
            return True
        if value is not None and str(value) in (finding.found or ""):
            return True
    return False


CASES = list(drawn(COUNT))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_fault_is_read_in_silence(part: int, tmp_path: Path) -> None:
    for number, (fault, spot, value) in enumerate(CASES[part::PARTS]):
        where = f"{fault}: {value!r:.60} at {spot.book} {spot.place} ({spot.held!r})"
        book = typed_into(tmp_path / f"{number}.xlsx", spot, value)
        began = time.perf_counter()
        try:
            found = list(check_file(book)[1])
        except WorkbookError as unreadable:
            found = list(unreadable.findings)
        assert time.perf_counter() - began < SECONDS, where
        assert told_of(found, spot, value), where
        for finding in found:
            assert finding.sentence and finding.advice, where
        if all(finding.warning for finding in found):
            planned(book, where)


def planned(book: Path, where: str) -> None:
    """What is only warned of ends in a certified plan, or in words."""
    began = time.perf_counter()
    try:
        run = kido.solve(book, write=False)
        assert run.answer.certificate is not None, where
    except KidoError as problem:
        assert problem.exit_code in (2, 3), where
    assert time.perf_counter() - began < 6 * SECONDS, where


def test_there_are_enough_of_every_kind() -> None:
    assert len(CASES) >= 300
    assert {fault for fault, _, _ in CASES} >= set(FAULTS) - {"not a calendar"}
    assert {spot.book for _, spot, _ in CASES} == {"good", "small", "tutorial"}


# -- files made to do harm -----------------------------------------------------------

# each entity is ten of the one before
LAUGHS = b'<?xml version="1.0"?>%s<!DOCTYPE w [<!ENTITY a "ha">%s]><w>&l9;</w>'
NESTED = b"".join(
    b'<!ENTITY l%d "%s">' % (i, b"&%s;" % (b"a" if i == 0 else b"l%d" % (i - 1)) * 10)
    for i in range(10)
)


def _put(part: str, content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        small_book(path)
        repack(path, lambda parts: parts.update({part: content}))
        return path

    return make


def _packed(path: Path) -> Path:
    """A gigabyte of blanks in a sheet that packs to a thousandth."""
    small_book(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as part:
                part.write(content)
                for _ in range(256 if name == "xl/worksheets/sheet4.xml" else 0):
                    part.write(b" " * 2**22)
    return path


def _nothing(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04" + bytes(4096))
    return path


def _deep(path: Path) -> Path:
    return _put("xl/sharedStrings.xml", b"<a>" * 200_000 + b"</a>" * 200_000)(path)


def _wide(path: Path) -> Path:
    cells = b"".join(b'<c r="XFD%d"><v>1</v></c>' % i for i in (1, 1048576))
    return _put(
        "xl/worksheets/sheet4.xml",
        b"<worksheet><sheetData><row>" + cells + b"</row></sheetData></worksheet>",
    )(path)


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "a billion laughs": _put("xl/workbook.xml", LAUGHS % (b"", NESTED)),
    "laughs behind a long comment": _put(
        "xl/workbook.xml", LAUGHS % (b"<!--" + b"x" * 300_000 + b"-->", NESTED)),
    "laughs in a sheet": _put("xl/worksheets/sheet4.xml", LAUGHS % (b"", NESTED)),
    "laughs in another alphabet": _put(
        "xl/worksheets/sheet4.xml",
        (LAUGHS % (b"", NESTED)).decode().replace("1.0\"?", "1.0\" encoding=\"utf-16\"?")
        .encode("utf-16")),
    "a packed gigabyte": _packed,
    "two hundred thousand tags deep": _deep,
    "the last cell of the sheet": _wide,
    "no workbook at all": _nothing,
    "a part that is not there": _put("xl/_rels/workbook.xml.rels", b"<Relationships/>"),
}  # fmt: skip


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))


@pytest.mark.parametrize("kind", HOSTILE)
def test_files_made_to_do_harm_end_in_words(kind: str, tmp_path: Path) -> None:
    book = HOSTILE[kind](tmp_path / "book.xlsx")
    ended = subprocess.run(
        [sys.executable, "-m", "kido", "check", str(book)],
        capture_output=True, text=True, timeout=60, preexec_fn=_limited, check=False,
    )  # fmt: skip
    said = ended.stdout + ended.stderr
    assert ended.returncode == 2 and "Traceback" not in said, said[-600:]
    assert "unexpectedly" not in said
