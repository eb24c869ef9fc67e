"""What a kUSD, a t in a row and a t of a limit add to the Lagrangian of a solved plan.

The weights are the duals and reduced costs of the plan, by rows of its workbook; see
`kido.result.lagrangian`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.build import effects_of
from kido.data.case.case import VARIABLE_OF, Array, Arrivals, Case, Policy, Stock, Window
from kido.data.case.counted import PolicyCounter
from kido.data.case.demand import monthly_need
from kido.data.case.facilities import recipe_lines
from kido.data.case.lead_times import ArrivalShares, last_months, value_at_sending
from kido.data.case.ramps import ramp_of, record_of, with_record
from kido.data.case.waiting import STOPPABLE
from kido.data.currency import in_usd
from kido.data.pairs import without_rounding
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units
from kido.result.cached_effects import CachedEffects
from kido.result.plan import SolvedPlan
from kido.result.prices import FAMILY

COUNTING = ("volume", "share")
LIMITING = ("capacity", "minimum")  # effects on limits
FLOWS = ("buy", "sell", "run", "ship")


class FixedArrivals(ArrivalShares):
    """Arrival shares that are left out of new records: those of the case are used."""

    def arrivals(self, lead: tuple[Array, ...]) -> Arrivals:
        """No shares: those of the case are used."""
        return ()


class DemandCounter(PolicyCounter):
    """A counter of policies for which only some demands count, by the weight of a tonne."""

    def __init__(self, counter: PolicyCounter, weights: dict[str, float]):
        vars(self).update(vars(counter))
        self._weights = weights

    def demand_weights(self, r: Any) -> dict[str, float]:
        return self._weights


@dataclass(frozen=True)
class LagrangianWeights:
    """The book of a plan, and what its money, rows and limits weigh in the Lagrangian."""

    plan: SolvedPlan

    @cached_property
    def tables(self) -> Tables:
        """The tables of the plan, in USD and without the rounding of cells."""
        return in_usd(without_rounding(self.plan.tables))

    @property
    def case(self) -> Case:
        return self.plan.case

    @cached_property
    def names(self) -> NameIndex:
        return NameIndex.of(self.tables)

    @cached_property
    def effects(self) -> CachedEffects:
        # one month to spare: a cover asked to be longer looks into it
        return CachedEffects(effects_of(self.tables, self.names, self.case.tree, spare=1))

    @cached_property
    def landing(self) -> ArrivalShares:
        return FixedArrivals(self.case.tree)

    @cached_property
    def units(self) -> Units:
        return Units(self.tables)

    @cached_property
    def counted(self) -> PolicyCounter:
        return PolicyCounter(self.tables, self.names)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of each sheet by name."""
        return {
            sheet: {r.name: r for r in frame.records()}
            for sheet, frame in self.tables.frames.items()
            if "name" in frame.rows.columns
        }

    def rows_of_event(self, event: int) -> list[tuple[str, str]]:
        """(sheet, row) of whose terms an event changes, and of the contracts that depend on them.

        The terms of a row whose price or need it changes include its contracts and policies.
        """
        effect = self.effects.events[event].effect
        branches = self.effects.branches_of([event])
        reached = self._rows_by_event.get(event, [])
        rows = [row for row in reached if self._may_change(*row, effect, branches)]
        if effect == "capacity":
            rows += [
                ("Contracts", c) for row in reached for c in self._contracts_by_row.get(row, ())
            ]
        return list(dict.fromkeys(rows))

    def _may_change(self, sheet: str, name: str, effect: str, branches: frozenset[int]) -> bool:
        """Whether an event on these branches may change a term of a row.

        A flow has a term where it is not 0 or, for its limits, where one of them has a price.
        """
        variable = VARIABLE_OF.get(sheet, "")
        if variable not in FLOWS or (effect == "price" and (variable, name) in self.contracts_of):
            return True
        key = variable, name, effect in LIMITING
        if key not in self._active_branches:
            active = self.plan.of(variable, name) != 0
            if effect in LIMITING:
                price = self.reduced(variable, name)
                active = active & False if price is None else (price < 0) | (active & (price > 0))
            self._active_branches[key] = frozenset(self._branch_of_node[active].tolist())
        return not self._active_branches[key].isdisjoint(branches)

    @cached_property
    def _active_branches(self) -> dict[tuple[str, str, bool], frozenset[int]]:
        return {}

    @cached_property
    def _branch_of_node(self) -> NDArray[np.intp]:
        return np.array([m.branch for m in self.case.tree.nodes], dtype=np.intp)

    @cached_property
    def _rows_by_event(self) -> dict[int, list[tuple[str, str]]]:
        rows_by_event: dict[int, list[tuple[str, str]]] = {}
        for (sheet, row, _), numbers in self.effects.reach.items():
            for number in numbers:
                rows_by_event.setdefault(number, []).append((sheet, row))
        return rows_by_event

    @cached_property
    def _contracts_by_row(self) -> dict[tuple[str, str], list[str]]:
        """The contracts that cover each (sheet, row), or for which its stop is force majeure."""
        contracts: dict[tuple[str, str], list[str]] = {}
        for name, contract in self.case.contracts.items():
            rows = [("Routes" if v == "ship" else "Supply", row) for v, row in contract.covers]
            for word in self.rows["Contracts"][name].depends_on:
                rows += [(s, row) for s in STOPPABLE for row in self.names.rows(word, s)]
            for row in dict.fromkeys(rows):
                contracts.setdefault(row, []).append(name)
        return contracts

    @cached_property
    def contracts_of(self) -> dict[tuple[str, str], list[str]]:
        """The contracts that cover each (variable, row)."""
        contracts: dict[tuple[str, str], list[str]] = {}
        for name, contract in self.case.contracts.items():
            for covered in contract.covers:
                contracts.setdefault(covered, []).append(name)
        return contracts

    @cached_property
    def lines(self) -> dict[str, list[Any]]:
        """The lines of Recipes by process."""
        return recipe_lines(self.tables)

    @cached_property
    def prices(self) -> dict[str, float]:
        """The price of every row of Supply and Routes, as in its cell."""
        return {
            name: r.price for sheet in ("Supply", "Routes") for name, r in self.rows[sheet].items()
        }

    @cached_property
    def money(self) -> Array:
        """kUSD of L per kUSD spent in each node, budgets not counted."""
        return np.nan_to_num(self.plan.worth.money)

    @cached_property
    def budgets(self) -> dict[tuple[str, str, tuple[str, ...]], Array]:
        """kUSD of L per kUSD through budgets that count it, by (category, variable, key)."""
        budgets: dict[tuple[str, str, tuple[str, ...]], Array] = {}
        for policy in self.case.policies:
            if policy.measure != "spend":
                continue
            weight = self._sum_over_windows(policy.windows, -self._duals(policy))
            for term in policy.numerator if weight.any() else ():
                key = term.category, term.variable, term.key
                budgets[key] = budgets.get(key, 0.0) + weight
        return budgets

    def money_weight(self, category: str, variable: str, *key: str) -> Array:
        """kUSD of L per kUSD of a cost term in each node."""
        weight: Array = self.money + self.budgets.get((category, variable, key), 0.0)
        return weight

    def rate_weight(self, category: str, variable: str, *key: str) -> Array:
        """kUSD of L per USD/kg of the rate of a cost term in each node."""
        return self.plan.of(variable, *key) * self.money_weight(category, variable, *key)

    def _duals(self, policy: Policy) -> Array:
        return self.plan.worth.of_rows(FAMILY[policy.measure], policy.name, policy.detail)

    def _sum_over_windows(self, windows: Sequence[Window], duals: Array) -> Array:
        """For each node, the sum over the windows that count it."""
        total = self.plan.zeros
        for window in windows:
            if duals[window.node]:
                total[list(window.members)] += duals[window.node]
        return total

    def balance(self, site: str, commodity: str) -> Array:
        """kUSD of L per t of a commodity at a site, in each node."""
        return np.nan_to_num(self.plan.worth.balance.get((site, commodity), self.plan.zeros))

    @cached_property
    def _perishing(self) -> list[tuple[Stock, Array, float]]:
        """The stocks whose life binds, and kUSD of L per t in the last months of it, by node.

        Then that per t of opening stock: it has a life after the start, some of it no longer.
        """
        weights, tree = [], self.case.tree
        for stock in self.case.stocks.values():
            duals = self.plan.worth.of_rows("shelf_life", stock.name)
            if duals.any():
                n, k, share = last_months(tree, stock.life)
                weight = np.bincount(k, duals[n] * share, len(duals)).astype(float)
                opened = (tree.previous[k] < 0) & (tree.spans[1][n] - stock.life >= tree.start)
                weights.append((stock, weight, float((duals[n] * share)[opened].sum())))
        return weights

    def leaving(self, site: str, commodity: str) -> Array:
        """kUSD of L per t that leaves in each node, through the lives of the stocks there."""
        return sum(
            (w for stock, w, _ in self._perishing if stock.pair == (site, commodity)),
            self.plan.zeros,
        )

    def fresh(self, opened: Stock) -> float:
        """kUSD of L per t of opening stock, its sign turned, through the lives of stocks."""
        return sum(
            weight
            for stock, _, weight in self._perishing
            if stock.pair == opened.pair and opened.life <= stock.life
        )

    def _landing_weight(self, sheet: str, name: str, site: str, commodity: str) -> Array:
        """kUSD of L per t of a commodity that leaves in each node, through where it lands."""
        key = sheet, name, commodity
        if key not in self._landing_weights:
            rows = self.case.routes if sheet == "Routes" else self.case.processes
            balance = self.balance(site, commodity)
            self._landing_weights[key] = value_at_sending(rows[name].arrivals, balance)
        return self._landing_weights[key]

    @cached_property
    def _landing_weights(self) -> dict[tuple[str, str, str], Array]:
        return {}

    @cached_property
    def _reduced(self) -> dict[str, dict[tuple[Any, ...], Array]]:
        series: dict[str, dict[tuple[Any, ...], Array]] = {}
        kept = self.plan.kept.columns if self.plan.kept else ()  # held by no number of the book
        for variable, prices in self.plan.solution.reduced.items():
            by_key = series.setdefault(variable, {})
            for key, price in prices.items():
                if price and (variable, key) not in kept:
                    if key[:-1] not in by_key:
                        by_key[key[:-1]] = self.plan.zeros
                    by_key[key[:-1]][key[-1]] = price
        return series

    def reduced(self, variable: str, *key: str) -> Array | None:
        """The reduced costs of a variable in each node; None where all are 0."""
        return self._reduced.get(variable, {}).get(key)

    def _limits(self, variable: str, name: str, least: Array | float, most: Array | float) -> float:
        """Reduced cost x limit, kUSD, where a limit of the variable is active."""
        price = self.reduced(variable, name)
        if price is None:
            return 0.0
        return price_times_limit(np.minimum(price, 0.0), most) + price_times_limit(
            np.maximum(price, 0.0), least
        )

    def _ramp_terms(self, sheet: str, r: Any, effects: CachedEffects, record: Any = None) -> float:
        """kUSD of L in the ramps that a row has, or that its record forces."""
        total = 0.0
        for ramp in self.case.ramps:
            own = (ramp.sheet, ramp.name) == (sheet, r.name)
            duals = self.plan.worth.of_rows("ramp", ramp.sheet, ramp.name)
            row = r if own else self.rows[ramp.sheet][ramp.name]
            if (own or (sheet, r.name) in ramp.bounds) and duals.any():
                case = self.case if record is None else self._with_record(sheet, record, effects)
                changed = ramp_of(ramp.sheet, row, case, self.units)
                total += price_times_limit(np.minimum(duals, 0.0), changed.rise)
                total -= price_times_limit(np.maximum(duals, 0.0), changed.fall)
        return total

    def _with_record(self, sheet: str, record: Any, effects: CachedEffects) -> Case:
        """The case with a record changed on the branches of `effects`."""
        of_book = record_of(self.case, sheet, record.name)
        limits = {
            name: np.where(effects.here, getattr(record, name), getattr(of_book, name))
            for name in ("most", "least", "installed")
            if hasattr(record, name)
        }
        return with_record(self.case, sheet, replace(record, **limits))

    @cached_property
    def _output_weights(self) -> dict[str, list[tuple[str, Array]]]:
        """For each process, (output, kUSD of L per t of it through policies that count it)."""
        weights: dict[str, list[tuple[str, Array]]] = {}
        for policy in self.case.policies:
            duals = self._duals(policy)
            if policy.measure not in COUNTING or not duals.any():
                continue
            row = self.rows["Policies"][policy.name]
            shared = duals * 0.0
            for window, limit in zip(policy.windows, policy.limits, strict=True):
                shared[window.node] = duals[window.node] * limit
            sides = self.counted.sides(row)
            detail = policy.detail or None
            for side, weight in ((0, duals), (1, -shared)):
                if side == 1 and policy.denominator is None:
                    continue
                series = self._sum_over_windows(policy.windows, weight)
                _, rows_of_side, place = sides[side]
                rows_named = row.out_of if detail is not None else rows_of_side
                country = detail if side == 0 else None
                weight_of = self.counted.weights(row)
                for sheet, r, outputs in self.counted.rows(rows_named, place, row, country):
                    for commodity in outputs if sheet == "Processes" else ():
                        weights.setdefault(r.name, []).append(
                            (commodity, series * weight_of[commodity])
                        )
        return weights

    @cached_property
    def _needs(self) -> dict[str, tuple[Array, ...]]:
        return {}

    def _need(self, demand: str) -> tuple[Array, ...]:
        if demand not in self._needs:
            row = self.rows["Demand"][demand]
            self._needs[demand] = monthly_need(self.tables, self.effects, row)
        return self._needs[demand]


def price_times_limit(price: Array, limit: Array | float) -> float:
    """The sum of price x limit over nodes with a price; infinite limits count nothing."""
    side = np.broadcast_to(np.asarray(limit, dtype=float), price.shape)
    counts = (price != 0) & np.isfinite(side)
    return float(price[counts] @ side[counts])
