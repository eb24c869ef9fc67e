"""Books without a plan, each one change away from a good one, with the cell that was changed."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from kido.data.schema import catalogue
from kido.data.tables import Tables
from sheets import tables_of

Sheets = dict[str, list[dict[str, Any]]]
SETTINGS = {"start": "2026-07", "calendar": "6 month", "least_cost": 0.001}


def chain() -> Sheets:
    """Ore, separated and shipped; all of it is needed, and there is no relief."""
    return {
        "Commodities": [{"name": "Ore", "kind": "feed"}, {"name": "Dy", "kind": "oxide"}],
        "Sites": [
            {"name": "Mine", "country": "Australia"},
            {"name": "Works", "country": "Malaysia"},
            {"name": "Tokyo", "country": "Japan"},
        ],
        "Supply": [{"name": "Pit", "site": "Mine", "commodity": "Ore", "price": 1, "most": 150}],
        "Facilities": [{"name": "Kiln", "site": "Works", "capacity": 150}],
        "Processes": [{"name": "Refine", "site": "Works", "cost": 1, "most": 200}],
        "Recipes": [
            {"process": "Refine", "role": "input", "item": "Ore", "amount": 1},
            {"process": "Refine", "role": "output", "item": "Dy", "amount": 0.5},
            {"process": "Refine", "role": "uses", "item": "Kiln", "amount": 1},
        ],
        "Routes": [
            {"name": "Ore lane", "origin": "Mine", "destination": "Works", "commodity": "Ore",
             "freight": 1, "most": 200},
            {"name": "Dy lane", "origin": "Works", "destination": "Tokyo", "commodity": "Dy",
             "freight": 1, "most": 100},
        ],
        "Demand": [
            {"name": "Need", "segment": "EV", "site": "Tokyo", "commodity": "Dy", "need": 60}
        ],
    }  # fmt: skip


def stocked() -> Sheets:
    """The chain with a month of stock, a contract and a rule, and a month on the water."""
    sheets = chain()
    sheets["Routes"][1] |= {"lead": 1}
    sheets["Stockpiles"] = [
        {"name": "Store", "site": "Tokyo", "commodity": "Dy", "opening": 10, "capacity": 40}
    ]
    sheets["Contracts"] = [
        {"name": "Deal", "applies_to": "Pit", "least_reserved": 60, "most_reserved": 120,
         "take_or_pay": 0.5, "price_rule": "fixed", "price": 1, "settled": "quarter"}
    ]  # fmt: skip
    sheets["Policies"] = [
        {"name": "Served", "measure": "service", "of": "EV", "sense": "at least", "limit": 0.9}
    ]
    return sheets


# (cell of the chain or of the stocked book: sheet, row, column, what is typed there)
TYPED: tuple[tuple[str, int, str, Any], ...] = (
    ("Supply", 0, "most", 0), ("Supply", 0, "most", 20), ("Supply", 0, "start", "2026-10"),
    ("Supply", 0, "end", "2026-08"), ("Supply", 0, "start", "2030-01"),
    ("Facilities", 0, "capacity", 0), ("Facilities", 0, "capacity", 30),
    ("Facilities", 0, "start", "2026-11"), ("Facilities", 0, "end", "2026-07"),
    ("Processes", 0, "most", 0), ("Processes", 0, "most", 50), ("Processes", 0, "lead", 4),
    ("Processes", 0, "start", "2026-12"), ("Processes", 0, "end", "2026-09"),
    ("Recipes", 0, "amount", 2), ("Recipes", 1, "amount", 0.1), ("Recipes", 2, "amount", 9),
    ("Routes", 0, "most", 0), ("Routes", 0, "most", 10), ("Routes", 0, "lead", 5),
    ("Routes", 0, "loss", 100), ("Routes", 0, "loss", 60), ("Routes", 0, "start", "2026-12"),
    ("Routes", 0, "end", "2026-07"), ("Routes", 1, "most", 0), ("Routes", 1, "lead", 6),
    ("Routes", 1, "loss", 100), ("Routes", 1, "loss", 70), ("Routes", 1, "start", "2026-09"),
    ("Routes", 1, "end", "2026-10"), ("Demand", 0, "need", 6000), ("Demand", 0, "need", 110),
)  # fmt: skip
STOCKED: tuple[tuple[str, int, str, Any], ...] = (
    ("Stockpiles", 0, "opening", 0), ("Stockpiles", 0, "draw", 0),
    ("Stockpiles", 0, "release", "once a disruption is known"), ("Stockpiles", 0, "floor", 40),
    ("Routes", 1, "lead", 5), ("Routes", 1, "most", 3),
    ("Supply", 0, "start", "2026-12"), ("Processes", 0, "lead", 3),
)  # fmt: skip
# What is added to the chain: an event, whose cell is at fault, and its profile
EVENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("factor", {"target": "Kiln", "effect": "capacity", "factor": 0}),
    ("factor", {"target": "Kiln", "effect": "capacity", "factor": 0.1, "start": "2026-09"}),
    ("factor", {"target": "Malaysia", "effect": "capacity", "factor": 0, "months": 2}),
    ("factor", {"target": "Dy lane", "effect": "capacity", "factor": 0.2}),
    ("factor", {"target": "Need", "effect": "demand", "factor": 50}),
    ("factor", {"target": "Refine", "effect": "yield", "factor": 0.2}),
    ("factor", {"target": "Refine", "effect": "yield", "factor": 0}),
    ("add", {"target": "Dy lane", "effect": "lead", "add": 7}),
    ("add", {"target": "Ore lane", "effect": "loss", "add": 90}),
    ("add", {"target": "Need", "effect": "demand", "add": 900}),
    ("add", {"target": "Pit", "effect": "capacity", "add": -140}),
    ("profile", {"target": "Pit", "effect": "capacity", "profile": "path"}),
    ("profile", {"target": "Refine", "effect": "capacity", "profile": "path"}),
    ("profile", {"target": "Dy lane", "effect": "capacity", "profile": "path"}),
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def books() -> Iterator[tuple[str, Tables, str]]:
    """(what was done, the book, the cell)."""
    for make, cells in ((chain, TYPED), (stocked, STOCKED)):
        for sheet, number, column, value in cells:
            sheets = make()
            sheets[sheet][number][column] = value
            yield f"{sheet} {column} {value}", _tables(sheets), cell(sheet, number, column)
    for column, event in EVENTS:
        sheets = chain()
        sheets["Events"] = [{"name": "Odd", "start": "2026-07", **event}]
        if column == "profile":
            sheets["Profiles"] = [{"name": "path", "period": "2026-07", "value": 3}]
        name = f"{event['effect']} of {event['target']} {event.get(column)}"
        yield name, _tables(sheets), cell("Events", 0, column)


def cell(sheet: str, number: int, column: str) -> str:
    return f"{sheet}!{LETTERS[list(catalogue()[sheet].columns).index(column)]}{number + 2}"


def _tables(sheets: Sheets) -> Tables:
    return lettered(tables_of(SETTINGS, **deepcopy(sheets)))


def lettered(tables: Tables) -> Tables:
    """With places for its cells, as a book that was read has."""
    for name, frame in tables.frames.items():
        letters = dict(zip(catalogue()[name].columns, LETTERS, strict=False))
        object.__setattr__(frame, "letters", letters)
    return tables
