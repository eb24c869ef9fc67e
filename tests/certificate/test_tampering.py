"""A changed cell in any column of the written flows is found, whatever the kind of flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kido.certificate import verify
from kido.data.tables import Tables
from kido.result.flows import KINDS
from kido.result.plan import SolvedPlan
from plan import plan
from randombooks import books

TAMPERED: dict[str, Callable[[Any], Any]] = {
    "kind": lambda kind: KINDS[(KINDS.index(kind) + 1) % len(KINDS)],
    "name": lambda name: f"{name} too",
    "item": lambda item: f"{item} too",
    "branch": lambda branch: f"{branch} too",
    "start": lambda start: start + 1000,
    "months": lambda months: months + 1,
    "value": lambda value: 1.01 * value + 0.01,
}


@pytest.mark.parametrize("column", TAMPERED)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(tables=books(), data=st.data())
def test_a_changed_cell_is_found(column: str, tables: Tables, data: st.DataObject) -> None:
    case, solution = plan(tables)
    answer = SolvedPlan(tables, case, solution, None)
    money = solution.objective, answer.expected_cost, answer.cvar
    assert verify(tables, answer.flows, *money).findings == ()
    for kind in sorted(set(answer.flows["kind"])):
        lines = answer.flows.index[answer.flows["kind"] == kind].tolist()
        flows: pd.DataFrame = answer.flows.copy()
        line = data.draw(st.sampled_from(lines), label=kind)
        flows.loc[line, column] = TAMPERED[column](flows.loc[line, column])
        found = verify(tables, flows, *money).findings
        assert found, f"{column} of {answer.flows.loc[line].to_dict()}"
