"""How sure it is: the money that rests on each grade, and what a wrong number would cost.

The measure is the change of the objective if one number of the book were 10 % higher, to
first order: for a price or a cost the money that passes through the row; for a need, a
capacity, an opening stock or a limit its value times the dual of its row; for a recipe the
tonnes it makes or takes times their worth; for a scenario's probability, taken from or given
to the trunk, the difference between their costs. Limits of single offers, lanes and relief,
leads, and the dates and sizes of events are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kido.data.case import Array
from kido.result.answer import Answer
from kido.result.prices import FAMILY
from kido.result.table import Column, Table

STEP = 0.1
GRADES = ("measured", "published", "estimated", "guessed")
UNGRADED = "not graded"
UNSURE = ("estimated", "guessed")


def _grades(answer: Answer) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for sheet, frame in answer.tables.frames.items():
        for r in frame.records() if sheet not in ("Settings", "Sources") else ():
            name = f"{r.process}: {r.item}" if sheet == "Recipes" else getattr(r, "name", "")
            found[sheet, name] = r.grade or UNGRADED
    return found


def grade_shares(answer: Answer) -> Table:
    """Share of the money that passes through rows of each grade, expected and discounted.

    Money counts by its size, whether paid or received.
    """
    grade = _grades(answer)
    weight = answer.probability * answer.discount
    held = dict.fromkeys((*GRADES, UNGRADED), 0.0)
    for charge, kusd in answer.charged:
        held[grade.get((charge.sheet, charge.name), UNGRADED)] += float(np.abs(kusd) @ weight)
    total = sum(held.values()) or 1.0
    columns = (Column("grade", shape="word"), Column("gross_money", "kUSD", "money"),
               Column("share_of_money", shape="share"))  # fmt: skip
    lines = [(g, kusd, kusd / total) for g, kusd in held.items()]
    return Table("grades", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def guesses(answer: Answer) -> Table:
    """Every row by what its number 10 % higher would change, in kUSD of the objective."""
    effects: dict[tuple[str, str, str], float] = {}
    for sheet, name, number, kusd in _effects(answer):
        key = (sheet, name, number)
        effects[key] = effects.get(key, 0.0) + STEP * kusd
    grade = _grades(answer)
    lines = [
        (name, sheet, number, grade.get((sheet, name), UNGRADED), kusd)
        for (sheet, name, number), kusd in effects.items()
        if abs(kusd) > 1e-3
    ]
    lines.sort(key=lambda line: -abs(line[-1]))
    columns = (
        Column("row"), Column("sheet", shape="word"), Column("number_of", shape="word"),
        Column("grade", shape="word"), Column("ten_percent", "kUSD", "money"),
    )  # fmt: skip
    return Table("guesses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _effects(answer: Answer) -> Iterator[tuple[str, str, str, float]]:
    """(sheet, row, number, change of the objective for that number twice as large)."""
    yield from _money(answer)
    yield from _limits(answer)
    yield from _recipes(answer)
    yield from _probabilities(answer)


def _money(answer: Answer) -> Iterator[tuple[str, str, str, float]]:
    money = np.nan_to_num(answer.worth.money)
    for charge, kusd in answer.charged:
        through = float(kusd @ money)
        if charge.variable == "lift":
            contract, row = charge.key
            kind = next(k for k, r in answer.case.contracts[contract].covers if r == row)
            spot = answer.of("lift", contract, row) * answer.rate("purchase", kind, row)
            saved = float(spot @ money)
            yield "Routes" if kind == "ship" else "Supply", row, "price", -saved
            through += saved
        yield charge.sheet, charge.name, _number_of(charge.category), through


def _number_of(category: str) -> str:
    return {"purchase": "price", "sales": "price", "running": "cost", "relief": "cost",
            "disposal": "cost"}.get(category, category)  # fmt: skip


def _limits(answer: Answer) -> Iterator[tuple[str, str, str, float]]:
    case, rows = answer.case, answer.worth.of_rows
    for name, demand in case.demands.items():
        yield "Demand", name, "need", float(rows("demand_met", name) @ demand.need)
    for name, line in case.facilities.items():
        dual = rows("capacity", name) + line.minimum_use * rows("minimum_use", name)
        yield "Facilities", name, "capacity", float(dual @ line.installed)
    roots = [m.index for m in case.tree.moments if m.previous < 0]
    for name, stock in case.stocks.items():
        dual = np.nan_to_num(answer.worth.balance.get(stock.pair, answer.nothing))
        dual = dual + rows("stock_change", name)
        yield "Stockpiles", name, "opening", float(dual[roots].sum() * stock.opening)
    for policy in case.policies:
        dual = rows(FAMILY[policy.measure], policy.name, policy.detail)
        whole = None if policy.denominator is None else _counted(answer, policy.denominator)
        for window, limit in zip(policy.windows, policy.limits, strict=True):
            if dual[window.moment]:
                members = list(window.members)
                side = limit if whole is None else limit * float(whole[members].sum())
                yield "Policies", policy.name, "limit", float(dual[window.moment]) * side


def _counted(answer: Answer, charges: Any) -> Array:
    found = answer.nothing
    for charge in charges:
        series = answer.of(charge.variable, *charge.key)
        np.add.at(found, charge.when, series[charge.of] * charge.rate)
    return found


def _recipes(answer: Answer) -> Iterator[tuple[str, str, str, float]]:
    worth = answer.worth.balance
    for (name, item), out in answer.made.items():
        site = answer.case.processes[name].site
        dual = np.nan_to_num(worth.get((site, item), answer.nothing))
        yield "Recipes", f"{name}: {item}", "amount", float(dual @ out)
    for (name,), run in answer.values["run"].items():
        process = answer.case.processes[name]
        for item, amount in process.inputs:
            dual = np.nan_to_num(worth.get((process.site, item), answer.nothing))
            yield "Recipes", f"{name}: {item}", "amount", -float(dual @ run) * amount


def _probabilities(answer: Answer) -> Iterator[tuple[str, str, str, float]]:
    """A history's marginal cost in the objective, against that of the trunk."""
    settings, tree = answer.case.settings, answer.case.tree
    weight = settings.risk_weight
    value = {
        h.leaf: (1 - weight) * h.cost
        + weight * max(0.0, h.cost - answer.value_at_risk) / (1 - settings.cvar_level)
        for h in answer.histories
    }
    for r in answer.tables["Scenarios"].records():
        inside = [h for h in answer.histories if tree.branch_of(h.leaf).bears(r.name)]
        chance = sum(h.probability for h in inside)
        if chance > 0 and len(inside) < len(answer.histories):
            mean = sum(h.probability * value[h.leaf] for h in inside) / chance
            yield "Scenarios", r.name, "probability", chance * (mean - value[answer.main.leaf])
