"""The scenarios side by side: one line for each history."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.data.case import Array
from kido.data.months import month_text
from kido.result.answer import Answer, History
from kido.result.shortfalls import KINDS, first_unmet, relief_of
from kido.result.sourcing import arrivals_by_country, need_of
from kido.result.table import Column, Table


def scenarios(answer: Answer) -> Table:
    tree, elements = answer.case.tree, answer.elements
    story = {r.name: r.story for r in answer.tables["Scenarios"].records()}
    lost = {c: relief_of(answer, c) for c in elements}
    need = {c: need_of(answer, c) for c in elements}
    arrive = {c: arrivals_by_country(answer, c) for c in elements}
    units = {answer.unit_of[c] for c in elements}
    common = max(units, key=lambda u: sum(answer.unit_of[c] == u for c in elements), default="t")
    alike = [c for c in elements if answer.unit_of[c] == common]
    countries = list(dict.fromkeys(x for c in alike for x in arrive[c]))
    total = {x: sum((arrive[c].get(x, answer.nothing) for c in alike), answer.nothing)
             for x in countries}  # fmt: skip
    countries.sort(key=lambda x: -float(total[x].sum()))
    columns = (
        Column("history", shape="word"), Column("known"), Column("disruption", shape="word"),
        Column("probability", shape="share"), Column("cost_million", "MUSD", "money"),
        Column("against_trunk", "MUSD", "money"), Column("first_unmet", "months", "count"),
        Column("first_element"),
        *(Column(k, common, "tonnes", group="relief") for k in KINDS),
        *(Column(f"lost {c}", shape="share", label=c, group="lost share") for c in elements),
        *(Column(f"from {x}", common, "tonnes", label=x, group="arrives") for x in countries),
        Column("story"),
    )  # fmt: skip
    lines = []
    for h in (answer.main, *answer.worst):
        branch, path = tree.branch_of(h.leaf), _reported(answer, h)
        unmet = {c: first_unmet(answer, c, h) for c in elements}
        known = {c: months for c, months in unmet.items() if months is not None}
        first = min(known, key=lambda c: known[c], default="")
        lines.append((
            h.name,
            month_text(branch.known) if branch.parent >= 0 else "",
            "no" if branch.disrupted_from is None else "yes",
            h.probability, h.cost / 1000, (h.cost - answer.main.cost) / 1000,
            known.get(first, np.nan), first,
            *(sum(float(lost[c][k][path].sum()) for c in alike) for k in KINDS),
            *(_ratio(lost[c]["lost"], need[c], path) for c in elements),
            *(float(total[x][path].sum()) for x in countries),
            story.get(branch.scenario, ""),
        ))  # fmt: skip
    return Table("scenarios", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _reported(answer: Answer, history: History) -> list[int]:
    return [n for n in history.path if answer.reported[n]]


def _ratio(part: Array, whole: Array, path: list[int]) -> float:
    total = float(whole[path].sum())
    return float(part[path].sum()) / total if total > 0 else np.nan
