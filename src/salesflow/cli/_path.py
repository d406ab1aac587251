"""
``salesflow path``: the shortest way of a project to a stage, and what each gate on it still misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .._model.values import Actor, Lang
from ..results import PathAhead, PathStep
from ._output import echo, json_option, lang_option, print_json
from ._stored import lifecycle_option, open_pipeline, store_option


@click.command("path", short_help="Show the shortest way of a project to a stage.")
@click.argument("project", metavar="ID")
@click.option("--to", "stage", required=True, metavar="STAGE", help="The stage to reach.")
@store_option
@lifecycle_option
@click.option(
    "--also",
    type=click.Choice(("hold", "exit")),
    multiple=True,
    help="Kinds of moves that the path may also take.  [may be repeated]",
)
@click.option(
    "--role", "roles", metavar="ROLE", multiple=True, help="A role of the person who acts.  [may be repeated]"
)
@json_option
@lang_option
def path(
    project: str,
    stage: str,
    url: str,
    source: str | None,
    also: Sequence[str],
    roles: Sequence[str],
    as_json: bool,
    lang: Lang,
) -> None:
    """
    Show the shortest path of project ID to a stage: its moves, what each gate still needs, and who has to act.

    Nothing is written. The exit status is 1 if there is no path.
    """
    with open_pipeline(url, source) as pipeline:
        actor = Actor("-", roles=roles) if roles else None
        found = pipeline.path(project, stage, also=also, actor=actor)
    if as_json:
        print_json(_plain(found, lang))
    for line in () if as_json else found.text(lang).splitlines():
        echo(line)
    if not found.reachable:
        click.get_current_context().exit(1)


def _plain(found: PathAhead, lang: Lang) -> dict[str, Any]:
    return {
        "project": found.project.id,
        "from": found.project.stage,
        "to": found.to,
        "reachable": found.reachable,
        "days": str(found.days),
        "who": list(found.who),
        "steps": [_plain_step(each, lang) for each in found.steps],
        "closed": [each.message(lang) for each in found.closed],
        "others": [[step.transition for step in each.steps] for each in found.others],
    }


def _plain_step(step: PathStep, lang: Lang) -> dict[str, Any]:
    return {
        "transition": step.transition,
        "trigger": step.trigger,
        "target": step.target,
        "outcome": step.outcome,
        "days": str(step.days),
        "needs": [
            {
                "guard": each.verdict.spec.use_id,
                "code": each.verdict.code,
                "message": each.verdict.message(lang),
                "who": list(each.who),
                "parallel": each.parallel,
                "cannot_tell": each.untold,
            }
            for each in step.needs
        ],
    }
