"""Actuals: what really happened before the new start, where it differs from the plan.

A row of the sheet Actuals is what was bought, sent, run, lifted, ordered or relieved in a month, or
what a stockpile held at the end of it. What is not told went as planned. A stock that was not
counted has what the plan left in it and what more, or less, came than planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.case.case import VARIABLE_OF, Array, Pair
from kido.data.months import Month
from kido.data.tables import Frame, Tables
from kido.data.validation.actuals import TOLD, unknown_actuals
from kido.errors import Finding
from kido.messages import listed
from kido.rolling.past import Past
from kido.tolerances import MOVED_T


@dataclass(frozen=True)
class Told:
    """What rows of Actuals say of one row of the book: t (or t/yr ordered) by month."""

    sheet: str
    row: Any
    by_month: Mapping[int, tuple[int, float]]  # month -> (row of Actuals, amount)


def with_actuals(past: Past, frame: Frame) -> tuple[Past, list[Finding]]:
    """The past as it was, and every fault of the sheet Actuals."""
    findings: list[Finding] = []
    told = _told(past, frame, findings)
    findings += [finding for each in told for finding in _faults(past, frame, each)]
    if any(not finding.warning for finding in findings):
        return past, findings
    flows = dict(past.flows)
    for each in told:
        for key, amounts in _amounts(past, each):
            flows[key] = amounts
    after = replace(past, flows=flows)
    counted = {each.row.name for each in told if each.sheet == "Stockpiles"}
    return _restocked(past, after, counted, frame, findings), findings


def _told(past: Past, frame: Frame, findings: list[Finding]) -> list[Told]:
    rows = {r.name: (sheet, r) for sheet in TOLD for r in past.tables[sheet].records()}
    told: dict[str, dict[int, tuple[int, float]]] = {}
    findings += unknown_actuals(past.tables, frame)
    for line in frame.records():
        if line.name in rows:
            told.setdefault(line.name, {})[line.month] = line.Index, line.amount
    return [Told(*rows[name], by_month) for name, by_month in told.items()]


def _faults(past: Past, frame: Frame, told: Told) -> Iterator[Finding]:
    start, end = past.tree.start, past.start
    for month, (row, _) in told.by_month.items():
        if not start <= month < end:
            yield Finding.of(
                "actual-outside", frame.place(row, "month"), Month(month),
                first=Month(start), last=Month(end - 1),
            )  # fmt: skip
    needed = (end - 1,) if told.sheet == "Stockpiles" else range(start, end)
    missing = [month for month in needed if month not in told.by_month]
    if missing:
        row, _ = next(iter(told.by_month.values()))
        yield Finding.of(
            "actual-missing", frame.place(row, "month"), name=told.row.name,
            months=listed(Month(month) for month in missing),
        )  # fmt: skip


def _amounts(past: Past, told: Told) -> Iterator[tuple[tuple[str, tuple[str, ...]], Array]]:
    """((variable, key), its value in each node) of what is told of a row."""
    scale, name = past.tonnes(told.sheet, told.row), told.row.name
    series = _planned(past, told).copy()  # what is planned for later stays
    for n in past.nodes:
        m = past.tree.nodes[n]
        values = [told.by_month[x][1] for x in range(m.start, m.end) if x in told.by_month]
        if told.sheet != "Stockpiles":
            series[n] = sum(values) * scale
        elif values:
            series[n] = values[-1] * scale
    if told.sheet == "Contracts":
        yield from _lifted(past, name, series)
    else:
        yield (VARIABLE_OF[told.sheet], (name,)), series


def _planned(past: Past, told: Told) -> Array:
    if told.sheet == "Contracts":
        covers = past.case.contracts[told.row.name].covers
        total: Array = np.sum([past.at("lift", told.row.name, row) for _, row in covers], axis=0)
        return total
    return past.at(VARIABLE_OF[told.sheet], told.row.name)


def _lifted(
    past: Past, name: str, total: Array
) -> Iterator[tuple[tuple[str, tuple[str, ...]], Array]]:
    """What was lifted under a contract, parted among its rows as planned."""
    covers = past.case.contracts[name].covers
    planned = [past.at("lift", name, row) for _, row in covers]
    whole = np.sum(planned, axis=0)
    for (_, row), own in zip(covers, planned, strict=True):
        share = np.divide(own, whole, out=np.full(len(own), 1 / len(covers)), where=whole > 0)
        yield ("lift", (name, row)), total * share


def _restocked(
    planned: Past, actual: Past, counted: set[str], frame: Frame, findings: list[Finding]
) -> Past:
    """The past with the stocks that were not counted as mass has it."""
    flows = dict(actual.flows)
    last = actual.nodes[-1]
    more = _net(actual)
    for pair, amount in _net(planned).items():
        more[pair] = more.get(pair, 0.0) - amount
    for stock in actual.case.stocks.values():
        if stock.name in counted:
            # what was counted counts, whatever the flows say
            more.pop(stock.pair, None)
    for pair, amount in more.items():
        store = next((s.name for s in actual.case.stocks.values() if s.pair == pair), None)
        key: tuple[str, tuple[str, ...]] = (
            ("stock", (store,)) if store is not None else ("yard_stock", pair)
        )
        if abs(amount) <= MOVED_T:
            continue
        if store is None and pair not in actual.case.yards:
            if pair in {offer.pair for offer in actual.case.supply.values()}:
                continue  # so much less, or more, was bought
            findings.append(_unplaced(frame, pair, amount, actual.tables))
            continue
        levels = flows.get(key, np.zeros(len(actual.tree.nodes))).copy()
        levels[last] += amount
        if levels[last] < -MOVED_T:
            findings.append(_unplaced(frame, pair, float(levels[last]), actual.tables))
        levels[last] = max(0.0, levels[last])
        flows[key] = levels
    return replace(actual, flows=flows)


def _unplaced(frame: Frame, pair: Pair, amount: float, tables: Tables) -> Finding:
    key = "actual-left.over" if amount > 0 else "actual-left.short"
    site, commodity = pair
    place = frame.place(next(iter(frame.rows.index)), "amount")
    return Finding.warn(key, place, f"{abs(amount):,.4g} t", site=site, commodity=commodity)


def _net(past: Past) -> dict[Pair, float]:
    """t of each commodity that came to each site before the start, less what left it."""
    case, net = past.months, dict[Pair, float]()
    before = np.arange(len(case.tree.nodes)) < past.start - past.tree.start

    def add(pair: Pair, amounts: Array) -> None:
        net[pair] = net.get(pair, 0.0) + float(amounts[before].sum())

    def flow(variable: str, *key: str) -> Array:
        return past.by_month(past.at(variable, *key))

    for offer in case.supply.values():
        add(offer.pair, flow("buy", offer.name))
    for outlet in case.sales.values():
        add(outlet.pair, -flow("sell", outlet.name))
    for route in case.routes.values():
        add((route.origin, route.commodity), -flow("ship", route.name))
        add((route.destination, route.commodity), past.landing(route.name))
    for process in case.processes.values():
        run = flow("run", process.name)
        for item, amount in process.inputs:
            add((process.site, item), -amount * run)
        for item in process.outputs:
            add((process.site, item), past.coming_out(process.name, item))
    for demand in case.demands.values():
        add(demand.pair, -flow("meet", demand.name))
    for site, commodity in case.columns.get("discard", {}):
        add((site, commodity), -flow("discard", site, commodity))
    return net
