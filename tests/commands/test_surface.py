"""What kido shows: its names, its manual, its README; and that only the commands speak."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys

import click
import pytest

import kido
from kido.cli import commands
from kido.errors import KidoError
from kido.lp.manual import manual
from places import ROOT

MODEL = ROOT / "model"
MODULES = sorted((MODEL / "kido").rglob("*.py"))
README = (ROOT / "README.md").read_text("utf-8")
SPEAKING = {
    "print", "input", "exit", "quit", "breakpoint", "sys.exit", "os._exit", "logging.basicConfig",
}  # fmt: skip
EXIT_CODES = {
    "WorkbookError": 2, "CertificateError": 1, "KidoError": 1, "NoCluster": 2, "InfeasiblePlan": 3,
    "ComparisonError": 2, "RollError": 2,
    "SolverError": 1, "TimeLimitReached": 4, "UnboundedPlan": 3, "OutputError": 2,
}  # fmt: skip


def run(code: str) -> str:
    asked = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_importing_is_quiet_and_quick() -> None:
    heavy = ("pyomo", "pandas", "openpyxl", "highspy", "scipy", "rich")
    code = f"import sys, kido; print([m for m in {heavy} if m in sys.modules])"
    assert run(code) == "[]\n"


def test_the_room_never_takes_the_name_of_the_function() -> None:
    used = "kido.solve is kido.run.solve, callable(kido.load)"
    for first in ("import kido", "from kido.solver import highs"):
        assert run(f"{first}; import kido, kido.run; print({used}, {used})") == (
            "True True True True\n"
        )


def test_what_is_exported() -> None:
    exported = {name: getattr(kido, name) for name in kido.__all__}
    assert list(kido.__all__) == sorted(kido.__all__)
    errors = {
        c.__name__ for c in exported.values() if isinstance(c, type) and issubclass(c, KidoError)
    }
    assert {name: exported[name].exit_code for name in errors} == EXIT_CODES
    assert all(callable(exported[name]) for name in ("load", "solve", "sweep"))
    for old, new in (("NoPlan", "InfeasiblePlan"), ("BookFault", "WorkbookError")):
        assert getattr(kido, old) is getattr(kido, new)  # scripts written before go on
    public = {name for name in vars(kido) if not name.startswith("_")}
    rooms = {path.stem if path.is_file() else path.name for path in (MODEL / "kido").iterdir()}
    imported = {"annotations", "import_module", "TYPE_CHECKING", "Any"}
    assert public - rooms - imported <= set(kido.__all__)
    with pytest.raises(AttributeError):
        _ = kido.nothing  # type: ignore[attr-defined]


def test_only_the_commands_speak_and_end() -> None:
    for path in MODULES:
        name = path.relative_to(MODEL).as_posix()
        if name in ("kido/cli.py", "kido/lp/manual.py"):  # the manual is printed by its own command
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("print", "input", "exit", "quit", "breakpoint"), name
                assert called not in ("sys.exit", "os._exit", "Console", "logging.basicConfig"), (
                    name
                )
            if isinstance(node, ast.Import | ast.ImportFrom):
                of = getattr(node, "module", None) or ""
                names = {of, *(alias.name for alias in node.names)}
                assert not names & {"rich", "click", "rich.console"}, name


def test_every_module_says_what_it_is() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))) or not path.read_text(), path


def test_the_manual_is_what_the_code_says() -> None:
    assert (MODEL / "MANUAL.md").read_text("utf-8") == manual()


# --- the README -------------------------------------------------------------


def commands_of_the_readme() -> list[list[str]]:
    """Every line of its code blocks that calls kido, without the words beside it."""
    found = []
    for block in re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        for part in re.split(r"\n|&&", block):
            line = re.split(r"\s{3,}| the program for", part.strip())[0]
            if line.startswith(("kido ", ".venv/bin/kido ")):
                found.append(shlex.split(line)[1:])
    return found


def test_every_command_of_the_readme_is_understood() -> None:
    asked = commands_of_the_readme()
    assert {words[0] for words in asked} >= {"new", "check", "solve"}
    for name, *words in asked:
        command = commands.commands[name]
        context = command.make_context(name, words)
        assert isinstance(context, click.Context)
        book = context.params.get("book")  # of this repository, but for runs and books of a reader
        assert name in ("new", "compare", "diff") or (ROOT / book).is_file()


def test_every_link_and_file_of_the_readme_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link


def test_the_readme_gives_the_exit_codes_and_the_python_door() -> None:
    flat = " ".join(README.split())
    assert "0 answered, 1 unexpected fault, 2 bad input, 3 no feasible plan, 4 stopped" in flat
    for name in re.findall(r"`kido\.(\w+)\(", README):
        assert name in kido.__all__
    for figure in ("8,176", "8,000", "8,326", "8,081.5"):
        assert figure in README
