"""Random books drawn once, the same in every run."""

from __future__ import annotations

from functools import cache

import pandas as pd
from hypothesis import HealthCheck, Phase, given, seed, settings

from kido.data.tables import Tables
from randombooks import books
from sheets import frame_of

APART = 15  # examples from one book to the next: neighbours are alike


@cache
def drawn() -> tuple[Tables, ...]:
    """Twenty random books, the same in every run; two in three with profiles in their events."""
    found: list[Tables] = []

    @seed(20261128)
    @settings(max_examples=20 * APART, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(tables=books())
    def draw(tables: Tables) -> None:
        found.append(tables)

    draw()
    chosen = found[:: max(1, len(found) // 20)][:20]
    return tuple(with_profiles(t) if i % 3 else t for i, t in enumerate(chosen))


def with_profiles(tables: Tables) -> Tables:
    """A book whose ore follows a market, and whose spot offer a capacity that changes."""
    profiles = frame_of("Profiles", [
        {"name": "market", "period": "2027-01", "value": 2},
        {"name": "market", "period": "2027-03", "value": 3},
        {"name": "quota", "period": "2027-02", "value": 9},
    ])  # fmt: skip
    events = frame_of("Events", [
        {"name": "follows", "target": "north", "effect": "price", "profile": "market"},
        {"name": "follows too", "target": "spot", "effect": "capacity", "profile": "quota",
         "start": "2027-02"},
    ])  # fmt: skip
    rows = events.rows.set_index(events.rows.index + 50)
    both = [x for x in (tables["Events"].rows, rows) if len(x)]
    tables = tables.with_rows("Profiles", profiles.rows)
    return tables.with_rows("Events", pd.concat(both))
