"""Does every number still make sense after the events that change it?"""

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
from kido.data.validation.checking import by_name, fault, named, warning
from kido.data.validation.figures import usual_most
from kido.errors import Finding
from kido.messages import ItemList, Phrase, phrase

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """What a column may be after events of one effect."""

    effect: str
    sheet: str
    column: str
    what: str
    most: float = np.inf
    held: bool = True  # what passes the range is held at its end; else it is a fault


RANGES = (
    Range("price", "Supply", "price", "price", held=False),
    Range("price", "Sales", "price", "price", held=False),
    Range("price", "Routes", "price", "purchase price", held=False),
    Range("price", "Contracts", "index", "index", held=False),
    Range("cost", "Processes", "cost", "cost", held=False),
    Range("cost", "Routes", "freight", "freight", held=False),
    Range("cost", "Stockpiles", "holding_cost", "holding cost", held=False),
    Range("cost", "Relief", "cost", "cost", held=False),
    Range("tariff", "Routes", "tariff", "tariff", held=False),
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
)


class Futures:
    """The events that act together on one future or another, and what they make of a number.

    A repeated scenario is read at its first date.
    """

    def __init__(self, tables: Tables, words: NameIndex):
        s, tables = tables.settings, _sound(tables)
        trunk = build_tree((), s.start, s.calendar, s.run_out, s.discount_rate)
        self.effects = Effects(tables, words, trunk)
        self.events = list(tables["Events"].records())
        self._lineages = _lineages(tables)

    def keys(self, sheet: str, row: str, effect: str, idle: bool = False) -> list[Key]:
        """Every set of events that reach a row and act together on some future.

        `idle`: also the empty one, where there is a future on which none of them acts.
        """
        acting = self.effects.acting(sheet, row, effect)
        found = (
            tuple((n, 0) for n in acting if self.events[n].scenario in lineage)
            for lineage in self._lineages
        )
        return list(dict.fromkeys(key for key in found if key or idle))

    def about(self, key: Key, commodity: str) -> Key:
        """Those of them that are about a commodity."""
        return tuple(
            pair
            for pair in key
            if not self.events[pair[0]].commodity or commodity in self.events[pair[0]].commodity
        )

    def last(self, key: Key, month: int) -> Any | None:
        """The last row of Events among them that acts in a month of the horizon."""
        acting = [pair for pair in key if self.effects.weight(pair)[month] > 0]
        return self.events[acting[-1][0]] if acting else None

    def column(self, event: Any) -> str:
        """The column in which an event says what changes."""
        if event.profile:
            return "profile"
        return "add" if event.add == event.add else "factor"

    def month(self, month: int) -> Month:
        return Month(int(self.effects.start + month))


def _sound(tables: Tables) -> Tables:
    """The book with only those events that could be read and name what exists."""
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
    """For the trunk and each scenario, the scenarios whose events act there; "" is of all."""
    parents = {name: row.parent for name, row in by_name(tables["Scenarios"]).items()}
    found = [frozenset({""})]
    for name in parents:
        lineage = {""}
        while name in parents and name not in lineage:
            lineage.add(name)
            name = parents[name]
        found.append(frozenset(lineage))
    return found


def check_aftermath(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No price or cost below nought, no need below it, no more lost than there is.

    What is seldom meant in a cell is told where events make it, and a price that they take away.
    """
    if not len(tables["Events"]):
        return
    futures = Futures(tables, words)
    for rule in RANGES:
        passed: dict[int, list[tuple[str, int, float]]] = {}
        odd: dict[int, list[tuple[str, int, float]]] = {}
        for row in tables[rule.sheet].records():
            base = _base(futures, tables, rule, row)
            if base is None:
                continue
            worst: dict[int, tuple[str, int, float]] = {}
            strange: dict[int, tuple[str, int, float]] = {}
            for key in futures.keys(rule.sheet, row.name, rule.effect):
                numbers = futures.effects.number(base, rule.effect, key)
                for month in _outside(rule, numbers, base):
                    event = futures.last(key, month)
                    if event is not None:
                        worst.setdefault(event.Index, (row.name, month, float(numbers[month])))
                for month in _seldom(rule, numbers, base):
                    event = futures.last(key, month)
                    if event is not None:
                        strange.setdefault(event.Index, (row.name, month, float(numbers[month])))
            for event_row, found in worst.items():
                passed.setdefault(event_row, []).append(found)
            for event_row, found in strange.items():
                odd.setdefault(event_row, []).append(found)
        for event in futures.events:
            if event.Index in passed:
                yield _told(tables, futures, rule, event, passed[event.Index])
            elif event.Index in odd:
                yield _odd(tables, futures, rule, event, odd[event.Index])


def hiding(
    tables: Tables, words: NameIndex, sheet: str, column: str, rows: Sequence[Any]
) -> tuple[Phrase, ...]:
    """The profiles and events that stand in for a number of all these rows, always.

    Nothing where the number of any of them counts in any month of any future.
    """
    rule = next((r for r in RANGES if (r.sheet, r.column) == (sheet, column)), None)
    if rule is None or not len(tables["Events"]):
        return ()
    futures = Futures(tables, words)
    names: dict[Phrase, None] = {}
    for row in rows:
        for key in futures.keys(sheet, row.name, rule.effect, idle=True):
            low, high = (futures.effects.number(b, rule.effect, key) for b in (1.0, 2.0))
            if (low != high).any():
                return ()
            for number, _ in key:
                event = futures.events[number]
                what, name = ("profile", event.profile) if event.profile else ("event", event.name)
                names[phrase(f"part.the_{what}", name=name)] = None
    return tuple(names)


def _base(futures: Futures, tables: Tables, rule: Range, row: Any) -> Any:
    """What the book says before events, a number or a series; None where that says nothing."""
    typed = getattr(row, rule.column)
    if rule.sheet == "Contracts":
        if row.price_rule != "index" or typed is None:
            return None
        if isinstance(typed, str):
            return futures.effects.profile(typed) if typed in futures.effects.profiles else None
        return float(typed)
    if rule.sheet == "Demand":
        years = futures.effects.month.astype(int) // 12 - tables.settings.base_year
        return typed * (1 + row.growth) ** years
    return or_else(typed, np.inf)


def _outside(rule: Range, numbers: Array, base: Any) -> list[int]:
    """The month, if any, in which events push a number farthest out of its range."""
    out, before = _excess(rule, numbers), _excess(rule, np.broadcast_to(base, numbers.shape))
    month = int(out.argmax())
    return [month] if above(float(out[month]), float(before[month])) else []


def _seldom(rule: Range, numbers: Array, base: Any) -> list[int]:
    """The first month, if any, in which events make a number that is seldom typed."""
    typed = np.broadcast_to(np.asarray(base, dtype=float), numbers.shape)
    usual = usual_most(rule.sheet, rule.column)
    strange = np.isfinite(numbers) & (numbers > usual * (1 + 1e-9)) & (typed <= usual)
    if rule.effect == "price":
        strange |= (numbers == 0) & (typed > 0)
    return [int(strange.argmax())] if strange.any() else []


def _odd(
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
    """How far numbers lie out of the range; no limit at all lies in it."""
    known = np.where(np.isfinite(numbers), numbers, 0.0)
    return np.maximum(np.maximum(-known, known - rule.most), 0.0)


def _told(
    tables: Tables, futures: Futures, rule: Range, event: Any, rows: list[tuple[str, int, float]]
) -> Finding:
    name, month, number = rows[0]
    side, end = ("below", 0) if number < 0 else ("above", rule.most)
    place = tables["Events"], event.Index, futures.column(event)
    held = phrase("part.at_row", number=number, name=name, month=futures.month(month))
    span = phrase("part.at_least", number=0)
    if np.isfinite(rule.most):
        span = phrase("part.nought_to", most=rule.most)
    words = {"what": phrase(f"what.{rule.what}"), "rows": _quoted(rows), "end": end, "range": span}
    if rule.held:
        return warning(f"held-in-range.{side}", *place, held, **words)
    return fault(f"out-of-range-by-event.{side}", *place, held, **words)


def _quoted(rows: list[tuple[str, int, float]]) -> ItemList:
    return named(phrase("part.quoted", name=name) for name, _, _ in rows)
