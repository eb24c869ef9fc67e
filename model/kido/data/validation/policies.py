"""Checks of policies: complete rows, and rows to count on each side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.counted import COUNTED
from kido.data.case.events import commodities_of
from kido.data.figure import above, apart
from kido.data.schema import ANY_COUNTRY, sheet_term, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import BLANK, fault, in_words, rows_reached, warning
from kido.errors import Finding
from kido.messages import listed

SPEND_SHEETS = ("Supply", "Routes", "Contracts", "Processes", "Facilities", "Stockpiles")
# Columns that only some measures use.
ONLY_FOR = {
    "counted": ("volume", "share"),
    "out_of_counted": ("share",),
    "out_of": ("share", "cover"),
    "kinds": ("spend",),
    "into": ("volume", "share"),
}


def check_forms(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that each measure has the columns it needs; warns of columns it does not use."""
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
                    in_words("Policies", key, getattr(row, key)), measure=measure,
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
    yield fault(key, frame, row.Index, "of", in_words("Policies", "of", row.of))


def check_fed(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that each side of a policy counts at least one row."""
    frame = tables["Policies"]
    commodities = commodities_of(tables, words)
    goes_to = {row.name: row.destination for row in tables["Routes"].records()}
    country = {row.name: row.country for row in tables["Sites"].records()}
    for row in frame.records():
        for side, sheets in _sides(row):
            selectors = [word for word in getattr(row, side) if word != ANY_COUNTRY]
            if any(words.kind(word) is None for word in selectors):
                continue
            counted = [
                (sheet, name)
                for sheet in sheets
                for name in (
                    rows_reached(words, selectors, sheet)
                    if selectors
                    else tables[sheet].rows["name"]
                )
                if _passes(row, sheet, name, commodities)
                and (sheet != "Routes" or _arrives(row, goes_to[name], country))
            ]
            if not counted:
                yield fault(
                    "policy-feeds-nothing", frame, row.Index, side,
                    in_words("Policies", side, getattr(row, side)),
                    sheets=listed(map(sheet_term, sheets), joint="or"),
                )  # fmt: skip


def _sides(row: Any) -> list[tuple[str, tuple[str, ...]]]:
    """The columns that select rows, each with the sheets it selects from."""
    if row.measure == "spend":
        return [("of", SPEND_SHEETS)]
    if row.measure == "cover":
        return [("of", ("Stockpiles",)), ("out_of", ("Demand",))]
    if row.measure == "service":
        return [("of", ("Demand",))]
    if row.measure == "stock":
        return [("of", ("Stockpiles",))]
    if not row.counted:
        return []
    sides = [("of", COUNTED[row.counted])]
    if row.measure == "share":
        sides.append(("out_of", COUNTED[row.out_of_counted or row.counted]))
    return sides


def _passes(
    row: Any, sheet: str, name: str, commodities: Mapping[str, Mapping[str, frozenset[str]]]
) -> bool:
    filters = frozenset(row.commodity)
    if not filters or sheet == "Facilities" or row.measure == "spend":
        return True
    return bool(filters & commodities[sheet].get(name, frozenset()))


def _arrives(row: Any, site: str, country: Mapping[str, str]) -> bool:
    return not row.into or site in row.into or country.get(site) in row.into
