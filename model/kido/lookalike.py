"""`distinguish`: texts that look the same, with the codes of the characters that differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Nobody sees these: marks of direction, of joining, of order, of a letter's form.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
# Pairs: what may be typed, and what it looks like.
LIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеіјорсухѕ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"  # Greek
    "カロエニハヘべぺりトタチミソ"  # kana like kanji or other kana
    "‐‑‒–—―−ー一〜〇◯’‘“”",
    "ABESIJKMHOPCTXYaeijopcyxsABEZHIKMNOPTYXo力口工二八へベペリ卜夕千三ン---------~○○''\"\"",
)


def distinguish(text: str, expected: str) -> tuple[str, str]:
    """(text, expected), with the codes of invisible characters, and where they look the same."""
    if text == expected or not _same(text, expected):
        return _spelt(text, _is_invisible), expected
    for marked in (_is_strange, _is_anything):
        pair = _spelt(text, marked), _spelt(expected, marked)
        if not _same(*pair):
            break
    return pair


def _same(one: str, other: str) -> bool:
    return _look(one) == _look(other)


def _look(text: str) -> str:
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).translate(LIKE)
    return " ".join(plain.split())


def _spelt(text: str, marked: Callable[[str], bool]) -> str:
    return "".join(f"{_visible(c)}(U+{ord(c):04X})" if marked(c) else c for c in text)


def _visible(character: str) -> str:
    return "" if _is_invisible(character) or character.isspace() else character


def _is_invisible(character: str) -> bool:
    return INVISIBLE.match(character) is not None


def _is_strange(character: str) -> bool:
    return character != " " and _look(character) != character


def _is_anything(character: str) -> bool:
    return not (character.isascii() and character.isalnum())
