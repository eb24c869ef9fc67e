"""`Lagrangian`: the terms that each row of the workbook has in the Lagrangian of the program.

L = sum of cost x plan + sum over rows and limits of dual x (right side - left side)

By the envelope theorem the derivative of the least cost by a number of the book is that of L by
this number, the plan and the duals fixed (Bonnans and Shapiro, Perturbation Analysis of
Optimization Problems, 2000, section 4.3). A row of the book stands in few terms of L. Each method
here takes a row, with numbers that may be changed, makes the records of the case from it as the
case itself does, and returns its terms of L in kUSD; terms in which no number of the row stands
are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from kido.data.case.build import offer, route, stock
from kido.data.case.case import VARIABLE_OF, Array, Facility, NearOrders, Policy
from kido.data.case.cost_terms import lane_rates, running_rate
from kido.data.case.counted import PolicyCounter
from kido.data.case.demand import monthly_need, tier
from kido.data.case.facilities import facility, facility_uses, process
from kido.data.case.near_orders import near_orders
from kido.data.case.orders import HELD, Held, Record, carried_out, held_orders, with_floors
from kido.data.case.policies import level_of, limits_of, penalty_rate
from kido.data.case.ramps import record_of
from kido.data.case.underway import Underway
from kido.data.tables import or_else
from kido.result.cached_effects import CachedEffects
from kido.result.lagrangian_underway import UnderwayTerms
from kido.result.lagrangian_weights import DemandCounter, price_times_limit
from kido.tolerances import STEP_SHARE


class Lagrangian(UnderwayTerms):
    """The Lagrangian at the plan and its duals, row by row of the workbook."""

    def unchanged_terms(self, sheet: str, name: str, effects: CachedEffects | None = None) -> float:
        """kUSD of L in a row of the book as it is, computed once for each `effects`."""
        terms = (effects or self.effects).known_terms
        if (sheet, name) not in terms:
            terms[sheet, name] = self.terms(sheet, self.rows[sheet][name], effects)
        return terms[sheet, name]

    def terms(self, sheet: str, row: Any, effects: CachedEffects | None = None) -> float:
        """kUSD of L in a row with its numbers, after `effects` of events (None: the book's)."""
        methods: Mapping[str, Callable[[Any, CachedEffects], float]] = {
            "Supply": lambda r, e: self._offer("Supply", r, e),
            "Sales": lambda r, e: self._offer("Sales", r, e),
            "Facilities": self._facility,
            "Processes": lambda r, e: self.process(r, self.lines.get(r.name, []), e),
            "Routes": self._route,
            "Contracts": self._contract,
            "Stockpiles": self._stock,
            "Demand": self._demand,
            "Relief": self._relief,
            "Policies": self._policy,
            "Commodities": self._disposal,
        }
        return methods[sheet](row, effects or self.effects)

    def _offer(self, sheet: str, r: Any, effects: CachedEffects) -> float:
        record, variable = offer(sheet, r, effects, self.units), VARIABLE_OF[sheet]
        record = self._with_orders(sheet, record)
        total = self._limits(variable, r.name, record.least, record.most)
        total += self._ramp_terms(sheet, r, effects, record)
        if sheet == "Sales":
            return total - float(self.rate_weight("sales", "sell", r.name) @ record.price)
        total += float(self.rate_weight("purchase", "buy", r.name) @ record.price)
        return total + self._contract_terms("buy", r, effects, np.ones(len(record.price)))

    def _route(self, r: Any, effects: CachedEffects) -> float:
        record = self._with_orders("Routes", route(r, "", effects, self.landing, self.units))
        balance = self.balance(r.destination, r.commodity)
        landing_weight = self._landing_weight("Routes", r.name, r.destination, r.commodity)
        price, freight = lane_rates(r, record.duty, effects, self.case.settings.least_cost)
        return (
            self._limits("ship", r.name, record.least, record.most)
            + self._ramp_terms("Routes", r, effects, record)
            + float((self.plan.of("ship", r.name) * landing_weight) @ record.efficiency)
            + float(balance @ record.pipeline)
            + float(self.rate_weight("purchase", "ship", r.name) @ price)
            + float(self.rate_weight("freight", "ship", r.name) @ freight)
            + self._contract_terms("ship", r, effects, record.duty)
        )

    def _facility(self, r: Any, effects: CachedEffects) -> float:
        duals_of, orders = self.plan.worth.of_rows, self.plan.of("expand", r.name)
        record = facility(r._replace(expansion_cost=math.nan), effects, self.case.underway)
        capacity_duals, minimum_duals = (
            duals_of("capacity", r.name),
            duals_of("minimum_use", r.name),
        )
        expansion = self.plan.zeros
        for n, parts in enumerate(self._ready(r, effects) if orders.any() else ()):
            expansion[n] = sum(years * orders[m] for m, years in parts)
        for order in record.ordered:
            expansion = expansion + order.amount * order.years
        total = float(
            (capacity_duals + record.minimum_use * minimum_duals) @ (record.installed + expansion)
        )
        expansion_duals = duals_of("expansion", r.name)
        total += price_times_limit(
            np.minimum(expansion_duals, 0.0), or_else(r.most_expansion, math.inf)
        )
        total += price_times_limit(np.maximum(expansion_duals, 0.0), r.least_expansion)
        total += self._ramp_terms("Facilities", r, effects, record)
        total += self._orders_on_line(record)
        if record.idle_cost is not None:
            total += record.idle_cost * float(self.rate_weight("running", "idle", r.name).sum())
        if r.name in self._paid_for_orders:
            cost = self.rows["Facilities"][r.name].expansion_cost
            scale = r.expansion_cost / cost if cost else 0.0
            total += scale * self._paid_for_orders[r.name]
        if orders.any():
            budget = self.budgets.get(("expansion", "expand", (r.name,)), self.plan.zeros)
            total += r.expansion_cost * float(orders @ budget)
        return total

    def _with_orders(self, sheet: str, record: Record) -> Record:
        """The record of a row whose least amounts are at least its orders."""
        one = with_floors(sheet, {record.name: record}, self.case.held, self.case.facilities)
        return one[record.name]

    def _orders_on_line(self, line: Facility) -> float:
        """kUSD of L in the orders that a facility leaves less of than is held."""
        total, lines = 0.0, self.case.facilities
        changed = {**lines, line.name: replace(line, ready=lines[line.name].ready)}
        for sheet, name in self.case.held:
            record = self.case.routes.get(name) or self.case.processes.get(name)
            if record is not None and line.name in facility_uses(record):
                can = carried_out(sheet, record, self.case.held, lines)
                price = self.reduced(VARIABLE_OF[sheet], name)
                if price is not None:
                    price = np.where(record.least == can, np.maximum(price, 0.0), 0.0)
                    still = carried_out(sheet, record, self.case.held, changed)
                    total += price_times_limit(price, still)
        return total

    def orders(self) -> Iterator[tuple[str, float]]:
        """(row, kUSD that the least cost changes for an order twice as high) of each order held."""
        tree, frame = self.case.tree, self.tables["Orders"]
        for r in frame.records():
            higher = frame.rows.copy()
            higher.at[r.Index, "amount"] = r.amount * (1 + STEP_SHARE)
            tables = self.tables.with_rows("Orders", higher)
            held = held_orders(tables, self.names, tree) if r.status in HELD else self.case.held
            total = self._near_terms(near_orders(tables, self.names, self.case))
            total -= self._near_terms(self.case.near_orders)
            total += sum(
                self._held_terms(sheet, name, held) - self._held_terms(sheet, name, self.case.held)
                for sheet, name in held
                if name == r.name
            )
            if total:
                yield r.name, total / STEP_SHARE

    def _near_terms(self, listed: Sequence[NearOrders]) -> float:
        """kUSD of L in what was ordered before, under a nervousness limit."""
        total = 0.0
        for near in listed:
            if not math.isfinite(near.limit):
                continue
            total += near.limit * self.plan.worth.of_rows("nervousness", near.commodity)[near.node]
            for (_, name), ordered in near.ordered.items():
                total += float(self.plan.worth.of_rows("order_change", name) @ ordered)
        return total

    def nervousness(self) -> float:
        """kUSD of L in the nervousness limit of the settings."""
        duals = ((near, self.plan.worth.of_rows("nervousness", near.commodity)[near.node])
                 for near in self.case.near_orders if math.isfinite(near.limit))  # fmt: skip
        return float(sum(near.limit * dual for near, dual in duals))

    def _held_terms(self, sheet: str, name: str, held: Held) -> float:
        """kUSD of L in what is held of a row."""
        price = self.reduced(VARIABLE_OF[sheet], name)
        price = self.plan.zeros if price is None else np.maximum(price, 0.0)
        if sheet == "Facilities":
            return price_times_limit(price, held[sheet, name])
        if sheet == "Contracts":
            contract = self.case.contracts[name]
            least = np.minimum(held[sheet, name], contract.most)
            return price_times_limit(np.where(least >= contract.least, price, 0.0), least)
        record = record_of(self.case, sheet, name)
        can = carried_out(sheet, record, held, self.case.facilities)
        total = price_times_limit(np.where(can >= record.least, price, 0.0), can)
        record = replace(record, least=np.maximum(record.least, can))
        return total + self._ramp_terms(sheet, self.rows[sheet][name], self.effects, record)

    def _ready(self, r: Any, effects: CachedEffects) -> tuple[tuple[tuple[int, float], ...], ...]:
        """What is ready of orders in each node: none of the numbers asked for changes it."""
        unchanged = effects is self.effects
        return (
            self.case.facilities[r.name] if unchanged else facility(r, effects, Underway({}))
        ).ready

    @cached_property
    def _paid_for_orders(self) -> dict[str, float]:
        """kUSD of L in the cost of the orders of each facility, those before the plan included."""
        paid: dict[str, float] = {}
        for term in self.case.cost_terms:
            if term.variable in ("expand", "ordered"):
                orders = self.plan.of(term.variable, *term.key)
                kusd = (term.rate * orders[term.decided_in]) @ self.money[term.counted_in]
                paid[term.name] = paid.get(term.name, 0.0) + float(kusd)
        return paid

    def process(self, r: Any, lines: list[Any], effects: CachedEffects | None = None) -> float:
        """kUSD of L in a row of Processes with its lines of Recipes."""
        effects = effects or self.effects
        record = process(r, lines, effects, self.landing, self.units)
        record = self._with_orders("Processes", record)
        run = self.plan.of("run", r.name)
        duals_of = self.plan.worth.of_rows
        total = self._limits("run", r.name, record.least, record.most)
        total += self._ramp_terms("Processes", r, effects, record)
        rate = running_rate(r, effects, self.case.settings.least_cost)
        total += float(self.rate_weight("running", "run", r.name) @ rate)
        for commodity, amount in record.inputs:
            value = self.balance(r.site, commodity) - self.leaving(r.site, commodity)
            total -= amount * float(value @ run)
        for name, amount in record.uses:
            total -= amount * float(
                (duals_of("capacity", name) + duals_of("minimum_use", name)) @ run
            )
        for commodity, yields in record.outputs.items():
            balance = self.balance(r.site, commodity)
            landing_weight = self._landing_weight("Processes", r.name, r.site, commodity)
            total += float((run * landing_weight) @ yields)
            total += float(balance @ record.pipeline.get(commodity, self.plan.zeros))
        if run.any():
            total -= sum(
                float((run * weight) @ record.outputs[commodity])
                for commodity, weight in self._output_weights.get(r.name, ())
            )
        return total

    def _stock(self, r: Any, effects: CachedEffects) -> float:
        record = stock(r, effects, self.units, Underway({}))
        nodes = self.case.tree.nodes
        roots = [m.index for m in nodes if m.previous < 0]
        change_duals = self.plan.worth.of_rows("stock_change", r.name)
        leaves = list(self.case.tree.leaves)
        least = record.floor.copy()
        least[leaves] = np.maximum(least[leaves], record.least_ending)
        opening_weight = self.balance(*record.pair) + change_duals
        fresh = float(opening_weight[roots].sum()) - self.fresh(record)
        total = fresh * record.opening
        total += self._limits("stock", r.name, least, record.capacity)
        total += price_times_limit(np.minimum(change_duals, 0.0), record.fill)
        total -= price_times_limit(np.maximum(change_duals, 0.0), record.draw)
        years = self.plan.months / 12
        holding = effects.mean("Stockpiles", r.name, "cost", r.holding_cost) * years
        total += float(self.rate_weight("holding", "stock", r.name) @ holding)
        if r.ending == "value per kg":
            ending_weight = self.rate_weight("ending value", "stock", r.name)
            total -= r.ending_amount * float(ending_weight[leaves].sum())
        return total

    def _demand(self, r: Any, effects: CachedEffects) -> float:
        monthly = monthly_need(self.tables, effects, r)
        total = float(self.plan.worth.of_rows("demand_met", r.name) @ effects.sums(monthly))
        for name in self.case.demands[r.name].tiers:
            total += self._most_relieved(self.rows["Relief"][name], monthly, effects)
        for policy in self.case.policies:
            if r.name in policy.demands:
                row = self.rows["Policies"][policy.name]
                only = DemandCounter(self.counted, {r.name: policy.demands[r.name]})
                total += self._limit_terms(policy, row, effects, only, lambda _: monthly)
        return total

    def _relief(self, r: Any, effects: CachedEffects) -> float:
        total = self._most_relieved(r, self._need(r.demand), effects)
        cost = effects.mean("Relief", r.name, "cost", r.cost)
        total += float(self.rate_weight("relief", "relieve", r.name) @ cost)
        if self.case.tiers[r.name].again > 0:
            longer = self.rate_weight("relief", "postpone", r.name) * self.plan.months
            total += float(longer @ cost) / r.returns
        return total

    def _most_relieved(self, r: Any, need: tuple[Array, ...], effects: CachedEffects) -> float:
        price = self.reduced("relieve", r.name)
        if price is None or not (price[effects.here] < 0).any():  # nowhere all that is allowed
            return 0.0
        commodity = self.case.demands[r.demand].commodity
        option = tier(r, commodity, need, effects, self.landing)
        return self._limits("relieve", r.name, 0.0, option.most)

    def _policy(self, r: Any, effects: CachedEffects) -> float:
        total = 0.0
        for policy in self.case.policies:
            if policy.name == r.name:
                total += self._limit_terms(policy, r, effects, self.counted, self._need)
                if policy.soft:
                    weight = self.rate_weight("penalty", "breach", policy.name, policy.detail)
                    total += float(weight @ penalty_rate(r, self.case.tree, policy.windows))
        return total

    def _limit_terms(
        self,
        policy: Policy,
        r: Any,
        effects: CachedEffects,
        counted: PolicyCounter,
        need: Callable[[str], tuple[Array, ...]],
    ) -> float:
        """Dual x limit of a policy, kUSD, of the demands that are `counted`."""
        duals = np.where(effects.here, self._duals(policy), 0.0)
        if not duals.any():
            return 0.0
        binding = tuple(w for w in policy.windows if duals[w.node])
        limits = limits_of(
            r, counted, self.case.tree, effects.start, binding, level_of(r, effects), need
        )
        total = 0.0
        for window, limit in zip(binding, limits, strict=True):
            whole = 1.0
            if policy.denominator is not None:
                whole = sum(self._volume(term, window.members) for term in policy.denominator)
            total += float(duals[window.node]) * limit * whole
        return total

    def _volume(self, term: Any, members: tuple[int, ...]) -> float:
        inside = np.isin(term.counted_in, members)
        series = self.plan.of(term.variable, *term.key)
        return float(series[term.decided_in[inside]] @ term.rate[inside])

    def _disposal(self, r: Any, effects: CachedEffects) -> float:
        if np.isnan(r.disposal_cost):
            return 0.0
        weight = sum(
            float(series @ self.money)
            for (_, commodity), series in self.plan.values["discard"].items()
            if commodity == r.name
        )
        return r.disposal_cost * weight

    def yards(self) -> float:
        """kUSD of L in the yard cost of the settings."""
        total = 0.0
        for (site, commodity), level in self.plan.values["yard_stock"].items():
            weight = self.money_weight("holding", "yard_stock", site, commodity)
            total += float((level * self.plan.months / 12) @ weight)
        return total * (self.case.settings.yard_cost or 0.0)
