"""Every number of Confidence against re-solves with that number a little higher and lower."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kido
from drawn_books import drawn
from kido.data.case.effects import Effects
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan
from kido.report.labels import Labels
from kido.result.input_sensitivity import STEP, guesses
from kido.result.plan import SolvedPlan
from kido.result.sensitivity import NAMES, numbers_of
from kido.solver.highs import InfeasibleProgram
from ordered_books import some_orders, with_orders
from plan import plan
from sheets import Row, tables_of
from tiny_book import both, more, small_book
from underway_books import with_underway

NUDGE = 1e-5  # of the number, up and down
CLOSE = 2e-4  # of the larger slope
SHOWN = 1e-3  # kUSD: a smaller effect is left out
Cell = tuple[str, str, str]


def answered(tables: Tables) -> SolvedPlan:
    case, solution = plan(tables)
    return SolvedPlan(tables, case, solution, None)


def cost(tables: Tables) -> float | None:
    try:
        return plan(tables)[1].objective
    except (InfeasiblePlan, InfeasibleProgram):
        return None


def told(answer: SolvedPlan) -> dict[Cell, float]:
    """(sheet, row, column) -> kUSD for that number twice as high."""
    frame = guesses(answer).frame
    keys = zip(frame["sheet"], frame["row"], frame["number_of"], strict=True)
    return dict(zip(keys, frame["ten_percent"] / STEP, strict=True))


def cells(tables: Tables) -> Iterator[tuple[Cell, str, list[int]]]:
    """Every number of a book as Confidence names it, with its column and Excel rows."""
    for sheet in ("Commodities", "Supply", "Sales", "Facilities", "Processes", "Routes",
                  "Contracts", "Stockpiles", "Demand", "Relief", "Policies"):  # fmt: skip
        for column in numbers_of(sheet):
            for row in tables[sheet].records():
                yield (sheet, row.name, column), column, [row.Index]
    for row in tables["Recipes"].records():
        yield ("Recipes", NAMES["Recipes"](row), "amount"), "amount", [row.Index]
    for row in tables["Events"].records():
        for column in ("factor", "add") if row.effect not in ("lead", "delay") else ():
            yield ("Events", NAMES["Events"](row), column), column, [row.Index]
    for row in tables["Underway"].records():
        yield ("Underway", NAMES["Underway"](row), "amount"), "amount", [row.Index]
    orders: dict[str, list[int]] = {}
    for row in tables["Orders"].records():
        orders.setdefault(row.name, []).append(row.Index)
    for name, rows in orders.items():
        yield ("Orders", name, "amount"), "amount", rows
    points: dict[str, list[int]] = {}
    for row in tables["Profiles"].records():
        points.setdefault(row.name, []).append(row.Index)
    for name, rows in points.items():
        yield ("Profiles", name, "value"), "value", rows


def called(cell: Cell) -> Cell:
    """With the header of the column."""
    sheet, name, column = cell
    return sheet, name, catalogue()[sheet].columns[column].name


def moved(tables: Tables, sheet: str, column: str, rows: list[int], factor: float) -> Tables:
    frame = tables[sheet].rows.copy()
    for row in rows:
        frame.at[row, column] = float(frame.at[row, column]) * factor
    return tables.with_rows(sheet, frame)


def number_at(tables: Tables, sheet: str, column: str, rows: list[int]) -> bool:
    held = tables[sheet].rows.loc[rows, column]
    return all(isinstance(x, (int, float)) and x == x and x != 0 for x in held)


def wrong(tables: Tables) -> list[str]:
    """The numbers whose slope does not lie between that of less and that of more."""
    answer = answered(tables)
    held, base = told(answer), answer.solution.objective
    found, asked = [], set()
    for cell, column, rows in cells(tables):
        asked.add(called(cell))
        if not number_at(tables, cell[0], column, rows):
            continue
        less, more = (cost(moved(tables, cell[0], column, rows, 1 + s * NUDGE)) for s in (-1, 1))
        below = -float("inf") if less is None else (base - less) / NUDGE
        above = float("inf") if more is None else (more - base) / NUDGE
        low, high = min(below, above), max(below, above)
        slope = held.get(called(cell), 0.0)
        sizes = [abs(x) for x in (below, above) if abs(x) < float("inf")]
        room = max([SHOWN / STEP, *(CLOSE * size for size in sizes)])
        if not low - room <= slope <= high + room:
            found.append(f"{cell}: said {slope:g}, is {below:g} to {above:g}")
    ours = {c for c in held if c[0] not in ("Settings", "Scenarios")}
    return found + [f"{cell} is no number of the book" for cell in ours - asked]


@pytest.mark.parametrize("number", range(20))
def test_every_number_of_a_random_book(number: int) -> None:
    assert wrong(drawn()[number]) == []


@pytest.mark.parametrize("number", (0, 2, 5))
def test_every_number_of_a_random_book_with_orders(number: int) -> None:
    assert wrong(with_orders(drawn()[number], some_orders(drawn()[number], number))) == []


@pytest.mark.parametrize("number", (0, 1, 3))
def test_every_number_under_a_limit_of_nervousness(number: int) -> None:
    tables = with_orders(drawn()[number], some_orders(drawn()[number], number, "proposed"))
    assert wrong(tables.with_settings(nervousness=30.0)) == []


def test_an_order_costs_what_it_is_dearer_by() -> None:
    # 4 t of the dear seller: 20 more each
    sellers = [
        {"name": "cheap", "site": "works", "commodity": "ore", "price": 5},
        {"name": "dear", "site": "works", "commodity": "ore", "price": 25},
    ]
    order = {"name": "dear", "month": "2027-05", "amount": 4, "status": "approved"}
    found = effects_of(small(Supply=sellers, Orders=[order]))
    assert found["Orders", "dear", "amount"] == 8


@pytest.mark.parametrize("number", [2, 8, 14])
def test_every_number_of_a_random_book_with_things_under_way(number: int) -> None:
    assert wrong(with_underway(drawn()[number], number, amount=0.4)) == []


def test_the_random_books_differ() -> None:
    sheets = ("Scenarios", "Events", "Contracts", "Policies", "Profiles")
    for sheet in sheets:
        assert sum(len(t[sheet]) > 0 for t in drawn()) >= 5, sheet


def small(**sheets: list[dict[str, object]]) -> Tables:
    """Ten tonnes needed at one works, and who sells them."""
    rows = {
        "Commodities": [{"name": "ore", "kind": "feed"}],
        "Sites": [{"name": "works", "country": "Japan"}],
        "Supply": [{"name": "seller", "site": "works", "commodity": "ore", "price": 100}],
        "Demand": [{"name": "smelter", "site": "works", "commodity": "ore", "need": 10}],
    }
    return tables_of({"calendar": "1 year"}, **{**rows, **sheets})


def effects_of(tables: Tables) -> dict[tuple[str, str, str], float]:
    return {cell: round(STEP * kusd, 6) for cell, kusd in told(answered(tables)).items()}


def test_a_number_that_a_profile_replaces_is_not_named() -> None:
    found = effects_of(
        small(
            Events=[{"name": "path", "target": "seller", "effect": "price", "profile": "market"}],
            Profiles=[{"name": "market", "period": "2027-01", "value": 50}],
        )
    )
    assert ("Supply", "seller", "price") not in found
    assert found["Profiles", "market", "value"] == 50


TERMS: Row = {
    "name": "deal", "applies_to": "seller", "least_reserved": 120, "most_reserved": 120,
    "price_rule": "fixed", "price": 60, "take_or_pay": 0.9,
}  # fmt: skip
HALF: Row = {"name": "half", "target": "seller", "effect": "capacity", "factor": 0.5}


@pytest.mark.parametrize(
    ("column", "need", "deal"),
    [
        # 4.5 of 20 t a month are lifted
        ("most_a_month", 240, {"most_a_month": 4.5}),
        # 50 t more may be lifted of what was signed for before the plan
        ("lifted_before", 300,
         {"most_a_month": 40, "lifted_before": 7, "settled": "contract year", "start": "2026-07"}),
        # 46 t are owed for, less than is needed
        ("lifted_before", 50,
         {"lifted_before": 7, "settled": "contract year", "start": "2026-07"}),
        # 13 t paid for before are made up, of more that is needed
        ("paid_before", 300, {"make_up_months": 18, "paid_before": 13}),
    ],
)  # fmt: skip
def test_terms_of_a_contract_that_bind(column: str, need: float, deal: Row) -> None:
    tables = small(
        Supply=[{"name": "seller", "site": "works", "commodity": "ore", "price": 100, "most": 400}],
        Demand=[{"name": "smelter", "site": "works", "commodity": "ore", "need": need}],
        Contracts=[TERMS | deal],
        Events=[HALF | {"start": "2027-03"}],
        Relief=[{"name": "lost", "demand": "smelter", "kind": "lost", "cost": 900}],
    ).with_settings(calendar=(1,) * 6)
    assert wrong(tables) == []
    name = catalogue()["Contracts"].columns[column].name
    assert abs(told(answered(tables))["Contracts", "deal", name]) > SHOWN


@pytest.mark.parametrize(
    "deal",
    [
        {"settled": "quarter"},
        {"settled": "quarter", "make_up_months": 2},
        {"settled": "quarter", "make_up_months": 1, "most_a_month": 11},
        {"settled": "month", "end": "2027-03", "make_up_months": 3},
        {"settled": "month", "end": "2027-03", "make_up_months": 3, "most_a_month": 4},
        {"settled": "contract year", "start": "2026-04", "take_or_pay": 0.4, "lifted_before": 3},
        {"settled": "quarter", "price_rule": "index", "index": "path", "floor": 71},
    ],
)
@pytest.mark.parametrize("before", [0, 2])
def test_what_is_made_up(deal: Row, before: float) -> None:
    """Little is needed in the first quarter; what is paid for then is worth more in the second."""
    tables = small(
        Sites=[{"name": "works", "country": "Japan"}, {"name": "mine", "country": "Chile"}],
        Supply=[{"name": "seller", "site": "mine", "commodity": "ore", "price": 7},
                {"name": "dear", "site": "works", "commodity": "ore", "price": 300}],
        Routes=[{"name": "lane", "origin": "mine", "destination": "works", "commodity": "ore",
                 "price": 90, "tariff": 5, "freight": 3, "most": 170}],
        Demand=[{"name": "smelter", "site": "works", "commodity": "ore", "need": 37}],
        Contracts=[TERMS | {"applies_to": "lane", "make_up_months": 5} | deal
                   | {"paid_before": before}],
        Events=[{"name": "more", "target": "smelter", "effect": "demand", "factor": 4.7,
                 "start": "2027-04"},
                {"name": "dearer", "target": "lane", "effect": "price", "factor": 1.9,
                 "start": "2027-05"},
                {"name": "less", "scenario": "stop", "target": "lane", "effect": "capacity",
                 "factor": 0.6, "start": "2027-03", "months": 2},
                {"name": "level", "target": "deal", "effect": "price", "factor": 1.1,
                 "start": "2027-02"}],
        Scenarios=[{"name": "stop", "probability": 0.3, "known": "2027-02"}],
        Profiles=[{"name": "path", "period": "2027-01", "value": 60},
                  {"name": "path", "period": "2027-04", "value": 75}],
        Policies=[{"name": "budget", "measure": "spend", "of": "deal", "sense": "at most",
                   "limit": 100, "over": "horizon", "penalty": 0.3}],
    ).with_settings(calendar=(1,) * 8)  # fmt: skip
    plan = answered(tables)
    assert plan.of("make_up", "deal").sum() > 1
    assert wrong(tables) == []


@pytest.mark.parametrize("stopped", ["line", "press"])
def test_ramps_that_bind(stopped: str) -> None:
    """A press that rises from nought in February, and falls by half in April, not by its ramp."""
    tables = small(
        Commodities=[{"name": "ore", "kind": "feed"},
                     {"name": "oxide", "kind": "oxide", "disposal_cost": 1}],
        Processes=[{"name": "press", "site": "works", "cost": 3, "most": 600, "ramp": 110}],
        Recipes=[{"process": "press", "role": role, "item": item, "amount": amount}
                 for role, item, amount in (("input", "ore", 1), ("output", "oxide", 0.9),
                                            ("uses", "line", 0.8))],
        Facilities=[{"name": "line", "site": "works", "capacity": 490}],
        Supply=[{"name": "seller", "site": "works", "commodity": "ore", "price": 4, "ramp": 150},
                {"name": "dear", "site": "works", "commodity": "oxide", "price": 100}],
        Demand=[{"name": "smelter", "site": "works", "commodity": "oxide", "need": 500}],
        Events=[
            {"name": "late", "target": "press", "effect": "capacity", "factor": 0.01,
             "start": "2027-01", "months": 1},
            {"name": "cut", "target": stopped, "effect": "capacity", "factor": 0.3,
             "start": "2027-05", "months": 1},
            {"name": "less", "target": "smelter", "effect": "demand", "factor": 0.1,
             "start": "2027-05"},
        ],
    ).with_settings(calendar=(1,) * 7)  # fmt: skip
    assert wrong(tables) == []
    assert abs(told(answered(tables))["Processes", "press", "ramp"]) > SHOWN


LOST: Row = {"name": "lost", "demand": "smelter", "kind": "lost", "cost": 900}
PAID: Row = {"name": "paid", "site": "works", "commodity": "ore", "price": 5, "most": 60}
LATER: list[Row] = [{"name": "price", "period": f"2027-0{m}", "value": x}
                    for m, x in enumerate((90, 80, 70, 60), start=1)]  # fmt: skip
PRESS: dict[str, Any] = {
    "Commodities": [{"name": "ore", "kind": "feed"},
                    {"name": "oxide", "kind": "oxide", "disposal_cost": 1}],
    "Recipes": [{"process": "press", "role": role, "item": item, "amount": amount}
                for role, item, amount in (("input", "ore", 1), ("output", "oxide", 0.9),
                                           ("uses", "line", 0.8))],
    "Demand": [{"name": "smelter", "site": "works", "commodity": "oxide", "need": 500}],
    "Supply": [{"name": "seller", "site": "works", "commodity": "ore", "price": 4},
               {"name": "dear", "site": "works", "commodity": "oxide", "price": 100}],
}  # fmt: skip
TWO_SELLERS: dict[str, Any] = {
    "Supply": [{"name": "seller", "site": "works", "commodity": "ore", "price": 100},
               {"name": "dear", "site": "works", "commodity": "ore", "price": 130}],
}  # fmt: skip


def told_of(name: str, what: str, amount: float, month: str = "", detail: str = "") -> Row:
    return {"name": name, "what": what, "amount": amount, "month": month or None,
            "detail": detail}  # fmt: skip


UNDERWAY: dict[str, dict[str, Any]] = {
    "lands": {
        "Underway": [told_of("press", "lands", 3, "2027-02")],
        "Processes": [{"name": "press", "site": "works", "cost": 3, "lead": 2}],
        "Facilities": [{"name": "line", "site": "works", "capacity": 100}],
    } | PRESS,
    "ready": {
        "Underway": [told_of("line", "ready", 300, "2027-02"),
                     told_of("line", "ready", 40, "2024-01")],
        "Processes": [{"name": "press", "site": "works", "cost": 3}],
        "Facilities": [{"name": "line", "site": "works", "capacity": 10, "life_years": 3.25,
                        "expansion_cost": 7, "most_expansion": 0, "minimum_use": 0.2}],
        "Events": [{"name": "stop", "target": "line", "effect": "capacity", "factor": 0.4,
                    "start": "2027-03", "months": 1}],
    } | PRESS,
    "returns": {
        "Underway": [told_of("wait", "returns", 0.4, "2026-12"),
                     told_of("wait", "returns", 0.2, "2027-02")],
        "Relief": [{"name": "wait", "demand": "smelter", "kind": "defer", "returns": 1, "cost": 2,
                    "latest_return": 2.5, "share": 0.1}],
        "Events": [{"name": "falls", "target": "seller", "effect": "price", "profile": "price"}],
        "Profiles": LATER,
    },
    "moved": {
        "Underway": [told_of("seller", "moved", 0.2, "2026-12")],
        "Supply": [TWO_SELLERS["Supply"][0] | {"ramp": 1}, TWO_SELLERS["Supply"][1]],
    },
    "moved, and forced by a limit: it does not count": {
        "Underway": [told_of("seller", "moved", 0.9, "2026-12")],
        "Supply": [TWO_SELLERS["Supply"][0] | {"ramp": 1, "most": 6, "price": 200},
                   TWO_SELLERS["Supply"][1]],
    },
    "carried over": {
        "Underway": [told_of("rule", "carried over", -0.3)], **TWO_SELLERS,
        "Policies": [{"name": "rule", "measure": "share", "of": "seller", "counted": "bought",
                      "sense": "at most", "limit": 0.5, "over": "calendar year"}],
    },
    "reserved": {
        "Underway": [told_of("deal", "reserved", 5)],
        "Contracts": [TERMS | {"lifted_before": 2, "settled": "contract year",
                               "start": "2026-07", "least_reserved": 12, "most_reserved": 12}],
        "Relief": [LOST],
    },
    "earned": {
        "Underway": [told_of("deal", "earned", 5)],
        "Contracts": [{"name": "deal", "applies_to": "seller", "price_rule": "index", "index": 90,
                       "rebate_above": 70, "rebate_share": 0.3, "most_reserved": 12}],
    },
    "expires": {
        "Underway": [told_of("store", "expires", 3, "2027-01"),
                     told_of("store", "expires", 1.9, "2027-03")],
        "Stockpiles": [{"name": "store", "site": "works", "commodity": "ore", "opening": 5,
                        "life_months": 9}],
        "Sales": [PAID],
    },
}  # fmt: skip


@pytest.mark.parametrize("what", UNDERWAY)
def test_what_is_under_way(what: str) -> None:
    tables = small(**UNDERWAY[what]).with_settings(calendar=(1,) * 5)
    assert wrong(tables) == []
    told_here = [c for c in told(answered(tables)) if c[0] == "Underway"]
    assert len(told_here) == (0 if "not count" in what else len(tables["Underway"]))


def test_what_an_event_leaves_of_a_number_counts() -> None:
    event = {"name": "dearer", "target": "seller", "effect": "price", "factor": 2, "add": 5}
    found = effects_of(small(Events=[event]))
    assert found["Supply", "seller", "price"] == 200
    assert found["Events", "dearer", "factor"] == 200
    assert found["Events", "dearer", "add"] == 5


def test_a_stock_that_must_be_given_back_saves_nothing() -> None:
    store = {"name": "store", "site": "works", "commodity": "ore", "opening": 4,
             "ending": "at least opening"}  # fmt: skip
    assert ("Stockpiles", "store", "opening") not in effects_of(small(Stockpiles=[store]))


def test_a_price_counts_in_the_budget_that_it_fills() -> None:
    sellers = [
        {"name": "cheap", "site": "works", "commodity": "ore", "price": 5},
        {"name": "dear", "site": "works", "commodity": "ore", "price": 20},
    ]
    budget = {"name": "budget", "measure": "spend", "of": "cheap", "sense": "at most",
              "limit": 25, "over": "horizon"}  # fmt: skip
    found = effects_of(small(Supply=sellers, Policies=[budget]))
    assert found["Supply", "cheap", "price"] == 10  # 5 t: 2.5 more for them, 7.5 for dear ones
    assert found["Policies", "budget", "limit"] == -7.5


def struck(path: Path, higher: float = 1.0, **options: object) -> SolvedPlan:
    """The plan of the small book with hazards, the factors of their strikes so much higher."""
    edit = both(
        more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
        more("Hazards", name="Fire", target=["Kiln"], effect="capacity", factor=0.1 * higher,
             largest_factor=0.2 * higher, rate=1.5, mean_months=2, disruption="yes"),
        more("Hazards", name="Rise", target=["Lane"], effect="price", factor=1.2 * higher,
             largest_factor=3 * higher, rate=2, mean_months=3),
        more("Scenarios", name="Flood", probability=0.2, known="2026-09"),
        more("Events", name="Wet", scenario="Flood", target=["Lane"], effect="capacity", factor=0),
    )  # fmt: skip
    return kido.evaluate(small_book(path, edit, **{"calendar": "12 month", **options}))


def test_a_hazard_counts_as_all_its_strikes(tmp_path: Path) -> None:
    book, nudge = tmp_path / "book.xlsx", 1e-4
    held = told(struck(book, draws=30))
    assert not [cell for cell in held if cell[0] == "Events"]
    slope = held["Hazards", "Fire", "factor"] + held["Hazards", "Rise", "factor"]
    less, base, more = (
        struck(book, 1 + s * nudge, draws=30).solution.objective for s in (-1, 0, 1)
    )
    below, above = (base - less) / nudge, (more - base) / nudge
    room = CLOSE * max(abs(below), abs(above)) + SHOWN / STEP
    assert min(below, above) - room <= slope <= max(below, above) + room


def test_hazards_are_named_as_in_the_book() -> None:
    sheet = catalogue()["Hazards"]
    assert Labels("en").word("Hazards") == sheet.name
    assert Labels("ja").word("Hazards") == sheet.title("ja")


@pytest.mark.parametrize(("options", "told_of"), [({}, False), ({"draws_probability": 0.5}, True)])
def test_a_probability_that_the_draws_share(
    tmp_path: Path, options: dict[str, Any], told_of: bool
) -> None:
    """It is not told of where a larger one leaves less to the draws."""
    held = told(struck(tmp_path / "book.xlsx", draws=20, **options))
    assert (("Scenarios", "Flood", "probability") in held) == told_of


def test_four_times_the_draws_need_no_more_passes_over_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes, sums = [], Effects.sums

    def counted(effects: Effects, by_branch: Any) -> Any:
        passes.append(1)
        return sums(effects, by_branch)

    def passes_of(draws: int) -> int:
        answer = struck(tmp_path / "book.xlsx", draws=draws)
        with monkeypatch.context() as patch:
            patch.setattr(Effects, "sums", counted)
            passes.clear()
            guesses(answer)
        return len(passes)

    assert passes_of(200) < 1.5 * passes_of(50)


def monthly(**sheets: list[dict[str, object]]) -> Tables:
    """A tonne a month of powder, two t of ore each, at a works; ore may be thrown away."""
    rows: dict[str, list[dict[str, object]]] = {
        "Commodities": [
            {"name": "ore", "kind": "feed", "disposal_cost": 4},
            {"name": "powder", "kind": "oxide", "disposal_cost": 9},
        ],
        "Sites": [{"name": "works", "country": "Japan"}],
        "Supply": [{"name": "seller", "site": "works", "commodity": "ore", "price": 10}],
        "Processes": [{"name": "mill", "site": "works", "cost": 1, "most": 14}],
        "Recipes": [
            {"process": "mill", "role": "input", "item": "ore", "amount": 2},
            {"process": "mill", "role": "output", "item": "powder", "amount": 1},
        ],
        "Demand": [{"name": "need", "site": "works", "commodity": "powder", "need": 12}],
        "Relief": [{"name": "lost", "demand": "need", "kind": "lost", "cost": 70}],
    }
    return tables_of({"calendar": "6 month", "discount_rate": 0.1}, **{**rows, **sheets})


@pytest.mark.parametrize("life", [1, 1.5, 2])
def test_goods_that_perish(life: float) -> None:
    dearer = {"name": "dearer", "target": "seller", "effect": "price", "factor": 2,
              "start": "2027-02"}  # fmt: skip
    stocks: list[dict[str, object]] = [
        {"name": "heap", "site": "works", "commodity": "ore", "opening": 9, "life_months": life},
        {"name": "shed", "site": "works", "commodity": "ore", "opening": 1, "life_months": 3},
        {"name": "jar", "site": "works", "commodity": "powder", "life_months": life,
         "holding_cost": 3},
    ]  # fmt: skip
    tables = monthly(Stockpiles=stocks, Events=[dearer])
    worth = answered(tables).worth
    assert any(worth.of_rows("shelf_life", name).any() for name in ("heap", "shed", "jar"))
    assert wrong(tables) == []


def test_several_stocks_under_one_limit() -> None:
    dearer = {"name": "dearer", "target": "seller", "effect": "price", "factor": 2,
              "start": "2027-02"}  # fmt: skip
    stocks: list[dict[str, object]] = [
        {"name": "heap", "site": "works", "commodity": "ore"},
        {"name": "jar", "site": "works", "commodity": "powder"},
    ]
    rule = {"name": "room", "measure": "stock", "of": "works", "sense": "at most", "limit": 3}
    tables = monthly(Stockpiles=stocks, Events=[dearer], Policies=[rule])
    assert told(answered(tables))["Policies", "room", "limit"] < 0
    assert wrong(tables) == []
    assert (
        wrong(monthly(Stockpiles=stocks, Events=[dearer], Policies=[rule | {"penalty": 2}])) == []
    )


def test_money_in_other_currencies() -> None:
    """Cells, added amounts and profiles in yen and euro, and the rates themselves."""
    rates = {"jpy_per_usd": 150, "display_currency": "EUR", "fx": 0.8}
    tables = monthly(
        Supply=[
            {"name": "seller", "site": "works", "commodity": "ore", "price": 1500, "most": 15,
             "currency": "JPY"},
            {"name": "dear", "site": "works", "commodity": "ore", "price": 12, "currency": "EUR",
             "most": 20},
            {"name": "dollars", "site": "works", "commodity": "ore", "price": 18},
        ],
        Contracts=[
            {"name": "offtake", "applies_to": "dear", "least_reserved": 3, "fee": 0.2,
             "take_or_pay": 0.7, "price_rule": "index", "index": "market", "floor": 900,
             "currency": "JPY"}
        ],
        Stockpiles=[{"name": "heap", "site": "works", "commodity": "ore", "holding_cost": 120,
                     "currency": "JPY", "opening": 2, "capacity": 4}],
        Events=[
            {"name": "dearer", "target": "seller", "effect": "price", "add": 150,
             "start": "2027-02"},
            {"name": "path", "target": "dear", "effect": "price", "profile": "euros",
             "start": "2027-04"},
        ],
        Profiles=[
            {"name": "market", "period": "2027-01", "value": 1700},
            {"name": "euros", "period": "2027-01", "value": 9},
        ],
    )  # fmt: skip
    tables = tables.with_settings(**rates)
    assert wrong(tables) == []
    held, base = told(answered(tables)), answered(tables).solution.objective
    for option, key in (("JPY per USD", "jpy_per_usd"), ("fx", "fx")):
        slopes = [
            (cost(tables.with_settings(**{key: rates[key] * (1 + step)})) - base) / step
            for step in (-NUDGE, NUDGE)
        ]
        assert held["Settings", option, option] == pytest.approx(sum(slopes) / 2, rel=1e-3)


def test_minima_that_events_change() -> None:
    dear = {"name": "dear", "site": "works", "commodity": "ore", "price": 13, "most": 20,
            "least": 3}  # fmt: skip
    mill = {"name": "hall", "site": "works", "capacity": 30, "minimum_use": 0.1, "idle_cost": 5}
    uses = {"process": "mill", "role": "uses", "item": "hall", "amount": 1}
    lines = monthly()["Recipes"].rows.to_dict("records")
    tables = monthly(
        Supply=[{"name": "seller", "site": "works", "commodity": "ore", "price": 10}, dear],
        Facilities=[mill],
        Recipes=[*({k: r[k] for k in uses} for r in lines), uses],
        Events=[
            {"name": "more", "target": "dear", "effect": "minimum", "add": 2, "start": "2027-03"},
            {"name": "path", "target": "dear", "effect": "minimum", "profile": "least"},
            {"name": "busy", "target": "hall", "effect": "minimum", "factor": 6,
             "start": "2027-02"},
            {"name": "half", "target": "dear", "effect": "capacity", "factor": 0.8},
        ],
        Profiles=[{"name": "least", "period": "2027-05", "value": 7}],
    )  # fmt: skip
    names = {key[1] for key in told(answered(tables))}
    assert {"more", "busy", "least", "half"} <= names
    assert wrong(tables) == []


@pytest.mark.parametrize("latest", [2, 3, 4.5])
def test_need_that_returns_when_the_plan_wants_it(latest: float) -> None:
    wait: list[dict[str, object]] = [
        {"name": "wait", "demand": "need", "kind": "defer", "cost": 2, "share": 0.8,
         "returns": 1.5, "latest_return": latest},
        {"name": "lost", "demand": "need", "kind": "lost", "cost": 70},
    ]  # fmt: skip
    late = {"name": "seller", "site": "works", "commodity": "ore", "price": 10, "start": "2027-04"}
    tables = monthly(Relief=wait, Supply=[late])
    answer = answered(tables)
    assert answer.of("postpone", "wait").any()
    assert wrong(tables) == []
