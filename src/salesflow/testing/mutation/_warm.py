"""
Warm processes: where the command is pytest itself, it starts once, and makes a copy of itself for each run.

Python, pytest and the library have been started by then, the tests have not. Any other command is started again for
each run, because it may do more than run pytest.
"""

from __future__ import annotations

import select
import socket
import subprocess
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import attrs

from ..._model.frozen import noun
from ._running import Ended, Runs


_SOON: Final = 0.05  # seconds
_LONGEST: Final = 64  # bytes of an answer
_NO_TESTS: Final = 5  # the exit status of pytest


@noun(eq=False)
class WarmProcess:
    """
    A process of the command that has started and takes orders.
    """

    process: subprocess.Popen[bytes]
    link: socket.socket

    def run(self, folder: Path, timeout: float | None) -> Ended | None:
        """
        Run the tests with the task in *folder*, in a copy of the process; ``None`` if it has ended.
        """
        began = time.monotonic()
        with suppress(BrokenPipeError):  # it has ended: then there is no answer
            self.link.sendall(f"{folder}\n".encode())
        if not select.select([self.link], [], [], timeout)[0]:
            return None, time.monotonic() - began
        answer = self.link.recv(_LONGEST)
        status = int(answer or -1)
        # No test at all is left where they came from what the mutant took away: nothing noticed it.
        return (0 if status == _NO_TESTS else status, time.monotonic() - began) if answer else None


@attrs.define(eq=False)
class Processes:
    """
    The processes in which a command runs; may be shared by threads, each of which uses one at a time.

    Attributes:
        warm: whether the command stays warm, which the first run shows.
    """

    runs: Runs
    folder: Path
    warm: bool = attrs.field(init=False, default=True)
    _idle: SimpleQueue[WarmProcess] = attrs.field(init=False, factory=SimpleQueue["WarmProcess"])
    _numbers: count[int] = attrs.field(init=False, factory=count)

    def run(self, folder: Path, timeout: float | None = None) -> Ended:
        """
        Run the tests with the task in *folder*.

        Raises:
            OSError: if the command cannot be started.
        """
        process = self._taken() if self.warm else None
        if process is None:
            return self.runs.run(folder, timeout)
        ended = process.run(folder, timeout)
        if ended is not None and ended[0] is not None:
            self._idle.put(process)
            return ended
        self._end(process)
        return ended or self.runs.run(folder, timeout)

    def first(self, folder: Path) -> Ended:
        """
        Run the tests for the first time; where the command does not stay warm, no run will.

        Raises:
            OSError: if the command cannot be started.
        """
        began = time.monotonic()
        process = self._start(folder)
        if isinstance(process, WarmProcess):
            self._idle.put(process)
            return self.run(folder)
        self.warm = False
        return process, time.monotonic() - began

    def close(self) -> None:
        """
        End the processes that nobody uses.
        """
        with suppress(Empty):
            while True:
                self._end(self._idle.get_nowait())

    def _taken(self) -> WarmProcess | None:
        with suppress(Empty):
            return self._idle.get_nowait()
        home = self.folder / f"warm-{next(self._numbers)}"
        home.mkdir()
        started = self._start(home)
        return started if isinstance(started, WarmProcess) else None

    def _start(self, folder: Path) -> WarmProcess | int:
        """
        Start the command; where it does not stay warm, it runs to its end, and its exit status is returned.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = self.runs.start(folder, theirs)
        except BaseException:
            ours.close()
            raise
        # What it leaves behind may hold the link open, so its end is looked for as well.
        while not select.select([ours], [], [], _SOON)[0] and process.poll() is None:
            pass
        if select.select([ours], [], [], 0)[0] and ours.recv(_LONGEST):
            return WarmProcess(process, ours)
        ours.close()
        status = process.wait()
        self.runs.end(process)
        return status

    def _end(self, process: WarmProcess) -> None:
        process.link.close()
        self.runs.end(process.process)
