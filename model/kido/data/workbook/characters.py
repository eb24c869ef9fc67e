"""Look-alike characters: dashes, slashes and digits of other kinds."""

from __future__ import annotations

import unicodedata

# Hyphens, dashes, minus signs, the long vowel mark and box lines, as keyboards offer them.
DASHES = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u207b\u208b\u30fc\uff70\uff0d\ufe63\ufe58"
    "\u2500\u2501"
)
SLASHES = "\u2044\u2215\u29f8"
PLAIN = {**dict.fromkeys(map(ord, DASHES), "-"), **dict.fromkeys(map(ord, SLASHES), "/")}


def plain_marks(text: str) -> str:
    """The text with every kind of dash and slash as - and /."""
    return text.translate(PLAIN)


def disguised_digit(text: str) -> str:
    """The first character that is no plain digit but normalises to one; '' if none."""
    for character in text:
        if character.isascii() or unicodedata.category(character) == "Nd":
            continue
        if any(part.isdecimal() for part in unicodedata.normalize("NFKC", character)):
            return character
    return ""
