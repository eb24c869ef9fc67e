"""The tables of the board page: cover of elements, costs, uncertain inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kido.data.months import month_text
from kido.report.table import Column, Report, Table
from kido.result.costs import UNSURE, insurance, makeup, yearly_spend
from kido.result.currency import money_unit
from kido.result.do_now import do_now
from kido.result.futures import shown_histories
from kido.result.input_sensitivity import UNGRADED, grades_of
from kido.result.plan import SolvedPlan, once
from kido.result.prices import paid_of
from kido.result.shortfalls import first_unmet
from kido.result.stocks import (
    cover_from,
    cover_targets,
    in_yards,
    levels_of,
    months_covered,
    owners_of,
)
from kido.tolerances import COVER_MONTHS

SOON = 3  # months: what is unmet within them is urgent
GUESSES = 5
OWNERS = 2
GUESSED = ("guessed", UNGRADED)
AHEAD = 12  # months after which the cover is looked at again


def elements(plan: SolvedPlan) -> Table:
    """The table of elements: months to the first unmet order, cover now, later and required."""
    histories, owners = shown_histories(plan), owners_of(plan)[:OWNERS]
    targets, path = cover_targets(plan), plan.reference_path.path
    tree = plan.case.tree
    later = next((n for n in path if tree.nodes[n].end >= tree.start + AHEAD), path[-1])
    columns = (
        Column("element"),
        *(Column(f"unmet {i}", "", "count", label=h.name, group="first_unmet")
          for i, h in enumerate(histories)),
        Column("target", shape="months", group="cover"),
        Column("target_from", group="cover"),
        *(Column(f"{o} {t}", shape="months", group=o) for o in owners for t in ("now", "later")),
        Column("all then", shape="months"),
        Column("too little", shape="hidden"),
    )  # fmt: skip
    lines = []
    for commodity in plan.elements:
        months, since = targets.get(commodity, (np.nan, None))
        cells: list[Any] = [commodity]
        for h in histories:
            unmet = first_unmet(plan, commodity, h)
            cells.append(np.nan if unmet is None else unmet)
        cells += [months, "" if since is None else month_text(since)]
        for owner in owners:
            opening, level = levels_of(plan, commodity, owner)
            cells.append(cover_from(plan, commodity, opening))
            cells.append(float(months_covered(plan, commodity, level)[later]))
        later_nodes = [n for n in path if tree.nodes[n].end > (since or 0)]
        has_target = commodity in targets and later_nodes
        node, stocks = (later_nodes[0] if has_target else later), levels_of(plan, commodity)[1]
        everything = months_covered(plan, commodity, stocks + in_yards(plan, commodity))
        cells.append(float(everything[node]))
        cover = months_covered(plan, commodity, stocks)[node]
        cells.append(bool(has_target and cover < months - COVER_MONTHS))
        lines.append(tuple(cells))
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("elements", columns, frame, words={"ahead": AHEAD})


def headline(plan: SolvedPlan) -> Table:
    """The table of the money lines of the page, in the display currency."""
    unit, factor = money_unit(plan)
    parts, yearly = makeup(plan), yearly_spend(plan)
    lines = [
        ("expected cost", plan.expected_cost * factor),
        ("of it money", parts.money * factor),
        ("of it kept", parts.kept * factor),
        ("of it thrift", parts.thrift * factor),
        ("of it lost", parts.lost * factor),
        ("of it penalties", parts.penalty * factor),
        ("mean of the worst", plan.cvar * factor),
        ("insurance a year", insurance(plan) * factor),
        *((name, kusd * factor) for name, kusd in yearly.items()),
    ]
    columns = (Column("what", shape="word"), Column("amount_money", unit, "money"))
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    words = {
        "tail": round(100 * (1 - plan.case.settings.cvar_level)),
        "guessed": round(100 * parts.guessed),
    }
    return Table("headline", columns, frame, words=words)


def top_guesses(plan: SolvedPlan, ranked: pd.DataFrame) -> Table:
    """The table of estimated and guessed numbers with most effect, one for each row of the book."""
    unit, factor = money_unit(plan)
    uncertain = ranked[ranked["grade"].isin(UNSURE)].drop_duplicates(["sheet", "row"])
    frame = uncertain.head(GUESSES).copy()
    frame["ten_percent"] = frame["ten_percent"] * factor
    columns = (
        Column("row"), Column("sheet", shape="word"),
        Column("number_of", shape="word", words="number"), Column("grade", shape="word"),
        Column("ten_percent", unit, "money"),
    )  # fmt: skip
    return Table("top_guesses", columns, frame.reset_index(drop=True))


@once
def by_scarcity(plan: SolvedPlan) -> list[str]:
    """The elements by expected cost of shortfall, the highest first.

    Ties, as where nothing is short, go by shadow price over what is paid.
    """
    short = dict.fromkeys(plan.elements, 0.0)
    for commodity, _, kusd in _shortfalls(plan):
        short[commodity] += kusd
    return sorted(short, key=lambda c: (-round(short[c]), -_dearness(plan, c)))


def shortfall_of(plan: SolvedPlan, element: str) -> tuple[float, float]:
    """(kUSD that the shortfall of an element costs in expectation, the guessed share of it).

    The share is of what is priced by rows that are guessed, or have no grade.
    """
    grades = grades_of(plan)
    costs = [(tier, kusd) for name, tier, kusd in _shortfalls(plan) if name == element]
    unsure = [k for tier, k in costs if grades.get(("Relief", tier), UNGRADED) in GUESSED]
    total = sum(kusd for _, kusd in costs)
    return total, sum(unsure) / total if total else 0.0


def _shortfalls(plan: SolvedPlan) -> Iterator[tuple[str, str, float]]:
    """(element, row of Relief, kUSD in expectation) of all that is done without."""
    weight = plan.probability * plan.discount * plan.reported
    for term, kusd in plan.kusd_by_term:
        if term.category == "relief":
            commodity = plan.case.demands[plan.case.tiers[term.name].demand].commodity
            if commodity in plan.elements:
                yield commodity, term.name, float(kusd @ weight)


def _dearness(plan: SolvedPlan, commodity: str) -> float:
    kusd, tonnes = paid_of(plan, commodity)
    path = plan.reference_path.path
    price = float(kusd[path].sum()) / (float(tonnes[path].sum()) or 1.0)
    worth = max(
        float(np.nan_to_num(plan.worth.tonne(*pair)[path]).mean())
        for pair in plan.balance_pairs(commodity)
    )
    return worth / price if price > 0 else 0.0


def board(plan: SolvedPlan, report: Mapping[str, Table]) -> Report:
    """The tables of the board page, by name."""
    return {
        "do_now": do_now(plan, report["orders"].frame),
        "elements": elements(plan),
        "headline": headline(plan),
        "top_guesses": top_guesses(plan, report["guesses"].frame),
    }
