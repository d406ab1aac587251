"""
``salesflow store``: verifies and copies stores, and lists what was given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import click

from .._model.facts import Notice
from .._model.values import Label, Lang
from .._model.work import DeadWork, WorkKind
from .._pipeline.pipeline import Pipeline
from ..errors import InputError, say
from ..plugins._loading import load_lifecycle
from ..stores import copy_facts
from ..stores._urls import without_password
from ._output import echo, fill, installed, json_option, lang_option, print_json, screen, table


_SOUND: Final = Label("{url}: {facts:,} facts, no problems", "{url}：{facts:,} 条事实，未发现问题")
_DAMAGED: Final = Label("{url}: {facts:,} facts, {count} problem(s)", "{url}：{facts:,} 条事实，{count} 个问题")
_ARMED: Final = Label("deadlines watched: {count:,}", "已监控时限：{count:,} 个")
_COPIED: Final = Label("{source} → {target}: {facts:,} facts copied", "{source} → {target}：已复制 {facts:,} 条事实")


_HEADS: Final = (
    Label("Work", "任务"),
    Label("About", "主题"),
    Label("Plugin", "插件"),
    Label("Addressee", "收件人"),
    Label("Tries", "次数"),
    Label("Cause", "原因"),
)
_NONE_DEAD: Final = Label("{url}: nothing was given up", "{url}：没有被放弃的任务")
_QUEUED: Final = Label("{url}: {count} queued again", "{url}：已重新排队 {count} 项")


@click.group(short_help="Verify a store, copy its facts, or list what was given up.")
def store() -> None:
    """
    Verify and copy stores, and list what was given up. A store is named by a URL such as sqlite:FILE or journal:FOLDER.
    """


@store.command(short_help="Check that everything in a store fits together.")
@click.argument("url")
@click.option("--quick", is_flag=True, help="Check versions only, not every fact.")
@lang_option
def verify(url: str, quick: bool, lang: Lang) -> None:
    """
    Check a store without repairing anything. The exit status is 1 if there is a problem.
    """
    with closing(installed().open_store(url, create=False)) as opened:
        found = opened.check(deep=not quick)
    said = (_SOUND if found.ok else _DAMAGED).text(lang)
    echo(said.format(url=without_password(url), facts=found.facts, count=len(found.problems)))
    for problem in found.problems:
        echo(f"  - {problem}")
    if not found.ok:
        raise SystemExit(1)


def _copy(source: str, target: str, lang: Lang, lifecycles: Sequence[str] = ()) -> None:
    plugins = installed()
    known = [load_lifecycle(each, plugins=plugins) for each in lifecycles]
    with closing(plugins.open_store(source, create=False)) as start, closing(plugins.open_store(target)) as end:
        count = copy_facts(start, end)
        armed = Pipeline(known, store=end).rearm() if known else 0
    shown = {"source": without_password(source), "target": without_password(target)}
    echo(_COPIED.text(lang).format(**shown, facts=count))
    if known:
        echo(_ARMED.text(lang).format(count=armed))


@store.command(short_help="Copy the facts of a store into another.")
@click.argument("source")
@click.argument("target")
@click.option(
    "--lifecycle",
    "lifecycles",
    multiple=True,
    metavar="NAME|FILE",
    help="Watch the deadlines of its projects in TARGET.  [may be repeated]",
)
@lang_option
def copy(source: str, target: str, lang: Lang, lifecycles: Sequence[str]) -> None:
    """
    Copy every fact of the store SOURCE into the store TARGET. Copying again adds what is new.

    Open work is not copied: notices stay where they are, and deadlines are watched from the next move on, or at once
    for the lifecycles that are named.
    """
    _copy(source, target, lang, lifecycles)


@store.command(short_help="Copy the facts of a store into a journal.")
@click.argument("url")
@click.argument("folder", type=click.Path())
@lang_option
def export(url: str, folder: str, lang: Lang) -> None:
    """
    Copy every fact into a journal, which any editor can read. Copying again adds what is new.
    """
    _copy(url, f"journal:{folder}", lang)


@store.command(name="import", short_help="Copy the facts of a journal into a store.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.argument("url")
@lang_option
def import_(folder: str, url: str, lang: Lang) -> None:
    """
    Copy every fact of a journal into another store. Copying again adds what is new.
    """
    _copy(f"journal:{folder}", url, lang)


@store.command(short_help="List notices and deadlines that were given up.")
@click.argument("url")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, help="How many of each to show, at most.", show_default=True
)
@json_option
@lang_option
def dead(url: str, limit: int, as_json: bool, lang: Lang) -> None:
    """
    List what was given up after too many tries: which plugin, which addressee, and why.
    """
    with closing(installed().open_store(url, create=False)) as opened:
        found = [*opened.dead("notice", limit=limit), *opened.dead("deadline", limit=limit)]
    if as_json:
        print_json([_described(each) for each in found])
        return
    if not found:
        echo(_NONE_DEAD.text(lang).format(url=without_password(url)))
        return
    shown = table(_HEADS, lang, right=(4,))
    for each in found:
        row = _described(each)
        about = f"{row['project']} {row['topic']}"
        cells = (row["id"], about, row["plugin"] or "–", row["addressee"] or "–", str(row["tries"]), row["cause"])
        fill(shown, *cells)
    screen().print(shown)


def _described(dead_work: DeadWork) -> dict[str, Any]:
    body = dead_work.work.body
    return {
        "id": dead_work.work.id,
        "kind": dead_work.work.kind,
        "project": dead_work.work.project_id,
        "topic": body.topic if isinstance(body, Notice) else body.deadline,
        "plugin": dead_work.plugin,
        "addressee": dead_work.addressee,
        "tries": dead_work.attempts,
        "cause": dead_work.error,
    }


@store.command(short_help="Try work again that was given up.")
@click.argument("url")
@click.argument("work", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that 'salesflow store dead' lists.")
@lang_option
def requeue(url: str, work: tuple[str, ...], everything: bool, lang: Lang) -> None:
    """
    Have WORK tried again: ids that 'salesflow store dead' lists.
    """
    if bool(work) is everything:
        raise InputError("WORK", work, say("input.work"))
    count = 0
    with closing(installed().open_store(url, create=False)) as opened:
        kinds: tuple[WorkKind, ...] = ("notice", "deadline") if everything else ()
        for kind in kinds:
            while found := opened.dead(kind, limit=1000):
                for each in found:
                    opened.requeue(each.work.id, at=datetime.now(UTC))
                    count += 1
        for work_id in work:
            opened.requeue(work_id, at=datetime.now(UTC))
            count += 1
    echo(_QUEUED.text(lang).format(url=without_password(url), count=count))
