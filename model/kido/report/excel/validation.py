"""Data validation rules of a workbook: drop-down lists and ranges."""

from __future__ import annotations

from typing import Any

from kido.data.schema import FLAGS, Column, catalogue

LAST_ROW = 2000
NUMERIC = {"number": "decimal", "share": "decimal", "rate": "decimal", "integer": "integer"}
LONGEST_TITLE, LONGEST_ERROR = 32, 220  # characters; Excel holds no longer title

Rule = dict[str, Any]


def validation_rule(column: Column, language: str) -> Rule | None:
    """The rule for values of a column, or None where anything may be typed."""
    rule = _list(column, language) or _range(column)
    if rule is None:
        return None
    title = column.name_ja if language == "ja" else column.name
    return {
        **rule,
        "ignore_blank": True,
        "error_title": title[:LONGEST_TITLE],
        "error_message": column.explain(language)[:LONGEST_ERROR],
    }


def _list(column: Column, language: str) -> Rule | None:
    choices = FLAGS[language] if column.kind == "flag" else column.choices(language)
    if choices:
        return {"validate": "list", "source": list(choices)}
    if column.refers not in catalogue():
        return None
    title = catalogue()[column.refers].title(language)
    # A list of several names, or a name not typed yet, must stay possible.
    return {
        "validate": "list",
        "source": f"='{title}'!$A$2:$A${LAST_ROW}",
        "error_type": "warning",
        "show_error": column.kind == "name",
    }


def _range(column: Column) -> Rule | None:
    kind = NUMERIC.get(column.kind)
    low, high = column.least, column.most
    if kind is None or (low is None and high is None):
        return None
    if low is not None and high is not None:
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"validate": kind, "criteria": ">=", "value": low}
    return {"validate": kind, "criteria": "<=", "value": high}
