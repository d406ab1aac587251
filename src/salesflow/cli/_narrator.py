"""
Carries the demo's story out on a real pipeline, and prints what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from rich.console import Console
from rich.markup import escape

from .._lifecycle.decision import Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.frozen import EMPTY
from .._model.values import Actor, Label, Lang
from .._model.verdict import Verdict
from .._pipeline.pipeline import Pipeline
from ..errors import TransitionRefusedError
from ._output import named, padded
from ._story import DIRECTOR, LEAD, NAME, PROJECT, START


_OPENS: Final = Label("opens the project", "创建项目")
_APPROVES: Final = Label("approves {what}", "批准 {what}")
_ENTRIES: Final = Label("{count} entries", "{count} 条记录")
_ENTRY: Final = Label("1 entry", "1 条记录")
_REFUSED: Final = Label("refused", "被拒绝")
_STEP: Final = timedelta(minutes=15)
_LANGS: Final[tuple[Lang, ...]] = ("en", "zh")


def stage_name(lifecycle: Lifecycle, stage: str, lang: Lang) -> str:
    """
    Return a stage's label.
    """
    return named(lifecycle.stage(stage).label, stage, lang)


def transition_name(lifecycle: Lifecycle, transition: str, lang: Lang) -> str:
    """
    Return a transition's label.
    """
    return named(lifecycle.transition(transition).label, transition, lang)


@attrs.define(eq=False)
class ScreenNarrator:
    """
    Makes each call of the story and prints it: one line for each, and all reasons of a refusal.

    Attributes:
        now: the time of the next call.
        number: the number of the chapter.
    """

    console: Console
    lang: Lang
    pipeline: Pipeline
    now: datetime = START
    number: int = 0

    def chapter(self, title: Label, day: int) -> None:
        self.now = START + timedelta(days=day)
        self.number += 1
        self.console.print(f"\n[bold]{self.number}  {title.text(self.lang)}[/]", soft_wrap=True)

    def open(self, fields: Mapping[str, Any]) -> None:
        name = NAME.text(self.lang)
        project = self.pipeline.open(name, id=PROJECT, fields=fields, actor=LEAD, at=self.now)
        self.line(LEAD, _OPENS.text(self.lang), self.arrow(project.stage))

    def record(self, what: Label, *entries: Any, fields: Mapping[str, Any] = EMPTY) -> None:
        how: dict[str, Any] = {"actor": LEAD, "at": self.now}
        if fields:
            self.pipeline.update(PROJECT, fields, **how)
        self.pipeline.add(PROJECT, *entries, **how)
        count = len(entries) + len(fields)
        counted = (_ENTRY if count == 1 else _ENTRIES).text(self.lang).format(count=count)
        self.line(LEAD, what.text(self.lang), f"[dim]{counted}[/]")

    def approve(self, name: str, subject: str | None = None) -> None:
        self.pipeline.approve(PROJECT, name, subject=subject, actor=DIRECTOR, at=self.now)
        self.line(DIRECTOR, _APPROVES.text(self.lang).format(what=name), "")

    def fire(self, trigger: str, *, data: Mapping[str, Any] = EMPTY, outcome: str | None = None) -> None:
        label = f"{transition_name(self.pipeline.lifecycle, trigger, self.lang)} ({trigger})"
        try:
            fired = self.pipeline.fire(PROJECT, trigger, data=data, outcome=outcome, actor=LEAD, at=self.now)
        except TransitionRefusedError as error:
            refused: Refused = error.decision
            self.line(LEAD, label, f"[bold red]✗ {_REFUSED.text(self.lang)}[/]")
            for verdict in refused.blocking:
                self.reason("[red]✗[/]", verdict)
            return
        self.line(LEAD, label, self.arrow(fired.project.stage) + (f" ({outcome})" if outcome else ""))
        for verdict in fired.decision.warnings if fired.decision else ():
            self.reason("[yellow]![/]", verdict)

    def arrow(self, stage: str) -> str:
        """
        Return where a move led.
        """
        return f"[green]→ {stage_name(self.pipeline.lifecycle, stage, self.lang)}[/]"

    def line(self, who: Actor, what: str, result: str) -> None:
        """
        Print one line, and let some time pass.
        """
        text = f"{self.now:%Y-%m-%d %H:%M}  {padded(who.name, 9)}  {escape(padded(what, 46))}  {result}"
        self.console.print(f"   {text}".rstrip(), soft_wrap=True)
        self.now += _STEP

    def reason(self, mark: str, verdict: Verdict) -> None:
        """
        Print what a verdict says, in both languages.
        """
        for lang in _LANGS:
            sign = mark if lang == "en" else " "
            self.console.print(f"        {sign} {escape(verdict.message(lang))}", soft_wrap=True)
