"""Does each row make sense by itself?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.checks.checking import fault, reached, warning
from kido.data.tables import Tables
from kido.data.words import Words
from kido.errors import Finding

# (sheet, column of the least, column of the most)
PAIRS = (
    ("Supply", "least", "most"),
    ("Sales", "least", "most"),
    ("Processes", "least", "most"),
    ("Routes", "least", "most"),
    ("Contracts", "least_reserved", "most_reserved"),
    ("Facilities", "least_expansion", "most_expansion"),
    ("Stockpiles", "floor", "capacity"),
    ("Stockpiles", "opening", "capacity"),
)
# (sheet, column that decides, its values under which the other column counts, other column)
COUNTS_UNDER = (
    ("Contracts", "price_rule", ("fixed",), "price"),
    ("Contracts", "price_rule", ("index",), "index"),
    ("Contracts", "price_rule", ("index",), "floor"),
    ("Contracts", "price_rule", ("index",), "rebate_above"),
    ("Stockpiles", "release", ("from a month",), "release_month"),
    ("Stockpiles", "ending", ("at least", "value per kg"), "ending_amount"),
    ("Relief", "kind", ("defer",), "returns"),
)
# (sheet, column that decides, its value, column it needs, what is missing)
NEEDED_UNDER = (
    ("Contracts", "price_rule", "fixed", "price", "A fixed price is asked for but not given."),
    ("Stockpiles", "release", "from a month", "release_month", "The month of release is missing."),
)


def check_limits(tables: Tables, words: Words) -> Iterator[Finding]:
    """No minimum above its maximum."""
    for sheet, least, most in PAIRS:
        frame = tables[sheet]
        for row in frame.records():
            low, high = getattr(row, least), getattr(row, most)
            if low > high:
                code = "opening-above-capacity" if least == "opening" else "min-above-max"
                sentence = f"'{least.replace('_', ' ')}' is above '{most.replace('_', ' ')}'."
                advice = "lower it, or raise the other"
                yield fault(
                    code, frame, row.Index, least, sentence, f"{low:g}", f"at most {high:g}", advice
                )


def check_expansions(tables: Tables, words: Words) -> Iterator[Finding]:
    """An expansion that is asked for or allowed has a cost."""
    frame = tables["Facilities"]
    for row in frame.records():
        asked = row.least_expansion > 0 or row.most_expansion > 0
        if asked and math.isnan(row.expansion_cost):
            sentence = "An expansion is given but no cost: it cannot be ordered."
            advice = "type its cost (0 if it costs nothing), or clear the expansion"
            yield fault(
                "expansion-without-cost", frame, row.Index, "expansion_cost", sentence, "blank",
                "a number in USD per kg/yr", advice,
            )  # fmt: skip


def check_rules(tables: Tables, words: Words) -> Iterator[Finding]:
    """A rule has the figures it needs; figures that no rule looks at are pointed out."""
    for sheet, key, value, needed, sentence in NEEDED_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            if getattr(row, key) == value and _is_blank(getattr(row, needed)):
                advice = "fill it in, or choose another rule"
                yield fault(
                    "rule-incomplete", frame, row.Index, needed, sentence, "blank", "", advice
                )
    for sheet, key, values, other in COUNTS_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            given = getattr(row, other)
            if getattr(row, key) not in values and not _is_blank(given) and given != 0:
                sentence = f"This does not count under the rule '{getattr(row, key)}'."
                advice = f"clear it, or choose {' or '.join(values)}"
                yield warning(
                    "figure-ignored", frame, row.Index, other, sentence, given, "blank", advice
                )


def check_contracts(tables: Tables, words: Words) -> Iterator[Finding]:
    """A contract covers supply rows or routes, and a rebate has its threshold."""
    frame = tables["Contracts"]
    for row in frame.records():
        for word in row.applies_to:
            kind = words.kind(word)
            if kind and not reached(words, [word], "Supply") + reached(words, [word], "Routes"):
                sentence = f"The {kind} '{word}' covers no row of Supply or Routes."
                advice = "name supply rows or routes, or a tag they bear"
                yield fault(
                    "contract-covers-nothing", frame, row.Index, "applies_to", sentence, word,
                    "supply rows or routes", advice,
                )  # fmt: skip
        if row.rebate_share > 0 and row.price_rule == "index" and math.isnan(row.rebate_above):
            sentence = "A rebate is given but not the index price above which it is paid."
            yield fault(
                "rule-incomplete", frame, row.Index, "rebate_above", sentence, "blank",
                "a number in USD/kg", "fill it in, or clear the rebate share",
            )  # fmt: skip


def check_stocks_and_relief(tables: Tables, words: Words) -> Iterator[Finding]:
    """Openings below the floor, an end that has no room, deferral that never comes back."""
    frame = tables["Stockpiles"]
    for row in frame.records():
        if row.opening < row.floor:
            sentence = "The stock opens below its floor and must be filled at once."
            yield warning(
                "opening-below-floor", frame, row.Index, "opening", sentence, f"{row.opening:g}",
                f"at least {row.floor:g}", "lower the floor, or hold it by a policy of cover",
            )  # fmt: skip
        if row.ending == "at least" and row.ending_amount > row.capacity:
            sentence = "The stock must end above its capacity."
            yield fault(
                "min-above-max", frame, row.Index, "ending_amount", sentence,
                f"{row.ending_amount:g}", f"at most {row.capacity:g}", "lower it",
            )  # fmt: skip
    frame = tables["Relief"]
    for row in frame.records():
        if row.kind == "defer" and math.isnan(row.returns):
            sentence = "What is deferred here never comes back: it is as good as lost."
            yield warning(
                "deferred-for-ever", frame, row.Index, "returns", sentence, "blank",
                "a number of months", "type the months until it is needed after all",
            )  # fmt: skip


def check_recipes(tables: Tables, words: Words) -> Iterator[Finding]:
    """Every process has a recipe, and none makes contained oxide out of nothing."""
    things = {row.name: row for row in tables["Commodities"].records()}
    lines: dict[str, list[Any]] = {}
    for line in tables["Recipes"].records():
        lines.setdefault(line.process, []).append(line)
    for process in tables["Processes"].records():
        flows = [line for line in lines.get(process.name, ()) if line.role != "uses"]
        if not flows:
            sentence = "The process has no recipe: it takes in and puts out nothing."
            yield fault(
                "recipe-missing", tables["Processes"], process.Index, "name", sentence,
                process.name, "lines on the sheet Recipes", "add its inputs and outputs",
            )  # fmt: skip
        elif all(_is_oxide_mass(things.get(line.item)) for line in flows):
            contained = dict.fromkeys(("input", "output"), 0.0)
            for line in flows:
                contained[line.role] += things[line.item].content * line.amount
            taken, made = contained["input"], contained["output"]
            if made > taken * (1 + 1e-6) + 1e-9:
                first = next(line for line in flows if line.role == "output")
                yield fault(
                    "oxide-from-nothing", tables["Recipes"], first.Index, "amount",
                    f"The process '{process.name}' puts out more contained oxide than it takes in.",
                    f"{made:g} t REO a tonne of activity", f"at most {taken:g}",
                    "correct the amounts, or the content on the sheet Commodities",
                )  # fmt: skip


def _is_oxide_mass(commodity: Any) -> bool:
    return commodity is not None and commodity.unit == "t REO" and commodity.kind != "service"


def _is_blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
