"""The registry of variables: index, meaning, unit, columns and bounds of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kido.data.case.case import Array, Case

Key = tuple[Any, ...]  # of a column or row: names of the workbook, then a node
Name = tuple[str, Key]  # a variable (or a family of rows) and a key of it
Names = tuple[str, ...]  # a key without its node
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]  # one value for each node
Limits = tuple[ArrayLike, ArrayLike]

MEANINGS: Mapping[str, tuple[str, str, str]] = {
    # name: (index, meaning, unit)
    "buy": ("offer, n", "taken from an offer", "t"),
    "sell": ("outlet, n", "placed in an outlet", "t"),
    "run": ("process, n", "activity", "t"),
    "ship": ("route, n", "leaves the origin", "t"),
    "stock": ("stockpile, n", "held at the end of the node", "t"),
    "yard_stock": ("site, commodity, n", "waiting in a yard at the end of the node", "t"),
    "meet": ("demand, n", "need served", "t"),
    "relieve": ("relief option, n", "need relieved: thrift, substitute, put off or lost", "t"),
    "postpone": (
        "relief option, n",
        "need that has returned and is put off past the node",
        "t",
    ),
    "discard": ("site, commodity, n", "thrown away, where allowed", "t"),
    "idle": ("facility, n", "short of minimum use", "t"),
    "reserve": ("contract, node it starts in", "volume reserved for its life", "t/yr"),
    "lift": ("contract, row it covers, n", "taken under the contract", "t"),
    "forgo": ("contract, settlement", "paid for and not taken", "t"),
    "make_up": ("contract, n", "lifted of what was paid for and not taken before", "t"),
    "make_up_balance": (
        "contract, n",
        "paid for before the node and still to be made up at its end",
        "t",
    ),
    "rebate": ("contract, settlement", "money back", "kUSD"),
    "expand": ("facility, n", "new capacity ordered", "t/yr"),
    "ordered": (
        "facility, first month of use, first node",
        "capacity ordered before the plan, as the sheet Underway says",
        "t/yr",
    ),
    "breach": ("policy, detail, n", "shortfall of a soft policy", "its unit"),
    "order_rise": ("row, n", "more than was ordered (nervousness limit only)", "t"),
    "order_fall": ("row, n", "less than was ordered (nervousness limit only)", "t"),
    "cost_to_date": ("n", "discounted cost of the path up to here (risk only)", "MUSD"),
    "tail": ("-", "value at risk: the cost that the worst histories exceed (risk only)", "MUSD"),
    "excess": ("history", "cost of a history above the value at risk (risk only)", "MUSD"),
}

RISK = ("cost_to_date", "tail", "excess")  # exist only where risk has a weight
PLACES = {name: place for place, name in enumerate(MEANINGS)}


class UnknownVariable(LookupError):
    """Error: a name that is not among MEANINGS. No KeyError: a key may be absent, a name not."""


class Columns(dict[Names, Indices]):
    """The columns of a variable: for each key without its node, the column of every node.

    -1 where a node has none; a key that is not there has none in any node.
    """

    def __init__(self, nodes: int):
        super().__init__()
        self.none = np.full(nodes, -1, dtype=np.intp)

    def __missing__(self, key: Names) -> Indices:
        return self.none


class Variables:
    """The columns of a program: numbers[i, n] is that of block i in node n, -1 where none is.

    `blocks` are (variable, key without its node). Raises UnknownVariable.
    """

    def __init__(self, blocks: Sequence[tuple[str, Names]], numbers: Indices):
        self.blocks, self.numbers = blocks, numbers
        self.nodes = numbers.shape[1]
        self.count = int(numbers.max(initial=-1)) + 1
        self.columns = {name: Columns(self.nodes) for name in MEANINGS}
        for (name, key), columns in zip(blocks, numbers, strict=True):
            self.columns[check_variable(name)][key] = columns

    def __getitem__(self, name: str) -> Columns:
        """The columns of a variable; none where the case has none. Raises UnknownVariable."""
        return self.columns[check_variable(name)]

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The name of every column, in their order."""
        there = self.numbers >= 0
        names = [
            (name, key)
            for (name, names), where in zip(self.blocks, there, strict=True)
            for key in keys_at(names, where)
        ]
        order = np.argsort(self.numbers[there])
        return tuple(map(names.__getitem__, order.tolist()))

    def of(self, name: str) -> Indices:
        """All columns of a variable, key by key, then by node."""
        columns = np.concatenate([*self[name].values(), self[name].none])
        return columns[columns >= 0]


def keys_at(names: Names, where: Mask) -> list[Key]:
    """The keys of these names in the nodes of `where`."""
    return list(zip(*map(repeat, names), np.flatnonzero(where).tolist(), strict=False))


def check_variable(name: str) -> str:
    """The name itself, checked. Raises UnknownVariable where no variable bears it."""
    if name not in MEANINGS:
        raise UnknownVariable(f"no variable is called '{name}'")
    return name


def present_in(case: Case) -> Mapping[str, Mapping[Names, Mask]]:
    """For each variable and key of a case, the nodes in which it has a column.

    Columns of risk exist only where risk has a weight.
    """
    if case.settings.risk_weight <= 0:
        return case.columns
    every = np.arange(len(case.tree.nodes))
    risk = {"cost_to_date": every >= 0, "tail": every == 0,
            "excess": np.isin(every, case.tree.leaves)}  # fmt: skip
    return {**case.columns, **{name: {(): mask} for name, mask in risk.items()}}


def variables_of(case: Case) -> Variables:
    """The columns of a case, numbered by node, then variable, then the rest of the key.

    The order of the rows of a workbook has no influence.
    """
    masks = {
        (name, key): mask
        for name, keys in present_in(case).items()
        for key, mask in keys.items()
        if mask.any()
    }
    blocks = sorted(masks, key=lambda block: (PLACES[block[0]], block[1]))
    numbers = np.full((len(blocks), len(case.tree.nodes)), -1, dtype=np.intp)
    if blocks:
        present = np.array([masks[block] for block in blocks])
        numbers.T[present.T] = np.arange(present.sum())
    return Variables(blocks, numbers)


def variables_named(names: Sequence[Name], nodes: int) -> Variables:
    """The columns of these names, in their order, on a tree of so many nodes."""
    columns: dict[tuple[str, Names], Indices] = {}
    for number, (name, (*key, n)) in enumerate(names):
        block = name, tuple(key)
        if block not in columns:
            columns[block] = np.full(nodes, -1, dtype=np.intp)
        columns[block][n] = number
    numbers = np.array(list(columns.values()), dtype=np.intp).reshape(-1, nodes)
    variables = Variables(list(columns), numbers)
    variables.names = tuple(names)
    return variables


def limits_of(case: Case) -> Mapping[str, Callable[..., Limits]]:
    """For each variable, the function from the names of a key to its (lower, upper) bounds.

    Bounds are numbers, or arrays of one for each node; inf: no limit.
    """
    leaf = np.isin(np.arange(len(case.tree.nodes)), case.tree.leaves)

    def stock(name: str) -> Limits:
        stockpile = case.stocks[name]
        ending = np.where(leaf, stockpile.least_ending, 0.0)
        return np.maximum(stockpile.floor, ending), stockpile.capacity

    def limited(rows: Mapping[str, Any]) -> Callable[[str], Limits]:
        return lambda name: (rows[name].least, rows[name].most)

    def reserve(name: str) -> Limits:
        contract, held = case.contracts[name], case.held.get(("Contracts", name), 0.0)
        return np.maximum(contract.least, np.minimum(held, contract.most)), contract.most

    def expand(name: str) -> Limits:
        return case.held.get(("Facilities", name), 0.0), math.inf

    def nonnegative(*names: str) -> Limits:
        return 0.0, math.inf

    def ordered(name: str, month: str) -> Limits:
        amount = next(o.amount for o in case.facilities[name].ordered if o.month == month)
        return amount, amount

    def free() -> Limits:
        return -math.inf, math.inf

    special: dict[str, Callable[..., Limits]] = {
        "buy": limited(case.supply),
        "sell": limited(case.sales),
        "run": limited(case.processes),
        "ship": limited(case.routes),
        "stock": stock,
        "relieve": lambda name: (0.0, case.tiers[name].most),
        "reserve": reserve,
        "expand": expand,
        "rebate": lambda name: (0.0, case.contracts[name].rebate_cap),
        "ordered": ordered,
        "cost_to_date": free,
        "tail": free,
    }
    return dict.fromkeys(MEANINGS, nonnegative) | {
        check_variable(name): f for name, f in special.items()
    }


def bounds_of(case: Case, variables: Variables) -> tuple[Array, Array]:
    """The lower and the upper bound of every column; inf: no limit."""
    bounds = np.empty((2, variables.count))
    limits = limits_of(case)
    for (name, key), columns in zip(variables.blocks, variables.numbers, strict=True):
        there = columns >= 0
        for side, limit in zip(bounds, limits[name](*key), strict=True):
            side[columns[there]] = np.broadcast_to(limit, there.shape)[there]
    return bounds[0], bounds[1]
