"""Do now: the decisions of the first month, and what segments are to be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from kido.data.figure import above
from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.input_sensitivity import doubt
from kido.result.order import SHORT
from kido.result.plan import SolvedPlan
from kido.tolerances import NEAR_SHARE

LINES = 10  # on the board
ASKED_AHEAD = 12  # months: what a segment is to be asked for by then is to be asked for now
KEYS = ("act", "commodity", "counterparty", "origin", "country", "unit")


def do_now(plan: SolvedPlan, orders: pd.DataFrame) -> Table:
    """The table of what is to be done now, one line for each supplier and good, by cash.

    What is bought, signed and ordered in the first node, which all futures share; and of each
    segment the first thrift it is asked for in the next ASKED_AHEAD months.
    """
    start = plan.case.tree.start
    branch = plan.case.tree.branch_of(int(plan.reference_path.path[0])).name
    near = orders[(orders["branch"] == branch) & (orders["amount"] > 0)]
    asked = near[(near["act"] == "ask") & (near["start"] < start + ASKED_AHEAD)]
    asked = asked.drop_duplicates(["row"])  # its first month
    now = near[(near["act"] != "ask") & (near["start"] == start)]
    unit = money_unit(plan)[0]
    columns = (
        Column("act", shape="word"), Column("commodity"), Column("counterparty", shape="word"),
        Column("origin"), Column("country"), Column("unit", shape="unit"),
        Column("amount", shape="number"), Column("lots", shape="tonnes"), Column("by_when"),
        Column("price", "USD/kg", "price"), Column("cash", unit, "money"),
        Column("worth_up_to", "USD/kg", "price"), Column("holds", shape="word"),
        Column("needed", shape="word"), Column("grade", shape="word"),
    )  # fmt: skip
    groups = pd.concat([now, asked]).groupby(list(KEYS), sort=False)
    lines = [_line(plan, dict(zip(KEYS, key, strict=True)), group) for key, group in groups]
    lines.sort(key=lambda line: -line["cash"])
    keys = [c.key for c in columns]
    frame = pd.DataFrame([[line[key] for key in keys] for line in lines], columns=keys)
    return Table("do_now", columns, frame)


def _line(plan: SolvedPlan, keys: dict[str, Any], group: pd.DataFrame) -> dict[str, Any]:
    amount, of_loss = group["amount"], group["holds"] == SHORT
    short = of_loss.any() and not above(float(amount[~of_loss].sum()), float(amount[of_loss].sum()))
    return {
        **keys,
        "amount": float(amount.sum()),
        "lots": float(group["lots"].sum(skipna=False)) if "lots" in group else np.nan,
        "by_when": group["leaves"].min()[:7],
        "price": _mean(group["price"], amount),
        "cash": float(group["cash"].sum()),
        "worth_up_to": np.nan if short else _mean(group["worth_up_to"], amount),
        "holds": SHORT if short else "",
        "needed": _needed(plan, keys["act"], keys["counterparty"], group["row"]),
        "grade": max(group["grade"], key=doubt),
    }


def _mean(values: pd.Series, weights: pd.Series) -> float:
    is_number = values.notna()
    total = float(weights[is_number].sum())
    return float((values[is_number] * weights[is_number]).sum()) / total if total > 0 else np.nan


def _needed(plan: SolvedPlan, act: str, counterparty: str, rows: Iterable[str]) -> str:
    """`signed`: owed already. `required`: proved to be in every plan of nearly the least cost."""
    contract = plan.case.contracts.get(counterparty)
    if act == "buy" and contract is not None and contract.least * contract.take_or_pay > 0:
        return "signed"
    allowed = NEAR_SHARE * abs(plan.solution.objective)
    gap = max(0.0, plan.solution.statistics.audit.gap)
    return "required" if least_loss(plan, act, counterparty, rows) > allowed + gap else ""


def least_loss(plan: SolvedPlan, act: str, counterparty: str, rows: Iterable[str]) -> float:
    """kUSD, at least, that a plan without these orders of the first node costs above the bound.

    By weak duality: with the duals of the plan, a column that is held at 0 instead of its upper
    limit adds its reduced cost times that limit to the lower bound on the cost, and the plan uses
    no more than the limit. 0 proves nothing: another plan may do without at no cost, or not.
    """
    first = int(plan.reference_path.path[0])
    return sum(
        max(0.0, -plan.solution.reduced.get(variable, {}).get((*key, first), 0.0))
        * float(plan.of(variable, *key)[first])
        for row in rows
        for variable, key in _columns(plan, act, counterparty, row)
    )


def _columns(
    plan: SolvedPlan, act: str, counterparty: str, row: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The (variable, key) that are 0 in the first node where an order on a row is left out."""
    if act in ("sign", "build"):
        yield ("reserve" if act == "sign" else "expand"), (row,)
    elif act == "buy" and counterparty in plan.case.contracts:
        yield "lift", (counterparty, row)
    elif act == "buy" and not any(lifted == row for _, lifted in plan.values["lift"]):
        yield ("ship" if row in plan.case.routes else "buy"), (row,)
