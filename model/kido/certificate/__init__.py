"""The certificate: `verify` checks the flows of a plan against the tables alone.

Nothing here is shared with the program that was solved. The tree of nodes, the events, the
lead times, the limits and the costs are worked out a second time, month by month, from the
tables, and compared with the flows of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kido.data.tables import Tables
from kido.errors import Finding, Place

from .allowed_flows import open_flows
from .contracts import all_terms, check_contracts
from .flow_table import Plan
from .limits import check_bounds, check_demand, check_facilities, check_stocks
from .mass import check_mass
from .money import check_money, cost_items, cost_table
from .orders import check_nervousness, check_orders
from .policies import Counter, check_policies
from .ramps import check_ramps
from .residuals import CHECKS, Ledger
from .reuse import facts_of

__all__ = ["CHECKS", "Certificate", "verify"]


@dataclass(frozen=True)
class Certificate:
    """The result of `verify`: findings, residuals and costs of a plan.

    `residuals`: check, worst, allowed, unit, where; one line for each check.
    `costs`: category, branch, start, months, kusd (undiscounted), discount, probability;
    the sum of kusd x discount x probability is the expected cost.
    """

    findings: tuple[Finding, ...]
    residuals: pd.DataFrame
    costs: pd.DataFrame


def verify(
    tables: Tables,
    flows: pd.DataFrame,
    objective: float,
    expected_cost: float,
    cvar: float | None,
    scenario: str | None = None,
) -> Certificate:
    """The certificate of a plan: its nodes, masses, limits, contracts, policies and money.

    `flows` has the columns kind, name, item, branch, start, months, value (t; t/yr for
    reserve and expand; kUSD for rebate), one line for each nonzero flow. `objective`,
    `expected_cost` and `cvar` are in kUSD; `cvar` is None where the plan states none.
    `scenario` names the one history that was solved alone. Raises ValueError where the book
    has no such scenario.
    """
    facts = facts_of(tables, scenario)
    tree = facts.tree
    ledger = Ledger(tree, tables.settings.language)
    for fault in tree.faults:
        ledger.add_fault("moments.branch", Place("Scenarios"), fault)
    plan = Plan(tree, flows, ledger)
    terms = all_terms(facts)
    items = cost_items(facts, terms, plan)
    counter = Counter(facts, terms, plan, items)

    plan.check_known_flows(open_flows(facts, terms, counter), ledger)
    check_mass(facts, plan, ledger)
    check_bounds(facts, plan, ledger)
    check_facilities(facts, plan, ledger)
    check_demand(facts, plan, ledger)
    check_stocks(facts, plan, ledger)
    check_contracts(facts, terms, plan, ledger)
    check_ramps(facts, terms, plan, ledger)
    check_orders(facts, terms, plan, ledger)
    check_nervousness(facts, terms, plan, ledger)
    check_policies(counter, ledger)
    check_money(facts, items, ledger, objective, expected_cost, cvar)
    return Certificate(ledger.findings(), ledger.residuals(), cost_table(facts, items))
