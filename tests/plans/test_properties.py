"""What must hold for any book: laws of mass, of money, of names, of time and of knowledge."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.case.tree import Node
from kido.data.tables import Tables
from kido.lp.build import build_model
from kido.solver.program import hand_over
from kido.solver.solution import Solution
from plan import plan
from randombooks import EVERYTHING, START, TARGETS, Kind, books
from sheets import tables_of


def some(examples: int) -> Callable[..., Callable[..., None]]:
    """So many random books, the same on every machine."""
    chosen = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        return chosen(test)

    return wrap


def objective(tables: Tables, scenario: str | None = None) -> float:
    return plan(tables, scenario)[1].objective


def near(value: float) -> float:
    return pytest.approx(value, rel=1e-6, abs=1e-5)  # type: ignore[return-value]


def below(value: float) -> float:
    """A little above, for <=."""
    return value + 1e-5 + 1e-6 * abs(value)


def edited(
    tables: Tables, sheet: str, edit: Callable[[pd.DataFrame], pd.DataFrame | None]
) -> Tables:
    """The book with a change to a copy of one sheet's rows."""
    rows = tables[sheet].rows.copy()
    changed = edit(rows)
    return tables.with_rows(sheet, rows if changed is None else changed)


def scaled(tables: Tables, columns: Mapping[str, Iterable[str]], by: float) -> Tables:
    """The book with these columns multiplied."""
    for sheet, keys in columns.items():

        def times(rows: pd.DataFrame, keys: Iterable[str] = keys) -> None:
            for key in keys:
                rows[key] = [x * by if isinstance(x, float) else x for x in rows[key]]

        tables = edited(tables, sheet, times)
    return tables


# -- mass ------------------------------------------------------------------------------


class Ledger:
    """Tonnes at every site over the months of one history, added up from book and plan alone."""

    def __init__(self, tables: Tables, case: Case, answer: Solution, leaf: int):
        self.tables, self.case, self.answer = tables, case, answer
        self.path = [case.tree.nodes[n] for n in case.tree.path(leaf)]
        self.start, self.end = case.tree.start, case.tree.end
        self.net: dict[tuple[str, str, int], float] = {}

    def put(self, site: str, commodity: str, month: float, tonnes: float) -> None:
        """Tonnes that come (or, below 0, go) evenly over the month that begins at `month`."""
        first = math.floor(month)
        for k, share in ((first, first + 1 - month), (first + 1, month - first)):
            if self.start <= k < self.end and share > 0:
                key = (site, commodity, k)
                self.net[key] = self.net.get(key, 0.0) + tonnes * share

    def value(self, row: str, effect: str, base: float, branch: int, month: int) -> float:
        """A number after the events that name the row: factors, then added amounts."""
        shifts = {"": 0, **dict(self.case.tree.branches[branch].lineage)}
        known = {r.name: r.known for r in self.tables["Scenarios"].records()}
        factor, add = 1.0, 0.0
        for e in self.tables["Events"].records():
            if e.effect != effect or row not in e.target or e.scenario not in shifts:
                continue
            begin = (known[e.scenario] if e.start is None else e.start) + shifts[e.scenario]
            since = month - begin
            weight = 1.0 if since >= 0 else 0.0
            if not math.isnan(e.months) and since >= e.months:
                step = since - e.months + 1
                weight = max(0.0, 1 - step / (e.recovery + 1)) if e.recovery else 0.0
            factor *= 1 if math.isnan(e.factor) else 1 + (e.factor - 1) * weight
            add += 0 if math.isnan(e.add) else e.add * weight
        return base * factor + add

    def flow(self, variable: str, name: str, n: int) -> float:
        return self.answer[variable].get((name, n), 0.0)

    def fill(self) -> None:
        tables = self.tables
        for variable, sheet, sign in (
            ("buy", "Supply", 1),
            ("sell", "Sales", -1),
            ("meet", "Demand", -1),
        ):
            for r in tables[sheet].records():
                for m, month in self.months():
                    part = self.flow(variable, r.name, m.index) / m.months
                    self.put(r.site, r.commodity, month, sign * part)
        for r in tables["Routes"].records():
            for m, month in self.months():
                part = self.flow("ship", r.name, m.index) / m.months
                lead = self.value(r.name, "lead", r.lead, m.branch, month)
                loss = [
                    self.value(r.name, "loss", r.loss, m.branch, k) for k in range(m.start, m.end)
                ]
                self.put(r.origin, r.commodity, month, -part)
                kept = 1 - sum(loss) / len(loss) / 100
                self.put(r.destination, r.commodity, month + lead, part * kept)
            for month in range(self.start - math.ceil(r.lead), self.start):
                part = r.on_water / 12 * (1 - r.loss / 100)
                self.put(r.destination, r.commodity, month + r.lead, part)
        site = {r.name: r for r in tables["Processes"].records()}
        for line in (x for x in tables["Recipes"].records() if x.role != "uses"):
            r = site[line.process]
            for m, month in self.months():
                part = self.flow("run", r.name, m.index) / m.months * line.amount
                if line.role == "input":
                    self.put(r.site, line.item, month, -part)
                    continue
                gain = [self.value(r.name, "yield", 1, m.branch, k) for k in range(m.start, m.end)]
                lead = self.value(r.name, "lead", r.lead, m.branch, month)
                self.put(r.site, line.item, month + lead, part * sum(gain) / len(gain))
            if line.role == "output":
                for month in range(self.start - math.ceil(r.lead), self.start):
                    self.put(r.site, line.item, month + r.lead, r.in_works / 12 * line.amount)
        for (place, commodity, n), tonnes in self.answer["discard"].items():
            for m, month in self.months():
                if m.index == n:
                    self.put(place, commodity, month, -tonnes / m.months)

    def months(self) -> Iterable[tuple[Node, int]]:
        return ((m, month) for m in self.path for month in range(m.start, m.end))

    def held(self, n: int) -> dict[tuple[str, str], float]:
        """What stores and yards hold at the end of a moment, -1 before the first."""
        found: dict[tuple[str, str], float] = {}
        for r in self.tables["Stockpiles"].records():
            tonnes = r.opening if n < 0 else self.answer["stock"].get((r.name, n), 0.0)
            found[r.site, r.commodity] = found.get((r.site, r.commodity), 0.0) + tonnes
        for (site, commodity, at), tonnes in self.answer["yard_stock"].items():
            if at == n:
                found[site, commodity] = found.get((site, commodity), 0.0) + tonnes
        return found


@given(books())
@some(25)
def test_mass_is_conserved_at_every_place_in_every_moment(tables: Tables) -> None:
    case, answer = plan(tables)
    for leaf in case.tree.leaves:
        ledger = Ledger(tables, case, answer, leaf)
        ledger.fill()
        before = ledger.held(-1)
        for m in ledger.path:
            after = ledger.held(m.index)
            net: dict[tuple[str, str], float] = {}
            for (site, commodity, month), tonnes in ledger.net.items():
                if m.start <= month < m.end:
                    net[site, commodity] = net.get((site, commodity), 0.0) + tonnes
            for pair in {*net, *before, *after}:
                grown = after.get(pair, 0.0) - before.get(pair, 0.0)
                assert net.get(pair, 0.0) == pytest.approx(grown, abs=1e-6), (pair, m)
            before = after


# -- money -----------------------------------------------------------------------------


@given(books(), st.sampled_from(["Supply", "Facilities", "Processes", "Routes", "Stockpiles"]),
       st.integers(0, 9))  # fmt: skip
@some(20)
def test_more_capacity_never_raises_the_cost(tables: Tables, sheet: str, place: int) -> None:
    key = "capacity" if sheet in ("Facilities", "Stockpiles") else "most"

    def more(rows: pd.DataFrame) -> None:
        row = rows.index[place % len(rows)]
        rows.loc[row, key] = rows.loc[row, key] * 1.5

    assert objective(edited(tables, sheet, more)) <= below(objective(tables))


@given(books(), st.sampled_from([("Supply", "price"), ("Routes", "freight"), ("Relief", "cost")]))
@some(15)
def test_a_cheaper_offer_never_raises_the_cost(tables: Tables, what: tuple[str, str]) -> None:
    sheet, key = what

    def cheaper(rows: pd.DataFrame) -> None:
        rows.loc[rows.index[0], key] = rows.loc[rows.index[0], key] * 0.7

    assert objective(edited(tables, sheet, cheaper)) <= below(objective(tables))


MONEY = {
    "Commodities": ("disposal_cost",),
    "Supply": ("price",),
    "Sales": ("price",),
    "Facilities": ("idle_cost", "expansion_cost"),
    "Processes": ("cost",),
    "Routes": ("price", "freight"),
    "Contracts": ("fee", "price", "index", "floor", "rebate_above", "rebate_cap"),
    "Stockpiles": ("holding_cost",),
    "Relief": ("cost",),
    "Policies": ("penalty",),
}


def in_other_money(tables: Tables, by: float) -> Tables:
    s = tables.settings
    yard = None if s.yard_cost is None else s.yard_cost * by
    return scaled(tables, MONEY, by).with_settings(yard_cost=yard, least_cost=s.least_cost * by)


@given(books(), st.sampled_from([0.1, 7, 150]))
@some(12)
def test_in_another_money_the_plan_costs_as_much(tables: Tables, by: float) -> None:
    assert objective(in_other_money(tables, by)) == near(by * objective(tables))


@given(books(replace(EVERYTHING, risk=False)), st.sampled_from([0.1, 7, 150]))
@some(12)
def test_duals_in_another_money_are_duals_of_the_book(tables: Tables, by: float) -> None:
    """Duals need not be unique: scaled back, they must prove the same bound."""
    answer = plan(in_other_money(tables, by))[1]
    program = hand_over(*build_model(make_case(tables)))
    dual = [answer.duals[name][key] / by for name, key in program.rows]
    reduced = program.cost - program.matrix.T @ dual
    bound = program.offset
    for price, low, high in (*zip(dual, program.lower, program.upper, strict=True),
                             *zip(reduced, program.low, program.high, strict=True)):  # fmt: skip
        side = low if price > 0 else high
        bound += price * side if math.isfinite(side) else 0.0
        assert math.isfinite(side) or abs(price) < 1e-6
    assert bound == near(objective(tables))


TONNES = {
    "Supply": ("most", "least", "ramp"),
    "Sales": ("most", "least", "ramp"),
    "Facilities": ("capacity", "least_expansion", "most_expansion"),
    "Processes": ("most", "least", "in_works", "ramp"),
    "Routes": ("most", "least", "on_water", "ramp"),
    "Contracts": (
        "least_reserved",
        "most_reserved",
        "rebate_cap",
        "most_a_month",
        "lifted_before",
        "paid_before",
        "ramp",
    ),
    "Stockpiles": ("opening", "capacity", "floor", "fill", "draw"),
    "Demand": ("need",),
}


@given(books(), st.sampled_from([0.1, 3]))
@some(12)
def test_a_world_of_three_times_the_size_costs_three_times_as_much(
    tables: Tables, by: float
) -> None:
    def stock_limits(rows: pd.DataFrame) -> None:
        rows.loc[rows["measure"] == "stock", "limit"] *= by

    larger = edited(scaled(tables, TONNES, by), "Policies", stock_limits)
    assert objective(larger) == near(by * objective(tables))


@given(books())
@some(20)
def test_primal_equals_dual(tables: Tables) -> None:
    answer = plan(tables)[1]
    small = 1e-6 * (1 + abs(answer.objective))
    assert abs(answer.statistics.duality_gap) <= small
    assert answer.statistics.primal_residual <= 1e-6
    assert answer.statistics.dual_residual <= small


# -- names and order -------------------------------------------------------------------

NAMED = ("name", "site", "origin", "destination", "commodity", "process", "item", "demand",
         "applies_to", "depends_on", "of", "out_of", "uses", "target", "scenario", "parent",
         "country", "segment", "into", "touches")  # fmt: skip
KEPT = ("", "any country", "calm")


def renamed(tables: Tables, new: Callable[[str], str]) -> Tables:
    def word(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(word(x) for x in value)
        return new(value) if isinstance(value, str) and value not in KEPT else value

    for sheet in tables.frames:

        def rename(rows: pd.DataFrame) -> None:
            for key in (k for k in NAMED if k in rows):
                rows[key] = pd.Series([word(x) for x in rows[key]], index=rows.index, dtype=object)

        tables = edited(tables, sheet, rename)
    return tables


@given(books())
@some(15)
def test_names_do_not_matter(tables: Tables) -> None:
    assert objective(renamed(tables, lambda name: f"希 {name[::-1]}")) == near(objective(tables))


@given(books(), st.randoms(use_true_random=False))
@some(15)
def test_the_order_of_rows_does_not_matter(tables: Tables, chance: random.Random) -> None:
    shuffled = tables
    for sheet, frame in tables.frames.items():
        order = list(range(len(frame)))
        chance.shuffle(order)
        shuffled = shuffled.with_rows(sheet, frame.rows.iloc[order])
    assert objective(shuffled) == near(objective(tables))


@given(books())
@some(15)
def test_a_demand_in_two_halves_is_the_same_demand(tables: Tables) -> None:
    def halves(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.assign(need=rows.need / 2)
        return pd.concat([first, first.assign(name="other")], ignore_index=True)

    def both(rows: pd.DataFrame) -> pd.DataFrame:
        other = rows.assign(demand="other", name=[f"other {x}" for x in rows.name])
        return pd.concat([rows, other], ignore_index=True)

    def reach(rows: pd.DataFrame) -> None:
        more = {"need": ("need", "other"), "thrift": ("thrift", "other thrift")}
        rows["target"] = pd.Series(
            [tuple(x for word in words for x in more.get(word, (word,))) for words in rows.target],
            index=rows.index, dtype=object,
        )  # fmt: skip

    split = edited(edited(edited(tables, "Demand", halves), "Relief", both), "Events", reach)
    assert objective(split) == near(objective(tables))


@given(books())
@some(12)
def test_a_scenario_told_twice_with_half_its_probability_is_the_same(tables: Tables) -> None:
    """Two that cannot be told apart, known in the same month: nothing is learnt."""
    rows = tables["Scenarios"].rows
    parents = set(rows.parent)
    alone = [row for row in rows.index if rows.loc[row, "name"] not in parents]
    if not alone:
        return
    name = rows.loc[alone[0], "name"]

    def twins(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[alone[0], "probability"] = rows.loc[alone[0], "probability"] / 2
        twin = rows.loc[[alone[0]]].assign(name="Twin")
        return pd.concat([rows, twin], ignore_index=True)

    def told_twice(rows: pd.DataFrame) -> pd.DataFrame:
        again = rows[rows.scenario == name].assign(scenario="Twin")
        return pd.concat([rows, again], ignore_index=True) if len(again) else rows

    twice = edited(edited(tables, "Scenarios", twins), "Events", told_twice)
    assert objective(twice) == near(objective(tables))


# -- events ----------------------------------------------------------------------------


@given(
    books(), st.sampled_from(sorted(TARGETS)), st.sampled_from([{"months": 0.0}, {"factor": 1.0}])
)
@some(20)
def test_an_event_of_no_months_or_no_change_changes_nothing(
    tables: Tables, effect: str, nothing: dict[str, float]
) -> None:
    event = {"effect": effect, "target": "; ".join(TARGETS[effect]), "factor": 0.5, "recovery": 2}
    added = tables_of({}, Events=[event | nothing])["Events"].rows
    more = pd.concat([tables["Events"].rows, added]) if len(tables["Events"]) else added
    assert objective(tables.with_rows("Events", more)) == near(objective(tables))


# -- time ------------------------------------------------------------------------------

STEADY = Kind(leads=False, scenarios=False, events=(), storing_costs=False, discount=False,
              risk=False)  # fmt: skip
# Limits and needs add up over the months of a quarter, prices stay: what can be planned by month
# can be planned by quarter.
SUMMED = replace(STEADY, scenarios=True, events=("capacity", "demand"), terms=False,
                 crises=False)  # fmt: skip
CALENDARS = ("12 month", "3 month, 3 quarter", "6 month, 2 quarter", "4 quarter")


def by(calendar: str, tables: Tables) -> Tables:
    months = {"month": 1, "quarter": 3}
    lengths = [
        months[unit]
        for part in calendar.split(", ")
        for count, unit in [part.split()]
        for _ in range(int(count))
    ]
    return tables.with_settings(calendar=tuple(lengths))


@given(books(STEADY, "12 month"))
@some(10)
def test_where_nothing_changes_the_calendar_does_not_matter(tables: Tables) -> None:
    """Constant data, no leads, no stock to begin with, no cost of time."""

    def bare(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.iloc[:0]

    def steady(rows: pd.DataFrame) -> None:
        rows["start"] = None

    def built_at_once(rows: pd.DataFrame) -> None:
        rows["build_months"] = 0.0

    tables = edited(edited(tables, "Stockpiles", bare), "Supply", steady)
    tables = edited(edited(tables, "Contracts", steady), "Facilities", built_at_once)
    without_cover = tables["Policies"].rows.query("measure != 'cover'")
    tables = tables.with_rows("Policies", without_cover)
    fine, *others = (objective(by(calendar, tables)) for calendar in CALENDARS)
    assert others == [near(fine)] * 3


@given(books(SUMMED, "12 month"))
@some(12)
def test_a_coarser_calendar_only_forgets_limits_within_its_periods(tables: Tables) -> None:
    """A plan by month adds up to one by quarter at the same cost: the coarse optimum is lower."""
    fine, *others = (objective(by(calendar, tables)) for calendar in CALENDARS)
    assert max(others) <= below(fine)
    assert others[2] <= below(min(others[:2]))


@given(books(SUMMED, "12 month"))
@some(8)
def test_a_coarser_calendar_discounts_a_quarter_from_its_first_day(tables: Tables) -> None:
    """So the same plan costs at most two months' interest more."""

    def no_income(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.iloc[:0]

    rate = 0.1
    tables = edited(tables, "Sales", no_income).with_settings(discount_rate=rate)
    fine, coarse = (objective(by(calendar, tables)) for calendar in ("12 month", "4 quarter"))
    assert coarse <= below(fine * (1 + rate) ** (2 / 12))


# -- knowledge -------------------------------------------------------------------------


def cvar(costs: Iterable[tuple[float, float]], level: float) -> float:
    left, total = 1 - level, 0.0
    for value, probability in sorted(costs, reverse=True):
        part = min(left, probability)
        total, left = total + part * value, left - part
    return total / (1 - level)


@given(books())
@some(15)
def test_who_waits_and_sees_never_pays_more(tables: Tables) -> None:
    case, answer = plan(tables)
    s = tables.settings
    careless = tables.with_settings(risk_weight=0.0)
    alone = [
        (objective(careless, case.tree.branch_of(leaf).name), case.tree.nodes[leaf].probability)
        for leaf in case.tree.leaves
    ]
    mean = sum(value * probability for value, probability in alone)
    seen = (1 - s.risk_weight) * mean + s.risk_weight * cvar(alone, s.cvar_level)
    assert seen <= below(answer.objective)


@given(books(replace(EVERYTHING, risk=False)))
@some(10)
def test_to_know_a_month_earlier_never_costs_more(tables: Tables) -> None:
    """The same futures told a month before: whatever was planned can still be planned."""
    rows = tables["Scenarios"].rows
    if not len(rows) or min(rows.known) == START or rows.every.notna().any():
        return

    def earlier(rows: pd.DataFrame) -> None:
        rows["known"] = rows.known - 1
        rows["disruption"] = False

    def undisrupted(rows: pd.DataFrame) -> None:
        rows["disruption"] = False

    def dated(events: pd.DataFrame) -> None:
        known = dict(zip(rows.name, rows.known, strict=True))
        events["start"] = pd.Series(
            [known[s] if s and b is None else b
             for s, b in zip(events.scenario, events.start, strict=True)],
            index=events.index, dtype=object,
        )  # fmt: skip

    monthly = by("6 month" if len(rows) > 2 else "12 month", tables)
    if max(rows.known) >= monthly.settings.start + sum(monthly.settings.calendar):
        return
    late = edited(edited(monthly, "Scenarios", undisrupted), "Events", dated)
    early = edited(late, "Scenarios", earlier)
    assert objective(early) <= below(objective(late))


@given(books(replace(EVERYTHING, scenarios=False, risk=False)))
@some(8)
def test_where_there_is_one_future_risk_weighs_nothing(tables: Tables) -> None:
    careful = tables.with_settings(risk_weight=0.7)
    assert objective(careful) == near(objective(tables))
