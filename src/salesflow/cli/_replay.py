"""
``salesflow replay``: imports the past of a CRM, and reports the result.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from .._lifecycle.lifecycle import Lifecycle
from .._model.values import Label, Lang
from ..exchange import ImportReport, ProblemGroup, Progress as OnProgress, RowProblem, load_mapping, replay_file
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
    part_name,
    percent,
    print_json,
    print_line,
    progress_bar,
    ranges,
    screen,
    table,
)


_WORDS: Final = {
    "imported": Label("imported", "已导入"),
    "already": Label("already there", "此前已有"),
    "unchanged": Label("without news", "无变化"),
    "refused": Label("refused", "被拒绝"),
    "blank": Label("blank", "空行"),
    "rows": Label("{rows} rows, {deals} deals → {store}", "{rows} 行，{deals} 个商机 → {store}"),
    "why": Label("Refused, and why", "被拒绝的行及原因"),
    "notes": Label("To know of", "请注意"),
    "more": Label(
        "and {n} more; --limit shows more, --problems FILE writes them all",
        "另有 {n} 项；用 --limit 显示更多，--problems 文件 写出全部",
    ),
    "reading": Label("reading {file}, {size} MB", "正在读取 {file}，{size} MB"),
    "in_rows": Label("row(s) {rows}", "行号 {rows}"),
    "stage": Label("Stage", "阶段"),
    "outcome": Label("Outcome", "结果"),
    "class": Label("Counts as", "统计类别"),
    "deals": Label("Deals", "商机数"),
    "figure": Label("Figure", "指标"),
    "value": Label("Value", "数值"),
    "revenue": Label("Revenue (sum of amount of won deals)", "收入（赢单金额合计）"),
    "win_rate": Label("Win rate, won / (won + lost)", "赢单率（赢单 /（赢单 + 输单））"),
    "of_closed": Label("Win rate, won / all closed", "赢单率（赢单 / 全部已关闭）"),
    "of_all": Label("Win rate, won / all", "赢单率（赢单 / 全部）"),
    "of": Label("{part} of {whole}", "{part} / {whole}"),
    "forgotten": Label(
        "Nothing was kept; name a store with --store sqlite:FILE.", "结果未保存；用 --store sqlite:文件 指定存储。"
    ),
    "failures": Label("listener {plugin} failed: {error}", "监听器 {plugin} 出错：{error}"),
    "going": Label("deals", "商机"),
}
_FEW: Final = 1000
_LARGE: Final = 1_000_000
_LIMIT: Final = 20
_JSON_LIMIT: Final = 100


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
@click.option(
    "--limit", type=click.IntRange(0), metavar="N", help="How many problems to show.  [default: 20, with --json 100]"
)
@click.option(
    "--problems", metavar="FILE", type=click.Path(dir_okay=False), help="Write every problem to this CSV file."
)
@click.option("--strict", is_flag=True, help="End with status 1 where any row is refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@lang_option
@click.pass_context
def replay(
    ctx: click.Context,
    source: str,
    lifecycle: str,
    mapping: str,
    store: str,
    limit: int | None,
    problems: str | None,
    lang: Lang,
    *,
    strict: bool,
    as_json: bool,
) -> None:
    """
    Import the export of a CRM: every deal of a CSV file becomes a project, with moves at their historical times.

    Replaying the same file into the same store again changes nothing. Exit status: 0, also where some rows are
    refused; 1 if every row is refused, with --strict if any is; 2 if the file, the mapping or the store cannot be used.
    """
    plugins = installed()
    built = load_lifecycle(lifecycle, plugins=plugins)
    columns = load_mapping(mapping, lifecycle=built)
    with closing(plugins.open_store(store)) as kept, _progress(screen(stderr=True), source, lang) as progress:
        report = replay_file(source, mapping=columns, lifecycle=built, store=kept, progress=progress)
    if problems is not None:
        _write_problems(problems, report, lang)
    if as_json:
        print_json(_plain(report, _JSON_LIMIT if limit is None else limit, lang))
    else:
        _print_report(screen(), report, built, without_password(store), _LIMIT if limit is None else limit, lang)
    taken = report.imported + report.already + report.unchanged
    if report.refused and (strict or not taken):
        ctx.exit(1)


def _write_problems(path: str, report: ImportReport, lang: Lang) -> None:
    """
    Write every problem and note, each as a row of a CSV file that spreadsheets open.
    """
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["row", "refused", "code", "problem", "value", "project"])
        for refused, found in (("yes", report.problems), ("no", report.notes)):
            lines.writerows(
                [each.row, refused, each.code, each.about.text(lang), each.value, each.project_id or ""]
                for each in found
            )


def _plain(report: ImportReport, limit: int, lang: Lang) -> dict[str, Any]:
    """
    Return a report as plain data, with the first problems and notes.
    """
    counts = "rows", "imported", "already", "unchanged", "refused", "blank", "deals", "won", "lost"
    return {
        "source": report.source,
        "lifecycle": report.lifecycle,
        **{name: getattr(report, name) for name in counts},
        "stages": dict(report.stages),
        "outcomes": dict(report.outcomes),
        "classes": dict(report.classes),
        "revenue": [{"amount": f"{money.amount:f}", "currency": money.currency} for money in report.revenue],
        "win_rate": report.win_rate,
        "win_rate_of_closed": report.win_rate_of_closed,
        "win_rate_of_all": report.win_rate_of_all,
        "problems": [_plain_problem(each, lang) for each in report.problems[:limit]],
        "notes": [_plain_problem(each, lang) for each in report.notes[:limit]],
        "listener_failures": [{"plugin": each.plugin, "error": each.error} for each in report.listener_failures],
    }


def _plain_problem(problem: RowProblem, lang: Lang) -> dict[str, Any]:
    return {
        "row": problem.row,
        "code": problem.code,
        "problem": problem.about.text(lang),
        "value": problem.value,
        "project": problem.project_id,
    }


@contextmanager
def _progress(console: Console, source: str, lang: Lang) -> Generator[OnProgress]:
    """
    Yield what shows progress: a bar on a terminal, which moves while the file is read, a line now and then elsewhere.
    """
    word = _WORDS["going"].text(lang)
    if not console.is_terminal:
        size = Path(source).stat().st_size
        if size >= _LARGE:
            said = _WORDS["reading"].text(lang).format(file=source, size=f"{size / 1e6:.1f}")
            print_line(console, said)
        yield lambda done, of: _line(console, word, done, of)
        return
    with progress_bar(console, word) as advance:
        # Drawing is cheap, but asking for it 8,000 times is not.
        yield lambda done, of: advance(done, of) if done % 64 == 0 or done == of else None


def _line(console: Console, word: str, done: int, of: int) -> None:
    if of >= _FEW and (done * 4 // of > (done - 1) * 4 // of):
        print_line(console, f"{done:,} / {of:,} {word}")


def _print_report(
    console: Console, report: ImportReport, lifecycle: Lifecycle, store: str, limit: int, lang: Lang
) -> None:
    said = {"rows": f"{report.rows:,}", "deals": f"{report.deals:,}", "store": store}
    print_line(console, (report.source, "bold"), f": {_WORDS['rows'].text(lang).format_map(said)}")
    counts = {word: getattr(report, word) for word in ("imported", "already", "unchanged", "refused", "blank")}
    print_line(console, *_counts(counts, lang))
    for word, style, groups in (("why", "bold red", report.groups), ("notes", "bold", report.note_groups)):
        if groups:
            console.print()
            print_line(console, (_WORDS[word].text(lang), style))
        for group in groups[:limit]:
            _problem(console, group, limit, lang)
        if len(groups) > limit:
            print_line(console, (f"  {_more(len(groups) - limit, lang)}", "dim"))
    for part in (_stages(report, lifecycle, lang), _outcomes(report, lifecycle, lang), _figures(report, lang)):
        console.print()
        console.print(part)
    for failure in report.listener_failures:
        parts = {"plugin": failure.plugin, "error": failure.error}
        echo(_WORDS["failures"].text(lang).format_map(parts), err=True)
    if store == "memory:":
        console.print()
        print_line(console, (_WORDS["forgotten"].text(lang), "dim"))


def _counts(counts: Mapping[str, int], lang: Lang) -> Iterator[Part]:
    for word, count in counts.items():
        if count or word not in ("unchanged", "blank"):
            yield ("   " if word != next(iter(counts)) else "  ") + f"{_WORDS[word].text(lang)} "
            yield f"{count:,}", "bold"


def _more(n: int, lang: Lang) -> str:
    return _WORDS["more"].text(lang).format(n=f"{n:,}")


def _problem(console: Console, group: ProblemGroup, limit: int, lang: Lang) -> None:
    print_line(console, (f"  {len(group.rows):>5,}", "bold"), f"  {group.about.text(lang)}")
    by_value: dict[str, list[int]] = {}
    for problem in group.problems:
        by_value.setdefault(problem.value, []).append(problem.row)
    said = [ranges(rows, most=limit) + (f" ({value})" if value else "") for value, rows in [*by_value.items()][:limit]]
    if len(by_value) > limit:
        said.append(_more(len(by_value) - limit, lang))
    rows = _WORDS["in_rows"].text(lang).format(rows="; ".join(said))
    if lang == "en":
        rows = rows.replace("row(s)", "row" if len(group.rows) == 1 else "rows")
    console.print(Padding(line((rows, "dim")), (0, 0, 0, 9), expand=False))


def _stages(report: ImportReport, lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table((_WORDS["stage"], Label(), _WORDS["deals"]), lang, right=(2,))
    for stage, count in report.stages.items():
        fill(shown, part_name(lifecycle, "stage", stage, lang), (stage, "dim"), f"{count:,}")
    return shown


def _outcomes(report: ImportReport, lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table((_WORDS["outcome"], _WORDS["class"], _WORDS["deals"]), lang, right=(2,))
    known = {outcome.id: outcome for outcome in lifecycle.definition.outcomes}
    for name, count in report.outcomes.items():
        outcome = known[name]
        fill(shown, named(outcome.label, name, lang), (outcome.class_, "dim"), f"{count:,}")
    return shown


def _figures(report: ImportReport, lang: Lang) -> Table:
    shown = table((_WORDS["figure"], _WORDS["value"], Label()), lang, right=(1,))
    for money in report.revenue:
        fill(shown, _WORDS["revenue"].text(lang), f"{money.amount:,f}", money.currency)
    of = _WORDS["of"].text(lang)
    rates = (
        ("win_rate", report.win_rate, report.won + report.lost),
        ("of_closed", report.win_rate_of_closed, report.closed),
        ("of_all", report.win_rate_of_all, report.deals),
    )
    for word, rate, whole in rates:
        fill(shown, _WORDS[word].text(lang), percent(rate), of.format(part=f"{report.won:,}", whole=f"{whole:,}"))
    return shown
