"""`Item` and `Volumes`: rows of the workbook and their volumes in several plans."""

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
    """A key of `Outcome.plan` in parts.

    `kind` is a sheet, or `country`; `name` the row, or the country; `unit` t or t/yr.
    """

    key: str
    kind: str
    name: str
    commodity: str
    unit: str


def item_of(view: View, key: str) -> Item:
    """The item of a key of `Outcome.plan`."""
    kind, _, rest = key.partition("|")
    if kind == COUNTRY:
        commodity, country = commodity_and_country(rest)
        return Item(key, kind, country, commodity, "t")
    commodity = ""
    if kind in WITH_COMMODITY:
        rows = view.result.tables[kind].rows
        commodities = rows.loc[rows["name"] == rest, "commodity"]
        commodity = str(commodities.iloc[0] or "") if len(commodities) else ""
    return Item(key, kind, rest, commodity, "t/yr" if kind in YEARLY else "t")


@dataclass(frozen=True)
class Volumes:
    """Volumes by row and plan. `numbers[i, j]`: that of `keys[i]` in the plan of `outcomes[j]`."""

    keys: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    numbers: np.ndarray

    @staticmethod
    def of(outcomes: Sequence[Outcome]) -> Volumes:
        """The volumes of all rows of these plans; 0 if a plan does not have the row."""
        keys = tuple(dict.fromkeys(key for o in outcomes for key in o.plan))
        position = {key: i for i, key in enumerate(keys)}
        numbers = np.zeros((len(keys), len(outcomes)))
        for j, outcome in enumerate(outcomes):
            rows = [position[key] for key in outcome.plan]
            numbers[rows, j] = list(outcome.plan.values())
        return Volumes(keys, tuple(outcomes), numbers)


def ranges(numbers: np.ndarray) -> np.ndarray:
    """The range (maximum - minimum) of each row; 0 below the tolerance."""
    if not numbers.size:
        return np.zeros(len(numbers))
    widths = numbers.max(axis=1) - numbers.min(axis=1)
    noise = np.maximum(MOVED_T, MOVED_SHARE * np.abs(numbers).max(axis=1))
    return np.where(widths > noise, widths, 0.0)
