"""The commands: progress, tables, exit codes. The only file that prints or exits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kido.errors import Finding, KidoError

if TYPE_CHECKING:
    from kido.run import Run

out = Console()
err = Console(stderr=True)

BOOK = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kido")
def commands() -> None:
    """kido (希土) plans rare-earth procurement: a workbook in, a plan out."""


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def new(book: Path, lang: str, force: bool) -> None:
    """Write a blank, commented, validated workbook."""
    from kido.data.book.template import write_book

    if book.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{book} should end in .xlsx")
    if book.exists() and not force:
        raise click.UsageError(f"{book} is there already; --force replaces it")
    write_book(book, language=lang)
    out.print(f"wrote {escape(str(book))}")


@commands.command()
@click.argument("book", type=BOOK)
def check(book: Path) -> None:
    """Name every fault of a workbook at once: sheet, cell, found, expected, what to type."""
    from kido.data.check import checked_book

    tables = checked_book(book)
    if tables.warnings:
        out.print(findings_table(tables.warnings))
    rows = sum(len(frame) for frame in tables.frames.values())
    out.print(f"[green]no faults[/] in {escape(str(book))} ({rows:,} rows)")


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--scenario", help="Plan this branch alone, everything known from the start.")
@click.option("-o", "--output", type=BOOK, help="Run folder [default: outputs/BOOK].")
@click.option("--export", type=BOOK, help="Also write the program to this MPS file.")
def solve(book: Path, scenario: str | None, output: Path | None, export: Path | None) -> None:
    """Plan a book and write its results workbook."""
    with progress("importing") as say:
        from kido.run import solve as plan

        run = plan(book, scenario=scenario, output=output, export=export, say=say)
    show(run)


def show(run: Run) -> None:
    """A short table of the answer."""
    facts = run.facts
    table = Table(title=run.answer.tables.settings.title or facts["workbook"], show_header=False)
    table.add_row("objective", millions(facts["objective"]))
    table.add_row("expected cost", millions(facts["expected_cost"]))
    if facts["cvar"] is not None:
        tail = 1 - facts["cvar_level"]
        table.add_row(f"mean of the worst {tail:.0%}", millions(facts["cvar"]))
    worst = sorted(facts["scenarios"], key=lambda s: -s["cost"])[:3]
    for place, future in enumerate(worst, 1):
        words = f"{millions(future['cost'])}, probability {future['probability']:.3f}"
        table.add_row(f"worst future {place}: {escape(future['name'])}", words)
    table.add_row(
        "program", f"{facts['rows']:,} rows, {facts['columns']:,} columns, "
        f"{facts['moments']:,} moments",
    )  # fmt: skip
    table.add_row("solved by", f"{facts['solver']['method']} in {facts['seconds']['solve']:.1f} s")
    out.print(table)
    warnings = [f for f in run.answer.tables.warnings if f.warning]
    if warnings:
        out.print(findings_table(warnings))
    out.print(f"results: {escape(str(run.folder / 'results.xlsx' if run.folder else ''))}")


def millions(kusd: float) -> str:
    return f"{kusd / 1000:,.{1 if abs(kusd) >= 1e6 else 3}f} million USD"


def findings_table(findings: Sequence[Finding]) -> Table:
    table = Table(show_lines=True)
    for header in ("", "where", "what", "found", "expected", "what to do"):
        table.add_column(header, overflow="fold")
    for f in sorted(findings, key=lambda f: f.warning):
        mark = "[yellow]warning[/]" if f.warning else "[red]fault[/]"
        texts = (str(f.place), f.sentence, f.found, f.expected, f.advice)
        table.add_row(mark, *(escape(text) for text in texts))
    return table


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, and a clock, on a terminal; plain lines elsewhere."""
    if not err.is_terminal:
        yield lambda words: err.print(escape(words), highlight=False)
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(first, total=None)
        yield lambda words: bar.update(task, description=escape(words))


def main() -> None:
    """Exit codes: 0 answered, 1 unexpected fault, 2 bad input, 3 no plan, 4 stopped at a limit."""
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        err.print("[yellow]stopped[/]; nothing was written, earlier results are as they were")
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except KidoError as problem:
        findings = getattr(problem, "findings", ())
        if findings:
            err.print(findings_table(findings))
        err.print(f"[red]{escape(str(problem))}[/]")
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        err.print("[yellow]stopped[/]; nothing was written, earlier results are as they were")
        sys.exit(130)
    except PermissionError as problem:
        name = problem.filename or "a file"
        err.print(f"[red]{escape(str(name))} may not be written[/]: is it open in Excel?")
        sys.exit(1)
    except OSError as problem:
        reason = escape(problem.strerror or str(problem))
        err.print(f"[red]the files could not be written[/]: {reason}")
        sys.exit(1)
    except Exception as problem:  # no traceback reaches a planner
        err.print(
            f"[red]kido failed unexpectedly[/] ({type(problem).__name__}: {escape(str(problem))}). "
            "Nothing was written. Please report this with the workbook; KIDO_DEBUG=1 shows where."
        )
        if debugging():
            raise
        sys.exit(1)


def debugging() -> bool:
    import os

    return bool(os.environ.get("KIDO_DEBUG"))
