"""Findings of samples: the distribution of the cost, and the parameters that explain it."""

from __future__ import annotations

import numpy as np

from kido.study.methods.sampling.result import Index
from kido.study.methods.sampling.tables import MAIN, by_parameter, result_of, shown_name
from kido.study.report.most_lost import most_lost
from kido.study.report.view import View

NEXT = 2
# Of the mean effect: a parameter whose effect varies more interacts or is nonlinear.
NONLINEAR_SHARE = 0.5
NEARLY = 0.95  # of the spread
DEAR = 0.1  # above the plan of the book


def findings(view: View) -> list[str]:
    """Sentences on the distribution of the cost, the ranking, and blocks left out."""
    sentences = _spread(view) if view.method.name == "latin" else []
    sentences += _ranked(view)
    if view.method.name == "morris":
        sentences += _nonlinear(view)
    if view.method.name == "sobol":
        sentences += _explained_share(view)
    if result_of(view).left_out:
        sentences.append(view.wording.say("left_out", count=result_of(view).left_out))
    return sentences + most_lost(view)


def _spread(view: View) -> list[str]:
    costs = np.array([o.objective for o in view.outcomes if o.objective is not None])
    if len(costs) < 2:
        return []
    marks = np.quantile(costs, (0.0, 0.1, 0.5, 0.9, 1.0))
    low, tenth, half, ninth, high = view.wording.amounts(*marks.tolist())
    sentences = [view.wording.say(
        "spread", count=len(costs), low=low, tenth=tenth, half=half, ninth=ninth, high=high
    )]  # fmt: skip
    base = view.base.objective
    if base is not None:
        above = float(np.mean(costs > base + DEAR * abs(base)))
        sentences.append(view.wording.say(
            "spread_above", share=view.wording.percent(above), above=view.wording.percent(DEAR)
        ))  # fmt: skip
    return sentences


def _ranked(view: View) -> list[str]:
    """Sentences on the parameters by rank, and on those not significantly different from 0."""
    main = MAIN[view.method.name]
    ranked = [
        (shown_name(view, name), measures[main])
        for name, measures in by_parameter(view).items()
        if main in measures and measures[main].value == measures[main].value
    ]
    sure = [(name, i) for name, i in ranked if abs(i.value) > i.confidence]
    unsure = [name for name, i in ranked if abs(i.value) <= i.confidence]
    sentences = []
    if sure:
        name, index = sure[0]
        value, around = _figures(view, index)
        key = f"{view.method.name}_first"
        sentences.append(view.wording.say(key, parameter=name, value=value, around=around))
    if len(sure) > 1:
        texts = [f"{name} ({_figures(view, i)[0]})" for name, i in sure[1:]]
        sentences.append(
            view.wording.say("ranked_next", parameters=view.wording.listed(texts, NEXT))
        )
    if unsure:
        names = view.wording.listed(unsure)
        sentences.append(view.wording.say("ranked_none", parameters=names))
    return sentences


def _figures(view: View, index: Index) -> tuple[str, str]:
    if index.measure == "mu_star":
        value, around = view.wording.amounts(index.value, index.confidence)
        return value, around
    return f"{index.value:.2f}", f"{index.confidence:.2f}"


def _nonlinear(view: View) -> list[str]:
    names = [
        shown_name(view, name)
        for name, measures in by_parameter(view).items()
        if {"mu_star", "sigma"} <= measures.keys()
        and measures["mu_star"].value > measures["mu_star"].confidence
        and measures["sigma"].value > NONLINEAR_SHARE * measures["mu_star"].value
    ]
    return [view.wording.say("bent", parameters=view.wording.listed(names))] if names else []


def _explained_share(view: View) -> list[str]:
    """A sentence on the share of the variance that first-order effects explain."""
    alone = [h["S1"].value for h in by_parameter(view).values() if "S1" in h]
    whole = sum(v for v in alone if v == v)
    if not alone or not whole > 0:
        return []
    if whole >= NEARLY:
        return [view.wording.say("explained_all")]
    return [view.wording.say("explained", share=view.wording.percent(whole))]
