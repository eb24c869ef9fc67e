"""`Order`: one line of the tables of orders."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kido.data.months import fiscal_quarter
from kido.result.input_sensitivity import UNGRADED, grades_of
from kido.result.order_status import status
from kido.result.plan import SolvedPlan, once
from kido.result.timeline import period_text

SHORT = "while anyone goes short"


@dataclass(frozen=True)
class Order:
    """A purchase, a contract to sign, a plant to order or a segment to ask, in node `node`.

    `price`, `freight` and `worth_up_to` are USD/kg, `cash` is kUSD. `of_loss`: the worth only
    repeats what the book says that lost output costs. `graded` is the (sheet, name) of the row
    whose grade it has, `lot` t (NaN: the book gives none).
    """

    node: int
    act: str
    lands: str
    commodity: str
    origin: str
    destination: str
    amount: float
    unit: str
    counterparty: str
    price: float
    cash: float
    worth_up_to: float
    row: str
    graded: tuple[str, str]
    freight: float = math.nan
    of_loss: bool = False
    lot: float = math.nan

    def cells(self, plan: SolvedPlan, factor: float) -> dict[str, Any]:
        """The cells of the order by key of their column; money in a unit of 1 / `factor` kUSD."""
        case = plan.case
        m = case.tree.nodes[self.node]
        return {
            "branch": case.tree.branch_of(self.node).name, "act": self.act,
            "leaves": period_text(m.start, m.months),
            "quarter": fiscal_quarter(m.start, case.settings.fiscal_start), "lands": self.lands,
            "commodity": self.commodity, "origin": self.origin,
            "country": case.country.get(self.origin, ""), "destination": self.destination,
            "amount": self.amount, "unit": self.unit, "lots": self.amount / self.lot,
            "counterparty": self.counterparty, "price": self.price, "freight": self.freight,
            "cash": self.cash * factor,
            "worth_up_to": math.nan if self.of_loss else self.worth_up_to,
            "holds": SHORT if self.of_loss else "",
            "grade": grades_of(plan).get(self.graded, UNGRADED),
            "order_status": status(plan, self.act, self.row, self.node),
            "row": self.row, "start": m.start,
        }  # fmt: skip


@once
def lots(plan: SolvedPlan) -> dict[str, float]:
    """t in a lot of each route whose row gives one."""
    return {name: route.lot for name, route in plan.case.routes.items() if route.lot > 0}
