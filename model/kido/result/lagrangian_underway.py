"""`UnderwayTerms`: the terms of the sheet Underway in the Lagrangian: see `kido.result.lagrangian`.

What a row says is under way stands on the right side of rows, or is the value of a column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kido.data.case.build import expired
from kido.data.case.case import Array
from kido.data.case.demand import with_returns
from kido.data.case.lead_times import last_months
from kido.data.case.policies import window_of
from kido.data.case.ramps import RAMPED, ramp_of
from kido.data.case.underway import Underway
from kido.data.case.windows import calendar_window, under_way
from kido.data.months import month_text
from kido.result.lagrangian_contracts import ContractTerms
from kido.result.lagrangian_weights import price_times_limit


class UnderwayTerms(ContractTerms):
    """The terms in which the amounts of the sheet Underway stand."""

    def underway(self, row: Any) -> float:
        """kUSD of L in a row of the sheet Underway."""
        methods: Mapping[str, Callable[[Any, Underway], float]] = {
            "lands": self._lands,
            "ready": self._ready_before,
            "returns": self._returns,
            "moved": self._moved,
            "carried over": self._carried,
            "reserved": self._reserved_before,
            "earned": self._earned,
            "expires": self._expires,
        }
        return methods[row.what](row, Underway.of_rows([row]))

    def _rows_of(self, family: str, *key: str) -> Array:
        return self.plan.worth.of_rows(family, *key)

    def _lands(self, r: Any, underway: Underway) -> float:
        if r.name in self.case.routes:
            lane = self.case.routes[r.name]
            site, commodity = lane.destination, lane.commodity
        else:
            process = self.case.processes[r.name]
            site, commodity = process.site, r.detail or next(iter(process.outputs))
        landed = underway.in_nodes(self.case.tree, "lands", r.name)
        return float(self.balance(site, commodity) @ landed) * self.units.tonnes(commodity)

    def _ready_before(self, r: Any, underway: Underway) -> float:
        price = self.reduced("ordered", r.name, month_text(r.month))
        return 0.0 if price is None else float(price.sum()) * r.amount

    def _returns(self, r: Any, underway: Underway) -> float:
        option, tree = self.case.tiers[r.name], self.case.tree
        scale = self.units.tonnes(self.case.demands[option.demand].commodity)
        changed = with_returns(option, underway, tree, scale)
        due = changed.returned + np.where(tree.previous < 0, changed.postponed, 0.0)
        weight = self._rows_of("demand_met", option.demand)
        weight = weight + self._rows_of("postponement", r.name)
        n, then, share = last_months(tree, option.again)
        recent = np.bincount(n, share * changed.returned[then], len(due)) + changed.recent
        return float(weight @ due + self._rows_of("latest_return", r.name) @ recent)

    def _moved(self, r: Any, underway: Underway) -> float:
        sheet = next(s for s in RAMPED if r.name in self.rows[s])
        case = replace(self.case, underway=underway)
        ramp = ramp_of(sheet, self.rows[sheet][r.name], case, self.units)
        duals = self._rows_of("ramp", sheet, r.name)
        total = float(duals @ ramp.before)
        total += price_times_limit(np.minimum(duals, 0.0), ramp.rise)
        return total - price_times_limit(np.maximum(duals, 0.0), ramp.fall)

    def _carried(self, r: Any, underway: Underway) -> float:
        row, total = self.rows["Policies"][r.name], 0.0
        for policy in self.case.policies:
            if (policy.name, policy.detail) == (r.name, r.detail):
                now = under_way(self.case.tree, window_of(row, self.tables), policy.windows)
                total += float(self._duals(policy) @ now) * self.counted.scale(row) * r.amount
        return total

    def _reserved_before(self, r: Any, underway: Underway) -> float:
        contract, row = self.case.contracts[r.name], self.rows["Contracts"][r.name]
        scale, reserved = self._scale(contract), self._reserved(contract)
        return self._owed_terms(row, contract, scale, reserved, self.effects, underway)

    def _earned(self, r: Any, underway: Underway) -> float:
        rebates = self.case.contracts[r.name].rebates
        now = under_way(self.case.tree, calendar_window(12), rebates)
        return float(self._rows_of("rebate_share", r.name) @ now) * r.amount

    def _expires(self, r: Any, underway: Underway) -> float:
        row = self.rows["Stockpiles"][r.name]
        gone = expired(row, self.case.tree, underway) * self.units.tonnes(row.commodity)
        return -float(self._rows_of("shelf_life", r.name) @ gone)
