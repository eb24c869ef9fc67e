"""`SweepResult`: the result of a sweep, with its workbook, design and outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.method import Method
from kido.study.point import Outcome


@dataclass(frozen=True)
class SweepResult:
    """The result of a sweep: `base` is that of the unchanged book, `outcomes` those of the points.

    `outcomes` are in the order of the design. A method with more results has a subclass.
    """

    method: Method
    tables: Tables
    design: Design
    base: Outcome
    outcomes: tuple[Outcome, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @property
    def every_outcome(self) -> Iterable[Outcome]:
        """All outcomes that `run.json` lists."""
        return self.outcomes

    @property
    def shown_outcomes(self) -> Iterable[Outcome]:
        """The outcomes that the pages show; of equal points the first counts."""
        return self.outcomes

    @property
    def largest_error(self) -> float | None:
        """The largest proved error of a requested value, as a share; None if none is proved."""
        return None

    @property
    def notes(self) -> Mapping[str, object]:
        """Further lines about the points on the page About, by their label."""
        return {}
