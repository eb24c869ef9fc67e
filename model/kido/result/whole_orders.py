"""The table of whole orders: what plants of whole sizes, and full lots, cost more than the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.data.months import month_text
from kido.report.labels import Labels
from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.plan import SolvedPlan
from kido.solver.whole_orders import WholeSize

SHOWN = 3  # plants in the line
NONE, SIZE, LOTS, EVERY_LOT = "build none", "build a whole size", "whole lots", "all whole lots"


def whole_orders(plan: SolvedPlan) -> Table:
    """What each whole size costs more than the plan, each shipment in lots, and all of them."""
    unit, factor = money_unit(plan)
    nodes, whole = plan.case.tree.nodes, plan.whole_orders
    rows: list[tuple[object, ...]] = [
        (s.facility, month_text(nodes[s.node].start), s.planned, SIZE if s.size else NONE,
         s.size, "t/yr", *_money(s.cost, factor))
        for s in whole.sizes
    ]  # fmt: skip
    rows += [
        (s.route, month_text(nodes[s.node].start), s.planned, LOTS, s.rounded, "t", np.nan, "")
        for s in whole.shipments
    ]
    if whole.shipments:
        planned, rounded = (
            sum(getattr(s, name) for s in whole.shipments) for name in ("planned", "rounded")
        )
        rows.append(("", "", planned, EVERY_LOT, rounded, "t", *_money(whole.lots_cost, factor)))
    columns = (
        Column("row"), Column("month"), Column("planned", shape="number"),
        Column("instead", shape="word"), Column("instead_amount", shape="number"),
        Column("unit", shape="unit"), Column("costs_more", unit, "money"),
        Column("remark", shape="word"),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[c.key for c in columns])
    return Table("whole_orders", columns, frame)


def _money(kusd: float | None, factor: float) -> tuple[float, str]:
    """An amount in the display currency, and a word where there is no such plan."""
    return (np.nan, "no such plan") if kusd is None else (kusd * factor, "")


def _cost(size: WholeSize) -> float:
    return np.inf if size.cost is None else size.cost


def in_short(plan: SolvedPlan, labels: Labels) -> str:
    """One line of whole sizes and lots, in a language; "" where there are none.

    Of plants those whose order could be whole or none at the least cost.
    """
    unit, factor = money_unit(plan)
    whole, parts = plan.whole_orders, []

    def more(kusd: float | None) -> str:
        return labels.word("no such plan") if kusd is None else f"+{kusd * factor:.3g}"

    plants: dict[str, list[WholeSize]] = {}
    for size in whole.sizes:
        plants.setdefault(size.facility, []).append(size)
    closest = sorted(plants, key=lambda name: min(_cost(s) for s in plants[name]))
    for name in closest[:SHOWN]:
        sizes = plants[name]
        each = ", ".join(f"{s.size:,.0f} {more(s.cost)}" for s in sizes)
        parts.append(f"{name} ({sizes[0].planned:,.0f} {labels.unit('t/yr')}): {each}")
    if len(plants) > SHOWN:
        parts.append(f"+{len(plants) - SHOWN}")
    if whole.shipments:
        parts.append(f"{labels.word(EVERY_LOT)}: {more(whole.lots_cost)}")
    if not parts:
        return ""
    heading = labels["board.whole_orders"].format(unit=labels.unit(unit))
    return f"{heading} {'; '.join(parts)}"
