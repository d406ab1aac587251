"""
Section F of the contract: what was acknowledged is there, whatever happened to the process.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from subprocess import Popen, TimeoutExpired
from time import monotonic

import pytest

from ...errors import SalesflowError, StoreError, StoreLockedError
from ...typing import Store
from .facts import LEASE, NOW, attempt, changed, claim, commit, due, dump, grow, key, notice, opened, write
from .hooks import Hooks
from .tasks import PROJECT, consume, fork_while_open, write_without_end


_PER_PLACE = 10
_IMAGES = 50
_CONSUMERS = ("first", "second")
_ROUNDS = "1000000"
_GOLDEN = 0.618


class Crash(Hooks):
    """
    Opening again, crashing, and being killed. Only for stores that are durable.
    """

    def test_opening_again_keeps_everything(self, tmp_path: Path) -> None:
        """
        A store that is closed and opened again answers as before.
        """
        store = self.make_store(tmp_path)
        _fill(store)
        before = dump(store)
        store = self.reopen(store, tmp_path)
        after, found = dump(store), store.check(deep=True)
        store.close()

        assert (before, ()) == (after, found.problems)

    def test_crash_keeps_what_was_acknowledged(self, tmp_path: Path) -> None:
        """
        A store whose handle was dropped without closing answers as before, and goes on.
        """
        store = self.make_store(tmp_path)
        _fill(store)
        before, cursor = dump(store), store.feed().cursor
        store = self.after_crash(store, tmp_path)
        after, found = dump(store), store.check(deep=True)
        grow(store, "late", facts=2)
        late = store.feed(cursor).facts
        store.close()

        assert (before, ()) == (after, found.problems)
        assert [("late", 1), ("late", 2)] == [(each.project_id, each.version) for each in late]

    def test_nothing_goes_to_a_place_that_is_gone(self, tmp_path: Path) -> None:
        """
        When the files were taken away under an open store, what it still acknowledges is there afterwards.
        """
        self.needs("durable")
        (place := tmp_path / "place").mkdir(mode=0o700)
        store = self.make_store(place)
        project = grow(store)
        for each in place.iterdir():
            each.unlink()
        with suppress(StoreError):
            project = write(store, changed(project))
        acknowledged = project.version > 3
        with suppress(StoreError):
            store.close()
        again = self.make_store(place)
        found = again.head("P-1")
        again.close()

        assert acknowledged is (found is not None)

    def test_reading_makes_nothing(self, tmp_path: Path) -> None:
        """
        Whoever only reads reads what is there, and is refused where there is no store; nothing is made then.
        """
        self.needs("durable")
        for name in ("used", "empty"):
            (tmp_path / name).mkdir(mode=0o700)
        store = self.make_store(tmp_path / "used")
        project = grow(store)
        store.close()
        reader = self.make_reader(tmp_path / "used")
        found = reader.head("P-1")
        reader.close()
        with suppress(SalesflowError):
            self.make_reader(tmp_path / "empty").close()

        assert (project, []) == (found, list((tmp_path / "empty").iterdir()))

    def test_killed_writers(self, tmp_path: Path) -> None:
        """
        After ``kill -9`` at any moment no acknowledged commit is lost, at most one more is there, and each is whole.
        """
        self.needs("durable")
        for number in range(self.kills):
            place = tmp_path / str(number // _PER_PLACE)
            place.mkdir(exist_ok=True)
            acknowledged = self._write_and_kill(place, number)
            with closing(self.make_store(place)) as store:
                found = _whole_version(store, NOW + timedelta(days=number, hours=12))

            assert found in (acknowledged, acknowledged + 1)

    def _write_and_kill(self, place: Path, number: int) -> int:
        """
        Let a process write, kill it after some commits, and return the last version it printed.

        The kills fall evenly over the time from one commit to the next, however long that is.
        """
        commits = 2 + number * 7 % 23
        with self.spawn(place, write_without_end, str(number), _ROUNDS) as process:
            lines = iter(process.stdout or ())
            acknowledged, pace = _read(lines, commits)
            _kill_after(process, pace * (number * _GOLDEN % 1))
            return [acknowledged, *[int(line) for line in lines if line.endswith("\n")]][-1]

    def test_images_of_the_files(self, tmp_path: Path) -> None:
        """
        A copy of the files, taken at any moment of writing, opens as the store of that moment.
        """
        self.needs("durable")
        place = tmp_path / "place"
        place.mkdir()
        with self.spawn(place, write_without_end, "0", _ROUNDS) as process, ExitStack() as stack:
            stack.callback(process.kill)
            lines = iter(process.stdout or ())
            for number in range(min(self.kills, _IMAGES)):
                acknowledged, pace = _read(lines, 2 + number * 7 % 5)
                with suppress(TimeoutExpired):  # somewhere between two commits, and not always after one
                    process.wait(pace * (number * _GOLDEN % 1))
                with _frozen(process):
                    image = Path(shutil.copytree(place, tmp_path / f"image-{number}"))
                    self._needs_files(image)
                    with closing(self.make_store(image)) as store:
                        found = _whole_version(store, NOW + timedelta(hours=12))

                assert acknowledged <= found

    def test_killed_consumers(self, tmp_path: Path) -> None:
        """
        Who keeps the cursor in the commit of its effect applies every fact once, however often it is killed.
        """
        self.needs("durable")
        rounds = min(max(1, self.kills // 5), 20)
        facts = 12 + 6 * rounds
        with closing(self.make_store(tmp_path)) as store:
            grow(store, PROJECT, facts=facts)
        together = [_CONSUMERS] if self.caps.multi_process else [(each,) for each in _CONSUMERS]
        for number in range(rounds + 1):
            for names in together:
                self._consume(tmp_path, names, number if number < rounds else None)
        with closing(self.make_store(tmp_path)) as store:
            ledgers = [store.head(f"{name}.ledger") for name in _CONSUMERS]

        assert [" ".join(map(str, range(1, facts + 1)))] * 2 == [each and each.fields["noted"] for each in ledgers]

    def _consume(self, place: Path, names: tuple[str, ...], number: int | None) -> None:
        """
        Let consumers run to the end of the feed, or kill each of them somewhere after its second commit.
        """
        with ExitStack() as stack:
            running = [stack.enter_context(self.spawn(place, consume, name)) for name in names]
            for process in running:
                lines = iter(process.stdout or ())
                if number is not None:
                    next(lines, None)
                    began = monotonic()
                    next(lines, None)
                    _kill_after(process, (monotonic() - began) * ((number + 1) * _GOLDEN % 1))
                list(lines)

    def test_files_are_private(self, tmp_path: Path) -> None:
        """
        Whatever the umask says, no file of a store is open to anybody but its owner, also after a crash.
        """
        self.needs("durable")
        place = tmp_path / "place"
        place.mkdir(mode=0o700)
        before = os.umask(0)
        try:
            store = self.make_store(place)
            _fill(store)
            self.crash(store)
            with closing(self.make_store(place)) as store:
                grow(store, "late")
                found = _modes(place)
            found |= _modes(place)
        finally:
            os.umask(before)
        self._needs_files(place)

        assert {} == {name: stat.filemode(mode) for name, mode in found.items() if mode & 0o077}

    def _needs_files(self, place: Path) -> None:
        if not any(place.iterdir()):
            pytest.skip("the store keeps no files in its place")

    def test_killed_writer_leaves_no_lock(self, tmp_path: Path) -> None:
        """
        A store with one writer refuses a second one at once, and is free when the first was killed.
        """
        self.needs("durable")
        if self.caps.multi_process:
            pytest.skip("the store takes several writers")
        with self.spawn(tmp_path, write_without_end, "0", _ROUNDS) as process:
            next(iter(process.stdout or ()))
            with pytest.raises(StoreLockedError):
                self.make_store(tmp_path)
            process.kill()

        self.make_store(tmp_path).close()

    def test_forked_handle(self, tmp_path: Path) -> None:
        """
        A forked child is refused by the store of its parent, and the parent goes on unharmed.
        """
        self.needs("durable")
        with self.spawn(tmp_path, fork_while_open) as process:
            printed = [line.strip() for line in process.stdout or ()]
        store = self.make_store(tmp_path)
        found = [(each.project_id, each.version) for each in store.feed().facts]
        store.close()

        assert (["0"], [(PROJECT, 1), (PROJECT, 2)]) == (printed, found)


def _read(lines: Iterator[str], commits: int) -> tuple[int, float]:
    """
    Return the last version of some that a process prints, and the seconds from one to the next.
    """
    seen = [int(next(lines))]
    began = monotonic()
    seen += [int(next(lines)) for _ in range(commits - 1)]
    return seen[-1], (monotonic() - began) / (commits - 1)


def _kill_after(process: Popen[str], seconds: float) -> None:
    with suppress(TimeoutExpired):
        process.wait(seconds)
    process.kill()


@contextmanager
def _frozen(process: Popen[str]) -> Generator[None]:
    """
    Stop a process wherever it is, and let it go on afterwards.
    """
    process.send_signal(SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    try:
        yield
    finally:
        process.send_signal(SIGCONT)


def _modes(place: Path) -> dict[str, int]:
    return {str(each.relative_to(place)): each.stat().st_mode for each in place.rglob("*")}


def _fill(store: Store) -> None:
    """
    Leave something of everything in a store.
    """
    first, second = opened(owner="li.wei"), opened("P-2")
    notices = [notice(amount=7), notice(), notice()]
    store.commit(commit(first, second, key=key(), notices=notices, dues=[due(), due(at=NOW + LEASE, deadline="rot")]))
    held = claim(store, limit=2)
    store.commit(commit(changed(first.project), attempts=[attempt()], done=held[:1]))
    store.release(held[1], retry_at=None, error="no such address")
    store.commit(commit(dropped=[("P-2", 1)], dues=[due("P-2", visit=2)]))


def _whole_version(store: Store, at: datetime) -> int:
    """
    Return up to which version commits of ``write_without_end`` are there, and assert that each of them is whole.
    """
    head = store.head(PROJECT)
    version = 0 if head is None else head.version
    opened_with = [f"C-{number}" for number in range(1, version)]

    assert list(range(1, version + 1)) == [each.version for each in store.load(PROJECT)]
    assert sorted([*opened_with, PROJECT]) == [each.id for each in store.find(limit=100_000)]
    assert [number + 1 for number in range(1, version)] == [
        getattr(store.committed(key(f"k-{number}")), "version", None) for number in range(1, version)
    ]
    assert [f"n:{PROJECT}:{version}:0"] == [each.work.id for each in claim(store, at=at)]
    assert [version - 1][: version - 1] == [
        getattr(each.work.body, "visit", None) for each in claim(store, "deadline", at=at)
    ]
    assert () == store.check(deep=True).problems
    return version
