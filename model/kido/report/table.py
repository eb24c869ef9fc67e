"""`Table` and `Report`: results as data frames with the meaning of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """A column of a table: key, unit, shape and heading.

    `label` is the heading in both languages (a period, a name of the book); else `key` is looked
    up.
    `group` is the heading above neighbours: `quarters`, `moments`, or a name of the book.
    `words` is the family of labels that words are translated from. `part` is (months in the
    plan, months) of a fiscal year that the plan holds only partly.
    """

    key: str
    unit: str = ""
    shape: str = "text"
    label: str = ""
    group: str = ""
    words: str = "word"
    part: tuple[int, int] | None = None

    def name(self, labels: Labels) -> str:
        """The heading without its unit; a star where it is only partly in the plan."""
        text = labels.name(self.label) if self.label else labels[f"column.{self.key}"]
        return f"{text}*" if self.part else text

    def heading(self, labels: Labels) -> str:
        """The heading with its unit."""
        text = self.name(labels)
        return f"{text} [{labels.unit(self.unit)}]" if self.unit else text


@dataclass(frozen=True)
class Table:
    """A data frame with the meaning of its columns. Title and note are in both languages.

    `words` are filled into the note: words of kido, numbers, and futures as (name, probability).
    In a `precise` table small numbers are not shown as 0.
    """

    name: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    words: Mapping[str, object] = field(default_factory=dict)
    precise: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A mapping of column keys to values for each row."""
        return [{str(k): v for k, v in row.items()} for row in self.frame.to_dict("records")]

    @property
    def units(self) -> dict[str, str]:
        """The units of the columns that have one, by key."""
        return {c.key: c.unit for c in self.columns if c.unit}

    def title(self, language: str = "en") -> str:
        """The title in a language."""
        return Labels(language)[f"title.{self.name}"]

    def note(self, language: str = "en") -> str:
        """The sentences that say how to read the table, in a language."""
        labels = Labels(language)
        words = {k: _told(v, labels) for k, v in self.words.items()}
        text = labels[f"note.{self.name}"].format(**words)
        parts = part_periods(self.columns, labels)
        return f"{text} {parts}" if parts else text

    @property
    def title_en(self) -> str:
        return self.title("en")

    @property
    def title_ja(self) -> str:
        return self.title("ja")


def _told(value: object, labels: Labels) -> object:
    if isinstance(value, tuple):
        return labels.chance(*value)
    return labels.word(value) if isinstance(value, str) else value


def part_periods(columns: Iterable[Column], labels: Labels) -> str:
    """The sentence on what the star of headings means; "" where no heading has one."""
    periods = [
        labels["part_period"].format(period=labels.name(c.label), months=c.part[0], all=c.part[1])
        for c in columns
        if c.part
    ]
    return (
        labels["part_periods"].format(periods=labels["sweep.comma"].join(periods))
        if periods
        else ""
    )


Report = Mapping[str, Table]
