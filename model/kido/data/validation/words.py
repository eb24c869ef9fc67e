"""Checks of names and words: each refers to something, and to one thing only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.schema import (
    ANY_COUNTRY,
    CALM,
    SPEND_KINDS,
    TRUNK,
    Column,
    catalogue,
    sheet_term,
    word_term,
)
from kido.data.selectors import NAMED_SHEETS, TAG_COLUMN, NameIndex, nearest
from kido.data.tables import Tables
from kido.data.validation.checking import by_name, did_you_mean, fault
from kido.data.workbook.raw import fold
from kido.errors import Finding
from kido.messages import Phrase, listed, phrase

# Every spelling of the reserved words.
RESERVED = {
    fold(text)
    for sheet, key, word in (
        ("Scenarios", "parent", TRUNK),
        ("Policies", "scenario", CALM),
        ("Policies", "of", ANY_COUNTRY),
    )
    for text in catalogue()[sheet].columns[key].words[word].spellings
}
FACILITY, COMMODITY = phrase("part.facility"), phrase("part.commodity")
TAG, COUNTRY = phrase("part.a_tag"), phrase("part.a_country")
# Columns that may hold a reserved word.
RESERVED_IN = {("Policies", "of"): ANY_COUNTRY, ("Policies", "scenario"): CALM}
RESERVED_IN[("Scenarios", "parent")] = TRUNK


def check_references(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every name in a reference column is on the sheet it refers to."""
    known = {name: tuple(by_name(tables[name])) for name in tables.frames if _is_keyed(name)}
    for sheet, frame in tables.frames.items():
        for column in catalogue()[sheet].columns.values():
            if column.refers not in known:
                continue
            for row in frame.records():
                for name in _names_in(getattr(row, column.key)):
                    if name not in known[column.refers] and not _reserved(column, name):
                        yield _unknown_reference(
                            tables, column, row.Index, name, known[column.refers]
                        )


def check_items(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that inputs and outputs of recipes are commodities, and that `uses` are facilities."""
    commodities, facilities = by_name(tables["Commodities"]), by_name(tables["Facilities"])
    for row in tables["Recipes"].records():
        right, wrong, what, other = (
            (facilities, commodities, FACILITY, COMMODITY)
            if row.role == "uses"
            else (commodities, facilities, COMMODITY, FACILITY)
        )
        if row.item in right:
            continue
        close = nearest(row.item, tuple(right))
        place = tables["Recipes"], row.Index, "item", row.item
        about = {"role": word_term("Recipes", "role", row.role), "what": what, "close": close}
        advice = did_you_mean(close, phrase("part.name_a", what=what))
        if row.item in wrong:
            yield fault("recipe-item.other", *place, **about, other=other, advice=advice)
        else:
            yield fault("recipe-item", *place, **about, advice=advice)


def check_words(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every word that reaches rows is a name, tag, site or country of the book."""
    for sheet, frame in tables.frames.items():
        for column in catalogue()[sheet].columns.values():
            known = _valid_words(column, words)
            if known is None:
                continue
            for row in frame.records():
                for word in getattr(row, column.key):
                    if word not in known and not _reserved(column, word):
                        yield _unknown_word(tables, column, row.Index, word, known)


def check_one_thing(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no word is of two kinds: a name and a tag, site, country or other name."""
    first: dict[str, tuple[Phrase, str]] = {}
    reported: set[tuple[str, Phrase]] = set()
    for word, what, sheet, row, key in _uses(tables):
        earlier, where = first.setdefault(word, (what, ""))
        place = tables[sheet].place(row, key)
        if not where:
            first[word] = (what, str(place))
        elif earlier != what and (word, what) not in reported:
            reported.add((word, what))
            yield fault(
                "two-things", tables[sheet], row, key, word,
                word=word, what=what, earlier=earlier, where=where,
            )  # fmt: skip


def check_reserved(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no name is a reserved word."""
    repeated = {r.name for r in tables["Scenarios"].records() if r.every == r.every}
    uses = [(r.name, "Scenarios", r.Index, "name") for r in tables["Scenarios"].records()]
    uses += [(word, sheet, row, key) for word, _, sheet, row, key in _uses(tables)]
    for word, sheet, row, key in uses:
        if fold(word) in RESERVED:
            yield fault("reserved-word", tables[sheet], row, key, word, word=word)
        elif sheet == "Scenarios" and word[:-8] in repeated and word[-8:-7] == " ":
            yield fault("reserved-word.repeat", tables[sheet], row, key, word, scenario=word[:-8])


def _is_keyed(sheet: str) -> bool:
    return bool(catalogue()[sheet].keys)


def _names_in(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) and value else ()


def _reserved(column: Column, word: str) -> bool:
    return RESERVED_IN.get((column.sheet, column.key)) == word


def _valid_words(column: Column, words: NameIndex) -> Mapping[str, object] | None:
    if column.refers == "Word":
        return words.kinds
    if column.refers == "Place":
        return {w: k for w, k in words.kinds.items() if {"site", "country"} & set(k)}
    return dict.fromkeys(column.spellings) if column.refers == "Kinds" else None


def _unknown_reference(
    tables: Tables, column: Column, row: int, name: str, known: tuple[str, ...]
) -> Finding:
    close, sheet = nearest(name, known), sheet_term(column.refers)
    advice = did_you_mean(close, phrase("part.add_to_sheet", sheet=sheet))
    if name in tables[column.refers].unused:
        advice = phrase("part.unused", sheet=sheet)
    elif "," in name and column.kind == "words":
        advice = phrase("part.names_apart")
    return fault(
        "reference-to-nothing", tables[column.sheet], row, column.key, name,
        name=name, sheet=sheet, expected=close or phrase("part.name_from", sheet=sheet),
        advice=advice,
    )  # fmt: skip


def _unknown_word(
    tables: Tables, column: Column, row: int, word: str, known: Mapping[str, object]
) -> Finding:
    close = column.term_of_spelling(nearest(word, known))
    expected = {
        "Word": phrase("part.any_word"),
        "Place": phrase("part.a_place"),
        "Kinds": listed(map(column.term_of, SPEND_KINDS)),
    }[column.refers]
    advice = did_you_mean(close, phrase("part.type", expected=expected))
    unused = [sheet for sheet, frame in tables.frames.items() if word in frame.unused]
    if unused:
        advice = phrase("part.unused", sheet=sheet_term(unused[0]))
    elif "," in word:
        advice = phrase("part.words_apart")
    return fault(
        "word-matches-nothing", tables[column.sheet], row, column.key, word,
        word=word, column=column.term, expected=close or expected, advice=advice,
    )  # fmt: skip


def _uses(tables: Tables) -> Iterator[tuple[str, Phrase, str, int, str]]:
    """(word, kind, sheet, row, column) of every name, tag, site and country in the book."""
    for sheet in ("Sites", *NAMED_SHEETS):
        extra = TAG_COLUMN.get(sheet, "")
        what = phrase("part.row_name", sheet=sheet_term(sheet))
        if sheet == "Sites":
            what = phrase("part.a_site")
        for row in tables[sheet].records():
            yield row.name, what, sheet, row.Index, "name"
            for tag in row.tags if hasattr(row, "tags") else ():
                yield tag, TAG, sheet, row.Index, "tags"
            if extra and getattr(row, extra):
                yield getattr(row, extra), TAG, sheet, row.Index, extra
            if sheet == "Sites" and row.country:
                yield row.country, COUNTRY, sheet, row.Index, "country"
