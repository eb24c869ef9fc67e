"""`supply_shift`: a sentence on the country whose share of a commodity's supply changes most."""

from __future__ import annotations

from kido.study.point import SOLVED, Outcome
from kido.study.report.items import COUNTRY, item_of
from kido.study.report.view import View
from kido.tolerances import MOVED_T

LEAST_SHIFT = 0.02  # of a commodity's volume: smaller shifts are not worth a sentence

Shares = dict[tuple[str, str], tuple[float, float]]


def supply_shift(view: View) -> list[str]:
    """One sentence on the largest change of a share of supply, or none below LEAST_SHIFT."""
    if view.base.status != SOLVED:
        return []
    before = _shares(view, view.base)
    commodities = {r.commodity for r in view.result.tables["Demand"].records()}
    best: tuple[float, Outcome, tuple[str, str], float, float] | None = None
    for outcome in view.solved:
        after = _shares(view, outcome)
        for pair in sorted(p for p in before.keys() | after.keys() if p[0] in commodities):
            old, new = _share(before, pair), _share(after, pair)
            if old is None or new is None:
                continue
            if abs(new - old) > (best[0] if best else LEAST_SHIFT) + 1e-9:
                best = abs(new - old), outcome, pair, old, new
    if best is None:
        return []
    _, outcome, (commodity, country), old, new = best
    return [view.wording.say(
        "hands", country=country, commodity=commodity, old=view.wording.percent(old),
        new=view.wording.percent(new), where=view.name(outcome),
    )]  # fmt: skip


def _shares(view: View, outcome: Outcome) -> Shares:
    """By (commodity, country): t from this country, and t from all countries."""
    amounts: dict[tuple[str, str], float] = {}
    total: dict[str, float] = {}
    for key, amount in outcome.plan.items():
        if key.startswith(f"{COUNTRY}|"):
            item = item_of(view, key)
            amounts[item.commodity, item.name] = amount
            total[item.commodity] = total.get(item.commodity, 0.0) + amount
    shares = {pair: (amount, total[pair[0]]) for pair, amount in amounts.items()}
    return shares | {(commodity, ""): (0.0, whole) for commodity, whole in total.items()}


def _share(shares: Shares, pair: tuple[str, str]) -> float | None:
    """The share of a country in a commodity's supply; None if there is no supply."""
    amount, whole = shares.get(pair) or (0.0, shares.get((pair[0], ""), (0.0, 0.0))[1])
    return amount / whole if whole > MOVED_T else None
