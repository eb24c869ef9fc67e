"""The board page: orders of now, cover, costs and uncertain inputs, on one A4."""

from __future__ import annotations

from dataclasses import replace

from kido.data.draws import drawn_histories
from kido.data.months import month_text
from kido.report.document import Page
from kido.report.grid import (
    BAND,
    HEAD,
    HEAD_CENTER,
    HEAD_RIGHT,
    LEFT,
    RIGHT,
    SMALL,
    SPAN,
    TEXT,
    FirstPage,
)
from kido.report.labels import Labels
from kido.report.style import ACCENT, INK, QUIET, CellStyle, is_blank, number_format
from kido.report.table import Report, part_periods
from kido.result.board import (
    AHEAD,
    DECISIONS,
    LINES,
    NOW,
    by_scarcity,
    chance_of,
    money_unit,
    with_chance,
)
from kido.result.pages.board_blocks import put_elements, put_guesses
from kido.result.pages.charts import supply_chart
from kido.result.plan import SolvedPlan
from kido.result.savings import REST, savings
from kido.result.whole_orders import in_short
from kido.solver.solution import DECOMPOSITION, Statistics

LINE = 17.0  # points
CHART_ROWS = 20
SAVING_ROWS = 2
MOST = 3  # rules that give way, on the page
NOTES = {"orders": 3, "unmet": 2, "cover": 2, "cost": 3, "sure": 2, "chart": 3}  # rows of each


def board_page(report: Report, plan: SolvedPlan, labels: Labels) -> Page:
    """The board page of a plan."""
    grid = FirstPage(labels)
    _top(grid, plan)
    _orders(grid, report)
    grid.put(6 + LINES, 1, LEFT, in_short(plan, labels), SMALL)
    _money(grid, report, plan)
    below = 6 + LINES + 1
    last = put_elements(grid, report, plan, below)
    sure = put_guesses(grid, report, plan, below)
    chart_row = max(last, sure) + 2
    _chart(grid, report, plan, chart_row)
    end = max(_notes(grid, chart_row, report, plan), chart_row + CHART_ROWS)
    return grid.page(labels["sheet.board"], end, LINE, {below + 1: 1.8 * LINE})


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
    if plan.scenario:
        name = with_chance(grid.labels, plan.reference_path.name, chance_of(plan))
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


def _orders(grid: FirstPage, report: Report) -> None:
    labels = grid.labels
    grid.put(4, 1, LEFT, labels["title.do_now"], BAND)
    heads = (
        (2, labels["column.act"], HEAD), (5, grid.text("board.what"), HEAD),
        (2, labels["column.amount"], HEAD_RIGHT), (2, labels["column.by_when"], HEAD_CENTER),
        (4, labels["column.counterparty"], HEAD), (2, grid.text("board.price_now"), HEAD_RIGHT),
        (2, grid.text("board.up_to"), HEAD_RIGHT),
    )  # fmt: skip
    grid.line(5, 1, heads)
    spans = [span for span, _, _ in heads]
    rows = report["do_now"].rows
    for i in range(LINES):
        if i >= len(rows):
            grid.line(6 + i, 1, [(span, "", TEXT) for span in spans])
            continue
        r = rows[i]
        unit = "t/yr" if r["unit"].endswith("/yr") else "t"
        amount = number_format("t", r["amount"]).split(";")[0] + f'" {unit}"'
        who = labels.word(r["counterparty"])
        if r["act"] == "buy":
            who = f"{who}, {r['country']}"
        elif r["act"] == "build":
            who = f"{r['origin']}, {r['country']}"
        grid.line(6 + i, 1, [
            (2, labels.word(r["act"]), replace(TEXT, bold=True, color=ACCENT)),
            (5, r["commodity"], replace(TEXT, bold=True)),
            (2, r["amount"], replace(TEXT, format=amount, across="right")),
            (2, r["by_when"], replace(TEXT, across="center")),
            (4, who, replace(TEXT, indent=1)),
            (2, r["price"], _price(r["price"])),
            (2, r["worth_up_to"], replace(_price(r["worth_up_to"]), bold=True)),
        ])  # fmt: skip


def _price(value: float) -> CellStyle:
    size = 0.0 if is_blank(value) else abs(value)
    return replace(TEXT, format=number_format("USD/kg", size), across="right")


def _money(grid: FirstPage, report: Report, plan: SolvedPlan) -> None:
    labels, table = grid.labels, report["headline"]
    unit = labels.unit(money_unit(plan)[0])
    grid.put(4, RIGHT, SPAN, f"{table.title(labels.language)} [{unit}]", BAND)
    value = dict(zip(table.frame["what"], table.frame["amount_money"], strict=True))
    big = replace(TEXT, bold=True, size=11, color=ACCENT, across="right")
    tail = grid.text("board.worst", **table.words)

    def put(row: int, text: str, name: str, look: CellStyle) -> None:
        plain = replace(TEXT, bold=look.bold, size=9, color=INK if look.bold else QUIET)
        form = number_format("oku", abs(value[name]))
        number = replace(look, format=form)
        grid.line(row, RIGHT, [(SPAN - 3, text, plain), (3, value[name], number)])

    quiet = replace(TEXT, color=QUIET, across="right")
    put(5, labels.word("expected cost"), "expected cost", big)
    put(
        6,
        f"   {grid.text('board.of_which')}: {labels.word('of it money')}",
        "of it money",
        quiet,
    )
    put(7, f"   {labels.word('of it kept')}", "of it kept", quiet)
    put(8, f"   {labels.word('of it thrift')}", "of it thrift", quiet)
    lost = grid.text("board.lost_guessed", share=table.words["guessed"])
    put(9, f"   {lost}", "of it lost", quiet)
    put(10, f"   {labels.word('of it penalties')}", "of it penalties", quiet)
    put(11, f"{tail[0].upper()}{tail[1:]}", "mean of the worst", big)
    put(12, labels.word("insurance a year"), "insurance a year", big)


def _chart(grid: FirstPage, report: Report, plan: SolvedPlan, row: int) -> None:
    scarce = by_scarcity(plan)
    if not scarce:
        return
    title = grid.text("board.chart", element=scarce[0],
        branch=with_chance(grid.labels, plan.reference_path.name, chance_of(plan)),
        unit=plan.unit_of[scarce[0]],
    )  # fmt: skip
    chart = supply_chart(report["sourcing"], grid.labels, scarce[0], title)
    if chart is not None:
        grid.chart(chart, row, 1, CHART_ROWS, LEFT)


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


def _notes(grid: FirstPage, row: int, report: Report, plan: SolvedPlan) -> int:
    """Write the notes on how to read the page. Returns the row below."""
    grid.put(row, RIGHT, SPAN, grid.text("board.notes"), HEAD)
    words: dict[str, object] = {"months": NOW, "decisions": DECISIONS, "ahead": AHEAD}
    words |= {"branch": grid.labels.word(plan.reference_path.name)}
    parts = part_periods(
        (c for c in report["sourcing"].columns if c.group == "quarters"), grid.labels
    )
    at = row + 1
    saving = _saving(grid, plan)
    if saving:
        grid.put(at, RIGHT, SPAN, saving, SMALL, SAVING_ROWS)
        at += SAVING_ROWS
    for name, rows in NOTES.items():
        text = grid.text(f"board.note_{name}", **words)
        if name == "chart" and parts:
            text = f"{text} {parts}"
        grid.put(at, RIGHT, SPAN, text, SMALL, rows)
        at += rows
    return at
