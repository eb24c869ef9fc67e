"""Checks of the sheet Underway: each row says what its row of the book can have under way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kido.data.case.counted import PolicyCounter
from kido.data.case.facilities import recipe_lines
from kido.data.case.policies import window_of
from kido.data.case.ramps import RAMPED
from kido.data.figure import above, apart
from kido.data.months import Month
from kido.data.schema import ANY_COUNTRY, column_term, sheet_term, word_term
from kido.data.selectors import NameIndex, nearest
from kido.data.tables import Tables
from kido.data.validation.checking import (
    BLANK,
    by_name,
    did_you_mean,
    end_of_plan,
    fault,
    name_list,
    warning,
)
from kido.errors import Finding
from kido.messages import Phrase, listed, phrase

# The sheets of the rows that each word is of.
SHEETS: Mapping[str, tuple[str, ...]] = {
    "lands": ("Routes", "Processes"),
    "ready": ("Facilities",),
    "returns": ("Relief",),
    "moved": RAMPED,
    "carried over": ("Policies",),
    "reserved": ("Contracts",),
    "earned": ("Contracts",),
    "expires": ("Stockpiles",),
}
WITHOUT_MONTH = ("carried over", "reserved", "earned")
RATE = {"Routes": "on_water", "Processes": "in_works"}
CARRYING = ("volume", "share", "spend", "service")


def check_underway(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks the rows of Underway: names, months, details, amounts, and what each is of."""
    rows = {sheet: by_name(tables[sheet]) for sheets in SHEETS.values() for sheet in sheets}
    for row in tables["Underway"].records():
        if row.what not in SHEETS or math.isnan(row.amount):
            continue  # could not be read, and reported there
        sheet = next((s for s in SHEETS[row.what] if row.name in rows[s]), "")
        if not sheet:
            yield _unknown_name(tables, row, rows)
            continue
        if row.amount < 0 and row.what != "carried over":
            yield fault("underway-negative", tables["Underway"], row.Index, "amount", row.amount)
        if (row.month is None) != (row.what in WITHOUT_MONTH):
            value = BLANK if row.month is None else Month(row.month)
            key = "underway-month.needed" if row.month is None else "underway-month.blank"
            yield fault(key, tables["Underway"], row.Index, "month", value, what=_word(row))
            continue
        if row.detail and row.what not in ("lands", "carried over"):
            yield _detail_unused(tables, row)
        yield from CHECKS[row.what](tables, words, row, sheet, rows[sheet][row.name])


def _word(row: Any) -> Phrase:
    return phrase("part.quoted", name=word_term("Underway", "what", row.what))


def _unknown_name(tables: Tables, row: Any, rows: Mapping[str, Mapping[str, Any]]) -> Finding:
    sheets = SHEETS[row.what]
    named = listed(map(sheet_term, sheets), joint="or")
    close = nearest(row.name, tuple(name for s in sheets for name in rows[s]))
    other = [s for s, names in rows.items() if row.name in names]
    advice = did_you_mean(close, phrase("part.add_to_sheet", sheet=named))
    if other:
        column = column_term("Underway", "what")
        advice = phrase("part.other_word", sheet=sheet_term(other[0]), column=column)
    elif unused := [s for s in sheets if row.name in tables[s].unused]:
        advice = phrase("part.unused", sheet=sheet_term(unused[0]))
    return fault(
        "reference-to-nothing", tables["Underway"], row.Index, "name", row.name,
        name=row.name, sheet=named, expected=close or phrase("part.name_from", sheet=named),
        advice=advice,
    )  # fmt: skip


def _detail_unused(tables: Tables, row: Any) -> Finding:
    return fault("underway-detail.blank", tables["Underway"], row.Index, "detail", row.detail)


def _unfit(tables: Tables, row: Any, key: str, **about: object) -> Finding:
    return fault(key, tables["Underway"], row.Index, "name", row.name, **about)


def _dates(tables: Tables, row: Any, first: int | None, last: int) -> Iterator[Finding]:
    """A fault where the month lies before `first`, a warning where it lies after `last`."""
    place = tables["Underway"], row.Index, "month", Month(row.month)
    if first is not None and row.month < first:
        yield fault("underway-month.early", *place, what=_word(row), first=Month(first))
    elif row.month > last:
        yield warning("underway-late", *place, last=Month(last))


def _lands(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    frame = tables["Underway"]
    yield from _dates(tables, row, tables.settings.start, end_of_plan(tables) - 1)
    rate = getattr(r, RATE[sheet])
    if rate > 0:
        where = tables[sheet].place(r.Index, RATE[sheet])
        column = column_term(sheet, RATE[sheet])
        yield fault(
            "underway-twice", frame, row.Index, "name", row.name, column=column, where=where
        )
    if not r.lead > 0:
        lead = column_term(sheet, "lead")
        yield warning("underway-no-lead", frame, row.Index, "name", row.name, lead=lead)
    if sheet == "Routes":
        if row.detail:
            yield _detail_unused(tables, row)
        return
    lines = recipe_lines(tables).get(r.name, [])
    outputs = [line.item for line in lines if line.role == "output"]
    if row.detail not in outputs and (row.detail or len(outputs) != 1):
        yield fault(
            "underway-detail.output", frame, row.Index, "detail", row.detail or BLANK,
            name=row.name, outputs=listed(outputs, joint="or") if outputs else phrase("part.none"),
        )  # fmt: skip


def _ready(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    last = end_of_plan(tables) - 1
    yield from _dates(tables, row, None, last if r.end is None else min(last, r.end))
    over = row.month + 12 * r.life_years  # NaN where it lasts
    if over <= tables.settings.start:
        yield warning(
            "underway-served", tables["Underway"], row.Index, "month", Month(row.month),
            years=r.life_years,
        )  # fmt: skip


def _returns(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    if r.kind != "defer" or math.isnan(r.returns):
        yield _unfit(tables, row, "underway-unfit.returns")
        return
    again = 0.0 if math.isnan(r.latest_return) else r.latest_return - r.returns
    first = tables.settings.start - math.ceil(max(0.0, again))
    yield from _dates(tables, row, first, end_of_plan(tables) - 1)


def _moved(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    before = tables.settings.start - 1
    if math.isnan(r.ramp):
        yield _unfit(tables, row, "underway-unfit.ramp")
    if row.month != before:
        yield fault(
            "underway-month.moved", tables["Underway"], row.Index, "month", Month(row.month),
            month=Month(before),
        )  # fmt: skip


def _carried(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    frame, start = tables["Underway"], tables.settings.start
    if r.over == "month" or r.measure not in CARRYING:
        yield _unfit(tables, row, "underway-unfit.policy")
        return
    countries = [""]
    if ANY_COUNTRY in r.of and r.measure == "share" and r.counted:
        countries = PolicyCounter(tables, words).countries(r)
    if row.detail not in countries:
        if countries == [""]:
            yield _detail_unused(tables, row)
            return
        yield fault(
            "underway-detail.country", frame, row.Index, "detail", row.detail or BLANK,
            name=row.name, countries=name_list(countries),
        )  # fmt: skip
    window, first = window_of(r, tables), start if r.start is None else max(start, r.start)
    if window(first) != window(start) or (r.end is not None and r.end < first):
        yield warning("underway-not-counted", frame, row.Index, "name", row.name)


def _reserved(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    if math.isnan(r.lifted_before):
        column = column_term("Contracts", "lifted_before")
        yield _unfit(tables, row, "underway-unfit.reserved", column=column)


def _earned(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    if r.price_rule != "index" or not r.rebate_share > 0:
        yield _unfit(
            tables, row, "underway-unfit.earned", column=column_term("Contracts", "rebate_share")
        )


def _expires(tables: Tables, words: NameIndex, row: Any, sheet: str, r: Any) -> Iterator[Finding]:
    if math.isnan(r.life_months):
        yield _unfit(
            tables, row, "underway-unfit.expires", column=column_term("Stockpiles", "life_months")
        )
        return
    start = tables.settings.start
    last = min(end_of_plan(tables), start + math.ceil(r.life_months)) - 1
    yield from _dates(tables, row, start, last)
    total = sum(
        x.amount for x in tables["Underway"].records() if (x.what, x.name) == ("expires", r.name)
    )
    held = sum(
        x.opening
        for x in tables["Stockpiles"].records()
        if (x.site, x.commodity) == (r.site, r.commodity) and x.life_months <= r.life_months
    )
    if above(total, held):
        text, limit = apart(total, held)
        yield fault("underway-above-opening", tables["Underway"], row.Index, "amount", text,
                    limit=limit)  # fmt: skip


CHECKS: Mapping[str, Callable[[Tables, NameIndex, Any, str, Any], Iterator[Finding]]] = {
    "lands": _lands,
    "ready": _ready,
    "returns": _returns,
    "moved": _moved,
    "carried over": _carried,
    "reserved": _reserved,
    "earned": _earned,
    "expires": _expires,
}
