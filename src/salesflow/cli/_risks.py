"""
``salesflow risks``: the open risks of all projects as a matrix, and what the risk checks find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import attrs
import click
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from .._lifecycle.lifecycle import Lifecycle
from .._model.project import Project
from .._model.risk_matrix import LEVEL_NAMES, LEVELS, Level
from .._model.values import Label, Lang
from .._model.vocabulary import name_of
from .._model.zones import local_date
from .._pipeline.pipeline import Pipeline
from ..plugins._loading import load_lifecycle
from ..plugins._registry import Plugins
from ..risks import Finding, RiskReport
from ..stores.adapting import every, readable
from ..typing import Store
from ._output import echo, fill, installed, lang_option, line, named, part_name, print_json, print_line, screen
from ._stored import store_option


_STYLES: Final[dict[Level, str]] = {
    "low": "black on green3",
    "medium": "black on yellow3",
    "high": "black on dark_orange",
    "critical": "white on red3",
}
_PROBABILITY: Final = Label("Probability ↑  Impact →", "概率 ↑  影响 →")
_COUNTS: Final = Label(
    "projects: {projects}, open risks: {risks}, findings: {fired}",
    "{projects} 个项目，{risks} 项未关闭风险，{fired} 条提示",
)
_SCORE: Final = Label("{level}, score {score:.1f}", "{level}，得分 {score:.1f}")
_NOTHING: Final = Label("no risk", "无风险")
_RISK: Final = Label(
    "probability {probability} × impact {impact} = {score:g}", "概率 {probability} × 影响 {impact} = {score:g}"
)
_WARNING: Final = Label("early warning since {since:%Y-%m-%d}", "预警中，始于 {since:%Y-%m-%d}")
_UNKNOWN: Final = Label("unknown", "未知")
_EMPTY: Final = Label("There are no projects to look at.", "没有可查看的项目。")
_MORE: Final = Label("and {n} more projects; --limit shows more of them", "另有 {n} 个项目；用 --limit 显示更多")
_LIMIT: Final = 20
_JSON_LIMIT: Final = 100
_LEFT_OUT: Final = Label(
    "Projects left out: {n}. Their lifecycle {id} {version} is not known; name its file with --lifecycle.",
    "{n} 个项目未纳入：找不到生命周期 {id} 版本 {version}，请用 --lifecycle 指定文件。",
)


@click.command(short_help="Show the risks of all projects in a store.")
@store_option
@click.option(
    "--lifecycle", "sources", multiple=True, metavar="NAME|FILE", help="A lifecycle of the projects.  [may be repeated]"
)
@click.option(
    "--at",
    "when",
    type=click.DateTime(),
    metavar="TIME",
    help="As of this time in the lifecycle's zone, such as 2026-03-31.  [default: now]",
)
@click.option("--closed", is_flag=True, help="Show projects that have ended, too.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help="How many projects of a lifecycle to show, the worst first.  [default: 20, with --json 100]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
@lang_option
def risks(
    url: str,
    sources: Sequence[str],
    when: datetime | None,
    limit: int | None,
    lang: Lang,
    *,
    closed: bool,
    as_json: bool,
) -> None:
    """
    Show the open risks of all projects as a matrix, and below it what the risk checks find, project by project.

    Name only lifecycles that are neither built in nor a plugin's.
    """
    plugins = installed()
    with closing(plugins.open_store(url, create=False)) as store:
        projects = list(every(store.find, {}))
        known = _lifecycles(projects, sources, plugins)
        found = [(one, _reports(store, one, projects, when, closed=closed)) for one in known]
    found = [(lifecycle, reports) for lifecycle, reports in found if reports]
    if as_json:
        most = _JSON_LIMIT if limit is None else limit
        print_json({"lifecycles": [_plain(lifecycle, reports, most, lang) for lifecycle, reports in found]})
    else:
        for lifecycle, reports in found:
            _portfolio(lifecycle, reports, _LIMIT if limit is None else limit, lang)
        if not found:
            echo(_EMPTY.text(lang))
    ids = {(one.id, one.version) for one in known}
    unknown = Counter(_key(one) for one in projects if _key(one) not in ids and _opened_by(one, when, UTC))
    for (name, version), count in sorted(unknown.items()):
        echo(_LEFT_OUT.text(lang).format(n=count, id=name, version=version), err=True)


def _key(project: Project) -> tuple[str, str]:
    return project.lifecycle, project.lifecycle_version


def _opened_by(project: Project, when: datetime | None, zone: tzinfo) -> bool:
    return when is None or project.opened_at <= when.replace(tzinfo=zone)


def _lifecycles(projects: Sequence[Project], sources: Sequence[str], plugins: Plugins) -> list[Lifecycle]:
    """
    Return the lifecycles that were named, and those of the projects that have a known name.
    """
    found = {(one.id, one.version): one for one in (load_lifecycle(source, plugins=plugins) for source in sources)}
    for name in sorted({project.lifecycle for project in projects}):
        if name in plugins.lifecycles:
            one = load_lifecycle(name, plugins=plugins)
            found.setdefault((one.id, one.version), one)
    return list(found.values())


def _reports(
    store: Store, lifecycle: Lifecycle, projects: Sequence[Project], when: datetime | None, *, closed: bool
) -> list[tuple[Project, RiskReport]]:
    """
    Return the projects of one lifecycle with their risks, the worst first.

    Args:
        when: what clocks in the lifecycle's zone show.
    """
    zone = lifecycle.wording.zone
    at = None if when is None else when.replace(tzinfo=zone)
    pipeline = Pipeline(lifecycle, store=store)
    norms = pipeline.norms()

    def read(one: Project) -> tuple[Project, RiskReport] | None:
        if not _opened_by(one, when, zone):
            return None
        project = one if at is None else pipeline.as_of(one.id, at)
        if _key(project) != (lifecycle.id, lifecycle.version) or (lifecycle.stage(project.stage).final and not closed):
            return None
        return project, pipeline.risks(one.id, at=at, norms=norms)

    reports = [each for each in readable(projects, read) if each is not None]
    return sorted(reports, key=lambda pair: (_rank(pair[1].level), pair[1].score), reverse=True)


def _portfolio(lifecycle: Lifecycle, reports: Sequence[tuple[Project, RiskReport]], limit: int, lang: Lang) -> None:
    """
    Print the projects of one lifecycle.
    """
    console = screen()
    counts = _COUNTS.text(lang).format(
        projects=len(reports),
        risks=sum(len(report.open) for _, report in reports),
        fired=sum(len(report.fired) for _, report in reports),
    )
    label = named(lifecycle.definition.label, lifecycle.id, lang)
    print_line(console, (label, "bold"), f"  {lifecycle.id} {lifecycle.version}: {counts}")
    console.print()
    console.print(_matrix([report for _, report in reports], lang))
    for project, report in reports[:limit]:
        _project(console, lifecycle, project, report, lang)
    if len(reports) > limit:
        console.print()
        print_line(console, (_MORE.text(lang).format(n=f"{len(reports) - limit:,}"), "dim"))
    console.print()


def _plain(
    lifecycle: Lifecycle, reports: Sequence[tuple[Project, RiskReport]], limit: int, lang: Lang
) -> dict[str, Any]:
    """
    Return the projects of one lifecycle as plain data: how many there are, and the first of them.
    """
    return {
        "lifecycle": lifecycle.id,
        "version": lifecycle.version,
        "projects": len(reports),
        "open_risks": sum(len(report.open) for _, report in reports),
        "findings": sum(len(report.fired) for _, report in reports),
        "worst": [_plain_project(project, report, lang) for project, report in reports[:limit]],
    }


def _plain_project(project: Project, report: RiskReport, lang: Lang) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "stage": project.stage,
        "level": report.level,
        "score": report.score,
        "open": [{"id": risk.id, "title": risk.title, **attrs.asdict(report.ratings[risk.id])} for risk in report.open],
        "warnings": [{"id": each.id, "level": each.level, "since": str(each.since)} for each in report.warnings],
        "findings": [
            {"check": each.check, "level": each.level, "message": each.message(lang), "action": each.action.text(lang)}
            for each in report.fired
        ],
        "unknown": [{"check": each.check, "message": each.message(lang)} for each in report.unknown],
    }


def _rank(level: Level | None) -> int:
    return -1 if level is None else LEVELS.index(level)


def _matrix(reports: Sequence[RiskReport], lang: Lang) -> Table:
    """
    Return the matrix with the number of open risks in each cell; all reports are of one lifecycle.
    """
    counts = Counter(cell for report in reports for cell, held in report.cells.items() for _ in held)
    matrix = reports[0].matrix
    columns = (Column(footer=str(impact), justify="center", min_width=12) for impact in range(1, 6))
    how: dict[str, Any] = {"title": _PROBABILITY.text(lang), "title_style": "dim", "title_justify": "left"}
    shown = Table("", *columns, box=box.SQUARE, show_header=False, show_footer=True, show_lines=True, **how)
    for probability in range(5, 0, -1):
        row = [_cell(counts[probability, impact], matrix.level(probability, impact), lang) for impact in range(1, 6)]
        shown.add_row(str(probability), *row)
    return shown


def _cell(count: int, level: Level, lang: Lang) -> Text:
    word = LEVEL_NAMES[level].text(lang)
    return Text(f" {count}  {word} " if count else f" {word} ", style=f"bold {_STYLES[level]}" if count else "dim")


def _project(console: Console, lifecycle: Lifecycle, project: Project, report: RiskReport, lang: Lang) -> None:
    stage = part_name(lifecycle, "stage", project.stage, lang)
    said = _NOTHING.text(lang)
    if report.level is not None:
        said = _SCORE.text(lang).format(level=LEVEL_NAMES[report.level].text(lang), score=report.score)
    console.print()
    print_line(console, (project.id, "bold"), f"  {project.name} · {stage} · {said}")
    columns = Column(no_wrap=True), Column(no_wrap=True), Column(overflow="fold")
    shown = Table(*columns, box=None, show_header=False, pad_edge=False, padding=(0, 1))
    for risk in report.open:
        rating = report.ratings[risk.id]
        text = _RISK.text(lang).format(probability=rating.probability, impact=rating.impact, score=rating.score)
        fill(shown, _mark(rating.level, lang), risk.id, line(risk.title or risk.id, (f"  {text}", "dim")))
    for warning in report.warnings:
        since = "" if warning.since is None else local_date(warning.since, lifecycle.wording.zone)
        text = _WARNING.text(lang).format(since=since)
        fill(shown, _mark(warning.level, lang), warning.id, text)
    for finding in sorted(report.fired, key=lambda one: LEVELS.index(one.level), reverse=True):
        fill(shown, _mark(finding.level, lang), name_of("advice", finding.check).text(lang), _finding(finding, lang))
    for finding in report.unknown:
        name = name_of("advice", finding.check).text(lang)
        fill(shown, (_UNKNOWN.text(lang), "dim"), name, (finding.message(lang), "dim"))
    console.print(Padding(shown, (0, 0, 0, 2)))


def _mark(level: Level, lang: Lang) -> Text:
    return Text(f" {LEVEL_NAMES[level].text(lang)} ", style=_STYLES[level])


def _finding(finding: Finding, lang: Lang) -> Text:
    action = finding.action.text(lang)
    return line(finding.message(lang), (f" → {action}" if action else "", "dim"))
