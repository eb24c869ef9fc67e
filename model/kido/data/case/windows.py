"""Windows: the stretches of a path that a settlement or a policy counts together.

A node counts by its first month: a policy from May does not look at a quarter that began in
April, a stock that opens in May opens with the quarter that follows, and a quarter belongs to
the year it begins in. Where such a date matters, let the calendar run in months up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Window
from kido.data.case.tree import Tree


def calendar_window(months: int) -> Callable[[int], int]:
    """A function from a month to the number of its calendar period of so many months."""
    return lambda month: month // months


def windows(
    tree: Tree, window_of: Callable[[int], int], counted: NDArray[np.bool_]
) -> tuple[Window, ...]:
    """The windows: on every path, the `counted` nodes with the same value of `window_of`.

    Each ends at the last counted node of its window on some path. Nodes between that are not
    counted, as those of a disruption that ends, do not part it.
    """
    result = []
    label = [window_of(m.start) for m in tree.nodes]
    is_last = [True] * len(label)  # no counted node of its window follows, on some path
    for m in reversed(tree.nodes):
        after = tree.children[m.index]
        is_last[m.index] = not after or any(
            label[c] != label[m.index] or (not counted[c] and is_last[c]) for c in after
        )
    for m in tree.nodes:
        if not (counted[m.index] and is_last[m.index]):
            continue
        members = []
        for n in tree.back(m.index):
            if label[n] != label[m.index]:
                break
            if counted[n]:
                members.append(n)
        result.append(Window(m.index, tuple(members[::-1])))
    return tuple(result)


def under_way(tree: Tree, window_of: Callable[[int], int], spans: Iterable[Window]) -> Array:
    """1 at the nodes of the windows that the first month of the plan lies in, 0 at all others."""
    now = np.zeros(len(tree.nodes))
    for window in spans:
        now[window.node] = window_of(tree.nodes[window.node].start) == window_of(tree.start)
    return now
