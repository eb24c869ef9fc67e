"""Make-up: what a contract was paid for and not taken may be taken later.

With make-up months, what was paid for and not taken at a settlement may be lifted from the next
node on, in nodes that begin less than so many months after the settlement, also after the
contract's end while what it covers is open; the oldest goes first. It comes on top of what is
reserved and counts for no take-or-pay. Like all that is lifted it keeps the most a month and,
within the contract's life, its ramp, and bears the rebate. It is paid for as it is lifted, tariff
included, and credited at the settlement of its period (after the end: at once) at the price of
what is forgone then. So nothing more is paid for it than its tariff and what the price has changed
by within the period; what it has changed by since the first payment neither side pays.

Which of the tonnes lifted are made up the buyer says: he may take what he has paid for before what
the period owes, which is then paid for in its stead and may be made up later. What is paid for and
not taken is at most the firm share, after force majeure, of what is reserved and not lifted:
nothing is left to pay for where all is lifted. Where less than all is firm, or force majeure took
some, a plan may so pay for more than it owes, to take it later. A contract may forbid both; a
linear program cannot, and the page of contracts says where the base case does either.

What was paid for before the plan was so at the last settlement before its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Contract, MakeUp, Window
from kido.data.case.settlements import months_before
from kido.data.case.tree import Tree

Indices = NDArray[np.intp]


def make_up_of(
    r: Any,
    tree: Tree,
    life: Array,
    settlements: Sequence[Window],
    share: tuple[Array, Array],
    scale: float,
) -> MakeUp | None:
    """What may be made up of a row of Contracts; None where nothing may.

    `life` is months of its life in each node, `share` that of `paid_share`, `scale` t in its unit.
    """
    if not (r.make_up_months and settlements):
        return None
    starts, ends = tree.spans
    settled = np.zeros(len(starts), dtype=bool)
    settled[[w.node for w in settlements]] = True
    later, earlier = tree.pairs
    lasts = settled[earlier] & (earlier != later)
    lasts &= ends[later] - ends[earlier] < r.make_up_months
    opening, paid_before = made_up_of_before(r, tree, life, scale)
    payments: dict[int, list[int]] = {int(n): [] for n in np.flatnonzero(paid_before)}
    for n, payment in zip(later[lasts].tolist(), earlier[lasts].tolist(), strict=True):
        payments.setdefault(n, []).append(payment)
    left = settled.copy()
    left[list(payments)] = True
    here = np.where(tree.previous >= 0, left[tree.previous], opening > 0)
    return MakeUp(
        here=here,
        after=here & (life <= 0),
        unexpired=tuple(Window(n, tuple(sorted(payments[n]))) for n in sorted(payments)),
        opening=opening,
        paid_before=paid_before,
        share=share[0],
        share_before=share[1],
    )


def made_up_of_before(r: Any, tree: Tree, life: Array, scale: float) -> tuple[Array, Array]:
    """(t paid for before the plan at a root, t of it that may be lifted after each node).

    0 where the contract was not settled before the plan, or does not live as it begins.
    """
    starts, ends = tree.spans
    paid = r.paid_before * scale if was_settled(r, tree.start) and life[0] > 0 else 0.0
    settled = tree.start - months_before(r, tree.start)

    def left(month: Array) -> Array:
        return np.where(month - settled < r.make_up_months, paid, 0.0)

    return np.where(tree.previous < 0, left(starts), 0.0), left(ends)


def was_settled(r: Any, start: int) -> bool:
    """Whether a contract was settled before the plan: it is older than the period under way."""
    return r.start is None or r.start < start - months_before(r, start)


def credited(contract: Contract) -> tuple[Indices, Indices]:
    """(node credited in, node made up in) of all that may be made up: at the settlements of its
    period, after the end of the contract in its own node."""
    made_up = contract.make_up
    assert made_up is not None
    pairs = [(w.node, n) for w in contract.settlements for n in w.members if made_up.here[n]]
    pairs += [(n, n) for n in np.flatnonzero(made_up.after).tolist()]
    counted, decided = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return counted, decided


def paid_share(
    r: Any,
    settlements: Sequence[Window],
    firm: Array,
    quantity: Array,
    signed: Array,
    lifted: Array,
) -> tuple[Array, Array]:
    """(share of what is reserved and not lifted that is paid for at most, t of before the plan).

    At each settlement. `firm` are years of life in each node less force majeure, `quantity` years
    of what may be lifted; `signed` and `lifted` are t before the plan, see `before_plan`.
    """
    share, before = np.zeros(len(firm)), np.zeros(len(firm))
    for window in settlements:
        n, members = window.node, list(window.members)
        years = quantity[members].sum()
        share[n] = r.take_or_pay * firm[members].sum() / years if years > 0 else 0.0
        before[n] = r.take_or_pay * max(0.0, signed[n] - lifted[n])
    return share, before
