"""Published optima, reached through the workbook like any planner's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from books import make_book, read
from kido.certificate import verify
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.result.plan import SolvedPlan
from kido.solver.solution import Solution
from kido.study.checks.book import check
from plan import plan
from textbook_models import college, dantzig, factory, farmer, refinery


@pytest.fixture(scope="module")
def tables_of(tmp_path_factory):
    """The tables of a published book, written and read once."""
    folder, known = tmp_path_factory.mktemp("published"), {}

    def get(book) -> Tables:
        name = book.__name__
        if name not in known:
            settings, sheets = book()
            known[name] = read(make_book(folder / f"{name}.xlsx", settings, **sheets))
        return known[name]

    return get


def with_values(tables: Tables, sheet: str, values: dict[str, dict[str, float]]) -> Tables:
    """The same book with other numbers: `{row: {column: number}}`."""
    rows: pd.DataFrame = tables[sheet].rows.copy()
    for name, numbers in values.items():
        for column, number in numbers.items():
            rows.loc[rows["name"] == name, column] = number
    return tables.with_rows(sheet, rows)


def at(solution: Solution, case: Case, variable: str, branch: str) -> dict[str, float]:
    """Value by row name in the last moment of a branch."""
    last = max(m.index for m in case.tree.nodes if case.tree.branch_of(m.index).name == branch)
    return {key[0]: x for key, x in solution[variable].items() if key[-1] == last}


# -- Dantzig's transport problem ---------------------------------------------------


def test_transport_problem(tables_of):
    _, solution = plan(tables_of(dantzig))
    assert solution.objective == pytest.approx(153.675)
    sent = {name: x for (name, _), x in solution["ship"].items()}
    assert sent["Seattle to Chicago"] == pytest.approx(300)
    assert sent["San Diego to Topeka"] == pytest.approx(275)
    # both plants reach New York at the same cost: only the sum is unique
    assert sent["Seattle to New York"] + sent["San Diego to New York"] == pytest.approx(325)


def test_transport_prices(tables_of):
    """The marginals GAMS prints for its first example, trnsport."""
    _, solution = plan(tables_of(dantzig))
    worth = {site: -dual for (site, _, _), dual in solution.duals["balance"].items()}
    assert worth["New York"] == pytest.approx(0.225)
    assert worth["Chicago"] == pytest.approx(0.153)
    assert worth["Topeka"] == pytest.approx(0.126)
    assert worth["Seattle"] == pytest.approx(0, abs=1e-9)
    assert worth["San Diego"] == pytest.approx(0, abs=1e-9)


# -- the farmer ----------------------------------------------------------------------

SOWN = ("sow wheat", "sow corn", "sow beets")


def sown(solution: Solution) -> list[float]:
    return [solution["run"][name, 0] for name in SOWN]


def test_farmer_here_and_now(tables_of):
    _, solution = plan(tables_of(farmer))
    assert solution.objective == pytest.approx(-108390)
    assert sown(solution) == pytest.approx([170, 80, 250])


@pytest.mark.parametrize(
    ("weather", "profit", "acres"),
    [
        ("good", 167667, [183.33, 66.67, 250]),
        ("average", 118600, [120, 80, 300]),
        ("bad", 59950, [100, 25, 375]),
    ],
)
def test_farmer_who_knows_the_weather(tables_of, weather, profit, acres):
    _, solution = plan(tables_of(farmer), scenario=weather)
    assert -solution.objective == pytest.approx(profit, abs=1)
    assert sown(solution) == pytest.approx(acres, abs=0.01)


def test_farmer_value_of_information(tables_of):
    """Wait and see -115406: perfect information is worth 7016 a year."""
    tables = tables_of(farmer)
    seen = [plan(tables, scenario=w)[1].objective for w in ("good", "average", "bad")]
    assert np.mean(seen) == pytest.approx(-115406, abs=1)
    assert plan(tables)[1].objective - np.mean(seen) == pytest.approx(7016, abs=1)


def test_farmer_who_knows_all_weathers_from_the_start(tables_of):
    """Perfect information again, as one tree whose scenarios are known in the first month."""
    tables = tables_of(farmer)
    rows = tables["Scenarios"].rows.assign(known=tables.settings.start)
    case, solution = plan(tables.with_rows("Scenarios", rows))
    assert sum(m.previous < 0 for m in case.tree.nodes) == 3
    assert solution.objective == pytest.approx(-115406, abs=1)


def test_farmer_value_of_planning(tables_of):
    """The mean-value plan, 120, 80, 300 acres, earns 107240: planning is worth 1150."""
    tables = tables_of(farmer)
    _, mean_value = plan(tables, scenario="Trunk")
    assert sown(mean_value) == pytest.approx([120, 80, 300])
    fixed = {
        name: {"least": acres, "most": acres}
        for name, acres in zip(SOWN, sown(mean_value), strict=True)
    }
    _, expected = plan(with_values(tables, "Processes", fixed))
    assert expected.objective == pytest.approx(-107240)


def textbook_farmer(weight: float, level: float) -> float:
    """(1 - w) mean + w CVaR of the farmer's cost, as in the book, with Rockafellar-Uryasev.

    Columns: acres of wheat, corn, beets; for each weather wheat bought, corn bought, wheat
    sold, corn sold, beets sold, beets sold cheap; then tail and an excess for each weather.
    """
    weathers = (1.2, 1.0, 0.8)
    count = 3 + 6 * 3 + 1 + 3
    sowing, trade = np.array([150, 230, 260]), np.array([238, 210, -170, -150, -36, -10])
    mean, least, need = np.zeros(count), [], []

    def at_least(row: np.ndarray, bound: float) -> None:
        least.append(-row)
        need.append(-bound)

    land = np.zeros(count)
    land[:3] = -1
    at_least(land, -500)
    mean[:3] = sowing
    for s, factor in enumerate(weathers):
        first = 3 + 6 * s
        mean[first : first + 6] = trade / 3
        wheat, corn, beets = np.zeros(count), np.zeros(count), np.zeros(count)
        wheat[[0, first, first + 2]] = 2.5 * factor, 1, -1
        corn[[1, first + 1, first + 3]] = 3 * factor, 1, -1
        beets[[2, first + 4, first + 5]] = 20 * factor, -1, -1
        at_least(wheat, 200)
        at_least(corn, 240)
        at_least(beets, 0)
        above = np.zeros(count)  # excess + tail - cost >= 0
        above[:3] = -sowing
        above[first : first + 6] = -trade
        above[[21, 22 + s]] = 1
        at_least(above, 0)
    cost = (1 - weight) * mean
    cost[21] = weight
    cost[22:] = weight / (1 - level) / 3
    bounds: list[tuple[float | None, float | None]] = [(0, None)] * count
    for s in range(3):
        bounds[3 + 6 * s + 4] = (0, 6000)
    bounds[21] = (None, None)
    return linprog(cost, A_ub=np.array(least), b_ub=need, bounds=bounds).fun


@pytest.mark.parametrize("level", [0.5, 0.9])
@pytest.mark.parametrize("weight", [0.0, 0.25, 0.7, 1.0])
def test_farmer_who_minds_bad_years(tables_of, weight, level):
    tables = tables_of(farmer).with_settings(risk_weight=weight, cvar_level=level)
    case, solution = plan(tables)
    assert solution.objective == pytest.approx(textbook_farmer(weight, level))
    if weight > 0:
        # the objective again from the cost of the histories (MUSD), not from the program
        costs = np.sort([solution["cost_to_date"][leaf,] * 1e3 for leaf in case.tree.leaves])[::-1]
        shares = np.minimum(1 / 3, np.maximum(0, (1 - level) - np.arange(3) / 3))
        cvar = float(shares @ costs) / (1 - level)
        mean = float(costs.mean())
        assert (1 - weight) * mean + weight * cvar == pytest.approx(solution.objective)


def test_farmer_who_minds_the_worst_year_only(tables_of):
    _, sure = plan(tables_of(farmer).with_settings(risk_weight=1.0, cvar_level=0.9))
    # all weight on the worst weather: the plan of the farmer who knows it will be bad
    assert sure.objective == pytest.approx(-59950)
    assert sown(sure) == pytest.approx([100, 25, 375])


# -- Williams ------------------------------------------------------------------------


def test_factory_planning(tables_of):
    """Profit 93 715."""
    case, solution = plan(tables_of(factory))
    assert -solution.objective == pytest.approx(93715.18, abs=0.01)
    for name in case.stocks:
        assert solution["stock"][name, 5] == pytest.approx(50)


def test_refinery(tables_of):
    """Profit 211 365 a day: 15000 and 30000 barrels of crude, no fuel oil."""
    _, solution = plan(tables_of(refinery))
    assert -solution.objective == pytest.approx(211365.13, abs=0.01)
    sold = {name.removeprefix("sell "): x for (name, _), x in solution["sell"].items()}
    assert sold == pytest.approx(
        {"premium": 6818, "regular": 17044, "jet fuel": 15156, "fuel oil": 0, "lube oil": 500},
        abs=0.5,
    )
    bought = {name: x for (name, _), x in solution["buy"].items()}
    assert bought == pytest.approx({"crude 1 offer": 15000, "crude 2 offer": 30000})


# -- saving for college --------------------------------------------------------------


def test_college_savings(tables_of):
    """Expected utility -1.514; the table of investments as printed."""
    case, solution = plan(tables_of(college))
    assert solution.objective == pytest.approx(1.514, abs=5e-4)
    printed = {
        "Trunk": (41.479, 13.521),
        "high": (65.095, 2.168),
        "low": (36.743, 22.368),
        "high then high": (83.840, 0),
        "high then low": (0, 71.429),
        "low then high": (0, 71.429),
        "low then low": (64.000, 0),
    }
    for branch, (stocks, bonds) in printed.items():
        invested = at(solution, case, "run", branch)
        assert invested["invest in stocks"] == pytest.approx(stocks, abs=5e-4), branch
        assert invested["invest in bonds"] == pytest.approx(bonds, abs=5e-4), branch


def test_college_savings_planned_on_the_mean(tables_of):
    """The mean-value plan is all in stocks, utility -3.788: planning is worth 2.274."""
    tables = tables_of(college)
    only_stocks = with_values(tables, "Processes", {"invest in bonds": {"most": 0.0}})
    _, expected = plan(only_stocks)
    assert expected.objective == pytest.approx(3.788, abs=5e-4)
    value = expected.objective - plan(tables)[1].objective
    assert value == pytest.approx(2.274, abs=1e-3)


ALL = (dantzig, farmer, factory, refinery, college)


@pytest.mark.parametrize("book", ALL)
def test_published_books_prove_their_optimum(tables_of, book):
    """The duals prove the same number as the plan costs."""
    _, solution = plan(tables_of(book))
    assert solution.statistics.duality_gap == pytest.approx(0, abs=1e-5)
    assert solution.statistics.primal_residual < 1e-6


@pytest.mark.parametrize("book", ALL)
def test_published_books_are_sound(tables_of, book):
    """What can be typed can be planned: the checker lets them all through."""
    assert [f for f in check(tables_of(book)) if not f.warning] == []


@pytest.mark.parametrize("weight", [0.0, 0.4])
@pytest.mark.parametrize("book", ALL)
def test_published_plans_pass_the_certificate(tables_of, book, weight):
    """Mass, limits and money again, from the workbook and the flows alone."""
    tables = tables_of(book).with_settings(risk_weight=weight, cvar_level=0.6)
    case, solution = plan(tables)
    answer = SolvedPlan(tables, case, solution, None)
    cvar = answer.cvar if weight else None
    certificate = verify(tables, answer.flows, solution.objective, answer.expected_cost, cvar)
    assert certificate.findings == ()
