"""The record of a run in `run.json`; its keys are stable."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kido.data.tables import Tables
from kido.result.kept_plan import kept_facts
from kido.result.nervousness import nervousness_facts
from kido.result.plan import SolvedPlan
from kido.solver.solution import Statistics

PACKAGES = ("kido", "pyomo", "highspy", "pandas", "openpyxl", "xlsxwriter", "numpy", "scipy")


def run_facts(plan: SolvedPlan, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The record: status, costs (kUSD), sizes, seconds by phase, hash, versions and options."""
    case, solution = plan.case, plan.solution
    statistics = solution.statistics
    steadiness = statistics.steadiness
    return {
        "status": "stopped by the time limit" if statistics.stopped else "optimal",
        "objective": solution.objective,
        "objective_unit": "kUSD",
        "expected_cost": plan.expected_cost,
        "cvar": plan.cvar,
        "alone": plan.reference_cost_alone,
        "risk_weight": case.settings.risk_weight,
        "cvar_level": case.settings.cvar_level,
        "scenario": plan.scenario,
        "scenarios": [
            {"name": h.name, "probability": h.probability, "cost": h.cost} for h in plan.histories
        ],
        "moments": len(case.tree.nodes),
        "rows": statistics.rows,
        "columns": statistics.columns,
        "nonzeros": statistics.nonzeros,
        "solver": {
            "method": statistics.method,
            "attempts": list(statistics.attempts),
            "iterations": statistics.iterations,
            "staged_start": start_facts(statistics),
            "steadiness": steadiness and vars(steadiness),
            "primal_residual": _finite(statistics.primal_residual),
            "dual_residual": _finite(statistics.dual_residual),
            "duality_gap": _finite(statistics.duality_gap),
        },
        "proof": proof_facts(statistics),
        "kept": kept_facts(plan),
        "nervousness": nervousness_facts(plan) if case.near_orders else None,
        "seconds": dict(seconds),
        **book_facts(plan.tables),
        "options": {
            "solver_method": case.settings.solver_method,
            "time_limit": case.settings.time_limit,
            "optimality_gap": case.settings.optimality_gap,
            "steady": case.settings.steady,
            "draws": case.settings.draws,
            "seed": case.settings.seed,
            "draws_probability": case.settings.draws_probability,
        },
        "versions": versions(),
    }


def book_facts(tables: Tables) -> dict[str, str]:
    """The name and the hash of the workbook."""
    return {"workbook": Path(tables.path).name, "workbook_sha256": tables.sha256}


def versions(*more: str) -> dict[str, str]:
    """The versions of the packages that an answer comes of, of `more` packages, and of Python."""
    packages = {name: version(name) for name in (*PACKAGES, *more)}
    return packages | {"python": platform.python_version()}


def start_facts(statistics: Statistics) -> dict[str, Any] | None:
    """The record of a start from the scenario tree; None where the solver began from nothing."""
    start = statistics.start
    return None if start is None else {**vars(start), "seconds": round(start.seconds, 3)}


def proof_facts(statistics: Statistics) -> dict[str, Any]:
    """The record of the audit (kUSD, t, USD/kg), and of the second solve at risk weight 1."""
    facts: dict[str, Any] = {
        name: value if isinstance(value, int) else _finite(value)
        for name, value in vars(statistics.audit).items()
        if name != "faults"
    }
    facts["refused"] = list(statistics.refused)
    second = statistics.second
    if second is not None:
        facts["expected_cost_made_least"] = not second.fallback_reason
        facts["expected_cost_kept_because"] = second.fallback_reason
        facts["expected_cost_gap"] = None if second.audit is None else _finite(second.audit.gap)
    return facts


def _finite(number: float) -> float | None:
    """The number, or None where JSON cannot hold it."""
    return number if math.isfinite(number) else None
