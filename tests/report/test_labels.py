"""The words of pages: each key once, in both languages, with the same places to fill in."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from kido.report.labels import all_labels
from places import MODEL

FILES = sorted(MODEL.rglob("labels.csv"))


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines(), delimiter="|"))


def test_no_key_stands_twice() -> None:
    keys = Counter(row[0] for path in FILES for row in rows(path)[1:])
    assert [key for key, count in keys.items() if count > 1] == []
    assert set(keys) == set(all_labels())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_both_languages_say_the_same(path: Path) -> None:
    for key, english, japanese in rows(path)[1:]:
        assert english.strip() and japanese.strip(), key
        places = [sorted(name or "" for _, name, *_ in Formatter().parse(t) if name is not None)
                  for t in (english, japanese)]  # fmt: skip
        assert places[0] == places[1], key
