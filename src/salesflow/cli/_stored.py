"""
The pipeline of a store for which no lifecycle was named: it has the lifecycles whose definitions the store keeps.

Also the options of commands that name the store, and a lifecycle to begin with.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Final

import click

from .._pipeline.pipeline import Pipeline
from ..errors import DefinitionError, InputError, PluginError, say
from ..plugins import Plugins
from ..plugins._loading import load_lifecycle
from ..typing import DefinitionStore, Store
from ._language import language_of
from ._output import echo, installed


store_option: Final = click.option(
    "--store", "url", required=True, metavar="URL", help="For example sqlite:FILE or journal:FOLDER."
)
lifecycle_option: Final = click.option(
    "--lifecycle", "-l", "source", metavar="NAME|FILE", help="A lifecycle, if the store keeps no definition."
)


@contextmanager
def open_pipeline(url: str, source: str | None) -> Generator[Pipeline]:
    """
    Open the store that a URL names, and yield its pipeline; see :func:`stored_pipeline`.
    """
    plugins = installed()
    with closing(plugins.open_store(url, create=False)) as store:
        yield stored_pipeline(store, plugins, source)


def stored_pipeline(store: Store, plugins: Plugins, source: str | None) -> Pipeline:
    """
    Return a pipeline on a store.

    Args:
        store: read, and not written.
        plugins: that the lifecycles may use.
        source: a lifecycle to begin with; those whose definitions the store keeps are added. One that cannot be built,
            because a plugin is gone, is named on stderr.

    Raises:
        InputError: if there is no lifecycle at all.
    """
    built = (
        {} if source is None else {(each.id, each.version): each for each in [load_lifecycle(source, plugins=plugins)]}
    )
    for kept in store.definitions() if isinstance(store, DefinitionStore) else ():
        if (kept.id, kept.version) in built:
            continue
        try:
            built[kept.id, kept.version] = load_lifecycle(text=kept.text, plugins=plugins)
        except (DefinitionError, PluginError) as error:
            lang = language_of(click.get_current_context(silent=True))
            echo(f"salesflow: {kept.id} {kept.version}: {error.text(lang)}", err=True)
    if not built:
        raise InputError("--lifecycle", source, say("input.no_lifecycle_kept"))
    return Pipeline(list(built.values()), store=store)
