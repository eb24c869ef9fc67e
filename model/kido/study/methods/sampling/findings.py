"""What samples show: how far the cost spreads, and which parameters make it spread."""

from __future__ import annotations

import numpy as np

from kido.study.methods.sampling.result import Index
from kido.study.methods.sampling.tables import MAIN, by_parameter, result_of, shown_name
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View

NEXT = 2
BENT = 0.5  # of the mean effect: a parameter whose effect varies more acts with others, or bends
NEARLY = 0.95  # of the spread
DEAR = 0.1  # above the plan of the book


def findings(view: View) -> list[str]:
    found = _spread(view) if view.method.name == "latin" else []
    found += _ranked(view)
    if view.method.name == "morris":
        found += _bent(view)
    if view.method.name == "sobol":
        found += _explained(view)
    if result_of(view).left_out:
        found.append(view.wording.say("left_out", count=result_of(view).left_out))
    return found + most_lost(view)


def _spread(view: View) -> list[str]:
    costs = np.array([o.objective for o in view.outcomes if o.objective is not None])
    if len(costs) < 2:
        return []
    marks = np.quantile(costs, (0.0, 0.1, 0.5, 0.9, 1.0))
    low, tenth, half, ninth, high = view.wording.moneys(*marks.tolist())
    found = [view.wording.say(
        "spread", count=len(costs), low=low, tenth=tenth, half=half, ninth=ninth, high=high
    )]  # fmt: skip
    base = view.base.objective
    if base is not None:
        above = float(np.mean(costs > base + DEAR * abs(base)))
        found.append(view.wording.say(
            "spread_above", share=view.wording.percent(above), above=view.wording.percent(DEAR)
        ))  # fmt: skip
    return found


def _ranked(view: View) -> list[str]:
    """What matters most and next; what cannot be told from nothing."""
    main = MAIN[view.method.name]
    ranked = [(shown_name(view, name), held[main]) for name, held in by_parameter(view).items()
              if main in held and held[main].value == held[main].value]  # fmt: skip
    sure = [(name, i) for name, i in ranked if abs(i.value) > i.confidence]
    unsure = [name for name, i in ranked if abs(i.value) <= i.confidence]
    found = []
    if sure:
        name, index = sure[0]
        value, around = _figures(view, index)
        key = f"{view.method.name}_first"
        found.append(view.wording.say(key, parameter=name, value=value, around=around))
    if len(sure) > 1:
        told = [f"{name} ({_figures(view, i)[0]})" for name, i in sure[1:]]
        found.append(view.wording.say("ranked_next", parameters=view.wording.listed(told, NEXT)))
    if unsure:
        names = view.wording.listed(unsure)
        found.append(view.wording.say("ranked_none", parameters=names))
    return found


def _figures(view: View, index: Index) -> tuple[str, str]:
    if index.measure == "mu_star":
        value, around = view.wording.moneys(index.value, index.confidence)
        return value, around
    return f"{index.value:.2f}", f"{index.confidence:.2f}"


def _bent(view: View) -> list[str]:
    bent = [
        shown_name(view, name)
        for name, held in by_parameter(view).items()
        if {"mu_star", "sigma"} <= held.keys()
        and held["mu_star"].value > held["mu_star"].confidence
        and held["sigma"].value > BENT * held["mu_star"].value
    ]
    return [view.wording.say("bent", parameters=view.wording.listed(bent))] if bent else []


def _explained(view: View) -> list[str]:
    """How much of the spread the parameters make one by one."""
    alone = [h["S1"].value for h in by_parameter(view).values() if "S1" in h]
    whole = sum(v for v in alone if v == v)
    if not alone or not whole > 0:
        return []
    if whole >= NEARLY:
        return [view.wording.say("explained_all")]
    return [view.wording.say("explained", share=view.wording.percent(whole))]
