"""The shipped book of Japan, read once."""

from __future__ import annotations

import openpyxl
import pytest

from books import read
from kido.data.tables import Tables
from places import JAPAN


@pytest.fixture(scope="session")
def tables() -> Tables:
    return read(JAPAN)


@pytest.fixture(scope="session")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(JAPAN, read_only=True)
