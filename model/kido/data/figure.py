"""Comparison of numbers up to rounding, and texts in which a difference can be seen."""

from __future__ import annotations

import math

from kido.tolerances import SAME_SHARE

DIGITS = range(6, 18)


def above(one: float, other: float) -> bool:
    """Whether a number is larger than another by more than rounding (0.1 + 0.2 and 0.3)."""
    return one > other and not math.isclose(one, other, rel_tol=SAME_SHARE)


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers as texts, with as many digits (six at least) as distinguish them."""
    for digits in DIGITS:
        texts = f"{one + 0.0:.{digits}g}", f"{other + 0.0:.{digits}g}"  # no -0
        if texts[0] != texts[1]:
            break
    return texts
