"""Numbers and names of the book as a planner writes them in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kido.report.labels import Labels
from kido.study.design.parameter import Parameter

SHOWN = 3  # names in a sentence; the others are counted
SMALLEST = 1e-5  # share: smaller ones are called less than that


def plain(number: float) -> str:
    """A number as typed: six digits at most, thousands apart."""
    if not math.isfinite(number):
        return "–"
    rounded = float(f"{number:.6g}") + 0.0
    places = max(0, 5 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    text = f"{rounded:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if abs(rounded) >= 10_000 else text.replace(",", "")


def rounded(number: float, size: float, signed: bool = False) -> str:
    """Without false decimals, as its neighbours of this size are shown."""
    places = 0 if size >= 100 else 1 if size >= 1 else 2
    if abs(number) < 0.5 * 10**-places:
        return "0"
    return f"{number:{'+' if signed else ''},.{places}f}"


@dataclass(frozen=True)
class Wording:
    """`unit` is what money is shown in, `factor` kUSD to that unit."""

    labels: Labels
    unit: str
    factor: float

    def say(self, key: str, **words: object) -> str:
        return self.labels[f"finding.{key}"].format(
            **{"unit": self.labels.unit(self.unit), **words}
        )

    def money(self, kusd: float, size: float | None = None, signed: bool = False) -> str:
        """In the unit of the pages, the unit left to the sentence."""
        shown = abs(kusd) if size is None else size
        return rounded(kusd * self.factor, shown * self.factor, signed)

    def moneys(self, *kusd: float, signed: bool = False) -> list[str]:
        """Of one size, so that they can be compared."""
        size = max((abs(k) for k in kusd), default=0.0)
        return [self.money(k, size, signed) for k in kusd]

    def slopes(self, *kusd: float) -> tuple[list[str], str]:
        """What one unit more costs, three digits each; and their unit, small ones in kUSD."""
        small = max((abs(k) for k in kusd), default=0.0) * self.factor < 1
        unit, factor = ("kUSD", 1.0) if small else (self.unit, self.factor)
        return [_three_digits(k * factor) for k in kusd], self.labels.unit(unit)

    def tonnes(self, amount: float, size: float | None = None) -> str:
        return rounded(amount, abs(amount) if size is None else size)

    def percent(self, share: float, signed: bool = False) -> str:
        size = abs(share)
        space = "" if self.labels.language == "ja" else " "
        if 0 < size < SMALLEST:
            return f"{SMALLEST:.3%}".replace("%", f"{space}%")
        places = 0 if size >= 0.1 or size == 0 else 1 if size >= 1e-3 else 3
        text = f"{100 * share:{'+' if signed and share else ''}.{places}f}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{space}%"

    def setting(self, parameter: Parameter, value: float | None) -> str:
        """`×0.8`, `+3 months`, `100 USD/kg`."""
        if value is None:
            return self.labels["sweep.unmoved"]
        if parameter.operation == "times":
            return bare(parameter, value)
        unit = self.labels.unit(parameter.unit)
        space = " " if unit.isascii() else ""
        return f"{bare(parameter, value)}{space}{unit}".rstrip()

    def settings(self, parameter: Parameter, values: Sequence[float]) -> list[str]:
        """Several, the unit only at the last."""
        return [*(bare(parameter, v) for v in values[:-1]), self.setting(parameter, values[-1])]

    def span(self, parameter: Parameter, values: Sequence[float]) -> str:
        """From the least to the most, the unit told once."""
        low, high = min(values), max(values)
        if low == high:
            return self.setting(parameter, low)
        first, last = self.settings(parameter, (low, high))
        return self.labels["sweep.span"].format(low=first, high=last)

    def listed(self, names: Sequence[str], shown: int = SHOWN) -> str:
        """`A, B, C and 4 more`."""
        text = self.labels["sweep.comma"].join(names[:shown])
        if len(names) > shown:
            text += self.labels["sweep.more"].format(count=len(names) - shown)
        return text


def _three_digits(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 1000 else plain(float(f"{amount:.3g}"))


def bare(parameter: Parameter, value: float) -> str:
    """Without its unit."""
    before = {"times": "×", "plus": "+" if value >= 0 else ""}
    return f"{before.get(parameter.operation, '')}{plain(value)}"
