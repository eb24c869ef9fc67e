"""What-ifs asked twice: as rows of the sheet Sweeps, and by typing into the cells of the book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

import kido
from books import edit_cells, without_notes
from kido.errors import InfeasiblePlan, WorkbookError
from kido.solver.highs import InfeasibleProgram
from places import TUTORIAL
from plan import plan


@dataclass(frozen=True)
class Move:
    """A parameter, and the rows it reaches: `names`, called by `word` where it is not blank."""

    sheet: str
    names: tuple[str, ...]
    column: str = "value"
    operation: str = "times"
    word: str = ""
    commodity: str = ""
    values: str = ""

    def over(self, values: str) -> Move:
        return replace(self, values=values)

    def row(self) -> dict[str, str]:
        """As a row of the sheet Sweeps, without the name of the sweep."""
        return {
            "sheet": self.sheet, "row": self.word or "; ".join(self.names), "column": self.column,
            "commodity": self.commodity, "operation": self.operation, "values": self.values,
        }  # fmt: skip

    def type(self, book: openpyxl.Workbook, value: float) -> None:
        """Into the cells, as a planner who has no sweeps."""
        sheet = book[self.sheet]
        place = headings(sheet)
        item = next((h for h in ("item", "commodity") if h in place), "")
        for row in range(2, sheet.max_row + 1):
            about = sheet.cell(row, place[item]).value if item else None
            if sheet.cell(row, 1).value in self.names and self.commodity in ("", about):
                cell = sheet.cell(row, place[self.column])
                cell.value = self._typed(book, cell.value, value)

    def _typed(self, book: openpyxl.Workbook, held: Any, value: float) -> Any:
        if self.operation == "set":
            return value
        if isinstance(held, datetime):
            months = held.year * 12 + held.month - 1 + round(value)
            return datetime(months // 12, months % 12 + 1, 1)
        if isinstance(held, str):
            return self._copied(book["Profiles"], held, value)
        return held if held is None else self._moved(held, value)

    def _copied(self, profiles: Worksheet, name: str, value: float) -> str:
        """The name of a copy of a profile with its values moved."""
        for row in list(profiles.iter_rows(min_row=2, max_col=3, values_only=True)):
            if row[0] == name:
                profiles.append([f"{name}, moved", row[1], self._moved(row[2], value)])
        return f"{name}, moved"

    def _moved(self, held: float, value: float) -> float:
        return held * value if self.operation == "times" else held + value


@dataclass(frozen=True)
class Asked:
    """One sweep as it stands in the book."""

    name: str
    method: str
    moves: tuple[Move, ...]
    more: tuple[tuple[str, object], ...] = ()

    def rows(self) -> Iterator[dict[str, object]]:
        for move in self.moves or (Move("", ()),):
            given = move.row() if move.sheet else {"values": move.values}
            yield {"name": self.name, "method": self.method, **given, **dict(self.more)}

    def typed(self, plain: Path, path: Path, values: Sequence[float | None]) -> Path:
        """The plain book with the cells of one point typed into it."""

        def change(book: openpyxl.Workbook) -> None:
            for move, value in zip(self.moves, values, strict=True):
                if value is not None:
                    move.type(book, value)

        path.write_bytes(plain.read_bytes())
        return edit_cells(path, change)


def ask(name: str, method: str, *moves: Move, **more: object) -> Asked:
    return Asked(name, method, moves, tuple(more.items()))


def asking(plain: Path, path: Path, *sweeps: Asked, **options: object) -> Path:
    """The plain book with these sweeps and no other, and these options of Settings."""

    def change(book: openpyxl.Workbook) -> None:
        put_rows(book["Sweeps"], [row for sweep in sweeps for row in sweep.rows()])
        choose(book, **options)

    path.write_bytes(plain.read_bytes())
    return edit_cells(path, change)


def choose(book: openpyxl.Workbook, **options: object) -> None:
    """Type values of options into the sheet Settings."""
    place = headings(book["Settings"])["value"]
    for row in book["Settings"].iter_rows(min_row=2):
        if row[0].value in options:
            row[place - 1].value = options.pop(row[0].value)
    assert not options, "no such option"


def put_rows(sheet: Worksheet, rows: Iterable[dict[str, object]]) -> None:
    sheet.delete_rows(2, sheet.max_row)
    place = headings(sheet)
    for number, row in enumerate(rows, 2):
        for heading, text in row.items():
            if heading not in place:  # a book from before there was such a column
                place[heading] = len(place) + 1
                sheet.cell(1, place[heading], heading)
            sheet.cell(number, place[heading], text or None)


def headings(sheet: Worksheet) -> dict[str, int]:
    """The place of each column by its heading without the unit."""
    return {str(cell.value).split(" [")[0]: cell.column for cell in sheet[1] if cell.value}


def planned(book: Path, scenario: str | None = None) -> tuple[str, float | None]:
    """How a book ends on the plain road, in the words of a sweep, and what its plan costs."""
    try:
        return "solved", plan(kido.load(book), scenario)[1].objective
    except WorkbookError:
        return "bad input", None
    except (InfeasiblePlan, InfeasibleProgram):
        return "infeasible", None


def settled(points: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The points of `run.json` without the seconds they took."""
    return [{k: v for k, v in point.items() if k != "seconds"} for point in points]


def tutorial(path: Path) -> Path:
    """The tutorial, quick to edit."""
    path.write_bytes(_tutorial())
    return path


@cache
def _tutorial() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tutorial.xlsx"
        path.write_bytes(TUTORIAL.read_bytes())
        return edit_cells(path, without_notes).read_bytes()
