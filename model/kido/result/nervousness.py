"""How much of the near orders a plan changes, and what the limit on it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kido.report.labels import Labels
from kido.result.currency import money_unit
from kido.result.plan import SolvedPlan

SHOWN = 3  # commodities in the line


@dataclass(frozen=True)
class OrderChange:
    """Of the near orders of a commodity, t: listed before, and changed either way.

    `percent_saves`: kUSD that the least cost would be lower, were one percent more allowed.
    """

    commodity: str
    before: float
    moved: float
    percent_saves: float

    @property
    def share(self) -> float:
        """Changed / listed; NaN where nothing was listed and something is ordered."""
        if self.before > 0:
            return self.moved / self.before
        return float("nan") if self.moved else 0.0


def order_changes(plan: SolvedPlan) -> Iterator[OrderChange]:
    """The change of each commodity of which near orders are listed."""
    for near in plan.case.near_orders:
        moved = sum(
            float(np.abs(plan.of(*key) - ordered)[near.near].sum())
            for key, ordered in near.ordered.items()
        )
        dual = float(plan.worth.of_rows("nervousness", near.commodity)[near.node])
        yield OrderChange(near.commodity, near.total, moved, -dual * near.total / 100)


def in_short(plan: SolvedPlan, labels: Labels) -> str:
    """One line of what is changed, the limit and its price, in a language; "" without orders."""
    changes = sorted(order_changes(plan), key=lambda c: -c.moved)
    if not changes:
        return ""
    parts = [f"{c.commodity} {100 * c.share:.3g} %" for c in changes[:SHOWN]]
    if len(changes) > SHOWN:
        parts.append(f"+{len(changes) - SHOWN}")
    told = {"changes": labels["sweep.comma"].join(parts)}
    limit = plan.case.settings.nervousness
    if limit is None:
        return labels["board.changed"].format(**told)
    unit, factor = money_unit(plan)
    told |= {"limit": f"{limit:g}", "unit": labels.unit(unit),
             "price": f"{sum(c.percent_saves for c in changes) * factor:.3g}"}  # fmt: skip
    if plan.limit_cost is None:
        return labels["board.changed_most"].format(**told)
    return labels["board.changed_cost"].format(cost=f"{plan.limit_cost * factor:.3g}", **told)


def nervousness_facts(plan: SolvedPlan) -> dict[str, Any]:
    """The record of changes, t, of the limit in percent and of what it costs, kUSD."""
    return {
        "limit": plan.case.settings.nervousness,
        "cost": plan.limit_cost,
        "changes": [vars(change) for change in order_changes(plan)],
    }
