"""A forward pass along the tree: in which nodes goods may be, and flows may run.

Goods come from supplies, opening stocks and what is on the way; processes and lanes that are open,
have room and find all they take bring them on, at once or in later nodes. The nodes of one depth
are worked out together: masks are in the order of depth while the pass runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Arrivals, Case, Pair
from kido.data.case.tree import Tree

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]
Fed = dict[Pair, Mask]


@dataclass(frozen=True)
class PossibleFlows:
    """Where goods may be (`fed`, by pair) and flows may run (`flows`, by variable and row).

    A mask has one value for each node.
    """

    fed: Fed
    flows: dict[tuple[str, str], Mask]


def possible_flows(case: Case, room: Mapping[str, Mask]) -> PossibleFlows:
    """The flows of processes ("run") and routes ("ship") that are possible, and their goods.

    `room` says where each facility may have capacity.
    """
    depth = _depths(case.tree)
    order = np.argsort(depth, kind="stable")
    ends = np.searchsorted(depth[order], np.arange(depth.max() + 2)).tolist()
    place = np.argsort(order)
    steps = _steps(case, room, order, place)
    users: dict[Pair, list[_Step]] = {}
    for step in steps.values():
        for pair in step.takes:
            users.setdefault(pair, []).append(step)
    groups: dict[int, list[_Step]] = {}
    for step in steps.values():
        groups.setdefault(id(step.landing), []).append(step)
    fed = _fed_from_outside(case, steps.values(), order)
    kept = {s.pair for s in case.stocks.values()} | set(case.yards)
    for s in case.stocks.values():
        fed[s.pair][: ends[1]] |= s.opening > 0
    previous = case.tree.previous[order]
    for first, end in pairwise(ends):
        if first:
            before = place[previous[first:end]]
            for pair in kept:
                fed[pair][first:end] |= fed[pair][before]
            for group in groups.values():
                _land(group, fed, first, end)
        _spread(list(steps.values()), users, fed, slice(first, end))
    return PossibleFlows(
        {pair: mask[place] for pair, mask in fed.items()},
        {key: step.runs[place] for key, step in steps.items()},
    )


def _depths(tree: Tree) -> Index:
    """The number of nodes before each on its path."""
    depth: list[int] = []
    for m in tree.nodes:
        depth.append(depth[m.previous] + 1 if m.previous >= 0 else 0)
    return np.array(depth, dtype=np.intp)


@dataclass(frozen=True)
class _Landing:
    """Arrivals in the order of depth: places of arrival, sorted, and of sending before.

    `now` says where part of what is sent arrives at once.
    """

    later: Index
    earlier: Index
    now: Mask

    @classmethod
    def of(cls, arrivals: Arrivals, order: Index, place: Index) -> _Landing:
        now = np.array([any(m == n for m, _ in parts) for n, parts in enumerate(arrivals)])
        pairs = [(n, m) for n, parts in enumerate(arrivals) for m, _ in parts if m != n]
        later, earlier = place[np.array(pairs, dtype=np.intp).reshape(-1, 2).T]
        by_place = np.argsort(later, kind="stable")
        return cls(later[by_place], earlier[by_place], now[order])


@dataclass(frozen=True)
class _Step:
    """A process or a lane: what it takes and brings, where it may run, must run, and runs."""

    takes: Sequence[Pair]
    brings: Sequence[Pair]
    open: Mask
    least: Mask
    landing: _Landing
    runs: Mask


def _steps(
    case: Case, room: Mapping[str, Mask], order: Index, place: Index
) -> dict[tuple[str, str], _Step]:
    landings: dict[int, _Landing] = {}
    steps: dict[tuple[str, str], _Step] = {}

    def add(
        variable: str, row: Any, takes: Sequence[Pair], brings: Sequence[Pair], uses: Iterable[str]
    ) -> None:
        if id(row.arrivals) not in landings:
            landings[id(row.arrivals)] = _Landing.of(row.arrivals, order, place)
        is_open = np.logical_and.reduce([row.most > 0, *(room[f] for f in uses)])
        steps[variable, row.name] = _Step(
            takes, brings, is_open[order], (row.least > 0)[order],
            landings[id(row.arrivals)], np.zeros(len(order), dtype=bool),
        )  # fmt: skip

    for p in case.processes.values():
        inputs = [(p.site, item) for item, _ in p.inputs]
        outputs = [(p.site, item) for item in p.outputs]
        add("run", p, inputs, outputs, [f for f, amount in p.uses if amount])
    for r in case.routes.values():
        add("ship", r, [(r.origin, r.commodity)], [(r.destination, r.commodity)], r.uses)
    return steps


def _fed_from_outside(case: Case, steps: Iterable[_Step], order: Index) -> Fed:
    """Where supplies and what was on the way at the start bring goods; of all other pairs, none."""
    pairs = [o.pair for offers in (case.supply, case.sales) for o in offers.values()]
    pairs += [*(s.pair for s in case.stocks.values()), *case.yards]
    pairs += [pair for step in steps for pair in (*step.takes, *step.brings)]
    fed = {pair: np.zeros(len(order), dtype=bool) for pair in pairs}
    for offer in case.supply.values():
        fed[offer.pair] |= (offer.most > 0)[order]
    for route in case.routes.values():
        fed[route.destination, route.commodity] |= (route.pipeline > 0)[order]
    for process in case.processes.values():
        for item, arriving in process.pipeline.items():
            fed[process.site, item] |= (arriving > 0)[order]
    return fed


def _land(steps: Sequence[_Step], fed: Fed, first: int, end: int) -> None:
    """Marks what arrives in the places `first` to `end`; the steps share their arrivals."""
    landing = steps[0].landing
    some = slice(*np.searchsorted(landing.later, (first, end)))
    later, earlier = landing.later[some], landing.earlier[some]
    if not len(later):
        return
    starts = np.flatnonzero(np.diff(later, prepend=-1))
    sent = np.array([step.runs[earlier] for step in steps])
    for step, arrives in zip(steps, np.logical_or.reduceat(sent, starts, axis=1), strict=True):
        if arrives.any():
            for pair in step.brings:
                fed[pair][later[starts]] |= arrives


def _spread(
    waiting: list[_Step], users: Mapping[Pair, Sequence[_Step]], fed: Fed, at: slice
) -> None:
    """Marks the flows of the places `at`, and all that they bring at once."""
    while waiting:
        step = waiting.pop()
        may = step.open[at].copy()
        for pair in step.takes:
            may &= fed[pair][at]
        new = (may | step.least[at]) & ~step.runs[at]
        if not new.any():
            continue
        step.runs[at] |= new
        new &= step.landing.now[at]
        for pair in step.brings:
            if (new & ~fed[pair][at]).any():
                fed[pair][at] |= new
                waiting += users.get(pair, ())
