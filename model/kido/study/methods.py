"""The methods of a sweep: which points are asked, and what their answers make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kido.data.assemble import tree_of
from kido.data.experiment import Experiment
from kido.data.tables import Tables
from kido.data.words import Words
from kido.study.along import Along
from kido.study.bench import Start
from kido.study.breakeven import find
from kido.study.crew import Crew
from kido.study.curve import trace
from kido.study.design import indices, points
from kido.study.point import CERTIFIED, Outcome, Point
from kido.study.records import Bound, Curve
from kido.study.room import rooms
from kido.study.work import Task, answer_task

CHUNK = 6  # neighbouring points that one process answers in turn
WATCHABLE = (
    "Supply", "Sales", "Processes", "Routes", "Stockpiles", "Contracts", "Facilities",
)  # fmt: skip
NARROW = 0.002  # of the range: how close a break-even is closed in


@dataclass(frozen=True)
class Ground:
    """What every method stands on. `start`: the answer to the book itself, if it has one."""

    crew: Crew
    book: str
    tables: Tables
    experiment: Experiment
    start: Start | None

    def answers(self, chunks: Sequence[Sequence[Point]]) -> tuple[Outcome, ...]:
        """The outcomes of all points, in the order of the design."""
        x = self.experiment
        tasks = [
            Task(self.book, self.tables, x.levers, tuple(chunk), self.start) for chunk in chunks
        ]
        found = [f.outcome for answers in self.crew.do(answer_task, tasks) for f in answers]
        return tuple(sorted(found, key=lambda outcome: outcome.point.number))


def _sampled(ground: Ground) -> dict[str, Any]:
    x = ground.experiment
    design = points(x, ground.tables)
    outcomes = ground.answers([design[i : i + CHUNK] for i in range(0, len(design), CHUNK)])
    if x.method in ("tornado", "grid"):
        return {"outcomes": outcomes}
    found, left_out = indices(x, outcomes)
    return {"outcomes": outcomes, "indices": tuple(found), "left_out": left_out}


def _scenarios(ground: Ground) -> dict[str, Any]:
    """Each branch planned alone: small programs, each from nothing."""
    design = points(ground.experiment, ground.tables)
    ground = replace(ground, start=None)
    return {"outcomes": ground.answers([[point] for point in design])}


def _room(ground: Ground) -> dict[str, Any]:
    return {"rooms": tuple(rooms(ground))}


def _curves(ground: Ground) -> dict[str, Any]:
    x = ground.experiment
    first = _curve(ground, None)
    curves = [first]
    if x.alone:
        branches = tree_of(ground.tables).branches
        names = [b.name for b in branches if b.probability > 0]
        curves += [_curve(replace(ground, start=None), name) for name in names]
    return {"outcomes": first.outcomes, "curves": tuple(curves)}


def _curve(ground: Ground, scenario: str | None) -> Curve:
    x = ground.experiment
    lever = x.levers[0]
    rows = watched(x, ground.tables)
    along = Along(ground.crew, ground.book, ground.tables, x.levers, scenario, ground.start, rows)
    always = [] if lever.ranged else list(lever.values)
    curve = trace(along, list(lever.values), always, x.error)
    width = NARROW * (max(lever.values) - min(lever.values))
    evens = find(along, curve, rows, width) if rows else ()
    return replace(
        curve,
        scenario=scenario,
        break_evens=tuple(evens),
        outcomes=_every_value(along, curve),
    )


def _every_value(along: Along, curve: Curve) -> tuple[Outcome, ...]:
    """An outcome for each value asked for, solved or proved to lie between bounds."""
    found = []
    asked = {bound.at: bound for bound in curve.bounds}
    for number, at in enumerate(sorted({*asked, *along.found})):
        probe = along.found.get(at)
        if probe is not None:
            point = replace(probe.outcome.point, number=number)
            found.append(replace(probe.outcome, point=point))
        else:
            found.append(_between(asked[at], replace(along.point(at), number=number), curve))
    return tuple(found)


def _between(bound: Bound, point: Point, curve: Curve) -> Outcome:
    if bound.lower is None or bound.upper is None:
        return Outcome(point, bound.status, bound.message)
    middle = (bound.lower + bound.upper) / 2
    return Outcome(point, CERTIFIED, objective=middle, lower=bound.lower, upper=bound.upper)


def watched(experiment: Experiment, tables: Tables) -> tuple[str, ...]:
    """The rows whose volume is followed, as keys of `Outcome.plan`."""
    words = Words.of(tables)
    if experiment.watch:
        return tuple(
            f"{sheet}|{name}"
            for word in experiment.watch
            for sheet in WATCHABLE
            for name in words.rows(word, sheet)
        )
    return tuple(
        f"{lever.sheet}|{tables[lever.sheet].rows.at[row, 'name']}"
        for lever in experiment.levers
        if lever.sheet in WATCHABLE
        for row in lever.rows
    )


METHODS: Mapping[str, Callable[[Ground], dict[str, Any]]] = {
    "curve": _curves,
    "tornado": _sampled,
    "grid": _sampled,
    "latin": _sampled,
    "morris": _sampled,
    "sobol": _sampled,
    "scenarios": _scenarios,
    "room": _room,
}
