"""Cells that shut the way: where there is no plan, the single cells with which there would be one.

The rows that cannot all hold (`kido.solver.elastic_filter`) are the rows of the program. What an
empty capacity, a date, a lead, a loss, a recipe, an event or a profile takes away has no row in it.
So each such cell is opened alone, in the book, and the program is tried again; where it has a plan
then, the number is closed in on that just lets it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.case.build import make_case
from kido.data.case.facilities import recipe_lines
from kido.data.check import checked_tables
from kido.data.months import Month
from kido.data.schema import Column, catalogue, word_term
from kido.data.tables import Tables
from kido.data.units import Units, content_of
from kido.data.validation.network import Network
from kido.errors import Finding, KidoError, Place, WorkbookError
from kido.lp.build import build_model
from kido.messages import Phrase, Unit, phrase
from kido.solver.handle import Status, new_solver, pass_program, run_solver
from kido.solver.program import hand_over

LONGEST = 60.0  # seconds for all of it
MOST = 6  # cells named
PLENTY = 1e6  # t/yr: more than any row of a book carries
LITTLE = 1e-3  # t/yr
STEEP = 100  # times what is held: so far, numbers are tried by their size
STEPS = 20  # to close a number in
EVENT = "shuts-the-way.event"
BLANK, NO_EVENT, A_COST = phrase("part.blank"), phrase("part.no_event"), phrase("part.a_cost")
DATED = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Relief")
LIMITED = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most",
           "Facilities": "capacity"}  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """A cell that may shut the way: what it says, and the book with another value in it.

    `key` is the message about it, with its `about`. `typed(value)` is the book with a value in
    it. Values go from `held` to `end`, which opens the way if any does; None: there is nothing
    between. `whole` values have no fractions, `steep` ones are tried by their size.
    `told(value)` says a value as a planner types it, and `wanted(value)` what is
    needed. `first` come those that shut the way altogether.
    """

    place: Place
    key: str
    about: Mapping[str, object]
    held: float
    end: float | None
    typed: Callable[[float], Tables]
    told: Callable[[float], object]
    wanted: Callable[[float], Phrase]
    advice: Phrase
    whole: bool = False
    steep: bool = False
    first: bool = False


def openings(tables: Tables, scenario: str | None, known: set[Place]) -> list[Finding]:
    """The cells with any of which alone there would be a plan, and what they would have to be.

    Cells in `known` are named already. Those found in the time there is.
    """
    until = time.perf_counter() + LONGEST
    found: list[Finding] = []
    places = set(known)
    for opening in sorted(_candidates(tables), key=lambda o: not o.first):
        if len(found) == MOST or time.perf_counter() > until:
            break
        if opening.place in places:
            continue
        lets = _Lets(opening, scenario, until)
        if lets(opening.held if opening.end is None else opening.end):
            finding = _finding(opening, lets)
            if finding is not None:
                found.append(finding.in_language(tables.settings.language))
                places.add(opening.place)
    return found


@dataclass(frozen=True)
class _Lets:
    """Whether a value of a cell lets a plan be."""

    opening: Opening
    scenario: str | None
    until: float

    def __call__(self, value: float) -> bool:
        return _has_plan(self.opening.typed(value), self.scenario, self.until)


def _finding(opening: Opening, lets: _Lets) -> Finding | None:
    """With the value closed in on; none where the checks of the book do not let it stand."""
    value = opening.held if opening.end is None else _nearest(opening, lets)
    if not _stands(opening.typed(value)):
        return None
    words = {"wanted": opening.wanted(value), "advice": opening.advice}
    held = opening.told(opening.held)
    return Finding.of(opening.key, opening.place, held, **opening.about, **words)


def _nearest(opening: Opening, lets: _Lets) -> float:
    """The value nearest to what is held that lets a plan be, with as few digits as tell it."""
    shut, opened = opening.held, float(opening.end or 0.0)
    for _ in range(STEPS):
        if opening.whole and abs(opened - shut) <= 1:
            break
        middle = _between(opening, shut, opened)
        if lets(middle):
            opened = middle
        else:
            shut = middle
    if opening.whole:
        return opened
    towards = math.ceil if opened > opening.held else math.floor
    for digits, way in ((3, round), (4, round), (5, round), (5, towards), (7, towards)):
        value = _rounded(opened, digits, way)
        if lets(value):
            return value
    return opened


def _between(opening: Opening, shut: float, opened: float) -> float:
    if opening.whole:
        return float(math.floor((shut + opened) / 2) if opened > shut else
                     math.ceil((shut + opened) / 2))  # fmt: skip
    if opening.steep:
        return math.sqrt(max(shut, LITTLE) * opened)
    return (shut + opened) / 2


def _rounded(value: float, digits: int, way: Callable[[float], int]) -> float:
    """To so many digits."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    return way(value * scale) / scale


def _stands(tables: Tables) -> bool:
    """Whether the checks of a book find no fault with what would be typed."""
    try:
        checked_tables(tables, sweeps=False)
    except WorkbookError:
        return False
    return True


def _has_plan(tables: Tables, scenario: str | None, until: float) -> bool:
    """Whether some plan keeps every rule; no where that is not known."""
    left = until - time.perf_counter()
    if left <= 0:
        return False
    try:
        program = hand_over(*build_model(make_case(tables, scenario)))
        solver = new_solver({"time_limit": left})
        pass_program(solver, replace(program, cost=np.zeros(len(program.columns))))
        run_solver(solver)
    except (KidoError, ValueError, ArithmeticError):
        return False
    return solver.getModelStatus() in (Status.kOptimal, Status.kModelEmpty)


# -- what may shut it -------------------------------------------------------------


def _candidates(tables: Tables) -> Iterator[Opening]:
    yield from _events(tables)
    yield from _limits(tables)
    yield from _dates(tables)
    yield from _times(tables)
    yield from _losses(tables)
    yield from _recipes(tables)
    yield from _releases(tables)
    yield from _profiles(tables)
    yield from _surplus(tables)


def _choice(
    place: Place,
    key: str,
    about: Mapping[str, object],
    held: object,
    opened: Tables,
    wanted: Phrase,
    advice: str,
    first: bool = False,
) -> Opening:
    """A cell with nothing between shut and open."""
    return Opening(
        place, key, about, 0.0, None, lambda _: opened, lambda _: held, lambda _: wanted,
        phrase(advice), first=first,
    )  # fmt: skip


def _with(tables: Tables, sheet: str, row: int, column: str, value: Any) -> Tables:
    rows = tables[sheet].rows.copy()
    if rows[column].dtype != object and value is None:
        value = math.nan
    rows[column] = rows[column].astype(object if value is None else rows[column].dtype)
    rows.at[row, column] = value
    return tables.with_rows(sheet, rows)


def _limits(tables: Tables) -> Iterator[Opening]:
    """Capacities of nought: they have no column in the program."""
    units = Units(tables)
    for sheet, column in LIMITED.items():
        for r in tables[sheet].records():
            if getattr(r, column) == 0:
                plenty = PLENTY / units.tonnes(getattr(r, "commodity", ""))
                yield _number(tables, sheet, r, column, "shuts-the-way.nothing", 0.0, plenty)
    for r in tables["Relief"].records():
        if r.share < 1:
            yield _number(tables, "Relief", r, "share", "shuts-the-way.relief", r.share, 1.0)


def _number(
    tables: Tables,
    sheet: str,
    r: Any,
    column: str,
    key: str,
    held: float,
    end: float,
    **about: object,
) -> Opening:
    """A number of a row, opened towards `end`; `about` goes into the message, or its name."""
    declared, down = catalogue()[sheet].columns[column], end < held
    side = "part.open_most" if down else "part.open_least"
    return Opening(
        tables[sheet].place(r.Index, column), key, about or {"name": r.name}, held, end,
        lambda value: _with(tables, sheet, r.Index, column, value),
        lambda value: _figure(declared, value),
        lambda value: phrase(side, figure=_figure(declared, value)),
        phrase("part.lower_it" if down else "part.raise_it"),
        whole=declared.kind == "integer" or column == "build_months",
        steep=not down and end > STEEP * max(held, 1.0), first=held == 0 and not down,
    )  # fmt: skip


def _figure(column: Column, value: float) -> Phrase:
    number = f"{value:.10g}"
    if not column.unit:
        return phrase("part.shown", number=number)
    return phrase("part.shown_in", number=number, unit=Unit(column.unit))


def _dates(tables: Tables) -> Iterator[Opening]:
    start, after = tables.settings.start, tables.settings.start
    after += sum(tables.settings.calendar) + tables.settings.run_out
    for sheet in DATED:
        for r in tables[sheet].records():
            if r.start is not None and r.start > start:
                yield _month(tables, sheet, r, "start", r.start, start, "shuts-the-way.late")
            end = getattr(r, "end", None)
            if end is not None and end < after - 1:
                yield _month(tables, sheet, r, "end", end, after - 1, "shuts-the-way.early")


def _month(
    tables: Tables, sheet: str, r: Any, column: str, held: int, end: int, key: str
) -> Opening:
    side = "part.not_before" if end > held else "part.not_after"
    return Opening(
        tables[sheet].place(r.Index, column), key, {"name": r.name}, held, end,
        lambda value: _with(tables, sheet, r.Index, column, int(value)),
        lambda value: Month(int(value)),
        lambda value: phrase(side, month=Month(int(value))),
        phrase("part.correct_month"), whole=True, first=True,
    )  # fmt: skip


def _times(tables: Tables) -> Iterator[Opening]:
    for sheet, column in (("Routes", "lead"), ("Processes", "lead"), ("Facilities", "build_months"),
                          ("Relief", "notice")):  # fmt: skip
        for r in tables[sheet].records():
            held = getattr(r, column)
            if held > 0:
                yield _number(tables, sheet, r, column, "shuts-the-way.long", held, 0.0)


def _losses(tables: Tables) -> Iterator[Opening]:
    for r in tables["Routes"].records():
        if r.loss > 0:
            yield _number(tables, "Routes", r, "loss", "shuts-the-way.loss", r.loss, 0.0)
    for r in tables["Demand"].records():
        if r.growth > 0:
            yield _number(tables, "Demand", r, "growth", "shuts-the-way.growth", r.growth, 0.0)
    for r in tables["Facilities"].records():
        if r.minimum_use > 0:
            key = "shuts-the-way.minimum_use"
            yield _number(tables, "Facilities", r, "minimum_use", key, r.minimum_use, 0.0)


def _recipes(tables: Tables) -> Iterator[Opening]:
    """Inputs and capacity used down, outputs up, as far as what goes in holds what comes out."""
    content = {r.name: content_of(r) for r in tables["Commodities"].records()}
    for process, here in recipe_lines(tables).items():
        mass = {
            role: sum(r.amount * content.get(r.item, math.nan) for r in here if r.role == role)
            for role in ("input", "output")
        }
        for r in here:
            each = content.get(r.item, math.nan)
            place, about = (tables, "Recipes", r, "amount"), {"process": process, "item": r.item}
            if r.role == "uses" and r.amount > 0:
                yield _number(*place, "shuts-the-way.takes", r.amount, 0.0, **about)
            elif r.role == "input" and r.amount > 0:
                spare = (mass["input"] - mass["output"]) / each if each else math.nan
                least = max(0.0, r.amount - spare) if spare == spare else r.amount / 100
                if least < r.amount:
                    yield _number(*place, "shuts-the-way.takes", r.amount, least, **about)
            elif r.role == "output":
                spare = (mass["input"] - mass["output"]) / each if each else math.nan
                top = r.amount + spare if spare == spare else max(100 * r.amount, 1.0)
                if top > r.amount:
                    yield _number(*place, "shuts-the-way.makes", r.amount, top, **about)


def _events(tables: Tables) -> Iterator[Opening]:
    """Each event left out; its factor and its amount as far as they do nothing."""
    for r in tables["Events"].records():
        effect = word_term("Events", "effect", r.effect)
        unnamed = phrase("part.unnamed_event", effect=effect, target="; ".join(r.target))
        about = {"name": r.name or unnamed}
        column, still = next(
            ((c, s) for c, s in (("factor", 1.0), ("add", 0.0)) if not math.isnan(getattr(r, c))),
            ("profile", None),
        )
        place = tables["Events"].place(r.Index, column)
        rows = tables["Events"].rows
        without = tables.with_rows("Events", rows.drop(index=r.Index))
        if still is None:
            advice = "part.correct_profile"
            yield _choice(place, EVENT, about, r.profile, without, NO_EVENT, advice, first=True)
            continue
        held = float(getattr(r, column))
        moved = _number(tables, "Events", r, column, EVENT, held, still, **about)
        advice = "part.correct_event"
        yield replace(moved, advice=phrase(advice), first=True)
        # on a limit that is blank no other factor may stand
        yield _choice(place, EVENT, about, f"{held:g}", without, NO_EVENT, advice, first=True)


def _profiles(tables: Tables) -> Iterator[Opening]:
    """Each value of a profile that events put in the place of a number."""
    used = {r.profile: r.effect for r in tables["Events"].records() if r.profile}
    for r in tables["Profiles"].records():
        effect = used.get(r.name)
        if effect in ("capacity", "yield"):
            end = max(PLENTY, r.value)
            yield _number(tables, "Profiles", r, "value", "shuts-the-way.little", r.value, end)
        elif effect in ("demand", "lead", "loss") and r.value > 0:
            yield _number(tables, "Profiles", r, "value", "shuts-the-way.much", r.value, 0.0)


def _releases(tables: Tables) -> Iterator[Opening]:
    units = Units(tables)
    for r in tables["Stockpiles"].records():
        end = PLENTY / units.tonnes(r.commodity) if math.isnan(r.capacity) else r.capacity
        if r.opening < end:
            yield _number(
                tables, "Stockpiles", r, "opening", "shuts-the-way.opening", r.opening, end
            )
        if r.release != "any time":
            place = tables["Stockpiles"].place(r.Index, "release")
            free = _with(tables, "Stockpiles", r.Index, "release", "any time")
            held = word_term("Stockpiles", "release", r.release)
            yield _choice(place, "shuts-the-way.release", {"name": r.name}, held, free,
                          phrase("part.any_time"), "part.other_rule", first=True)  # fmt: skip
        if r.draw == 0 or r.fill == 0:
            for column in ("draw", "fill"):
                if getattr(r, column) == 0:
                    plenty = PLENTY / units.tonnes(r.commodity)
                    yield _number(tables, "Stockpiles", r, column, "shuts-the-way.still", 0.0,
                                  plenty)  # fmt: skip


def _surplus(tables: Tables) -> Iterator[Opening]:
    """Where goods have no way out: a disposal cost, or a yard to wait in."""
    if tables.settings.yard_cost is None:
        place = Place(tables.settings_title, tables.settings_cells.get("yard_cost", ""))
        free = tables.with_settings(yard_cost=0.0)
        yield _choice(place, "shuts-the-way.yard", {}, BLANK, free, A_COST, "part.type_yard")
    outlets = Network(tables).outlets
    for r in tables["Commodities"].records():
        if math.isnan(r.disposal_cost) and any(item == r.name for _, item in outlets):
            place = tables["Commodities"].place(r.Index, "disposal_cost")
            free = _with(tables, "Commodities", r.Index, "disposal_cost", 0.0)
            yield _choice(place, "shuts-the-way.disposal", {"name": r.name}, BLANK, free, A_COST,
                          "part.type_disposal")  # fmt: skip
