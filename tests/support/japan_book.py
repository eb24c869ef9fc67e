"""The shipped book of Japan: its figures of 2024, and its sheets as they are stored."""

from __future__ import annotations

import openpyxl
import pandas as pd

from kido.data.schema import catalogue
from kido.data.tables import Tables

ELEMENTS = ("NdPr", "Dy", "Tb", "Sm", "Gd", "Y", "Eu", "La", "Ce", "Other heavy")
MARKETS = ("Japan market", "Japan clean market")
# Needs of the base year by oxide, t; they add to the 18,835 t read for 2024.
NEEDS = dict(zip(ELEMENTS, (5700, 280, 60, 180, 220, 1250, 8, 4090, 6800, 247), strict=True))
FROM_CHINA_2024 = dict(
    zip(ELEMENTS, (2200, 265, 56, 172, 210, 1230, 7, 2690, 4080, 240), strict=True)
)
# Made for Japan by committed processes when China sends nothing, t: 2026 (four times the
# last quarter) to 2030, and how far the plan may be from it.
WITHOUT_CHINA = {
    "Dy oxide": ((53, 64, 125, 205, 263), 0.02),
    "Tb oxide": ((12, 14, 24, 39, 51), 0.05),
}


def lines(book: openpyxl.Workbook, sheet: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in book[sheet].iter_rows(values_only=True)]


def column(book: openpyxl.Workbook, sheet: str, key: str) -> list[object]:
    header, *rows = lines(book, sheet)
    place = header.index(catalogue()[sheet].columns[key].header())
    return [row[place] for row in rows]


def oxide(element: str) -> str:
    return f"{element} oxide"


def countries(tables: Tables) -> dict[str, str]:
    return {row.name: row.country for row in tables["Sites"].records()}


def calibration(book: openpyxl.Workbook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What history leaves open, and the balance month by month."""
    rows = lines(book, "Calibration")
    start = next(i for i, row in enumerate(rows) if "Stock base" in row)
    body = [row for row in rows[start + 1 :] if row[1]]
    end = next(i for i, row in enumerate(rows) if row[0] is None)
    return (
        pd.DataFrame(rows[1:end], columns=[str(h) for h in rows[0]]),
        pd.DataFrame(body, columns=["Month", *(str(h) for h in rows[start][1:])]),
    )
