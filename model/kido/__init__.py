"""kido (希土): plans rare-earth procurement from a workbook, with Pyomo and HiGHS.

import kido
run = kido.solve("inputs/japan.xlsx")
run.report["orders"].frame
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kido.errors import (
    BookFault,
    CertificateFault,
    Finding,
    KidoError,
    NoCluster,
    NoPlan,
    NotSolved,
    Place,
    StoppedAtLimit,
    Unbounded,
    Unwritable,
)

if TYPE_CHECKING:
    from kido.run import Run, load, solve
    from kido.study.sweep import Sweep, sweep

__all__ = [
    "BookFault",
    "CertificateFault",
    "Finding",
    "KidoError",
    "NoCluster",
    "NoPlan",
    "NotSolved",
    "Place",
    "Run",
    "StoppedAtLimit",
    "Sweep",
    "Unbounded",
    "Unwritable",
    "load",
    "solve",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Pyomo takes a second to import: only what plans waits for it."""
    if name in ("Run", "load", "solve"):
        return getattr(import_module("kido.run"), name)
    if name in ("Sweep", "sweep"):
        return getattr(import_module("kido.study.sweep"), name)
    raise AttributeError(f"module 'kido' has no attribute {name!r}")
