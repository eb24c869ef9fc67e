"""Checks of events marked as a disruption."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.case.disruptions import disruptions_by_scenario
from kido.data.months import Month
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import (
    as_typed,
    by_name,
    disrupted_ancestor,
    warning,
)
from kido.data.validation.inactive_rows import beginnings
from kido.errors import Finding
from kido.messages import phrase


def check_disruptions(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of disruptions that change nothing: of a disrupted scenario, or seen by no period."""
    frame, scenarios = tables["Events"], by_name(tables["Scenarios"])
    begin_in = beginnings(tables)
    for row in frame.records():
        if not row.disruption:
            if row.touches:
                yield warning("touches-nothing", frame, row.Index, "touches", as_typed(row.touches))
            continue
        place = frame, row.Index, "disruption", phrase("part.yes")
        disrupted = disrupted_ancestor(row.scenario, scenarios)
        if disrupted:
            yield warning("disruption-twice", *place, scenario=disrupted)
            continue
        alone = tables.with_rows("Events", frame.rows.loc[[row.Index]])
        for stretch in disruptions_by_scenario(alone).get(row.scenario, ()):
            if not any(stretch.begin <= month < stretch.end for month in begin_in):
                yield warning("disruption-unseen", *place, month=Month(stretch.begin))
