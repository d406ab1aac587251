"""
The command group, with the languages and errors of every command.
"""

from __future__ import annotations

import errno
from typing import Any

import click

from ..errors import SalesflowError
from ._demo import demo
from ._mutate import mutate_
from ._output import LANG_CHOICE, without_option
from ._plugins import new_plugin, plugins
from ._replay import replay
from ._risks import risks
from ._score import score
from ._show import check, schema, show, templates
from ._store import store


class _Group(click.Group):
    """
    A group whose commands fail with one message and exit status 2.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SalesflowError as error:
            message = str(error)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader went away, as "head" does
                raise
            named = f"{error.filename}: " if error.filename else ""
            message = f"{named}{error.strerror or error}"
        click.echo(f"salesflow: {message}", err=True)
        return ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=LANG_CHOICE, default="en", help="Language of labels and messages.", show_default=True)
@click.version_option(package_name="salesflow", message="salesflow %(version)s")
def main(lang: str) -> None:
    """
    Gated lifecycles for sales projects: data in, explained decisions out.
    """
    del lang  # commands read it from here when they have none of their own


for command in (demo, check, show, mutate_, replay, risks, schema, score, store, templates, plugins, new_plugin):
    main.add_command(command)
without_option(main)
