"""Plan -> report: every table of the results, each computed once."""

from __future__ import annotations

from collections.abc import Callable

from kido.report.table import Report, Table
from kido.result.board import board
from kido.result.cash import cash
from kido.result.contracts import contracts
from kido.result.costs import costs, history_costs, row_costs
from kido.result.input_sensitivity import grade_shares, guesses
from kido.result.kept_plan import kept_plan
from kido.result.orders import order_book, orders
from kido.result.plan import SolvedPlan
from kido.result.prices import prices
from kido.result.records import certificate, flows, moments
from kido.result.refining import refining
from kido.result.scenarios import scenarios
from kido.result.shortages import shortages
from kido.result.shortfalls import shortfalls
from kido.result.sourcing import sourcing
from kido.result.stocks import stockpiles
from kido.result.supplier_orders import supplier_orders
from kido.result.whole_orders import whole_orders

TABLES: tuple[Callable[[SolvedPlan], Table], ...] = (
    orders,
    supplier_orders,
    order_book,
    whole_orders,
    kept_plan,
    sourcing,
    refining,
    stockpiles,
    contracts,
    shortfalls,
    cash,
    shortages,
    costs,
    history_costs,
    row_costs,
    scenarios,
    prices,
    guesses,
    grade_shares,
    flows,
    moments,
    certificate,
)


def make_report(plan: SolvedPlan) -> Report:
    """All tables by name, in the order of the workbook; those of the board page come first."""
    tables = {}
    for make in TABLES:
        table = make(plan)
        tables[table.name] = table
    return {**board(plan, tables), **tables}
