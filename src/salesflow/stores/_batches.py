"""
Batches: the commits of a block of one thread, which a store writes together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import get_ident
from typing import Final

import attrs


CHUNK: Final = 1000
"""How many commits are written together at most."""


@attrs.define
class _Batch:
    depth: int = 0
    calls: deque[Callable[[], object]] = attrs.field(factory=deque[Callable[[], object]])
    calling: bool = False


class Batches:
    """
    Which threads are in a batch of a store, and what shall be called once their commits are durable.

    Args:
        waits: says whether commits of the calling thread wait to be written.
        write_out: writes what waits of the calling thread.

    Attributes:
        running: the batches by thread; empty, as it mostly is, none needs to be asked for.
    """

    def __init__(self, waits: Callable[[], bool], write_out: Callable[[], object]) -> None:
        self._waits = waits
        self._write_out = write_out
        self.running: Final[dict[int, _Batch]] = {}

    @property
    def entered(self) -> bool:
        """
        Whether the calling thread is in a batch.
        """
        return get_ident() in self.running

    @contextmanager
    def batch(self) -> Generator[None]:
        """
        Hold a batch open for the calling thread; the outermost of several writes what waits when it ends.
        """
        mine = self.running.setdefault(get_ident(), _Batch())
        mine.depth += 1
        try:
            yield
        finally:
            mine.depth -= 1
            if not mine.depth:
                try:
                    self._write_out()
                    while mine.calls:  # what is called may commit as well
                        self._call(mine)
                        self._write_out()
                finally:
                    del self.running[get_ident()]

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Have *call* called once the commits of the calling thread are durable; ``False`` outside of a batch.
        """
        mine = self.running.get(get_ident())
        if mine is None:
            return False
        mine.calls.append(call)
        self._call(mine)
        return True

    def _call(self, mine: _Batch) -> None:
        if mine.calling:
            return  # in order: whoever is calling already goes on
        mine.calling = True
        try:
            while mine.calls and not self._waits():
                mine.calls.popleft()()
        finally:
            mine.calling = False
