"""`about`: the table of the workbook, the rows of the sweep as typed, and the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kido.data.schema import catalogue
from kido.report.table import Column, Table
from kido.result.records import flat
from kido.study.report.view import View

ELSEWHERE = ("base", "points")  # facts with a page of their own
LISTED = 20  # entries of a list in one cell
Line = tuple[str, str, object]


def about(view: View) -> Table:
    """The table of the workbook's hash, the sweep's rows, the points and the facts of the run."""
    columns = (
        Column("part", shape="word"), Column("what", shape="word"), Column("value", shape="any"),
    )  # fmt: skip
    lines = [*_book(view), *_rows(view), *_points(view), *_facts(view)]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns], dtype=object)
    return Table("sweep_about", columns, frame)


def _book(view: View) -> list[Line]:
    tables = view.result.tables
    file = tables.path.replace("\\", "/").rsplit("/", 1)[-1]
    return [
        ("book", "title", tables.settings.title),
        ("book", "file", file),
        ("book", "sha256", tables.sha256),
    ]


def _rows(view: View) -> Iterator[Line]:
    """Lines for the filled cells of the sweep's rows, with the headers of the sheet."""
    columns, language = catalogue()["Sweeps"].columns, view.labels.language
    for line, cells in view.sweep_rows():
        part = view.labels["sweep.sheet_row"].format(row=line)
        for key, column in columns.items():
            text = _text(cells.get(key))
            if text and key != "use":
                yield part, column.header(language), text


def _text(value: object) -> object:
    if isinstance(value, tuple):
        return "; ".join(str(v) for v in value)
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, (int, float)) else str(value)


def _points(view: View) -> Iterator[Line]:
    yield "points", "points in all", len(view.outcomes)
    for status, count in view.counts.items():
        yield "points", view.labels.word(status, "status"), count
    yield "points", "started from another answer", sum(o.warm for o in view.outcomes)
    yield "points", "seconds of all points", round(sum(o.seconds for o in view.outcomes), 3)
    for what, value in view.result.notes.items():
        yield "points", what, value


def _facts(view: View) -> list[Line]:
    rest = {key: value for key, value in view.result.facts.items() if key not in ELSEWHERE}
    return [("facts", key, _cell_value(value)) for key, value in flat(rest)]


def _cell_value(value: object) -> object:
    """A value as one cell; of a long list, such as that of the points, its length."""
    if isinstance(value, (list, tuple)):
        short = len(value) <= LISTED and not any(isinstance(v, Mapping) for v in value)
        return "; ".join(str(v) for v in value) if short else len(value)
    if value is None:
        return ""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if plain else str(value)
