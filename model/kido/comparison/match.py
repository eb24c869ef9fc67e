"""Which rows of two books are the same: by key, by content under another name, by likeness."""

from __future__ import annotations

import difflib
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kido.data.as_typed import is_blank
from kido.data.schema import (
    SETTINGS_COLUMNS,
    SETTINGS_COLUMNS_JA,
    Column,
    Sheet,
    catalogue,
)
from kido.data.tables import Tables
from kido.tolerances import SAME_SHARE

Renames = Mapping[tuple[str, str], str]  # (sheet, earlier name) -> later name
Record = Mapping[str, Any]  # a row: its cells by key
Records = Mapping[str, Mapping[int, Record]]  # the rows of a book: sheet -> Excel row -> row

NEVER_RENAMED = ("Hazards",)  # under another name a hazard is drawn anew, which changes the plan
SAME_USES = 0.5  # of the uses of a name: as many must have followed for it to be a rename
ALIKE = 0.5  # of the filled cells of a row without a key: as many are equal in the same row


@dataclass(frozen=True)
class Pair:
    """One row in both books by its Excel rows; None where a book does not have it."""

    sheet: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Match:
    """Two books, earlier and later, with their rows in pairs.

    `pairs` are sorted by sheet, in the order of the later book; rows of the earlier one alone
    follow. `old` and `new` are the rows, those of the earlier book under the names of the later.
    """

    before: Tables
    after: Tables
    renames: Renames
    pairs: tuple[Pair, ...]
    old: Records
    new: Records


def match(before: Tables, after: Tables) -> Match:
    """The match of two books, their draws left out."""
    old, new = records_of(before), records_of(after)
    renames = _renames(old, new)
    followed = {
        name: {row: under(record, sheet, renames) for row, record in old[name].items()}
        for name, sheet in sheets().items()
    }
    pairs = [pair for name in sheets() for pair in _pairs(name, followed[name], new[name])]
    return Match(before, after, renames, tuple(pairs), followed, new)


def sheets() -> Mapping[str, Sheet]:
    """The sheets of rows: all but Settings."""
    return {name: sheet for name, sheet in catalogue().items() if name != "Settings"}


def records_of(tables: Tables) -> Records:
    """The rows of a book."""
    return {
        name: {row.Index: _in_english(name, row._asdict()) for row in tables[name].records()}
        for name in sheets()
    }


def _in_english(sheet: str, record: Record) -> Record:
    """A row of Sweeps with the English names of the sheet and the column that it moves."""
    named = next((s for s in catalogue().values() if sheet == "Sweeps"
                  and record["sheet"] in (s.name, s.title_ja)), None)  # fmt: skip
    if named is None:
        return record
    names = {text: c.name for c in named.columns.values() for text in (c.name, c.name_ja, c.key)}
    row = record["row"]
    if named.name == "Settings":
        row = tuple(names.get(word, word) for word in row)
        names = dict(zip(SETTINGS_COLUMNS_JA, SETTINGS_COLUMNS, strict=True))
    column = names.get(record["column"], record["column"])
    return {**record, "sheet": named.name, "row": row, "column": column}


def sheets_named(column: Column) -> tuple[str, ...]:
    """The sheets whose rows a column names."""
    if column.key == "source":
        return ("Sources",)
    if column.refers == "Item":
        return ("Commodities", "Facilities")
    if column.refers in ("Word", "Place", "Row"):
        return tuple(sheets())
    return (column.refers,) if column.refers in sheets() else ()


def names_in(value: object) -> tuple[str, ...]:
    """The names in a cell: a name, or a list of them."""
    if isinstance(value, tuple):
        return tuple(word for word in value if isinstance(word, str))
    return (value,) if isinstance(value, str) and value else ()


def same(one: object, other: object) -> bool:
    """Whether two cells hold the same; blanks are equal, and what formulas lose is no change."""
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=SAME_SHARE)
    return one == other


def under(record: Record, sheet: Sheet, renames: Renames) -> Record:
    """A row of the earlier book under the names of the later one."""
    if not renames:
        return record
    name = _name_column(sheet)
    followed = {
        key: _followed(record[key], sheets_named(column), renames)
        for key, column in sheet.columns.items()
    }
    if name:
        followed[name] = renames.get((sheet.name, record[name]), record[name])
    return {**record, **followed}


def _followed(value: Any, named: Sequence[str], renames: Renames) -> Any:
    def later(word: object) -> object:
        return next((renames[s, word] for s in named if (s, word) in renames), word)  # type: ignore[index]

    if isinstance(value, tuple):
        return tuple(map(later, value))
    return later(value) if isinstance(value, str) else value


def _name_column(sheet: Sheet) -> str:
    """The key of the column by which other sheets name a row; "" where nothing names it."""
    first = next(iter(sheet.keys), "")
    return "" if not first or sheet.columns[first].refers else first


# -- renames -----------------------------------------------------------------


def _renames(old: Records, new: Records) -> Renames:
    """Names of rows that are gone, with those under which the same content stands now.

    The content of a row may name others: names are followed until no more are found.
    """
    renames: dict[tuple[str, str], str] = {}
    uses_before, uses_after = _uses(old), _uses(new)
    while True:
        more: dict[tuple[str, str], str] = {}
        for name, sheet in sheets().items():
            if not _name_column(sheet) or name in NEVER_RENAMED:
                continue
            for one, other in _renamed_on(sheet, old[name], new[name], renames):
                if _same_uses(uses_before[one], uses_after[other]):
                    more.setdefault((name, one), other)
        if not more:
            return renames
        renames |= more


def _renamed_on(
    sheet: Sheet, old: Mapping[int, Record], new: Mapping[int, Record], renames: Renames
) -> Iterator[tuple[str, str]]:
    """(earlier name, later name) of equal content; the most alike names first, each once."""
    key = _name_column(sheet)
    before, after = _contents(sheet, old, renames), _contents(sheet, new, {})
    known = {name for (where, name) in renames if where == sheet.name}
    taken = {name for (where, _), name in renames.items() if where == sheet.name}
    kept = {row[key] for row in old.values()} & {row[key] for row in new.values()}
    lost = [name for name in before if name not in kept | known]
    gained = [name for name in after if name not in kept | taken]
    candidates = [
        (-difflib.SequenceMatcher(None, one, other).ratio(), i, one, other)
        for i, one in enumerate(lost)
        for other in gained
        if before[one] == after[other]
    ]
    for _, _, one, other in sorted(candidates):
        if one not in known and other not in taken:
            known.add(one)
            taken.add(other)
            yield one, other


def _contents(
    sheet: Sheet, rows: Mapping[int, Record], renames: Renames
) -> dict[str, tuple[str, ...]]:
    """The cells of the rows of each name but the name itself, as text."""
    key = _name_column(sheet)
    contents: dict[str, list[str]] = {}
    for row in rows.values():
        cells = under(row, sheet, renames)
        text = repr([None if is_blank(cells[k]) else cells[k] for k in sheet.columns if k != key])
        contents.setdefault(row[key], []).append(text)
    return {name: tuple(sorted(texts)) for name, texts in contents.items()}


def _uses(records: Records) -> dict[str, Counter[tuple[str, str]]]:
    """How often each name is used, by sheet and column."""
    uses: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for name, sheet in sheets().items():
        naming = [key for key, column in sheet.columns.items() if sheets_named(column)]
        for row in records[name].values():
            for key in naming:
                for word in names_in(row[key]):
                    uses[word][name, key] += 1
    return uses


def _same_uses(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> bool:
    return (one & other).total() >= SAME_USES * (one | other).total()


# -- pairs -------------------------------------------------------------------


def _pairs(name: str, old: Mapping[int, Record], new: Mapping[int, Record]) -> Iterator[Pair]:
    """The pairs of a sheet: rows of one key, or equal rows and then those most alike."""
    keys = catalogue()[name].keys
    partner = dict(_equal(keys or tuple(catalogue()[name].columns), old, new))
    if not keys:
        partner |= _most_alike(name, old, new, partner)
    backwards = {after: before for before, after in partner.items()}
    for row in new:
        yield Pair(name, backwards.get(row), row)
    for row in old:
        if row not in partner:
            yield Pair(name, row, None)


def _equal(
    keys: Sequence[str], old: Mapping[int, Record], new: Mapping[int, Record]
) -> Iterator[tuple[int, int]]:
    """(earlier row, later row) that are equal in these columns, each once."""
    rows: dict[tuple[object, ...], list[int]] = {}
    for number, row in new.items():
        rows.setdefault(_plain(row, keys), []).append(number)
    for number, row in old.items():
        if equal := rows.get(_plain(row, keys)):
            yield number, equal.pop(0)


def _plain(row: Record, keys: Sequence[str]) -> tuple[object, ...]:
    return tuple(None if is_blank(row[key]) else row[key] for key in keys)


def _most_alike(
    name: str, old: Mapping[int, Record], new: Mapping[int, Record], partner: Mapping[int, int]
) -> dict[int, int]:
    """Pairs of rows of one name, or that are alike, among those without a partner."""
    taken = set(partner.values())
    scores = []
    for one in old.keys() - partner.keys():
        for other in new.keys() - taken:
            named = old[one]["name"] != "" and old[one]["name"] == new[other]["name"]
            alike = _likeness(catalogue()[name], old[one], new[other])
            if named or alike >= ALIKE:
                scores.append((not named, -alike, abs(one - other), one, other))
    pairs: dict[int, int] = {}
    for *_, one, other in sorted(scores):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return pairs


def _likeness(sheet: Sheet, one: Record, other: Record) -> float:
    """The share of the filled cells that are equal."""
    filled = [k for k in sheet.columns if not (is_blank(one[k]) and is_blank(other[k]))]
    return sum(same(one[k], other[k]) for k in filled) / max(1, len(filled))
