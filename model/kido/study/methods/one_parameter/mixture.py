"""The cheapest mixture of two plans whose cost is convex: a search on one number."""

from __future__ import annotations

from collections.abc import Callable

from scipy.optimize import minimize_scalar

from kido.study.methods.one_parameter.oracle import Vector

SHARE = 1e-6  # tolerance of the share


def cheapest_mixture(one: Vector, other: Vector, measure: Callable[[Vector], float]) -> float:
    """The least found of measure((1 - share) x one + share x other), share between 0 and 1.

    `measure` is convex. Any share tried is a mixture, so the value is never below the least.
    """

    def cost(share: float) -> float:
        return measure((1 - share) * one + share * other)

    inside = minimize_scalar(cost, bounds=(0.0, 1.0), method="bounded", options={"xatol": SHARE})
    return min(cost(0.0), cost(1.0), float(inside.fun))
