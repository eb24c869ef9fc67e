"""The table of a kept plan: what an earlier plan costs now, what a new one does, and each order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kido.data.months import month_text
from kido.report.labels import Labels
from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.plan import SolvedPlan
from kido.solver.kept_orders import KeptOrder, KeptPlan
from kido.tolerances import ORDERED_T

ACTS = {"buy": "buy", "ship": "buy", "reserve": "sign", "expand": "build"}
CUT, RAISED, GONE = "cut to what is left", "raised to the least", "no longer in the book"
COLUMNS = (
    "what", "row", "month", "branch", "planned_then", "held", "free", "unit", "saves", "alone",
    "remark",
)  # fmt: skip


def kept_plan(plan: SolvedPlan) -> Table:
    """The table of costs, and of the orders that are held, those first that cost most to keep."""
    unit, factor = money_unit(plan)
    columns = (
        Column("what", shape="word"), Column("row"), Column("month"),
        Column("branch", shape="word"), Column("planned_then", shape="number"),
        Column("held", shape="number"), Column("free", shape="number"),
        Column("unit", shape="unit"), Column("saves", unit, "money"),
        Column("alone", unit, "money"), Column("remark", shape="word"),
    )  # fmt: skip
    kept, lines = plan.kept, []
    if kept is not None:
        lines = [*_costs(kept, factor), *_orders(plan, kept, factor)]
    frame = pd.DataFrame([{**_BLANK, **line} for line in lines], columns=list(COLUMNS))
    return Table("kept_plan", columns, frame)


NUMBERS = ("planned_then", "held", "free", "saves", "alone")
_BLANK: dict[str, Any] = {**dict.fromkeys(COLUMNS, ""), **dict.fromkeys(NUMBERS, np.nan)}


def _costs(kept: KeptPlan, factor: float) -> list[dict[str, Any]]:
    costs = {
        "cost of the kept plan": kept.cost,
        "cost of a new plan": kept.free_cost,
        "regret": kept.regret,
    }
    return [
        {"what": what, "saves": np.nan if kusd is None else kusd * factor}
        for what, kusd in costs.items()
    ]


def _orders(plan: SolvedPlan, kept: KeptPlan, factor: float) -> list[dict[str, Any]]:
    told = [o for o in kept.orders if max(o.planned, o.held, np.nan_to_num(o.free)) > ORDERED_T]
    told.sort(key=lambda o: (o.saves is None, -(o.saves or 0.0), -(o.alone or 0.0), o.node))
    lines = [_line(plan, order, factor) for order in told]
    released = sum(order.saves is not None for order in told)
    if kept.rest:
        saved = np.nan if kept.rest_saves is None else kept.rest_saves * factor
        lines.insert(released, {"what": "the other changes together", "saves": saved})
    lines += [{"what": ACTS[v], "row": row, "remark": GONE} for v, row in kept.gone]
    return lines


def _line(plan: SolvedPlan, order: KeptOrder, factor: float) -> dict[str, Any]:
    node = plan.case.tree.nodes[order.node]
    rate = order.variable in ("reserve", "expand")
    remark = CUT if order.held < order.planned - ORDERED_T else ""
    if order.held > order.planned + ORDERED_T:
        remark = RAISED
    return {
        "what": ACTS[order.variable], "row": order.row, "month": month_text(node.start),
        "branch": plan.case.tree.branch_of(order.node).name, "planned_then": order.planned,
        "held": order.held, "free": order.free, "unit": "t/yr" if rate else "t",
        "saves": np.nan if order.saves is None else order.saves * factor,
        "alone": np.nan if order.alone is None else order.alone * factor, "remark": remark,
    }  # fmt: skip


def in_short(plan: SolvedPlan, labels: Labels) -> str:
    """One line of what the kept plan costs more than a new one; "" where none is kept."""
    kept = plan.kept
    if kept is None:
        return ""
    unit, factor = money_unit(plan)
    words = {"run": kept.decisions.folder, "unit": labels.unit(unit)}
    if kept.regret is None or kept.cost is None or kept.free_cost is None:
        return labels["board.kept_unknown"].format(**words)
    money = {"cost": kept.cost, "free": kept.free_cost, "regret": kept.regret}
    return labels["board.kept"].format(
        **words, **{name: f"{kusd * factor:,.6g}" for name, kusd in money.items()}
    )


def kept_facts(plan: SolvedPlan) -> dict[str, Any] | None:
    """The record of a kept plan: its run, its cost, that of a new plan, and the regret, kUSD."""
    kept = plan.kept
    if kept is None:
        return None
    return {
        "run": kept.decisions.folder, "objective_then": kept.decisions.objective,
        "cost": kept.cost, "free_cost": kept.free_cost, "regret": kept.regret,
    }  # fmt: skip
