"""The tables of a comparison; all of them add up to the difference of the objectives."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kido.comparison.causes import Cause
from kido.comparison.changes import Change
from kido.comparison.comparison import Comparison
from kido.comparison.mixture import costs
from kido.data.months import month_text
from kido.report.labels import Labels
from kido.report.table import Column, Report, Table
from kido.rolling.orders import NEAR
from kido.tolerances import EFFECT_KUSD, MOVED_T

EARLIER, LATER = "earlier plan", "later plan"
SOLVING, VERSION = "how near the least cost", "another version of kido"
PASSED = "months that have passed"
REST = "all other rows"
MOST_TOLD = 3  # changes of a cause
MOST_ROWS = 200  # of the book: those whose cost changes most


def comparison_report(comparison: Comparison) -> Report:
    """All tables by name, in the order of the workbook."""
    tables = (
        causes_table(comparison),
        changes_table(comparison),
        decisions_table(comparison),
        near_orders_table(comparison),
        categories_table(comparison),
        rows_table(comparison),
        runs_table(comparison),
    )
    return {table.name: table for table in tables}


def _table(
    name: str, columns: Sequence[Column], lines: Sequence[Sequence[object]], **words: object
) -> Table:
    frame = pd.DataFrame([tuple(line) for line in lines], columns=[c.key for c in columns])
    return Table(name, tuple(columns), frame, words)


def causes_table(comparison: Comparison) -> Table:
    """From the earlier objective to the later: what each cause adds, and the cost with it."""
    labels = Labels(comparison.language)
    columns = (
        Column("cause"), Column("sheet", shape="word"), Column("what_changed"),
        Column("change", "kUSD", "change"), Column("cost", "kUSD", "money"),
    )  # fmt: skip
    cost = comparison.before.objective
    lines: list[tuple[object, ...]] = [(labels[f"compare.{EARLIER}"], "", "", None, cost)]
    rest = {VERSION: comparison.version, SOLVING: comparison.solving}
    passed = [(labels[f"compare.{PASSED}"], "", "", comparison.passed)]
    parts = passed if comparison.rolled else []
    parts += [(*_words(comparison, cause), cause.kusd) for cause in comparison.causes]
    parts += [(labels[f"compare.{k}"], "", "", v) for k, v in rest.items() if abs(v) > EFFECT_KUSD]
    for *words, kusd in parts:
        cost += kusd
        lines.append((*words, kusd, cost))
    whole = comparison.change, comparison.after.objective
    lines.append((labels[f"compare.{LATER}"], "", "", *whole))
    how = labels[f"compare.{comparison.how}"]
    if comparison.rolled:
        news = comparison.change - comparison.passed
        more = labels["compare.dearer" if news >= 0 else "compare.cheaper"]
        like_for_like = labels["compare.like_for_like"].format(
            amount=f"{abs(news):,.0f}", more=more
        )
        how = f"{like_for_like} {how}"
    return _table("compare_causes", columns, lines, how=how)


def _words(comparison: Comparison, cause: Cause) -> tuple[str, str, str]:
    """(what a cause is called, its sheet where it has one, its first changes)."""
    language, labels = comparison.language, Labels(comparison.language)
    names = labels["compare.and"].join(
        str(group.label.in_language(language)) for group in cause.groups
    )
    if len(cause.groups) > 1:
        names = labels["compare.together"].format(names=names)
    sheets = {group.sheet for group in cause.groups}
    changes = [change for change in comparison.changes if _is_of(change, cause)]
    texts = [_in_short(change, labels) for change in changes[:MOST_TOLD]]
    if len(changes) > MOST_TOLD:
        texts.append(labels["compare.more"].format(count=len(changes) - MOST_TOLD))
    return names, sheets.pop() if len(sheets) == 1 else "", labels["compare.and"].join(texts)


def _in_short(change: Change, labels: Labels) -> str:
    """A change in a few words: `Mine: price 30 -> 36`."""
    row = change.row_text(labels.language)
    if change.column is None:
        return f"{row}: {labels.word(change.kind, 'change')}"
    values = (change.value_text(value, labels.language) or labels["compare.blank"]
              for value in (change.before, change.after))  # fmt: skip
    column = "" if change.pair is None else change.column.term.in_language(labels.language)
    return f"{row}: {column} {' → '.join(values)}".replace(":  ", ": ")


def changes_table(comparison: Comparison) -> Table:
    """Every change of the inputs, those of the causes of most money first."""
    columns = (
        Column("effect", "kUSD", "change"), Column("kind", shape="word", words="change"),
        Column("sheet", shape="word"), Column("row"), Column("book_column"), Column("before"),
        Column("after"), Column("cell_before"), Column("cell_after"),
    )  # fmt: skip
    effects = [(_effect(comparison, change), change) for change in comparison.changes]
    effects.sort(key=lambda pair: -1.0 if pair[0] is None else -abs(pair[0]) - 1.0)
    effects.sort(key=lambda pair: pair[0] is None)
    lines = [(effect, *_cells(change, comparison.language)) for effect, change in effects]
    return _table("compare_changes", columns, lines)


def _effect(comparison: Comparison, change: Change) -> float | None:
    """kUSD of the cause that a change is part of; None where no cost hangs on it."""
    return next((cause.kusd for cause in comparison.causes if _is_of(change, cause)), None)


def _is_of(change: Change, cause: Cause) -> bool:
    """Whether a change is part of a cause."""
    key = "" if change.column is None else change.column.key
    return costs(change) and any(
        change.pair in group.pairs if change.pair else key in group.options
        for group in cause.groups
    )


def _cells(change: Change, language: str) -> tuple[str, ...]:
    return (
        change.kind, change.sheet, change.row_text(language), change.column_text(language),
        change.value_text(change.before, language), change.value_text(change.after, language),
        str(change.place_before or ""), str(change.place_after or ""),
    )  # fmt: skip


def decisions_table(comparison: Comparison) -> Table:
    """The lines of the plans that moved: both, their difference, and the difference by month."""
    lines = [line for line in comparison.decisions if line.moved > MOVED_T]
    months = sorted({month for line in lines for month in line.months})
    texts = [month_text(month) for month in months]
    columns = (
        Column("kind", shape="word", words="decision"), Column("name", shape="word"),
        Column("place", shape="word"), Column("measure", shape="word"), Column("commodity"),
        Column("unit", shape="unit"), Column("before", shape="number"),
        Column("after", shape="number"), Column("change", shape="number"),
        *(Column(t, shape="number", label=t, group="moments") for t in texts),
    )  # fmt: skip
    rows = []
    for line in lines:
        moves = {m: b - a for m, (a, b) in line.months.items()}
        rows.append((
            line.kind, line.name, line.place, line.measure, line.commodity, line.unit, line.before,
            line.after, line.after - line.before, *(moves.get(m) for m in months),
        ))  # fmt: skip
    return _table("compare_decisions", columns, rows)


def near_orders_table(comparison: Comparison) -> Table:
    """How much of the near orders moved, by commodity."""
    columns = (
        Column("commodity", shape="word"), Column("unit", shape="unit"),
        Column("before", shape="number"), Column("after", shape="number"),
        Column("moved", shape="number"), Column("moved_share", shape="share"),
    )  # fmt: skip
    common = max((len(line.months) for line in comparison.decisions), default=0)
    lines = [
        (n.commodity, n.unit, n.before, n.after, n.moved, n.share) for n in comparison.nervousness
    ]
    return _table("compare_near_orders", columns, lines, months=min(NEAR, common))


MONEY = (
    Column("before", "kUSD", "money"), Column("after", "kUSD", "money"),
    Column("change", "kUSD", "change"),
)  # fmt: skip


def categories_table(comparison: Comparison) -> Table:
    """Both objectives by category."""
    amounts = comparison.by_category
    lines: list[tuple[object, ...]] = [(*a.name, a.before, a.after, a.change) for a in amounts]
    whole = comparison.before.objective, comparison.after.objective, comparison.change
    lines.append(("objective", *whole))
    return _table("compare_categories", (Column("category", shape="word"), *MONEY), lines)


def rows_table(comparison: Comparison) -> Table:
    """Both expected costs by row of the book, then their sums."""
    columns = (
        Column("sheet", shape="word"), Column("row", shape="word"),
        Column("category", shape="word"), *MONEY,
    )  # fmt: skip
    amounts = comparison.by_row
    shown = [a for a in amounts if abs(a.change) > EFFECT_KUSD][:MOST_ROWS]
    lines: list[tuple[object, ...]] = [(*a.name, a.before, a.after, a.change) for a in shown]
    rest = amounts[len(shown) :]
    for name, some in ((REST, rest), ("expected cost", amounts)):
        before, after = sum(a.before for a in some), sum(a.after for a in some)
        if some:
            lines.append(("", name, "", before, after, after - before))
    return _table("compare_rows", columns, lines)


def runs_table(comparison: Comparison) -> Table:
    """The two runs: their folders, books and versions; then what must be known to compare them."""
    columns = (Column("what", shape="word"), Column("before", shape="any"),
               Column("after", shape="any"))  # fmt: skip
    old, new = comparison.before, comparison.after
    lines: list[tuple[object, ...]] = [("run folder", str(old.folder), str(new.folder))]
    for name, key in (("workbook", "workbook"), ("sha256", "workbook_sha256")):
        lines.append((name, old.facts[key], new.facts[key]))
    lines.append(("objective", old.objective, new.objective))
    lines.append(("no plan costs less than", old.bound, new.bound))
    for name in sorted({*old.facts["versions"], *new.facts["versions"]}):
        pair = (run.facts["versions"].get(name, "") for run in (old, new))
        lines.append((name, *pair))
    for finding in comparison.warnings:
        lines.append(("finding", str(finding.place), finding.sentence))
    return _table("compare_runs", columns, lines)
