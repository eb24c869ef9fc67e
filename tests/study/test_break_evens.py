"""Break-evens: where rows enter, leave, fill and fall, with both sides solved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kido.study.methods.one_parameter.break_evens import find_break_evens
from kido.study.methods.one_parameter.oracle import EvaluatedPoint
from kido.study.methods.one_parameter.result import BreakEven
from kido.study.methods.one_parameter.value_function import ValueFunction, trace
from kido.study.point import LIMIT
from oracles import Books, Numbers, two_stage

A, B, C = "Supply|A", "Supply|B", "Supply|C"
NEAR = 0.01


def market(price: float = 7, need: float = 10) -> Numbers:
    """Offers for one need: A at `price`, at most 6; B at 5, at most 8; C at 9, without end."""
    return Numbers.of([price, 5, 9], [[-1, -1, -1], [1, 0, 0], [0, 1, 0]], [-need, 6, 8])


def prices(**changes: object) -> Books:
    limits = {A: lambda _: 6.0, B: lambda _: 8.0}
    return Books(lambda at: market(price=at), names=(A, B, C), limits=limits, **changes)  # type: ignore[arg-type]


def needs(**changes: object) -> Books:
    limits = {A: lambda _: 6.0, B: lambda _: 8.0}
    return Books(lambda at: market(need=at), names=(A, B, C), limits=limits, **changes)  # type: ignore[arg-type]


def told(found: Sequence[BreakEven]) -> list[tuple[str, str]]:
    return [(b.row, b.event) for b in found]


def assert_proved(books: Books, found: Sequence[BreakEven], width: float = NEAR) -> None:
    """Both ends were solved, and the row does there what is said."""
    for even in found:
        assert even.above - even.below <= width * (1 + 1e-9)
        ends = books.known[even.below], books.known[even.above]
        assert all(p.solved for p in ends)
        volumes = [p.outcome.plan[even.row] for p in ends]
        assert volumes == [even.volume_below, even.volume_above]
        rises = even.event in ("enters", "fills")
        assert volumes[0] < volumes[1] if rises else volumes[0] >= volumes[1]


@pytest.mark.parametrize("error", [0, 1e-4])
def test_an_offer_falls_and_leaves_where_others_are_as_dear(error: float) -> None:
    """Below 5 A is taken first, 6 of 10; above, B first, 8, and A gives 2; above 9 C does."""
    books = prices()
    curve = trace(books, np.linspace(2, 12, 51).tolist(), error=error)
    found = find_break_evens(books, curve, [A, B, C], NEAR)
    assert told(found) == [(A, "falls"), (A, "leaves"), (B, "fills"), (C, "enters")]
    for even, at in zip(found, (5, 9, 5, 9), strict=True):
        assert even.below <= at <= even.above
    if error:
        volumes = [(e.volume_below, e.volume_above) for e in found]
        assert np.array(volumes) == pytest.approx(np.array([(6, 2), (2, 0), (4, 8), (0, 2)]))
    assert_proved(books, found)


@pytest.mark.parametrize("error", [0, 1e-4])
def test_an_offer_enters_when_a_cheaper_one_is_full(error: float) -> None:
    """B alone up to 8, then A up to 14, then C."""
    books = needs()
    curve = trace(books, np.linspace(1, 20, 40).tolist(), error=error)
    found = find_break_evens(books, curve, [B, A, C], NEAR)
    assert told(found) == [(B, "fills"), (A, "enters"), (A, "fills"), (C, "enters")]
    for even, at in zip(found, (8, 8, 14, 14), strict=True):
        assert even.below - 1e-4 <= at <= even.above + 1e-4
    assert_proved(books, found)


def test_a_limit_that_moves_itself() -> None:
    """A's own limit from 0 to 6 is what fills up: at 2, with B full, 10 are served."""
    books = Books(
        lambda at: Numbers.of([7, 5, 9], [[-1, -1, -1], [1, 0, 0], [0, 1, 0]], [-10, at, 8]),
        names=(A, B, C),
        limits={A: lambda at: at},
    )
    curve = trace(books, np.linspace(0, 6, 61).tolist(), error=0)
    found = find_break_evens(books, curve, [A, C], NEAR)
    assert told(found) == [(A, "enters"), (A, "fills"), (A, "falls"), (C, "leaves")]
    at = [0, 0, 2, 2]
    assert all(e.below - 1e-4 <= x <= e.above + 1e-4 for e, x in zip(found, at, strict=True))
    assert_proved(books, found)


def test_few_solves_close_a_break_even() -> None:
    """Around a breakpoint that is known, one solve on each side."""
    books = prices()
    curve = trace(books, np.linspace(2, 12, 51).tolist(), error=0)
    before = len(books.known)
    find_break_evens(books, curve, [A, B, C], NEAR)
    assert len(books.known) - before <= 4


def test_few_solves_close_one_between_listed_values() -> None:
    """The lines of two listed values meet where the offer falls."""
    books = prices()
    curve = trace(books, [2.0, 7.0, 8.0], [2.0, 7.0, 8.0])
    (found,) = find_break_evens(books, curve, [A], NEAR)
    assert found.event == "falls" and found.below <= 5 <= found.above
    assert len(books.known) == 5
    assert_proved(books, [found])


def test_a_row_that_never_moves_breaks_even_nowhere() -> None:
    books = prices()
    curve = trace(books, np.linspace(6, 8, 21).tolist())
    before = len(books.known)
    assert find_break_evens(books, curve, [A, B, C, "Supply|nobody"], NEAR) == []
    assert len(books.known) == before


def test_chances_are_closed_in_by_halving() -> None:
    """Insurance at 1 against a loss of 8 with the chance of the parameter: worth it from 1/8."""
    row = "Contracts|insurance"

    def book(chance: float) -> Numbers:
        return Numbers.of([1, 8 * chance], [[-1, -1]], [-10])

    for books in (Books(book, names=(row, "x")), Books(book, names=("x", row))):
        curve = trace(books, [0.0, 0.1, 0.2, 0.3, 0.4], error=1e-4)
        (found,) = find_break_evens(books, curve, [row], 1e-3)
        assert found.event == ("enters" if books.names[0] == row else "leaves")
        assert found.below <= 1 / 8 <= found.above
        assert_proved(books, [found], 1e-3)


def test_under_risk_brackets_are_closed_in_all_the_same() -> None:
    """What is reserved for the bad history goes when it gets too dear."""
    book, risk = two_stage(7, "prices", histories=4, offers=3)
    rows = [f"Contracts|{k}" for k in range(3)]
    wide = len(book(1).cost)
    books = Books(book, risk, names=[*rows, *(f"x{k}" for k in range(wide - 3))])
    curve = trace(books, np.linspace(0.5, 6, 26).tolist())
    found = find_break_evens(books, curve, rows, 0.02)
    assert [e.event for e in found] == ["leaves"] and curve.stretches[0].kind == "prices"
    assert_proved(books, found, 0.02)


def test_a_lever_in_steps_is_closed_in_by_halving() -> None:
    books = Books(lambda at: market(price=float(np.floor(at))), names=(A, B, C))
    curve = trace(books, np.linspace(2, 12, 31).tolist())
    assert [s.kind for s in curve.stretches] == ["mixed"]
    (found,) = find_break_evens(books, curve, [C], NEAR)
    assert found.event == "enters"
    assert any(found.below < at <= found.above for at in (9, 10))  # at 9 both are as dear
    assert_proved(books, [found])


def test_what_cannot_be_solved_leaves_a_wider_bracket() -> None:
    books = prices(fail=lambda at: LIMIT if 4.5 < at < 5.5 else None)
    curve = trace(books, np.linspace(2, 12, 51).tolist())
    falls, leaves = find_break_evens(books, curve, [A], NEAR)
    assert falls.below <= 4.5 and falls.above >= 5.5
    assert falls.above - falls.below <= 2
    assert_proved(books, [falls], 2)
    assert_proved(books, [leaves])


def test_solves_are_rationed() -> None:
    books = Books(lambda at: market(price=float(np.floor(at))), names=(A, B, C))
    curve = trace(books, [2.0, 4.0, 6.0, 8.0, 10.0, 12.0])
    before = len(books.known)
    found = find_break_evens(books, curve, [A, B, C], 1e-6, most=5)
    assert len(books.known) - before <= 5
    assert_proved(books, found, 2)


def test_results_do_not_depend_on_how_many_are_solved_at_a_time() -> None:
    def evens(batch: int) -> list[BreakEven]:
        books = needs(batch=batch)
        return find_break_evens(
            books, trace(books, np.linspace(1, 20, 40).tolist()), [C, A, B], NEAR
        )

    assert evens(1) == evens(5)


def test_a_width_is_positive() -> None:
    books = prices()
    curve: ValueFunction = trace(books, [2.0, 12.0])
    with pytest.raises(ValueError, match="cannot be closed"):
        find_break_evens(books, curve, [A], 0)


def test_infeasible_places_have_no_volume() -> None:
    """Without C nothing serves more than 14."""

    def book(need: float) -> Numbers:
        return Numbers.of([7, 5], [[-1, -1], [1, 0], [0, 1]], [-need, 6, 8])

    books = Books(book, names=(A, B), limits={A: lambda _: 6.0})
    curve = trace(books, np.linspace(1, 20, 20).tolist())
    found = find_break_evens(books, curve, [A], NEAR)
    assert told(found) == [("Supply|A", "enters"), ("Supply|A", "fills")]
    assert found[1].above == pytest.approx(14)
    probes: list[EvaluatedPoint] = [books.known[e.above] for e in found]
    assert all(p.solved for p in probes)
