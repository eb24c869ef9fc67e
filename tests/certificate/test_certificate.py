"""The certificate: a plan made by hand passes, and every kind of fault in it is found."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from books import make_book
from kido.certificate import CHECKS, Certificate, verify
from kido.data.months import parse_month
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from sheets import tables_of

SOURCE = Path(inspect.getfile(Certificate)).parent
JULY = parse_month("2026-07")
COLUMNS = ["kind", "name", "item", "branch", "start", "months", "value"]
Flows = dict[tuple[str, str, str, int], float]  # kind, name, item, month after the start


def in_each(kind: str, name: str, *values: float, item: str = "") -> Flows:
    """One flow, month by month."""
    return {(kind, name, item, at): value for at, value in enumerate(values)}


# Feed is bought at a mine, partly under a contract; separated there, two tonnes to one of Dy;
# shipped to Osaka in a month. What is shipped in the last month would come too late.
SHEETS: dict[str, list[dict[str, object]]] = {
    "Commodities": [
        {"name": "Feed", "kind": "feed"},
        {"name": "Dy", "kind": "oxide", "disposal_cost": 1},
    ],
    "Sites": [{"name": "Mine", "country": "Australia"}, {"name": "Osaka", "country": "Japan"}],
    "Supply": [
        {"name": "ore", "site": "Mine", "commodity": "Feed", "price": 10, "most": 480},
        {"name": "old magnets", "site": "Osaka", "commodity": "Dy", "price": 90, "ramp": 12},
    ],
    "Sales": [{"name": "spot", "site": "Mine", "commodity": "Feed", "price": 4, "most": 12}],
    "Facilities": [
        {
            "name": "line", "site": "Mine", "capacity": 240, "minimum_use": 0.25,
            "idle_cost": 1, "expansion_cost": 3, "most_expansion": 12, "build_months": 1,
        }
    ],
    "Processes": [{"name": "separate", "site": "Mine", "cost": 2}],
    "Recipes": [
        {"process": "separate", "role": "input", "item": "Feed", "amount": 1},
        {"process": "separate", "role": "output", "item": "Dy", "amount": 0.5},
        {"process": "separate", "role": "uses", "item": "line", "amount": 1},
    ],
    "Routes": [
        {
            "name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy",
            "freight": 1, "tariff": 10, "lead": 1, "on_water": 120,
        }
    ],
    "Contracts": [
        {
            "name": "offtake", "applies_to": "ore", "least_reserved": 60, "fee": 0.1,
            "take_or_pay": 0.5, "price_rule": "index", "index": 9, "rebate_above": 8,
            "rebate_share": 0.5,
        }
    ],
    "Stockpiles": [
        {
            "name": "company", "site": "Osaka", "commodity": "Dy", "opening": 5, "floor": 5,
            "holding_cost": 12, "ending": "at least opening",
        }
    ],
    "Demand": [{"name": "magnets", "site": "Osaka", "commodity": "Dy", "need": 120}],
    "Relief": [{"name": "thrift", "demand": "magnets", "kind": "thrift", "share": 0.1, "cost": 50}],
    "Orders": [
        {"name": "ore", "month": "2026-08", "amount": 20, "status": "confirmed"},
        {"name": "ore", "month": "2026-09", "amount": 30, "status": "proposed"},
    ],
    "Policies": [
        {
            "name": "quota", "measure": "volume", "of": "Australia", "counted": "shipped",
            "sense": "at most", "limit": 30, "over": "horizon",
        }
    ],
}  # fmt: skip

SETTINGS = {"start": "2026-07", "calendar": "4 month", "nervousness": 22}

PLAN: Flows = {
    **in_each("buy", "ore", 20, 20, 20),
    **in_each("run", "separate", 20, 20, 20),
    ("idle", "line", "", 3): 5,
    **in_each("ship", "lane", 10, 10, 10),
    **in_each("stock", "company", 5, 5, 5, 5),
    **in_each("meet", "magnets", 10, 10, 10, 10),
    ("reserve", "offtake", "", 0): 60,
    **in_each("lift", "offtake", 5, 5, 5, item="ore"),
    ("rebate", "offtake", "", 3): 7.5,  # half of 9 - 8 on 15 t
}
COSTS = {
    "purchase": 600 - 15,  # 15 t under the contract at 9 instead of 10
    "freight": 33,
    "running": 120 + 5,
    "fee": 2,
    "holding": 20,
    "rebate": -7.5,
}
TOTAL = 757.5


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    path = tmp_path_factory.mktemp("verify") / "book.xlsx"
    return read_book(make_book(path, SETTINGS, **SHEETS))


def written(flows: Flows, *more: tuple[object, ...]) -> pd.DataFrame:
    lines = [
        (kind, name, item, "Trunk", JULY + at, 1, float(value))
        for (kind, name, item, at), value in flows.items()
        if value != 0
    ]
    return pd.DataFrame([*lines, *more], columns=COLUMNS)


def certify(tables: Tables, flows: pd.DataFrame) -> Certificate:
    """The certificate of a plan whose stated costs are what its flows really cost."""
    costs = verify(tables, flows, 0.0, 0.0, None).costs
    total = float((costs.kusd * costs.discount * costs.probability).sum())
    return verify(tables, flows, total, total, total)


def codes(certificate: Certificate) -> set[str]:
    return {finding.code for finding in certificate.findings}


def test_a_plan_made_by_hand_passes(tables: Tables) -> None:
    found = verify(tables, written(PLAN), TOTAL, TOTAL, TOTAL)
    assert found.findings == ()
    assert list(found.residuals.check) == list(CHECKS)
    assert (found.residuals.worst <= found.residuals.allowed).all()
    assert found.costs.groupby("category").kusd.sum().to_dict() == pytest.approx(COSTS)


Edit = Callable[[Flows], pd.DataFrame]


def with_flows(**changes: float) -> Edit:
    """`buy_ore_0=25`: kind, name, month after the start."""

    def edit(plan: Flows) -> pd.DataFrame:
        new = dict(plan)
        for key, value in changes.items():
            kind, name, *item, at = key.split("_")
            new[kind, name, item[0] if item else "", int(at)] = value
        return written(new)

    return edit


def with_line(*line: object) -> Edit:
    return lambda plan: written(plan, line)


PLANTED: dict[str, tuple[Edit, str]] = {
    "moments": (
        with_line("meet", "magnets", "", "Trunk", JULY, 2, 1.0),
        "meet of magnets stands at a moment that the calendar does not have",
    ),
    "not-a-number": (
        with_line("relieve", "thrift", "", "Trunk", JULY, 1, float("nan")),
        "relieve of thrift in 2026-07 (base case) is nan",
    ),
    "duplicate-flow": (
        with_line("meet", "magnets", "", "Trunk", JULY, 1, 10.0),
        "meet of magnets in 2026-07 (base case) is written twice",
    ),
    "unknown-flow": (
        with_flows(buy_nothing_0=1),
        "buy of nothing in 2026-07 (base case) is 1 t, but no row",
    ),
    "negative": (
        with_flows(forgo_offtake_3=-1),
        "forgo of offtake in 2026-10 (base case): -1 t, should be at least 0 t",
    ),
    "mass-balance": (
        with_flows(ship_lane_2=9, discard_Mine_Dy_2=0.5),
        "of Dy at Mine in 2026-09 (base case): 10 t, should be exactly 9.5 t",
    ),
    "bound": (
        with_flows(buy_ore_3=5, sell_spot_3=5),
        "sell of spot in 2026-10 (base case): 5 t, should be at most 1 t",
    ),
    "capacity": (
        with_flows(buy_ore_0=25, run_separate_0=25, discard_Mine_Dy_0=2.5),
        "use of line in 2026-07 (base case): 25 t, should be at most 20 t",
    ),
    "minimum-use": (
        with_flows(idle_line_3=0),
        "idleness of line in 2026-10 (base case): 0 t, should be at least 5 t",
    ),
    "expansion": (
        with_flows(expand_line_2=13, idle_line_3=5.2708333333),
        "all orders of line in 2026-10 (base case): 13 t/yr, should be at most 12 t/yr",
    ),
    "demand": (
        with_flows(meet_magnets_0=9, discard_Osaka_Dy_0=1),
        "magnets, met and relieved, in 2026-07 (base case): 9 t, should be exactly 10 t",
    ),
    "relief": (
        with_flows(meet_magnets_0=8, relieve_thrift_0=2, discard_Osaka_Dy_0=2),
        "relief thrift in 2026-07 (base case): 2 t, should be at most 1 t",
    ),
    "stock-rule": (
        with_flows(stock_company_0=4, discard_Osaka_Dy_0=1, meet_magnets_1=9, relieve_thrift_1=1),
        "stock company in 2026-07 (base case): 4 t, should be at least 5 t",
    ),
    "contract": (
        with_flows(lift_offtake_ore_0=6),
        "liftings under offtake in 2026-07 (base case): 6 t, should be at most 5 t",
    ),
    "ramp": (
        lambda plan: written(
            plan,
            ("buy", "old magnets", "", "Trunk", JULY + 3, 1, 2.0),
            ("discard", "Osaka", "Dy", "Trunk", JULY + 3, 1, 2.0),
        ),
        "rise of old magnets in 2026-10 (base case): 24 t/yr, should be at most 12 t/yr",
    ),
    "order": (
        with_flows(
            buy_ore_1=19,
            run_separate_1=19,
            ship_lane_1=9.5,
            meet_magnets_2=9.5,
            relieve_thrift_2=0.5,
        ),
        "order of ore, buy in 2026-08 (base case): 19 t, should be at least 20 t",
    ),
    "nervousness": (  # 30 t ordered, of 50 in all
        with_flows(
            buy_ore_2=18,
            run_separate_2=18,
            ship_lane_2=9,
            meet_magnets_3=9,
            relieve_thrift_3=1,
        ),
        "change of the near orders of Feed in 2026-09 (base case): 12 t, should be at most 11 t",
    ),
    "rebate": (
        with_flows(rebate_offtake_3=8),
        "rebate of offtake in 2026-10 (base case): 8 kUSD, should be at most 7.5 kUSD",
    ),
    "policy": (
        with_flows(buy_ore_3=20, run_separate_3=20, idle_line_3=0, ship_lane_3=10),
        "quota in 2026-10 (base case): 40 t, should be at most 30 t",
    ),
}


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_fault_gives_exactly_its_finding(tables: Tables, code: str) -> None:
    edit, sentence = PLANTED[code]
    found = certify(tables, edit(PLAN))
    assert codes(found) == {code}
    assert sentence in " | ".join(finding.sentence for finding in found.findings)
    residual = found.residuals.set_index("check").loc[code]
    assert residual.worst > residual.allowed and residual["where"]


STATED = {
    "money": [(TOTAL + 1, TOTAL, TOTAL), (TOTAL, TOTAL - 1, TOTAL)],
    "risk": [(TOTAL, TOTAL, TOTAL + 1)],
}


@pytest.mark.parametrize("code", STATED)
def test_wrong_money_is_found(tables: Tables, code: str) -> None:
    for objective, expected, cvar in STATED[code]:
        found = verify(tables, written(PLAN), objective, expected, cvar)
        assert [finding.code for finding in found.findings] == [code]
        assert "757.5 kUSD" in found.findings[0].sentence


def test_money_may_be_off_by_a_hundred_millionth(tables: Tables) -> None:
    """Of all that is paid and received: 780 kUSD paid, 22.5 kUSD received."""
    found = verify(tables, written(PLAN), TOTAL + 8e-6, TOTAL, None)
    assert found.findings == ()
    allowed = found.residuals.set_index("check").allowed["money"]
    assert allowed == pytest.approx(1e-6 + 1e-8 * (TOTAL + 2 * 22.5))
    assert codes(verify(tables, written(PLAN), TOTAL + 1e-5, TOTAL, None)) == {"money"}


def test_every_check_has_a_planted_fault() -> None:
    """Roll-call: the checks declared, those the source writes down, and those planted."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(SOURCE.glob("*.py")))
    used = re.findall(r'ledger\.(?:compare|compare_scalar|add_fault)\(\s*"([a-z-]+)', text)
    assert set(used) == set(CHECKS) == {*PLANTED, *STATED}


def test_no_check_gives_more_than_twenty_findings(tables: Tables) -> None:
    flows = written(PLAN, *[("buy", f"x{n}", "", "Trunk", JULY, 1, 1.0) for n in range(30)])
    found = certify(tables, flows)
    assert len(found.findings) == 20
    assert found.residuals.set_index("check").worst["unknown-flow"] == 30


def test_rounding_passes_and_a_kilogram_does_not(tables: Tables) -> None:
    plan = dict(PLAN)
    plan["ship", "lane", "", 0] = 10 + 2e-6
    assert certify(tables, written(plan)).findings == ()
    plan["ship", "lane", "", 0] = 10.001
    assert codes(certify(tables, written(plan))) == {"mass-balance", "policy"}


def test_a_branch_that_cannot_be_is_a_finding(tables: Tables) -> None:
    stop = tables_of(Scenarios=[{"name": "Stop", "probability": 0.5, "known": "2030-01"}])
    frames = {**tables.frames, "Scenarios": stop["Scenarios"]}
    found = certify(replace(tables, frames=frames), written(PLAN))
    assert [finding.code for finding in found.findings] == ["moments"]
    assert "Stop is known in 2030-01" in found.findings[0].sentence


def test_it_shares_no_code_with_the_model() -> None:
    shared = {"kido.errors", "kido.messages"}
    shared |= {"kido.data.tables", "kido.data.months", "kido.data.schema"}
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert node.module is not None
                assert not node.module.startswith(("kido", "pyomo", "highspy")) or (
                    node.module in shared
                )
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1
            elif isinstance(node, ast.Import):
                assert {name.name for name in node.names} <= {"numpy", "pandas"}
