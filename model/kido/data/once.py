"""One tonne counts once, though words reach several rows that it passes.

A contract that reaches an offer and the lane that leads on from it, or two lanes of one way,
counts a tonne where title passes: at the first row with a price, or at the first if none has one.
A policy that counts what is shipped counts a tonne on the last of its lanes, and one that counts
what is made where it is made last; each side of a share by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Graph = Mapping[str, frozenset[str]]  # a row, and those that goods go on to from it


def counted_lanes(lanes: Sequence[Any]) -> list[Any]:
    """Rows of Routes without those whose goods go on by another of them."""
    leaving = _leaving(lanes)
    after = {r.name: leaving.get((r.destination, r.commodity), frozenset()) for r in lanes}
    return [r for r in lanes if not _beyond(after, r.name)]


def counted_outputs(processes: Mapping[str, tuple[Collection[str], Collection[str]]]) -> Graph:
    """For each process, given as what it takes and makes, what it makes that no other takes."""
    after = {
        name: frozenset(n for n, (taken, _) in processes.items() if set(taken) & set(made))
        for name, (_, made) in processes.items()
    }
    return {
        name: frozenset(
            c for c in made if not any(c in processes[n][0] for n in _beyond(after, name))
        )
        for name, (_, made) in processes.items()
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
    leaving = _leaving(ways)
    after = {name: leaving.get(place, frozenset()) for name, place in end.items()}
    among = {name: later & {r.name for r in lanes} for name, later in after.items()}
    beyond = {r.name: _beyond(among, r.name) | _beyond(after, r.name) for r in rows}
    priced = {r.name for r in rows if r.price}
    kept = set()
    for row in rows:
        before = {r.name for r in rows if row.name in beyond[r.name]}
        rivals = before & priced if row.name in priced else before | (beyond[row.name] & priced)
        if not rivals:
            kept.add(row.name)
    return kept


def _leaving(lanes: Sequence[Any]) -> dict[tuple[str, str], frozenset[str]]:
    """The lanes that begin at a site, by site and commodity."""
    found: dict[tuple[str, str], set[str]] = {}
    for lane in lanes:
        found.setdefault((lane.origin, lane.commodity), set()).add(lane.name)
    return {place: frozenset(names) for place, names in found.items()}


def _beyond(after: Graph, row: str) -> set[str]:
    """The rows that goods reach from one, without those from which they come back to it."""
    found = _reached(after, row)
    return {name for name in found if row not in _reached(after, name)} - {row}


def _reached(after: Graph, row: str) -> set[str]:
    found: set[str] = set()
    ahead = [row]
    while ahead:
        new = after[ahead.pop()] - found
        found |= new
        ahead += new
    return found
