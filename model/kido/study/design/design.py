"""`Design`: one sweep, from the rows of the sheet Sweeps with its name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.study.design.parameter import Parameter, is_number
from kido.study.design.sweep_rows import find_sheet, parameter_of, parse_values, row_names

# Sheets whose rows have a volume in a plan: t, mean stock in t, t/yr reserved or ordered.
VOLUMES = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Stockpiles")
SAMPLES, ERROR = 64, 0.01  # where blank; the error in percent


@dataclass(frozen=True)
class Design:
    """One sweep. `line` is its first Excel row on the sheet Sweeps.

    `watch`: words for rows whose break-evens are sought. `alone`: the curve also for each branch
    planned alone. `samples`: the base number of points of latin, morris (trajectories) and sobol.
    `error`: tolerance of the cost of a point that is not solved, as a share of the cost.
    A method without parameters selects rows by `sheet`, `words` and `commodities` (blank: all);
    its `values` are shares.
    """

    name: str
    method: str
    parameters: tuple[Parameter, ...] = ()
    watch: tuple[str, ...] = ()
    alone: bool = False
    samples: int = SAMPLES
    error: float = ERROR / 100
    line: int = 0
    sheet: str = ""
    words: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    values: tuple[float, ...] = ()


def rows_by_name(tables: Tables) -> dict[str, list[Any]]:
    """The rows of Sweeps grouped by their name, in the order of the workbook."""
    groups: dict[str, list[Any]] = {}
    for row in tables["Sweeps"].records():
        groups.setdefault(row.name, []).append(row)
    return groups


def design_of(
    tables: Tables, words: NameIndex, name: str, rows: list[Any], has_parameters: bool
) -> Design:
    """The design of the rows of one name, which are sound; samples and error may be on any row.

    `has_parameters`: whether the rows are parameters.
    """
    first = rows[0]
    samples = [int(row.samples) for row in rows if is_number(row.samples)]
    error = [row.error for row in rows if is_number(row.error)]
    common = {
        "name": name,
        "method": first.method,
        "watch": tuple(dict.fromkeys(word for row in rows for word in row.watch)),
        "alone": any(row.alone for row in rows),
        "samples": samples[0] if samples else SAMPLES,
        "error": (error[0] if error else ERROR) / 100,
        "line": int(first.Index),
    }
    if not has_parameters:
        sheet = find_sheet(first.sheet)
        return Design(
            **common,
            sheet=sheet.name if sheet else "",
            words=first.row,
            commodities=first.commodity,
            values=tuple(x / 100 for x in parse_values(first.values)) if first.values else (),
        )
    parameters = [parameter_of(tables, words, row) for row in rows]
    # profiles first, so that other parameters copy them with their new values
    parameters.sort(key=lambda parameter: parameter.sheet != "Profiles")
    labels = Counter(parameter.label() for parameter in parameters)
    parameters = [
        replace(parameter, qualified=labels[parameter.label()] > 1) for parameter in parameters
    ]
    return Design(**common, parameters=tuple(parameters))


def watched_rows(design: Design, tables: Tables) -> tuple[str, ...]:
    """`SHEET|ROW` of every watched row: those of `watch`; if blank, those of the parameters."""
    if design.watch:
        words = NameIndex.of(tables)
        rows = [(s, n) for w in design.watch for s in VOLUMES for n in words.rows(w, s)]
    else:
        rows = [own for parameter in design.parameters for own in _own_rows(parameter, tables)]
    return tuple(dict.fromkeys(f"{sheet}|{name}" for sheet, name in rows))


def _own_rows(parameter: Parameter, tables: Tables) -> list[tuple[str, str]]:
    sheet = "Processes" if parameter.sheet == "Recipes" else parameter.sheet
    if sheet not in VOLUMES:
        return []
    names = row_names(tables, catalogue()[parameter.sheet])
    index = tables[parameter.sheet].rows.index
    name_of = dict(zip(index, names, strict=True))
    return [(sheet, name_of[row]) for row in parameter.rows]
