"""The tree of exceptions and the record of a fault. Each owns its advice."""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kido.lookalike import told_apart


@dataclass(frozen=True)
class Place:
    """Where a value stands in a workbook: `Routes!F12`, `Routes` or the file itself."""

    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


@dataclass(frozen=True)
class Finding:
    """One fault or warning: a stable code for tests, words and both values for people.

    `found` and `expected` are what stands there and what should, told apart where they
    look the same; `advice` is what to type. A warning does not stop a run.
    """

    code: str
    place: Place
    sentence: str
    found: str = ""
    expected: str = ""
    advice: str = ""
    warning: bool = False

    def __post_init__(self) -> None:
        found, expected = told_apart(self.found, self.expected)
        object.__setattr__(self, "found", found)
        object.__setattr__(self, "expected", expected)


class KidoError(Exception):
    """Anything kido refuses to do, in a planner's words. `exit_code` is the command's."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, without making it anew: it may come from another process."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class WorkbookError(KidoError):
    """The workbook cannot be used as it stands. Carries every finding at once."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding]):
        self.findings = tuple(findings)
        faults = [f for f in self.findings if not f.warning]
        first = faults[0] if faults else None
        super().__init__(
            f"{len(faults)} fault(s) in the workbook"
            + (f"; the first: {first.place}: {first.sentence}" if first else "")
        )


class InfeasiblePlan(KidoError):
    """No plan keeps every rule of the book. Carries the rows that cannot hold together."""

    exit_code = 3

    def __init__(self, sentence: str, findings: Sequence[Finding] = ()):
        self.findings = tuple(findings)
        super().__init__(sentence)


class Unbounded(InfeasiblePlan):
    """The book lets money be made without end."""


class TimeLimitReached(KidoError):
    """The solver ran into the time limit of the book before it had an answer."""

    exit_code = 4


class NotSolved(KidoError):
    """No method of the solver gave an answer that can be trusted."""

    exit_code = 1


class OutputError(KidoError):
    """Results or programs cannot be put where they are wanted; what stood there is untouched."""

    exit_code = 2


class CertificateError(KidoError):
    """The independent check of the answer found something wrong: nothing is written."""

    exit_code = 1

    def __init__(self, findings: Sequence[Finding]):
        self.findings = tuple(findings)
        first = self.findings[0].sentence if self.findings else ""
        super().__init__(f"the answer failed {len(self.findings)} check(s); the first: {first}")


class NoCluster(KidoError):
    """A Dask cluster that cannot be reached, or was lost on the way. Answers so far are kept."""

    exit_code = 2


def ending_behind(problem: BaseException) -> BaseException | None:
    """The Ctrl-C, or the system's wish that we end, that a problem came of and has covered.

    What is cleared away then may fail itself, such as a workbook that was half written.
    """
    covered = problem.__context__
    while covered is not None and isinstance(covered, (Exception, GeneratorExit)):
        covered = covered.__context__
    return covered
