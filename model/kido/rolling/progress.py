"""What is in progress as the new book starts: opening stocks, what lands, is built, is owed.

Each function tells one thing that crosses the start, from what the plan did before it, so that the
new book, planned again without news, goes on where the plan left off.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Array, Pair, ReliefOption
from kido.data.case.lead_times import arriving_amount
from kido.data.units import Units
from kido.rolling.past import Past
from kido.tolerances import MOVED_T

Line = dict[str, object]  # of the sheet Underway


def line(name: str, what: str, month: int | None, amount: float, detail: str = "") -> Line:
    """A row of the sheet Underway."""
    return {"name": name, "what": what, "detail": detail, "month": month, "amount": amount}


def in_progress(past: Past) -> list[Line]:
    """All rows of the sheet Underway."""
    parts = (lands, ready, returns, moved, expires)
    return [each for part in parts for each in part(past)]


def opening_stock(past: Past, name: str) -> float:
    """t in a stockpile at the new start."""
    return past.last("stock", name)


def lands(past: Past) -> Iterator[Line]:
    """What was sent, or begun, before the start and arrives after it.

    Goods that wait in a yard land in the first month, on a row that brings such goods there.
    """
    units, waiting = Units(past.tables), _waiting(past)
    for r in past.tables["Routes"].records():
        due = past.landing(r.name) + past.months.routes[r.name].pipeline
        due[_first(past)] += waiting.get((r.name, r.commodity), 0.0)
        yield from _due(past, r.name, due / units.tonnes(r.commodity))
    for r in past.tables["Processes"].records():
        process = past.months.processes[r.name]
        for item in process.outputs:
            due = past.coming_out(r.name, item) + process.pipeline.get(item, 0.0)
            due[_first(past)] += waiting.get((r.name, item), 0.0)
            detail = item if len(process.outputs) > 1 else ""
            yield from _due(past, r.name, due / units.tonnes(item), detail)


def _waiting(past: Past) -> dict[tuple[str, str], float]:
    """t that wait in yards at the new start, by (row that brings them, commodity)."""
    bringing: dict[Pair, list[tuple[float, str]]] = {}
    for r in past.tables["Routes"].records():
        bringing.setdefault((r.destination, r.commodity), []).append((r.lead, r.name))
    for r in past.tables["Processes"].records():
        for item in past.case.processes[r.name].outputs:
            bringing.setdefault((r.site, item), []).append((r.lead, r.name))
    amounts = {pair: past.last("yard_stock", *pair) for pair in past.case.yards}
    return {(max(bringing[pair])[1], pair[1]): t for pair, t in amounts.items() if t > MOVED_T}


def _first(past: Past) -> int:
    return past.start - past.tree.start


def _due(past: Past, name: str, amounts: Array, detail: str = "") -> Iterator[Line]:
    for n in np.flatnonzero(amounts > MOVED_T).tolist():
        if past.month(n) >= past.start:
            yield line(name, "lands", past.month(n), float(amounts[n]), detail)


def ready(past: Past) -> Iterator[Line]:
    """Capacity ordered before the start, by the month it is due."""
    for r in past.tables["Facilities"].records():
        orders = past.at("expand", r.name)
        for n in past.nodes:
            if orders[n] > MOVED_T:
                due = past.tree.nodes[n].start + int(r.build_months)
                yield line(r.name, "ready", due, float(orders[n]))
    yield from _still(past, "ready")


def _still(past: Past, what: str) -> Iterator[Line]:
    """The rows of the old book that say the same as before."""
    for r in past.tables["Underway"].records():
        if r.what == what:
            yield line(r.name, r.what, r.month, r.amount, r.detail)


def returns(past: Past) -> Iterator[Line]:
    """Need put off before the start that returns later, or that returned and was put off again."""
    units = Units(past.tables)
    commodity = {d.name: d.commodity for d in past.case.demands.values()}
    for name, tier in past.months.tiers.items():
        if tier.returns is None:
            continue
        due = returning(past, tier)
        scale = units.tonnes(commodity[tier.demand])
        left = past.last("postpone", name)
        for n in range(_first(past) - 1, -1, -1):  # what was put off again came due last
            again = min(left, float(due[n]))
            due[n], left = again, left - again
        for n in np.flatnonzero(due > MOVED_T).tolist():
            yield line(name, "returns", past.month(n), float(due[n]) / scale)


def returning(past: Past, tier: ReliefOption) -> Array:
    """t of need that first returns in each month, of what was put off before the new start."""
    due = arriving_amount(tier.returns or (), past.by_month(past.at("relieve", tier.name)))
    for r in past.tables["Underway"].records():
        if r.what == "returns" and r.name == tier.name:
            due[max(0, r.month - past.tree.start)] += r.amount
    return due


def moved(past: Past) -> Iterator[Line]:
    """What each row with a ramp moved in the month before the start."""
    for ramp in past.case.ramps:
        if not ramp.follows[past.now]:
            continue
        amount = sum(past.last(variable, *key) for variable, key in ramp.columns)
        row = next(r for r in past.tables[ramp.sheet].records() if r.name == ramp.name)
        scale = past.tonnes(ramp.sheet, row)
        per_month = amount / past.tree.nodes[past.nodes[-1]].months / scale
        yield line(ramp.name, "moved", past.start - 1, per_month)


def expires(past: Past) -> Iterator[Line]:
    """What of the opening stocks has to leave, by the month by whose end it is too old.

    What lay in a store a life ago, and those with no longer life beside it, less what has left
    since; in months that lie a life after the old start or earlier, what the old book says.
    """
    units, bounds = Units(past.tables), [past.tree.start]
    bounds += [past.tree.nodes[n].end for n in past.nodes]
    for stock in past.case.stocks.values():
        if np.isinf(stock.life):
            continue
        together = [s for s in past.case.stocks.values()
                    if s.pair == stock.pair and s.life <= stock.life]  # fmt: skip
        levels = sum(
            np.array([s.opening, *past.at("stock", s.name)[list(past.nodes)]]) for s in together
        )
        left = np.cumsum([0.0, *past.leaving(stock.pair)[list(past.nodes)]])
        told = past.case.underway.by_month("expires", stock.name)
        scale, gone = units.tonnes(stock.commodity), 0.0
        for month in range(past.start, past.start + int(np.ceil(stock.life))):
            then = month + 1 - stock.life
            if then >= past.start:
                break
            due = scale * sum(amount for m, amount in told.items() if m <= month) - left[-1]
            if then >= past.tree.start:
                since = left[-1] - np.interp(then, bounds, left)
                due = max(due, float(np.interp(then, bounds, levels) - since))
            if due - gone > MOVED_T:
                yield line(stock.name, "expires", month, (due - gone) / scale)
                gone = due
