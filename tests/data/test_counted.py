"""What words reach: money under budgets, tonnes once, and amounts in their units; by hand."""

from __future__ import annotations

from typing import Any

import pytest

from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan
from kido.solver.highs import InfeasibleProgram
from plan import plan
from sheets import Row, tables_of

Rows = list[Row]
BASE: dict[str, Rows] = {
    "Commodities": [{"name": "Dy", "kind": "oxide", "disposal_cost": 1}],
    "Sites": [
        {"name": "Mine", "country": "Australia"},
        {"name": "Port", "country": "Australia"},
        {"name": "Tokyo", "country": "Japan"},
    ],
}


def book(settings: Row | None = None, **sheets: Rows) -> Tables:
    options: Row = {"calendar": "12 month", "fiscal_start": 1, "yard_cost": 1, **(settings or {})}
    return tables_of(options, **{**BASE, **sheets})


def cost(tables: Tables) -> float:
    return plan(tables)[1].objective


def need(amount: float, commodity: str = "Dy", **more: object) -> Rows:
    return [{"name": "need", "site": "Tokyo", "commodity": commodity, "need": amount, **more}]


def lane(name: str, origin: str, to: str, **more: object) -> Row:
    return {"name": name, "origin": origin, "destination": to, "commodity": "Dy", **more}


# -- money -----------------------------------------------------------------------------

PAID = book(
    Supply=[{"name": "ore", "site": "Mine", "commodity": "Dy", "price": 5, "tags": "mined"}],
    Facilities=[{"name": "kiln", "site": "Port", "capacity": 1, "expansion_cost": 9,
                 "minimum_use": 0.5, "idle_cost": 2}],
    Processes=[{"name": "roast", "site": "Port", "cost": 3}],
    Recipes=[{"process": "roast", "role": "input", "item": "Dy", "amount": 1},
             {"process": "roast", "role": "output", "item": "Dy", "amount": 1},
             {"process": "roast", "role": "uses", "item": "kiln", "amount": 1}],
    Routes=[lane("rail", "Mine", "Port", freight=1, lead=1),
            lane("sea", "Port", "Tokyo", price=60, freight=2, tags="sealed")],
    Contracts=[{"name": "offtake", "applies_to": "sea", "most_reserved": 10, "fee": 1,
                "take_or_pay": 0.5, "price_rule": "index", "index": 50, "rebate_above": 40,
                "rebate_share": 0.5, "tags": "frame"}],
    Stockpiles=[{"name": "store", "site": "Tokyo", "commodity": "Dy", "holding_cost": 1,
                 "owner": "State"}],
    Demand=need(12),
)  # fmt: skip
TERMS = {"reserve", "lift", "forgo", "rebate"}
REACHED: dict[str, set[str]] = {  # word: variables whose money counts under it
    "ore": {"buy"}, "mined": {"buy"},
    "rail": {"ship rail"},
    "sea": {"ship sea", *TERMS}, "sealed": {"ship sea", *TERMS},
    "offtake": TERMS, "frame": TERMS,
    "kiln": {"idle", "expand"}, "roast": {"run"},
    "store": {"stock"}, "State": {"stock"},
    "Mine": {"buy", "ship rail"},
    "Port": {"ship sea", "run", "idle", "expand", "yard_stock", *TERMS},
    "Australia": {"buy", "ship rail", "ship sea", "run", "idle", "expand", "yard_stock", *TERMS},
    "Tokyo": {"stock"}, "Japan": {"stock"},
}  # fmt: skip
KINDS = {
    "purchase": {"buy", "ship sea", "lift", "forgo", "rebate"},
    "freight": {"ship rail", "ship sea"},
    "running": {"run", "idle"},
    "fee": {"reserve"},
    "expansion": {"expand"},
    "holding": {"stock", "yard_stock"},
}


def money_under(word: str, kinds: str | None = None) -> set[str]:
    rule = {"name": "budget", "measure": "spend", "of": word, "kinds": kinds,
            "sense": "at most", "limit": 1}  # fmt: skip
    frames = {**PAID.frames, "Policies": tables_of(Policies=[rule])["Policies"]}
    (policy,) = make_case(Tables("", "", PAID.settings, {}, frames)).policies
    return {
        f"{c.variable} {c.key[0]}" if c.variable == "ship" else c.variable
        for c in policy.numerator
        if (c.rate != 0).any()
    }


@pytest.mark.parametrize("word", REACHED)
def test_a_word_reaches_all_the_money_of_its_rows(word: str) -> None:
    assert money_under(word) == REACHED[word]
    for kind, variables in KINDS.items():
        assert money_under(word, kind) == REACHED[word] & variables, kind


def budgeted(limit: float | None) -> Tables:
    """60 t a year are needed and 120 reserved, all to be paid for: 3,000 lifted, 3,000 forgone."""
    rule = {"name": "budget", "measure": "spend", "of": "China", "sense": "at most",
            "limit": limit, "over": "horizon"}  # fmt: skip
    return book(
        Sites=[{"name": "Baotou", "country": "China"}, {"name": "Tokyo", "country": "Japan"}],
        Supply=[{"name": "offer", "site": "Baotou", "commodity": "Dy"}],
        Routes=[{**lane("ship", "Baotou", "Tokyo"), "price": 50}],
        Contracts=[{"name": "deal", "applies_to": "ship", "least_reserved": 120, "fee": 5,
                    "most_reserved": 120, "take_or_pay": 1}],
        Demand=need(60), Policies=[rule] if limit is not None else [],
    )  # fmt: skip


def test_a_budget_on_a_country_sees_what_contracts_on_its_lanes_cost() -> None:
    assert cost(budgeted(None)) == pytest.approx(6600)
    assert cost(budgeted(6600)) == pytest.approx(6600)
    with pytest.raises((InfeasibleProgram, InfeasiblePlan)):
        cost(budgeted(6599))


# -- tonnes ----------------------------------------------------------------------------

WAY: dict[str, Rows] = {
    "Supply": [{"name": "mined", "site": "Mine", "commodity": "Dy", "price": 10, "tags": "deal"},
               {"name": "spot", "site": "Tokyo", "commodity": "Dy", "price": 50}],
    "Routes": [lane("rail", "Mine", "Port", tags="deal"),
               lane("sea", "Port", "Tokyo", tags="deal")],
}  # fmt: skip


def covers(**prices: float) -> list[str]:
    rows = {
        "Supply": [{**WAY["Supply"][0], "price": prices.get("mined", 0)}],
        "Routes": [{**r, "price": prices.get(str(r["name"]), 0)} for r in WAY["Routes"]],
    }
    deal = [{"name": "contract", "applies_to": "deal", "most_reserved": 9}]
    case = make_case(book(**rows, Contracts=deal))
    return [row for _, row in case.contracts["contract"].covers]


def test_a_contract_counts_a_tonne_where_title_passes() -> None:
    assert covers(mined=10) == ["mined"]
    assert covers(mined=10, sea=60) == ["mined"]
    assert covers(sea=60) == ["sea"]
    assert covers(rail=1) == ["rail"]
    assert covers() == ["mined"]


@pytest.mark.parametrize("applies_to", ["deal", "Australia", "mined; rail", "sea; mined"])
def test_a_tonne_is_not_lifted_twice(applies_to: str) -> None:
    # 120 t/yr are firm, 60 are needed: 60 are bought, 60 paid for and not taken
    firm = [{"name": "contract", "applies_to": applies_to, "least_reserved": 120,
             "most_reserved": 120, "take_or_pay": 1}]  # fmt: skip
    assert cost(book(**WAY, Contracts=firm, Demand=need(60))) == pytest.approx(1200)


def quota(limit: float, **more: object) -> float:
    rule = {"name": "quota", "measure": "volume", "counted": "shipped", "sense": "at most",
            "of": "Australia", "limit": limit, **more}  # fmt: skip
    return cost(book(**WAY, Demand=need(100), Policies=[rule]))


def test_a_quota_counts_a_tonne_on_the_last_of_its_lanes() -> None:
    # 60 t of the mine at 10, 40 t of spot at 50
    assert quota(60) == pytest.approx(2600)
    assert quota(60, of="rail") == pytest.approx(2600)
    assert quota(60, into="Port") == pytest.approx(2600)
    assert quota(120) == pytest.approx(1000)


def test_lanes_there_and_back_count_both() -> None:
    back = {**WAY, "Routes": [*WAY["Routes"], lane("back", "Port", "Mine")]}
    rule = {"name": "quota", "measure": "volume", "counted": "shipped", "sense": "at most",
            "of": "rail; back", "limit": 60}  # fmt: skip
    assert cost(book(**back, Demand=need(100), Policies=[rule])) == pytest.approx(2600)


def test_what_is_made_counts_where_it_is_made_last() -> None:
    chain: dict[str, Rows] = {
        "Commodities": [{"name": n, "kind": "oxide", "disposal_cost": 1}
                        for n in ("ore", "mixed", "Dy")],
        "Supply": [{"name": "mined", "site": "Tokyo", "commodity": "ore", "price": 10},
                   {"name": "spot", "site": "Tokyo", "commodity": "Dy", "price": 50}],
        "Processes": [{"name": n, "site": "Tokyo"} for n in ("crack", "part")],
        "Recipes": [{"process": p, "role": role, "item": item, "amount": 1}
                    for p, takes, makes in (("crack", "ore", "mixed"), ("part", "mixed", "Dy"))
                    for role, item in (("input", takes), ("output", makes))],
    }  # fmt: skip
    rule = {"name": "quota", "measure": "volume", "counted": "made", "sense": "at most",
            "of": "Tokyo", "limit": 60}  # fmt: skip
    assert cost(book(**chain, Demand=need(100), Policies=[rule])) == pytest.approx(2600)


# -- units -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "amount"), [("kg", 500), ("kg REO", 500), ("g", 5e5), ("t", 0.5), ("kt", 5e-4)]
)
def test_every_number_about_a_commodity_is_in_its_unit(unit: str, amount: float) -> None:
    """Half a tonne a year at 900 USD/kg, by way of every row that holds an amount: 450 kUSD."""
    of = {"commodity": "Sc"}
    each = amount / 0.5  # units in a tonne
    tables = book(
        {"yard_cost": None},
        Commodities=[{"name": "Sc", "kind": "oxide", "unit": unit, "content": 1},
                     {"name": "mix", "kind": "feed", "disposal_cost": 0}],
        Supply=[{"name": "offer", "site": "Mine", "price": 890, "most": amount, **of},
                {"name": "feed", "site": "Mine", "commodity": "mix", "price": 0}],
        Processes=[{"name": "refine", "site": "Mine", "most": 0.25}],
        Recipes=[{"process": "refine", "role": "input", "item": "mix", "amount": 1},
                 {"process": "refine", "role": "output", "item": "Sc", "amount": each}],
        Routes=[{**lane("ship", "Mine", "Tokyo"), **of, "freight": 10, "most": amount / 2}],
        Contracts=[{"name": "firm", "applies_to": "offer", "least_reserved": amount / 2,
                    "most_reserved": amount / 2, "take_or_pay": 1}],
        Stockpiles=[{"name": "store", "site": "Tokyo", **of, "opening": amount / 4,
                     "ending": "at least", "ending_amount": amount / 4}],
        Demand=need(amount, "Sc"),
        Relief=[{"name": "lost", "demand": "need", "kind": "lost", "cost": 1000}],
        Policies=[{"name": "cap", "measure": "volume", "of": "offer", "counted": "bought",
                   "sense": "at most", "limit": amount / 2}],
    )  # fmt: skip
    # 0.25 t of the plant cost nothing but the freight; the firm 0.25 t are paid, taken or not;
    # the lane carries 0.25 t; the store must end as it began; 0.25 t of need are lost
    assert cost(tables) == pytest.approx(0.25 * 890 + 0.25 * 10 + 0.25 * 1000)


def mixed(measure: str, **rule: object) -> float:
    """Oxide of Australia at 60, magnets of China at 50, either at 500 at home."""
    sheets: dict[str, Rows] = {
        "Commodities": [{"name": "NdPr", "kind": "oxide"},
                        {"name": "magnet", "kind": "magnet", "unit": "t", "content": 0.3}],
        "Sites": [*BASE["Sites"], {"name": "Works", "country": "China"}],
        "Supply": [{"name": n, "site": s, "commodity": c, "price": p}
                   for n, s, c, p in (("a", "Mine", "NdPr", 60), ("b", "Works", "magnet", 50),
                                      ("c", "Tokyo", "NdPr", 500), ("d", "Tokyo", "magnet", 500))],
        "Routes": [{**lane("au", "Mine", "Tokyo"), "commodity": "NdPr"},
                   {**lane("cn", "Works", "Tokyo"), "commodity": "magnet"}],
        "Demand": [{"name": "no", "site": "Tokyo", "commodity": "NdPr", "need": 70},
                   {"name": "nm", "site": "Tokyo", "commodity": "magnet", "need": 100}],
        "Policies": [{"name": "rule", "measure": measure, "of": "China", "counted": "shipped",
                      "into": "Japan", "sense": "at most", **rule}],
    }  # fmt: skip
    return cost(book(**sheets))


def test_goods_of_different_content_are_added_by_their_oxide() -> None:
    assert mixed("share", limit=0.5) == pytest.approx(4200 + 5000)  # 30 of 100 t REO are Chinese
    assert mixed("share", limit=0.2) == pytest.approx(  # 17.5 of 87.5 t REO: 58.3 t of magnets
        4200 + 5000 + (100 - 17.5 / 0.3) * 450
    )
    # one commodity alone in its own tonnes
    assert mixed("volume", limit=50) == pytest.approx(4200 + 2500 + 25000)


def held(**policy: Any) -> float:
    """What a year costs in which a month's need is held at the end of each: oxide or alloy."""
    sheets: dict[str, Rows] = {
        "Commodities": [{"name": "NdPr", "kind": "oxide"},
                        {"name": "alloy", "kind": "metal", "unit": "t", "content": 0.35}],
        "Supply": [{"name": "ox", "site": "Tokyo", "commodity": "NdPr", "price": 60},
                   {"name": "al", "site": "Tokyo", "commodity": "alloy", "price": 20}],
        "Stockpiles": [{"name": "so", "site": "Tokyo", "commodity": "NdPr", "holding_cost": 1},
                       {"name": "sa", "site": "Tokyo", "commodity": "alloy", "holding_cost": 1}],
        "Demand": [{"name": "no", "site": "Tokyo", "commodity": "NdPr", "need": 12},
                   {"name": "na", "site": "Tokyo", "commodity": "alloy", "need": 12}],
        "Policies": [{"name": "cover", "measure": "cover", "sense": "at least", "limit": 1,
                      **policy}],
    }  # fmt: skip
    return cost(book({"calendar": "1 month"}, **sheets)) - 60 - 20


def test_cover_without_demands_named_is_for_what_its_stocks_hold() -> None:
    assert held(of="so") == pytest.approx(60 + 1 / 12)
    assert held(of="sa") == pytest.approx(20 + 1 / 12)
    # 1 t REO of oxide and 0.35 of alloy are needed: as 1.35 / 0.35 t of alloy the cheaper way
    assert held(of="so; sa") == pytest.approx(1.35 / 0.35 * (20 + 1 / 12))
    assert held(of="so; sa", out_of="no") == pytest.approx(1 / 0.35 * (20 + 1 / 12))


@pytest.mark.parametrize(("over", "kusd"), [("year", 1200), ("calendar year", 600)])
def test_a_quota_of_a_calendar_year(over: str, kusd: float) -> None:
    """60 t from April to December: all of a calendar year's quota, 45 of a fiscal year's 60."""
    quota = {"name": "quota", "measure": "volume", "of": "cheap", "sense": "at most",
             "counted": "bought", "limit": 60, "over": over}  # fmt: skip
    spot = {"site": "Tokyo", "commodity": "Dy"}
    tables = book(
        {"start": "2027-01", "fiscal_start": 4, "yard_cost": None},
        Supply=[{"name": "cheap", "price": 10, **spot}, {"name": "dear", "price": 50, **spot}],
        Demand=need(80), Policies=[quota],
        Events=[{"target": "need", "effect": "demand", "factor": 0, "start": "2027-01",
                 "months": 3}],
    )  # fmt: skip
    assert cost(tables) == pytest.approx(kusd)
