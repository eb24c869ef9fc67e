"""The exceptions of kido, and `Finding`, the record of a fault or warning."""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kido.lookalike import distinguish
from kido.messages import ENGLISH, Values, in_language, phrase, text_of


@dataclass(frozen=True)
class Place:
    """A place in a workbook: `Routes!F12`, `Routes` or the file itself."""

    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


@dataclass(frozen=True)
class Finding:
    """A fault or warning in a workbook, with its place and its texts in a language.

    `key` is a line of `messages.csv`, of which `sentence`, `expected` and `advice` are made
    with the `values`, in the language of the book once that is known; `code` is its stable part.
    `held` is the value at the place. A warning does not stop a run.
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
        """A warning."""
        return cls(key, place, held, tuple(values.items()), warning=True)

    def in_language(self, language: str) -> Finding:
        """The same finding with its texts in another language."""
        return replace(self, language=language)

    def with_values(self, **values: object) -> Finding:
        """The same finding with more values for its texts."""
        return replace(self, values=tuple({**dict(self.values), **values}.items()))

    @property
    def code(self) -> str:
        """The stable code: the key without its variant."""
        return self.key.partition(".")[0]

    @property
    def sentence(self) -> str:
        """The text that says what is wrong."""
        return text_of(self.key, "sentence", self.values, self.language)

    @property
    def found(self) -> str:
        """The value at the place, distinguished from `expected` where they look the same."""
        return self._both[0]

    @property
    def expected(self) -> str:
        """The text that says what would be right."""
        return self._both[1]

    @property
    def advice(self) -> str:
        """The text that says what to type."""
        return text_of(self.key, "advice", self.values, self.language)

    @property
    def _both(self) -> tuple[str, str]:
        text = str(in_language(self.held, self.language))
        return distinguish(text, text_of(self.key, "expected", self.values, self.language))


class KidoError(Exception):
    """Error: anything kido refuses to do, in a planner's words. `exit_code` is the command's."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the attributes without calling the constructor again."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class WorkbookError(KidoError):
    """Error: the workbook has faults; `findings` are all of them, warnings included."""

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
    """Error: no plan keeps every rule; `findings` are the rows that cannot hold together."""

    exit_code = 3

    def __init__(self, sentence: str, findings: Sequence[Finding] = ()):
        self.findings = tuple(findings)
        super().__init__(sentence)


class UnboundedPlan(InfeasiblePlan):
    """Error: the cost is unbounded; `findings` are the rows that make money without end."""


class TimeLimitReached(KidoError):
    """Error: the time limit of the book was reached before a solution was proved."""

    exit_code = 4


class SolverError(KidoError):
    """Error: no method of the solver gave a solution that passed its audit."""

    exit_code = 1


class OutputError(KidoError):
    """Error: results or programs cannot be written at the path; what is there is untouched."""

    exit_code = 2


class CertificateError(KidoError):
    """Error: the certificate of a plan has findings; nothing is written."""

    exit_code = 1

    def __init__(self, findings: Sequence[Finding]):
        self.findings = tuple(findings)
        first = self.findings[0] if self.findings else None
        words = phrase(
            "cli.failed", count=len(self.findings), sentence=first.sentence if first else ""
        )
        super().__init__(words.in_language(first.language if first else ENGLISH))


class ComparisonError(KidoError):
    """Error: a run cannot be compared, or kept; `findings` say why, and what to do."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding], key: str = "cli.not_compared"):
        self.findings = tuple(findings)
        first = self.findings[0]
        words = phrase(key, place=first.place, sentence=first.sentence)
        super().__init__(words.in_language(first.language))


class RollError(KidoError):
    """Error: a book cannot be rolled forward; `findings` say why, and what to do."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding]):
        self.findings = tuple(findings)
        first = self.findings[0]
        words = phrase("cli.not_rolled", place=first.place, sentence=first.sentence)
        super().__init__(words.in_language(first.language))


class NoCluster(KidoError):
    """Error: a Dask cluster cannot be reached, or was lost; results so far are kept."""

    exit_code = 2


def ending_behind(problem: BaseException) -> BaseException | None:
    """The KeyboardInterrupt or termination in the context of an exception; None: there is none.

    Clearing up after it may fail in turn, as with a workbook that is half written.
    """
    context = problem.__context__
    while context is not None and isinstance(context, (Exception, GeneratorExit)):
        context = context.__context__
    return context
