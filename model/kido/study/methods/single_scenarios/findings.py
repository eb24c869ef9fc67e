"""What branches planned alone show: which is dearest, which cheapest, which loses most."""

from __future__ import annotations

from kido.study.methods.single_scenarios.tables import dearest_first
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View
from kido.tolerances import MOVED_T


def findings(view: View) -> list[str]:
    known = [o for o in dearest_first(view) if o.objective is not None]
    if not known:
        return []
    say, found = view.wording.say, []
    dearest, cheapest = known[0], known[-1]
    high, low = view.wording.moneys(dearest.objective or 0.0, cheapest.objective or 0.0)
    change = view.change(dearest)
    if change is None:
        found.append(say("scenario_dearest_alone", name=view.name(dearest), cost=high))
    else:
        more = view.wording.money(change, signed=True)
        found.append(say("scenario_dearest", name=view.name(dearest), cost=high, more=more))
    if len(known) > 1:
        found.append(say("scenario_cheapest", name=view.name(cheapest), cost=low))
    whole = [o for o in known if view.lost(o) <= MOVED_T]
    if whole and len(whole) < len(known):
        found.append(say("scenario_whole", count=len(whole), all=len(known)))
    return found + most_lost(view)
