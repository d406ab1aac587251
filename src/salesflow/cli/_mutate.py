"""
``salesflow mutate``: which changes of a lifecycle no test notices.

It needs the extra ``salesflow[testing]`` as well, so the testing kit is imported when the command runs.
"""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

import click
from rich.console import Console

from .._model.values import Label, Lang
from ..errors import say
from ._output import echo, installed, lang_option, percent, print_json, print_line, progress_bar, screen


if TYPE_CHECKING:
    from collections.abc import Callable

    from ..testing.mutation import Mutant, MutationReport, Trial


_WORDS: Final = {
    "survived": Label("Survived: no test noticed", "存活：没有测试发现"),
    "unexercised": Label("Not exercised: the run never read the definition", "未执行：运行期间没有读取该定义"),
    "stillborn": Label("Stillborn: cannot be built, so it was not run", "死胎：无法构建，因此未运行"),
    "show": Label("a test would show: ", "测试应当证明："),
    "sum": Label(
        "Mutants: {mutants}. Killed {killed} (by timeout {timeout}), survived {survived}, not exercised {unexercised}, "
        "stillborn {stillborn}, ignored {ignored}",
        "共 {mutants} 个变异体：杀死 {killed} 个（其中超时 {timeout} 个），存活 {survived} 个，"
        "未执行 {unexercised} 个，死胎 {stillborn} 个，忽略 {ignored} 个",
    ),
    "score": Label("Score {score}, in {seconds:.1f} s", "得分 {score}，用时 {seconds:.1f} 秒"),
    "listed": Label("Mutants: {mutants}, stillborn {stillborn}", "共 {mutants} 个变异体，其中死胎 {stillborn} 个"),
    "going": Label("mutants", "变异体"),
}


@click.command(name="mutate", short_help="Show which changes of a lifecycle no test notices.")
@click.argument("source", metavar="FILE|NAME")
@click.argument("command", metavar="-- PYTEST…", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--only",
    metavar="KIND",
    multiple=True,
    help="Make only mutants of this kind, for example guard_dropped.  [may be repeated]",
)
@click.option(
    "--ignore",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Do not run the mutants in this file: one id on each line, with the reason after a #.",
)
@click.option("--every-test", is_flag=True, help="Run every test for every mutant, not only those that touch it.")
@click.option(
    "--resume",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Keep each result in this file, and go on from what it has of the same definition, command and tests.",
)
@click.option("--list", "listing", is_flag=True, help="List the mutants without running anything.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many runs at once.  [default: one for each processor]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="When a run is stopped.  [default: 5 × the run without a mutant + 10]",
)
@click.option(
    "--report", type=click.Choice(["term", "json"]), default="term", show_default=True, help="What is printed."
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail only if the score is lower.  [default: fail if any survives]",
)
@lang_option
def mutate_(
    source: str,
    command: tuple[str, ...],
    only: tuple[str, ...],
    ignore: TextIO | None,
    resume: str | None,
    jobs: int | None,
    timeout: float | None,
    report: str,
    fail_under: float | None,
    lang: Lang,
    *,
    every_test: bool,
    listing: bool,
) -> None:
    """
    Change one thing of a lifecycle at a time, run the tests against it, and list what no test noticed.

    Everything after -- is the command; it has to run pytest. It exits with status 1 if a mutant survives.

    For example: salesflow mutate deal.toml -- pytest -q tests
    """
    mutation, plugins = _mutation(lang), installed()
    if listing:
        _list(source, mutation.mutants(source, plugins=plugins, only=only), report, lang)
        return
    if not command:
        raise click.UsageError(say("cli.which_tests").text(lang))
    how = {"only": only, "ignore": _ids(ignore), "every_test": every_test, "resume": resume}
    with _progress(screen(stderr=True), lang) as progress, _terminable():
        found = mutation.mutate(source, command, plugins=plugins, jobs=jobs, timeout=timeout, progress=progress, **how)
    if report == "json":
        print_json(found.data())
    else:
        _print_report(screen(), found, lang)
    good = found.ok if fail_under is None else found.score is not None and 100 * found.score >= fail_under
    if not good:
        raise SystemExit(1)


def _ids(lines: Iterable[str] | None) -> list[str]:
    """
    Return the ids in a file; the text after a # is a reason.
    """
    return [name for line in lines or () if (name := line.partition("#")[0].strip())]


def _mutation(lang: Lang) -> Any:
    """
    Return the module ``salesflow.testing.mutation``, or end with a message where its extra is missing.
    """
    try:
        return import_module("salesflow.testing.mutation")
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        echo(f"salesflow: {say('cli.no_pytest').text(lang)}", err=True)
        raise SystemExit(2) from None


def _list(source: str, made: Sequence[Mutant], report: str, lang: Lang) -> None:
    if report == "json":
        from ..testing.mutation._report import mutant_data  # noqa: PLC0415 -- its extra may be missing

        print_json([mutant_data(mutant) | {"stillborn": mutant.stillborn} for mutant in made])
        return
    console = screen()
    for mutant in made:
        _place(console, source, mutant)
        print_line(console, f"    {mutant.text.text(lang)}")
    counts = {"mutants": len(made), "stillborn": sum(mutant.stillborn for mutant in made)}
    print_line(console, _WORDS["listed"].text(lang).format_map(counts))


@contextmanager
def _terminable() -> Generator[None]:
    """
    Let a termination unwind as an interruption does, so that it leaves no run behind.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(console: Console, lang: Lang) -> Generator[Callable[[Trial, int, int], object] | None]:
    """
    Yield what shows progress: a bar on a terminal, nothing elsewhere.
    """
    if not console.is_terminal:
        yield None
        return
    with progress_bar(console, _WORDS["going"].text(lang)) as advance:
        yield lambda _trial, done, of: advance(done, of)


def _print_report(console: Console, report: MutationReport, lang: Lang) -> None:
    if report.survived:
        print_line(console, (_WORDS["survived"].text(lang), "bold red"))
        console.print()
    for trial in report.survived:
        _place(console, report.source, trial.mutant)
        print_line(console, f"    {trial.mutant.text.text(lang)}")
        print_line(console, (f"    {_WORDS['show'].text(lang)}", "dim"), trial.mutant.wanted.text(lang))
        console.print()
    for word, several in (
        ("unexercised", [each.mutant for each in report.unexercised]),
        ("stillborn", report.stillborn),
    ):
        if several:
            print_line(console, (_WORDS[word].text(lang), "bold"))
            console.print()
            for mutant in several:
                _place(console, report.source, mutant)
            console.print()
    mutants = len(report.trials) + len(report.stillborn) + len(report.ignored)
    timeout = sum(trial.status == "timeout" for trial in report.trials)
    counts = {"mutants": mutants, "timeout": timeout, **report.data()["counts"]}
    print_line(console, _WORDS["sum"].text(lang).format_map(counts))
    figures = {"score": percent(report.score), "seconds": report.seconds}
    print_line(console, (_WORDS["score"].text(lang).format_map(figures), "bold"))


def _place(console: Console, source: str, mutant: Mutant) -> None:
    where = source if mutant.line is None else f"{source}:{mutant.line}"
    print_line(console, f"  {where}  ", (mutant.id, "bold"))
