"""A workbook whose disruptions are held less likely: the base case has what they lose."""

from __future__ import annotations

from kido.data.case.disruptions import disruptions_by_scenario
from kido.data.tables import Tables

OF_A_SCENARIO = ("Events", "Policies")  # sheets whose rows may belong to one


def disruption_scenarios(tables: Tables) -> frozenset[str]:
    """The scenarios in which there is a disruption of their own, and those that part from them."""
    rows = list(tables["Scenarios"].records())
    names = {row.name for row in rows if row.disruption}
    names |= {name for name in disruptions_by_scenario(tables) if name}
    while more := {row.name for row in rows if row.parent in names} - names:
        names |= more
    return frozenset(names & {row.name for row in rows})


def disruption_probability(tables: Tables) -> float:
    """The probability that any of these scenarios comes."""
    names = disruption_scenarios(tables)
    return sum(
        row.probability
        for row in tables["Scenarios"].records()
        if row.name in names and row.parent not in names
    )


def with_disruptions_at(tables: Tables, share: float) -> Tables:
    """The tables with these scenarios at a share of their probability; at 0 without them."""
    names = disruption_scenarios(tables)
    scenarios = tables["Scenarios"].rows
    among = scenarios["name"].isin(names)
    if share > 0:
        scaled = scenarios["probability"].where(~among, scenarios["probability"] * share)
        return tables.with_rows("Scenarios", scenarios.assign(probability=scaled))
    for sheet in OF_A_SCENARIO:
        rows = tables[sheet].rows
        tables = tables.with_rows(sheet, rows[~rows["scenario"].isin(names)])
    return tables.with_rows("Scenarios", scenarios[~among])
