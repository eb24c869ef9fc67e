"""The messages of `messages.csv` in English and Japanese, with their values filled in.

A message has a key: the code of a finding, or `code.variant` where a code has several sentences.
Its texts are templates of `str.format`. A value is a text or number as in the book, or an object
that is translated by its `in_language`: a `Term`, a `Unit`, a `Phrase` (another message), an
`ItemList` and others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

ENGLISH, JAPANESE = "en", "ja"
PARTS = ("sentence", "expected", "advice")
Values = tuple[tuple[str, object], ...]


@cache
def all_messages() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """The templates of all messages: key -> part -> (English, Japanese)."""
    text = resources.files(__package__).joinpath("messages.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="|", quoting=csv.QUOTE_NONE)
    return {
        line["key"]: {part: (line[part], line[f"{part}_ja"]) for part in PARTS} for line in rows
    }


def text_of(key: str, part: str, values: Values, language: str) -> str:
    """One text of a message, with its values filled in."""
    template = all_messages()[key][part][language == JAPANESE]
    return template.format_map({name: in_language(value, language) for name, value in values})


def in_language(value: object, language: str) -> object:
    """The value as it is put into a text, translated where it has translations."""
    translate = getattr(value, "in_language", None)
    return value if translate is None else translate(language)


@dataclass(frozen=True)
class Phrase:
    """One text of a message, with its values."""

    key: str
    part: str = "sentence"
    values: Values = ()

    def in_language(self, language: str) -> str:
        return text_of(self.key, self.part, self.values, language)


def phrase(key: str, /, **values: object) -> Phrase:
    """The sentence of a message as a value of another."""
    return Phrase(key, values=tuple(values.items()))


@dataclass(frozen=True)
class Term:
    """A word of the workbook's own: the title of a sheet, a header, a word of a drop-down."""

    english: str
    japanese: str

    def in_language(self, language: str) -> str:
        return self.japanese if language == JAPANESE else self.english


@dataclass(frozen=True)
class Unit:
    """A unit of a column of the workbook."""

    text: str

    def in_language(self, language: str) -> str:
        key = f"unit.{self.text}"
        return text_of(key, "sentence", (), language) if key in all_messages() else self.text


@dataclass(frozen=True)
class ItemList:
    """A list in words: `a, b, c and 7 more`.

    `joint` is `comma`, `or` or `and`; at most `most` items are named, None: all.
    """

    items: tuple[object, ...]
    most: int | None = None
    joint: str = "comma"

    def in_language(self, language: str) -> str:
        texts = [str(in_language(item, language)) for item in self.items]
        text = text_of(f"list.{self.joint}", "sentence", (), language).join(texts[: self.most])
        rest = len(texts) - (len(texts) if self.most is None else self.most)
        if rest <= 0:
            return text
        return text_of("list.more", "sentence", (("names", text), ("rest", rest)), language)


@dataclass(frozen=True)
class Excerpt:
    """The first `most` characters of a phrase."""

    phrase: Phrase
    most: int

    def in_language(self, language: str) -> str:
        return self.phrase.in_language(language)[: self.most]


def listed(items: Iterable[object], most: int | None = None, joint: str = "comma") -> ItemList:
    """The items as a list in words."""
    return ItemList(tuple(items), most, joint)
