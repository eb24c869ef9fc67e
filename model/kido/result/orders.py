"""Orders: purchases, contracts, capacity and thrift to be decided, by month, with their prices."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.decisions import capacity_ordered, contracts_signed, segments_asked
from kido.result.futures import reference
from kido.result.order import Order, lots
from kido.result.order_status import has_orders
from kido.result.plan import SolvedPlan
from kido.result.purchases import Purchase, purchases_of
from kido.result.timeline import Timeline, TimeTable, period_text
from kido.tolerances import ORDERED_T

AFTER_REVEAL = 3  # months of orders listed on the other branches


def orders(plan: SolvedPlan) -> Table:
    """The table of orders: the trunk to the end, other branches for their first months."""
    unit, factor = money_unit(plan)
    columns = (
        Column("branch", shape="word"), Column("act", shape="word"), Column("leaves"),
        Column("lands"), Column("commodity"), Column("counterparty", shape="word"),
        Column("origin"), Column("country"), Column("amount", shape="number"),
        Column("unit", shape="unit"), *((Column("lots", shape="tonnes"),) if lots(plan) else ()),
        Column("price", "USD/kg", "price"), Column("cash", unit, "money"),
        Column("worth_up_to", "USD/kg", "price"), Column("holds", shape="word"),
        *((Column("order_status", shape="word"),) if has_orders(plan) else ()),
        Column("grade", shape="word"), Column("quarter", shape="period", group="more"),
        Column("destination", group="more"), Column("freight", "USD/kg", "price", group="more"),
        Column("row", group="more"), Column("start", shape="hidden"),
    )  # fmt: skip
    tree = plan.case.tree
    main_nodes = [n for n in plan.reference_path.path if tree.nodes[n].reported]
    lines = []
    for nodes in [main_nodes, *_reveals(plan)]:
        rows = [order for n in nodes for order in _orders_at(plan, n)]
        cells = [order.cells(plan, factor) for order in rows]
        lines += sorted(cells, key=lambda x: (x["start"], -x["cash"]))
    keys = [c.key for c in columns]
    frame = pd.DataFrame([[line[key] for key in keys] for line in lines], columns=keys)
    words = {"months": AFTER_REVEAL, "branch": reference(plan)}
    return Table("orders", columns, frame, words=words)


def _reveals(plan: SolvedPlan) -> Iterator[list[int]]:
    """The nodes of the first AFTER_REVEAL months of every branch off the trunk."""
    tree = plan.case.tree
    on_main = {tree.nodes[n].branch for n in plan.reference_path.path}
    for number, branch in enumerate(tree.branches):
        if number not in on_main:
            yield [
                m.index
                for m in tree.of_branch[number]
                if m.reported and m.start < branch.known + AFTER_REVEAL
            ]


def _orders_at(plan: SolvedPlan, n: int) -> Iterator[Order]:
    for purchase in purchases_of(plan):
        tonnes = float(purchase.tonnes[n])
        if tonnes <= ORDERED_T:
            continue
        price, freight = float(purchase.price[n]), float(purchase.freight[n])
        of_route = purchase.row in plan.case.routes
        row = ("Routes" if of_route else "Supply", purchase.row)
        yield Order(
            n, "buy", _lands(plan, purchase, n), purchase.commodity, purchase.origin,
            purchase.destination, tonnes, plan.unit_of[purchase.commodity],
            purchase.counterparty, price, tonnes * (price + freight),
            float(purchase.reservation_price[n]), purchase.row,
            ("Contracts", purchase.contract) if purchase.contract else row, freight,
            bool(purchase.worth_of_loss[n]), lots(plan).get(purchase.row, math.nan),
        )  # fmt: skip
    yield from contracts_signed(plan, n)
    yield from capacity_ordered(plan, n)
    yield from segments_asked(plan, n)


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
        is_worth = is_bought & ~purchase.worth_of_loss
        reservation_price = np.where(is_worth, purchase.reservation_price, np.nan)
        table.add((*labels_of, "worth up to"), "USD/kg", reservation_price, "mean")
    return table.table(branch=reference(plan))
