"""Draws: the sheet Hazards as scenarios of equal probability, on the sheets Scenarios and Events.

A draw is one history of the plan. In it each hazard strikes as a Poisson process does, `rate` times
a year, from the second month on: the first is decided before anything is known. A strike lasts a
geometric number of whole months (the memoryless law in months), and its factor is uniform between
the two typed. A draw parts from the base case in the month of its first strike, and what follows in
it is known from then on; one that nothing strikes stays with the base case. Every draw of a hazard
has a stream of random numbers of its own, seeded by the seed of the book, the name of the hazard
and the number of the draw: other hazards, the order of rows and the count of draws change nothing
in it, and a rate, a duration or a factor typed anew moves what was drawn instead of drawing again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd

from kido.data.months import month_text
from kido.data.schema import TRUNK, catalogue
from kido.data.tables import Frame, Tables
from kido.data.workbook.cells import blank_value
from kido.messages import phrase

LAST_EXCEL_ROW = 1_048_576  # drawn rows have numbers beyond it
DRAWN_FROM = {("Scenarios", "probability")} | {
    ("Settings", key)
    for key in ("start", "calendar", "run_out", "draws", "seed", "draws_probability")
}
Rows = list[tuple[int, dict[str, object]]]  # (row of Hazards, values)


@dataclass(frozen=True)
class Strike:
    """A hazard (a row of Hazards) that strikes in month `start`, for so many whole months."""

    hazard: Any
    start: int
    months: int
    factor: float


def with_draws(tables: Tables) -> Tables:
    """The tables with the draws of their hazards as rows of Scenarios and Events.

    Those drawn before are replaced; the same tables where no hazard is drawn.
    """
    tables = without_draws(tables)
    if not tables.settings.draws or not len(tables["Hazards"]):
        return tables
    scenarios: Rows = []
    events: Rows = []
    share = drawn_probability(tables) / tables.settings.draws
    for number in range(1, tables.settings.draws + 1):
        strikes = strikes_of(tables, number)
        if strikes and share > 0:
            names = _scenarios(tables, number, strikes, share, scenarios)
            events += [
                (strike.hazard.Index, _event(strike, name))
                for strike, name in zip(strikes, names, strict=True)
            ]
    for sheet, rows in (("Scenarios", scenarios), ("Events", events)):
        tables = with_more_rows(tables, sheet, rows)
    return tables


def moves_draws(sheet: str, column: str) -> bool:
    """Whether the draws depend on a column of a sheet (on Settings: an option)."""
    return sheet == "Hazards" or (sheet, column) in DRAWN_FROM


def drawn_probability(tables: Tables) -> float:
    """The probability that the draws share: that of the settings, else what the scenarios leave."""
    typed = tables.settings.draws_probability
    return probability_left(tables) if typed is None else typed


def probability_left(tables: Tables) -> float:
    """The probability that the typed scenarios leave to the base case."""
    rows = _typed(tables["Scenarios"].rows)
    return float(max(0.0, 1 - rows["probability"][rows["parent"].isin(("", TRUNK))].sum()))


def drawn_histories(tables: Tables) -> int:
    """How many of the draws are struck at all; the others stay with the base case."""
    return sum(bool(strikes_of(tables, n + 1)) for n in range(tables.settings.draws))


def strikes_of(tables: Tables, number: int) -> list[Strike]:
    """The strikes of all hazards in a draw, by month and name."""
    settings = tables.settings
    months = settings.start + 1, settings.start + sum(settings.calendar) + settings.run_out
    strikes = [
        strike
        for hazard in tables["Hazards"].records()
        for strike in _strikes(hazard, settings.seed, number, *months)
    ]
    return sorted(strikes, key=lambda strike: (strike.start, strike.hazard.name))


def _strikes(hazard: Any, seed: int, number: int, first: int, end: int) -> Iterator[Strike]:
    """The strikes of one hazard in a draw, in months from `first` to before `end`."""
    name = np.frombuffer(sha256(hazard.name.encode()).digest(), dtype="<u4").tolist()
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number, *name])))
    most = hazard.factor if math.isnan(hazard.largest_factor) else hazard.largest_factor
    month = float(first)
    while hazard.rate > 0:
        wait, length, severity = stream.random(3).tolist()
        month -= math.log1p(-wait) * 12 / hazard.rate
        if month >= end:
            return
        factor = hazard.factor + severity * (most - hazard.factor)
        yield Strike(hazard, math.floor(month), _geometric(length, hazard.mean_months), factor)


def _geometric(uniform: float, mean: float) -> int:
    """The geometric number (1, 2, ...; of that mean) at a probability."""
    return 1 if mean <= 1 else max(1, math.ceil(math.log1p(-uniform) / math.log1p(-1 / mean)))


def draw_name(language: str, number: int) -> str:
    """The name of a draw as a scenario: `draw 0017`."""
    return phrase("part.draw", number=f"{number:04}").in_language(language)


def _scenarios(
    tables: Tables, number: int, strikes: Sequence[Strike], share: float, rows: Rows
) -> list[str]:
    """Adds the scenarios of a draw to `rows`. Returns the one that each of its strikes is in.

    There are two where a hazard that disrupts strikes after others, so that nothing counts as
    disrupted before it does.
    """
    language = tables.settings.language
    name, first = draw_name(language, number), strikes[0]
    disrupted = min((s.start for s in strikes if s.hazard.disruption), default=None)
    common = {"probability": share, "story": "; ".join(map(_told, strikes))}
    last = common | {"name": name, "known": first.start, "disruption": disrupted is not None}
    if disrupted is None or disrupted == first.start:
        rows.append((first.hazard.Index, last))
        return [name] * len(strikes)
    calm = phrase("part.draw_calm", draw=name).in_language(language)
    rows.append((first.hazard.Index, common | {"name": calm, "known": first.start}))
    rows.append((first.hazard.Index, last | {"parent": calm, "known": disrupted}))
    return [calm if strike.start < disrupted else name for strike in strikes]


def _told(strike: Strike) -> str:
    last = month_text(strike.start + strike.months - 1)
    return f"{strike.hazard.name} {month_text(strike.start)}–{last}, × {strike.factor:.3g}"


def _event(strike: Strike, scenario: str) -> dict[str, object]:
    return event_of(strike.hazard) | {
        "scenario": scenario,
        "start": strike.start,
        "months": float(strike.months),
        "factor": strike.factor,
    }


def event_of(hazard: Any) -> dict[str, object]:
    """The values of a row of Events that a row of Hazards shares with it."""
    keys = ("name", "target", "commodity", "effect", "factor", "recovery", "source", "grade")
    return {key: getattr(hazard, key) for key in keys}


def with_more_rows(tables: Tables, sheet: str, rows: Rows) -> Tables:
    """The tables with rows that were made from rows of Hazards, and are told of as those."""
    if not rows:
        return tables
    frame, columns = tables[sheet], catalogue()[sheet].columns
    blank = {key: blank_value(column) for key, column in columns.items()}
    index = pd.RangeIndex(LAST_EXCEL_ROW + 1, LAST_EXCEL_ROW + 1 + len(rows))
    added = pd.DataFrame(
        {
            key: pd.Series(
                [values.get(key, blank[key]) for _, values in rows],
                index=index,
                dtype=frame.rows[key].dtype,
            )
            for key in frame.rows.columns
        }
    )
    hazards = tables["Hazards"]
    origins = dict(zip(index.tolist(), ((hazards, row) for row, _ in rows), strict=True))
    whole = pd.concat([frame.rows, added]) if len(frame) else added
    return _with_frame(tables, sheet, replace(frame, rows=whole, origins=origins))


def without_draws(tables: Tables) -> Tables:
    """The tables as they were typed."""
    for sheet in ("Scenarios", "Events"):
        frame = tables[sheet]
        if frame.origins:
            tables = _with_frame(tables, sheet, replace(frame, rows=_typed(frame.rows), origins={}))
    return tables


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.index <= LAST_EXCEL_ROW]


def _with_frame(tables: Tables, sheet: str, frame: Frame) -> Tables:
    frames: Mapping[str, Frame] = {**tables.frames, sheet: frame}
    return replace(tables, frames=frames)
