"""`Table` and `Report`: what is reported, before any workbook knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kido.report.labels import Labels

# How a column is shown. text: as in the book; word: translated; period: a fiscal quarter;
# number: by the unit in its row; any: text or number; value: a number as typed; change: with its
# sign; error: a small share; hidden: not written.
SHAPES = (
    "text", "word", "period", "unit", "number", "tonnes", "price", "money", "share", "count",
    "months", "any", "value", "change", "error", "hidden",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """`label` stands in both languages (a period, a name of the book); else `key` is looked up.

    `group` is the heading above neighbours: `quarters`, `moments`, or a name of the book.
    `words` is the family of labels that words are translated from.
    """

    key: str
    unit: str = ""
    shape: str = "text"
    label: str = ""
    group: str = ""
    words: str = "word"

    def heading(self, labels: Labels) -> str:
        text = labels.name(self.label) if self.label else labels[f"column.{self.key}"]
        return f"{text} [{labels.unit(self.unit)}]" if self.unit else text


@dataclass(frozen=True)
class Table:
    """A frame with the meaning of its columns. Title and note are in both languages."""

    name: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    words: Mapping[str, object] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One mapping of column keys to values a row."""
        return [{str(k): v for k, v in row.items()} for row in self.frame.to_dict("records")]

    @property
    def units(self) -> dict[str, str]:
        return {c.key: c.unit for c in self.columns if c.unit}

    def title(self, language: str = "en") -> str:
        return Labels(language)[f"title.{self.name}"]

    def note(self, language: str = "en") -> str:
        labels = Labels(language)
        words = {k: labels.word(v) if isinstance(v, str) else v for k, v in self.words.items()}
        return labels[f"note.{self.name}"].format(**words)

    @property
    def title_en(self) -> str:
        return self.title("en")

    @property
    def title_ja(self) -> str:
        return self.title("ja")


Report = Mapping[str, Table]
