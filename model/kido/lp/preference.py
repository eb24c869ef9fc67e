"""Secondary objectives among plans of the same cost: loss by priority, free orders, payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.case import Case
from kido.tolerances import LOST_T, RARE_PROBABILITY

Name = tuple[str, tuple[Any, ...]]  # (variable, key)


def preferences(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> list[dict[Name, float]]:
    """Objectives (cost by column) to minimize one after another among plans of the same cost.

    First the loss of needs of priority 1, expected t, then of 2 and so on; then capacity
    reserved or ordered free of charge, expected t/yr; then what is paid for and not taken,
    expected t, under contracts that make up in a period what they pay for in it as well. Empty
    where no other plan than that of `values` could be preferred.
    """
    objectives = _by_priority(case, values)
    others = (dict(_free_decisions(case, values)), dict(_paid_in_place(case, values)))
    return [*objectives, *(objective for objective in others if objective)]


def _probability(case: Case, n: int) -> float:
    return max(case.tree.nodes[n].probability, RARE_PROBABILITY)


def _by_priority(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> list[dict[Name, float]]:
    priority_of = {
        name: case.demands[tier.demand].priority
        for name, tier in case.tiers.items()
        if tier.kind == "lost"
    }
    ordered = sorted(set(priority_of.values()))
    amounts = values.get("relieve", {})
    if not any(priority_of.get(name, ordered[-1:]) in ordered[:-1] and t > LOST_T
               for (name, _), t in amounts.items()):  # fmt: skip
        return []
    return [
        {
            ("relieve", (name, n)): _probability(case, n)
            for name, n in amounts
            if priority_of.get(name) == priority
        }
        for priority in ordered[:-1]
    ]


def _free_decisions(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> Iterator[tuple[Name, float]]:
    paid = {(c.variable, c.key[0]) for c in case.cost_terms if c.variable in ("reserve", "expand")}
    least_of = {name: contract.least for name, contract in case.contracts.items()}
    for variable, least in (("reserve", least_of), ("expand", dict.fromkeys(case.facilities, 0.0))):
        amounts = values.get(variable, {})
        names = {name for (name, _), t in amounts.items()
                if (variable, name) not in paid and t > least[name] + LOST_T}  # fmt: skip
        for name, n in amounts:
            if name in names:
                yield (variable, (name, n)), _probability(case, n)


def _paid_in_place(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> Iterator[tuple[Name, float]]:
    forgo, made_up = values.get("forgo", {}), values.get("make_up", {})
    for name, contract in case.contracts.items():
        if contract.make_up is not None and any(
            forgo.get((name, w.node), 0.0) > LOST_T
            and sum(made_up.get((name, n), 0.0) for n in w.members) > LOST_T
            for w in contract.settlements
        ):
            for w in contract.settlements:
                yield ("forgo", (name, w.node)), _probability(case, w.node)
