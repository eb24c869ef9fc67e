"""Styles of cells: number format and strikethrough."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS

from kido.data.workbook.package import Attributes, Package, truth

GENERAL = "General"
# Formats that a Japanese Excel knows by number and does not write out.
EAST_ASIAN = {
    27: "[$-411]ge.m.d",
    28: '[$-411]ggge"年"m"月"d"日"',
    29: '[$-411]ggge"年"m"月"d"日"',
    30: "m/d/yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"',
    34: 'yyyy"年"m"月"',
    35: 'm"月"d"日"',
    36: "[$-411]ge.m.d",
    50: "[$-411]ge.m.d",
    51: '[$-411]ggge"年"m"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: '[$-411]ggge"年"m"月"d"日"',
    55: 'yyyy"年"m"月"',
    56: 'm"月"d"日"',
    57: "[$-411]ge.m.d",
    58: '[$-411]ggge"年"m"月"d"日"',
}


@dataclass(frozen=True)
class Style:
    """The parts of a cell style that change how a value is read."""

    number_format: str = GENERAL
    strikethrough: bool = False


PLAIN = Style()


class Styles:
    """The styles of a workbook by number; the plain style for numbers out of range."""

    def __init__(self, package: Package, part: str):
        self._within: list[str] = []
        self._formats: dict[int, str] = {**BUILTIN_FORMATS, **EAST_ASIAN}
        self._fonts: list[bool] = []
        self._pairs: list[tuple[int, int]] = []
        if part:
            package.walk(part, self._start, self._end)
        self._styles = [self._style(*pair) for pair in self._pairs]

    def __getitem__(self, number: int) -> Style:
        return self._styles[number] if 0 <= number < len(self._styles) else PLAIN

    def _style(self, number: int, font: int) -> Style:
        strike = 0 <= font < len(self._fonts) and self._fonts[font]
        return Style(self._formats.get(number, GENERAL), strike)

    def _start(self, tag: str, attributes: Attributes) -> None:
        above = self._within[1] if len(self._within) > 1 else ""
        if tag == "numFmt" and above == "numFmts":
            self._formats[_whole(attributes.get("numFmtId"))] = attributes.get(
                "formatCode", GENERAL
            )
        elif tag == "font" and above == "fonts":
            self._fonts.append(False)
        elif tag == "strike" and above == "fonts" and self._fonts:
            self._fonts[-1] = truth(attributes.get("val", "1"))
        elif tag == "xf" and above == "cellXfs":
            self._pairs.append(
                (_whole(attributes.get("numFmtId")), _whole(attributes.get("fontId")))
            )
        self._within.append(tag)

    def _end(self, tag: str) -> None:
        self._within.pop()


def _whole(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() else 0
