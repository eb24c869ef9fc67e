"""The page of costs: the values of the plan, and live formulas for every sum."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kido.report.display import note_over
from kido.report.document import Area, Cell, Formula, Grid, Heading, Page, TablePlace
from kido.report.labels import Labels
from kido.report.style import (
    ACCENT,
    GROUP,
    HEAD,
    HEAD_NUMBER,
    INTEGER,
    RULE,
    CellStyle,
    is_blank,
)
from kido.report.table import Report, Table
from kido.result.plan import SolvedPlan

FIRST = 5  # row of the objective, under title and note
MONEY = CellStyle(INTEGER)
LINE = CellStyle(INTEGER, bottom=RULE)
SUM = replace(MONEY, bold=True)
TOTAL = CellStyle(INTEGER, bold=True, top=ACCENT)
LABEL = CellStyle(bottom=RULE, indent=1)
SHARE = CellStyle("0.0%")
LABEL_WIDTH, NUMBER_WIDTH = 46.0, 13.0  # characters
HEADER_HEIGHT = 28.0  # points
SUMMARY = (
    "expected_table", "expected_futures", "value_at_risk", "level", "cvar", "weight", "sum",
    "solver", "difference",
)  # fmt: skip
STRONG = ("sum", "solver", "difference")
RISK_ROW = FIRST + 1 + SUMMARY.index("value_at_risk")


@dataclass(frozen=True)
class CellValues:
    """An area of cells with its numbers."""

    area: Area
    values: tuple[float, ...]


@dataclass
class Sheet:
    """The cells of the page under construction, and the heights of its rows."""

    cells: list[Cell] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)

    def put(self, row: int, column: int, value: object, style: CellStyle) -> None:
        """Write a value to a cell."""
        self.cells.append(Cell(Area(row, column), value, style))

    def formula(
        self, row: int, column: int, text: str, value: float, style: CellStyle, **cells: Area
    ) -> float:
        """Write a formula to a cell. Returns its value."""
        self.put(row, column, Formula(text, cells, value), style)
        return value


def costs_page(report: Report, plan: SolvedPlan, labels: Labels) -> Page:
    """The page: objective on top, then costs by category and year, then by history."""
    years, futures = report["costs"], report["history_costs"]
    sheet = Sheet()
    top = FIRST + len(SUMMARY) + 3
    total = _by_year(sheet, labels, years, top)
    below = top + len(years.frame) + 4
    tail = _by_future(sheet, labels, futures, below, plan.value_at_risk)
    _objective(sheet, labels, plan, total, tail)
    columns = max(len(years.columns), len(futures.columns)) + 2
    place = {c.key: i for i, c in enumerate(years.columns, start=1)}
    grid = Grid(
        tuple(sheet.cells), (LABEL_WIDTH, *(NUMBER_WIDTH,) * (columns - 1)), sheet.heights,
        tables={"costs": (years, TablePlace(top + 1, place, top))},
    )  # fmt: skip
    title, note = years.title(labels.language), years.note(labels.language)
    return Page(
        labels["sheet.costs"], (Heading(title), note_over(note, years), grid), frozen=(3, 2),
        zoom=90, tall=1,
    )  # fmt: skip


def _headers(sheet: Sheet, labels: Labels, table: Table, row: int, more: tuple[str, ...]) -> None:
    names = [c.name(labels) for c in table.columns] + [labels[f"column.{key}"] for key in more]
    for number, text in enumerate(names, start=1):
        sheet.put(row, number, text, HEAD if number == 1 else HEAD_NUMBER)
    sheet.heights[row] = HEADER_HEIGHT


def _lines(sheet: Sheet, labels: Labels, table: Table, first: int) -> list[list[float]]:
    """Write the rows of a table. Returns their numbers, with 0 for blanks."""
    for i, line in enumerate(table.rows, start=first):
        label, *numbers = line.values()
        sheet.put(i, 1, labels.word(str(label)), LABEL)
        for number, value in enumerate(numbers, start=2):
            if not is_blank(value):
                sheet.put(i, number, float(value), LINE)
    return table.frame.iloc[:, 1:].astype(float).fillna(0.0).to_numpy().tolist()


def _by_year(sheet: Sheet, labels: Labels, table: Table, row: int) -> CellValues:
    """Write the table with its totals. Returns the grand total."""
    sheet.put(row - 1, 1, labels["costs.by_year"], GROUP)
    _headers(sheet, labels, table, row, ("total", "share"))
    first, width = row + 1, len(table.columns)
    values = _lines(sheet, labels, table, first)
    last = first + len(values)  # the row of totals
    whole = sum(sum(line) for line in values)
    grand = Area(last, width + 1)
    for i, line in enumerate(values, start=first):
        parts, own = Area(i, 2, 1, width - 1), Area(i, width + 1)
        mine = sheet.formula(i, width + 1, "SUM({parts})", sum(line), SUM, parts=parts)
        sheet.formula(
            i, width + 2, "IF({whole}=0,0,{own}/{whole})", mine / whole if whole else 0.0, SHARE,
            whole=replace(grand, fixed=True), own=own,
        )  # fmt: skip
    sheet.put(last, 1, labels["column.total"], replace(TOTAL, format="General"))
    sums = [sum(line[k] for line in values) for k in range(width - 1)]
    for number, value in enumerate((*sums, whole), start=2):
        if values:
            parts = Area(first, number, len(values), 1)
            sheet.formula(last, number, "SUM({parts})", value, TOTAL, parts=parts)
        else:
            sheet.formula(last, number, "0", 0.0, TOTAL)
    sheet.put(last, width + 2, "", TOTAL)
    return CellValues(grand, (whole,))


def _by_future(
    sheet: Sheet, labels: Labels, table: Table, row: int, risk: float
) -> tuple[CellValues, CellValues, CellValues]:
    """Write the table of histories. Returns their probabilities, costs and excesses over `risk`."""
    sheet.put(row - 1, 1, labels["costs.by_future"], GROUP)
    _headers(sheet, labels, table, row, ("total", "excess"))
    first, width = row + 1, len(table.columns)
    values = _lines(sheet, labels, table, first)
    at_risk = Area(RISK_ROW, 2, fixed=True)
    chances, costs, excesses = [], [], []
    for i, (chance, *parts) in enumerate(values, start=first):
        sheet.put(i, 2, chance, SHARE)
        text = "SUM({parts})" if parts else "0"
        area = Area(i, 3, 1, max(1, len(parts)))
        cost = sheet.formula(i, width + 1, text, sum(parts), SUM, parts=area)
        excess = max(0.0, cost - risk)
        sheet.formula(
            i, width + 2, "MAX(0,{cost}-{at_risk})", excess, MONEY, cost=Area(i, width + 1),
            at_risk=at_risk,
        )  # fmt: skip
        chances.append(chance)
        costs.append(cost)
        excesses.append(excess)

    def column(number: int, numbers: list[float]) -> CellValues:
        return CellValues(Area(first, number, len(values), 1, fixed=True), tuple(numbers))

    return column(2, chances), column(width + 1, costs), column(width + 2, excesses)


def _objective(
    sheet: Sheet, labels: Labels, plan: SolvedPlan, total: CellValues,
    tail: tuple[CellValues, CellValues, CellValues],
) -> None:  # fmt: skip
    """Write the objective as computed from both tables, beside that of the solver."""
    chance, cost, excess = tail
    settings, risk = plan.case.settings, plan.value_at_risk
    at = {name: Area(FIRST + 1 + i, 2) for i, name in enumerate(SUMMARY)}
    level, weight = settings.cvar_level, settings.risk_weight
    expected = _product(chance, cost)
    cvar = risk + _product(chance, excess) / (1 - level)
    whole = (1 - weight) * total.values[0] + weight * cvar
    solver = plan.solution.objective
    cells: dict[str, tuple[object, str]] = {
        "expected_table": (Formula("{total}", {"total": total.area}, total.values[0]), INTEGER),
        "expected_futures": (
            Formula("SUMPRODUCT({chance},{cost})", _areas(chance=chance, cost=cost), expected),
            INTEGER,
        ),
        "value_at_risk": (risk, INTEGER),
        "level": (level, "0.00"),
        "cvar": (
            Formula(
                "{value_at_risk}+SUMPRODUCT({chance},{excess})/(1-{level})",
                {**at, **_areas(chance=chance, excess=excess)}, cvar,
            ),
            INTEGER,
        ),
        "weight": (weight, "0.00"),
        "sum": (Formula("(1-{weight})*{expected_table}+{weight}*{cvar}", at, whole), INTEGER),
        "solver": (solver, INTEGER),
        "difference": (
            Formula("ROUND({sum}-{solver},2)", at, round(whole - solver, 2) + 0.0),
            "0.00;-0.00;0.00",
        ),
    }  # fmt: skip
    sheet.put(FIRST, 1, f"{labels['costs.objective']} [kUSD]", GROUP)
    sheet.put(FIRST, 2, "", GROUP)
    for name, (value, form) in cells.items():
        style = CellStyle(bold=name in STRONG, bottom=RULE)
        row = at[name].row
        sheet.put(row, 1, labels[f"costs.{name}"], replace(style, indent=1))
        sheet.put(row, 2, value, replace(style, format=form))


def _areas(**known: CellValues) -> dict[str, Area]:
    return {name: cells.area for name, cells in known.items()}


def _product(first: CellValues, second: CellValues) -> float:
    return sum(x * y for x, y in zip(first.values, second.values, strict=True))
