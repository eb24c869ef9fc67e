"""tables -> case: every row becomes a record with its numbers after events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kido.data.case import Array, Case, Demand, Facility, Offer, Pair, Process, Route, Stock, Tier
from kido.data.charge import charges
from kido.data.effects import Effects
from kido.data.flow import Landing
from kido.data.policy import policies
from kido.data.reach import columns
from kido.data.sign import contracts
from kido.data.tables import Tables
from kido.data.tree import Future, Tree, build_tree
from kido.data.words import Words


def futures(tables: Tables) -> list[Future]:
    """The rows of Scenarios, as the tree needs them."""
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
    s = tables.settings
    return build_tree(
        futures(tables), s.start, s.calendar, s.run_out, s.discount_rate, only=scenario
    )


def make_case(tables: Tables, scenario: str | None = None) -> Case:
    """The whole case. `scenario` names one branch to plan alone, everything known.

    Raises KeyError when no branch bears that name.
    """
    words = Words.of(tables)
    tree = tree_of(tables, scenario)
    effects = Effects(tables, words, tree, months_beyond=_months_of_cover(tables))
    landing = Landing(tree)
    routes = _routes(tables, effects, landing)
    demands, tiers = _demands(tables, effects, landing)
    processes = _processes(tables, effects, landing)
    stocks = _stocks(tables, effects)
    supply = _offers(tables, effects, "Supply")
    case = Case(
        settings=tables.settings,
        tree=tree,
        country={r.name: r.country for r in tables["Sites"].records()},
        supply=supply,
        sales=_offers(tables, effects, "Sales"),
        facilities=_facilities(tables, effects),
        processes=processes,
        routes=routes,
        contracts=contracts(tables, words, effects, supply, routes),
        stocks=stocks,
        yards=_yards(tables, effects, stocks, routes, processes),
        disposal={
            r.name: r.disposal_cost
            for r in tables["Commodities"].records()
            if not math.isnan(r.disposal_cost)
        },
        demands=demands,
        tiers=tiers,
        policies=(),
        charges=(),
        columns={},
    )
    case = replace(case, charges=charges(tables, case, effects))
    limits, penalties = policies(
        tables, words, effects, case, lambda row: monthly_need(tables, effects, row)
    )
    case = replace(case, policies=limits, charges=(*case.charges, *penalties))
    return replace(case, columns=columns(case))


def blank_is(value: float, instead: float) -> float:
    return instead if math.isnan(value) else value


def _months_of_cover(tables: Tables) -> int:
    limits = [r.limit for r in tables["Policies"].records() if r.measure == "cover"]
    return math.ceil(max(limits, default=0.0))


def _offers(tables: Tables, effects: Effects, sheet: str) -> Mapping[str, Offer]:
    found = {}
    for r in tables[sheet].records():
        most, least = effects.limits(
            sheet, r.name, blank_is(r.most, math.inf), r.least, r.start, r.end
        )
        price = effects.mean(sheet, r.name, "price", r.price)
        found[r.name] = Offer(r.name, r.site, r.commodity, price, most, least)
    return found


def _facilities(tables: Tables, effects: Effects) -> Mapping[str, Facility]:
    tree, found = effects.tree, {}
    for r in tables["Facilities"].records():
        installed = effects.limits("Facilities", r.name, r.capacity, 0.0, r.start, r.end)[0]
        build = int(r.build_months)
        orders: tuple[int, ...] = ()
        ready: tuple[tuple[tuple[int, float], ...], ...] = ((),) * len(tree.moments)
        if not math.isnan(r.expansion_cost):
            # factors act on what is ordered too; profiles and added amounts do not
            use = effects.opened(
                "Facilities", r.name, None, r.end,
                lambda key, delay: effects.factor("capacity", key) / 12,
            )  # fmt: skip
            running = [np.concatenate(([0.0], np.cumsum(series))) for series in use]
            life = 12 * r.life_years if not math.isnan(r.life_years) else math.inf
            ready = tuple(_ready(tree, n, build, life, running) for n in range(len(tree.moments)))
            orders = tuple(sorted({m for parts in ready for m, _ in parts}))
        found[r.name] = Facility(
            name=r.name,
            site=r.site,
            installed=installed,
            ready=ready,
            orders=orders,
            least_expansion=r.least_expansion,
            most_expansion=blank_is(r.most_expansion, math.inf),
            minimum_use=r.minimum_use,
            idle_cost=None if math.isnan(r.idle_cost) else r.idle_cost,
        )
    return found


def _ready(
    tree: Tree, n: int, build: int, life: float, running: list[Array]
) -> tuple[tuple[int, float], ...]:
    """(order moment, years of use in n of a t/yr ordered then) along the path to n."""
    now, parts = tree.moments[n], []
    series = running[now.branch]
    for m in tree.back(n):
        first = tree.moments[m].start + build
        begin = max(now.start, first)
        after = int(min(now.end, first + life))
        if begin < after:
            years = float(series[after - tree.start] - series[begin - tree.start])
            if years > 0:
                parts.append((m, years))
    return tuple(parts)


def _processes(tables: Tables, effects: Effects, landing: Landing) -> Mapping[str, Process]:
    lines: dict[str, list] = {}
    for r in tables["Recipes"].records():
        lines.setdefault(r.process, []).append(r)
    found = {}
    for r in tables["Processes"].records():
        most, least = effects.limits(
            "Processes", r.name, blank_is(r.most, math.inf), r.least, r.start, r.end
        )
        made: dict[str, Array] = {}
        early: dict[str, Array] = {}
        for line in lines.get(r.name, []):
            if line.role == "output":
                made[line.item] = _output(effects, r.name, line.item, line.amount)
                if r.in_works > 0 and r.lead > 0:
                    early[line.item] = landing.early(r.lead) * r.in_works / 12 * line.amount
        found[r.name] = Process(
            name=r.name,
            site=r.site,
            most=most,
            least=least,
            inputs=tuple((x.item, x.amount) for x in lines.get(r.name, []) if x.role == "input"),
            made=made,
            uses=tuple((x.item, x.amount) for x in lines.get(r.name, []) if x.role == "uses"),
            arrivals=landing.arrivals(_lead(effects, "Processes", r.name, r.lead)),
            early=early,
        )
    return found


def _output(effects: Effects, process: str, commodity: str, amount: float) -> Array:
    """Output per t of activity in each moment, after the yield events of that commodity."""
    acting = [
        i
        for i in effects.acting("Processes", process, "yield")
        if not effects.events[i].commodities or commodity in effects.events[i].commodities
    ]
    keys = effects.keys(acting)
    series = {key: np.maximum(effects.number(amount, "yield", key), 0.0) for key in set(keys)}
    return effects.means(tuple(series[key] for key in keys))


def _lead(effects: Effects, sheet: str, row: str, lead: float) -> tuple[Array, ...]:
    monthly = effects.monthly(sheet, row, "lead", lead)
    return tuple(np.maximum(series, 0.0) for series in monthly)


def _routes(tables: Tables, effects: Effects, landing: Landing) -> Mapping[str, Route]:
    country = {r.name: r.country for r in tables["Sites"].records()}
    found = {}
    for r in tables["Routes"].records():
        most, least = effects.limits(
            "Routes", r.name, blank_is(r.most, math.inf), r.least, r.start, r.end
        )
        loss = np.clip(effects.mean("Routes", r.name, "loss", r.loss), 0.0, 100.0)
        found[r.name] = Route(
            name=r.name,
            origin=r.origin,
            destination=r.destination,
            commodity=r.commodity,
            country=country.get(r.origin, ""),
            most=most,
            least=least,
            kept=1 - loss / 100,
            uses=r.uses,
            arrivals=landing.arrivals(_lead(effects, "Routes", r.name, r.lead)),
            early=landing.early(r.lead) * r.on_water / 12 * (1 - r.loss / 100),
        )
    return found


def _yards(
    tables: Tables,
    effects: Effects,
    stocks: Mapping[str, Stock],
    routes: Mapping[str, Route],
    processes: Mapping[str, Process],
) -> tuple[Pair, ...]:
    """Where something lands after a lead and no stockpile is declared."""
    if tables.settings.yard_cost is None:
        return ()
    landing: set[Pair] = set()
    for r in tables["Routes"].records():
        if r.lead > 0 or effects.acting("Routes", r.name, "lead"):
            landing.add((r.destination, r.commodity))
    for r in tables["Processes"].records():
        if r.lead > 0 or effects.acting("Processes", r.name, "lead"):
            landing |= {(r.site, made) for made in processes[r.name].made}
    return tuple(sorted(landing - {s.pair for s in stocks.values()}))


def _stocks(tables: Tables, effects: Effects) -> Mapping[str, Stock]:
    moments, found = effects.tree.moments, {}
    calm = np.array([m.calm for m in moments])
    length = np.array([m.months for m in moments], dtype=float)
    start = np.array([m.start for m in moments])
    for r in tables["Stockpiles"].records():
        openness = np.ones(len(moments), dtype=bool)
        if r.release == "from a month":
            openness = start >= r.release_month
        elif r.release == "once a disruption is known":
            openness = ~calm
        draw = np.where(openness, blank_is(r.draw, math.inf), 0.0)
        capacity = effects.mean("Stockpiles", r.name, "capacity", blank_is(r.capacity, math.inf))
        asked = {"at least": r.ending_amount, "at least opening": r.opening}.get(r.ending, 0.0)
        with np.errstate(invalid="ignore"):
            most_drawn = np.where(draw == 0, 0.0, draw * length)
        found[r.name] = Stock(
            name=r.name,
            site=r.site,
            commodity=r.commodity,
            owner=r.owner,
            opening=r.opening,
            capacity=capacity,
            floor=np.where(calm, r.floor, 0.0),
            fill=blank_is(r.fill, math.inf) * length,
            draw=most_drawn,
            least_ending=asked,
        )
    return found


def _demands(
    tables: Tables, effects: Effects, landing: Landing
) -> tuple[Mapping[str, Demand], Mapping[str, Tier]]:
    relief: dict[str, list] = {}
    for r in tables["Relief"].records():
        relief.setdefault(r.demand, []).append(r)
    demands, tiers = {}, {}
    for r in tables["Demand"].records():
        monthly = monthly_need(tables, effects, r)
        need = effects.sums(monthly)
        rows = relief.get(r.name, [])
        demands[r.name] = Demand(
            name=r.name,
            segment=r.segment,
            site=r.site,
            commodity=r.commodity,
            priority=int(r.priority),
            need=need,
            tiers=tuple(x.name for x in rows),
        )
        for x in rows:
            tiers[x.name] = _tier(x, monthly, effects, landing)
    return demands, tiers


def monthly_need(tables: Tables, effects: Effects, row) -> tuple[Array, ...]:  # noqa: ANN001
    """t needed in each month, for every branch; growth steps each January."""
    base_year = tables.settings.base_year
    months = effects.start + np.arange(effects.count)
    plain = row.need / 12 * (1 + row.growth) ** (months // 12 - base_year)
    keys = effects.keys(effects.acting("Demand", row.name, "demand"))
    made = {}
    for key in set(keys):
        # a profile and an added amount are t/yr
        yearly = effects.number(plain * 12, "demand", key)
        made[key] = np.maximum(yearly, 0.0) / 12
    return tuple(made[key] for key in keys)


def _tier(row, need: tuple[Array, ...], effects: Effects, landing: Landing) -> Tier:  # noqa: ANN001
    tree = effects.tree
    months = effects.start + np.arange(effects.count)
    everything = row.kind == "lost" and row.share >= 1
    shares = effects.monthly("Relief", row.name, "capacity", row.share)
    allowed = []
    for branch, share, wanted in zip(tree.branches, shares, need, strict=True):
        usable = np.ones(effects.count, dtype=bool)
        if row.start is not None:
            usable = months >= row.start
        if not math.isnan(row.notice):
            struck = branch.disrupted_from
            usable = usable & (struck is not None and months >= struck + row.notice)
        limit = np.full(effects.count, math.inf) if everything else np.clip(share, 0, 1) * wanted
        if everything:
            limit = np.where(share > 0, limit, 0.0)
        allowed.append(np.where(usable, limit, 0.0))
    most = effects.sums(tuple(allowed))
    returns = None
    if row.kind == "defer" and not math.isnan(row.returns):
        returns = landing.constant(row.returns)
        late = np.array([m.end + row.returns > tree.end + 1e-9 for m in tree.moments])
        most = np.where(late, 0.0, most)
    return Tier(row.name, row.demand, row.kind, most, returns)
