"""Does each event change something, in one way, that can be changed so?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.checks.checking import by_name, fault, named, reached, warning
from kido.data.event import ONLY_NAMED, REACH, commodities_of
from kido.data.tables import Tables
from kido.data.words import Words
from kido.errors import Finding

# Where a blank limit means no limit.
LIMIT = {"Supply": "most", "Sales": "most", "Processes": "most", "Routes": "most"}
LIMIT["Stockpiles"] = "capacity"


def check_changes(tables: Tables, words: Words) -> Iterator[Finding]:
    """Exactly one of factor, added amount and profile; a delay is an added amount."""
    frame = tables["Events"]
    for row in frame.records():
        given = [key for key in ("factor", "add") if not math.isnan(getattr(row, key))]
        given += ["profile"] if row.profile else []
        if len(given) != 1:
            sentence = "An event has a factor, an added amount or a profile: one of the three."
            advice = "fill in one" if not given else f"keep one of {' and '.join(given)}"
            found = " and ".join(given) or "none"
            yield fault(
                "event-change", frame, row.Index, (given or ["factor"])[-1], sentence, found,
                "exactly one", advice,
            )  # fmt: skip
        elif row.effect == "delay" and given != ["add"]:
            sentence = "A delay is an added number of months."
            advice = "type the months in the column add, and clear the other"
            yield fault(
                "event-change", frame, row.Index, given[0], sentence, given[0], "add", advice
            )


def check_reach(tables: Tables, words: Words) -> Iterator[Finding]:
    """An event reaches rows its effect can act on; no factor meets a blank limit."""
    frame = tables["Events"]
    commodities = commodities_of(tables, words)
    limits = {
        sheet: {name: getattr(row, key) for name, row in by_name(tables[sheet]).items()}
        for sheet, key in LIMIT.items()
    }
    for row in frame.records():
        if row.effect not in REACH or any(words.kind(word) is None for word in row.target):
            continue
        rows = _rows(row, words, commodities)
        if not rows:
            sentence = f"The event reaches no row that '{row.effect}' can act on."
            yield warning(
                "event-reaches-nothing", frame, row.Index, "target", sentence,
                "; ".join(row.target), "", "name other rows, or remove the event",
            )  # fmt: skip
        free = [n for s, n in rows if s in limits and math.isnan(limits[s].get(n, math.nan))]
        if row.effect == "capacity" and row.factor > 0 and row.factor != 1 and free:
            sentence = f"A factor on a blank limit means nothing: {named(free)}."
            advice = "give these rows a limit, type the factor 0, or name other rows"
            yield fault(
                "factor-on-blank", frame, row.Index, "factor", sentence, f"{row.factor:g}",
                "rows with a limit, or the factor 0", advice,
            )  # fmt: skip
        elif row.effect == "capacity" and row.recovery > 0 and free:
            sentence = f"Rows without a limit come back at once, not in steps: {named(free)}."
            yield warning(
                "recovery-on-blank", frame, row.Index, "recovery", sentence, f"{row.recovery:g}",
                "rows with a limit", "give these rows a limit if they recover slowly",
            )  # fmt: skip


def _rows(event: Any, words: Words, commodities: Any) -> list[tuple[str, str]]:
    """(sheet, row) of everything the event acts on."""
    wanted = set(event.commodity)
    found = [
        (sheet, name)
        for sheet in REACH[event.effect]
        for name in reached(words, event.target, sheet)
        if not wanted or sheet == "Facilities" or wanted & commodities[sheet].get(name, set())
    ]
    for sheet in ONLY_NAMED.get(event.effect, ()):
        found += [
            (sheet, w)
            for w in event.target
            if words.kind(w) == "name" and w in words.rows(w, sheet)
        ]
    return found
