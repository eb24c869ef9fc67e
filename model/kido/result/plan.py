"""`SolvedPlan`: a solved plan and what everything reported is worked out from."""

from __future__ import annotations

from collections.abc import Callable
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
from kido.result.flows import KINDS, flows_of
from kido.result.shadow_prices import ShadowPrices
from kido.solver.solution import Solution

Made = TypeVar("Made")


@dataclass(frozen=True)
class ScenarioPath:
    """One whole future: its moments in order, and its discounted cost in kUSD.

    `trunk`: it never leaves the trunk.
    """

    name: str
    probability: float
    path: NDArray[np.intp]
    cost: float
    trunk: bool = False

    @property
    def leaf(self) -> int:
        return int(self.path[-1])


@dataclass(frozen=True)
class SolvedPlan:
    """A plan with the book it answers. Arrays have one number for each moment of the tree.

    `reference_cost_alone` is what the reference path would cost, kUSD, if it were known from
    the start.
    """

    tables: Tables
    case: Case
    solution: Solution
    certificate: Certificate | None
    flows: pd.DataFrame
    scenario: str | None = None
    reference_cost_alone: float | None = None
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    # -- moments ----------------------------------------------------------------

    @cached_property
    def months(self) -> Array:
        return np.array([m.months for m in self.case.tree.nodes], dtype=float)

    @cached_property
    def discount(self) -> Array:
        return np.array([m.discount for m in self.case.tree.nodes])

    @cached_property
    def probability(self) -> Array:
        return np.array([m.probability for m in self.case.tree.nodes])

    @cached_property
    def reported(self) -> NDArray[np.bool_]:
        return np.array([m.reported for m in self.case.tree.nodes])

    @cached_property
    def previous(self) -> NDArray[np.intp]:
        return np.array([m.previous for m in self.case.tree.nodes], dtype=np.intp)

    @property
    def nothing(self) -> Array:
        return np.zeros(len(self.case.tree.nodes))

    # -- quantities -------------------------------------------------------------

    @cached_property
    def values(self) -> dict[str, dict[tuple[Any, ...], Array]]:
        """For each variable, its nonzero series by key."""
        found: dict[str, dict[tuple[Any, ...], Array]] = {}
        for kind in KINDS:
            held: dict[tuple[Any, ...], Array] = {}
            for key, value in self.solution[kind].items():
                if value:
                    series = held.get(key[:-1])
                    if series is None:
                        series = held[key[:-1]] = self.nothing
                    series[key[-1]] = value
            found[kind] = held
        return found

    def of(self, kind: str, *key: str) -> Array:
        """The series of one variable; zeros where the plan leaves it at nothing."""
        found = self.values[kind].get(key)
        return self.nothing if found is None else found

    @cached_property
    def landed(self) -> dict[str, Array]:
        """t that arrive by each route in each moment, after losses."""
        sent = self.values["ship"]
        return {
            name: arriving_amount(route.arrivals, sent[name,] * route.efficiency) + route.pipeline
            if (name,) in sent
            else route.pipeline
            for name, route in self.case.routes.items()
            if (name,) in sent or route.pipeline.any()
        }

    @cached_property
    def made(self) -> dict[tuple[str, str], Array]:
        """t that come out, by (process, commodity)."""
        found = {}
        for name, process in self.case.processes.items():
            run = self.values["run"].get((name,))
            for commodity, yields in process.outputs.items():
                out = process.pipeline.get(commodity, self.nothing)
                if run is not None:
                    out = out + arriving_amount(process.arrivals, run * yields)
                if out.any():
                    found[name, commodity] = out
        return found

    @cached_property
    def returned(self) -> dict[str, Array]:
        """t of need put off that come back due, by relief row."""
        found = {}
        for name, tier in self.case.tiers.items():
            if tier.returns is not None and (name,) in self.values["relieve"]:
                found[name] = arriving_amount(tier.returns, self.values["relieve"][name,])
        return found

    def before(self, stock: str) -> Array:
        """t in a stockpile at the beginning of each moment."""
        level = self.of("stock", stock)
        return np.where(self.previous < 0, self.case.stocks[stock].opening, level[self.previous])

    # -- places -----------------------------------------------------------------

    @cached_property
    def kind_of(self) -> dict[str, str]:
        return {r.name: r.kind for r in self.tables["Commodities"].records()}

    @cached_property
    def unit_of(self) -> dict[str, str]:
        return {r.name: in_tonnes(r.unit) for r in self.tables["Commodities"].records()}

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """Commodities that are needed, services left out, in the order of the book."""
        needed = {d.commodity for d in self.case.demands.values()}
        return tuple(c for c, kind in self.kind_of.items() if c in needed and kind != "service")

    @cached_property
    def importing_countries(self) -> frozenset[str]:
        """Countries where these are needed: what begins elsewhere and ends there is imported."""
        country = self.case.country
        return frozenset(
            country[d.site] for d in self.case.demands.values() if d.commodity in self.elements
        )

    def at_home(self, site: str) -> bool:
        return self.case.country.get(site, "") in self.importing_countries

    def imports(self, route: str) -> bool:
        """Whether a lane begins abroad and ends at home."""
        lane = self.case.routes[route]
        return not self.at_home(lane.origin) and self.at_home(lane.destination)

    def balance_pairs(self, commodity: str) -> list[Pair]:
        """Where a commodity is needed."""
        pairs = {d.pair for d in self.case.demands.values() if d.commodity == commodity}
        return sorted(pairs)

    # -- money ------------------------------------------------------------------

    @cached_property
    def charged(self) -> tuple[tuple[LinearTerm, Array], ...]:
        """Each cost term of the plan with its kUSD in each moment, undiscounted."""
        found = []
        for term in self.case.cost_terms:
            series = self.values[term.variable].get(term.key)
            if series is not None:
                kusd = self.nothing
                np.add.at(kusd, term.counted_in, series[term.decided_in] * term.rate)
                found.append((term, kusd))
        return tuple(found)

    @cached_property
    def spent(self) -> dict[str, Array]:
        """kUSD of each category in each moment, undiscounted."""
        found = dict.fromkeys(CATEGORIES, self.nothing)
        for term, kusd in self.charged:
            found[term.category] = found[term.category] + kusd
        return found

    @cached_property
    def rates(self) -> dict[tuple[str, str, tuple[str, ...]], Array]:
        """USD/kg by (category, variable, key), for terms counted where they are decided."""
        found = {}
        for term in self.case.cost_terms:
            if term.counted_in is term.decided_in or np.array_equal(
                term.counted_in, term.decided_in
            ):
                rate = self.nothing
                rate[term.counted_in] = term.rate
                found[term.category, term.variable, term.key] = rate
        return found

    def rate(self, category: str, variable: str, *key: str) -> Array:
        found = self.rates.get((category, variable, key))
        return self.nothing if found is None else found

    # -- histories --------------------------------------------------------------

    @cached_property
    def histories(self) -> tuple[ScenarioPath, ...]:
        tree = self.case.tree
        total = self.discount * sum(self.spent.values(), self.nothing)
        found = []
        for leaf in tree.leaves:
            path = np.array(tree.path(leaf), dtype=np.intp)
            chance = tree.nodes[leaf].probability
            branch = tree.branch_of(leaf)
            cost = float(total[path].sum())
            found.append(ScenarioPath(branch.name, chance, path, cost, branch.scenario == TRUNK))
        return tuple(found)

    @cached_property
    def reference_path(self) -> ScenarioPath:
        """The trunk to its end; where it has none, the likeliest history."""
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
        """kUSD: the least cost that is not passed with at least the probability of the level.

        Where others make the same tail, it is the least of them.
        """
        level, reached = self.case.settings.cvar_level, 0.0
        ordered = sorted(self.histories, key=lambda h: h.cost)
        for history in ordered:
            reached += history.probability
            if not above(level, reached):
                return history.cost
        return ordered[-1].cost

    @property
    def cvar(self) -> float:
        """kUSD: the mean cost of the worst share of the futures (Rockafellar, Uryasev 2000)."""
        return self._tail_from(self.value_at_risk, self.case.settings.cvar_level)

    def _tail_from(self, threshold: float, level: float) -> float:
        above = sum(h.probability * max(0.0, h.cost - threshold) for h in self.histories)
        return threshold + above / (1 - level)

    @cached_property
    def worth(self) -> ShadowPrices:
        return ShadowPrices.of(self.case, self.solution)


def certified(
    tables: Tables, case: Case, solution: Solution, scenario: str | None = None
) -> SolvedPlan:
    """A solution as a plan that the certificate holds good. Raises CertificateError."""
    plan = SolvedPlan(tables, case, solution, None, flows_of(case, solution), scenario)
    found = verify(tables, plan.flows, solution.objective, plan.expected_cost, plan.cvar, scenario)
    if found.findings:
        raise CertificateError(found.findings)
    return replace(plan, certificate=found)


def once(make: Callable[[SolvedPlan], Made]) -> Callable[[SolvedPlan], Made]:
    """Works something out once for an answer, and keeps it with the answer."""

    @wraps(make)
    def kept(answer: SolvedPlan) -> Made:
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in answer.kept:
            answer.kept[name] = make(answer)
        found: Made = answer.kept[name]
        return found

    return kept
