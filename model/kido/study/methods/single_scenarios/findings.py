"""Findings on branches planned alone: the dearest, the cheapest, the largest loss."""

from __future__ import annotations

from kido.study.methods.single_scenarios.tables import dearest_first
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View
from kido.tolerances import MOVED_T


def findings(view: View) -> list[str]:
    """Sentences on the dearest and the cheapest branch, and on losses."""
    outcomes = [o for o in dearest_first(view) if o.objective is not None]
    if not outcomes:
        return []
    say, sentences = view.wording.say, []
    dearest, cheapest = outcomes[0], outcomes[-1]
    high, low = view.wording.amounts(dearest.objective or 0.0, cheapest.objective or 0.0)
    change = view.change(dearest)
    if change is None:
        sentences.append(say("scenario_dearest_alone", name=view.name(dearest), cost=high))
    else:
        more = view.wording.money(change, signed=True)
        sentences.append(say("scenario_dearest", name=view.name(dearest), cost=high, more=more))
    if len(outcomes) > 1:
        sentences.append(say("scenario_cheapest", name=view.name(cheapest), cost=low))
    served = [o for o in outcomes if view.lost(o) <= MOVED_T]
    if served and len(served) < len(outcomes):
        sentences.append(say("scenario_whole", count=len(served), all=len(outcomes)))
    return sentences + most_lost(view)
