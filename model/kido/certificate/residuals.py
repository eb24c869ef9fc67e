"""The checks by code, what each allows, and the record of what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kido.errors import Finding, Place

from .calendar import Marks, Numbers, Tree

MOST_FINDINGS = 20  # of one check


@dataclass(frozen=True)
class Check:
    """What one check compares; it allows `absolute` + `relative` x the largest number in it."""

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
    "rebate": Check("kUSD", 1e-5, 1e-7, "no more is paid back than the terms give"),
    "policy": Check("t", 1e-5, 1e-7, "policies hold, but for their breaches"),
    "money": Check("kUSD", 1e-6, 1e-8, "the costs sum to the objective"),
    "risk": Check("kUSD", 1e-6, 1e-8, "the tail of the costs is the stated one"),
}

_SENSES = {"<=": "at most", ">=": "at least", "=": "exactly"}


@dataclass
class _Worst:
    ratio: float
    gap: float
    allowed: float
    unit: str
    where: str


class Ledger:
    """Collects findings and, for every check, the worst residual."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self.faults: dict[str, list[tuple[float, Finding]]] = {code: [] for code in CHECKS}
        self.worst = {
            code: _Worst(-1.0, 0.0, check.absolute, check.unit, "")
            for code, check in CHECKS.items()
        }

    def count(self, code: str, place: Place, sentence: str, found: str, expected: str) -> None:
        """One flow that should not be there."""
        worst = self.worst[code]
        gap = worst.gap + 1.0
        self.worst[code] = _Worst(np.inf, gap, 0.0, worst.unit, worst.where or found)
        self.faults[code].append((1.0, Finding(code, place, sentence, found, expected)))

    def compare(
        self,
        code: str,
        place: Place,
        subject: str,
        left: Numbers,
        sense: str,
        right: Numbers | float,
        *,
        where: Marks | None = None,
        scale: Numbers | None = None,
        unit: str = "",
    ) -> None:
        """`left sense right` at each moment of `where`, both in `unit`."""
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
        self._note(code, ratio[top], gap[top], allowed[top], unit, subject, self.tree.text(top))
        order = np.argsort(-ratio, kind="stable")[:MOST_FINDINGS]
        for n in order[ratio[order] > 1.0]:
            self._fail(
                code,
                place,
                f"{subject} in {self.tree.text(int(n))}",
                float(left[n]),
                sense,
                float(right[n]),
                unit,
                float(ratio[n]),
            )

    def single(
        self, code: str, place: Place, subject: str, found: float, expected: float, scale: float
    ) -> None:
        """Two numbers that should be the same, for the whole plan."""
        check = CHECKS[code]
        gap = abs(found - expected)
        allowed = check.absolute + check.relative * scale
        ratio = gap / allowed if np.isfinite(gap) else np.inf
        self._note(code, ratio, gap, allowed, check.unit, subject, "the whole plan")
        if ratio > 1.0:
            self._fail(code, place, subject, found, "=", expected, check.unit, ratio)

    def _note(
        self,
        code: str,
        ratio: float,
        gap: float,
        allowed: float,
        unit: str,
        subject: str,
        period: str,
    ) -> None:
        if ratio > self.worst[code].ratio:
            where = f"{subject} in {period}"
            self.worst[code] = _Worst(ratio, max(0.0, float(gap)), float(allowed), unit, where)

    def _fail(
        self,
        code: str,
        place: Place,
        subject: str,
        left: float,
        sense: str,
        right: float,
        unit: str,
        ratio: float,
    ) -> None:
        rule = _SENSES[sense]
        sentence = f"{subject}: {left:.10g} {unit}, should be {rule} {right:.10g} {unit}"
        found, expected = f"{left:.10g} {unit}", f"{rule} {right:.10g} {unit}"
        self.faults[code].append((ratio, Finding(code, place, sentence, found, expected)))

    def findings(self) -> tuple[Finding, ...]:
        """The worst of each check first, no more than `MOST_FINDINGS` each."""
        found: list[Finding] = []
        for faults in self.faults.values():
            ordered = sorted(faults, key=lambda fault: -fault[0])
            found += [finding for _, finding in ordered[:MOST_FINDINGS]]
        return tuple(found)

    def residuals(self) -> pd.DataFrame:
        """One line for each check: worst gap, what is allowed there, unit, where."""
        lines = [
            (code, w.gap if w.ratio > -np.inf else 0.0, w.allowed, w.unit, w.where)
            for code, w in self.worst.items()
        ]
        return pd.DataFrame(lines, columns=["check", "worst", "allowed", "unit", "where"])
