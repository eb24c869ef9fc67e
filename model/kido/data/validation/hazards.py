"""Checks of hazards and their draws: names, probability, and the rows that they strike."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from kido.data.draws import (
    draw_name,
    drawn_histories,
    drawn_probability,
    event_of,
    probability_left,
    with_more_rows,
)
from kido.data.figure import above
from kido.data.schema import LANGUAGES, sheet_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.after_events import check_after_events
from kido.data.validation.checking import BLANK, by_name, fault, warning
from kido.data.validation.events import check_reach
from kido.data.validation.figures import LEAST_TRUNK, check_unusual_figures
from kido.data.validation.recipes import check_yields
from kido.errors import Finding, Place

# The checks of events that hold for what a hazard does too.
EVENT_CHECKS = (check_reach, check_after_events, check_unusual_figures, check_yields)
DRAWN = "|".join(re.escape(draw_name(language, 0)[:-4]) for language in LANGUAGES)
DRAWN_NAME = re.compile(rf"(?:{DRAWN})[0-9]{{4,}}.*")


def check_hazard_names(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no scenario or event bears the name of a hazard, and no scenario of a draw."""
    scenarios = by_name(tables["Scenarios"])
    taken = {row.name: "Events" for row in tables["Events"].records()}
    taken |= dict.fromkeys(scenarios, "Scenarios")
    for row in tables["Hazards"].records():
        if row.name in taken:
            yield fault(
                "hazard-name-taken", tables["Hazards"], row.Index, "name", row.name,
                sheet=sheet_term(taken[row.name]),
            )  # fmt: skip
    for name, row in scenarios.items():
        if len(tables["Hazards"]) and DRAWN_NAME.fullmatch(name):
            yield fault("scenario-is-draw", tables["Scenarios"], row.Index, "name", name)


def check_draws(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that hazards are drawn, and that the draws have a probability."""
    frame, settings = tables["Hazards"], tables.settings
    if not len(frame):
        if settings.draws:
            yield Finding.warn("draws-of-nothing", _place(tables, "draws"), f"{settings.draws}")
        return
    if not settings.draws:
        found = "0" if "draws" in tables.settings_cells else BLANK
        yield Finding.warn("hazards-not-drawn", _place(tables, "draws"), found)
        return
    left, drawn = probability_left(tables), drawn_probability(tables)
    if settings.draws_probability == 0:
        yield Finding.warn("draws-nought", _place(tables, "draws_probability"), "0")
    if above(drawn, left):
        place = _place(tables, "draws_probability")
        yield Finding.of("draws-probability", place, f"{drawn:g}", limit=left)
    elif left <= 0:
        place = _place(tables, "draws_probability")
        yield Finding.of("draws-probability.nothing_left", place, BLANK)
    if frame.rows[["rate", "mean_months", "factor"]].isna().any(axis=None):
        return  # could not be read, and reported there
    struck = drawn_histories(tables) / settings.draws
    if above(LEAST_TRUNK, left - drawn * struck) and not above(LEAST_TRUNK, left):
        often = max(frame.records(), key=lambda row: row.rate)
        yield warning(
            "small-trunk.draws", frame, often.Index, "rate", f"{often.rate:g}",
            left=max(left - drawn * struck, 0.0), least=LEAST_TRUNK,
        )  # fmt: skip


def check_strikes(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks of a strike of each hazard what is checked of events, at both ends of its factor."""
    frame, told = tables["Hazards"], set()
    for end in ("factor", "largest_factor"):
        cells = {frame.place(row.Index, "factor"): frame.place(row.Index, end)
                 for row in frame.records()}  # fmt: skip
        for finding in _findings_of_strikes(tables, words, end):
            found = finding.code, finding.place
            if finding.place.sheet == frame.place(1).sheet and found not in told:
                told.add(found)
                place = cells.get(finding.place, finding.place)
                yield replace(finding, place=place)


def _findings_of_strikes(tables: Tables, words: NameIndex, end: str) -> Iterator[Finding]:
    """What is checked of events, for strikes with this end of the factor."""
    scenarios, events = [], []
    for row in tables["Hazards"].records():
        factor = getattr(row, end)
        if not math.isnan(factor):
            known = {"name": row.name, "probability": 1.0, "known": tables.settings.start + 1}
            scenarios.append((row.Index, known))
            events.append((row.Index, {**event_of(row), "scenario": row.name, "factor": factor}))
    if not events:
        return
    always = tables["Events"].rows
    struck = tables.with_rows("Scenarios", tables["Scenarios"].rows.iloc[:0])
    struck = struck.with_rows("Events", always[always["scenario"] == ""])
    struck = with_more_rows(struck, "Scenarios", scenarios)
    struck = with_more_rows(struck, "Events", events)
    for check in EVENT_CHECKS:
        yield from check(struck, words)


def _place(tables: Tables, option: str) -> Place:
    """The cell of an option of Settings; where it has none, the first of the hazards."""
    if option in tables.settings_cells:
        return Place(tables.settings_title, tables.settings_cells[option])
    frame = tables["Hazards"]
    return frame.place(int(frame.rows.index[0])) if len(frame) else Place(tables.settings_title)
