"""`Method`: the record of one method of a sweep, such as a tornado or a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kido.data.tables import Frame, Tables
    from kido.errors import Finding
    from kido.report.charts import Chart
    from kido.report.document import ColorScale
    from kido.report.grid import FirstPage
    from kido.report.table import Report, Table
    from kido.study.design.design import Design
    from kido.study.point import Point
    from kido.study.report.view import View
    from kido.study.results import SweepResult
    from kido.study.session import Session


@dataclass(frozen=True)
class Method:
    """A method of a sweep. `name` is its code on the sheet Sweeps; `package` has its modules:

    - `method`: `points` (what is solved) and `run` (a session -> its result)
    - `tables`: `tables`, the method's own pages; one named like a page of every sweep replaces it
    - `findings`: `findings`, what the result shows, in sentences
    - `charts`: `charts`, for the first page; where it needs more than charts side by side, `draw`;
      where tables have cells in the colour of their number, `color_scale`

    - `checks`, where there is more to check than the record says: `check_row` (the values of one
      row) and `check` (a design whose rows are sound)

    They are imported at first use: to check a workbook takes only the last.

    Of the rows of one name: `rows` is their least and most number (None: no limit), `needed` and
    `ignored` are the columns that must be filled and those that are ignored. `has_parameters`:
    whether the rows are parameters; else they select rows of the sheets `sheets`
    alone, where the words `names` count as rows too. `size`: number of points of a design.

    `in_step`: all parameters change together, value by value; `one_at_a_time`: each alone.
    `sampled`: the values are sampled between the least and the largest. `alone`: a point is a
    scenario planned alone.
    `named_points`: the points have names that a planner knows. `has_points`: False for a method
    that computes ranges instead.
    """

    name: str
    package: str
    size: Callable[[Design], int]
    rows: tuple[int, int | None] = (1, None)
    needed: tuple[str, ...] = ("sheet", "row", "column", "values")
    ignored: tuple[str, ...] = ()
    has_parameters: bool = True
    sheets: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    in_step: bool = False
    one_at_a_time: bool = False
    sampled: bool = False
    alone: bool = False
    named_points: bool = True
    has_points: bool = True

    @property
    def points(self) -> Callable[[Design, Tables], Sequence[Point]]:
        """A function from a design to its points, in the order of solving."""
        return self._part("method", "points")

    @property
    def run(self) -> Callable[[Session], SweepResult]:
        """A function from a session to the result of its sweep."""
        return self._part("method", "run")

    @property
    def tables(self) -> Callable[[View], list[Table]]:
        """A function that returns the method's own tables."""
        return self._part("tables", "tables")

    @property
    def findings(self) -> Callable[[View], list[str]]:
        """A function that returns the method's findings, the most important first."""
        return self._part("findings", "findings")

    @property
    def charts(self) -> Callable[[View, Report], list[Chart]]:
        """A function that returns the charts of the first page."""
        return self._part("charts", "charts")

    @property
    def draw(self) -> Callable[[FirstPage, View, Report, int], int] | None:
        """The function that puts charts on the first page from a row on; returns the last row."""
        return self._part("charts", "draw", None)

    @property
    def color_scale(self) -> Callable[[Table], ColorScale | None]:
        """A function that returns the colour scale of a table; None for a table without."""
        return self._part("charts", "color_scale", lambda table: None)

    @property
    def check_row(self) -> Callable[[Frame, Any, Sequence[float]], Iterator[Finding]]:
        """A function that yields findings on the values of one row."""
        return self._part("checks", "check_row", _no_row_findings)

    @property
    def check(self) -> Callable[[Frame, Sequence[Any], Design], Iterator[Finding]]:
        """A function that yields findings on a design whose rows are sound."""
        return self._part("checks", "check", _no_findings)

    def _part(self, module: str, name: str, *default: Any) -> Any:
        """The attribute `name` of a module of the package; `default` if there is none."""
        if default and find_spec(f"{self.package}.{module}") is None:
            return default[0]
        return getattr(import_module(f"{self.package}.{module}"), name, *default)


def _no_row_findings(frame: Frame, row: Any, values: Sequence[float]) -> Iterator[Finding]:
    yield from ()


def _no_findings(frame: Frame, rows: Sequence[Any], design: Design) -> Iterator[Finding]:
    yield from ()
