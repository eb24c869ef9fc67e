"""The scenarios that are still open at the new start, with their chances seen from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kido.data.case.branches import Branch
from kido.data.draws import without_draws
from kido.data.schema import TRUNK
from kido.data.tables import Tables
from kido.rolling.past import Past

Cells = dict[tuple[str, int, str], Any]  # (sheet, Excel row, key) -> value


@dataclass(frozen=True)
class OpenScenarios:
    """What becomes of the sheets Scenarios and Events.

    A scenario that can no longer part from the future that came is over, with its events and the
    policies that are for it alone. One that came is the base case now: its events belong to no
    scenario. What is left has its probability, given what came; a repeated scenario begins with
    the first of its dates after the start, and all that is dated in it follows.
    """

    past: Past

    @cached_property
    def tables(self) -> Tables:
        """The old book as it was typed."""
        return without_draws(self.past.tables)

    @cached_property
    def rows(self) -> Mapping[str, Any]:
        """The rows of Scenarios by name."""
        return {r.name: r for r in self.tables["Scenarios"].records()}

    @cached_property
    def came(self) -> Mapping[str, int]:
        """The scenarios that came, each with the months by which its copy is later."""
        return dict(self.past.tree.branches[self.past.branch].lineage)

    @cached_property
    def open(self) -> Mapping[str, tuple[Branch, ...]]:
        """For each scenario that may still come, the copies that become known after the start."""
        tree = self.past.tree
        copies: dict[str, list[Branch]] = {}
        followers = {self.past.branch}
        for number, branch in enumerate(tree.branches):
            late = branch.parent != self.past.branch or branch.known > self.past.start
            if branch.parent in followers and late:
                followers.add(number)
                copies.setdefault(branch.scenario, []).append(branch)
        return {name: tuple(copies[name]) for name in self.rows if name in copies}

    @cached_property
    def over(self) -> tuple[str, ...]:
        """The scenarios that can no longer come."""
        return tuple(name for name in self.rows if name not in self.open and name not in self.came)

    def cells(self) -> Cells:
        """The cells that change on Scenarios, Events and Policies."""
        return {**self._scenarios(), **self._events(), **self._policies()}

    def unused(self) -> dict[str, frozenset[int]]:
        """The rows that no longer count, by sheet."""
        over = set(self.over)
        columns = (("Scenarios", "name", over | set(self.came)), ("Events", "scenario", over),
                   ("Policies", "scenario", over))  # fmt: skip
        gone = {
            sheet: frozenset(r.Index for r in self.tables[sheet].records()
                             if getattr(r, key) in names)
            for sheet, key, names in columns
        }  # fmt: skip
        gone["Sweeps"] = frozenset(
            r.Index for r in self.tables["Sweeps"].records()
            if r.sheet == "Scenarios" and set(r.row) <= over | set(self.came) and r.row
        )  # fmt: skip
        return gone

    def crises(self) -> Iterator[dict[str, object]]:
        """New rows of Events: a scenario that came and is a disruption stays one."""
        for name, later in self.came.items():
            if self.rows[name].disruption:
                yield {"name": name, "target": (self._anything(),), "effect": "demand",
                       "factor": 1.0, "start": self.rows[name].known + later,
                       "disruption": True}  # fmt: skip

    def _anything(self) -> str:
        """A word that events may name, for one that changes nothing."""
        return str(next(iter((*self.tables["Demand"].rows["name"],
                              *self.tables["Sites"].rows["name"]))))  # fmt: skip

    # -- dates --------------------------------------------------------------------------

    def _later(self, name: str) -> int:
        """Months by which the first open copy of a scenario, or the one that came, is later."""
        if name in self.open:
            return min(dict(branch.lineage)[name] for branch in self.open[name])
        return self.came.get(name, 0)

    def _dates(self, r: Any) -> list[int]:
        """The months in which the copies of a row become known that may still come."""
        first = r.known + self._later(r.parent)
        if r.until is None:
            return [first]
        until = r.until + self._later(r.parent)
        dates = range(first, until + 1, int(r.every))
        return [d for d in dates if d > self.past.start or r.parent in self.open]

    # -- cells --------------------------------------------------------------------------

    def _scenarios(self) -> Cells:
        chance = self.past.tree.nodes[self.past.now].probability
        cells: Cells = {}
        for name, copies in self.open.items():
            r = self.rows[name]
            cells["Scenarios", r.Index, "probability"] = (
                copies[0].probability * self._copies(r) / chance
            )
            if r.parent in self.came:
                cells["Scenarios", r.Index, "parent"] = ""
            if later := self._later(name):
                cells["Scenarios", r.Index, "known"] = r.known + later
            if r.until is not None and (later := self._later(r.parent)):
                cells["Scenarios", r.Index, "until"] = r.until + later
        return cells

    def _copies(self, r: Any) -> int:
        """How many copies of a row may still come, those of its open parents all counted."""
        own = len(self._dates(r))
        return own * self._copies(self.rows[r.parent]) if r.parent in self.open else own

    def _events(self) -> Cells:
        cells: Cells = {}
        for r in self.tables["Events"].records():
            if not r.scenario or r.scenario == TRUNK:
                if r.start is None:
                    cells["Events", r.Index, "start"] = self.past.tree.start
            elif r.scenario in self.came:
                begin = self.rows[r.scenario].known if r.start is None else r.start
                cells["Events", r.Index, "scenario"] = ""
                cells["Events", r.Index, "start"] = begin + self._later(r.scenario)
            elif r.start is not None and (later := self._later(r.scenario)):
                cells["Events", r.Index, "start"] = r.start + later
        return cells

    def _policies(self) -> Cells:
        cells: Cells = {}
        for r in self.tables["Policies"].records():
            if r.scenario in self.came:
                known = self.rows[r.scenario].known + self._later(r.scenario)
                cells["Policies", r.Index, "scenario"] = ""
                cells["Policies", r.Index, "start"] = max(known, r.start or known)
        return cells
