"""Plans over draws: the same as with the drawn scenarios typed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kido
from kido.data.months import month_text
from kido.data.tables import Tables
from tiny_book import Edit, both, changed, more, small_book

LOST = both(
    more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", capacity=8, holding_cost=12),
)
HAZARDS = both(
    more("Hazards", name="Fire", target=["Kiln"], effect="capacity", factor=0, largest_factor=0.5,
         rate=0.4, mean_months=2, recovery=1, disruption="yes"),
    more("Hazards", name="Rise", target=["Australia"], effect="price", factor=1.2,
         largest_factor=3, rate=0.5, mean_months=3),
    more("Scenarios", name="Flood", probability=0.2, known="2026-09"),
    more("Events", name="Wet", scenario="Flood", target=["Lane"], effect="capacity", factor=0),
)  # fmt: skip


def typed_out(tables: Tables) -> Edit:
    """The rows of Scenarios and Events of a book, hazards drawn, as a planner types them."""

    def cells(sheet: str, **texts: Any) -> list[dict[str, Any]]:
        return [
            {
                key: texts.get(key, lambda x: x)(x)
                for key, x in row.items()
                if x == x and x not in ("", ())
            }
            for row in tables[sheet].rows.to_dict("records")
        ]

    scenarios = cells("Scenarios", known=_month, use=_yes, disruption=_yes)
    lists = dict.fromkeys(("target", "commodity", "touches"), "; ".join)
    events = cells("Events", **lists, start=_month, use=_yes, disruption=_yes)
    return lambda sheets: sheets.update(Scenarios=scenarios, Events=events, Hazards=[])


def _month(value: int | None) -> str | None:
    return None if value is None else month_text(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@pytest.mark.parametrize("risk_weight", [0.0, 0.5])
def test_drawn_and_typed_scenarios_give_one_plan(tmp_path: Path, risk_weight: float) -> None:
    options = {"calendar": "12 month", "risk_weight": risk_weight}
    drawn = small_book(tmp_path / "drawn.xlsx", both(LOST, HAZARDS), draws=200, **options)
    tables = kido.load(drawn)
    assert len(tables["Scenarios"]) > 100
    typed = small_book(tmp_path / "typed.xlsx", both(LOST, typed_out(tables)), **options)
    plans = [kido.evaluate(book) for book in (drawn, typed)]
    assert plans[0].solution.objective == pytest.approx(plans[1].solution.objective, rel=1e-9)
    assert [h.name for h in plans[0].histories] == [h.name for h in plans[1].histories]
    run = kido.solve(drawn, write=False)
    assert run.facts["objective"] == pytest.approx(plans[0].solution.objective, rel=1e-9)


def test_one_draw_planned_alone(tmp_path: Path) -> None:
    """A history drawn can be planned as if it were certain, by its name."""
    book = small_book(tmp_path / "book.xlsx", both(LOST, HAZARDS), draws=20, calendar="12 month")
    name = next(r.name for r in kido.load(book)["Scenarios"].records() if r.disruption)
    alone = kido.evaluate(book, name)
    assert [h.name for h in alone.histories] == [name]


def test_a_sweep_draws_anew(tmp_path: Path) -> None:
    """Each point costs what the book costs with that seed or that rate typed."""
    sweeps = both(
        more("Sweeps", name="Luck", sheet="Settings", row="seed", operation="set", values="3; 4"),
        more("Sweeps", name="Fires", sheet="Hazards", row="Fire", column="rate",
             operation="times", values="0; 2"),
    )  # fmt: skip
    options = {"draws": 20, "calendar": "12 month", "steady": 0}
    book = small_book(tmp_path / "book.xlsx", both(LOST, HAZARDS, sweeps), **options)

    def cost(edit: Edit, **changes: Any) -> float:
        typed = small_book(tmp_path / "typed.xlsx", both(LOST, HAZARDS, edit), **options, **changes)
        return kido.evaluate(typed).solution.objective

    luck, fires = kido.sweep(book, output=tmp_path / "run")
    by_seed = [cost(sweeps, seed=seed) for seed in (3, 4)]
    by_rate = [cost(changed("Hazards", "Fire", rate=rate)) for rate in (0, 0.8)]
    for sweep, costs in ((luck, by_seed), (fires, by_rate)):
        found = [outcome.objective for outcome in sweep.result.outcomes]
        assert found == pytest.approx(costs, rel=1e-7)
        assert costs[0] != pytest.approx(costs[1], rel=1e-3)
