"""One planted fault for every finding of the checks of rows: code, sheet, edit."""

from __future__ import annotations

from typing import Any

from example_book import Edit, Sheets


def put(sheet: str, number: int, /, **values: Any) -> Edit:
    """Change one row of the good book."""
    return lambda sheets, settings: sheets[sheet][number].update(values)


def more(sheet: str, /, **row: Any) -> Edit:
    """Add a row."""
    return lambda sheets, settings: sheets.setdefault(sheet, []).append(row)


def both(*edits: Edit) -> Edit:
    return lambda sheets, settings: [edit(sheets, settings) for edit in edits]


def drop(sheet: str, *numbers: int) -> Edit:
    def edit(sheets: Sheets, settings: dict[str, Any]) -> None:
        sheets[sheet] = [row for i, row in enumerate(sheets[sheet]) if i not in numbers]

    return edit


def beside(sheet: str, number: int, /, **values: Any) -> Edit:
    """Add a copy of one row with other values."""
    return lambda sheets, settings: sheets[sheet].append({**sheets[sheet][number], **values})


def parameter(sheet: str, row: str, column: str, operation: str, values: str) -> Edit:
    """Change what the first sweep moves."""
    return put(
        "Sweeps", 0, sheet=sheet, row=[row], column=column, operation=operation, values=values
    )


def hazards(*rows: dict[str, Any], **settings: Any) -> Edit:
    """Add hazards, drawn ten times unless the settings say otherwise."""

    def edit(sheets: Sheets, options: dict[str, Any]) -> None:
        sheets["Hazards"] = [dict(row) for row in rows]
        options.update({"draws": 10, **settings})

    return edit


def order(name: str, month: str, amount: float, **more: Any) -> Edit:
    """Add an approved order."""
    return lambda sheets, settings: sheets.setdefault("Orders", []).append(
        {"name": name, "month": month, "amount": amount, "status": "approved", **more}
    )


def underway(name: str, what: str, amount: float, month: str = "", detail: str = "") -> Edit:
    """Add a row of Underway."""
    row = {"name": name, "what": what, "amount": amount, "month": month, "detail": detail}
    return lambda sheets, settings: sheets.setdefault("Underway", []).append(
        {key: value for key, value in row.items() if value != ""}
    )


SITE = {"site": "Tokyo", "commodity": "Nd"}
FIRE = {"name": "Fire", "target": ["Sea lane"], "effect": "capacity", "factor": 0, "rate": 0.1,
        "mean_months": 2}  # fmt: skip
MARS = {"name": "Mars", "country": "Space"}

# (code, where the finding stands, a word its sentence or advice must hold, the edit)
PLANTED_ROWS: list[tuple[str, str, str, Edit]] = [
    ("reference-to-nothing", "Supply!B2", "Perth", put("Supply", 0, site="Prth")),
    ("reference-to-nothing", "Events!H2", "Nd price", put("Events", 0, factor=None, profile="Nd")),
    ("recipe-item", "Recipes!C5", "facility", put("Recipes", 3, item="Ore")),
    ("word-matches-nothing", "Events!C2", "Sea lane", put("Events", 0, target=["Sea lanes"])),
    ("word-matches-nothing", "Policies!H2", "Japan", put("Policies", 0, into=["Japn"])),
    ("word-matches-nothing", "Policies!G2", "expansion", put("Policies", 0, kinds=["expanson"])),
    ("two-things", "Supply!I2", "a country", put("Supply", 0, tags=["Japan"])),
    ("two-things", "Routes!A2", "both", put("Routes", 0, name="Pit")),
    ("reserved-word", "Scenarios!A2", "meaning", both(
        put("Scenarios", 0, name="calm"), put("Scenarios", 1, parent="calm"),
        put("Events", 0, scenario="calm"))),
    ("reserved-word", "Sites!C2", "meaning", put("Sites", 0, tags=["Any country"])),
    ("end-before-start", "Routes!O2", "2026-07", put("Routes", 0, end="2026-06")),
    ("end-before-start", "Scenarios!F2", "2026-10",
     put("Scenarios", 0, every=2, until="2026-09")),
    ("scenario-before-start", "Scenarios!D2", "start", put("Scenarios", 0, known="2026-06")),
    ("scenario-before-parent", "Scenarios!D3", "Stop", put("Scenarios", 1, known="2026-09")),
    ("scenario-after-end", "Scenarios!D3", "over", put("Scenarios", 1, known="2027-10")),
    ("scenario-circle", "Scenarios!B2", "own parent", put("Scenarios", 0, parent="Long stop")),
    ("repeat-incomplete", "Scenarios!F2", "until", put("Scenarios", 0, until="2026-12")),
    ("repeat-after-end", "Scenarios!F2", "never", put("Scenarios", 0, every=4, until="2028-01")),
    ("probability-exceeds", "Scenarios!C2", "Long stop", put("Scenarios", 1, probability=0.11)),
    ("probability-exceeds", "Scenarios!C4", "base case",
     more("Scenarios", name="Other", probability=0.95, known="2026-08")),
    ("event-before-known", "Events!I2", "known", put("Events", 0, start="2026-09")),
    ("min-above-max", "Supply!F2", "'min' is above 'max'", put("Supply", 0, least=1300)),
    ("min-above-max", "Stockpiles!N2", "above",
     put("Stockpiles", 0, ending="at least", ending_amount=101)),
    ("opening-above-capacity", "Stockpiles!E2", "above", put("Stockpiles", 0, opening=101)),
    ("expansion-without-cost", "Facilities!H2", "cost", put("Facilities", 0, expansion_cost=None)),
    ("rule-incomplete", "Contracts!J2", "fixed", put("Contracts", 0, price_rule="fixed")),
    ("rule-incomplete", "Stockpiles!I2", "month",
     put("Stockpiles", 0, release="from a month")),
    ("rule-incomplete", "Contracts!N2", "rebate", put("Contracts", 0, rebate_above=None)),
    ("figure-ignored", "Relief!H2", "thrift", put("Relief", 0, returns=3)),
    ("figure-ignored", "Policies!E3", "cover", put("Policies", 1, counted="shipped")),
    ("contract-covers-nothing", "Contracts!B2", "name", put("Contracts", 0, applies_to=["Port"])),
    ("opening-before-start", "Stockpiles!E2", "2026-09", put("Stockpiles", 0, start="2026-09")),
    ("ending-after-end", "Stockpiles!M2", "2026-12", put(
        "Stockpiles", 0, end="2026-12", ending="at least", ending_amount=1)),
    ("end-before-start", "Demand!J2", "2027-01", put(
        "Demand", 0, start="2027-01", end="2026-12")),
    ("never-open", "Demand!I2", "2027-09", put("Demand", 0, start="2027-10")),
    ("never-open", "Stockpiles!S2", "2026-07", put("Stockpiles", 0, end="2026-06")),
    ("opening-below-floor", "Stockpiles!E2", "floor", put("Stockpiles", 0, opening=4)),
    ("returns-too-early", "Relief!J3", "at least 2", put("Relief", 1, returns=2, latest_return=1)),
    ("rule-incomplete", "Relief!H3", "earliest", put("Relief", 1, returns=None, latest_return=3)),
    ("figure-ignored", "Relief!J2", "thrift", put("Relief", 0, latest_return=3)),
    ("odd-figure", "Relief!J3", "36 months", put("Relief", 1, latest_return=36)),
    ("deferred-for-ever", "Relief!H3", "never", put("Relief", 1, returns=None)),
    ("recipe-missing", "Processes!A3", "recipe", more("Processes", name="Idle", site="Perth")),
    ("oxide-from-nothing", "Recipes!D3", "Refine", put("Recipes", 2, amount=0.71)),
    ("event-change", "Events!G2", "one", put("Events", 0, add=1)),
    ("event-change", "Events!F2", "one", put("Events", 0, factor=None)),
    ("event-change", "Events!F2", "months", put("Events", 0, effect="delay")),
    ("event-reaches-nothing", "Events!C2", "demand", put("Events", 0, effect="demand")),
    ("factor-on-blank", "Events!F2", "Sea lane", both(
        put("Events", 0, factor=0.5), put("Routes", 0, most=None))),
    ("recovery-on-blank", "Events!K2", "at once", both(
        put("Events", 0, recovery=3), put("Routes", 0, most=None))),
    ("added-to-blank", "Events!G2", "Sea lane", both(
        put("Events", 0, factor=None, add=100), put("Routes", 0, most=None))),
    ("price-event-idle", "Events!C3", "Offtake", put("Contracts", 0, index=None)),
    ("price-event-idle", "Events!C3", "fixed", put(
        "Contracts", 0, price_rule="fixed", price=60, index=None, floor=None,
        rebate_above=None, rebate_share=0)),
    ("delay-too-late", "Events!C2", "Sea lane", put(
        "Events", 0, effect="delay", factor=None, add=2)),
    ("delay-too-late", "Events!C4", "Sea lane", both(
        put("Routes", 0, start="2026-08"),
        put("Events", 0, scenario=None, start=None, months=None, effect="delay", factor=None,
            add=2),
        more("Events", target=["Sea lane"], effect="delay", add=1, start="2026-11"))),
    ("delay-on-blank-start", "Events!C4", "as if they were new", both(
        put("Routes", 0, start=None),
        more("Events", target=["Sea lane"], effect="delay", add=1))),
    ("part-month-on-blank", "Events!J2", "whole months", both(
        put("Events", 0, months=1.5), put("Routes", 0, most=None))),
    ("delay-too-late", "Events!C2", "still to come", both(
        put("Routes", 0, start=None), put("Events", 0, effect="delay", factor=None, add=2))),
    ("touches-nothing", "Events!M2", "disruption", put("Events", 0, touches=["Nd"])),
    ("reference-to-nothing", "Events!M2", "Commodities", put(
        "Events", 0, disruption=True, touches=["Nq"])),
    ("disruption-twice", "Events!L2", "Stop", put("Events", 0, disruption=True)),
    ("disruption-twice", "Events!L2", "Stop", put(
        "Events", 0, disruption=True, scenario="Long stop", start="2027-01")),
    ("disruption-unseen", "Events!L4", "first month", more(
        "Events", target=["Offtake"], effect="price", factor=1.2, start="2027-08", months=1,
        disruption=True)),
    ("out-of-range-by-event", "Events!G3", "below 0", put("Events", 1, factor=None, add=-80)),
    ("out-of-range-by-event", "Events!H3", "2026-12", both(
        put("Events", 1, factor=None, profile="Fall"),
        more("Profiles", name="Fall", period="2026-07", value=5),
        more("Profiles", name="Fall", period="2026-12", value=-1))),
    ("out-of-range-by-event", "Events!G4", "tariff", more(
        "Events", target=["Sea lane"], effect="tariff", add=-1, scenario="Stop")),
    ("out-of-range-by-event", "Events!G5", "cost of 'Late'", both(
        more("Events", target=["Late"], effect="cost", add=-200),
        more("Events", target=["Late"], effect="cost", add=-101, scenario="Long stop"))),
    ("held-in-range", "Events!G4", "below 0", more(
        "Events", target=["Magnets"], effect="demand", add=-210)),
    ("held-in-range", "Events!G4", "above 100", more(
        "Events", target=["Sea lane"], effect="loss", add=100)),
    ("held-in-range", "Events!G4", "lead", more(
        "Events", target=["Sea lane"], effect="lead", add=-2)),
    ("held-in-range", "Events!G4", "share", more(
        "Events", target=["Thrift"], effect="capacity", add=1)),
    ("odd-after-event", "Events!G4", "45 at", more(
        "Events", target=["Sea lane"], effect="loss", add=44.8)),
    ("odd-after-event", "Events!F4", "more than 0", more(
        "Events", target=["Sea lane"], effect="price", factor=0)),
    ("odd-after-event", "Events!G5", "up to 12", both(
        more("Events", target=["Sea lane"], effect="lead", add=6),
        more("Events", target=["Sea lane"], effect="lead", add=6))),
    ("factor-on-nought", "Events!F4", "column add", more(
        "Events", target=["Sea lane"], effect="tariff", factor=2)),
    ("factor-on-nought", "Events!F4", "Pit", more(
        "Events", target=["Pit"], effect="minimum", factor=2)),
    ("held-in-range", "Events!G4", "above 1", more(
        "Events", target=["Kiln"], effect="minimum", add=1.2)),
    ("event-reaches-nothing", "Events!C2", "minimum", both(
        put("Events", 0, target=["Magnets"], effect="minimum"))),
    ("factor-on-nought", "Events!F4", "Refine", more(
        "Events", target=["Refine"], effect="lead", factor=2)),
    ("odd-figure", "Settings!B13", "yen", lambda sheets, settings: settings.update(
        display_currency="JPY", fx=0.0067)),
    ("odd-figure", "Routes!E2", "a tonne", put("Routes", 0, price=200_000)),
    ("oxide-from-nothing", "Events!F4", "2026-10", more(
        "Events", target=["Refine"], effect="yield", factor=1.2, scenario="Stop")),
    ("oxide-from-nothing", "Events!G5", "takes in", both(
        more("Events", target=["Refine"], effect="yield", commodity=["La"], factor=1.1),
        more("Events", target=["Refine"], effect="yield", commodity=["Nd"], add=0.05))),
    ("oxide-from-nothing", "Recipes!D3", "Refine", both(
        put("Commodities", 2, unit="kg"), put("Recipes", 1, amount=1.01))),
    ("oxide-from-nothing", "Recipes!D3", "at most 1.6", both(
        put("Commodities", 0, unit="t ore", content=None), put("Recipes", 1, amount=1.1))),
    ("odd-figure", "Routes!H2", "type months", put("Routes", 0, lead=45)),
    ("odd-figure", "Events!F3", "0.4", put("Events", 1, factor=40)),
    ("small-trunk", "Scenarios!C2", "base case", put("Scenarios", 0, probability=0.99)),
    ("never-released", "Stockpiles!I2", "never used", put(
        "Stockpiles", 0, release="from a month", release_month="2028-01")),
    ("rate-missing", "Settings!B13", "EUR", lambda sheets, settings: settings.update(
        display_currency="EUR")),
    ("rate-missing", "Supply!K2", "EUR per USD", put("Supply", 0, currency="EUR")),
    ("rate-missing", "Relief!K2", "JPY per USD", put("Relief", 0, currency="JPY")),
    ("rate-twice", "Settings!B24", "JPY", lambda sheets, settings: settings.update(
        fx=150, jpy_per_usd=150)),
    ("odd-figure", "Settings!B24", "yen", lambda sheets, settings: settings.update(
        jpy_per_usd=0.0067)),
    ("odd-figure", "Supply!D2", "a tonne", lambda sheets, settings: (
        settings.update(jpy_per_usd=100), sheets["Supply"][0].update(
            price=2_100_000, currency="JPY"))),
    ("odd-after-event", "Events!G4", "up to 20000", lambda sheets, settings: (
        settings.update(jpy_per_usd=100), sheets["Supply"][0].update(currency="JPY"),
        sheets["Events"].append({"target": ["Pit"], "effect": "price", "add": 2_100_000}))),
    ("rate-of-usd", "Settings!B13", "1 USD", lambda sheets, settings: settings.update(
        display_currency="usd", fx=150)),
    ("spelt-twice", "Demand!A3", "Magnets", beside("Demand", 0, name="MAGNETS", need=1)),
    ("tag-spelt-twice", "Sites!B4", "Japan", beside("Sites", 1, name="Osaka", country="japan")),
    ("tag-spelt-twice", "Stockpiles!D2", "Companies", both(
        put("Stockpiles", 0, owner="Companies"), put("Supply", 0, tags=["companies"]))),
    ("falls-with-quantity", "Supply!D3", "bought first", more(
        "Supply", name="Above", site="Perth", commodity="Ore", price=0.5)),
    ("row-twice", "Events!B4", "row 2", beside("Events", 0, name="Port shut again")),
    ("row-twice", "Demand!B3", "twice", beside("Demand", 0, name="More magnets")),
    ("route-to-itself", "Routes!C3", "begins", beside(
        "Routes", 0, name="Round trip", destination="Perth")),
    ("event-never-acts", "Events!I3", "no month", put("Events", 1, start="2027-10")),
    ("event-never-acts", "Events!I3", "2026-07", put("Events", 1, start="2026-05", months=2)),
    ("event-never-acts", "Events!J3", "lasts", put("Events", 1, months=0)),
    ("never-open", "Routes!N2", "2027-09", put("Routes", 0, start="2027-10")),
    ("never-open", "Routes!O2", "2026-07", put("Routes", 0, start=None, end="2026-06")),
    ("never-open", "Supply!G2", "never open", put("Supply", 0, start="2028-01")),
    ("never-open", "Sales!H2", "never open", put("Sales", 0, end="2025-01")),
    ("never-open", "Processes!H2", "never open", put("Processes", 0, start="2028-01")),
    ("never-open", "Facilities!F3", "never open", put("Facilities", 1, start="2028-01")),
    ("never-open", "Contracts!R2", "never open", put("Contracts", 0, end="2026-06")),
    ("never-open", "Relief!F2", "never open", put("Relief", 0, start="2027-10")),
    ("policy-never-holds", "Policies!N2", "2027-09", put(
        "Policies", 0, start="2027-10", penalty=None)),
    ("policy-never-holds", "Policies!N2", "begins", put(
        "Policies", 0, start="2027-02", end="2027-03", penalty=None)),
    ("policy-never-holds", "Policies!O2", "months", put(
        "Policies", 0, scenario="Long stop", end="2026-12", penalty=None)),
    ("policy-never-holds", "Policies!J3", "calm", put(
        "Policies", 1, scenario="Long stop", penalty=None)),
    ("policy-unused", "Policies!J3", "calm", put("Policies", 1, scenario="Stop")),
    ("expansion-too-late", "Facilities!I2", "over", put(
        "Facilities", 0, least_expansion=5, build_months=15)),
    ("expansion-too-late", "Facilities!I2", "closed", put(
        "Facilities", 0, least_expansion=5, build_months=3, end="2026-09")),
    ("size-above-most", "Facilities!M2", "or less", put(
        "Facilities", 0, sizes="20; 40", expansion_cost=1, most_expansion=30)),
    ("rebate-above-price", "Contracts!O2", "index", put(
        "Contracts", 0, index_factor=0.1, floor=None, rebate_above=0, rebate_share=0.3)),
    ("rebate-above-price", "Contracts!O2", "earn", put(
        "Contracts", 0, index=500, index_factor=0.1, floor=None)),
    ("policy-incomplete", "Policies!E2", "where", put("Policies", 0, counted=None)),
    ("policy-sense", "Policies!K3", "at least", put("Policies", 1, sense="at most")),
    ("out-of-range", "Policies!L2", "0.65", put("Policies", 0, limit=65)),
    ("any-country", "Policies!C2", "share", put("Policies", 0, measure="volume")),
    ("any-country", "Policies!C2", "alone", put("Policies", 0, of=["any country", "Australia"])),
    ("policy-feeds-nothing", "Policies!C3", "Stockpiles", put("Policies", 1, of=["EV"])),
    ("policy-feeds-nothing", "Policies!C3", "Stockpiles", put(
        "Policies", 1, measure="stock", of=["EV"], out_of=[])),
    ("figure-ignored", "Policies!E3", "stock", put(
        "Policies", 1, measure="stock", out_of=[], counted="shipped")),
    ("policy-feeds-nothing", "Policies!C2", "Routes", put("Policies", 0, into=["Australia"])),
    ("input-unfed", "Recipes!C2", "Perth", put("Supply", 0, site="Tokyo")),
    ("route-unfed", "Routes!B3", "begins", both(more("Sites", **MARS), more(
        "Routes", name="Rocket", origin="Mars", destination="Tokyo", commodity="Nd", most=1))),
    ("no-way-out", "Recipes!C4", "La", drop("Sales", 0)),
    ("no-way-out", "Routes!C2", "Nd", both(
        more("Sites", **MARS), put("Routes", 0, destination="Mars"))),
    ("no-way-out", "Supply!C3", "supply", more(
        "Supply", name="Gift", site="Tokyo", commodity="La", price=1, least=5)),
    ("demand-unreachable", "Demand!A3", "Relief", more(
        "Demand", name="Lamps", site="Tokyo", commodity="La", need=1)),
    ("no-room", "Routes!H2", "Sea lane", both(
        drop("Stockpiles", 0), drop("Policies", 1))),
    ("capacity-unused", "Facilities!A3", "capacity", put("Routes", 0, uses=[])),
    ("price-of-zero", "Supply!D2", "Pit", both(put("Supply", 0, price=0), put(
        "Processes", 0, cost=0), put("Routes", 0, price=0), drop("Contracts", 0),
        drop("Events", 1))),
    ("unit-unknown", "Commodities!C2", "1,000 USD", put("Commodities", 0, unit="barrel")),
    ("counted-once", "Contracts!B2", "not again at Sea lane", both(
        more("Supply", name="Nd offer", site="Perth", commodity="Nd", price=60, most=9),
        put("Routes", 0, price=0), put("Contracts", 0, applies_to=["Perth"]))),
    ("counted-once", "Policies!C2", "Rail", both(
        more("Sites", name="Kalgoorlie", country="Australia"),
        more("Supply", name="Nd offer", site="Kalgoorlie", commodity="Nd", price=0.5, most=9),
        more("Routes", name="Rail", origin="Kalgoorlie", destination="Perth", commodity="Nd"),
        put("Policies", 0, of=["Australia"], into=[]))),
    ("units-differ", "Contracts!B2", "one unit", both(
        put("Commodities", 0, unit="kg"), put("Contracts", 0, applies_to=["Pit", "Sea lane"]))),
    ("cannot-be-added", "Policies!I2", "content", both(
        put("Commodities", 0, unit="t ore", content=None),
        put("Policies", 0, counted="bought", of=["Pit", "Nd offer"], into=[]),
        more("Supply", name="Nd offer", site="Tokyo", commodity="Nd", price=90, most=9))),
    ("counted-as-oxide", "Policies!I2", "0.5 t REO", both(
        put("Commodities", 0, content=0.5), drop("Recipes", 2),
        drop("Sales", 0), put("Recipes", 1, amount=0.3),
        put("Policies", 0, counted="bought", of=["Pit", "Nd offer"], into=[]),
        more("Supply", name="Nd offer", site="Tokyo", commodity="Nd", price=90, most=9))),
    ("paid-twice", "Routes!E2", "on top", more(
        "Supply", name="Nd offer", site="Perth", commodity="Nd", price=60, most=9)),
    ("hazards-not-drawn", "Settings!B19", "1000", hazards(FIRE, draws=None)),
    ("draws-of-nothing", "Settings!B19", "clear", hazards()),
    ("draws-nought", "Settings!B21", "leave it blank", hazards(FIRE, draws_probability=0)),
    ("draws-probability", "Settings!B21", "at most 0.9", hazards(FIRE, draws_probability=0.91)),
    ("draws-probability", "Settings!B21", "leave no", both(
        hazards(FIRE), put("Scenarios", 0, probability=1))),
    ("small-trunk", "Hazards!G2", "base case", hazards({**FIRE, "rate": 3})),
    ("hazard-name-taken", "Hazards!A2", "Scenarios", hazards({**FIRE, "name": "Stop"})),
    ("hazard-name-taken", "Hazards!A2", "Events", hazards({**FIRE, "name": "Port shut"})),
    ("scenario-is-draw", "Scenarios!A4", "rename", both(
        hazards(FIRE), more("Scenarios", name="draw 0003", probability=0.1, known="2026-08"))),
    ("word-matches-nothing", "Hazards!B2", "Sea lane", hazards({**FIRE, "target": ["Sea lanes"]})),
    ("reference-to-nothing", "Hazards!C2", "Nd", hazards({**FIRE, "commodity": ["Ndd"]})),
    ("min-above-max", "Hazards!E2", "largest factor", hazards(
        {**FIRE, "factor": 0.5, "largest_factor": 0.4})),
    ("event-reaches-nothing", "Hazards!B2", "demand", hazards({**FIRE, "effect": "demand"})),
    ("factor-on-blank", "Hazards!F2", "Sea lane", both(
        hazards({**FIRE, "largest_factor": 0.5}), put("Routes", 0, most=None))),
    ("factor-on-nought", "Hazards!E2", "Sea lane", hazards(
        {**FIRE, "effect": "tariff", "factor": 2})),
    ("recovery-on-blank", "Hazards!I2", "at once", both(
        hazards({**FIRE, "recovery": 2}), put("Routes", 0, most=None))),
    ("odd-figure", "Hazards!E2", "40", hazards({**FIRE, "effect": "price", "factor": 40})),
    ("oxide-from-nothing", "Hazards!F2", "takes in", hazards(
        {**FIRE, "target": ["Refine"], "effect": "yield", "factor": 1, "largest_factor": 1.2})),
    ("sweep-range", "Sweeps!H2", "between 0", both(
        hazards(FIRE), parameter("Hazards", "Fire", "rate", "set", "0; -1"))),
    ("sweep-whole", "Sweeps!H2", "seed", both(
        hazards(FIRE), parameter("Settings", "seed", "value", "set", "1; 1.5"))),
    ("sweep-sheet", "Sweeps!C2", "Demand", put("Sweeps", 0, sheet="Demnd")),
    ("sweep-row", "Sweeps!D2", "EV2", put("Sweeps", 0, row=["EV2"])),
    ("sweep-row", "Sweeps!D3", "option", put("Sweeps", 1, row=["yard"])),
    ("sweep-column", "Sweeps!E2", "varied", put("Sweeps", 0, column="segment")),
    ("sweep-values", "Sweeps!H2", "range", put("Sweeps", 0, values="1..5")),
    ("sweep-sheet", "Sweeps!C2", "Sweeps", put("Sweeps", 0, sheet="Sweeps")),
    ("sweep-sheet", "Sweeps!C2", "Routes", put("Sweeps", 0, method="room", column=None)),
    ("sweep-sheet", "Sweeps!C2", "Scenarios", put("Sweeps", 0, method="scenarios")),
    ("sweep-row", "Sweeps!D2", "Stop", put(
        "Sweeps", 0, method="scenarios", sheet="Scenarios", row=["Stopp"])),
    ("sweep-row", "Sweeps!D3", "one option", put("Sweeps", 1, row=["yard cost", "fx"])),
    ("sweep-commodity", "Sweeps!F2", "Demand", put("Sweeps", 0, commodity=["La"])),
    ("sweep-commodity", "Sweeps!F2", "Facilities", put(
        "Sweeps", 0, sheet="Facilities", row=["Kiln"], column="capacity", commodity=["Nd"])),
    ("sweep-blank", "Sweeps!E2", "column", put("Sweeps", 0, column=None)),
    ("sweep-blank", "Sweeps!H2", "values", put(
        "Sweeps", 0, method="room", sheet=None, row=None, column=None, values=None)),
    ("sweep-ignored", "Sweeps!K2", "clear", put("Sweeps", 0, samples=8)),
    ("sweep-ignored", "Sweeps!E2", "scenarios", put(
        "Sweeps", 0, method="scenarios", sheet=None, row=None, values=None)),
    ("sweep-watch", "Sweeps!I2", "Magnets", put("Sweeps", 0, watch=["Magnets", "Kiln"])),
    ("sweep-watch", "Sweeps!I2", "Sea lane", put("Sweeps", 0, watch=["Sea lanes"])),
    ("sweep-month", "Sweeps!G2", "plus", parameter("Routes", "Sea lane", "start", "set", "1; 2")),
    ("sweep-whole", "Sweeps!H2", "0.5", parameter(
        "Facilities", "Kiln", "build months", "times", "1; 0.5")),
    ("sweep-whole", "Sweeps!H2", "0.5", parameter("Routes", "Sea lane", "start", "plus", "0.5")),
    ("sweep-whole", "Sweeps!H2", "plus", both(
        parameter("Facilities", "Kiln", "build months", "times", "1; 3"),
        beside("Sweeps", 0, method="latin", row=["Kiln"], column="capacity"),
        put("Sweeps", 0, method="latin"))),
    ("sweep-range", "Sweeps!H2", "between -1 and 1", parameter(
        "Demand", "EV", "growth", "plus", "0.5; 1; 2")),
    ("sweep-range", "Sweeps!H2", "capacity of Kiln", parameter(
        "Facilities", "Kiln", "capacity", "plus", "1000; -1000.1")),
    ("sweep-range", "Sweeps!H2", "minimum use of Port", parameter(
        "Facilities", "Port", "minimum use", "set", "0; 1.5")),
    ("sweep-range", "Sweeps!H3", "risk weight", put("Sweeps", 1, row=["risk weight"])),
    ("sweep-idle", "Sweeps!G2", "blank", parameter("Supply", "Pit", "end", "plus", "1; 2")),
    ("sweep-idle", "Sweeps!G2", "0", parameter("Supply", "Pit", "min", "times", "1; 2")),
    ("sweep-hidden", "Sweeps!D2", "Nd price", both(
        parameter("Supply", "Pit", "price", "times", "1; 2"),
        more("Events", name="path", target=["Pit"], effect="price", profile="Nd price",
             start="2026-07"))),
    ("actual-unknown", "Actuals!A2", "Supply",
     more("Actuals", name="Nobody", month="2026-06", amount=3)),
    ("order-of-nothing", "Orders!A2", "Sea lane", order("Sea lanes", "2026-08", 1)),
    ("order-of-nothing", "Orders!A2", "Stockpiles", order("Store", "2026-08", 1)),
    ("order-late", "Orders!B2", "landed", order("Sea lane", "2026-06", 1)),
    ("order-after-end", "Orders!B2", "2027-09", order("Sea lane", "2027-10", 1)),
    ("order-before-known", "Orders!B2", "2026-10", order(
        "Sea lane", "2026-09", 1, scenario="Stop")),
    ("order-off-contract", "Orders!B2", "2026-07", order("Offtake", "2026-08", 60)),
    ("order-without-use", "Orders!B2", "2027-09", order("Kiln", "2027-09", 60)),
    ("order-beyond-limits", "Orders!C3", "at most 70", both(
        order("Sea lane", "2027-01", 20), order("Sea lane", "2027-02", 80),
        put("Routes", 0, most=360))),
    ("order-beyond-limits", "Orders!C2", "at most 200", order("Offtake", "2026-07", 201)),
    ("order-beyond-limits", "Orders!C3", "at most 100", both(
        order("Kiln", "2026-07", 400), order("Kiln", "2026-08", 101))),
    ("figure-ignored", "Settings!B28", "nothing to hold", lambda sheets, settings:
     settings.update(nervousness=10)),
    ("expansion-without-cost", "Facilities!H3", "cost", order("Port", "2026-07", 1)),
    ("reference-to-nothing", "Orders!E2", "Stop", order("Kiln", "2026-07", 1, scenario="Stopp")),
    ("contract-above-lanes", "Contracts!D2", "not taken", both(
        put("Contracts", 0, least_reserved=600, most_reserved=700))),
    ("figure-ignored", "Contracts!U2", "under way", both(
        put("Contracts", 0, settled="quarter", lifted_before=3))),
    ("figure-ignored", "Contracts!U2", "take-or-pay", both(
        put("Contracts", 0, take_or_pay=0, lifted_before=3, start="2026-01", end="2027-06"))),
    ("figure-ignored", "Contracts!X2", "take-or-pay", put(
        "Contracts", 0, take_or_pay=0, make_up_months=12)),
    ("figure-ignored", "Contracts!Y2", "make-up months", put("Contracts", 0, paid_before=3)),
    ("figure-ignored", "Contracts!Y2", "not settled before", put(
        "Contracts", 0, paid_before=3, make_up_months=12, start="2026-10")),
    ("figure-ignored", "Contracts!Y2", "lost", put(
        "Contracts", 0, paid_before=3, make_up_months=6)),
    ("contract-above-months", "Contracts!T2", "not taken", put("Contracts", 0, most_a_month=3)),
    ("comma-in-tag", "Sites!C2", "one tag", put("Sites", 0, tags=["western, big"])),
    ("probability-nought", "Scenarios!C3", "alone", put("Scenarios", 1, probability=0)),
    ("too-small", "Demand!E2", "1e-05", put("Demand", 0, need=3e-6)),
    ("too-small", "Stockpiles!E2", "nothing", put("Stockpiles", 0, opening=1e-9, floor=0)),
    ("sweep-room", "Sweeps!H2", "percent", put(
        "Sweeps", 0, method="room", sheet="Routes", row=["Perth"], column=None, values="0; 2")),
    ("sweep-mixed", "Sweeps!B4", "curve", beside("Sweeps", 0, method="tornado", row=["Japan"])),
    ("sweep-mixed", "Sweeps!K4", "8", both(
        beside("Sweeps", 0, method="latin", row=["Japan"], samples=9),
        put("Sweeps", 0, method="latin", samples=8))),
    ("sweep-levers", "Sweeps!A2", "two rows", put("Sweeps", 0, method="grid")),
    ("sweep-levers", "Sweeps!A2", "curve", put("Sweeps", 0, method="sobol")),
    ("sweep-levers", "Sweeps!A4", "one row", both(
        beside("Sweeps", 1, method="room", sheet=None, row=None, column=None),
        put("Sweeps", 1, method="room", sheet=None, row=None, column=None))),
    ("sweep-twice", "Sweeps!D4", "row 2", beside("Sweeps", 0, operation="plus")),
    ("sweep-lengths", "Sweeps!H4", "3 values", beside("Sweeps", 0, row=["Japan"], values="1; 2")),
    ("sweep-sample", "Sweeps!H2", "two different", both(
        beside("Sweeps", 0, method="latin", row=["Japan"]),
        put("Sweeps", 0, method="latin", values="2; 2"))),
    ("sweep-sample", "Sweeps!K4", "64 or 128", both(
        beside("Sweeps", 0, method="sobol", row=["Japan"], samples=100),
        put("Sweeps", 0, method="sobol"))),
    ("sweep-sample", "Sweeps!H4", "thirds", both(
        put("Sweeps", 0, method="morris"),
        more("Sweeps", name="More need", method="morris", sheet="Facilities", row=["Kiln"],
             column="build months", operation="plus", values="0; 4"))),
    ("sweep-points", "Sweeps!H2", "step", put("Sweeps", 0, values="0..1e9 step 1")),
    ("sweep-points", "Sweeps!K2", "fewer samples", both(
        beside("Sweeps", 0, method="sobol", row=["Japan"]),
        put("Sweeps", 0, method="sobol", samples=2**15))),
    ("sweep-points", "Sweeps!H2", "larger step", both(
        put("Sweeps", 0, method="grid", values="1..400 step 1"),
        beside("Sweeps", 0, row=["Japan"]))),
    ("reference-to-nothing", "Underway!A2", "Sea lane", underway(
        "Sea lanes", "lands", 1, "2026-07")),
    ("reference-to-nothing", "Underway!A2", "stands on the sheet Facilities", underway(
        "Kiln", "lands", 1, "2026-07")),
    ("underway-negative", "Underway!E2", "sign", underway("Kiln", "ready", -1, "2026-07")),
    ("underway-month", "Underway!D2", "a month", underway("Sea lane", "lands", 1)),
    ("underway-month", "Underway!D2", "blank", both(
        put("Contracts", 0, lifted_before=1, settled="contract year", start="2026-01"),
        underway("Offtake", "reserved", 1, "2026-07"))),
    ("underway-month", "Underway!D2", "2026-07 or later", underway(
        "Sea lane", "lands", 1, "2026-06")),
    ("underway-month", "Underway!D2", "2026-07 or later", underway(
        "Late", "returns", 1, "2026-06")),
    ("underway-month", "Underway!D2", "2026-04 or later", both(
        put("Relief", 1, latest_return=8.5), underway("Late", "returns", 1, "2026-03"))),
    ("underway-month", "Underway!D2", "2026-06", both(
        put("Supply", 0, ramp=5), underway("Pit", "moved", 1, "2026-05"))),
    ("underway-late", "Underway!D2", "2027-09 or earlier", underway(
        "Sea lane", "lands", 1, "2027-10")),
    ("underway-late", "Underway!D2", "2026-09 or earlier", both(
        put("Stockpiles", 0, life_months=3), underway("Store", "expires", 1, "2026-10"))),
    ("underway-detail", "Underway!C2", "Nd or La", underway("Refine", "lands", 1, "2026-07")),
    ("underway-detail", "Underway!C2", "Nd or La", underway(
        "Refine", "lands", 1, "2026-07", "Ore")),
    ("underway-detail", "Underway!C2", "clear", underway("Sea lane", "lands", 1, "2026-07", "Nd")),
    ("underway-detail", "Underway!C2", "clear", underway("Kiln", "ready", 1, "2026-07", "Nd")),
    ("underway-detail", "Underway!C2", "Australia", underway("Spread", "carried over", 1)),
    ("underway-twice", "Underway!A2", "Routes!", both(
        put("Routes", 0, on_water=12), underway("Sea lane", "lands", 1, "2026-07"))),
    ("underway-no-lead", "Underway!A2", "lead months", underway(
        "Refine", "lands", 1, "2026-07", "Nd")),
    ("underway-served", "Underway!D2", "10 years", underway("Kiln", "ready", 1, "2016-07")),
    ("underway-unfit", "Underway!A2", "defer", underway("Thrift", "returns", 1, "2026-07")),
    ("underway-unfit", "Underway!A2", "ramp", underway("Pit", "moved", 1, "2026-06")),
    ("underway-unfit", "Underway!A2", "horizon", underway("Cover", "carried over", 1)),
    ("underway-unfit", "Underway!A2", "lifted before", underway("Offtake", "reserved", 1)),
    ("underway-unfit", "Underway!A2", "rebate share", both(
        put("Contracts", 0, rebate_share=0), underway("Offtake", "earned", 1))),
    ("underway-unfit", "Underway!A2", "life months", underway("Store", "expires", 1, "2026-07")),
    ("underway-above-opening", "Underway!E2", "at most 20", both(
        put("Stockpiles", 0, life_months=12), underway("Store", "expires", 21, "2026-07"))),
    ("underway-not-counted", "Underway!A2", "under way", both(
        put("Policies", 0, start="2027-04"),
        underway("Spread", "carried over", 1, "", "Australia"))),
]  # fmt: skip

WARNINGS = {
    "falls-with-quantity",
    "repeat-after-end", "figure-ignored", "opening-below-floor", "deferred-for-ever",
    "event-reaches-nothing", "recovery-on-blank", "route-unfed", "no-room", "capacity-unused",
    "price-of-zero", "price-event-idle", "delay-too-late", "event-never-acts", "never-open",
    "policy-unused", "rebate-above-price", "unit-unknown", "counted-once", "counted-as-oxide",
    "odd-figure", "odd-after-event", "factor-on-nought", "delay-on-blank-start",
    "small-trunk", "never-released", "held-in-range", "tag-spelt-twice",
    "row-twice", "paid-twice", "part-month-on-blank", "sweep-ignored", "sweep-idle",
    "sweep-hidden", "input-unfed", "comma-in-tag", "probability-nought",
    "size-above-most", "contract-above-lanes", "contract-above-months", "draws-of-nothing",
    "touches-nothing", "disruption-twice", "disruption-unseen", "draws-nought",
    "hazards-not-drawn", "order-late", "order-after-end", "order-without-use",
    "underway-late", "underway-no-lead", "underway-served",
    "underway-not-counted",
}  # fmt: skip
