"""Purchases: each lane and supply row, split by contract and spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array
from kido.result.lost_worth import worth_of_loss
from kido.result.plan import SolvedPlan, once
from kido.tolerances import ORDERED_T


@dataclass(frozen=True)
class Purchase:
    """The series of a lane or supply row under one contract, or spot (`contract` blank).

    `price` and `reservation_price` include the tariff but not the `freight`; USD/kg. Where the
    reservation price rests on lost output alone, `worth_of_loss` is true.
    """

    row: str
    commodity: str
    origin: str
    destination: str
    country: str
    contract: str
    lead: Array | None
    tonnes: Array
    price: Array
    freight: Array
    reservation_price: Array
    worth_of_loss: NDArray[np.bool_]

    @property
    def counterparty(self) -> str:
        """The name of the contract; `spot`; or `own`, where nothing is paid."""
        return self.contract or self.terms

    @property
    def supplier(self) -> str:
        """The name of the contract; of an offer at its own site that row; else the origin."""
        return self.contract or (self.row if self.lead is None else self.origin)

    @property
    def terms(self) -> str:
        """`contract`, `spot`, or `own` where nothing is paid."""
        return "contract" if self.contract else "spot" if self.price.any() else "own"


@once
def purchases_of(plan: SolvedPlan) -> tuple[Purchase, ...]:
    """All purchases of a plan: what is paid for or imported, where title passes."""
    return tuple(_deals(plan))


def _deals(plan: SolvedPlan) -> Iterator[Purchase]:
    case, worth = plan.case, plan.worth
    contracts_on: dict[tuple[str, str], list[str]] = {}
    for contract, row in plan.values["lift"]:
        kind = next(k for k, r in case.contracts[contract].covers if r == row)
        contracts_on.setdefault((kind, row), []).append(contract)
    for (name,), tonnes_sent in plan.values["ship"].items():
        lane, price = case.routes[name], plan.rate("purchase", "ship", name)
        freight = plan.rate("freight", "ship", name)
        contracts = contracts_on.get(("ship", name), [])
        if not (plan.imports(name) or price.any() or contracts):
            continue
        reservation_price = worth.sent(lane) - freight
        of_loss = worth_of_loss(plan, lane.commodity, worth.sent(lane))
        for contract, tonnes, price_paid in _shares(plan, name, contracts, tonnes_sent, price):
            yield Purchase(
                name, lane.commodity, lane.origin, lane.destination, lane.country, contract,
                lane.lead, tonnes, price_paid, freight, reservation_price, of_loss,
            )  # fmt: skip
    for (name,), tonnes_bought in plan.values["buy"].items():
        offer = case.supply[name]
        contracts = contracts_on.get(("buy", name), [])
        if not (offer.price.any() or contracts):
            continue
        reservation_price = worth.tonne(*offer.pair)
        of_loss = worth_of_loss(plan, offer.commodity, reservation_price)
        country = case.country.get(offer.site, "")
        for contract, tonnes, price_paid in _shares(
            plan, name, contracts, tonnes_bought, offer.price
        ):
            yield Purchase(
                name, offer.commodity, offer.site, offer.site, country, contract,
                None, tonnes, price_paid, plan.zeros, reservation_price, of_loss,
            )  # fmt: skip


def _shares(
    plan: SolvedPlan, row: str, under: list[str], total: Array, price: Array
) -> Iterator[tuple[str, Array, Array]]:
    """(contract, tonnes, price paid) of each contract on a row, then what is left as spot."""
    for contract in under:
        lifted = plan.of("lift", contract, row)
        total = total - lifted
        yield contract, lifted, price + plan.rate("purchase", "lift", contract, row)
    if (total > ORDERED_T).any():
        yield "", np.maximum(total, 0.0), price
