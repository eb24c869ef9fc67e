"""`Wording`: numbers and names formatted for sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kido.report.labels import Labels
from kido.study.design.parameter import Parameter

SHOWN = 3  # names in a sentence; the others are counted
SMALLEST = 1e-5  # share: smaller ones are called less than that


def plain(number: float) -> str:
    """A number with at most six digits; thousands separated from 10,000 on."""
    if not math.isfinite(number):
        return "–"
    rounded = float(f"{number:.6g}") + 0.0
    places = max(0, 5 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    text = f"{rounded:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if abs(rounded) >= 10_000 else text.replace(",", "")


def rounded(number: float, size: float, signed: bool = False) -> str:
    """A number with as many decimals as suit numbers of this size."""
    places = 0 if size >= 100 else 1 if size >= 1 else 2
    if abs(number) < 0.5 * 10**-places:
        return "0"
    return f"{number:{'+' if signed else ''},.{places}f}"


@dataclass(frozen=True)
class Wording:
    """A formatter of sentences. `unit` is that of money, `factor` converts kUSD to it."""

    labels: Labels
    unit: str
    factor: float

    def say(self, key: str, **words: object) -> str:
        """The sentence of a finding, `words` filled in."""
        return self.labels[f"finding.{key}"].format(
            **{"unit": self.labels.unit(self.unit), **words}
        )

    def money(self, kusd: float, size: float | None = None, signed: bool = False) -> str:
        """An amount of kUSD in `unit`, without the name of the unit."""
        scale = abs(kusd) if size is None else size
        return rounded(kusd * self.factor, scale * self.factor, signed)

    def amounts(self, *kusd: float, signed: bool = False) -> list[str]:
        """Amounts of kUSD with the same number of decimals."""
        size = max((abs(k) for k in kusd), default=0.0)
        return [self.money(k, size, signed) for k in kusd]

    def slopes(self, *kusd: float) -> tuple[list[str], str]:
        """Slopes with three digits each, and their unit: kUSD if all are small."""
        small = max((abs(k) for k in kusd), default=0.0) * self.factor < 1
        unit, factor = ("kUSD", 1.0) if small else (self.unit, self.factor)
        return [_three_digits(k * factor) for k in kusd], self.labels.unit(unit)

    def tonnes(self, amount: float, size: float | None = None) -> str:
        """An amount in t, without the unit."""
        return rounded(amount, abs(amount) if size is None else size)

    def percent(self, share: float, signed: bool = False) -> str:
        """A share as a percentage."""
        size = abs(share)
        space = "" if self.labels.language == "ja" else " "
        if 0 < size < SMALLEST:
            return f"{SMALLEST:.3%}".replace("%", f"{space}%")
        places = 0 if size >= 0.1 or size == 0 else 1 if size >= 1e-3 else 3
        text = f"{100 * share:{'+' if signed and share else ''}.{places}f}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{space}%"

    def setting(self, parameter: Parameter, value: float | None) -> str:
        """A value of a parameter with its unit, such as `×0.8`, `+3 months`, `100 USD/kg`."""
        if value is None:
            return self.labels["sweep.unmoved"]
        if parameter.operation == "times":
            return bare(parameter, value)
        unit = self.labels.unit(parameter.unit)
        space = " " if unit.isascii() else ""
        return f"{bare(parameter, value)}{space}{unit}".rstrip()

    def settings(self, parameter: Parameter, values: Sequence[float]) -> list[str]:
        """Values of a parameter, the unit only at the last."""
        return [*(bare(parameter, v) for v in values[:-1]), self.setting(parameter, values[-1])]

    def span(self, parameter: Parameter, values: Sequence[float]) -> str:
        """The range of the values as a text, the unit only once."""
        low, high = min(values), max(values)
        if low == high:
            return self.setting(parameter, low)
        first, last = self.settings(parameter, (low, high))
        return self.labels["sweep.span"].format(low=first, high=last)

    def listed(self, names: Sequence[str], limit: int = SHOWN) -> str:
        """Names as an enumeration such as `A, B, C and 4 more`."""
        text = self.labels["sweep.comma"].join(names[:limit])
        if len(names) > limit:
            text += self.labels["sweep.more"].format(count=len(names) - limit)
        return text


def _three_digits(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 1000 else plain(float(f"{amount:.3g}"))


def bare(parameter: Parameter, value: float) -> str:
    """A value of a parameter without its unit, such as `×0.8`, `+3`, `100`."""
    before = {"times": "×", "plus": "+" if value >= 0 else ""}
    return f"{before.get(parameter.operation, '')}{plain(value)}"
