"""The flows of a solution as one long table: a line for each variable that is not zero."""

from __future__ import annotations

import pandas as pd

from kido.data.case.case import Case
from kido.solver.solution import Solution

COLUMNS = ("kind", "name", "item", "branch", "start", "months", "value")
KINDS = (
    "buy", "sell", "run", "ship", "stock", "yard_stock", "meet", "relieve", "discard", "idle",
    "reserve", "lift", "forgo", "rebate", "expand", "breach",
)  # fmt: skip


def flows_of(case: Case, solution: Solution) -> pd.DataFrame:
    """A frame with the columns kind, name, item, branch, start (absolute month), months, value.

    `item` is the covered row of a lift, the commodity of what waits or is discarded, the
    country of a breach of an any-country policy. Values are t; reserve and expand t/yr;
    rebate kUSD; breach the unit of its policy.
    """
    tree = case.tree
    lines = []
    for kind in KINDS:
        for key, value in solution[kind].items():
            if value:
                node = tree.nodes[key[-1]]
                item = key[1] if len(key) == 3 else ""
                branch = tree.branches[node.branch].name
                lines.append((kind, key[0], item, branch, node.start, node.months, value))
    return pd.DataFrame(lines, columns=list(COLUMNS))
