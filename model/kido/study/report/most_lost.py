"""`most_lost`: the sentence of several methods on the point with the largest loss."""

from __future__ import annotations

from kido.study.point import Outcome
from kido.study.report.view import View
from kido.tolerances import MOVED_T


def most_lost(view: View) -> list[str]:
    """A sentence on the point with the largest loss, if it exceeds that of the unchanged book."""

    def lost(outcome: Outcome) -> float:
        amount = view.lost(outcome)
        return amount if amount == amount else -1.0

    worst = max(view.solved, key=lost, default=view.base)
    amount, base = lost(worst), lost(view.base)
    if amount <= max(base, 0.0) + MOVED_T or base < 0:
        return []
    tonnes = view.wording.tonnes
    return [view.wording.say(
        "most_lost", where=view.name(worst), lost=tonnes(amount), base=tonnes(base, amount)
    )]  # fmt: skip
