"""What to prefer among plans of the same cost: priority 1 first, and nothing signed for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.case import Case

Name = tuple[str, tuple[Any, ...]]  # (variable, key)
LAST = 10  # beyond the last priority there is
UNUSED = 0.01  # of a t/yr reserved or ordered, beside a t of need lost
RARE = 1e-3  # probability: what is rarer counts as much
DUST = 1e-6  # t


def preference(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> dict[Name, float]:
    """A cost for columns, least where the plan of `values` could be preferable at the same cost.

    A tonne lost weighs the more the lower the number of its priority. Empty where no other plan
    of the same cost could be preferred: nothing is lost that is more urgent than something else,
    and nothing is reserved or ordered for which nothing is paid.
    """
    return dict([*_urgent(case, values), *_signed(case, values)])


def _chance(case: Case, n: int) -> float:
    return max(case.tree.moments[n].probability, RARE)


def _urgent(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> Iterator[tuple[Name, float]]:
    lost = {
        name: case.demands[tier.demand].priority
        for name, tier in case.tiers.items()
        if tier.kind == "lost"
    }
    last = max(lost.values(), default=LAST)
    held = values.get("relieve", {})
    if any(lost.get(name, last) < last and t > DUST for (name, _), t in held.items()):
        for name, n in held:
            if name in lost:
                yield ("relieve", (name, n)), _chance(case, n) * (LAST - lost[name])


def _signed(
    case: Case, values: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> Iterator[tuple[Name, float]]:
    paid = {(c.variable, c.key[0]) for c in case.charges if c.variable in ("reserve", "expand")}
    signed = {name: contract.least for name, contract in case.contracts.items()}
    for variable, least in (("reserve", signed), ("expand", dict.fromkeys(case.facilities, 0.0))):
        held = values.get(variable, {})
        free = {name for (name, _), t in held.items()
                if (variable, name) not in paid and t > least[name] + DUST}  # fmt: skip
        for name, n in held:
            if name in free:
                yield (variable, (name, n)), UNUSED * _chance(case, n)
