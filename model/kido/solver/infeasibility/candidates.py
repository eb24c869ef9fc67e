"""Cells that may make a workbook infeasible: capacities, dates, leads, losses, events, recipes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from kido.data.case.facilities import recipe_lines
from kido.data.case.orders import HELD
from kido.data.schema import word_term
from kido.data.tables import Tables
from kido.data.units import Units, content_of
from kido.data.validation.network import Network
from kido.errors import Place
from kido.messages import phrase
from kido.solver.infeasibility.opening import Opening, choice, month, number, with_cell

PLENTY = 1e6  # t/yr: more than any row of a book carries
EVENT = "shuts-the-way.event"
BLANK, NO_EVENT, A_COST = phrase("part.blank"), phrase("part.no_event"), phrase("part.a_cost")
DATED = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Relief",
         "Demand", "Stockpiles")  # fmt: skip
LIMITED = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most",
           "Facilities": "capacity"}  # fmt: skip


def candidates(tables: Tables) -> Iterator[Opening]:
    """An opening for each cell of the workbook that may make it infeasible."""
    yield from _events(tables)
    yield from _limits(tables)
    yield from _dates(tables)
    yield from _times(tables)
    yield from _losses(tables)
    yield from _recipes(tables)
    yield from _releases(tables)
    yield from _lives(tables)
    yield from _profiles(tables)
    yield from _surplus(tables)
    yield from _orders(tables)


def _orders(tables: Tables) -> Iterator[Opening]:
    """Orders that stay in the plan, less of each."""
    for r in tables["Orders"].records():
        if r.status in HELD and r.amount > 0:
            yield number(tables, "Orders", r, "amount", "shuts-the-way.order", r.amount, 0.0)


def _limits(tables: Tables) -> Iterator[Opening]:
    """Capacities of 0, which have no column in the program, and shares of relief."""
    units = Units(tables)
    for sheet, column in LIMITED.items():
        for r in tables[sheet].records():
            if getattr(r, column) == 0:
                plenty = PLENTY / units.tonnes(getattr(r, "commodity", ""))
                yield number(tables, sheet, r, column, "shuts-the-way.nothing", 0.0, plenty)
    for r in tables["Relief"].records():
        if r.share < 1:
            yield number(tables, "Relief", r, "share", "shuts-the-way.relief", r.share, 1.0)


def _dates(tables: Tables) -> Iterator[Opening]:
    start, after = tables.settings.start, tables.settings.start
    after += sum(tables.settings.calendar) + tables.settings.run_out
    for sheet in DATED:
        for r in tables[sheet].records():
            if r.start is not None and r.start > start:
                yield month(tables, sheet, r, "start", r.start, start, "shuts-the-way.late")
            end = getattr(r, "end", None)
            if end is not None and end < after - 1:
                yield month(tables, sheet, r, "end", end, after - 1, "shuts-the-way.early")


def _times(tables: Tables) -> Iterator[Opening]:
    for sheet, column in (("Routes", "lead"), ("Processes", "lead"), ("Facilities", "build_months"),
                          ("Relief", "notice")):  # fmt: skip
        for r in tables[sheet].records():
            value = getattr(r, column)
            if value > 0:
                yield number(tables, sheet, r, column, "shuts-the-way.long", value, 0.0)


def _losses(tables: Tables) -> Iterator[Opening]:
    for r in tables["Routes"].records():
        if r.loss > 0:
            yield number(tables, "Routes", r, "loss", "shuts-the-way.loss", r.loss, 0.0)
    for r in tables["Demand"].records():
        if r.growth > 0:
            yield number(tables, "Demand", r, "growth", "shuts-the-way.growth", r.growth, 0.0)
    for r in tables["Facilities"].records():
        if r.minimum_use > 0:
            key = "shuts-the-way.minimum_use"
            yield number(tables, "Facilities", r, "minimum_use", key, r.minimum_use, 0.0)


def _recipes(tables: Tables) -> Iterator[Opening]:
    """Recipes: inputs and capacity use down, outputs up, as far as mass balance allows."""
    content = {r.name: content_of(r) for r in tables["Commodities"].records()}
    for process, lines in recipe_lines(tables).items():
        mass = {
            role: sum(r.amount * content.get(r.item, math.nan) for r in lines if r.role == role)
            for role in ("input", "output")
        }
        for r in lines:
            unit_mass = content.get(r.item, math.nan)
            place, values = (tables, "Recipes", r, "amount"), {"process": process, "item": r.item}
            if r.role == "uses" and r.amount > 0:
                yield number(*place, "shuts-the-way.takes", r.amount, 0.0, **values)
            elif r.role == "input" and r.amount > 0:
                slack = (mass["input"] - mass["output"]) / unit_mass if unit_mass else math.nan
                least = max(0.0, r.amount - slack) if slack == slack else r.amount / 100
                if least < r.amount:
                    yield number(*place, "shuts-the-way.takes", r.amount, least, **values)
            elif r.role == "output":
                slack = (mass["input"] - mass["output"]) / unit_mass if unit_mass else math.nan
                top = r.amount + slack if slack == slack else max(100 * r.amount, 1.0)
                if top > r.amount:
                    yield number(*place, "shuts-the-way.makes", r.amount, top, **values)


def _events(tables: Tables) -> Iterator[Opening]:
    """Each event left out, or its factor or amount moved to where it has no effect."""
    for r in tables["Events"].records():
        effect = word_term("Events", "effect", r.effect)
        unnamed = phrase("part.unnamed_event", effect=effect, target="; ".join(r.target))
        about = {"name": r.name or unnamed}
        column, neutral = next(
            ((c, s) for c, s in (("factor", 1.0), ("add", 0.0)) if not math.isnan(getattr(r, c))),
            ("profile", None),
        )
        place = tables["Events"].place(r.Index, column)
        rows = tables["Events"].rows
        without = tables.with_rows("Events", rows.drop(index=r.Index))
        if neutral is None:
            advice = "part.correct_profile"
            yield choice(place, EVENT, about, r.profile, without, NO_EVENT, advice, first=True)
            continue
        value = float(getattr(r, column))
        opening = number(tables, "Events", r, column, EVENT, value, neutral, **about)
        advice = "part.correct_event"
        yield replace(opening, advice=phrase(advice), first=True)
        # on a limit that is blank no other factor may stand
        yield choice(place, EVENT, about, f"{value:g}", without, NO_EVENT, advice, first=True)


def _profiles(tables: Tables) -> Iterator[Opening]:
    """Each value of a profile that an event uses in place of a number."""
    effect_of = {r.profile: r.effect for r in tables["Events"].records() if r.profile}
    for r in tables["Profiles"].records():
        effect = effect_of.get(r.name)
        if effect in ("capacity", "yield"):
            end = max(PLENTY, r.value)
            yield number(tables, "Profiles", r, "value", "shuts-the-way.little", r.value, end)
        elif effect in ("demand", "lead", "loss") and r.value > 0:
            yield number(tables, "Profiles", r, "value", "shuts-the-way.much", r.value, 0.0)


def _releases(tables: Tables) -> Iterator[Opening]:
    units = Units(tables)
    for r in tables["Stockpiles"].records():
        end = PLENTY / units.tonnes(r.commodity) if math.isnan(r.capacity) else r.capacity
        if r.opening < end:
            yield number(
                tables, "Stockpiles", r, "opening", "shuts-the-way.opening", r.opening, end
            )
        if r.release != "any time":
            place = tables["Stockpiles"].place(r.Index, "release")
            with_release = with_cell(tables, "Stockpiles", r.Index, "release", "any time")
            rule = word_term("Stockpiles", "release", r.release)
            yield choice(place, "shuts-the-way.release", {"name": r.name}, rule, with_release,
                          phrase("part.any_time"), "part.other_rule", first=True)  # fmt: skip
        if r.draw == 0 or r.fill == 0:
            for column in ("draw", "fill"):
                if getattr(r, column) == 0:
                    plenty = PLENTY / units.tonnes(r.commodity)
                    yield number(tables, "Stockpiles", r, column, "shuts-the-way.still", 0.0,
                                  plenty)  # fmt: skip


def _lives(tables: Tables) -> Iterator[Opening]:
    """Lives of stocks that are shorter than the plan."""
    s = tables.settings
    months = float(sum(s.calendar) + s.run_out)
    for r in tables["Stockpiles"].records():
        if r.life_months < months:
            yield number(
                tables, "Stockpiles", r, "life_months", "shuts-the-way.perishes", r.life_months,
                months,
            )  # fmt: skip


def _surplus(tables: Tables) -> Iterator[Opening]:
    """Disposal costs and the yard cost that are blank, so that surplus has no way out."""
    if tables.settings.yard_cost is None:
        place = Place(tables.settings_title, tables.settings_cells.get("yard_cost", ""))
        with_cost = tables.with_settings(yard_cost=0.0)
        yield choice(place, "shuts-the-way.yard", {}, BLANK, with_cost, A_COST, "part.type_yard")
    outlets = Network(tables).outlets
    for r in tables["Commodities"].records():
        if math.isnan(r.disposal_cost) and any(item == r.name for _, item in outlets):
            place = tables["Commodities"].place(r.Index, "disposal_cost")
            with_cost = with_cell(tables, "Commodities", r.Index, "disposal_cost", 0.0)
            yield choice(place, "shuts-the-way.disposal", {"name": r.name}, BLANK, with_cost,
                         A_COST, "part.type_disposal")  # fmt: skip
