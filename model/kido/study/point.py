"""`Point` and `Outcome`: one question of a sweep and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SOLVED, CERTIFIED, INFEASIBLE = "solved", "certified", "infeasible"
LIMIT, BAD_INPUT, FAILED = "limit", "bad input", "failed"
STATUSES = (SOLVED, CERTIFIED, INFEASIBLE, LIMIT, BAD_INPUT, FAILED)


@dataclass(frozen=True)
class Point:
    """One setting of the parameters. `number` is its place in the design.

    `values` has one number for each parameter; None leaves the parameter as the book has it.
    `scenario` names a branch planned alone; None plans the whole tree.
    """

    number: int
    values: tuple[float | None, ...] = ()
    scenario: str | None = None

    @property
    def key(self) -> str:
        """The same for the same question, whatever its number."""
        return json.dumps([list(self.values), self.scenario], ensure_ascii=False)


@dataclass(frozen=True)
class Outcome:
    """How a point ended. Money in kUSD, discounted; tonnes as expected over all futures.

    `status` is one of STATUSES: only `solved` has `measures` and a `plan`; `certified` was
    not solved but lies between `lower` and `upper`, `objective` being their middle.
    `message` says, in planners' words, why there is no answer.
    `measures`: `expected_cost`, `cvar`, `cost.CATEGORY` (kUSD); `lost.COMMODITY`,
    `relieved.COMMODITY` (t over the months reported); `first_unmet` (months from the start to
    the first unmet need on the main future; absent where none).
    `plan`: `SHEET|ROW` -> t over the months reported (Supply, Sales, Processes, Routes), t held
    on average (Stockpiles), t/yr reserved (Contracts) or ordered (Facilities);
    `country|COMMODITY|COUNTRY` -> t that become available at home from there.
    `warm`: started from another answer. `gap`: kUSD that the plan is proved to cost more than
    the cheapest at most, `broken`: t by which its worst row or limit is broken; `attempts`: how
    each ended, where the first did not end in a proved answer.
    """

    point: Point
    status: str
    message: str = ""
    objective: float | None = None
    lower: float | None = None
    upper: float | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    plan: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    iterations: int = 0
    warm: bool = False
    gap: float | None = None
    broken: float | None = None
    attempts: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        return self.objective is not None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Outcome:
        point = Point(**{**kept["point"], "values": tuple(kept["point"]["values"])})
        attempts = tuple(kept.get("attempts", ()))
        return Outcome(**{**kept, "point": point, "attempts": attempts})
