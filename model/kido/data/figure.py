"""Numbers compared as they were meant, and shown so that what differs can be seen."""

from __future__ import annotations

import math

from kido.tolerances import SAME_SHARE

# What a spreadsheet's arithmetic leaves behind: 0.1 + 0.2 is not above 0.3.
DIGITS = range(6, 18)


def above(one: float, other: float) -> bool:
    """Whether a number is larger than another by more than rounding."""
    return one > other and not math.isclose(one, other, rel_tol=SAME_SHARE)


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many digits, six at least, as it takes to tell them apart."""
    for digits in DIGITS:
        texts = f"{one + 0.0:.{digits}g}", f"{other + 0.0:.{digits}g}"  # no -0
        if texts[0] != texts[1]:
            break
    return texts
