"""The flows of a plan as arrays over the nodes, by kind, name and item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.errors import Place
from kido.messages import Phrase, Unit, all_messages, phrase

from .calendar import Marks, Numbers, Places, Tree
from .residuals import Ledger

Key = tuple[str, str, str]  # kind, name, item

# The sheet that the rows of each kind of flow are on.
SHEET_OF = {
    "buy": "Supply",
    "sell": "Sales",
    "run": "Processes",
    "ship": "Routes",
    "stock": "Stockpiles",
    "meet": "Demand",
    "relieve": "Relief",
    "postpone": "Relief",
    "idle": "Facilities",
    "expand": "Facilities",
    "ordered": "Facilities",
    "reserve": "Contracts",
    "lift": "Contracts",
    "forgo": "Contracts",
    "make_up": "Contracts",
    "rebate": "Contracts",
    "breach": "Policies",
    "yard_stock": "Sites",
    "discard": "Sites",
}
UNITS = {"reserve": "t/yr", "expand": "t/yr", "ordered": "t/yr", "rebate": "kUSD"}


class Plan:
    """The flows of a plan by kind, name and item; a flow that is not in the table is 0."""

    def __init__(self, tree: Tree, flows: pd.DataFrame, ledger: Ledger):
        self.tree = tree
        self.arrays: dict[Key, Numbers] = {}
        self._zeros = np.zeros(len(tree))
        index = {tree.key(n): n for n in range(len(tree))}
        moments = zip(*(flows[c].tolist() for c in ("branch", "start", "months")), strict=True)
        nodes = np.array(
            [index.get((branch, int(start), int(months)), -1) for branch, start, months in moments],
            dtype=np.int64,
        )
        values = flows["value"].to_numpy(dtype=float)
        keys = zip(*(flows[c].astype(str).tolist() for c in ("kind", "name", "item")), strict=True)
        lines: dict[Key, list[int]] = {}
        for line, key in enumerate(keys):
            lines.setdefault(key, []).append(line)
        for key, own in lines.items():
            self._read(key, nodes[own], values[own], ledger)

    def _read(self, key: Key, nodes: Places, values: Numbers, ledger: Ledger) -> None:
        subject = subject_of(*key)
        place = Place(SHEET_OF.get(key[0], ""))
        array = np.zeros(len(self.tree))
        sound = np.flatnonzero((nodes >= 0) & np.isfinite(values))
        read = sound[np.unique(nodes[sound], return_index=True)[1]]
        array[nodes[read]] = values[read]
        unread = np.setdiff1d(np.arange(len(nodes)), read) if len(read) < len(nodes) else ()
        for line in unread:
            n, value = int(nodes[line]), float(values[line])
            if n < 0:
                ledger.add_fault("moments", place, subject)
                continue
            about = {"moment": self.tree.node_phrase(n), "value": value}
            if np.isfinite(value):
                ledger.add_fault("duplicate-flow", place, subject, **about)
            else:
                ledger.add_fault("not-a-number.flow", place, subject, **about)
        self.arrays[key] = array
        unit = UNITS.get(key[0], "t")
        ledger.compare("negative", place, subject, array, ">=", 0.0, unit=unit)

    def __call__(self, kind: str, name: str, item: str = "") -> Numbers:
        """The flow at each node, in t (reserve, expand, ordered: t/yr; rebate: kUSD)."""
        return self.arrays.get((kind, name, item), self._zeros)

    def check_known_flows(self, allowed: dict[Key, Marks | bool], ledger: Ledger) -> None:
        """Reports every nonzero flow at a node where the book does not allow it."""
        for key, array in self.arrays.items():
            open_to = allowed.get(key, False)
            for n in np.flatnonzero((array != 0.0) & ~np.asarray(open_to)):
                unit = Unit(UNITS.get(key[0], "t"))
                ledger.add_fault(
                    "unknown-flow",
                    Place(SHEET_OF.get(key[0], "")),
                    subject_of(*key),
                    moment=self.tree.node_phrase(int(n)),
                    flow=phrase("part.exact", number=array[n], unit=unit),
                )


def subject_of(kind: str, name: str, item: str = "") -> Phrase:
    """The name of a flow, for messages: `buy of ore`."""
    known = f"flow.{kind}" in all_messages()  # a kind in the table may be any text
    what = phrase(f"flow.{kind}") if known else kind.replace("_", " ")
    if item:
        return phrase("part.flow_of", kind=what, name=name, item=item)
    return phrase("part.flow", kind=what, name=name)
