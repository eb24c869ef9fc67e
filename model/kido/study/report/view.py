"""`View`: the result of a sweep with labels, units and numbers that several tables need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kido.data.tables import Settings
from kido.report.labels import Labels
from kido.result.currency import currency
from kido.study.design.parameter import Parameter
from kido.study.method import Method
from kido.study.point import CERTIFIED, SOLVED, Outcome
from kido.study.report.wording import Wording
from kido.study.results import SweepResult
from kido.tolerances import MOVED_T, NOISE_SHARE

NAN = float("nan")
MILLION = 1_000.0  # kUSD: costs from here on are shown in millions
LOST, FIRST_UNMET = "lost.", "first_unmet"
SUMMED = "all"  # commodities together


@dataclass(frozen=True)
class View:
    """A sweep's result for its report.

    Money in kUSD, tonnes over the months reported; NaN if a point has no such number.
    """

    result: SweepResult

    @property
    def settings(self) -> Settings:
        return self.result.tables.settings

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.settings.language)

    @cached_property
    def wording(self) -> Wording:
        return Wording(self.labels, self.unit, self.factor)

    @property
    def method(self) -> Method:
        return self.result.method

    @property
    def base(self) -> Outcome:
        return self.result.base

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the design; empty for a method without."""
        return tuple(self.result.design.parameters)

    def parameter_name(self, place: int) -> str:
        """The label of a parameter in the language of the book."""
        return self.parameters[place].label(self.labels.language)

    # -- points -------------------------------------------------------------------

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One outcome for each point: those of the design in order, then any others solved."""
        first: dict[str, Outcome] = {}
        for outcome in self.result.shown_outcomes:
            first.setdefault(outcome.point.key, outcome)
        return tuple(first.values())

    @cached_property
    def solved(self) -> tuple[Outcome, ...]:
        """The solved points comparable with the base."""
        return tuple(o for o in self.outcomes if o.status == SOLVED and self.comparable(o))

    def comparable(self, outcome: Outcome) -> bool:
        """Whether a cost is of the whole tree, as the base, or the method compares branches."""
        return outcome.point.scenario is None or self.method.alone

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of points by status."""
        counts: dict[str, int] = {}
        for outcome in self.outcomes:
            counts[outcome.status] = counts.get(outcome.status, 0) + 1
        return counts

    @cached_property
    def unanswered(self) -> tuple[Outcome, ...]:
        """The outcomes without a cost."""
        return tuple(o for o in self.outcomes if o.status not in (SOLVED, CERTIFIED))

    def name(self, outcome: Outcome) -> str:
        """The name of a point in a sentence: its values, its scenario, or its number."""
        point, parameters = outcome.point, self.parameters
        if point.scenario is not None and (not parameters or self.method.alone):
            return self.labels.word(point.scenario)
        positions = [k for k, v in enumerate(point.values) if v is not None and k < len(parameters)]
        if self.method.in_step and positions:
            text = self.wording.setting(parameters[0], point.values[positions[0]])
            return text if point.scenario is None else f"{point.scenario}, {text}"
        if not positions or len(positions) > 2:
            return self.labels["sweep.point"].format(number=point.number)
        names = (
            self._short_names if len(positions) > 1 else [self.parameter_name(k) for k in positions]
        )
        settings = [self.wording.setting(parameters[k], point.values[k]) for k in positions]
        comma = self.labels["sweep.comma"]
        return comma.join(f"{n} {s}" for n, s in zip(names, settings, strict=True))

    @cached_property
    def _short_names(self) -> list[str]:
        """Names of the parameters without their rows if that is unambiguous, else full names."""
        full = [self.parameter_name(k) for k in range(len(self.parameters))]
        short = [name.rsplit(": ", 1)[-1] for name in full]
        return short if len(set(short)) == len(short) else full

    # -- numbers ------------------------------------------------------------------

    @cached_property
    def unit(self) -> str:
        """The unit of money: `million USD`, or `kUSD` if all costs are below a million."""
        costs = [abs(o.objective) for o in (self.base, *self.outcomes) if o.objective is not None]
        return "million USD" if max(costs, default=MILLION) >= MILLION else "kUSD"

    @property
    def factor(self) -> float:
        """The factor from kUSD to `unit`."""
        return 1 / MILLION if self.unit == "million USD" else 1.0

    def money(self, kusd: float | None) -> float:
        """An amount of kUSD in `unit`; NaN for None."""
        return NAN if kusd is None else kusd * self.factor

    @cached_property
    def display(self) -> tuple[str, float] | None:
        """(unit, factor from kUSD) of the display currency; None if it is the dollar."""
        return None if self.settings.currency == "USD" else currency(self.settings)

    def display_cost(self, outcome: Outcome) -> float:
        """The cost in the display currency, at the exchange rate of the point."""
        if self.display is None or outcome.objective is None:
            return NAN
        tables = self.result.tables
        for parameter, value in zip(self.parameters, outcome.point.values, strict=False):
            if parameter.sheet == "Settings" and value is not None:
                tables = parameter.with_value(tables, value)
        return outcome.objective * currency(tables.settings)[1]

    def change(self, outcome: Outcome) -> float | None:
        """The cost minus that of the unchanged book, kUSD; None if either is unknown."""
        if outcome.objective is None or self.base.objective is None or not self.comparable(outcome):
            return None
        change = outcome.objective - self.base.objective
        return change if abs(change) > NOISE_SHARE * abs(self.base.objective) else 0.0

    def change_share(self, outcome: Outcome) -> float:
        """The change of the cost as a share of that of the unchanged book; NaN if unknown."""
        change, whole = self.change(outcome), self.base.objective
        return NAN if change is None or not whole else change / abs(whole)

    def measure(self, outcome: Outcome, name: str) -> float:
        """A measure of an outcome, in its own unit; NaN if it has none."""
        return float(outcome.measures.get(name, NAN))

    @cached_property
    def commodities(self) -> tuple[str, ...]:
        """The commodities that are lost at some point, in the order of the book."""
        lost = set()
        for outcome in (self.base, *self.outcomes):
            lost |= {k for k, v in outcome.measures.items() if k.startswith(LOST) and v > MOVED_T}
        names = [str(n) for n in self.result.tables["Commodities"].rows["name"]]
        order = {name: i for i, name in enumerate(names)}
        commodities = (k.removeprefix(LOST) for k in lost)
        return tuple(sorted(commodities, key=lambda c: (order.get(c, len(order)), c)))

    def lost(self, outcome: Outcome, commodity: str = SUMMED) -> float:
        """Demand not served, t; NaN without a plan."""
        if not outcome.measures:
            return NAN
        names = self.commodities if commodity == SUMMED else (commodity,)
        return float(sum(outcome.measures.get(LOST + name, 0.0) for name in names))

    # -- the book -----------------------------------------------------------------

    def sweep_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Pairs (Excel row, its cells) of the rows of this sweep on the sheet Sweeps."""
        for row in self.result.tables["Sweeps"].records():
            if row.name == self.result.design.name:
                cells = row._asdict()
                yield cells.pop("Index"), cells

    def grade_and_source(self, parameter: Parameter) -> tuple[str, str]:
        """(grade, source) of a parameter's range on the sheet Sweeps."""
        cells = dict(self.sweep_rows()).get(parameter.line, {})
        return str(cells.get("grade") or "not graded"), str(cells.get("source") or "")
