"""
``salesflow stand-up``: what each person has to say about each project: what was done, what is due, what blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from .._model.values import Label, Lang
from .._pipeline.results import StandUp, StandUpItem
from ._output import echo, json_option, lang_option, print_json
from ._stored import lifecycle_option, open_pipeline, store_option


_NOTHING: Final = Label("There is nothing to say.", "没有事项。")


@click.command("stand-up", short_help="Show what was done, what is due, and what is blocked.")
@store_option
@lifecycle_option
@click.option("--who", metavar="NAME", help="Only the items of this person.")
@click.option("--project", "project_id", metavar="ID", help="Only this project.  [default: all]")
@json_option
@lang_option
def stand_up(url: str, source: str | None, who: str | None, project_id: str | None, as_json: bool, lang: Lang) -> None:
    """
    Show for each project and person what was done since the last working day, what is due next, and what is blocked.

    Next means the rest of today and the next working day.
    """
    with open_pipeline(url, source) as pipeline:
        found = pipeline.stand_up(who=who, project_id=project_id)
    if as_json:
        print_json([_plain(each, lang) for each in found])
    elif not found:
        echo(_NOTHING.text(lang))
    for each in () if as_json else found:
        for line in each.text(lang).splitlines():
            echo(line)


def _plain(view: StandUp, lang: Lang) -> dict[str, Any]:
    return {
        "project": view.project_id,
        "project_name": view.project_name,
        "who": view.who,
        "since": str(view.since),
        "until": str(view.until),
        "done": _items(view.done, lang),
        "due": _items(view.due, lang),
        "blocks": _items(view.blocks, lang),
    }


def _items(items: Sequence[StandUpItem], lang: Lang) -> list[dict[str, str]]:
    return [{"kind": each.kind, "name": each.name, "label": each.label.text(lang), "time": each.time} for each in items]
