"""The registry of variables: index, meaning, unit, keys and bounds of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kido.data.case.case import Case

Key = tuple[Any, ...]
Name = tuple[str, Key]  # a variable (or a family of rows) and a key of it
Bounds = tuple[float, float]

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
    "discard": ("site, commodity, n", "thrown away, where allowed", "t"),
    "idle": ("facility, n", "short of minimum use", "t"),
    "reserve": ("contract, node it starts in", "volume reserved for its life", "t/yr"),
    "lift": ("contract, row it covers, n", "taken under the contract", "t"),
    "forgo": ("contract, settlement", "paid for and not taken", "t"),
    "rebate": ("contract, settlement", "money back", "kUSD"),
    "expand": ("facility, n", "new capacity ordered", "t/yr"),
    "breach": ("policy, detail, n", "shortfall of a soft policy", "its unit"),
    "cost_to_date": ("n", "discounted cost of the path up to here (risk only)", "MUSD"),
    "tail": ("-", "value at risk: the cost that the worst histories exceed (risk only)", "MUSD"),
    "excess": ("history", "cost of a history above the value at risk (risk only)", "MUSD"),
}

RISK = ("cost_to_date", "tail", "excess")  # exist only where risk has a weight
PLACES = {name: place for place, name in enumerate(MEANINGS)}


class UnknownVariable(LookupError):
    """Error: a name that is not among MEANINGS. No KeyError: a key may be absent, a name not."""


@dataclass(frozen=True)
class Variables:
    """The columns of each variable by key; a column is whatever the builder made of it.

    A variable without a key in a case has no columns. Raises UnknownVariable for other names.
    """

    columns: Mapping[str, Mapping[Key, Any]]

    def __post_init__(self) -> None:
        for name in self.columns:
            check_variable(name)

    def __getitem__(self, name: str) -> Mapping[Key, Any]:
        return self.columns.get(check_variable(name), {})


def check_variable(name: str) -> str:
    """The name itself, checked. Raises UnknownVariable where no variable bears it."""
    if name not in MEANINGS:
        raise UnknownVariable(f"no variable is called '{name}'")
    return name


def keys_of(case: Case) -> Mapping[str, tuple[Key, ...]]:
    """The keys of every variable; those of risk exist only where risk has a weight."""
    keys: dict[str, tuple[Key, ...]] = dict(case.columns)
    if case.settings.risk_weight > 0:
        keys["cost_to_date"] = tuple((m.index,) for m in case.tree.nodes)
        keys["tail"] = ((0,),)
        keys["excess"] = tuple((leaf,) for leaf in case.tree.leaves)
    return keys


def in_program_order(keys: Mapping[str, Iterable[Key]]) -> tuple[Name, ...]:
    """The columns of a program, by node, then variable, then the rest of the key.

    The order of the rows of a workbook has no influence.
    """
    names = [(name, key) for name, keys_of_name in keys.items() for key in keys_of_name]
    return tuple(sorted(names, key=lambda name: (name[1][-1], PLACES[name[0]], name[1])))


def bounds_of(case: Case) -> Mapping[str, Callable[[Key], Bounds]]:
    """For each variable, the function from a key to its (lower, upper) bound; inf: no limit."""
    leaves = set(case.tree.leaves)

    def stock(key: Key) -> Bounds:
        stockpile = case.stocks[key[0]]
        n = key[1]
        ending = stockpile.least_ending if n in leaves else 0.0
        return max(float(stockpile.floor[n]), ending), float(stockpile.capacity[n])

    def limited(rows: Mapping[str, Any]) -> Callable[[Key], Bounds]:
        return lambda key: (float(rows[key[0]].least[key[1]]), float(rows[key[0]].most[key[1]]))

    def nonnegative(key: Key) -> Bounds:
        return 0.0, math.inf

    def free(key: Key) -> Bounds:
        return -math.inf, math.inf

    special: dict[str, Callable[[Key], Bounds]] = {
        "buy": limited(case.supply),
        "sell": limited(case.sales),
        "run": limited(case.processes),
        "ship": limited(case.routes),
        "stock": stock,
        "relieve": lambda key: (0.0, float(case.tiers[key[0]].most[key[1]])),
        "reserve": lambda key: (case.contracts[key[0]].least, case.contracts[key[0]].most),
        "rebate": lambda key: (0.0, case.contracts[key[0]].rebate_cap),
        "cost_to_date": free,
        "tail": free,
    }
    return dict.fromkeys(MEANINGS, nonnegative) | {
        check_variable(name): f for name, f in special.items()
    }
