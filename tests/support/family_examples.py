"""One book of two periods for each family of rows, small enough to write down by hand.

`TOYS[family]` is (settings, sheets) for `make_book`. Most count in years, so that t/yr are
t. What is not needed for the rows of the family is left out: a toy need not have a plan.
"""

from __future__ import annotations

from typing import Any

Toy = tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]

YEARS = {"start": "2027-01", "calendar": "2 year", "least_cost": 0, "fiscal_start": 1}
MONTHS = YEARS | {"calendar": "2 month"}
PLACES = [{"name": "mine", "country": "Australia"}, {"name": "works", "country": "Japan"}]
DY = {"name": "Dy", "kind": "oxide"}
ORE = {"name": "ore", "site": "mine", "commodity": "Dy", "price": 3}
LANE = {"name": "lane", "origin": "mine", "destination": "works", "commodity": "Dy"}
SHED = {"name": "shed", "site": "works", "commodity": "Dy"}
MOTORS = {"name": "motors", "site": "works", "commodity": "Dy", "need": 10}
CALM_OR_NOT = [{"name": "stop", "probability": 0.25, "known": "2028-01", "disruption": "yes"}]


def underway(
    name: str, what: str, amount: float, month: str = "", detail: str = ""
) -> dict[str, Any]:
    row = {"name": name, "what": what, "amount": amount, "month": month, "detail": detail}
    return {key: value for key, value in row.items() if value != ""}


def toy(settings: dict[str, Any] = YEARS, **sheets: list[dict[str, Any]]) -> Toy:
    return settings, {"Commodities": [DY], "Sites": PLACES} | sheets


def press(**more: object) -> dict[str, list[dict[str, Any]]]:
    """A plant at the works that turns Dy into magnets."""
    return {
        "Commodities": [DY, {"name": "magnet", "kind": "magnet"}],
        "Supply": [ORE | {"site": "works"}],
        "Processes": [{"name": "press", "site": "works"} | more],
        "Recipes": [
            {"process": "press", "role": "input", "item": "Dy", "amount": 1},
            {"process": "press", "role": "output", "item": "magnet", "amount": 0.5},
        ],
    }


def pressing_on(line: dict[str, Any], uses: float = 1) -> dict[str, list[dict[str, Any]]]:
    """The same on a line of its own."""
    sheets = press()
    sheets["Recipes"].append({"process": "press", "role": "uses", "item": "line", "amount": uses})
    return sheets | {"Facilities": [{"name": "line", "site": "works"} | line]}


def balance() -> Toy:
    """Half a month on the way; a month in the press; scrap to throw away; magnets wait.

    On the water 24 t/yr: 1 t lands in the first month, 0.9 t after the loss; in the works
    12 t/yr: 0.8 t of magnets and 0.2 t of scrap.
    """
    sheets = press(lead=1, in_works=12)
    sheets["Commodities"].append({"name": "scrap", "kind": "scrap", "disposal_cost": 1})
    sheets["Recipes"][1]["amount"] = 0.8
    sheets["Recipes"].append({"process": "press", "role": "output", "item": "scrap", "amount": 0.2})
    return toy(
        MONTHS | {"yard_cost": 0},
        **sheets
        | {
            "Supply": [ORE],
            "Routes": [LANE | {"lead": 0.5, "loss": 10, "on_water": 24}],
            "Stockpiles": [SHED | {"opening": 5}],
            "Sales": [{"name": "dealer", "site": "works", "commodity": "magnet"}],
            "Demand": [MOTORS | {"commodity": "magnet"}],
        },
    )


def capacity() -> Toy:
    """100 t/yr, half of it stopped in the second year; the press takes 2, a lane 1.

    What is ordered in the first year is there in the second, and stopped by half as well. What was
    ordered before is there from July of the first on: half a year of it, then a year by half.
    """
    sheets = pressing_on({"capacity": 100, "expansion_cost": 7, "build_months": 12}, uses=2)
    lane = LANE | {"origin": "works", "destination": "mine", "uses": "line"}
    event = {"target": "line", "effect": "capacity", "factor": 0.5, "start": "2028-01"}
    ordered = underway("line", "ready", 30, "2027-07")
    return toy(**sheets, Routes=[lane], Events=[event], Underway=[ordered])


def minimum_use() -> Toy:
    """Six tenths of 100 t/yr and of what was ordered a year ago, or pay to idle."""
    line = {"capacity": 100, "minimum_use": 0.6, "idle_cost": 2}
    return toy(**pressing_on(line | {"expansion_cost": 7, "build_months": 12}))


def expansion() -> Toy:
    """Between 2 and 8 t/yr on either history; the first year is shared."""
    line = {"capacity": 100, "expansion_cost": 7, "least_expansion": 2, "most_expansion": 8}
    return toy(**pressing_on(line), Scenarios=CALM_OR_NOT)


def reservation() -> Toy:
    """Two offers under one contract that begins in July: half a year, then a whole one.

    Of another, with a most a month, what is reserved counts over its own year.
    """
    spare = ORE | {"name": "spare ore"}
    terms = {"name": "offtake", "applies_to": "ore; spare ore", "most_reserved": 50}
    yearly = {"name": "yearly", "applies_to": "ore", "settled": "contract year"}
    return toy(
        Supply=[ORE, spare],
        Contracts=[terms | {"start": "2027-07"}, yearly | {"most_a_month": 9, "start": "2027-07"}],
    )


def monthly_lift() -> Toy:
    """9 t a month of two offers: six months of the first year, twelve of the second."""
    spare = ORE | {"name": "spare ore"}
    terms = {"name": "offtake", "applies_to": "ore; spare ore", "most_a_month": 9}
    return toy(Supply=[ORE, spare], Contracts=[terms | {"start": "2027-07"}])


def lift_within_flow() -> Toy:
    """Two contracts on one lane, the second for the second year only."""
    old = {"name": "old", "applies_to": "lane"}
    return toy(Supply=[ORE], Routes=[LANE], Contracts=[old, old | {
        "name": "new", "start": "2028-01", "price_rule": "fixed", "price": 1
    }])  # fmt: skip


def take_or_pay() -> Toy:
    """Eight tenths firm; the mine, at half its capacity in the second year, is excused."""
    terms = {"name": "offtake", "applies_to": "lane", "depends_on": "mine", "take_or_pay": 0.8}
    event = {"target": "mine", "effect": "capacity", "factor": 0.5, "start": "2028-01"}
    return toy(Supply=[ORE], Routes=[LANE], Contracts=[terms], Events=[event])


def made_up(**more: object) -> Toy:
    """Eight tenths firm, made up for a year and a half; 3 t were paid for before the plan."""
    terms = {"name": "offtake", "applies_to": "ore", "take_or_pay": 0.8, "make_up_months": 18}
    terms |= {"start": "2025-01", "price_rule": "fixed", "price": 2, "paid_before": 3}
    return toy(YEARS | {"calendar": "3 year"}, Supply=[ORE], Contracts=[terms | more])


def deficiency() -> Toy:
    """Of the first half year, 10 t signed and 4 lifted before the plan: 6 are left, 4.8 firm.

    Where the mine stops for half of the second year, four tenths of what is not lifted are paid.
    """
    stop = {"target": "mine", "effect": "capacity", "factor": 0.5, "start": "2028-01", "months": 12}
    settings, sheets = made_up(
        settled="contract year", start="2026-07", least_reserved=20, lifted_before=4,
        depends_on="mine", paid_before=0,
    )  # fmt: skip
    return settings, sheets | {"Events": [stop]}


def make_up_lifted() -> Toy:
    """Two offers; in the first year 3 t of before, in the third also after the end."""
    settings, sheets = made_up(applies_to="ore; spare ore", end="2028-12")
    return settings, sheets | {"Supply": [ORE, ORE | {"name": "spare ore"}]}


def make_up_paid() -> Toy:
    """From the 3 t of before; what is paid for at the end of the last year is of no use."""
    return made_up()


def make_up_expiry() -> Toy:
    """At the end of the first year the 3 t still count, at that of the second its own payment."""
    return made_up()


def rebate_share() -> Toy:
    """A quarter of what an index of 10, then 14, is above 6: 1, then 2 kUSD a tonne.

    5 kUSD were earned before, in the first calendar year.
    """
    terms = {"name": "offtake", "applies_to": "ore", "price_rule": "index", "index": 10}
    money_back = {"rebate_above": 6, "rebate_share": 0.25, "rebate_cap": 30}
    event = {"target": "offtake", "effect": "price", "add": 4, "start": "2028-01"}
    earned = underway("offtake", "earned", 5)
    return toy(Supply=[ORE], Contracts=[terms | money_back], Events=[event], Underway=[earned])


def demand_met() -> Toy:
    """10, then 12 t; a fifth may be put off by half a year, half of which lands next year.

    3 t that were put off before come back in the second year.
    """
    put_off = {"name": "later", "demand": "motors", "kind": "defer", "share": 0.2, "cost": 1}
    lost = {"name": "never", "demand": "motors", "kind": "lost", "cost": 9}
    return toy(
        Supply=[ORE | {"site": "works"}],
        Demand=[MOTORS | {"growth": 0.2}],
        Relief=[put_off | {"returns": 6}, lost],
        Underway=[underway("later", "returns", 3, "2028-03")],
    )


def postponement() -> Toy:
    """Need may be put off for one to two and a half months, at 1 USD/kg a month.

    What is put off in January and returns in February may be put off again to the middle of March
    at most, half of it to the end of March; nothing is put off past the end of April. 4 t that came
    due in December have been put off again, and may be until the middle of January to that of
    February; 2 t come due in February.
    """
    wait = {"name": "wait", "demand": "motors", "kind": "defer", "cost": 1, "returns": 1}
    return toy(
        YEARS | {"calendar": "4 month"},
        Supply=[ORE | {"site": "works"}],
        Demand=[MOTORS | {"need": 120}],
        Relief=[wait | {"latest_return": 2.5}],
        Underway=[
            underway("wait", "returns", 4, "2026-12"),
            underway("wait", "returns", 2, "2027-02"),
        ],
    )


def stock_change() -> Toy:
    """Opening 5 t, 2 t a month in, none out before February and 3 t a month after."""
    rules = {"opening": 5, "fill": 2, "draw": 3, "release": "from a month"}
    return toy(
        MONTHS,
        Supply=[ORE | {"site": "works"}],
        Stockpiles=[SHED | rules | {"release_month": "2027-02"}],
    )


def shelf_life() -> Toy:
    """Goods keep for a month and a half: of what half a month before was there, all has left.

    At the end of the second month that is half the opening 5 t and half the first month's stock,
    against half of what left in the first month and all of the second's. The barn keeps longer. 2 t
    of the opening expire in the first month.
    """
    sheets = press()
    sheets["Routes"] = [LANE | {"origin": "works", "destination": "mine"}]
    return toy(
        MONTHS,
        **sheets,
        Stockpiles=[SHED | {"opening": 5, "life_months": 1.5}, SHED | {"name": "barn"}],
        Underway=[underway("shed", "expires", 2, "2027-01")],
        Demand=[MOTORS],
    )


def ramp() -> Toy:
    """12 t/yr a month: from January to February, then to a quarter that begins in March.

    The middles are a month apart, then two. The ore may be bought from February on, 24 t/yr at
    least: it rises by 24. The press falls freely from its line, which is stopped from March; in
    December it ran at 36 t/yr.
    """
    sheets = pressing_on({"capacity": 120}, uses=2)
    spare = ORE | {"name": "spare ore", "site": "works"}
    sheets["Supply"] = [ORE | {"site": "works", "start": "2027-02", "least": 24, "ramp": 12}, spare]
    sheets["Processes"] = [{"name": "press", "site": "works", "ramp": 12}]
    stop = {"target": "line", "effect": "capacity", "factor": 0, "start": "2027-03"}
    terms = {"name": "offtake", "applies_to": "ore", "ramp": 6, "start": "2027-02"}
    return toy(MONTHS | {"calendar": "2 month, 1 quarter"}, **sheets, Events=[stop],
               Contracts=[terms], Underway=[underway("press", "moved", 3, "2026-12")])  # fmt: skip


def nervousness() -> Toy:
    """Half of what was ordered may change: 6 + 4 t of ore, and nothing of the far ore."""
    far = ORE | {"name": "far", "price": 9}
    orders = [("ore", "2027-01", 6, "proposed"), ("ore", "2027-02", 4, "confirmed"),
              ("lane", "2027-02", 3, "proposed")]  # fmt: skip
    keys = "name", "month", "amount", "status"
    return toy(
        MONTHS | {"nervousness": 50},
        Supply=[ORE, far], Routes=[LANE],
        Orders=[dict(zip(keys, order, strict=True)) for order in orders],
    )  # fmt: skip


def volume_limit() -> Toy:
    """At most 30 t/yr of magnets made, hard; at least 80 t bought in all, or 5 USD/kg.

    Of what may be made in the year that began in October 6 t were left.
    """
    most = {"name": "made", "measure": "volume", "of": "works", "counted": "made"}
    least = {"name": "bought", "measure": "volume", "of": "ore", "counted": "bought"}
    years = YEARS | {"fiscal_start": 10, "calendar": "1 year, 1 year"}
    return toy(years, **press(), Underway=[underway("made", "carried over", 6)], Policies=[
        most | {"commodity": "magnet", "sense": "at most", "limit": 30, "over": "year"},
        least | {"sense": "at least", "limit": 80, "over": "horizon", "penalty": 5},
    ])  # fmt: skip


def share_limit() -> Toy:
    """No country above 65 % of what is shipped into Japan, in two years together.

    China was 4 t above that in the years before, which count too.
    """
    clay = {"name": "clay", "country": "China"}
    clay_lane = LANE | {"name": "clay lane", "origin": "clay"}
    rule = {"name": "largest", "measure": "share", "of": "any country", "counted": "shipped"}
    return toy(
        Sites=[*PLACES, clay],
        Supply=[ORE, ORE | {"name": "clay ore", "site": "clay"}],
        Routes=[LANE, clay_lane],
        Policies=[rule | {"into": "Japan", "sense": "at most", "limit": 0.65, "over": "horizon"}],
        Underway=[underway("largest", "carried over", -4, detail="China")],
    )


def spend_limit() -> Toy:
    """40 kUSD a year for ore and lane, 25 % duty on price and freight; more costs 0.5."""
    rule = {"name": "budget", "measure": "spend", "of": "mine", "kinds": "purchase; freight"}
    return toy(
        Supply=[ORE],
        Routes=[LANE | {"price": 4, "freight": 2, "tariff": 25}],
        Policies=[rule | {"sense": "at most", "limit": 40, "penalty": 0.5}],
    )


def cover() -> Toy:
    """Six months of the need that follows, on calm moments: 6 t, then 7.2 t."""
    rule = {"name": "reserve", "measure": "cover", "of": "shed", "out_of": "motors"}
    return toy(
        Supply=[ORE | {"site": "works"}],
        Stockpiles=[SHED],
        Demand=[MOTORS | {"growth": 0.2}],
        Scenarios=CALM_OR_NOT,
        Policies=[rule | {"sense": "at least", "limit": 6}],
    )


def stock_limit() -> Toy:
    """12 t in shed and barn together, 9 t in the second year; more costs 1 USD/kg a month."""
    rule = {"name": "room", "measure": "stock", "of": "works", "sense": "at most"}
    event = {"target": "room", "effect": "capacity", "factor": 0.75, "start": "2028-01"}
    return toy(
        Supply=[ORE | {"site": "works"}],
        Stockpiles=[SHED, SHED | {"name": "barn"}],
        Policies=[rule | {"limit": 12, "penalty": 1}],
        Events=[event],
    )


def service() -> Toy:
    """Nine tenths of what motors and tools need together, in two years; or 5 USD/kg."""
    rule = {"name": "served", "measure": "service", "of": "motors; tools", "sense": "at least"}
    return toy(
        Supply=[ORE | {"site": "works"}],
        Demand=[MOTORS, MOTORS | {"name": "tools", "need": 30}],
        Policies=[rule | {"limit": 0.9, "over": "horizon", "penalty": 5}],
    )


def path_cost() -> Toy:
    """Two histories at 25 % a year; the ore of 3 USD/kg costs 30 on the second.

    The objective: half the mean, half the mean of the worst tenth.
    """
    event = {"scenario": "stop", "target": "ore", "effect": "price", "factor": 10}
    return toy(
        YEARS | {"risk_weight": 0.5, "cvar_level": 0.9, "discount_rate": 0.25},
        Supply=[ORE],
        Scenarios=CALM_OR_NOT,
        Events=[event],
    )


TOYS = {
    make.__name__: make()
    for make in (
        balance,
        capacity,
        minimum_use,
        expansion,
        reservation,
        monthly_lift,
        lift_within_flow,
        take_or_pay,
        deficiency,
        make_up_lifted,
        make_up_paid,
        make_up_expiry,
        rebate_share,
        demand_met,
        postponement,
        stock_change,
        shelf_life,
        ramp,
        nervousness,
        volume_limit,
        share_limit,
        spend_limit,
        cover,
        stock_limit,
        service,
        path_cost,
    )
}
TOYS["cvar_excess"] = TOYS["path_cost"]
TOYS["order_change"] = TOYS["nervousness"]
TOYS["latest_return"] = TOYS["postponement"]
