"""`ContractTerms`: the terms of contracts in the Lagrangian: see `kido.result.lagrangian`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case.case import Array, Contract
from kido.data.case.contracts import availability, months_alive, price_of, rebate_rate
from kido.data.case.policies import WHOLE_PRICE
from kido.data.case.settlements import before_plan, left_of_before
from kido.data.case.underway import Underway
from kido.data.case.waiting import Waiting
from kido.data.tables import or_else
from kido.result.cached_effects import CachedEffects
from kido.result.lagrangian_weights import LagrangianWeights


class ContractTerms(LagrangianWeights):
    """The terms in which the numbers of a contract stand, and prices of the rows it covers."""

    def _contract_terms(self, variable: str, r: Any, effects: CachedEffects, duty: Array) -> float:
        """kUSD of L through the price of a row under the contracts that cover it."""
        prices = {**self.prices, r.name: r.price}
        return sum(
            self._lift_terms(self.rows["Contracts"][name], variable, r.name, prices, effects, duty)
            for name in self.contracts_of.get((variable, r.name), ())
        )

    def _lift_terms(
        self,
        terms: Any,
        variable: str,
        row: str,
        prices: Mapping[str, float],
        effects: CachedEffects,
        duty: Array,
    ) -> float:
        """kUSD of L through the terms of a contract on one row that it covers."""
        contract = self.case.contracts[terms.name]
        lift = self.plan.of("lift", terms.name, row)
        price = price_of(terms, effects, prices, variable, row)
        sheet = "Routes" if variable == "ship" else "Supply"
        row_price = effects.mean(sheet, row, "price", prices[row])
        total = float(
            self.rate_weight("purchase", "lift", terms.name, row) @ ((price - row_price) * duty)
        )
        price_budget = self.budgets.get((WHOLE_PRICE, "lift", (terms.name, row)))
        if price_budget is not None:
            total += float((lift * price_budget) @ (price * duty))
        forgo_weight = self.rate_weight("purchase", "forgo", terms.name)
        total += float(forgo_weight @ price) / len(contract.covers)
        if contract.rebates:
            dual = self.plan.worth.of_rows("rebate_share", terms.name)
            weights = self._sum_over_windows(contract.rebates, dual)
            total += float((lift * weights) @ rebate_rate(terms, effects, prices, variable, row))
        return total

    def _scale(self, contract: Contract) -> float:
        """t in the unit of a contract."""
        goods = {
            (self.case.routes if v == "ship" else self.case.supply)[row].commodity
            for v, row in contract.covers
        }
        return self.units.shared(goods)

    def _contract(self, r: Any, effects: CachedEffects) -> float:
        contract = self.case.contracts[r.name]
        scale = self._scale(contract)
        most = or_else(r.most_reserved, np.inf) * scale
        held = np.minimum(self.case.held.get(("Contracts", r.name), 0.0), most)
        total = self._limits("reserve", r.name, np.maximum(r.least_reserved * scale, held), most)
        for variable, row in contract.covers:
            duty = self.case.routes[row].duty if variable == "ship" else np.ones(len(self.money))
            total += self._lift_terms(r, variable, row, self.prices, effects, duty)
        reserved, fee_weight = self._reserved(contract), self.money_weight("fee", "reserve", r.name)
        total += r.fee * float((contract.life * reserved) @ fee_weight)
        total += self._ramp_terms("Contracts", r, effects)
        total += self._owed_terms(r, contract, scale, reserved, effects, self.case.underway)
        if contract.rebates:
            total += self._limits("rebate", r.name, 0.0, or_else(r.rebate_cap, np.inf))
        return total

    def _reserved(self, contract: Contract) -> Array:
        """t/yr reserved in each node of a contract's life; 0 outside it."""
        reserved, signed = self.plan.zeros, self.plan.of("reserve", contract.name)
        reserved[list(contract.signed)] = signed[list(contract.signed.values())]
        return reserved

    def _owed_terms(
        self,
        r: Any,
        contract: Contract,
        scale: float,
        reserved: Array,
        effects: CachedEffects,
        underway: Underway,
    ) -> float:
        """kUSD of L in what may be lifted under a contract, and in what must be paid for."""
        by_period = not math.isnan(r.most_a_month)
        if not (contract.settlements or by_period):
            return 0.0
        alive = months_alive(Waiting(self.tables, self.names, effects), r, contract.covers)
        available = availability(self.names, effects, contract.covers, r.depends_on, alive)
        volume = contract.life * available * reserved
        owed, lift = (
            np.where(effects.here, self.plan.worth.of_rows(family, r.name), 0.0)
            for family in ("take_or_pay", "reservation")
        )
        signed, lifted = before_plan(r, self.case.tree, contract.life, scale, underway)
        total = r.take_or_pay * float(self._sum_over_windows(contract.settlements, owed) @ volume)
        total += float(owed @ (r.take_or_pay * signed - lifted))
        if by_period:
            years = contract.life * available
            left = left_of_before(
                r, self.case.tree, contract.life, scale, contract.quantities, years, underway
            )
            total += float(self._sum_over_windows(contract.quantities, lift) @ volume)
            total += float(lift @ left)
            most = r.most_a_month * scale * 12 * contract.life
            total += float(self.plan.worth.of_rows("monthly_lift", r.name) @ most)
        return total
