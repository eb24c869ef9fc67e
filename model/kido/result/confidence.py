"""How sure it is: the money that rests on each grade, and what a wrong number would cost.

The measure is the change of the objective if one number of the book were 10 % higher, to
first order: for a price or a cost the money that passes through the row; for a need, a
capacity, an opening stock or a limit its value times the dual of its row (for a need also
what the shares of its relief and the rules on cover and service make of it); for a recipe the
tonnes it makes or takes times their worth; for the probability of a scenario, taken from its
parent's, the difference between their costs; for the most or least of an offer, a lane or a
process, the reduced costs of what leans on it. Leads, and the dates and sizes of events, are
not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from kido.data.case import Array, Charge
from kido.result.answer import Answer, History
from kido.result.prices import FAMILY
from kido.result.table import Column, Table

STEP = 0.1
GRADES = ("measured", "published", "estimated", "guessed")
UNGRADED = "not graded"
LIMITED = {
    "buy": ("Supply", "supply"),
    "sell": ("Sales", "sales"),
    "run": ("Processes", "processes"),
    "ship": ("Routes", "routes"),
    "relieve": ("Relief", "tiers"),
}
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
        Column("row"), Column("sheet", shape="word"),
        Column("number_of", shape="word", words="number"), Column("grade", shape="word"),
        Column("ten_percent", "kUSD", "money"),
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
    asked, shares = _asked(answer), _leaning(answer, "relieve", "most")
    for variable in ("buy", "sell", "run", "ship"):
        for side, word in (("most", "max"), ("least", "min")):
            for name, kusd in _leaning(answer, variable, side).items():
                yield LIMITED[variable][0], name, word, kusd
    for name, demand in case.demands.items():
        need = float(rows("demand_met", name) @ demand.need) + asked.get(name, 0.0)
        for tier in demand.tiers:
            bound = shares.get(tier, 0.0)
            yield "Relief", tier, "share", bound
            need += bound
        yield "Demand", name, "need", need
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
                scale = 1.0 if whole is None else float(whole[members].sum())
                yield "Policies", policy.name, "limit", float(dual[window.moment]) * limit * scale


def _leaning(answer: Answer, variable: str, limit: str) -> dict[str, float]:
    """For each row, reduced cost x limit over the moments in which it leans on that limit."""
    held = getattr(answer.case, LIMITED[variable][1])
    sign = -1 if limit == "most" else 1
    found: dict[str, float] = {}
    for (name, n), price in answer.solution.reduced.get(variable, {}).items():
        if sign * price > 0:
            side = float(getattr(held[name], limit)[n])
            if np.isfinite(side):
                found[name] = found.get(name, 0.0) + price * side
    return found


def _asked(answer: Answer) -> dict[str, float]:
    """What rules on cover and service make of each need: their limits, laid on the needs."""
    case = answer.case
    found: dict[str, float] = {}
    for policy in case.policies:
        if not policy.demands:
            continue
        needs = {d: weight * case.demands[d].need for d, weight in policy.demands.items()}
        dual = answer.worth.of_rows(policy.measure, policy.name, policy.detail)
        for window, limit in zip(policy.windows, policy.limits, strict=True):
            here = {d: float(need[list(window.members)].sum()) for d, need in needs.items()}
            total = sum(here.values())
            for d, need in here.items() if dual[window.moment] and total > 0 else ():
                found[d] = found.get(d, 0.0) + dual[window.moment] * limit * need / total
    return found


def _counted(answer: Answer, charges: tuple[Charge, ...]) -> Array:
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
    """What a history adds to the objective, against that of the parent it parts from."""
    settings, tree = answer.case.settings, answer.case.tree
    weight, worst = settings.risk_weight, 1 - settings.cvar_level
    value = {
        h.leaf: (1 - weight) * h.cost + weight * max(0.0, h.cost - answer.value_at_risk) / worst
        for h in answer.histories
    }

    staying: list[list[History]] = [[] for _ in tree.branches]
    passing: list[list[History]] = [[] for _ in tree.branches]
    for h in answer.histories:
        staying[tree.moments[h.leaf].branch].append(h)
        for branch in dict.fromkeys(tree.moments[n].branch for n in h.path.tolist()):
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
