"""The plan of the rest of a book, with what is under way on its first day, is the rest of the plan.

One book that has all of it, seen again some months later: what the plan did until then goes into
the sheet Underway by the definition of each of its words, worked out here from the flows alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kido.data.case.lead_times import arriving_amount
from kido.data.months import month_text, parse_month
from kido.data.tables import Tables
from kido.result.plan import SolvedPlan
from kido.run import evaluate
from sheets import Row, tables_of

MONTHS = 12
LIFE = 3
DY: Row = {"commodity": "Dy", "site": "Osaka"}
PRICES = (20, 26, 30, 12, 45, 50, 20, 18, 40, 44, 12, 30)
NEEDS = (3, 4, 3, 28, 16, 4, 3, 29, 12, 4, 3, 11)

BOOK: dict[str, list[dict[str, Any]]] = {
    "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed", "content": 1}],
    "Sites": [{"name": "Mine", "country": "Australia"}, {"name": "Osaka", "country": "Japan"}],
    "Supply": [
        {"name": "pit", "site": "Mine", "commodity": "ore", "price": 1, "ramp": 12},
        {"name": "spot", "price": 1, "most": 150, **DY},
        {"name": "dear", "price": 70, **DY},
    ],
    "Routes": [
        {"name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy", "lead": 1.5,
         "loss": 4, "price": 9, "freight": 1, "ramp": 9},
    ],
    "Facilities": [
        {"name": "line", "site": "Mine", "capacity": 40, "expansion_cost": 6, "build_months": 2,
         "life_years": 0.5, "least_expansion": 30, "most_expansion": 60},
    ],
    "Processes": [{"name": "split", "site": "Mine", "cost": 1, "lead": 1, "ramp": 12}],
    "Recipes": [
        {"process": "split", "role": role, "item": item, "amount": amount}
        for role, item, amount in (("input", "ore", 1), ("output", "Dy", 0.8), ("uses", "line", 1))
    ],
    "Contracts": [
        {"name": "deal", "applies_to": "spot", "least_reserved": 24, "most_reserved": 90, "fee": 2,
         "price_rule": "index", "index": 14, "index_factor": 1, "rebate_above": 9,
         "rebate_share": 0.4, "take_or_pay": 0.9, "settled": "contract year", "start": "2026-10",
         "lifted_before": 5, "most_a_month": 12},
    ],
    "Stockpiles": [
        {"name": "store", "opening": 14, "capacity": 16, "holding_cost": 6, "life_months": LIFE,
         **DY},
        {"name": "yard", "site": "Mine", "commodity": "Dy", "holding_cost": 1},
    ],
    "Sales": [{"name": "sale", "price": 1, **DY}],
    "Demand": [{"name": "need", "need": 12, **DY}],
    "Relief": [
        {"name": "wait", "demand": "need", "kind": "defer", "share": 0.5, "cost": 0.5, "returns": 1,
         "latest_return": 3.5},
        {"name": "lost", "demand": "need", "kind": "lost", "cost": 300},
    ],
    "Policies": [
        {"name": "half", "measure": "share", "of": "spot", "out_of": "spot; dear",
         "counted": "bought", "sense": "at most", "limit": 0.7, "over": "year"},
        {"name": "all", "measure": "volume", "of": "dear", "counted": "bought",
         "sense": "at most", "limit": 60, "over": "horizon"},
        {"name": "budget", "measure": "spend", "of": "lane", "kinds": "freight",
         "sense": "at most", "limit": 30, "over": "calendar year"},
        {"name": "served", "measure": "service", "of": "need", "sense": "at least",
         "limit": 0.8, "over": "year", "penalty": 200},
    ],
    "Events": [
        {"name": "price", "target": "spot", "effect": "price", "profile": "price"},
        {"name": "needs", "target": "need", "effect": "demand", "profile": "needs"},
        {"name": "sold", "target": "sale", "effect": "price", "add": 8, "start": "2027-03",
         "months": 1},
    ],
    "Profiles": [
        {"name": name, "period": month_text(parse_month("2027-01") + i), "value": value * scale}
        for name, values, scale in (("price", PRICES, 1), ("needs", NEEDS, 12))
        for i, value in enumerate(values)
    ],
}  # fmt: skip


def book(months: int = 0, underway: list[Row] | None = None, **changes: Row) -> Tables:
    """The book so many months later; `changes` are those of the first row of a sheet."""
    sheets = {name: [dict(row) for row in rows] for name, rows in BOOK.items()}
    for sheet, cells in changes.items():
        sheets[sheet][0].update(cells)
    start = parse_month("2027-01") + months
    settings = {"start": month_text(start), "calendar": f"{MONTHS - months} month",
                "discount_rate": 0.06, "base_year": 2027, "steady": 0}  # fmt: skip
    return tables_of(settings, Underway=underway or [], **sheets)


class State:
    """What is under way after the first `done` months of a plan on one path of months."""

    def __init__(self, plan: SolvedPlan, done: int):
        self.plan, self.done = plan, done
        self.start = plan.case.tree.start
        self.ended = np.arange(MONTHS) < done

    def of(self, *key: str) -> Any:
        return self.plan.of(*key)

    def row(self, name: str, what: str, amount: float, month: int | None = None) -> Row:
        """`month` is counted from the start of the first plan."""
        text = None if month is None else month_text(self.start + month)
        return {"name": name, "what": what, "amount": float(amount), "month": text}

    def later(self, name: str, what: str, arrivals: Any, sent: Any) -> list[Row]:
        amounts = arriving_amount(arrivals, np.where(self.ended, sent, 0.0))
        return [
            self.row(name, what, amounts[n], n) for n in range(self.done, MONTHS) if amounts[n] > 0
        ]

    def underway(self) -> list[Row]:
        case, k = self.plan.case, self.done
        lane, split, wait = case.routes["lane"], case.processes["split"], case.tiers["wait"]
        rows = self.later("lane", "lands", lane.arrivals, self.of("ship", "lane") * lane.efficiency)
        made = self.of("run", "split") * split.outputs["Dy"]
        rows += self.later("split", "lands", split.arrivals, made)
        orders = self.of("expand", "line")
        rows += [self.row("line", "ready", orders[m], m + 2) for m in range(k) if orders[m] > 0]
        rows += self.later("wait", "returns", wait.returns, self.of("relieve", "wait"))
        rows += self.postponed(wait.returns)
        for name, kind in (("pit", "buy"), ("lane", "ship"), ("split", "run")):
            rows.append(self.row(name, "moved", self.of(kind, name)[k - 1], k - 1))
        return rows + self.carried() + self.contract() + self.expires()

    def postponed(self, returns: Any) -> list[Row]:
        """What is put off still, of the months it first fell due in: the latest ones."""
        due = arriving_amount(returns, self.of("relieve", "wait"))
        left, rows = self.of("postpone", "wait")[self.done - 1], []
        for month in range(self.done - 1, -1, -1):
            amount = min(left, due[month])
            if amount > 1e-9:
                rows.append(self.row("wait", "returns", amount, month))
            left -= amount
        return rows

    def carried(self) -> list[Row]:
        months = self.start + np.arange(MONTHS)
        fiscal, now = (months - 3) // 12, self.start + self.done
        year = self.ended & (fiscal == (now - 3) // 12)
        calendar = self.ended & (months // 12 == now // 12)
        spot, dear = self.of("buy", "spot"), self.of("buy", "dear")
        freight = self.of("ship", "lane") * 1.0
        need, met = self.plan.case.demands["need"].need, self.of("meet", "need")
        return [
            self.row("half", "carried over", (0.7 * (spot + dear) - spot)[year].sum()),
            self.row("all", "carried over", -dear[self.ended].sum()),
            self.row("budget", "carried over", 30 / 12 * calendar.sum() - freight[calendar].sum()),
            self.row("served", "carried over", (0.8 * need - met)[year].sum()),
        ]

    def contract(self) -> list[Row]:
        """The contract year is October to September: of that under way what was reserved."""
        months = 3 + np.arange(MONTHS)  # since October
        period = self.ended & (months // 12 == (3 + self.done) // 12)
        lifted = self.of("lift", "deal", "spot")
        first = (3 + self.done) // 12 == 0
        self.lifted_before = float(lifted[period].sum()) + (5 if first else 0)
        years = (self.start + np.arange(MONTHS)) // 12
        year = self.ended & (years == (self.start + self.done) // 12)
        self.reserved = float(self.of("reserve", "deal")[0])
        before = 24 / 12 * 3 if first else 0.0
        return [
            self.row("deal", "reserved", self.reserved / 12 * period.sum() + before),
            self.row("deal", "earned", 0.4 * (14 - 9) * lifted[year].sum()),
        ]

    def expires(self) -> list[Row]:
        """What lay there a life before the end of each of the next months, less what has left."""
        level = np.append(self.of("stock", "store"), 14.0)  # [-1]: on the first day
        leaves = self.of("meet", "need") + self.of("sell", "sale")
        rows, before = [], 0.0
        for n in range(self.done, self.done + LIFE - 1):
            then = n + 1 - LIFE
            if then < 0 or n >= MONTHS:
                continue
            gone = max(before, level[then - 1] - leaves[then : self.done].sum())
            rows.append(self.row("store", "expires", gone - before, n))
            before = gone
        return [row for row in rows if row["amount"] > 1e-9]


@pytest.fixture(scope="module")
def plan() -> SolvedPlan:
    return evaluate(book())


def rest_of(plan: SolvedPlan, done: int, without: str = "") -> float:
    """kUSD that the plan of the rest costs more than the rest of the plan, as a share of it."""
    state = State(plan, done)
    underway = [row for row in state.underway() if row["what"] != without]
    ordered = float(plan.of("expand", "line")[:done].sum())
    tables = book(
        done, underway,
        Contracts={
            "lifted_before": state.lifted_before,
            "least_reserved": state.reserved, "most_reserved": state.reserved,
        },
        Stockpiles={"opening": float(plan.of("stock", "store")[done - 1])},
        Facilities={"least_expansion": max(0.0, 30 - ordered), "most_expansion": 60 - ordered},
    )  # fmt: skip
    frame = tables["Stockpiles"].rows.copy()
    frame.loc[frame["name"] == "yard", "opening"] = plan.of("stock", "yard")[done - 1]
    rest = evaluate(tables.with_rows("Stockpiles", frame)).solution.objective
    later = sum(kusd[done:] @ plan.discount[done:] for _, kusd in plan.kusd_by_term)
    return rest * plan.discount[done] / later - 1


@pytest.mark.parametrize("done", range(1, MONTHS))
def test_the_rest_of_the_plan_is_the_plan_of_the_rest(plan: SolvedPlan, done: int) -> None:
    assert abs(rest_of(plan, done)) <= 1e-9


@pytest.mark.parametrize(
    ("what", "done"),
    [("lands", 1), ("ready", 1), ("returns", 5), ("moved", 1), ("carried over", 3),
     ("reserved", 1), ("earned", 4), ("expires", 1)],
)  # fmt: skip
def test_none_of_it_may_be_left_out(plan: SolvedPlan, what: str, done: int) -> None:
    assert abs(rest_of(plan, done, without=what)) > 1e-4
