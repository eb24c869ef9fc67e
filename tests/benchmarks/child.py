"""A process of its own, weighed: seconds on the wall, seconds of the processor, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Weighed:
    wall: float  # s
    cpu: float  # s, user and system
    peak: float  # MB
    said: dict[str, Any]  # the last line it printed, where that is JSON


def weigh(*command: str | Path, env: Mapping[str, str] | None = None) -> Weighed:
    """Run a command to its end. Raises RuntimeError, with what it said, where it fails."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=said, stderr=complaints,
                                   env={**os.environ, **(env or {})})  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complaints.seek(0)
        if process.returncode:
            raise RuntimeError(f"{command[1:]} failed: {said.read()}{complaints.read()}")
        last = said.read().strip().rpartition("\n")[2]
    spoken = json.loads(last) if last.startswith("{") else {}
    return Weighed(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, spoken)


def script(name: str, *given: str | Path, env: Mapping[str, str] | None = None) -> Weighed:
    """A script of this folder, in an environment with more in it."""
    return weigh(sys.executable, HERE / name, *given, env=env)


def kido(*given: str | Path) -> Weighed:
    """The console command, as a planner runs it."""
    return weigh(sys.executable, "-c", "from kido.cli import main; main()", *given)
