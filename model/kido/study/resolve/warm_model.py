"""`WarmModel`: a linear program in a solver's memory, solved again with the numbers of a point."""

from __future__ import annotations

from dataclasses import dataclass

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.solver.assemble import Frame, assemble
from kido.solver.basis import Basis, transfer_basis
from kido.solver.program import Program
from kido.solver.warm_start import BasicSolution, LiveSolver

WARM_SHARE = 2.0  # of the iterations of a cold solve, which may have begun from the branches


@dataclass(frozen=True)
class WarmStart:
    """A basis to start from, and the iterations that a cold solve took to reach it."""

    basis: Basis
    iterations: int


@dataclass
class WarmModel:
    """A case with its program, the frame of rows and columns, and the solver that holds it."""

    case: Case
    frame: Frame
    live: LiveSolver

    @property
    def program(self) -> Program:
        """The program of the case."""
        return self.frame.program

    @staticmethod
    def of(tables: Tables, scenario: str | None) -> WarmModel:
        """The model of a workbook, of one scenario alone unless None.

        Raises InfeasiblePlan if a row cannot hold at all.
        """
        return WarmModel.on(make_case(tables, scenario))

    @staticmethod
    def on(case: Case) -> WarmModel:
        """The model of a case."""
        program = assemble(case)
        return WarmModel(case, Frame(program), LiveSolver(program, case.settings.time_limit))

    def program_of(self, case: Case) -> Program | None:
        """The program of another case; None if its rows or columns are not those of this one."""
        return self.frame.filled(case) if _same_nodes(self.case, case) else None

    def start_for(self, start: WarmStart, other: WarmModel) -> WarmStart | None:
        """A start of this model translated to another model; None if its nodes are others."""
        if not _same_nodes(self.case, other.case):
            return None
        return WarmStart(transfer_basis(start.basis, self.program, other.program), start.iterations)

    def solve(
        self, program: Program, start: WarmStart | None, case: Case | None = None
    ) -> BasicSolution:
        """An optimal basic solution of a program on these rows and columns.

        `case` is that of the program, where it is one.

        Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
        """
        if start is None:
            return self.live.solve(program, case=case)
        limit = max(1000, int(WARM_SHARE * start.iterations))
        return self.live.solve(program, start.basis, iteration_limit=limit, case=case)


def _same_nodes(one: Case, other: Case) -> bool:
    """Whether the two trees have the same nodes, whatever their probabilities."""
    nodes, others = one.tree.nodes, other.tree.nodes
    return len(nodes) == len(others) and all(
        (m.branch, m.start, m.months, m.previous, m.reported)
        == (n.branch, n.start, n.months, n.previous, n.reported)
        for m, n in zip(nodes, others, strict=True)
    )
