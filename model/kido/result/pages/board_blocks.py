"""The middle of the board page: cover of each element, and uncertain inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kido.data.months import month_text
from kido.data.workbook.textwidth import width
from kido.report.document import Area, DataBar
from kido.report.grid import (
    BAND,
    GRID,
    HEAD,
    HEAD_CENTER,
    HEAD_RIGHT,
    LEFT,
    RIGHT,
    SPAN,
    TEXT,
    FirstPage,
)
from kido.report.style import INK, QUIET, RED, CellStyle, is_blank, number_format, signed
from kido.report.table import Report
from kido.result.board import AHEAD, OWNERS, SOON
from kido.result.currency import money_unit
from kido.result.futures import shown_histories
from kido.result.input_sensitivity import UNGRADED
from kido.result.plan import SolvedPlan
from kido.result.stocks import owners_of

BAR = "7FA3CC"
NAME_WIDTH = 44  # characters of a row of the book and its column


def put_elements(grid: FirstPage, report: Report, plan: SolvedPlan, row: int) -> int:
    """Write for each element its first unmet orders and its cover. Returns the last row."""
    labels, rows = grid.labels, report["elements"].rows
    histories, owners = shown_histories(plan), owners_of(plan)[:OWNERS]
    start = plan.case.tree.start
    grid.put(row, 1, 3, "", BAND)
    grid.put(row, 4, 8, labels.group("first_unmet"), replace(BAND, across="center"))
    grid.put(row, 12, LEFT - 11, grid.text("board.cover"), replace(BAND, across="center"))
    heads: list[tuple[int, object, CellStyle]] = [(3, grid.text("board.element"), HEAD)]
    names = [labels.chance(h.name, h.probability) for h in histories]
    names += [""] * (4 - len(histories))
    heads += [(2, name, HEAD_CENTER) for name in names]
    heads += [(2, grid.text("board.asked"), HEAD_CENTER)]
    times = f"{grid.text('board.now')}     {grid.text('board.later', ahead=AHEAD)}"
    shown = [f"{labels.word(o)}\n{times}" for o in owners] + [""] * 2
    heads += [(2, text, HEAD_CENTER) for text in shown[:2]]
    heads += [(2, grid.text("board.all_then"), HEAD_CENTER)]
    grid.line(row + 1, 1, heads)
    for i, line in enumerate(rows, start=row + 2):
        cells: list[tuple[int, object, CellStyle]] = [
            (3, line["element"], replace(TEXT, bold=True))
        ]
        for k in range(4):
            months = line.get(f"unmet {k}", "")
            if is_blank(months) or months == "":
                text = "–" if k < len(histories) else ""
                cells.append((2, text, replace(TEXT, color=QUIET, across="center")))
                continue
            date = month_text(start + int(months))[2:]
            form = f'[=0]"{grid.text("board.now")} ({date})";0" ({date})"'
            style = replace(TEXT, format=form, across="center")
            urgent = months < SOON
            cells.append((2, months, replace(style, color=RED if urgent else INK, bold=urgent)))
        cells += _cover_cells(line, owners)
        grid.line(i, 1, cells)
    return row + 1 + len(rows)


def _cover_cells(
    line: Mapping[str, Any], owners: Sequence[str]
) -> list[tuple[int, object, CellStyle]]:
    """The cells of cover of an element: required, of each owner, of all; red if too little."""
    style = replace(TEXT, format="0.0", across="center")
    target, target_from = line["target"], line["target_from"]
    cells: list[tuple[int, object, CellStyle]] = [(2, "–", replace(style, color=QUIET))]
    if not is_blank(target):
        form = f'0.0" ({target_from[2:]})"' if target_from else "0.0"
        cells = [(2, target, replace(style, format=form))]
    for owner in owners:
        cells += [(1, _shown(line[f"{owner} {when}"]), style) for when in ("now", "later")]
    cells += [(1, "", style)] * (5 - len(cells))
    cover = line["all then"]
    if is_blank(cover):
        return [*cells, (2, "–", replace(style, color=QUIET))]
    short = bool(line["too little"])
    return [
        *cells,
        (2, _shown(cover), replace(style, bold=short, color=RED if short else style.color)),
    ]


def _shown(months: float) -> float:
    """A cover as it is shown: a hundredth of a month is none."""
    return months if is_blank(months) else round(months, 1)


def put_guesses(grid: FirstPage, report: Report, plan: SolvedPlan, row: int) -> int:
    """Write the uncertain numbers of most effect. Returns the last row."""
    labels, table = grid.labels, report["top_guesses"]
    unit = labels.unit(money_unit(plan)[0])
    grid.put(row, RIGHT, SPAN, table.title(labels.language), BAND)
    grid.line(row + 1, RIGHT, [
        (SPAN - 4, labels["column.row"], HEAD), (2, labels["column.grade"], HEAD),
        (2, grid.text("board.effect", unit=unit), HEAD_RIGHT),
    ])  # fmt: skip
    at = row + 2
    for r in table.rows:
        number = labels.word(r["number_of"], "number")
        text = f"{_shortened(r['row'], NAME_WIDTH - width(number))} ({number})"
        form = signed(number_format("oku", abs(r["ten_percent"])))
        grid.line(at, RIGHT, [
            (SPAN - 4, text, TEXT), (2, labels.word(r["grade"]), replace(TEXT, color=QUIET)),
            (2, r["ten_percent"], replace(TEXT, format=form, across="right")),
        ])  # fmt: skip
        at += 1
    return at - 1


def _shortened(text: str, most: int) -> str:
    """The text, or as much of it as is no wider than `most` characters, with dots."""
    if width(text) <= most:
        return text
    kept = next(k for k in range(len(text), -1, -1) if width(text[:k]) < most)
    return f"{text[:kept].rstrip()}…"


def put_grades(grid: FirstPage, report: Report, row: int) -> int:
    """Write the share of the money by grade. Returns the last row."""
    labels, at = grid.labels, row
    grid.put(row, RIGHT, SPAN, grid.text("board.sure"), HEAD)
    first = row + 1
    for r in report["grades"].rows:
        if r["grade"] == UNGRADED and round(r["share_of_money"], 2) == 0:
            continue
        at += 1
        grid.line(at, RIGHT, [
            (SPAN - 6, labels.word(r["grade"]), TEXT),
            (6, r["share_of_money"], replace(TEXT, format="0%", across="right")),
        ])  # fmt: skip
    if at >= first:
        grid.shade(Area(first, GRID - 5, at - first + 1, 6), DataBar(BAR))
    return at
