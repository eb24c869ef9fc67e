"""`rolled_book`: the book of a later month, as its tables and as edits of the old book."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kido.data.case.build import make_case
from kido.data.case.tree import Tree
from kido.data.draws import with_draws, without_draws
from kido.data.months import Month
from kido.data.schema import TRUNK
from kido.data.tables import Frame, Tables
from kido.data.workbook.edits import BookEdits, edited
from kido.errors import Finding, Place, RollError
from kido.messages import listed
from kido.rolling.actuals import with_actuals
from kido.rolling.book import edits_of, starts
from kido.rolling.orders import late_orders
from kido.rolling.past import past_of
from kido.rolling.scenarios import OpenScenarios


@dataclass(frozen=True)
class Rolled:
    """A book rolled forward: `tables` as a reader finds them, `edits` of the old book.

    `came` are the scenarios that are the base case now, `over` those that can no longer come.
    """

    tables: Tables
    edits: BookEdits
    came: tuple[str, ...]
    over: tuple[str, ...]
    warnings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many opening stocks, lines in progress and contracts were typed."""
        cells = self.edits.cells

        def typed(sheet: str, key: str) -> int:
            return sum(at[0] == sheet and at[2] == key for at in cells)

        return {
            "stocks": typed("Stockpiles", "opening"),
            "underway": len(self.edits.replaced["Underway"]),
            "orders": len(self.edits.replaced["Orders"]),
            "contracts": typed("Contracts", "least_reserved"),
        }


def rolled_book(
    tables: Tables,
    flows: pd.DataFrame,
    to: int,
    happened: str | None = None,
    actuals: Frame | None = None,
) -> Rolled:
    """The book of month `to`, from a book and the table of flows of its plan.

    Raises RollError where there is no such month or branch.
    """
    case = make_case(tables)
    past = past_of(tables, case, node_of(tables, case.tree, to, happened), flows)
    findings: list[Finding] = []
    if actuals is not None and len(actuals):
        past, findings = with_actuals(past, actuals)
        check([f for f in findings if not f.warning], tables)
    findings += late_orders(past)
    scenarios, edits = OpenScenarios(past), edits_of(past)
    return Rolled(
        with_draws(edited(without_draws(tables), edits)), edits,
        tuple(scenarios.came), scenarios.over,
        tuple(f.in_language(tables.settings.language) for f in findings),
    )  # fmt: skip


def check(findings: list[Finding], tables: Tables) -> None:
    """Raise RollError with these findings, if there are any."""
    if findings:
        raise RollError([finding.in_language(tables.settings.language) for finding in findings])


def node_of(tables: Tables, tree: Tree, to: int, happened: str | None) -> int:
    """The node that begins in month `to` on the branch that came. Raises RollError."""
    place = Place(tables.settings_title, tables.settings_cells.get("start", ""))
    months = starts(tables.settings, tree)
    if to not in months:
        key = "roll-month.early" if to <= tree.start else "roll-month"
        near = sorted(sorted(months, key=lambda month: abs(month - to))[:3])
        check([Finding.of(key, place, Month(to), start=Month(tree.start),
                           months=listed(map(Month, near)))], tables)  # fmt: skip
    names = [b.name for b in tree.branches if b.name != TRUNK and b.known <= to]
    sheet = Place(tables["Scenarios"].title or "Scenarios")
    branch = happened or TRUNK
    if happened and happened not in names:
        check([Finding.of("roll-branch", sheet, happened, names=listed(names), month=Month(to))],
               tables)  # fmt: skip
    nodes = [m.index for m in tree.nodes
             if m.start == to and tree.branches[m.branch].name == branch]  # fmt: skip
    if not nodes or tree.nodes[nodes[0]].probability <= 0:
        check([Finding.of("roll-branch.none", sheet, names=listed(names), month=Month(to))],
               tables)  # fmt: skip
    return nodes[0]
