"""Findings of a curve: range of the cost, break-evens, breakpoints, what is not proved."""

from __future__ import annotations

from kido.study.design.design import watched_rows
from kido.study.design.parameter import Parameter
from kido.study.methods.one_parameter.curve_lines import Line, curves_with_lines, midpoint
from kido.study.methods.one_parameter.result import BreakEven, Curve
from kido.study.point import SOLVED, Outcome
from kido.study.report.items import item_of
from kido.study.report.view import View
from kido.study.resolve.measures import used_of
from kido.tolerances import MOVED_T, SAME_LOSS_SHARE

FLAT = 1e-4  # of the cost: less is no move
NARROW = 0.005  # of the range: a narrower bracket is named by one value
NAMED = 3  # break-evens named
PLACES = 4  # breakpoints named
STEADY = 2  # rows without a break-even named


def findings(view: View) -> list[str]:
    """Sentences on the first curve, on branches planned alone, and on what is not proved."""
    whole = [(curve, lines) for curve, lines in curves_with_lines(view) if curve.scenario is None]
    sentences: list[str] = []
    for curve, lines in whole[:1]:
        sentences += _span(view, lines, curve.idle) + _least(view, lines)
        sentences += [_break_even(view, lines, b) for b in _by_importance(curve)[:NAMED]]
        sentences += _steady(view, lines)
        sentences += _alone(view, curve) + _price_of_safety(view, lines) + _lost(view, lines)
        sentences += _bends(view, curve)
    if not whole:
        sentences += _alone(view, None)
    return sentences + _not_certified(view)


def _span(view: View, lines: list[Line], idle: bool) -> list[str]:
    costs_by_value = [(at, o.objective) for at, o in lines if o.objective is not None]
    if len(costs_by_value) < 2:
        return []
    parameter, say, wording = view.parameters[0], view.wording.say, view.wording
    (low, first), (high, last) = costs_by_value[0], costs_by_value[-1]
    ends = wording.settings(parameter, (low, high))
    words = {"parameter": view.parameter_name(0), "low": ends[0], "high": ends[1]}
    if idle and parameter.sheet == "Settings":
        return [_idle_option(view, lines, words)]
    if idle:
        return [say("curve_idle", parameter=view.parameter_name(0), cost=wording.money(first))]
    solved = [o for _, o in lines if o.status == SOLVED]
    if parameter.sheet == "Settings" and is_policy(parameter) and len(solved) > 1:
        return [_risk_span(view, solved[0], solved[-1], words)]
    costs = [cost for _, cost in costs_by_value]
    if max(costs) - min(costs) <= FLAT * abs(max(costs, key=abs)):
        return [say("curve_flat", cost=wording.money(first), **words)]
    before, after = wording.amounts(first, last)
    more = wording.money(last - first, signed=True)
    share = wording.percent((last - first) / abs(first), signed=True) if first else more
    return [say("curve_span", first=before, last=after, more=more, share=share, **words)]


def _risk_span(view: View, first: Outcome, last: Outcome, words: dict[str, str]) -> str:
    """The sentence on how the tail is weighed: what the plans cost in the mean and in the tail.

    Their objectives are not of the same thing.
    """
    changes = [
        view.wording.money(view.measure(last, key) - view.measure(first, key), signed=True)
        for key in ("expected_cost", "cvar")
    ]
    return view.wording.say("risk_span", expected=changes[0], worst=changes[1], **words)


def _idle_option(view: View, lines: list[Line], words: dict[str, str]) -> str:
    """The sentence on an option that changes no number, which a rate does only on the pages."""
    outcomes = [o for _, o in lines if o.objective is not None]
    cost = view.wording.money(outcomes[0].objective or 0.0)
    if view.parameters[0].column != "fx" or view.display is None:
        return view.wording.say("curve_idle_option", parameter=words["parameter"], cost=cost)
    first, last = (f"{view.display_cost(o):,.0f}" for o in (outcomes[0], outcomes[-1]))
    shown = view.labels.unit(view.display[0])
    return view.wording.say("curve_rate", cost=cost, first=first, last=last, shown=shown, **words)


def _least(view: View, lines: list[Line]) -> list[str]:
    """A sentence on the minimum of the cost, if it is inside the range."""
    costs_by_value = [(at, o.objective) for at, o in lines if o.objective is not None]
    if len(costs_by_value) < 3:
        return []
    at, cost = min(costs_by_value, key=lambda pair: pair[1])
    ends = min(costs_by_value[0][1], costs_by_value[-1][1])
    if cost >= ends - FLAT * abs(ends):
        return []
    where = view.wording.setting(view.parameters[0], at)
    return [view.wording.say("curve_least", where=where, cost=view.wording.money(cost))]


def _by_importance(curve: Curve) -> list[BreakEven]:
    """The break-evens: entering and leaving first, then by the change of the volume."""

    def order(b: BreakEven) -> tuple[bool, float]:
        return b.event not in ("enters", "leaves"), -abs(b.volume_above - b.volume_below)

    return sorted(curve.break_evens, key=order)


def _break_even(view: View, lines: list[Line], event: BreakEven) -> str:
    parameter, wording = view.parameters[0], view.wording
    words = {"row": item_of(view, event.row).name,
             "event": view.labels.word(event.event, "event")}  # fmt: skip
    if event.above - event.below <= NARROW * (lines[-1][0] - lines[0][0]):
        if event.below == lines[0][0]:
            first = wording.setting(parameter, event.below)
            return wording.say("break_even_at_once", at=first, **words)
        middle = midpoint(event)
        return wording.say("break_even_at", at=wording.setting(parameter, middle), **words)
    low, high = wording.settings(parameter, (event.below, event.above))
    return wording.say("break_even", low=low, high=high, **words)


def _steady(view: View, lines: list[Line]) -> list[str]:
    """Sentences on watched rows that are used at all solved values, or at none."""
    solved = [o for _, o in lines if o.status == SOLVED]
    sentences = []
    for row in watched_rows(view.result.design, view.result.tables)[:STEADY] if solved else ():
        used = [used_of(o, row) > MOVED_T for o in solved]
        if all(used) or not any(used):
            alone = [
                [used_of(o, row) > MOVED_T for _, o in lines if o.status == SOLVED]
                for curve, lines in curves_with_lines(view)
                if curve.scenario is not None
            ]
            like = sum(all(does) if used[0] else bool(does) and not any(does) for does in alone)
            key = ("stays" if used[0] else "never_in") + ("_alone" if alone else "")
            name = item_of(view, row).name
            sentences.append(view.wording.say(key, row=name, count=like, futures=len(alone)))
    return sentences


def _alone(view: View, whole: Curve | None) -> list[str]:
    """A sentence on the break-evens of one row in branches planned alone."""
    alone = [c for c, _ in curves_with_lines(view) if c.scenario is not None]
    events = [(b.row, b.event) for b in (_by_importance(whole) if whole else ())]
    events += [(b.row, b.event) for c in alone for b in _by_importance(c)]
    for row, event in dict.fromkeys(events):
        places = [
            (midpoint(b), c.scenario or "")
            for c in alone
            for b in c.break_evens
            if (b.row, b.event) == (row, event)
        ]
        if len(places) > 1:
            return [_by_scenario(view, view.parameters[0], row, event, sorted(places))]
    return []


def _by_scenario(
    view: View, parameter: Parameter, row: str, event: str, places: list[tuple[float, str]]
) -> str:
    (low, first), (high, last) = places[0], places[-1]
    wording, word = view.wording, view.labels.word
    return wording.say(
        "break_even_same" if low == high else "break_even_alone",
        row=item_of(view, row).name, event=word(event, "event"),
        low=wording.setting(parameter, low), first=word(first),
        high=wording.setting(parameter, high), last=word(last), count=len(places),
    )  # fmt: skip


def _lost(view: View, lines: list[Line]) -> list[str]:
    """A sentence on the commodity whose loss changes most between the ends."""
    solved = [(at, o) for at, o in lines if o.status == SOLVED]
    if len(solved) < 2:
        return []
    (low, first), (high, last) = solved[0], solved[-1]
    changes = {c: view.lost(last, c) - view.lost(first, c) for c in view.commodities}
    changes = {c: t for c, t in changes.items() if abs(t) > MOVED_T}
    if not changes:
        return []
    commodity = max(changes, key=lambda c: abs(changes[c]))
    before, after = view.lost(first, commodity), view.lost(last, commodity)
    if abs(after - before) < SAME_LOSS_SHARE * max(before, after):
        return [view.wording.say("curve_lost_same", lost=view.wording.tonnes(view.lost(last)))]
    size, setting = max(before, after), view.wording.setting
    return [view.wording.say(
        "curve_lost", commodity=commodity, before=view.wording.tonnes(before, size),
        after=view.wording.tonnes(after, size), low=setting(view.parameters[0], low),
        high=setting(view.parameters[0], high),
    )]  # fmt: skip


def is_policy(parameter: Parameter) -> bool:
    """Whether the parameter is a policy of the planner: its curve is cost against resilience."""
    return parameter.sheet == "Policies" or (
        parameter.sheet == "Settings" and parameter.column in ("risk_weight", "cvar_level")
    )


def _price_of_safety(view: View, lines: list[Line]) -> list[str]:
    """A sentence on a policy: cost per kg of demand served in addition, between the ends."""
    solved = [(at, o) for at, o in lines if o.status == SOLVED]
    if view.parameters[0].sheet != "Policies" or len(solved) < 2:
        return []
    by_lost = sorted(solved, key=lambda pair: view.lost(pair[1]))
    (at, best), (elsewhere, worst) = by_lost[0], by_lost[-1]
    saved = view.lost(worst) - view.lost(best)
    more = view.measure(best, "expected_cost") - view.measure(worst, "expected_cost")
    if saved <= max(MOVED_T, SAME_LOSS_SHARE * view.lost(worst)):
        return _safety_for_nothing(view, solved)
    if not more > 0:
        return []
    return [view.wording.say(
        "price_of_safety", start=view.wording.setting(view.parameters[0], elsewhere),
        end=view.wording.setting(view.parameters[0], at), more=view.wording.money(more),
        saved=view.wording.tonnes(saved), price=f"{more / saved:,.0f}",
    )]  # fmt: skip


def _safety_for_nothing(view: View, solved: list[Line]) -> list[str]:
    """A sentence on a policy that costs money and lets no more be served."""
    by_cost = sorted(solved, key=lambda pair: view.measure(pair[1], "expected_cost"))
    (at, cheap), (elsewhere, dear) = by_cost[0], by_cost[-1]
    more = view.measure(dear, "expected_cost") - view.measure(cheap, "expected_cost")
    if not more > FLAT * view.measure(dear, "expected_cost"):
        return []
    low, high = (view.wording.setting(view.parameters[0], x) for x in (at, elsewhere))
    more_text = view.wording.money(more)
    return [view.wording.say("safety_for_nothing", start=low, end=high, more=more_text)]


def _bends(view: View, curve: Curve) -> list[str]:
    if not curve.breakpoints:
        return []
    parameter, first, last = view.parameters[0], curve.breakpoints[0], curve.breakpoints[-1]
    places = [b.at for b in curve.breakpoints]
    texts = view.wording.settings(parameter, places[:PLACES])
    unit = view.labels.word(parameter.unit, "per") or "1"
    step = view.labels["sweep.step_times"] if parameter.operation == "times" else unit
    (before, after), money = view.wording.slopes(
        first.slope_before * _step(parameter), last.slope_after * _step(parameter)
    )
    key = "bends" if len(places) > 1 else "bends_once"
    return [view.wording.say(
        key if curve.complete else "bends_at_least", count=len(places), step=step,
        places=view.wording.listed(texts + [""] * (len(places) - len(texts)), PLACES),
        before=before, after=after, unit=money,
    )]  # fmt: skip


def _step(parameter: Parameter) -> float:
    """The step for slopes: a tenth of the number in the book, or one unit."""
    return 0.1 if parameter.operation == "times" else 1.0


def _not_certified(view: View) -> list[str]:
    parameter = view.parameters[0]
    spans = [
        view.wording.span(parameter, (s.low, s.high))
        for c, _ in curves_with_lines(view)
        for s in c.stretches
        if not s.certified
    ]
    if not spans:
        return []
    return [
        view.wording.say("not_certified", spans=view.wording.listed(list(dict.fromkeys(spans))))
    ]
