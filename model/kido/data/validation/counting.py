"""Does each tonne count once, in a unit that can be counted?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.case.contracts import covered
from kido.data.case.counted import COUNTED, Counted
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units, content_of, tonnes_in
from kido.data.validation.checking import fault, named, reached, warning
from kido.errors import Finding


def check_units(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """The unit of a thing that weighs something is a mass."""
    frame = tables["Commodities"]
    for row in frame.records():
        if tonnes_in(row.unit) is None and row.kind != "service":
            yield warning(
                "unit-unknown", frame, row.Index, "unit",
                "This is no mass that is known: one of it counts as a tonne, so that a price of 1 "
                "USD/kg makes it cost 1,000 USD.",
                row.unit, "t, kg, g or kt, and what of: t REO, kg", "type the unit of its numbers",
            )  # fmt: skip


def check_contract_counting(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A contract counts goods of one unit, and a tonne that passes two of its rows once."""
    frame, units = tables["Contracts"], Units(tables)
    rows = {r.name: r for sheet in ("Supply", "Routes") for r in tables[sheet].records()}
    for row in frame.records():
        kept = {name for _, name in covered(tables, words, row.applies_to)}
        every = [n for sheet in ("Supply", "Routes") for n in reached(words, row.applies_to, sheet)]
        left = [name for name in every if name not in kept]
        if left:
            yield warning(
                "counted-once", frame, row.Index, "applies_to",
                "Its words reach the same goods at more than one row of their way. A tonne counts "
                f"at {named(name for name in every if name in kept)} and not again at "
                f"{named(left)}.",
                "; ".join(row.applies_to), "the row where title passes", "name that row alone",
            )  # fmt: skip
        masses = {units.tonnes(rows[name].commodity) for name in kept}
        if len(masses) > 1:
            yield fault(
                "units-differ", frame, row.Index, "applies_to",
                "It covers goods in different units, so that its volumes have none.",
                "; ".join(row.applies_to), "goods in one unit",
                "make a contract for each, or give the commodities one unit",
            )  # fmt: skip


def check_policy_counting(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A policy counts each tonne once, and adds only what can be added."""
    counted = Counted(tables, words)
    things = {row.name: row for row in tables["Commodities"].records()}
    for row in tables["Policies"].records():
        together = sorted(name for name in counted.commodities(row) if name in things)
        if not counted.units.addable(together):
            yield _not_addable(tables, row, together, things)
            continue
        weights = {name: counted.units.weight(name, together) for name in together}
        if len(set(weights.values())) > 1:
            yield warning(
                "counted-as-oxide", tables["Policies"], row.Index, "commodity",
                "It adds goods of different content, each by the oxide in it: "
                + named(f"{name} {weight:g} t REO a tonne" for name, weight in weights.items())
                + ".",
                named(together), "goods of one content",
                "name one commodity if that is not meant",
            )  # fmt: skip
        yield from _counted_once(tables, row, counted)


def _not_addable(tables: Tables, row: Any, together: list[str], things: Any) -> Finding:
    unknown = [name for name in together if content_of(things[name]) != content_of(things[name])]
    return fault(
        "cannot-be-added", tables["Policies"], row.Index, "commodity",
        f"It adds {named(together)}, and how much oxide a tonne holds is not known of "
        f"{named(unknown)}.",
        named(together), "one commodity, or a content for each",
        "fill in 'content' on the sheet Commodities, or name one commodity here",
    )  # fmt: skip


def _counted_once(tables: Tables, row: Any, counted: Counted) -> Iterator[Finding]:
    for key, given, place in counted.sides(row):
        kept = {held.name for _, held, _ in counted.rows(given, place, row)}
        left = [
            held.name
            for sheet in COUNTED[place]
            for held in counted.reached(given, sheet, row)
            if held.name not in kept and (sheet != "Processes" or counted.makes(held.name, row))
        ]
        if left:
            yield warning(
                "counted-once", tables["Policies"], row.Index, key,
                "The same goods pass more than one of the rows counted here. A tonne counts at "
                f"the last of them, not at {named(left)}.",
                "; ".join(getattr(row, key)), "each tonne at one row",
                "name the rows that count, or say where lanes end in the column into",
            )  # fmt: skip


def check_paid_once(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Goods bear a price where title passes: not at an offer and again at a gate behind it."""
    frame = tables["Routes"]
    sold: dict[tuple[str, str], str] = {}
    for row in tables["Supply"].records():
        if row.price:
            sold.setdefault((row.site, row.commodity), f"the supply '{row.name}' ({row.price:g})")
    for row in frame.records():
        if row.price:
            place = row.destination, row.commodity
            sold.setdefault(place, f"the gate of the route '{row.name}' ({row.price:g})")
    for row in frame.records():
        before = sold.get((row.origin, row.commodity))
        if row.price and before:
            yield warning(
                "paid-twice", frame, row.Index, "price",
                f"A kg of {row.commodity} is paid for at {before} and again at the gate of this "
                f"route: {row.price:g} on top.",
                f"{row.price:g}", "a price where title passes, once",
                "clear one of the two if the goods are bought once",
            )  # fmt: skip
