"""Random books: a small world that nearly always has a plan, with whatever a test wants in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from kido.data.months import month_text, parse_month
from kido.data.tables import Tables
from sheets import tables_of

START = parse_month("2027-01")
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Kind:
    """What a random book may hold."""

    leads: bool = True
    scenarios: bool = True
    events: Sequence[str] = ("capacity", "price", "cost", "demand", "yield", "lead", "loss")
    storing_costs: bool = True
    discount: bool = True
    risk: bool = True
    terms: bool = True  # contracts, policies, expansion
    crises: bool = True  # events that are a disruption


EVERYTHING = Kind()
TARGETS = {  # rows an event with the effect may name
    "capacity": ("north", "south", "kiln", "split", "ore by sea", "oxide by sea", "spot"),
    "price": ("north", "spot", "ore by sea"),
    "cost": ("split", "oxide by sea", "thrift", "store"),
    "demand": ("need",),
    "yield": ("split",),
    "lead": ("ore by sea", "oxide by sea", "split"),
    "loss": ("ore by sea", "oxide by sea"),
}


@st.composite
def books(draw: st.DrawFn, kind: Kind = EVERYTHING, calendar: str | None = None) -> Tables:
    """Two mines, a plant with joint products, a market in Osaka that can always be lived without.

    Everything may be thrown away at a cost, so that nearly every such book has a plan;
    a ramp may leave none.
    """

    def one(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    calendar = calendar or (one("6 month", "3 month, 1 quarter", "2 quarter", "2 month, 2 quarter"))
    horizon = sum(int(p.split()[0]) * (3 if "quarter" in p else 1) for p in calendar.split(", "))
    lead = (0, 0.5, 1, 1.25, 2) if kind.leads else (0,)
    sheets: Rows = {
        "Commodities": [
            {"name": "ore", "kind": "feed", "disposal_cost": 3},
            {"name": "Dy", "kind": "oxide", "disposal_cost": 2},
            {"name": "La", "kind": "oxide", "disposal_cost": one(0, 0.5)},
        ],
        "Sites": [
            {"name": "North", "country": "Australia"},
            {"name": "South", "country": "Brazil"},
            {"name": "Plant", "country": "Malaysia"},
            {"name": "Osaka", "country": "Japan"},
        ],
        "Supply": [
            {"name": "north", "site": "North", "commodity": "ore", "price": one(1, 2),
             "most": one(24, 120)},
            {"name": "south", "site": "South", "commodity": "ore", "price": one(1.5, 4), "most": 60,
             "start": one(None, "2027-03")},
            {"name": "spot", "site": "Osaka", "commodity": "Dy", "price": one(30, 60),
             "most": one(6, 24)},
        ],
        "Sales": [{"name": "outlet", "site": "Plant", "commodity": "La", "price": 0.5, "most": 12}],
        "Facilities": [{"name": "kiln", "site": "Plant", "capacity": one(12, 48)}],
        "Processes": [
            {"name": "split", "site": "Plant", "cost": 1, "most": 240, "lead": one(*lead),
             "in_works": one(0, 12)}
        ],
        "Recipes": [
            {"process": "split", "role": "input", "item": "ore", "amount": 1},
            {"process": "split", "role": "output", "item": "Dy", "amount": 0.25},
            {"process": "split", "role": "output", "item": "La", "amount": 0.5},
            {"process": "split", "role": "uses", "item": "kiln", "amount": 0.5},
        ],
        "Routes": [
            {"name": "ore by sea", "origin": "North", "destination": "Plant", "commodity": "ore",
             "price": 1, "freight": 1, "tariff": one(0, 10), "lead": one(*lead),
             "on_water": one(0, 24), "loss": one(0, 4), "most": one(None, 60)},
            {"name": "ore by land", "origin": "South", "destination": "Plant", "commodity": "ore",
             "freight": 2, "lead": one(*lead)},
            {"name": "oxide by sea", "origin": "Plant", "destination": "Osaka", "commodity": "Dy",
             "freight": 3, "lead": one(*lead), "most": one(None, 12)},
        ],
        "Stockpiles": [
            {"name": "store", "site": "Osaka", "commodity": "Dy", "opening": one(0, 2),
             "capacity": one(4, 20), "holding_cost": one(0, 6) if kind.storing_costs else 0,
             "draw": one(None, 0.5), "ending": one("free", "at least opening"),
             "release": one("any time", "any time", "once a disruption is known")},
        ],
        "Demand": [
            {"name": "need", "site": "Osaka", "commodity": "Dy", "need": one(6, 12, 18),
             "segment": "motors"}
        ],
        "Relief": [
            {"name": "thrift", "demand": "need", "kind": "thrift", "share": 0.25,
             "cost": one(20, 50), "notice": one(None, None, 1)},
            {"name": "lost", "demand": "need", "kind": "lost", "cost": 150},
        ],
    }  # fmt: skip
    if kind.leads and one(True, False):
        sheets["Relief"].append(
            {"name": "later", "demand": "need", "kind": "defer", "share": 0.5, "cost": 1,
             "returns": one(1, 2)}
        )  # fmt: skip
    if kind.terms:
        _terms(sheets, one)
    names = _scenarios(sheets, one, horizon) if kind.scenarios else []
    _events(sheets, one, kind, ["", *names], horizon)
    options = {
        "start": "2027-01",
        "calendar": calendar,
        "least_cost": 0.01,
        "yard_cost": (one(0.5, 6) if kind.storing_costs else 0) if kind.leads else None,
        "discount_rate": one(0, 0.1) if kind.discount else 0,
        "risk_weight": one(0, 0, 0.5) if kind.risk else 0,
        "cvar_level": 0.8,
        "jpy_per_usd": 1.25,
        "eur_per_usd": 0.8,
    }
    _stores(sheets, one, kind)
    return tables_of(options, **sheets)


def _stores(sheets: Rows, one: Callable[..., Any], kind: Kind) -> None:
    for relief in sheets["Relief"]:
        if relief["kind"] == "defer":
            relief["latest_return"] = one(None, 3, 4.5)
    store = sheets["Stockpiles"][0]
    if store["draw"] is None and store["ending"] == "free":
        life = one(None, 1, 2.5)
        if store["release"] == "any time":  # or what has to leave may not
            store["life_months"] = life
    for sheet in ("Supply", "Routes", "Processes", "Stockpiles", "Relief"):
        sheets[sheet][0]["currency"] = one(None, None, "JPY", "EUR")
    if kind.terms:
        sheets["Policies"] += [
            {"name": "together", "measure": "stock", "of": "Osaka", "limit": one(1, 3),
             "penalty": 2, "sense": "at most"}
        ][: one(0, 1)]  # fmt: skip


def _terms(sheets: Rows, one: Callable[..., Any]) -> None:
    if one(True, False):
        sheets["Contracts"] = [
            {"name": "offtake", "applies_to": "ore by sea", "least_reserved": one(0, 12),
             "most_reserved": 24, "fee": one(0, 0.25), "take_or_pay": one(0, 0.5, 1),
             "settled": one("month", "quarter", "year", "contract year"),
             "price_rule": one("fixed", "index"), "price": 0.5,
             "index": one(0.5, 2), "floor": one(None, 0.75),
             "most_a_month": one(None, None, 1.5, 4), "lifted_before": one(None, None, 1, 9),
             "depends_on": "Plant", "start": one(None, "2026-11", "2027-02")}
        ]  # fmt: skip
    if one(True, False):
        sheets["Supply"][0]["ramp"] = one(None, 24, 120)
        sheets["Processes"][0]["ramp"] = one(None, 60)
        sheets["Routes"][0]["ramp"] = one(None, 24)
        sheets["Sales"][0]["ramp"] = one(None, 6)
        for row in sheets.get("Contracts", ()):
            row["ramp"] = one(None, 6)
    limit: dict[str, object] = {"sense": "at most", "over": one("month", "year", "horizon")}
    sheets["Policies"] = [
        {"name": "origin", "measure": "share", "of": "any country", "counted": "bought",
         "commodity": "ore", "limit": 0.75, "penalty": one(1, 5), "scenario": one(None, "calm"),
         **limit},
        {"name": "cover", "measure": "cover", "of": "store", "sense": "at least",
         "limit": one(0.5, 2), "penalty": 3},
        {"name": "served", "measure": "service", "of": "motors", "limit": 0.5, "sense": "at least",
         "penalty": 9},
    ][: one(0, 1, 3)]  # fmt: skip
    if one(True, False):
        sheets["Facilities"][0] |= {
            "expansion_cost": one(1, 10), "most_expansion": 24, "build_months": one(0, 2),
            "life_years": one(None, 2),
        }  # fmt: skip


def _scenarios(sheets: Rows, one: Callable[..., Any], horizon: int) -> list[str]:
    rows: list[dict[str, object]] = []
    for name, probability in (("Halt", 0.3), ("Rise", 0.2), ("Never", 0.0))[: one(0, 1, 2, 3)]:
        month = one(*range(horizon))
        rows.append({"name": name, "probability": probability, "known": month_text(START + month),
                     "disruption": one("yes", "no")})  # fmt: skip
        if name == "Halt" and one(True, False):
            later = one(*range(month, horizon))
            rows.append({"name": "Long halt", "parent": "Halt", "probability": one(0.1, 0.2995),
                         "known": month_text(START + later)})  # fmt: skip
        if name == "Rise" and one(True, False):
            rows[-1] |= {"every": 2, "until": month_text(START + horizon - 1)}
    sheets["Scenarios"] = rows
    return [str(row["name"]) for row in rows]


def _events(
    sheets: Rows, one: Callable[..., Any], kind: Kind, names: list[str], horizon: int
) -> None:
    rows: list[dict[str, object]] = []
    for _ in range(one(0, 1, 2, 3) if kind.events else 0):
        effect, scenario = str(one(*kind.events)), str(one(*names))
        row: dict[str, object] = {
            "effect": effect, "scenario": scenario, "target": one(*TARGETS[effect]),
            "months": one(None, 1, 2), "recovery": one(0, 0, 2),
        }  # fmt: skip
        if kind.crises and one(True, False):
            row["disruption"] = "yes"
            row["touches"] = one(None, "ore", "Dy", "ore; La")
        if effect in ("lead", "loss"):
            row["add"] = one(0.5, 2)
        else:
            # outputs hold 0.75 t of a tonne of ore: two yields of 1.1 make no oxide
            more = 1.1 if effect == "yield" else 1.5
            row["factor"] = one(0, 0.5, more) if effect == "capacity" else one(0.5, more)
        if not scenario:
            row["start"] = month_text(START + one(*range(horizon)))
        rows.append(row)
    limits = {r["name"]: r.get("most", 0) for r in sheets["Routes"]}
    for row in rows:  # a factor on a blank limit is a fault unless it is 0
        if row["effect"] == "capacity" and limits.get(row["target"], 0) is None:
            row["factor"] = 0
    sheets["Events"] = rows
