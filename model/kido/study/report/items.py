"""What a plan is made of: the keys of `Outcome.plan` as rows of the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kido.study.point import Outcome
from kido.study.report.view import View
from kido.study.resolve.measures import COUNTRY, commodity_and_country
from kido.tolerances import MOVED_SHARE, MOVED_T

YEARLY = ("Contracts", "Facilities")
WITH_COMMODITY = ("Supply", "Sales", "Routes", "Stockpiles")


@dataclass(frozen=True)
class Item:
    """`kind` is a sheet, or `country`; `name` the row, or the country; `unit` t or t/yr."""

    key: str
    kind: str
    name: str
    commodity: str
    unit: str


def item_of(view: View, key: str) -> Item:
    kind, _, rest = key.partition("|")
    if kind == COUNTRY:
        commodity, country = commodity_and_country(rest)
        return Item(key, kind, country, commodity, "t")
    commodity = ""
    if kind in WITH_COMMODITY:
        rows = view.result.tables[kind].rows
        held = rows.loc[rows["name"] == rest, "commodity"]
        commodity = str(held.iloc[0] or "") if len(held) else ""
    return Item(key, kind, rest, commodity, "t/yr" if kind in YEARLY else "t")


@dataclass(frozen=True)
class Volumes:
    """`numbers[i, j]`: the volume of `keys[i]` in the plan of `outcomes[j]`."""

    keys: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    numbers: np.ndarray

    @staticmethod
    def of(outcomes: Sequence[Outcome]) -> Volumes:
        """A row that a plan leaves out is at nothing in it."""
        keys = tuple(dict.fromkeys(key for o in outcomes for key in o.plan))
        place = {key: i for i, key in enumerate(keys)}
        numbers = np.zeros((len(keys), len(outcomes)))
        for j, outcome in enumerate(outcomes):
            rows = [place[key] for key in outcome.plan]
            numbers[rows, j] = list(outcome.plan.values())
        return Volumes(keys, tuple(outcomes), numbers)


def moves(numbers: np.ndarray) -> np.ndarray:
    """How far each row goes from its least to its most; 0 where that is dust."""
    if not numbers.size:
        return np.zeros(len(numbers))
    widths = numbers.max(axis=1) - numbers.min(axis=1)
    noise = np.maximum(MOVED_T, MOVED_SHARE * np.abs(numbers).max(axis=1))
    return np.where(widths > noise, widths, 0.0)
