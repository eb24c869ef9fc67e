"""`Case`: the book as sorted records and plain numbers, ready for algebra.

Arrays are indexed by moment. Amounts of a moment are in t, unit costs in USD/kg
(x 1 t = 1 kUSD), `most` is inf where a row has no limit. No spreadsheet, no solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree
from kido.data.tables import Settings

Array = NDArray[np.float64]
Pair = tuple[str, str]  # (site, commodity)
Arrivals = tuple[tuple[tuple[int, float], ...], ...]  # for each moment: (sent in, share landing)
# For each sheet the variable that says what a row of it does, and the way back.
VARIABLE_OF: Mapping[str, str] = {
    "Supply": "buy",
    "Sales": "sell",
    "Processes": "run",
    "Routes": "ship",
    "Stockpiles": "stock",
    "Demand": "meet",
    "Relief": "relieve",
    "Contracts": "reserve",
    "Facilities": "expand",
}
SHEET_OF: Mapping[str, str] = {variable: sheet for sheet, variable in VARIABLE_OF.items()}


@dataclass(frozen=True)
class Offer:
    """A row of Supply (bought at `price`) or Sales (sold at it)."""

    name: str
    site: str
    commodity: str
    price: Array
    most: Array
    least: Array

    @property
    def pair(self) -> Pair:
        return self.site, self.commodity


@dataclass(frozen=True)
class Facility:
    """`installed` is t in a moment; `ready[n]` lists (order moment, years of use in n)."""

    name: str
    site: str
    installed: Array
    ready: tuple[tuple[tuple[int, float], ...], ...]
    orders: tuple[int, ...]
    least_expansion: float
    most_expansion: float
    minimum_use: float
    idle_cost: float | None


@dataclass(frozen=True)
class Process:
    """Activity in t; `made[commodity]` is output per t of activity started in a moment."""

    name: str
    site: str
    most: Array
    least: Array
    inputs: tuple[tuple[str, float], ...]
    made: Mapping[str, Array]
    uses: tuple[tuple[str, float], ...]
    arrivals: Arrivals
    pipeline: Mapping[str, Array]


@dataclass(frozen=True)
class Route:
    """`kept` is the share that survives the way; `early` t already afloat that land.

    `duty` is 1 + tariff: what a USD of price and freight comes to; `lead` is in months.
    """

    name: str
    origin: str
    destination: str
    commodity: str
    country: str
    most: Array
    least: Array
    kept: Array
    duty: Array
    lead: Array
    uses: tuple[str, ...]
    arrivals: Arrivals
    pipeline: Array


@dataclass(frozen=True)
class Window:
    """Moments of one path counted together; the row stands at the last, `moment`."""

    moment: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class Contract:
    """`life` is years of its life in a moment; `signed[n]` the moment it was reserved in.

    `covers` lists (variable, row): ("ship", route) or ("buy", supply).
    `price[row]` is USD/kg of a tonne lifted, `forgone_price` of one not taken (the mean of
    the rows covered), `fee` USD/kg a year; `rebate_rate[row]` is kUSD paid back at most for a
    t lifted.
    """

    name: str
    covers: tuple[tuple[str, str], ...]
    least: float
    most: float
    life: Array
    signed: Mapping[int, int]
    price: Mapping[str, Array]
    forgone_price: Array
    fee: float
    take_or_pay: float
    availability: Array
    settlements: tuple[Window, ...]
    rebate_rate: Mapping[str, Array]
    rebate_cap: float
    rebates: tuple[Window, ...]


@dataclass(frozen=True)
class Stock:
    """t at the end of a moment. `fill` and `draw` are the most change in a moment."""

    name: str
    site: str
    commodity: str
    owner: str
    opening: float
    capacity: Array
    floor: Array
    fill: Array
    draw: Array
    least_ending: float

    @property
    def pair(self) -> Pair:
        return self.site, self.commodity


@dataclass(frozen=True)
class Demand:
    """`need` in t a moment; `months_ahead[n]` the need of the months that follow n."""

    name: str
    segment: str
    site: str
    commodity: str
    priority: int
    need: Array
    tiers: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        return self.site, self.commodity


@dataclass(frozen=True)
class ReliefOption:
    """A relief row. `returns` says how what is deferred comes back (None: never)."""

    name: str
    demand: str
    kind: str
    most: Array
    returns: Arrivals | None


@dataclass(frozen=True)
class LinearTerm:
    """In node `counted_in[i]`, `rate[i]` for each unit of the variable (*key, decided_in[i]).

    The rate is kUSD where money is meant, t where a policy counts tonnes.
    """

    category: str
    sheet: str
    name: str
    variable: str
    key: tuple[str, ...]
    counted_in: NDArray[np.intp]
    decided_in: NDArray[np.intp]
    rate: Array

    @property
    def entries(self) -> Iterator[tuple[int, int, float]]:
        """(counted in, decided in, rate) one by one."""
        columns = (self.counted_in, self.decided_in, self.rate)
        return zip(*(column.tolist() for column in columns), strict=True)


@dataclass(frozen=True)
class Policy:
    """`detail` tells apart the rows of one policy (the country of `any country`).

    `demands`: those whose need a cover or a service is for, each with what a tonne counts for.

    At each window: numerator <= or >= limit x denominator (denominator None: 1).
    `limits` has one number a window: t, kUSD, a share, or for cover the t of coming need.
    """

    name: str
    detail: str
    measure: str
    at_least: bool
    numerator: tuple[LinearTerm, ...]
    denominator: tuple[LinearTerm, ...] | None
    windows: tuple[Window, ...]
    limits: tuple[float, ...]
    soft: bool
    demands: Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """Everything the program is built from. `columns` lists the keys of each variable."""

    settings: Settings
    tree: Tree
    country: Mapping[str, str]
    supply: Mapping[str, Offer]
    sales: Mapping[str, Offer]
    facilities: Mapping[str, Facility]
    processes: Mapping[str, Process]
    routes: Mapping[str, Route]
    contracts: Mapping[str, Contract]
    stocks: Mapping[str, Stock]
    yards: tuple[Pair, ...]
    disposal: Mapping[str, float]
    demands: Mapping[str, Demand]
    tiers: Mapping[str, ReliefOption]
    policies: tuple[Policy, ...]
    cost_terms: tuple[LinearTerm, ...]
    columns: Mapping[str, tuple[tuple[object, ...], ...]]
