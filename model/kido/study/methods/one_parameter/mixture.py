"""The cheapest mixture of two plans whose cost is convex: a search on one number."""

from __future__ import annotations

from collections.abc import Callable

from kido.study.methods.one_parameter.oracle import Vector

GOLDEN = 0.6180339887498949
STEPS = 24  # leaves 1e-5 of the way between the two


def cheapest_mixture(one: Vector, other: Vector, measure: Callable[[Vector], float]) -> float:
    """The least found of measure((1 - share) x one + share x other), share between 0 and 1.

    Golden section search (Kiefer 1953), as `measure` is convex. Any share tried is a mixture,
    so the value is never below the least.
    """

    def cost(share: float) -> float:
        return measure((1 - share) * one + share * other)

    low, high = 0.0, 1.0
    left, right = 1 - GOLDEN, GOLDEN
    at_left, at_right = cost(left), cost(right)
    least = min(cost(low), cost(high), at_left, at_right)
    for _ in range(STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = cost(right)
        least = min(least, at_left, at_right)
    return least
