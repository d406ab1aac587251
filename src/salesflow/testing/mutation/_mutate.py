"""
Mutation testing: one run of the tests for every mutant.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from ..._definition.report import few
from ..._model.definition import Definition
from ..._model.frozen import noun
from ...errors import InputError, nearest, say
from ...plugins._loading import Source
from ...plugins._registry import Plugins
from ._mutants import Mutant, mutants, read_source
from ._progress import Progress
from ._report import MutationReport, Status, Trial
from ._running import Runs
from ._task import ORIGINAL, read_proof, write_task, write_wanted
from ._touched import Touched, read_touched
from ._warm import Processes


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
    ignore: Iterable[str] = (),
    every_test: bool = False,
    resume: str | Path | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    cwd: str | Path | None = None,
    progress: OnTrial | None = None,
) -> MutationReport:
    """
    Run a test command for every mutant of a definition, and report which mutants no test noticed.

    The command runs unchanged first: it must pass, and must read the definition. Then it runs for each mutant,
    with the mutant in the place of the definition however the tests obtain it, and stops at the first failure.
    Where the command is pytest itself, one warm process makes all runs, and runs only the tests that touch what the
    mutant changes, or that decide nothing of the lifecycle. An interruption ends every process that was started.

    Args:
        source: the name of a lifecycle, a file, a text, data, or a definition.
        command: a command that runs pytest, and its arguments. The commands of the running interpreter are
            found first.
        plugins: what the definition needs to be built, as for :func:`salesflow.load_lifecycle`.
        only: the kinds of mutants to make; without any, all kinds.
        ignore: ids of mutants that are known to decide like the original; they are not run.
        every_test: whether every test is run for every mutant.
        resume: a file that keeps each result; what it has of the same definition, command and test files is not
            run again.
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
    plan = _Plan.of(source, plugins if isinstance(plugins, Plugins) else Plugins(*plugins), only, ignore)
    runs = Runs(tuple(command), None if cwd is None else Path(cwd))
    with (
        tempfile.TemporaryDirectory(prefix="salesflow-mutate-", ignore_cleanup_errors=True) as folder,
        # Not the processors of the machine, but those that this process may use.
        ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0))) as pool,
        closing(Processes(runs, Path(folder))) as processes,
    ):
        work = _Work(processes, pool, Path(folder), plan.original)
        try:
            baseline, touched = work.baseline()
            kept = Progress.of(resume, plan.original, runs.command, touched.digest)
            chosen = touched if processes.warm and not every_test else Touched({})
            limit = _TIMEOUT_FACTOR * baseline + _TIMEOUT_EXTRA if timeout is None else timeout
            trials = work.trials(plan.alive, chosen, limit, kept, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            runs.stop()
            raise
    seconds = time.monotonic() - began
    return MutationReport(plan.named, tuple(command), trials, plan.stillborn, baseline, seconds, plan.ignored)


def _check(command: Sequence[str], jobs: int | None, timeout: float | None) -> None:
    if isinstance(command, str) or not command:
        raise InputError("command", command, "Give its words, for example ['pytest', '-q'].")
    if jobs is not None and jobs < 1:
        raise InputError("jobs", jobs, "Give at least 1.")
    if timeout is not None and timeout <= 0:
        raise InputError("timeout", timeout, "Give a number of seconds greater than 0.")


@noun
class _Plan:
    """
    What is to be run: the mutants of a definition, apart from those that cannot be built or are to be ignored.
    """

    named: str
    original: Definition
    alive: tuple[Mutant, ...]
    stillborn: tuple[Mutant, ...]
    ignored: tuple[Mutant, ...]

    @classmethod
    def of(cls, source: Source, plugins: Plugins, only: Iterable[str], ignore: Iterable[str]) -> _Plan:
        kinds, left_out = tuple(only), tuple(ignore)
        original = read_source(source, plugins).definition
        made = {mutant.id: mutant for mutant in mutants(source, plugins=plugins, only=kinds)}
        for name in () if kinds else left_out:  # with some kinds only, it may be of another kind
            if name not in made:
                raise InputError("ignore", name, say("input.look_up", known=few(made), near=nearest(name, made)))
        kept = [mutant for mutant in made.values() if mutant.id not in left_out]
        is_name = isinstance(source, Path) or (isinstance(source, str) and "\n" not in source)
        return cls(
            str(source) if is_name else original.id,
            original,
            tuple(mutant for mutant in kept if not mutant.stillborn),
            tuple(mutant for mutant in kept if mutant.stillborn),
            tuple(made[name] for name in dict.fromkeys(left_out) if name in made),
        )


@noun
class _Work:
    """
    The resources that all runs share.

    Only threads of the pool start runs: an interruption reaches the main thread, and would lose a
    process that is just being started there.
    """

    processes: Processes
    pool: ThreadPoolExecutor
    folder: Path
    original: Definition

    def baseline(self) -> tuple[float, Touched]:
        """
        Run the command with the original instead of a mutant; return how many seconds it took, and what was touched.
        """
        folder = self._task_folder(ORIGINAL, self.original)
        words = " ".join(self.processes.runs.command)
        try:
            (future,) = _ending([self.pool.submit(self.processes.first, folder)])
            status, seconds = future.result()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            hint = f"It cannot be started ({error}). Write what runs your tests, for example: pytest -q"
            raise InputError("command", words, hint) from error
        wrong = _unusable(folder, status, self.original)
        if wrong:
            raise InputError("command", words, wrong)
        return seconds, read_touched(folder)

    def trials(
        self, alive: Sequence[Mutant], touched: Touched, limit: float, kept: Progress, progress: OnTrial | None
    ) -> tuple[Trial, ...]:
        """
        Run the tests for each mutant that nothing is known of; return all trials in the order of the mutants.
        """
        known = kept.trials(alive)
        left = [mutant for mutant in alive if mutant.id not in known]
        started = [self.pool.submit(self._trial, number, each, touched, limit) for number, each in enumerate(left)]
        for done, future in enumerate(_ending(started), start=len(known) + 1):
            trial = known[future.result().mutant.id] = future.result()
            kept.add(trial)
            if progress is not None:
                progress(trial, done, len(alive))
        return tuple(known[mutant.id] for mutant in alive)

    def _trial(self, number: int, mutant: Mutant, touched: Touched, limit: float) -> Trial:
        """
        Run the tests in turns until a test notices the mutant.
        """
        trial = Trial(mutant, "survived", 0.0)  # where no test touches it
        exercised = False
        for turn, tests in enumerate(touched.rounds(mutant, self.original)):
            folder = self._task_folder(f"{number}-{turn}" if turn else str(number), mutant.definition)
            if tests is not None:
                write_wanted(folder, tests, touched.tests)
            status, seconds = self.processes.run(folder, limit)
            proof = read_proof(folder)
            exercised |= proof.reached
            trial = Trial(mutant, _status(status, exercised), trial.seconds + seconds, proof.test)
            if trial.status in ("killed", "timeout"):
                break
        return trial

    def _task_folder(self, name: str, mutant: Definition) -> Path:
        folder = self.folder / name
        folder.mkdir()
        write_task(folder, self.original, mutant)
        return folder


def _unusable(folder: Path, status: int | None, original: Definition) -> str:
    """
    Return what is wrong with a command after its run without a mutant; empty if nothing is.
    """
    proof = read_proof(folder)
    if status:
        printed = (folder / "output.txt").read_text("utf-8", "replace").splitlines()
        tail = "".join(f" | {line}" for line in printed[-_TAIL:])
        return f"It fails without any mutant (exit status {status}). Make it pass first.{tail}"
    if not proof.planted:
        return "It does not run pytest, or not with salesflow[testing]; only pytest can be given a mutant."
    if not proof.reached:
        named = f"the definition {original.id!r} as it is written here"
        return f"Its tests never load or build {named}; name the definition that they load."
    return ""


def _ending(started: Iterable[Future[T]]) -> Iterator[Future[T]]:
    """
    Yield the futures as they end.

    The main thread wakes regularly: a signal that arrived in another thread would not interrupt its waiting.
    """
    left = set(started)
    while left:
        ended, left = wait(left, _WAKE, FIRST_COMPLETED)
        yield from ended


def _status(status: int | None, exercised: bool) -> Status:
    if not exercised:
        return "unexercised"
    if status is None:
        return "timeout"
    return "killed" if status else "survived"
