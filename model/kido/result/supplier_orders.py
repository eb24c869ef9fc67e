"""Orders of the first twelve months by supplier and good, a column for each month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.currency import money_unit
from kido.result.futures import reference
from kido.result.order import lots
from kido.result.plan import SolvedPlan
from kido.result.purchases import Purchase, purchases_of
from kido.result.timeline import period_text
from kido.tolerances import ORDERED_T

AHEAD = 12  # months


def supplier_orders(plan: SolvedPlan) -> Table:
    """The table of t that leave in each node of the first months, on the reference path.

    A line for each supplier (a contract, an offer, or the site where title passes) and good, the
    suppliers of most cash first; then the cash of each node.
    """
    tree, (unit, factor) = plan.case.tree, money_unit(plan)
    path = [n for n in plan.reference_path.path if tree.nodes[n].reported]
    nodes = [n for n in path if tree.nodes[n].start < tree.start + AHEAD]
    periods = [period_text(tree.nodes[n].start, tree.nodes[n].months) for n in nodes]
    columns = (
        Column("supplier", shape="word"), Column("terms", shape="word"), Column("country"),
        Column("commodity"), Column("unit", shape="unit"),
        *(Column(p, shape="number", label=p) for p in periods),
        Column("total", shape="number"), *((Column("lot", shape="tonnes"),) if lots(plan) else ()),
        Column("price", "USD/kg", "price"), Column("cash", unit, "money"),
    )  # fmt: skip
    lines: dict[tuple[str, ...], tuple[Array, Array, float]] = {}
    for purchase in purchases_of(plan):
        tonnes = np.where(purchase.tonnes > ORDERED_T, purchase.tonnes, 0.0)[nodes]
        if tonnes.any():
            key = _key(purchase)
            kusd = tonnes * (purchase.price + purchase.freight)[nodes]
            before = lines.get(key, (0.0, 0.0, np.nan))
            lot = lots(plan).get(purchase.row, before[2])
            lines[key] = before[0] + tonnes, before[1] + kusd, lot
    of_supplier: dict[str, float] = {}
    for key, (_, kusd, _) in lines.items():
        of_supplier[key[0]] = of_supplier.get(key[0], 0.0) + float(kusd.sum())
    ordered = sorted(lines, key=lambda k: (-of_supplier[k[0]], k[0], -float(lines[k][1].sum())))
    rows = [_row(plan, key, periods, *lines[key], factor) for key in ordered]
    if rows:
        by_node = sum((kusd for _, kusd, _ in lines.values()), np.zeros(len(nodes))) * factor
        total = {"supplier": "all suppliers", "terms": "", "country": "", "commodity": ""}
        numbers = {**dict(zip(periods, by_node, strict=True)), "total": float(by_node.sum())}
        rows.append({**total, "unit": unit, **numbers, "cash": float(by_node.sum())})
    frame = pd.DataFrame(rows, columns=[c.key for c in columns])
    return Table("supplier_orders", columns, frame, words={"branch": reference(plan)})


def _key(purchase: Purchase) -> tuple[str, ...]:
    return purchase.supplier, purchase.terms, purchase.country, purchase.commodity


def _row(
    plan: SolvedPlan, key: tuple[str, ...], periods: list[str], tonnes: Array, kusd: Array,
    lot: float, factor: float,
) -> dict[str, Any]:  # fmt: skip
    supplier, terms, country, commodity = key
    return {
        "supplier": supplier, "terms": terms, "country": country, "commodity": commodity,
        "unit": plan.unit_of[commodity], **dict(zip(periods, tonnes, strict=True)),
        "total": float(tonnes.sum()), "lot": lot, "price": float(kusd.sum() / tonnes.sum()),
        "cash": float(kusd.sum()) * factor,
    }  # fmt: skip
