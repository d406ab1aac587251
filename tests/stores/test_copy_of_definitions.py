"""
Copying between stores of which one keeps no definitions.
"""

from __future__ import annotations

from salesflow.stores import MemoryStore, copy_facts
from salesflow.typing import DefinitionStore

from ..pipeline_factory import make_pipeline


class Plain:
    """A store without definitions, which passes every call of the contract on."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        if name in ("keep_definition", "definitions"):
            raise AttributeError(name)
        return getattr(self._inner, name)


def test_a_store_without_definitions():
    """
    The facts come over, and nobody asks for what the store does not keep.
    """
    source, target = MemoryStore(), MemoryStore()
    make_pipeline(store=source).open("A deal", id="P-1")

    assert (False, 1) == (isinstance(Plain(source), DefinitionStore), copy_facts(Plain(source), target))
    assert ("A deal", []) == (target.head("P-1").name, list(target.definitions()))
