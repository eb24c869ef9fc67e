"""`Case`: the data of the program, as records of plain numbers and arrays.

Arrays have one value for each node. Amounts of a node are in t, unit costs in USD/kg
(x 1 t = 1 kUSD), `most` is inf where a row has no limit. No spreadsheet, no solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree
from kido.data.case.underway import Underway
from kido.data.tables import Settings

Array = NDArray[np.float64]
Pair = tuple[str, str]  # (site, commodity)
Arrivals = tuple[tuple[tuple[int, float], ...], ...]  # for each node: (node of sending, share)
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
    """A row of Supply or Sales: `price` in USD/kg, `most` and `least` in t in each node."""

    name: str
    site: str
    commodity: str
    price: Array
    most: Array
    least: Array

    @property
    def pair(self) -> Pair:
        """(site, commodity)."""
        return self.site, self.commodity


@dataclass(frozen=True)
class Commodity:
    """A row of Commodities: its kind, and the unit that the book counts it in."""

    name: str
    kind: str
    unit: str


@dataclass(frozen=True)
class OrderedBefore:
    """Capacity ordered before the plan: `amount` in t/yr, `month` its first of use, as text.

    `years` are those of use of a t/yr of it in each node.
    """

    month: str
    amount: float
    years: Array


@dataclass(frozen=True)
class Facility:
    """A row of Facilities. `expansion_cost` is USD per kg/yr (NaN where it cannot be expanded).

    `installed` is t in each node; `ready[n]` lists (node of the order, years of use in n) of
    a t/yr ordered, `orders` the nodes in which an order is of use; `minimum_use` is the share of
    what is available that must be used in each node. `ordered` is capacity ordered before the
    plan. `sizes`, t/yr, are those in which capacity is sold, which the program does not know.
    """

    name: str
    site: str
    installed: Array
    ready: tuple[tuple[tuple[int, float], ...], ...]
    orders: tuple[int, ...]
    least_expansion: float
    most_expansion: float
    expansion_cost: float
    minimum_use: Array
    idle_cost: float | None
    ordered: tuple[OrderedBefore, ...]
    sizes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Process:
    """A row of Processes: `most` and `least` activity in t in each node.

    `outputs[commodity]` is t of output for each t of activity started in a node, `inputs` and
    `uses` are amounts for each t, `pipeline` t of activity begun before the start that end.
    """

    name: str
    site: str
    most: Array
    least: Array
    inputs: tuple[tuple[str, float], ...]
    outputs: Mapping[str, Array]
    uses: tuple[tuple[str, float], ...]
    arrivals: Arrivals
    pipeline: Mapping[str, Array]


@dataclass(frozen=True)
class Route:
    """A row of Routes: `most` and `least` in t in each node, `lead` in months.

    `efficiency` is the share of a shipment that arrives (1 - loss), `duty` is 1 + tariff, which
    price and freight are multiplied by; `pipeline` is t afloat at the start that arrive. `lot`
    and `least_lot`, t (NaN: none), are those in which goods leave, which the program does not
    know.
    """

    name: str
    origin: str
    destination: str
    commodity: str
    country: str
    most: Array
    least: Array
    efficiency: Array
    duty: Array
    lead: Array
    uses: tuple[str, ...]
    arrivals: Arrivals
    pipeline: Array
    lot: float = math.nan
    least_lot: float = math.nan


@dataclass(frozen=True)
class Window:
    """Nodes of one path that a row of the program adds up; the row is at the last, `node`."""

    node: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class MakeUp:
    """What may still be taken of what a contract was paid for and not taken.

    It may be lifted in the nodes of `here`, of which `after` lie beyond the contract's life.
    `unexpired` lists for each node at whose end something may be left of earlier payments the
    settlements on its path that they were made at. `opening` is t of before the plan at a root,
    `paid_before` what of it may still be lifted after each node. At a settlement at most `share`
    of what is reserved and not lifted is paid for, and `share_before` t of before the plan.
    """

    here: NDArray[np.bool_]
    after: NDArray[np.bool_]
    unexpired: tuple[Window, ...]
    opening: Array
    paid_before: Array
    share: Array
    share_before: Array


@dataclass(frozen=True)
class Contract:
    """A row of Contracts.

    `life` is years of its life in each node; `signed[n]` the node it was reserved in.
    Over each window of `quantities` at most `quantity[n]` years of what is reserved are lifted,
    and `quantity_before` t left of before the plan; in a node at most `most_lifted` t.
    `owed_before` is t owed from before the plan, less what was lifted, at each settlement.
    `covers` lists (variable, row): ("ship", route) or ("buy", supply).
    `price[row]` is USD/kg of what is lifted, `forgone_price` of what is not (the mean of
    the rows covered), `fee` USD/kg a year; `rebate_rate[row]` is kUSD paid back at most for a
    t lifted, `earned` kUSD of it from before the plan, at the windows of its first calendar year.
    `make_up` is None where what was paid for and not taken is lost.
    """

    name: str
    covers: tuple[tuple[str, str], ...]
    least: float
    most: float
    life: Array
    signed: Mapping[int, int]
    quantities: tuple[Window, ...]
    quantity: Array
    quantity_before: Array
    most_lifted: Array
    price: Mapping[str, Array]
    forgone_price: Array
    fee: float
    take_or_pay: float
    availability: Array
    settlements: tuple[Window, ...]
    owed_before: Array
    make_up: MakeUp | None
    rebate_rate: Mapping[str, Array]
    rebate_cap: float
    rebates: tuple[Window, ...]
    earned: Array


@dataclass(frozen=True)
class Stock:
    """A row of Stockpiles: `capacity` and `floor` are t at the end of each node.

    `fill` and `draw` are the largest changes in each node, in t; `life` is in months, inf where
    goods keep; `expired` is t of the opening stock that have left by the end of each node that
    ends less than a life after the start.
    """

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
    life: float
    expired: Array

    @property
    def pair(self) -> Pair:
        """(site, commodity)."""
        return self.site, self.commodity


@dataclass(frozen=True)
class Demand:
    """A row of Demand: `need` in t in each node; `tiers` are the names of its relief rows."""

    name: str
    segment: str
    site: str
    commodity: str
    priority: int
    need: Array
    tiers: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        """(site, commodity)."""
        return self.site, self.commodity


@dataclass(frozen=True)
class ReliefOption:
    """A row of Relief: `most` in t in each node; `returns` is None where nothing comes back.

    What returns may be put off again for up to `again` months; 0 where it may not. Of need put
    off before the plan, `returned` is t that return in each node, `postponed` t that returned
    before and have been put off again since, `recent` t of them that may still be put off at the
    end of each node.
    """

    name: str
    demand: str
    kind: str
    most: Array
    returns: Arrivals | None
    again: float
    grade: str
    returned: Array
    postponed: float
    recent: Array


@dataclass(frozen=True)
class LinearTerm:
    """A linear term: in node `counted_in[i]`, `rate[i]` x the variable (*key, decided_in[i]).

    The rate is kUSD a unit in a cost, t a unit where a policy counts tonnes.
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
        """An iterator over (node counted in, node decided in, rate)."""
        columns = (self.counted_in, self.decided_in, self.rate)
        return zip(*(column.tolist() for column in columns), strict=True)


@dataclass(frozen=True)
class Policy:
    """The rows of a policy: numerator <= or >= limit x denominator (None: 1) at each window.

    `detail` tells apart the row families of one policy (the country of `any country`).
    `demands` are those whose need a cover or a service is for, with the weight of a tonne.
    `limits` has one number for each window: t, kUSD, a share, or for cover t of coming need;
    `limit` is that of the book (for cover in months), `start` its first month. `carried` is added
    to the right side of each window: what the months before the plan allowed and did not use.
    """

    name: str
    detail: str
    measure: str
    at_least: bool
    numerator: tuple[LinearTerm, ...]
    denominator: tuple[LinearTerm, ...] | None
    windows: tuple[Window, ...]
    limits: tuple[float, ...]
    carried: tuple[float, ...]
    soft: bool
    demands: Mapping[str, float]
    limit: float
    start: int | None


@dataclass(frozen=True)
class NearOrders:
    """The near orders of a commodity, on the nodes `near`, of which `node` is the last.

    `ordered` is t in each node by (variable, row), 0 where nothing is listed. `limit`: t that may
    change in all; inf where there is none.
    """

    commodity: str
    node: int
    near: NDArray[np.bool_]
    ordered: Mapping[tuple[str, str], Array]
    limit: float

    @property
    def total(self) -> float:
        """t ordered in all."""
        return float(sum(amounts.sum() for amounts in self.ordered.values()))


@dataclass(frozen=True)
class Ramp:
    """Limits on the change of a rate, in t/yr: `rise` and `fall` from the node before each.

    The rate is the sum of `columns` (variable, key without its node) over `years`; `follows` tells
    where it has one before it, which at a root is `before`, that of the month before the plan (0
    in all other nodes). `bounds` are the rows (sheet, name) whose limits may force it.
    """

    sheet: str
    name: str
    columns: tuple[tuple[str, tuple[str, ...]], ...]
    bounds: tuple[tuple[str, str], ...]
    years: Array
    follows: NDArray[np.bool_]
    rise: Array
    fall: Array
    before: Array


@dataclass(frozen=True)
class Case:
    """The data that the program is built from, and what its results are told with.

    `columns` tells for each variable, and key without its node, in which nodes it has a column,
    `stories` what happens in each scenario, `held` for each (sheet, row) what is ordered and stays.
    """

    settings: Settings
    tree: Tree
    stories: Mapping[str, str]
    country: Mapping[str, str]
    commodities: Mapping[str, Commodity]
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
    underway: Underway
    ramps: tuple[Ramp, ...]
    policies: tuple[Policy, ...]
    cost_terms: tuple[LinearTerm, ...]
    columns: Mapping[str, Mapping[tuple[str, ...], NDArray[np.bool_]]]
    held: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    near_orders: tuple[NearOrders, ...] = ()
