"""Findings of near-optimal ranges: required, optional and unused choices, the widest range."""

from __future__ import annotations

from kido.study.methods.near_optimal.result import NearOptimalRange
from kido.study.methods.near_optimal.tables import STATUSES, choice_name, share, widest_first
from kido.study.report.view import View

NAMED = 5


def findings(view: View) -> list[str]:
    """Sentences on the statuses of the choices, the widest range, and stopped searches."""
    ranges, sentences = widest_first(view), []
    for extra in dict.fromkeys(r.extra for r in ranges):
        ranges_of_extra = [r for r in ranges if r.extra == extra]
        sentences.append(_counted(view, extra, ranges_of_extra))
    if not sentences:
        return []
    first = [r for r in ranges if r.extra == ranges[0].extra]
    for status in ("required", "unused"):
        names = [choice_name(view, r) for r in first if r.status == status]
        if names:
            names_text = view.wording.listed(names, NAMED)
            least = view.wording.percent(ranges[0].extra)
            sentences.append(
                view.wording.say(f"near_optimal_{status}", names=names_text, extra=least)
            )
    return sentences + _widest(view, ranges) + _open(view, ranges)


def _counted(view: View, extra: float, ranges: list[NearOptimalRange]) -> str:
    counts: dict[str, object] = {v: sum(r.status == v for r in ranges) for v in STATUSES}
    money = view.wording.money(extra * abs(view.base.objective or 0.0))
    return view.wording.say(
        "near_optimal", extra=view.wording.percent(extra), money=money, **counts
    )


def _widest(view: View, ranges: list[NearOptimalRange]) -> list[str]:
    """A sentence on the widest range, as a share of its whole, at the least extra cost."""
    free = [
        r for r in ranges if r.extra == ranges[0].extra and share(r, r.most) == share(r, r.most)
    ]
    free = [r for r in free if r.least is not None]
    if not free:
        return []
    best = max(free, key=lambda r: share(r, r.most) - share(r, r.least))
    low, now, high = (view.wording.percent(share(best, a))
                      for a in (best.least, best.at_optimum, best.most))  # fmt: skip
    return [view.wording.say(
        "near_optimal_widest", name=choice_name(view, best), low=low, now=now, high=high,
        extra=view.wording.percent(best.extra),
    )]  # fmt: skip


def _open(view: View, ranges: list[NearOptimalRange]) -> list[str]:
    """A sentence on the number of searches that were stopped."""
    count = sum(r.least is None or r.most is None for r in ranges)
    return [view.wording.say("near_optimal_open", count=count)] if count else []
