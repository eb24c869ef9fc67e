"""One good small book, of which every check is content; tests edit a copy of it.

Ore bought in Perth is refined there into Nd and La. Nd sails to Tokyo, where magnet
makers need it and a company keeps a store; La is sold in Perth.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from books import edit_cells, make_book, without_notes

Sheets = dict[str, list[dict[str, Any]]]
Edit = Callable[[Sheets, dict[str, Any]], object]

SETTINGS: dict[str, Any] = {"start": "2026-07", "calendar": "6 month, 2 quarter", "run_out": 3}
SHEETS: Sheets = {
    "Commodities": [
        {"name": "Ore", "kind": "feed", "content": 1},
        {"name": "Nd", "kind": "oxide"},
        {"name": "La", "kind": "oxide"},
    ],
    "Sites": [
        {"name": "Perth", "country": "Australia", "tags": ["western"]},
        {"name": "Tokyo", "country": "Japan"},
    ],
    "Supply": [
        {"name": "Pit", "site": "Perth", "commodity": "Ore", "price": 5, "most": 1200, "least": 0},
    ],
    "Sales": [{"name": "La bin", "site": "Perth", "commodity": "La", "most": 5000}],
    "Facilities": [
        {"name": "Kiln", "site": "Perth", "capacity": 1000, "expansion_cost": 10,
         "most_expansion": 500, "build_months": 3, "life_years": 10},
        {"name": "Port", "site": "Perth", "capacity": 900},
    ],
    "Processes": [
        {"name": "Refine", "site": "Perth", "cost": 4, "most": 1000, "tags": ["committed"]},
    ],
    "Recipes": [
        {"process": "Refine", "role": "input", "item": "Ore", "amount": 1},
        {"process": "Refine", "role": "output", "item": "Nd", "amount": 0.3},
        {"process": "Refine", "role": "output", "item": "La", "amount": 0.6},
        {"process": "Refine", "role": "uses", "item": "Kiln", "amount": 1},
    ],
    "Routes": [
        {"name": "Sea lane", "origin": "Perth", "destination": "Tokyo", "commodity": "Nd",
         "price": 60, "freight": 0.5, "lead": 1, "most": 400, "loss": 0.2, "uses": ["Port"],
         "start": "2026-07", "end": "2027-12"},
    ],
    "Contracts": [
        {"name": "Offtake", "applies_to": ["Sea lane"], "depends_on": ["Kiln"],
         "least_reserved": 50, "most_reserved": 200, "take_or_pay": 0.8, "price_rule": "index",
         "index": "Nd price", "floor": 50, "rebate_above": 100, "rebate_share": 0.3},
    ],
    "Stockpiles": [
        {"name": "Store", "site": "Tokyo", "commodity": "Nd", "owner": "companies",
         "opening": 20, "capacity": 100, "floor": 5, "holding_cost": 0.1},
    ],
    "Demand": [
        {"name": "Magnets", "segment": "EV", "site": "Tokyo", "commodity": "Nd", "need": 200,
         "growth": 0.02},
    ],
    "Relief": [
        {"name": "Thrift", "demand": "Magnets", "kind": "thrift", "share": 0.1, "cost": 200},
        {"name": "Late", "demand": "Magnets", "kind": "defer", "share": 0.2, "cost": 300,
         "returns": 6},
    ],
    "Policies": [
        {"name": "Spread", "measure": "share", "of": ["any country"], "counted": "shipped",
         "into": ["Japan"], "sense": "at most", "limit": 1, "penalty": 10},
        {"name": "Cover", "measure": "cover", "of": ["companies"], "out_of": ["EV"],
         "scenario": "calm", "sense": "at least", "limit": 1, "penalty": 1},
    ],
    "Scenarios": [
        {"name": "Stop", "probability": 0.1, "known": "2026-10", "disruption": True},
        {"name": "Long stop", "parent": "Stop", "probability": 0.04, "known": "2027-01"},
    ],
    "Events": [
        {"name": "Port shut", "scenario": "Stop", "target": ["Sea lane"], "effect": "capacity",
         "factor": 0, "start": "2026-10", "months": 3},
        {"name": "Prices", "target": ["Offtake"], "effect": "price", "factor": 1.1},
    ],
    "Profiles": [
        {"name": "Nd price", "period": "2026-07", "value": 70},
        {"name": "Nd price", "period": "2027-01", "value": 75},
    ],
    "Sweeps": [
        {"name": "More need", "sheet": "Demand", "row": ["EV"], "column": "need",
         "operation": "times", "values": "0.9; 1; 1.1"},
        {"name": "Yard", "sheet": "Settings", "row": ["yard cost"], "column": "value",
         "operation": "set", "values": "1..3 step 1"},
    ],
    "Sources": [{"id": "S1", "what": "A report", "date": "2026-05"}],
}  # fmt: skip


def good() -> tuple[Sheets, dict[str, Any]]:
    return deepcopy(SHEETS), dict(SETTINGS)


def edited_book(path: Path, edit: Edit) -> Path:
    """The good book with one edit of its rows."""
    sheets, settings = good()
    edit(sheets, settings)
    return make_book(path, settings, **sheets)


def good_book(path: Path) -> Path:
    path.write_bytes(_written())
    return path


@cache
def _written() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "good.xlsx"
        return edited_book(path, lambda sheets, settings: None).read_bytes()


def marked_book(path: Path, change: Callable[[Any], object]) -> Path:
    """The good book with one change of its cells, as a planner would make it in Excel."""
    path.write_bytes(_plain())
    return edit_cells(path, change)


@cache
def _plain() -> bytes:
    """The good book without comments and drop-downs, which take time to copy."""
    with TemporaryDirectory() as folder:
        return edit_cells(good_book(Path(folder) / "plain.xlsx"), without_notes).read_bytes()
