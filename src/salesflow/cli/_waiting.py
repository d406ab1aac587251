"""
``salesflow waiting``: what waits in the projects of a store for a role or a person.
"""

from __future__ import annotations

from typing import Final

import click

from .._model.values import Actor, Label, Lang
from .._pipeline.pipeline import Pipeline
from .._pipeline.results import Waiting
from ..errors import say
from ._output import fill, json_option, lang_option, named, print_json, print_line, remedy_name, screen, table
from ._stored import lifecycle_option, open_pipeline, store_option


_HEADS: Final = (Label("Project", "项目"), Label("For", "等待操作"), Label("What is needed", "需要"))
_NOTHING: Final = Label("Nothing waits.", "没有待办。")
_TASK: Final = Label("task: {title}", "任务：{title}")
_APPROVAL: Final = Label("approval: {name}", "审批：{name}")
_ROLE: Final = Label("somebody with the role {name}", "需由 {name} 操作")
_PERSON: Final = Label("{name} in person", "需由 {name} 本人操作")


@click.command("waiting", short_help="Show what waits for a role or a person.")
@store_option
@lifecycle_option
@click.option("--role", metavar="ROLE", help="What waits for people of a role; with --who, a role of that person.")
@click.option("--who", metavar="NAME", help="What waits for a person.")
@json_option
@lang_option
def waiting(url: str, source: str | None, role: str | None, who: str | None, as_json: bool, lang: Lang) -> None:
    """
    Show the approvals, moves and tasks that wait for a role or a person in the open projects of a store.
    """
    if role is None and who is None:
        raise click.UsageError(say("cli.missing_either", first="'--role'", second="'--who'").text(lang))
    console = screen()
    with open_pipeline(url, source) as pipeline:
        if who is None:
            found = list(pipeline.waiting_for(role=role))
        else:
            found = list(pipeline.waiting_for(actor=Actor(who, roles={role} if role else ())))
        rows = [_row(pipeline, each, lang) for each in found]
    if as_json:
        print_json([dict(zip(("project", "for", "needs"), row, strict=True)) for row in rows])
        return
    if not rows:
        print_line(console, _NOTHING.text(lang))
        return
    shown = table(_HEADS, lang)
    for row in rows:
        fill(shown, *row)
    console.print(shown)


def _row(pipeline: Pipeline, each: Waiting, lang: Lang) -> tuple[str, str, str]:
    project = pipeline.get(each.project_id)
    name = f"{project.name} ({project.id})"
    if each.error is not None:
        return name, "", each.error.text(lang)
    lifecycle = pipeline.lifecycle_of(project)
    if each.task is not None:
        title = lifecycle.wording.label("title", each.task.title or each.task.id)
        return name, "", _TASK.text(lang).format(title=title.text(lang))
    labels = {move.trigger: named(move.label, move.trigger, lang) for move in lifecycle.transitions}
    remedy, trigger = each.remedy, each.trigger or ""
    assert remedy is not None  # noqa: S101 -- what is no task has one
    people: tuple[str, ...] = remedy.params.get("by", ()) if remedy.kind == "role" else ()
    said = _APPROVAL if remedy.kind == "approval" else _PERSON if people else _ROLE
    needed = ", ".join(people) or remedy_name(remedy, lifecycle.wording, lang)
    return name, labels.get(trigger, trigger), said.text(lang).format(name=needed)
