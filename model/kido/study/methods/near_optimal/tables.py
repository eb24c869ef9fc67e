"""The table of near-optimal ranges."""

from __future__ import annotations

import pandas as pd

from kido.report.table import Column, Table
from kido.study.methods.near_optimal.result import NearOptimalRange, NearOptimalResult
from kido.study.report.items import COUNTRY, item_of
from kido.study.report.summary import selection_table
from kido.study.report.view import NAN, View

STATUSES = ("required", "optional", "unused")


def tables(view: View) -> list[Table]:
    """The table of the selected rows and that of the ranges."""
    shares = [view.wording.percent(v) for v in view.result.design.values]
    extra = view.labels["sweep.extra"].format(extra=view.wording.listed(shares, 6))
    return [selection_table(view, extra), near_optimal(view)]


def share(choice: NearOptimalRange, amount: float | None) -> float:
    """An amount as a share of the choice's whole; NaN if either is unknown."""
    return NAN if amount is None or not choice.whole else amount / choice.whole


def choice_name(view: View, choice: NearOptimalRange) -> str:
    """The name of a choice: its row, its country and commodity, or its new capacity."""
    item = item_of(view, choice.item)
    if item.kind == "Facilities":
        return view.labels["sweep.new_capacity"].format(name=item.name)
    return f"{item.name} ({item.commodity})" if item.kind == COUNTRY else item.name


def ranges_of(view: View) -> tuple[NearOptimalRange, ...]:
    """The ranges of the result."""
    assert isinstance(view.result, NearOptimalResult)
    return view.result.ranges


def widest_first(view: View) -> list[NearOptimalRange]:
    """The ranges by extra cost, those with a share first, then by status, then by width."""

    def order(choice: NearOptimalRange) -> tuple[float, bool, int, float, str]:
        low, high = share(choice, choice.least), share(choice, choice.most)
        if low != low or high != high:
            low, high = choice.least or 0.0, choice.most or 0.0
        status = STATUSES.index(choice.status) if choice.status in STATUSES else len(STATUSES)
        return choice.extra, not choice.whole, status, -(high - low), choice.item

    return sorted(ranges_of(view), key=order)


def near_optimal(view: View) -> Table:
    """The table with a row for each range; shares are of the whole."""
    columns = (
        Column("extra", shape="share"), Column("range_status", shape="word", words="range_status"),
        Column("choice"), Column("kind_of_row", shape="word"), Column("commodity"),
        Column("least_share", shape="share", group="of_whole"),
        Column("chosen_share", shape="share", group="of_whole"),
        Column("most_share", shape="share", group="of_whole"),
        Column("to_chosen", shape="share", group="of_whole"),
        Column("to_most", shape="share", group="of_whole"),
        Column("unit", shape="unit"),
        Column("least_volume", shape="number"), Column("chosen_volume", shape="number"),
        Column("most_volume", shape="number"), Column("whole", shape="number"),
    )  # fmt: skip
    lines = []
    for r in widest_first(view):
        item = item_of(view, r.item)
        low, now, high = share(r, r.least), share(r, r.at_optimum), share(r, r.most)
        shares = (low, now, high, max(now - low, 0.0), max(high - now, 0.0))
        amounts = (NAN if a is None else a for a in (r.least, r.at_optimum, r.most, r.whole))
        lines.append((
            r.extra, r.status, choice_name(view, r), item.kind, item.commodity,
            *shares, r.unit, *amounts,
        ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_near_optimal", columns, frame)
