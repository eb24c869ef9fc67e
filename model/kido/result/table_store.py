"""The tables of a run as JSON beside its workbook, for programs.

`tables.json` holds `{"format": 1, "tables": {name: {"title", "title_ja", "columns", "rows"}}}`;
a column is `{"key", "unit", "label", "group"}`, a row the list of its values, blanks are null.
Numbers are those of the plan, not rounded. The flows of every variable are in `flows`, the nodes
of the tree in `moments`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kido.errors import OutputError
from kido.report.table import Report, Table

FILE = "tables.json"
FORMAT = 1


def write_tables(report: Report, path: Path) -> None:
    """Write all tables of a report to one file."""
    tables = {name: _record(table) for name, table in report.items()}
    text = json.dumps({"format": FORMAT, "tables": tables}, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def read_tables(folder: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of a run folder by name; units of columns are in `frame.attrs["units"]`.

    Raises OutputError where the folder holds no tables that can be read.
    """
    path = Path(folder) / FILE
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise OutputError(
                f"{path} is of another kido: format {content['format']}, not {FORMAT}"
            )
        return {name: _frame(table) for name, table in content["tables"].items()}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise OutputError(f"{path} holds no tables of a run: {problem}") from problem


def _record(table: Table) -> dict[str, Any]:
    columns = [table.frame[c.key] for c in table.columns]
    return {
        "title": table.title("en"),
        "title_ja": table.title("ja"),
        "columns": [
            {"key": c.key, "unit": c.unit, "label": c.label, "group": c.group}
            for c in table.columns
        ],
        "rows": list(zip(*map(_plain_values, columns), strict=True)),
    }


def _plain_values(column: pd.Series) -> list[Any]:
    """The values of a column as JSON holds them."""
    if column.dtype != float:
        return [_plain(value) for value in column.tolist()]
    return [value if math.isfinite(value) else None for value in column.tolist()]


def _plain(value: Any) -> Any:
    """The value as JSON holds it; NaN and infinity are None."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _frame(table: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(table["rows"], columns=[c["key"] for c in table["columns"]])
    frame.attrs["units"] = {c["key"]: c["unit"] for c in table["columns"] if c["unit"]}
    frame.attrs["title"] = table["title"]
    return frame
