"""Orders: purchases, contracts and capacity to be decided, by month, with their prices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kido.data.months import fiscal_quarter, month_text
from kido.report.table import Column, Table
from kido.result.plan import ScenarioPath, SolvedPlan, once
from kido.result.purchases import Purchase, purchases_of
from kido.result.timeline import Timeline, TimeTable, period_text
from kido.tolerances import ORDERED_T

AFTER_REVEAL = 3  # months of orders listed on the other branches
COLUMNS = (
    Column("branch", shape="word"),
    Column("act", shape="word"),
    Column("leaves"),
    Column("quarter", shape="period"),
    Column("lands"),
    Column("commodity"),
    Column("origin"),
    Column("country"),
    Column("destination"),
    Column("amount", shape="number"),
    Column("unit", shape="unit"),
    Column("counterparty", shape="word"),
    Column("price", "USD/kg", "price"),
    Column("freight", "USD/kg", "price"),
    Column("worth_up_to", "USD/kg", "price"),
    Column("row"),
    Column("start", shape="hidden"),
)


def orders(plan: SolvedPlan) -> Table:
    """The table of orders: the trunk to the end, other branches for their first months."""
    tree = plan.case.tree
    purchases = purchases_of(plan)
    lines: list[tuple[Any, ...]] = []
    main_nodes = [n for n in plan.reference_path.path if tree.nodes[n].reported]
    for history, nodes in [(plan.reference_path, main_nodes), *_reveals(plan)]:
        rows = [x for n in nodes for x in _orders_at(plan, purchases, history, n)]
        rows += [x for n in nodes for x in _decisions_at(plan, n)]
        lines += sorted(rows, key=lambda x: (x[-1], -x[9] * np.nan_to_num(x[12])))
    keys = [c.key for c in COLUMNS]
    frame = pd.DataFrame(lines, columns=keys)
    return Table(
        "orders",
        COLUMNS,
        frame,
        words={"months": AFTER_REVEAL, "branch": plan.reference_path.name},
    )


def _reveals(plan: SolvedPlan) -> Iterator[tuple[ScenarioPath, list[int]]]:
    """(history, its nodes) of the first AFTER_REVEAL months of every branch off the trunk."""
    tree = plan.case.tree
    on_main = {tree.nodes[n].branch for n in plan.reference_path.path}
    likeliest: dict[int, ScenarioPath] = {}
    for history in sorted(plan.histories, key=lambda h: -h.probability):
        for n in history.path.tolist():
            likeliest.setdefault(n, history)
    for number, branch in enumerate(tree.branches):
        first = [
            m.index
            for m in tree.of_branch[number]
            if m.reported and m.start < branch.known + AFTER_REVEAL
        ]
        if number not in on_main and first:
            yield likeliest[first[0]], first


def _orders_at(
    plan: SolvedPlan, purchases: tuple[Purchase, ...], history: ScenarioPath, n: int
) -> Iterator[tuple[Any, ...]]:
    tree = plan.case.tree
    m = tree.nodes[n]
    for purchase in purchases:
        if purchase.tonnes[n] <= ORDERED_T:
            continue
        yield (
            tree.branch_of(n).name, "buy", period_text(m.start, m.months),
            fiscal_quarter(m.start, plan.case.settings.fiscal_start),
            _lands(plan, purchase, n), purchase.commodity, purchase.origin, purchase.country,
            purchase.destination, purchase.tonnes[n], plan.unit_of[purchase.commodity],
            purchase.counterparty, purchase.price[n], purchase.freight[n],
            purchase.reservation_price[n], purchase.row, m.start,
        )  # fmt: skip


def _lands(plan: SolvedPlan, purchase: Purchase, n: int) -> str:
    """The first and the last month in which a purchase that leaves in a node arrives."""
    m = plan.case.tree.nodes[n]
    if purchase.lead is None:
        return period_text(m.start, m.months)
    first = m.start + math.floor(purchase.lead[n])
    last = m.end - 1 + math.ceil(purchase.lead[n])
    if first >= plan.case.tree.end:
        return "after the end"
    return period_text(first, last + 1 - first)


def _decisions_at(plan: SolvedPlan, n: int) -> Iterator[tuple[Any, ...]]:
    """Rows for contracts signed beyond their least, if used, and for capacity ordered."""
    case = plan.case
    m = case.tree.nodes[n]
    common = (
        period_text(m.start, m.months), fiscal_quarter(m.start, case.settings.fiscal_start),
    )  # fmt: skip
    branch = case.tree.branch_of(n).name
    for (name,), reserved in plan.values["reserve"].items():
        contract = case.contracts[name]
        if reserved[n] <= contract.least + ORDERED_T:
            continue
        price, reservation_price = contract_prices(plan, name, n)
        if np.isnan(price):
            continue
        lanes = [case.routes.get(row) or case.supply[row] for _, row in contract.covers]
        first = lanes[0]
        site = getattr(first, "origin", "") or getattr(first, "site", "")
        life = [case.tree.nodes[k].start for k, at in contract.signed.items() if at == n]
        yield (
            branch, "sign", *common, month_text(min(life)), first.commodity, site,
            case.country.get(site, ""), getattr(first, "destination", site), reserved[n],
            f"{plan.unit_of[first.commodity]}/yr", name, price, np.nan, reservation_price, name,
            m.start,
        )  # fmt: skip
    for (name,), ordered in plan.values["expand"].items():
        if ordered[n] <= ORDERED_T:
            continue
        line = case.facilities[name]
        cost, reservation_price = capacity_prices(plan, name, n)
        yield (
            branch, "build", *common, month_text(_months_ready(plan)[name][n]), name, line.site,
            case.country.get(line.site, ""), line.site, ordered[n], "t/yr", line.site, cost,
            np.nan, reservation_price, name, m.start,
        )  # fmt: skip


@once
def _months_ready(plan: SolvedPlan) -> dict[str, dict[int, int]]:
    """The month in which capacity ordered in each node is ready, by facility."""
    ready: dict[str, dict[int, int]] = {}
    for (name,) in plan.values["expand"]:
        months = ready[name] = {}
        for node, parts in zip(plan.case.tree.nodes, plan.case.facilities[name].ready, strict=True):
            for at, _ in parts:
                months[at] = min(node.start, months.get(at, node.start))
    return ready


def contract_prices(plan: SolvedPlan, name: str, n: int) -> tuple[float, float]:
    """(price, reservation price), USD/kg, of what is lifted under a reservation made in node n."""
    case = plan.case
    contract = case.contracts[name]
    indices = np.array([k for k, at in contract.signed.items() if at == n], dtype=np.intp)
    tonnes = price = reservation_price = 0.0
    for kind, row in contract.covers:
        weights = plan.of("lift", name, row)[indices] * np.nan_to_num(plan.worth.money[indices])
        if not weights.any():
            continue
        if kind == "ship":
            worth = plan.worth.sent(case.routes[row]) - plan.rate("freight", "ship", row)
        else:
            worth = plan.worth.tonne(*case.supply[row].pair)
        price_paid = plan.rate("purchase", kind, row) + plan.rate("purchase", "lift", name, row)
        tonnes += weights.sum()
        price += float(weights @ price_paid[indices])
        reservation_price += float(weights @ np.nan_to_num(worth[indices]))
    return (price / tonnes, reservation_price / tonnes) if tonnes else (np.nan, np.nan)


def capacity_prices(plan: SolvedPlan, name: str, n: int) -> tuple[float, float]:
    """(cost, break-even cost) of capacity ordered in node n, USD per kg/yr.

    Value and cost both count only up to the end of the horizon: the value is compared with the
    part of the cost that falls into it.
    """
    cost = plan.case.facilities[name].expansion_cost
    money = plan.worth.money
    discounted_cost = 0.0
    for term in plan.case.cost_terms:
        if term.variable == "expand" and term.key == (name,):
            at = term.decided_in == n
            discounted_cost += float(term.rate[at] @ np.nan_to_num(money[term.counted_in[at]]))
    discounted_cost /= money[n]
    worth = plan.worth.order(name)[n]
    return cost, cost * worth / discounted_cost if discounted_cost > 0 else np.nan


def order_book(plan: SolvedPlan) -> Table:
    """The table of purchases on the trunk over time: tonnes and prices by lane and contract."""
    labels = (
        Column("commodity"), Column("country"), Column("row"),
        Column("counterparty", shape="word"), Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("order_book", labels, Timeline.of(plan, plan.reference_path))
    place = {c: i for i, c in enumerate(plan.kind_of)}
    purchases = sorted(purchases_of(plan), key=lambda d: (place[d.commodity], d.country, d.row))
    for purchase in purchases:
        if (purchase.tonnes[table.timeline.nodes] <= ORDERED_T).all():
            continue
        labels_of = (purchase.commodity, purchase.country, purchase.row, purchase.counterparty)
        is_bought = purchase.tonnes > ORDERED_T
        table.add((*labels_of, "leaves"), plan.unit_of[purchase.commodity], purchase.tonnes)
        paid = np.where(is_bought, purchase.price, np.nan)
        table.add((*labels_of, "price paid"), "USD/kg", paid, "mean")
        reservation_price = np.where(is_bought, purchase.reservation_price, np.nan)
        table.add((*labels_of, "worth up to"), "USD/kg", reservation_price, "mean")
    return table.table(branch=plan.reference_path.name)
