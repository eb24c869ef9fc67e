"""A book with everything whose range can be asked for: scrap, yards, stocks, relief, a stop."""

from __future__ import annotations

from kido.data.tables import Tables
from sheets import tables_of


def circular() -> Tables:
    """Dy by sea from Perth, and from swarf in a furnace in Osaka that is too small.

    On the water 12 t/yr for half a month, less 10 %; in the works 12 t/yr for a month. In half
    a year 30 t are needed at each of two makers, and 24 t of swarf turn up.
    """
    osaka = {"site": "Osaka", "commodity": "Dy"}
    return tables_of(
        {"calendar": "4 month", "run_out": 2, "yard_cost": 0.1, "least_cost": 0.01},
        Commodities=[
            {"name": "Dy", "kind": "oxide"},
            {"name": "swarf", "kind": "scrap", "disposal_cost": 1},
        ],
        Sites=[
            {"name": "Perth", "country": "Australia", "tags": "western"},
            {"name": "Osaka", "country": "Japan"},
            {"name": "Lab", "country": "Chile"},
        ],
        Supply=[
            {"name": "mine", "site": "Perth", "commodity": "Dy", "price": 5, "tags": "big"},
            {"name": "turnings", "site": "Osaka", "commodity": "swarf", "most": 48},
            {"name": "dealer", **osaka, "price": 30, "most": 60},
        ],
        Facilities=[
            {"name": "furnace", "site": "Osaka", "capacity": 24, "expansion_cost": 1,
             "most_expansion": 12},
            {"name": "second furnace", "site": "Osaka", "capacity": 0, "expansion_cost": 400,
             "most_expansion": 12, "build_months": 1},
            {"name": "harbour", "site": "Perth", "capacity": 120},
        ],
        Processes=[{"name": "melt", "site": "Osaka", "cost": 1, "lead": 1, "in_works": 12}],
        Recipes=[
            {"process": "melt", "role": "input", "item": "swarf", "amount": 1},
            {"process": "melt", "role": "output", "item": "Dy", "amount": 0.5},
            {"process": "melt", "role": "uses", "item": "furnace", "amount": 2},
        ],
        Routes=[
            {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy",
             "freight": 15, "lead": 0.5, "loss": 10, "on_water": 12, "uses": "harbour"},
        ],
        Contracts=[
            {"name": "offtake", "applies_to": "lane", "most_reserved": 60, "take_or_pay": 0.5,
             "price_rule": "fixed", "price": 3},
        ],
        Stockpiles=[{"name": "store", **osaka, "opening": 6, "capacity": 10}],
        Demand=[
            {"name": "motors", "segment": "EV", **osaka, "need": 60},
            {"name": "discs", "segment": "PC", **osaka, "need": 60},
        ],
        Relief=[
            {"name": f"{maker} lost", "demand": maker, "kind": "lost", "cost": 99}
            for maker in ("motors", "discs")
        ],
        Scenarios=[{"name": "Stop", "probability": 0.25, "known": "2027-03"}],
        Events=[{"scenario": "Stop", "target": "lane", "effect": "capacity", "factor": 0}],
    )  # fmt: skip
