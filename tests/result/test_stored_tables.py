"""The tables of a run, read back without Excel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import kido
from kido.errors import OutputError
from tiny_book import RISKY, small_book


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> kido.Run:
    folder = tmp_path_factory.mktemp("run")
    return kido.solve(small_book(folder / "book.xlsx", RISKY), output=folder / "out")


def test_every_table_comes_back_as_it_was(run: kido.Run) -> None:
    assert run.folder is not None
    back = kido.read_tables(run.folder)
    assert list(back) == list(run.report)
    for name, table in run.report.items():
        frame = back[name]
        assert list(frame.columns) == list(table.frame.columns)
        assert frame.attrs["units"] == table.units and frame.attrs["title"] == table.title("en")
        for key in table.frame.columns:
            mine, theirs = table.frame[key].tolist(), frame[key].tolist()
            for one, other in zip(mine, theirs, strict=True):
                blank = one is None or (isinstance(one, float) and not np.isfinite(one))
                assert (other is None or other != other) if blank else one == other, (name, key)


def test_the_plan_is_in_them(run: kido.Run) -> None:
    """Every flow, in the months of its branch, and what all of it costs."""
    assert run.folder is not None
    flows = kido.read_tables(run.folder)["flows"]
    bought = flows[(flows["kind"] == "buy") & (flows["name"] == "Pit")]
    months = [c for c in flows.columns if str(c).startswith("20")]
    held = run.answer.flows.query("kind == 'buy' and name == 'Pit'")["value"].sum()
    assert bought[months].sum().sum() == pytest.approx(held)


def test_the_costs_of_the_rows_add_up(run: kido.Run) -> None:
    """Pit 60 x 1 + Refine 60 x 1 + Lane 30 x 2 = 180 kUSD of the small book, and what risk adds."""
    rows = run.report["row_costs"].frame
    assert rows["cost"].sum() == pytest.approx(run.answer.expected_cost, rel=1e-12)
    by_category = rows.groupby("category")["cost"].sum()
    costs = run.report["costs"].frame.set_index("category").sum(axis=1)
    assert by_category[costs.index].tolist() == pytest.approx(costs.tolist())
    assert {"Pit", "Lane", "Refine"} <= set(rows["row"])


def test_a_sweep_leaves_them_too(tmp_path: Path) -> None:
    def asked(sheets: dict[str, list[dict[str, object]]]) -> None:
        sheets["Sweeps"] = [{"name": "dear", "method": "tornado", "sheet": "Supply", "row": ["Pit"],
                             "column": "price", "values": "0.5; 2"}]  # fmt: skip

    (done,) = kido.sweep(small_book(tmp_path / "b.xlsx", asked), jobs=1, output=tmp_path / "out")
    back = kido.read_tables(done.folder)
    assert list(back) == list(done.report)


@pytest.mark.parametrize("held", [None, "{}", '{"format": 2, "tables": {}}', "no json"])
def test_what_holds_none_is_said_to(tmp_path: Path, held: str | None) -> None:
    if held is not None:
        (tmp_path / "tables.json").write_text(held)
    with pytest.raises(OutputError, match=r"tables\.json"):
        kido.read_tables(tmp_path)


def test_numbers_are_not_rounded(run: kido.Run) -> None:
    assert run.folder is not None
    text = json.loads((run.folder / "tables.json").read_text("utf-8"))
    cost = text["tables"]["costs"]["rows"]
    weight = sum(x for row in cost for x in row[1:] if x is not None)
    assert weight == pytest.approx(run.answer.expected_cost, rel=1e-12)
