"""Checks for rows that never act: their months lie outside the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from kido.data.months import Month
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import (
    by_name,
    disrupted_ancestor,
    end_of_plan,
    fault,
    warning,
)
from kido.errors import Finding

DATED = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Relief",
         "Demand", "Stockpiles")  # fmt: skip
# The column with what is under way at the start: it arrives though the row is never open. So do
# what lands and what is ready on the sheet Underway.
PIPELINE_COLUMN = {"Routes": "on_water", "Processes": "in_works"}


def check_dated_rows(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of rows that are open in no month of the plan, run-out included."""
    first, after = tables.settings.start, end_of_plan(tables)
    underway = {row.name for row in tables["Underway"].records() if row.what in ("lands", "ready")}
    for sheet in DATED:
        for row in tables[sheet].records():
            end = getattr(row, "end", None)
            if row.name in underway:
                continue
            if sheet in PIPELINE_COLUMN and getattr(row, PIPELINE_COLUMN[sheet]) > 0:
                continue
            if row.start is not None and row.start >= after and not _grows(sheet, row):
                key, month = "start", row.start
            elif end is not None and end < first:
                key, month = "end", end
            else:
                continue
            yield warning(
                "never-open", tables[sheet], row.Index, key, Month(month), **_within(first, after)
            )


def check_acting_events(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of events that act in no month of the plan."""
    frame = tables["Events"]
    first, after = tables.settings.start, end_of_plan(tables)
    value: str | Month
    for row in frame.records():
        begin = row.start
        if begin is None and not row.scenario:
            begin = first
        if row.months == 0:
            key, value = "months", "0"
        elif begin is not None and not first - _length(row) < begin < after:
            key, value = "start", Month(begin)
        else:
            continue
        yield warning("event-never-acts", frame, row.Index, key, value, **_within(first, after))


def check_acting_policies(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every policy counts some period of the plan."""
    frame, scenarios = tables["Policies"], by_name(tables["Scenarios"])
    first, after = tables.settings.start, end_of_plan(tables)
    begins = beginnings(tables)
    for row in frame.records():
        hard = math.isnan(row.penalty)
        report, code = (fault, "policy-never-holds") if hard else (warning, "policy-unused")
        known = scenarios[row.scenario].known if row.scenario in scenarios else None
        if row.measure == "cover" and disrupted_ancestor(row.scenario, scenarios):
            yield report(f"{code}.disruption", frame, row.Index, "scenario", row.scenario)
        elif not any(
            (row.start is None or m >= row.start)
            and (row.end is None or m <= row.end)
            and (known is None or m >= known)
            for m in begins
        ):
            key = "end" if row.start is None else "start"
            month = row.start if row.start is not None else row.end
            value = "" if month is None else Month(month)
            yield report(code, frame, row.Index, key, value, **_within(first, after))


def beginnings(tables: Tables) -> set[int]:
    """The months in which a period may begin: all of them where scenarios repeat."""
    settings, rows = tables.settings, list(tables["Scenarios"].records())
    first, after = settings.start, end_of_plan(tables)
    if any(not math.isnan(row.every) for row in rows):
        return set(range(first, after))
    step = max(1, settings.calendar[-1]) if settings.calendar else 1
    months = {first, *accumulate(settings.calendar, initial=first)}
    months |= set(range(first + sum(settings.calendar), after, step))
    months |= {row.known for row in rows if row.known is not None}
    return {month for month in months if first <= month < after}


def _grows(sheet: str, row: Any) -> bool:
    """Whether a row of Facilities can be expanded before its installed capacity starts."""
    return sheet == "Facilities" and not math.isnan(row.expansion_cost) and row.most_expansion != 0


def _length(event: Any) -> float:
    """Months that an event acts, its recovery included."""
    if math.isnan(event.months):
        return math.inf
    return float(event.months + (0 if event.profile else event.recovery))


def _within(first: int, after: int) -> dict[str, Month]:
    return {"first": Month(first), "last": Month(after - 1)}
