"""One tonne counts once, though words reach several rows that it passes.

A contract that reaches an offer and the lane that leads on from it, or two lanes of one way,
counts a tonne where title passes: at the first row with a price, or at the first if none has one.
A policy that counts what is shipped counts a tonne on the last of its lanes, and one that counts
what is made where it is made last; each side of a share by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Graph = Mapping[str, frozenset[str]]  # row -> the rows that goods go on to from it


def counted_lanes(lanes: Sequence[Any]) -> list[Any]:
    """The rows of Routes whose goods do not go on by another of these rows."""
    leaving = _lanes_by_origin(lanes)
    after = {r.name: leaving.get((r.destination, r.commodity), frozenset()) for r in lanes}
    return [r for r in lanes if not _downstream(after, r.name)]


def counted_outputs(processes: Mapping[str, tuple[Collection[str], Collection[str]]]) -> Graph:
    """For each process the outputs that no later one of these processes takes.

    `processes` has the inputs and the outputs of each.
    """
    after = {
        name: frozenset(n for n, (inputs, _) in processes.items() if set(inputs) & set(outputs))
        for name, (_, outputs) in processes.items()
    }
    return {
        name: frozenset(
            c for c in outputs if not any(c in processes[n][0] for n in _downstream(after, name))
        )
        for name, (_, outputs) in processes.items()
    }


def counted_by_contract(
    supply: Sequence[Any], lanes: Sequence[Any], ways: Sequence[Any]
) -> set[str]:
    """The names of offers and lanes at which a contract that reaches them counts a tonne.

    Goods go from one of them to another by `ways`, the rows of Routes, reached or not.
    """
    rows = [*supply, *lanes]
    end = {r.name: (r.site, r.commodity) for r in supply}
    end |= {r.name: (r.destination, r.commodity) for r in [*ways, *lanes]}
    leaving = _lanes_by_origin(ways)
    after = {name: leaving.get(place, frozenset()) for name, place in end.items()}
    among = {name: later & {r.name for r in lanes} for name, later in after.items()}
    beyond = {r.name: _downstream(among, r.name) | _downstream(after, r.name) for r in rows}
    priced = {r.name for r in rows if r.price}
    names = set()
    for row in rows:
        before = {r.name for r in rows if row.name in beyond[r.name]}
        better = before & priced if row.name in priced else before | (beyond[row.name] & priced)
        if not better:
            names.add(row.name)
    return names


def _lanes_by_origin(lanes: Sequence[Any]) -> dict[tuple[str, str], frozenset[str]]:
    """The lanes by the site they begin at and their commodity."""
    lanes_from: dict[tuple[str, str], set[str]] = {}
    for lane in lanes:
        lanes_from.setdefault((lane.origin, lane.commodity), set()).add(lane.name)
    return {place: frozenset(names) for place, names in lanes_from.items()}


def _downstream(after: Graph, row: str) -> set[str]:
    """The rows downstream of `row`, without those from which goods come back to it."""
    reachable = _reachable(after, row)
    return {name for name in reachable if row not in _reachable(after, name)} - {row}


def _reachable(after: Graph, row: str) -> set[str]:
    """The rows that goods can reach from `row`."""
    reachable: set[str] = set()
    ahead = [row]
    while ahead:
        new = after[ahead.pop()] - reachable
        reachable |= new
        ahead += new
    return reachable
