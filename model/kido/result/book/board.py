"""The board page: one A4 sheet, laid out on a grid of narrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from openpyxl.formatting.rule import DataBarRule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.months import month_text, parse_month
from kido.result.answer import Answer
from kido.result.board import (
    AHEAD,
    DECISIONS,
    LINES,
    NOW,
    OWNERS,
    by_scarcity,
    money_unit,
    shown_histories,
)
from kido.result.book.charts import supply_chart
from kido.result.book.sheet import Placed, is_blank, set_up_print
from kido.result.book.style import (
    ACCENT,
    INTEGER,
    ONE,
    QUIET,
    RED,
    RULE,
    SOFT,
    TWO,
    Look,
    Styles,
    number_format,
)
from kido.result.labels import Labels
from kido.result.stocks import owners_of
from kido.result.table import Report

GRID = 32  # columns of the page
LEFT = 21  # the left part; the right one begins two columns on
RIGHT = LEFT + 2
CELL_WIDTH = 5.4
LINE = 17  # points
CHART_WIDTH, CHART_HEIGHT = 23.6, 11.2  # cm
TOLERANCE = 0.05  # months: shown with one decimal
TEXT = Look(size=9, bottom=RULE)
SMALL = Look(size=8, color=QUIET, wrap=True, down="top")
BAND = Look(size=10, bold=True, color="FFFFFF", fill=ACCENT)
HEAD = Look(size=8, bold=True, color=ACCENT, fill=SOFT, wrap=True)
HEAD_CENTER = replace(HEAD, across="center")
HEAD_RIGHT = replace(HEAD, across="right")


@dataclass
class Pen:
    """Writes on the page; `row` is where the next line goes."""

    page: Worksheet
    styles: Styles
    labels: Labels

    def put(self, row: int, column: int, span: int, value: object, look: Look) -> None:
        for k in range(column, column + span):
            self.styles.apply(self.page.cell(row, k), look)
        self.styles.put(self.page, row, column, value, look)
        if span > 1:
            self.page.merge_cells(
                start_row=row, end_row=row, start_column=column, end_column=column + span - 1
            )

    def line(self, row: int, column: int, cells: Sequence[tuple[int, object, Look]]) -> None:
        for span, value, look in cells:
            self.put(row, column, span, value, look)
            column += span

    def label(self, key: str, **words: object) -> str:
        return self.labels[f"board.{key}"].format(**words)


def write_board(
    page: Worksheet,
    styles: Styles,
    labels: Labels,
    report: Report,
    answer: Answer,
    placed: dict[str, Placed],
) -> None:
    pen = Pen(page, styles, labels)
    for number in range(1, GRID + 1):
        page.column_dimensions[get_column_letter(number)].width = CELL_WIDTH
    _top(pen, answer)
    _orders(pen, report)
    _money(pen, report, answer)
    below = 6 + LINES + 1
    last = _elements(pen, report, answer, below)
    sure = _guesses(pen, report, answer, below)
    chart_row = max(last, sure) + 2
    _chart(pen, answer, placed, chart_row)
    end = _notes(pen, chart_row)
    for row in range(4, end + 1):
        page.row_dimensions[row].height = LINE
    page.row_dimensions[below + 1].height = 2 * LINE
    page.print_area = f"A1:{get_column_letter(GRID)}{end}"
    page.sheet_view.showGridLines = False
    page.sheet_properties.tabColor = RED
    page.print_options.horizontalCentered = True
    page.freeze_panes = "A3"
    set_up_print(page, tall=1)


def _top(pen: Pen, answer: Answer) -> None:
    settings, tree = answer.case.settings, answer.case.tree
    title = settings.title or pen.label("title")
    pen.put(1, 1, LEFT, title, Look(size=17, bold=True, color=ACCENT))
    end = max(m.end for m in tree.moments if m.reported) - 1
    data = month_text(settings.data_date or settings.start)
    dates = pen.label("dates", data=data, start=month_text(tree.start), end=month_text(end))
    pen.put(1, RIGHT - 1, GRID - RIGHT + 2, dates, Look(size=9, color=QUIET, across="right"))
    parts = [pen.label("unchecked")]
    if answer.certificate is not None:
        checks = len(answer.certificate.residuals)
        failed = len({f.code for f in answer.certificate.findings})
        parts = [pen.label("checked", passed=checks - failed, all=checks)]
    if answer.scenario:
        parts.append(pen.label("alone", name=pen.labels.word(answer.main.name)))
    else:
        parts.append(pen.label("futures", count=len(answer.histories)))
    if settings.risk_weight:
        parts.append(pen.label("risk", weight=f"{settings.risk_weight:g}"))
    pen.put(2, 1, GRID, "  ·  ".join(parts), Look(size=9, color=QUIET, bottom=ACCENT))
    pen.page.row_dimensions[1].height = 27
    pen.page.row_dimensions[2].height = 18
    pen.page.row_dimensions[3].height = 6


def _orders(pen: Pen, report: Report) -> None:
    labels = pen.labels
    pen.put(4, 1, LEFT, labels["title.do_now"], BAND)
    heads = (
        (2, labels["column.act"], HEAD), (6, pen.label("what"), HEAD),
        (2, labels["column.amount"], HEAD_RIGHT), (2, labels["column.by_when"], HEAD_CENTER),
        (5, labels["column.counterparty"], HEAD), (2, pen.label("price_now"), HEAD_RIGHT),
        (2, pen.label("up_to"), HEAD_RIGHT),
    )  # fmt: skip
    pen.line(5, 1, heads)
    spans = [span for span, _, _ in heads]
    rows = list(report["do_now"].frame.itertuples(index=False))
    for i in range(LINES):
        row = 6 + i
        if i >= len(rows):
            pen.line(row, 1, [(s, "", TEXT) for s in spans])
            continue
        r = rows[i]
        unit = "t/yr" if r.unit.endswith("/yr") else "t"
        amount = number_format("t", r.amount).split(";")[0] + f'" {unit}"'
        who = labels.word(r.counterparty)
        if r.act == "buy":
            who = f"{who}, {r.country}"
        elif r.act == "build":
            who = f"{r.origin}, {r.country}"
        pen.line(row, 1, [
            (2, labels.word(r.act), replace(TEXT, bold=True, color=ACCENT)),
            (6, r.commodity, replace(TEXT, bold=True)),
            (2, r.amount, replace(TEXT, format=amount, across="right")),
            (2, r.by_when, replace(TEXT, across="center")),
            (5, who, replace(TEXT, indent=1)),
            (2, r.price, _price(r.price)),
            (2, r.worth_up_to, replace(_price(r.worth_up_to), bold=True)),
        ])  # fmt: skip


def _price(value: float) -> Look:
    size = 0.0 if is_blank(value) else abs(value)
    return replace(TEXT, format=number_format("USD/kg", size), across="right")


def _money(pen: Pen, report: Report, answer: Answer) -> None:
    labels, table = pen.labels, report["headline"]
    unit = labels.unit(money_unit(answer)[0])
    span = GRID - RIGHT + 1
    pen.put(4, RIGHT, span, f"{table.title(labels.language)} [{unit}]", BAND)
    value = dict(zip(table.frame["what"], table.frame["amount_money"], strict=True))
    big = replace(TEXT, bold=True, size=11, color=ACCENT, across="right")
    tail = pen.label("worst", **table.words)

    def put(row: int, text: str, name: str, look: Look) -> None:
        plain = replace(TEXT, bold=look.bold, size=9, color="222222" if look.bold else QUIET)
        form = number_format("oku", abs(value[name]))
        pen.line(row, RIGHT, [(span - 3, text, plain), (3, value[name], replace(look, format=form))])

    put(5, labels.word("expected cost"), "expected cost", big)
    put(6, f"{tail[0].upper()}{tail[1:]}", "mean of the worst", big)
    put(7, labels.word("insurance a year"), "insurance a year", big)
    quiet = replace(TEXT, color=QUIET, across="right")
    put(8, f"   {pen.label('of_which')}: {labels.word('holding')}", "holding", quiet)
    put(9, f"   {labels.word('expansion')}", "expansion", quiet)
    put(10, labels.word("missed cover"), "missed cover", quiet)


def _elements(pen: Pen, report: Report, answer: Answer, row: int) -> int:
    """Element by element: first unmet order on four histories, cover of two owners."""
    labels, frame = pen.labels, report["elements"].frame
    histories, owners = shown_histories(answer), owners_of(answer)[:OWNERS]
    start = answer.case.tree.start
    pen.put(row, 1, 3, "", BAND)
    pen.put(row, 4, 8, labels.group("first_unmet"), replace(BAND, across="center"))
    pen.put(row, 12, LEFT - 11, pen.label("cover"), replace(BAND, across="center"))
    heads: list[tuple[int, object, Look]] = [(3, pen.label("element"), HEAD)]
    names = [labels.word(h.name) for h in histories] + [""] * (4 - len(histories))
    heads += [(2, name, HEAD_CENTER) for name in names]
    heads += [(2, pen.label("asked"), HEAD_CENTER)]
    times = (pen.label("now"), pen.label("later", ahead=AHEAD))
    shown = [f"{labels.word(o)} {t}" for o in owners for t in times] + [""] * 4
    heads += [(2, text, HEAD_CENTER) for text in shown[:4]]
    pen.line(row + 1, 1, heads)
    for i, line in enumerate(frame.to_dict("records"), start=row + 2):
        cells: list[tuple[int, object, Look]] = [(3, line["element"], replace(TEXT, bold=True))]
        for k in range(4):
            months = line.get(f"unmet {k}", "")
            if is_blank(months) or months == "":
                text = "–" if k < len(histories) else ""
                cells.append((2, text, replace(TEXT, color=QUIET, across="center")))
                continue
            date = month_text(start + int(months))[2:]
            look = replace(TEXT, format=f'0" ({date})"', across="center")
            urgent = months < NOW
            cells.append((2, months, replace(look, color=RED if urgent else "222222", bold=urgent)))
        cells += _cover_cells(line, owners, start)
        pen.line(i, 1, cells)
    return row + 1 + len(frame)


def _cover_cells(
    line: dict[str, Any], owners: Sequence[str], start: int
) -> list[tuple[int, object, Look]]:
    """What is asked and from when; what each owner has; red where less than asked by then."""
    plain = replace(TEXT, format="0.0", across="center")
    asked, since = line["target"], line["target_from"]
    cells: list[tuple[int, object, Look]] = [(2, "–", replace(plain, color=QUIET))]
    if not is_blank(asked):
        form = f'0.0" ({since[2:]})"' if since else "0.0"
        cells = [(2, asked, replace(plain, format=form))]
    for owner in owners:
        for months, when in ((0, "now"), (AHEAD, "later")):
            total = sum(line[f"{o} {when}"] for o in owners)
            due = not is_blank(asked) and (not since or parse_month(since) <= start + months)
            color = RED if due and total < asked - TOLERANCE else plain.color
            cells.append((2, line[f"{owner} {when}"], replace(plain, color=color)))
    return cells + [(2, "", TEXT)] * (5 - len(cells))


def _guesses(pen: Pen, report: Report, answer: Answer, row: int) -> int:
    """The unsure numbers that matter, then how much money rests on each grade."""
    labels, table = pen.labels, report["top_guesses"]
    unit = labels.unit(money_unit(answer)[0])
    span = GRID - RIGHT + 1
    pen.put(row, RIGHT, span, table.title(labels.language), BAND)
    pen.line(row + 1, RIGHT, [
        (span - 4, labels["column.row"], HEAD), (2, labels["column.grade"], HEAD),
        (2, pen.label("effect", unit=unit), HEAD_RIGHT),
    ])  # fmt: skip
    at = row + 2
    for r in table.frame.itertuples(index=False):
        text = f"{r.row} ({labels.word(r.number_of)})"
        form = number_format("oku", abs(r.ten_percent)).replace("#,##0", "+#,##0", 1)
        pen.line(at, RIGHT, [
            (span - 4, text, TEXT), (2, labels.word(r.grade), replace(TEXT, color=QUIET)),
            (2, r.ten_percent, replace(TEXT, format=form, across="right")),
        ])  # fmt: skip
        at += 1
    pen.put(at, RIGHT, span, pen.label("sure"), HEAD)
    first = at + 1
    for r in report["grades"].frame.itertuples(index=False):
        if r.grade == "not graded" and round(r.share_of_money, 2) == 0:
            continue
        at += 1
        pen.line(at, RIGHT, [
            (span - 6, labels.word(r.grade), TEXT),
            (6, r.share_of_money, replace(TEXT, format="0%", across="right")),
        ])  # fmt: skip
    letter = get_column_letter(GRID - 5)
    bar = DataBarRule("num", 0, "num", 1, color="7FA3CC", showValue=True)
    pen.page.conditional_formatting.add(f"{letter}{first}:{letter}{at}", bar)
    return at


def _chart(pen: Pen, answer: Answer, placed: dict[str, Placed], row: int) -> None:
    scarce = by_scarcity(answer)
    if not scarce:
        return
    title = pen.label(
        "chart", element=scarce[0], branch=pen.labels.word(answer.main.name),
        unit=answer.unit_of[scarce[0]],
    )  # fmt: skip
    chart = supply_chart(placed["sourcing"], pen.labels, scarce[0], title, (CHART_WIDTH, CHART_HEIGHT))
    if chart is not None:
        pen.page.add_chart(chart, f"A{row}")


def _notes(pen: Pen, row: int) -> int:
    pen.put(row, RIGHT, GRID - RIGHT + 1, pen.label("notes"), HEAD)
    notes = ("orders", "unmet", "cover", "cost", "sure", "chart")
    words = {"months": NOW, "decisions": DECISIONS}
    at, heights = row + 1, (3, 3, 2, 4, 2, 3)
    for name, rows in zip(notes, heights, strict=True):
        text = pen.label(f"note_{name}", **words)
        pen.put(at, RIGHT, GRID - RIGHT + 1, text, SMALL)
        last = at + rows - 1
        area = f"{get_column_letter(RIGHT)}{at}:{get_column_letter(GRID)}{at}"
        pen.page.unmerge_cells(area)
        pen.page.merge_cells(area.rsplit(":", 1)[0] + f":{get_column_letter(GRID)}{last}")
        at = last + 1
    return at

