"""`SolvedPlan`: a solution with its workbook and case, and the series that results are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kido.certificate import Certificate, verify
from kido.data.case.case import Array, Case, LinearTerm, Pair
from kido.data.case.cost_terms import CATEGORIES
from kido.data.case.lead_times import arriving_amount
from kido.data.figure import above
from kido.data.schema import TRUNK
from kido.data.tables import Tables
from kido.data.units import in_tonnes
from kido.errors import CertificateError
from kido.result.flows import Series, flows_of, series_of
from kido.result.shadow_prices import ShadowPrices
from kido.solver.kept_orders import KeptPlan
from kido.solver.likelihood import Likelihood
from kido.solver.solution import Solution
from kido.solver.whole_orders import NO_WHOLE_ORDERS, WholeOrders

Value = TypeVar("Value")


@dataclass(frozen=True)
class ScenarioPath:
    """A path from root to leaf: its nodes in order, its probability, its discounted cost in kUSD.

    `trunk`: it never leaves the trunk.
    """

    name: str
    probability: float
    path: NDArray[np.intp]
    cost: float
    trunk: bool = False

    @property
    def leaf(self) -> int:
        """The last node of the path."""
        return int(self.path[-1])


@dataclass(frozen=True)
class SolvedPlan:
    """A solution with its workbook and case. Arrays have one number for each node of the tree.

    `reference_cost_alone` is what the reference path would cost, kUSD, if it were known from
    the start, `whole_orders` what whole sizes and lots would cost, `cost_without` kUSD that the
    least cost is higher without a line of what is to be done now, by its key, `likelihoods` how
    likely disruptions must be held for it; `limit_cost` kUSD that it is lower without the
    nervousness limit (None: not known, or there is none); `kept` the decisions of an earlier run
    that the plan is held to; `alternatives`: whether such are asked for. `cache` holds the results
    of functions under `once`.
    """

    tables: Tables
    case: Case
    solution: Solution
    certificate: Certificate | None
    scenario: str | None = None
    reference_cost_alone: float | None = None
    alternatives: bool = True
    whole_orders: WholeOrders = NO_WHOLE_ORDERS
    cost_without: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    limit_cost: float | None = None
    kept: KeptPlan | None = None
    likelihoods: Mapping[tuple[str, ...], Likelihood] = field(default_factory=dict)
    cache: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def completed(self, **parts: Any) -> SolvedPlan:
        """The plan with its certificate or `reference_cost_alone`; its series stay computed."""
        other = replace(self, **parts)
        known = {name: value for name, value in vars(self).items() if name not in vars(other)}
        vars(other).update(known)
        return other

    # -- nodes ------------------------------------------------------------------

    @cached_property
    def months(self) -> Array:
        """The length of each node."""
        return np.array([m.months for m in self.case.tree.nodes], dtype=float)

    @cached_property
    def discount(self) -> Array:
        """The discount factor of each node."""
        return np.array([m.discount for m in self.case.tree.nodes])

    @cached_property
    def probability(self) -> Array:
        """The probability of each node."""
        return np.array([m.probability for m in self.case.tree.nodes])

    @cached_property
    def reported(self) -> NDArray[np.bool_]:
        """Whether each node is before the run-out."""
        return np.array([m.reported for m in self.case.tree.nodes])

    @cached_property
    def previous(self) -> NDArray[np.intp]:
        """The node before each node, -1 at a root."""
        return np.array([m.previous for m in self.case.tree.nodes], dtype=np.intp)

    @property
    def zeros(self) -> Array:
        """A new array with 0 for each node."""
        return np.zeros(len(self.case.tree.nodes))

    # -- quantities -------------------------------------------------------------

    @cached_property
    def values(self) -> Series:
        """For each variable, the nonzero series of its keys without the node."""
        return series_of(self.case, self.solution)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """The flows as one long table: see `flows_of`."""
        return flows_of(self.case, self.values)

    def of(self, kind: str, *key: str) -> Array:
        """The series of one variable by node; zeros where the plan does not use it."""
        series = self.values[kind].get(key)
        return self.zeros if series is None else series

    @cached_property
    def arrivals(self) -> dict[str, Array]:
        """t that arrive by each route in each node, after losses."""
        shipped = self.values["ship"]
        return {
            name: arriving_amount(route.arrivals, shipped[name,] * route.efficiency)
            + route.pipeline
            if (name,) in shipped
            else route.pipeline
            for name, route in self.case.routes.items()
            if (name,) in shipped or route.pipeline.any()
        }

    @cached_property
    def outputs(self) -> dict[tuple[str, str], Array]:
        """t that come out in each node, by (process, commodity)."""
        outputs = {}
        for name, process in self.case.processes.items():
            run = self.values["run"].get((name,))
            for commodity, yields in process.outputs.items():
                tonnes = process.pipeline.get(commodity, self.zeros)
                if run is not None:
                    tonnes = tonnes + arriving_amount(process.arrivals, run * yields)
                if tonnes.any():
                    outputs[name, commodity] = tonnes
        return outputs

    @cached_property
    def returns_due(self) -> dict[str, Array]:
        """t of need put off that come back due in each node, by relief row."""
        returns = {}
        for name, tier in self.case.tiers.items():
            relieved, again = self.of("relieve", name), self.of("postpone", name)
            due_before = tier.returned.any() or tier.postponed > 0
            if tier.returns is not None and (due_before or relieved.any()):
                before = np.where(self.previous < 0, tier.postponed, again[self.previous])
                landed = arriving_amount(tier.returns, relieved) + tier.returned
                returns[name] = landed - (again - before)
        return returns

    def before(self, stock: str) -> Array:
        """t in a stockpile at the beginning of each node."""
        level = self.of("stock", stock)
        return np.where(self.previous < 0, self.case.stocks[stock].opening, level[self.previous])

    # -- places -----------------------------------------------------------------

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind of each commodity."""
        return {name: commodity.kind for name, commodity in self.case.commodities.items()}

    @cached_property
    def unit_of(self) -> dict[str, str]:
        """The unit of each commodity in tables."""
        return {
            name: in_tonnes(commodity.unit) for name, commodity in self.case.commodities.items()
        }

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """Commodities that are needed, services left out, in the order of the book."""
        needed = {d.commodity for d in self.case.demands.values()}
        return tuple(c for c, kind in self.kind_of.items() if c in needed and kind != "service")

    @cached_property
    def importing_countries(self) -> frozenset[str]:
        """Countries where the elements are needed: what comes there from others is imported."""
        country = self.case.country
        return frozenset(
            country[d.site] for d in self.case.demands.values() if d.commodity in self.elements
        )

    def at_home(self, site: str) -> bool:
        """Whether a site is in an importing country."""
        return self.case.country.get(site, "") in self.importing_countries

    def imports(self, route: str) -> bool:
        """Whether a lane begins abroad and ends at home."""
        lane = self.case.routes[route]
        return not self.at_home(lane.origin) and self.at_home(lane.destination)

    def balance_pairs(self, commodity: str) -> list[Pair]:
        """The (site, commodity) where a commodity is needed."""
        pairs = {d.pair for d in self.case.demands.values() if d.commodity == commodity}
        return sorted(pairs)

    # -- money ------------------------------------------------------------------

    @cached_property
    def kusd_by_term(self) -> tuple[tuple[LinearTerm, Array], ...]:
        """Each cost term of the plan with its kUSD in each node, undiscounted."""
        entries = []
        for term in self.case.cost_terms:
            series = self.values[term.variable].get(term.key)
            if series is not None:
                kusd = self.zeros
                np.add.at(kusd, term.counted_in, series[term.decided_in] * term.rate)
                entries.append((term, kusd))
        return tuple(entries)

    @cached_property
    def kusd_by_category(self) -> dict[str, Array]:
        """kUSD of each category in each node, undiscounted."""
        totals = dict.fromkeys(CATEGORIES, self.zeros)
        for term, kusd in self.kusd_by_term:
            totals[term.category] = totals[term.category] + kusd
        return totals

    @cached_property
    def rates(self) -> dict[tuple[str, str, tuple[str, ...]], Array]:
        """USD/kg in each node by (category, variable, key), of terms counted where decided."""
        rates = {}
        for term in self.case.cost_terms:
            if term.counted_in is term.decided_in or np.array_equal(
                term.counted_in, term.decided_in
            ):
                rate = self.zeros
                rate[term.counted_in] = term.rate
                rates[term.category, term.variable, term.key] = rate
        return rates

    def rate(self, category: str, variable: str, *key: str) -> Array:
        """USD/kg of one cost term in each node; zeros where there is none."""
        rates = self.rates.get((category, variable, key))
        return self.zeros if rates is None else rates

    # -- histories --------------------------------------------------------------

    @cached_property
    def histories(self) -> tuple[ScenarioPath, ...]:
        """All paths from root to leaf with their costs."""
        tree = self.case.tree
        total = self.discount * sum(self.kusd_by_category.values(), self.zeros)
        paths = []
        for leaf in tree.leaves:
            path = np.array(tree.path(leaf), dtype=np.intp)
            probability = tree.nodes[leaf].probability
            branch = tree.branch_of(leaf)
            cost = float(total[path].sum())
            paths.append(
                ScenarioPath(branch.name, probability, path, cost, branch.scenario == TRUNK)
            )
        return tuple(paths)

    @cached_property
    def reference_path(self) -> ScenarioPath:
        """The history on the trunk to its end; where there is none, the likeliest."""
        tree = self.case.tree
        trunk = [h for h in self.histories if tree.branch_of(h.leaf).parent < 0]
        return max(trunk or self.histories, key=lambda h: h.probability)

    @cached_property
    def worst(self) -> tuple[ScenarioPath, ...]:
        """The other histories, the dearest first."""
        others = [h for h in self.histories if h is not self.reference_path]
        return tuple(sorted(others, key=lambda h: -h.cost))

    @property
    def expected_cost(self) -> float:
        """kUSD, discounted."""
        return sum(h.probability * h.cost for h in self.histories)

    @cached_property
    def value_at_risk(self) -> float:
        """kUSD: the least cost of a history not exceeded with the probability of the level."""
        level, cumulative = self.case.settings.cvar_level, 0.0
        ordered = sorted(self.histories, key=lambda h: h.cost)
        for history in ordered:
            cumulative += history.probability
            if not above(level, cumulative):
                return history.cost
        return ordered[-1].cost

    @property
    def cvar(self) -> float:
        """kUSD: the mean cost of the worst share of the futures (Rockafellar, Uryasev 2000)."""
        return self._tail_from(self.value_at_risk, self.case.settings.cvar_level)

    def _tail_from(self, threshold: float, level: float) -> float:
        excess = sum(h.probability * max(0.0, h.cost - threshold) for h in self.histories)
        return threshold + excess / (1 - level)

    @cached_property
    def worth(self) -> ShadowPrices:
        """The shadow prices of the plan."""
        return ShadowPrices.of(self.case, self.solution)


def certify(
    tables: Tables, case: Case, solution: Solution, scenario: str | None = None
) -> SolvedPlan:
    """The plan of a solution, verified by the certificate. Raises CertificateError."""
    plan = SolvedPlan(tables, case, solution, None, scenario)
    certificate = verify(
        tables, plan.flows, solution.objective, plan.expected_cost, plan.cvar, scenario
    )
    if certificate.findings:
        raise CertificateError(certificate.findings)
    return plan.completed(certificate=certificate)


def once(make: Callable[[SolvedPlan], Value]) -> Callable[[SolvedPlan], Value]:
    """The function with its result for each plan computed once, and cached with the plan."""

    @wraps(make)
    def cached(plan: SolvedPlan) -> Value:
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in plan.cache:
            plan.cache[name] = make(plan)
        value: Value = plan.cache[name]
        return value

    return cached
