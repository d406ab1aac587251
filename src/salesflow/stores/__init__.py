"""
Where facts are kept: in memory, or in a journal of files.

Both fulfil :class:`salesflow.typing.Store`.
"""

from __future__ import annotations

from ._journal import JournalStore
from ._memory import MemoryStore
from ._recovery import Recovered


__all__ = ["JournalStore", "MemoryStore", "Recovered"]
