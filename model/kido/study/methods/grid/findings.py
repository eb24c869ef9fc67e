"""Findings of a grid: cheapest and dearest point, effect of each parameter, interaction."""

from __future__ import annotations

from kido.study.methods.grid.tables import Cells, axis_values, cells_of
from kido.study.point import Outcome
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View

TOGETHER = 0.05  # of what both do apart: less is no interplay


def findings(view: View) -> list[str]:
    """Sentences on the range of the cost, the stronger parameter, the interaction, the loss."""
    known = [o for o in view.outcomes if o.objective is not None]
    if len(known) < 2:
        return most_lost(view)
    low, high = min(known, key=_cost), max(known, key=_cost)
    least, most = view.wording.amounts(_cost(low), _cost(high))
    sentences = [view.wording.say(
        "grid_span", low=least, at_low=view.name(low), high=most, at_high=view.name(high)
    )]  # fmt: skip
    cells = cells_of(view)
    return sentences + _stronger(view, cells) + _together(view, cells) + most_lost(view)


def _cost(outcome: Outcome) -> float:
    return outcome.objective or 0.0


def _known(cells: Cells, a: float, b: float) -> float | None:
    outcome = cells.get((a, b))
    return None if outcome is None else outcome.objective


def _stronger(view: View, cells: Cells) -> list[str]:
    """A sentence on which parameter changes the cost more, on average over the other's values."""
    down, across = axis_values(cells)
    first = _width([[_known(cells, a, b) for a in down] for b in across])
    second = _width([[_known(cells, a, b) for b in across] for a in down])
    if first is None or second is None or max(first, second) <= 0:
        return []
    strong, weak = (0, 1) if first >= second else (1, 0)
    widths = view.wording.amounts(max(first, second), min(first, second))
    return [view.wording.say(
        "grid_stronger", strong=view.parameter_name(strong), weak=view.parameter_name(weak),
        more=widths[0], less=widths[1],
    )]  # fmt: skip


def _width(lines: list[list[float | None]]) -> float | None:
    """The mean range of the cost over lines, kUSD; None if no line has two costs."""
    filled = [costs for line in lines if len(costs := [c for c in line if c is not None]) > 1]
    return sum(max(costs) - min(costs) for costs in filled) / len(filled) if filled else None


def _together(view: View, cells: Cells) -> list[str]:
    """A sentence on the interaction of the parameters, at the corner where it is largest."""
    down, across = axis_values(cells)
    tables = view.result.tables
    a, b = (_grid_value(values, parameter.book_value(tables)) for values, parameter in
            zip((down, across), view.parameters, strict=False))  # fmt: skip
    if a is None or b is None or (base := _known(cells, a, b)) is None:
        return []
    corners = [(x, y) for x in (down[0], down[-1]) for y in (across[0], across[-1])]
    best: tuple[float, float, float, tuple[float, float]] | None = None
    for x, y in corners:
        both, one, other = _known(cells, x, y), _known(cells, x, b), _known(cells, a, y)
        if both is None or one is None or other is None or x == a or y == b:
            continue
        apart, joint = one + other - 2 * base, both - base
        if best is None or abs(joint - apart) > abs(best[0] - best[1]):
            best = joint, apart, max(abs(one - base), abs(other - base)), (x, y)
    if best is None or abs(best[0] - best[1]) <= TOGETHER * best[2]:
        return []
    amounts = view.wording.amounts(best[0], best[1], signed=True)
    return [view.wording.say(
        "grid_together", where=view.name(cells[best[3]]), joint=amounts[0], apart=amounts[1]
    )]  # fmt: skip


def _grid_value(values: list[float], book_value: float | None) -> float | None:
    """The value of the grid that equals that of the book; None if there is none."""
    if book_value is None:
        return None
    tolerance = 1e-9 * max(1.0, abs(book_value))
    matches = [v for v in values if abs(v - book_value) <= tolerance]
    return matches[0] if matches else None
