"""Random books that hold everything a book may say, plans or not: for comparisons of programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from kido.data.months import month_text
from kido.data.tables import Tables
from randombooks import START, Rows
from sheets import tables_of

One = Callable[..., Any]
CALENDARS = ("6 month", "2 month, 2 quarter", "3 quarter", "1 month, 1 half-year, 1 quarter")
WORDS = ("north", "deal", "ore by sea", "Malaysia", "Plant", "motors", "kiln", "offtake", "public")


@st.composite
def wide_books(draw: st.DrawFn) -> Tables:
    """Two mines, a plant, a hub and a market, with units, contents, delays, profiles, contracts
    and policies of every sort."""

    def one(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    def month(blank: bool = True) -> str | None:
        return one(*([None] * blank), *(month_text(START + n) for n in range(-1, 9)))

    sheets = _world(one, month)
    names = _scenarios(one, sheets)
    _contracts(one, month, sheets)
    _policies(one, month, names, sheets)
    _events(one, month, names, sheets)
    for row in (*sheets["Demand"], *sheets["Stockpiles"]):
        row |= {"start": one(None, "2027-02", "2027-04"), "end": one(None, None, "2027-06")}
    for sheet in ("Commodities", "Supply", "Sales", "Facilities", "Processes", "Routes",
                  "Contracts", "Stockpiles", "Relief"):  # fmt: skip
        for row in sheets[sheet][:2]:
            row["currency"] = one(None, None, "JPY", "EUR")
    options = {
        "jpy_per_usd": one(2, 1.25), "display_currency": "EUR", "fx": 0.5,
        "start": "2027-01", "calendar": one(*CALENDARS), "run_out": one(0, 2),
        "least_cost": one(0, 0.01), "yard_cost": one(None, 2), "discount_rate": one(0, 0.1),
        "risk_weight": one(0, 0.5), "cvar_level": 0.8, "fiscal_start": one(1, 4),
    }  # fmt: skip
    for row in sheets["Contracts"]:
        row |= {"make_up_months": one(0, 1, 3, 12), "paid_before": one(0, 0, 2)}
    return tables_of(options, **sheets)


def _world(one: One, month: Callable[..., Any]) -> Rows:
    lead = (0, 0.5, 1.25, 2)
    return {
        "Commodities": [
            {"name": "ore", "kind": "feed", "disposal_cost": 3, "unit": one(None, "t", "kg REO"),
             "content": one(0.5, 1)},
            {"name": "Dy", "kind": "oxide", "disposal_cost": 2, "unit": one(None, "kg REO"),
             "content": 1},
            {"name": "La", "kind": "oxide", "unit": one(None, "t REO"), "content": one(None, 0.8)},
        ],
        "Sites": [
            {"name": "North", "country": "Australia", "tags": one(None, "public")},
            {"name": "South", "country": "Brazil"},
            {"name": "Plant", "country": "Malaysia"},
            {"name": "Hub", "country": one("Malaysia", "Japan")},
            {"name": "Osaka", "country": "Japan"},
        ],
        "Supply": [
            {"name": "north", "site": "North", "commodity": "ore", "price": one(0, 2), "most": 120,
             "least": one(0, 12), "start": month(), "end": one(None, "2027-07"),
             "tags": one(None, "deal"), "ramp": one(None, 24)},
            {"name": "south", "site": "South", "commodity": "ore", "price": one(1.5, 4),
             "most": one(None, 60), "start": month()},
            {"name": "spot", "site": "Osaka", "commodity": "Dy", "price": 60, "most": one(6, 24)},
        ],
        "Sales": [{"name": "outlet", "site": "Plant", "commodity": "La", "price": 0.5,
                   "most": one(None, 12), "least": one(0, 1), "start": month(),
                   "ramp": one(None, 6)}],
        "Facilities": [
            {"name": "kiln", "site": "Plant", "capacity": one(0, 48), "start": month(),
             "end": one(None, "2027-08"), "minimum_use": one(0, 0.5), "idle_cost": one(None, 1),
             "expansion_cost": one(None, 5), "most_expansion": one(None, 24),
             "build_months": one(0, 2), "life_years": one(None, 0.2, 0.34, 2),
             "tags": one(None, "public")},
            {"name": "port", "site": "Hub", "capacity": 60},
        ],
        "Processes": [
            {"name": "split", "site": "Plant", "cost": one(0, 1), "most": one(None, 240),
             "lead": one(*lead), "in_works": one(0, 12), "start": month(),
             "tags": one(None, "deal"), "ramp": one(None, 60)},
            {"name": "polish", "site": "Plant", "cost": 1, "most": 50},
        ],
        "Recipes": [
            {"process": "split", "role": "input", "item": "ore", "amount": 1},
            {"process": "split", "role": "output", "item": "Dy", "amount": 0.25},
            {"process": "split", "role": "output", "item": "La", "amount": 0.5},
            {"process": "split", "role": "uses", "item": "kiln", "amount": 0.5},
            {"process": "polish", "role": "input", "item": "La", "amount": 1},
            {"process": "polish", "role": "output", "item": "Dy", "amount": 0.1},
        ],
        "Routes": [
            {"name": "ore by sea", "origin": "North", "destination": "Plant", "commodity": "ore",
             "price": one(0, 1), "freight": one(0, 1), "tariff": one(0, 10), "lead": one(*lead),
             "on_water": one(0, 24), "loss": one(0, 4), "most": one(None, 60),
             "start": month(), "tags": one(None, "deal")},
            {"name": "ore by land", "origin": "South", "destination": "Plant", "commodity": "ore",
             "freight": 2, "lead": one(*lead), "least": one(0, 6), "most": 60},
            {"name": "to the hub", "origin": "Plant", "destination": "Hub", "commodity": "Dy",
             "freight": 3, "lead": one(*lead), "uses": one(None, "port"),
             "tags": one(None, "deal"), "ramp": one(None, 12)},
            {"name": "from the hub", "origin": "Hub", "destination": "Osaka", "commodity": "Dy",
             "freight": 1, "price": one(0, 30), "tags": one(None, "deal"), "most": one(None, 12)},
            {"name": "and back", "origin": "Osaka", "destination": "Hub", "commodity": "Dy",
             "freight": 1},
        ],
        "Stockpiles": [
            {"name": "store", "site": "Osaka", "commodity": "Dy", "opening": one(0, 2),
             "capacity": one(None, 20), "holding_cost": one(0, 6), "draw": one(None, 0.5),
             "fill": one(None, 1), "floor": one(0, 1), "owner": "State",
             "release": one("any time", "from a month", "once a disruption is known"),
             "release_month": "2027-03", "ending_amount": 1, "life_months": one(None, 1, 2.5, 4),
             "ending": one("free", "at least opening", "at least", "value per kg")},
            {"name": "shed", "site": "Osaka", "commodity": "Dy", "capacity": one(0, 5),
             "life_months": one(None, 2)},
            {"name": "heap", "site": "Plant", "commodity": "ore", "capacity": 50, "opening": 3,
             "life_months": one(None, 3)},
        ],
        "Demand": [
            {"name": "need", "site": "Osaka", "commodity": "Dy", "need": one(6, 18),
             "segment": "motors", "growth": one(0, 0.1)},
            {"name": "lamps", "site": "Osaka", "commodity": "La", "need": one(0, 6),
             "segment": "light"},
        ],
        "Relief": [
            {"name": "thrift", "demand": "need", "kind": "thrift", "share": 0.25, "cost": 20,
             "notice": one(None, 0, 1.5), "start": month()},
            {"name": "later", "demand": "need", "kind": "defer", "share": 0.5, "cost": 1,
             "returns": one(None, 1, 1.5), "latest_return": one(None, 1.5, 3)},
            {"name": "lost", "demand": "need", "kind": "lost", "share": one(1, 0.5), "cost": 150},
            {"name": "dark", "demand": "lamps", "kind": "lost", "cost": 50},
        ],
    }  # fmt: skip


def _scenarios(one: One, sheets: Rows) -> list[str]:
    rows: Rows = {"Scenarios": []}
    for name, probability in (("Halt", 0.3), ("Rise", 0.2))[: one(0, 1, 2)]:
        known = one(*range(6))
        rows["Scenarios"].append(
            {"name": name, "probability": probability, "known": month_text(START + known),
             "disruption": one("yes", "no")}
        )  # fmt: skip
        if one(True, False):
            rows["Scenarios"][-1] |= {"every": 2, "until": month_text(START + known + 6)}
        elif one(True, False):
            rows["Scenarios"].append(
                {"name": f"Long {name}", "parent": name, "probability": one(0.05, probability),
                 "known": month_text(START + one(*range(known, 6)))}
            )  # fmt: skip
    sheets["Scenarios"] = rows["Scenarios"]
    return [str(row["name"]) for row in rows["Scenarios"]]


def _contracts(one: One, month: Callable[..., Any], sheets: Rows) -> None:
    sheets["Contracts"] = [
        {"name": name, "applies_to": one(*words), "depends_on": one(None, "Plant", "kiln", "deal"),
         "least_reserved": one(0, 12), "most_reserved": one(None, 24), "fee": one(0, 0.25),
         "take_or_pay": one(0, 0.5, 1), "settled": one("month", "quarter", "year", "contract year"),
         "price_rule": one("fixed", "index", "spot"), "price": 0.5,
         "index": one(None, 2, "path"), "floor": one(None, 0.75), "rebate_above": 1,
         "rebate_share": one(0, 0.3), "rebate_cap": one(None, 5), "start": month(),
         "end": one(None, "2027-06"), "tags": one(None, "public"),
         "most_a_month": one(None, None, 2), "lifted_before": one(None, 2),
         "ramp": one(None, 6)}
        for name, words in (
            ("offtake", ("north", "ore by sea", "Australia", "north; ore by sea")),
            ("frame", ("from the hub", "to the hub; from the hub", "Hub", "ore by land")),
        )[: one(0, 1, 2)]
    ]  # fmt: skip


def _policies(one: One, month: Callable[..., Any], names: list[str], sheets: Rows) -> None:
    rules: list[dict[str, object]] = [
        {"measure": "share", "of": "any country", "counted": one("bought", "made", "shipped")},
        {"measure": "share", "of": one(*WORDS[:5]), "counted": one("bought", "shipped"),
         "out_of_counted": one(None, "made"), "into": one(None, "Japan", "Plant")},
        {"measure": "volume", "of": one(*WORDS), "into": one(None, "Japan"),
         "counted": one("bought", "made", "shipped", "delivered", "ordered")},
        {"measure": "spend", "of": one(*WORDS, "State", "store"),
         "kinds": one(None, "purchase", "fee; holding", "expansion", "running; freight")},
        {"measure": "cover", "of": one("store", "State", "store; heap", "Japan"),
         "out_of": one(None, "motors", "need; lamps")},
        {"measure": "stock", "of": one("store", "State", "store; heap", "Japan")},
        {"measure": "service", "of": one("motors", "Japan"), "sense": "at least"},
    ]  # fmt: skip
    sheets["Policies"] = [
        {"sense": one("at least", "at most") if rule["measure"] != "cover" else "at least",
         "limit": one(0.5, 0.75, 1), "over": one("month", "year", "calendar year", "horizon"),
         "name": f"rule {n}", "penalty": one(None, 2), "start": month(),
         "end": one(None, "2027-08"), "scenario": one(None, "calm", *names),
         "commodity": one(None, None, "Dy", "ore; Dy"), **rule}
        for n, rule in enumerate(rules)
        if one(True, False)
    ]  # fmt: skip


TARGETS = {
    "capacity": ("north", "South", "kiln", "split", "ore by sea", "Plant", "lost", "thrift",
                 "store", "Malaysia", "deal"),
    "price": ("north", "ore by sea", "Australia", "offtake", "deal"),
    "cost": ("split", "from the hub", "thrift", "store", "Osaka", "Plant"),
    "demand": ("need", "Japan"),
    "yield": ("split", "Plant"),
    "lead": ("ore by sea", "split", "Plant"),
    "delay": ("kiln", "north", "ore by sea", "Plant", "split", "Australia"),
    "tariff": ("ore by sea", "North"),
    "loss": ("ore by sea", "to the hub"),
    "minimum": ("north", "ore by land", "kiln", "deal", "Plant", "outlet"),
}  # fmt: skip


def _events(one: One, month: Callable[..., Any], names: list[str], sheets: Rows) -> None:
    known = {str(row["name"]): str(row["known"]) for row in sheets["Scenarios"]}
    sheets["Profiles"] = [
        {"name": "path", "period": "2027-02", "value": 3},
        {"name": "path", "period": "2027-04", "value": 6},
        {"name": "early", "period": "2026-12", "value": 12},
        {"name": "early", "period": "2027-05", "value": 24},
    ]
    rows: list[dict[str, object]] = []
    for _ in range(one(0, 1, 2, 4, 6)):
        effect, scenario = str(one(*TARGETS)), str(one("", *names))
        row: dict[str, object] = {
            "effect": effect, "scenario": scenario, "target": one(*TARGETS[effect]),
            "months": one(None, 0.5, 1, 1.5, 2, 3.25), "recovery": one(0, 0, 2),
            "start": month() if not scenario else one(None, known[scenario]),
            "commodity": one(None, None, "Dy"), "disruption": one("no", "yes"),
        }  # fmt: skip
        if row["disruption"] == "yes":
            row["touches"] = one(None, "ore", "Dy", "ore; La")
        change = one("factor", "add", "profile")
        if effect == "delay" or (effect in ("lead", "loss", "tariff") and change == "factor"):
            row["add"] = one(-1, 0.5, 1, 2.5, 4)
        elif change == "profile" and effect in ("capacity", "minimum", "price", "demand", "cost"):
            row["profile"] = one("path", "early")
        elif change == "add" and effect in ("demand", "price", "loss", "tariff"):
            row["add"] = one(-40, 2, 120)
        else:
            row["factor"] = one(0, 0.5, 1.5)
        rows.append(row)
    sheets["Events"] = rows
