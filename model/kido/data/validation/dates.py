"""Do dates and probabilities fit together?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.figure import above, apart
from kido.data.months import month_text
from kido.data.schema import TRUNK, catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import by_name, end_of_plan, fault, named, warning
from kido.errors import Finding


def check_stretches(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Nothing ends before it starts."""
    for sheet, frame in tables.frames.items():
        if not {"start", "end"} <= set(catalogue()[sheet].columns):
            continue
        for row in frame.records():
            if row.start is not None and row.end is not None and row.end < row.start:
                yield fault(
                    "end-before-start",
                    frame,
                    row.Index,
                    "end",
                    "It ends before it starts.",
                    month_text(row.end),
                    f"{month_text(row.start)} or later",
                    "type a later month, or leave it blank for no end",
                )


def check_known(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A scenario becomes known within the plan, and not before its parent."""
    frame, start = tables["Scenarios"], tables.settings.start
    end = end_of_plan(tables)
    rows = by_name(frame)
    for row in frame.records():
        if _in_circle(row, rows):
            sentence = "The scenario is its own parent, by way of others or directly."
            advice = "name the scenario it parts from, or leave it blank for the trunk"
            yield fault(
                "scenario-circle", frame, row.Index, "parent", sentence, row.parent, "", advice
            )
            continue
        parent = rows.get(row.parent)
        if row.known is None or (parent is not None and parent.known is None):
            continue  # could not be read, and told there
        least, after = (start, "the start") if parent is None else (parent.known, row.parent)
        code = "scenario-before-start" if parent is None else "scenario-before-parent"
        if row.known < least:
            yield fault(
                code,
                frame,
                row.Index,
                "known",
                f"The scenario becomes known before {after}.",
                month_text(row.known),
                f"{month_text(least)} or later",
                "type a later month",
            )
        elif row.known >= end:
            yield fault(
                "scenario-after-end",
                frame,
                row.Index,
                "known",
                "The scenario becomes known when the plan is over.",
                month_text(row.known),
                f"{month_text(end - 1)} or earlier",
                "type an earlier month, or lengthen the calendar",
            )
        yield from _check_repeats(tables, row, end)


def _check_repeats(tables: Tables, row: Any, end: int) -> Iterator[Finding]:
    frame = tables["Scenarios"]
    repeats, until = row.every == row.every, row.until
    if repeats != (until is not None):
        key = "every" if repeats else "until"
        sentence = "A repeat needs both the months between and the last month."
        advice = "fill in both 'again every' and 'until', or neither"
        yield fault("repeat-incomplete", frame, row.Index, key, sentence, "", "", advice)
    elif until is not None and until < row.known:
        yield fault(
            "end-before-start",
            frame,
            row.Index,
            "until",
            "The repeats end before the scenario is first known.",
            month_text(until),
            f"{month_text(row.known)} or later",
            "type a later month",
        )
    elif until is not None and until >= end:
        yield warning(
            "repeat-after-end",
            frame,
            row.Index,
            "until",
            "Repeats after the end of the plan never happen; their probability stays with the "
            "parent.",
            month_text(until),
            f"{month_text(end - 1)} or earlier",
            "type an earlier month",
        )


def _in_circle(row: Any, rows: Any) -> bool:
    seen = {row.name}
    name = row.parent
    while name in rows:
        if name in seen:
            return bool(name == row.name)
        seen.add(name)
        name = rows[name].parent
    return False


def check_probabilities(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Children share what their parent has; what is left is the parent's own."""
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
            found, limit = apart(total, most)
            where = children[-1] if holder is None else holder
            whose = "the trunk" if holder is None else f"'{parent}'"
            yield fault(
                "probability-exceeds",
                frame,
                where.Index,
                "probability",
                f"The scenarios that part from {whose} have more probability than it has: "
                f"{named(child.name for child in children)}.",
                f"{found} in all",
                f"at most {limit}",
                "lower theirs; each is the probability of the whole future",
            )
    for row in frame.records():
        if row.probability == 0:
            yield warning(
                "probability-nought", frame, row.Index, "probability",
                "A future of probability 0 is no part of the plan.", "0", "more than 0",
                "type its probability; or plan it alone, by its name after --scenario",
            )  # fmt: skip


def check_event_dates(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A scenario's event does not begin before the scenario is known."""
    frame = tables["Events"]
    scenarios = tables["Scenarios"].records()
    known = {row.name: row.known for row in scenarios if row.known is not None}
    for row in frame.records():
        if row.start is not None and row.start < known.get(row.scenario, row.start):
            yield fault(
                "event-before-known",
                frame,
                row.Index,
                "start",
                f"The event begins before its scenario '{row.scenario}' is known.",
                month_text(row.start),
                f"{month_text(known[row.scenario])} or later",
                "type a later month, or leave it blank for the month it is known",
            )
