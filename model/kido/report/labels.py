"""The labels of tables, pages and charts, in English and Japanese.

Those of one method of a sweep are in its folder.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kido.data.schema import catalogue
from kido.messages import Unit

A_YEAR = "/yr"


@cache
def all_labels() -> Mapping[str, tuple[str, str]]:
    """All labels: key -> (English, Japanese), from every `labels.csv` of the package."""
    labels: dict[str, tuple[str, str]] = {}
    for path in sorted(Path(__file__).parents[1].rglob("labels.csv")):
        lines = csv.reader(path.read_text("utf-8").splitlines(), delimiter="|")
        next(lines)
        labels |= {key: (english, japanese) for key, english, japanese in lines}
    return labels


@cache
def _columns() -> Mapping[str, tuple[str, str]]:
    """The headers of the book by their English names."""
    sheets = catalogue().values()
    return {c.name: (c.name, c.name_ja) for sheet in sheets for c in sheet.columns.values()}


@dataclass(frozen=True)
class Labels:
    """The labels of one language."""

    language: str

    def __getitem__(self, key: str) -> str:
        return all_labels()[key][self.language == "ja"]

    def word(self, text: str, family: str = "word") -> str:
        """The translation of a word of kido; other texts, as names of the book, are unchanged."""
        texts = all_labels().get(f"{family}.{text}")
        if texts is None and family == "number":
            texts = _columns().get(text)
        return texts[self.language == "ja"] if texts else text

    def chance(self, name: str, probability: float) -> str:
        """`Long stop (4 %)`: the name of a future with its probability."""
        return f"{self.word(name)} ({100 * probability:.3g}\N{NO-BREAK SPACE}%)"

    def group(self, text: str) -> str:
        """The translation of the heading above neighbouring columns."""
        texts = all_labels().get(f"group.{text}")
        return texts[self.language == "ja"] if texts else self.word(text)

    def unit(self, text: str) -> str:
        """The translation of a unit."""
        texts = all_labels().get(f"unit.{text}")
        if texts:
            return texts[self.language == "ja"]
        if text.endswith(A_YEAR) and self.language == "ja":
            return f"{text.removesuffix(A_YEAR)}/年"
        return Unit(text).in_language(self.language)

    def name(self, text: str) -> str:
        """The translation of a heading: a period, a word of kido or a name of the book."""
        return self.word(self.period(text))

    def period(self, text: str) -> str:
        """`FY2026 Q2` as a Japanese reader writes it."""
        if self.language != "ja":
            return text
        return re.sub(r"^FY(\d{4})", r"\1年度", text)
