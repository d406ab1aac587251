"""
The command group, with the languages and errors of every command.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from ..errors import PluginError, SalesflowError, plain, say
from ._agenda import agenda
from ._demo import demo
from ._feed import feed_
from ._forecast import forecast
from ._funnel import funnel
from ._kpi import kpi_
from ._language import HelpContext, asked_language, language_of, usage_errors
from ._lessons import lessons
from ._look_back import look_back_
from ._mutate import mutate_
from ._output import installed, lang_option, without_option, write_anywhere
from ._path import path
from ._plugins import new_plugin, plugins
from ._practices import practices
from ._project import project
from ._replay import replay
from ._risks import risks
from ._score import score
from ._show import check, schema, show, templates
from ._stand_up import stand_up
from ._store import store
from ._waiting import waiting
from ._work import work


_OF_PLUGINS: Final = {"report": "salesflow-report"}
"""The commands of plugins that the documentation speaks of, by name."""


class _Group(click.Group):
    """
    A group whose commands fail with one message and exit status 2; plugins add commands to it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_added()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _added().get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in _OF_PLUGINS and self.get_command(ctx, name) is None:
            text = say("cli.of_plugin", name=name, plugin=_OF_PLUGINS[name])
            raise click.UsageError(text.text(language_of(ctx)), ctx)
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        write_anywhere()
        given = sys.argv[1:] if args is None else list(args)
        return super().main(given, *rest, obj=asked_language(given), **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with usage_errors(extra["obj"]):
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        lang = language_of(ctx)
        try:
            with usage_errors(lang):
                return super().invoke(ctx)
        except SalesflowError as error:
            message = error.text(lang)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader went away, as "head" does
                raise
            named = f"{error.filename}: " if error.filename else ""
            message = f"{named}{error.strerror or error}"
        click.echo(plain(f"salesflow: {message}", lines=True), err=True)
        return ctx.exit(2)


def _added() -> Mapping[str, click.Command]:
    """
    Return the commands of the installed plugins, by name; one that cannot be had is named on stderr.
    """
    try:
        found = installed().commands(main.commands)
    except PluginError as error:
        lang = language_of(click.get_current_context(silent=True))
        click.echo(plain(f"salesflow: {error.text(lang)}", lines=True), err=True)
        return {}
    for each in found.values():
        if each.context_class is not HelpContext:
            without_option(each)
            _with_help(each)
    return found


@click.group(cls=_Group)
@lang_option
@click.version_option(package_name="salesflow", message="salesflow %(version)s")
def main(lang: str) -> None:
    """
    Gated lifecycles for sales projects: data in, explained decisions out.
    """
    del lang  # commands read it from here when they have none of their own


_ABOUT_LIFECYCLES = (demo, check, show, templates, schema, mutate_)
_ABOUT_PROJECTS = (
    project,
    agenda,
    feed_,
    forecast,
    funnel,
    kpi_,
    lessons,
    look_back_,
    path,
    practices,
    replay,
    risks,
    score,
    stand_up,
    store,
    waiting,
    work,
)
for command in (*_ABOUT_LIFECYCLES, *_ABOUT_PROJECTS, plugins, new_plugin):
    main.add_command(command)
without_option(main)


def _with_help(command: click.Command) -> None:
    command.context_class = HelpContext
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _with_help(inner)


_with_help(main)
