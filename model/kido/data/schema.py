"""The catalogue: every sheet and column of the workbook.

`catalogue.csv` holds one line for each column (its name in English and Japanese,
type, unit, default, range, what it refers to, what it means). The reader, the
checker, the blank template, the drop-downs, the header comments and the manual page
are all made from the `Sheet` and `Column` records here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kido.messages import Term, Unit

LANGUAGES = ("en", "ja")

SHEET_TITLES_JA = {
    "Settings": "設定",
    "Commodities": "品目",
    "Sites": "拠点",
    "Supply": "供給",
    "Sales": "販売",
    "Facilities": "設備",
    "Processes": "工程",
    "Recipes": "配合",
    "Routes": "経路",
    "Contracts": "契約",
    "Stockpiles": "備蓄",
    "Demand": "需要",
    "Relief": "緩和",
    "Policies": "政策",
    "Underway": "進行中",
    "Scenarios": "シナリオ",
    "Events": "事象",
    "Hazards": "ハザード",
    "Orders": "発注",
    "Actuals": "実績",
    "Profiles": "プロファイル",
    "Sweeps": "感度分析",
    "Sources": "出典",
}

SPEND_KINDS = ("expansion", "purchase", "fee", "freight", "running", "holding")
FLAGS = {"en": ("yes", "no"), "ja": ("はい", "いいえ")}
ANY_COUNTRY = "any country"
HELD = ("cover", "stock")  # measures of what stockpiles hold at the end of a period
CALM = "calm"
TRUNK = "Trunk"


@dataclass(frozen=True)
class Word:
    """A word that kido knows in a cell: its code and its spellings in both languages.

    A book may use either language. `old` is a former spelling, which is still read.
    """

    code: str
    english: str
    japanese: str

    @property
    def term(self) -> Term:
        """The word in both languages, for messages."""
        return Term(self.english, self.japanese)

    @property
    def old(self) -> str:
        """The former spelling; '' where there is none."""
        return self.code if self.code != self.english else ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling that is read."""
        return tuple(dict.fromkeys((self.english, self.japanese, self.code)))


@dataclass(frozen=True)
class Column:
    """One column of a sheet, or one option of `Settings`.

    `kind` is one of text, name, number, integer, share (0 to 1), rate (may pass 1),
    month, flag, choice, words and numbers (lists separated by semicolons), reference (a
    number or a name), calendar. `need` is `key` or `yes` (must be filled), `part` (of the key,
    may be blank) or blank. `words` are those of a choice, by code; of another kind, those with
    a meaning of their own.
    """

    sheet: str
    key: str
    name: str
    name_ja: str
    need: str
    kind: str
    words: Mapping[str, Word]
    unit: str
    default: str
    least: float | None
    most: float | None
    refers: str
    meaning: str
    meaning_ja: str
    old_name: str = ""  # a former header, which is still read

    @property
    def required(self) -> bool:
        """Whether a cell of the column must be filled."""
        return self.need in ("key", "yes")

    @property
    def term(self) -> Term:
        """The name of the column in both languages, for messages."""
        return Term(self.name, self.name_ja)

    @property
    def head(self) -> Term:
        """The header cell in both languages, for messages."""
        return Term(self.header("en"), self.header("ja"))

    def choices(self, language: str = "en") -> tuple[str, ...]:
        """The words of the drop-down as written; empty for columns that are not choices."""
        if self.kind != "choice":
            return ()
        return tuple(self.spelling_of(code, language) for code in self.words)

    def spelling_of(self, code: str, language: str = "en") -> str:
        """The word of a code, as written in a book; a text that is no code, as it is."""
        return self.term_of(code).in_language(language)

    def term_of(self, code: str) -> Term:
        """The word of a code in both languages, for messages; a text that is no code, as it is."""
        return self.words[code].term if code in self.words else Term(code, code)

    def term_of_spelling(self, text: str) -> Term | str:
        """A spelling in both languages, for messages; a text of no word, as it is."""
        known = (word.japanese for word in self.words.values() if text in word.spellings)
        japanese = next(known, "")
        return Term(text, japanese) if japanese else text

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling of every word of the column."""
        return tuple(text for word in self.words.values() for text in word.spellings)

    def header(self, language: str = "en") -> str:
        """The header cell: the name, with the unit unless the name contains it."""
        label = self.name_ja if language == "ja" else self.name
        carried = not self.unit or self.unit in ("months", "%", "years") or ";" in self.unit
        return label if carried else f"{label} [{self.unit_in(language)}]"

    def unit_in(self, language: str = "en") -> str:
        """The unit as written in a language; '' where there is none."""
        return Unit(self.unit).in_language(language) if self.unit else ""

    def explain(self, language: str = "en") -> str:
        """The meaning of the column, in a language."""
        return self.meaning_ja if language == "ja" else self.meaning


@dataclass(frozen=True)
class Sheet:
    """One sheet: its columns by key, in the order of the template."""

    name: str
    columns: Mapping[str, Column]

    @property
    def title_ja(self) -> str:
        """The Japanese title."""
        return SHEET_TITLES_JA[self.name]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together identify a row."""
        return tuple(c.key for c in self.columns.values() if c.need in ("key", "part"))

    @property
    def term(self) -> Term:
        """The title in both languages, for messages."""
        return Term(self.name, self.title_ja)

    def title(self, language: str = "en") -> str:
        """The title in a language."""
        return self.title_ja if language == "ja" else self.name


def _number(text: str) -> float | None:
    return float(text) if text else None


def _words(codes: str, japanese: str, renamed: str) -> Mapping[str, Word]:
    if not codes:
        return {}
    new = dict(pair.split("=") for pair in renamed.split(",") if pair)
    pairs = zip(codes.split(","), japanese.split(","), strict=True)
    return {code: Word(code, new.get(code, code), ja) for code, ja in pairs}


def _column(line: Mapping[str, str], sheet: str) -> Column:
    kind, _, codes = line["type"].partition(":")
    return Column(
        sheet=sheet,
        key=line["key"],
        name=line["name"],
        name_ja=line["ja"],
        need=line["need"],
        kind=kind,
        words=_words(codes, line["words_ja"], line["renamed"]),
        unit=line["unit"],
        default=line["default"],
        least=_number(line["least"]),
        most=_number(line["most"]),
        refers=line["refers"],
        meaning=line["meaning"],
        meaning_ja=line["meaning_ja"],
        old_name=line["old_name"],
    )


@cache
def catalogue() -> Mapping[str, Sheet]:
    """All sheets by name. `Settings` holds its options as columns."""
    text = resources.files(__package__).joinpath("catalogue.csv").read_text("utf-8")
    lines = list(csv.DictReader(text.splitlines(), delimiter="|"))
    shared = [line for line in lines if line["sheet"] == "*"]
    sheets = {}
    for name in SHEET_TITLES_JA:
        own = [line for line in lines if line["sheet"] == name]
        common = [] if name in ("Settings", "Sources") else shared
        sheets[name] = Sheet(name, {line["key"]: _column(line, name) for line in own + common})
    return sheets


def sheet_term(name: str) -> Term:
    """The title of a sheet in both languages, for messages."""
    return catalogue()[name].term


def column_term(sheet: str, key: str) -> Term:
    """The name of a column in both languages, for messages."""
    return catalogue()[sheet].columns[key].term


def word_term(sheet: str, key: str, code: str) -> Term:
    """A word of a drop-down in both languages, for messages."""
    return catalogue()[sheet].columns[key].term_of(code)


# The columns of the Settings sheet itself: one option to a row.
SETTINGS_COLUMNS = ("option", "value", "unit", "meaning", "source", "grade")
SETTINGS_COLUMNS_JA = ("項目", "値", "単位", "意味", "出典", "信頼度")
