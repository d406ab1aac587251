"""
Runs of a command, each in a process group of its own, which is killed as a whole.

The task of a run and the proof it leaves are two files in a folder of its own.
"""

from __future__ import annotations

import json
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

from ..._definition.reader import read_definition
from ..._definition.writer import dump
from ..._model.definition import Definition
from ...errors import InputError


VARIABLE: Final = "SALESFLOW_MUTANT"
"""The environment variable with the folder of the task."""

_TASK: Final = "task.json"
_PROOF: Final = "proof.txt"


@attrs.frozen
class Task:
    """
    The order to put *mutant* wherever *original* is read; both are as a file with their text would give them.
    """

    original: Definition
    mutant: Definition

    def is_about(self, definition: Definition) -> bool:
        """
        Return whether a definition is the original, in whatever form its literals are.
        """
        if definition.id != self.original.id:
            return False
        if definition == self.original:
            return True
        try:
            return read_definition(dump(definition)).definition == self.original
        except InputError:  # no file can hold it, but a file holds the original
            return False


@attrs.frozen
class Proof:
    """
    The report of a run about itself.

    Attributes:
        planted: whether the run was ready to put the mutant in place.
        reached: whether the run read the definition at all.
        test: the first test that failed.
    """

    planted: bool = False
    reached: bool = False
    test: str | None = None


def write_task(folder: Path, original: Definition, mutant: Definition) -> None:
    """
    Write the task of a run.

    Raises:
        InputError: if a definition has a literal that no file can hold.
    """
    text = json.dumps({"original": dump(original), "mutant": dump(mutant)})
    (folder / _TASK).write_text(text, "utf-8")


def read_task(folder: Path) -> Task:
    """
    Read the task of this run.
    """
    texts = json.loads((folder / _TASK).read_text("utf-8"))
    return Task(**{name: read_definition(text).definition for name, text in texts.items()})


def note(folder: Path, word: str, more: str = "") -> None:
    """
    Add a line to the proof of this run, from any of its processes: ``planted``, ``reached`` or ``failed``.
    """
    # Short lines that several processes append to a file do not mix.
    with (folder / _PROOF).open("a", encoding="utf-8") as proof:
        proof.write(f"{word} {more}\n")


def read_proof(folder: Path) -> Proof:
    """
    Return the proof of a run so far.
    """
    path = folder / _PROOF
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    notes = [line.partition(" ")[::2] for line in lines]
    words = {word for word, _ in notes}
    return Proof("planted" in words, "reached" in words, next((more for word, more in notes if word == "failed"), None))


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

    def run(self, folder: Path, timeout: float | None = None) -> tuple[int | None, float]:
        """
        Run the command with the task in *folder*; its output is kept there in ``output.txt``.

        Returns:
            Its exit status, ``None`` if it was killed, and how many seconds it took.

        Raises:
            OSError: if the command cannot be started.
        """
        began = time.monotonic()
        with (folder / "output.txt").open("wb") as output:
            process = self._start(folder, output.fileno())
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                _kill(process)
                status = None
        with self._lock:
            self._going.discard(process)
        return status, time.monotonic() - began

    def stop(self) -> None:
        """
        Kill every run in progress, and start no other.
        """
        with self._lock:
            self._stopped = True
            for process in self._going:
                _kill(process)

    def _start(self, folder: Path, output: int) -> subprocess.Popen[bytes]:
        # Under the lock, so that stop() cannot miss a process that has just been started.
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


def _kill(process: subprocess.Popen[bytes]) -> None:
    """
    Kill a process and everything it started, unless it has ended: then its id may belong to another process.
    """
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """
    Return the environment of a run: it finds this interpreter's commands first, and shares no file with other runs.
    """
    separate: dict[str, str] = {}
    if sys.dont_write_bytecode:
        # Compiling everything again for each run would take most of its time.
        separate = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "pycache")}
    cache = f"-o cache_dir={shlex.quote(str(folder / 'cache'))}"
    return {
        **os.environ,
        **separate,
        VARIABLE: str(folder),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTEST_PLUGINS": ",".join(filter(None, (os.environ.get("PYTEST_PLUGINS"), _PLUGIN))),
        "PYTEST_ADDOPTS": " ".join(filter(None, (os.environ.get("PYTEST_ADDOPTS"), cache))),
        "COVERAGE_FILE": str(folder / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
