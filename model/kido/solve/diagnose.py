"""Why no plan exists: the rows that cannot hold together, with their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from kido.data.case import Case
from kido.data.months import month_text
from kido.data.tables import Tables
from kido.errors import Finding, Place
from kido.solve.handover import Name, Program

LONGEST = 60.0  # seconds given to one strategy
STRATEGIES = (2, 6)  # the default one returns an empty set

# family or variable -> (sheet, column blamed, words with {0} the row, {1} the rest of the key)
BLAMED: Mapping[str, tuple[str, str, str]] = {
    "balance": ("Sites", "name", "what reaches {0} of {1} must be used, stored or sent on"),
    "capacity": ("Facilities", "capacity", "{0} passes no more than its capacity"),
    "minimum_use": ("Facilities", "minimum_use", "{0} must run at its minimum use"),
    "expansion": ("Facilities", "most_expansion", "{0} may be expanded only so far"),
    "reserved": ("Contracts", "most_reserved", "{0} lifts no more than is reserved"),
    "carried": ("Contracts", "applies_to", "what a contract lifts on {1} is carried there"),
    "take_or_pay": ("Contracts", "take_or_pay", "{0} must be lifted or paid for"),
    "rebate_share": ("Contracts", "rebate_share", "{0} pays back only its share"),
    "demand_met": ("Demand", "need", "the need of {0} must be met"),
    "stock_change": ("Stockpiles", "draw", "{0} fills and empties only so fast"),
    "volume_limit": ("Policies", "limit", "the policy {0} must be kept"),
    "share_limit": ("Policies", "limit", "the policy {0} must be kept"),
    "spend_limit": ("Policies", "limit", "the budget {0} must be kept"),
    "cover": ("Policies", "limit", "the cover {0} must be held"),
    "service": ("Policies", "limit", "the service {0} must be given"),
    "buy": ("Supply", "most", "{0} offers only so much"),
    "sell": ("Sales", "most", "{0} takes only so much"),
    "run": ("Processes", "most", "{0} runs only so much"),
    "ship": ("Routes", "most", "{0} carries only so much"),
    "stock": ("Stockpiles", "floor", "{0} stays between its floor and its capacity"),
    "relieve": ("Relief", "share", "{0} relieves only its share"),
    "reserve": ("Contracts", "least_reserved", "{0} is reserved between its least and its most"),
    "expand": ("Facilities", "most_expansion", "{0} may be expanded only so far"),
}
LOWER = int(highspy.IisBoundStatus.kIisBoundStatusLower)
UPPER = int(highspy.IisBoundStatus.kIisBoundStatusUpper)
BOXED = int(highspy.IisBoundStatus.kIisBoundStatusBoxed)
UNITLESS = {
    "balance", "carried", "reserved", "take_or_pay", "rebate_share", "spend_limit", "share_limit",
}  # fmt: skip
AT_LEAST = {"buy", "sell", "run", "ship"}  # whose lower bound is the column `least`


@dataclass(frozen=True)
class _Blame:
    name: Name
    lower: bool  # the lower side is what hurts
    bound: float


def diagnose(program: Program, case: Case, tables: Tables) -> list[Finding]:
    """A small set of rows and limits that cannot all hold, one finding for each.

    Empty where HiGHS finds no such set in time.
    """
    for strategy in STRATEGIES:
        blamed = _irreducible(program, strategy)
        if blamed:
            return _findings(blamed, case, tables)
    return []


def _irreducible(program: Program, strategy: int) -> list[_Blame]:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("iis_strategy", strategy)
    solver.setOptionValue("iis_time_limit", LONGEST)
    solver.setOptionValue("time_limit", LONGEST)
    solver.passModel(program.highs_lp())
    solver.run()
    _, iis = solver.getIis()
    blamed = []
    for index, side in zip(iis.row_index_, iis.row_bound_, strict=True):
        lower = int(side) == LOWER
        bound = program.lower[index] if lower else program.upper[index]
        blamed.append(_Blame(program.rows[index], lower, float(bound)))
    for index, side in zip(iis.col_index_, iis.col_bound_, strict=True):
        low, high = program.low[index], program.high[index]
        lower = int(side) == LOWER or (int(side) == BOXED and not np.isfinite(high))
        if (lower and low == 0) or not (np.isfinite(low) or np.isfinite(high)):
            continue  # that nothing is negative is nobody's fault
        if int(side) in (LOWER, UPPER, BOXED):
            blamed.append(_Blame(program.columns[index], lower, float(low if lower else high)))
    return blamed


def _findings(blamed: Iterable[_Blame], case: Case, tables: Tables) -> list[Finding]:
    """One finding for each row of the book; its months gathered."""
    gathered: dict[tuple[Any, ...], list[tuple[int, float]]] = {}
    for blame in blamed:
        family, key = blame.name
        if family in BLAMED:
            start = case.tree.moments[key[-1]].start
            gathered.setdefault((family, blame.lower, *key[:-1]), []).append((start, blame.bound))
    # that goods balance is nobody's choice: named only where nothing else is
    if any(family != "balance" for family, *_ in gathered):
        gathered = {key: held for key, held in gathered.items() if key[0] != "balance"}
    found = []
    for (family, lower, *parts), held in gathered.items():
        key = tuple(parts)
        sheet, column, words = BLAMED[family]
        if lower and family in AT_LEAST:
            column, words = "least", "{0} must take at least its minimum"
        name = key[1] if family == "carried" else key[0]
        other = key[1] if len(key) > 1 else ""
        first, last = month_text(min(held)[0]), month_text(max(held)[0])
        when = first if first == last else f"{first} to {last}"
        amount = sum(bound for _, bound in held)
        if np.isfinite(amount) and family not in UNITLESS:
            when += f": {amount:,.4g} t"
        found.append(
            Finding(
                "no-plan",
                place_of(tables, sheet, str(name), column),
                f"{words.format(name, other)} ({when})",
                found=_cell_value(tables, sheet, str(name), column),
                expected="a number that leaves room for the others in this list",
                advice="loosen one of these, or allow relief, disposal or a penalty",
            )
        )
    return found


def place_of(tables: Tables, sheet: str, name: str, column: str) -> Place:
    """The cell of a row and column; the sheet alone where the row is not found."""
    frame = tables[sheet]
    rows = frame.rows.index[frame.rows["name"] == name]
    return frame.place(int(rows[0]), column) if len(rows) else Place(sheet)


def _cell_value(tables: Tables, sheet: str, name: str, column: str) -> str:
    rows = tables[sheet].rows
    held = rows.loc[rows["name"] == name, column]
    return "" if held.empty or held.isna().all() else f"{held.iloc[0]}"
