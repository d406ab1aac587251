"""
``salesflow feed``: what happened in a store or in one project, one line for each fact, as it comes.
"""

from __future__ import annotations

from contextlib import closing
from threading import Event
from typing import Final

import click

from .._model.values import Lang
from .._pipeline.feed import Wordings, feed
from ._output import installed, lang_option, print_line, screen
from ._stored import store_option


_PAUSE: Final = 1.0  # seconds between two looks at a store that others write to


@click.command("feed", short_help="Show what happened, one line for each fact.")
@store_option
@click.option("--project", "project_id", metavar="ID", help="Only this project.  [default: all]")
@click.option("--follow", is_flag=True, help="Keep showing new facts until stopped with Ctrl-C.")
@lang_option
def feed_(url: str, project_id: str | None, follow: bool, lang: Lang) -> None:
    """
    Show what happened in a store, or in one project, in the order in which it was written.
    """
    console, wordings, after = screen(), Wordings(), ""
    with closing(installed().open_store(url, create=False)) as store:
        while True:
            page = feed(store, wordings, lang, project_id, after)
            after = page.cursor
            for each in page.lines:
                name = f"{each.project_name} ({each.fact.project_id})"
                print_line(console, f"{each.time}  {each.fact.actor.name}  ", (name, "bold"), f"  {each.text}")
            if page.lines:
                continue
            if not follow:
                return
            Event().wait(_PAUSE)  # pragma: no cover -- a test follows in a process of its own
