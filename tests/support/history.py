"""The plan of `inputs/japan-2025.xlsx` along what came, beside what was reported."""

from __future__ import annotations

import openpyxl
import pandas as pd

import kido
from kido.data.months import month_of
from kido.data.tables import Tables
from places import INPUTS

HISTORY = INPUTS / "japan-2025.xlsx"
START, MONTHS = month_of(2025, 4), 18
QUARTERS = ("FY2025 Q1", "FY2025 Q2", "FY2025 Q3", "FY2025 Q4", "FY2026 Q1", "FY2026 Q2")


def what_came(tables: Tables) -> pd.Series:
    """The branch that is history in each month from the start: the last scenario known by then."""
    known = sorted((row.known, row.name) for row in tables["Scenarios"].records())
    months = range(START, START + MONTHS)
    return pd.Series(
        [next((n for k, n in reversed(known) if k <= m), "Trunk") for m in months], index=months
    )


def along_history(tables: Tables) -> pd.DataFrame:
    """The flows of the plan on the branches that were history, with their fiscal quarter."""
    flows = kido.evaluate(tables).flows
    flows = flows[flows["start"] < START + MONTHS]
    flows = flows[flows["branch"] == flows["start"].map(what_came(tables))]
    return flows.assign(quarter=[QUARTERS[(m - START) // 3] for m in flows["start"]])


def planned(tables: Tables) -> pd.DataFrame:
    """By element and quarter: need given up and output lost (%), stock of companies (t)."""
    flows = along_history(tables)
    element = {r.name: r.commodity.split()[0] for r in tables["Demand"].records()}
    relief = {r.name: element[r.demand] for r in tables["Relief"].records()}
    lost = {r.name for r in tables["Relief"].records() if r.kind == "lost"}
    met = flows[flows["kind"] == "meet"].assign(element=lambda f: f["name"].map(element))
    less = flows[flows["kind"] == "relieve"].assign(element=lambda f: f["name"].map(relief))
    by = ["element", "quarter"]
    given_up = less.groupby(by)["value"].sum()
    gone = less[less["name"].isin(lost)].groupby(by)["value"].sum()
    need = met.groupby(by)["value"].sum().add(given_up, fill_value=0)
    stock = flows[(flows["kind"] == "stock") & flows["name"].str.startswith("Companies ")]
    stock = stock.assign(element=stock["name"].str.split().str[1])
    return pd.DataFrame(
        {
            "given up": (100 * given_up / need).reindex(need.index, fill_value=0.0).fillna(0.0),
            "lost": (100 * gone / need).reindex(need.index, fill_value=0.0).fillna(0.0),
            "stock": stock.groupby(by)["value"].last(),
        }
    )


def reported() -> pd.DataFrame:
    """The sheet Reported, by element and quarter."""
    rows = list(openpyxl.load_workbook(HISTORY, read_only=True)["Reported"].values)
    frame = pd.DataFrame(rows[1:], columns=[str(h) for h in rows[0]])
    frame = frame[frame["Fiscal quarter"].isin(QUARTERS)]
    return frame.set_index(["Element", "Fiscal quarter"]).astype(float)
