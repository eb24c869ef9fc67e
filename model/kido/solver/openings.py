"""Cells that shut the way: where there is no plan, the single cells with which there would be one.

The rows that cannot all hold (`kido.solver.conflict`) are the rows of the program. What an empty
capacity, a date, a lead, a loss, a recipe, an event or a profile takes away has no row in it. So
each such cell is opened alone, in the book, and the program is tried again; where it has a plan
then, the number is closed in on that just lets it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.assemble import make_case
from kido.data.checks.network import Network
from kido.data.months import month_text
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.data.units import content_of
from kido.errors import Finding, KidoError, NoPlan, Place
from kido.lp.build import build_model
from kido.solver.handle import Refused, Status, new_solver, pass_program, run_solver
from kido.solver.handover import hand_over

LONGEST = 60.0  # seconds for all of it
MOST = 6  # cells named
PLENTY = 1e6  # t/yr: more than any row of a book carries
LITTLE = 1e-3  # t/yr
STEPS = 14  # to close a number in
DATED = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Relief")
LIMITED = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most",
           "Facilities": "capacity"}  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """A cell that may shut the way: what it says, and the book with it opened by a part (0 to 1).

    `first` come the cells that shut it altogether. `part` says which value a part is, for people;
    `whole`: there is nothing between shut and open.
    """

    place: Place
    words: str
    held: str
    opened: Callable[[float], Tables]
    part: Callable[[float], str]
    advice: str
    whole: bool = False
    first: bool = False


def openings(tables: Tables, scenario: str | None, known: set[Place]) -> list[Finding]:
    """The cells with any of which alone there would be a plan, and what they would have to be.

    Cells in `known` are named already. Those found in the time there is.
    """
    until = time.perf_counter() + LONGEST
    found: list[Finding] = []
    for opening in sorted(_candidates(tables), key=lambda o: not o.first):
        if len(found) == MOST or time.perf_counter() > until:
            break
        if opening.place not in known and _has_plan(opening.opened(1.0), scenario, until):
            found.append(_finding(opening, scenario, until))
    return found


def _finding(opening: Opening, scenario: str | None, until: float) -> Finding:
    low, high = 0.0, 1.0
    for _ in range(0 if opening.whole else STEPS):
        middle = (low + high) / 2
        if _has_plan(opening.opened(middle), scenario, until):
            high = middle
        else:
            low = middle
    return Finding(
        "shuts-the-way",
        opening.place,
        f"{opening.words}: with another number here alone there would be a plan.",
        found=opening.held,
        expected=opening.part(high),
        advice=opening.advice,
    )


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
    except (NoPlan, Refused, KidoError, ValueError, ArithmeticError):
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


def _always(tables: Tables) -> Callable[[float], Tables]:
    return lambda _: tables


def _with(tables: Tables, sheet: str, row: int, column: str, value: Any) -> Tables:
    rows = tables[sheet].rows.copy()
    if rows[column].dtype != object and value is None:
        value = math.nan
    rows[column] = rows[column].astype(object if value is None else rows[column].dtype)
    rows.at[row, column] = value
    return tables.with_rows(sheet, rows)


def _cell(tables: Tables, sheet: str, r: Any, column: str) -> tuple[Place, str, str]:
    """(place, header, unit) of a cell."""
    about = catalogue()[sheet].columns[column]
    return tables[sheet].place(r.Index, column), about.name, about.unit


def _limits(tables: Tables) -> Iterator[Opening]:
    """Capacities of nought: they have no column in the program."""
    for sheet, column in LIMITED.items():
        for r in tables[sheet].records():
            if getattr(r, column) == 0:
                yield _number(tables, sheet, r, column, f"'{r.name}' carries nothing", 0.0, False)
    for r in tables["Relief"].records():
        if r.share < 1:
            yield _number(tables, "Relief", r, "share", f"'{r.name}' relieves only so much",
                          r.share, False, 1.0)  # fmt: skip


def _number(
    tables: Tables,
    sheet: str,
    r: Any,
    column: str,
    words: str,
    held: float,
    most: bool,
    end: float | None = None,
) -> Opening:
    """A number opened towards `end`, or from little to plenty."""
    place, _, unit = _cell(tables, sheet, r, column)

    def value(part: float) -> float:
        if end is not None:
            return held + part * (end - held)
        return LITTLE * (PLENTY / LITTLE) ** part

    return Opening(
        place, words, f"{held:g} {unit}".strip(),
        lambda part: _with(tables, sheet, r.Index, column, value(part)),
        lambda part: f"at {'most' if most else 'least'} {value(part):.3g} {unit}".strip(),
        f"{'lower' if most else 'raise'} it", first=held == 0 and not most,
    )  # fmt: skip


def _dates(tables: Tables) -> Iterator[Opening]:
    start, after = tables.settings.start, tables.settings.start
    after += sum(tables.settings.calendar) + tables.settings.run_out
    for sheet in DATED:
        for r in tables[sheet].records():
            if r.start is not None and r.start > start:
                yield _month(tables, sheet, r, "start", r.start, start, f"'{r.name}' opens late")
            end = getattr(r, "end", None)
            if end is not None and end < after - 1:
                yield _month(tables, sheet, r, "end", end, after - 1, f"'{r.name}' ends early")


def _month(
    tables: Tables, sheet: str, r: Any, column: str, held: int, end: int, words: str
) -> Opening:
    place, _, _ = _cell(tables, sheet, r, column)

    def value(part: float) -> int:
        return held + round(part * (end - held))

    return Opening(
        place, words, month_text(held),
        lambda part: _with(tables, sheet, r.Index, column, value(part)),
        lambda part: month_text(value(part)) + (" or later" if end > held else " or earlier"),
        "correct the month", first=True,
    )  # fmt: skip


def _times(tables: Tables) -> Iterator[Opening]:
    for sheet, column in (("Routes", "lead"), ("Processes", "lead"), ("Facilities", "build_months"),
                          ("Relief", "notice")):  # fmt: skip
        for r in tables[sheet].records():
            held = getattr(r, column)
            if held > 0:
                words = f"'{r.name}' takes so long"
                yield _number(tables, sheet, r, column, words, held, True, 0.0)


def _losses(tables: Tables) -> Iterator[Opening]:
    for r in tables["Routes"].records():
        if r.loss > 0:
            yield _number(tables, "Routes", r, "loss", f"'{r.name}' loses so much", r.loss, True, 0)
    for r in tables["Demand"].records():
        if r.growth > 0:
            yield _number(tables, "Demand", r, "growth", f"'{r.name}' grows so fast", r.growth,
                          True, 0.0)  # fmt: skip
    for r in tables["Facilities"].records():
        if r.minimum_use > 0:
            yield _number(tables, "Facilities", r, "minimum_use", f"'{r.name}' must run so much",
                          r.minimum_use, True, 0.0)  # fmt: skip


def _recipes(tables: Tables) -> Iterator[Opening]:
    """Inputs and capacity used down, outputs up, as far as what goes in holds what comes out."""
    content = {r.name: content_of(r) for r in tables["Commodities"].records()}
    lines: dict[str, list[Any]] = {}
    for r in tables["Recipes"].records():
        lines.setdefault(r.process, []).append(r)
    for process, here in lines.items():
        mass = {
            role: sum(r.amount * content.get(r.item, math.nan) for r in here if r.role == role)
            for role in ("input", "output")
        }
        for r in here:
            each = content.get(r.item, math.nan)
            words = f"'{process}' takes so much of '{r.item}'"
            if r.role == "uses" and r.amount > 0:
                yield _number(tables, "Recipes", r, "amount", words, r.amount, True, 0.0)
            elif r.role == "input" and r.amount > 0:
                spare = (mass["input"] - mass["output"]) / each if each else math.nan
                least = max(0.0, r.amount - spare) if spare == spare else r.amount / 100
                if least < r.amount:
                    yield _number(tables, "Recipes", r, "amount", words, r.amount, True, least)
            elif r.role == "output":
                spare = (mass["input"] - mass["output"]) / each if each else math.nan
                top = r.amount + spare if spare == spare else max(100 * r.amount, 1.0)
                words = f"'{process}' makes so little of '{r.item}'"
                if top > r.amount:
                    yield _number(tables, "Recipes", r, "amount", words, r.amount, False, top)


def _events(tables: Tables) -> Iterator[Opening]:
    """Each event left out; its factor and its amount as far as they do nothing."""
    for r in tables["Events"].records():
        name = r.name or f"{r.effect}: {'; '.join(r.target)}"
        words = f"The event '{name}' shuts the way"
        column, still = next(
            ((c, s) for c, s in (("factor", 1.0), ("add", 0.0)) if not math.isnan(getattr(r, c))),
            ("profile", None),
        )
        place, _, _ = _cell(tables, "Events", r, column)
        rows = tables["Events"].rows
        without = tables.with_rows("Events", rows.drop(index=r.Index))
        if still is None:
            yield Opening(place, words, r.profile, _always(without), lambda _: "no event",
                          "correct its profile or its months, or leave it out", whole=True,
                          first=True)  # fmt: skip
            continue
        held = float(getattr(r, column))
        moved = _number(tables, "Events", r, column, words, held, held > still, still)
        advice = "correct it, its target or its months, or leave it out"
        yield replace(moved, advice=advice, first=True)


def _profiles(tables: Tables) -> Iterator[Opening]:
    """Each value of a profile that events put in the place of a number."""
    used = {r.profile: r.effect for r in tables["Events"].records() if r.profile}
    for r in tables["Profiles"].records():
        effect = used.get(r.name)
        words = f"The profile '{r.name}' leaves so little"
        if effect in ("capacity", "yield"):
            end = None if r.value == 0 else max(PLENTY, r.value)
            yield _number(tables, "Profiles", r, "value", words, r.value, False, end)
        elif effect in ("demand", "lead", "loss") and r.value > 0:
            words = f"The profile '{r.name}' asks so much"
            yield _number(tables, "Profiles", r, "value", words, r.value, True, 0.0)


def _releases(tables: Tables) -> Iterator[Opening]:
    for r in tables["Stockpiles"].records():
        end = PLENTY if math.isnan(r.capacity) else r.capacity
        if r.opening < end:
            yield _number(tables, "Stockpiles", r, "opening", f"'{r.name}' begins with so little",
                          r.opening, False, end)  # fmt: skip
        if r.release != "any time":
            place, _, _ = _cell(tables, "Stockpiles", r, "release")
            free = _with(tables, "Stockpiles", r.Index, "release", "any time")
            yield Opening(place, f"'{r.name}' is not released in time", r.release,
                          _always(free), lambda _: "any time", "choose another rule",
                          whole=True, first=True)  # fmt: skip
        if r.draw == 0 or r.fill == 0:
            for column in ("draw", "fill"):
                if getattr(r, column) == 0:
                    yield _number(tables, "Stockpiles", r, column, f"'{r.name}' does not move",
                                  0.0, False)  # fmt: skip


def _surplus(tables: Tables) -> Iterator[Opening]:
    """Where goods have no way out: a disposal cost, or a yard to wait in."""
    if tables.settings.yard_cost is None:
        place = Place(tables.settings_title, tables.settings_cells.get("yard_cost", ""))
        free = tables.with_settings(yard_cost=0.0)
        yield Opening(place, "Goods that land may not wait where there is no stockpile", "blank",
                      _always(free), lambda _: "a cost, 0 or more", "type a yard cost",
                      whole=True)  # fmt: skip
    outlets = Network(tables).outlets
    for r in tables["Commodities"].records():
        if math.isnan(r.disposal_cost) and any(item == r.name for _, item in outlets):
            place, _, _ = _cell(tables, "Commodities", r, "disposal_cost")
            free = _with(tables, "Commodities", r.Index, "disposal_cost", 0.0)
            yield Opening(place, f"'{r.name}' may not be thrown away", "blank",
                          _always(free), lambda _: "a cost, 0 or more",
                          "type a disposal cost", whole=True)  # fmt: skip
