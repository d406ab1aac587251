"""
What is tested of a store that keeps definitions: the first of each id and version stays.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest

from ...stores import MemoryStore, copy_facts
from ...typing import DefinitionStore, Store, StoredDefinition
from .hooks import Hooks


_FIRST: Final = StoredDefinition("short", "1", "0a", '{"id": "short", "label": {"zh": "简短"}}')
_OTHERS: Final = (StoredDefinition("short", "2", "0b", "{}"), StoredDefinition("long", "1", "0c", "{}"))


class Definitions(Hooks):
    """
    Definitions beside the facts, where the store keeps them.
    """

    def test_the_first_definition_stays(self, store: Store) -> None:
        """
        A definition is kept once for its id and version; another definition is answered with the kept definition.
        """
        keeper = _keeper(store)
        answers = [
            keeper.keep_definition(each) for each in (_FIRST, *_OTHERS, StoredDefinition("short", "1", "ff", "x"))
        ]

        assert [_FIRST, *_OTHERS, _FIRST] == answers
        assert (_OTHERS[1], _FIRST, _OTHERS[0]) == tuple(keeper.definitions())

    def test_definitions_are_copied(self, store: Store) -> None:
        """
        They go with the facts into another store.
        """
        _keeper(store).keep_definition(_FIRST)
        target = MemoryStore()
        copy_facts(store, target)

        assert (_FIRST,) == target.definitions()

    def test_definitions_outlive_the_handle(self, tmp_path: Path) -> None:
        """
        They are there when the store is opened again.
        """
        with ExitStack() as stack:
            store = stack.enter_context(closing(self.make_store(tmp_path)))
            _keeper(store).keep_definition(_FIRST)
            stack.pop_all()
        store = self.reopen(store, tmp_path)
        found = tuple(_keeper(store).definitions())
        store.close()

        assert (_FIRST,) == found


def _keeper(store: Store) -> DefinitionStore:
    if not isinstance(store, DefinitionStore):
        pytest.skip("the store keeps no definitions")
    return store
