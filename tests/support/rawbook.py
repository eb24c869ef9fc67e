"""Changes of the stored XML of a small book: what a spreadsheet library would not write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from faulty_cells import repack
from kido.data.workbook.read import read_leniently
from kido.errors import Finding
from tiny_book import Edit, small_book

WORKBOOK = "xl/workbook.xml"
SUPPLY, DEMAND = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet12.xml"


def raw_book(
    path: Path, changes: dict[str, Callable[[str], str]], edit: Edit | None = None
) -> Path:
    """The small book with some of its parts changed as text."""
    small_book(path, edit or (lambda sheets: None))
    book = load_workbook(path)
    book.save(path)  # with coordinates, and the attributes in the usual order

    def change(parts: dict[str, bytes]) -> None:
        for name, put in changes.items():
            text = put(before := parts[name].decode())
            assert text != before, f"nothing changed in {name}"
            parts[name] = text.encode()

    repack(path, change)
    return path


def with_cell(where: str, xml: str) -> Callable[[str], str]:
    """Store a cell as this XML."""

    def put(text: str) -> str:
        start = text.index(f'<c r="{where}"')
        short = text.find("/>", start, text.index(">", start) + 1)
        stop = short + 2 if short >= 0 else text.index("</c>", start) + 4
        return text[:start] + xml + text[stop:]

    return put


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def found_at(path: Path, where: str) -> list[Finding]:
    """What reading says about one cell."""
    return [f for f in read_leniently(path).findings if str(f.place) == where]


def codes(path: Path) -> list[tuple[str, str]]:
    """Code and place of every fault of reading."""
    return [(f.code, str(f.place)) for f in read_leniently(path).faults]
