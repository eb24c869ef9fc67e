"""What each row of the book adds to the Lagrangian of the program, at the plan and its prices.

L = sum of cost x plan + sum over rows and limits of dual x (right side - left side)

By the envelope theorem the derivative of the least cost by a number of the book is that of L by
this number, the plan and the duals held (Bonnans and Shapiro, Perturbation Analysis of
Optimization Problems, 2000, section 4.3). A row of the book stands in few places of L. Each
function here takes a row, with whatever numbers are asked about, makes the records of the case
from it as the case itself does, and returns its part of L in kUSD; terms in which none of the
numbers of the row stand are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kido.data.case.build import effects_of, offer, route, stock
from kido.data.case.case import Array, Arrivals, Case, Policy
from kido.data.case.contracts import STOPPABLE, availability, life_of, price_of, rebate_rate
from kido.data.case.cost_terms import expansion_term, lane_rates, running_rate
from kido.data.case.counted import Counted
from kido.data.case.demand import monthly_need, tier
from kido.data.case.effects import Effects
from kido.data.case.facilities import facility, process, recipe_lines
from kido.data.case.lead_times import ArrivalShares, seen_by_sender
from kido.data.case.policies import WHOLE_PRICE, level_of, limits_of, penalty_rate
from kido.data.pairs import without_rounding
from kido.data.selectors import NameIndex
from kido.data.tables import Tables, or_else
from kido.data.units import Units
from kido.result.plan import SolvedPlan
from kido.result.prices import FAMILY

OFFERS = {"Supply": "buy", "Sales": "sell"}
COUNTING = ("volume", "share")


class FixedArrivals(ArrivalShares):
    """When goods land does not change with the numbers asked about: the case knows it."""

    def arrivals(self, lead: tuple[Array, ...]) -> Arrivals:
        return ()


@dataclass(frozen=True)
class Lagrangian:
    """The plan and the duals of an answer, to weigh rows of its book with."""

    answer: SolvedPlan

    def booked(self, sheet: str, name: str) -> float:
        """kUSD that a row of the book adds to L as it stands."""
        if (sheet, name) not in self._booked:
            self._booked[sheet, name] = self.part(sheet, self.rows[sheet][name])
        return self._booked[sheet, name]

    @cached_property
    def _booked(self) -> dict[tuple[str, str], float]:
        return {}

    def part(self, sheet: str, row: Any, effects: Effects | None = None) -> float:
        """kUSD that a row adds to L with its numbers, after these events (none: the book's)."""
        parts: Mapping[str, Callable[[Any, Effects], float]] = {
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
        return parts[sheet](row, effects or self.effects)

    # -- the book -----------------------------------------------------------------

    @cached_property
    def tables(self) -> Tables:
        return without_rounding(self.answer.tables)

    @property
    def case(self) -> Case:
        return self.answer.case

    @cached_property
    def words(self) -> NameIndex:
        return NameIndex.of(self.tables)

    @cached_property
    def effects(self) -> Effects:
        # one month to spare: a cover asked to be longer looks into it
        return effects_of(self.tables, self.words, self.case.tree, spare=1)

    @cached_property
    def landing(self) -> ArrivalShares:
        return FixedArrivals(self.case.tree)

    @cached_property
    def units(self) -> Units:
        return Units(self.tables)

    @cached_property
    def counted(self) -> Counted:
        return Counted(self.tables, self.words)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of each sheet by name."""
        return {
            sheet: {r.name: r for r in frame.records()}
            for sheet, frame in self.tables.frames.items()
            if "name" in frame.rows.columns
        }

    def reached(self, event: int) -> list[tuple[str, str]]:
        """(sheet, row) of what an event moves, and of the contracts that depend on them.

        A row whose price or needs it moves brings in its contracts and its rules itself.
        """
        rows = list(self._reached.get(event, ()))
        if self.effects.events[event].effect == "capacity":
            rows += [("Contracts", name) for row in rows for name in self._depending.get(row, ())]
        return list(dict.fromkeys(rows))

    @cached_property
    def _reached(self) -> dict[int, list[tuple[str, str]]]:
        found: dict[int, list[tuple[str, str]]] = {}
        for (sheet, row, _), numbers in self.effects.reach.items():
            for number in numbers:
                found.setdefault(number, []).append((sheet, row))
        return found

    @cached_property
    def _depending(self) -> dict[tuple[str, str], list[str]]:
        """The contracts of which a row is covered, or such that its stop is force majeure."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, contract in self.case.contracts.items():
            rows = [("Routes" if v == "ship" else "Supply", row) for v, row in contract.covers]
            for word in self.rows["Contracts"][name].depends_on:
                rows += [(s, row) for s in STOPPABLE for row in self.words.rows(word, s)]
            for row in dict.fromkeys(rows):
                found.setdefault(row, []).append(name)
        return found

    @cached_property
    def lines(self) -> dict[str, list[Any]]:
        """The lines of Recipes by process."""
        return recipe_lines(self.tables)

    @cached_property
    def plain(self) -> dict[str, float]:
        """The price cell of every row of Supply and Routes."""
        return {
            name: r.price for sheet in ("Supply", "Routes") for name, r in self.rows[sheet].items()
        }

    # -- money ---------------------------------------------------------------------

    @cached_property
    def money(self) -> Array:
        """What a kUSD spent in each moment adds to L; budgets not counted."""
        return np.nan_to_num(self.answer.worth.money)

    @cached_property
    def budgets(self) -> dict[tuple[str, str, tuple[str, ...]], Array]:
        """What a kUSD adds through the budgets that count it, by (category, variable, key)."""
        found: dict[tuple[str, str, tuple[str, ...]], Array] = {}
        for policy in self.case.policies:
            if policy.measure != "spend":
                continue
            weight = self._over_members(policy, -self._duals(policy))
            for term in policy.numerator if weight.any() else ():
                key = term.category, term.variable, term.key
                found[key] = found.get(key, 0.0) + weight
        return found

    def spent(self, category: str, variable: str, *key: str) -> Array:
        """What a kUSD of a cost term adds to L in each moment."""
        found: Array = self.money + self.budgets.get((category, variable, key), 0.0)
        return found

    def paid(self, category: str, variable: str, *key: str) -> Array:
        """The same for a USD/kg of its rate: the volume counts."""
        return self.answer.of(variable, *key) * self.spent(category, variable, *key)

    # -- rows and limits -------------------------------------------------------------

    def _duals(self, policy: Policy) -> Array:
        return self.answer.worth.of_rows(FAMILY[policy.measure], policy.name, policy.detail)

    def _over_members(self, policy: Policy, duals: Array) -> Array:
        """For each moment, the sum over the windows that count it."""
        found = self.answer.nothing
        for window in policy.windows:
            if duals[window.moment]:
                found[list(window.members)] += duals[window.moment]
        return found

    def balance(self, site: str, commodity: str) -> Array:
        return np.nan_to_num(self.answer.worth.balance.get((site, commodity), self.answer.nothing))

    def _sent(self, sheet: str, name: str, site: str, commodity: str) -> Array:
        """What a t of a commodity that is sent in each moment adds to L where it lands."""
        key = sheet, name, commodity
        if key not in self._seen:
            rows = self.case.routes if sheet == "Routes" else self.case.processes
            worth = self.balance(site, commodity)
            self._seen[key] = seen_by_sender(rows[name].arrivals, worth)
        return self._seen[key]

    @cached_property
    def _seen(self) -> dict[tuple[str, str, str], Array]:
        return {}

    @cached_property
    def _reduced(self) -> dict[str, dict[tuple[Any, ...], Array]]:
        found: dict[str, dict[tuple[Any, ...], Array]] = {}
        for variable, prices in self.answer.solution.reduced.items():
            held = found.setdefault(variable, {})
            for key, price in prices.items():
                if price:
                    if key[:-1] not in held:
                        held[key[:-1]] = self.answer.nothing
                    held[key[:-1]][key[-1]] = price
        return found

    def _limits(self, variable: str, name: str, least: Array | float, most: Array | float) -> float:
        """Reduced cost x limit, where the variable leans on one."""
        price = self._reduced.get(variable, {}).get((name,))
        if price is None:
            return 0.0
        return _times(np.minimum(price, 0.0), most) + _times(np.maximum(price, 0.0), least)

    # -- sheets ----------------------------------------------------------------------

    def _offer(self, sheet: str, r: Any, effects: Effects) -> float:
        made, variable = offer(sheet, r, effects, self.units), OFFERS[sheet]
        found = self._limits(variable, r.name, made.least, made.most)
        if sheet == "Sales":
            return found - float(self.paid("sales", "sell", r.name) @ made.price)
        found += float(self.paid("purchase", "buy", r.name) @ made.price)
        return found + self._covered("buy", r, effects, np.ones(len(made.price)))

    def _route(self, r: Any, effects: Effects) -> float:
        made = route(r, "", effects, self.landing, self.units)
        worth = self.balance(r.destination, r.commodity)
        landing = self._sent("Routes", r.name, r.destination, r.commodity)
        price, freight = lane_rates(r, made.duty, effects, self.case.settings.least_cost)
        return (
            self._limits("ship", r.name, made.least, made.most)
            + float((self.answer.of("ship", r.name) * landing) @ made.kept)
            + float(worth @ made.pipeline)
            + float(self.paid("purchase", "ship", r.name) @ price)
            + float(self.paid("freight", "ship", r.name) @ freight)
            + self._covered("ship", r, effects, made.duty)
        )

    def _covered(self, variable: str, r: Any, effects: Effects, duty: Array) -> float:
        """What the price of a row does under the contracts that cover it."""
        plain = {**self.plain, r.name: r.price}
        return sum(
            self._lifted(self.rows["Contracts"][name], variable, r.name, plain, effects, duty)
            for name, contract in self.case.contracts.items()
            if (variable, r.name) in contract.covers
        )

    def _lifted(
        self,
        terms: Any,
        variable: str,
        row: str,
        plain: Mapping[str, float],
        effects: Effects,
        duty: Array,
    ) -> float:
        """What the terms of a contract do on one row that it covers."""
        contract = self.case.contracts[terms.name]
        lift = self.answer.of("lift", terms.name, row)
        price = price_of(terms, effects, plain, variable, row)
        sheet = "Routes" if variable == "ship" else "Supply"
        own = effects.mean(sheet, row, "price", plain[row])
        found = float(self.paid("purchase", "lift", terms.name, row) @ ((price - own) * duty))
        whole = self.budgets.get((WHOLE_PRICE, "lift", (terms.name, row)))
        if whole is not None:
            found += float((lift * whole) @ (price * duty))
        forgone = self.paid("purchase", "forgo", terms.name)
        found += float(forgone @ price) / len(contract.covers)
        if contract.rebates:
            members = self.answer.nothing
            dual = self.answer.worth.of_rows("rebate_share", terms.name)
            for window in contract.rebates:
                members[list(window.members)] += dual[window.moment]
            found += float((lift * members) @ rebate_rate(terms, effects, plain, variable, row))
        return found

    def _contract(self, r: Any, effects: Effects) -> float:
        contract = self.case.contracts[r.name]
        goods = {
            (self.case.routes if v == "ship" else self.case.supply)[row].commodity
            for v, row in contract.covers
        }
        scale = self.units.shared(goods)
        found = self._limits(
            "reserve", r.name, r.least_reserved * scale, or_else(r.most_reserved, np.inf) * scale
        )
        for variable, row in contract.covers:
            duty = self.case.routes[row].duty if variable == "ship" else np.ones(len(self.money))
            found += self._lifted(r, variable, row, self.plain, effects, duty)
        reserved = self.answer.of("reserve", r.name)
        spent = self.spent("fee", "reserve", r.name)
        there = availability(
            self.tables, self.words, effects, contract.covers, r.depends_on,
            *life_of(r, self.case.tree),
        ) if contract.settlements else self.answer.nothing  # fmt: skip
        owed = self.answer.worth.of_rows("take_or_pay", r.name)
        for n, signed in contract.signed.items():
            found += r.fee * contract.life[n] * reserved[signed] * spent[n]
        for window in contract.settlements:
            for n in window.members if owed[window.moment] else ():
                due = r.take_or_pay * contract.life[n] * there[n] * reserved[contract.signed[n]]
                found += owed[window.moment] * due
        if contract.rebates:
            found += self._limits("rebate", r.name, 0.0, or_else(r.rebate_cap, np.inf))
        return found

    def _facility(self, r: Any, effects: Effects) -> float:
        rows, ordered = self.answer.worth.of_rows, self.answer.of("expand", r.name)
        # where nothing is ordered, what orders would give counts for nothing
        made = facility(r if ordered.any() else r._replace(expansion_cost=math.nan), effects)
        passes, asks = rows("capacity", r.name), rows("minimum_use", r.name)
        built = self.answer.nothing
        for n, parts in enumerate(made.ready):
            built[n] = sum(years * ordered[m] for m, years in parts)
        found = float((passes + r.minimum_use * asks) @ (made.installed + built))
        grown = rows("expansion", r.name)
        found += _times(np.minimum(grown, 0.0), or_else(r.most_expansion, math.inf))
        found += _times(np.maximum(grown, 0.0), r.least_expansion)
        if made.idle_cost is not None:
            found += made.idle_cost * float(self.paid("running", "idle", r.name).sum())
        if ordered.any():
            term = expansion_term(r, self.case.tree, self.case.settings.discount_rate)
            found += float((term.rate * ordered[term.decided_in]) @ self.money[term.counted_in])
            whole = self.budgets.get(("expansion", "expand", (r.name,)), self.answer.nothing)
            found += r.expansion_cost * float(ordered @ whole)
        return found

    def process(self, r: Any, lines: list[Any], effects: Effects | None = None) -> float:
        """A row of Processes with its lines of Recipes."""
        effects = effects or self.effects
        made, run = (
            process(r, lines, effects, self.landing, self.units),
            self.answer.of("run", r.name),
        )
        rows = self.answer.worth.of_rows
        found = self._limits("run", r.name, made.least, made.most)
        rate = running_rate(r, effects, self.case.settings.least_cost)
        found += float(self.paid("running", "run", r.name) @ rate)
        for commodity, amount in made.inputs:
            found -= amount * float(self.balance(r.site, commodity) @ run)
        for name, amount in made.uses:
            found -= amount * float((rows("capacity", name) + rows("minimum_use", name)) @ run)
        for commodity, yields in made.made.items():
            worth = self.balance(r.site, commodity)
            landing = self._sent("Processes", r.name, r.site, commodity)
            found += float((run * landing) @ yields)
            found += float(worth @ made.pipeline.get(commodity, self.answer.nothing))
        if run.any():
            found -= sum(
                float((run * weight) @ made.made[commodity])
                for commodity, weight in self._counting.get(r.name, ())
            )
        return found

    @cached_property
    def _counting(self) -> dict[str, list[tuple[str, Array]]]:
        """For each process, (output, what a t of it weighs in the rules that count it)."""
        found: dict[str, list[tuple[str, Array]]] = {}
        for policy in self.case.policies:
            duals = self._duals(policy)
            if policy.measure not in COUNTING or not duals.any():
                continue
            row = self.rows["Policies"][policy.name]
            shared = duals * 0.0
            for window, limit in zip(policy.windows, policy.limits, strict=True):
                shared[window.moment] = duals[window.moment] * limit
            sides = self.counted.sides(row)
            one = policy.detail or None
            for side, weight in ((0, duals), (1, -shared)):
                if side == 1 and policy.denominator is None:
                    continue
                here = self._over_members(policy, weight)
                _, words, place = sides[side]
                asked = row.out_of if one is not None else words
                country = one if side == 0 else None
                each = self.counted.weights(row)
                for sheet, r, outputs in self.counted.rows(asked, place, row, country):
                    for commodity in outputs if sheet == "Processes" else ():
                        found.setdefault(r.name, []).append((commodity, here * each[commodity]))
        return found

    def _stock(self, r: Any, effects: Effects) -> float:
        made = stock(r, effects, self.units)
        moments = self.case.tree.nodes
        roots = [m.index for m in moments if m.previous < 0]
        change = self.answer.worth.of_rows("stock_change", r.name)
        leaves = list(self.case.tree.leaves)
        least = made.floor.copy()
        least[leaves] = np.maximum(least[leaves], made.least_ending)
        worth = self.balance(*made.pair) + change
        found = float(worth[roots].sum()) * made.opening
        found += self._limits("stock", r.name, least, made.capacity)
        found += _times(np.minimum(change, 0.0), made.fill)
        found -= _times(np.maximum(change, 0.0), made.draw)
        years = self.answer.months / 12
        holding = effects.mean("Stockpiles", r.name, "cost", r.holding_cost) * years
        found += float(self.paid("holding", "stock", r.name) @ holding)
        if r.ending == "value per kg":
            left = self.paid("ending value", "stock", r.name)
            found -= r.ending_amount * float(left[leaves].sum())
        return found

    def _demand(self, r: Any, effects: Effects) -> float:
        monthly = monthly_need(self.tables, effects, r)
        found = float(self.answer.worth.of_rows("demand_met", r.name) @ effects.sums(monthly))
        for name in self.case.demands[r.name].tiers:
            made = tier(self.rows["Relief"][name], monthly, effects, self.landing)
            found += self._limits("relieve", name, 0.0, made.most)
        for policy in self.case.policies:
            if r.name in policy.demands:
                row = self.rows["Policies"][policy.name]
                found += self._asked(policy, row, effects, {r.name: monthly})
        return found

    def _relief(self, r: Any, effects: Effects) -> float:
        monthly = self._need(r.demand)
        made = tier(r, monthly, effects, self.landing)
        found = self._limits("relieve", r.name, 0.0, made.most)
        cost = effects.mean("Relief", r.name, "cost", r.cost)
        return found + float(self.paid("relief", "relieve", r.name) @ cost)

    @cached_property
    def _needs(self) -> dict[str, tuple[Array, ...]]:
        return {}

    def _need(self, demand: str) -> tuple[Array, ...]:
        if demand not in self._needs:
            row = self.rows["Demand"][demand]
            self._needs[demand] = monthly_need(self.tables, self.effects, row)
        return self._needs[demand]

    def _policy(self, r: Any, effects: Effects) -> float:
        found = 0.0
        for policy in self.case.policies:
            if policy.name == r.name:
                found += self._asked(policy, r, effects, {})
                if policy.soft:
                    paid = self.paid("penalty", "breach", policy.name, policy.detail)
                    found += float(paid @ penalty_rate(r, self.case.tree, policy.windows))
        return found

    def _asked(
        self,
        policy: Policy,
        r: Any,
        effects: Effects,
        needs: Mapping[str, tuple[Array, ...]],
    ) -> float:
        """Dual x limit of a rule; `needs` stand in for those of the book."""
        duals = self._duals(policy)
        if not duals.any():
            return 0.0
        binding = tuple(w for w in policy.windows if duals[w.moment])
        limits = limits_of(
            r, self.counted, self.case.tree, effects.start, binding, level_of(r, effects),
            lambda name: needs[name] if name in needs else self._need(name),
        )  # fmt: skip
        found = 0.0
        for window, limit in zip(binding, limits, strict=True):
            whole = 1.0
            if policy.denominator is not None:
                whole = sum(self._volume(term, window.members) for term in policy.denominator)
            found += float(duals[window.moment]) * limit * whole
        return found

    def _volume(self, term: Any, members: tuple[int, ...]) -> float:
        inside = np.isin(term.counted_in, members)
        series = self.answer.of(term.variable, *term.key)
        return float(series[term.decided_in[inside]] @ term.rate[inside])

    def _disposal(self, r: Any, effects: Effects) -> float:
        if np.isnan(r.disposal_cost):
            return 0.0
        thrown = sum(
            float(series @ self.money)
            for (_, commodity), series in self.answer.values["discard"].items()
            if commodity == r.name
        )
        return r.disposal_cost * thrown

    def yards(self) -> float:
        """What the yard cost, as it stands, adds to L."""
        total = 0.0
        for (site, commodity), level in self.answer.values["yard_stock"].items():
            spent = self.spent("holding", "yard_stock", site, commodity)
            total += float((level * self.answer.months / 12) @ spent)
        return total * (self.case.settings.yard_cost or 0.0)


def _times(price: Array, limit: Array | float) -> float:
    """The sum of price x limit where there is a price; a limit that is not there has none."""
    side = np.broadcast_to(np.asarray(limit, dtype=float), price.shape)
    there = (price != 0) & np.isfinite(side)
    return float(price[there] @ side[there])
