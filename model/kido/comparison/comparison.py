"""`Comparison`: what is known of two runs side by side."""

from __future__ import annotations

from dataclasses import dataclass

from kido.comparison.causes import Cause
from kido.comparison.changes import Change
from kido.comparison.decisions import Decision, Nervousness
from kido.comparison.match import Match
from kido.comparison.money import Amount
from kido.errors import Finding
from kido.result.stored_run import StoredRun


@dataclass(frozen=True)
class Comparison:
    """Two runs compared; `warnings` say what must be known to read it.

    The difference of the objectives, kUSD, is the sum of the `causes`, of `passed` (months that
    are over when the later plan begins), of `version` (the same books under other versions of kido
    and its solver) and of `solving` (how much more than the least cost that is proved each plan
    costs: for steadiness, a gap, or a limit of time).
    `how` the causes were found is `shapley` or `path`: see `causes`. Where the later plan begins
    later, the earlier book is `rolled` forward as planned, and changes are those from that book.
    """

    before: StoredRun
    after: StoredRun
    match: Match
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    how: str
    rolled: bool
    passed: float
    version: float
    decisions: tuple[Decision, ...]
    nervousness: tuple[Nervousness, ...]
    by_category: tuple[Amount, ...]
    by_row: tuple[Amount, ...]
    warnings: tuple[Finding, ...]

    @property
    def change(self) -> float:
        """kUSD that the later plan costs more."""
        return self.after.objective - self.before.objective

    @property
    def solving(self) -> float:
        """kUSD of the change that no input and no version causes."""
        told = sum(cause.kusd for cause in self.causes) + self.passed + self.version
        return self.change - told

    @property
    def language(self) -> str:
        """The language of the later book."""
        return self.after.tables.settings.language
