"""The methods of a sweep: which points are asked, and what their answers make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kido.data.case.build import tree_of
from kido.data.experiment import Experiment, watched
from kido.data.tables import Tables
from kido.study.breakeven import find
from kido.study.cached_executor import CachedExecutor
from kido.study.conclusions import Verdict
from kido.study.design import indices, points
from kido.study.evaluate import Task, answer_task
from kido.study.model_evaluator import ModelOracle
from kido.study.near_optimal import rooms
from kido.study.point import Outcome, Point
from kido.study.results import Curve
from kido.study.value_function import ValueFunction, trace
from kido.study.warm_model import WarmStart

CHUNK = 6  # neighbouring points at most that one process answers in turn
SHARES = 16  # tasks at least, so that no process is left with the last of a few long ones
NARROW = 0.002  # of the range: how close a break-even is closed in


@dataclass(frozen=True)
class Session:
    """What every method stands on. `start`: the answer to the book itself, if it has one."""

    crew: CachedExecutor
    book: str
    tables: Tables
    experiment: Experiment
    start: WarmStart | None

    def answers(self, chunks: Sequence[Sequence[Point]]) -> tuple[Outcome, ...]:
        """The outcomes of all points, in the order of the design."""
        x = self.experiment
        tasks = [
            Task(self.book, self.tables, x.levers, tuple(chunk), self.start) for chunk in chunks
        ]
        found = [f.outcome for answers in self.crew.do(answer_task, tasks) for f in answers]
        return tuple(sorted(found, key=lambda outcome: outcome.point.number))


def _sampled(ground: Session) -> dict[str, Any]:
    x = ground.experiment
    design = points(x, ground.tables)
    size = max(1, min(CHUNK, len(design) // SHARES))
    outcomes = ground.answers([design[i : i + size] for i in range(0, len(design), size)])
    if x.method in ("tornado", "grid"):
        return {"outcomes": outcomes}
    found, left_out = indices(x, outcomes)
    return {"outcomes": outcomes, "indices": tuple(found), "left_out": left_out}


def _scenarios(ground: Session) -> dict[str, Any]:
    """Each branch planned alone: small programs, each from nothing."""
    design = points(ground.experiment, ground.tables)
    ground = replace(ground, start=None)
    return {"outcomes": ground.answers([[point] for point in design])}


def _room(ground: Session) -> dict[str, Any]:
    found, searches = rooms(ground)
    return {"rooms": tuple(found), "searches": tuple(searches)}


def _curves(ground: Session) -> dict[str, Any]:
    x = ground.experiment
    first = _curve(ground, None)
    curves = [first]
    if x.alone:
        names = [b.name for b in tree_of(ground.tables).branches if b.probability > 0]
        curves += [_curve(replace(ground, start=None), name) for name in names]
    return {"outcomes": first.outcomes, "curves": tuple(curves)}


def _curve(ground: Session, scenario: str | None) -> Curve:
    x = ground.experiment
    lever = x.levers[0]
    rows = watched(x, ground.tables)
    along = ModelOracle(
        ground.crew, ground.book, ground.tables, x.levers, scenario, ground.start, rows
    )
    found = trace(along, lever.values, () if lever.ranged else lever.values, x.error)
    width = NARROW * (max(lever.values) - min(lever.values))
    evens = find(along, found, rows, width) if rows and width > 0 else []
    return found.record(scenario, _outcomes(along, found), evens)


def _outcomes(along: ModelOracle, found: ValueFunction) -> tuple[Outcome, ...]:
    """One for each value asked for or solved, in the order of the lever."""
    verdicts = {verdict.at: verdict for verdict in found.verdicts}
    solved = {at for at, probe in along.found.items() if probe.solved}
    places = sorted({*verdicts, *solved})
    return tuple(_outcome(along, at, verdicts.get(at), number) for number, at in enumerate(places))


def _outcome(along: ModelOracle, at: float, verdict: Verdict | None, number: int) -> Outcome:
    probe = along.found.get(at)
    point = replace(probe.outcome.point if probe else along.point(at), number=number)
    if verdict is None or (probe and probe.solved):
        return replace(along.found[at].outcome, point=point)
    return Outcome(
        point, verdict.status, verdict.message, verdict.objective, verdict.lower, verdict.upper
    )


METHODS: Mapping[str, Callable[[Session], dict[str, Any]]] = {
    "curve": _curves,
    "tornado": _sampled,
    "grid": _sampled,
    "latin": _sampled,
    "morris": _sampled,
    "sobol": _sampled,
    "scenarios": _scenarios,
    "room": _room,
}
