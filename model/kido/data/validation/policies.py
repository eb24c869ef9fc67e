"""Does each policy say what it limits, and is there anything that it counts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.counted import COUNTED
from kido.data.case.events import commodities_of
from kido.data.figure import above, apart
from kido.data.schema import ANY_COUNTRY
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import fault, reached, warning
from kido.errors import Finding

SPENT_ON = ("Supply", "Routes", "Contracts", "Processes", "Facilities", "Stockpiles")
# Columns that only some measures look at.
ONLY_FOR = {
    "counted": ("volume", "share"),
    "out_of_counted": ("share",),
    "out_of": ("share", "cover"),
    "kinds": ("spend",),
    "into": ("volume", "share"),
}


def check_forms(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Each measure has what it needs, and nothing that it does not look at."""
    frame = tables["Policies"]
    for row in frame.records():
        if row.measure in ("volume", "share") and not row.counted:
            sentence = f"A {row.measure} is counted somewhere: it is not said where."
            yield fault(
                "policy-incomplete", frame, row.Index, "counted", sentence, "blank",
                ", ".join(COUNTED), "choose from the list in the cell",
            )  # fmt: skip
        if row.measure in ("share", "service") and above(row.limit, 1):
            sentence = f"The limit of a {row.measure} is a share between 0 and 1."
            yield fault(
                "out-of-range", frame, row.Index, "limit", sentence, apart(row.limit, 1)[0],
                "between 0 and 1", f"type {row.limit / 100:g} for {row.limit:g} %",
            )  # fmt: skip
        if row.measure in ("cover", "service") and row.sense == "at most":
            sentence = f"A policy of {row.measure} is at least so much, never at most."
            yield fault(
                "policy-sense", frame, row.Index, "sense", sentence, row.sense, "at least",
                "choose at least, or another measure",
            )  # fmt: skip
        yield from _any_country(frame, row)
        for key, measures in ONLY_FOR.items():
            if getattr(row, key) and row.measure not in measures:
                sentence = f"A policy of {row.measure} does not look at this."
                given = getattr(row, key)
                yield warning(
                    "figure-ignored", frame, row.Index, key, sentence,
                    "; ".join(given) if isinstance(given, tuple) else given, "blank", "clear it",
                )  # fmt: skip


def _any_country(frame: Any, row: Any) -> Iterator[Finding]:
    if ANY_COUNTRY not in row.of:
        return
    if row.measure != "share" or row.counted not in ("bought", "made", "shipped", ""):
        sentence = f"'{ANY_COUNTRY}' is for a share of what is bought, made or shipped."
        advice = "name the countries, or make it a share"
    elif len(row.of) > 1:
        sentence = f"'{ANY_COUNTRY}' stands alone: it counts each country by itself."
        advice = "let it stand alone, and give the other words a policy of their own"
    else:
        return
    yield fault("any-country", frame, row.Index, "of", sentence, "; ".join(row.of), "", advice)


def check_fed(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """There is at least one row that each side of a policy counts."""
    frame = tables["Policies"]
    commodities = commodities_of(tables, words)
    goes_to = {row.name: row.destination for row in tables["Routes"].records()}
    country = {row.name: row.country for row in tables["Sites"].records()}
    for row in frame.records():
        for side, sheets in _sides(row):
            given = [word for word in getattr(row, side) if word != ANY_COUNTRY]
            if any(words.kind(word) is None for word in given):
                continue
            counted = [
                (sheet, name)
                for sheet in sheets
                for name in (reached(words, given, sheet) if given else tables[sheet].rows["name"])
                if _passes(row, sheet, name, commodities)
                and (sheet != "Routes" or _arrives(row, goes_to[name], country))
            ]
            if not counted:
                sheets_named = " or ".join(sheets)
                sentence = f"Nothing feeds this policy: no row of {sheets_named} is counted here."
                yield fault(
                    "policy-feeds-nothing", frame, row.Index, side, sentence,
                    "; ".join(getattr(row, side)), f"words that reach {sheets_named}",
                    "name other words, count elsewhere, or widen commodity and into",
                )  # fmt: skip


def _sides(row: Any) -> list[tuple[str, tuple[str, ...]]]:
    """The columns that choose rows, each with the sheets it chooses from."""
    if row.measure == "spend":
        return [("of", SPENT_ON)]
    if row.measure == "cover":
        return [("of", ("Stockpiles",)), ("out_of", ("Demand",))]
    if row.measure == "service":
        return [("of", ("Demand",))]
    if not row.counted:
        return []
    sides = [("of", COUNTED[row.counted])]
    if row.measure == "share":
        sides.append(("out_of", COUNTED[row.out_of_counted or row.counted]))
    return sides


def _passes(
    row: Any, sheet: str, name: str, commodities: Mapping[str, Mapping[str, frozenset[str]]]
) -> bool:
    wanted = frozenset(row.commodity)
    if not wanted or sheet == "Facilities" or row.measure == "spend":
        return True
    return bool(wanted & commodities[sheet].get(name, frozenset()))


def _arrives(row: Any, site: str, country: Mapping[str, str]) -> bool:
    return not row.into or site in row.into or country.get(site) in row.into
