"""What a tornado shows: which guess moves the cost most, and where most is lost."""

from __future__ import annotations

from kido.study.point import Outcome
from kido.study.tables.context import View
from kido.study.tables.tornado import Swing, swings
from kido.tolerances import MOVED_T

LITTLE = 0.001  # of the cost
NEXT = 3
UNSURE = ("estimated", "guessed")


def tell_tornado(view: View) -> list[str]:
    say, known = view.wording.say, [s for s in swings(view) if s.width == s.width]
    if not known:
        return []
    found = [say("tornado_first", lever=_name(view, known[0]), **_ends(view, known[0]))]
    whole = abs(view.base.objective or 0.0)
    wide = [s for s in known[1:] if s.width > LITTLE * whole]
    if wide:
        listed = view.wording.listed([_told(view, s) for s in wide], NEXT)
        found.append(say("tornado_next", levers=listed))
    little = [s for s in known if s.width <= LITTLE * whole]
    if little and whole:
        names = view.wording.listed([_name(view, s) for s in little])
        found.append(say("tornado_little", levers=names, share=view.wording.percent(LITTLE)))
    return found + _grades(view, known) + most_lost(view)


def _name(view: View, swing: Swing) -> str:
    return view.lever_name(swing.place)


def _told(view: View, swing: Swing) -> str:
    ends = _ends(view, swing)
    return view.labels["sweep.swing"].format(lever=_name(view, swing), **ends)


def _ends(view: View, swing: Swing) -> dict[str, str]:
    low, high = view.wording.moneys(swing.least, swing.most, signed=True)
    return {"low": low, "high": high}


def _grades(view: View, known: list[Swing]) -> list[str]:
    """How many of the widest levers are guesses."""
    widest = known[:NEXT]
    grades = [view.graded(view.levers[s.place])[0] for s in widest]
    unsure = sum(g in UNSURE for g in grades)
    if not unsure or len(known) < NEXT:
        return []
    return [view.wording.say("tornado_grades", count=unsure, all=len(widest))]


def most_lost(view: View) -> list[str]:
    """The point at which most is lost, where that is more than in the plan of the book."""

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
