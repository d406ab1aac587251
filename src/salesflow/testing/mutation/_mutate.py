"""
Mutation testing: one run of the tests for every mutant.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import attrs

from ..._model.definition import Definition
from ...errors import InputError
from ...plugins._loading import Source
from ...plugins._registry import Plugins
from ._mutants import Mutant, mutants, read_source
from ._report import MutationReport, Status, Trial
from ._running import Proof, Runs, read_proof, write_task


OnTrial: TypeAlias = Callable[[Trial, int, int], object]
"""Called after each run with its result, the number of runs done, and the number of all runs."""

T = TypeVar("T")

_WAKE: Final = 0.5  # seconds
_TIMEOUT_FACTOR: Final = 5
_TIMEOUT_EXTRA: Final = 10.0  # seconds
_TAIL: Final = 15  # lines


def mutate(
    source: Source,
    command: Sequence[str],
    *,
    plugins: Plugins | Iterable[object] = (),
    only: Iterable[str] = (),
    jobs: int | None = None,
    timeout: float | None = None,
    cwd: str | Path | None = None,
    progress: OnTrial | None = None,
) -> MutationReport:
    """
    Run a test command once for every mutant of a definition, and report which mutants no test noticed.

    The command runs unchanged first: it must pass, and must read the definition. Then it runs for each mutant,
    with the mutant in the place of the definition however the tests obtain it, and stops at the first failure.
    An interruption ends every process that was started.

    Args:
        source: the name of a lifecycle, a file, a text, data, or a definition.
        command: a command that runs pytest, and its arguments. The commands of the running interpreter are
            found first.
        plugins: what the definition needs to be built, as for :func:`salesflow.load_lifecycle`.
        only: the kinds of mutants to make; without any, all kinds.
        jobs: how many runs go on at once; by default the number of processors.
        timeout: seconds after which a run is killed; by default five times the run without a mutant plus ten
            seconds.
        cwd: the folder in which the command runs.
        progress: called in the order in which the runs end.

    Raises:
        DefinitionError: if the definition cannot be built.
        InputError: if the command cannot be found, fails without a mutant, does not run pytest, or never reads the
            definition; for an argument that is out of range; for a literal that no file can hold.
        OSError: if a process cannot be started for another reason.
    """
    began = time.monotonic()
    _check(command, jobs, timeout)
    found = plugins if isinstance(plugins, Plugins) else Plugins(*plugins)
    original = read_source(source, found).definition
    made = mutants(source, plugins=found, only=only)
    alive = [mutant for mutant in made if not mutant.stillborn]
    runs = Runs(tuple(command), None if cwd is None else Path(cwd))
    with (
        tempfile.TemporaryDirectory(prefix="salesflow-mutate-", ignore_cleanup_errors=True) as folder,
        # Not the processors of the machine, but those that this process may use.
        ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0))) as pool,
    ):
        work = _Work(runs, pool, Path(folder), original)
        try:
            baseline = work.baseline()
            trials = work.trials(
                alive, _TIMEOUT_FACTOR * baseline + _TIMEOUT_EXTRA if timeout is None else timeout, progress
            )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            runs.stop()
            raise
    stillborn = tuple(mutant for mutant in made if mutant.stillborn)
    named = str(source) if isinstance(source, Path) or (isinstance(source, str) and "\n" not in source) else original.id
    return MutationReport(named, tuple(command), trials, stillborn, baseline, time.monotonic() - began)


def _check(command: Sequence[str], jobs: int | None, timeout: float | None) -> None:
    if isinstance(command, str) or not command:
        raise InputError("command", command, "Give its words, for example ['pytest', '-q'].")
    if jobs is not None and jobs < 1:
        raise InputError("jobs", jobs, "Give at least 1.")
    if timeout is not None and timeout <= 0:
        raise InputError("timeout", timeout, "Give a number of seconds greater than 0.")


@attrs.frozen
class _Work:
    """
    The resources that all runs share.

    Only threads of the pool start runs: an interruption reaches the main thread, and would lose a
    process that is just being started there.
    """

    runs: Runs
    pool: ThreadPoolExecutor
    folder: Path
    original: Definition

    def baseline(self) -> float:
        """
        Run the command with the original instead of a mutant; return how many seconds it took.
        """
        folder = self._task_folder("original", self.original)
        words = " ".join(self.runs.command)
        try:
            (future,) = _ending([self.pool.submit(self.runs.run, folder)])
            status, seconds = future.result()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            hint = f"It cannot be started ({error}). Write what runs your tests, for example: pytest -q"
            raise InputError("command", words, hint) from error
        proof = read_proof(folder)
        if status:
            printed = (folder / "output.txt").read_text("utf-8", "replace").splitlines()
            tail = "".join(f" | {line}" for line in printed[-_TAIL:])
            raise InputError(
                "command", words, f"It fails without any mutant (exit status {status}). Make it pass first.{tail}"
            )
        if not proof.planted:
            hint = "It does not run pytest, or not with salesflow[testing]; only pytest can be given a mutant."
            raise InputError("command", words, hint)
        if not proof.reached:
            named = f"the definition {self.original.id!r} as it is written here"
            hint = f"Its tests never load or build {named}; name the definition that they load."
            raise InputError("command", words, hint)
        return seconds

    def trials(self, alive: Sequence[Mutant], limit: float, progress: OnTrial | None) -> tuple[Trial, ...]:
        """
        Run the command for each mutant; return the trials in the order of the mutants.
        """
        started = [self.pool.submit(self._trial, number, mutant, limit) for number, mutant in enumerate(alive)]
        for done, future in enumerate(_ending(started), start=1):
            trial = future.result()
            if progress is not None:
                progress(trial, done, len(alive))
        return tuple(future.result() for future in started)

    def _trial(self, number: int, mutant: Mutant, limit: float) -> Trial:
        folder = self._task_folder(str(number), mutant.definition)
        status, seconds = self.runs.run(folder, limit)
        proof = read_proof(folder)
        return Trial(mutant, _status(status, proof), seconds, proof.test)

    def _task_folder(self, name: str, mutant: Definition) -> Path:
        folder = self.folder / name
        folder.mkdir()
        write_task(folder, self.original, mutant)
        return folder


def _ending(started: Iterable[Future[T]]) -> Iterator[Future[T]]:
    """
    Yield the futures as they end.

    The main thread wakes regularly: a signal that arrived in another thread would not interrupt its waiting.
    """
    left = set(started)
    while left:
        ended, left = wait(left, _WAKE, FIRST_COMPLETED)
        yield from ended


def _status(status: int | None, proof: Proof) -> Status:
    if not proof.reached:
        return "unexercised"
    if status is None:
        return "timeout"
    return "killed" if status else "survived"
