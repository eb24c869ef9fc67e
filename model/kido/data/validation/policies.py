"""Does each policy say what it limits, and is there anything that it counts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.counted import COUNTED
from kido.data.case.events import commodities_of
from kido.data.figure import above, apart
from kido.data.schema import ANY_COUNTRY, sheet_term, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import BLANK, fault, reached, shown, warning
from kido.errors import Finding
from kido.messages import listed

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
        measure = word_term("Policies", "measure", row.measure)
        if row.measure in ("volume", "share") and not row.counted:
            yield fault(
                "policy-incomplete", frame, row.Index, "counted", BLANK, measure=measure,
                choices=listed(word_term("Policies", "counted", place) for place in COUNTED),
            )  # fmt: skip
        if row.measure in ("share", "service") and above(row.limit, 1):
            yield fault(
                "out-of-range.limit", frame, row.Index, "limit", apart(row.limit, 1)[0],
                measure=measure, limit=row.limit, share=row.limit / 100,
            )  # fmt: skip
        if row.measure in ("cover", "service") and row.sense == "at most":
            yield fault(
                "policy-sense", frame, row.Index, "sense",
                word_term("Policies", "sense", row.sense), measure=measure,
            )  # fmt: skip
        yield from _any_country(frame, row)
        for key, measures in ONLY_FOR.items():
            if getattr(row, key) and row.measure not in measures:
                yield warning(
                    "figure-ignored.measure", frame, row.Index, key,
                    shown("Policies", key, getattr(row, key)), measure=measure,
                )  # fmt: skip


def _any_country(frame: Any, row: Any) -> Iterator[Finding]:
    if ANY_COUNTRY not in row.of:
        return
    if row.measure != "share" or row.counted not in ("bought", "made", "shipped", ""):
        key = "any-country.measure"
    elif len(row.of) > 1:
        key = "any-country.alone"
    else:
        return
    yield fault(key, frame, row.Index, "of", shown("Policies", "of", row.of))


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
                yield fault(
                    "policy-feeds-nothing", frame, row.Index, side,
                    shown("Policies", side, getattr(row, side)),
                    sheets=listed(map(sheet_term, sheets), joint="or"),
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
