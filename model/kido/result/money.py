"""The money of a plan: the cost of moments and histories, its mean and its tail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kido.data.case import Case, Charge
from kido.solve.solution import Solution


def paid(case: Case, solution: Solution) -> Iterator[tuple[Charge, int, float]]:
    """(charge, moment, kUSD undiscounted) of everything that costs or earns money."""
    for charge in case.charges:
        values, key = solution[charge.variable], charge.key
        for n, of, rate in zip(
            charge.when.tolist(), charge.of.tolist(), charge.rate.tolist(), strict=True
        ):
            value = values.get((*key, of))
            if value:
                yield charge, n, rate * value


def history_costs(case: Case, solution: Solution) -> Mapping[int, float]:
    """Discounted kUSD of each history, by its last moment."""
    at = [0.0] * len(case.tree.moments)
    for _, n, money in paid(case, solution):
        at[n] += money * case.tree.moments[n].discount
    return {leaf: sum(at[n] for n in case.tree.path(leaf)) for leaf in case.tree.leaves}


def expected(case: Case, costs: Mapping[int, float]) -> float:
    return sum(case.tree.moments[leaf].probability * cost for leaf, cost in costs.items())


def conditional_value_at_risk(case: Case, costs: Mapping[int, float]) -> float:
    """kUSD: the mean of the worst share 1 - level of the histories."""
    share = 1 - case.settings.cvar_level
    left, total = share, 0.0
    for leaf in sorted(costs, key=lambda leaf: -costs[leaf]):
        taken = min(left, case.tree.moments[leaf].probability)
        total += taken * costs[leaf]
        left -= taken
    return total / share
