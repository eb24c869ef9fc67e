"""Checks of offers, processes, lanes, facilities, demand, relief and stocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kido.data.months import Month, month_text
from kido.messages import phrase

from .calendar import Numbers
from .flow_table import Plan, subject_of
from .recomputed import Facts, blank
from .residuals import Ledger
from .underway import told, told_before, told_in

OFFERS = {"Supply": "buy", "Sales": "sell", "Processes": "run", "Routes": "ship"}


def check_bounds(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Checks that each offer, process and lane keeps its least and most at every node."""
    for sheet, kind in OFFERS.items():
        for row in facts.rows[sheet]:
            least, most = facts.limits(sheet, row)
            flow = plan(kind, row.name)
            frame = facts.tables[sheet]
            name = subject_of(kind, row.name)
            ledger.compare("bound", frame.place(row.Index, "most"), name, flow, "<=", most)
            ledger.compare("bound", frame.place(row.Index, "least"), name, flow, ">=", least)


def facility_use(facts: Facts, plan: Plan, facility: str) -> Numbers:
    """t that pass a facility at each node, of processes and lanes."""
    total = np.zeros(len(facts.tree))
    for row in facts.rows["Processes"]:
        for line in facts.recipes.get(row.name, ()):
            if line.role == "uses" and line.item == facility:
                total += line.amount * plan("run", row.name)
    for row in facts.rows["Routes"]:
        total += list(row.uses).count(facility) * plan("ship", row.name)
    return total


def uses_of(facts: Facts, sheet: str, row: Any) -> Iterator[tuple[Any, float]]:
    """(row of a facility, t of it that a t of a process or lane takes)."""
    uses: dict[str, float] = {}
    if sheet == "Processes":
        for line in facts.recipes.get(row.name, ()):
            if line.role == "uses":
                uses[line.item] = uses.get(line.item, 0.0) + line.amount
    elif sheet == "Routes":
        uses = {name: float(list(row.uses).count(name)) for name in row.uses}
    for name, amount in uses.items():
        if amount > 0:
            yield facts.named["Facilities"][name], amount


def built(facts: Facts, row: Any, orders: Numbers) -> Numbers:
    """t that capacity ordered earlier on the path, t/yr, can pass at each node."""
    tree = facts.tree
    total = np.zeros(len(tree))
    factor = facts.effects.factors("Facilities", row, "capacity")
    later, earlier = tree.pairs
    for due in sorted({int(tree.first[n]) + int(row.build_months) for n in np.flatnonzero(orders)}):
        years = order_use_years(facts, row, due, factor)
        mine = (tree.first[earlier] + int(row.build_months) == due) & (orders[earlier] != 0)
        n = later[mine]
        total += np.bincount(n, orders[earlier[mine]] * years[n], minlength=len(tree))
    return total


def built_before(facts: Facts, row: Any, orders: Callable[[int, float], Numbers]) -> Numbers:
    """t that capacity ordered before the plan can pass at each node.

    `orders` gives the t/yr at each node of a first month of use and of what the book tells of it.
    """
    total = np.zeros(len(facts.tree))
    factor = facts.effects.factors("Facilities", row, "capacity")
    amounts: dict[int, float] = {}
    for month, amount in told(facts, "ready", row.name):
        amounts[month] = amounts.get(month, 0.0) + amount
    for month, amount in amounts.items():
        total += orders(month, amount) * order_use_years(facts, row, month, factor)
    return total


def added_capacity(facts: Facts, plan: Plan, row: Any) -> Numbers:
    """t that capacity ordered in the plan and before it can pass at each node."""
    before = built_before(facts, row, lambda month, _: ordered_before(facts, plan, row.name, month))
    return built(facts, row, plan("expand", row.name)) + before


def ordered_before(facts: Facts, plan: Plan, facility: str, month: int) -> Numbers:
    """t/yr in use from a month on that were ordered before the plan, at each node: a flow of it."""
    every = np.zeros(len(facts.tree), dtype=np.int64)
    return facts.tree.gather(plan("ordered", facility, month_text(month)), every)


def order_use_years(facts: Facts, row: Any, due: int, factor: Numbers) -> Numbers:
    """Years in each node in which a t/yr due in month `due` can be used.

    Delays, the life of the capacity, the end of the facility and `factor` are considered.
    """
    there = facts.effects.availability("Facilities", row, due)
    if not blank(row.life_years):
        served = facts.effects.served("Facilities", row, due)[:, None]
        used = np.hstack([served, served + np.cumsum(there, axis=1)])
        there = np.diff(np.minimum(used, 12.0 * row.life_years), axis=1)
    if not blank(row.end):
        there = np.where(facts.effects.months > row.end, 0.0, there)
    return facts.tree.total(there * factor) / 12.0


def check_facilities(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Checks capacity, minimum use, and the total of orders on each path."""
    frame = facts.tables["Facilities"]
    tree = facts.tree
    for row in facts.rows["Facilities"]:
        passes = facility_use(facts, plan, row.name)
        available = facts.installed(row) + added_capacity(facts, plan, row)
        place = frame.place(row.Index, "capacity")
        ledger.compare(
            "capacity", place, phrase("subject.use", name=row.name), passes, "<=", available
        )
        share = facts.minimum_use(row)
        if share.any():
            ledger.compare(
                "minimum-use",
                frame.place(row.Index, "minimum_use"),
                phrase("subject.idle", name=row.name),
                passes + plan("idle", row.name),
                ">=",
                share * available,
            )
        ordered = tree.gather(plan("expand", row.name), np.zeros(len(tree), dtype=np.int64))
        subject = phrase("subject.orders", name=row.name)
        place = frame.place(row.Index, "most_expansion")
        if not blank(row.most_expansion):
            most = row.most_expansion
            ledger.compare("expansion", place, subject, ordered, "<=", most, where=tree.leaf > 0)
        place = frame.place(row.Index, "least_expansion")
        least = row.least_expansion
        if least > 0:
            ledger.compare("expansion", place, subject, ordered, ">=", least, where=tree.leaf > 0)
        _check_ordered_before(facts, plan, row, ledger)


def _check_ordered_before(facts: Facts, plan: Plan, row: Any, ledger: Ledger) -> None:
    """Checks that capacity ordered before the plan is in it as the sheet Underway tells."""
    for line in facts.rows["Underway"]:
        if (line.what, line.name) == ("ready", row.name):
            ledger.compare(
                "expansion",
                facts.tables["Underway"].place(line.Index, "amount"),
                phrase("subject.ordered", name=row.name, month=Month(int(line.month))),
                plan("ordered", row.name, month_text(int(line.month))),
                "=",
                line.amount,
                where=facts.tree.previous < 0,
            )


def check_demand(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Checks that need and returned deferrals are met or relieved; relief, by its share."""
    for row in facts.rows["Demand"]:
        due = facts.need(row)
        served = plan("meet", row.name)
        for relief in facts.rows["Relief"]:
            if relief.demand != row.name:
                continue
            relief_amount = plan("relieve", relief.name)
            served = served + relief_amount
            if relief.kind == "defer" and not blank(relief.returns):
                mass = facts.masses.tonnes(row.commodity)
                due = due + facts.arriving(facts.return_shares(relief), relief_amount)
                due = due + mass * told_in(facts, "returns", relief.name)
                if facts.puts_off_again(relief):
                    again = plan("postpone", relief.name)
                    waiting = mass * sum(t for _, t in told_before(facts, "returns", relief.name))
                    due = due + facts.tree.before(again, waiting) - again
                    _check_again(facts, relief, relief_amount, again, mass, ledger)
            ledger.compare(
                "relief",
                facts.tables["Relief"].place(relief.Index, "share"),
                phrase("subject.relief", name=relief.name),
                relief_amount,
                "<=",
                facts.most_relief(relief),
            )
        place = facts.tables["Demand"].place(row.Index, "need")
        subject = phrase("subject.demand", name=row.name)
        ledger.compare("demand", place, subject, served, "=", due)


def _check_again(
    facts: Facts, relief: Any, put_off: Numbers, again: Numbers, mass: float, ledger: Ledger
) -> None:
    """Checks that only need that has returned is put off again, none beyond its latest return."""
    tree = facts.tree
    back = facts.arriving(facts.return_shares(relief), put_off)
    back = back + mass * told_in(facts, "returns", relief.name)
    waiting = [(month, mass * t) for month, t in told_before(facts, "returns", relief.name)]
    place = facts.tables["Relief"].place(relief.Index, "latest_return")
    subject = phrase("subject.postponed", name=relief.name)
    ledger.compare("relief", place, subject, again, "<=",
                   tree.before(again, sum(t for _, t in waiting)) + back)  # fmt: skip
    later, earlier = tree.pairs
    opens = tree.last[later] - (relief.latest_return - relief.returns)
    inside = np.clip(tree.last[earlier] - np.maximum(opens, tree.first[earlier]), 0.0, None)
    part = back[earlier] * inside / tree.months[earlier]
    recent = np.bincount(later, part, len(tree)).astype(float)
    for month, amount in waiting:  # evenly over its month
        still = month + 1 - (tree.last - (relief.latest_return - relief.returns))
        recent += amount * np.clip(still, 0.0, 1.0)
    subject = phrase("subject.latest", name=relief.name)
    ledger.compare("relief", place, subject, again, "<=", recent)


def check_stocks(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Checks the floor on calm nodes, capacity, fill and draw, release and ending of stocks."""
    tree = facts.tree
    frame = facts.tables["Stockpiles"]
    for row in facts.rows["Stockpiles"]:
        level = plan("stock", row.name)
        mass = facts.masses.tonnes(row.commodity)
        opening = row.opening * mass
        change = level - tree.before(level, opening)
        scale = np.maximum(level, tree.before(level, opening))
        where = {key: frame.place(row.Index, key) for key in frame.letters}
        subject = phrase("subject.stock", name=row.name)
        floor, room = where["floor"], facts.stock_capacity(row)
        least, calm = np.minimum(row.floor * mass, room), tree.calm([row.commodity])
        ledger.compare("stock-rule", floor, subject, level, ">=", least, where=calm)
        ledger.compare("stock-rule", where["capacity"], subject, level, "<=", room)
        if not blank(row.fill):
            most = row.fill * mass * tree.months
            subject = phrase("subject.fill", name=row.name)
            ledger.compare("stock-rule", where["fill"], subject, change, "<=", most, scale=scale)
        draw = np.full(len(tree), np.inf) if blank(row.draw) else row.draw * mass * tree.months
        if row.release == "once a disruption is known":
            draw = np.where(calm, 0.0, draw)
        elif row.release == "from a month" and not blank(row.release_month):
            draw = np.where(tree.first < row.release_month, 0.0, draw)
        key = "draw" if row.release == "any time" else "release"
        subject = phrase("subject.draw", name=row.name)
        ledger.compare("stock-rule", where[key], subject, -change, "<=", draw, scale=scale)
        if not blank(row.life_months):
            lying, left = lying_and_left(facts, plan, row)
            ledger.compare(
                "stock-rule",
                where["life_months"],
                phrase("subject.life", name=row.name),
                lying,
                "<=",
                left,
                where=(tree.last - row.life_months >= tree.start) | (lying > 0),
            )
        ending = {"at least": row.ending_amount * mass, "at least opening": opening}
        if row.ending in ending:
            ledger.compare(
                "stock-rule",
                where["ending"],
                phrase("subject.ending", name=row.name),
                level,
                ">=",
                ending[row.ending],
                where=tree.leaf > 0,
            )


def lying_and_left(facts: Facts, plan: Plan, row: Any) -> tuple[Numbers, Numbers]:
    """t in a stockpile its life before the end of each node, and t that have left since.

    Where that is before the plan, of the opening stock so much as has expired by then.
    Stockpiles of the same goods with no longer life are counted with it. Within a node levels and
    flows are even.
    """
    tree = facts.tree
    later, earlier = tree.pairs
    then = tree.last[later] - row.life_months
    inside = (tree.first[earlier] < then) & (then <= tree.last[earlier])
    passed = ((then - tree.first[earlier]) / tree.months[earlier])[inside]
    lying = np.zeros(len(tree))
    for other in facts.rows["Stockpiles"]:
        same = (other.site, other.commodity) == (row.site, row.commodity)
        if same and other.life_months <= row.life_months:
            opening = other.opening * facts.masses.tonnes(other.commodity)
            level = plan("stock", other.name)
            old = tree.before(level, opening)[earlier[inside]]
            at_that_time = old + passed * (level[earlier[inside]] - old)
            lying += np.bincount(later[inside], at_that_time, minlength=len(tree))
            lying += np.where(tree.last - row.life_months == tree.start, opening, 0.0)
    early = tree.last - row.life_months < tree.start
    for month, amount in told(facts, "expires", row.name):
        expired = amount * facts.masses.tonnes(row.commodity)
        lying += np.where(early & (month + 1 <= tree.last), expired, 0.0)
    since = np.clip(tree.last[earlier] - np.maximum(then, tree.first[earlier]), 0.0, None)
    out = leaving(facts, plan, row.site, row.commodity)[earlier] * since / tree.months[earlier]
    left: Numbers = np.bincount(later, out, minlength=len(tree)).astype(float)
    return lying, left


def leaving(facts: Facts, plan: Plan, site: str, commodity: str) -> Numbers:
    """t of a commodity that are used, sent, sold, delivered or thrown away at a site, by node."""
    here = site, commodity
    total = plan("discard", site, commodity) + 0.0
    for row in facts.rows["Processes"]:
        for line in facts.recipes.get(row.name, ()):
            if line.role == "input" and (row.site, line.item) == here:
                total += line.amount * facts.masses.tonnes(commodity) * plan("run", row.name)
    for sheet, kind in (("Sales", "sell"), ("Demand", "meet"), ("Routes", "ship")):
        for row in facts.rows[sheet]:
            place = row.origin if sheet == "Routes" else row.site
            if (place, row.commodity) == here:
                total += plan(kind, row.name)
    return total
