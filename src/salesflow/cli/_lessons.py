"""
``salesflow lessons``: what other projects learned, for one project or by what somebody looks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from .._model.values import Label, Lang
from ..insight import LessonMatch, find_lessons
from ._figures import stored_portfolio
from ._output import json_option, lang_option, print_json, print_line, screen
from ._stored import lifecycle_option, store_option


_NONE: Final = Label("no lesson is like that", "没有符合条件的经验教训")
_USES: Final = Label("used in {n} other projects", "已被 {n} 个其他项目采用")


@click.command("lessons", short_help="Show what other projects learned.")
@click.argument("project_id", metavar="[ID]", required=False)
@store_option
@lifecycle_option
@click.option("--risk", metavar="ID", help="A risk of the project: the only one whose category counts.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only lessons with this tag.  [may be repeated]")
@click.option("--text", default="", metavar="WORDS", help="Only lessons with these words in their text.")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="How many at most.")
@json_option
@lang_option
def lessons(
    project_id: str | None,
    url: str,
    source: str | None,
    risk: str | None,
    tags: Sequence[str],
    text: str,
    limit: int,
    as_json: bool,
    lang: Lang,
) -> None:
    """
    Show the lessons of a store; with ID, the lessons of the projects most similar to that project first.
    """
    portfolio, console = stored_portfolio(url, source, None, ()), screen()
    found = find_lessons(portfolio, project_id, risk=risk, tags=tags, text=text, limit=limit)
    if as_json:
        print_json([_plain(each) for each in found])
        return
    for each in found:
        print_line(console, each.text(lang))
        if each.uses:
            print_line(console, f"  {_USES.text(lang).format(n=each.uses)}")
    if not found:
        print_line(console, _NONE.text(lang))


def _plain(match: LessonMatch) -> dict[str, object]:
    return {
        "project": match.project,
        "id": match.lesson.id,
        "text": match.lesson.text,
        "tags": list(match.lesson.tags),
        "at": match.at.isoformat(),
        "likeness": match.likeness,
        "matched": [[each.name, each.value] for each in match.matched],
        "uses": match.uses,
    }
