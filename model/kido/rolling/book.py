"""The edits that make the book of a later month from the old book and what its plan did."""

from __future__ import annotations

from typing import Any

from kido.data.case.build import effects_of
from kido.data.case.events import read_events
from kido.data.case.tree import Tree, period_bounds
from kido.data.selectors import NameIndex
from kido.data.tables import Settings
from kido.data.units import Units
from kido.data.workbook.edits import BookEdits
from kido.rolling.orders import next_orders
from kido.rolling.owed import carried, earned, paid_not_taken, reserved, settlement
from kido.rolling.past import Past
from kido.rolling.progress import Line, in_progress, line, opening_stock
from kido.rolling.scenarios import Cells, OpenScenarios
from kido.tolerances import MOVED_T

STARTING = ("Supply", "Sales", "Facilities", "Processes", "Routes")  # rows that delays move


def edits_of(past: Past) -> BookEdits:
    """All edits of the old book."""
    scenarios = OpenScenarios(past)
    cells, underway = contracts(past)
    underway = [*in_progress(past), *underway, *carried(past), *earned(past)]
    return BookEdits(
        settings=settings(past),
        cells={
            **stocks(past), **facilities(past), **flows(past), **cells, **scenarios.cells(),
        },
        unused=scenarios.unused(),
        replaced={
            "Underway": underway,
            "Orders": next_orders(past, scenarios),
            "Actuals": (),
        },
        added={"Events": tuple(scenarios.crises())},
    )  # fmt: skip


def starts(settings: Settings, tree: Tree) -> list[int]:
    """The months in which a reported period of the base case begins, the first left out."""
    end = tree.start + sum(settings.calendar)
    bounds = period_bounds(tree.start, settings.calendar, settings.run_out)
    return [month for month in bounds[1:] if month < end]


def settings(past: Past) -> dict[str, Any]:
    """The options: the start, the periods that are left, and the base year that they had."""
    old = past.tables.settings
    bounds = period_bounds(past.tree.start, old.calendar, 0)
    gone = bounds.index(past.start)
    return {
        "start": past.start,
        "calendar": old.calendar[gone:],
        "base_year": past.tree.start // 12 if not old.base_year else old.base_year,
    }


def stocks(past: Past) -> Cells:
    """Opening stocks; a stock that must end as it began keeps the amount."""
    units, cells = Units(past.tables), Cells()
    for r in past.tables["Stockpiles"].records():
        if r.start is None or r.start < past.start:
            amount = opening_stock(past, r.name)
            amount = amount if amount > MOVED_T else 0.0
            cells["Stockpiles", r.Index, "opening"] = amount / units.tonnes(r.commodity)
        if r.ending == "at least opening":
            cells["Stockpiles", r.Index, "ending"] = "at least"
            cells["Stockpiles", r.Index, "ending_amount"] = r.opening
    return cells


def facilities(past: Past) -> Cells:
    """What may and must still be ordered."""
    cells = Cells()
    for r in past.tables["Facilities"].records():
        ordered = past.before(past.at("expand", r.name))
        if ordered > MOVED_T:
            cells["Facilities", r.Index, "least_expansion"] = max(0.0, r.least_expansion - ordered)
            if r.most_expansion == r.most_expansion:
                most = max(0.0, r.most_expansion - ordered)
                cells["Facilities", r.Index, "most_expansion"] = most
                sizes = tuple(size for size in r.sizes if size <= most)
                if sizes != r.sizes:
                    cells["Facilities", r.Index, "sizes"] = sizes
    return cells


def flows(past: Past) -> Cells:
    """What lands is told on Underway; a row that a delay may move keeps the start it had."""
    cells = Cells()
    for sheet, key in (("Routes", "on_water"), ("Processes", "in_works")):
        for r in past.tables[sheet].records():
            if getattr(r, key) > 0:
                cells[sheet, r.Index, key] = 0.0
    begun = {
        number for number, event in enumerate(read_events(past.tables))
        if event.effect == "delay" and event.start < past.start
    }  # fmt: skip
    if begun:
        effects = effects_of(past.tables, NameIndex.of(past.tables), past.tree)
        for sheet in STARTING:
            for r in past.tables[sheet].records():
                late = begun.intersection(effects.events_reaching(sheet, r.name, "delay"))
                if r.start is None and late:
                    cells[sheet, r.Index, "start"] = past.tree.start
    return cells


def contracts(past: Past) -> tuple[Cells, list[Line]]:
    """What is signed, and what was reserved and lifted in the settlement under way."""
    cells, underway = Cells(), list[Line]()
    for r in past.tables["Contracts"].records():
        contract = past.case.contracts[r.name]
        scale = past.tonnes("Contracts", r)
        signed = reserved(past, contract)
        if signed is None:
            continue
        for key in ("least_reserved", "most_reserved"):
            cells["Contracts", r.Index, key] = signed / scale
        if r.start is None:
            cells["Contracts", r.Index, "start"] = past.tree.start
        counted = settlement(past, contract)
        cells["Contracts", r.Index, "lifted_before"] = float("nan")
        if r.make_up_months:
            left = paid_not_taken(past, contract, r.make_up_months)
            cells["Contracts", r.Index, "paid_before"] = left / scale
        if counted is not None:
            cells["Contracts", r.Index, "lifted_before"] = counted[1] / scale
            underway.append(line(r.name, "reserved", None, counted[0] / scale))
    return cells, underway
