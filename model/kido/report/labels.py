"""Every word a planner sees, in English and Japanese.

What one method of a sweep alone says lies beside it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kido.data.schema import catalogue


@cache
def all_labels() -> Mapping[str, tuple[str, str]]:
    """key -> (English, Japanese), from every `labels.csv` of the package."""
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
        """A word kido itself uses; what the planner typed stays as it is."""
        found = all_labels().get(f"{family}.{text}")
        if found is None and family == "number":
            found = _columns().get(text)
        return found[self.language == "ja"] if found else text

    def group(self, text: str) -> str:
        found = all_labels().get(f"group.{text}")
        return found[self.language == "ja"] if found else self.word(text)

    def unit(self, text: str) -> str:
        found = all_labels().get(f"unit.{text}")
        return found[self.language == "ja"] if found else text

    def name(self, text: str) -> str:
        """A heading that is a period, a word of kido or a name of the book."""
        return self.word(self.period(text))

    def period(self, text: str) -> str:
        """`FY2026 Q2` as a Japanese reader writes it."""
        if self.language != "ja":
            return text
        return re.sub(r"^FY(\d{4})", r"\1年度", text)
