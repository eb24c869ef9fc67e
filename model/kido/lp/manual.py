"""The manual page (MANUAL.md), made from docstrings and the catalogue of columns."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from kido.data import currency, once, units
from kido.data.case import (
    contracts,
    cost_terms,
    counted,
    delays,
    effects,
    events,
    lead_times,
    make_up,
    policies,
    ramps,
    reachability,
    settlements,
    tree,
    underway,
    windows,
)
from kido.data.schema import Column, Sheet, catalogue
from kido.lp import cost
from kido.lp.family import FAMILIES
from kido.lp.variables import MEANINGS

HEAD = """# kido: the model and the workbook

This page is made from the catalogue of columns and from the docstrings of the program
(`python -m kido.lp.manual > model/MANUAL.md`); a test holds it to them. Mass is in tonnes of
contained oxide unless a commodity says otherwise, prices and unit costs are USD/kg
(x 1 t = 1 kUSD), rates are a year, dates are months such as 2027-03.
"""


RULES = (
    tree, units, currency, events, effects, delays, lead_times, windows, contracts, settlements,
    make_up, counted, once, ramps, policies, cost_terms, underway, reachability,
)  # fmt: skip


def manual() -> str:
    """The manual page as Markdown."""
    parts = [
        HEAD,
        "## The rules of time, events and flows\n",
        *(_module(m) for m in RULES),
        "## Variables\n",
        *_variables(),
        "\n## The objective\n",
        _quoted(inspect.getdoc(cost.objective)),
        "## Families of rows\n",
        *(_family(name) for name in FAMILIES),
        "## The sheets of the workbook\n",
        *(_sheet(sheet) for sheet in catalogue().values()),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _module(module: ModuleType) -> str:
    title = module.__name__.rpartition(".")[2].replace("_", " ").capitalize()
    return f"### {title}\n\n{_quoted(inspect.getdoc(module))}"


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _quoted(text: str | None) -> str:
    """Prose as prose, relations (a sign, and no full stop) as code."""
    blocks = []
    for block in (text or "").split("\n\n"):
        relation = any(sign in block for sign in ("<=", ">=", " = ", " x ")) and block[-1] != "."
        blocks.append(f"```\n{block}\n```" if relation else _flat(block))
    return "\n\n".join(blocks) + "\n"


def _variables() -> Iterator[str]:
    yield "| name | index | meaning | unit |\n|---|---|---|---|"
    for name, (index, meaning, unit) in MEANINGS.items():
        yield f"| `{name}` | {index} | {meaning} | {unit} |"


def _family(name: str) -> str:
    return f"### {name}\n\n{_quoted(inspect.getdoc(FAMILIES[name]))}"


def _sheet(sheet: Sheet) -> str:
    lines = [
        f"### {sheet.name} ({sheet.title_ja})\n",
        "| column | 日本語 | unit | default | meaning | 意味 |\n|---|---|---|---|---|---|",
        *(_column(column) for column in sheet.columns.values()),
    ]
    return "\n".join(lines) + "\n"


def _column(c: Column) -> str:
    needed = " *" if c.required else ""
    values = f" One of: {', '.join(c.choices())}." if c.choices() else ""
    values_ja = f"選択肢:{'、'.join(c.choices('ja'))}。" if c.choices() else ""
    return (
        f"| {c.name}{needed} | {c.name_ja} | {c.unit} | {c.default} "
        f"| {c.meaning}{values} | {c.meaning_ja}{values_ja} |"
    )


if __name__ == "__main__":
    print(manual(), end="")
