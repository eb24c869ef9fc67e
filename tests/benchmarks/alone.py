"""HiGHS alone on an MPS file: `python alone.py FILE.mps '{"solver": "simplex"}'`."""

from __future__ import annotations

import json
import sys

import highspy


def main(file: str, options: str) -> None:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.readModel(file)
    for option, value in json.loads(options).items():
        solver.setOptionValue(option, value)
    solver.run()
    print(json.dumps({"objective": solver.getInfo().objective_function_value}))


if __name__ == "__main__":
    main(*sys.argv[1:])
