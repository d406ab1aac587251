"""
``salesflow replay``: imports the past of a CRM, and reports the result.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from .._lifecycle.lifecycle import Lifecycle
from .._model.values import Label, Lang
from ..exchange import ImportReport, ProblemGroup, Progress as OnProgress, load_mapping, replay_file
from ..plugins._loading import load_lifecycle
from ..stores._urls import without_password
from ._output import (
    Part,
    echo,
    fill,
    installed,
    lang_option,
    line,
    named,
    percent,
    progress_bar,
    ranges,
    say,
    screen,
    table,
)


_WORDS: Final = {
    "imported": Label("imported", "已导入"),
    "already": Label("already there", "此前已有"),
    "refused": Label("refused", "被拒绝"),
    "blank": Label("blank", "空行"),
    "rows": Label("{rows} rows, {deals} deals → {store}", "{rows} 行，{deals} 个商机 → {store}"),
    "why": Label("Refused, and why", "被拒绝的行及原因"),
    "notes": Label("How local times were read", "本地时间的读取方式"),
    "in_rows": Label("row(s) {rows}", "行号 {rows}"),
    "stage": Label("Stage", "阶段"),
    "outcome": Label("Outcome", "结果"),
    "deals": Label("Deals", "商机数"),
    "figure": Label("Figure", "指标"),
    "value": Label("Value", "数值"),
    "revenue": Label("Revenue (sum of amount of won deals)", "收入（赢单金额合计）"),
    "of_closed": Label("Win rate, won / closed", "赢单率（赢单 / 已关闭）"),
    "of_all": Label("Win rate, won / all", "赢单率（赢单 / 全部）"),
    "of": Label("{part} of {whole}", "{part} / {whole}"),
    "forgotten": Label(
        "Nothing was kept; name a store with --store sqlite:FILE.", "结果未保存；用 --store sqlite:文件 指定存储。"
    ),
    "failures": Label("listener {plugin} failed: {error}", "监听器 {plugin} 出错：{error}"),
    "going": Label("deals", "商机"),
}
_FEW: Final = 1000


@click.command(short_help="Import the past of a CRM from a CSV file.")
@click.argument("source", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--lifecycle", "-l", required=True, metavar="NAME|FILE", help="The lifecycle that the deals went through."
)
@click.option(
    "--map", "-m", "mapping", required=True, metavar="MAP.toml", type=click.Path(), help="What the columns mean."
)
@click.option(
    "--store",
    metavar="URL",
    default="memory:",
    show_default=True,
    help="sqlite:FILE, journal:FOLDER, or memory: to keep nothing.",
)
@lang_option
def replay(source: str, lifecycle: str, mapping: str, store: str, lang: Lang) -> None:
    """
    Import the past of a CRM: every deal of a CSV file becomes a project, at the times at which it moved.

    Replaying the same file into the same store again changes nothing.
    """
    plugins = installed()
    built = load_lifecycle(lifecycle, plugins=plugins)
    columns = load_mapping(mapping, lifecycle=built)
    with closing(plugins.open_store(store)) as kept, _progress(screen(stderr=True), lang) as progress:
        report = replay_file(source, mapping=columns, lifecycle=built, store=kept, progress=progress)
    _print_report(screen(), report, built, without_password(store), lang)


@contextmanager
def _progress(console: Console, lang: Lang) -> Generator[OnProgress]:
    """
    Yield what shows progress: a bar on a terminal, a line now and then elsewhere.
    """
    word = _WORDS["going"].text(lang)
    if not console.is_terminal:
        yield lambda done, of: _line(console, word, done, of)
        return
    with progress_bar(console, word) as advance:
        # Drawing is cheap, but asking for it 8,000 times is not.
        yield lambda done, of: advance(done, of) if done % 64 == 0 or done == of else None


def _line(console: Console, word: str, done: int, of: int) -> None:
    if of >= _FEW and (done * 4 // of > (done - 1) * 4 // of):
        say(console, f"{done:,} / {of:,} {word}")


def _print_report(console: Console, report: ImportReport, lifecycle: Lifecycle, store: str, lang: Lang) -> None:
    said = {"rows": f"{report.rows:,}", "deals": f"{report.deals:,}", "store": store}
    say(console, (report.source, "bold"), f": {_WORDS['rows'].text(lang).format_map(said)}")
    counts = {"imported": report.imported, "already": report.already, "refused": report.refused, "blank": report.blank}
    say(console, *_counts(counts, lang))
    for word, style, groups in (("why", "bold red", report.groups), ("notes", "bold", report.note_groups)):
        if groups:
            console.print()
            say(console, (_WORDS[word].text(lang), style))
        for group in groups:
            _problem(console, group, lang)
    for part in (_stages(report, lifecycle, lang), _outcomes(report, lang), _figures(report, lang)):
        console.print()
        console.print(part)
    for failure in report.listener_failures:
        parts = {"plugin": failure.plugin, "error": failure.error}
        echo(_WORDS["failures"].text(lang).format_map(parts), err=True)
    if store == "memory:":
        console.print()
        say(console, (_WORDS["forgotten"].text(lang), "dim"))


def _counts(counts: Mapping[str, int], lang: Lang) -> Iterator[Part]:
    for word, count in counts.items():
        if count or word != "blank":
            yield ("   " if word != next(iter(counts)) else "  ") + f"{_WORDS[word].text(lang)} "
            yield f"{count:,}", "bold"


def _problem(console: Console, group: ProblemGroup, lang: Lang) -> None:
    say(console, (f"  {len(group.rows):>5,}", "bold"), f"  {group.about.text(lang)}")
    by_value: dict[str, list[int]] = {}
    for problem in group.problems:
        by_value.setdefault(problem.value, []).append(problem.row)
    said = (ranges(rows) + (f" ({value})" if value else "") for value, rows in by_value.items())
    rows = _WORDS["in_rows"].text(lang).format(rows="; ".join(said))
    if lang == "en":
        rows = rows.replace("row(s)", "row" if len(group.rows) == 1 else "rows")
    console.print(Padding(line((rows, "dim")), (0, 0, 0, 9), expand=False))


def _stages(report: ImportReport, lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_WORDS["stage"].text(lang), "", _WORDS["deals"].text(lang), right=(2,))
    for stage, count in report.stages.items():
        fill(shown, named(lifecycle.stage(stage).label, stage, lang), (stage, "dim"), f"{count:,}")
    return shown


def _outcomes(report: ImportReport, lang: Lang) -> Table:
    shown = table(_WORDS["outcome"].text(lang), _WORDS["deals"].text(lang), right=(1,))
    for outcome, count in report.outcomes.items():
        fill(shown, outcome, f"{count:,}")
    return shown


def _figures(report: ImportReport, lang: Lang) -> Table:
    shown = table(_WORDS["figure"].text(lang), _WORDS["value"].text(lang), "", right=(1,))
    for money in report.revenue:
        fill(shown, _WORDS["revenue"].text(lang), f"{money.amount:,f}", money.currency)
    of = _WORDS["of"].text(lang)
    closed = of.format(part=f"{report.won:,}", whole=f"{report.won + report.lost:,}")
    everything = of.format(part=f"{report.won:,}", whole=f"{report.deals:,}")
    fill(shown, _WORDS["of_closed"].text(lang), percent(report.win_rate_of_closed), closed)
    fill(shown, _WORDS["of_all"].text(lang), percent(report.win_rate_of_all), everything)
    return shown
