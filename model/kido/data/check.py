"""Validation of a workbook: all checks, their findings in the order of the sheets."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from kido.data.draws import with_draws, without_draws
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.actuals import check_actuals
from kido.data.validation.after_events import check_after_events
from kido.data.validation.checking import Check
from kido.data.validation.counting import (
    check_contract_counting,
    check_paid_once,
    check_policy_counting,
    check_units,
)
from kido.data.validation.dates import (
    check_event_dates,
    check_known,
    check_probabilities,
    check_stretches,
)
from kido.data.validation.disruptions import check_disruptions
from kido.data.validation.duplicates import (
    check_circles,
    check_discounts,
    check_rows_twice,
    check_spellings,
)
from kido.data.validation.events import check_changes, check_idle, check_reach
from kido.data.validation.figures import (
    check_currency,
    check_release,
    check_small_amounts,
    check_trunk,
    check_unusual_figures,
)
from kido.data.validation.hazards import check_draws, check_hazard_names, check_strikes
from kido.data.validation.inactive_rows import (
    check_acting_events,
    check_acting_policies,
    check_dated_rows,
)
from kido.data.validation.network import check_network
from kido.data.validation.omissions import check_free, check_transit, check_unused
from kido.data.validation.orders import (
    check_nervousness,
    check_order_limits,
    check_order_months,
    check_order_names,
)
from kido.data.validation.policies import check_fed, check_forms
from kido.data.validation.recipes import check_recipes, check_yields
from kido.data.validation.rows import (
    check_contracts,
    check_expansions,
    check_limits,
    check_rebates,
    check_rules,
    check_stocks_and_relief,
)
from kido.data.validation.underway import check_underway
from kido.data.validation.words import (
    check_items,
    check_one_thing,
    check_references,
    check_reserved,
    check_words,
)
from kido.data.workbook.read import read_leniently
from kido.errors import Finding, WorkbookError

CHECKS: tuple[Check, ...] = (
    check_currency,
    check_spellings,
    check_rows_twice,
    check_discounts,
    check_circles,
    check_references,
    check_items,
    check_words,
    check_one_thing,
    check_reserved,
    check_stretches,
    check_known,
    check_probabilities,
    check_event_dates,
    check_dated_rows,
    check_acting_events,
    check_acting_policies,
    check_limits,
    check_expansions,
    check_rules,
    check_contracts,
    check_rebates,
    check_stocks_and_relief,
    check_underway,
    check_actuals,
    check_recipes,
    check_yields,
    check_changes,
    check_reach,
    check_idle,
    check_disruptions,
    check_after_events,
    check_unusual_figures,
    check_small_amounts,
    check_trunk,
    check_hazard_names,
    check_draws,
    check_strikes,
    check_order_names,
    check_order_months,
    check_order_limits,
    check_nervousness,
    check_release,
    check_forms,
    check_fed,
    check_units,
    check_contract_counting,
    check_policy_counting,
    check_paid_once,
    check_network,
    check_transit,
    check_unused,
    check_free,
)
ROW = re.compile(r"[0-9]+")


def check(tables: Tables, more: Sequence[Check] = ()) -> list[Finding]:
    """All findings of a book, ordered by sheet and row, those of `more` checks included.

    Its draws are not checked, but the hazards that they come from.
    """
    tables = without_draws(tables)
    words = NameIndex.of(tables)
    findings = [finding for run in (*CHECKS, *more) for finding in run(tables, words)]
    language = tables.settings.language
    return [finding.in_language(language) for finding in in_order(findings, tables)]


def check_file(
    path: str | os.PathLike[str], more: Sequence[Check] = (), tolerated: Container[str] = ()
) -> tuple[Tables | None, list[Finding]]:
    """The tables of a workbook (None where it has faults), hazards drawn, and every finding.

    Rows with a cell that could not be read are not checked further. Faults of the
    sheets `tolerated` (names of the catalogue) are warnings. Raises WorkbookError only where
    the file itself cannot be opened.
    """
    reading = read_leniently(path)
    findings = list(reading.findings)
    if reading.complete and reading.tables is not None:
        unread = {_row(f) for f in reading.faults}
        findings += [f for f in check(reading.tables, more) if _row(f) not in unread]
        sheets = {
            frame.place(1).sheet for name, frame in reading.tables.frames.items()
            if name in tolerated
        }  # fmt: skip
        findings = [replace(f, warning=f.warning or f.place.sheet in sheets) for f in findings]
    if reading.tables is None or any(not f.warning for f in findings):
        return None, findings
    return replace(with_draws(reading.tables), warnings=tuple(findings)), findings


def checked_book(
    path: str | os.PathLike[str], more: Sequence[Check] = (), tolerated: Container[str] = ()
) -> Tables:
    """The tables of a workbook without faults. Raises WorkbookError with every finding."""
    tables, findings = check_file(path, more, tolerated)
    if tables is None:
        raise WorkbookError(findings)
    return tables


def checked_tables(tables: Tables, more: Sequence[Check] = ()) -> Tables:
    """The same tables, their hazards drawn. Raises WorkbookError with every finding if at fault."""
    findings = check(tables, more)
    if any(not f.warning for f in findings):
        raise WorkbookError(findings)
    return with_draws(tables)


def in_order(findings: Iterable[Finding], tables: Tables) -> list[Finding]:
    """The findings in the order of the book: by sheet, by row, faults before warnings."""
    sheets = [frame.title or name for name, frame in tables.frames.items()]
    rank = {sheet: i for i, sheet in enumerate(sheets)}

    def key(finding: Finding) -> tuple[int, int, bool]:
        row = ROW.search(finding.place.cell)
        number = int(row.group()) if row else 0
        return rank.get(finding.place.sheet, -1), number, finding.warning

    return sorted(findings, key=key)


def _row(finding: Finding) -> tuple[str, str]:
    row = ROW.search(finding.place.cell)
    return finding.place.sheet, row.group() if row else ""
