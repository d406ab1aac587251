"""
Section G of the contract: many threads share one handle, and several processes use one place.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from threading import Barrier

from ... import replay
from ...errors import VersionConflictError
from ...typing import Committed, FieldSet, Store
from .facts import changed, claim, commit, due, grow, key, opened, write
from .feed import follow_while
from .hooks import Hooks
from .tasks import PROJECT, add_up, commit_once, grow_own, take_all, transfer


class Threads(Hooks):
    """
    One project, one key, and readers in between.
    """

    def test_threads_on_one_project(self, store: Store) -> None:
        """
        Of eight threads that write on top of one version exactly one wins, and no addition is lost.
        """
        write(store, opened("P-1", FieldSet("sum", 0)))
        together = Barrier(8, timeout=60)
        with ThreadPoolExecutor(8) as pool:
            competing = [pool.submit(compete, store, together) for _ in range(8)]
        won = sum(each.result() for each in competing)
        facts = list(store.load("P-1"))

        assert (5, [1, 2, 3, 4, 5, 6]) == (won, [each.version for each in facts])
        assert [5] == [each.fields["sum"] for each in store.find()]
        assert replay(facts) == store.head("P-1")

    def test_threads_with_one_key(self, store: Store) -> None:
        """
        The same request from four threads at once makes one fact.
        """
        start = Barrier(4, timeout=60)
        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(commit_at_once, store, start) for _ in range(4)]
        answers = [each.result() for each in asking]

        assert [False, True, True, True] == sorted(each.replayed for each in answers)
        assert (opened().fact,) == store.feed().facts

    def test_readers_see_whole_commits(self, store: Store) -> None:
        """
        While money moves between two projects, every look at both finds the same sum.
        """
        write(store, opened("A", FieldSet("sum", 100)), opened("B", FieldSet("sum", 100)))
        sums: set[int] = set()
        pages: set[int] = set()
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(transfer, store, "40")
            while not writing.done():
                sums |= {sum(each.fields["sum"] for each in store.find()) for _ in range(5)}
                pages.add(len(store.feed().facts) % 2)
            writing.result()

        assert ({200}, {0}) == (sums | {200}, pages | {0})
        assert [41, 41] == [each.version for each in store.find()]


# What the threads do stands apart, so that it can be run and traced in one thread as well.


def compete(store: Store, together: Barrier) -> int:
    """
    Add to one number five times, on top of the version that everybody has read; return how often that was accepted.
    """
    won = 0
    for _ in range(5):
        together.wait()
        (head,) = store.find()
        together.wait()
        with suppress(VersionConflictError):
            store.commit(commit(changed(head, FieldSet("sum", head.fields["sum"] + 1))))
            won += 1
    return won


def commit_at_once(store: Store, start: Barrier) -> Committed:
    """
    Make the request that all others make at the same moment.
    """
    start.wait()
    return store.commit(commit(opened(), key=key()))


_PROCESSES = 4


class Processes(Hooks):
    """
    Writers that create the place at once, race for one project, one key, one piece of work.
    """

    def test_handles_see_each_other(self, tmp_path: Path) -> None:
        """
        What one handle committed is there for the next call of another.
        """
        self.needs("multi_process")
        first, second = self.make_store(tmp_path), self.make_store(tmp_path)
        empty = second.feed()
        project = grow(first)
        seen = (second.head("P-1"), len(second.feed(empty.cursor).facts), list(second.find(stage="lead")))
        first.close()
        second.close()

        assert (project, 3, [project]) == seen

    def test_opened_by_many_at_once(self, tmp_path: Path) -> None:
        """
        Eight handles that open an empty place at the same moment share it, whoever of them prepares it.
        """
        self.needs("multi_process")
        start = Barrier(8, timeout=60)
        with ThreadPoolExecutor(8) as pool:
            beginning = [
                pool.submit(open_at_once, self.make_store, tmp_path, start, f"P-{number}") for number in range(8)
            ]
        for each in beginning:
            each.result()
        with closing(self.make_store(tmp_path)) as store:
            found, problems = [each.id for each in store.find()], store.check(deep=True).problems

        assert ([f"P-{number}" for number in range(8)], ()) == (found, problems)

    def test_readers_see_whole_commits_of_others(self, tmp_path: Path) -> None:
        """
        While another process moves money between two projects, every look at both finds the same sum.
        """
        self.needs("multi_process")
        with closing(self.make_store(tmp_path)) as store:
            write(store, opened("A", FieldSet("sum", 100)), opened("B", FieldSet("sum", 100)))
            sums, pages = {200}, {0}
            with self.spawn(tmp_path, transfer, "60") as process:
                while process.poll() is None:
                    sums.add(sum(each.fields["sum"] for each in store.find()))
                    pages.add(len(store.feed().facts) % 2)
            versions = [each.version for each in store.find()]

        assert ({200}, {0}, [61, 61]) == (sums, pages, versions)

    def test_processes_on_own_projects(self, tmp_path: Path) -> None:
        """
        Processes that begin on an empty place at once lose nothing, and a reader that follows misses nothing.
        """
        self.needs("multi_process")
        with ExitStack() as stack:
            running = [
                stack.enter_context(self.spawn(tmp_path, grow_own, f"P-{number}", "25")) for number in range(_PROCESSES)
            ]
            store = self.make_store(tmp_path)
            seen = follow_while(store, lambda: any(process.poll() is None for process in running))
        found = [(each.project_id, each.version) for each in seen]
        problems = store.check(deep=True).problems
        store.close()

        assert [0] * _PROCESSES == [process.returncode for process in running]
        assert [(f"P-{number}", version) for number in range(_PROCESSES) for version in range(1, 26)] == sorted(found)
        assert () == problems

    def test_processes_on_one_project(self, tmp_path: Path) -> None:
        """
        Processes that add to one number lose no addition.
        """
        self.needs("multi_process")
        printed = self._all(tmp_path, add_up, *_calls("10"))
        store = self.make_store(tmp_path)
        found = [(each.version, each.fields["sum"]) for each in store.find(stage="lead")]
        store.close()

        assert (["10"] * _PROCESSES, [(10 * _PROCESSES + 1, 10 * _PROCESSES)]) == (printed, found)

    def test_processes_with_one_key(self, tmp_path: Path) -> None:
        """
        The same request from several processes at once makes one fact.
        """
        self.needs("multi_process")
        printed = self._all(tmp_path, commit_once, *_calls())
        store = self.make_store(tmp_path)
        found = list(store.load(PROJECT))
        left = len(store.feed().facts)
        store.close()

        assert ["False", *["True"] * (_PROCESSES - 1)] == sorted(printed)
        assert ([opened(PROJECT).fact], 1 + _PROCESSES) == (found, left)

    def test_processes_never_hold_the_same_work(self, tmp_path: Path) -> None:
        """
        Processes that claim at once never hold the same work, and leave none.
        """
        self.needs("multi_process")
        store: Store = self.make_store(tmp_path)
        write(store, opened())
        store.commit(commit(dues=[due(deadline=f"on_{number:02}") for number in range(40)]))
        printed = self._all(tmp_path, take_all, *_calls("40"))
        left = claim(store, "deadline")
        store.close()

        assert ([f"d:P-1:1:on_{number:02}" for number in range(40)], []) == (sorted(printed), left)

    def _all(self, place: Path, task: Callable[..., None], *calls: tuple[str, ...]) -> list[str]:
        """
        Run a task in a process for each call, all at once; return the lines they printed.
        """
        with ExitStack() as stack:
            running = [stack.enter_context(self.spawn(place, task, *call)) for call in calls]
            return [line.strip() for process in running for line in process.stdout or ()]


def open_at_once(make_store: Callable[[Path], Store], place: Path, start: Barrier, name: str) -> None:
    """
    Make a store at the moment at which all others do, and open a project in it.
    """
    start.wait()
    with closing(make_store(place)) as store:
        write(store, opened(name))


def _calls(*more: str) -> list[tuple[str, ...]]:
    """
    Return the arguments of each process: its name, how many there are, and what else its task takes.
    """
    return [(f"process-{number}", str(_PROCESSES), *more) for number in range(_PROCESSES)]
