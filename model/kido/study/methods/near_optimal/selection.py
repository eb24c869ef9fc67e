"""Which choices of a plan are looked at: every country, plant, store and recycling way, or some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kido.data.case.case import SHEET_OF
from kido.data.selectors import NameIndex
from kido.result.plan import SolvedPlan
from kido.study.design.design import Design
from kido.study.methods.near_optimal.quantities import USE, functional_of, rows_of, users_of
from kido.study.resolve.measures import COUNTRY, STOCKPILES, commodity_and_country, country_item

SCRAP = "scrap"


def items_of(answer: SolvedPlan, design: Design) -> list[str]:
    """Keys of `Outcome.plan` and `use|FACILITY` that a design of the method room looks at.

    `answer` is any answer to the book. A sheet: its rows. Words: the rows of the sheet they
    call; without a sheet, rows of any sheet by name or tag, and what lies at a site or in a
    country of what is looked at when nothing is said. Commodities: only items about them.
    What no plan could do anything of is left out.
    """
    found = _called(answer, design)
    wanted = set(design.commodities)
    return [
        item
        for item in dict.fromkeys(found)
        if (not wanted or wanted & about(answer, item)) and functional_of(answer, item).possible
    ]


def about(answer: SolvedPlan, item: str) -> set[str]:
    """The commodities an item is about: what it moves, takes or makes."""
    kind, _, name = item.partition("|")
    case = answer.case
    if kind == COUNTRY:
        return {commodity_and_country(name)[0]}
    if kind in (USE, "Facilities"):
        rows = [f"{SHEET_OF[variable]}|{row}" for variable, row, _ in users_of(answer, name)]
        return set().union(*(about(answer, row) for row in rows))
    if kind == "Processes":
        process = case.processes[name]
        return {*process.made, *(goods for goods, _ in process.inputs)}
    if kind == "Contracts":
        covers = case.contracts[name].covers
        return set().union(*(about(answer, f"{SHEET_OF[v]}|{row}") for v, row in covers))
    commodity: str = rows_of(answer)[kind][name].commodity
    return {commodity}


def _called(answer: SolvedPlan, design: Design) -> Iterator[str]:
    words, sheets = NameIndex.of(answer.tables), rows_of(answer)
    if design.sheet:
        rows = sheets[design.sheet]
        names = [n for w in design.words for n in words.rows(w, design.sheet) if n in rows]
        yield from _items(answer, design.sheet, names if design.words else rows)
        return
    usual = list(_usual(answer))
    if not design.words:
        yield from usual
    for word in design.words:
        if words.kind(word) in ("name", "tag"):
            for sheet in sheets:
                yield from _items(answer, sheet, words.rows(word, sheet))
        else:
            yield from (item for item in usual if _lies(answer, item, word))


def _items(answer: SolvedPlan, sheet: str, names: Iterable[str]) -> Iterator[str]:
    """Of a facility what is used, and what is built where it can be."""
    for name in names:
        if sheet == "Facilities":
            yield f"{USE}|{name}"
        yield f"{sheet}|{name}"


def _usual(answer: SolvedPlan) -> Iterator[str]:
    """Countries by needed commodity, facilities, stockpiles, and processes that take scrap."""
    case = answer.case
    countries = sorted({country for country in case.country.values() if country})
    for commodity in answer.elements:
        yield from (country_item(commodity, country) for country in countries)
    yield from _items(answer, "Facilities", case.facilities)
    yield from _items(answer, STOCKPILES, case.stocks)
    for process in case.processes.values():
        if any(answer.kind_of[goods] == SCRAP for goods, _ in process.inputs):
            yield f"Processes|{process.name}"


def _lies(answer: SolvedPlan, item: str, place: str) -> bool:
    """Whether an item of the usual ones lies at a site or in a country."""
    kind, _, name = item.partition("|")
    if kind == COUNTRY:
        return commodity_and_country(name)[1] == place
    site = rows_of(answer)["Facilities" if kind == USE else kind][name].site
    return place in (site, answer.case.country[site])
