"""
``salesflow templates``: the lifecycles that can be loaded by name.
"""

from __future__ import annotations

import click

from .._model.values import Label, Lang
from ..plugins._loading import load_definition
from ._output import installed, lang_option, named, screen, table


_HEADS = (Label("Name", "名称"), Label("Label", "说明"), Label("Stages", "阶段"), Label("Transitions", "流转"))


@click.command()
@lang_option
def templates(lang: Lang) -> None:
    """
    List the lifecycles that are known by name.
    """
    plugins = installed()
    shown = table(*(head.text(lang) for head in _HEADS), right=(2, 3))
    for name in sorted(plugins.lifecycles):
        definition = load_definition(name, plugins=plugins)
        counts = str(len(definition.stages)), str(len(definition.transitions))
        shown.add_row(name, named(definition.label, definition.id, lang), *counts)
    screen().print(shown)
