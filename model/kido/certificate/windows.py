"""The windows of policies: the nodes that each limit adds up, and where its row stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.data.months import fiscal_year
from kido.data.schema import CALM

from .branches import as_month
from .calendar import Marks, Places
from .reach import words_of
from .recomputed import Facts


def active_nodes(facts: Facts, policy: Any) -> Marks:
    """Whether a policy counts each node, by its first month and its branch."""
    tree = facts.tree
    start, end = as_month(policy.start), as_month(policy.end)
    inside = np.ones(len(tree), dtype=bool)
    if start is not None:
        inside &= tree.first >= start
    if end is not None:
        inside &= tree.first <= end
    if policy.scenario == CALM or policy.measure == "cover":
        inside &= tree.calm(words_of(policy.commodity))
    if policy.scenario not in ("", CALM):
        on = [policy.scenario in (*b.shifts, b.name) for b in tree.branches]
        inside &= np.array(on)[tree.branch]
    return inside


def windows(facts: Facts, policy: Any) -> Places:
    """The number of the window of each node; -1 where the policy does not count it."""
    window: Places = facts.cached(
        ("window", "Policies", policy.Index), lambda: _windows(facts, policy)
    )
    return window


def _windows(facts: Facts, policy: Any) -> Places:
    tree = facts.tree
    if policy.over == "month" or policy.measure in ("cover", "stock"):
        window = np.arange(len(tree))
    elif policy.over == "year":
        fiscal = facts.settings.fiscal_start
        window = np.array([fiscal_year(int(first), fiscal) for first in tree.first])
    elif policy.over == "calendar year":
        window = tree.first.astype(np.int64) // 12
    else:
        window = np.zeros(len(tree), dtype=np.int64)
    return np.where(active_nodes(facts, policy), window, -1)


def under_way(facts: Facts, policy: Any) -> Marks:
    """Whether the window of each node is the one that the first month of the plan lies in."""
    start, window = facts.tree.start, windows(facts, policy)
    fiscal = fiscal_year(start, facts.settings.fiscal_start)
    now = {"year": fiscal, "calendar year": start // 12}.get(policy.over, 0)
    return (window == now) & (policy.over != "month")


def limit_nodes(facts: Facts, policy: Any) -> Marks:
    """Whether the policy has a row at each node: at the last of a window on some history."""
    closes: Marks = facts.cached(
        ("closes", "Policies", policy.Index), lambda: facts.tree.closing(windows(facts, policy))
    )
    return closes
