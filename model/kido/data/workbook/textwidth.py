"""The width of a text on a page."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """The width in characters; Japanese ones count double."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
