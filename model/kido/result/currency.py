"""The currency in which pages show money."""

from __future__ import annotations

from kido.data.tables import Settings
from kido.result.plan import SolvedPlan


def money_unit(plan: SolvedPlan) -> tuple[str, float]:
    """(name, kUSD to that unit) of the display currency of the plan."""
    return currency(plan.case.settings)


def currency(settings: Settings) -> tuple[str, float]:
    """(name, kUSD to that unit) of the display currency: oku-yen, or millions of another."""
    if settings.currency == "JPY":
        return "oku-yen", settings.rate * 1e3 / 1e8
    return f"million {settings.currency}", settings.rate / 1e3
