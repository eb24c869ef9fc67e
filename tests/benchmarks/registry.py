"""What is measured: cases (edits of the Japan book) x ways to build x phases of the road."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy

from kido.data.case.build import tree_of
from kido.data.case.case import Case
from kido.data.tables import Tables

BOOK = Path(__file__).parents[2] / "inputs" / "japan.xlsx"
METHODS = ("simplex", "ipx")


def as_it_is(tables: Tables) -> Tables:
    return tables


def histories(count: int) -> Callable[[Tables], Tables]:
    """The first scenarios of the book, parents with their children: so many histories in all."""

    def edit(tables: Tables) -> Tables:
        rows = tables["Scenarios"].rows
        for kept in range(len(rows) + 1):
            first = rows.iloc[:kept]
            cut = tables.with_rows("Scenarios", first)
            orphans = set(rows["parent"]) & set(first["name"]) - set(first["parent"])
            if len(tree_of(cut).leaves) >= count and not orphans:
                events = cut["Events"].rows
                known = events["scenario"].isin(["", *first["name"]])
                return cut.with_rows("Events", events[known])
        raise ValueError(f"the book has no {count} histories")

    return edit


def monthly(tables: Tables) -> Tables:
    """54 months instead of months, then quarters; the run-out stays."""
    return tables.with_settings(calendar=(1,) * 54)


CASES: Mapping[str, Callable[[Tables], Tables]] = {
    **{f"{count} histories": histories(count) for count in (1, 2, 4, 8, 16)},
    "the whole book": as_it_is,
    "the whole book, 54 months": monthly,
}


@dataclass(frozen=True)
class Way:
    """A modelling library: data -> model, model -> a solver that holds the program.

    Its data are the case itself, or what `data` makes of it.
    """

    build: Callable[[Any], Any]
    hand_over: Callable[[Any], highspy.Highs]
    data: Callable[[Case], Any] = lambda case: case


def pyomo_way() -> Way:
    from kido.lp.build import build_model
    from kido.solver.program import hand_over

    def passed(built: Any) -> highspy.Highs:
        solver = quiet()
        solver.passModel(hand_over(*built).highs_lp())
        return solver

    return Way(build_model, passed)


def linopy_way() -> Way:
    from in_linopy import build, hand_over

    return Way(build, hand_over)


def pypsa_way() -> Way:
    from in_pypsa import hand_over, model_of, network

    return Way(model_of, hand_over, network)


WAYS: Mapping[str, Callable[[], Way]] = {
    "pyomo": pyomo_way,
    "linopy": linopy_way,
    "pypsa": pypsa_way,
}


def quiet() -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return solver
