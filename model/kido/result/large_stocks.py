"""Large stocks of the reference path, and the scenario that would use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kido.data.case.case import Array
from kido.data.months import month_text
from kido.report.labels import Labels
from kido.result.plan import SolvedPlan
from kido.result.stocks import cover_targets, levels_of, months_covered
from kido.tolerances import ORDERED_T

LARGE = 3.0  # months of cover from which a stock is told of
WITHIN = 12  # months after it is largest in which a scenario may become known
WINDOW = 6  # months before that, and months in which it is then used
MOST = 4


@dataclass(frozen=True)
class LargeStock:
    """The largest stock of an element, t and months of cover at the end of month `month`.

    `scenario` draws most within WINDOW months of parting: `used` t, and `kept_on` in those months
    if it does not come; '' where none that parts around that month draws more than that.
    """

    commodity: str
    month: int
    tonnes: float
    cover: float
    scenario: str = ""
    used: float = 0.0
    kept_on: float = 0.0


def large_stocks(plan: SolvedPlan) -> list[LargeStock]:
    """The elements of which more is held than was there and than rules ask, the longest first."""
    found = [stock for element in plan.elements for stock in _of_element(plan, element)]
    return sorted(found, key=lambda stock: -stock.cover)[:MOST]


def _of_element(plan: SolvedPlan, element: str) -> Iterator[LargeStock]:
    opening, level = levels_of(plan, element)
    path = plan.reference_path.path[plan.reported[plan.reference_path.path]]
    cover = months_covered(plan, element, level)
    peak = int(path[np.nanargmax(np.nan_to_num(cover[path], nan=-1.0))])
    node = plan.case.tree.nodes[peak]
    asked, since = cover_targets(plan).get(element, (0.0, None))
    required = asked if since is None or node.end > since else 0.0
    if not (cover[peak] > max(LARGE, required + 1.0) and level[peak] > opening + ORDERED_T):
        return
    known = (element, node.end - 1, float(level[peak]), float(cover[peak]))
    uses = [
        (use, kept_on, name)
        for first, name in _parting(plan, peak)
        for use, kept_on in [_used(plan, level, first)]
        if use > kept_on + ORDERED_T
    ]
    if uses:
        used, kept_on, name = max(uses)
        yield LargeStock(*known, name, used, kept_on)
    else:
        yield LargeStock(*known)


def _parting(plan: SolvedPlan, peak: int) -> Iterator[tuple[int, str]]:
    """(first node, name) of the scenarios that part from the reference path around a node."""
    tree, path = plan.case.tree, set(plan.reference_path.path.tolist())
    end = tree.nodes[peak].end

    def near(month: int) -> bool:
        return end - WINDOW <= month < end + WITHIN

    for n, node in enumerate(tree.nodes):
        if node.previous in path and n not in path and near(node.start):
            yield n, tree.branches[node.branch].name


def _used(plan: SolvedPlan, level: Array, first: int) -> tuple[float, float]:
    """t drawn of a stock within WINDOW months of a parting: on the branch, and on the path."""
    tree, path = plan.case.tree, plan.reference_path.path.tolist()
    start, before = tree.nodes[first].start, tree.nodes[first].previous
    branch = tree.nodes[first].branch
    own = [n for n, m in enumerate(tree.nodes) if m.branch == branch]

    def drawn(nodes: list[int]) -> float:
        near = [n for n in nodes if start <= tree.nodes[n].start < start + WINDOW]
        return max(0.0, float(level[before] - min(level[n] for n in near)))

    return drawn(own), drawn(path)


def told(stocks: list[LargeStock], plan: SolvedPlan, labels: Labels) -> str:
    """The sentences on them, in a language."""
    return " ".join(_sentence(stock, plan, labels) for stock in stocks)


def _sentence(stock: LargeStock, plan: SolvedPlan, labels: Labels) -> str:
    words: dict[str, object] = {
        "commodity": stock.commodity, "month": month_text(stock.month),
        "tonnes": _amount(stock.tonnes), "cover": f"{stock.cover:.1f}",
        "unit": plan.unit_of[stock.commodity],
    }  # fmt: skip
    if not stock.scenario:
        return labels["stock.large"].format(**words)
    words |= {"scenario": labels.word(stock.scenario), "window": WINDOW,
              "used": _amount(stock.used), "kept_on": _amount(stock.kept_on)}  # fmt: skip
    return labels["stock.large_for"].format(**words)


def _amount(tonnes: float) -> str:
    return f"{tonnes:,.0f}" if tonnes >= 100 else f"{tonnes:.3g}"
