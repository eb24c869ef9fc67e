"""What it costs: by category and fiscal year, and by history. Sums to the objective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from kido.data.case.case import Array
from kido.data.case.cost_terms import CATEGORIES
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.timeline import years_of

UNSURE = ("estimated", "guessed")


def costs(answer: SolvedPlan) -> Table:
    """kUSD, discounted and weighted by probability: category by fiscal year."""
    years, share = years_of(answer)
    whole = dict(zip(years, share.T @ _reported_months(answer), strict=True))
    labels = {
        y: y if round(whole[y]) == 12 else f"{y} {whole[y]:.0f}/12" for y in years if y != "run-out"
    }
    columns = (
        Column("category", shape="word"),
        *(Column(y, "kUSD", "money", label=labels.get(y, "")) for y in years),
    )
    weight = answer.probability * answer.discount
    lines = []
    for category in CATEGORIES:
        by_year = (answer.spent[category] * weight) @ share
        if (by_year != 0).any():
            lines.append((category, *by_year))
    return Table("costs", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _reported_months(answer: SolvedPlan) -> Array:
    """The months of each moment of the main history that is reported; 0 elsewhere."""
    found = answer.nothing
    here = answer.reference_path.path
    found[here] = answer.months[here] * answer.reported[here]
    return found


def history_costs(answer: SolvedPlan) -> Table:
    """kUSD, discounted: each history by category, with its probability."""
    used = [c for c in CATEGORIES if answer.spent[c].any()]
    columns = (
        Column("history", shape="word"),
        Column("probability", shape="share"),
        *(Column(c, "kUSD", "money") for c in used),
    )
    lines = []
    for h in (answer.reference_path, *answer.worst):
        by_category = [float((answer.spent[c] * answer.discount)[h.path].sum()) for c in used]
        lines.append((h.name, h.probability, *by_category))
    return Table("history_costs", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def reported_years(answer: SolvedPlan) -> float:
    last = max(m.end for m in answer.case.tree.nodes if m.reported)
    return (last - answer.case.tree.start) / 12


def whole_years(answer: SolvedPlan) -> float:
    """Years of the plan with its run-out."""
    tree = answer.case.tree
    return (tree.end - tree.start) / 12


def insurance(answer: SolvedPlan) -> float:
    """kUSD a year, discounted: the premium paid where nothing happens.

    What the main history costs under this plan, less what it would cost if it were known from
    the start, both with the run-out. NaN where that was not worked out.
    """
    if answer.reference_cost_alone is None:
        return math.nan
    return (answer.reference_path.cost - answer.reference_cost_alone) / whole_years(answer)


@dataclass(frozen=True)
class Makeup:
    """What the expected cost is made of, kUSD, discounted.

    `money` is paid and received, `kept` the value of stocks left at the end (less than 0: a
    credit that nobody pays), `thrift` the book's cost of using less, substitutes and delay,
    `lost` its value of output never made, of which the share `guessed` is a guess or an
    estimate, `penalty` the charge of rules that are missed.
    """

    money: float
    kept: float
    thrift: float
    lost: float
    penalty: float
    guessed: float


def makeup(answer: SolvedPlan) -> Makeup:
    """The parts of the expected cost; they sum to it."""
    weight = answer.probability * answer.discount
    grade = {r.name: r.grade for r in answer.tables["Relief"].records()}
    found = dict.fromkeys(("money", "kept", "thrift", "lost", "penalty"), 0.0)
    unsure = 0.0
    for term, kusd in answer.charged:
        amount = float(kusd @ weight)
        if term.category == "relief":
            part = "lost" if answer.case.tiers[term.name].kind == "lost" else "thrift"
            if part == "lost" and grade[term.name] in UNSURE:
                unsure += amount
        else:
            part = {"penalty": "penalty", "ending value": "kept"}.get(term.category, "money")
        found[part] += amount
    return Makeup(**found, guessed=unsure / found["lost"] if found["lost"] else 0.0)


def yearly_spend(answer: SolvedPlan) -> dict[str, float]:
    """kUSD a year, expected and discounted, on stocks, fees, new capacity and tonnes not taken.

    And, apart, the penalties on missed cover, which are no cash.
    """
    weight = answer.probability * answer.discount * answer.reported / reported_years(answer)
    cover = {p.name for p in answer.case.policies if p.measure == "cover"}
    found = dict.fromkeys(("holding", "fee", "expansion", "forgone", "missed cover"), 0.0)
    for term, kusd in answer.charged:
        amount = float(kusd @ weight)
        if term.category in ("holding", "fee", "expansion"):
            found[term.category] += amount
        elif term.variable == "forgo":
            found["forgone"] += amount
        elif term.category == "penalty" and term.name in cover:
            found["missed cover"] += amount
    return found
