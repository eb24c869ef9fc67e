"""Checks of recipes: every process has one, and outputs hold no more oxide than inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kido.data.figure import above, apart
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units, content_of
from kido.data.validation.after_events import Futures
from kido.data.validation.checking import fault
from kido.errors import Finding
from kido.messages import phrase

# The most t REO in a tonne of any commodity; scandium metal has 1.53.
RICHEST = 1.6
Lines = Mapping[str, list[Any]]


def check_recipes(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every process has a recipe whose outputs hold no more oxide than its inputs."""
    recipes, contained = _recipes(tables), _OxideContent(tables)
    for process in tables["Processes"].records():
        flows = recipes.get(process.name, [])
        if not flows:
            place = tables["Processes"], process.Index, "name"
            yield fault("recipe-missing", *place, process.name)
            continue
        input_oxide, output_oxide = contained.inputs(flows), contained.outputs(flows)
        if above(output_oxide, input_oxide):
            first = next(line for line in flows if line.role == "output")
            text, most = apart(output_oxide, input_oxide)
            yield fault(
                "oxide-from-nothing", tables["Recipes"], first.Index, "amount",
                phrase("part.oxide", amount=text), process=process.name, limit=most,
            )  # fmt: skip


def check_yields(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no yield event makes outputs hold more oxide than the inputs."""
    recipes, contained = _recipes(tables), _OxideContent(tables)
    futures = Futures(tables, words)
    reported: set[int] = set()
    for process in tables["Processes"].records():
        flows = recipes.get(process.name, [])
        input_oxide = contained.inputs(flows)
        if above(contained.outputs(flows), input_oxide):
            continue  # reported of the recipe
        for key in futures.keys("Processes", process.name, "yield"):
            output_oxide = np.zeros(futures.effects.count)
            for line in (x for x in flows if x.role == "output"):
                share = contained.of(line)
                acting = futures.about(key, line.item)
                amount = np.maximum(futures.effects.after_events(line.amount, "yield", acting), 0.0)
                output_oxide += 0.0 if math.isnan(share) else amount * share
            month = int(output_oxide.argmax())
            event = futures.last(key, month)
            if (
                event is not None
                and above(output_oxide[month], input_oxide)
                and event.Index not in reported
            ):
                reported.add(event.Index)
                text, most = apart(float(output_oxide[month]), input_oxide)
                yield fault(
                    "oxide-from-nothing.event", tables["Events"], event.Index,
                    futures.column(event), phrase("part.oxide", amount=text),
                    process=process.name, month=futures.month(month), limit=most,
                )  # fmt: skip


def _recipes(tables: Tables) -> Lines:
    """The input and output lines of each process."""
    recipes: dict[str, list[Any]] = {}
    for line in tables["Recipes"].records():
        if line.role != "uses":
            recipes.setdefault(line.process, []).append(line)
    return recipes


class _OxideContent:
    """The contained oxide of recipe lines, in t REO for each t of activity."""

    def __init__(self, tables: Tables):
        self.units = Units(tables)
        self.things = {row.name: row for row in tables["Commodities"].records()}

    def of(self, line: Any) -> float:
        """t REO in a unit of the item of a line; 0 for a service, NaN where it is not known."""
        thing = self.things.get(line.item)
        if thing is None:
            return math.nan
        if thing.kind == "service":
            return 0.0
        return content_of(thing) * self.units.tonnes(line.item)

    def inputs(self, flows: list[Any]) -> float:
        """The most t REO that the inputs can hold."""
        total = 0.0
        for line in flows:
            if line.role == "input":
                known = self.of(line)
                richest = RICHEST * self.units.tonnes(line.item)
                total += line.amount * (richest if math.isnan(known) else known)
        return total

    def outputs(self, flows: list[Any]) -> float:
        """The least t REO that the outputs hold."""
        contents = [self.of(line) * line.amount for line in flows if line.role == "output"]
        return sum(x for x in contents if not math.isnan(x))
