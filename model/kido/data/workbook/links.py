"""Links of formulas to other workbooks."""

from __future__ import annotations

import re
from collections.abc import Mapping

TEXT = re.compile(r'"[^"]*"')
QUOTED = re.compile(r"'\[(\d+)\](?:[^']|'')*'!")
# A bracket after a name is a column of a table: Plan[2027]; within brackets, part of one.
BARE = re.compile(r"(?<![\w.\]\[)\\])\[(\d+)\][\w.:]*!")
NAME = re.compile(r"[^\W\d][\w.]*")


def links_out(formula: str, names: frozenset[str] = frozenset(), links: int = 0) -> bool:
    """Whether a formula refers to another workbook, itself or by a defined name."""
    if not links:
        return False
    code = TEXT.sub('""', formula)
    numbers = [*QUOTED.findall(code), *BARE.findall(code)]
    if any(0 < int(number) <= links for number in numbers):
        return True
    return bool(names) and any(word.casefold() in names for word in NAME.findall(code))


def linked_names(names: Mapping[str, str], links: int) -> frozenset[str]:
    """The defined names of a book that refer to another workbook."""
    return frozenset(n.casefold() for n, code in names.items() if links_out(code, links=links))
