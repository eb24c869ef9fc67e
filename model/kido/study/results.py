"""What every sweep found: the book, its design and the points, ready to be written or read."""

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
    """`base` is the book as it stands; `outcomes` stand in the order of the design.

    A method that finds more than points has a result of its own, with this one below it.
    """

    method: Method
    tables: Tables
    design: Design
    base: Outcome
    outcomes: tuple[Outcome, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @property
    def every_outcome(self) -> Iterable[Outcome]:
        """All that was solved or looked for: what `run.json` lists."""
        return self.outcomes

    @property
    def shown_outcomes(self) -> Iterable[Outcome]:
        """What the pages show; of one question the first counts."""
        return self.outcomes

    @property
    def largest_error(self) -> float | None:
        """The largest proved error of a value asked for, as a share; None where none is proved."""
        return None

    @property
    def notes(self) -> Mapping[str, object]:
        """What else the page About says of the points."""
        return {}
