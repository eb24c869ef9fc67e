"""The mass of a unit of each commodity, and its weight in totals."""

from __future__ import annotations

from collections.abc import Iterable

from kido.data.tables import Tables

GRAMS = {
    "g": 1, "gram": 1, "grams": 1, "グラム": 1,
    "kg": 1e3, "kgs": 1e3, "kilogram": 1e3, "kilograms": 1e3, "キログラム": 1e3, "キロ": 1e3,
    "t": 1e6, "mt": 1e6, "ton": 1e6, "tons": 1e6, "tonne": 1e6, "tonnes": 1e6, "トン": 1e6,
    "kt": 1e9, "千トン": 1e9,
}  # fmt: skip
OXIDE = {"reo", "treo", "oxide", "酸化物"}


class Masses:
    """t in a unit of each commodity, and t REO in a tonne of it."""

    def __init__(self, tables: Tables):
        self._tonnes: dict[str, float] = {}
        self._oxide: dict[str, float] = {}
        self._unit = {row.name: row.unit.casefold() for row in tables["Commodities"].records()}
        for row in tables["Commodities"].records():
            mass_word, *others = row.unit.casefold().split() or ["t", "reo"]
            mass = GRAMS.get(mass_word)
            self._tonnes[row.name] = 1.0 if mass is None else mass / 1e6
            oxide = mass is not None and bool(OXIDE & set(others))
            blank = row.content != row.content
            self._oxide[row.name] = (1.0 if oxide else float("nan")) if blank else row.content

    def tonnes(self, commodity: str) -> float:
        """t in a unit of the commodity."""
        return self._tonnes.get(commodity, 1.0)

    def common(self, commodities: Iterable[str]) -> float:
        """t in the unit that all of these commodities share; 1 where they differ."""
        first, *others = [self.tonnes(commodity) for commodity in commodities] or [1.0]
        return first if all(other == first for other in others) else 1.0

    def value(self, commodity: str, beside: set[str]) -> float:
        """The weight of a tonne in a total: 1 alone, its oxide content among several.

        Where a content is not known: 1 among commodities of one unit, else NaN.
        """
        known = all(self._oxide[other] == self._oxide[other] for other in beside)
        if len(beside) > 1 and known:
            return self._oxide[commodity]
        one_unit = len({self._unit[other] for other in beside}) == 1
        return 1.0 if one_unit else float("nan")
