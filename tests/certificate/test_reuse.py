"""Facts that are kept from one book to the next are those of a book verified alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kido
from kido.certificate import Certificate, reuse, verify
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.result.plan import SolvedPlan
from places import TUTORIAL


@pytest.fixture(scope="module")
def plan() -> SolvedPlan:
    return kido.evaluate(TUTORIAL)


def changed(tables: Tables) -> Iterator[tuple[str, Tables]]:
    """The book with every number of one column of a sheet a little higher, column by column."""
    for sheet, frame in tables.frames.items():
        for column in catalogue()[sheet].columns.values() if sheet != "Settings" else ():
            numbers = column.kind in ("number", "share", "rate") and len(frame)
            if numbers and frame.rows[column.key].notna().any():
                rows = frame.rows.assign(**{column.key: frame.rows[column.key] * 1.01})
                yield f"{sheet} {column.key}", tables.with_rows(sheet, rows)
    yield "Settings", tables.with_settings(yard_cost=9.0, fiscal_start=1)


def certificate(tables: Tables, plan: SolvedPlan) -> Certificate:
    money = plan.solution.objective, plan.expected_cost, plan.cvar
    return verify(tables, plan.flows, *money)


def test_every_number_of_the_book_counts_after_another_book(plan: SolvedPlan) -> None:
    asked = 0
    for name, tables in changed(plan.tables):
        reuse._last.clear()
        alone = certificate(tables, plan)
        certificate(plan.tables, plan)
        after = certificate(tables, plan)
        assert after.findings == alone.findings, name
        assert after.residuals.equals(alone.residuals), name
        assert after.costs.equals(alone.costs), name
        asked += 1
    assert asked > 30


def test_only_the_facts_of_other_sheets_are_kept(plan: SolvedPlan) -> None:
    reuse._last.clear()
    certificate(plan.tables, plan)
    earlier = reuse._last[None].cache
    rows = plan.tables["Supply"].rows
    tables = plan.tables.with_rows("Supply", rows.assign(price=rows["price"] * 2))
    facts = reuse.facts_of(tables, None)
    assert {key[1] for key in facts.cache} == {key[1] for key in earlier} - {"Supply", "Contracts"}
    settings = tables.with_settings(run_out=tables.settings.run_out + 1)
    assert not reuse.facts_of(settings, None).cache
