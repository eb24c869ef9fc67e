"""Does each process have a recipe, and does none make oxide out of nothing?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kido.data.figure import above, apart
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units, content_of
from kido.data.validation.aftermath import Futures
from kido.data.validation.checking import fault
from kido.errors import Finding
from kido.messages import phrase

# t REO in a tonne of what is richest in oxide: scandium metal holds 1.53.
RICHEST = 1.6
Lines = Mapping[str, list[Any]]


def check_recipes(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Every process has a recipe, and none makes contained oxide out of nothing."""
    recipes, contained = _recipes(tables), _Contained(tables)
    for process in tables["Processes"].records():
        flows = recipes.get(process.name, [])
        if not flows:
            place = tables["Processes"], process.Index, "name"
            yield fault("recipe-missing", *place, process.name)
            continue
        taken, made = contained.taken(flows), contained.made(flows)
        if above(made, taken):
            first = next(line for line in flows if line.role == "output")
            found, most = apart(made, taken)
            yield fault(
                "oxide-from-nothing", tables["Recipes"], first.Index, "amount",
                phrase("part.oxide", amount=found), process=process.name, limit=most,
            )  # fmt: skip


def check_yields(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No event lets a process make contained oxide out of nothing."""
    recipes, contained = _recipes(tables), _Contained(tables)
    futures = Futures(tables, words)
    told: set[int] = set()
    for process in tables["Processes"].records():
        flows = recipes.get(process.name, [])
        taken = contained.taken(flows)
        if above(contained.made(flows), taken):
            continue  # told of the recipe
        for key in futures.keys("Processes", process.name, "yield"):
            made = np.zeros(futures.effects.count)
            for line in (x for x in flows if x.role == "output"):
                share = contained.of(line)
                acting = futures.about(key, line.item)
                amount = np.maximum(futures.effects.after_events(line.amount, "yield", acting), 0.0)
                made += 0.0 if math.isnan(share) else amount * share
            month = int(made.argmax())
            event = futures.last(key, month)
            if event is not None and above(made[month], taken) and event.Index not in told:
                told.add(event.Index)
                found, most = apart(float(made[month]), taken)
                yield fault(
                    "oxide-from-nothing.event", tables["Events"], event.Index,
                    futures.column(event), phrase("part.oxide", amount=found),
                    process=process.name, month=futures.month(month), limit=most,
                )  # fmt: skip


def _recipes(tables: Tables) -> Lines:
    """Inputs and outputs of each process."""
    found: dict[str, list[Any]] = {}
    for line in tables["Recipes"].records():
        if line.role != "uses":
            found.setdefault(line.process, []).append(line)
    return found


class _Contained:
    """Contained oxide of recipe lines, t REO a tonne of activity."""

    def __init__(self, tables: Tables):
        self.units = Units(tables)
        self.things = {row.name: row for row in tables["Commodities"].records()}

    def of(self, line: Any) -> float:
        """In a unit of the item; 0 of a service, NaN where it is not known."""
        thing = self.things.get(line.item)
        if thing is None:
            return math.nan
        if thing.kind == "service":
            return 0.0
        return content_of(thing) * self.units.tonnes(line.item)

    def taken(self, flows: list[Any]) -> float:
        """The most that the inputs can hold."""
        total = 0.0
        for line in flows:
            if line.role == "input":
                known = self.of(line)
                richest = RICHEST * self.units.tonnes(line.item)
                total += line.amount * (richest if math.isnan(known) else known)
        return total

    def made(self, flows: list[Any]) -> float:
        """The least that the outputs hold."""
        held = [self.of(line) * line.amount for line in flows if line.role == "output"]
        return sum(x for x in held if not math.isnan(x))
