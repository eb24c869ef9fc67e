"""Units that a number format displays beside a number."""

from __future__ import annotations

import re
from collections.abc import Collection

from kido.data.schema import Column
from kido.data.workbook.raw import fold, takes_percent

UNITS = {
    "USD": ("usd", "$", "us$", "dollar", "dollars", "ドル", "米ドル"),
    "kUSD": ("kusd", "k$"),
    "JPY": ("jpy", "¥", "円", "yen"),
    "EUR": ("eur", "€", "euro", "ユーロ"),
    "GBP": ("gbp", "£"),
    "CNY": ("cny", "rmb", "元", "人民元"),
    "KRW": ("krw", "₩", "ウォン"),
    "AUD": ("aud", "a$"),
    "t": ("t", "ton", "tons", "tonne", "tonnes", "mt", "トン"),
    "kg": ("kg", "kgs", "キロ", "キログラム"),
    "g": ("g", "グラム"),
    "kt": ("kt",),
    "lb": ("lb", "lbs"),
    "%": ("%",),
    "‰": ("‰",),
    "day": ("d", "day", "days", "日"),
    "week": ("wk", "week", "weeks", "週", "週間"),
    "month": ("mo", "month", "months", "月", "か月", "ヶ月", "ヵ月", "ケ月", "カ月", "箇月"),
    "year": ("y", "yr", "year", "years", "年"),
}
UNIT_OF = {fold(word): unit for unit, words in UNITS.items() for word in words}
# Large numbers are shown by their thousands, millions, ten thousands.
SCALES = ("千", "万", "百万", "十億", "億", "thousand", "million", "mn", "k", "m", "bn")
SCALE = re.compile(rf"({'|'.join(sorted(SCALES, key=len, reverse=True))})(.*)")
NOTHING, THOUSANDS = "nothing", "only thousands or millions"
SIGNS = "$¥€£₩%‰"
WORD = re.compile(rf"(?:[ak]|us)?\$|[{SIGNS}]|[^\W\d_]+")
LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|([^\x00-\x7f]|[$%])')
SCALED = re.compile(r"[0#?]\s*,+(?![,0#?])")


def units_shown(
    number_format: str, value: float, column: Column, masses: Collection[str] = ()
) -> str:
    """The unit or scale that a format displays and its column does not have; or ''.

    `masses` are the units of mass of the commodities of the book.
    """
    if number_format in ("General", "", "@") or value != value:
        return ""
    section = _section(number_format, value)
    symbols = LITERAL.sub("", section)
    words = ["".join(filter(None, groups)) for groups in LITERAL.findall(section)]
    if not section:
        return NOTHING
    if value and SCALED.search(symbols):
        return THOUSANDS
    if not column.unit:
        return ""
    expected = units_of(column.unit) | set(masses) | ({"%"} if takes_percent(column) else set())
    for word in WORD.findall(fold("".join(words))):
        unit = _unit(word)
        if unit and unit not in expected and not (column.unit.startswith("per ") and word in SIGNS):
            return word
    return ""


def units_of(text: str) -> set[str]:
    """The units in a text such as `USD/kg`."""
    return {unit for word in WORD.findall(fold(text)) if (unit := UNIT_OF.get(word))}


def is_unit(text: str) -> bool:
    """Whether a text consists of units only, such as `USD/kg` or `円 per t`."""
    words = [word for word in WORD.findall(fold(text)) if word not in ("per", "a")]
    return bool(words) and all(_unit(word) for word in words)


def _unit(word: str) -> str:
    if word in UNIT_OF:
        return UNIT_OF[word]
    scaled = SCALE.fullmatch(word)
    if scaled and (not scaled[2] or scaled[2] in UNIT_OF):
        return f"{scaled[1]} of {scaled[2]}"
    return ""


def _section(number_format: str, value: float) -> str:
    """The section of a format for numbers of this sign."""
    parts = _split(number_format)
    if value < 0 and len(parts) > 1 and parts[1]:
        return parts[1]
    return parts[2] if value == 0 and len(parts) > 2 else parts[0]


def _split(number_format: str) -> list[str]:
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
