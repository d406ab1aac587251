"""
``salesflow look-back``: what the facts say for the retrospective of a project, or the report of the project.
"""

from __future__ import annotations

import click

from .._model.values import Lang
from ..insight import look_back, project_report
from ._output import lang_option, print_line, screen
from ._stored import lifecycle_option, open_pipeline, store_option


@click.command("look-back", short_help="Show what the facts say for a retrospective.")
@click.argument("project_id", metavar="ID")
@store_option
@lifecycle_option
@click.option("--report", is_flag=True, help="Print the report of the project as Markdown.")
@lang_option
def look_back_(project_id: str, url: str, source: str | None, report: bool, lang: Lang) -> None:
    """
    Show the goals of a project, what was late, refused, overridden or repeated, and its decisions.
    """
    with open_pipeline(url, source) as pipeline:
        text = project_report(pipeline, project_id, lang).text if report else look_back(pipeline, project_id).text(lang)
    console = screen()
    for line in text.splitlines():
        print_line(console, line)
