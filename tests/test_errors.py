"""Errors come whole out of other processes, and ask for what the caller can give."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path

import pytest

import kido
from kido.errors import BookFault, Finding, KidoError, NoPlan, Place
from smallbook import small_book

FINDING = Finding("blank", Place("Supply", "D2"), "It is blank.", "", "a number", "type one")


def kinds(of: type[KidoError] = KidoError) -> list[type[KidoError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in kinds(below))]


def made(kind: type[KidoError]) -> KidoError:
    for given in (([FINDING],), ("no", [FINDING]), ("no",)):
        try:
            return kind(*given)
        except (TypeError, AttributeError):
            continue
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_can_be_sent(kind: type[KidoError]) -> None:
    error = made(kind)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind and str(back) == str(error) and vars(back) == vars(error)


def test_a_bad_book_in_a_pool_of_processes(tmp_path: Path) -> None:
    book = small_book(
        tmp_path / "book.xlsx", lambda sheets: sheets["Supply"][0].update(site="Mars")
    )
    pools = multiprocessing.get_context("spawn").Pool(1)
    with pools as pool, pytest.raises(BookFault, match="Mars") as fault:
        pool.map_async(kido.load, [str(book)]).get(timeout=120)
    assert fault.value.findings[0].place.sheet == "Supply"


def test_a_scenario_that_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(BookFault, match="no scenario of this name"):
        kido.solve(small_book(tmp_path / "book.xlsx"), scenario=5)  # type: ignore[arg-type]


def test_no_processes_do_no_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        kido.sweep(small_book(tmp_path / "book.xlsx"), jobs=0)


def test_findings_of_a_plan_that_is_none() -> None:
    back = pickle.loads(pickle.dumps(NoPlan("none", [FINDING])))
    assert back.findings == (FINDING,)
