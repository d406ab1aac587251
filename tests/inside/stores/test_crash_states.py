"""
Every state that a power cut may leave is opened: nothing acknowledged is lost, and nothing is half there.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from salesflow.errors import SalesflowError, StoreFailedError
from salesflow.stores import JournalStore
from salesflow.stores._journal import segments as _segments

from ...stores.factory import dump
from .crashing import DEEP, Crashing, answers, commits, dropped, history, put, small


pytestmark = pytest.mark.slow


LIMIT = 60 if DEEP else 4


class Cuts:
    """Opens what a power cut may leave, once for each state and each number of acknowledged steps."""

    def __init__(self, disk: Crashing, place: Path, expected: list, known: int = 0) -> None:
        self.disk, self.place, self.expected, self.known = disk, place, expected, known
        self.seen: set = set()
        self.lost: list[str] = []
        self.chance = random.Random(1)
        disk.cut = self.cut

    def cut(self) -> None:
        for state in self.disk.states(LIMIT, self.chance):
            if (state, self.known) not in self.seen:
                self.seen.add((state, self.known))
                self.open(state)

    def open(self, state) -> None:
        folder = put(self.place / str(len(self.seen)), state)
        try:
            with small(folder) as store:
                found, problems = dump(store), store.check(deep=True).problems
            if found not in self.expected[self.known : self.known + 2] or problems:
                self.lost.append(f"after step {self.known}: {len(found[0])} facts, {problems}")
        except (SalesflowError, OSError) as error:
            self.lost.append(f"after step {self.known}: {error!r}")
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _little_reserve(monkeypatch):
    """A megabyte of zeros in every state would only take time."""
    monkeypatch.setattr(_segments, "_RESERVE", 1500)


@pytest.fixture
def place(tmp_path):
    made = tmp_path / "cuts"
    made.mkdir()
    return made


def run(store: JournalStore, cuts: Cuts, steps) -> None:
    for step in steps[cuts.known :]:
        step(store)
        cuts.known += 1


def test_power_cut_while_writing(folder, place):
    """
    Whatever of unsynced sectors and names a power cut leaves while lines and files are written.
    """
    steps = history()
    folder.mkdir(mode=0o700)
    disk = Crashing(folder)
    cuts = Cuts(disk, place, answers(steps))
    with small(folder, disk) as store:
        run(store, cuts, steps)

    assert [] == cuts.lost
    assert len(cuts.seen) > 200


def left_behind(folder: Path, steps, known: int, *, torn: bytes = b"") -> None:
    """Leave a journal as a killed process does, perhaps in the middle of a line."""
    store = small(folder)
    for step in steps[:known]:
        step(store)
    dropped(store)
    last = max(folder.glob("*.sfj"))
    last.write_bytes(last.read_bytes().rstrip(b"\0") + torn)


@pytest.mark.parametrize("torn", [b"", b"00000000 00000000 2 {"], ids=["whole", "torn"])
@pytest.mark.parametrize("known", [1, 3, 5, 8] if DEEP else [1, 5])
def test_power_cut_while_opening(folder, place, known, torn):
    """
    The same while a journal that was not closed is opened again, and then written to.
    """
    steps = history()
    left_behind(folder, steps, known, torn=torn)
    disk = Crashing(folder)
    cuts = Cuts(disk, place, answers(steps), known)
    with small(folder, disk) as store:
        run(store, cuts, steps[: known + 1])

    assert [] == cuts.lost
    assert len(cuts.seen) > 5


def after_a_failed_sync(folder: Path, place: Path, number: int) -> list[str]:
    """Let the n-th commit fail to sync; open again, repeat it with its key, go on, and cut the power whenever."""
    wanted = commits()
    steps = [lambda store, each=each: store.commit(each) for each in wanted]
    folder.mkdir(mode=0o700)
    disk = Crashing(folder)
    store = small(folder, disk)
    for step in steps[:number]:
        step(store)
    disk.failing = True
    with pytest.raises(StoreFailedError):
        store.commit(wanted[number])
    store.close()
    cuts = Cuts(disk, place, answers(steps), number)
    with small(folder, disk) as store:
        run(store, cuts, steps)
    return cuts.lost


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5] if DEEP else [0, 3])
def test_power_cut_after_a_failed_sync(folder, place, number):
    """
    What is acknowledged after a failed sync stands on nothing that only the system's memory has.
    """
    assert [] == after_a_failed_sync(folder, place, number)


def test_syncing_again_would_lose(folder, place, monkeypatch):
    """
    The same with a journal that merely syncs its last file once more is caught.
    """
    monkeypatch.setattr(_segments, "rewrite_segment", lambda path, fd, data, end, disk: disk.sync(fd))

    assert after_a_failed_sync(folder, place, 1)


def test_not_syncing_is_caught(folder, place):
    """
    A disk that acknowledges before anything is on the medium is caught.
    """
    steps = history()
    folder.mkdir(mode=0o700)
    disk = Crashing(folder)
    disk._sync = lambda *_arguments: None
    cuts = Cuts(disk, place, answers(steps))
    with small(folder, disk) as store:
        run(store, cuts, steps)

    assert cuts.lost
