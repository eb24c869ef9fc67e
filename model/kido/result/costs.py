"""Costs: by category and fiscal year, and by history; they sum to the objective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from kido.data.case.case import Array, LinearTerm
from kido.data.case.cost_terms import CATEGORIES
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.timeline import years_of

UNSURE = ("estimated", "guessed")


def costs(plan: SolvedPlan) -> Table:
    """The table of costs by category and fiscal year, kUSD, expected and discounted."""
    years, share = years_of(plan)
    whole = dict(zip(years, share.T @ reported_months(plan), strict=True))
    columns = (
        Column("category", shape="word"),
        *(
            Column(
                y,
                "kUSD",
                "money",
                label="" if y == "run-out" else y,
                part=part_of_year(whole[y], y),
            )
            for y in years
        ),
    )
    weight = plan.probability * plan.discount
    lines = []
    for category in CATEGORIES:
        by_year = (plan.kusd_by_category[category] * weight) @ share
        if (by_year != 0).any():
            lines.append((category, *by_year))
    return Table("costs", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def part_of_year(months: float, year: str) -> tuple[int, int] | None:
    """(months in the plan, 12) of a fiscal year that is only partly in it."""
    return None if year == "run-out" or round(months) == 12 else (round(months), 12)


def reported_months(plan: SolvedPlan) -> Array:
    """The months of each reported node of the reference path; 0 elsewhere."""
    months = plan.zeros
    path = plan.reference_path.path
    months[path] = plan.months[path] * plan.reported[path]
    return months


def history_costs(plan: SolvedPlan) -> Table:
    """The table of costs by history and category, kUSD, discounted, with probabilities."""
    categories = [c for c in CATEGORIES if plan.kusd_by_category[c].any()]
    columns = (
        Column("history", shape="word"),
        Column("probability", shape="share"),
        *(Column(c, "kUSD", "money") for c in categories),
    )
    discounted = [plan.kusd_by_category[c] * plan.discount for c in categories]
    lines = []
    for h in (plan.reference_path, *plan.worst):
        lines.append((h.name, h.probability, *(float(kusd[h.path].sum()) for kusd in discounted)))
    return Table("history_costs", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def row_costs(plan: SolvedPlan) -> Table:
    """The table of costs by row of the book and category, kUSD, expected and discounted."""
    weight = plan.probability * plan.discount
    totals: dict[tuple[str, str, str], float] = {}
    for term, kusd in plan.kusd_by_term:
        row = term.sheet, term.name, term.category
        totals[row] = totals.get(row, 0.0) + float(kusd @ weight)
    columns = (
        Column("sheet", shape="word"), Column("row"), Column("category", shape="word"),
        Column("cost", "kUSD", "money"),
    )  # fmt: skip
    lines = [(*row, kusd) for row, kusd in totals.items()]
    return Table("row_costs", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def reported_years(plan: SolvedPlan) -> float:
    """Years of the plan without its run-out."""
    last = max(m.end for m in plan.case.tree.nodes if m.reported)
    return (last - plan.case.tree.start) / 12


def whole_years(plan: SolvedPlan) -> float:
    """Years of the plan including its run-out."""
    tree = plan.case.tree
    return (tree.end - tree.start) / 12


def insurance(plan: SolvedPlan) -> float:
    """kUSD a year, discounted: what the reference path costs more than if it were certain.

    Both costs include the run-out. NaN where the cost of the path alone is not known.
    """
    if plan.reference_cost_alone is None:
        return math.nan
    return (plan.reference_path.cost - plan.reference_cost_alone) / whole_years(plan)


@dataclass(frozen=True)
class Makeup:
    """The parts of the expected cost, kUSD, discounted.

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


def makeup(plan: SolvedPlan) -> Makeup:
    """The parts of the expected cost of a plan; without `guessed` they sum to it."""
    weight = plan.probability * plan.discount
    uncertain = sum(
        float(kusd @ weight)
        for term, kusd in plan.kusd_by_term
        if _part_of(plan, term) == "lost" and plan.case.tiers[term.name].grade in UNSURE
    )
    totals = {part: float(kusd @ weight) for part, kusd in series_by_part(plan).items()}
    return Makeup(**totals, guessed=uncertain / totals["lost"] if totals["lost"] else 0.0)


def series_by_part(plan: SolvedPlan) -> dict[str, Array]:
    """kUSD of each part of `Makeup` in each node, undiscounted."""
    parts = dict.fromkeys(("money", "kept", "thrift", "lost", "penalty"), plan.zeros)
    for term, kusd in plan.kusd_by_term:
        part = _part_of(plan, term)
        parts[part] = parts[part] + kusd
    return parts


def _part_of(plan: SolvedPlan, term: LinearTerm) -> str:
    if term.category == "relief":
        return "lost" if plan.case.tiers[term.name].kind == "lost" else "thrift"
    return {"penalty": "penalty", "ending value": "kept"}.get(term.category, "money")


def yearly_spend(plan: SolvedPlan) -> dict[str, float]:
    """kUSD a year, expected and discounted: holding, fee, expansion, forgone, missed cover.

    What is credited of what is made up is taken off what is forgone. The penalties on missed cover
    are no cash.
    """
    weight = plan.probability * plan.discount * plan.reported / reported_years(plan)
    cover = {p.name for p in plan.case.policies if p.measure == "cover"}
    totals = dict.fromkeys(("holding", "fee", "expansion", "forgone", "missed cover"), 0.0)
    for term, kusd in plan.kusd_by_term:
        amount = float(kusd @ weight)
        if term.category in ("holding", "fee", "expansion"):
            totals[term.category] += amount
        elif term.variable in ("forgo", "make_up"):
            totals["forgone"] += amount
        elif term.category == "penalty" and term.name in cover:
            totals["missed cover"] += amount
    return totals
