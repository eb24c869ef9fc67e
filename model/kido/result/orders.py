"""What to order: what leaves in which month, with whom, at what price and up to what price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kido.data.months import fiscal_quarter, month_text
from kido.report.table import Column, Table
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.purchases import Purchase, deals
from kido.result.timeline import Timeline, TimeTable, period_text
from kido.tolerances import ORDERED_T

AFTER_REVEAL = 3  # months of orders listed on the other branches
COLUMNS = (
    Column("branch", shape="word"),
    Column("act", shape="word"),
    Column("leaves"),
    Column("quarter", shape="period"),
    Column("lands"),
    Column("commodity"),
    Column("origin"),
    Column("country"),
    Column("destination"),
    Column("amount", shape="number"),
    Column("unit", shape="unit"),
    Column("counterparty", shape="word"),
    Column("price", "USD/kg", "price"),
    Column("freight", "USD/kg", "price"),
    Column("worth_up_to", "USD/kg", "price"),
    Column("row"),
    Column("start", shape="hidden"),
)


def orders(answer: SolvedPlan) -> Table:
    """The list of orders: the trunk to the end, other branches for their first months."""
    tree = answer.case.tree
    held = deals(answer)
    lines: list[tuple[Any, ...]] = []
    main = [n for n in answer.reference_path.path if tree.nodes[n].reported]
    for history, moments in [(answer.reference_path, main), *_reveals(answer)]:
        found = [x for n in moments for x in _orders_at(answer, held, history, n)]
        found += [x for n in moments for x in _decisions_at(answer, n)]
        lines += sorted(found, key=lambda x: (x[-1], -x[9] * np.nan_to_num(x[12])))
    keys = [c.key for c in COLUMNS]
    frame = pd.DataFrame(lines, columns=keys)
    return Table(
        "orders",
        COLUMNS,
        frame,
        words={"months": AFTER_REVEAL, "branch": answer.reference_path.name},
    )


def _reveals(answer: SolvedPlan) -> Iterator[tuple[ScenarioPath, list[int]]]:
    """For every other branch, its first months, with a history that goes through them."""
    tree = answer.case.tree
    on_main = {tree.nodes[n].branch for n in answer.reference_path.path}
    likeliest: dict[int, ScenarioPath] = {}
    for history in sorted(answer.histories, key=lambda h: -h.probability):
        for n in history.path.tolist():
            likeliest.setdefault(n, history)
    for number, branch in enumerate(tree.branches):
        first = [
            m.index
            for m in tree.of_branch[number]
            if m.reported and m.start < branch.known + AFTER_REVEAL
        ]
        if number not in on_main and first:
            yield likeliest[first[0]], first


def _orders_at(
    answer: SolvedPlan, held: tuple[Purchase, ...], history: ScenarioPath, n: int
) -> Iterator[tuple[Any, ...]]:
    tree = answer.case.tree
    m = tree.nodes[n]
    for deal in held:
        if deal.tonnes[n] <= ORDERED_T:
            continue
        yield (
            tree.branch_of(n).name, "buy", period_text(m.start, m.months),
            fiscal_quarter(m.start, answer.case.settings.fiscal_start),
            _lands(answer, deal, n), deal.commodity, deal.origin, deal.country,
            deal.destination, deal.tonnes[n], answer.unit_of[deal.commodity],
            deal.counterparty, deal.price[n], deal.freight[n], deal.reservation_price[n], deal.row,
            m.start,
        )  # fmt: skip


def _lands(answer: SolvedPlan, deal: Purchase, n: int) -> str:
    """The first and the last month in which what is sent in a moment arrives."""
    m = answer.case.tree.nodes[n]
    if deal.lead is None:
        return period_text(m.start, m.months)
    first = m.start + math.floor(deal.lead[n])
    last = m.end - 1 + math.ceil(deal.lead[n])
    if first >= answer.case.tree.end:
        return "after the end"
    return period_text(first, last + 1 - first)


def _decisions_at(answer: SolvedPlan, n: int) -> Iterator[tuple[Any, ...]]:
    """Contracts signed beyond what is signed already and then used, and capacity ordered."""
    case = answer.case
    m = case.tree.nodes[n]
    common = (
        period_text(m.start, m.months), fiscal_quarter(m.start, case.settings.fiscal_start),
    )  # fmt: skip
    branch = case.tree.branch_of(n).name
    for (name,), reserved in answer.values["reserve"].items():
        contract = case.contracts[name]
        price, reservation_price = contract_prices(answer, name, n)
        if reserved[n] <= contract.least + ORDERED_T or np.isnan(price):
            continue
        lanes = [case.routes.get(row) or case.supply[row] for _, row in contract.covers]
        first = lanes[0]
        site = getattr(first, "origin", "") or getattr(first, "site", "")
        life = [case.tree.nodes[k].start for k, at in contract.signed.items() if at == n]
        yield (
            branch, "sign", *common, month_text(min(life)), first.commodity, site,
            case.country.get(site, ""), getattr(first, "destination", site), reserved[n],
            f"{answer.unit_of[first.commodity]}/yr", name, price, np.nan, reservation_price, name,
            m.start,
        )  # fmt: skip
    for (name,), ordered in answer.values["expand"].items():
        if ordered[n] <= ORDERED_T:
            continue
        line = case.facilities[name]
        ready = [case.tree.nodes[k].start for k, parts in enumerate(line.ready)
                 if any(at == n for at, _ in parts)]  # fmt: skip
        cost, reservation_price = capacity_prices(answer, name, n)
        yield (
            branch, "build", *common, month_text(min(ready)), name, line.site,
            case.country.get(line.site, ""), line.site, ordered[n], "t/yr", line.site, cost,
            np.nan, reservation_price, name, m.start,
        )  # fmt: skip


def contract_prices(answer: SolvedPlan, name: str, n: int) -> tuple[float, float]:
    """(price, worth up to) of what is lifted under a reservation made in n: means by weight."""
    case = answer.case
    contract = case.contracts[name]
    here = np.array([k for k, at in contract.signed.items() if at == n], dtype=np.intp)
    tonnes = price = reservation_price = 0.0
    for kind, row in contract.covers:
        lifted = answer.of("lift", name, row)[here] * np.nan_to_num(answer.worth.money[here])
        if not lifted.any():
            continue
        if kind == "ship":
            worth = answer.worth.sent(case.routes[row]) - answer.rate("freight", "ship", row)
        else:
            worth = answer.worth.tonne(*case.supply[row].pair)
        paid = answer.rate("purchase", kind, row) + answer.rate("purchase", "lift", name, row)
        tonnes += lifted.sum()
        price += float(lifted @ paid[here])
        reservation_price += float(lifted @ np.nan_to_num(worth[here]))
    return (price / tonnes, reservation_price / tonnes) if tonnes else (np.nan, np.nan)


def capacity_prices(answer: SolvedPlan, name: str, n: int) -> tuple[float, float]:
    """USD per kg/yr: what capacity costs, and the cost at which it would just be worth it.

    The book sees only the years up to its end, of the plant's worth and of its cost alike;
    the worth is compared with the part of the cost that falls into them.
    """
    cost = {r.name: r.expansion_cost for r in answer.tables["Facilities"].records()}[name]
    money = answer.worth.money
    charged = 0.0
    for term in answer.case.cost_terms:
        if term.variable == "expand" and term.key == (name,):
            at = term.decided_in == n
            charged += float(term.rate[at] @ np.nan_to_num(money[term.counted_in[at]]))
    charged /= money[n]
    worth = answer.worth.order(name)[n]
    return cost, cost * worth / charged if charged > 0 else np.nan


def order_book(answer: SolvedPlan) -> Table:
    """The same orders on the trunk as a time table: tonnes and prices by lane and contract."""
    labels = (
        Column("commodity"), Column("country"), Column("row"),
        Column("counterparty", shape="word"), Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("order_book", labels, Timeline.of(answer, answer.reference_path))
    place = {c: i for i, c in enumerate(answer.kind_of)}
    held = sorted(deals(answer), key=lambda d: (place[d.commodity], d.country, d.row))
    for deal in held:
        if (deal.tonnes[table.timeline.nodes] <= ORDERED_T).all():
            continue
        labels_of = (deal.commodity, deal.country, deal.row, deal.counterparty)
        flowing = deal.tonnes > ORDERED_T
        table.add((*labels_of, "leaves"), answer.unit_of[deal.commodity], deal.tonnes)
        paid = np.where(flowing, deal.price, np.nan)
        table.add((*labels_of, "price paid"), "USD/kg", paid, "mean")
        reservation_price = np.where(flowing, deal.reservation_price, np.nan)
        table.add((*labels_of, "worth up to"), "USD/kg", reservation_price, "mean")
    return table.table(branch=answer.reference_path.name)
