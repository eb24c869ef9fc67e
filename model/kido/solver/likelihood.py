"""How likely disruptions must be held for orders to belong to the plan of least cost.

The program is solved again with all disruptions at a share of their probability, then with the
columns of the orders at 0: where that costs more, the plan places them. Both ends of what is told
are solved. Between them nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.lp.family import EmptyRows
from kido.solver.assemble import assemble
from kido.solver.audit import allowed_gap
from kido.solver.basis import basis_of
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.program import Name
from kido.solver.solve import solve_case
from kido.solver.without import costs_without

STEPS = 3  # halvings of the bracket
SECONDS = 30.0  # that one plan may take


@dataclass(frozen=True)
class Likelihood:
    """Shares of the probability of all disruptions between which orders cease to be worth it.

    At `placed` the plan of least cost places them, at `left_out` a plan that costs no more does
    not; None: it does at 0 already, without any disruption.
    """

    placed: float
    left_out: float | None = None


def likelihoods(
    case_at: Callable[[float], Case], groups: Mapping[tuple[str, ...], Sequence[Name]]
) -> dict[tuple[str, ...], Likelihood]:
    """The likelihood that orders (groups of columns) hang on, which the plan of the book places.

    `case_at` gives the case with disruptions at a share of their probability. A group of which no
    proved answer is found is left out.
    """
    known = {}
    for key, needed in _placed(case_at(0.0), groups).items():
        known[key] = Likelihood(0.0) if needed else Likelihood(1.0, 0.0)
    for _ in range(STEPS):
        brackets = {key: (k.placed + (k.left_out or 0.0)) / 2
                    for key, k in known.items() if k.left_out is not None}  # fmt: skip
        for share in sorted(set(brackets.values())):
            asked = {key: groups[key] for key, middle in brackets.items() if middle == share}
            answers = _placed(case_at(share), asked)
            for key in asked:
                known[key] = _narrowed(known[key], share, answers.get(key))
    return known


def _narrowed(known: Likelihood, share: float, needed: bool | None) -> Likelihood:
    if needed is None:
        return known
    return replace(known, placed=share) if needed else replace(known, left_out=share)


def _placed(
    case: Case, groups: Mapping[tuple[str, ...], Sequence[Name]]
) -> dict[tuple[str, ...], bool]:
    """Whether the plan of least cost of a case places each group; those with a proved answer."""
    try:
        program = assemble(case)
        solution = solve_case(program, case, case.settings.solver_method, SECONDS)
    except (EmptyRows, InfeasibleProgram, UnboundedProgram, SolverError, TimeLimitReached):
        return {}
    if solution.solver is None:
        return {}
    solution = replace(solution, basis=basis_of(solution.solver.solver))
    there = set(program.columns)
    present = {key: [n for n in names if n in there] for key, names in groups.items()}
    costs = costs_without(program, solution, present.values())
    least = 2 * allowed_gap(solution.objective)
    return {key: c > least for key, c in zip(present, costs, strict=True) if c is not None}
