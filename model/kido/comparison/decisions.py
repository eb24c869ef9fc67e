"""What the plan does otherwise: by supplier, plant, stock and month; and how nervous it is.

Both plans are compared on their reference paths, over the months that both report. A flow of a
longer period is spread evenly over its months; a stock is compared where both plans have it, at
the ends of their periods.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from kido.comparison.comparable import months_of, units_changed
from kido.comparison.match import Match
from kido.data.months import month_of
from kido.result.stored_run import StoredRun
from kido.rolling.orders import NEAR
from kido.tolerances import MOVED_T

PERIOD = re.compile(r"(\d{4})-(\d{2})(?:/(?:(\d{4})-)?(\d{2}))?")
LEVEL = "level at the end"
LOST = "lost"


@dataclass(frozen=True)
class Source:
    """Lines of a table of a run: those of these measures, known by their labels."""

    kind: str
    table: str
    measures: tuple[str, ...]
    labels: tuple[str, ...]  # name, with whom or where, commodity
    apart: tuple[str, ...] = ()  # a word of totals that would count lines twice


SOURCES = (
    Source("supplier", "order_book", ("leaves",), ("row", "counterparty", "commodity")),
    Source("plant", "refining", ("used", "activity", "capacity ordered"), ("line", "site", "")),
    Source("stock", "stockpiles", (LEVEL,), ("stockpile", "owner", "commodity")),
    Source("segment", "shortfalls", (LOST,), ("segment", "", "commodity"), ("all segments",)),
)


@dataclass(frozen=True)
class Decision:
    """One line of both plans by month, in t (capacity ordered: t/yr).

    `place` is with whom or where. Of a level, `before` and `after` are its mean.
    """

    kind: str
    name: str
    place: str
    measure: str
    commodity: str
    unit: str
    months: Mapping[int, tuple[float, float]] = field(repr=False)

    @property
    def before(self) -> float:
        """t in all months, or the mean level."""
        return sum(a for a, _ in self.months.values()) / self._count

    @property
    def after(self) -> float:
        """t in all months, or the mean level."""
        return sum(b for _, b in self.months.values()) / self._count

    @property
    def moved(self) -> float:
        """t: the sum of what each month differs, either way."""
        return sum(abs(b - a) for a, b in self.months.values())

    @property
    def _count(self) -> int:
        return max(1, len(self.months)) if self.measure == LEVEL else 1


@dataclass(frozen=True)
class Nervousness:
    """How much of the near orders of a commodity was moved, in t."""

    commodity: str
    unit: str
    before: float
    after: float
    moved: float

    @property
    def share(self) -> float:
        """Moved / ordered before; NaN where something is ordered now and nothing was."""
        if self.moved <= MOVED_T:
            return 0.0
        return self.moved / self.before if self.before > MOVED_T else float("nan")


def decisions(before: StoredRun, after: StoredRun, match: Match) -> tuple[Decision, ...]:
    """Every line of both plans, those that move most first; commodities in other units left out."""
    common = set(months_of(before)) & set(months_of(after))
    names = {old: new for (_, old), new in match.renames.items()}
    other_units = units_changed(match)
    decided: list[Decision] = []
    for source in SOURCES:
        old, new = _lines(before.report, source, names), _lines(after.report, source, {})
        level = LEVEL in source.measures
        months = common.intersection(*(
            _by_month(dict.fromkeys(_periods(run.report[source.table]).values(), 0.0), level)
            for run in (before, after)
        ))  # fmt: skip
        of_source = []
        for key in dict.fromkeys((*new, *old)):
            if key[3] not in other_units:
                a, b = (_by_month(lines.get(key, {}), level) for lines in (old, new))
                series = {m: (a.get(m, 0.0), b.get(m, 0.0)) for m in sorted(months)}
                of_source.append(Decision(source.kind, *key, months=series))
        decided += sorted(of_source, key=lambda line: -line.moved)
    return tuple(decided)


def nervousness(lines: Iterable[Decision]) -> tuple[Nervousness, ...]:
    """How much of the orders of the first `NEAR` months moved, by commodity, then of all."""
    totals: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        if line.kind == "supplier":
            near = [line.months[m] for m in sorted(line.months)[:NEAR]]
            total = totals.setdefault((line.commodity, line.unit), [0.0, 0.0, 0.0])
            for a, b in near:
                total[:] = total[0] + a, total[1] + b, total[2] + abs(b - a)
    rows = [Nervousness(*key, *total) for key, total in totals.items()]
    if rows:
        sums = (sum(getattr(r, key) for r in rows) for key in ("before", "after", "moved"))
        rows.append(Nervousness("all orders", "t", *sums))
    return tuple(rows)


Key = tuple[str, str, str, str, str]  # name, place, measure, commodity, unit
Periods = dict[tuple[int, int], float]  # (first month, months) -> value


def _lines(
    report: Mapping[str, pd.DataFrame], source: Source, names: Mapping[str, str]
) -> dict[Key, Periods]:
    """The lines of a source by their labels, the names of the earlier book as in the later."""
    frame = report[source.table]
    periods = _periods(frame)
    lines: dict[Key, Periods] = {}
    for row in frame.to_dict("records"):
        labels = [str(row[label]) if label else "" for label in source.labels]
        if row["measure"] not in source.measures or labels[0] in source.apart or not labels[0]:
            continue
        name, place, commodity = (names.get(label, label) for label in labels)
        key = name, place, str(row["measure"]), commodity, str(row["unit"])
        values = lines.setdefault(key, {})
        for column, period in periods.items():
            value = row[column]
            values[period] = values.get(period, 0.0) + (0.0 if value != value else float(value))
    return lines


def _periods(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """The period of each column that is one."""
    return {str(c): period for c in frame.columns if (period := _period(str(c)))}


def _period(text: str) -> tuple[int, int] | None:
    """(first month, months) of `2027-03`, `2028-07/09` or `2028-11/2029-01`."""
    found = PERIOD.fullmatch(text)
    if found is None:
        return None
    year, month, last_year, last = found.groups()
    first = month_of(int(year), int(month))
    return first, (month_of(int(last_year or year), int(last)) - first + 1) if last else 1


def _by_month(periods: Periods, level: bool) -> dict[int, float]:
    """The value of each month: its share of a flow, or a level at the end of a period."""
    if level:
        return {first + months - 1: value for (first, months), value in periods.items()}
    return {
        first + i: value / months
        for (first, months), value in periods.items()
        for i in range(months)
    }
