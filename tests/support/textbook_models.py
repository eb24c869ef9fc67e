"""Published linear programs, typed in as workbooks.

Each function returns (settings, sheets) for `make_book`. Numbers are those of the source;
where it has no unit of mass, a commodity bears its own. A period is as long as the source
likes: what the source counts by the period is t/yr on a calendar of years.
"""

from __future__ import annotations

from typing import Any

Sheets = dict[str, list[dict[str, Any]]]
Book = tuple[dict[str, Any], Sheets]

START = "2027-01"


def dantzig() -> Book:
    """Two canneries, three markets: Dantzig (1963), Linear Programming and Extensions, 3.3."""
    plants = {"Seattle": 350, "San Diego": 600}
    markets = {"New York": 325, "Chicago": 300, "Topeka": 275}
    thousand_miles = {
        ("Seattle", "New York"): 2.5,
        ("Seattle", "Chicago"): 1.7,
        ("Seattle", "Topeka"): 1.8,
        ("San Diego", "New York"): 2.5,
        ("San Diego", "Chicago"): 1.8,
        ("San Diego", "Topeka"): 1.4,
    }
    freight_rate = 0.09  # thousand dollars a case and thousand miles
    sheets: Sheets = {
        "Commodities": [{"name": "tins", "kind": "feed", "unit": "case"}],
        "Sites": [{"name": place, "country": "USA"} for place in [*plants, *markets]],
        "Supply": [
            {"name": f"cannery {place}", "site": place, "commodity": "tins", "most": cases}
            for place, cases in plants.items()
        ],
        "Routes": [
            {
                "name": f"{origin} to {destination}",
                "origin": origin,
                "destination": destination,
                "commodity": "tins",
                "freight": miles * freight_rate,
            }
            for (origin, destination), miles in thousand_miles.items()
        ],
        "Demand": [
            {"name": f"market {place}", "site": place, "commodity": "tins", "need": cases}
            for place, cases in markets.items()
        ],
    }
    return {"start": START, "calendar": "1 year", "least_cost": 0}, sheets


def farmer() -> Book:
    """500 acres, three crops, three weathers.

    Birge and Louveaux (2011), Introduction to Stochastic Programming, section 1.1. The
    first year is sowing; the weather is known with the second, when the harvest comes in,
    feed is bought and what is left is sold. Acres are bought land; a sown acre arrives a
    year later and is then harvested, so that the weather acts on the yield.
    """
    acre_cost = {"wheat": 150, "corn": 230, "beets": 260}
    yields = {"wheat": 2.5, "corn": 3, "beets": 20}
    second = "2028-01"
    crops = list(yields)
    sheets: Sheets = {
        "Commodities": [
            {"name": "land", "kind": "service", "unit": "acre"},
            *({"name": f"sown {c}", "kind": "service", "unit": "acre"} for c in crops),
            *({"name": c, "kind": "feed", "unit": "ton"} for c in crops),
        ],
        "Sites": [{"name": "farm", "country": "USA"}],
        "Supply": [
            {"name": "acres", "site": "farm", "commodity": "land", "most": 500, "end": "2027-12"},
            *(
                {"name": f"buy {c}", "site": "farm", "commodity": c, "price": p, "start": second}
                for c, p in {"wheat": 238, "corn": 210}.items()
            ),
        ],
        "Sales": [
            {"name": f"sell {c}", "site": "farm", "commodity": c, "price": p, "most": most}
            for c, p, most in [("wheat", 170, None), ("corn", 150, None), ("beets", 36, 6000)]
        ]
        + [{"name": "sell beets cheap", "site": "farm", "commodity": "beets", "price": 10}],
        "Processes": [
            *(
                {"name": f"sow {c}", "site": "farm", "cost": cost, "lead": 12, "end": "2027-12"}
                for c, cost in acre_cost.items()
            ),
            *({"name": f"harvest {c}", "site": "farm", "tags": "harvest"} for c in crops),
        ],
        "Recipes": [
            line
            for c in crops
            for line in [
                {"process": f"sow {c}", "role": "input", "item": "land", "amount": 1},
                {"process": f"sow {c}", "role": "output", "item": f"sown {c}", "amount": 1},
                {"process": f"harvest {c}", "role": "input", "item": f"sown {c}", "amount": 1},
                {"process": f"harvest {c}", "role": "output", "item": c, "amount": yields[c]},
            ]
        ],
        "Demand": [
            {"name": f"feed {c}", "site": "farm", "commodity": c, "need": need}
            for c, need in {"wheat": 200, "corn": 240}.items()
        ],
        "Scenarios": [
            {"name": name, "probability": 1 / 3, "known": second}
            for name in ("good", "average", "bad")
        ],
        "Events": [
            # the cattle eat in the second year only
            {"target": "farm", "effect": "demand", "factor": 0, "months": 12},
            {"scenario": "good", "target": "harvest", "effect": "yield", "factor": 1.2},
            {"scenario": "bad", "target": "harvest", "effect": "yield", "factor": 0.8},
        ],
    }
    return {"start": START, "calendar": "2 year", "least_cost": 0}, sheets


def factory() -> Book:
    """Seven products, five kinds of machine, six months, machines down for maintenance.

    Williams (2013), Model Building in Mathematical Programming, 5th ed., 12.3 Factory
    planning 1. A machine works 24 days of two shifts of 8 hours a month.
    """
    hours = 24 * 2 * 8 * 12  # a machine and year
    machines = {
        # count, hours for one piece of each product
        "grinder": (4, [0.5, 0.7, 0, 0, 0.3, 0.2, 0.5]),
        "vertical drill": (2, [0.1, 0.2, 0, 0.3, 0, 0.6, 0]),
        "horizontal drill": (3, [0.2, 0, 0.8, 0, 0, 0, 0.6]),
        "borer": (1, [0.05, 0.03, 0, 0.07, 0.1, 0, 0.08]),
        "planer": (1, [0, 0, 0.01, 0, 0.05, 0, 0.05]),
    }
    down = [  # month, machine, how many
        (1, "grinder", 1),
        (2, "horizontal drill", 2),
        (3, "borer", 1),
        (4, "vertical drill", 1),
        (5, "grinder", 1),
        (5, "vertical drill", 1),
        (6, "planer", 1),
        (6, "horizontal drill", 1),
    ]
    profit = [10, 6, 8, 4, 11, 9, 3]
    market = [
        [500, 1000, 300, 300, 800, 200, 100],
        [600, 500, 200, 0, 400, 300, 150],
        [300, 600, 0, 0, 500, 400, 100],
        [200, 300, 400, 500, 200, 0, 100],
        [0, 100, 500, 100, 1000, 300, 0],
        [500, 500, 100, 300, 1100, 500, 60],
    ]
    products = [f"product {i}" for i in range(1, 8)]
    works = {"site": "works"}
    sheets: Sheets = {
        "Commodities": [
            {"name": "material", "kind": "service", "unit": "set"},
            *({"name": p, "kind": "magnet", "unit": "piece"} for p in products),
        ],
        "Sites": [{"name": "works", "country": "UK"}],
        "Supply": [{"name": "material offer", **works, "commodity": "material"}],
        "Sales": [
            {"name": f"sell {p}", **works, "commodity": p, "price": price}
            for p, price in zip(products, profit, strict=True)
        ],
        "Facilities": [
            {"name": kind, **works, "capacity": count * hours}
            for kind, (count, _) in machines.items()
        ],
        "Processes": [{"name": f"make {p}", **works} for p in products],
        "Recipes": [
            *(
                {"process": f"make {p}", "role": role, "item": item, "amount": 1}
                for p in products
                for role, item in [("input", "material"), ("output", p)]
            ),
            *(
                {"process": f"make {p}", "role": "uses", "item": kind, "amount": time}
                for kind, (_, times) in machines.items()
                for p, time in zip(products, times, strict=True)
                if time
            ),
        ],
        "Stockpiles": [
            {
                "name": f"store {p}",
                **works,
                "commodity": p,
                "capacity": 100,
                "holding_cost": 0.5 * 12,
                "ending": "at least",
                "ending_amount": 50,
            }
            for p in products
        ],
        "Events": [
            *(
                {
                    "name": f"{kind} maintenance",
                    "target": kind,
                    "effect": "capacity",
                    "add": -count * hours,
                    "start": f"2027-{month:02d}",
                    "months": 1,
                }
                for month, kind, count in down
            ),
            *(
                {"target": f"sell {p}", "effect": "capacity", "profile": f"market {p}"}
                for p in products
            ),
        ],
        "Profiles": [
            {"name": f"market {p}", "period": f"2027-{month:02d}", "value": 12 * row[i]}
            for i, p in enumerate(products)
            for month, row in enumerate(market, start=1)
        ],
    }
    return {"start": START, "calendar": "6 month", "least_cost": 0}, sheets


def refinery() -> Book:
    """Two crudes, joint products, reforming, cracking, blending to a quality.

    Williams (2013), Model Building in Mathematical Programming, 5th ed., 12.6 Refinery
    optimisation. A day is written as a year. A quality is a service that each component
    brings more of, or takes, than the blend must have; what is spare is thrown away.
    """
    cuts = ["light naphtha", "medium naphtha", "heavy naphtha", "light oil", "heavy oil"]
    cuts.append("residuum")
    made = {  # process: (its line, input, outputs)
        "distil crude 1": ("still", "crude 1", [0.1, 0.2, 0.2, 0.12, 0.2, 0.13]),
        "distil crude 2": ("still", "crude 2", [0.15, 0.25, 0.18, 0.08, 0.19, 0.12]),
    }
    recipes: list[dict[str, Any]] = []

    def process(name: str, inputs: dict[str, float], outputs: dict[str, float], uses="") -> None:
        lines = [("input", inputs), ("output", outputs), ("uses", {uses: 1.0} if uses else {})]
        recipes.extend(
            {"process": name, "role": role, "item": item, "amount": amount}
            for role, items in lines
            for item, amount in items.items()
        )

    def blend(component: str, product: str, quality: str, spare: float) -> None:
        """A barrel of a component in a blend, with the spare quality it brings."""
        taken = {component: 1.0} | ({quality: -spare} if spare < 0 else {})
        process(f"{component} in {product}", taken, {product: 1.0} | (
            {quality: spare} if spare > 0 else {}
        ))  # fmt: skip

    for name, (line, crude, shares) in made.items():
        process(name, {crude: 1.0}, dict(zip(cuts, shares, strict=True)), line)
    for cut, share in zip(cuts[:3], [0.6, 0.52, 0.45], strict=True):
        process(f"reform {cut}", {cut: 1.0}, {"reformed petrol": share}, "reformer")
    for cut, oil, petrol in [("light oil", 0.68, 0.28), ("heavy oil", 0.75, 0.2)]:
        process(
            f"crack {cut}", {cut: 1.0}, {"cracked oil": oil, "cracked petrol": petrol}, "cracker"
        )
    process("make lube oil", {"residuum": 1.0}, {"lube oil": 0.5})
    parts = {"light oil": 10, "cracked oil": 4, "heavy oil": 3, "residuum": 1}
    process("mix fuel oil", {c: part / 18 for c, part in parts.items()}, {"fuel oil": 1.0})
    octane = dict(zip(cuts[:3], [90, 80, 70], strict=True))
    octane |= {"reformed petrol": 115, "cracked petrol": 105}
    for component, number in octane.items():
        blend(component, "premium", "premium octane", number - 94)
        blend(component, "regular", "regular octane", number - 84)
    pressure = {"light oil": 1.0, "heavy oil": 0.6, "cracked oil": 1.5, "residuum": 0.05}
    for component, vapour in pressure.items():
        blend(component, "jet fuel", "pressure room", 1 - vapour)

    prices = {"premium": 7, "regular": 6, "jet fuel": 4, "fuel oil": 3.5, "lube oil": 1.5}
    qualities = ["premium octane", "regular octane", "pressure room"]
    names = list(dict.fromkeys(r["process"] for r in recipes))
    here = {"site": "refinery"}
    sheets: Sheets = {
        "Commodities": [
            *(
                {"name": c, "kind": "intermediate", "unit": "barrel"}
                for c in ["crude 1", "crude 2", *cuts, "reformed petrol", "cracked oil",
                          "cracked petrol", *prices]
            ),
            *({"name": q, "kind": "service", "disposal_cost": 0} for q in qualities),
        ],
        "Sites": [{"name": "refinery", "country": "UK"}],
        "Supply": [
            {"name": f"{c} offer", **here, "commodity": c, "most": most}
            for c, most in {"crude 1": 20000, "crude 2": 30000}.items()
        ],
        "Sales": [
            {
                "name": f"sell {c}",
                **here,
                "commodity": c,
                "price": price,
                "least": 500 if c == "lube oil" else 0,
                "most": 1000 if c == "lube oil" else None,
            }
            for c, price in prices.items()
        ],
        "Facilities": [
            {"name": line, **here, "capacity": capacity}
            for line, capacity in {"still": 45000, "reformer": 10000, "cracker": 8000}.items()
        ],
        "Processes": [
            {"name": p, **here, "tags": f"blending {p.split(' in ')[1]}" if " in " in p else ""}
            for p in names
        ],
        "Recipes": recipes,
        "Policies": [
            {
                "name": "premium at least 40 % of regular",
                "measure": "share",
                "of": "blending premium",
                "out_of": "blending regular",
                "counted": "made",
                "commodity": "premium; regular",
                "sense": "at least",
                "limit": 0.4,
                "over": "horizon",
            }
        ],
    }  # fmt: skip
    return {"start": START, "calendar": "1 year", "least_cost": 0}, sheets


def college() -> Book:
    """Saving for college in stocks and bonds: four stages, eight histories.

    Birge and Louveaux (2011), Introduction to Stochastic Programming, section 1.2. What is
    invested in a year is worth its return when that is known, at the start of the next: a
    share arrives a year later and is sold there at once.
    """
    outcomes = {"high": (1.25, 1.14), "low": (1.06, 1.12)}
    paths = [()]
    scenarios, events = [], []
    for year in (2028, 2029, 2030):
        paths = [(*path, outcome) for path in paths for outcome in outcomes]
        for path in paths:
            name = " then ".join(path)
            scenarios.append(
                {
                    "name": name,
                    "parent": " then ".join(path[:-1]),
                    "probability": 0.5 ** len(path),
                    "known": f"{year}-01",
                }
            )
            for kind, worth in zip(("stocks", "bonds"), outcomes[path[-1]], strict=True):
                events.append(
                    {"scenario": name, "target": f"sell {kind}", "effect": "yield",
                     "add": worth - 1, "months": 12}
                )  # fmt: skip
    home = {"site": "home"}
    sheets: Sheets = {
        "Commodities": [
            {"name": c, "kind": "service", "unit": "k$"} for c in ("money", "stocks", "bonds")
        ],
        "Sites": [{"name": "home", "country": "USA"}],
        "Supply": [{"name": "savings", **home, "commodity": "money", "most": 55, "end": "2027-12"}],
        "Sales": [
            {"name": "surplus", **home, "commodity": "money", "price": 1, "start": "2030-01"}
        ],
        "Processes": [
            *({"name": f"invest in {kind}", **home, "lead": 12} for kind in ("stocks", "bonds")),
            *({"name": f"sell {kind}", **home} for kind in ("stocks", "bonds")),
        ],
        "Recipes": [
            line
            for kind in ("stocks", "bonds")
            for line in [
                {"process": f"invest in {kind}", "role": "input", "item": "money", "amount": 1},
                {"process": f"invest in {kind}", "role": "output", "item": kind, "amount": 1},
                {"process": f"sell {kind}", "role": "input", "item": kind, "amount": 1},
                {"process": f"sell {kind}", "role": "output", "item": "money", "amount": 1},
            ]
        ],
        "Demand": [{"name": "tuition", **home, "commodity": "money", "need": 80}],
        "Relief": [{"name": "borrow", "demand": "tuition", "kind": "lost", "share": 1, "cost": 4}],
        "Scenarios": scenarios,
        "Events": [
            {"target": "tuition", "effect": "demand", "factor": 0, "months": 36},
            *events,
        ],
    }
    return {"start": START, "calendar": "4 year", "least_cost": 0}, sheets
