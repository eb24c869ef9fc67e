"""`findings`: sentences on a sweep: those of its method, on supply shares, on unsolved points."""

from __future__ import annotations

from kido.study.point import CERTIFIED, SOLVED, Outcome
from kido.study.report.supply_shift import supply_shift
from kido.study.report.view import View
from kido.tolerances import EXACT_SHARE

MOST = 8  # sentences


def findings(view: View) -> list[str]:
    """At most MOST sentences, the most important first; those on unsolved points are never cut."""
    notes = [*_base(view), *_unanswered(view), *_answered(view)]
    if view.method.has_points and not any(o.answered for o in view.outcomes):
        return notes
    sentences = view.method.findings(view)
    if view.method.named_points:
        sentences = [*sentences, *supply_shift(view)]
    return sentences[: max(1, MOST - len(notes))] + notes


def _base(view: View) -> list[str]:
    if view.base.status == SOLVED:
        return []
    status = view.labels.word(view.base.status, "status")
    return [view.wording.say("no_base", why=_why(status, view.base))]


def _why(status: str, outcome: Outcome) -> str:
    return f"{status}: {outcome.message}" if outcome.message else status


def _unanswered(view: View) -> list[str]:
    """Sentences on the points without a cost and the reason, one for each status."""
    sentences = []
    for status in dict.fromkeys(o.status for o in view.unanswered):
        outcomes = [o for o in view.unanswered if o.status == status]
        names = view.wording.listed([view.name(o) for o in outcomes])
        why = _why(view.labels.word(status, "status"), outcomes[0]).rstrip(".。")
        sentences.append(view.wording.say("no_answer", count=len(outcomes), where=names, why=why))
    return sentences


def _answered(view: View) -> list[str]:
    """A sentence on how many points were solved, and the proved error of the others."""
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
