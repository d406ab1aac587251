"""
Runs commands, each in a process group of its own, which is cut as a whole.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import attrs

from ._task import VARIABLE


_PLUGIN: Final = "salesflow.testing._mutant"


@attrs.frozen
class Ran:
    """
    How a command ended.

    Attributes:
        status: its exit status, ``None`` if it was cut.
        seconds: how long it took.
    """

    status: int | None
    seconds: float


@attrs.define(eq=False)
class Runs:
    """
    The runs of one command that are going on, from any thread.
    """

    command: Sequence[str]
    cwd: Path | None = None
    _going: set[subprocess.Popen[bytes]] = attrs.field(init=False, factory=set["subprocess.Popen[bytes]"])
    _lock: Lock = attrs.field(init=False, factory=Lock)
    _stopped: bool = attrs.field(init=False, default=False)

    def run(self, folder: Path, timeout: float | None = None) -> Ran:
        """
        Run the command with the task in *folder*; what it prints is kept there in ``output.txt``.

        Raises:
            OSError: if the command cannot be started.
        """
        began = time.monotonic()
        with (folder / "output.txt").open("wb") as output:
            process = self._start(folder, output.fileno())
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                _cut(process)
                status = None
        with self._lock:
            self._going.discard(process)
        return Ran(status, time.monotonic() - began)

    def stop(self) -> None:
        """
        Cut every run that is going on, and let no other one begin.
        """
        with self._lock:
            self._stopped = True
            for process in self._going:
                _cut(process)

    def _start(self, folder: Path, output: int) -> subprocess.Popen[bytes]:
        # Under the lock, so that none slips in between being started and being known.
        with self._lock:
            if self._stopped:
                raise InterruptedError("the runs were stopped")
            process = subprocess.Popen(  # noqa: S603 -- running what the caller names is the purpose
                list(self.command),
                cwd=self.cwd,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._going.add(process)
        return process


def _cut(process: subprocess.Popen[bytes]) -> None:
    """
    Kill a process and all that it started, unless it has ended: then its number may be another's.
    """
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """
    Return the environment of a run: it finds this interpreter's commands first and writes apart from other runs.
    """
    apart: dict[str, str] = {}
    if sys.dont_write_bytecode:
        # Compiling everything again for each run would take most of its time.
        apart = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "pycache")}
    plugins = [each for each in (os.environ.get("PYTEST_PLUGINS"), _PLUGIN) if each]
    options = [
        each
        for each in (os.environ.get("PYTEST_ADDOPTS"), f"-o cache_dir={shlex.quote(str(folder / 'cache'))}")
        if each
    ]
    return {
        **os.environ,
        **apart,
        VARIABLE: str(folder),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTEST_PLUGINS": ",".join(plugins),
        "PYTEST_ADDOPTS": " ".join(options),
        "COVERAGE_FILE": str(folder / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
