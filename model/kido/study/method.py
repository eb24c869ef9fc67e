"""`Method`: one way to ask "what if", as one frozen record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kido.data.tables import Tables
    from kido.report.table import Table
    from kido.study.design.design import Design
    from kido.study.point import Point
    from kido.study.report.view import View
    from kido.study.results import SweepResult
    from kido.study.session import Session


@dataclass(frozen=True)
class Method:
    """`name` is the word on the sheet Sweeps; `package` holds what the method is made of:

    - `method`: `points` (what is solved) and `run` (a session -> its result)
    - `tables`: `tables`, the method's own pages; one named like a page of every sweep replaces it
    - `findings`: `findings`, what the result shows, in sentences
    - `charts`: `charts`, for the first page

    They are imported when they are asked for: to check a workbook takes none of them.

    `in_step`: all parameters move together, value by value. `alone`: a point is a scenario planned
    alone. `named_points`: a reader knows a point by its name. `has_points`: False where ends of
    ranges are sought instead.
    """

    name: str
    package: str
    in_step: bool = False
    alone: bool = False
    named_points: bool = True
    has_points: bool = True

    @property
    def points(self) -> Callable[[Design, Tables], Sequence[Point]]:
        return self._part("method", "points")

    @property
    def run(self) -> Callable[[Session], SweepResult]:
        return self._part("method", "run")

    @property
    def tables(self) -> Callable[[View], list[Table]]:
        return self._part("tables", "tables")

    @property
    def findings(self) -> Callable[[View], list[str]]:
        return self._part("findings", "findings")

    @property
    def charts(self) -> Callable[..., Any]:
        return self._part("charts", "charts")

    def _part(self, module: str, name: str) -> Any:
        return getattr(import_module(f"{self.package}.{module}"), name)
