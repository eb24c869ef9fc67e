"""A book small enough to solve in the head: ore to Dy at a mine, a lane, a spot offer, a need.

Half a year. The pit gives 10 t of ore a month, refined to 5 t of Dy, and the spot offer 2 t:
42 t of Dy in all. Need is 30 t. A t by the lane costs 2 x (1 + 1) + 1 + 1 = 6 kUSD, so the
plan costs 180 kUSD.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from kido.data.schema import catalogue

Sheets = dict[str, list[dict[str, Any]]]
Edit = Callable[[Sheets], object]
COST = 180.0
SETTINGS: dict[str, Any] = {"start": "2026-07", "calendar": "6 month"}
SHEETS: Sheets = {
    "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "Ore", "kind": "feed"}],
    "Sites": [{"name": "Mine", "country": "Australia"}, {"name": "Tokyo", "country": "Japan"}],
    "Supply": [
        {"name": "Pit", "site": "Mine", "commodity": "Ore", "price": 1, "most": 120},
        {"name": "Spot", "site": "Tokyo", "commodity": "Dy", "price": 9, "most": 24},
    ],
    "Facilities": [{"name": "Kiln", "site": "Mine", "capacity": 150}],
    "Processes": [{"name": "Refine", "site": "Mine", "cost": 1}],
    "Recipes": [
        {"process": "Refine", "role": "input", "item": "Ore", "amount": 1},
        {"process": "Refine", "role": "output", "item": "Dy", "amount": 0.5},
        {"process": "Refine", "role": "uses", "item": "Kiln", "amount": 1},
    ],
    "Routes": [
        {"name": "Lane", "origin": "Mine", "destination": "Tokyo", "commodity": "Dy",
         "price": 1, "freight": 1},
    ],
    "Demand": [{"name": "Need", "segment": "EV", "site": "Tokyo", "commodity": "Dy", "need": 60}],
}  # fmt: skip


def small_book(path: Path, edit: Edit = lambda sheets: None, **settings: object) -> Path:
    """The small book with an edit of its rows and other settings, quickly: cells and no more."""
    sheets = deepcopy(SHEETS)
    edit(sheets)
    book = Workbook(write_only=True)
    options = book.create_sheet("Settings")
    options.append(["option", "value"])
    for key, value in {**SETTINGS, **settings}.items():
        options.append([catalogue()["Settings"].columns[key].name, value])
    for name, sheet in catalogue().items():
        if name != "Settings":
            page = book.create_sheet(name)
            page.append([column.name for column in sheet.columns.values()])
            for row in sheets.get(name, ()):
                page.append([_text(row.get(key)) for key in sheet.columns])
    book.save(path)
    return path


def _text(value: object) -> object:
    return "; ".join(value) if isinstance(value, list | tuple) else value


def more(sheet: str, /, **row: object) -> Edit:
    """An edit that adds a row."""
    return lambda sheets: sheets.setdefault(sheet, []).append(row)


def changed(sheet: str, name: str, **cells: object) -> Edit:
    """An edit that changes a row."""
    return lambda sheets: next(r for r in sheets[sheet] if r["name"] == name).update(cells)


def both(*edits: Edit) -> Edit:
    return lambda sheets: [edit(sheets) for edit in edits]


def without(sheet: str, name: str) -> Edit:
    """An edit that removes a row."""

    def remove(sheets: Sheets) -> None:
        sheets[sheet] = [r for r in sheets[sheet] if r["name"] != name]

    return remove


# The kiln stops for good in one future in five; there is a store, and a last relief.
RISKY = both(
    more("Scenarios", name="Shut", probability=0.2, known="2026-09", disruption=True),
    more("Events", name="Stop", scenario="Shut", target=["Kiln"], effect="capacity", factor=0),
    more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", capacity=8, holding_cost=12),
)
