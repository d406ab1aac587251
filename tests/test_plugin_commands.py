"""
Commands that plugins add to the command line, through the hook ``salesflow_cli``.
"""

from __future__ import annotations

import click
import pytest

from salesflow.errors import PluginError
from salesflow.plugins import Plugins
from salesflow.plugins.hookspecs import hookimpl

from .cases import over_cases


COMMAND = click.Command("hello")


class House:
    """
    A plugin.
    """

    def __init__(self, hook):
        self.salesflow_cli = hook


def plugins(*made):
    """
    Return plugins with one that brings what it is given; an exception is raised.
    """

    @hookimpl
    def salesflow_cli():
        for each in made:
            if isinstance(each, Exception):
                raise each
            yield each

    return Plugins(House(salesflow_cli))


def test_commands_by_name():
    """
    A command is found by its name, which needs no prefix, because it is typed by hand.
    """
    assert {"hello": COMMAND} == plugins(COMMAND).commands()
    assert {} == plugins().commands()


@over_cases(
    ("made", "taken", "said"),
    [
        ((3,), (), "command"),
        ((ValueError("no luck"),), (), "no luck"),
        ((COMMAND, COMMAND), (), "'hello'"),
        ((COMMAND,), ("hello",), "'hello'"),
    ],
)
def test_a_faulty_command_is_named(made, taken, said):
    """
    What is no command, a hook that raises, and a name that is taken are errors with the plugin and the hook.
    """
    with pytest.raises(PluginError, match=said) as caught:
        plugins(*made).commands(taken)

    assert ("House", "salesflow_cli") == (caught.value.plugin, caught.value.hook)
