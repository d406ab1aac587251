"""
``salesflow demo``: one project's way through the operating cycle, kept in a journal and read back.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Changed, DeadlinePassed, EntryDropped, Fact, FieldSet, Opened
from .._model.values import Label, Lang
from .._pipeline.pipeline import Pipeline
from ..plugins._loading import load_lifecycle
from ..stores import JournalStore
from ._narrator import ScreenNarrator, stage_name, transition_name
from ._output import lang_option, named, screen, table
from ._story import NAME, PROJECT, play_story


_KEPT: Final = Label("Kept in {folder}", "数据保存在 {folder}")
_AGAIN: Final = Label(
    "The store was closed and opened again; this is what it holds.", "存储已关闭并重新打开，以下是其中的全部事实。"
)
_NOW: Final = Label(
    "{facts} facts, {attempts} refused attempts. Now in {stage}, outcome {outcome}.",
    "共 {facts} 条事实，{attempts} 次被拒绝的尝试。当前阶段：{stage}，结果：{outcome}。",
)
_HEADS: Final = (Label("No.", "序号"), Label("Time", "时间"), Label("Actor", "操作人"), Label("Fact", "事实"))
_OPENED: Final = Label("opened in {stage}", "创建，进入{stage}")
_CHANGED: Final = Label("recorded {what}", "记录 {what}")
_PASSED: Final = Label("deadline {deadline} passed", "时限 {deadline} 已过")


@click.command()
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to keep the project.  [default: a new temporary folder]",
)
@lang_option
def demo(lang: Lang, folder: Path | None) -> None:
    """
    Walk a project through the built-in operating cycle.

    It is refused with all reasons, goes back a stage, is put on hold and resumed, and is won; then
    every fact is read back from the store.
    """
    console = screen()
    place = Path(tempfile.mkdtemp(prefix="salesflow-demo-")) if folder is None else folder
    lifecycle = load_lifecycle("operating_cycle")
    console.print(f"[bold]{NAME.text(lang)}[/]  {PROJECT}", soft_wrap=True)
    console.print(f"[dim]{named(lifecycle.definition.label, lifecycle.id, lang)}[/]", soft_wrap=True)
    store = JournalStore(place)
    try:
        play_story(ScreenNarrator(console, lang, Pipeline(lifecycle, store=store)))
    finally:
        store.close()
    console.print(f"\n[bold]{_AGAIN.text(lang)}[/]\n", soft_wrap=True)
    store = JournalStore(place)
    try:
        _read_back(console, lang, Pipeline(lifecycle, store=store))
    finally:
        store.close()
    console.print(_KEPT.text(lang).format(folder=place), soft_wrap=True, markup=False)


def _read_back(console: Console, lang: Lang, pipeline: Pipeline) -> None:
    project, facts = pipeline.get(PROJECT), pipeline.history(PROJECT)
    lifecycle = pipeline.lifecycle
    shown = table(*(head.text(lang) for head in _HEADS), right=(0,))
    for fact in facts:
        shown.add_row(str(fact.version), f"{fact.at:%Y-%m-%d %H:%M}", fact.actor.name, _said(fact, lifecycle, lang))
    console.print(shown)
    counts = {"facts": len(facts), "attempts": len(pipeline.attempts(PROJECT))}
    now = {"stage": stage_name(lifecycle, project.stage, lang), "outcome": project.outcome}
    console.print(f"\n{_NOW.text(lang).format(**counts, **now)}", soft_wrap=True, markup=False)


def _said(fact: Fact, lifecycle: Lifecycle, lang: Lang) -> str:
    body = fact.body
    if isinstance(body, Opened):
        return _OPENED.text(lang).format(stage=stage_name(lifecycle, body.stage, lang))
    if isinstance(body, Changed):
        counts = Counter(
            change.field if isinstance(change, FieldSet) else change.entry.kind
            for change in body.changes
            if not isinstance(change, EntryDropped)
        )
        what = ", ".join(kind if count == 1 else f"{kind} × {count}" for kind, count in counts.items())
        return _CHANGED.text(lang).format(what=what)
    if isinstance(body, DeadlinePassed):
        return _PASSED.text(lang).format(deadline=body.deadline)
    ends = (stage_name(lifecycle, stage, lang) for stage in (body.source, body.target))
    return f"[bold]{transition_name(lifecycle, body.transition, lang)}[/]: {' → '.join(ends)}"
