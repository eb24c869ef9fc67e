"""The written flows as one array over the moments for each row, and what may stand there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.errors import Place
from kido.messages import Phrase, Unit, all_messages, phrase

from .calendar import Marks, Numbers, Tree
from .residuals import Ledger

Key = tuple[str, str, str]  # kind, name, item

# Where the row of each kind of flow stands; the others are named after a site.
SHEET_OF = {
    "buy": "Supply",
    "sell": "Sales",
    "run": "Processes",
    "ship": "Routes",
    "stock": "Stockpiles",
    "meet": "Demand",
    "relieve": "Relief",
    "idle": "Facilities",
    "expand": "Facilities",
    "reserve": "Contracts",
    "lift": "Contracts",
    "forgo": "Contracts",
    "rebate": "Contracts",
    "breach": "Policies",
    "yard_stock": "Sites",
    "discard": "Sites",
}
UNITS = {"reserve": "t/yr", "expand": "t/yr", "rebate": "kUSD"}


class Plan:
    """Flows by kind, name and item; what is not written is zero."""

    def __init__(self, tree: Tree, flows: pd.DataFrame, ledger: Ledger):
        self.tree = tree
        self.arrays: dict[Key, Numbers] = {}
        self._nothing = np.zeros(len(tree))
        places = {tree.key(n): n for n in range(len(tree))}
        stands = np.array(
            [
                places.get((branch, int(start), int(months)), -1)
                for branch, start, months in zip(
                    flows["branch"], flows["start"], flows["months"], strict=True
                )
            ],
            dtype=np.int64,
        )
        values = flows["value"].to_numpy(dtype=float)
        columns = (flows["kind"], flows["name"], flows["item"])
        keys = [*zip(*(column.astype(str).to_numpy() for column in columns), strict=True)]
        lines: dict[Key, list[int]] = {}
        for line, key in enumerate(keys):
            lines.setdefault(key, []).append(line)
        for key, own in lines.items():
            self._read(key, stands[own], values[own], ledger)

    def _read(self, key: Key, stands: np.ndarray, values: Numbers, ledger: Ledger) -> None:
        subject = subject_of(*key)
        place = Place(SHEET_OF.get(key[0], ""))
        array = np.zeros(len(self.tree))
        seen: set[int] = set()
        for n, value in zip(stands.tolist(), values.tolist(), strict=True):
            if n < 0:
                ledger.count("moments", place, subject)
                continue
            if not np.isfinite(value):
                about = {"moment": self.tree.moment(n), "value": value}
                ledger.count("not-a-number.flow", place, subject, **about)
                continue
            if n in seen:
                about = {"moment": self.tree.moment(n), "value": value}
                ledger.count("duplicate-flow", place, subject, **about)
                continue
            seen.add(n)
            array[n] = value
        self.arrays[key] = array
        unit = UNITS.get(key[0], "t")
        ledger.compare("negative", place, subject, array, ">=", 0.0, unit=unit)

    def __call__(self, kind: str, name: str, item: str = "") -> Numbers:
        return self.arrays.get((kind, name, item), self._nothing)

    def only(self, allowed: dict[Key, Marks | bool], ledger: Ledger) -> None:
        """Finds every flow that no row of the book is open to."""
        for key, array in self.arrays.items():
            open_to = allowed.get(key, False)
            for n in np.flatnonzero((array != 0.0) & ~np.asarray(open_to)):
                unit = Unit(UNITS.get(key[0], "t"))
                ledger.count(
                    "unknown-flow",
                    Place(SHEET_OF.get(key[0], "")),
                    subject_of(*key),
                    moment=self.tree.moment(int(n)),
                    flow=phrase("part.exact", number=array[n], unit=unit),
                )


def subject_of(kind: str, name: str, item: str = "") -> Phrase:
    """A flow, for messages: `buy of ore`."""
    known = f"flow.{kind}" in all_messages()  # what was written may be anything
    what = phrase(f"flow.{kind}") if known else kind.replace("_", " ")
    if item:
        return phrase("part.flow_of", kind=what, name=name, item=item)
    return phrase("part.flow", kind=what, name=name)
