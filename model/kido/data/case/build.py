"""`make_case`: the records of every row, with their numbers after events, from the tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.branches import Future
from kido.data.case.case import Array, Case, Commodity, Offer, Pair, Process, Route, Stock
from kido.data.case.contracts import contracts
from kido.data.case.cost_terms import cost_terms
from kido.data.case.demand import demands, monthly_need
from kido.data.case.disruptions import disruptions_by_scenario
from kido.data.case.effects import Effects
from kido.data.case.facilities import facilities, leads, processes
from kido.data.case.lead_times import ArrivalShares
from kido.data.case.near_orders import near_orders
from kido.data.case.orders import held_orders, with_floors
from kido.data.case.policies import policies
from kido.data.case.ramps import ramps
from kido.data.case.reachability import columns
from kido.data.case.tree import Node, Tree, build_tree
from kido.data.case.underway import Underway
from kido.data.currency import in_usd
from kido.data.pairs import without_rounding
from kido.data.selectors import NameIndex
from kido.data.tables import Tables, or_else
from kido.data.units import Units


def futures(tables: Tables) -> list[Future]:
    """The rows of Scenarios as `Future` records."""
    return [
        Future(
            name=r.name,
            parent=r.parent,
            probability=r.probability,
            known=r.known,
            every=None if math.isnan(r.every) else int(r.every),
            until=r.until,
            disruption=r.disruption,
        )
        for r in tables["Scenarios"].records()
    ]


def tree_of(tables: Tables, scenario: str | None = None) -> Tree:
    """The scenario tree of the book, or of one `scenario` alone.

    Raises KeyError where no branch has that name.
    """
    s = tables.settings
    return build_tree(
        futures(tables),
        s.start,
        s.calendar,
        s.run_out,
        s.discount_rate,
        only=scenario,
        disruptions=disruptions_by_scenario(tables),
    )


def make_case(tables: Tables, scenario: str | None = None) -> Case:
    """The case of a book. `scenario` names one branch to plan alone, everything known.

    Raises KeyError where no branch has that name.
    """
    return case_on(tables, tree_of(tables, scenario))


def case_on(tables: Tables, tree: Tree) -> Case:
    """The case of a book on a tree of its scenarios, or on a part of it."""
    tables = in_usd(without_rounding(tables))
    words = NameIndex.of(tables)
    effects, underway = effects_of(tables, words, tree), Underway.of(tables)
    landing = ArrivalShares(tree)
    held = held_orders(tables, words, tree)
    lines = facilities(tables, effects, underway)
    routes = with_floors("Routes", _routes(tables, effects, landing, underway), held, lines)
    needs, tiers = demands(tables, effects, landing, underway)
    process_records = processes(tables, effects, landing, underway)
    process_records = with_floors("Processes", process_records, held, lines)
    stocks = _stocks(tables, effects, underway)
    supply = with_floors("Supply", _offers(tables, effects, "Supply"), held, lines)
    case = Case(
        settings=tables.settings,
        tree=tree,
        stories={r.name: r.story for r in tables["Scenarios"].records()},
        country={r.name: r.country for r in tables["Sites"].records()},
        commodities={
            r.name: Commodity(r.name, r.kind, r.unit) for r in tables["Commodities"].records()
        },
        supply=supply,
        sales=_offers(tables, effects, "Sales"),
        facilities=lines,
        processes=process_records,
        routes=routes,
        contracts=contracts(tables, words, effects, supply, routes, underway),
        stocks=stocks,
        yards=_yards(tables, effects, stocks, process_records, underway),
        disposal={
            r.name: r.disposal_cost
            for r in tables["Commodities"].records()
            if not math.isnan(r.disposal_cost)
        },
        demands=needs,
        tiers=tiers,
        underway=underway,
        ramps=(),
        policies=(),
        cost_terms=(),
        columns={},
        held=held,
    )
    case = replace(case, ramps=ramps(tables, case), cost_terms=cost_terms(tables, case, effects))
    case = replace(case, near_orders=near_orders(tables, words, case))
    demand_rows = {r.name: r for r in tables["Demand"].records()}
    limits, penalties = policies(
        tables,
        words,
        effects,
        case,
        cache(lambda name: monthly_need(tables, effects, demand_rows[name])),
    )
    case = replace(case, policies=limits, cost_terms=(*case.cost_terms, *penalties))
    return replace(case, columns=columns(case))


def effects_of(tables: Tables, words: NameIndex, tree: Tree, spare: int = 0) -> Effects:
    """The effects of events, over the months of the tree and those that its covers need.

    `spare` is a number of further months.
    """
    return Effects(tables, words, tree, _months_of_cover(tables, words, tree) + spare)


def _months_of_cover(tables: Tables, words: NameIndex, tree: Tree) -> int:
    """Months after the horizon that the longest cover needs, after events on its limit."""
    covers = [r for r in tables["Policies"].records() if r.measure == "cover"]
    if not covers:
        return 0
    effects = Effects(tables, words, tree)
    limits = [effects.monthly("Policies", r.name, "capacity", r.limit) for r in covers]
    return math.ceil(max(0.0, *(series.max() for limit in limits for series in limit)))


def _offers(tables: Tables, effects: Effects, sheet: str) -> Mapping[str, Offer]:
    units = Units(tables)
    return {r.name: offer(sheet, r, effects, units) for r in tables[sheet].records()}


def offer(sheet: str, r: Any, effects: Effects, units: Units) -> Offer:
    """The record of a row of Supply or Sales."""
    most, least = effects.limits(sheet, r.name, or_else(r.most, math.inf), r.least, r.start, r.end)
    scale = units.tonnes(r.commodity)
    price = effects.mean(sheet, r.name, "price", r.price)
    return Offer(r.name, r.site, r.commodity, price, most * scale, least * scale)


def _routes(
    tables: Tables, effects: Effects, landing: ArrivalShares, underway: Underway
) -> Mapping[str, Route]:
    country, units = {r.name: r.country for r in tables["Sites"].records()}, Units(tables)
    records = {}
    for r in tables["Routes"].records():
        record = route(r, country.get(r.origin, ""), effects, landing, units)
        lands = underway.in_nodes(effects.tree, "lands", r.name) * units.tonnes(r.commodity)
        records[r.name] = replace(record, pipeline=record.pipeline + lands)
    return records


def route(r: Any, country: str, effects: Effects, landing: ArrivalShares, units: Units) -> Route:
    """The record of a row of Routes; `country` is that of its origin."""
    most, least = effects.limits(
        "Routes", r.name, or_else(r.most, math.inf), r.least, r.start, r.end
    )
    scale = units.tonnes(r.commodity)
    lead = leads(effects, "Routes", r.name, r.lead)
    loss = np.clip(effects.mean("Routes", r.name, "loss", r.loss), 0.0, 100.0)
    return Route(
        name=r.name,
        origin=r.origin,
        destination=r.destination,
        commodity=r.commodity,
        country=country,
        most=most * scale,
        least=least * scale,
        efficiency=1 - loss / 100,
        duty=1 + effects.mean("Routes", r.name, "tariff", r.tariff) / 100,
        uses=r.uses,
        lead=effects.means(lead),
        arrivals=landing.arrivals(lead),
        pipeline=landing.pipeline(r.lead) * r.on_water * scale / 12 * (1 - r.loss / 100),
        lot=r.lot * scale,
        least_lot=r.least_lot * scale,
    )


def _yards(
    tables: Tables,
    effects: Effects,
    stocks: Mapping[str, Stock],
    process_records: Mapping[str, Process],
    underway: Underway,
) -> tuple[Pair, ...]:
    """(site, commodity) pairs where goods arrive after a lead time and there is no stockpile."""
    if tables.settings.yard_cost is None:
        return ()
    landing: set[Pair] = set()
    for r in tables["Routes"].records():
        if underway.has("lands", r.name) or _takes_time(effects, "Routes", r):
            landing.add((r.destination, r.commodity))
    for r in tables["Processes"].records():
        if underway.has("lands", r.name) or _takes_time(effects, "Processes", r):
            landing |= {(r.site, item) for item in process_records[r.name].outputs}
    return tuple(sorted(landing - {s.pair for s in stocks.values()}))


def _takes_time(effects: Effects, sheet: str, row: Any) -> bool:
    """Whether a row has a lead time, in any month of any branch.

    All branches count, so that a path planned alone has the yards of the whole tree.
    """
    return row.lead > 0 or any(x.max() > 0 for x in leads(effects, sheet, row.name, row.lead))


def _stocks(tables: Tables, effects: Effects, underway: Underway) -> Mapping[str, Stock]:
    units = Units(tables)
    return {r.name: stock(r, effects, units, underway) for r in tables["Stockpiles"].records()}


def stock(r: Any, effects: Effects, units: Units, underway: Underway) -> Stock:
    """The record of a row of Stockpiles."""
    moments, scale = effects.tree.nodes, units.tonnes(r.commodity)
    calm = effects.tree.calm(frozenset((r.commodity,)))
    length = np.array([m.months for m in moments], dtype=float)
    openness = np.ones(len(moments), dtype=bool)
    if r.release == "from a month":
        openness = np.array([m.start for m in moments]) >= r.release_month
    elif r.release == "once a disruption is known":
        openness = ~calm
    draw = np.where(openness, or_else(r.draw, math.inf) * scale, 0.0)
    capacity = effects.mean("Stockpiles", r.name, "capacity", or_else(r.capacity, math.inf))
    capacity = np.where(_holds(r, moments), np.maximum(capacity, 0.0) * scale, 0.0)
    ending = {"at least": r.ending_amount, "at least opening": r.opening}.get(r.ending, 0.0)
    with np.errstate(invalid="ignore"):
        most_drawn = np.where(draw == 0, 0.0, draw * length)
    return Stock(
        name=r.name,
        site=r.site,
        commodity=r.commodity,
        owner=r.owner,
        opening=r.opening * scale,
        capacity=capacity,
        floor=np.where(calm, np.minimum(r.floor * scale, capacity), 0.0),
        fill=or_else(r.fill, math.inf) * scale * length,
        draw=most_drawn,
        least_ending=ending * scale,
        life=or_else(r.life_months, math.inf),
        expired=expired(r, effects.tree, underway) * scale,
    )


def expired(r: Any, tree: Tree, underway: Underway) -> Array:
    """What must have left of an opening stock by the end of each node, in its unit.

    0 for nodes that end a life after the start or later: by then all of it has left.
    """
    ends = tree.spans[1]
    total = np.zeros(len(ends))
    for month, amount in underway.by_month("expires", r.name).items():
        total += np.where(month < ends, amount, 0.0)
    return np.where(ends - r.life_months < tree.start, total, 0.0)


def _holds(r: Any, moments: Sequence[Node]) -> NDArray[np.bool_]:
    """Whether a row of Stockpiles may hold goods at the end of each node: within its life.

    It opens with the first node that begins in it, and is empty at the end of its last month.
    """
    return np.array(
        [
            (r.start is None or m.start >= r.start) and (r.end is None or m.end <= r.end)
            for m in moments
        ]
    )
