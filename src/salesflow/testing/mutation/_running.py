"""
Runs of a command, each in a process group of its own, which is killed as a whole.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

import attrs

from ._task import LINK, VARIABLE


Ended: TypeAlias = tuple[int | None, float]
"""The exit status of a run, ``None`` if it was killed, and how many seconds it took."""

_PLUGIN: Final = "salesflow.testing._mutant"


@attrs.define(eq=False)
class Runs:
    """
    The runs of a command in progress; may be shared by threads.
    """

    command: Sequence[str]
    cwd: Path | None = None
    _going: set[subprocess.Popen[bytes]] = attrs.field(init=False, factory=set["subprocess.Popen[bytes]"])
    _lock: Lock = attrs.field(init=False, factory=Lock)
    _stopped: bool = attrs.field(init=False, default=False)

    def run(self, folder: Path, timeout: float | None = None) -> Ended:
        """
        Run the command with the task in *folder*; its output is kept there in ``output.txt``.

        Raises:
            OSError: if the command cannot be started.
        """
        began = time.monotonic()
        process = self.start(folder)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        self.end(process)
        return status, time.monotonic() - began

    def start(self, folder: Path, link: socket.socket | None = None) -> subprocess.Popen[bytes]:
        """
        Start the command with the task in *folder*; where it gets a link, it may stay warm and take orders.

        Raises:
            OSError: if the command cannot be started.
        """
        # Under the lock, so that stop() cannot miss a process that has just been started.
        with self._lock, (folder / "output.txt").open("wb") as output:
            if self._stopped:
                raise InterruptedError("the runs were stopped")
            process = subprocess.Popen(  # noqa: S603 -- running what the caller names is the purpose
                list(self.command),
                cwd=self.cwd,
                env=_environment(folder, link),
                stdin=subprocess.DEVNULL,
                stdout=output.fileno(),
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=() if link is None else (link.fileno(),),
            )
            self._going.add(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """
        Kill a process, unless it has ended, and everything it started.
        """
        _kill(process)
        with self._lock:
            self._going.discard(process)

    def stop(self) -> None:
        """
        Kill every run in progress, and start no other.
        """
        with self._lock:
            self._stopped = True
            for process in self._going:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """
    Kill a process and everything it started, unless it has ended: then its id may belong to another process.
    """
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path, link: socket.socket | None) -> dict[str, str]:
    """
    Return the environment of a run: it finds this interpreter's commands first, and shares no file with other runs.
    """
    separate: dict[str, str] = {}
    if sys.dont_write_bytecode:
        # Compiling everything again for each run would take most of its time.
        separate = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "pycache")}
    if link is not None:
        separate[LINK] = f"{os.getpid()} {link.fileno()}"
    # pytest puts the variable in when the cache is made: a copy of a warm process has its own.
    cache = f"-o {shlex.quote(f'cache_dir=${VARIABLE}/cache')}"
    return {
        **os.environ,
        **separate,
        **folder_environment(folder),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTEST_PLUGINS": ",".join(filter(None, (os.environ.get("PYTEST_PLUGINS"), _PLUGIN))),
        "PYTEST_ADDOPTS": " ".join(filter(None, (os.environ.get("PYTEST_ADDOPTS"), cache))),
    }


def folder_environment(folder: Path) -> dict[str, str]:
    """
    Return the part of the environment of a run that names its folder.
    """
    return {
        VARIABLE: str(folder),
        "COVERAGE_FILE": str(folder / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
