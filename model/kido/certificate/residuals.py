"""The checks by code with their tolerances, and the ledger of residuals and findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kido.errors import Finding, Place
from kido.messages import ENGLISH, Phrase, Unit, phrase

from .calendar import Marks, Numbers, Tree

MOST_FINDINGS = 20  # of one check


@dataclass(frozen=True)
class Check:
    """One check, with tolerance `absolute` + `relative` x the largest number compared."""

    unit: str
    absolute: float
    relative: float
    meaning: str


CHECKS = {
    "moments": Check("flows", 0.0, 0.0, "every flow stands at a moment of the tree"),
    "not-a-number": Check("flows", 0.0, 0.0, "every flow is a finite number"),
    "duplicate-flow": Check("flows", 0.0, 0.0, "every flow is written once"),
    "unknown-flow": Check("flows", 0.0, 0.0, "every flow belongs to a row that is open to it"),
    "negative": Check("t", 1e-5, 0.0, "no flow runs backwards"),
    "mass-balance": Check("t", 1e-5, 1e-7, "what comes in goes out"),
    "bound": Check("t", 1e-5, 1e-7, "offers, processes and lanes keep their limits"),
    "capacity": Check("t", 1e-5, 1e-7, "facilities pass no more than they can"),
    "minimum-use": Check("t", 1e-5, 1e-7, "facilities are used as much as they must be"),
    "expansion": Check("t/yr", 1e-5, 1e-7, "orders of capacity keep their totals"),
    "demand": Check("t", 1e-5, 1e-7, "needs are met or relieved"),
    "relief": Check("t", 1e-5, 1e-7, "relief keeps its share and its dates"),
    "stock-rule": Check("t", 1e-5, 1e-7, "stocks keep floor, room, pace, release and ending"),
    "contract": Check("t", 1e-5, 1e-7, "reservations, liftings and settlements keep the terms"),
    "ramp": Check("t/yr", 1e-4, 1e-7, "rates rise and fall no faster than their ramps"),
    "order": Check("t", 1e-5, 1e-7, "approved and confirmed orders stay in the plan"),
    "nervousness": Check("t", 1e-5, 1e-7, "near orders change no more than the limit"),
    "rebate": Check("kUSD", 1e-5, 1e-7, "no more is paid back than the terms give"),
    "policy": Check("t", 1e-5, 1e-7, "policies hold, but for their breaches"),
    "money": Check("kUSD", 1e-6, 1e-8, "the costs sum to the objective"),
    "risk": Check("kUSD", 1e-6, 1e-8, "the tail of the costs is the stated one"),
}

_SENSES = {"<=": "part.open_most", ">=": "part.open_least", "=": "part.exactly"}


@dataclass
class _WorstResidual:
    ratio: float
    gap: float
    allowed: float
    unit: str
    where: Phrase | None


class Ledger:
    """The findings of a certificate and, for every check, the worst residual."""

    def __init__(self, tree: Tree, language: str = ENGLISH):
        self.tree, self.language = tree, language
        self.faults: dict[str, list[tuple[float, Finding]]] = {code: [] for code in CHECKS}
        self.worst = {
            code: _WorstResidual(-1.0, 0.0, check.absolute, check.unit, None)
            for code, check in CHECKS.items()
        }

    def add_fault(self, key: str, place: Place, subject: Phrase, /, **values: object) -> None:
        """Reports a flow that may not be there; `values` go into the message `key`."""
        finding = Finding.of(key, place, subject, subject=subject, **values)
        worst = self.worst[finding.code]
        gap, where = worst.gap + 1.0, worst.where or subject
        self.worst[finding.code] = _WorstResidual(np.inf, gap, 0.0, worst.unit, where)
        self.faults[finding.code].append((1.0, finding))

    def compare(
        self,
        code: str,
        place: Place,
        subject: Phrase,
        left: Numbers,
        sense: str,
        right: Numbers | float,
        *,
        where: Marks | None = None,
        scale: Numbers | None = None,
        unit: str = "",
    ) -> None:
        """Checks `left sense right` at each node of `where`, both in `unit`.

        `sense` is <=, >= or =. `scale` is the size that the relative tolerance is a share of;
        the larger of both sides where it is None.
        """
        unit = unit or CHECKS[code].unit
        right = np.broadcast_to(np.asarray(right, dtype=float), left.shape)
        if scale is None:
            scale = np.maximum(np.abs(left), np.where(np.isinf(right), 0.0, np.abs(right)))
        gap = {"<=": left - right, ">=": right - left, "=": np.abs(left - right)}[sense]
        allowed = CHECKS[code].absolute + CHECKS[code].relative * scale
        ratio = np.where(np.isnan(gap), np.inf, gap / allowed)
        if where is not None:
            ratio = np.where(where, ratio, -np.inf)
        if not len(ratio):
            return
        top = int(np.argmax(ratio))
        where_worst = _at(subject, self.tree.node_phrase(top))
        self._note(code, ratio[top], gap[top], allowed[top], unit, where_worst)
        if not ratio[top] > 1.0:
            return
        order = np.argsort(-ratio, kind="stable")[:MOST_FINDINGS]
        for n in order[ratio[order] > 1.0]:
            self._fail(
                code,
                place,
                _at(subject, self.tree.node_phrase(int(n))),
                float(left[n]),
                sense,
                float(right[n]),
                unit,
                float(ratio[n]),
            )

    def compare_scalar(
        self, code: str, place: Place, subject: Phrase, value: float, expected: float, scale: float
    ) -> None:
        """Checks that `value` equals `expected`, for the whole plan."""
        check = CHECKS[code]
        gap = abs(value - expected)
        allowed = check.absolute + check.relative * scale
        ratio = gap / allowed if np.isfinite(gap) else np.inf
        whole = _at(subject, phrase("part.whole_plan"))
        self._note(code, ratio, gap, allowed, check.unit, whole)
        if ratio > 1.0:
            self._fail(code, place, subject, value, "=", expected, check.unit, ratio)

    def _note(
        self,
        code: str,
        ratio: float,
        gap: float,
        allowed: float,
        unit: str,
        where: Phrase,
    ) -> None:
        if ratio > self.worst[code].ratio:
            self.worst[code] = _WorstResidual(
                ratio, max(0.0, float(gap)), float(allowed), unit, where
            )

    def _fail(
        self,
        code: str,
        place: Place,
        subject: Phrase,
        left: float,
        sense: str,
        right: float,
        unit: str,
        ratio: float,
    ) -> None:
        left_text = phrase("part.exact", number=left, unit=Unit(unit))
        rule = phrase(_SENSES[sense], figure=phrase("part.exact", number=right, unit=Unit(unit)))
        finding = Finding.of(code, place, left_text, subject=subject, held=left_text, rule=rule)
        self.faults[code].append((ratio, finding))

    def findings(self) -> tuple[Finding, ...]:
        """The findings, check by check, the worst first; at most `MOST_FINDINGS` each."""
        findings: list[Finding] = []
        for faults in self.faults.values():
            ordered = sorted(faults, key=lambda fault: -fault[0])
            worst = ordered[:MOST_FINDINGS]
            findings += [finding.in_language(self.language) for _, finding in worst]
        return tuple(findings)

    def residuals(self) -> pd.DataFrame:
        """One line for each check: worst gap, what is allowed there, unit, where."""
        lines = [
            (code, w.gap if w.ratio > -np.inf else 0.0, w.allowed, w.unit, self._said(w.where))
            for code, w in self.worst.items()
        ]
        return pd.DataFrame(lines, columns=["check", "worst", "allowed", "unit", "where"])

    def _said(self, where: Phrase | None) -> str:
        return "" if where is None else where.in_language(self.language)


def _at(subject: Phrase, node: Phrase) -> Phrase:
    return phrase("part.at", subject=subject, moment=node)
