"""The comment on a header or option: what it means in both languages, and its size."""

from __future__ import annotations

from collections.abc import Iterable

from kido.data.schema import LANGUAGES, Column
from kido.data.workbook.textwidth import width

AUTHOR = "kido"
WIDTH, LINE, MARGIN = 320, 17, 24  # pixels
CHARACTERS = 46  # in a line, of the width of Latin letters


def comment_of(column: Column) -> str:
    """The comment of a column, in English and Japanese."""
    parts = [column.meaning, column.meaning_ja]
    if column.unit:
        parts.append("Unit 単位: " + _both(column.unit_in(language) for language in LANGUAGES))
    if column.choices():
        pairs = zip(column.choices("en"), column.choices("ja"), strict=True)
        parts.append("One of 選択肢: " + ", ".join(map(_both, pairs)))
    if column.default:
        spellings = (str(column.spelling_of(column.default, language)) for language in LANGUAGES)
        parts.append("Default 既定値: " + _both(spellings))
    if column.required:
        parts.append("Must be filled. 必須")
    return "\n".join(parts)


def comment_size(text: str) -> dict[str, int]:
    """The width and height, in pixels, that show a comment whole."""
    lines = sum(1 + width(part) // CHARACTERS for part in text.split("\n"))
    return {"width": WIDTH, "height": MARGIN + LINE * lines}


def _both(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts))
