"""The command line: commands, progress, tables, exit codes. The only file that prints or exits."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kido.data.schema import word_term
from kido.errors import Finding, KidoError, TimeLimitReached, WorkbookError, ending_behind
from kido.messages import Phrase, phrase

if TYPE_CHECKING:
    from kido.report.table import Table as ReportTable
    from kido.run import Run

out = Console()
err = Console(stderr=True)

BOOK = click.Path(path_type=Path)
ON_TERMINAL = (  # tables of a comparison
    "compare_causes", "compare_changes", "compare_decisions", "compare_near_orders",
    "compare_categories",
)  # fmt: skip
TOO_WIDE = ("cell_before", "place")  # columns that a terminal has no room for
MOST_ROWS = 15  # of a table
TABLE_WIDTH = 110  # columns of a terminal from which a table of findings can be read
UNTIL = "--until says up to which month --keep holds: name a run to keep"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kido")
def commands() -> None:
    """kido (希土) plans rare-earth procurement: a workbook in, a plan out."""


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def new(book: Path, lang: str, force: bool) -> None:
    """Write a workbook to fill in: commented, validated, with a legend and examples."""
    from kido.report.excel.template import write_blank

    if book.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{book} should end in .xlsx")
    if book.exists() and not force:
        raise click.UsageError(f"{book} is there already; --force replaces it")
    if book.is_dir() or not book.parent.is_dir():
        raise click.UsageError(f"{book} cannot be written: there is no such folder, or it is one")
    write_blank(book, lang)
    out.print(f"wrote {escape(str(book))}")


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--lang", type=click.Choice(["en", "ja"]), required=True)
@click.option("-o", "--output", type=BOOK, required=True, help="The workbook to write.")
def translate(book: Path, lang: str, output: Path) -> None:
    """Write a workbook in the other language; what was typed stays."""
    from kido.data.workbook.translate import translate as translate_book

    if output.exists():
        raise click.UsageError(f"{output} is there already: name another file")
    if output.suffix.lower() != ".xlsx" or not output.parent.is_dir():
        raise click.UsageError(f"{output} should end in .xlsx, in a folder that is there")
    translate_book(book, lang, output)
    out.print(f"wrote {escape(str(output))}")


@commands.command()
@click.argument("book", type=BOOK)
def check(book: Path) -> None:
    """Name every fault of a workbook at once: sheet, cell, found, expected, what to type."""
    with progress("reading the workbook"):
        from kido.files import mend_beside
        from kido.study.checks.book import checked_book

        mend_beside(book)
        tables = checked_book(book)
    show_findings(out, tables.warnings)
    rows, language = sum(len(f) for f in tables.frames.values()), tables.settings.language
    clean = f"[green]{phrase('cli.no_faults').in_language(language)}[/]"
    words = phrase("cli.no_faults_in", no_faults=clean, book=escape(str(book)), rows=rows)
    line(out, words.in_language(language))


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--scenario", help="Plan this branch alone, everything known from the start.")
@click.option("-o", "--output", type=BOOK, help="Run folder [default: outputs/BOOK].")
@click.option("--export", type=BOOK, help="Also write the program to this MPS file.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes for a tree of many branches.")
@click.option("--dask", metavar="ADDRESS", help="Send the branches to this Dask cluster instead.")
@click.option("--quick", is_flag=True, help="The plan alone: not what other choices would cost.")
@click.option("--keep", type=BOOK, metavar="RUN", help="Hold the orders of this run folder.")
@click.option("--until", metavar="MONTH", help="With --keep: those up to this month.")
def solve(
    book: Path,
    scenario: str | None,
    output: Path | None,
    export: Path | None,
    jobs: int | None,
    dask: str | None,
    quick: bool,
    keep: Path | None,
    until: str | None,
) -> None:
    """Plan a book and write its results workbook."""
    if jobs and dask:
        raise click.UsageError("name --jobs or --dask, not both")
    if until and not keep:
        raise click.UsageError(UNTIL)
    with progress("loading the solver") as say:
        with loading():
            from kido.run import solve as plan
        run = plan(
            book, scenario=scenario, output=output, export=export, say=say, jobs=jobs, dask=dask,
            quick=quick, keep=keep, until=until,
        )  # fmt: skip
    show(run)
    statistics = run.answer.solution.statistics
    if statistics.stopped:
        gap = phrase("cli.stopped", amount=money(statistics.duality_gap))
        line(err, gap.in_language(run.answer.tables.settings.language))
        sys.exit(TimeLimitReached.exit_code)


@commands.command()
@click.argument("book", type=BOOK)
@click.option("--sweep", "name", help="Only this one of the book's sweeps [default: all].")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: all processors].")
@click.option("--dask", metavar="ADDRESS", help="Send the work to this Dask cluster instead.")
@click.option("-o", "--output", type=BOOK, help="Run folder [default: outputs/BOOK-SWEEP].")
@click.option("--keep", type=BOOK, metavar="RUN", help="Hold every plan to the orders of this run.")
@click.option("--until", metavar="MONTH", help="With --keep: those up to this month.")
def sweep(
    book: Path,
    name: str | None,
    jobs: int | None,
    dask: str | None,
    output: Path | None,
    keep: Path | None,
    until: str | None,
) -> None:
    """Answer the what-ifs of the sheet Sweeps; an interrupted sweep takes up where it stopped."""
    if jobs and dask:
        raise click.UsageError("name --jobs or --dask, not both")
    if until and not keep:
        raise click.UsageError(UNTIL)
    with progress("loading the solver") as say:
        with loading():
            from kido.study.sweep import sweep as sweep_book
        sweeps = sweep_book(
            book, name=name, jobs=jobs, dask=dask, output=output, say=say, keep=keep, until=until
        )
    table = Table(title="sweeps")
    for header in ("sweep", "points", "seconds", "results"):
        table.add_column(header, overflow="fold")
    for result in sweeps:
        ended = ", ".join(f"{n} {status}" for status, n in result.facts["statuses"].items())
        seconds = f"{result.facts['seconds']['total']:,.0f}"
        results = str(result.folder / "results.xlsx")
        table.add_row(*map(escape, (result.facts["sweep"], ended, seconds, results)))
    out.print(table)
    codes = {result.exit_code for result in sweeps}
    if 0 not in codes:
        sys.exit(codes.pop() if len(codes) == 1 else 1)


@commands.command()
@click.argument("before", type=BOOK)
@click.argument("after", type=BOOK)
@click.option("-o", "--output", type=BOOK, help="Workbook [default: outputs/BEFORE-to-AFTER.xlsx].")
@click.option("--force", is_flag=True, help="Replace a file named by -o that is there already.")
def compare(before: Path, after: Path, output: Path | None, force: bool) -> None:
    """Say what changed between two run folders: inputs, decisions, and why the cost differs."""
    if output and output.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{output} should end in .xlsx")
    if output and output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force replaces it")
    with progress("loading the solver") as say:
        with loading():
            from kido.comparison.compare import compare as compare_runs
            from kido.comparison.report import comparison_report
            from kido.files import slug
        names = (slug(folder.resolve().name) for folder in (before, after))
        path = output or Path("outputs") / f"{'-to-'.join(names)}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        comparison = compare_runs(before, after, path, say)
    for name, table in comparison_report(comparison).items():
        if name in ON_TERMINAL and len(table.frame):
            show_table(table, comparison.language)
    show_findings(out, comparison.warnings)
    line(out, phrase("cli.comparison", path=escape(str(path))).in_language(comparison.language))


@commands.command()
@click.argument("book", type=BOOK)
@click.argument("run", type=BOOK)
@click.option("--to", "month", metavar="MONTH", required=True, help="New first month: 2026-11.")
@click.option("--happened", metavar="NAME", help="The scenario that came [default: none did].")
@click.option("--actuals", type=BOOK, help="Workbook with a sheet Actuals [default: the book's].")
@click.option("-o", "--output", type=BOOK, help="Workbook [default: BOOK-MONTH.xlsx].")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def roll(
    book: Path,
    run: Path,
    month: str,
    happened: str | None,
    actuals: Path | None,
    output: Path | None,
    force: bool,
) -> None:
    """Make the book of a later month: what the plan has done by then is where it begins."""
    with progress("loading the solver") as say:
        with loading():
            from kido.data.months import Month, month_text, parse_month
            from kido.forward import roll as roll_book
        try:
            to = parse_month(month)
        except ValueError:
            raise click.UsageError(f"--to {month} is no month: type 2026-11") from None
        path = output or book.with_name(f"{book.stem}-{month_text(to)}.xlsx")
        check_new_book(path, force)
        rolled = roll_book(book, run, to, happened, actuals, path, say)
    language = rolled.tables.settings.language
    show_findings(out, rolled.warnings)
    for key, names in (("cli.rolled_came", rolled.came), ("cli.rolled_over", rolled.over)):
        if names:
            line(out, phrase(key, names=escape(", ".join(names))).in_language(language))
    counts = rolled.counts
    words = phrase("cli.rolled_rows", book=escape(str(book)), path=escape(str(path)), **counts)
    line(out, words.in_language(language))
    words = phrase("cli.rolled", month=Month(to), path=escape(str(path)))
    line(out, words.in_language(language))


def check_new_book(path: Path, force: bool) -> None:
    """Raise UsageError where a workbook cannot be written at the path."""
    if path.suffix.lower() != ".xlsx" or not path.parent.is_dir():
        raise click.UsageError(f"{path} should end in .xlsx, in a folder that is there")
    if path.is_dir() or (path.exists() and not force):
        raise click.UsageError(f"{path} is there already; --force replaces it")


@commands.command()
@click.argument("books", nargs=-1, required=True)
def diff(books: tuple[str, ...]) -> None:
    """Say what changed between two workbooks, a line for each cell. Also Git's external diff."""
    from kido.comparison.diff import GIT_WORDS, book_changes, git_books

    if len(books) not in (2, GIT_WORDS):
        raise click.UsageError("name two workbooks, the earlier first")
    if for_git := len(books) == GIT_WORDS:
        line(out, f"{escape(books[0])}:")
    try:
        lines, findings = book_changes(*(git_books(books) if for_git else books))
    except WorkbookError as problem:
        if not for_git:
            raise
        lines, findings = [str(problem)], []  # an error would end the log that Git shows
    show_findings(err, findings)
    for words in lines:
        line(out, escape(words))


def show_table(table: ReportTable, language: str) -> None:
    """Print the first rows of a table of a report, without its columns by month."""
    from kido.report.display import WORDS, shown_columns, shown_rows
    from kido.report.labels import Labels
    from kido.report.text import shown_text

    labels = Labels(language)
    columns = shown_columns(table)
    shown = [k for k, c in enumerate(columns) if not c.group and c.key not in TOO_WIDE]
    printed = Table(title=escape(table.title(language)))
    for k in shown:
        heading = escape(columns[k].heading(labels))
        if columns[k].shape in WORDS:
            printed.add_column(heading, overflow="fold")
        else:
            printed.add_column(heading, justify="right")
    rows = list(shown_rows(table, labels))
    for cells in rows[:MOST_ROWS]:
        texts = ("" if (cell := cells[k]) is None else shown_text(*cell) for k in shown)
        printed.add_row(*map(escape, texts))
    out.print(printed)
    if len(rows) > MOST_ROWS:
        more = phrase("cli.rows_more", count=len(rows) - MOST_ROWS)
        line(out, more.in_language(language))


def show(run: Run) -> None:
    """Print a short table of the plan."""
    facts = run.facts
    title = run.answer.tables.settings.title or facts["workbook"]
    language = run.answer.tables.settings.language

    def text(key: str, **words: object) -> str:
        return escape(phrase(f"cli.{key}", **words).in_language(language))

    def amount(kusd: float) -> str:
        return money(kusd).in_language(language)

    table = Table(title=escape(title), show_header=False)
    table.add_row(text("objective"), amount(facts["objective"]))
    table.add_row(text("expected_cost"), amount(facts["expected_cost"]))
    if len(facts["scenarios"]) > 1:
        tail = f"{100 * (1 - facts['cvar_level']):.3g}"
        table.add_row(text("worst_mean", tail=tail), amount(facts["cvar"]))
    worst = sorted(facts["scenarios"], key=lambda s: -s["cost"])[:3]
    for place, future in enumerate(worst, 1):
        name = word_term("Scenarios", "parent", future["name"])
        chance = f"{100 * future['probability']:.3g}"
        about = text("with_chance", amount=money(future["cost"]), chance=chance)
        table.add_row(text("worst_future", place=place, name=name), about)
    sizes = {key: f"{facts[key]:,}" for key in ("rows", "columns", "moments")}
    table.add_row(text("program"), text("sizes", **sizes))
    seconds = f"{facts['seconds']['solve']:.1f}"
    table.add_row(
        text("solved_by"), text("in_seconds", method=facts["solver"]["method"], seconds=seconds)
    )
    out.print(table)
    if run.answer.kept is not None:
        line(out, kept_words(run))
    show_findings(out, run.answer.tables.warnings)
    if run.folder:
        line(out, text("results", path=run.folder / "results.xlsx"))


def kept_words(run: Run) -> str:
    """What the kept plan costs more than a new one, in the language of the book."""
    from kido.report.labels import Labels
    from kido.result.kept_plan import in_short

    return escape(in_short(run.answer, Labels(run.answer.tables.settings.language)))


def money(kusd: float) -> Phrase:
    """The amount in words: thousand or million USD."""
    if 0 < abs(kusd) < 100:
        return phrase("cli.thousands", amount=f"{kusd:,.3g}")
    digits = 1 if abs(kusd) >= 1e6 else 3
    return phrase("cli.millions", amount=f"{kusd / 1000:,.{digits}f}")


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print findings as a table where the console is wide enough, else as lines for each."""
    sorted_findings = sorted(findings, key=lambda f: f.warning)
    if not sorted_findings:
        return
    if console.width >= TABLE_WIDTH:
        console.print(findings_table(sorted_findings))
        return
    for f in sorted_findings:
        line(console, f"{mark(f)}  [bold]{escape(str(f.place))}[/]  {escape(f.sentence)}")
        for key, text in (("found", f.found), ("expected", f.expected), ("do", f.advice)):
            if text:
                header = phrase(f"cli.{key}").in_language(f.language) + ":"
                line(console, f"    {header}{' ' * (10 - cell_len(header))}{escape(text)}")


def findings_table(findings: Sequence[Finding]) -> Table:
    """The table of findings, in their language."""
    table = Table(show_lines=True)
    language = findings[0].language
    table.add_column("", overflow="fold")
    for key in ("where", "what", "found", "expected", "what_to_do"):
        table.add_column(phrase(f"cli.{key}").in_language(language), overflow="fold")
    for f in findings:
        texts = (str(f.place), f.sentence, f.found, f.expected, f.advice)
        table.add_row(mark(f), *(escape(text) for text in texts))
    return table


def mark(finding: Finding) -> str:
    """The word fault or warning, coloured."""
    key, colour = ("cli.warning", "yellow") if finding.warning else ("cli.fault", "red")
    return f"[{colour}]{phrase(key).in_language(finding.language)}[/]"


def line(console: Console, words: str) -> None:
    """Print a line without wrapping it."""
    console.print(words, highlight=False, soft_wrap=True)


@contextmanager
def loading() -> Iterator[None]:
    """A context for imports: what they make stays, and no garbage collection looks at it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A function that prints what is being done, as a context.

    On a terminal one line with a clock, elsewhere a plain line each.
    """
    if not err.is_terminal:
        line(err, escape(first))
        yield lambda words: line(err, escape(words))
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(first, total=None)
        yield lambda words: bar.update(task, description=escape(words))


def main() -> None:
    """Run the command line.

    Exit codes: 0 success, 1 unexpected fault, 2 bad input, 3 no plan, 4 time limit.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know Japanese
            stream.reconfigure(errors="backslashreplace")
    for number in ENDINGS:
        signal.signal(number, stop)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = stop_all_the_same
    try:
        run_commands()
    except (KeyboardInterrupt, click.exceptions.Abort):
        stopped(130)
    except Termination as ending:
        stopped(128 + ending.number)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except KidoError as problem:
        show_findings(err, getattr(problem, "findings", ()))
        line(err, f"[red]{escape(str(problem))}[/]")
        sys.exit(problem.exit_code)
    except OSError as problem:
        name = f"{problem.filename}: " if problem.filename else ""
        reason = f"{name}{problem.strerror or problem}"
        line(err, f"[red]a file could not be read or written[/]: {escape(reason)}")
        line(err, before())
        sys.exit(1)
    except MemoryError:
        line(err, f"[red]the memory of this machine is too small for this book[/]. {before()} "
             "Fewer scenarios or draws, or longer periods, take less.")  # fmt: skip
        sys.exit(1)
    except Exception as problem:  # no traceback reaches a planner
        line(
            err,
            f"[red]kido failed unexpectedly[/] ({type(problem).__name__}: {escape(str(problem))}). "
            f"{before()} Please report this with the workbook; KIDO_DEBUG=1 shows where.",
        )
        if os.environ.get("KIDO_DEBUG"):
            raise
        sys.exit(1)


def before() -> str:
    """The sentence on what became of results before an error or interruption."""
    folder = sys.modules.get("kido.files")
    finished = [] if folder is None else folder.FINISHED
    if not finished:
        return "Earlier results are as they were."
    names = ", ".join(escape(str(path)) for path in dict.fromkeys(finished))
    return f"These results were written before that and are whole: {names}."


def run_commands() -> None:
    """Run the commands; a termination hidden behind another exception is raised instead."""
    try:
        commands.main(standalone_mode=False)
    except Exception as problem:
        if ending := ending_behind(problem):
            raise ending from None
        raise


ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Termination(BaseException):
    """The signal by which the system ends the process, raised so that work is cleared up first."""

    def __init__(self, number: int):
        self.number = number


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """Raise a termination: the handler of signals."""
    raise Termination(number)


def stop_all_the_same(lost: sys.UnraisableHookArgs) -> None:
    """Send a signal again whose exception Python ignored (in `__del__`, callbacks)."""
    number = getattr(lost.exc_value, "number", signal.SIGINT)
    if isinstance(lost.exc_value, (KeyboardInterrupt, Termination)):
        Timer(0.05, os.kill, (os.getpid(), number)).start()
    else:
        sys.__unraisablehook__(lost)


def stopped(code: int) -> NoReturn:
    """Print that the command was stopped, and exit."""
    words = before()
    line(err, f"[yellow]stopped[/]; {words[0].lower()}{words[1:].rstrip('.')}")
    sys.exit(code)
