"""Why no plan exists, or one without end: the rows of the book, with their cells and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.case.case import Case
from kido.data.months import Month
from kido.data.schema import TRUNK, catalogue, column_term, word_term
from kido.data.tables import Tables
from kido.errors import Finding, Place
from kido.lp.family import EmptyRows
from kido.messages import Phrase, Unit, listed, phrase
from kido.solver.handle import SolverCallError, new_solver, pass_program, run_solver
from kido.solver.infeasibility.elastic_filter import ConflictGroup, Group, Side, find_conflict
from kido.solver.program import Program
from kido.tolerances import ASKED_T

MOST_BRANCHES = 3  # named


@dataclass(frozen=True)
class Meaning:
    """What a side of a family or variable is in the book: a cell, and the message about it."""

    sheet: str
    column: str
    key: str
    unit: str = "t"
    worst: bool = False  # of many months the worst counts, not their sum


# (family or variable, lower side): its meaning
MEANINGS: Mapping[tuple[str, bool], Meaning] = {
    ("balance", True): Meaning("", "", "no-plan.landing"),
    ("capacity", False): Meaning("Facilities", "capacity", "no-plan.capacity"),
    ("minimum_use", True): Meaning("Facilities", "minimum_use", "no-plan.minimum_use"),
    ("expansion", True): Meaning(
        "Facilities", "least_expansion", "no-plan.least_expansion", "t/yr", True),
    ("expansion", False): Meaning(
        "Facilities", "most_expansion", "no-plan.most_expansion", "t/yr", True),
    ("reservation", False): Meaning("Contracts", "most_reserved", "no-plan.lifted"),
    ("take_or_pay", True): Meaning("Contracts", "take_or_pay", "no-plan.take_or_pay"),
    ("demand_met", True): Meaning("Demand", "need", "no-plan.need"),
    ("demand_met", False): Meaning("Demand", "need", "no-plan.too_much"),
    ("stock_change", True): Meaning("Stockpiles", "draw", "no-plan.draw"),
    ("stock_change", False): Meaning("Stockpiles", "fill", "no-plan.fill"),
    ("cover", True): Meaning("Policies", "limit", "no-plan.cover", "t", True),
    ("buy", True): Meaning("Supply", "least", "no-plan.least_bought"),
    ("buy", False): Meaning("Supply", "most", "no-plan.most_bought"),
    ("sell", True): Meaning("Sales", "least", "no-plan.least_sold"),
    ("sell", False): Meaning("Sales", "most", "no-plan.most_sold"),
    ("run", True): Meaning("Processes", "least", "no-plan.least_run"),
    ("run", False): Meaning("Processes", "most", "no-plan.most_run"),
    ("ship", True): Meaning("Routes", "least", "no-plan.least_shipped"),
    ("ship", False): Meaning("Routes", "most", "no-plan.most_shipped"),
    ("stock", True): Meaning("Stockpiles", "floor", "no-plan.floor", "t", True),
    ("stock", False): Meaning("Stockpiles", "capacity", "no-plan.full", "t", True),
    ("relieve", False): Meaning("Relief", "share", "no-plan.relief"),
    ("reserve", True): Meaning("Contracts", "least_reserved", "no-plan.signed", "t/yr", True),
    ("reserve", False): Meaning("Contracts", "most_reserved", "no-plan.reserved", "t/yr", True),
} | {
    (measure, lower): Meaning("Policies", "limit", key, unit)
    for measure, key, unit in (
        ("volume_limit", "no-plan.policy", "t"),
        ("share_limit", "no-plan.policy", "t"),
        ("spend_limit", "no-plan.budget", "kUSD"),
        ("service", "no-plan.service", "t"),
    )
    for lower in (True, False)
}  # fmt: skip
ENDING = replace(MEANINGS["stock", True], column="ending_amount", key="no-plan.ending")
# variable: (sheet, column of its price, column that would limit it)
TRADES: Mapping[str, tuple[str, str, str]] = {
    "buy": ("Supply", "price", "most"),
    "sell": ("Sales", "price", "most"),
    "run": ("Processes", "cost", "most"),
    "ship": ("Routes", "price", "most"),
    "stock": ("Stockpiles", "ending_amount", "capacity"),
    "lift": ("Contracts", "price", "most_reserved"),
    "reserve": ("Contracts", "fee", "most_reserved"),
    "rebate": ("Contracts", "rebate_share", "rebate_cap"),
}


def explain_infeasible(program: Program, case: Case, tables: Tables) -> list[Finding]:
    """Small sets of rows of the book that cannot all hold, one finding for each row.

    Each could give way alone: the finding says by how much. Empty where none is found in time.
    """
    clashes = find_conflict(program, lambda side: _group(side, case))
    clashes.sort(key=lambda clash: (clash.conflict, not clash.sides[0].lower))
    found = [_finding(clash, case, tables) for clash in clashes]
    if not clashes or clashes[-1].conflict == 1:
        return found
    return [
        finding.with_values(conflict=phrase("part.conflict", number=clash.conflict))
        for clash, finding in zip(clashes, found, strict=True)
    ]


def explain_empty_rows(problem: EmptyRows, case: Case, tables: Tables) -> list[Finding]:
    """The rows that ask for something while nothing in the book can give any of it."""
    groups: dict[Group, list[Side]] = {}
    for family, row in problem.rows:
        lower = row.lower > ASKED_T
        if not (lower or row.upper < -ASKED_T):
            continue
        bound = row.lower if lower else row.upper
        side = Side((family, row.key), -1, True, lower, bound)
        group = _group(side, case)
        if group is not None:
            groups.setdefault(group, []).append(side)
    clashes = [
        ConflictGroup(group, tuple(sides), tuple(abs(side.bound) for side in sides))
        for group, sides in groups.items()
    ]
    return [_finding(clash, case, tables) for clash in clashes] or list(problem.findings)


def explain_unbounded(program: Program, case: Case, tables: Tables) -> list[Finding]:
    """The rows of the book that together make money without end, those that earn it first."""
    ray = _ray(program)
    earned: dict[tuple[str, str], float] = {}
    for i in np.flatnonzero(ray > ASKED_T):
        variable, key = program.columns[i]
        if variable in TRADES:
            group = variable, str(key[0])
            earned[group] = earned.get(group, 0.0) - float(ray[i] * program.cost[i])
    found: list[Finding] = []
    for variable, name in sorted(earned, key=lambda g: -earned[g]):
        sheet, price, limit = TRADES[variable]
        cell = _cell(tables, sheet, name, price)
        held = phrase("part.cell", column=column_term(sheet, price), cell=cell)
        message = "without-end.earns" if earned[variable, name] > 0 else "without-end"
        place, column = _place(tables, sheet, name, limit), column_term(sheet, limit)
        finding = Finding.of(message, place, held, name=name, column=column)
        found.append(finding.in_language(tables.settings.language))
    return found


def _ray(program: Program) -> Any:
    """A way to move each column by at most 1 that keeps every row and earns the most."""
    flat = replace(
        program,
        offset=0.0,
        lower=np.where(np.isfinite(program.lower), 0.0, -np.inf),
        upper=np.where(np.isfinite(program.upper), 0.0, np.inf),
        low=np.where(np.isfinite(program.low), 0.0, -1.0),
        high=np.where(np.isfinite(program.high), 0.0, 1.0),
    )
    solver = new_solver()
    try:
        pass_program(solver, flat)
        run_solver(solver)
    except SolverCallError:
        return np.zeros(len(program.columns))
    return np.asarray(solver.getSolution().col_value)


def _group(side: Side, case: Case) -> Group | None:
    """Sides of one row of the book; None for what nobody chose."""
    name, key = side.name
    if (name, side.lower) not in MEANINGS or (name == "balance" and side.bound <= ASKED_T):
        return None
    ending = name == "stock" and side.lower and key[1] in case.tree.leaves
    if ending and side.bound > float(case.stocks[key[0]].floor[key[1]]):
        return (name, side.lower, "ending", *key[:-1])
    return (name, side.lower, "", *key[:-1])


def _finding(clash: ConflictGroup, case: Case, tables: Tables) -> Finding:
    name, lower, at, *key = clash.group
    meaning = ENDING if at == "ending" else MEANINGS[name, lower]
    row, detail = str(key[0]), phrase("part.detail", text=key[1] if len(key) > 1 else "")
    about: dict[str, object] = {"detail": detail if len(key) > 1 and key[1] else ""}
    if name == "balance":
        sheet, row, column = _landing(str(key[0]), str(key[1]), case)
        meaning = replace(meaning, sheet=sheet, column=column)
    asked, gives = _amounts(clash, meaning.worst)
    cell = _cell(tables, meaning.sheet, row, meaning.column)
    unit = Unit(meaning.unit)
    held: object = cell
    wanted: object = ""
    if abs(asked) > ASKED_T:
        side = "part.asked" if lower else "part.allowed"
        held = phrase(side, cell=cell, amount=asked, unit=unit)
        if gives is not None:
            can = max(0.0, asked - gives) if lower else asked + gives
            side = "part.can_be_had" if lower else "part.needed"
            wanted = phrase(side, amount=can, unit=unit)
    elif gives is not None:
        wanted = phrase("part.missed", amount=gives, unit=unit)
    about |= {"conflict": "", "row": row, "when": _when(clash.sides, case), "wanted": wanted}
    place = _place(tables, meaning.sheet, row, meaning.column)
    return Finding.of(meaning.key, place, held, **about).in_language(tables.settings.language)


def _amounts(clash: ConflictGroup, worst: bool) -> tuple[float, float | None]:
    """What is asked or allowed, and how far that gives way: in all, or where it is worst."""
    bounds = [side.bound for side in clash.sides]
    if not worst:
        return sum(bounds), None if clash.gives is None else sum(clash.gives)
    if clash.gives is None:
        return max(bounds, key=abs), None
    at = int(np.argmax(clash.gives))
    return bounds[at], clash.gives[at]


def _when(sides: Sequence[Side], case: Case) -> Phrase:
    """`2026-07 to 2026-12`, and the branches, where that is not the base case."""
    moments = [case.tree.nodes[side.name[1][-1]] for side in sides]
    first = min(m.start for m in moments)
    last = max(m.end for m in moments) - 1
    named = list(dict.fromkeys(case.tree.branches[m.branch].name for m in moments))
    where: object = ""
    if named != [TRUNK]:
        terms = [word_term("Scenarios", "parent", name) for name in named]
        key = "part.in_branches" if len(named) <= MOST_BRANCHES else "part.in_branches_more"
        where = phrase(key, names=listed(terms[:MOST_BRANCHES]))
    if first == last:
        return phrase("part.when_one", month=Month(first), where=where)
    return phrase("part.when", first=Month(first), last=Month(last), where=where)


def _landing(site: str, commodity: str, case: Case) -> tuple[str, str, str]:
    """(sheet, row, column) of goods that land there whatever is decided."""
    for route in case.routes.values():
        if (route.destination, route.commodity) == (site, commodity) and route.pipeline.any():
            return "Routes", route.name, "on_water"
    for process in case.processes.values():
        if process.site == site and commodity in process.pipeline:
            return "Processes", process.name, "in_works"
    for stock in case.stocks.values():
        if stock.pair == (site, commodity):
            return "Stockpiles", stock.name, "opening"
    return "Sites", site, "name"


def _place(tables: Tables, sheet: str, name: str, column: str) -> Place:
    """The cell of a row and column; the sheet alone where the row is not found."""
    frame = tables[sheet]
    rows = frame.rows.index[frame.rows["name"] == name]
    return frame.place(int(rows[0]), column) if len(rows) else Place(frame.title or sheet)


def _cell(tables: Tables, sheet: str, name: str, column: str) -> Phrase:
    """What stands in the cell, with its unit."""
    rows = tables[sheet].rows
    held = rows.loc[rows["name"] == name, column]
    if held.empty or held.isna().all():
        return phrase("part.blank")
    unit = catalogue()[sheet].columns[column].unit
    if not unit or ";" in unit:
        return phrase("part.figure", number=held.iloc[0])
    return phrase("part.figure_in", number=held.iloc[0], unit=Unit(unit))
