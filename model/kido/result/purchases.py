"""What is bought from whom: each lane and supply row, by contract and spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kido.data.case.case import Array
from kido.result.plan import SolvedPlan, once
from kido.tolerances import ORDERED_T


@dataclass(frozen=True)
class Purchase:
    """A lane or a supply row under one contract, or what goes spot (`contract` blank).

    `price` and `reservation_price` include the tariff, `freight` is beside them; USD/kg.
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

    @property
    def counterparty(self) -> str:
        """The contract; what goes spot; or one's own, where nothing is paid for it."""
        return self.contract or ("spot" if self.price.any() else "own")


@once
def deals(answer: SolvedPlan) -> tuple[Purchase, ...]:
    """Everything that is paid for or brought over the border, where title passes."""
    return tuple(_deals(answer))


def _deals(answer: SolvedPlan) -> Iterator[Purchase]:
    case, worth = answer.case, answer.worth
    lifted: dict[tuple[str, str], list[str]] = {}
    for contract, row in answer.values["lift"]:
        kind = next(k for k, r in case.contracts[contract].covers if r == row)
        lifted.setdefault((kind, row), []).append(contract)
    for (name,), sent in answer.values["ship"].items():
        lane, price = case.routes[name], answer.rate("purchase", "ship", name)
        freight = answer.rate("freight", "ship", name)
        under = lifted.get(("ship", name), [])
        if not (answer.imports(name) or price.any() or under):
            continue
        reservation_price = worth.sent(lane) - freight
        for contract, tonnes, paid in _shares(answer, name, under, sent, price):
            yield Purchase(
                name, lane.commodity, lane.origin, lane.destination, lane.country, contract,
                lane.lead, tonnes, paid, freight, reservation_price,
            )  # fmt: skip
    for (name,), bought in answer.values["buy"].items():
        offer = case.supply[name]
        under = lifted.get(("buy", name), [])
        if not (offer.price.any() or under):
            continue
        reservation_price = worth.tonne(offer.site, offer.commodity)
        country = case.country.get(offer.site, "")
        for contract, tonnes, paid in _shares(answer, name, under, bought, offer.price):
            yield Purchase(
                name, offer.commodity, offer.site, offer.site, country, contract,
                None, tonnes, paid, answer.nothing, reservation_price,
            )  # fmt: skip


def _shares(
    answer: SolvedPlan, row: str, under: list[str], total: Array, price: Array
) -> Iterator[tuple[str, Array, Array]]:
    """(contract, tonnes, price paid) of each contract on a row, then what is left as spot."""
    for contract in under:
        taken = answer.of("lift", contract, row)
        total = total - taken
        yield contract, taken, price + answer.rate("purchase", "lift", contract, row)
    if (total > ORDERED_T).any():
        yield "", np.maximum(total, 0.0), price
