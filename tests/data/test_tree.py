"""Time as a tree: moments, cuts, copies, probabilities, calm and discounting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kido.data.case.branches import Future, grow_branches
from kido.data.case.tree import Tree, build_tree, period_bounds
from kido.data.months import parse_month

START = parse_month("2027-01")
Shown = tuple[str, int, int, float]


def future(name: str, known: int, probability: float, parent: str = "", **more: object) -> Future:
    """A scenario known `known` months after the start; `until` counts from the start too."""
    if isinstance(until := more.get("until"), int):
        more["until"] = START + until
    return Future(name, parent, probability, START + known, **more)  # type: ignore[arg-type]


def tree(
    futures: Sequence[Future] = (),
    calendar: Sequence[int] = (1, 1, 1, 1),
    run_out: int = 0,
    rate: float = 0.0,
    only: str | None = None,
) -> Tree:
    return build_tree(futures, START, calendar, run_out, rate, only)


def shown(t: Tree) -> list[Shown]:
    """(branch, first month after the start, months, probability) of every moment."""
    return [
        (t.branches[m.branch].name, m.start - START, m.months, round(m.probability, 9))
        for m in t.nodes
    ]


def histories(t: Tree) -> list[list[tuple[str, int]]]:
    """Each path as (branch, first month) of its moments."""
    return [
        [(t.branch_of(n).name, t.nodes[n].start - START) for n in t.path(leaf)] for leaf in t.leaves
    ]


# -- periods ---------------------------------------------------------------------------


def test_without_scenarios_time_is_a_path() -> None:
    t = tree(calendar=(1, 1, 3))
    assert shown(t) == [("Trunk", 0, 1, 1), ("Trunk", 1, 1, 1), ("Trunk", 2, 3, 1)]
    assert [m.previous for m in t.nodes] == [-1, 0, 1]
    assert t.leaves == (2,)
    assert t.children == ((1,), (2,), ())


def test_run_out_goes_on_in_periods_of_the_last_length_and_is_not_reported() -> None:
    t = tree(calendar=(1, 3), run_out=7)
    assert [m.months for m in t.nodes] == [1, 3, 3, 3, 1]
    assert [m.reported for m in t.nodes] == [True, True, False, False, False]
    assert t.end - t.start == 11


def test_run_out_of_nothing_adds_nothing() -> None:
    assert period_bounds(0, (1, 3), 0) == [0, 1, 4]


def test_money_is_discounted_from_the_first_day_of_a_moment() -> None:
    t = tree(calendar=(6, 6, 12), rate=0.21)
    assert [m.discount for m in t.nodes] == pytest.approx([1, 1 / 1.1, 1 / 1.21])


def test_a_branch_is_discounted_by_its_dates() -> None:
    t = tree([future("Stop", 6, 0.5)], calendar=(6, 6), rate=0.21)
    assert [m.discount for m in t.nodes] == pytest.approx([1, 1 / 1.1, 1 / 1.1])


# -- scenarios part from the trunk -------------------------------------------------------


def test_a_scenario_shares_the_moments_before_it_is_known() -> None:
    t = tree([future("Stop", 2, 0.25)])
    assert shown(t) == [
        ("Trunk", 0, 1, 1),
        ("Trunk", 1, 1, 1),
        ("Trunk", 2, 1, 0.75),
        ("Trunk", 3, 1, 0.75),
        ("Stop", 2, 1, 0.25),
        ("Stop", 3, 1, 0.25),
    ]
    assert histories(t) == [
        [("Trunk", 0), ("Trunk", 1), ("Trunk", 2), ("Trunk", 3)],
        [("Trunk", 0), ("Trunk", 1), ("Stop", 2), ("Stop", 3)],
    ]
    assert t.children[1] == (2, 4)


def test_a_scenario_known_inside_a_longer_period_cuts_it_there() -> None:
    t = tree([future("Stop", 4, 0.25)], calendar=(3, 3))
    assert shown(t) == [
        ("Trunk", 0, 3, 1),
        ("Trunk", 3, 1, 1),
        ("Trunk", 4, 2, 0.75),
        ("Stop", 4, 2, 0.25),
    ]


def test_a_scenario_cuts_its_parent_and_not_its_siblings() -> None:
    t = tree([future("Early", 1, 0.5), future("Late", 4, 0.25)], calendar=(3, 3))
    own = {name: [(a, n) for b, a, n, _ in shown(t) if b == name] for name in ("Trunk", "Early")}
    assert own == {"Trunk": [(0, 1), (1, 2), (3, 1), (4, 2)], "Early": [(1, 2), (3, 3)]}


def test_scenarios_known_from_the_start_have_no_moment_in_common() -> None:
    t = tree([future("Wet", 0, 0.5), future("Dry", 0, 0.5)], calendar=(1, 1))
    assert shown(t) == [
        ("Dry", 0, 1, 0.5),
        ("Dry", 1, 1, 0.5),
        ("Wet", 0, 1, 0.5),
        ("Wet", 1, 1, 0.5),
    ]
    assert [m.previous for m in t.nodes] == [-1, 0, -1, 2]


def test_a_nested_scenario_shares_its_parents_moments_until_they_part() -> None:
    t = tree([future("Stop", 1, 0.4), future("Long stop", 3, 0.1, "Stop")])
    assert histories(t) == [
        [("Trunk", 0), ("Trunk", 1), ("Trunk", 2), ("Trunk", 3)],
        [("Trunk", 0), ("Stop", 1), ("Stop", 2), ("Stop", 3)],
        [("Trunk", 0), ("Stop", 1), ("Stop", 2), ("Long stop", 3)],
    ]
    assert [p for b, _, _, p in shown(t) if b != "Trunk"] == pytest.approx([0.4, 0.4, 0.3, 0.1])


def test_a_nested_scenario_may_be_known_in_the_month_of_its_parent() -> None:
    t = tree([future("Stop", 2, 0.4), future("Hard stop", 2, 0.1, "Stop")])
    hard = histories(t)[2]
    assert hard == [("Trunk", 0), ("Trunk", 1), ("Hard stop", 2), ("Hard stop", 3)]
    assert [p for b, _, _, p in shown(t) if b == "Stop"] == pytest.approx([0.3, 0.3])


# -- repeated scenarios --------------------------------------------------------------------


def test_a_repeated_scenario_is_one_branch_for_each_date_that_share_its_probability() -> None:
    t = tree([future("Stop", 1, 0.3, every=2, until=6)], calendar=(1,) * 8)
    assert [(b.name, b.known - START, b.probability) for b in t.branches[1:]] == [
        ("Stop 2027-02", 1, pytest.approx(0.1)),
        ("Stop 2027-04", 3, pytest.approx(0.1)),
        ("Stop 2027-06", 5, pytest.approx(0.1)),
    ]
    trunk = [p for b, _, _, p in shown(t) if b == "Trunk"]
    assert trunk == pytest.approx([1, 0.9, 0.9, 0.8, 0.8, 0.7, 0.7, 0.7])
    assert [b.lineage for b in t.branches[1:]] == [(("Stop", 0),), (("Stop", 2),), (("Stop", 4),)]


def test_until_is_the_last_month_a_repeat_may_become_known() -> None:
    names = [b.name for b in tree([future("Stop", 1, 0.2, every=2, until=3)]).branches]
    assert names == ["Trunk", "Stop 2027-02", "Stop 2027-04"]


def test_a_child_of_a_repeated_scenario_comes_with_each_copy_shifted() -> None:
    t = tree(
        [future("Stop", 0, 0.4, every=2, until=2), future("Long", 1, 0.1, "Stop")],
        calendar=(1,) * 5,
    )
    long = [b for b in t.branches if b.scenario == "Long"]
    assert [(b.name, b.known - START, b.probability) for b in long] == [
        ("Long 2027-02", 1, pytest.approx(0.05)),
        ("Long 2027-04", 3, pytest.approx(0.05)),
    ]
    assert long[1].lineage == (("Stop", 2), ("Long", 2))
    kept = [b.own_probability for b in t.branches if b.scenario == "Stop"]
    assert kept == pytest.approx([0.15, 0.15])


def test_a_repeated_child_of_a_repeated_scenario_shares_the_share() -> None:
    t = tree(
        [
            future("Stop", 0, 0.4, every=2, until=2),
            future("Long", 1, 0.2, "Stop", every=1, until=2),
        ],
        calendar=(1,) * 6,
    )
    long = [(b.known - START, b.probability) for b in t.branches if b.scenario == "Long"]
    assert long == [(k, pytest.approx(0.05)) for k in (1, 2, 3, 4)]


def test_copies_known_after_the_horizon_leave_their_share_to_the_parent() -> None:
    t = tree([future("Stop", 2, 0.4, every=2, until=4)])
    assert [b.name for b in t.branches] == ["Trunk", "Stop 2027-03"]
    assert t.branches[0].own_probability == pytest.approx(0.8)


# -- parents that keep nothing -----------------------------------------------------------------


def test_a_parent_that_keeps_nothing_ends_when_its_last_child_leaves() -> None:
    t = tree([future("Boom", 1, 0.5), future("Bust", 2, 0.5)])
    assert shown(t) == [
        ("Trunk", 0, 1, 1),
        ("Trunk", 1, 1, 0.5),
        ("Boom", 1, 1, 0.5),
        ("Boom", 2, 1, 0.5),
        ("Boom", 3, 1, 0.5),
        ("Bust", 2, 1, 0.5),
        ("Bust", 3, 1, 0.5),
    ]


def test_less_than_a_thousandth_counts_as_nothing_and_the_children_are_rescaled() -> None:
    t = tree([future("Boom", 1, 0.4), future("Bust", 1, 0.5995)])
    assert [b.probability for b in t.branches[1:]] == pytest.approx([0.4 / 0.9995, 0.5995 / 0.9995])
    assert shown(t)[0] == ("Trunk", 0, 1, 1)
    assert [b for b, *_ in shown(t)].count("Trunk") == 1


def test_a_thousandth_is_kept() -> None:
    t = tree([future("Boom", 1, 0.4), future("Bust", 1, 0.598)])
    assert t.branches[0].own_probability == pytest.approx(0.002)
    assert t.branches[1].probability == 0.4


def test_rescaling_leaves_the_grandchildren_as_the_book_says() -> None:
    t = tree([future("Boom", 1, 0.9995), future("Bubble", 2, 0.5, "Boom")])
    assert t.branches[1].probability == pytest.approx(1)
    assert t.branches[2].probability == pytest.approx(0.5)


def test_a_scenario_that_leaves_all_to_its_children_ends() -> None:
    t = tree(
        [future("Stop", 1, 0.5), future("Short", 2, 0.3, "Stop"), future("Long", 2, 0.2, "Stop")]
    )
    assert [b for b, *_ in shown(t)].count("Stop") == 1
    assert sum(t.nodes[leaf].probability for leaf in t.leaves) == pytest.approx(1)


def test_a_scenario_that_leaves_all_in_the_month_it_is_known_has_no_moment() -> None:
    t = tree(
        [future("Stop", 1, 0.5), future("Short", 1, 0.3, "Stop"), future("Long", 1, 0.2, "Stop")]
    )
    assert histories(t)[2] == [("Trunk", 0), ("Short", 1), ("Short", 2), ("Short", 3)]
    assert histories(t)[1] == [("Trunk", 0), ("Long", 1), ("Long", 2), ("Long", 3)]


# -- probability 0 and single paths ----------------------------------------------------------


def test_a_scenario_of_probability_0_is_not_in_the_tree_and_cuts_nothing() -> None:
    t = tree([future("Never", 1, 0.0)], calendar=(3, 3))
    assert shown(t) == [("Trunk", 0, 3, 1), ("Trunk", 3, 3, 1)]


def test_a_scenario_of_probability_0_can_be_planned_alone() -> None:
    t = tree([future("Never", 1, 0.0), future("Worse", 4, 0.0, "Never")], (3, 3), only="Worse")
    assert shown(t) == [
        ("Trunk", 0, 1, 1),
        ("Never", 1, 2, 1),
        ("Never", 3, 1, 1),
        ("Worse", 4, 2, 1),
    ]
    assert t.leaves == (3,)


def test_a_path_alone_has_the_moments_of_the_tree_and_probability_1() -> None:
    futures = [future("Stop", 1, 0.4), future("Long", 4, 0.1, "Stop"), future("Late", 5, 0.1)]
    whole = tree(futures, calendar=(3, 3))
    for leaf in whole.leaves:
        branch = whole.branch_of(leaf)
        alone = tree(futures, calendar=(3, 3), only=branch.name)
        expected = [
            (m.start, m.months, whole.calm()[n])
            for n, m in ((n, whole.nodes[n]) for n in whole.path(leaf))
        ]
        assert [(m.start, m.months, alone.calm()[m.index]) for m in alone.nodes] == expected
        assert {m.probability for m in alone.nodes} == {1.0}


def test_the_trunk_alone_runs_to_the_end_even_where_the_tree_leaves_it() -> None:
    t = tree([future("Boom", 1, 0.5), future("Bust", 2, 0.5)], only="Trunk")
    assert shown(t) == [("Trunk", k, 1, 1) for k in range(4)]


def test_a_repeated_scenario_alone_is_its_first_copy_or_the_one_that_is_named() -> None:
    futures = [future("Stop", 1, 0.2, every=2, until=3)]
    first = tree(futures, only="Stop")
    second = tree(futures, only="Stop 2027-04")
    assert [b for b, *_ in shown(first)] == ["Trunk"] + ["Stop 2027-02"] * 3
    assert [b for b, *_ in shown(second)] == ["Trunk"] * 3 + ["Stop 2027-04"]


def test_a_scenario_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        tree([future("Stop", 1, 0.2)], only="Stpo")


# -- calm --------------------------------------------------------------------------------------


def test_a_moment_is_calm_unless_it_lies_on_a_disruption_and_children_inherit() -> None:
    t = tree(
        [
            future("Licence", 1, 0.2),
            future("Stop", 1, 0.4, disruption=True),
            future("Talks", 2, 0.1, "Stop"),
            future("Halt", 2, 0.1, "Licence", disruption=True),
        ]
    )
    calm = {b.name: b.disrupted_from is None for b in t.branches}
    assert calm == {"Trunk": True, "Licence": True, "Stop": False, "Talks": False, "Halt": False}
    assert all(t.calm()[m.index] == calm[t.branches[m.branch].name] for m in t.nodes)


def test_a_disruption_is_known_from_the_first_of_its_line() -> None:
    t = tree(
        [
            future("Stop", 1, 0.4, disruption=True),
            future("War", 3, 0.1, "Stop", disruption=True),
            future("Strike", 2, 0.2, every=1, until=3, disruption=True),
        ]
    )
    known = {
        b.name: None if b.disrupted_from is None else b.disrupted_from - START for b in t.branches
    }
    assert known == {"Trunk": None, "Stop": 1, "War": 1, "Strike 2027-03": 2, "Strike 2027-04": 3}


# -- any tree ----------------------------------------------------------------------------------


@st.composite
def books(draw: st.DrawFn) -> tuple[list[Future], tuple[int, ...], int]:
    calendar = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 12]), min_size=1, max_size=5)))
    end = sum(calendar)
    futures: list[Future] = []
    left = {"": (1.0, 0)}  # name -> probability not yet given away, month known
    for i in range(draw(st.integers(0, 5))):
        parent = draw(st.sampled_from(sorted(left)))
        free, known = left[parent]
        share = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])) * free
        when = draw(st.integers(known, end - 1))
        every = draw(st.sampled_from([None, 1, 4]))
        until = draw(st.integers(when, end)) if every else None
        futures.append(
            future(f"S{i}", when, share, parent, every=every, until=until,
                   disruption=draw(st.booleans()))
        )  # fmt: skip
        left[parent] = (free - share, known)
        left[f"S{i}"] = (share, when)
    return futures, calendar, draw(st.integers(0, 5))


@given(books())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_tree_is_whole(book: tuple[list[Future], tuple[int, ...], int]) -> None:
    futures, calendar, run_out = book
    t = build_tree(futures, START, calendar, run_out, 0.05)
    assert sum(t.nodes[leaf].probability for leaf in t.leaves) == pytest.approx(1)
    for leaf in t.leaves:  # without gaps from the start to the end
        path = [t.nodes[n] for n in t.path(leaf)]
        assert path[0].start == t.start and path[-1].end == t.end
        assert all(a.end == b.start for a, b in pairwise(path))
        assert all(t.calm()[a.index] or not t.calm()[b.index] for a, b in pairwise(path))
    for m in t.nodes:  # what goes in comes out
        after = [t.nodes[n].probability for n in t.children[m.index]]
        assert not after or sum(after) == pytest.approx(m.probability)
        assert m.probability > 0
    for branch in grow_branches(futures, START, t.end):
        if branch.probability > 0:
            alone = build_tree(futures, START, calendar, run_out, 0.05, branch.name)
            assert [m.previous for m in alone.nodes] == list(range(-1, len(alone.nodes) - 1))
            assert alone.nodes[-1].end == t.end


def test_copies_keep_what_their_row_keeps() -> None:
    # a row that keeps 0.015 keeps it in its copies too, though each keeps less than 0.001
    t = tree([future("Stop", 1, 0.02, every=1, until=20), future("Long", 2, 0.005, "Stop")])
    copies = [b for b in t.branches if b.scenario == "Stop"]
    assert len(copies) > 1
    assert sum(b.own_probability for b in copies) > 0
