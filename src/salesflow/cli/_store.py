"""
``salesflow store``: verifies, compacts and copies stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Final

import click

from .._model.values import Label, Lang
from .._pipeline.pipeline import Pipeline
from ..plugins._loading import load_lifecycle
from ..stores import copy_facts
from ..stores._urls import without_password
from ._output import echo, installed, lang_option


_SOUND: Final = Label("{url}: {facts:,} facts, no problems", "{url}：{facts:,} 条事实，未发现问题")
_DAMAGED: Final = Label("{url}: {facts:,} facts, {count} problem(s)", "{url}：{facts:,} 条事实，{count} 个问题")
_ARMED: Final = Label("deadlines watched: {count:,}", "已监控时限：{count:,} 个")
_COPIED: Final = Label("{source} → {target}: {facts:,} facts copied", "{source} → {target}：已复制 {facts:,} 条事实")


@click.group(short_help="Verify a store, or copy its facts.")
def store() -> None:
    """
    Verify, compact and copy stores. A store is named by a URL such as sqlite:FILE or journal:FOLDER.
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
