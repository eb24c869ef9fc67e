"""Data validation rules of a workbook: drop-down lists and ranges."""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation

from kido.data.schema import FLAGS, Column, catalogue

LAST_ROW = 2000
NUMERIC = {"number": "decimal", "share": "decimal", "rate": "decimal", "integer": "whole"}


def column_rule(column: Column, letter: str, language: str) -> DataValidation | None:
    """The rule for a column of a sheet, or None where anything may be typed."""
    return _rule(column, f"{letter}2:{letter}{LAST_ROW}", language)


def option_rule(column: Column, cell: str, language: str) -> DataValidation | None:
    """The rule for the value of one option of the Settings sheet."""
    return _rule(column, cell, language)


def _rule(column: Column, where: str, language: str) -> DataValidation | None:
    rule = _list(column, language) or _range(column)
    if rule is None:
        return None
    rule.add(where)
    rule.allow_blank = True
    rule.errorTitle = column.name_ja if language == "ja" else column.name
    rule.error = column.explain(language)[:220]
    return rule


def _list(column: Column, language: str) -> DataValidation | None:
    choices = FLAGS[language] if column.kind == "flag" else column.choices(language)
    if choices:
        return DataValidation("list", '"' + ",".join(choices) + '"', showErrorMessage=True)
    if column.refers not in catalogue():
        return None
    title = catalogue()[column.refers].title(language)
    rule = DataValidation("list", f"'{title}'!$A$2:$A${LAST_ROW}")
    # A list of several names, or a name not typed yet, must stay possible.
    rule.errorStyle = "warning"
    rule.showErrorMessage = column.kind == "name"
    return rule


def _range(column: Column) -> DataValidation | None:
    kind = NUMERIC.get(column.kind)
    if kind is None or (column.least is None and column.most is None):
        return None
    low, high = _text(column.least), _text(column.most)
    if low and high:
        return DataValidation(kind, low, high, operator="between", showErrorMessage=True)
    operator = "greaterThanOrEqual" if low else "lessThanOrEqual"
    return DataValidation(kind, low or high, operator=operator, showErrorMessage=True)


def _text(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"
