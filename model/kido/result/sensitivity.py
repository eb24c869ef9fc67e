"""Sensitivity of the objective to the numbers of the workbook, to first order.

The effect of a number is the change of the objective, kUSD, if it were twice as high: the
difference quotient of the terms of its row in the Lagrangian. It is computed for every number of
a row in use but dates, leads, lives and other spans of time, for events (factors and added
amounts), for profiles and for exchange rates; of a hazard, for the factors of all its strikes at
once. Of the probability of a scenario, which is taken from its parent's, it is the difference
between their costs; there is none where the draws share what is left and give of it too. Where two
limits bind at once the effects of more and of less differ, and the one returned lies between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from kido.data.currency import SHEETS, scaled
from kido.data.months import month_text
from kido.data.schema import TRUNK, catalogue
from kido.messages import ENGLISH
from kido.result.cached_effects import CachedEffects
from kido.result.lagrangian import Lagrangian
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.tolerances import STEP_SHARE

ASKED = ("number", "share", "rate", "reference")
NOT_ASKED = {
    ("Commodities", "content"), ("Facilities", "build_months"), ("Facilities", "life_years"),
    ("Processes", "lead"), ("Routes", "lead"), ("Stockpiles", "life_months"),
    ("Relief", "notice"), ("Relief", "returns"),
    ("Relief", "latest_return"), ("Scenarios", "probability"),
    ("Profiles", "value"),
}  # fmt: skip
OF_THEIR_OWN = ("Settings", "Recipes", "Underway", "Scenarios", "Events", "Hazards", "Orders",
                "Actuals", "Profiles",
                "Sweeps", "Sources", "Sites")  # fmt: skip
TIME = ("lead", "delay")  # effects that move when, not how much

NAMES: Mapping[str, Callable[[Any], str]] = {  # of rows that need not bear one of their own
    "Recipes": lambda line: f"{line.process}: {line.item}",
    "Underway": lambda row: underway_name(row),
    "Events": lambda row: row.name or f"{row.effect}: {'; '.join(row.target)} ({row.Index})",
}


def underway_name(row: Any, language: str = ENGLISH) -> str:
    """What a row of Underway is called: its key, in the words of a language."""
    what = catalogue()["Underway"].columns["what"].spelling_of(row.what, language)
    month = "" if row.month is None else month_text(row.month)
    return ", ".join(filter(None, (row.name, what, row.detail, month)))


Effect = tuple[str, str, str, float]  # (sheet, row, column, kUSD for a number twice as high)


def sensitivities(plan: SolvedPlan) -> Iterator[Effect]:
    """(sheet, row, column, change of the objective in kUSD for that number twice as high)."""
    lagrangian = Lagrangian(plan)
    yield from _cells(lagrangian)
    yield from _recipes(lagrangian)
    yield from _underway(lagrangian)
    yield from _events(lagrangian)
    yield from _profiles(lagrangian)
    yield from (("Orders", name, "amount", kusd) for name, kusd in lagrangian.orders())
    yield "Settings", "yard cost", "yard_cost", lagrangian.yards()
    yield "Settings", "nervousness limit %", "nervousness", lagrangian.nervousness()
    yield from _rates(lagrangian)
    yield from _probabilities(plan)


def numbers_of(sheet: str) -> tuple[str, ...]:
    """The columns of a sheet whose effects are computed."""
    columns = catalogue()[sheet].columns.values()
    return tuple(c.key for c in columns if c.kind in ASKED and (sheet, c.key) not in NOT_ASKED)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and value != 0


def _higher(row: Any, column: str) -> Any:
    return row._replace(**{column: getattr(row, column) * (1 + STEP_SHARE)})


def _cells(lagrangian: Lagrangian) -> Iterator[Effect]:
    for sheet, frame in lagrangian.tables.frames.items():
        if sheet in OF_THEIR_OWN:
            continue
        for row in frame.records():
            columns = [c for c in numbers_of(sheet) if _is_number(getattr(row, c))]
            before = lagrangian.unchanged_terms(sheet, row.name) if columns else 0.0
            for column in columns:
                after = lagrangian.terms(sheet, _higher(row, column))
                yield sheet, row.name, column, (after - before) / STEP_SHARE


def _recipes(lagrangian: Lagrangian) -> Iterator[Effect]:
    for name, row in lagrangian.rows["Processes"].items():
        lines = lagrangian.lines.get(name, [])
        before = lagrangian.process(row, lines)
        for i, line in enumerate(lines):
            if _is_number(line.amount):
                changed_lines = [*lines[:i], _higher(line, "amount"), *lines[i + 1 :]]
                slope = (lagrangian.process(row, changed_lines) - before) / STEP_SHARE
                yield "Recipes", NAMES["Recipes"](line), "amount", slope


def _underway(lagrangian: Lagrangian) -> Iterator[Effect]:
    for row in lagrangian.tables["Underway"].records():
        if _is_number(row.amount):
            name = underway_name(row, lagrangian.tables.settings.language)
            before, after = (lagrangian.underway(r) for r in (row, _higher(row, "amount")))
            yield "Underway", name, "amount", (after - before) / STEP_SHARE


def _events(lagrangian: Lagrangian) -> Iterator[Effect]:
    on_branches = lru_cache(maxsize=1)(lagrangian.effects.on_branches)  # events are by scenario
    for sheet, name, column, numbers in _events_apart(lagrangian):
        unchanged = on_branches(lagrangian.effects.branches_of(numbers))
        changed = unchanged.with_higher(numbers, column, STEP_SHARE)
        slope = _difference(lagrangian, numbers, unchanged, changed) / STEP_SHARE
        yield sheet, name, column, slope


def _events_apart(lagrangian: Lagrangian) -> Iterator[tuple[str, str, str, list[int]]]:
    """(sheet, row, column, events): one typed event, or strikes of a hazard on branches apart.

    The effects of such strikes add up: changed at once, they take the time of one. There are as
    many lists for a hazard as it strikes in one history.
    """
    frame = lagrangian.tables["Events"]
    strikes: dict[str, list[list[int]]] = {}
    struck: dict[tuple[str, int], int] = {}  # how often, by hazard and branch
    for number, row in enumerate(frame.records()):
        if row.effect in TIME:
            continue
        if row.Index not in frame.origins:
            for column in ("factor", "add"):
                if _is_number(getattr(row, column)):
                    yield "Events", NAMES["Events"](row), column, [number]
        elif _is_number(row.factor):
            branches = lagrangian.effects.branches_of([number])
            before = max((struck.get((row.name, b), 0) for b in branches), default=0)
            struck |= {(row.name, b): before + 1 for b in branches}
            lists = strikes.setdefault(row.name, [])
            if before == len(lists):
                lists.append([])
            lists[before].append(number)
    for name, lists in strikes.items():
        for numbers in lists:
            yield "Hazards", name, "factor", numbers


def _profiles(lagrangian: Lagrangian) -> Iterator[Effect]:
    events = lagrangian.effects.events
    for name in lagrangian.effects.profiles:
        event_numbers = [
            i for i, e in enumerate(events) if e.profile == name and e.effect not in TIME
        ]
        contracts = [r.name for r in lagrangian.tables["Contracts"].records() if r.index == name]
        if event_numbers or contracts:
            effects = lagrangian.effects
            unchanged = (
                effects if contracts else effects.on_branches(effects.branches_of(event_numbers))
            )
            changed = unchanged.with_profile(name, 1 + STEP_SHARE)
            slope = (
                _difference(lagrangian, event_numbers, unchanged, changed, contracts) / STEP_SHARE
            )
            yield "Profiles", name, "value", slope


def _rates(lagrangian: Lagrangian) -> Iterator[Effect]:
    """The effects of exchange rates: all money in a currency is worth so much less in USD."""
    settings, more = lagrangian.case.settings, 1 + STEP_SHARE
    effects: dict[str, float] = {}
    for sheet in SHEETS:
        for name, row in lagrangian.rows[sheet].items():
            if row.currency != "USD":
                cheaper = lagrangian.effects.with_rate(sheet, name, more)
                after = lagrangian.terms(sheet, scaled(sheet, row, 1 / more), cheaper)
                slope = (after - lagrangian.unchanged_terms(sheet, name)) / STEP_SHARE
                effects[row.currency] = effects.get(row.currency, 0.0) + slope
    for currency, kusd in effects.items():
        column = f"{currency.lower()}_per_usd"
        column = "fx" if getattr(settings, column) is None else column
        yield "Settings", catalogue()["Settings"].columns[column].name, column, kusd


def _difference(
    lagrangian: Lagrangian,
    events: list[int],
    before: CachedEffects,
    after: CachedEffects,
    contracts: Sequence[str] = (),
) -> float:
    """kUSD that the rows of these events and contracts add to L more than before."""
    rows = {("Contracts", name): None for name in contracts}
    for number in events:
        rows |= dict.fromkeys(lagrangian.rows_of_event(number))
    return sum(
        lagrangian.terms(sheet, lagrangian.rows[sheet][name], after)
        - lagrangian.unchanged_terms(sheet, name, before)
        for sheet, name in rows
    )


def _probabilities(plan: SolvedPlan) -> Iterator[tuple[str, str, str, float]]:
    """The effects of the probabilities of scenarios: their cost against that of the parent."""
    settings, tree = plan.case.settings, plan.case.tree
    weight, worst = settings.risk_weight, 1 - settings.cvar_level
    value = {
        h.leaf: (1 - weight) * h.cost + weight * max(0.0, h.cost - plan.value_at_risk) / worst
        for h in plan.histories
    }

    staying: list[list[ScenarioPath]] = [[] for _ in tree.branches]
    passing: list[list[ScenarioPath]] = [[] for _ in tree.branches]
    for h in plan.histories:
        staying[tree.nodes[h.leaf].branch].append(h)
        for branch in dict.fromkeys(tree.nodes[n].branch for n in h.path.tolist()):
            passing[branch].append(h)

    @cache
    def on(branch: int) -> float:
        """The mean cost of histories that end on a branch; if none does, of those through it."""
        through = staying[branch] or passing[branch]
        chance = sum(h.probability for h in through)
        return sum(h.probability * value[h.leaf] for h in through) / chance if chance else np.nan

    copies: dict[str, list[int]] = {}
    for i, b in enumerate(tree.branches):
        if b.probability and b.parent >= 0:
            copies.setdefault(b.scenario, []).append(i)
    scenarios, drawn = plan.tables["Scenarios"], settings.draws and len(plan.tables["Hazards"])
    for r in scenarios.records():
        if r.Index in scenarios.origins:
            continue  # a draw, whose probability nobody typed
        if drawn and settings.draws_probability is None and r.parent in ("", TRUNK):
            continue  # the draws give of it too, not the base case alone
        gains = [on(i) - on(tree.branches[i].parent) for i in copies.get(r.name, ())]
        if gains and np.isfinite(gains).all():
            yield "Scenarios", r.name, "probability", r.probability * float(np.mean(gains))
