"""FAMILIES, the functions that make the rows, in the manual's order, and the loop over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from kido.data.case.case import Case
from kido.data.months import Month
from kido.errors import Finding, InfeasiblePlan, Place
from kido.lp.balance import balance
from kido.lp.capacity import capacity, expansion, minimum_use
from kido.lp.contract import (
    deficiency,
    lift_within_flow,
    make_up_expiry,
    make_up_lifted,
    make_up_paid,
    monthly_lift,
    rebate_share,
    reservation,
    take_or_pay,
)
from kido.lp.cost import cvar_excess, path_cost
from kido.lp.demand import demand_met, latest_return, postponement
from kido.lp.nervousness import nervousness, order_change
from kido.lp.policy import (
    cover,
    service,
    share_limit,
    spend_limit,
    stock_limit,
    volume_limit,
)
from kido.lp.ramp import ramp
from kido.lp.rows import FamilyRows, Row, Rows
from kido.lp.stock import shelf_life, stock_change
from kido.lp.variables import Variables
from kido.messages import ENGLISH, phrase

Family = Callable[[Case, Variables], Iterator[Rows]]

FAMILIES: Mapping[str, Family] = {
    family.__name__: family
    for family in (
        balance,
        capacity,
        minimum_use,
        expansion,
        reservation,
        monthly_lift,
        lift_within_flow,
        take_or_pay,
        deficiency,
        make_up_lifted,
        make_up_paid,
        make_up_expiry,
        rebate_share,
        demand_met,
        postponement,
        latest_return,
        stock_change,
        shelf_life,
        ramp,
        order_change,
        nervousness,
        volume_limit,
        share_limit,
        spend_limit,
        cover,
        stock_limit,
        service,
        path_cost,
        cvar_excess,
    )
}


class EmptyRows(InfeasiblePlan):
    """Error: rows without a term that ask for something; `rows` holds (family, row) of each."""

    def __init__(self, rows: Sequence[tuple[str, Row]], findings: Sequence[Finding] = ()):
        language = findings[0].language if findings else ENGLISH
        super().__init__(phrase("cli.empty_rows").in_language(language), findings)
        self.rows = tuple(rows)


def rows_of(
    case: Case, variables: Variables, families: Mapping[str, Family] = FAMILIES
) -> Iterator[FamilyRows]:
    """The rows of each family of a case.

    Raises EmptyRows, after the last family, where rows without a term ask for something.
    """
    empty: list[tuple[str, Row]] = []
    for name, family in families.items():
        rows = FamilyRows.of(name, family(case, variables), variables.count)
        empty += [(name, row) for row in rows.empty]
        yield rows
    if empty:
        raise EmptyRows(empty, [_empty_row(case, name, row) for name, row in empty])


def _empty_row(case: Case, family: str, row: Row) -> Finding:
    n = row.key[-1]
    what = ", ".join(str(part) for part in row.key[:-1] if part != "")
    about = {"what": what, "month": Month(case.tree.nodes[n].start)}
    if family == "balance":
        finding = Finding.of("empty-row.balance", Place(), amount=row.upper, **about)
    else:
        finding = Finding.of("empty-row", Place(), family=phrase(f"family.{family}"), **about)
    return finding.in_language(case.settings.language)
