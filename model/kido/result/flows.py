"""The flows of a solution: series of numbers by node, and one long table of those not zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kido.data.case.case import Array, Case
from kido.solver.solution import Solution

COLUMNS = ("kind", "name", "item", "branch", "start", "months", "value")
KINDS = (
    "buy", "sell", "run", "ship", "stock", "yard_stock", "meet", "relieve", "postpone", "discard",
    "idle", "reserve", "lift", "forgo", "make_up", "rebate", "expand", "ordered", "breach",
)  # fmt: skip

Series = dict[str, dict[tuple[Any, ...], Array]]


def series_of(case: Case, solution: Solution) -> Series:
    """For each variable, the nonzero series over the nodes of its keys without the node."""
    size = len(case.tree.nodes)
    series_of_kind: Series = {}
    for kind in KINDS:
        by_key: dict[tuple[Any, ...], Array] = {}
        for key, value in solution[kind].items():
            if value:
                series = by_key.get(key[:-1])
                if series is None:
                    series = by_key[key[:-1]] = np.zeros(size)
                series[key[-1]] = value
        series_of_kind[kind] = by_key
    return series_of_kind


def flows_of(case: Case, values: Series) -> pd.DataFrame:
    """A frame with the columns kind, name, item, branch, start (absolute month), months, value.

    One line for each number that is not 0. `item` is the covered row of a lift, the commodity of
    what waits or is discarded, the country of a breach of an any-country policy, the first month of
    use of capacity ordered before the plan. Values are t; reserve, expand and ordered t/yr; rebate
    kUSD; breach the unit of its policy.
    """
    tree = case.tree
    keys = [
        (kind, key, series) for kind, by_key in values.items() for key, series in by_key.items()
    ]
    nodes = [np.flatnonzero(series) for _, _, series in keys]
    node = np.concatenate([np.zeros(0, dtype=np.intp), *nodes])
    counts = [len(own) for own in nodes]

    def repeated(texts: list[str]) -> list[str]:
        return [text for text, count in zip(texts, counts, strict=True) for _ in range(count)]

    branch = np.array([tree.branches[m.branch].name for m in tree.nodes], dtype=object)
    columns = (
        repeated([kind for kind, _, _ in keys]),
        repeated([key[0] for _, key, _ in keys]),
        repeated([key[1] if len(key) == 2 else "" for _, key, _ in keys]),
        branch[node],
        np.array([m.start for m in tree.nodes])[node],
        np.array([m.months for m in tree.nodes])[node],
        np.concatenate([np.zeros(0), *(s[n] for (_, _, s), n in zip(keys, nodes, strict=True))]),
    )
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
