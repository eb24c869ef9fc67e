"""The table of scenarios: one column for each history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kido.data.case.case import Array
from kido.data.months import month_text
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.savings import RULES, savings
from kido.result.shortfalls import first_unmet
from kido.result.sourcing import KINDS, arrivals_by_country, need_of, relief_of

LABELS = 3  # columns before those of the histories
MOST_SHOWN = 100  # histories on a page

Row = tuple[str, str, str, list[object]]  # group, item, unit, one value for each history


def scenarios(plan: SolvedPlan) -> Table:
    """The table of histories: the trunk, then the others, the dearest first."""
    histories = (plan.reference_path, *plan.worst)
    rows = [*_story(plan, histories), *_need(plan, histories), *_arrivals(plan, histories)]
    columns = (
        Column("measure", shape="word"), Column("item", shape="word"), Column("unit", shape="unit"),
        *(Column(f"history {i}", shape="number", label=h.name, group="futures")
          for i, h in enumerate(histories)),
    )  # fmt: skip
    lines = [(group, item, unit, *values) for group, item, unit, values in rows]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns], dtype=object)
    return Table("scenarios", columns, frame, words={"branch": reference(plan)})


def first_scenarios(table: Table) -> Table:
    """The table of the first MOST_SHOWN histories, as many as a reader compares on a page."""
    return replace(table, columns=table.columns[: LABELS + MOST_SHOWN])


def _story(plan: SolvedPlan, histories: Sequence[ScenarioPath]) -> Iterator[Row]:
    tree = plan.case.tree
    branches = [tree.branch_of(h.leaf) for h in histories]
    known_months: list[object] = [month_text(b.known) if b.parent >= 0 else "" for b in branches]
    yield "story", "probability", "%", [h.probability for h in histories]
    yield "story", "known", "", known_months
    disrupted = ["no" if b.disrupted_from is None else "yes" for b in branches]
    yield "story", "disruption", "", list(disrupted)
    yield "story", "what happens", "", [plan.case.stories.get(b.scenario, "") for b in branches]
    yield "money", "discounted cost", "MUSD", [h.cost / 1000 for h in histories]
    yield (
        "money",
        "against the trunk" if plan.reference_path.trunk else "against the likeliest",
        "MUSD",
        [(h.cost - plan.reference_path.cost) / 1000 for h in histories],
    )
    yield from _savings(plan, histories)


def _savings(plan: SolvedPlan, histories: Sequence[ScenarioPath]) -> Iterator[Row]:
    """Rows of what histories cost less than their parent, and what each rule saves of it."""
    tree = plan.case.tree
    lines: dict[str, list[object]] = {}
    paths = [set(h.path.tolist()) for h in histories]
    for saving in savings(plan):
        first = tree.of_branch[saving.branch][0].index
        through = [i for i, path in enumerate(paths) if first in path]
        for rule, kusd in (("in all", saving.kusd), *saving.rules):
            line = lines.setdefault(rule, [None] * len(histories))
            for i in through:
                line[i] = "no plan keeps it" if np.isnan(kusd) else kusd / 1000
    for rule in (rule for rule in RULES if rule in lines):
        yield "less than its parent", rule, "MUSD", lines[rule]


def _need(plan: SolvedPlan, histories: Sequence[ScenarioPath]) -> Iterator[Row]:
    for commodity in plan.elements:
        unmet = [first_unmet(plan, commodity, h) for h in histories]
        if any(months is not None for months in unmet):
            yield "first unmet order after", commodity, "months", list(unmet)
    relief = {c: relief_of(plan, c) for c in plan.elements}
    for commodity in plan.elements:
        need, lost = need_of(plan, commodity), relief[commodity]["lost"]
        if lost.any():
            shares = [_ratio(lost, need, _reported(plan, h)) for h in histories]
            yield "share of need lost", commodity, "%", list(shares)
    for kind in KINDS:
        for unit, commodities in _by_unit(plan).items():
            total = sum((relief[c][kind] for c in commodities), plan.zeros)
            if kind == "defer":  # as on Sourcing: what is due again is not lived without
                total = total - sum((relief[c]["comes back"] for c in commodities), plan.zeros)
            if total.any():
                group = "not served" if kind == "lost" else "lived without"
                yield group, kind, unit, _sums(plan, histories, total)


def _arrivals(plan: SolvedPlan, histories: Sequence[ScenarioPath]) -> Iterator[Row]:
    """Rows of t that arrive, by country; elements of one unit together."""
    for unit, commodities in _by_unit(plan).items():
        total: dict[str, Array] = {}
        for commodity in commodities:
            for country, tonnes in arrivals_by_country(plan, commodity).items():
                total[country] = total.get(country, plan.zeros) + tonnes
        for country in sorted(total, key=lambda c: -float(total[c].sum())):
            yield "arrives", country, unit, _sums(plan, histories, total[country])


def _by_unit(plan: SolvedPlan) -> dict[str, list[str]]:
    commodities: dict[str, list[str]] = {}
    for commodity in plan.elements:
        commodities.setdefault(plan.unit_of[commodity], []).append(commodity)
    return commodities


def _sums(plan: SolvedPlan, histories: Sequence[ScenarioPath], series: Array) -> list[object]:
    return [float(series[_reported(plan, h)].sum()) for h in histories]


def _reported(plan: SolvedPlan, history: ScenarioPath) -> list[int]:
    return [n for n in history.path if plan.reported[n]]


def _ratio(part: Array, whole: Array, path: list[int]) -> float:
    total = float(whole[path].sum())
    return float(part[path].sum()) / total if total > 0 else np.nan
