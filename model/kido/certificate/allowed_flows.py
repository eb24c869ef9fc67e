"""Which flows the book is open to: kind, name, item, and the moments where each may stand."""

from __future__ import annotations

from typing import Any

import numpy as np

from .calendar import Marks
from .contracts import Terms
from .flow_table import Key
from .limits import OFFERS, ordered_use
from .policies import Counter, sides, stands
from .recomputed import Facts, blank


def open_flows(facts: Facts, terms: list[Terms], counter: Counter) -> dict[Key, Marks | bool]:
    """True where a flow may stand at every moment, else the moments where it may."""
    rows = facts.rows
    found: dict[Key, Marks | bool] = {}
    for sheet, kind in (
        *OFFERS.items(),
        ("Stockpiles", "stock"),
        ("Demand", "meet"),
        ("Relief", "relieve"),
    ):
        found |= {(kind, row.name, ""): True for row in rows[sheet]}
    found |= {("yard_stock", site, commodity): True for site, commodity in facts.yards()}
    for row in rows["Commodities"]:
        if not blank(row.disposal_cost):
            found |= {("discard", site.name, row.name): True for site in rows["Sites"]}
    for row in rows["Facilities"]:
        if not blank(row.idle_cost):
            found["idle", row.name, ""] = True
        if not blank(row.expansion_cost):
            found["expand", row.name, ""] = useful_orders(facts, row)
    for contract in terms:
        row = contract.row
        found["reserve", row.name, ""] = contract.signing
        if row.take_or_pay > 0:
            found["forgo", row.name, ""] = contract.settles(row.settled)
        for _, covered in contract.covered:
            found["lift", row.name, covered.name] = contract.life > 0
        if contract.rebates:
            found["rebate", row.name, ""] = contract.settles("year")
    for row in rows["Policies"]:
        if not blank(row.penalty):
            for country in sides(counter, row):
                found["breach", row.name, country] = stands(facts, row)
    return found


def useful_orders(facts: Facts, row: Any) -> Marks:
    """Moments in which an order is of some use before the end, on some history."""
    tree = facts.tree
    factor = facts.effects.factors("Facilities", row, "capacity")
    later, earlier = tree.pairs
    useful = np.zeros(len(tree), dtype=bool)
    due = tree.first + int(row.build_months)
    for month in sorted(set(due.tolist())):
        years = ordered_use(facts, row, month, factor)
        mine = due[earlier] == month
        useful[earlier[mine][years[later[mine]] > 0]] = True
    return useful
