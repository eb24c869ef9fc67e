"""The choices of a plan whose ranges are computed: countries, facilities, stockpiles, recycling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kido.data.case.case import SHEET_OF
from kido.data.selectors import NameIndex
from kido.result.plan import SolvedPlan
from kido.study.design.design import Design
from kido.study.methods.near_optimal.quantities import USE, expression_of, rows_of, users_of
from kido.study.resolve.measures import COUNTRY, STOCKPILES, commodity_and_country, country_item

SCRAP = "scrap"


def items_of(plan: SolvedPlan, design: Design) -> list[str]:
    """Keys of `Outcome.plan` and `use|FACILITY` that a design selects for near-optimal ranges.

    `plan` is any plan of the book. A sheet selects its rows. Words select the rows of the sheet
    that they match; without a sheet, rows of any sheet by name or tag, and those default items
    that are at a site or in a country. Commodities select only their items.
    Items that are 0 in every plan are left out.
    """
    items = _selected_items(plan, design)
    commodities = set(design.commodities)
    return [
        item
        for item in dict.fromkeys(items)
        if (not commodities or commodities & commodities_of(plan, item))
        and expression_of(plan, item).possible
    ]


def commodities_of(plan: SolvedPlan, item: str) -> set[str]:
    """The commodities that an item moves, takes or makes."""
    kind, _, name = item.partition("|")
    case = plan.case
    if kind == COUNTRY:
        return {commodity_and_country(name)[0]}
    if kind in (USE, "Facilities"):
        rows = [f"{SHEET_OF[variable]}|{row}" for variable, row, _ in users_of(plan, name)]
        return set().union(*(commodities_of(plan, row) for row in rows))
    if kind == "Processes":
        process = case.processes[name]
        return {*process.outputs, *(goods for goods, _ in process.inputs)}
    if kind == "Contracts":
        covers = case.contracts[name].covers
        return set().union(*(commodities_of(plan, f"{SHEET_OF[v]}|{row}") for v, row in covers))
    commodity: str = rows_of(plan)[kind][name].commodity
    return {commodity}


def _selected_items(plan: SolvedPlan, design: Design) -> Iterator[str]:
    words, sheets = NameIndex.of(plan.tables), rows_of(plan)
    if design.sheet:
        rows = sheets[design.sheet]
        names = [n for w in design.words for n in words.rows(w, design.sheet) if n in rows]
        yield from _items(plan, design.sheet, names if design.words else rows)
        return
    default_items = list(_default_items(plan))
    if not design.words:
        yield from default_items
    for word in design.words:
        if words.kind(word) in ("name", "tag"):
            for sheet in sheets:
                yield from _items(plan, sheet, words.rows(word, sheet))
        else:
            yield from (item for item in default_items if _is_at(plan, item, word))


def _items(plan: SolvedPlan, sheet: str, names: Iterable[str]) -> Iterator[str]:
    """Items of the rows of a sheet; of a facility its use and its new capacity."""
    for name in names:
        if sheet == "Facilities":
            yield f"{USE}|{name}"
        yield f"{sheet}|{name}"


def _default_items(plan: SolvedPlan) -> Iterator[str]:
    """The items of a design without sheet and words.

    Countries by needed commodity, facilities, stockpiles, and processes that take scrap.
    """
    case = plan.case
    countries = sorted({country for country in case.country.values() if country})
    for commodity in plan.elements:
        yield from (country_item(commodity, country) for country in countries)
    yield from _items(plan, "Facilities", case.facilities)
    yield from _items(plan, STOCKPILES, case.stocks)
    for process in case.processes.values():
        if any(plan.kind_of[goods] == SCRAP for goods, _ in process.inputs):
            yield f"Processes|{process.name}"


def _is_at(plan: SolvedPlan, item: str, place: str) -> bool:
    """Whether a default item is at a site or in a country."""
    kind, _, name = item.partition("|")
    if kind == COUNTRY:
        return commodity_and_country(name)[1] == place
    site = rows_of(plan)["Facilities" if kind == USE else kind][name].site
    return place in (site, plan.case.country[site])
