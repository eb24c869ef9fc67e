"""Checks of dates and probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.figure import above, apart
from kido.data.months import Month
from kido.data.schema import TRUNK, catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import by_name, end_of_plan, fault, name_list, warning
from kido.errors import Finding
from kido.messages import phrase


def check_stretches(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no row ends before it starts."""
    for sheet, frame in tables.frames.items():
        if not {"start", "end"} <= set(catalogue()[sheet].columns):
            continue
        for row in frame.records():
            if row.start is not None and row.end is not None and row.end < row.start:
                yield fault(
                    "end-before-start", frame, row.Index, "end", Month(row.end),
                    month=Month(row.start),
                )  # fmt: skip


def check_known(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that a scenario becomes known within the plan, and not before its parent."""
    frame, start = tables["Scenarios"], tables.settings.start
    end = end_of_plan(tables)
    rows = by_name(frame)
    for row in frame.records():
        if in_circle(row, rows):
            yield fault("scenario-circle", frame, row.Index, "parent", row.parent)
            continue
        parent = rows.get(row.parent)
        if row.known is None or (parent is not None and parent.known is None):
            continue  # could not be read, and reported there
        place = frame, row.Index, "known", Month(row.known)
        if parent is None and row.known < start:
            yield fault("scenario-before-start", *place, month=Month(start))
        elif parent is not None and row.known < parent.known:
            month = Month(parent.known)
            yield fault("scenario-before-parent", *place, parent=row.parent, month=month)
        elif row.known >= end:
            yield fault("scenario-after-end", *place, month=Month(end - 1))
        yield from _check_repeats(tables, row, end)


def _check_repeats(tables: Tables, row: Any, end: int) -> Iterator[Finding]:
    frame = tables["Scenarios"]
    repeats, until = row.every == row.every, row.until
    if repeats != (until is not None):
        yield fault("repeat-incomplete", frame, row.Index, "every" if repeats else "until")
        return
    if until is None:
        return
    place = frame, row.Index, "until", Month(until)
    if until < row.known:
        yield fault("end-before-start.repeats", *place, month=Month(row.known))
    elif until >= end:
        yield warning("repeat-after-end", *place, month=Month(end - 1))


def in_circle(row: Any, rows: Any) -> bool:
    """Whether a row of Scenarios is its own ancestor."""
    seen = {row.name}
    name = row.parent
    while name in rows:
        if name in seen:
            return bool(name == row.name)
        seen.add(name)
        name = rows[name].parent
    return False


def check_probabilities(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that the probabilities of children do not exceed that of their parent."""
    frame = tables["Scenarios"]
    rows = by_name(frame)
    families: dict[str, list[Any]] = {}
    for row in frame.records():
        families.setdefault(row.parent or TRUNK, []).append(row)
    for parent, children in families.items():
        total = sum(child.probability for child in children)
        holder = rows.get(parent)
        if holder is None and parent != TRUNK:
            continue
        most = 1.0 if holder is None else holder.probability
        if above(total, most):
            text, limit = apart(total, most)
            where = children[-1] if holder is None else holder
            place = frame, where.Index, "probability", phrase("part.in_all", total=text)
            names = name_list(child.name for child in children)
            if holder is None:
                yield fault("probability-exceeds.base", *place, children=names, limit=limit)
            else:
                yield fault(
                    "probability-exceeds.parent", *place,
                    parent=parent, children=names, limit=limit,
                )  # fmt: skip
    for row in frame.records():
        if row.probability == 0:
            yield warning("probability-nought", frame, row.Index, "probability", "0")


def check_event_dates(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no event begins before its scenario is known."""
    frame = tables["Events"]
    scenarios = tables["Scenarios"].records()
    known = {row.name: row.known for row in scenarios if row.known is not None}
    for row in frame.records():
        if row.start is not None and row.start < known.get(row.scenario, row.start):
            yield fault(
                "event-before-known", frame, row.Index, "start", Month(row.start),
                scenario=row.scenario, month=Month(known[row.scenario]),
            )  # fmt: skip
