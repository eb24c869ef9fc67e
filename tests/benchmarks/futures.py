"""One small book with so many scenarios, planned: seconds by phase as JSON.

python tests/benchmarks/futures.py COUNT
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import kido
from kido.data.months import month_text, parse_month
from kido.report.excel.template import write_book

START = parse_month("2027-01")


def sheets(count: int) -> dict[str, list[dict[str, Any]]]:
    """A lane that each future stops or halves for three months, a store, a need, a last relief."""
    names = [f"Stop {i}" for i in range(count)]
    return {
        "Commodities": [{"name": "Dy", "kind": "oxide"}],
        "Sites": [{"name": "Port", "country": "China"}, {"name": "Osaka", "country": "Japan"}],
        "Supply": [{"name": "offer", "site": "Port", "commodity": "Dy", "price": 10}],
        "Routes": [{"name": "exports", "origin": "Port", "destination": "Osaka",
                    "commodity": "Dy", "freight": 1, "most": 60}],
        "Stockpiles": [{"name": "store", "site": "Osaka", "commodity": "Dy", "holding_cost": 1,
                        "opening": 2}],
        "Demand": [{"name": "need", "site": "Osaka", "commodity": "Dy", "need": 24}],
        "Relief": [{"name": "lost", "demand": "need", "kind": "lost", "cost": 300}],
        "Scenarios": [{"name": name, "probability": 0.9 / count, "disruption": True,
                       "known": month_text(START + 1 + i % 9)} for i, name in enumerate(names)],
        "Events": [{"name": f"stops {name}", "scenario": name, "target": ["exports"],
                    "effect": "capacity", "factor": 0 if i % 2 else 0.5, "months": 3}
                   for i, name in enumerate(names)],
    }  # fmt: skip


def main() -> None:
    count = int(sys.argv[1])
    settings = {"start": "2027-01", "calendar": "12 month"}
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "futures.xlsx"
        write_book(book, sheets(count), settings)
        run = kido.solve(book, output=Path(folder) / "run")
    facts = run.facts
    held = {"moments": facts["moments"], "objective": facts["objective"]}
    print(json.dumps({**held, "seconds": facts["seconds"]}))


if __name__ == "__main__":
    main()
