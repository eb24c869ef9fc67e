"""`WarmModel`: one program, kept live, whose numbers change with the point."""

from __future__ import annotations

from dataclasses import dataclass

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.solver.assemble import Frame, assemble
from kido.solver.program import Program
from kido.solver.warm_start import BasicSolution, Basis, LiveSolver, transfer_basis

WARM_SHARE = 0.5  # of the iterations of a cold solve: what a warm one may take


@dataclass(frozen=True)
class WarmStart:
    """An answer to start from: its basis, and the iterations it took from nothing."""

    basis: Basis
    iterations: int


@dataclass
class WarmModel:
    """A program, the frame other numbers are put on, and the solver that holds it."""

    case: Case
    frame: Frame
    live: LiveSolver

    @property
    def program(self) -> Program:
        return self.frame.program

    @staticmethod
    def of(tables: Tables, scenario: str | None) -> WarmModel:
        """Built from the book as given. Raises InfeasiblePlan where a row cannot hold at all."""
        return WarmModel.on(make_case(tables, scenario))

    @staticmethod
    def on(case: Case) -> WarmModel:
        program = assemble(case)
        return WarmModel(case, Frame(program), LiveSolver(program, case.settings.time_limit))

    def program_of(self, case: Case) -> Program | None:
        """Another case on this program's rows and columns; None where it has others."""
        return self.frame.filled(case) if _same_moments(self.case, case) else None

    def carried(self, start: WarmStart, other: WarmModel) -> WarmStart | None:
        """A start found here as one for another model; None where its moments are others."""
        if not _same_moments(self.case, other.case):
            return None
        return WarmStart(transfer_basis(start.basis, self.program, other.program), start.iterations)

    def solve(self, program: Program, start: WarmStart | None) -> BasicSolution:
        """An optimal basic solution.

        Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
        """
        if start is None:
            return self.live.solve(program)
        limit = max(1000, int(WARM_SHARE * start.iterations))
        return self.live.solve(program, start.basis, iteration_limit=limit)


def _same_moments(one: Case, other: Case) -> bool:
    """Whether the two trees have the same moments, whatever their probabilities."""
    mine, theirs = one.tree.nodes, other.tree.nodes
    return len(mine) == len(theirs) and all(
        (m.branch, m.start, m.months, m.previous, m.reported)
        == (n.branch, n.start, n.months, n.previous, n.reported)
        for m, n in zip(mine, theirs, strict=True)
    )
