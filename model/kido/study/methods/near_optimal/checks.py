"""Checks of a row that asks for near-optimal ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kido.data.tables import Frame
from kido.data.validation.checking import fault
from kido.errors import Finding


def check_row(frame: Frame, row: Any, values: Sequence[float]) -> Iterator[Finding]:
    """A fault if an extra cost is not positive."""
    if min(values) <= 0:
        yield fault("sweep-room", frame, row.Index, "values", f"{min(values):g}")
