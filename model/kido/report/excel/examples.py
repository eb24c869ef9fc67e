"""The example rows of the blank book: one small story, told by every sheet.

A factory in Yokohama needs 48 t of Dy a year. An exporter in China and a separation line in
Malaysia can send it, and exports may stop from July. No example is used until its `use` says so.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import Any

from kido.data.schema import Column, catalogue

NUMERIC = ("number", "integer", "share", "rate")


@cache
def _lines() -> tuple[dict[str, str], ...]:
    text = resources.files(__package__).joinpath("examples.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="|"))


def example_rows(language: str) -> dict[str, list[dict[str, object]]]:
    """The example rows of every sheet: cells by the keys of the catalogue."""
    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for line in _lines():
        text = line["ja"] if language == "ja" and line["ja"] else line["en"]
        column = catalogue()[line["sheet"]].columns[line["key"]]
        rows[line["sheet"], line["row"]][column.key] = _value(text, column)
    examples: dict[str, list[dict[str, object]]] = defaultdict(list)
    for (sheet, _), row in rows.items():
        if "use" in catalogue()[sheet].columns:
            row["use"] = False
        examples[sheet].append(row)
    return examples


def _value(text: str, column: Column) -> object:
    return float(text) if column.kind in NUMERIC else text
