"""
Keeps the definitions that projects run under in the store, each once, so that facts can be read by them later.
"""

from __future__ import annotations

from .._model.commit import StoredDefinition
from .._model.facts import Fact
from ..errors import DefinitionChangedError
from ..typing import DefinitionStore
from .runtime import Runtime


def keep_definition(runtime: Runtime, opening: Fact) -> None:
    """
    See that the store has the definition of a project that is about to be opened.

    Raises:
        DefinitionChangedError: if the store has another definition under the same id and version.
    """
    name = opening.lifecycle, opening.lifecycle_version
    if name in runtime.kept:
        return
    lifecycle = runtime.lifecycles[name]
    if lifecycle.digest is not None and isinstance(runtime.store, DefinitionStore):
        from .._definition.writer import dump  # noqa: PLC0415 -- once for each lifecycle

        text = dump(lifecycle.definition, "json")
        kept = runtime.store.keep_definition(StoredDefinition(*name, lifecycle.digest, text))
        if kept.digest != lifecycle.digest:
            raise DefinitionChangedError(*name)
    runtime.kept.add(name)
