"""
``salesflow demo``: one project's way through a built-in lifecycle, kept in a journal and read back.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import attrs
import click
from rich.console import Console

from .._codec.entries import decode_entry
from .._codec.values import decode_value
from .._lifecycle.decision import Refused
from .._model.frozen import EMPTY, noun
from .._model.messages import format_time, format_value
from .._model.values import Actor, Label, Lang
from .._model.verdict import Verdict
from .._model.vocabulary import name_of
from .._pipeline.feed import fact_text
from .._pipeline.pipeline import Pipeline
from ..dossier import KPIS
from ..errors import TransitionRefusedError
from ..insight import snapshot
from ..plugins._loading import load_lifecycle
from ..stores import JournalStore
from ..stores.adapting import entry_types
from ._output import Part, fill, lang_option, named, padded, part_name, print_line, screen, table


STORIES: Final = (
    "four_step_project",
    "goal_to_feedback_cycle",
    "ltc_gated",
    "operating_cycle",
    "project_team_planning",
    "sales_planning",
)
"""The built-in lifecycles that have a story: a file of this name in ``stories``."""


@noun
class Story:
    """
    What happens to one project, as a file has it.

    Attributes:
        id: of the project.
        name: of the project.
        start: when the first chapter begins, UTC.
        actors: who acts, by a short name; the first where a step does not say.
        chapters: with values in their stored form.
    """

    id: str
    name: Label
    start: datetime
    actors: Mapping[str, Actor]
    chapters: tuple[dict[str, Any], ...]


def read_story(name: str) -> Story:
    """
    Read the story of a built-in lifecycle.
    """
    data = tomllib.loads((files("salesflow.cli") / "stories" / f"{name}.toml").read_text("utf-8"))
    actors = {short: Actor(who["name"], roles=frozenset(who["roles"])) for short, who in data["actors"].items()}
    return Story(data["id"], Label(**data["name"]), data["start"], actors, tuple(data["chapters"]))


def play_story(narrator: ScreenNarrator) -> None:
    """
    Carry the whole story out, chapter by chapter.
    """
    types = entry_types(())
    for chapter in narrator.story.chapters:
        narrator.chapter(Label(**chapter["title"]), chapter["day"])
        for step in chapter["steps"]:
            narrator.turn_to(step.get("by"))
            entries = [decode_entry(each.pop("kind"), each, types) for each in step.get("entries", ())]
            if "open" in step:
                narrator.open(_values(step["open"]))
            elif "fire" in step:
                narrator.fire(step["fire"], data=_values(step.get("data", {})), outcome=step.get("outcome"))
            elif "figures" in step:
                narrator.figures(step["figures"])
            elif "move" in step:
                narrator.move(step["kind"], step["entry"], step["move"], _values(step.get("data", {})))
            elif "approve" in step:
                narrator.approve(step["approve"], step.get("subject"))
            else:
                narrator.record(Label(**step["record"]), *entries, fields=_values(step.get("fields", {})))


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: decode_value(value) for name, value in stored.items()}


_OPENS: Final = Label("opens the project", "创建项目")
_APPROVES: Final = Label("approves {what}", "批准 {what}")
_ABOUT: Final = Label("{what}: {entry}", "{what}：{entry}")
_FIGURES: Final = Label("has figures computed: {metrics}", "核算指标：{metrics}")
_ENTRIES: Final = Label("{count} entries", "{count} 条记录")
_ENTRY: Final = Label("1 entry", "1 条记录")
_REFUSED: Final = Label("refused", "被拒绝")
_STEP: Final = timedelta(minutes=15)


@attrs.define(eq=False)
class ScreenNarrator:
    """
    Makes each call of the story and prints it: one line for each, and all reasons of a refusal.

    Attributes:
        now: the time of the next call.
        number: the number of the chapter.
        actor: who makes the next call.
        pipeline: by the clock of the story.
    """

    console: Console
    lang: Lang
    story: Story
    now: datetime = attrs.field(default=attrs.Factory(lambda self: self.story.start, takes_self=True))
    number: int = 0
    actor: Actor = attrs.field(init=False)
    pipeline: Pipeline = attrs.field(init=False)

    def turn_to(self, short: str | None) -> None:
        """
        Say who makes the next call; by default the first actor of the story.
        """
        self.actor = next(iter(self.story.actors.values())) if short is None else self.story.actors[short]

    def chapter(self, title: Label, day: int) -> None:
        """
        Begin a chapter, *day* days after the start.
        """
        self.now = self.story.start + timedelta(days=day)
        self.number += 1
        self.console.print()
        print_line(self.console, (f"{self.number}  {title.text(self.lang)}", "bold"))

    def open(self, fields: Mapping[str, Any]) -> None:
        """
        Open the project.
        """
        name = self.story.name.text(self.lang)
        project = self.pipeline.open(name, id=self.story.id, fields=fields, actor=self.actor)
        self.line(_OPENS.text(self.lang), self.arrow(project.stage))

    def record(self, what: Label, *entries: Any, fields: Mapping[str, Any] = EMPTY) -> None:
        """
        Add entries to the dossier, and set fields before.
        """
        how: dict[str, Any] = {"actor": self.actor}
        if fields:
            self.pipeline.update(self.story.id, fields, **how)
        self.pipeline.add(self.story.id, *entries, **how)
        count = len(entries) + len(fields)
        counted = (_ENTRY if count == 1 else _ENTRIES).text(self.lang).format(count=count)
        self.line(what.text(self.lang), (counted, "dim"))

    def figures(self, metrics: Iterable[str]) -> None:
        """
        Compute figures, and keep them.
        """
        kept = snapshot(self.pipeline, self.story.id, metrics=metrics)
        labels = [KPIS[value.metric].label for value in kept.values]
        self.line(_FIGURES.text(self.lang).format(metrics=format_value(labels, self.lang)))

    def move(self, kind: str, entry: str, trigger: str, data: Mapping[str, Any]) -> None:
        """
        Take an entry through the lifecycle of its kind.
        """
        moved = self.pipeline.move_entry(self.story.id, kind, entry, trigger, data=data, actor=self.actor)
        lifecycle = load_lifecycle(kind)
        status = getattr(moved.entry, "status")  # noqa: B009 -- every kind with a lifecycle has one
        self.line(
            _ABOUT.text(self.lang).format(what=part_name(lifecycle, "transition", trigger, self.lang), entry=entry),
            (f"→ {part_name(lifecycle, 'stage', status, self.lang)}", "green"),
        )

    def approve(self, name: str, subject: str | None = None) -> None:
        """
        Grant an approval.
        """
        self.pipeline.approve(self.story.id, name, subject=subject, actor=self.actor)
        what = name_of("approval" if subject is None else "artefact", name)
        self.line(_APPROVES.text(self.lang).format(what=what.text(self.lang)))

    def fire(self, trigger: str, *, data: Mapping[str, Any] = EMPTY, outcome: str | None = None) -> None:
        """
        Fire a trigger; a refusal is shown with all its reasons.
        """
        label = part_name(self.pipeline.lifecycle, "transition", trigger, self.lang)
        try:
            fired = self.pipeline.fire(self.story.id, trigger, data=data, outcome=outcome, actor=self.actor)
        except TransitionRefusedError as error:
            refused: Refused = error.decision
            self.line(label, (f"✗ {_REFUSED.text(self.lang)}", "bold red"))
            for verdict in refused.blocking:
                self.reason(("✗", "red"), verdict)
            return
        ended = f" ({part_name(self.pipeline.lifecycle, 'outcome', outcome, self.lang)})" if outcome else ""
        self.line(label, self.arrow(fired.project.stage), ended)
        for verdict in fired.decision.warnings if fired.decision else ():
            self.reason(("!", "yellow"), verdict)

    def arrow(self, stage: str) -> Part:
        """
        Return where a move led.
        """
        return f"→ {part_name(self.pipeline.lifecycle, 'stage', stage, self.lang)}", "green"

    def line(self, what: str, *result: Part) -> None:
        """
        Print one line, and let some time pass.
        """
        said = padded(what, 46) + "  " if result else what
        at = format_time(self.now, self.pipeline.lifecycle.wording.zone)
        print_line(self.console, f"   {at}  {padded(self.actor.name, 9)}  {said}", *result)
        self.now += _STEP

    def reason(self, mark: Part, verdict: Verdict) -> None:
        """
        Print what a verdict says.
        """
        print_line(self.console, "        ", mark, f" {verdict.message(self.lang)}")


_KEPT: Final = Label("Kept in {folder}", "数据保存在 {folder}")
_DASHBOARD: Final = Label("A dashboard, for any browser:", "经营看板（可用任意浏览器打开）：")
_NO_DASHBOARD: Final = Label(
    "With the plugin salesflow-report there is a dashboard as well.", "安装插件 salesflow-report 后，还会生成经营看板。"
)
_AGAIN: Final = Label(
    "The store was closed and opened again; this is what it holds.", "存储已关闭并重新打开，以下是其中的全部事实。"
)
_NOW: Final = Label(
    "{facts} facts, {attempts} refused attempts. Now in {stage}, outcome {outcome}.",
    "共 {facts} 条事实，{attempts} 次被拒绝的尝试。当前阶段：{stage}，结果：{outcome}。",
)
_HEADS: Final = (Label("No.", "序号"), Label("Time", "时间"), Label("Actor", "操作人"), Label("Fact", "事实"))


@click.command()
@click.argument("name", type=click.Choice(STORIES), default="operating_cycle")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to keep the project.  [default: a new temporary folder]",
)
@lang_option
def demo(name: str, lang: Lang, folder: Path | None) -> None:
    """
    Walk a project through a built-in lifecycle, by default the operating cycle.

    It is refused with all reasons, meets what was asked for, and goes on to its end; then every fact is
    read back from the store.
    """
    console = screen()
    place = Path(tempfile.mkdtemp(prefix="salesflow-demo-")) if folder is None else folder
    lifecycle, story = load_lifecycle(name), read_story(name)
    print_line(console, (story.name.text(lang), "bold"), f"  {story.id}")
    print_line(console, (named(lifecycle.definition.label, lifecycle.id, lang), "dim"))
    with JournalStore(place) as store:
        narrator = ScreenNarrator(console, lang, story)
        narrator.pipeline = Pipeline(
            lifecycle, store=store, clock=lambda: narrator.now, actor=next(iter(story.actors.values()))
        )
        play_story(narrator)
    console.print()
    print_line(console, (_AGAIN.text(lang), "bold"))
    console.print()
    with JournalStore(place) as store:
        _read_back(console, lang, Pipeline(lifecycle, store=store), story.id)
    _draw(console, lang, place, name)
    print_line(console, _KEPT.text(lang).format(folder=place))


def _draw(console: Console, lang: Lang, place: Path, lifecycle: str) -> None:
    """
    Write a dashboard of the project, if there is a plugin that can.
    """
    context = click.get_current_context().find_root()
    group, out = context.command, place / "dashboard.html"
    report = group.get_command(context, "report") if isinstance(group, click.Group) else None
    if report is None:
        print_line(console, _NO_DASHBOARD.text(lang))
        return
    asked = ("--store", f"journal:{place}", "--lifecycle", lifecycle, "--out", str(out))
    print_line(console, _DASHBOARD.text(lang))
    report.main(["dashboard", *asked], standalone_mode=False, obj=context.obj)


def _read_back(console: Console, lang: Lang, pipeline: Pipeline, project_id: str) -> None:
    project, facts = pipeline.get(project_id), pipeline.history(project_id)
    lifecycle = pipeline.lifecycle
    shown = table(_HEADS, lang, right=(0,))
    for fact in facts:
        fill(
            shown,
            str(fact.version),
            format_time(fact.at, lifecycle.wording.zone),
            fact.actor.name,
            fact_text(fact, lifecycle.wording, lang),
        )
    console.print(shown)
    counts = {"facts": len(facts), "attempts": len(pipeline.attempts(project_id))}
    outcome = part_name(lifecycle, "outcome", project.outcome, lang)
    now = {"stage": part_name(lifecycle, "stage", project.stage, lang), "outcome": outcome}
    console.print()
    print_line(console, _NOW.text(lang).format(**counts, **now))
