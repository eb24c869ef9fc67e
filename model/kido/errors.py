"""The tree of exceptions and the record of a fault. Each owns its advice."""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kido.lookalike import told_apart
from kido.messages import ENGLISH, Values, in_language, phrase, said


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

    `key` is a line of `messages.csv`, of which `sentence`, `expected` and `advice` are made
    with the `values`, in a language: the book's, once that is known. `held` is what stands
    there. A warning does not stop a run.
    """

    key: str
    place: Place
    held: object = ""
    values: Values = ()
    warning: bool = False
    language: str = ENGLISH

    @classmethod
    def of(cls, key: str, place: Place, held: object = "", /, **values: object) -> Finding:
        """A fault."""
        return cls(key, place, held, tuple(values.items()))

    @classmethod
    def warn(cls, key: str, place: Place, held: object = "", /, **values: object) -> Finding:
        return cls(key, place, held, tuple(values.items()), warning=True)

    def in_language(self, language: str) -> Finding:
        return replace(self, language=language)

    def with_values(self, **values: object) -> Finding:
        return replace(self, values=tuple({**dict(self.values), **values}.items()))

    @property
    def code(self) -> str:
        return self.key.partition(".")[0]

    @property
    def sentence(self) -> str:
        return said(self.key, "sentence", self.values, self.language)

    @property
    def found(self) -> str:
        """What stands there, told apart from what should where they look the same."""
        return self._both[0]

    @property
    def expected(self) -> str:
        return self._both[1]

    @property
    def advice(self) -> str:
        """What to type."""
        return said(self.key, "advice", self.values, self.language)

    @property
    def _both(self) -> tuple[str, str]:
        held = str(in_language(self.held, self.language))
        return told_apart(held, said(self.key, "expected", self.values, self.language))


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
        words = phrase("cli.faults", count=len(faults))
        if first:
            words = phrase(
                "cli.faults_first", count=len(faults), place=first.place, sentence=first.sentence
            )
        super().__init__(words.in_language(first.language if first else ENGLISH))


class InfeasiblePlan(KidoError):
    """No plan keeps every rule of the book. Carries the rows that cannot hold together."""

    exit_code = 3

    def __init__(self, sentence: str, findings: Sequence[Finding] = ()):
        self.findings = tuple(findings)
        super().__init__(sentence)


class UnboundedPlan(InfeasiblePlan):
    """The book lets money be made without end."""


class TimeLimitReached(KidoError):
    """The solver ran into the time limit of the book before it had an answer."""

    exit_code = 4


class SolverError(KidoError):
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
        first = self.findings[0] if self.findings else None
        words = phrase(
            "cli.failed", count=len(self.findings), sentence=first.sentence if first else ""
        )
        super().__init__(words.in_language(first.language if first else ENGLISH))


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
