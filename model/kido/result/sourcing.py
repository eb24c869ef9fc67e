"""Where supply comes from: what lands at home by country, against what is needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.timeline import Timeline, TimeTable

SOURCES = ("arrives", "from stock")
KINDS = ("thrift", "substitute", "defer", "lost")
LABELS = (Column("commodity"), Column("measure", shape="word"), Column("source", shape="word"))


def arrivals_by_country(answer: SolvedPlan, commodity: str) -> Mapping[str, Array]:
    """t that become available at home: imports by the country they left, and home's own.

    What home makes counts as home's, whatever feed it was made from.
    """
    found = crossing(answer, commodity)
    for (name, item), tonnes in answer.made.items():
        site = answer.case.processes[name].site
        if item == commodity and answer.at_home(site):
            _count(found, answer.case.country[site], tonnes)
    return found


def crossing(answer: SolvedPlan, commodity: str) -> dict[str, Array]:
    """t imported, by the country they left, and bought at home."""
    case = answer.case
    found: dict[str, Array] = {}
    for name, tonnes in answer.landed.items():
        lane = case.routes[name]
        if lane.commodity == commodity and answer.imports(name):
            _count(found, lane.country, tonnes)
    for (name,), tonnes in answer.values["buy"].items():
        offer = case.supply[name]
        if offer.commodity == commodity and answer.at_home(offer.site):
            _count(found, case.country[offer.site], tonnes)
    return found


def _count(found: dict[str, Array], country: str, tonnes: Array) -> None:
    found[country] = found[country] + tonnes if country in found else tonnes


def from_stock(answer: SolvedPlan, commodity: str) -> Array:
    """t drawn from stockpiles and yards at home, less what is put into them."""
    case, drawn = answer.case, answer.nothing
    for stock in case.stocks.values():
        if stock.commodity == commodity and answer.at_home(stock.site):
            drawn = drawn + answer.before(stock.name) - answer.of("stock", stock.name)
    for (site, item), level in answer.values["yard_stock"].items():
        if item == commodity and answer.at_home(site):
            before = np.where(answer.previous < 0, 0.0, level[answer.previous])
            drawn = drawn + before - level
    return drawn


def need_of(answer: SolvedPlan, commodity: str) -> Array:
    found = answer.nothing
    for demand in answer.case.demands.values():
        if demand.commodity == commodity:
            found = found + demand.need
    return found


def met_of(answer: SolvedPlan, commodity: str) -> Array:
    found = answer.nothing
    for demand in answer.case.demands.values():
        if demand.commodity == commodity:
            found = found + answer.of("meet", demand.name)
    return found


def relief_of(answer: SolvedPlan, commodity: str, demand: str | None = None) -> dict[str, Array]:
    """t lived without, by kind, and what comes back due."""
    found = dict.fromkeys((*KINDS, "comes back"), answer.nothing)
    for name, tier in answer.case.tiers.items():
        wanted = answer.case.demands[tier.demand]
        if wanted.commodity == commodity and demand in (None, tier.demand):
            found[tier.kind] = found[tier.kind] + answer.of("relieve", name)
            if name in answer.returned:
                found["comes back"] = found["comes back"] + answer.returned[name]
    return found


def supply_lines(answer: SolvedPlan, commodity: str) -> list[tuple[str, str, Array]]:
    """(measure, source, t) that sum to need: what lands, stock, other uses, what is lived without
    by thrift, by substitutes and by delay (less what comes back), and what is lost.
    """
    by_country = arrivals_by_country(answer, commodity)
    ordered = sorted(by_country, key=lambda c: -by_country[c].sum())
    lines = [("arrives", c, by_country[c]) for c in ordered]
    drawn, met = from_stock(answer, commodity), met_of(answer, commodity)
    need, relief = need_of(answer, commodity), relief_of(answer, commodity)
    arrived = sum(by_country.values(), answer.nothing)
    lines.append(("from stock", "stock", drawn))
    lines.append(("other uses", "other uses", met - arrived - drawn))
    relief["defer"] = relief["defer"] - relief.pop("comes back")
    lines += [("lived without", kind, t) for kind, t in relief.items() if kind != "lost"]
    lines.append(("not served", "not served", relief["lost"]))
    lines.append(("need", "need", need))
    return lines


def served_from(lines: list[tuple[str, str, Array]], met: Array) -> list[tuple[str, Array]]:
    """t served, laid on its sources in proportion to what they give in the moment."""
    gives = [(source, np.maximum(t, 0.0)) for m, source, t in lines if m in SOURCES]
    total = sum((t for _, t in gives), np.zeros_like(met))
    share = np.divide(met, total, out=np.zeros_like(met), where=total > 0)
    return [(source, t * share) for source, t in gives]


def sourcing(answer: SolvedPlan, history: ScenarioPath | None = None) -> Table:
    """Each element by country, then feeds and intermediates brought in from abroad or bought."""
    history = history or answer.reference_path
    table = TimeTable("sourcing", LABELS, Timeline.of(answer, history))
    for commodity in answer.elements:
        unit = answer.unit_of[commodity]
        lines = supply_lines(answer, commodity)
        for measure, source, tonnes in lines:
            table.add((commodity, measure, source), unit, tonnes, keep=measure == "need")
        _shares(table, commodity, lines)
        for source, tonnes in served_from(lines, met_of(answer, commodity)):
            name = "drawn stock" if source == "stock" else source
            table.add((commodity, "serves", name), unit, tonnes)
    for commodity in answer.kind_of:
        if commodity in answer.elements:
            continue
        for name, tonnes in crossing(answer, commodity).items():
            table.add((commodity, "brought in", name), answer.unit_of[commodity], tonnes)
    return table.table(branch=history.name)


def _shares(table: TimeTable, commodity: str, lines: list[tuple[str, str, Array]]) -> None:
    """The share of each country in what arrives: of the quarter's tonnes, not of its months."""
    arriving = [(source, t) for measure, source, t in lines if measure == "arrives"]
    total = sum((t for _, t in arriving), np.zeros_like(lines[0][2]))
    for source, tonnes in arriving:
        table.add((commodity, "share of arrivals", source), "%", tonnes, over=total)
