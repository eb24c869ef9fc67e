"""The changes between two books, cell by cell, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kido.comparison.match import Match, Pair, Record, same, sheets
from kido.data.as_typed import is_blank, text_of
from kido.data.schema import SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, Column, catalogue
from kido.data.tables import Frame, Tables
from kido.errors import Place
from kido.messages import JAPANESE

CHANGED, RENAMED, ADDED, REMOVED = "changed", "renamed", "added", "removed"
NO_LONGER_USED, USED_AGAIN = "no longer used", "used again"


@dataclass(frozen=True)
class Change:
    """A cell that changed, or a row that was added, removed, renamed, or taken in or out of use.

    `pair` is its row; None for an option of Settings. `column` is None for whole rows, whose
    `before` or `after` is the row itself.
    """

    kind: str
    sheet: str
    pair: Pair | None
    column: Column | None
    before: object
    after: object
    row: Record
    place_before: Place | None
    place_after: Place | None

    def row_text(self, language: str) -> str:
        """The name of the row: its keys, or what it does where it has none."""
        if self.sheet == "Settings":
            return str(self.row["option"].in_language(language))
        sheet = sheets()[self.sheet]
        keys = sheet.keys or (("name",) if self.row.get("name") else ("effect", "target"))
        texts = (text_of(sheet.columns[k], self.row[k], language) for k in keys)
        return " · ".join(text for text in texts if text)

    def column_text(self, language: str) -> str:
        """The header of the column; "" for whole rows."""
        if self.sheet == "Settings":
            return (SETTINGS_COLUMNS_JA if language == JAPANESE else SETTINGS_COLUMNS)[1]
        return "" if self.column is None else self.column.header(language)

    def value_text(self, value: object, language: str) -> str:
        """The value before or after, as it is typed; of a whole row all cells that are filled."""
        if self.column is not None:
            return text_of(self.column, value, language)
        if not isinstance(value, dict):
            return ""
        cells = (
            f"{column.header(language)} {text_of(column, value[key], language)}"
            for key, column in sheets()[self.sheet].columns.items()
            if key not in (*sheets()[self.sheet].keys, "use")
            and not is_blank(value[key])
            and text_of(column, value[key], language) != column.default
        )
        return "; ".join(cells)


def changes_of(match: Match) -> tuple[Change, ...]:
    """Every change between two books, in the order of the catalogue and of the later book."""
    changes = list(_options(match))
    renamed: set[tuple[str, str]] = set()
    earlier_names = {(sheet, new): old for (sheet, old), new in match.renames.items()}
    for pair in match.pairs:
        changes += _renamed(match, pair, earlier_names, renamed)
        changes += _changes_of_pair(match, pair)
    return tuple(changes)


def _options(match: Match) -> Iterator[Change]:
    for key, column in catalogue()["Settings"].columns.items():
        before, after = getattr(match.before.settings, key), getattr(match.after.settings, key)
        if not same(before, after):
            yield Change(
                CHANGED, "Settings", None, column, before, after, {"option": column.term},
                option_place(match.before, key), option_place(match.after, key),
            )  # fmt: skip


def option_place(tables: Tables, key: str) -> Place:
    """The cell of an option, or its sheet where it is not typed."""
    return Place(tables.settings_title, tables.settings_cells.get(key, ""))


def _renamed(
    match: Match, pair: Pair, earlier: dict[tuple[str, str], str], seen: set[tuple[str, str]]
) -> Iterator[Change]:
    """The rename of a row, told once for all rows of the name."""
    sheet = sheets()[pair.sheet]
    if not sheet.keys or pair.after is None:
        return
    row = match.new[pair.sheet][pair.after]
    name = pair.sheet, row[sheet.keys[0]]
    if name in earlier and name not in seen:
        seen.add(name)
        yield Change(
            RENAMED, pair.sheet, pair, sheet.columns[sheet.keys[0]], earlier[name], name[1], row,
            *_places(match, pair, sheet.keys[0]),
        )  # fmt: skip


def _changes_of_pair(match: Match, pair: Pair) -> Iterator[Change]:
    sheet = sheets()[pair.sheet]
    old = None if pair.before is None else match.old[pair.sheet][pair.before]
    new = None if pair.after is None else match.new[pair.sheet][pair.after]
    row = new or old or {}
    if old is None or new is None:
        kind = _kind_of_row(match, pair, row)
        places = _places(match, pair, "")
        yield Change(kind, pair.sheet, pair, None, old, new, row, *places)
        return
    for key, column in sheet.columns.items():
        if not same(old[key], new[key]):
            places = _places(match, pair, key)
            yield Change(CHANGED, pair.sheet, pair, column, old[key], new[key], row, *places)


def _kind_of_row(match: Match, pair: Pair, row: Record) -> str:
    """What became of a row that one book has not: a row that is not used is kept in the book."""
    keys = sheets()[pair.sheet].keys
    name = row[keys[0]] if len(keys) == 1 else ""
    if pair.after is None:
        unused = name and name in match.after[pair.sheet].unused
        return NO_LONGER_USED if unused else REMOVED
    unused = name and name in match.before[pair.sheet].unused
    return USED_AGAIN if unused else ADDED


def _places(match: Match, pair: Pair, key: str) -> tuple[Place | None, Place | None]:
    def place(frame: Frame, row: int | None) -> Place | None:
        return None if row is None else frame.place(row, key)

    before, after = match.before[pair.sheet], match.after[pair.sheet]
    return place(before, pair.before), place(after, pair.after)
