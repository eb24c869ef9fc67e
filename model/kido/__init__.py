"""kido (希土): plans rare-earth procurement from a workbook, with Pyomo and HiGHS.

import kido
run = kido.solve("inputs/japan.xlsx")
run.report["Orders"].frame
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kido.errors import (
    BookFault,
    CertificateFault,
    Finding,
    KidoError,
    NoPlan,
    NotSolved,
    Place,
    StoppedAtLimit,
    Unbounded,
)

if TYPE_CHECKING:
    from kido.run import Run, load, solve

__all__ = [
    "BookFault",
    "CertificateFault",
    "Finding",
    "KidoError",
    "NoPlan",
    "NotSolved",
    "Place",
    "Run",
    "StoppedAtLimit",
    "Unbounded",
    "load",
    "solve",
]


def __getattr__(name: str) -> Any:
    """Pyomo takes a second to import: only what plans waits for it."""
    if name in ("Run", "load", "solve"):
        from kido import run

        return getattr(run, name)
    raise AttributeError(f"module 'kido' has no attribute {name!r}")
