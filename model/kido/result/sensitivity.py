"""What the objective would change if one number of the book were twice as high, to first order.

Asked of every number of every row that is in use, but for dates, leads, lives and other spans of
time, and of the events (their factors and added amounts) and the profiles that stand in for
numbers: one after another is made a little higher, and the part of the Lagrangian that its row
has is worked out again. Of the probability of a scenario, which is taken from its parent's, it is
the difference between their costs. Where a plan leans on two limits at once the answer to more
and the answer to less differ, and the one given lies between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from kido.data.case.effects import Effects
from kido.data.schema import catalogue
from kido.result.lagrangian import Lagrangian
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.tolerances import STEP_SHARE

ASKED = ("number", "share", "rate", "reference")
NOT_ASKED = {
    ("Commodities", "content"), ("Facilities", "build_months"), ("Facilities", "life_years"),
    ("Processes", "lead"), ("Routes", "lead"), ("Relief", "notice"), ("Relief", "returns"),
    ("Scenarios", "probability"), ("Profiles", "value"),
}  # fmt: skip
OF_THEIR_OWN = ("Settings", "Recipes", "Scenarios", "Events", "Profiles", "Sweeps", "Sources",
                "Sites")  # fmt: skip
TIME = ("lead", "delay")  # effects that move when, not how much

NAMES: Mapping[str, Callable[[Any], str]] = {  # of rows that need not bear one of their own
    "Recipes": lambda line: f"{line.process}: {line.item}",
    "Events": lambda row: row.name or f"{row.effect}: {'; '.join(row.target)} ({row.Index})",
}

Effect = tuple[str, str, str, float]  # (sheet, row, column, kUSD for a number twice as high)


def sensitivities(answer: SolvedPlan) -> Iterator[Effect]:
    """(sheet, row, column, change of the objective in kUSD for that number twice as high)."""
    share = Lagrangian(answer)
    yield from _cells(share)
    yield from _recipes(share)
    yield from _events(share)
    yield from _profiles(share)
    yield "Settings", "yard cost", "yard_cost", share.yards()
    yield from _probabilities(answer)


def numbers_of(sheet: str) -> tuple[str, ...]:
    """The columns of a sheet that are asked about."""
    columns = catalogue()[sheet].columns.values()
    return tuple(c.key for c in columns if c.kind in ASKED and (sheet, c.key) not in NOT_ASKED)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and value != 0


def _higher(row: Any, column: str) -> Any:
    return row._replace(**{column: getattr(row, column) * (1 + STEP_SHARE)})


def _cells(share: Lagrangian) -> Iterator[Effect]:
    for sheet, frame in share.tables.frames.items():
        if sheet in OF_THEIR_OWN:
            continue
        for row in frame.records():
            columns = [c for c in numbers_of(sheet) if _is_number(getattr(row, c))]
            before = share.unchanged_terms(sheet, row.name) if columns else 0.0
            for column in columns:
                after = share.terms(sheet, _higher(row, column))
                yield sheet, row.name, column, (after - before) / STEP_SHARE


def _recipes(share: Lagrangian) -> Iterator[Effect]:
    for name, row in share.rows["Processes"].items():
        lines = share.lines.get(name, [])
        before = share.process(row, lines)
        for i, line in enumerate(lines):
            if _is_number(line.amount):
                moved = [*lines[:i], _higher(line, "amount"), *lines[i + 1 :]]
                slope = (share.process(row, moved) - before) / STEP_SHARE
                yield "Recipes", NAMES["Recipes"](line), "amount", slope


def _events(share: Lagrangian) -> Iterator[Effect]:
    for number, row in enumerate(share.tables["Events"].records()):
        if row.effect in TIME:
            continue
        for column in ("factor", "add"):
            value = getattr(row, column)
            if _is_number(value):
                here = share.effects.on(share.effects.branches_of([number]))
                moved = here.with_event(number, **{column: value * (1 + STEP_SHARE)})
                slope = _moved(share, [number], here, moved) / STEP_SHARE
                yield "Events", NAMES["Events"](row), column, slope


def _profiles(share: Lagrangian) -> Iterator[Effect]:
    events = share.effects.events
    for name in share.effects.profiles:
        standing = [i for i, e in enumerate(events) if e.profile == name and e.effect not in TIME]
        indexed = [r.name for r in share.tables["Contracts"].records() if r.index == name]
        if standing or indexed:
            whole = share.effects
            here = whole if indexed else whole.on(whole.branches_of(standing))
            moved = here.with_profile(name, 1 + STEP_SHARE)
            slope = _moved(share, standing, here, moved, indexed) / STEP_SHARE
            yield "Profiles", name, "value", slope


def _moved(
    share: Lagrangian,
    events: list[int],
    before: Effects,
    after: Effects,
    contracts: Sequence[str] = (),
) -> float:
    """What the rows that these events reach add to L more than before."""
    reached = {("Contracts", name): None for name in contracts}
    for number in events:
        reached |= dict.fromkeys(share.rows_of_event(number))
    return sum(
        share.terms(sheet, share.rows[sheet][name], after)
        - share.terms(sheet, share.rows[sheet][name], before)
        for sheet, name in reached
    )


def _probabilities(answer: SolvedPlan) -> Iterator[tuple[str, str, str, float]]:
    """What a history adds to the objective, against that of the parent it parts from."""
    settings, tree = answer.case.settings, answer.case.tree
    weight, worst = settings.risk_weight, 1 - settings.cvar_level
    value = {
        h.leaf: (1 - weight) * h.cost + weight * max(0.0, h.cost - answer.value_at_risk) / worst
        for h in answer.histories
    }

    staying: list[list[ScenarioPath]] = [[] for _ in tree.branches]
    passing: list[list[ScenarioPath]] = [[] for _ in tree.branches]
    for h in answer.histories:
        staying[tree.nodes[h.leaf].branch].append(h)
        for branch in dict.fromkeys(tree.nodes[n].branch for n in h.path.tolist()):
            passing[branch].append(h)

    @cache
    def on(branch: int) -> float:
        """The value of what stays on a branch; where nothing does, of what leaves it."""
        through = staying[branch] or passing[branch]
        chance = sum(h.probability for h in through)
        return sum(h.probability * value[h.leaf] for h in through) / chance if chance else np.nan

    copies: dict[str, list[int]] = {}
    for i, b in enumerate(tree.branches):
        if b.probability and b.parent >= 0:
            copies.setdefault(b.scenario, []).append(i)
    for r in answer.tables["Scenarios"].records():
        gains = [on(i) - on(tree.branches[i].parent) for i in copies.get(r.name, ())]
        if gains and np.isfinite(gains).all():
            yield "Scenarios", r.name, "probability", r.probability * float(np.mean(gains))
