"""How sure it is: the money that rests on each grade, and what a wrong number would cost.

The measure is the change of the objective if one number of the book were 10 % higher, to first
order: see `kido.result.sensitivity`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kido.data.schema import catalogue
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.sensitivity import NAMES, sensitivities

STEP = 0.1
GRADES = ("measured", "published", "estimated", "guessed")
UNGRADED = "not graded"


def _grades(answer: SolvedPlan) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for sheet, frame in answer.tables.frames.items():
        for r in frame.records() if sheet not in ("Settings", "Sources") else ():
            name = getattr(r, "name", "")
            if sheet in NAMES:
                name = NAMES[sheet](r)
            found[sheet, name] = max(r.grade or UNGRADED, found.get((sheet, name), ""), key=_doubt)
    return found


def _doubt(grade: str) -> int:
    """Of rows that share a name the least sure grade counts."""
    return ("", UNGRADED, *GRADES).index(grade)


def grade_shares(answer: SolvedPlan) -> Table:
    """Share of the money that passes through rows of each grade, expected and discounted.

    Money counts by its size, whether paid or received.
    """
    grade = _grades(answer)
    weight = answer.probability * answer.discount
    held = dict.fromkeys((*GRADES, UNGRADED), 0.0)
    for term, kusd in answer.charged:
        held[grade.get((term.sheet, term.name), UNGRADED)] += float(np.abs(kusd) @ weight)
    total = sum(held.values()) or 1.0
    columns = (Column("grade", shape="word"), Column("gross_money", "kUSD", "money"),
               Column("share_of_money", shape="share"))  # fmt: skip
    lines = [(g, kusd, kusd / total) for g, kusd in held.items()]
    return Table("grades", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def guesses(answer: SolvedPlan) -> Table:
    """Every row by what its number 10 % higher would change, in kUSD of the objective."""
    effects: dict[tuple[str, str, str], float] = {}
    sheets = catalogue()
    for sheet, name, column, kusd in sensitivities(answer):
        key = (sheet, name, sheets[sheet].columns[column].name)
        effects[key] = effects.get(key, 0.0) + STEP * kusd
    grade = _grades(answer)
    lines = [
        (name, sheet, number, grade.get((sheet, name), UNGRADED), kusd)
        for (sheet, name, number), kusd in effects.items()
        if abs(kusd) > 1e-3
    ]
    lines.sort(key=lambda line: -abs(line[-1]))
    columns = (
        Column("row"), Column("sheet", shape="word"),
        Column("number_of", shape="word", words="number"), Column("grade", shape="word"),
        Column("ten_percent", "kUSD", "money"),
    )  # fmt: skip
    return Table("guesses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))
