"""Does each event change something, in one way, that can be changed so?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.events import REACH, Commodities, commodities_of, reach_of
from kido.data.months import month_text
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.aftermath import RANGES
from kido.data.validation.checking import by_name, fault, named, warning
from kido.errors import Finding

# Where a blank limit means no limit.
LIMIT = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most"}
LIMIT["Stockpiles"] = "capacity"
# What a factor multiplies: effect, sheet, column. A blank limit is no nought.
NOUGHT: dict[str, dict[str, str]] = {}
for _range in RANGES:
    if _range.effect != "capacity" and _range.sheet != "Contracts":
        NOUGHT.setdefault(_range.effect, {})[_range.sheet] = _range.column


def check_changes(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Exactly one of factor, added amount and profile; a delay is an added amount."""
    frame = tables["Events"]
    for row in frame.records():
        given = [key for key in ("factor", "add") if not math.isnan(getattr(row, key))]
        given += ["profile"] if row.profile else []
        if len(given) != 1:
            sentence = "An event has a factor, an added amount or a profile: one of the three."
            advice = "fill in one" if not given else f"keep one of {' and '.join(given)}"
            found = " and ".join(given) or "none"
            yield fault(
                "event-change", frame, row.Index, (given or ["factor"])[-1], sentence, found,
                "exactly one", advice,
            )  # fmt: skip
        elif row.effect == "delay" and given != ["add"]:
            sentence = "A delay is an added number of months."
            advice = "type the months in the column add, and clear the other"
            yield fault(
                "event-change", frame, row.Index, given[0], sentence, given[0], "add", advice
            )


def check_reach(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """An event reaches rows its effect can act on; no factor meets a blank limit."""
    frame = tables["Events"]
    commodities = commodities_of(tables, words)
    limits = {
        sheet: {name: getattr(row, key) for name, row in by_name(tables[sheet]).items()}
        for sheet, key in LIMIT.items()
    }
    priced = {s: by_name(tables[s]) for columns in NOUGHT.values() for s in columns}
    for row in frame.records():
        if row.effect not in REACH or any(words.kind(word) is None for word in row.target):
            continue
        rows = _rows(row, words, commodities)
        if not rows:
            sentence = f"The event reaches no row that '{row.effect}' can act on."
            yield warning(
                "event-reaches-nothing", frame, row.Index, "target", sentence,
                "; ".join(row.target), "", "name other rows, or type no in the column use",
            )  # fmt: skip
        elif row.effect in NOUGHT and row.factor == row.factor and row.factor != 1:
            held = [getattr(priced[s][n], NOUGHT[row.effect][s]) for s, n in rows
                    if s in NOUGHT[row.effect]]  # fmt: skip
            if len(held) == len(rows) and not any(held):
                yield warning(
                    "factor-on-nought", frame, row.Index, "factor",
                    f"A factor on nought changes nothing: {named(n for _, n in rows)}.",
                    f"{row.factor:g}", "rows with a number there",
                    "type what is added in the column add, or give these rows a number",
                )  # fmt: skip
        free = [n for s, n in rows if s in limits and math.isnan(limits[s].get(n, math.nan))]
        if row.effect == "capacity" and row.factor > 0 and row.factor != 1 and free:
            sentence = f"A factor on a blank limit means nothing: {named(free)}."
            advice = "give these rows a limit, type the factor 0, or name other rows"
            yield fault(
                "factor-on-blank", frame, row.Index, "factor", sentence, f"{row.factor:g}",
                "rows with a limit, or the factor 0", advice,
            )  # fmt: skip
        elif row.effect == "capacity" and not math.isnan(row.add) and row.add != 0 and free:
            sentence = f"An amount added to a blank limit changes nothing: {named(free)}."
            advice = "give these rows a limit, use the factor 0, or name other rows"
            yield fault(
                "added-to-blank", frame, row.Index, "add", sentence, f"{row.add:g}",
                "rows with a limit", advice,
            )  # fmt: skip
        elif row.effect == "capacity" and row.recovery > 0 and free:
            sentence = f"Rows without a limit come back at once, not in steps: {named(free)}."
            yield warning(
                "recovery-on-blank", frame, row.Index, "recovery", sentence, f"{row.recovery:g}",
                "rows with a limit", "give these rows a limit if they recover slowly",
            )  # fmt: skip
        elif row.effect == "capacity" and row.factor == 0 and row.months % 1 > 0 and free:
            sentence = f"Rows without a limit stop for whole months only: {named(free)}."
            yield warning(
                "part-month-on-blank", frame, row.Index, "months", sentence, f"{row.months:g}",
                "whole months, or rows with a limit", "give these rows a limit, or whole months",
            )  # fmt: skip


def check_idle(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Price events that reach only contracts without an index of their own; late delays."""
    frame = tables["Events"]
    commodities = commodities_of(tables, words)
    reached = [(row, _rows(row, words, commodities)) for row in frame.records()]
    series = {place for row, rows in reached if row.profile for place in rows}
    priced = by_name(tables["Contracts"])
    known = {row.name: row.known for row in tables["Scenarios"].records()}
    starts = {s: {r.name: r.start for r in tables[s].records()} for s in REACH["delay"]}
    parents = {row.name: row.parent for row in tables["Scenarios"].records()}
    begins = {row.Index: _begin(row, known, tables.settings.start) for row, _ in reached}
    for row, rows in reached:
        if row.effect == "price" and rows and all(s == "Contracts" for s, _ in rows):
            bare = [n for _, n in rows if not _has_index(priced[n])]
            if len(bare) == len(rows):
                yield warning(
                    "price-event-idle", frame, row.Index, "target",
                    "The event changes nothing: a contract at a fixed price keeps it, and any "
                    f"other without an index has the price of its rows: {named(bare)}.",
                    "; ".join(row.target), "contracts with an index, or supply rows and routes",
                    "name the rows that the contract covers, or give it an index",
                )  # fmt: skip
        begin = begins[row.Index]
        if row.effect == "delay" and begin is not None and begin <= tables.settings.start:
            blank = [n for s, n in rows if starts[s][n] is None and (s, n) not in series]
            if blank:
                yield warning(
                    "delay-on-blank-start", frame, row.Index, "target",
                    "A blank start is the first month of the plan: until the delay is over these "
                    f"are shut, as if they were new: {named(blank)}.",
                    "; ".join(row.target), "rows with a start still to come",
                    "type when they start, or began, in their column start",
                )  # fmt: skip
        if row.effect == "delay" and begin is not None:
            late = [
                name
                for sheet, name in rows
                if (sheet, name) not in series
                and begin
                > _due(row, (sheet, name), starts[sheet][name], reached, begins, parents, tables)
            ]
            if late:
                yield warning(
                    "delay-too-late", frame, row.Index, "target",
                    "A delay moves only a start still to come; these are open when it begins: "
                    f"{named(late)}.",
                    month_text(begin), "rows with a start in that month or later",
                    "type their start, begin the event earlier, or use capacity with the factor 0",
                )  # fmt: skip


def _begin(event: Any, known: Mapping[str, int | None], start: int) -> int | None:
    """The month an event begins in; None where its scenario's month could not be read."""
    if event.start is not None:
        return int(event.start)
    return known.get(event.scenario) if event.scenario else start


def _due(
    event: Any,
    place: tuple[str, str],
    start: int | None,
    reached: list[tuple[Any, list[tuple[str, str]]]],
    begins: Mapping[int, int | None],
    parents: Mapping[str, str],
    tables: Tables,
) -> float:
    """The month a row is due in when a delay begins, as the delays before it have left it."""
    lineage, scenario = {""}, event.scenario
    while scenario and scenario not in lineage:
        lineage.add(scenario)
        scenario = parents.get(scenario, "")
    due = float(tables.settings.start if start is None else start)
    others = [
        (begin, other)
        for other, rows in reached
        if other.effect == "delay" and other.scenario in lineage and place in rows
        if (begin := begins[other.Index]) is not None and other.add == other.add
    ]
    for begin, other in sorted(others, key=lambda pair: pair[0]):
        if other.Index == event.Index:
            break
        if begin <= due:
            due += other.add
    return due


def _has_index(contract: Any) -> bool:
    return contract.price_rule == "index" and contract.index is not None


def _rows(event: Any, words: NameIndex, commodities: Commodities) -> list[tuple[str, str]]:
    """(sheet, row) of everything the event acts on; nothing where it is not understood."""
    if event.effect not in REACH or any(words.kind(word) is None for word in event.target):
        return []
    return reach_of(words, commodities, event.effect, event.target, event.commodity)
