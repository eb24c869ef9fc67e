"""The cheapest convex combination of two plans, by minimization over one share."""

from __future__ import annotations

from collections.abc import Callable

from scipy.optimize import minimize_scalar

from kido.study.methods.one_parameter.oracle import Vector

SHARE = 1e-6  # tolerance of the share


def cheapest_mixture(one: Vector, other: Vector, measure: Callable[[Vector], float]) -> float:
    """The minimum over share in [0, 1] of measure((1 - share) x one + share x other), kUSD.

    `measure` is convex. Any share is a mixture, so the result is never below the true minimum.
    """

    def cost(share: float) -> float:
        return measure((1 - share) * one + share * other)

    inside = minimize_scalar(cost, bounds=(0.0, 1.0), method="bounded", options={"xatol": SHARE})
    return min(cost(0.0), cost(1.0), float(inside.fun))
