"""Sensitivity of the plan to its inputs: money by grade of data, and effects of wrong numbers.

The effect is the change of the objective if one number of the book were 10 % higher, to first
order: see `kido.result.sensitivity`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.data.schema import catalogue
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan, once
from kido.result.sensitivity import NAMES, sensitivities, underway_name
from kido.tolerances import EFFECT_KUSD

STEP = 0.1
GRADES = ("measured", "published", "estimated", "guessed")
UNGRADED = "not graded"


@once
def grades_of(plan: SolvedPlan) -> dict[tuple[str, str], str]:
    """The grade of each row of the book by (sheet, name)."""
    grades: dict[tuple[str, str], str] = {}
    for sheet, frame in plan.tables.frames.items():
        for r in frame.records() if sheet not in ("Settings", "Sources") else ():
            name = getattr(r, "name", "")
            if sheet in NAMES:
                name = NAMES[sheet](r)
            if sheet == "Underway":
                name = underway_name(r, plan.tables.settings.language)
            grades[sheet, name] = max(r.grade or UNGRADED, grades.get((sheet, name), ""), key=doubt)
    return grades


def doubt(grade: str) -> int:
    """The rank of a grade, the least sure highest: of rows that share a name it counts."""
    return ("", UNGRADED, *GRADES).index(grade)


def grade_shares(plan: SolvedPlan) -> Table:
    """The table of gross money through rows of each grade, kUSD, expected and discounted.

    Money counts by its size, whether paid or received.
    """
    grade = grades_of(plan)
    weight = plan.probability * plan.discount
    kusd_of = dict.fromkeys((*GRADES, UNGRADED), 0.0)
    for term, kusd in plan.kusd_by_term:
        kusd_of[grade.get((term.sheet, term.name), UNGRADED)] += float(np.abs(kusd) @ weight)
    total = sum(kusd_of.values()) or 1.0
    columns = (Column("grade", shape="word"), Column("gross_money", "kUSD", "money"),
               Column("share_of_money", shape="share"))  # fmt: skip
    lines = [(g, kusd, kusd / total) for g, kusd in kusd_of.items()]
    return Table("grades", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def guesses(plan: SolvedPlan) -> Table:
    """The table of numbers by the change of the objective, kUSD, if each were 10 % higher."""
    effects: dict[tuple[str, str, str], float] = {}
    sheets = catalogue()
    for sheet, name, column, kusd in sensitivities(plan):
        key = (sheet, name, sheets[sheet].columns[column].name)
        effects[key] = effects.get(key, 0.0) + STEP * kusd
    grade = grades_of(plan)
    lines = [
        (name, sheet, number, grade.get((sheet, name), UNGRADED), kusd)
        for (sheet, name, number), kusd in effects.items()
        if abs(kusd) > EFFECT_KUSD
    ]
    lines.sort(key=lambda line: -abs(line[-1]))
    columns = (
        Column("row"), Column("sheet", shape="word"),
        Column("number_of", shape="word", words="number"), Column("grade", shape="word"),
        Column("ten_percent", "kUSD", "money"),
    )  # fmt: skip
    return Table("guesses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))
