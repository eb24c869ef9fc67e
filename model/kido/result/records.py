"""The record: every flow of the plan, the moments it stands on, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kido.data.months import fiscal_quarter, month_text
from kido.report.table import Column, Table
from kido.result.flows import KINDS
from kido.result.plan import SolvedPlan
from kido.solver.solution import Statistics

UNITS = {"reserve": "t/yr", "expand": "t/yr", "rebate": "kUSD", "breach": "of the rule"}


def flows(answer: SolvedPlan) -> Table:
    """One row for each flow and branch, one column for each month in which a moment starts.

    A flow stands in the column of the first month of its moment; how long that is, the
    sheet of moments says. All of the tree and the run-out, so that mass can be checked.
    """
    tree, held = answer.case.tree, answer.flows
    starts = sorted({m.start for m in tree.nodes})
    ended = {m.start for m in tree.nodes if not m.reported}
    columns = (
        Column("kind", shape="word", words="flow"), Column("name"), Column("item"),
        Column("branch", shape="word"), Column("unit", shape="unit"),
        *(Column(month_text(s), shape="number", label=month_text(s),
                 group="run-out" if s in ended else "moments") for s in starts),
    )  # fmt: skip
    order = {branch.name: i for i, branch in enumerate(tree.branches)}
    kinds = {kind: i for i, kind in enumerate(KINDS)}
    place = {start: i for i, start in enumerate(starts)}
    keys = list(zip(held["kind"], held["name"], held["item"], held["branch"], strict=True))
    rows = sorted(set(keys), key=lambda k: (kinds[k[0]], k[1], k[2], order[k[3]]))
    row_of = {key: i for i, key in enumerate(rows)}
    numbers = np.full((len(rows), len(starts)), np.nan)
    numbers[[row_of[k] for k in keys], [place[s] for s in held["start"]]] = held["value"]
    words = pd.DataFrame(
        [(*key, UNITS.get(key[0], "t")) for key in rows], columns=[c.key for c in columns[:5]]
    )
    frame = pd.DataFrame(numbers, columns=[c.key for c in columns[5:]])
    return Table("flows", columns, pd.concat([words, frame], axis=1), precise=True)


def moments(answer: SolvedPlan) -> Table:
    """The periods of every branch: what a column of the flows is long, sure and worth."""
    tree, opens = answer.case.tree, answer.case.settings.fiscal_start
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
            "yes" if m.undisrupted else "no", "yes" if m.reported else "no",
        )
        for m in tree.nodes
    ]  # fmt: skip
    return Table("moments", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def certificate(answer: SolvedPlan, facts: Mapping[str, object] | None = None) -> Table:
    """What was solved, how well, and what the independent check of the plan found."""
    statistics, tables = answer.solution.statistics, answer.tables
    lines: list[tuple[object, ...]] = [
        ("program", "objective", answer.solution.objective, np.nan, "kUSD", ""),
        ("program", "rows", statistics.rows, np.nan, "", ""),
        ("program", "columns", statistics.columns, np.nan, "", ""),
        ("program", "nonzeros", statistics.nonzeros, np.nan, "", ""),
        ("solver", "method", statistics.method, np.nan, "", ""),
        ("solver", "iterations", statistics.iterations, np.nan, "", ""),
        *(("solver", "attempt", attempt, np.nan, "", "") for attempt in statistics.attempts),
        *proof(statistics),
    ]
    if answer.certificate is None:
        lines.append(("check", "independent check", "not run", np.nan, "", ""))
    else:
        lines += [
            ("check", f"check {r.check}", r.worst, r.allowed, r.unit, r.where)
            for r in answer.certificate.residuals.itertuples()
        ]
        lines += [
            ("finding", f"check {f.code}", f.sentence, np.nan, "", str(f.place))
            for f in answer.certificate.findings
        ]
    lines += [
        ("book", "title", tables.settings.title, np.nan, "", ""),
        ("book", "file", tables.path.replace("\\", "/").rsplit("/", 1)[-1], np.nan, "", ""),
        ("book", "sha256", tables.sha256, np.nan, "", ""),
    ]
    if answer.scenario:
        lines.append(("book", "one scenario alone", answer.scenario, np.nan, "", ""))
    lines += [("facts", str(k), v, np.nan, "", "") for k, v in flat(facts or {})]
    columns = (
        Column("part", shape="word"), Column("what", shape="word"), Column("value", shape="any"),
        Column("allowed", shape="any"), Column("unit", shape="unit"), Column("where"),
    )  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns], dtype=object)
    return Table("certificate", columns, frame)


def proof(statistics: Statistics) -> list[tuple[object, ...]]:
    """That the plan is the cheapest: what is proved, and every residual beside what is allowed."""
    found, none = statistics.audit, np.nan
    lines: list[tuple[object, ...]] = [
        ("proof", "no plan costs less than", found.bound, none, "kUSD", ""),
        ("proof", "duality gap", found.gap, found.allowed, "kUSD", ""),
        ("proof", "complementarity, in all", found.slack, found.allowed, "kUSD", ""),
        ("proof", "complementarity, at worst", found.worst_slack, found.allowed, "kUSD", ""),
        ("proof", "worth of what is broken", found.broken, found.allowed, "kUSD", ""),
        ("proof", "largest row broken", found.row_broken, none, "t", ""),
        ("proof", "largest row broken, of what is allowed", found.row_share, 1, "", ""),
        ("proof", "largest limit broken", found.limit_broken, none, "t", ""),
        ("proof", "largest limit broken, of what is allowed", found.limit_share, 1, "", ""),
        ("proof", "largest price on a side that is not there", found.dual_broken, none,
         "USD/kg", ""),
        ("proof", "what such prices could be worth", found.dual_money, found.allowed, "kUSD", ""),
        ("proof", "prices on sides that rows imply", found.implied, none, "", ""),
        ("proof", "prices on sides that nothing implies", found.unproved, none, "", ""),
        ("proof", "answers refused before", len(statistics.refused), none, "", ""),
    ]  # fmt: skip
    second = statistics.second
    if second is not None:
        made = "no" if second.fallback_reason else "yes"
        lines.append(("proof", "expected cost made least", made, none, "", second.fallback_reason))
    if second is not None and second.audit is not None:
        gap, allowed = second.audit.gap, second.audit.allowed
        lines.append(("proof", "duality gap of the expected cost", gap, allowed, "kUSD", ""))
    return lines


def flat(facts: Mapping[str, object], before: str = "") -> list[tuple[str, object]]:
    """Nested facts as pairs: `versions python`, `seconds solve`."""
    found: list[tuple[str, object]] = []
    for key, value in facts.items():
        name = f"{before}{key}"
        found += flat(value, f"{name} ") if isinstance(value, Mapping) else [(name, value)]
    return found
