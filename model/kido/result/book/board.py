"""The board page: one A4 sheet, laid out on a grid of narrow columns."""

from __future__ import annotations

from dataclasses import replace

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.months import month_text
from kido.report.labels import Labels
from kido.report.table import Report
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
from kido.result.book.board_blocks import write_elements, write_guesses
from kido.result.book.charts import pin, supply_chart
from kido.result.book.grid_writer import (
    BAND,
    CELL_WIDTH,
    GRID,
    HEAD,
    HEAD_CENTER,
    HEAD_RIGHT,
    LEFT,
    LINE,
    RIGHT,
    SMALL,
    TEXT,
    GridWriter,
)
from kido.result.book.sheet import Placed, is_blank, set_up_print
from kido.result.book.style import (
    ACCENT,
    QUIET,
    RED,
    CellStyle,
    Styles,
    number_format,
)
from kido.result.plan import SolvedPlan

CHART_ROWS = 20


def write_board(
    page: Worksheet,
    styles: Styles,
    labels: Labels,
    report: Report,
    answer: SolvedPlan,
    placed: dict[str, Placed],
) -> None:
    pen = GridWriter(page, styles, labels)
    for number in range(1, GRID + 1):
        page.column_dimensions[get_column_letter(number)].width = CELL_WIDTH
    _top(pen, answer)
    _orders(pen, report)
    _money(pen, report, answer)
    below = 6 + LINES + 1
    last = write_elements(pen, report, answer, below)
    sure = write_guesses(pen, report, answer, below)
    chart_row = max(last, sure) + 2
    _chart(pen, answer, placed, chart_row)
    end = max(_notes(pen, chart_row, answer), chart_row + CHART_ROWS)
    for row in range(4, end + 1):
        page.row_dimensions[row].height = LINE
    page.row_dimensions[below + 1].height = 1.8 * LINE
    page.print_area = f"A1:{get_column_letter(GRID)}{end}"
    page.sheet_view.showGridLines = False
    page.sheet_properties.tabColor = RED
    page.print_options.horizontalCentered = True
    page.freeze_panes = "A3"
    set_up_print(page, tall=1)


def _top(pen: GridWriter, answer: SolvedPlan) -> None:
    settings, tree = answer.case.settings, answer.case.tree
    title = settings.title or pen.label("title")
    pen.put(1, 1, LEFT, title, CellStyle(size=17, bold=True, color=ACCENT))
    end = max(m.end for m in tree.nodes if m.reported) - 1
    data = month_text(settings.data_date or settings.start)
    dates = pen.label("dates", data=data, start=month_text(tree.start), end=month_text(end))
    pen.put(1, RIGHT - 1, GRID - RIGHT + 2, dates, CellStyle(size=9, color=QUIET, across="right"))
    proof = answer.solution.statistics.audit
    parts = [pen.label("unchecked")]
    if not (proof.passed and proof.gap <= proof.allowed):
        parts = [pen.label("unproved")]
    elif answer.certificate is not None:
        checks = len(answer.certificate.residuals)
        failed = len({f.code for f in answer.certificate.findings})
        parts = [pen.label("checked", passed=checks - failed, all=checks)]
    if answer.scenario:
        name = with_chance(pen.labels, answer.reference_path.name, chance_of(answer))
        parts.append(pen.label("alone", name=name))
    else:
        parts.append(pen.label("futures", count=len(answer.histories)))
    if settings.risk_weight:
        parts.append(pen.label("risk", weight=f"{settings.risk_weight:g}"))
    second = answer.solution.statistics.second
    if second is not None and second.kept:
        parts.append(pen.label("tail_only"))
    pen.put(2, 1, GRID, "  ·  ".join(parts), CellStyle(size=9, color=QUIET, bottom=ACCENT))
    pen.page.row_dimensions[1].height = 27
    pen.page.row_dimensions[2].height = 18
    pen.page.row_dimensions[3].height = 6


def _orders(pen: GridWriter, report: Report) -> None:
    labels = pen.labels
    pen.put(4, 1, LEFT, labels["title.do_now"], BAND)
    heads = (
        (2, labels["column.act"], HEAD), (5, pen.label("what"), HEAD),
        (2, labels["column.amount"], HEAD_RIGHT), (2, labels["column.by_when"], HEAD_CENTER),
        (4, labels["column.counterparty"], HEAD), (2, pen.label("price_now"), HEAD_RIGHT),
        (2, pen.label("up_to"), HEAD_RIGHT),
    )  # fmt: skip
    pen.line(5, 1, heads)
    spans = [span for span, _, _ in heads]
    rows = report["do_now"].rows
    for i in range(LINES):
        if i >= len(rows):
            pen.line(6 + i, 1, [(span, "", TEXT) for span in spans])
            continue
        r = rows[i]
        unit = "t/yr" if r["unit"].endswith("/yr") else "t"
        amount = number_format("t", r["amount"]).split(";")[0] + f'" {unit}"'
        who = labels.word(r["counterparty"])
        if r["act"] == "buy":
            who = f"{who}, {r['country']}"
        elif r["act"] == "build":
            who = f"{r['origin']}, {r['country']}"
        pen.line(6 + i, 1, [
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


def _money(pen: GridWriter, report: Report, answer: SolvedPlan) -> None:
    labels, table = pen.labels, report["headline"]
    unit = labels.unit(money_unit(answer)[0])
    span = GRID - RIGHT + 1
    pen.put(4, RIGHT, span, f"{table.title(labels.language)} [{unit}]", BAND)
    value = dict(zip(table.frame["what"], table.frame["amount_money"], strict=True))
    big = replace(TEXT, bold=True, size=11, color=ACCENT, across="right")
    tail = pen.label("worst", **table.words)

    def put(row: int, text: str, name: str, look: CellStyle) -> None:
        plain = replace(TEXT, bold=look.bold, size=9, color="222222" if look.bold else QUIET)
        form = number_format("oku", abs(value[name]))
        number = replace(look, format=form)
        pen.line(row, RIGHT, [(span - 3, text, plain), (3, value[name], number)])

    quiet = replace(TEXT, color=QUIET, across="right")
    put(5, labels.word("expected cost"), "expected cost", big)
    put(6, f"   {pen.label('of_which')}: {labels.word('of it money')}", "of it money", quiet)
    put(7, f"   {labels.word('of it kept')}", "of it kept", quiet)
    put(8, f"   {labels.word('of it thrift')}", "of it thrift", quiet)
    lost = pen.label("lost_guessed", share=table.words["guessed"])
    put(9, f"   {lost}", "of it lost", quiet)
    put(10, f"   {labels.word('of it penalties')}", "of it penalties", quiet)
    put(11, f"{tail[0].upper()}{tail[1:]}", "mean of the worst", big)
    put(12, labels.word("insurance a year"), "insurance a year", big)


def _chart(pen: GridWriter, answer: SolvedPlan, placed: dict[str, Placed], row: int) -> None:
    scarce = by_scarcity(answer)
    if not scarce:
        return
    title = pen.label(
        "chart", element=scarce[0],
        branch=with_chance(pen.labels, answer.reference_path.name, chance_of(answer)),
        unit=answer.unit_of[scarce[0]],
    )  # fmt: skip
    chart = supply_chart(placed["sourcing"], pen.labels, scarce[0], title, (24.0, 11.0))
    if chart is not None:
        pin(pen.page, chart, (row, 1), (row + CHART_ROWS, LEFT + 1))


def _notes(pen: GridWriter, row: int, answer: SolvedPlan) -> int:
    pen.put(row, RIGHT, GRID - RIGHT + 1, pen.label("notes"), HEAD)
    notes = ("orders", "unmet", "cover", "cost", "sure", "chart")
    words: dict[str, object] = {"months": NOW, "decisions": DECISIONS, "ahead": AHEAD}
    words |= {"branch": pen.labels.word(answer.reference_path.name)}
    at, heights = row + 1, (3, 2, 2, 3, 2, 3)
    for name, rows in zip(notes, heights, strict=True):
        text = pen.label(f"note_{name}", **words)
        pen.put(at, RIGHT, GRID - RIGHT + 1, text, SMALL)
        last = at + rows - 1
        area = f"{get_column_letter(RIGHT)}{at}:{get_column_letter(GRID)}{at}"
        pen.page.unmerge_cells(area)
        pen.page.merge_cells(area.rsplit(":", 1)[0] + f":{get_column_letter(GRID)}{last}")
        at = last + 1
    return at
