"""The findings of a sweep: those of its method, what changed hands, and what has no answer."""

from __future__ import annotations

from kido.study.point import CERTIFIED, SOLVED, Outcome
from kido.study.report.supply_shift import tell_hands
from kido.study.report.view import View
from kido.tolerances import EXACT_SHARE

MOST = 8  # sentences


def findings(view: View) -> list[str]:
    """At most eight, the most telling first; what is not answered is never left out."""
    limits = [*_base(view), *_unanswered(view), *_answered(view)]
    if view.method.has_points and not any(o.answered for o in view.outcomes):
        return limits
    told = view.method.findings(view)
    if view.method.named_points:
        told = [*told, *tell_hands(view)]
    return told[: max(1, MOST - len(limits))] + limits


def _base(view: View) -> list[str]:
    if view.base.status == SOLVED:
        return []
    status = view.labels.word(view.base.status, "status")
    return [view.wording.say("no_base", why=_why(status, view.base))]


def _why(status: str, outcome: Outcome) -> str:
    return f"{status}: {outcome.message}" if outcome.message else status


def _unanswered(view: View) -> list[str]:
    """Where and why there is no answer, status by status."""
    found = []
    for status in dict.fromkeys(o.status for o in view.unanswered):
        mine = [o for o in view.unanswered if o.status == status]
        where = view.wording.listed([view.name(o) for o in mine])
        why = _why(view.labels.word(status, "status"), mine[0]).rstrip(".。")
        found.append(view.wording.say("no_answer", count=len(mine), where=where, why=why))
    return found


def _answered(view: View) -> list[str]:
    """How many points were solved, and how surely the others are known."""
    if not view.method.has_points and not view.outcomes:
        return []
    say, every = view.wording.say, len(view.outcomes)
    solved = view.counts.get(SOLVED, 0)
    if not any(o.answered for o in view.outcomes):
        return [say("none")]
    if CERTIFIED in view.counts:
        error = view.result.largest_error or 0.0
        if error <= EXACT_SHARE:
            return [say("certified_exactly", solved=solved, all=every)]
        return [say("certified", error=view.wording.percent(error), solved=solved, all=every)]
    if solved == every:
        return [say("solved_one" if every == 1 else "solved_all", all=every)]
    return []
