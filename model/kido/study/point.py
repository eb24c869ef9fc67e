"""`Point` and `Outcome`: the values of the parameters at one point of a sweep, and its result."""

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
    """One value of each parameter. `number` is its position in the design.

    `values` has one number for each parameter; None leaves the parameter as the book has it.
    `scenario` is the name of a branch planned alone; None plans the whole tree.
    """

    number: int
    values: tuple[float | None, ...] = ()
    scenario: str | None = None

    @property
    def key(self) -> str:
        """A text that is equal for points of equal values and scenario, whatever their number."""
        return json.dumps([list(self.values), self.scenario], ensure_ascii=False)


@dataclass(frozen=True)
class Outcome:
    """The result of a point. Money in kUSD, discounted; tonnes as expected over all futures.

    `status` is one of STATUSES: only `solved` has `measures` and a `plan`; `certified` was
    not solved but lies between `lower` and `upper`, `objective` being their middle.
    `message` says, in planners' words, why there is no plan.
    `measures`: `expected_cost`, `cvar`, `cost.CATEGORY` (kUSD); `lost.COMMODITY`,
    `relieved.COMMODITY` (t over the months reported); `first_unmet` (months from the start to
    the first unmet need on the main future; absent where none); `free_cost` (kUSD: of a plan that
    is held to the orders of a run, what a new one costs).
    `plan`: `SHEET|ROW` -> t over the months reported (Supply, Sales, Processes, Routes), t held
    on average (Stockpiles), t/yr reserved (Contracts) or ordered (Facilities);
    `country|COMMODITY|COUNTRY` -> t that become available at home from there.
    `warm`: started from the basis of another point. `gap`: upper bound, kUSD, of what the plan
    costs more than the cheapest; `broken`: t by which its worst row or limit is violated;
    `attempts`: how each solve ended, if the first did not end in a proved optimum.
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
        """Whether the cost is known, solved or certified."""
        return self.objective is not None

    def to_json(self) -> dict[str, Any]:
        """The outcome as a dict of plain values."""
        return asdict(self)

    @staticmethod
    def from_json(record: Mapping[str, Any]) -> Outcome:
        """The outcome of a dict made by `to_json`."""
        point = Point(**{**record["point"], "values": tuple(record["point"]["values"])})
        attempts = tuple(record.get("attempts", ()))
        return Outcome(**{**record, "point": point, "attempts": attempts})
