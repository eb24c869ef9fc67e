"""`ContractTerms`: the terms of contracts in the Lagrangian: see `kido.result.lagrangian`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case.case import Array, Contract
from kido.data.case.contracts import (
    availability,
    months_alive,
    months_open,
    price_of,
    rebate_rate,
)
from kido.data.case.make_up import credited, made_up_of_before, paid_share
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
        settled = self.rate_weight("purchase", "forgo", terms.name)
        if contract.make_up is not None:
            weight = self.money_weight("purchase", "make_up", terms.name)
            settled = settled - weight * self._made_up(contract)
        total += float(settled @ price) / len(contract.covers)
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

    def _made_up(self, contract: Contract) -> Array:
        """t made up that are credited in each node."""
        counted, decided = credited(contract)
        total = self.plan.zeros
        np.add.at(total, counted, self.plan.of("make_up", contract.name)[decided])
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
        if contract.make_up is not None:
            firm, quantity = contract.life * available, contract.quantity
            if by_period:
                quantity = firm
            share = paid_share(r, contract.settlements, firm, quantity, signed, lifted)
            total += self._make_up_terms(r, contract, scale, quantity * reserved, share, effects)
        if by_period:
            years = contract.life * available
            left = left_of_before(
                r, self.case.tree, contract.life, scale, contract.quantities, years, underway
            )
            total += float(self._sum_over_windows(contract.quantities, lift) @ volume)
            total += float(lift @ left)
            months = 12 * contract.life
            if contract.make_up is not None:
                months = months_open(self.case.tree, months, contract.make_up)
            most = r.most_a_month * scale * months
            total += float(self.plan.worth.of_rows("monthly_lift", r.name) @ most)
        return total

    def _make_up_terms(
        self,
        r: Any,
        contract: Contract,
        scale: float,
        reserved: Array,
        share: tuple[Array, Array],
        effects: CachedEffects,
    ) -> float:
        """kUSD of L in what is paid for ahead, of `reserved` t in each node, and of before."""
        per_tonne, before = share
        paid = np.where(effects.here, self.plan.worth.of_rows("deficiency", r.name), 0.0)
        lifted = sum(
            (self.plan.of("lift", r.name, row) for _, row in contract.covers), self.plan.zeros
        )
        left = reserved - lifted + self.plan.of("make_up", r.name)
        total = float(self._sum_over_windows(contract.settlements, paid * per_tonne) @ left)
        total += float(paid @ before)
        opening, lasting = made_up_of_before(r, self.case.tree, 12 * contract.life, scale)
        total += float(self.plan.worth.of_rows("make_up_paid", r.name) @ opening)
        return total + float(self.plan.worth.of_rows("make_up_expiry", r.name) @ lasting)
