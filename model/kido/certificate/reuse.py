"""The facts of a book; where books are verified one after another, those that stay are reused.

A sweep changes a few cells of one book: only the sheets whose frames are new are worked out again.
"""

from __future__ import annotations

from kido.data.tables import Tables

from .calendar import build_tree
from .recomputed import Facts

# Sheets on which facts of all sheets depend: the tree, the events, who bears a word, and masses.
COMMON = ("Scenarios", "Events", "Profiles", "Sites", "Commodities", "Recipes", "Demand")
READ_TOO = {"Contracts": ("Supply", "Routes")}  # other sheets that facts of a sheet depend on

_last: dict[str | None, Facts] = {}  # of the book verified last, by scenario


def facts_of(tables: Tables, scenario: str | None) -> Facts:
    """The facts of a book, or of one scenario alone. Raises ValueError where there is no such one.

    Facts whose sheets are the very frames of the book before are reused.
    """
    earlier = _last.pop(scenario, None)
    _last.clear()
    if earlier is None or not _same(tables, earlier.tables, COMMON):
        facts = Facts(tables, build_tree(tables, scenario))
    else:
        facts = Facts(tables, earlier.tree)
        if len(facts.effects.months) == len(earlier.effects.months):
            facts.cache |= {
                key: value
                for key, value in earlier.cache.items()
                if _same(tables, earlier.tables, (key[1], *READ_TOO.get(key[1], ())))
            }
    _last[scenario] = facts
    return facts


def _same(tables: Tables, earlier: Tables, sheets: tuple[str, ...]) -> bool:
    """Whether the settings and the frames of these sheets are those of the earlier tables."""
    return tables.settings == earlier.settings and all(
        tables[sheet] is earlier[sheet] for sheet in sheets
    )
