"""The flows that the book allows: kind, name, item, and the nodes where each may be nonzero."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kido.data.months import month_text

from .calendar import Marks
from .contracts import Terms
from .flow_table import Key
from .limits import OFFERS, order_use_years
from .policies import Counter, sides
from .recomputed import Facts, blank
from .windows import limit_nodes


def open_flows(facts: Facts, terms: list[Terms], counter: Counter) -> dict[Key, Marks | bool]:
    """For each flow the nodes where it may be nonzero; True where it may be at all of them."""
    rows = facts.rows
    flows: dict[Key, Marks | bool] = {}
    for sheet, kind in (
        *OFFERS.items(),
        ("Stockpiles", "stock"),
        ("Demand", "meet"),
        ("Relief", "relieve"),
    ):
        flows |= {(kind, row.name, ""): True for row in rows[sheet]}
    for row in rows["Relief"]:
        if facts.puts_off_again(row):
            flows["postpone", row.name, ""] = facts.tree.leaf == 0
    flows |= {("yard_stock", site, commodity): True for site, commodity in facts.yards()}
    for row in rows["Commodities"]:
        if not blank(row.disposal_cost):
            flows |= {("discard", site.name, row.name): True for site in rows["Sites"]}
    for row in rows["Facilities"]:
        if not blank(row.idle_cost):
            flows["idle", row.name, ""] = True
        if not blank(row.expansion_cost):
            key = "useful", "Facilities", row.Index
            useful = partial(useful_orders, facts, row)
            flows["expand", row.name, ""] = facts.cached(key, useful)
    for row in rows["Underway"]:
        if row.what == "ready":
            key = "ordered", row.name, month_text(int(row.month))
            flows[key] = facts.tree.previous < 0
    for contract in terms:
        row = contract.row
        flows["reserve", row.name, ""] = contract.signing_nodes
        if row.take_or_pay > 0:
            flows["forgo", row.name, ""] = contract.settlement_nodes(row.settled)
        made_up = contract.made_up_at
        flows["make_up", row.name, ""] = made_up
        for _, covered in contract.covered:
            flows["lift", row.name, covered.name] = (contract.life > 0) | made_up
        if contract.rebates:
            flows["rebate", row.name, ""] = contract.settlement_nodes("year")
    for row in rows["Policies"]:
        if not blank(row.penalty):
            for country in sides(counter, row):
                flows["breach", row.name, country] = limit_nodes(facts, row)
    return flows


def useful_orders(facts: Facts, row: Any) -> Marks:
    """Nodes in which an order of capacity can be used before the end, on some history."""
    tree = facts.tree
    factor = facts.effects.factors("Facilities", row, "capacity")
    later, earlier = tree.pairs
    useful = np.zeros(len(tree), dtype=bool)
    due = (tree.first + int(row.build_months))[earlier]
    by_due = np.argsort(due, kind="stable")
    months, begin = np.unique(due[by_due], return_index=True)
    for month, mine in zip(months.tolist(), np.split(by_due, begin[1:]), strict=True):
        years = order_use_years(facts, row, month, factor)
        useful[earlier[mine][years[later[mine]] > 0]] = True
    return useful
