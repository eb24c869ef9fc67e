"""One golden text for each family of rows, built alone on a book of two periods.

The texts are read by people: each was checked by hand against the family's docstring.
After a wanted change write them anew with
`PYTHONPATH=tests/support python tests/lp/test_golden.py`, and read the difference before it is
kept.
"""

from __future__ import annotations

import re
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from pyomo.repn.plugins.lp_writer import LPWriter

from books import make_book, read
from family_examples import TOYS
from kido.data.case.build import make_case
from kido.lp.build import build_model
from kido.lp.family import FAMILIES

GOLDEN = Path(__file__).parent / "golden"


def text_of(family: str, folder: Path) -> str:
    """The program of the family's toy with the rows of this family alone, to nine digits."""
    settings, sheets = TOYS[family]
    tables = read(make_book(folder / f"{family}.xlsx", settings, **sheets))
    model, _ = build_model(make_case(tables), {family: FAMILIES[family]})
    text = StringIO()
    LPWriter().write(model, text, symbolic_solver_labels=True)
    return re.sub(r"\d+\.\d+(e[+-]\d+)?", lambda x: f"{float(x[0]):.9g}", text.getvalue())


def golden(family: str) -> Path:
    return GOLDEN / f"{family}.lp"


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_are_as_written_down(family, tmp_path):
    assert text_of(family, tmp_path) == golden(family).read_text(encoding="utf-8")


def test_every_family_answers_the_roll_call():
    """Each has a toy and a text, each text a row of its family; no text is left over."""
    assert set(TOYS) == set(FAMILIES)
    assert {path.stem for path in GOLDEN.iterdir()} == set(FAMILIES)
    for family in FAMILIES:
        rows = golden(family).read_text(encoding="utf-8").partition("s.t.")[2]
        assert f"_{family}(" in rows, f"the golden text of {family} has none of its rows"


def write_golden_texts() -> None:
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for family in FAMILIES:
            golden(family).write_text(text_of(family, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    write_golden_texts()
