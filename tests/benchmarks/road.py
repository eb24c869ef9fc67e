"""One case down the road, phase by phase; prints what each took as JSON.

    python road.py "the whole book" --way pyomo --method simplex --limit 100

`--book` takes another book than that of Japan. A phase holds seconds on the wall, seconds of
processor, and the peak memory so far in MB.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLOCK = time.perf_counter(), time.process_time()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("case")
    asked.add_argument("--book", type=Path)
    asked.add_argument("--way", default="pyomo")
    asked.add_argument("--method", default="", help="blank: stop before solving")
    asked.add_argument("--limit", type=float, default=float("inf"), help="seconds for solving")
    asked = asked.parse_args()
    phases: dict[str, dict[str, float]] = {}

    def timed(name: str, work: Callable[..., Any], *given: Any, since: Any = None) -> Any:
        wall, cpu = since or (time.perf_counter(), time.process_time())
        result = work(*given)
        phases[name] = {
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        return result

    registry, way, checked_book, make_case, options = timed(
        "import", lambda: imported(asked.way), since=CLOCK
    )
    tables = registry.CASES[asked.case](timed("read", checked_book, asked.book or registry.BOOK))
    case = timed("case", make_case, tables)
    data = timed("data", way.data, case)
    solver = timed("handover", way.hand_over, timed("build", way.build, data))
    size = solver.getLp()
    facts = {
        "histories": len(case.tree.leaves),
        "moments": len(case.tree.nodes),
        "rows": size.num_row_,
        "columns": size.num_col_,
        "nonzeros": solver.getNumNz(),
    }
    if asked.method:
        for option, value in options[asked.method].items():
            solver.setOptionValue(option, value)
        solver.setOptionValue("time_limit", asked.limit)
        timed("solve", solver.run)
        facts["status"] = solver.modelStatusToString(solver.getModelStatus())
        facts["objective"] = solver.getInfo().objective_function_value
    print(json.dumps({**facts, "phases": phases}))


def imported(way: str) -> tuple[Any, ...]:
    import registry

    from kido.data.case.build import make_case
    from kido.solver.highs import METHODS
    from kido.study.checks.book import checked_book

    return registry, registry.WAYS[way](), checked_book, make_case, METHODS


if __name__ == "__main__":
    main()
