"""Random books with orders on them, of every status, for every kind of row that is ordered."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from kido.data.case.orders import ORDERED_SHEETS
from kido.data.months import month_text
from kido.data.tables import Tables
from randombooks import books
from sheets import frame_of

AMOUNTS = {"Contracts": (12, 40), "Facilities": (6, 60)}


@st.composite
def ordered_books(draw: st.DrawFn, kind: st.SearchStrategy[Tables] | None = None) -> Tables:
    """A random book with up to six orders; what they ask for may be more than there is."""
    tables = draw(books() if kind is None else kind)
    tables = with_orders(tables, draw(st.lists(orders_of(tables), max_size=6)))
    return tables.with_settings(nervousness=draw(st.sampled_from([None, 0.0, 25.0])))


def orders_of(tables: Tables) -> st.SearchStrategy[dict[str, Any]]:
    """An order of a row of a book."""
    rows = [(sheet, r.name) for sheet in ORDERED_SHEETS for r in tables[sheet].records()]
    s = tables.settings
    months = range(s.start, s.start + sum(s.calendar))
    scenarios = ["", "", *(r.name for r in tables["Scenarios"].records())]
    return st.builds(
        lambda row, month, size, status, scenario: {
            "name": row[1],
            "month": month_text(s.start if row[0] == "Contracts" else month),
            "amount": AMOUNTS.get(row[0], (1, 4))[size],
            "status": status,
            "scenario": scenario,
        },
        st.sampled_from(rows),
        st.sampled_from(months),
        st.integers(0, 1),
        st.sampled_from(["proposed", "approved", "approved", "confirmed"]),
        st.sampled_from(scenarios),
    )


def some_orders(tables: Tables, seed: int, status: str = "approved") -> list[dict[str, Any]]:
    """Orders of a book whose goods may be thrown away, the same for a seed."""
    dice = random.Random(seed)
    s = tables.settings
    rows = [r.name for r in tables["Supply"].records()]
    return [
        {
            "name": dice.choice(rows),
            "month": month_text(s.start + dice.randrange(sum(s.calendar))),
            "amount": dice.choice((0.2, 0.5, 0.8)),
            "status": status,
            "scenario": "",
        }
        for _ in range(4)
    ]


def with_orders(tables: Tables, orders: list[dict[str, Any]]) -> Tables:
    """A book with these orders; of those of one row, month and scenario the last."""
    by_key = {(o["name"], o["month"], o["scenario"]): o for o in orders}
    frame = frame_of("Orders", list(by_key.values()))
    return tables.with_rows("Orders", frame.rows)
