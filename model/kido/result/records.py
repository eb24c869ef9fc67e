"""The records of a plan: every flow, the nodes of the tree, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kido.data.months import fiscal_quarter, month_text
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.solver.solution import Statistics

UNITS = {
    "reserve": "t/yr",
    "expand": "t/yr",
    "ordered": "t/yr",
    "rebate": "kUSD",
    "breach": "of the rule",
}


def flows(plan: SolvedPlan) -> Table:
    """The table of flows: a row for each flow and branch, a column for each start of a node.

    A flow is in the column of the first month of its node, whose length is in `moments`. All of
    the tree and the run-out is included, so that mass can be checked.
    """
    tree = plan.case.tree
    starts = sorted({m.start for m in tree.nodes})
    ended = {m.start for m in tree.nodes if not m.reported}
    columns = (
        Column("kind", shape="word", words="flow"), Column("name"), Column("item"),
        Column("branch", shape="word"), Column("unit", shape="unit"),
        *(Column(month_text(s), shape="number", label=month_text(s),
                 group="run-out" if s in ended else "moments") for s in starts),
    )  # fmt: skip
    column = np.searchsorted(starts, [m.start for m in tree.nodes])
    branch = np.array([m.branch for m in tree.nodes])
    keys, numbers = [], []
    for kind, by_key in plan.values.items():
        for key, series in sorted(by_key.items(), key=lambda entry: entry[0]):
            nodes = np.flatnonzero(series)
            branches, row = np.unique(branch[nodes], return_inverse=True)
            amounts = np.full((len(branches), len(starts)), np.nan)
            amounts[row, column[nodes]] = series[nodes]
            numbers.append(amounts)
            item = key[1] if len(key) == 2 else ""
            keys += [(kind, key[0], item, tree.branches[b].name) for b in branches.tolist()]
    labels = pd.DataFrame(
        [(*key, UNITS.get(key[0], "t")) for key in keys], columns=[c.key for c in columns[:5]]
    )
    table = np.concatenate([np.zeros((0, len(starts))), *numbers])
    amounts_shown = pd.DataFrame(table, columns=[c.key for c in columns[5:]])
    return Table("flows", columns, pd.concat([labels, amounts_shown], axis=1), precise=True)


def moments(plan: SolvedPlan) -> Table:
    """The table of nodes by branch: start, length, probability and discount."""
    tree, opens = plan.case.tree, plan.case.settings.fiscal_start
    calm = _calm(plan)
    columns = (
        Column("branch", shape="word"), Column("starts"), Column("length", "months", "count"),
        Column("quarter", shape="period"), Column("probability", shape="share"),
        Column("discount", shape="price"), Column("calm", shape="word"),
        Column("reported", shape="word"),
    )  # fmt: skip
    lines = [
        (
            tree.branch_of(m.index).name, month_text(m.start), m.months,
            fiscal_quarter(m.start, opens), m.probability, m.discount,
            calm[m.index], "yes" if m.reported else "no",
        )
        for m in tree.nodes
    ]  # fmt: skip
    return Table("moments", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _calm(plan: SolvedPlan) -> list[str]:
    """Of each node: yes; no, where a disruption touches everything; else in part."""
    tree = plan.case.tree
    some = np.any([tree.calm(frozenset((c,))) for c in plan.case.commodities], axis=0)
    return np.where(tree.calm(), "yes", np.where(some, "in part", "no")).tolist()


def certificate(plan: SolvedPlan, facts: Mapping[str, object] | None = None) -> Table:
    """The table of what was solved, its proof, and the residuals of the certificate."""
    statistics, tables = plan.solution.statistics, plan.tables
    lines: list[tuple[object, ...]] = [
        ("program", "objective", plan.solution.objective, np.nan, "kUSD", ""),
        ("program", "rows", statistics.rows, np.nan, "", ""),
        ("program", "columns", statistics.columns, np.nan, "", ""),
        ("program", "nonzeros", statistics.nonzeros, np.nan, "", ""),
        ("solver", "method", statistics.method, np.nan, "", ""),
        ("solver", "iterations", statistics.iterations, np.nan, "", ""),
        *(("solver", "attempt", attempt, np.nan, "", "") for attempt in statistics.attempts),
        *proof(statistics),
    ]
    if plan.certificate is None:
        lines.append(("check", "independent check", "not run", np.nan, "", ""))
    else:
        lines += [
            ("check", f"check {r.check}", r.worst, r.allowed, r.unit, r.where)
            for r in plan.certificate.residuals.itertuples()
        ]
        lines += [
            ("finding", f"check {f.code}", f.sentence, np.nan, "", str(f.place))
            for f in plan.certificate.findings
        ]
    lines += [
        ("book", "title", tables.settings.title, np.nan, "", ""),
        ("book", "file", tables.path.replace("\\", "/").rsplit("/", 1)[-1], np.nan, "", ""),
        ("book", "sha256", tables.sha256, np.nan, "", ""),
    ]
    if plan.scenario:
        lines.append(("book", "one scenario alone", plan.scenario, np.nan, "", ""))
    lines += [("facts", str(k), v, np.nan, "", "") for k, v in flat(facts or {})]
    columns = (
        Column("part", shape="word"), Column("what", shape="word"), Column("value", shape="any"),
        Column("allowed", shape="any"), Column("unit", shape="unit"), Column("where"),
    )  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns], dtype=object)
    return Table("certificate", columns, frame)


def proof(statistics: Statistics) -> list[tuple[object, ...]]:
    """Rows of the certificate on optimality: bound, gap and residuals, beside what is allowed."""
    audit, blank = statistics.audit, np.nan
    lines: list[tuple[object, ...]] = [
        ("proof", "no plan costs less than", audit.bound, blank, "kUSD", ""),
        ("proof", "duality gap", audit.gap, audit.allowed, "kUSD", ""),
        ("proof", "complementarity, in all", audit.slack, audit.allowed, "kUSD", ""),
        ("proof", "complementarity, at worst", audit.worst_slack, audit.allowed, "kUSD", ""),
        ("proof", "worth of what is broken", audit.broken, audit.allowed, "kUSD", ""),
        ("proof", "largest row broken", audit.row_broken, blank, "t", ""),
        ("proof", "largest row broken, of what is allowed", audit.row_share, 1, "", ""),
        ("proof", "largest limit broken", audit.limit_broken, blank, "t", ""),
        ("proof", "largest limit broken, of what is allowed", audit.limit_share, 1, "", ""),
        ("proof", "largest price on a side that is not there", audit.dual_broken, blank,
         "USD/kg", ""),
        ("proof", "what such prices could be worth", audit.dual_money, audit.allowed, "kUSD", ""),
        ("proof", "prices on sides that rows imply", audit.implied, blank, "", ""),
        ("proof", "prices on sides that nothing implies", audit.unproved, blank, "", ""),
        ("proof", "answers refused before", len(statistics.refused), blank, "", ""),
    ]  # fmt: skip
    steadiness = statistics.steadiness
    if steadiness is not None:
        before, after = steadiness.swings_before, steadiness.swings
        lines += [
            ("proof", "swings of the near months, at least cost", before, blank, "", ""),
            ("proof", "swings of the near months, in the plan", after, blank, "",
             steadiness.fallback_reason),
            ("proof", "what the steadier plan costs more", steadiness.cost, audit.allowed,
             "kUSD", ""),
        ]  # fmt: skip
    second = statistics.second
    if second is not None:
        least_cost = "no" if second.fallback_reason else "yes"
        lines.append(
            ("proof", "expected cost made least", least_cost, blank, "", second.fallback_reason)
        )
    if second is not None and second.audit is not None:
        gap, allowed = second.audit.gap, second.audit.allowed
        lines.append(("proof", "duality gap of the expected cost", gap, allowed, "kUSD", ""))
    return lines


def flat(facts: Mapping[str, object], before: str = "") -> list[tuple[str, object]]:
    """Nested facts as pairs: `versions python`, `seconds solve`."""
    pairs: list[tuple[str, object]] = []
    for key, value in facts.items():
        name = f"{before}{key}"
        pairs += flat(value, f"{name} ") if isinstance(value, Mapping) else [(name, value)]
    return pairs
