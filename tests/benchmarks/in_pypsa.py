"""A case with one future and no leads as a PyPSA network, to measure it beside Pyomo.

    python in_pypsa.py network BOOK.xlsx NETWORK.nc
    python in_pypsa.py plan NETWORK.nc PLAN.nc

The second reads a network, optimises it and writes it with its results, as a user of PyPSA would.

A bus is a commodity at a site, a demand, a facility or a stockpile; a snapshot is a node and an
amount t. Offers and relief are generators; outlets, disposal and idling generators of negative
sign. Processes are links with a port for each input, facility and output, routes links with a
loss, stockpiles stores behind a link with the limits of filling and drawing.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import highspy
import linopy
import numpy as np
import pandas as pd
import pypsa

if TYPE_CHECKING:
    from kido.data.case.case import Case, Pair

SIMPLEX = {"solver": "simplex"}
NO_LIMIT = 1e6  # t: more than there is of anything
Values = float | np.ndarray  # of all snapshots, or of each


@dataclass(frozen=True)
class Part:
    """A component of the network, by attribute; `ports` of a link are (bus, efficiency)."""

    kind: str
    name: str
    values: Mapping[str, Values | str]
    ports: Sequence[tuple[str, Values]] = field(default=())


def network(case: Case) -> pypsa.Network:
    """The network of a case with one history, no leads, contracts, policies or orders."""
    parts = list(_parts(case))
    result = pypsa.Network()
    result.set_snapshots(pd.RangeIndex(len(case.tree.nodes)))
    for kind in ("Generator", "Load", "Link", "Store"):
        chosen = [part for part in parts if part.kind == kind]
        named = {part.name: {**part.values, **_ports(part)} for part in chosen}
        frame = pd.DataFrame.from_dict(named, orient="index")
        buses = pd.unique(frame.filter(regex="^bus").to_numpy().ravel())
        buses = [bus for bus in buses if isinstance(bus, str) and bus not in result.buses.index]
        result.add("Bus", buses)
        series: dict[str, dict[str, np.ndarray]] = {}
        for attribute in frame:
            if not attribute.startswith("bus"):
                for name, value in frame[attribute].items():
                    if isinstance(value, np.ndarray):
                        series.setdefault(attribute, {})[name] = value
                        frame.at[name, attribute] = np.nan
                neutral = 1.0 if attribute.endswith("max_pu") else 0.0
                frame[attribute] = frame[attribute].astype(float).fillna(neutral)
            else:
                frame[attribute] = frame[attribute].fillna("")
        result.add(kind, frame.index, **frame)
        table = result.dynamic(kind)
        for attribute, columns in series.items():
            table[attribute] = pd.DataFrame(columns, index=result.snapshots)
    return result


def _ports(part: Part) -> dict[str, Any]:
    ports = {}
    for number, (bus, efficiency) in enumerate(part.ports):
        ports[f"bus{number}"] = bus
        if number:
            ports[f"efficiency{'' if number == 1 else number}"] = efficiency
    return ports


def _parts(case: Case) -> Iterator[Part]:
    rates = _rates(case)

    def cost(variable: str, *key: str) -> Values:
        return rates.get((variable, key), 0.0)

    for offer in case.supply.values():
        values = _limited(offer.least, offer.most)
        yield _source(f"buy {offer.name}", _at(offer.pair), cost("buy", offer.name), **values)
    for outlet in case.sales.values():
        values = _limited(outlet.least, outlet.most)
        yield _sink(f"sell {outlet.name}", _at(outlet.pair), cost("sell", outlet.name), **values)
    for pair in case.columns["discard"]:
        yield _sink(f"discard {_at(pair)}", _at(pair), cost("discard", *pair))
    for f in case.facilities.values():
        bus, least = f"facility {f.name}", f.minimum_use * f.installed
        yield _source(f"use {f.name}", bus, 0.0, **_limited(least, f.installed))
        if ("idle", (f.name,)) in rates:
            yield _sink(f"idle {f.name}", bus, cost("idle", f.name))
    for p in case.processes.values():
        # what is drawn is counted at the first port, in its unit
        inputs = [(_at((p.site, item)), amount) for item, amount in p.inputs]
        inputs += [(f"facility {facility}", amount) for facility, amount in p.uses]
        (first, drawn), *others = inputs
        outputs = [(_at((p.site, item)), _value(x / drawn)) for item, x in p.outputs.items()]
        ports = [(first, 1.0), *outputs, *((bus, -amount / drawn) for bus, amount in others)]
        values = _limited(p.least * drawn, p.most * drawn)
        price = cost("run", p.name)
        values["marginal_cost"] = _value(price / drawn)
        yield Part("Link", f"run {p.name}", values, ports)
    for r in case.routes.values():
        ports = [(_at((r.origin, r.commodity)), 1.0),
                 (_at((r.destination, r.commodity)), _value(r.efficiency))]  # fmt: skip
        ports += [(f"facility {facility}", -1.0) for facility in r.uses]
        values = {**_limited(r.least, r.most), "marginal_cost": cost("ship", r.name)}
        yield Part("Link", f"ship {r.name}", values, ports)
    for demand in case.demands.values():
        bus = f"demand {demand.name}"
        yield Part("Load", bus, {"bus": bus, "p_set": _value(demand.need)})
        ports = [(_at(demand.pair), 1.0), (bus, 1.0)]
        values = {"p_nom": NO_LIMIT, "marginal_cost": cost("meet", demand.name)}
        yield Part("Link", f"meet {demand.name}", values, ports)
        for tier in demand.tiers:
            most = case.tiers[tier].most
            yield _source(f"relief {tier}", bus, cost("relieve", tier),
                          **_limited(np.zeros_like(most), most))  # fmt: skip
    leaf = np.isin(np.arange(len(case.tree.nodes)), case.tree.leaves)
    for stock in case.stocks.values():
        bus = f"stock {stock.name}"
        floor = np.maximum(stock.floor, np.where(leaf, stock.least_ending, 0.0))
        values = _limited(floor, stock.capacity, "e")
        values |= {"bus": bus, "e_initial": stock.opening,
                   "marginal_cost_storage": cost("stock", stock.name)}  # fmt: skip
        yield Part("Store", bus, values)
        values = _limited(-stock.draw, stock.fill)
        yield Part("Link", f"fill {stock.name}", values, [(_at(stock.pair), 1.0), (bus, 1.0)])
    for pair in case.yards:
        values = {"bus": _at(pair), "e_nom": NO_LIMIT,
                  "marginal_cost_storage": cost("yard_stock", *pair)}  # fmt: skip
        yield Part("Store", f"yard {_at(pair)}", values)


def _at(pair: Pair) -> str:
    return " | ".join(pair)


def _source(name: str, bus: str, price: Values, **limits: Values) -> Part:
    values = {"p_nom": NO_LIMIT, **limits, "marginal_cost": price, "sign": 1.0}
    return Part("Generator", name, {"bus": bus, **values})


def _sink(name: str, bus: str, price: Values, **limits: Values) -> Part:
    source = _source(name, bus, price, **limits)
    return Part("Generator", name, {**source.values, "sign": -1.0})


def _limited(least: np.ndarray, most: np.ndarray, letter: str = "p") -> dict[str, Values]:
    """Limits in t as a nominal size and shares of it."""
    least, most = np.maximum(least, -NO_LIMIT), np.minimum(most, NO_LIMIT)
    size = max(np.abs(least).max(), most.max(), 1.0)
    return {f"{letter}_nom": size, f"{letter}_min_pu": _value(least / size),
            f"{letter}_max_pu": _value(most / size)}  # fmt: skip


def _value(values: Values) -> Values:
    """One number where all are the same: PyPSA keeps it once."""
    values = np.asarray(values, dtype=float)
    return float(values.flat[0]) if (values == values.flat[0]).all() else values


def _rates(case: Case) -> dict[tuple[str, tuple[str, ...]], Values]:
    """kUSD a unit of each variable and key in each node."""
    from kido.lp.cost import objective
    from kido.lp.variables import variables_of

    variables = variables_of(case)
    costs = np.append(objective(case, variables), 0.0)  # the last is for column -1
    rows = zip(variables.blocks, variables.numbers, strict=True)
    return {(name, key): _value(costs[columns]) for (name, key), columns in rows}


def model_of(network: pypsa.Network) -> linopy.Model:
    return network.optimize.create_model(consistency_check=False, include_objective_constant=False)


def hand_over(model: linopy.Model) -> highspy.Highs:
    solver = model.to_highspy(set_names=False)
    solver.setOptionValue("output_flag", False)
    return solver


def write_network(book: str, target: str) -> None:
    from kido.data.case.build import make_case
    from kido.study.checks.book import checked_book

    network(make_case(checked_book(Path(book)))).export_to_netcdf(target)


def write_plan(given: str, target: str) -> None:
    planned = pypsa.Network(given)
    planned.optimize(
        solver_name="highs",
        solver_options={**SIMPLEX, "output_flag": False},
        io_api="direct",
        set_names=False,
        include_objective_constant=False,
    )
    planned.export_to_netcdf(target)
    print(json.dumps({"objective": planned.objective}))


warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

if __name__ == "__main__":
    {"network": write_network, "plan": write_plan}[sys.argv[1]](*sys.argv[2:])
