"""Warnings of omissions: stockpiles for goods in transit, use of capacity, prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import name_list, rows_reached, warning
from kido.data.validation.network import Network, Pair, Step
from kido.errors import Finding
from kido.messages import phrase


def check_transit(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of lead times to places without a stockpile, where yards are not allowed."""
    if tables.settings.yard_cost is not None:
        return
    stores = {(row.site, row.commodity) for row in tables["Stockpiles"].records()}
    network = Network(tables)
    lands = {row.name for row in tables["Underway"].records() if row.what == "lands"}
    routes = [
        (row, {(row.destination, row.commodity)})
        for row in tables["Routes"].records()
        if row.lead > 0 or row.on_water > 0 or row.name in lands
    ]
    processes = [
        (row, {(row.site, line.item) for line in network.outputs(row)})
        for row in tables["Processes"].records()
        if row.lead > 0 or row.in_works > 0 or row.name in lands
    ]
    for sheet, ends in (("Routes", routes), ("Processes", processes)):
        rows = [row for row, pairs in ends if pairs - stores]
        if rows:
            yield warning(
                "no-room", tables[sheet], rows[0].Index, "lead", phrase("part.no_room"),
                names=name_list(row.name for row in rows),
            )  # fmt: skip


def check_unused(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of facilities that no process and no route uses."""
    used = {line.item for line in tables["Recipes"].records() if line.role == "uses"}
    used |= {name for row in tables["Routes"].records() for name in row.uses}
    for row in tables["Facilities"].records():
        if row.name not in used:
            yield warning("capacity-unused", tables["Facilities"], row.Index, "name", row.name)


def check_free(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of supplies without a price, at the gate or anywhere on their way."""
    priced = {r.name for sheet in ("Supply", "Routes") for r in tables[sheet].records() if r.price}
    priced |= {row.name for row in tables["Processes"].records() if row.cost > 0}
    selectors = [word for row in tables["Contracts"].records() for word in row.applies_to]
    for row in tables["Events"].records():
        selectors += row.target if row.effect == "price" else ()
    for sheet in ("Supply", "Routes"):
        priced |= set(rows_reached(words, selectors, sheet))
    steps = Network(tables).steps
    free = [
        row
        for row in tables["Supply"].records()
        if row.name not in priced
        and not _has_cost_downstream((row.site, row.commodity), steps, priced)
    ]
    if free:
        yield warning(
            "price-of-zero", tables["Supply"], free[0].Index, "price", "0",
            names=name_list(r.name for r in free),
        )  # fmt: skip


def _has_cost_downstream(start: Pair, steps: Iterable[Step], priced: set[str]) -> bool:
    """Whether a step downstream of `start` has a price."""
    ahead, seen = [start], {start}
    while ahead:
        pair = ahead.pop()
        for step in steps:
            if pair in step.takes:
                if step.name in priced:
                    return True
                ahead += step.brings - seen
                seen |= step.brings
    return False
