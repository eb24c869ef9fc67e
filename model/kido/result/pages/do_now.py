"""The top of the board page: what is to be done now, one line for each supplier and good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from kido.data.case.likelihood import disruption_probability
from kido.report.document import Link
from kido.report.grid import BAND, GRID, HEAD, HEAD_CENTER, HEAD_RIGHT, TEXT, FirstPage, Span
from kido.report.style import ACCENT, QUIET, CellStyle, is_blank, number_format
from kido.report.table import Report
from kido.result.currency import money_unit
from kido.result.do_now import LINES
from kido.result.plan import SolvedPlan

TOP = 4  # row of the band
LAST = TOP + 3 + LINES  # row of the link to all orders
MORE = 8  # columns of that link
WIDTHS = (2, 4, 3, 3, 6, 2, 2, 3, 3, 2)  # columns of the grid
SMALL = replace(TEXT, size=8)


def put_orders(grid: FirstPage, report: Report, plan: SolvedPlan) -> None:
    """Write the lines of most cash, and how many more there are."""
    labels, rows = grid.labels, report["do_now"].rows
    unit = labels.unit(money_unit(plan)[0])
    grid.put(TOP, 1, GRID, labels["title.do_now"], BAND)
    heads = (
        (labels["column.act"], HEAD), (grid.text("board.what"), HEAD),
        (labels["column.amount"], HEAD_RIGHT), (grid.text("board.when"), HEAD_CENTER),
        (labels["column.counterparty"], HEAD), (grid.text("board.price_now"), HEAD_RIGHT),
        (f"{labels['column.cash']} {unit}", HEAD_RIGHT), (grid.text("board.up_to"), HEAD_RIGHT),
        (f"{labels['column.needed']} (+{unit})", HEAD_CENTER), (labels["column.grade"], HEAD),
    )  # fmt: skip
    grid.line(TOP + 1, 1, _spans(heads))
    for i in range(LINES):
        cells = _cells(grid, rows[i]) if i < len(rows) else (("", TEXT),) * len(WIDTHS)
        grid.line(TOP + 2 + i, 1, _spans(cells))
    grid.put(LAST - 1, 1, GRID, _on_disruptions(grid, rows, plan), replace(SMALL, bottom=""))
    if len(rows) > LINES:
        more = Link(grid.text("board.more", count=len(rows) - LINES), labels["sheet.orders"])
        grid.put(LAST, 1, MORE, more, replace(SMALL, color=ACCENT, bottom=""))


def _on_disruptions(grid: FirstPage, rows: Sequence[Mapping[str, Any]], plan: SolvedPlan) -> str:
    """The sentences on which lines hang on disruptions; "" where that was not asked."""
    known = [
        (name, r["placed_from"], r["left_out_at"])
        for name, r in zip(_distinct(rows), rows, strict=True) if not is_blank(r["placed_from"])
    ]  # fmt: skip
    always = [name for name, placed, _ in known if placed == 0]
    brackets = [
        grid.text("board.likely", name=name, low=_percent(left_out), high=_percent(placed))
        for name, placed, left_out in known if placed > 0
    ]  # fmt: skip
    semicolon = grid.text("board.semicolon")
    words = {"chance": _percent(disruption_probability(plan.tables))}
    named = (("without", always), ("with", brackets))
    return " ".join(
        grid.text(f"board.{how}_disruptions", names=semicolon.join(lines), **words)
        for how, lines in named if lines
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.2g}"


def _distinct(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each line is about, with its origin where others are about the same."""
    counts = Counter(r["commodity"] for r in rows)
    return [
        f"{r['commodity']} ({r['origin']})" if counts[r["commodity"]] > 1 else r["commodity"]
        for r in rows
    ]


def _spans(cells: tuple[tuple[object, CellStyle], ...]) -> list[Span]:
    return [(span, value, style) for span, (value, style) in zip(WIDTHS, cells, strict=True)]


def _cells(grid: FirstPage, r: Mapping[str, Any]) -> tuple[tuple[object, CellStyle], ...]:
    labels = grid.labels
    act = "send" if r["act"] == "buy" and r["counterparty"] == "own" else r["act"]
    right, center = replace(TEXT, across="right"), replace(SMALL, across="center")
    worth: tuple[object, CellStyle] = (
        r["worth_up_to"], replace(right, format=_price(r["worth_up_to"]), bold=True)
    )  # fmt: skip
    if r["holds"]:
        worth = (grid.text("board.while_short"), replace(SMALL, across="right", bold=True))
    cash = replace(right, format=number_format("oku", abs(r["cash"])), bold=True)
    return (
        (labels.word(act), replace(TEXT, bold=True, color=ACCENT)),
        (r["commodity"], replace(TEXT, bold=True)),
        (r["amount"], replace(right, format=_amount(grid, r))),
        (_when(r), center),
        (_with_whom(grid, r), replace(TEXT, indent=1)),
        (r["price"], replace(right, format=_price(r["price"]))),
        (r["cash"], cash),
        worth,
        (_needed(grid, r), center),
        (labels.word(r["grade"]), replace(SMALL, color=QUIET)),
    )


def _needed(grid: FirstPage, r: Mapping[str, Any]) -> str:
    """Whether the line is required, and what the plan costs more without it."""
    if not r["needed"]:
        return ""
    word, more = grid.labels.word(r["needed"]), r["without"]
    if is_blank(more):
        return word
    return f"{word} (+{more:.3g})" if isfinite(more) else f"{word} ({grid.text('board.no_plan')})"


def _when(r: Mapping[str, Any]) -> str:
    """The month of the order, and that in which it is there where that is a later one."""
    begins, there = r["by_when"], r["lands"]
    later = r["act"] != "ask" and there[:4].isdigit() and there > begins
    return f"{begins} → {there}" if later else begins


def _price(value: float) -> str:
    return number_format("USD/kg", 0.0 if is_blank(value) else abs(value))


def _amount(grid: FirstPage, r: Mapping[str, Any]) -> str:
    """The format of an amount with its unit, and the lots it makes."""
    unit = r["unit"] if r["act"] == "ask" else "t/yr" if r["unit"].endswith("/yr") else "t"
    unit = grid.labels.unit(unit)
    if not is_blank(r["lots"]):
        lots = f"{r['lots']:.3g}"
        unit += f" ({grid.text('board.lots', count=lots)})"
    return number_format("t", r["amount"]).split(";")[0] + f'" {unit}"'


def _with_whom(grid: FirstPage, r: Mapping[str, Any]) -> str:
    """The contract or segment; of what is bought on the spot also the site and the country."""
    who = grid.labels.word(r["counterparty"])
    if r["act"] == "ask":
        return who
    if r["act"] == "buy" and r["counterparty"] in ("spot", "own"):
        return f"{who}, {r['supplier']}, {r['country']}"
    return f"{who}, {r['country']}"
