"""Settlements: the periods in which a contract counts what was lifted against what is reserved.

Periods are months, quarters or years of the calendar, or years from the start of the contract,
of which the last may be short. At the end of each, take-or-pay is settled. Where a contract says
how much may be lifted in a month at most, the reserved quantity is one of a whole period, less
what force majeure takes of it; otherwise each node has its even part of it.

Where a contract says what was lifted before the plan in the period under way at its start, the
months of its life before the plan count in that period too, with what is signed (the least
reserved, or what the sheet Underway says was reserved for them); otherwise the period begins with
the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kido.data.case.case import Array, Window
from kido.data.case.tree import Tree
from kido.data.case.underway import Underway
from kido.data.case.windows import calendar_window

CALENDAR_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def settlement_window(r: Any, start: int) -> Callable[[int], int]:
    """A function from a month to the number of the settlement period that it lies in.

    `start` is the first month of the plan. A node that a contract begins in belongs to its first
    year.
    """
    if r.settled != "contract year":
        return calendar_window(CALENDAR_MONTHS[r.settled])
    first = start if r.start is None else r.start
    return lambda month: (max(month, first) - first) // 12


def months_before(r: Any, start: int) -> int:
    """Months of a contract's life before the plan in the settlement period under way."""
    window, first = settlement_window(r, start), r.start
    if first is None:
        first = start if r.settled == "contract year" else start - 12
    earlier = range(max(first, start - 12), start)
    return sum(window(month) == window(start) for month in earlier)


def before_plan(
    r: Any, tree: Tree, life: Array, scale: float, underway: Underway
) -> tuple[Array, Array]:
    """(t signed, t lifted) before the plan, in each node of the settlement period under way.

    0 in other nodes, where the row does not say what was lifted, and where the contract still
    waits for its plant as the plan begins: `life` is that of each node. `scale` is t in its unit.
    """
    signed, lifted = np.zeros(len(tree.nodes)), np.zeros(len(tree.nodes))
    months = months_before(r, tree.start)
    if months and life[0] > 0 and not np.isnan(r.lifted_before):
        window = settlement_window(r, tree.start)
        inside = [m.index for m in tree.nodes if window(m.start) == window(tree.start)]
        told, least = underway.has("reserved", r.name), r.least_reserved * months / 12
        signed[inside] = scale * (underway.total("reserved", r.name) if told else least)
        lifted[inside] = r.lifted_before * scale
    return signed, lifted


def left_of_before(
    r: Any,
    tree: Tree,
    life: Array,
    scale: float,
    windows: tuple[Window, ...],
    years: Array,
    underway: Underway,
) -> Array:
    """t signed before the plan and not lifted, at the node of each window that counts them.

    Where more was lifted than signed it is negative, but takes no more than what is signed in the
    `years` of the window: what is reserved beyond may be lifted all the same.
    """
    signed, lifted = before_plan(r, tree, life, scale, underway)
    left = np.zeros(len(signed))
    for window in windows:
        if not life[window.node] > 0:  # after the end of the contract
            continue
        least = r.least_reserved * scale * years[list(window.members)].sum()
        left[window.node] = max(signed[window.node] - lifted[window.node], -least)
    return left
