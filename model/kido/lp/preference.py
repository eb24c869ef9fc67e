"""What to prefer among plans of the same cost: priority 1 first, and nothing signed for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case.case import Case
from kido.tolerances import LOST_T, RARE_PROBABILITY

Name = tuple[str, tuple[Any, ...]]  # (variable, key)


def preferences(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> list[dict[Name, float]]:
    """Costs for columns, to be made least one after another among plans of the same cost.

    First what is lost of the needs of priority 1, expected t, then of 2 and so on; then what is
    reserved or ordered for nothing. Empty where no other plan than that of `values` could be
    preferred: nothing is lost that is more urgent than something else, and nothing is reserved
    or ordered for which nothing is paid.
    """
    found = _urgent(case, values)
    signed = dict(_signed(case, values))
    return [*found, signed] if signed else found


def _chance(case: Case, n: int) -> float:
    return max(case.tree.nodes[n].probability, RARE_PROBABILITY)


def _urgent(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> list[dict[Name, float]]:
    lost = {
        name: case.demands[tier.demand].priority
        for name, tier in case.tiers.items()
        if tier.kind == "lost"
    }
    ordered = sorted(set(lost.values()))
    held = values.get("relieve", {})
    if not any(lost.get(name, ordered[-1:]) in ordered[:-1] and t > LOST_T
               for (name, _), t in held.items()):  # fmt: skip
        return []
    return [
        {("relieve", (name, n)): _chance(case, n) for name, n in held if lost.get(name) == priority}
        for priority in ordered[:-1]
    ]


def _signed(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> Iterator[tuple[Name, float]]:
    paid = {(c.variable, c.key[0]) for c in case.cost_terms if c.variable in ("reserve", "expand")}
    signed = {name: contract.least for name, contract in case.contracts.items()}
    for variable, least in (("reserve", signed), ("expand", dict.fromkeys(case.facilities, 0.0))):
        held = values.get(variable, {})
        free = {name for (name, _), t in held.items()
                if (variable, name) not in paid and t > least[name] + LOST_T}  # fmt: skip
        for name, n in held:
            if name in free:
                yield (variable, (name, n)), _chance(case, n)
