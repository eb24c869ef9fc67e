"""What contracts and policies count of the months before the new start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kido.data.case.build import effects_of
from kido.data.case.case import Array, Contract, Window
from kido.data.case.counted import PolicyCounter
from kido.data.case.demand import monthly_need
from kido.data.case.policies import level_of, limits_of
from kido.data.case.settlements import before_plan
from kido.data.currency import in_usd
from kido.data.pairs import without_rounding
from kido.data.selectors import NameIndex
from kido.rolling.past import Past
from kido.rolling.progress import Line, line

CARRIED = ("volume", "share", "spend", "service")
NOTHING = 1e-9  # t or kUSD


def reserved(past: Past, contract: Contract) -> float | None:
    """t/yr reserved for the life of a contract; None where it begins after the start."""
    of = contract.signed.get(past.now)
    earlier = past.nodes[-1] in contract.signed
    if of is None and not earlier:
        return None
    node = contract.signed[past.nodes[-1]] if of is None else of
    return float(past.at("reserve", contract.name)[node]) if node in past.nodes else None


def under_way(past: Past, windows: tuple[Window, ...]) -> Window | None:
    """The first of the windows that began before the start and goes on after it."""
    before = set(past.nodes)
    return next(
        (w for w in windows if w.node in past.coming and not before.isdisjoint(w.members)), None
    )


def split(past: Past, window: Window) -> tuple[list[int], list[int]]:
    """(nodes before the start, later ones) of a window."""
    before = set(past.nodes)
    return [n for n in window.members if n in before], [
        n for n in window.members if n not in before
    ]


def settlement(past: Past, contract: Contract) -> tuple[float, float] | None:
    """(t reserved, t lifted) before the start in the settlement under way; None: none is."""
    windows = contract.settlements or contract.quantities
    window = under_way(past, windows)
    if window is None or (not contract.settlements and len(window.members) == 1):
        return None
    before, _ = split(past, window)
    signed = past.at("reserve", contract.name)[[contract.signed[n] for n in before]]
    years = contract.life[before] * contract.availability[before]
    lifted = sum(past.at("lift", contract.name, row)[before].sum() for _, row in contract.covers)
    lifted -= past.at("make_up", contract.name)[before].sum()  # counts for no obligation
    old_reserved, old_lifted = _before_plan(past, contract, window)
    reserved, taken = float((signed * years).sum()) + old_reserved, float(lifted) + old_lifted
    # what was lifted beyond what was signed before the old start left the rest as it was
    beyond = contract.quantity_before[window.node] - (old_reserved - old_lifted)
    if window in contract.quantities and contract.take_or_pay < 1 and beyond > NOTHING:
        more = float(beyond) / (1 - contract.take_or_pay)
        reserved, taken = reserved + more, taken + contract.take_or_pay * more
    return reserved, taken


def _before_plan(past: Past, contract: Contract, window: Window) -> tuple[float, float]:
    """(t reserved, t lifted) that the old book counts in the window before its own start."""
    r = next(r for r in past.tables["Contracts"].records() if r.name == contract.name)
    scale = past.tonnes("Contracts", r)
    signed, lifted = before_plan(r, past.tree, contract.life, scale, past.case.underway)
    return float(signed[window.members[0]]), float(lifted[window.members[0]])


def paid_not_taken(past: Past, contract: Contract, months: float) -> float:
    """t paid for before the start and not made up, of payments that are not too old.

    The oldest is made up first; `months` is how long each may be. What of it is older than the
    last settlement counts as paid for then.
    """
    paid, made_up = past.at("forgo", contract.name), past.at("make_up", contract.name)
    opening = contract.make_up.paid_before[past.tree.roots[0]] if contract.make_up else 0.0
    left = [(past.tree.start, float(opening))]  # (month after the settlement, t), oldest first
    for n in past.nodes:
        used = float(made_up[n])
        for place, (month, amount) in enumerate(left):
            taken = min(amount, used)
            used -= taken
            left[place] = month, amount - taken
        left.append((past.tree.nodes[n].end, float(paid[n])))
    return sum(amount for month, amount in left if past.start - month < months)


def earned(past: Past) -> Iterator[Line]:
    """kUSD of rebate earned before the start in the year under way."""
    for contract in past.case.contracts.values():
        window = under_way(past, contract.rebates)
        if window is not None:
            before, _ = split(past, window)
            money = sum(
                float((rate[before] * past.at("lift", contract.name, row)[before]).sum())
                for row, rate in contract.rebate_rate.items()
            )
            old = float(contract.earned[window.node])
            yield line(contract.name, "earned", None, money + old)


def carried(past: Past) -> Iterator[Line]:
    """What policies allowed before the start in the window under way, less what they counted."""
    tables = in_usd(without_rounding(past.tables))
    words, tree = NameIndex.of(tables), past.tree
    effects = effects_of(tables, words, tree)
    counter = PolicyCounter(tables, words)
    rows = {r.name: r for r in tables["Policies"].records()}
    demand = {r.name: r for r in tables["Demand"].records()}

    def need(name: str) -> tuple[Array, ...]:
        return monthly_need(tables, effects, demand[name])

    for policy in past.case.policies:
        window = under_way(past, policy.windows)
        if policy.measure not in CARRIED or window is None:
            continue
        r = rows[policy.name]
        before, later = split(past, window)
        limit = policy.limits[policy.windows.index(window)]
        counted = _counted(past, policy.numerator, before)
        if policy.denominator is not None:
            left = limit * _counted(past, policy.denominator, before) - counted
        else:
            rest = (Window(window.node, tuple(later)),)
            level = level_of(r, effects)
            (new,) = limits_of(r, counter, tree, effects.start, rest, level, need)
            left = limit - counted - new
        left += policy.carried[policy.windows.index(window)]
        if abs(left) > NOTHING:
            yield line(r.name, "carried over", None, left / counter.scale(r), policy.detail)


def _counted(past: Past, terms: tuple[Any, ...], nodes: list[int]) -> float:
    """The sum of linear terms in some nodes."""
    total, inside = 0.0, np.isin(np.arange(len(past.tree.nodes)), nodes)
    for term in terms:
        there = inside[term.counted_in]
        values = past.at(term.variable, *term.key)[term.decided_in]
        total += float((term.rate * values)[there].sum())
    return total
