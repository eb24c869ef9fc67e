"""The certificate: the written plan checked against the tables alone.

Nothing here is shared with the program that was solved. The tree of moments, the events,
the flows that take time, the limits and the costs are worked out a second time, month by
month, from the tables, and compared with the flows that were written down.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kido.data.tables import Tables
from kido.errors import Finding, Place

from .allowed_flows import open_flows
from .calendar import grow
from .contracts import all_terms, check_contracts
from .flow_table import Plan
from .limits import check_bounds, check_demand, check_facilities, check_stocks
from .mass import check_mass
from .money import charges, check_money, cost_table
from .policies import Counter, check_policies
from .recomputed import Facts
from .residuals import CHECKS, Ledger

__all__ = ["CHECKS", "Certificate", "verify"]


@dataclass(frozen=True)
class Certificate:
    """What the check found.

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
    """Checks a plan: its moments, masses, limits, contracts, policies and money.

    `flows` has the columns kind, name, item, branch, start, months, value (t; t/yr for
    reserve and expand; kUSD for rebate), one line for each nonzero flow. The three costs
    are in kUSD. `scenario` names the one history that was solved alone.
    """
    tree = grow(tables, scenario)
    facts = Facts(tables, tree)
    ledger = Ledger(tree, tables.settings.language)
    for fault in tree.faults:
        ledger.count("moments.branch", Place("Scenarios"), fault)
    plan = Plan(tree, flows, ledger)
    terms = all_terms(facts)
    found = charges(facts, terms, plan)
    counter = Counter(facts, terms, plan, found)

    plan.only(open_flows(facts, terms, counter), ledger)
    check_mass(facts, plan, ledger)
    check_bounds(facts, plan, ledger)
    check_facilities(facts, plan, ledger)
    check_demand(facts, plan, ledger)
    check_stocks(facts, plan, ledger)
    check_contracts(facts, terms, plan, ledger)
    check_policies(counter, ledger)
    check_money(facts, found, ledger, objective, expected_cost, cvar)
    return Certificate(ledger.findings(), ledger.residuals(), cost_table(facts, found))
