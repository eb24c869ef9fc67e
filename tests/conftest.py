"""The quick lane: `pytest -m "not long"` leaves out what starts processes or takes long."""

from __future__ import annotations

import pytest

LONG = {
    "test_audit", "test_both_ways", "test_causes", "test_check", "test_confidence", "test_curve",
    "test_decomposition", "test_errors", "test_exact",
    "test_figures", "test_fuzz", "test_messages",
    "test_japan_book", "test_japan_facts", "test_japan_history",
    "test_killed", "test_parametric_program", "test_warm_start",
    "test_openings", "test_executor", "test_staged_start",
    "test_properties", "test_resume", "test_sweep", "test_sweep_book", "test_sweep_cli",
    "test_tampering", "test_ties",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in LONG:
            item.add_marker(pytest.mark.long)
