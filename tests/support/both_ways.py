"""Program against certificate: every row and bound of the one is a comparison of the other.

Any flows will do, plans or not: at random flows the slack of each row of the program must be
that of the comparison the certificate makes of it, at each moment, and the money must be the
same. So neither can be laxer or stricter than the other, in any coefficient or limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kido.certificate.residuals import Ledger
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.errors import Finding
from kido.lp.build import build_model
from kido.messages import Phrase
from kido.result.flows import KINDS, flows_of, series_of
from kido.solver.program import Program, hand_over
from kido.solver.solution import Solution

certificate = import_module("kido.certificate")

When = tuple[str, int, int]  # branch, first month, months
At = tuple[str, str, str, When]  # check, subject, sense, moment
# Variables and families by which the program counts what the certificate counts in its own way.
RISK = ("cost_to_date", "tail", "excess")
AUXILIARY = (*RISK, "make_up_balance", "order_rise", "order_fall")
COUNTED_APART = ("path_cost", "cvar_excess", "make_up_paid", "make_up_expiry")
OLDEST_FIRST = "of what was paid for and is left"  # along histories: see test_make_up
RULES = ("volume_limit", "share_limit", "spend_limit", "cover", "stock_limit", "service")


@dataclass
class Record:
    """What a certificate compared: for each place, the slack of every comparison made there."""

    slack: dict[At, list[float]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    costs: pd.DataFrame | None = None


def recorded(tables: Tables, flows: pd.DataFrame, scenario: str | None) -> Record:
    """The comparisons that the certificate makes of some flows."""
    record = Record()

    class Recording(Ledger):
        def compare(self, code: str, place: Any, subject: Phrase, left: Any, sense: str, right: Any,
                    *, where: Any = None, scale: Any = None, unit: str = "") -> None:  # fmt: skip
            super().compare(
                code, place, subject, left, sense, right, where=where, scale=scale, unit=unit
            )
            limit = np.broadcast_to(np.asarray(right, dtype=float), left.shape)
            words = subject.in_language("en")
            slack = limit - left if sense == "<=" else left - limit
            for n in range(len(left)) if where is None else np.flatnonzero(where):
                if code != "negative":
                    at = code, words, sense, self.tree.key(int(n))
                    record.slack.setdefault(at, []).append(float(slack[n]))

        def add_fault(self, key: str, place: Any, subject: Phrase, /, **values: object) -> None:
            record.unknown.append(
                Finding.of(key, place, subject, subject=subject, **values).sentence
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificate, "Ledger", Recording)
        record.costs = certificate.verify(tables, flows, 0.0, 0.0, None, scenario).costs
    return record


def subjects(family: str, key: tuple[Any, ...], n: When, policies: dict[str, str]) -> Iterator[Any]:
    """(side of the row, where the certificate compares it, its sign there)."""
    name = str(key[0])
    if family == "balance":
        site, commodity, _ = key
        subject = f"what comes in (against what goes out) of {commodity} at {site}"
        yield "equal", ("mass-balance", subject, "=", n), -1.0
    elif family == "demand_met":
        yield "equal", ("demand", f"{name}, met and relieved,", "=", n), 1.0
    elif family == "capacity":
        yield "upper", ("capacity", f"use of {name}", "<=", n), 1.0
    elif family == "minimum_use":
        yield "lower", ("minimum-use", f"use and paid idleness of {name}", ">=", n), 1.0
    elif family == "expansion":
        yield "upper", ("expansion", f"all orders of {name}", "<=", n), 1.0
        yield "lower", ("expansion", f"all orders of {name}", ">=", n), 1.0
    elif family == "reservation":
        yield "upper", ("contract", f"liftings under {name}", "<=", n), 1.0
    elif family == "monthly_lift":
        yield "upper", ("contract", f"liftings of the month under {name}", "<=", n), 1.0
    elif family == "lift_within_flow":
        yield "upper", ("contract", f"liftings from {key[1]}", "<=", n), 1.0
    elif family == "take_or_pay":
        subject = f"lifted and forgone under {name} at the settlement"
        yield "lower", ("contract", subject, ">=", n), 1.0
    elif family == "deficiency":
        yield "upper", ("contract", f"paid for and not taken under {name}", "<=", n), 1.0
    elif family == "make_up_lifted":
        yield "upper", ("contract", f"made up under {name}, of what is lifted", "<=", n), 1.0
    elif family == "rebate_share":
        yield "upper", ("rebate", f"rebate of {name}", "<=", n), 1.0
    elif family == "order_change":
        pass  # what it says is worked out in the flows
    elif family == "nervousness":
        yield "upper", ("nervousness", f"change of the near orders of {name}", "<=", n), 1.0
    elif family == "ramp":
        yield "upper", ("ramp", f"rise of {key[1]}", "<=", n), 1.0
        yield "lower", ("ramp", f"fall of {key[1]}", "<=", n), 1.0
    elif family == "stock_change":
        yield "upper", ("stock-rule", f"what is put into {name}", "<=", n), 1.0
        yield "lower", ("stock-rule", f"what is drawn from {name}", "<=", n), 1.0
    elif family == "postponement":
        yield "upper", ("relief", f"what {name} puts off again", "<=", n), 1.0
    elif family == "latest_return":
        yield "upper", ("relief", f"what {name} puts off to its latest return", "<=", n), 1.0
    elif family == "shelf_life":
        yield "upper", ("stock-rule", f"what lay in {name} for its life", "<=", n), 1.0
    elif family in RULES:
        subject = f"{name}, {key[1]}," if key[1] else name
        side = "upper" if policies[name] == "<=" else "lower"
        yield side, ("policy", subject, policies[name], n), 1.0
    else:
        raise AssertionError(f"a family without a comparison: {family}")


def bounds(name: str, key: tuple[Any, ...], n: When) -> Iterator[tuple[str, At]]:
    """(side of a column, where the certificate compares it)."""
    row = str(key[0])
    if name in ("buy", "run", "ship", "reserve", "expand"):
        yield "lower", ("order", f"order of {row}, {name}", ">=", n)
    if name in ("buy", "sell", "run", "ship"):
        yield "upper", ("bound", f"{name} of {row}", "<=", n)
        yield "lower", ("bound", f"{name} of {row}", ">=", n)
    elif name == "ordered":
        subject = f"capacity of {row} ordered before the plan for {key[1]}"
        for side in ("upper", "lower"):
            yield side, ("expansion", subject, "=", n)
    elif name == "relieve":
        yield "upper", ("relief", f"relief {row}", "<=", n)
    elif name == "reserve":
        yield "upper", ("contract", f"reservation of {row}", "<=", n)
        yield "lower", ("contract", f"reservation of {row}", ">=", n)
    elif name == "rebate":
        yield "upper", ("rebate", f"rebate of {row}", "<=", n)
    elif name == "stock":
        yield "upper", ("stock-rule", f"stock {row}", "<=", n)
        yield "lower", ("stock-rule", f"stock {row}", ">=", n)
        yield "lower", ("stock-rule", f"stock {row} at the end", ">=", n)


def differences(tables: Tables, scenario: str | None = None, seed: int = 0) -> list[str]:
    """Where program and certificate differ, in words; none where they agree."""
    case = make_case(tables, scenario)
    program = hand_over(*build_model(case))
    flows = Flows.at_random(case, program, seed)
    record = recorded(tables, flows.table, scenario)
    when = _when(case, program)
    senses = {r.name: "<=" if r.sense == "at most" else ">=" for r in tables["Policies"].records()}
    met: set[At] = set()
    found = [f"not open in the certificate: {sentence}" for sentence in record.unknown]
    found += _rows(senses, program, when, flows, record, met)
    found += _columns(program, when, flows, record, met)
    found += _money(case, program, flows, record)
    found += _without_a_row(tables, scenario, case, program, met, seed)
    return found


def _without_a_row(
    tables: Tables, scenario: str | None, case: Case, program: Program, met: set[At], seed: int
) -> Iterator[str]:
    """What has no row in the program must hold for any flows, however large and uneven."""
    known = set(met)
    for n in range(2):
        flows = Flows.at_random(case, program, seed + 1 + n, uneven=True)
        for at, slack in recorded(tables, flows.table, scenario).slack.items():
            if OLDEST_FIRST in at[1]:
                continue
            if at not in known and not all(x >= -1e-6 for x in slack):
                known.add(at)
                yield f"no row of the program: {at}: {slack}"


def _close(one: float, other: float) -> bool:
    if math.isinf(one) or math.isinf(other):
        return one == other
    return abs(one - other) <= 1e-7 * max(1.0, abs(one), abs(other))


@dataclass(frozen=True)
class Flows:
    """One number for each column of the program, and the table that is written of them."""

    values: np.ndarray
    table: pd.DataFrame

    @staticmethod
    def at_random(case: Case, program: Program, seed: int, uneven: bool = False) -> Flows:
        random = np.random.default_rng(seed)
        names = np.array([name for name, _ in program.columns])
        drawn = random.uniform(0.1, 9.0, len(names))
        if uneven:
            drawn = np.where(random.random(len(names)) < 0.5, 0.0, 10 ** (2 * drawn / 3))
        values = np.where(np.isin(names, RISK), 0.0, drawn)
        place = {column: k for k, column in enumerate(program.columns)}
        for near in case.near_orders:
            for (variable, row), ordered in near.ordered.items():
                for n in np.flatnonzero(ordered) if math.isfinite(near.limit) else ():
                    at = place.get((variable, (row, int(n))), -1)
                    more = (values[at] if at >= 0 else 0.0) - ordered[n]
                    values[place["order_rise", (row, int(n))]] = max(0.0, more)
                    values[place["order_fall", (row, int(n))]] = max(0.0, -more)
        named: dict[str, dict[Any, float]] = {}
        for (name, key), value in zip(program.columns, values.tolist(), strict=True):
            named.setdefault(name, {})[key] = value
        series = series_of(case, Solution(0.0, named, {}, None))  # type: ignore[arg-type]
        return Flows(values, flows_of(case, series))


def _rows(
    policies: dict[str, str],
    program: Program,
    when: dict[Any, list[When]],
    flows: Flows,
    record: Record,
    met: set[At],
) -> Iterator[str]:
    activity = program.matrix @ flows.values
    for (family, key), lower, upper, value in zip(
        program.rows, program.lower, program.upper, activity, strict=True
    ):
        if family in COUNTED_APART:
            continue
        moments = when[key if family == "expansion" else key[-1]]
        for n in moments:
            for side, at, sign in subjects(family, key, n, policies):
                own = sign * (value - upper) if side == "equal" else upper - value
                own = value - lower if side == "lower" else own
                theirs = record.slack.get(at, [])
                if theirs:
                    met.add(at)
                if not np.isfinite(own) and (not theirs or not np.isfinite(theirs[0])):
                    continue
                if not any(_close(float(own), slack) for slack in theirs):
                    yield f"{family} {key}: the program leaves {own:.9g}, the certificate {theirs}"


def _columns(
    program: Program, when: dict[Any, list[When]], flows: Flows, record: Record, met: set[At]
) -> Iterator[str]:
    for (name, key), low, high, value in zip(
        program.columns, program.low, program.high, flows.values, strict=True
    ):
        least: list[float] = []
        for side, at in bounds(name, key, when[key[-1]][0]):
            limits = [value + slack if at[2] == "<=" else value - slack
                      for slack in record.slack.get(at, [])]  # fmt: skip
            met.add(at)
            if side == "lower":
                least += limits
            elif name == "rebate" and math.isinf(high):
                continue  # compared with its share alone, a row
            elif not any(_close(float(high), x) for x in limits or [math.inf]):
                yield f"{name} {key}: at most {high:.9g} in the program, {limits} elsewhere"
        if name not in RISK and not _close(float(low), max(0.0, *least, 0.0)):
            yield f"{name} {key}: at least {low:.9g} in the program, {least} elsewhere"


def _when(case: Case, program: Program) -> dict[Any, list[When]]:
    """The certificate's name of each moment; of the last order of a plant, the ends behind it."""
    tree = case.tree
    names = [(tree.branches[m.branch].name, m.start, m.months) for m in tree.nodes]
    found: dict[Any, list[When]] = {n: [name] for n, name in enumerate(names)}
    orders = {key for name, key in program.columns if name == "expand"}
    for facility in case.facilities:
        for leaf in tree.leaves:
            own = [n for n in tree.path(leaf) if (facility, n) in orders]
            if own:
                found.setdefault((facility, own[-1]), []).append(names[leaf])
    return found


def _money(case: Case, program: Program, flows: Flows, record: Record) -> Iterator[str]:
    """The cost of every moment: from the certificate's table, and as the program charges it."""
    own = np.zeros(len(case.tree.nodes))
    place = dict(zip(program.columns, flows.values.tolist(), strict=True))
    for term in case.cost_terms:
        for n, of, rate in zip(term.counted_in, term.decided_in, term.rate, strict=True):
            own[n] += rate * place.get((term.variable, (*term.key, int(of))), 0.0)
    costs = record.costs
    assert costs is not None
    total = costs.groupby(["branch", "start"]).kusd.sum().to_dict()
    weight = costs.groupby(["branch", "start"])[["discount", "probability"]].first()
    for m in case.tree.nodes:
        at = case.tree.branches[m.branch].name, m.start
        if not _close(float(own[m.index]), total.get(at, 0.0)):
            yield f"money at {at}: {own[m.index]:.9g} in the program, {total.get(at, 0.0):.9g}"
        if at in weight.index and not (
            _close(weight.discount[at], m.discount)
            and _close(weight.probability[at], m.probability)
        ):
            yield f"weight of {at}"
    if case.settings.risk_weight == 0:
        asked = sum(m.probability * m.discount * own[m.index] for m in case.tree.nodes)
        reached = float(program.cost @ flows.values) + program.offset
        if not _close(float(asked), reached):
            yield f"objective {reached:.9g}, charged {asked:.9g}"
    assert set(KINDS) | set(AUXILIARY) >= {name for name, _ in program.columns}
