"""Why no plan exists, or one without end: the rows of the book, with their cells and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.case.case import Case
from kido.data.months import month_text
from kido.data.schema import TRUNK, catalogue
from kido.data.tables import Tables
from kido.errors import Finding, Place
from kido.lp.family import EmptyRows
from kido.solver.handle import Refused, new_solver, pass_program, run_solver
from kido.solver.infeasibility.elastic_filter import ConflictGroup, Group, Side, find_conflict
from kido.solver.program import Program
from kido.tolerances import ASKED_T

SOFTER = "loosen the limit, or give it a penalty: then it may be missed at a cost"


@dataclass(frozen=True)
class Meaning:
    """What a side of a family or variable is in the book; {0} is its row."""

    sheet: str
    column: str
    words: str
    advice: str
    unit: str = "t"
    worst: bool = False  # of many months the worst counts, not their sum


# (family or variable, lower side): its meaning
MEANINGS: Mapping[tuple[str, bool], Meaning] = {
    ("balance", True): Meaning(
        "", "", "what lands here from '{0}' must be taken",
        "give the place a stockpile, a yard cost, a sale or a disposal cost"),
    ("capacity", False): Meaning(
        "Facilities", "capacity", "'{0}' passes no more than its capacity",
        "raise it, or allow an expansion (its cost and build months)"),
    ("minimum_use", True): Meaning(
        "Facilities", "minimum_use", "'{0}' must run at its minimum use",
        "lower it, or type an idle cost: then it may stand idle"),
    ("expansion", True): Meaning(
        "Facilities", "least_expansion", "'{0}' must be expanded by its least expansion",
        "lower it", "t/yr", True),
    ("expansion", False): Meaning(
        "Facilities", "most_expansion", "'{0}' may be expanded only so far",
        "raise it", "t/yr", True),
    ("reservation", False): Meaning(
        "Contracts", "most_reserved", "'{0}' lifts no more than is reserved", "raise it"),
    ("take_or_pay", True): Meaning(
        "Contracts", "take_or_pay", "'{0}' must be lifted or paid for", "lower it"),
    ("demand_met", True): Meaning(
        "Demand", "need", "the need of '{0}' must be met",
        "give it relief (sheet Relief, kind lost), or more supply that arrives in time"),
    ("demand_met", False): Meaning(
        "Demand", "need", "'{0}' takes no more than it needs",
        "give what is too much a stockpile, a sale or a disposal cost"),
    ("stock_change", True): Meaning(
        "Stockpiles", "draw", "'{0}' empties only so fast, and only once it is released",
        "raise the draw limit, or release it earlier"),
    ("stock_change", False): Meaning(
        "Stockpiles", "fill", "'{0}' fills only so fast", "raise the fill limit"),
    ("cover", True): Meaning(
        "Policies", "limit", "the cover '{0}' must be held", SOFTER, "t", True),
    ("buy", True): Meaning("Supply", "least", "'{0}' must be taken at its minimum", "lower it"),
    ("buy", False): Meaning("Supply", "most", "'{0}' offers only so much", "raise it"),
    ("sell", True): Meaning("Sales", "least", "'{0}' must get its minimum", "lower it"),
    ("sell", False): Meaning("Sales", "most", "'{0}' takes only so much", "raise it"),
    ("run", True): Meaning("Processes", "least", "'{0}' must run at its minimum", "lower it"),
    ("run", False): Meaning("Processes", "most", "'{0}' runs only so much", "raise it"),
    ("ship", True): Meaning("Routes", "least", "'{0}' must carry its minimum", "lower it"),
    ("ship", False): Meaning("Routes", "most", "'{0}' carries only so much", "raise it"),
    ("stock", True): Meaning(
        "Stockpiles", "floor", "'{0}' must not fall below its floor",
        "lower it, or hold the stock by a policy of cover with a penalty", "t", True),
    ("stock", False): Meaning(
        "Stockpiles", "capacity", "'{0}' holds no more than its capacity", "raise it", "t", True),
    ("relieve", False): Meaning(
        "Relief", "share", "'{0}' relieves only its share", "raise it, or add relief of kind lost"),
    ("reserve", True): Meaning(
        "Contracts", "least_reserved", "'{0}' is signed for at least so much", "lower it", "t/yr",
        True),
    ("reserve", False): Meaning(
        "Contracts", "most_reserved", "'{0}' reserves only so much", "raise it", "t/yr", True),
} | {
    (measure, lower): Meaning("Policies", "limit", words, SOFTER, unit)
    for measure, words, unit in (
        ("volume_limit", "the policy '{0}' must be kept", "t"),
        ("share_limit", "the policy '{0}' must be kept", "t"),
        ("spend_limit", "the budget '{0}' must be kept", "kUSD"),
        ("service", "the service '{0}' must be given", "t"),
    )
    for lower in (True, False)
}  # fmt: skip
ENDING = replace(
    MEANINGS["stock", True], column="ending_amount", words="'{0}' must end with so much",
    advice="lower it",
)  # fmt: skip
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
        replace(finding, sentence=f"conflict {clash.conflict}: {finding.sentence}")
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
    found = []
    for variable, name in sorted(earned, key=lambda g: -earned[g]):
        sheet, price, limit = TRADES[variable]
        found.append(
            Finding(
                "without-end",
                _place(tables, sheet, name, limit),
                f"'{name}' has no limit" + (" and earns" if earned[variable, name] > 0 else ""),
                found=f"{_header(sheet, price)}: {_cell(tables, sheet, name, price)}",
                expected=f"a number under '{_header(sheet, limit)}', or money that adds up",
                advice="type a limit, or correct the price",
            )
        )
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
    except Refused:
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
    row, detail = str(key[0]), f" ({key[1]})" if len(key) > 1 and key[1] else ""
    if name == "balance":
        sheet, row, column = _landing(str(key[0]), str(key[1]), case)
        meaning = replace(meaning, sheet=sheet, column=column)
    asked, gives = _amounts(clash, meaning.worst)
    cell = _cell(tables, meaning.sheet, row, meaning.column)
    unit = meaning.unit
    found, expected = cell, ""
    if abs(asked) > ASKED_T:
        found = f"{cell}: {asked:,.4g} {unit} {'asked' if lower else 'allowed'}"
        if gives is not None:
            can = max(0.0, asked - gives) if lower else asked + gives
            expected = f"{'at most' if lower else 'at least'} {can:,.4g} {unit}"
            expected += " can be had" if lower else " needed"
    elif gives is not None:
        expected = f"it is missed by at least {gives:,.4g} {unit}"
    return Finding(
        "no-plan",
        _place(tables, meaning.sheet, row, meaning.column),
        f"{meaning.words.format(row)}{detail}, {_when(clash.sides, case)}",
        found=found,
        expected=expected,
        advice=meaning.advice,
    )


def _amounts(clash: ConflictGroup, worst: bool) -> tuple[float, float | None]:
    """What is asked or allowed, and how far that gives way: in all, or where it is worst."""
    bounds = [side.bound for side in clash.sides]
    if not worst:
        return sum(bounds), None if clash.gives is None else sum(clash.gives)
    if clash.gives is None:
        return max(bounds, key=abs), None
    at = int(np.argmax(clash.gives))
    return bounds[at], clash.gives[at]


def _when(sides: Sequence[Side], case: Case) -> str:
    """`2026-07 to 2026-12`, and the branches, where that is not the trunk."""
    moments = [case.tree.nodes[side.name[1][-1]] for side in sides]
    first = month_text(min(m.start for m in moments))
    last = month_text(max(m.end for m in moments) - 1)
    named = list(dict.fromkeys(case.tree.branches[m.branch].name for m in moments))
    named = [] if named == [TRUNK] else named
    where = f" in {', '.join(named[:3])}{' ...' if len(named) > 3 else ''}" if named else ""
    return (first if first == last else f"{first} to {last}") + where


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


def _cell(tables: Tables, sheet: str, name: str, column: str) -> str:
    """What stands in the cell, with its unit."""
    rows = tables[sheet].rows
    held = rows.loc[rows["name"] == name, column]
    if held.empty or held.isna().all():
        return "blank"
    unit = catalogue()[sheet].columns[column].unit
    return f"{held.iloc[0]:g}" + (f" {unit}" if unit and ";" not in unit else "")


def _header(sheet: str, column: str) -> str:
    return catalogue()[sheet].columns[column].name
