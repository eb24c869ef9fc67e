"""kido (希土): plans rare-earth procurement from a workbook, with Pyomo and HiGHS.

import kido
run = kido.solve("inputs/japan.xlsx")
run.report["orders"].frame
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kido.errors import (
    CertificateError,
    ComparisonError,
    Finding,
    InfeasiblePlan,
    KidoError,
    NoCluster,
    OutputError,
    Place,
    RollError,
    SolverError,
    TimeLimitReached,
    UnboundedPlan,
    WorkbookError,
)

if TYPE_CHECKING:
    from kido.comparison.compare import compare
    from kido.comparison.comparison import Comparison
    from kido.forward import roll
    from kido.result.table_store import read_tables
    from kido.rolling.rolled import Rolled
    from kido.run import Run, evaluate, load, solve
    from kido.study.sweep import Sweep, sweep

__all__ = [
    "CertificateError",
    "Comparison",
    "ComparisonError",
    "Finding",
    "InfeasiblePlan",
    "KidoError",
    "NoCluster",
    "OutputError",
    "Place",
    "RollError",
    "Rolled",
    "Run",
    "SolverError",
    "Sweep",
    "TimeLimitReached",
    "UnboundedPlan",
    "WorkbookError",
    "compare",
    "evaluate",
    "load",
    "read_tables",
    "roll",
    "solve",
    "sweep",
]


_RENAMED = {  # what scripts written before may still ask for
    "BookFault": WorkbookError,
    "CertificateFault": CertificateError,
    "NoPlan": InfeasiblePlan,
    "NotSolved": SolverError,
    "StoppedAtLimit": TimeLimitReached,
    "Unbounded": UnboundedPlan,
    "Unwritable": OutputError,
}


def __getattr__(name: str) -> Any:
    """Pyomo takes a second to import: only what plans waits for it."""
    if name in _RENAMED:
        return _RENAMED[name]
    if name in ("Run", "evaluate", "load", "solve"):
        return getattr(import_module("kido.run"), name)
    if name == "read_tables":
        return getattr(import_module("kido.result.table_store"), name)
    if name == "roll":
        return import_module("kido.forward").roll
    if name == "Rolled":
        return import_module("kido.rolling.rolled").Rolled
    if name == "compare":
        return import_module("kido.comparison.compare").compare
    if name == "Comparison":
        return import_module("kido.comparison.comparison").Comparison
    if name in ("Sweep", "sweep"):
        return getattr(import_module("kido.study.sweep"), name)
    raise AttributeError(f"module 'kido' has no attribute {name!r}")
