"""What a tornado shows: which guess moves the cost most, and where most is lost."""

from __future__ import annotations

from kido.study.methods.tornado.tables import Swing, swings
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View

LITTLE = 0.001  # of the cost
NEXT = 3
UNSURE = ("estimated", "guessed")


def findings(view: View) -> list[str]:
    say, known = view.wording.say, [s for s in swings(view) if s.width == s.width]
    if not known:
        return []
    found = [say("tornado_first", parameter=_name(view, known[0]), **_ends(view, known[0]))]
    whole = abs(view.base.objective or 0.0)
    wide = [s for s in known[1:] if s.width > LITTLE * whole]
    if wide:
        listed = view.wording.listed([_told(view, s) for s in wide], NEXT)
        found.append(say("tornado_next", parameters=listed))
    little = [s for s in known if s.width <= LITTLE * whole]
    if little and whole:
        names = view.wording.listed([_name(view, s) for s in little])
        found.append(say("tornado_little", parameters=names, share=view.wording.percent(LITTLE)))
    return found + _grades(view, known) + most_lost(view)


def _name(view: View, swing: Swing) -> str:
    return view.parameter_name(swing.place)


def _told(view: View, swing: Swing) -> str:
    ends = _ends(view, swing)
    return view.labels["sweep.swing"].format(parameter=_name(view, swing), **ends)


def _ends(view: View, swing: Swing) -> dict[str, str]:
    low, high = view.wording.moneys(swing.least, swing.most, signed=True)
    return {"low": low, "high": high}


def _grades(view: View, known: list[Swing]) -> list[str]:
    """How many of the widest parameters are guesses."""
    widest = known[:NEXT]
    grades = [view.graded(view.parameters[s.place])[0] for s in widest]
    unsure = sum(g in UNSURE for g in grades)
    if not unsure or len(known) < NEXT:
        return []
    return [view.wording.say("tornado_grades", count=unsure, all=len(widest))]
