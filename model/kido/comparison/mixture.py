"""Books between two books: the earlier one with some groups of its changes made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from kido.comparison.changes import RENAMED, Change
from kido.comparison.match import Match, Pair, Record, names_in, sheets, sheets_named
from kido.data.as_typed import text_of
from kido.data.schema import catalogue, column_term, sheet_term
from kido.data.tables import Frame, Tables
from kido.messages import ItemList, Phrase, Term, listed, phrase

MOST_GROUPS = 12  # more are told by sheet: each is a solve
TOGETHER = (  # options of which some alone would make no sense
    ("start", "calendar", "run_out", "base_year"),
    ("display_currency", "fx"),
)
# What no cost hangs on: names and remarks, what is shown, and how it is solved.
NO_COST_OPTIONS = (
    "title", "language", "data_date", "solver_method", "time_limit", "optimality_gap", "steady",
)  # fmt: skip
NO_COST_COLUMNS = ("source", "grade", "story")
NO_COST_SHEETS = ("Sources", "Sweeps")
OPTIONS, NEW, EDITED, GONE = range(4)  # in this order the changes are made

Label = Term | Phrase | ItemList


@dataclass(frozen=True)
class Group:
    """Changes that are made together, with the rows and options that they are of.

    `sheet` is that of its first row, `label` what a reader calls it.
    """

    phase: int
    sheet: str
    label: Label
    pairs: frozenset[Pair] = frozenset()
    options: frozenset[str] = frozenset()


def costs(change: Change) -> bool:
    """Whether a cost may hang on a change."""
    if change.sheet in NO_COST_SHEETS or change.kind == RENAMED:
        return False
    key = "" if change.column is None else change.column.key
    return key not in (NO_COST_OPTIONS if change.sheet == "Settings" else NO_COST_COLUMNS)


def groups_of(match: Match, changes: Iterable[Change]) -> tuple[Group, ...]:
    """The groups of the changes that may cost, in the order in which they are made.

    One for each row, a process with its recipe, and new rows (or rows that are gone) that name
    one another together; of more than `MOST_GROUPS` one for each sheet.
    """
    changes = [change for change in changes if costs(change)]
    options = frozenset(c.column.key for c in changes if c.pair is None and c.column)
    changed = dict.fromkeys(_owner(match, c.pair) for c in changes if c.pair is not None)
    rows: dict[tuple[str, str], list[Pair]] = {}
    for pair in match.pairs:
        rows.setdefault(_owner(match, pair), []).append(pair)
    groups = [*_option_groups(options), *(_row_group(match, k, rows[k]) for k in changed)]
    groups = _joined(match, groups)
    if len(groups) > MOST_GROUPS:
        groups = _by_sheet(groups)
    return tuple(sorted(groups, key=_order))


def _owner(match: Match, pair: Pair) -> tuple[str, str]:
    """(sheet, name) of what a row belongs to: recipes to their process."""
    keys, row = sheets()[pair.sheet].keys, _row(match, pair)
    if pair.sheet == "Recipes":
        return "Processes", row["process"]
    return pair.sheet, row[keys[0]] if keys else f"{pair.before} {pair.after}"


def _row(match: Match, pair: Pair) -> Record:
    if pair.after is None:
        return match.old[pair.sheet][pair.before]  # type: ignore[index]
    return match.new[pair.sheet][pair.after]


def _option_groups(options: frozenset[str]) -> list[Group]:
    alone = ((key,) for key in catalogue()["Settings"].columns if key not in sum(TOGETHER, ()))
    changed = ([key for key in keys if key in options] for keys in (*TOGETHER, *alone))
    return [
        Group(
            OPTIONS,
            "Settings",
            listed(column_term("Settings", key) for key in keys),
            options=frozenset(keys),
        )
        for keys in changed
        if keys
    ]


def _row_group(match: Match, owner: tuple[str, str], pairs: list[Pair]) -> Group:
    """The group of all rows of a name: new, gone, or edited where both books have some of them."""
    sheet, name = owner
    phase = EDITED
    if all(pair.before is None for pair in pairs):
        phase = NEW
    elif all(pair.after is None for pair in pairs):
        phase = GONE
    label: Label = Term(name, name)
    if not sheets()[sheet].keys:
        row, columns = _row(match, pairs[0]), sheets()[sheet].columns
        words = [Term(*(text_of(columns[k], row[k], x) for x in ("en", "ja")))
                 for k in ("effect", "target")]  # fmt: skip
        label = Term(row["name"], row["name"]) if row["name"] else listed(words)
    return Group(phase, sheet, label, frozenset(pairs))


def _joined(match: Match, groups: list[Group]) -> list[Group]:
    """New rows joined that name one another, and rows that are gone: no book holds only some."""
    owner = {(group.phase, *name): k for k, group in enumerate(groups)
             if group.phase in (NEW, GONE) for name in _own_names(match, group)}  # fmt: skip
    root = list(range(len(groups)))

    def root_of(k: int) -> int:
        while root[k] != k:
            k = root[k]
        return k

    for k, group in enumerate(groups):
        for name in _used_names(match, group) if group.phase in (NEW, GONE) else ():
            if (group.phase, *name) in owner:
                root[root_of(k)] = root_of(owner[group.phase, *name])
    parts: dict[int, list[Group]] = {}
    for k, group in enumerate(groups):
        parts.setdefault(root_of(k), []).append(group)
    return [_union(part) for part in parts.values()]


def _union(groups: list[Group]) -> Group:
    """One group of several, called by its first row."""
    first = min(groups, key=_rank)
    pairs = frozenset[Pair]().union(*(group.pairs for group in groups))
    if len(groups) == 1:
        return first
    label = phrase("part.and_rows", name=first.label, count=len(pairs) - 1)
    return replace(first, label=label, pairs=pairs)


def _own_names(match: Match, group: Group) -> Iterator[tuple[str, str]]:
    """(sheet, name) of the rows of a group."""
    for pair in group.pairs:
        keys = sheets()[pair.sheet].keys
        if keys:
            yield pair.sheet, _row(match, pair)[keys[0]]


def _used_names(match: Match, group: Group) -> Iterator[tuple[str, str]]:
    """(sheet, name) of what the rows of a group name."""
    for pair in group.pairs:
        row = _row(match, pair)
        for key, column in sheets()[pair.sheet].columns.items():
            for sheet in sheets_named(column):
                for word in names_in(row[key]):
                    yield sheet, word


def _rank(group: Group) -> int:
    return list(catalogue()).index(group.sheet)


def _order(group: Group) -> tuple[int, int]:
    """Options first, then new rows, edits, and rows that are gone, the last ones backwards."""
    return group.phase, -_rank(group) if group.phase == GONE else _rank(group)


def _by_sheet(groups: list[Group]) -> list[Group]:
    sheet_groups: dict[tuple[int, str], Group] = {}
    for group in groups:
        key = group.phase, group.sheet
        whole = sheet_groups.get(key, Group(*key, _SHEET_LABELS[group.phase](group.sheet)))
        sheet_groups[key] = replace(
            whole, pairs=whole.pairs | group.pairs, options=whole.options | group.options
        )
    return list(sheet_groups.values())


_SHEET_LABELS: Mapping[int, Callable[[str], Label]] = {
    OPTIONS: sheet_term,
    NEW: lambda sheet: phrase("part.new_rows", sheet=sheet_term(sheet)),
    EDITED: lambda sheet: phrase("part.edits", sheet=sheet_term(sheet)),
    GONE: lambda sheet: phrase("part.rows_gone", sheet=sheet_term(sheet)),
}


def mixed(match: Match, made: Collection[Group], every: Collection[Group]) -> Tables:
    """The earlier book with the changes of the groups `made`, of `every` group there is.

    What costs nothing (names, remarks, what is shown) is as in the later book. Without draws.
    """
    pairs = frozenset().union(*(g.pairs for g in made))
    pending = frozenset().union(*(g.pairs for g in every)) - pairs
    options = frozenset().union(*(g.options for g in every if g not in made))
    earlier = {key: getattr(match.before.settings, key) for key in options}
    settings = replace(match.after.settings, **earlier)
    rows: dict[str, list[Record]] = {name: [] for name in sheets()}
    for pair in match.pairs:
        number = pair.before if pair in pending else pair.after
        if number is not None:
            side = match.old if pair in pending else match.new
            rows[pair.sheet].append(side[pair.sheet][number])
    frames = {name: _frame(match.after[name], rows[name]) for name in sheets()}
    return replace(match.after, settings=settings, frames=frames, warnings=())


def _frame(frame: Frame, rows: list[Record]) -> Frame:
    index = pd.RangeIndex(2, 2 + len(rows))
    columns: Mapping[str, pd.Series] = {
        str(key): pd.Series([row[key] for row in rows], index=index, dtype=frame.rows[key].dtype)
        for key in frame.rows.columns
    }
    return replace(frame, rows=pd.DataFrame(columns, index=index), origins={})
