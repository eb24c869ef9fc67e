"""The tables of a sweep: their numbers are those of the result, their words a planner's."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import replace

import numpy as np
import pytest

import sweepresults as made
from kido.data.tables import Tables
from kido.report.labels import all_labels
from kido.report.table import Report
from kido.study.methods.one_parameter.result import Curve
from kido.study.point import INFEASIBLE, LIMIT, SOLVED, STATUSES, Outcome, Point
from kido.study.report.points import FUTURES
from kido.study.report.report import sweep_report
from kido.study.report.view import View
from kido.study.report.wording import plain
from kido.study.results import SweepResult
from places import MODEL
from sheets import frame_of
from sweepresults import FIRST_PAGE, MAKERS

SAMPLED = ("latin", "morris", "sobol")


@pytest.fixture(scope="module")
def tutorial() -> Tables:
    return made.tutorial()


def findings(report: Report) -> list[str]:
    return list(report["sweep_findings"].frame["finding"])


def by_number(result: SweepResult) -> dict[int, Outcome]:
    return {o.point.number: o for o in result.outcomes}


# -- every method, both languages -------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("method", MAKERS)
def test_every_word_and_finding_has_its_language(
    method: str, language: str, tutorial: Tables
) -> None:
    result = MAKERS[method](tutorial.with_settings(language=language))
    report = sweep_report(result)
    told = findings(report)
    assert 1 <= len(told) <= 8
    assert not any(re.search(r"[{}]|\bnan\b|\bNone\b|\binf\b", text) for text in told)
    names = {str(v) for f in result.tables.frames.values() for v in f.rows.to_numpy().flat}
    names |= {"", "Trunk", *(result.tables["Sites"].rows["country"])}
    for name, table in report.items():
        assert f"title.{name}" in all_labels()
        assert name in FIRST_PAGE or f"note.{name}" in all_labels()
        for column in table.columns:
            assert column.label or f"column.{column.key}" in all_labels(), column.key
            if column.shape == "word" and column.key not in ("part", "what"):
                for word in {str(w) for w in table.frame[column.key]} - names:
                    assert f"{column.words}.{word}" in all_labels(), (name, column.key, word)
    if language == "ja":
        assert all(re.search(r"[぀-ヿ一-鿿]", text) for text in told)


@pytest.mark.parametrize("method", MAKERS)
def test_every_point_stands_in_the_long_table(method: str, tutorial: Tables) -> None:
    result = MAKERS[method](tutorial)
    report, view = sweep_report(result), View(result)
    frame = report["sweep_points"].frame
    assert len(frame) == len(view.outcomes) >= len(result.outcomes)
    assert report["sweep_statuses"].frame["points"].sum() == len(frame)
    for row, outcome in zip(report["sweep_points"].rows, view.outcomes, strict=True):
        assert row["status"] == outcome.status and row["message"] == outcome.message
        assert row["future"] == (outcome.point.scenario or FUTURES)
        known = outcome.objective is not None
        assert (
            (row["cost"] * 1e3 == pytest.approx(outcome.objective))
            if known
            else math.isnan(row["cost"])
        )
        if known and outcome.point.scenario is None:
            change = outcome.objective - result.base.objective  # type: ignore[operator]
            assert row["change"] * 1e3 == pytest.approx(change, abs=1e-4)
            assert row["change_share"] == pytest.approx(change / made.COST, abs=1e-9)
        for k, value in enumerate(outcome.point.values):
            shown = row[f"parameter {k}"]
            assert math.isnan(shown) if value is None else shown == value


def test_no_module_of_the_tables_knows_of_excel() -> None:
    rooms = MODEL / "kido" / "study"
    files = [*(rooms / "report").glob("*.py"), *(rooms / "methods").rglob("*.py")]
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(n.startswith("openpyxl") or ".book" in n for n in names), file


# -- points and plan --------------------------------------------------------------


def test_cost_in_the_display_currency_follows_a_lever_on_the_rate(tutorial: Tables) -> None:
    result = made.tornado(tutorial)
    fx = {9: 120.0, 10: 150.0, 11: 180.0}
    for row, outcome in zip(
        sweep_report(result)["sweep_points"].rows, result.outcomes, strict=True
    ):
        rate = fx.get(outcome.point.number, 150.0)
        assert row["displayed"] == pytest.approx((outcome.objective or 0) * rate * 1e3 / 1e8)


def test_dollars_are_not_shown_twice(tutorial: Tables) -> None:
    report = sweep_report(made.tornado(tutorial.with_settings(display_currency="USD")))
    assert "displayed" not in report["sweep_points"].frame


def test_changes_are_volumes_less_those_of_the_book(tutorial: Tables) -> None:
    result = made.grid(tutorial, rows=[
        {**made.GRID[0], "values": "0.9; 1.1"}, {**made.GRID[1], "values": "36; 144"},
    ])  # fmt: skip
    frame = sweep_report(result)["sweep_changes"].frame
    assert (frame["move"].diff().dropna() <= 1e-9).all()
    for row in frame.to_dict("records"):
        key = f"{row['kind_of_row']}|{row['row']}"
        if row["kind_of_row"] == "country":
            key = f"country|{row['commodity']}|{row['row']}"
        base = result.base.plan[key]
        volumes = [o.plan[key] for o in result.outcomes]
        assert row["base_volume"] == base
        assert [row[f"volume {j}"] for j in range(4)] == volumes
        assert [row[f"difference {j}"] for j in range(4)] == [v - base for v in volumes]
        assert row["move"] == pytest.approx(max(*volumes, base) - min(*volumes, base))


def test_dust_is_no_change_and_a_missing_row_is_nothing(tutorial: Tables) -> None:
    result = made.tornado(tutorial)
    base = {"Routes|Plant to Factory": 10.0, "Routes|Exporter to Factory": 7.0}
    outcomes = [
        replace(o, plan={"Routes|Plant to Factory": 10.0 + 1e-7 * o.point.number})
        for o in result.outcomes
    ]
    frame = sweep_report(
        replace(result, base=replace(result.base, plan=base), outcomes=tuple(outcomes))
    )["sweep_changes"].frame
    assert list(frame["row"]) == ["Exporter to Factory"]
    assert frame["move"][0] == 7.0 and frame["difference 0"][0] == -7.0


def test_of_many_points_the_extremes_and_where_they_are(tutorial: Tables) -> None:
    result = made.sampled(tutorial, "latin", 40)
    frame = sweep_report(result)["sweep_changes"].frame
    known = by_number(result)
    for row in frame[frame["kind_of_row"] != "country"].to_dict("records"):
        key = f"{row['kind_of_row']}|{row['row']}"
        volumes = [o.plan[key] for o in result.outcomes]
        assert (row["least_volume"], row["most_volume"]) == (min(volumes), max(volumes))
        assert row["mean_volume"] == pytest.approx(np.mean(volumes))
        assert known[row["least_point"]].plan[key] == min(volumes)
        assert known[row["most_point"]].plan[key] == max(volumes)
        assert row["most_change"] == pytest.approx(max(volumes) - result.base.plan[key])


def test_a_tornado_shows_each_lever_at_its_ends(tutorial: Tables) -> None:
    table = sweep_report(made.tornado(tutorial))["sweep_changes"]
    labels = [c.label for c in table.columns if c.group == "volumes"]
    assert len(labels) == 2 * len(made.TORNADO)
    assert labels[0] == "Magnets: need ×0.8" and "opening +10 t" not in " ".join(labels)


# -- method by method -------------------------------------------------------------


def test_a_curve_row_by_row(tutorial: Tables) -> None:
    result = MAKERS["bent curve"](tutorial)
    (curve,) = result.curves
    rows = sweep_report(result)["sweep_curve"].rows
    assert [row["at"] for row in rows] == [b.at for b in curve.bounds]
    for row, bound in zip(rows, curve.bounds, strict=True):
        if bound.lower is None or bound.upper is None:
            assert row["status"] == INFEASIBLE and "cannot both hold" in row["message"]
            assert math.isnan(row["cost"]) and math.isnan(row["lower"])
            continue
        assert row["lower"] == pytest.approx(bound.lower / 1e3)
        assert row["upper"] == pytest.approx(bound.upper / 1e3)
        assert math.isnan(row["solved_cost"]) != bound.solved
        assert row["error"] == pytest.approx((bound.upper - bound.lower) / bound.upper)
    stretches = sweep_report(result)["sweep_stretches"].frame
    assert list(stretches["moves"]) == ["limits", "mixed"]
    assert list(stretches["proved"]) == ["yes", "no"]


def test_bends_and_break_evens_lie_on_the_curve(tutorial: Tables) -> None:
    result = MAKERS["curve"](tutorial)
    report = sweep_report(result)
    curve = result.curves[0]
    cost = {b.at: b.upper for b in curve.bounds}
    bends = report["sweep_breakpoints"].frame
    mine = bends[bends["future"] == FUTURES]
    assert list(mine["at"]) == [b.at for b in curve.breakpoints]
    assert list(mine["slope_after"] * 1e3) == pytest.approx(
        [b.slope_after for b in curve.breakpoints]
    )
    assert list(mine["cost"] * 1e3) == pytest.approx([cost[b.at] for b in curve.breakpoints])
    assert list(mine["exact"]) == ["no", *["yes"] * (len(mine) - 1)]
    evens = report["sweep_break_evens"].frame
    assert list(evens["future"]) == [FUTURES] * 2 + ["Stop"] * 2 + ["Trunk"] * 2
    assert (evens["below"] <= evens["about"]).all() and (evens["about"] <= evens["above"]).all()
    first = curve.break_evens[0]
    assert (evens["below"][0], evens["above"][0]) == (first.below, first.above)
    assert (evens["volume_below"][0], evens["volume_above"][0]) == (36.5, 0)


def test_a_curve_in_words(tutorial: Tables) -> None:
    told = findings(sweep_report(MAKERS["bent curve"](tutorial)))
    assert told[0].startswith("Magnets: need: from ×0.8 to ×1.31, the cost of the plan changes by")
    assert (
        told[1]
        == "Between ×0.88 and ×0.96, Exporter to Factory leaves the plan (solved at both ends)."
    )
    assert told[2] == "At ×0.96, Plant to Factory reaches its most (solved on both sides)."
    assert (
        "Between values, from ×1.06 to ×1.31, nothing is proved: there only the points themselves "
        "are known." in told
    )
    assert any(
        t.startswith("Points without an answer: 9 (×1.32, ×1.33, ×1.34 and 6 more)") for t in told
    )
    assert told[-1] == (
        "Every value asked for is known to within 0.004 %; 8 of 61 were solved, "
        "the rest lie between proved bounds."
    )


def test_a_curve_without_gaps_is_known_exactly(tutorial: Tables) -> None:
    result = MAKERS["curve"](tutorial)
    closed = tuple(replace(b, lower=b.upper) for b in result.curves[0].bounds)
    told = findings(
        sweep_report(replace(result, curves=(replace(result.curves[0], bounds=closed),)))
    )
    assert told[-1].startswith("Every value asked for is known exactly; ")


def test_slopes_below_a_million_are_told_in_thousands(tutorial: Tables) -> None:
    row = {"method": "curve", "sheet": "Routes", "row": ("Exporter to Factory",),
           "column": "purchase price", "operation": "set", "values": "100; 200; 300"}  # fmt: skip
    told = findings(sweep_report(made.curve(tutorial, row, every=1)))
    (bend,) = [t for t in told if "bends" in t]
    assert bend == (
        "The cost bends at 200 USD/kg: its slope goes from 20 to 28 kUSD for each USD/kg."
    )


def test_a_rule_has_a_price_of_safety(tutorial: Tables) -> None:
    rule = {"name": "little from China", "measure": "volume", "of": "China", "counted": "shipped",
            "sense": "at most", "limit": 500, "over": "horizon"}  # fmt: skip
    tables = tutorial.with_rows("Policies", frame_of("Policies", [rule]).rows)
    row = {"method": "curve", "sheet": "Policies", "row": ("little from China",),
           "column": "limit", "operation": "set", "values": "300; 400; 500"}  # fmt: skip
    told = _told_of_risk(tables, row)
    assert any(
        "costs 0.20 million USD more in expectation and saves 8.0 t" in t and "25 USD/kg" in t
        for t in told
    )


def test_a_weight_on_risk_is_told_by_mean_and_tail(tutorial: Tables) -> None:
    row = {"method": "curve", "sheet": "Settings", "row": ("risk weight",), "column": "",
           "operation": "set", "values": "0; 0.5; 1"}  # fmt: skip
    told = _told_of_risk(tutorial, row)
    assert any("0.20" in t and "0.10" in t and "risk weight" in t for t in told), told
    assert not any("USD/kg" in t for t in told)


def _told_of_risk(tables: Tables, row: dict[str, object]) -> list[str]:
    """The findings of a curve along which the mean rises, and the tail and what is lost fall."""
    result = made.curve(tables, row, every=1)
    outcomes = tuple(
        replace(o, measures={"expected_cost": 8000.0 + 100 * i, "cvar": 9000.0 - 50 * i,
                             "lost.Dy oxide": 10.0 - 4 * i})
        for i, o in enumerate(result.outcomes)
    )  # fmt: skip
    curve = replace(result.curves[0], outcomes=outcomes)
    return findings(sweep_report(replace(result, outcomes=outcomes, curves=(curve,))))


def test_a_tornado_is_sorted_and_told(tutorial: Tables) -> None:
    result = MAKERS["tornado"](tutorial)
    report = sweep_report(result)
    frame = report["sweep_tornado"].frame
    assert (frame["swing"].diff().dropna() <= 1e-12).all()
    known = by_number(result)
    first = frame.iloc[0]
    low, high = known[0].objective or 0, known[1].objective or 0
    assert first["parameter"] == "Magnets: need, ×0.8 to ×1.35"
    assert first["low_change"] == pytest.approx((low - made.COST) / 1e3)
    assert first["high_change"] == pytest.approx((high - made.COST) / 1e3)
    assert first["swing"] == pytest.approx((high - low) / 1e3)
    stock = frame[frame["parameter"].str.startswith("Factory stock")].iloc[0]
    assert (stock["grade"], stock["cited"]) == ("published", "annual report")
    broken = frame[frame["parameter"].str.startswith("Lost motors")].iloc[0]
    assert broken["high_status"] == INFEASIBLE and math.isnan(broken["high_change"])
    told = findings(report)
    assert told[0] == "Magnets: need moves the cost most: -1.2 to +2.8 million USD."
    assert told[-1].startswith("Points without an answer: 1 (Lost motors: cost ×2). Why: no plan: ")


def test_a_grid_has_a_cell_for_every_pair(tutorial: Tables) -> None:
    result = MAKERS["grid"](tutorial)
    report = sweep_report(result)
    cells = {o.point.values: o for o in result.outcomes}
    across = [0, 36, 72, 108, 144, 180]
    for name, number in (("sweep_grid", lambda o: o.objective / 1e3),
                         ("sweep_grid_change", lambda o: (o.objective - made.COST) / 1e3),
                         ("sweep_grid_lost", lambda o: o.measures["lost.Dy oxide"])):  # fmt: skip
        for row in report[name].rows:
            for j, value in enumerate(across):
                outcome, found = cells[row["down"], value], row[f"across {j}"]
                if outcome.status == SOLVED:
                    assert found == pytest.approx(number(outcome), abs=1e-9)
                else:
                    assert (
                        found
                        == {LIMIT: "stopped at a limit", INFEASIBLE: "no plan"}[outcome.status]
                    )


def test_indices_stand_by_parameter(tutorial: Tables) -> None:
    for method in SAMPLED:
        result = MAKERS[method](tutorial)
        frame = sweep_report(result)["sweep_indices"].frame.set_index("parameter")
        for index in result.indices:
            scale = 1e-3 if method == "morris" else 1.0
            assert frame.loc[index.parameter, index.measure] == pytest.approx(index.value * scale)
            width = frame.loc[index.parameter, f"{index.measure} ±"]
            assert width == pytest.approx(index.confidence * scale)
        assert frame.index[0] == "Magnets: need" and frame["grade"].iloc[2] == "published"
    japanese = sweep_report(MAKERS["sobol"](tutorial.with_settings(language="ja")))
    assert japanese["sweep_indices"].frame["parameter"][0] == "Magnets: 必要量"


def test_samples_left_out_are_told(tutorial: Tables) -> None:
    told = findings(sweep_report(MAKERS["morris"](tutorial)))
    assert "Blocks of points left out because one of them has no answer: 3." in told
    assert any("depends on where the others stand" in t and "Lost motors" in t for t in told)


def test_near_optimal_shares_and_statuses(tutorial: Tables) -> None:
    result = made.room(tutorial)
    frame = sweep_report(result)["sweep_near_optimal"].frame
    assert len(frame) == len(result.ranges) and set(frame["range_status"]) == {
        "required",
        "optional",
        "unused",
    }
    assert frame["extra"].is_monotonic_increasing
    part = frame.dropna(subset=["least_share", "most_share"])
    total = part["least_share"] + part["to_chosen"] + part["to_most"]
    assert np.allclose(total, part["most_share"])
    assert frame["least_volume"].isna().sum() == 2  # stopped searches stay blank
    told = findings(sweep_report(result))
    assert told[0].startswith("For 0.5 % more cost (0.04 million USD): 2 choices must stay")
    assert told[-1] == "Ends whose search was stopped: 2."


# -- odd cases --------------------------------------------------------------------


@pytest.mark.parametrize("method", [m for m in MAKERS if m != "room"])
def test_no_answer_anywhere(method: str, tutorial: Tables) -> None:
    result = MAKERS[method](tutorial)
    bad = tuple(made.without(o.point, INFEASIBLE, "why not") for o in result.outcomes)
    base = made.without(result.base.point, LIMIT, "no answer within 5 seconds")
    empty = made.stripped(
        result, bad, base,
        lambda c: Curve(
            c.scenario, (), (), tuple(made.without(o.point, LIMIT, "") for o in c.outcomes)
        ),
    )  # fmt: skip
    told = findings(sweep_report(empty))
    assert "no answer within 5 seconds" in told[0]
    assert told[-1].startswith("No point has an answer")


@pytest.mark.parametrize("method", MAKERS)
def test_the_book_itself_without_an_answer(method: str, tutorial: Tables) -> None:
    result = MAKERS[method](tutorial)
    base = made.without(result.base.point, INFEASIBLE, "why not")
    report = sweep_report(replace(result, base=base))
    assert report["sweep_points"].frame["change"].isna().all()
    assert report["sweep_base"].frame.empty
    assert any(
        "The book as it stands has no answer (no plan: why not)" in t for t in findings(report)
    )


@pytest.mark.parametrize("method", MAKERS)
def test_one_point_and_none(method: str, tutorial: Tables) -> None:
    result = MAKERS[method](tutorial)
    one = made.stripped(
        result, result.outcomes[:1],
        curve=lambda c: Curve(c.scenario, (), c.bounds[:1], c.outcomes[:1]), curves=1,
    )  # fmt: skip
    assert len(sweep_report(one)["sweep_points"].frame) <= 1
    none = made.stripped(one)
    report = sweep_report(none)
    assert report["sweep_points"].frame.empty and report["sweep_changes"].frame.empty


def test_every_status_has_a_word() -> None:
    for status in STATUSES:
        assert f"status.{status}" in all_labels()
        if status not in (SOLVED, "certified"):
            assert f"short.{status}" in all_labels()


def test_a_small_book_stays_in_thousands(tutorial: Tables) -> None:
    report = sweep_report(made.tornado(tutorial, scale=0.01))
    assert report["sweep_points"].units["cost"] == "kUSD"
    assert report["sweep_points"].frame["cost"].max() > 50
    assert "kUSD" in findings(report)[0]


def test_the_same_question_stands_once(tutorial: Tables) -> None:
    result = made.tornado(tutorial)
    twice = replace(result, outcomes=result.outcomes + result.outcomes[:2])
    assert len(sweep_report(twice)["sweep_points"].frame) == len(result.outcomes)


def test_the_about_page_names_book_rows_and_run(tutorial: Tables) -> None:
    frame = sweep_report(made.tornado(tutorial))["sweep_about"].frame
    known = {(p, w): v for p, w, v in frame.itertuples(index=False)}
    assert known["book", "sha256"] == tutorial.sha256 and known["book", "file"] == "tutorial.xlsx"
    assert known["Sweeps, row 4", "values"] == "0; 10; 20"
    assert known["Sweeps, row 4", "source"] == "annual report"
    assert known["facts", "versions kido"] == "1.2.3"
    assert known["facts", "attempts"] == "ipx; simplex"
    assert known["points", "started from another answer"] == 11
    assert not any(w.startswith("points") for p, w in known if p == "facts")


def test_numbers_as_typed() -> None:
    shown = [plain(x) for x in (0.8, 1.0, 412, 0.1 + 0.2, 12500.0, 1e-4, -3.25, 0.0, 1234.5)]
    assert shown == ["0.8", "1", "412", "0.3", "12,500", "0.0001", "-3.25", "0", "1234.5"]
    assert plain(math.inf) == "–"


def test_a_point_is_named_by_what_is_set(tutorial: Tables) -> None:
    view = View(MAKERS["grid"](tutorial))
    assert view.name(view.outcomes[0]) == "need ×0.8, max 0 t/yr"
    view = View(MAKERS["latin"](tutorial))
    assert view.name(view.outcomes[7]) == "point 7"
    view = View(MAKERS["scenarios"](tutorial))
    assert view.name(Outcome(Point(0, (), "Stop"), SOLVED)) == "Stop"


def test_the_points_of_a_curve_stand_in_the_order_of_its_values(tutorial: Tables) -> None:
    """Solved or certified, each where its value is."""
    rows = sweep_report(made.curve(tutorial))["sweep_points"].frame
    values = rows["parameter 0"].tolist()
    assert values == sorted(values) and set(rows["status"]) == {"solved", "certified"}
