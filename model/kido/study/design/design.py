"""`Design`: the rows of the sheet Sweeps that bear one name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.study.design.parameter import Parameter, is_number
from kido.study.design.sweep_rows import find_sheet, parameter_of, parse_values, row_names

# Rows whose volume can be followed: t, t held, t/yr reserved or ordered.
VOLUMES = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Contracts", "Stockpiles")
SAMPLES, ERROR = 64, 0.01  # where blank; the error in percent


@dataclass(frozen=True)
class Design:
    """One sweep. `line` is its first Excel row on the sheet Sweeps.

    `watch`: words whose rows are followed. `alone`: the curve also for each branch planned
    alone. `samples`: the base number of points of latin, morris (trajectories) and sobol.
    `error`: largest share of the cost by which a point between solved ones may be off.
    Where nothing is moved there are no parameters: `sheet`, `words` and `commodities` say what
    is looked at (blank: everything), `values` are shares.
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


def grouped(tables: Tables) -> dict[str, list[Any]]:
    """The rows of Sweeps by the name they bear, in the order of the book."""
    found: dict[str, list[Any]] = {}
    for row in tables["Sweeps"].records():
        found.setdefault(row.name, []).append(row)
    return found


def design_of(tables: Tables, words: NameIndex, name: str, rows: list[Any], moves: bool) -> Design:
    """The sound rows of one name together; samples and error stand on any of them.

    `moves`: whether the rows are parameters, or say what is looked at.
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
    if not moves:
        sheet = find_sheet(first.sheet)
        return Design(
            **common,
            sheet=sheet.name if sheet else "",
            words=first.row,
            commodities=first.commodity,
            values=tuple(x / 100 for x in parse_values(first.values)) if first.values else (),
        )
    parameters = [parameter_of(tables, words, row) for row in rows]
    # profiles first, so that copies made of them by other parameters are of what they became
    parameters.sort(key=lambda parameter: parameter.sheet != "Profiles")
    labels = Counter(parameter.label() for parameter in parameters)
    parameters = [
        replace(parameter, apart=labels[parameter.label()] > 1) for parameter in parameters
    ]
    return Design(**common, parameters=tuple(parameters))


def watched(design: Design, tables: Tables) -> tuple[str, ...]:
    """`SHEET|ROW` of every row to follow: of `watch`; blank: those of the parameters, if any."""
    if design.watch:
        words = NameIndex.of(tables)
        named = [(s, n) for w in design.watch for s in VOLUMES for n in words.rows(w, s)]
    else:
        named = [own for parameter in design.parameters for own in _own_rows(parameter, tables)]
    return tuple(dict.fromkeys(f"{sheet}|{name}" for sheet, name in named))


def _own_rows(parameter: Parameter, tables: Tables) -> list[tuple[str, str]]:
    sheet = "Processes" if parameter.sheet == "Recipes" else parameter.sheet
    if sheet not in VOLUMES:
        return []
    names = row_names(tables, catalogue()[parameter.sheet])
    index = tables[parameter.sheet].rows.index
    called = dict(zip(index, names, strict=True))
    return [(sheet, called[row]) for row in parameter.rows]
