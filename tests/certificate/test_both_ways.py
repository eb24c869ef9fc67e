"""Every row and bound of the program equals what the certificate works out, both ways."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from both_ways import differences
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.errors import InfeasiblePlan
from ordered_books import ordered_books
from places import INPUTS
from randombooks import books
from underway_books import with_underway
from widebooks import wide_books

QUICK = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(tables: Tables) -> None:
    try:
        found = differences(tables)
    except InfeasiblePlan:
        return  # something is asked for that nothing can give: there is no program
    for sheet, frame in tables.frames.items():
        note(f"{sheet}: {[r._asdict() for r in frame.records()]}")
    assert found == []


@settings(QUICK, max_examples=220)
@given(wide_books())
def test_program_and_certificate_agree_on_books_with_everything(tables: Tables) -> None:
    agree(tables)


@settings(QUICK, max_examples=100)
@given(books())
def test_program_and_certificate_agree_on_books_that_have_a_plan(tables: Tables) -> None:
    agree(tables)


@settings(QUICK, max_examples=40)
@given(wide_books(), st.integers(0, 10**6))
def test_program_and_certificate_agree_on_what_is_under_way(tables: Tables, seed: int) -> None:
    agree(with_underway(tables, seed))


@settings(QUICK, max_examples=25)
@given(ordered_books())
def test_program_and_certificate_agree_on_books_with_orders(tables: Tables) -> None:
    agree(tables)


@settings(QUICK, max_examples=20)
@given(ordered_books(wide_books()))
def test_program_and_certificate_agree_on_orders_of_everything(tables: Tables) -> None:
    agree(tables)


PLANTED = {
    "a limit": ("kido.certificate.recomputed", "Facts.limits", "bound"),
    "a need": ("kido.certificate.recomputed", "Facts.need", "demand"),
    "a share that lands": ("kido.certificate.recomputed", "Facts.lead_shares", "mass"),
    "a price": ("kido.certificate.recomputed", "Facts.price", "money"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_difference_in_any_number_is_seen(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: a thousandth more on the certificate's side is told."""
    module, name, word = PLANTED[what]
    owner = getattr(import_module(module), name.split(".")[0])
    honest = getattr(owner, name.split(".")[1])

    def more(*arguments: Any) -> Any:
        found = honest(*arguments)
        if what == "a share that lands":
            return (*found[:2], found[2] * 1.001)
        return tuple(x * 1.001 for x in found) if isinstance(found, tuple) else found * 1.001

    monkeypatch.setattr(owner, name.split(".")[1], more)
    words = {"bound": "in the program", "demand": "demand_met", "mass": "balance", "money": "money"}
    assert any(words[word] in line for line in differences(read_book(INPUTS / "tutorial.xlsx")))


@pytest.mark.parametrize("scenario", [None, "Stop"])
def test_program_and_certificate_agree_on_the_tutorial(scenario: str | None) -> None:
    assert differences(read_book(INPUTS / "tutorial.xlsx"), scenario) == []


@pytest.mark.slow
def test_program_and_certificate_agree_on_japan() -> None:
    assert differences(read_book(INPUTS / "japan.xlsx")) == []
