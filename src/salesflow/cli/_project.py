"""
``salesflow project``: where one project stands, what can be done next, what is missing, and what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .._lifecycle.decision import Option
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Fact, Notice
from .._model.messages import format_time, format_value, value_of
from .._model.project import Project
from .._model.values import Actor, Label, Lang
from .._model.vocabulary import name_of, who_of
from .._pipeline.feed import Wordings, fact_text, learn
from .._pipeline.pipeline import Pipeline
from ..errors import InputError, say
from ..plugins._loading import load_lifecycle
from ._output import fill, installed, lang_option, line, lines, named, part_name, print_line, remedy_name, screen, table
from ._stored import store_option


_WHERE: Final = Label(
    "{stage} since {since} · outcome {outcome} · version {version}",
    "{stage}，自 {since} 起 · 结果 {outcome} · 版本 {version}",
)
_SOMEBODY: Final = Label("Somebody ({roles})", "某人（{roles}）")
_WITHOUT_ROLE: Final = Label("Somebody without a role", "没有角色的人")
_PARENT: Final = Label("belongs to {parent}", "归属于 {parent}")
_BELOW: Final = (
    Label("Belongs to it", "下级项目"),
    Label("Name", "名称"),
    Label("Stage", "阶段"),
    Label("Outcome", "结果"),
)
_FIELDS: Final = (Label("Field", "字段"), Label("Value", "值"))
_ENTRIES: Final = (Label("Entry", "档案条目"), Label("How many", "数量"), Label("Ids", "编号"))
_OPTIONS: Final = (Label("Next", "可选操作"), Label("State", "状态"), Label("Missing", "缺少"))
_DEADLINES: Final = (Label("Deadline", "时限"), Label("Due", "到期时间"))
_HISTORY: Final = (
    Label("No.", "序号"),
    Label("Time", "时间"),
    Label("Actor", "操作人"),
    Label("Fact", "事实"),
)
_ATTEMPTS: Final = (Label("Refused", "被拒绝"), Label("Time", "时间"), Label("Actor", "操作人"))
_NOTICES: Final = (
    Label("Notice not delivered", "未投递的通知"),
    Label("To", "收件人"),
    Label("Last error", "最近一次错误"),
)
_STATES: Final = {
    "allowed": (Label("allowed", "可执行"), "green"),
    "needs_input": (Label("needs input", "需补充信息"), "yellow"),
    "blocked": (Label("blocked", "被阻止"), "red"),
}
_KINDS: Final = {
    "field": Label("field", "字段"),
    "entry": Label("entry", "档案条目"),
    "approval": Label("approval", "审批"),
    "role": Label("role", "角色"),
    "wait": Label("wait", "等待"),
}
_PROVISIONAL: Final = Label("{at} (provisional)", "{at}（暂定）")
_MOST: Final = 1000


@click.command(short_help="Show one project: where it stands, what is next, what happened.")
@click.argument("project_id", metavar="ID")
@store_option
@click.option(
    "--lifecycle",
    "-l",
    "source",
    metavar="NAME|FILE",
    help="Its lifecycle, if it is neither built in nor a plugin's.",
)
@click.option("--as", "actor", metavar="NAME", help="The person whose options are shown.  [default: without roles]")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="A role of that person.  [may be repeated]")
@lang_option
def project(project_id: str, url: str, source: str | None, actor: str | None, roles: Sequence[str], lang: Lang) -> None:
    """
    Show where a project stands, what can be done next and what each step still needs, its dossier and its history.
    """
    plugins, console = installed(), screen()
    names = format_value(roles, lang, kind="role")
    somebody = (_SOMEBODY if roles else _WITHOUT_ROLE).text(lang).format(roles=names)
    who = Actor(actor or somebody, roles=frozenset(roles))
    with closing(plugins.open_store(url, create=False)) as store:
        head = store.head(project_id)
        if head is None:
            raise InputError("ID", project_id, say("input.no_project"))
        lifecycle = load_lifecycle(source or head.lifecycle, plugins=plugins)
        pipeline = Pipeline(lifecycle, store=store, actor=who)
        pipeline.lifecycle_of(head)
        _print(console, pipeline, head, lang)


def _print(console: Console, pipeline: Pipeline, head: Project, lang: Lang) -> None:
    lifecycle, zone = pipeline.lifecycle, pipeline.lifecycle.wording.zone
    said = _WHERE.text(lang).format(
        stage=part_name(lifecycle, "stage", head.stage, lang),
        since=format_time(head.visit.entered_at, zone),
        outcome=part_name(lifecycle, "outcome", head.outcome, lang),
        version=head.version,
    )
    print_line(console, (head.name, "bold"), f"  {head.id}")
    print_line(console, f"{named(lifecycle.definition.label, lifecycle.id, lang)} · {said}")
    if head.parent is not None:
        print_line(console, _PARENT.text(lang).format(parent=head.parent))
    sections = (
        _fields(lifecycle, head, lang),
        _entries(lifecycle, head, lang),
        _children(pipeline, head, lang),
        _options(pipeline, head, lang),
        _deadlines(lifecycle, head, lang),
        _history(lifecycle, pipeline.history(head.id), lang),
        _attempts(pipeline, head, lang),
        _notices(pipeline, head, lang),
    )
    for shown in sections:
        if shown.row_count:
            console.print()
            console.print(shown)


def _fields(lifecycle: Lifecycle, head: Project, lang: Lang) -> Table:
    shown = table(_FIELDS, lang)
    declared = [field.id for field in lifecycle.definition.fields if field.id in head.fields]
    for name in dict.fromkeys([*declared, *head.fields]):
        said = format_value(head.fields[name], lang, lifecycle.wording, value_of(name))
        fill(shown, part_name(lifecycle, "field", name, lang), said)
    return shown


def _entries(lifecycle: Lifecycle, head: Project, lang: Lang) -> Table:
    shown = table(_ENTRIES, lang, (1,))
    for kind, held in head.entries.items():
        fill(shown, lifecycle.wording.label("entry", kind).text(lang), str(len(held)), ", ".join(held))
    return shown


def _children(pipeline: Pipeline, head: Project, lang: Lang) -> Table:
    shown, wordings = table(_BELOW, lang), Wordings()
    for each in pipeline.children(head.id):
        wording = learn(pipeline.store, wordings, each.lifecycle, each.lifecycle_version)
        words = wording.label("stage", each.stage), wording.label("outcome", each.outcome)
        fill(shown, each.id, each.name, *(word.text(lang) for word in words))
    return shown


def _options(pipeline: Pipeline, head: Project, lang: Lang) -> Table:
    shown = table(_OPTIONS, lang)
    for option in pipeline.options(head.id):
        word, style = _STATES[option.status]
        label = pipeline.lifecycle.wording.label("trigger", option.trigger).text(lang)
        fill(
            shown,
            _below(label, option.trigger),
            (word.text(lang), style),
            lines(_missing(option, pipeline.lifecycle, lang)),
        )
    return shown


def _below(label: str, name: str) -> Text:
    return line(label) if label == name else lines([line(label), line((name, "dim"))])


def _missing(option: Option, lifecycle: Lifecycle, lang: Lang) -> Iterator[Text]:
    """
    Yield what each blocking verdict of an option says, and below it what would cure it.
    """
    for verdict in option.decision.blocking:
        yield line(verdict.message(lang))
        for remedy in verdict.missing:
            yield line((f"  {_KINDS[remedy.kind].text(lang)} {remedy_name(remedy, lifecycle.wording, lang)}", "dim"))


def _deadlines(lifecycle: Lifecycle, head: Project, lang: Lang) -> Table:
    shown = table(_DEADLINES, lang)
    for due in lifecycle.dues(head):
        at = format_time(due.at, lifecycle.wording.zone)
        name = lifecycle.wording.label("deadline", due.deadline).text(lang)
        fill(shown, name, _PROVISIONAL.text(lang).format(at=at) if due.provisional else at)
    return shown


def _history(lifecycle: Lifecycle, facts: Sequence[Fact], lang: Lang) -> Table:
    shown = table(_HISTORY, lang, (0,))
    for fact in facts:
        at = format_time(fact.at, lifecycle.wording.zone)
        fill(shown, str(fact.version), at, fact.actor.name, fact_text(fact, lifecycle.wording, lang))
    return shown


def _attempts(pipeline: Pipeline, head: Project, lang: Lang) -> Table:
    shown, wording = table(_ATTEMPTS, lang), pipeline.lifecycle.wording
    for attempt in pipeline.attempts(head.id):
        label = wording.label("trigger", attempt.trigger).text(lang)
        fill(shown, label, format_time(attempt.at, wording.zone), attempt.actor)
    return shown


def _notices(pipeline: Pipeline, head: Project, lang: Lang) -> Table:
    """
    Return the notices of a project that were given up; a store lists no others.
    """
    shown = table(_NOTICES, lang)
    for dead in pipeline.store.dead("notice", limit=_MOST):
        notice = dead.work.body
        if isinstance(notice, Notice) and notice.project_id == head.id:
            topic = name_of("topic", notice.topic).text(lang)
            fill(shown, topic, ", ".join(who_of(each).text(lang) for each in notice.to), dead.error)
    return shown
