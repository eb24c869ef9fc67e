"""The sweeps of the tutorial give the figures its README works out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import kido
from places import TUTORIAL


def bends(name: str, folder: Path) -> list[float]:
    (found,) = kido.sweep(TUTORIAL, name, jobs=1, output=folder)
    (curve,) = found.result.curves
    assert all(bend.exact for bend in curve.breakpoints) and curve.error < 1e-9
    return [bend.at for bend in curve.breakpoints]


def test_the_exporter_gives_way_in_three_steps(tmp_path: Path) -> None:
    assert bends("Exporter price", tmp_path / "run") == pytest.approx([218, 219, 220])


def test_a_stop_is_worth_insuring_from_one_in_forty(tmp_path: Path) -> None:
    assert bends("Chance of a stop", tmp_path / "run") == pytest.approx([0.025])
