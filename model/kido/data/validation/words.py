"""Do names and words stand for something, and for one thing only?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kido.data.schema import ANY_COUNTRY, CALM, SPEND_KINDS, TRUNK, Column, catalogue
from kido.data.selectors import NAMED_SHEETS, TAG_COLUMN, NameIndex, nearest
from kido.data.tables import Tables
from kido.data.validation.checking import by_name, fault
from kido.data.workbook.raw import fold
from kido.errors import Finding

RESERVED = {fold(word): word for word in (TRUNK, CALM, ANY_COUNTRY)}
# Columns that may hold a reserved word.
MAY_HOLD = {("Policies", "of"): ANY_COUNTRY, ("Policies", "scenario"): CALM}
MAY_HOLD[("Scenarios", "parent")] = TRUNK


def check_references(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Every name in a reference column stands on the sheet it refers to."""
    known = {name: tuple(by_name(tables[name])) for name in tables.frames if _is_keyed(name)}
    for sheet, frame in tables.frames.items():
        for column in catalogue()[sheet].columns.values():
            if column.refers not in known:
                continue
            for row in frame.records():
                for name in _given(getattr(row, column.key)):
                    if name not in known[column.refers] and not _reserved(column, name):
                        yield _nothing(tables, column, row.Index, name, known[column.refers])


def check_items(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A recipe's inputs and outputs are commodities, what it uses is a facility."""
    commodities, facilities = by_name(tables["Commodities"]), by_name(tables["Facilities"])
    for row in tables["Recipes"].records():
        right, wrong, what, other = (
            (facilities, commodities, "facility", "commodity")
            if row.role == "uses"
            else (commodities, facilities, "commodity", "facility")
        )
        if row.item in right:
            continue
        close = nearest(row.item, tuple(right))
        sentence = f"A line with the role '{row.role}' names a {what}; there is none of this name."
        if row.item in wrong:
            sentence = f"A line with the role '{row.role}' names a {what}; this is a {other}."
        advice = f"did you mean {close}?" if close else f"name a {what}, or change the role"
        yield fault(
            "recipe-item", tables["Recipes"], row.Index, "item", sentence, row.item, close, advice
        )


def check_words(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Every word that reaches rows is a name, a tag, a site or a country of the book."""
    for sheet, frame in tables.frames.items():
        for column in catalogue()[sheet].columns.values():
            known = _known(column, words)
            if known is None:
                continue
            for row in frame.records():
                for word in getattr(row, column.key):
                    if word not in known and not _reserved(column, word):
                        yield _unknown_word(tables, column, row.Index, word, known)


def check_one_thing(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No word is two things: a name here and a tag, a site, a country or a name there."""
    first: dict[str, tuple[str, str]] = {}
    told: set[tuple[str, str]] = set()
    for word, what, sheet, row, key in _uses(tables):
        earlier, where = first.setdefault(word, (what, ""))
        place = tables[sheet].place(row, key)
        if not where:
            first[word] = (what, str(place))
        elif earlier != what and (word, what) not in told:
            told.add((word, what))
            sentence = f"'{word}' is {what} here, and {earlier} at {where}: no word may be both."
            yield fault(
                "two-things", tables[sheet], row, key, sentence, word, "", "rename one of them"
            )


def check_reserved(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Words with a meaning of their own may not name anything."""
    repeated = {r.name for r in tables["Scenarios"].records() if r.every == r.every}
    uses = [(r.name, "Scenarios", r.Index, "name") for r in tables["Scenarios"].records()]
    uses += [(word, sheet, row, key) for word, _, sheet, row, key in _uses(tables)]
    for word, sheet, row, key in uses:
        if fold(word) in RESERVED:
            sentence = (
                f"'{RESERVED[fold(word)]}' has a meaning of its own and may not name anything."
            )
            yield fault("reserved-word", tables[sheet], row, key, sentence, word, "", "rename it")
        elif sheet == "Scenarios" and word[:-8] in repeated and word[-8:-7] == " ":
            sentence = f"A repeat of the scenario '{word[:-8]}' will bear this name."
            yield fault("reserved-word", tables[sheet], row, key, sentence, word, "", "rename it")


def _is_keyed(sheet: str) -> bool:
    return bool(catalogue()[sheet].keys)


def _given(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) and value else ()


def _reserved(column: Column, word: str) -> bool:
    return MAY_HOLD.get((column.sheet, column.key)) == word


def _known(column: Column, words: NameIndex) -> Mapping[str, object] | None:
    if column.refers == "Word":
        return words.kinds
    if column.refers == "Place":
        return {w: k for w, k in words.kinds.items() if {"site", "country"} & set(k)}
    return dict.fromkeys(SPEND_KINDS) if column.refers == "Kinds" else None


def _nothing(
    tables: Tables, column: Column, row: int, name: str, known: tuple[str, ...]
) -> Finding:
    close = nearest(name, known)
    advice = f"did you mean {close}?" if close else f"add it to the sheet {column.refers}"
    if name in tables[column.refers].unused:
        advice = f"its row on the sheet {column.refers} says use: no; use it, or name another"
    elif "," in name and column.kind == "words":
        advice = "separate names with semicolons"
    sentence = f"'{name}' does not stand on the sheet {column.refers}."
    return fault(
        "reference-to-nothing",
        tables[column.sheet],
        row,
        column.key,
        sentence,
        name,
        close or f"a name from {column.refers}",
        advice,
    )


def _unknown_word(
    tables: Tables, column: Column, row: int, word: str, known: Mapping[str, object]
) -> Finding:
    close = nearest(word, known)
    expected = {
        "Word": "a name, tag, site or country",
        "Place": "a site or country",
        "Kinds": ", ".join(SPEND_KINDS),
    }[column.refers]
    advice = f"did you mean {close}?" if close else f"type {expected}"
    unused = [sheet for sheet, frame in tables.frames.items() if word in frame.unused]
    if unused:
        advice = f"its row on the sheet {unused[0]} says use: no; use it, or name another"
    elif "," in word:
        advice = "separate words with semicolons"
    sentence = f"The word '{word}' matches nothing that '{column.name}' may name."
    return fault(
        "word-matches-nothing",
        tables[column.sheet],
        row,
        column.key,
        sentence,
        word,
        close or expected,
        advice,
    )


def _uses(tables: Tables) -> Iterator[tuple[str, str, str, int, str]]:
    """Every place where a word is made: the word, what it is there, sheet, row, column."""
    for sheet in ("Sites", *NAMED_SHEETS):
        extra = TAG_COLUMN.get(sheet, "")
        what = "a site" if sheet == "Sites" else f"the name of a row of {sheet}"
        for row in tables[sheet].records():
            yield row.name, what, sheet, row.Index, "name"
            for tag in row.tags if hasattr(row, "tags") else ():
                yield tag, "a tag", sheet, row.Index, "tags"
            if extra and getattr(row, extra):
                yield getattr(row, extra), "a tag", sheet, row.Index, extra
            if sheet == "Sites" and row.country:
                yield row.country, "a country", sheet, row.Index, "country"
