"""Findings of a tornado: the parameters with the largest effect, and the largest loss."""

from __future__ import annotations

from kido.study.methods.tornado.tables import Swing, swings
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View

LITTLE = 0.001  # of the cost
NEXT = 3
UNSURE = ("estimated", "guessed")


def findings(view: View) -> list[str]:
    """Sentences on the widest swings, on parameters of little effect, on grades, on losses."""
    say, rated = view.wording.say, [s for s in swings(view) if s.width == s.width]
    if not rated:
        return []
    sentences = [say("tornado_first", parameter=_name(view, rated[0]), **_ends(view, rated[0]))]
    whole = abs(view.base.objective or 0.0)
    wide = [s for s in rated[1:] if s.width > LITTLE * whole]
    if wide:
        listed = view.wording.listed([_swing_text(view, s) for s in wide], NEXT)
        sentences.append(say("tornado_next", parameters=listed))
    little = [s for s in rated if s.width <= LITTLE * whole]
    if little and whole:
        names = view.wording.listed([_name(view, s) for s in little])
        sentences.append(
            say("tornado_little", parameters=names, share=view.wording.percent(LITTLE))
        )
    return sentences + _grades(view, rated) + most_lost(view)


def _name(view: View, swing: Swing) -> str:
    return view.parameter_name(swing.place)


def _swing_text(view: View, swing: Swing) -> str:
    ends = _ends(view, swing)
    return view.labels["sweep.swing"].format(parameter=_name(view, swing), **ends)


def _ends(view: View, swing: Swing) -> dict[str, str]:
    low, high = view.wording.amounts(swing.least, swing.most, signed=True)
    return {"low": low, "high": high}


def _grades(view: View, rated: list[Swing]) -> list[str]:
    """A sentence on how many of the widest parameters are estimated or guessed."""
    widest = rated[:NEXT]
    grades = [view.grade_and_source(view.parameters[s.place])[0] for s in widest]
    unsure = sum(g in UNSURE for g in grades)
    if not unsure or len(rated) < NEXT:
        return []
    return [view.wording.say("tornado_grades", count=unsure, all=len(widest))]
