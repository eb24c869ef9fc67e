"""The rooms of the house import downwards only."""

from __future__ import annotations

from pathlib import Path

import pytest

from places import MODEL
from structure import structure


@pytest.mark.parametrize(
    "package", ["data", "lp", "solver", "certificate", "report", "result", "comparison"]
)
def test_no_circle(package: str) -> None:
    assert structure(MODEL, f"kido.{package}").circles == []


def test_the_study_is_a_few_rooms_on_few_floors() -> None:
    study = structure(MODEL, "kido.study")
    assert study.circles == []
    assert len(study.arrows) <= 13 and study.floors <= 10


def test_a_circle_is_seen(tmp_path: Path) -> None:
    package = tmp_path / "house"
    package.mkdir()
    (package / "one.py").write_text("from house import two\n")
    (package / "two.py").write_text("from house.three import name\n")
    (package / "three.py").write_text("import house.one\n")
    found = structure(tmp_path, "house")
    assert set(found.circles[0]) == {"one", "two", "three"}
    (package / "three.py").write_text("")
    assert structure(tmp_path, "house").circles == []
    assert structure(tmp_path, "house").floors == 3
