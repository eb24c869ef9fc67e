"""Where things lie in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "model"
INPUTS = ROOT / "inputs"
TUTORIAL = INPUTS / "tutorial.xlsx"
JAPAN = INPUTS / "japan.xlsx"
