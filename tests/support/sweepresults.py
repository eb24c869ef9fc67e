"""Results of sweeps made up without solving, on the rows and names of a real book."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.study.design.design import Design
from kido.study.design.parameter import Parameter
from kido.study.designs import designs
from kido.study.methods.near_optimal.result import NearOptimalRange, NearOptimalResult
from kido.study.methods.one_parameter.result import (
    Bound,
    BreakEven,
    Breakpoint,
    Curve,
    CurveResult,
    Stretch,
)
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.point import (
    BAD_INPUT,
    CERTIFIED,
    FAILED,
    INFEASIBLE,
    LIMIT,
    SOLVED,
    Outcome,
    Point,
)
from kido.study.registry import METHODS
from kido.study.results import SweepResult
from places import TUTORIAL
from sheets import Row, frame_of

BOOK = TUTORIAL
FIRST_PAGE = ("sweep_base", "sweep_parameters", "sweep_statuses", "sweep_findings")
COST = 8_000.0  # kUSD
VOLUMES = ("Supply", "Sales", "Processes", "Routes", "Stockpiles", "Contracts", "Facilities")
FACTS = {
    "status": "answered", "seconds": {"total": 12.5, "solve": 11.0},
    "versions": {"kido": "1.2.3", "highspy": "1.10.0"}, "points": [{"number": 0}, {"number": 1}],
    "jobs": 2, "attempts": ["ipx", "simplex"], "dask": None,
}  # fmt: skip
KINDS: Mapping[str, type[SweepResult]] = {
    "curve": CurveResult, "room": NearOptimalResult,
    "latin": SampleResult, "morris": SampleResult, "sobol": SampleResult,
}  # fmt: skip


def tutorial() -> Tables:
    return read_book(BOOK)


def with_sweep(tables: Tables, rows: Sequence[Row]) -> Tables:
    """The book with these rows on its sheet of sweeps, and nothing else there."""
    frame = frame_of("Sweeps", [{"name": "Try", "grade": "guessed", **row} for row in rows])
    return replace(tables, frames={**tables.frames, "Sweeps": frame})


@dataclass(frozen=True)
class World:
    """Answers that move smoothly with the parameters. `scale` makes the money larger."""

    tables: Tables
    design: Design
    scale: float = 1.0

    @staticmethod
    def of(tables: Tables, rows: Sequence[Row], scale: float = 1.0) -> World:
        held = with_sweep(tables, rows)
        return World(held, designs(held)[0], scale)

    def push(self, place: int, value: float | None) -> float:
        """-1 to 1: where a value stands between the ends of its parameter, seen from the book."""
        parameter = self.design.parameters[place]
        low, high = min(parameter.values), max(parameter.values)
        if value is None or low == high:
            return 0.0
        here = parameter.book_value(self.tables)
        here = (low + high) / 2 if here is None else here
        return (value - here) / max(abs(high - here), abs(low - here), 1e-9)

    def cost(self, pushes: Sequence[float]) -> float:
        """kUSD: each parameter half as strong as the one before; the first two help each other."""
        moved = sum(0.3 * u / 2**k + 0.05 * u * u for k, u in enumerate(pushes))
        both = 0.2 * pushes[0] * pushes[1] if len(pushes) > 1 else 0.0
        return self.scale * COST * (1 + moved + both)

    def solved(self, point: Point, cost: float | None = None) -> Outcome:
        pushes = [self.push(k, v) for k, v in enumerate(point.values)]
        kusd = self.cost(pushes) if cost is None else cost
        strain = max(0.0, 0.4 + sum(pushes) + (0.5 if point.scenario else 0.0))
        measures = {
            "expected_cost": 0.96 * kusd, "cvar": 1.2 * kusd,
            "cost.purchase": 0.7 * kusd, "cost.freight": 0.26 * kusd,
            **{f"lost.{c}": 9.0 * strain / (i + 1) for i, c in enumerate(self.needed())},
        }  # fmt: skip
        if strain > 0:
            measures["first_unmet"] = round(6 / (1 + strain))
        return Outcome(
            point, SOLVED, objective=kusd, lower=kusd, upper=kusd, measures=measures,
            plan=self.plan(sum(pushes)), seconds=0.37, iterations=120, warm=point.number > 0,
        )  # fmt: skip

    def needed(self) -> list[str]:
        return list(dict.fromkeys(r.commodity for r in self.tables["Demand"].records()))

    def plan(self, push: float) -> dict[str, float]:
        found = {}
        for sheet in VOLUMES:
            for i, row in enumerate(self.tables[sheet].records()):
                found[f"{sheet}|{row.name}"] = max(0.0, 40.0 * (1 + math.sin(i + 1) * push))
        country = {r.name: r.country for r in self.tables["Sites"].records()}
        for row in self.tables["Routes"].records():
            key = f"country|{row.commodity}|{country[row.origin]}"
            found[key] = found.get(key, 0.0) + found[f"Routes|{row.name}"]
        return found

    def base(self) -> Outcome:
        return self.solved(Point(-1, (None,) * len(self.design.parameters)))

    def result(self, outcomes: Sequence[Outcome], **more: object) -> SweepResult:
        method = METHODS[self.design.method]
        return KINDS.get(method.name, SweepResult)(
            method, self.tables, self.design, self.base(), tuple(outcomes), facts=FACTS, **more
        )  # type: ignore[arg-type]


def stripped(
    result: SweepResult,
    outcomes: Sequence[Outcome] = (),
    base: Outcome | None = None,
    curve: Callable[[Curve], Curve] | None = None,
    curves: int | None = None,
) -> SweepResult:
    """A result of these outcomes alone: no index, no range; of its curves what `curve` leaves
    of the first `curves` (None: all)."""
    more: dict[str, object] = {}
    if isinstance(result, CurveResult):
        more["curves"] = tuple(map(curve, result.curves[:curves])) if curve else ()
    elif isinstance(result, SampleResult):
        more["indices"] = ()
    elif isinstance(result, NearOptimalResult):
        more["ranges"] = ()
    return replace(result, outcomes=tuple(outcomes), base=base or result.base, **more)  # type: ignore[arg-type]


def without(point: Point, status: str, message: str) -> Outcome:
    return Outcome(point, status, message, seconds=0.1)


REASONS = {
    INFEASIBLE: "the rules 'Half from friends' and 'Floor' cannot both hold from 2027-03",
    LIMIT: "no answer within 60 seconds",
    BAD_INPUT: "Demand C2: found -4, expected at least 0",
    FAILED: "=the worker died twice",
}

NEED: Row = {
    "method": "curve", "sheet": "Demand", "row": ("Magnets",), "column": "need",
    "values": "0.8..1.4 step 0.01", "source": "a guess of ours",
}  # fmt: skip


def curve(
    tables: Tables, row: Row = NEED, every: int = 8, alone: Mapping[str, float] | None = None,
    kinds: Sequence[str] = ("limits",), missing: int = 0, scale: float = 1.0,
) -> SweepResult:  # fmt: skip
    """A convex curve in pieces, solved at every few values and certified between.

    `alone`: a curve for each branch, this much dearer. `missing`: the last values have no plan.
    """
    world = World.of(tables, [row], scale)
    curves = [_curve(world, None, every, 1.0, kinds, missing)]
    for scenario, dearer in (alone or {}).items():
        curves.append(_curve(world, scenario, every, dearer, kinds, missing))
    return world.result(curves[0].outcomes, curves=tuple(curves))


def _curve(
    world: World, scenario: str | None, every: int, dearer: float, kinds: Sequence[str],
    missing: int,
) -> Curve:  # fmt: skip
    values = sorted(world.design.parameters[0].values)
    count = len(values) - missing
    corners = sorted({0, *range(0, count, every), count - 1})
    cost = {i: dearer * world.cost([world.push(0, values[i])]) for i in corners}
    outcomes, bounds = [], []
    for i, value in enumerate(values):
        point = Point(i, (value,), scenario)
        if i >= count:
            outcomes.append(without(point, INFEASIBLE, REASONS[INFEASIBLE]))
            bounds.append(Bound(value, None, None, False))
            continue
        if i in cost:
            outcomes.append(world.solved(point, cost[i]))
            bounds.append(Bound(value, cost[i], cost[i], True))
            continue
        before, after = max(k for k in corners if k < i), min(k for k in corners if k > i)
        share = (i - before) / (after - before)
        upper = (1 - share) * cost[before] + share * cost[after]
        lower = upper * (1 - 4e-5)
        outcomes.append(Outcome(point, CERTIFIED, objective=(lower + upper) / 2,
                                lower=lower, upper=upper))  # fmt: skip
        bounds.append(Bound(value, lower, upper, False))
    ends = [values[0], *values[count // 2 : count // 2 + 1], values[count - 1]]
    stretches = [
        Stretch(ends[min(i, 1)], ends[min(i, 1) + 1] if len(kinds) > 1 else ends[-1], kind)
        for i, kind in enumerate(kinds[:2])
    ]
    inner = corners[1:-1]
    slope = {i: (cost[i] - cost[k]) / (values[i] - values[k])
             for k, i in pairwise(corners)}  # fmt: skip
    breakpoints = [
        Breakpoint(values[i], slope[i], slope[k], exact=i != inner[0])
        for i, k in zip(inner, corners[2:], strict=True)
    ]
    return Curve(scenario, tuple(stretches), tuple(bounds), tuple(outcomes),
                 tuple(breakpoints), _break_evens(world, values, corners),
                 complete=True)  # fmt: skip


def _break_evens(
    world: World, values: Sequence[float], corners: Sequence[int]
) -> tuple[BreakEven, ...]:
    routes = [r.name for r in world.tables["Routes"].records()]
    if len(corners) < 4:
        return ()
    return (
        BreakEven(f"Routes|{routes[0]}", "leaves", values[corners[1]], values[corners[2]], 36.5, 0),
        BreakEven(f"Routes|{routes[-1]}", "fills", values[corners[2]],
                  values[corners[2]] + 1e-4, 88.0, 120.0),
    )  # fmt: skip


TORNADO: tuple[Row, ...] = (
    {"sheet": "Demand", "row": ("Magnets",), "column": "need", "values": "0.8; 1.35"},
    {"sheet": "Relief", "row": ("Lost motors",), "column": "cost", "values": "0.25; 2"},
    {"sheet": "Stockpiles", "row": ("Factory stock",), "column": "opening", "operation": "plus",
     "values": "0; 10; 20", "grade": "published", "source": "annual report"},
    {"sheet": "Routes", "row": ("Exporter to Factory",), "column": "purchase price",
     "operation": "set", "values": "100; 300"},
    {"sheet": "Settings", "row": ("fx",), "column": "", "operation": "set",
     "values": "120; 150; 180"},
)  # fmt: skip


def tornado(
    tables: Tables, rows: Sequence[Row] = TORNADO, bad: Mapping[int, str] | None = None,
    scale: float = 1.0,
) -> SweepResult:  # fmt: skip
    """`bad`: the status of points without an answer, by their number."""
    world = World.of(tables, [{**row, "method": "tornado"} for row in rows], scale)
    parameters = world.design.parameters
    points: list[Point] = []
    for k, parameter in enumerate(parameters):
        for value in parameter.values:
            settings = tuple(value if i == k else None for i in range(len(parameters)))
            points.append(Point(len(points), settings))
    return world.result(answered(world, points, bad))


def answered(
    world: World, points: Sequence[Point], bad: Mapping[int, str] | None = None
) -> list[Outcome]:
    bad = bad or {}
    return [
        without(p, bad[p.number], REASONS[bad[p.number]]) if p.number in bad else world.solved(p)
        for p in points
    ]


GRID: tuple[Row, ...] = (
    {"sheet": "Demand", "row": ("Magnets",), "column": "need", "values": "0.8; 0.9; 1; 1.1; 1.35"},
    {"sheet": "Routes", "row": ("Exporter to Factory",), "column": "max", "operation": "set",
     "values": "0; 36; 72; 108; 144; 180"},
)  # fmt: skip


def grid(
    tables: Tables, rows: Sequence[Row] = GRID, bad: Mapping[int, str] | None = None,
    scale: float = 1.0,
) -> SweepResult:  # fmt: skip
    world = World.of(tables, [{**row, "method": "grid"} for row in rows], scale)
    first, second = (parameter.values for parameter in world.design.parameters)
    pairs = [(a, b) for a in first for b in second]
    return world.result(answered(world, [Point(i, p) for i, p in enumerate(pairs)], bad))


def sampled(
    tables: Tables, method: str, count: int = 64, rows: Sequence[Row] = TORNADO,
    bad: Mapping[int, str] | None = None, scale: float = 1.0,
) -> SweepResult:  # fmt: skip
    """Points drawn evenly by a rule of additive steps, and indices as if worked out of them."""
    world = World.of(tables, [{**row, "method": method} for row in rows], scale)
    parameters = world.design.parameters
    points = [
        Point(i, tuple(_drawn(parameter, i, k) for k, parameter in enumerate(parameters)))
        for i in range(count)
    ]
    outcomes = answered(world, points, bad)
    return world.result(
        outcomes, indices=tuple(_indices(method, parameters, scale)), left_out=3 if bad else 0
    )


def _drawn(parameter: Parameter, number: int, place: int) -> float:
    low, high = min(parameter.values), max(parameter.values)
    return low + (high - low) * ((0.5 + number * math.sqrt((2, 3, 5, 7, 11, 13)[place % 6])) % 1)


def _indices(method: str, parameters: Sequence[Parameter], scale: float) -> list[Index]:
    found = []
    for k, parameter in enumerate(parameters):
        strong, name = 0.8 / 2.2**k, parameter.label("en")
        if method == "latin":
            found.append(Index(name, "rank", strong * (-1) ** k, 0.09))
        elif method == "morris":
            size = COST * scale * strong
            found += [Index(name, "mu", size * (-1) ** k, 0.1 * COST * scale / 2),
                      Index(name, "mu_star", size, 0.1 * COST * scale / 2),
                      Index(name, "sigma", 0.6 * size if k == 1 else 0.1 * size, 0.0)]  # fmt: skip
        else:
            found += [Index(name, "S1", 0.9 * strong, 0.05), Index(name, "ST", strong, 0.06)]
    return found


def scenarios(
    tables: Tables, names: Sequence[str], bad: Mapping[int, str] | None = None, scale: float = 1.0
) -> SweepResult:
    world = World.of(tables, [{"method": "scenarios"}], scale)
    found = []
    for i, name in enumerate(names):
        point = Point(i, (), name)
        if bad and i in bad:
            found.append(without(point, bad[i], REASONS[bad[i]]))
            continue
        outcome = world.solved(point, scale * COST * (0.8 + 0.9 * ((i * 0.61) % 1)))
        found.append(replace(outcome, measures={**outcome.measures, "first_unmet": 2 + i % 9}))
    return world.result(found)


def room(tables: Tables, items: int = 8, scale: float = 1.0) -> SweepResult:
    """Countries first, then rows; the last search was stopped."""
    world = World.of(tables, [{"method": "room", "values": "0.5; 2"}], scale)
    plan = world.base().plan
    keys = [k for k in plan if k.startswith("country|")] + [k for k in plan if k[0] in "FSP"]
    rooms = []
    for extra in world.design.values:
        for i, key in enumerate(keys[:items]):
            status = ("required", "optional", "optional", "unused")[i % 4]
            least = 20.0 - 400 * extra if status == "required" else 0.0
            most = 0.0 if status == "unused" else 60.0 + 1000 * extra
            chosen = 0.0 if status == "unused" else max(least, 40.0 - 2 * i)
            whole = None if i == 2 else 120.0
            rooms.append(
                NearOptimalRange(key, "t", extra, chosen, max(0.0, least), most, whole, status)
            )
        rooms[-1] = replace(rooms[-1], least=None, most=None)
    return world.result((), ranges=tuple(rooms))


MAKERS: dict[str, Callable[[Tables], SweepResult]] = {
    "curve": lambda t: curve(t, alone={"Stop": 1.4, "Trunk": 0.9}),
    "bent curve": lambda t: curve(t, kinds=("limits", "mixed"), missing=9),
    "tornado": lambda t: tornado(t, bad={3: INFEASIBLE}),
    "grid": lambda t: grid(t, bad={4: LIMIT, 29: INFEASIBLE}),
    "latin": lambda t: sampled(t, "latin"),
    "morris": lambda t: sampled(t, "morris", 24, bad={2: FAILED}),
    "sobol": lambda t: sampled(t, "sobol", 56),
    "scenarios": lambda t: scenarios(t, ["Stop", "Trunk"]),
    "room": room,
}
