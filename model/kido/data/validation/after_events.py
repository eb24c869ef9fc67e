"""Checks of numbers after events: prices, costs, needs, losses and limits in their ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.effects import Effects, Key
from kido.data.case.events import REACH
from kido.data.case.tree import build_tree
from kido.data.figure import above
from kido.data.months import Month
from kido.data.selectors import NameIndex
from kido.data.tables import Tables, or_else
from kido.data.validation.checking import by_name, fault, name_list, warning
from kido.data.validation.figures import usual_most
from kido.errors import Finding
from kido.messages import ItemList, Phrase, phrase

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """The range of a column after events of one effect."""

    effect: str
    sheet: str
    column: str
    what: str
    most: float = np.inf
    clips: bool = True  # whether a number outside is set to the bound; else it is a fault


RANGES = (
    Range("price", "Supply", "price", "price", clips=False),
    Range("price", "Sales", "price", "price", clips=False),
    Range("price", "Routes", "price", "purchase price", clips=False),
    Range("price", "Contracts", "index", "index", clips=False),
    Range("cost", "Processes", "cost", "cost", clips=False),
    Range("cost", "Routes", "freight", "freight", clips=False),
    Range("cost", "Stockpiles", "holding_cost", "holding cost", clips=False),
    Range("cost", "Relief", "cost", "cost", clips=False),
    Range("tariff", "Routes", "tariff", "tariff", clips=False),
    Range("demand", "Demand", "need", "need"),
    Range("loss", "Routes", "loss", "loss", most=100),
    Range("lead", "Processes", "lead", "lead"),
    Range("lead", "Routes", "lead", "lead"),
    Range("capacity", "Supply", "most", "capacity"),
    Range("capacity", "Sales", "most", "capacity"),
    Range("capacity", "Processes", "most", "capacity"),
    Range("capacity", "Routes", "most", "capacity"),
    Range("capacity", "Facilities", "capacity", "capacity"),
    Range("capacity", "Stockpiles", "capacity", "capacity"),
    Range("capacity", "Relief", "share", "share", most=1),
    Range("capacity", "Policies", "limit", "limit"),
    Range("minimum", "Supply", "least", "minimum"),
    Range("minimum", "Sales", "least", "minimum"),
    Range("minimum", "Processes", "least", "minimum"),
    Range("minimum", "Routes", "least", "minimum"),
    Range("minimum", "Facilities", "minimum_use", "minimum", most=1),
)


class Futures:
    """The sets of events that act together on some future, and the numbers after them.

    A repeated scenario is read at its first date.
    """

    def __init__(self, tables: Tables, words: NameIndex):
        s, tables = tables.settings, sound_events(tables)
        trunk = build_tree((), s.start, s.calendar, s.run_out, s.discount_rate)
        self.effects = Effects(tables, words, trunk)
        self.events = list(tables["Events"].records())
        self._lineages = _lineages(tables)
        self._under: dict[str, list[int]] = {}  # the lineages that a scenario is in
        for i, lineage in enumerate(self._lineages):
            for name in lineage:
                self._under.setdefault(name, []).append(i)

    def keys(self, sheet: str, row: str, effect: str, idle: bool = False) -> list[Key]:
        """The sets of events that reach a row and act together on some future.

        With `idle`, also the empty set, where there is a future on which none of them acts.
        """
        acting: dict[str, list[int]] = {}
        for n in self.effects.events_reaching(sheet, row, effect):
            acting.setdefault(self.events[n].scenario, []).append(n)
        some = {i for name in acting for i in self._under.get(name, ()) if name}
        sets = [
            tuple((n, 0) for n in sorted(n for name in lineage for n in acting.get(name, ())))
            for lineage in (self._lineages[i] for i in [0, *sorted(some)])
        ]
        return list(dict.fromkeys(key for key in sets if key or idle))

    def about(self, key: Key, commodity: str) -> Key:
        """The events of a set that act on a commodity."""
        return tuple(
            pair
            for pair in key
            if not self.events[pair[0]].commodity or commodity in self.events[pair[0]].commodity
        )

    def last(self, key: Key, month: int) -> Any | None:
        """The last row of Events of a set that acts in a month; None where none does."""
        acting = [pair for pair in key if self.effects.weight(pair)[month] > 0]
        return self.events[acting[-1][0]] if acting else None

    def column(self, event: Any) -> str:
        """The column with the change of an event: profile, add or factor."""
        if event.profile:
            return "profile"
        return "add" if event.add == event.add else "factor"

    def month(self, month: int) -> Month:
        """A month of the horizon, for messages."""
        return Month(int(self.effects.start + month))


def sound_events(tables: Tables) -> Tables:
    """The book with only the events that have an effect, a start and an existing profile."""
    known = {row.name: row.known for row in tables["Scenarios"].records()}
    profiles = {"", *(row.name for row in tables["Profiles"].records())}
    sound = [
        row.Index
        for row in tables["Events"].records()
        if row.effect in REACH
        and row.profile in profiles
        and (row.start is not None or not row.scenario or known.get(row.scenario) is not None)
    ]
    return tables.with_rows("Events", tables["Events"].rows.loc[sound])


def _lineages(tables: Tables) -> list[frozenset[str]]:
    """For the trunk and each scenario, the scenarios whose events act there; "" in all."""
    parents = {name: row.parent for name, row in by_name(tables["Scenarios"]).items()}
    lineages = [frozenset({""})]
    for name in parents:
        lineage = {""}
        while name in parents and name not in lineage:
            lineage.add(name)
            name = parents[name]
        lineages.append(frozenset(lineage))
    return lineages


def check_after_events(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Reports prices, costs and other numbers that events move out of their range.

    Warns of unusual numbers that events make, and of prices that they set to 0.
    """
    if not len(tables["Events"]):
        return
    futures = Futures(tables, words)
    for rule in RANGES:
        outside: dict[int, list[tuple[str, int, float]]] = {}
        unusual: dict[int, list[tuple[str, int, float]]] = {}
        for row in tables[rule.sheet].records():
            base = _base(futures, tables, rule, row)
            if base is None:
                continue
            worst: dict[int, tuple[str, int, float]] = {}
            first_unusual: dict[int, tuple[str, int, float]] = {}
            for key in futures.keys(rule.sheet, row.name, rule.effect):
                numbers = futures.effects.after_events(base, rule.effect, key)
                for month in _outside(rule, numbers, base):
                    event = futures.last(key, month)
                    if event is not None:
                        worst.setdefault(event.Index, (row.name, month, float(numbers[month])))
                rate = futures.effects.rates.get((rule.sheet, row.name), 1.0)
                rate = rate if rule.effect in ("price", "cost") else 1.0
                for month in _unusual_months(rule, numbers / rate, base / rate):
                    event = futures.last(key, month)
                    if event is not None:
                        first_unusual.setdefault(
                            event.Index, (row.name, month, float(numbers[month]))
                        )
            for event_row, point in worst.items():
                outside.setdefault(event_row, []).append(point)
            for event_row, point in first_unusual.items():
                unusual.setdefault(event_row, []).append(point)
        for event in futures.events:
            if event.Index in outside:
                yield _out_of_range(tables, futures, rule, event, outside[event.Index])
            elif event.Index in unusual:
                yield _unusual(tables, futures, rule, event, unusual[event.Index])


def overrides(
    tables: Tables, words: NameIndex, sheet: str, column: str, rows: Sequence[Any]
) -> tuple[Phrase, ...]:
    """The profiles and events that replace a number of all these rows in every month.

    Empty where the number of any row counts in some month of some future.
    """
    rule = next((r for r in RANGES if (r.sheet, r.column) == (sheet, column)), None)
    if rule is None or not len(tables["Events"]):
        return ()
    futures = Futures(tables, words)
    names: dict[Phrase, None] = {}
    for row in rows:
        for key in futures.keys(sheet, row.name, rule.effect, idle=True):
            low, high = (futures.effects.after_events(b, rule.effect, key) for b in (1.0, 2.0))
            if (low != high).any():
                return ()
            for number, _ in key:
                event = futures.events[number]
                what, name = ("profile", event.profile) if event.profile else ("event", event.name)
                names[phrase(f"part.the_{what}", name=name)] = None
    return tuple(names)


def _base(futures: Futures, tables: Tables, rule: Range, row: Any) -> Any:
    """The number or series before events; None where the row has none."""
    cell = getattr(row, rule.column)
    if rule.sheet == "Contracts":
        if row.price_rule != "index" or cell is None:
            return None
        if isinstance(cell, str):
            return futures.effects.profile(cell) if cell in futures.effects.profiles else None
        return float(cell)
    if rule.sheet == "Demand":
        years = futures.effects.month.astype(int) // 12 - tables.settings.base_year
        return cell * (1 + row.growth) ** years
    return or_else(cell, np.inf)


def _outside(rule: Range, numbers: Array, base: Any) -> list[int]:
    """The month (at most one) in which events push a number farthest out of its range."""
    out, before = _excess(rule, numbers), _excess(rule, np.broadcast_to(base, numbers.shape))
    month = int(out.argmax())
    return [month] if above(float(out[month]), float(before[month])) else []


def _unusual_months(rule: Range, numbers: Array, base: Any) -> list[int]:
    """The first month (at most one) in which events make an unusual number."""
    cell = np.broadcast_to(np.asarray(base, dtype=float), numbers.shape)
    usual = usual_most(rule.sheet, rule.column)
    unusual = np.isfinite(numbers) & (numbers > usual * (1 + 1e-9)) & (cell <= usual)
    if rule.effect == "price":
        unusual |= (numbers == 0) & (cell > 0)
    return [int(unusual.argmax())] if unusual.any() else []


def _unusual(
    tables: Tables, futures: Futures, rule: Range, event: Any, rows: list[tuple[str, int, float]]
) -> Finding:
    name, month, number = rows[0]
    usual = phrase("part.more_than_nought")
    if number:
        usual = phrase("part.up_to", number=usual_most(rule.sheet, rule.column))
    return warning(
        "odd-after-event", tables["Events"], event.Index, futures.column(event),
        phrase("part.at_row", number=number, name=name, month=futures.month(month)),
        what=phrase(f"what.{rule.what}"), rows=_quoted(rows), usual=usual,
    )  # fmt: skip


def _excess(rule: Range, numbers: Array) -> Array:
    """The distance of numbers from the range; 0 for inf."""
    known = np.where(np.isfinite(numbers), numbers, 0.0)
    return np.maximum(np.maximum(-known, known - rule.most), 0.0)


def _out_of_range(
    tables: Tables, futures: Futures, rule: Range, event: Any, rows: list[tuple[str, int, float]]
) -> Finding:
    name, month, number = rows[0]
    side, end = ("below", 0) if number < 0 else ("above", rule.most)
    place = tables["Events"], event.Index, futures.column(event)
    value = phrase("part.at_row", number=number, name=name, month=futures.month(month))
    span = phrase("part.at_least", number=0)
    if np.isfinite(rule.most):
        span = phrase("part.nought_to", most=rule.most)
    words = {"what": phrase(f"what.{rule.what}"), "rows": _quoted(rows), "end": end, "range": span}
    if rule.clips:
        return warning(f"held-in-range.{side}", *place, value, **words)
    return fault(f"out-of-range-by-event.{side}", *place, value, **words)


def _quoted(rows: list[tuple[str, int, float]]) -> ItemList:
    return name_list(phrase("part.quoted", name=name) for name, _, _ in rows)
