"""Shadow prices: duals per unit of money, in the unit of prices.

price = dual / (discount x weight), where the weight of a node is the sum, over the histories
through it, of (1 - w) x probability + the dual of that history's tail. Discount x weight is what
a dollar spent in the node adds to the objective. Where it is 0 there is no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kido.data.case.case import Array, Case, Pair, Route
from kido.data.case.lead_times import value_at_sending
from kido.lp.cost import MUSD
from kido.lp.family import FAMILIES
from kido.solver.solution import Key, Solution
from kido.tolerances import NO_WEIGHT


@dataclass(frozen=True)
class ShadowPrices:
    """Shadow prices of a solution; `money` is what a kUSD spent in a node adds to the objective.

    Arrays have one number for each node, NaN where money has no weight.
    """

    case: Case
    solution: Solution
    weight: Array
    money: Array
    balance: dict[Pair, Array]

    @classmethod
    def of(cls, case: Case, solution: Solution) -> ShadowPrices:
        """The shadow prices of a solution."""
        tree, size = case.tree, len(case.tree.nodes)
        weight = np.zeros(size)
        tail = solution.duals.get("cvar_excess", {})
        for leaf in tree.leaves:
            chance = (1 - case.settings.risk_weight) * tree.nodes[leaf].probability
            weight[tree.path(leaf)] += chance + abs(tail.get((leaf,), 0.0)) * MUSD
        money = weight * np.array([m.discount for m in tree.nodes])
        balance: dict[Pair, Array] = {}
        for (site, commodity, n), dual in solution.duals.get("balance", {}).items():
            if (site, commodity) not in balance:
                balance[site, commodity] = np.full(size, np.nan)
            balance[site, commodity][n] = dual
        return cls(case, solution, weight, np.where(weight > NO_WEIGHT, money, np.nan), balance)

    def tonne(self, site: str, commodity: str) -> Array:
        """USD/kg that one more tonne at a site is worth in each node; NaN where there is none."""
        return -self.balance.get((site, commodity), self.money * np.nan) / self.money

    def sent(self, route: Route) -> Array:
        """USD/kg that a tonne sent in each node is worth where it lands, after losses."""
        if route.name not in self._sent:
            pair = (route.destination, route.commodity)
            dual = np.nan_to_num(self.balance.get(pair, np.zeros(len(self.money))))
            landed = -value_at_sending(route.arrivals, dual)
            self._sent[route.name] = landed * route.efficiency / self.money
        return self._sent[route.name]

    @cached_property
    def _sent(self) -> dict[str, Array]:
        return {}

    def of_rows(self, family: str, *name: str) -> Array:
        """The duals of the rows (*name, n) in each node n; 0 where there is no row.

        Raises LookupError for an unknown family.
        """
        if family not in FAMILIES:
            raise LookupError(f"no family of rows is called '{family}'")
        duals = self._by_name.get(family, {}).get(name)
        return np.zeros(len(self.money)) if duals is None else duals

    @cached_property
    def _by_name(self) -> dict[str, dict[Key, Array]]:
        duals_of: dict[str, dict[Key, Array]] = {}
        for family, duals in self.solution.duals.items():
            rows = duals_of.setdefault(family, {})
            for key, dual in duals.items() if family != "balance" else ():
                if dual:
                    if key[:-1] not in rows:
                        rows[key[:-1]] = np.zeros(len(self.money))
                    rows[key[:-1]][key[-1]] = dual
        return duals_of

    def capacity(self, facility: str) -> Array:
        """USD/kg that one more tonne of capacity is worth in each node."""
        return -self.of_rows("capacity", facility) / self.money

    def order(self, facility: str) -> Array:
        """USD per kg/yr that capacity ordered in each node is worth over its life."""
        if facility not in self._ordered:
            self._ordered[facility] = self._order(facility)
        return self._ordered[facility]

    @cached_property
    def _ordered(self) -> dict[str, Array]:
        return {}

    def _order(self, facility: str) -> Array:
        line = self.case.facilities[facility]
        dual = self.of_rows("capacity", facility) + line.minimum_use * self.of_rows(
            "minimum_use", facility
        )
        total = np.zeros(len(self.money))
        for n in np.flatnonzero(dual):
            for m, years in line.ready[n]:
                total[m] -= years * dual[n]
        return total / self.money
