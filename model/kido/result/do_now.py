"""Do now: the decisions of the first month, and what segments are to be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from kido.data.case.likelihood import disruption_probability
from kido.data.figure import above
from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.input_sensitivity import doubt
from kido.result.order import SHORT
from kido.result.orders import orders
from kido.result.plan import SolvedPlan
from kido.solver.program import Name
from kido.tolerances import NEAR_SHARE

LINES = 10  # on the board
LEADING = 5  # of which it is asked whether they hang on disruptions
ASKED_AHEAD = 12  # months: what a segment is to be asked for by then is to be asked for now
KEYS = ("act", "commodity", "counterparty", "origin", "country", "unit")


def do_now(plan: SolvedPlan, listed: pd.DataFrame) -> Table:
    """The table of what is to be done now, one line for each supplier and good, by cash.

    What is bought, signed and ordered in the first node, which all futures share; and of each
    segment the first thrift it is asked for in the next ASKED_AHEAD months. `without` is what the
    least cost is higher without the line, where that was solved or is proved to be at least so.
    `placed_from` and `left_out_at` are probabilities of all disruptions together, as solved: at
    the first the plan of least cost places the line (0: without any), at the second it need not.
    """
    unit = money_unit(plan)[0]
    columns = (
        Column("act", shape="word"), Column("commodity"), Column("counterparty", shape="word"),
        Column("origin"), Column("country"), Column("unit", shape="unit"), Column("supplier"),
        Column("amount", shape="number"), Column("lots", shape="tonnes"), Column("by_when"),
        Column("lands"),
        Column("price", "USD/kg", "price"), Column("cash", unit, "money"),
        Column("worth_up_to", "USD/kg", "price"), Column("holds", shape="word"),
        Column("needed", shape="word"), Column("without", unit, "money"),
        Column("placed_from", shape="share"), Column("left_out_at", shape="share"),
        Column("grade", shape="word"),
    )  # fmt: skip
    lines = [_line(plan, key, group) for key, group in _groups(plan, listed).items()]
    keys = [c.key for c in columns]
    frame = pd.DataFrame([[line[key] for key in keys] for line in lines], columns=keys)
    return Table("do_now", columns, frame)


def _groups(plan: SolvedPlan, listed: pd.DataFrame) -> dict[tuple[str, ...], pd.DataFrame]:
    """The orders of each line by its KEYS, those of most cash first."""
    start = plan.case.tree.start
    branch = plan.case.tree.branch_of(int(plan.reference_path.path[0])).name
    near = listed[(listed["branch"] == branch) & (listed["amount"] > 0)]
    asked = near[(near["act"] == "ask") & (near["start"] < start + ASKED_AHEAD)]
    asked = asked.drop_duplicates(["row"])  # its first month
    now = near[(near["act"] != "ask") & (near["start"] == start)]
    groups = [
        (tuple(map(str, key)), group)
        for key, group in pd.concat([now, asked]).groupby(list(KEYS), sort=False)
    ]
    return dict(sorted(groups, key=lambda pair: -float(pair[1]["cash"].sum())))


def open_lines(plan: SolvedPlan) -> dict[tuple[str, ...], list[Name]]:
    """The columns of the lines of the board of which it is not known whether they are required.

    By the KEYS of the line; those that can be left out.
    """
    lines = {}
    for key, group in list(_groups(plan, orders(plan).frame).items())[:LINES]:
        act, _, counterparty, *_ = key
        columns = _columns_of(plan, act, counterparty, group["row"])
        if columns and not _needed(plan, key, group)[0]:
            lines[key] = columns
    return lines


def leading_lines(plan: SolvedPlan) -> dict[tuple[str, ...], list[Name]]:
    """The columns of the lines of most cash that can be left out, which the plan costs less with.

    At most LEADING of them, by the KEYS of the line.
    """
    lines: dict[tuple[str, ...], list[Name]] = {}
    least = 2 * plan.solution.statistics.audit.allowed
    for key, group in list(_groups(plan, orders(plan).frame).items())[:LINES]:
        columns = _columns_of(plan, key[0], key[2], group["row"])
        word, without = _needed(plan, key, group)
        if columns and word != "signed" and without > least and len(lines) < LEADING:
            lines[key] = columns
    return lines


def _line(plan: SolvedPlan, key: tuple[str, ...], group: pd.DataFrame) -> dict[str, Any]:
    amount, of_loss = group["amount"], group["holds"] == SHORT
    short = of_loss.any() and not above(float(amount[~of_loss].sum()), float(amount[of_loss].sum()))
    needed, without = _needed(plan, key, group)
    return {
        **dict(zip(KEYS, key, strict=True)),
        "supplier": _supplier(plan, key, group),
        "amount": float(amount.sum()),
        "lots": float(group["lots"].sum(skipna=False)) if "lots" in group else np.nan,
        "by_when": group["leaves"].min()[:7],
        "lands": group["lands"].min()[:7],
        "price": _mean(group["price"], amount),
        "cash": float(group["cash"].sum()),
        "worth_up_to": np.nan if short else _mean(group["worth_up_to"], amount),
        "holds": SHORT if short else "",
        "needed": needed,
        "without": without * money_unit(plan)[1],
        **_likelihood(plan, key),
        "grade": max(group["grade"], key=doubt),
    }


def _supplier(plan: SolvedPlan, key: tuple[str, ...], group: pd.DataFrame) -> str:
    """Whom a line buys from on the spot: the one offer of a site, else the origin."""
    rows = set(group["row"])
    (row, *others) = rows
    return row if not others and row in plan.case.supply else key[KEYS.index("origin")]


def _likelihood(plan: SolvedPlan, key: tuple[str, ...]) -> dict[str, float]:
    """The probabilities of disruptions at which the line is placed and left out; NaN: unknown."""
    likelihood, chance = plan.likelihoods.get(key), disruption_probability(plan.tables)
    if likelihood is None:
        return {"placed_from": np.nan, "left_out_at": np.nan}
    left_out = np.nan if likelihood.left_out is None else likelihood.left_out
    return {"placed_from": likelihood.placed * chance, "left_out_at": left_out * chance}


def _mean(values: pd.Series, weights: pd.Series) -> float:
    is_number = values.notna()
    total = float(weights[is_number].sum())
    return float((values[is_number] * weights[is_number]).sum()) / total if total > 0 else np.nan


def _needed(plan: SolvedPlan, key: tuple[str, ...], group: pd.DataFrame) -> tuple[str, float]:
    """(word, kUSD that the plan costs more without the line, NaN where it is not known).

    `signed`: owed already, or confirmed; `approved`: all of it is. `required`: in every plan of
    nearly the least cost, as solved without it or by the proof of `least_loss`, which then says
    at least how much. `optional`: a plan of nearly the least cost does without.
    """
    act, _, counterparty, *_ = key
    if plan.kept is not None:
        return "", np.nan
    contract = plan.case.contracts.get(counterparty)
    if act == "buy" and contract is not None and contract.least * contract.take_or_pay > 0:
        return "signed", np.nan
    statuses = set(group["order_status"]) if "order_status" in group else {""}
    if statuses <= {"confirmed", "approved"}:
        return ("signed" if statuses == {"confirmed"} else "approved"), np.nan
    allowed = NEAR_SHARE * abs(plan.solution.objective)
    if key in plan.cost_without:
        loss = plan.cost_without[key]
        return ("required" if loss > allowed else "optional"), loss
    gap = max(0.0, plan.solution.statistics.audit.gap)
    proved = least_loss(plan, act, counterparty, group["row"]) - gap
    return ("required", proved) if proved > allowed else ("", np.nan)


def least_loss(plan: SolvedPlan, act: str, counterparty: str, rows: Iterable[str]) -> float:
    """kUSD, at least, that a plan without these orders of the first node costs above the bound.

    By weak duality: with the duals of the plan, a column that is held at 0 instead of its upper
    limit adds its reduced cost times that limit to the lower bound on the cost, and the plan uses
    no more than the limit. 0 proves nothing: another plan may do without at no cost, or not.
    """
    first = int(plan.reference_path.path[0])
    return sum(
        max(0.0, -plan.solution.reduced.get(variable, {}).get(key, 0.0))
        * float(plan.of(variable, *key[:-1])[first])
        for variable, key in _columns_of(plan, act, counterparty, rows)
    )


def _columns_of(plan: SolvedPlan, act: str, counterparty: str, rows: Iterable[str]) -> list[Name]:
    """The columns that are 0 in the first node where the orders on these rows are left out."""
    first = int(plan.reference_path.path[0])
    return [
        (variable, (*key, first))
        for row in rows
        for variable, key in _columns(plan, act, counterparty, row)
    ]


def _columns(
    plan: SolvedPlan, act: str, counterparty: str, row: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The (variable, key without its node) of an order on a row."""
    if act in ("sign", "build"):
        yield ("reserve" if act == "sign" else "expand"), (row,)
    elif act == "buy" and counterparty in plan.case.contracts:
        yield "lift", (counterparty, row)
    elif act == "buy" and not any(lifted == row for _, lifted in plan.values["lift"]):
        yield ("ship" if row in plan.case.routes else "buy"), (row,)
