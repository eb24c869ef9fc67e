"""The board page: orders of now, cover, costs and uncertain inputs, on one A4."""

from __future__ import annotations

from dataclasses import replace

from kido.data.draws import drawn_histories
from kido.data.months import month_text
from kido.report.document import Page
from kido.report.grid import (
    BAND,
    GRID,
    HEAD,
    LEFT,
    RIGHT,
    SMALL,
    SPAN,
    TEXT,
    FirstPage,
)
from kido.report.labels import Labels
from kido.report.style import ACCENT, INK, QUIET, number_format
from kido.report.table import Report, part_periods
from kido.result import kept_plan, nervousness
from kido.result.board import AHEAD, by_scarcity, shortfall_of
from kido.result.currency import money_unit
from kido.result.do_now import ASKED_AHEAD
from kido.result.futures import reference
from kido.result.pages.board_blocks import put_elements, put_grades, put_guesses
from kido.result.pages.charts import supply_chart
from kido.result.pages.do_now import LAST, MORE, put_orders
from kido.result.plan import SolvedPlan
from kido.result.savings import REST, savings
from kido.result.whole_orders import in_short
from kido.solver.solution import DECOMPOSITION, Statistics
from kido.tolerances import NEAR_SHARE

LINE = 14.5  # points
CHART_ROWS = 23
SAVING_ROWS = 2
MOST = 3  # rules that give way, on the page
NOTES = {"orders": 5, "unmet": 2, "cover": 2, "cost": 3, "chart": 3}  # rows of each
MONEY = (
    "of it money", "of it kept", "of it thrift", "of it lost", "of it penalties",
)  # fmt: skip


def board_page(report: Report, plan: SolvedPlan, labels: Labels) -> Page:
    """The board page of a plan."""
    grid = FirstPage(labels)
    _top(grid, plan)
    put_orders(grid, report, plan)
    grid.put(LAST, MORE + 1, GRID - MORE, in_short(plan, labels), SMALL)
    middle = LAST + 2
    last = put_elements(grid, report, plan, middle)
    money = _money(grid, report, plan, middle)
    sure = put_grades(grid, report, money + 1)
    below = max(last, sure) + 2
    guesses = put_guesses(grid, report, plan, below)
    end = max(_notes(grid, guesses + 1, report, plan), below + CHART_ROWS)
    _chart(grid, report, plan, below, end - below + 1)  # to the end: what is empty may be cut off
    taller = {LAST: 1.6 * LINE, middle + 1: 1.8 * LINE, below + 1: 1.5 * LINE}
    return grid.page(labels["sheet.board"], end, LINE, taller)


def _top(grid: FirstPage, plan: SolvedPlan) -> None:
    settings, tree = plan.case.settings, plan.case.tree
    end = max(m.end for m in tree.nodes if m.reported) - 1
    data = month_text(settings.data_date or settings.start)
    dates = grid.text("board.dates", data=data, start=month_text(tree.start), end=month_text(end))
    statistics = plan.solution.statistics
    proof, gap = statistics.audit, f"{100 * statistics.gap_share:.2g} %"
    parts = [grid.text("board.unchecked")]
    if statistics.stopped:
        parts = [grid.text("board.stopped", gap=gap)]
    elif not (proof.passed and proof.gap <= proof.allowed):
        parts = [grid.text("board.unproved")]
    elif plan.certificate is not None:
        checks = len(plan.certificate.residuals)
        failed = len({f.code for f in plan.certificate.findings})
        exact = statistics.method != DECOMPOSITION
        words = {"passed": checks - failed, "all": checks}
        parts = [grid.text("board.checked", **words) if exact
                 else grid.text("board.within", gap=gap, **words)]  # fmt: skip
        parts += _steadiness(grid, statistics)
    if kept := kept_plan.in_short(plan, grid.labels):
        parts.append(kept)
    if changed := nervousness.in_short(plan, grid.labels):
        parts.append(changed)
    if plan.scenario:
        name = grid.labels.chance(*reference(plan))
        parts.append(grid.text("board.alone", name=name))
    else:
        parts.append(grid.text("board.futures", count=len(plan.histories)))
    if settings.draws and not plan.scenario and len(plan.tables["Hazards"]):
        parts.append(
            grid.text(
                "board.drawn",
                struck=drawn_histories(plan.tables),
                draws=settings.draws,
                hazards=len(plan.tables["Hazards"]),
                seed=settings.seed,
            )
        )
    if settings.risk_weight:
        parts.append(grid.text("board.risk", weight=f"{settings.risk_weight:g}"))
    second = plan.solution.statistics.second
    if second is not None and second.fallback_reason:
        parts.append(grid.text("board.tail_only"))
    grid.top(settings.title or grid.text("board.title"), dates, parts)


def _steadiness(grid: FirstPage, statistics: Statistics) -> list[str]:
    """What a steadier plan than the cheapest costs, and how much steadier it is."""
    steadiness = statistics.steadiness
    if steadiness is None or steadiness.swings >= steadiness.swings_before:
        return []
    share = steadiness.cost / max(1.0, abs(statistics.audit.objective))
    numbers = {"before": f"{steadiness.swings_before:.0f}", "after": f"{steadiness.swings:.0f}"}
    return [grid.text("board.steady", share=f"{100 * share:.2g} %", **numbers)]


def _money(grid: FirstPage, report: Report, plan: SolvedPlan, row: int) -> int:
    """Write what the plan costs. Returns the last row."""
    labels, table = grid.labels, report["headline"]
    unit = labels.unit(money_unit(plan)[0])
    grid.put(row, RIGHT, SPAN, f"{table.title(labels.language)} [{unit}]", BAND)
    value = dict(zip(table.frame["what"], table.frame["amount_money"], strict=True))
    big = replace(TEXT, bold=True, size=11, color=ACCENT, across="right")
    quiet = replace(TEXT, color=QUIET, across="right")
    tail = grid.text("board.worst", **table.words)
    lost = grid.text("board.lost_guessed", share=table.words["guessed"])
    lines = [("expected cost", labels.word("expected cost"), big)]
    lines += [(name, f"   {labels.word(name)}", quiet) for name in MONEY]
    lines[1] = (MONEY[0], f"   {grid.text('board.of_which')}: {labels.word(MONEY[0])}", quiet)
    lines[1 + MONEY.index("of it lost")] = ("of it lost", f"   {lost}", quiet)
    lines.append(("mean of the worst", f"{tail[0].upper()}{tail[1:]}", big))
    lines.append(("insurance a year", labels.word("insurance a year"), big))
    for at, (name, text, look) in enumerate(lines, start=row + 1):
        plain = replace(TEXT, bold=look.bold, size=9, color=INK if look.bold else QUIET)
        number = replace(look, format=number_format("oku", abs(value[name])))
        grid.line(at, RIGHT, [(SPAN - 3, text, plain), (3, value[name], number)])
    return row + len(lines)


def _chart(grid: FirstPage, report: Report, plan: SolvedPlan, row: int, rows: int) -> None:
    scarce = by_scarcity(plan)
    if not scarce:
        return
    title = grid.text("board.chart", element=scarce[0],
        branch=grid.labels.chance(*reference(plan)),
        unit=plan.unit_of[scarce[0]],
    )  # fmt: skip
    chart = supply_chart(report["sourcing"], grid.labels, scarce[0], title)
    if chart is not None:
        grid.chart(chart, row, 1, rows, LEFT)


def _saving(grid: FirstPage, plan: SolvedPlan) -> str:
    """The sentence on the branch that saves most, of disruptions if any does; "" if none does."""
    tree, (unit, factor) = plan.case.tree, money_unit(plan)
    told = [s for s in savings(plan) if s.rules]
    if not told:
        return ""
    most = max(told, key=lambda s: (bool(tree.branches[s.branch].disruptions), s.kusd))
    branch = tree.branches[most.branch]
    rules = sorted((r for r in most.rules if r[0] != REST and r[1] > 0), key=lambda r: -r[1])
    amounts = [f"{grid.labels.word(rule)} {kusd * factor:,.0f}" for rule, kusd in rules[:MOST]]
    return grid.text(
        "board.saving",
        branch=grid.labels.word(branch.name),
        parent=grid.labels.word(tree.branches[branch.parent].name),
        amount=f"{most.kusd * factor:,.0f}",
        unit=grid.labels.unit(unit),
        rules=grid.labels["sweep.comma"].join(amounts),
        sheet=grid.labels["sheet.scenarios"],
    )


def _scarcest(grid: FirstPage, plan: SolvedPlan) -> dict[str, str]:
    """What the shortfall of the element of the chart costs, and how much of that is guessed."""
    unit, factor = money_unit(plan)
    kusd, guessed = shortfall_of(plan, by_scarcity(plan)[0]) if plan.elements else (0.0, 0.0)
    if kusd * factor < 0.5:
        return {"shortfall": grid.text("board.no_shortfall")}
    amount = f"{kusd * factor:,.0f} {grid.labels.unit(unit)}"
    text = grid.text("board.shortfall", amount=amount, guessed=f"{100 * guessed:.0f}")
    return {"shortfall": text}


def _notes(grid: FirstPage, row: int, report: Report, plan: SolvedPlan) -> int:
    """Write the notes on how to read the page. Returns the row below."""
    grid.put(row, RIGHT, SPAN, grid.text("board.notes"), HEAD)
    words = {"ahead": AHEAD, "asked": ASKED_AHEAD, "near": f"{100 * NEAR_SHARE:g}"}
    words |= {"branch": grid.labels.word(plan.reference_path.name)}
    parts = part_periods(
        (c for c in report["sourcing"].columns if c.group == "quarters"), grid.labels
    )
    at = row + 1
    saving = _saving(grid, plan)
    if saving:
        grid.put(at, RIGHT, SPAN, saving, SMALL, SAVING_ROWS)
        at += SAVING_ROWS
    words |= _scarcest(grid, plan)
    for name, rows in NOTES.items():
        text = grid.text(f"board.note_{name}", **words)
        if name == "chart" and parts:
            text = f"{text} {parts}"
        grid.put(at, RIGHT, SPAN, text, SMALL, rows)
        at += rows
    return at
