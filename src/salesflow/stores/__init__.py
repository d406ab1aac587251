"""
Where facts are kept: in memory, in a journal of files, or in a SQLite file.

All fulfil :class:`salesflow.typing.Store`. A store is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model import lazy


if TYPE_CHECKING:
    from ._copy import copy_facts as copy_facts
    from ._journal.recovery import Recovered as Recovered
    from ._journal.store import JournalStore as JournalStore
    from ._memory.store import MemoryStore as MemoryStore
    from ._sqlite.store import SqliteStore as SqliteStore
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            "_copy": ("copy_facts",),
            "_journal.recovery": ("Recovered",),
            "_journal.store": ("JournalStore",),
            "_memory.store": ("MemoryStore",),
            "_sqlite.store": ("SqliteStore",),
        },
    )
