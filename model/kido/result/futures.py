"""The futures that pages show: the base case with its probability, and the dearest."""

from __future__ import annotations

from kido.data.case.build import tree_of
from kido.result.plan import ScenarioPath, SolvedPlan

WORST = 3  # histories beside the trunk


def shown_histories(plan: SolvedPlan) -> list[ScenarioPath]:
    """The trunk and the dearest branches."""
    return [plan.reference_path, *plan.worst[:WORST]]


def chance_of(plan: SolvedPlan) -> float:
    """The probability of the reference path in the book, also where it is planned alone."""
    if not plan.scenario:
        return plan.reference_path.probability
    tree = tree_of(plan.tables)
    return sum(
        tree.nodes[leaf].probability
        for leaf in tree.leaves
        if plan.scenario in (tree.branch_of(leaf).name, tree.branch_of(leaf).scenario)
    )


def reference(plan: SolvedPlan) -> tuple[str, float]:
    """The name and the probability of the reference path, as notes tell it."""
    return plan.reference_path.name, chance_of(plan)
