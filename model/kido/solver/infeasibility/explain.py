"""Findings that explain an infeasible or unbounded program by rows of the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kido.data.case.case import SHEET_OF, Case, Pair
from kido.data.case.orders import HELD
from kido.data.months import Month
from kido.data.schema import TRUNK, catalogue, column_term, word_term
from kido.data.tables import Tables
from kido.errors import Finding, Place
from kido.lp.family import EmptyRows
from kido.messages import Phrase, Unit, listed, phrase
from kido.solver.handle import SolverCallError, new_solver, pass_program, run_solver
from kido.solver.infeasibility.elastic_filter import ConflictGroup, Group, Side, find_conflict
from kido.solver.kept_orders import KeptPlan
from kido.solver.program import Program
from kido.tolerances import ASKED_T

MOST_BRANCHES = 3  # named


@dataclass(frozen=True)
class Meaning:
    """The cell that a side of a family or variable comes of, and the message about it."""

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
    ("monthly_lift", False): Meaning("Contracts", "most_a_month", "no-plan.monthly_lift"),
    ("take_or_pay", True): Meaning("Contracts", "take_or_pay", "no-plan.take_or_pay"),
    ("demand_met", True): Meaning("Demand", "need", "no-plan.need"),
    ("demand_met", False): Meaning("Demand", "need", "no-plan.too_much"),
    ("latest_return", False): Meaning("Relief", "latest_return", "no-plan.latest_return"),
    ("stock_change", True): Meaning("Stockpiles", "draw", "no-plan.draw"),
    ("stock_change", False): Meaning("Stockpiles", "fill", "no-plan.fill"),
    ("shelf_life", False): Meaning("Stockpiles", "life_months", "no-plan.shelf_life", "t", True),
    ("ramp", True): Meaning("", "ramp", "no-plan.fall", "t/yr", True),
    ("ramp", False): Meaning("", "ramp", "no-plan.rise", "t/yr", True),
    ("nervousness", False): Meaning("Settings", "nervousness", "no-plan.nervousness"),
    ("cover", True): Meaning("Policies", "limit", "no-plan.cover", "t", True),
    ("stock_limit", True): Meaning("Policies", "limit", "no-plan.stock", "t", True),
    ("stock_limit", False): Meaning("Policies", "limit", "no-plan.stock", "t", True),
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
ORDERS = ("buy", "run", "ship", "reserve", "expand")  # variables whose least amount may be one
ORDER = Meaning("Orders", "amount", "no-plan.order")
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


def explain_infeasible(
    program: Program, case: Case, tables: Tables, kept: KeptPlan | None = None
) -> list[Finding]:
    """A finding for each row of the workbook in small sets that cannot all hold.

    Orders that are `kept` are named as such.
    It says by how much the row would have to give way alone. Empty where none is found in time.
    """
    columns = kept.columns if kept else ()

    def group_of(side: Side) -> Group | None:
        if not side.of_row and side.name in columns:
            return (side.name[0], side.lower, "kept", *side.name[1])
        return _group(side, case)

    conflict_groups = find_conflict(program, group_of)
    conflict_groups.sort(
        key=lambda conflict_group: (conflict_group.conflict, not conflict_group.sides[0].lower)
    )
    findings = [_finding(conflict_group, case, tables) for conflict_group in conflict_groups]
    if not conflict_groups or conflict_groups[-1].conflict == 1:
        return findings
    return [
        finding.with_values(conflict=phrase("part.conflict", number=conflict_group.conflict))
        for conflict_group, finding in zip(conflict_groups, findings, strict=True)
    ]


def explain_empty_rows(problem: EmptyRows, case: Case, tables: Tables) -> list[Finding]:
    """A finding for each row of the workbook behind a row of the program without a term."""
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
    conflict_groups = [
        ConflictGroup(group, tuple(sides), tuple(abs(side.bound) for side in sides))
        for group, sides in groups.items()
    ]
    return [_finding(conflict_group, case, tables) for conflict_group in conflict_groups] or list(
        problem.findings
    )


def explain_unbounded(program: Program, case: Case, tables: Tables) -> list[Finding]:
    """A finding for each row of the workbook on an unbounded ray, the largest earnings first."""
    ray = _ray(program)
    earnings: dict[tuple[str, str], float] = {}
    for i in np.flatnonzero(ray > ASKED_T):
        variable, key = program.columns[i]
        if variable in TRADES:
            group = variable, str(key[0])
            earnings[group] = earnings.get(group, 0.0) - float(ray[i] * program.cost[i])
    findings: list[Finding] = []
    for variable, name in sorted(earnings, key=lambda g: -earnings[g]):
        sheet, price, limit = TRADES[variable]
        cell = _cell(tables, sheet, name, price)
        cell_text = phrase("part.cell", column=column_term(sheet, price), cell=cell)
        message = "without-end.earns" if earnings[variable, name] > 0 else "without-end"
        place, column = _place(tables, sheet, name, limit), column_term(sheet, limit)
        finding = Finding.of(message, place, cell_text, name=name, column=column)
        findings.append(finding.in_language(tables.settings.language))
    return findings


def _ray(program: Program) -> Any:
    """The direction that earns most: each column moves by at most 1, every row is kept."""
    recession = replace(
        program,
        offset=0.0,
        lower=np.where(np.isfinite(program.lower), 0.0, -np.inf),
        upper=np.where(np.isfinite(program.upper), 0.0, np.inf),
        low=np.where(np.isfinite(program.low), 0.0, -1.0),
        high=np.where(np.isfinite(program.high), 0.0, 1.0),
    )
    solver = new_solver()
    try:
        pass_program(solver, recession)
        run_solver(solver)
    except SolverCallError:
        return np.zeros(len(program.columns))
    return np.asarray(solver.getSolution().col_value)


def _group(side: Side, case: Case) -> Group | None:
    """The group of a side, by row of the workbook; None for a side that cannot give way."""
    name, key = side.name
    if side.lower and _is_order(name, key, side.bound, case):
        return (name, True, "order", *key)
    if (name, side.lower) not in MEANINGS or (name == "balance" and side.bound <= ASKED_T):
        return None
    ending = name == "stock" and side.lower and key[1] in case.tree.leaves
    if ending and side.bound > float(case.stocks[key[0]].floor[key[1]]):
        return (name, side.lower, "ending", *key[:-1])
    return (name, side.lower, "", *key[:-1])


def _unit(variable: str) -> str:
    return "t/yr" if variable in ("reserve", "expand") else "t"


def _is_order(variable: str, key: Sequence[Any], bound: float, case: Case) -> bool:
    """Whether a least amount is that of orders which stay in the plan."""
    if variable not in ORDERS:
        return False
    held = case.held.get((SHEET_OF[variable], key[0]))
    return held is not None and bound <= held[key[-1]] + ASKED_T


def _order(row: str, n: int, case: Case, tables: Tables) -> tuple[Place, Phrase]:
    """The cell of the last order of a row in a node, and what stands there."""
    node = case.tree.nodes[n]
    lineage = ["", *(name for name, _ in case.tree.branch_of(n).lineage)]
    rows = [
        r for r in tables["Orders"].records()
        if r.name == row and r.status in HELD and node.start <= r.month < node.end
        and r.scenario in lineage
    ]  # fmt: skip
    last = max(rows, key=lambda r: (lineage.index(r.scenario), r.month))
    figure = phrase("part.figure", number=last.amount)
    return tables["Orders"].place(last.Index, "amount"), figure


def _finding(conflict_group: ConflictGroup, case: Case, tables: Tables) -> Finding:
    name, lower, at, *key = conflict_group.group
    if at == "kept":
        meaning = Meaning(SHEET_OF[name], "name", "no-plan.kept", _unit(name))
    elif at == "order":
        meaning = replace(ORDER, unit=_unit(name))
    else:
        meaning = ENDING if at == "ending" else MEANINGS[name, lower]
    if name == "ramp":
        meaning, key = replace(meaning, sheet=str(key[0])), key[1:]
    row, detail = str(key[0]), phrase("part.detail", text=key[1] if len(key) > 1 else "")
    has_detail = len(key) > 1 and key[1] and at not in ("order", "kept")
    values: dict[str, object] = {"detail": detail if has_detail else ""}
    if name == "balance":
        sheet, row, column = _landing(str(key[0]), str(key[1]), case, tables)
        meaning = replace(meaning, sheet=sheet, column=column)
    bound, gives = _amounts(conflict_group, meaning.worst)
    if name == "ramp":
        bound, lower = abs(bound), False  # a fall is the lower side of a change
    if at == "order":
        place, cell = _order(row, key[-1], case, tables)
    elif meaning.sheet == "Settings":
        place, cell = _option(tables, meaning.column)
    else:
        place = _place(tables, meaning.sheet, row, meaning.column)
        cell = _cell(tables, meaning.sheet, row, meaning.column)
    unit = Unit(meaning.unit)
    cell_text: object = cell
    needed_text: object = ""
    if abs(bound) > ASKED_T:
        side = "part.asked" if lower else "part.allowed"
        cell_text = phrase(side, cell=cell, amount=bound, unit=unit)
        if gives is not None:
            possible = max(0.0, bound - gives) if lower else bound + gives
            side = "part.can_be_had" if lower else "part.needed"
            needed_text = phrase(side, amount=possible, unit=unit)
    elif gives is not None:
        needed_text = phrase("part.missed", amount=gives, unit=unit)
    values |= {
        "conflict": "",
        "row": row,
        "when": _when(conflict_group.sides, case),
        "wanted": needed_text,
    }
    return Finding.of(meaning.key, place, cell_text, **values).in_language(tables.settings.language)


def _amounts(conflict_group: ConflictGroup, worst: bool) -> tuple[float, float | None]:
    """(bound, how far it gives way) of a group: in all, or of its worst side."""
    bounds = [side.bound for side in conflict_group.sides]
    if not worst:
        return sum(bounds), None if conflict_group.gives is None else sum(conflict_group.gives)
    if conflict_group.gives is None:
        return max(bounds, key=abs), None
    at = int(np.argmax(conflict_group.gives))
    return bounds[at], conflict_group.gives[at]


def _when(sides: Sequence[Side], case: Case) -> Phrase:
    """The months of sides, `2026-07 to 2026-12`, and their branches besides the base case."""
    nodes = [case.tree.nodes[side.name[1][-1]] for side in sides]
    first = min(m.start for m in nodes)
    last = max(m.end for m in nodes) - 1
    branch_names = list(dict.fromkeys(case.tree.branches[m.branch].name for m in nodes))
    where: object = ""
    if branch_names != [TRUNK]:
        terms = [word_term("Scenarios", "parent", name) for name in branch_names]
        key = "part.in_branches" if len(branch_names) <= MOST_BRANCHES else "part.in_branches_more"
        where = phrase(key, names=listed(terms[:MOST_BRANCHES]))
    if first == last:
        return phrase("part.when_one", month=Month(first), where=where)
    return phrase("part.when", first=Month(first), last=Month(last), where=where)


def _lands_at(r: Any, case: Case) -> list[Pair]:
    """Where what a row of Underway says lands or comes out."""
    if r.name in case.routes:
        lane = case.routes[r.name]
        return [(lane.destination, lane.commodity)]
    process = case.processes[r.name]
    return [(process.site, item) for item in process.outputs if r.detail in ("", item)]


def _landing(site: str, commodity: str, case: Case, tables: Tables) -> tuple[str, str, str]:
    """(sheet, row, column) of the cell whose goods land at a site whatever is decided."""
    for r in tables["Underway"].records():
        if r.what == "lands" and (site, commodity) in _lands_at(r, case):
            return "Underway", r.name, "amount"
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


def _option(tables: Tables, key: str) -> tuple[Place, Phrase]:
    """The cell of an option of Settings, and what stands there."""
    place = Place(tables.settings_title, tables.settings_cells.get(key, ""))
    return place, phrase("part.figure", number=getattr(tables.settings, key))


def _place(tables: Tables, sheet: str, name: str, column: str) -> Place:
    """The cell of a row and column; the sheet alone where the row is not found."""
    frame = tables[sheet]
    rows = frame.rows.index[frame.rows["name"] == name]
    return frame.place(int(rows[0]), column) if len(rows) else Place(frame.title or sheet)


def _cell(tables: Tables, sheet: str, name: str, column: str) -> Phrase:
    """The value of a cell, with its unit."""
    rows = tables[sheet].rows
    cells = rows.loc[rows["name"] == name, column]
    if cells.empty or cells.isna().all():
        return phrase("part.blank")
    unit = catalogue()[sheet].columns[column].unit
    if not unit or ";" in unit:
        return phrase("part.figure", number=cells.iloc[0])
    return phrase("part.figure_in", number=cells.iloc[0], unit=Unit(unit))
