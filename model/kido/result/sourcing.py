"""Sourcing: what becomes available at home, by country, against what is needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable

SOURCES = ("arrives", "from stock")
KINDS = ("thrift", "substitute", "defer", "lost")
LABELS = (Column("commodity"), Column("measure", shape="word"), Column("source", shape="word"))


def arrivals_by_country(plan: SolvedPlan, commodity: str) -> Mapping[str, Array]:
    """t that become available at home in each node, by country of departure, or home itself.

    What is made at home counts as home's, whatever feed it was made from.
    """
    by_country = imports_by_country(plan, commodity)
    for (name, item), tonnes in plan.outputs.items():
        site = plan.case.processes[name].site
        if item == commodity and plan.at_home(site):
            _add_tonnes(by_country, plan.case.country[site], tonnes)
    return by_country


def imports_by_country(plan: SolvedPlan, commodity: str) -> dict[str, Array]:
    """t in each node that are imported, by country of departure, or bought at home."""
    case = plan.case
    by_country: dict[str, Array] = {}
    for name, tonnes in plan.arrivals.items():
        lane = case.routes[name]
        if lane.commodity == commodity and plan.imports(name):
            _add_tonnes(by_country, lane.country, tonnes)
    for (name,), tonnes in plan.values["buy"].items():
        offer = case.supply[name]
        if offer.commodity == commodity and plan.at_home(offer.site):
            _add_tonnes(by_country, case.country[offer.site], tonnes)
    return by_country


def _add_tonnes(by_country: dict[str, Array], country: str, tonnes: Array) -> None:
    by_country[country] = by_country[country] + tonnes if country in by_country else tonnes


def from_stock(plan: SolvedPlan, commodity: str) -> Array:
    """t drawn from stockpiles and yards at home in each node, less what is put into them."""
    case, net_draw = plan.case, plan.zeros
    for stock in case.stocks.values():
        if stock.commodity == commodity and plan.at_home(stock.site):
            net_draw = net_draw + plan.before(stock.name) - plan.of("stock", stock.name)
    for (site, item), level in plan.values["yard_stock"].items():
        if item == commodity and plan.at_home(site):
            before = np.where(plan.previous < 0, 0.0, level[plan.previous])
            net_draw = net_draw + before - level
    return net_draw


def need_of(plan: SolvedPlan, commodity: str) -> Array:
    """t of need in each node."""
    need = plan.zeros
    for demand in plan.case.demands.values():
        if demand.commodity == commodity:
            need = need + demand.need
    return need


def met_of(plan: SolvedPlan, commodity: str) -> Array:
    """t of need served in each node."""
    met = plan.zeros
    for demand in plan.case.demands.values():
        if demand.commodity == commodity:
            met = met + plan.of("meet", demand.name)
    return met


def relief_of(plan: SolvedPlan, commodity: str, demand: str | None = None) -> dict[str, Array]:
    """t of need relieved in each node, by kind, and what comes back due."""
    by_kind = dict.fromkeys((*KINDS, "comes back"), plan.zeros)
    for name, tier in plan.case.tiers.items():
        target = plan.case.demands[tier.demand]
        if target.commodity == commodity and demand in (None, tier.demand):
            by_kind[tier.kind] = by_kind[tier.kind] + plan.of("relieve", name)
            if name in plan.returns_due:
                by_kind["comes back"] = by_kind["comes back"] + plan.returns_due[name]
    return by_kind


def supply_lines(plan: SolvedPlan, commodity: str) -> list[tuple[str, str, Array]]:
    """(measure, source, t) that sum to need: arrivals by country, stock, other uses, relief by
    kind (delay less what comes back due), and loss.
    """
    by_country = arrivals_by_country(plan, commodity)
    countries = sorted(by_country, key=lambda c: -by_country[c].sum())
    lines = [("arrives", c, by_country[c]) for c in countries]
    net_draw, met = from_stock(plan, commodity), met_of(plan, commodity)
    need, relief = need_of(plan, commodity), relief_of(plan, commodity)
    arriving = sum(by_country.values(), plan.zeros)
    lines.append(("from stock", "stock", net_draw))
    lines.append(("other uses", "other uses", met - arriving - net_draw))
    relief["defer"] = relief["defer"] - relief.pop("comes back")
    lines += [("lived without", kind, t) for kind, t in relief.items() if kind != "lost"]
    lines.append(("not served", "not served", relief["lost"]))
    lines.append(("need", "need", need))
    return lines


def served_from(lines: list[tuple[str, str, Array]], met: Array) -> list[tuple[str, Array]]:
    """(source, t served) with what is met shared out in proportion to the sources of the node."""
    gives = [(source, np.maximum(t, 0.0)) for m, source, t in lines if m in SOURCES]
    total = sum((t for _, t in gives), np.zeros_like(met))
    share = np.divide(met, total, out=np.zeros_like(met), where=total > 0)
    return [(source, t * share) for source, t in gives]


def sourcing(plan: SolvedPlan) -> Table:
    """The table of elements by source over time, then imports of other commodities."""
    table = TimeTable("sourcing", LABELS, Timeline.of(plan, plan.reference_path))
    for commodity in plan.elements:
        unit = plan.unit_of[commodity]
        lines = supply_lines(plan, commodity)
        for measure, source, tonnes in lines:
            table.add((commodity, measure, source), unit, tonnes, keep=measure == "need")
        _shares(table, commodity, lines)
        for source, tonnes in served_from(lines, met_of(plan, commodity)):
            name = "drawn stock" if source == "stock" else source
            table.add((commodity, "serves", name), unit, tonnes)
    for commodity in plan.kind_of:
        if commodity in plan.elements:
            continue
        for name, tonnes in imports_by_country(plan, commodity).items():
            table.add((commodity, "brought in", name), plan.unit_of[commodity], tonnes)
    return table.table(branch=reference(plan))


def _shares(table: TimeTable, commodity: str, lines: list[tuple[str, str, Array]]) -> None:
    """Add the share of each country in what arrives, by tonnes of the period."""
    arriving = [(source, t) for measure, source, t in lines if measure == "arrives"]
    total = sum((t for _, t in arriving), np.zeros_like(lines[0][2]))
    for source, tonnes in arriving:
        table.add((commodity, "share of arrivals", source), "%", tonnes, over=total)
