"""Checks of events: one change each, on rows that the effect can act on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.events import REACH, Commodities, commodities_of, reach_of
from kido.data.months import Month
from kido.data.schema import column_term, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.after_events import RANGES
from kido.data.validation.checking import as_typed, by_name, fault, name_list, warning
from kido.errors import Finding
from kido.messages import listed, phrase

# Where a blank limit means no limit.
LIMIT = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most"}
LIMIT["Stockpiles"] = "capacity"
# The column that a factor multiplies, by effect and sheet; capacities may be blank.
FACTOR_COLUMNS: dict[str, dict[str, str]] = {}
for _range in RANGES:
    if _range.effect != "capacity" and _range.sheet != "Contracts":
        FACTOR_COLUMNS.setdefault(_range.effect, {})[_range.sheet] = _range.column


def check_changes(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks for exactly one of factor, added amount and profile; of a delay, an added amount."""
    frame = tables["Events"]
    for row in frame.records():
        changes = [key for key in ("factor", "add") if not math.isnan(getattr(row, key))]
        changes += ["profile"] if row.profile else []
        if len(changes) != 1:
            if changes:
                names = listed((column_term("Events", key) for key in changes), joint="and")
                place = frame, row.Index, changes[-1]
                yield fault("event-change.several", *place, names, given=names)
            else:
                yield fault("event-change", frame, row.Index, "factor", phrase("part.none"))
        elif row.effect == "delay" and changes != ["add"]:
            term = column_term("Events", changes[0])
            yield fault("event-change.delay", frame, row.Index, changes[0], term)


def check_reach(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that an event reaches rows, and that no factor acts on a blank limit."""
    frame = tables["Events"]
    commodities = commodities_of(tables, words)
    limits = {
        sheet: {name: getattr(row, key) for name, row in by_name(tables[sheet]).items()}
        for sheet, key in LIMIT.items()
    }
    priced = {s: by_name(tables[s]) for columns in FACTOR_COLUMNS.values() for s in columns}
    for row in frame.records():
        if row.effect not in REACH or any(words.kind(word) is None for word in row.target):
            continue
        rows = _rows(row, words, commodities)
        if not rows:
            yield warning(
                "event-reaches-nothing", frame, row.Index, "target", as_typed(row.target),
                effect=word_term("Events", "effect", row.effect),
            )  # fmt: skip
        elif row.effect in FACTOR_COLUMNS and row.factor == row.factor and row.factor != 1:
            values = [getattr(priced[s][n], FACTOR_COLUMNS[row.effect][s]) for s, n in rows
                    if s in FACTOR_COLUMNS[row.effect]]  # fmt: skip
            if len(values) == len(rows) and not any(values):
                yield warning(
                    "factor-on-nought", frame, row.Index, "factor", f"{row.factor:g}",
                    rows=name_list(n for _, n in rows),
                )  # fmt: skip
        unlimited = [n for s, n in rows if s in limits and math.isnan(limits[s].get(n, math.nan))]
        if row.effect == "capacity" and row.factor > 0 and row.factor != 1 and unlimited:
            yield fault(
                "factor-on-blank",
                frame,
                row.Index,
                "factor",
                f"{row.factor:g}",
                rows=name_list(unlimited),
            )
        elif row.effect == "capacity" and not math.isnan(row.add) and row.add != 0 and unlimited:
            yield fault(
                "added-to-blank", frame, row.Index, "add", f"{row.add:g}", rows=name_list(unlimited)
            )
        elif row.effect == "capacity" and row.recovery > 0 and unlimited:
            months = f"{row.recovery:g}"
            yield warning(
                "recovery-on-blank", frame, row.Index, "recovery", months, rows=name_list(unlimited)
            )
        elif row.effect == "capacity" and row.factor == 0 and row.months % 1 > 0 and unlimited:
            months = f"{row.months:g}"
            yield warning(
                "part-month-on-blank", frame, row.Index, "months", months, rows=name_list(unlimited)
            )


def check_idle(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of price events on contracts without an index, and of delays without effect."""
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
            without_index = [n for _, n in rows if not _has_index(priced[n])]
            if len(without_index) == len(rows):
                yield warning(
                    "price-event-idle", frame, row.Index, "target", as_typed(row.target),
                    rows=name_list(without_index),
                )  # fmt: skip
        begin = begins[row.Index]
        if row.effect == "delay" and begin is not None and begin <= tables.settings.start:
            blank = [n for s, n in rows if starts[s][n] is None and (s, n) not in series]
            if blank:
                yield warning(
                    "delay-on-blank-start", frame, row.Index, "target", as_typed(row.target),
                    rows=name_list(blank),
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
                    "delay-too-late", frame, row.Index, "target", Month(begin), rows=name_list(late)
                )


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
    """(sheet, row) of the rows an event acts on; none where its effect or target is unknown."""
    if event.effect not in REACH or any(words.kind(word) is None for word in event.target):
        return []
    return reach_of(words, commodities, event.effect, event.target, event.commodity)
