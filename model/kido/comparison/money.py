"""What the difference in cost is made of: by category, and by row of the book; both add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kido.comparison.match import Match
from kido.result.stored_run import StoredRun

RISK = "weight on risk"


@dataclass(frozen=True)
class Amount:
    """What is paid for something in both plans: kUSD, expected and discounted."""

    name: tuple[str, ...]
    before: float
    after: float

    @property
    def change(self) -> float:
        """kUSD."""
        return self.after - self.before


def by_category(before: StoredRun, after: StoredRun) -> tuple[Amount, ...]:
    """The parts of both objectives: categories of the expected cost, then the weight on risk."""
    amounts = _amounts(dict(_categories(before)), dict(_categories(after)))
    risk = [run.objective - float(run.facts["expected_cost"]) for run in (before, after)]
    weights = [run.tables.settings.risk_weight for run in (before, after)]
    return (*amounts, Amount((RISK,), *risk)) if any(weights) else amounts


def by_row(before: StoredRun, after: StoredRun, match: Match) -> tuple[Amount, ...]:
    """The parts of both expected costs by sheet, row and category; the largest change first."""
    amounts = _amounts(_rows(before, match.renames), _rows(after, {}))
    return tuple(sorted(amounts, key=lambda amount: -abs(amount.change)))


def _amounts(
    before: Mapping[tuple[str, ...], float], after: Mapping[tuple[str, ...], float]
) -> tuple[Amount, ...]:
    names = dict.fromkeys((*after, *before))
    return tuple(Amount(n, before.get(n, 0.0), after.get(n, 0.0)) for n in names)


def _categories(run: StoredRun) -> Iterator[tuple[tuple[str, ...], float]]:
    for category, *years in run.report["costs"].itertuples(index=False, name=None):
        yield (category,), sum(years)


def _rows(run: StoredRun, renames: Mapping[tuple[str, str], str]) -> dict[tuple[str, ...], float]:
    totals: dict[tuple[str, ...], float] = {}
    for sheet, row, category, kusd in run.report["row_costs"].itertuples(index=False, name=None):
        name = sheet, renames.get((sheet, row), row), category
        totals[name] = totals.get(name, 0.0) + kusd
    return totals
