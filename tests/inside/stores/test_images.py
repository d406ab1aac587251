"""
Copies of a journal taken at any moment while somebody writes, as a power cut or a backup of a running machine does.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from salesflow.stores import JournalStore
from salesflow.stores._journal.segments import DRAFT

from ...stores.factory import changed, opened, write
from ..builders import FastDisk
from .crashing import DEEP, put, small


IMAGES = 300 if DEEP else 12
MOST = 2_000  # facts in all


def image(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """The files of a folder: the last segment, then its successor's draft while it is the last, then the rest."""
    last, found = "", {}
    while last != newest(folder):
        last = newest(folder)
        found = {name: content(folder / name) for name in (last, DRAFT)}
    for name in sorted((path.name for path in folder.iterdir()), reverse=True):
        if name != DRAFT and (name < last or not name.endswith(".sfj")):
            found.setdefault(name, content(folder / name))
    return tuple((name, data) for name, data in found.items() if data is not None)


def newest(folder: Path) -> str:
    return max((path.name for path in folder.glob("*.sfj")), default="none")


def content(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):  # it got another name meanwhile
        return path.read_bytes()
    return None


class Freezing(FastDisk):
    """A disk that is copied in the middle of its writes, sector by sector, before it knows of the rest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[tuple[int, tuple[tuple[str, bytes], ...]]] = []
        self.known = self.calls = 0

    def write(self, fd: int, data: bytes, offset: int) -> int:
        self.calls += 1
        part = self.calls * 97 % (len(data) + 1)
        super().write(fd, data[:part], offset)
        if len(self.taken) < IMAGES or self.calls % 5 == 0:
            self.taken.append((self.known, image(self.folder)))
        return part + super().write(fd, data[part:], offset + part)


def test_images_of_a_frozen_disk(folder, tmp_path):
    """
    An image taken in the middle of any write has every acknowledged commit, and at most one more.
    """
    disk = Freezing(folder)
    with small(folder, disk) as store:
        project = write(store, opened())
        while len(disk.taken) < IMAGES:
            disk.known = project.version
            project = write(store, changed(project))
    for number, (known, files) in enumerate(disk.taken):
        with small(put(tmp_path / str(number), files)) as again:
            found = [each.version for each in again.load("P-1")]

            assert found in ([*range(1, known + 1)], [*range(1, known + 2)])
            assert again.check(deep=True).ok

    assert disk.taken[-1][0] > 5


@pytest.mark.threads
def test_images_while_a_thread_writes(folder, tmp_path):
    """
    An image taken at any moment, file by file from the newest to the oldest, opens to a beginning of the history.
    """
    store = small(folder)
    taken: list[tuple[tuple[str, bytes], ...]] = []

    def take() -> None:
        while len(taken) < IMAGES:
            taken.append(image(folder))

    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(take)
        project = write(store, opened())
        while not taking.done() and project.version < MOST:  # a slow machine takes few images of many files
            project = write(store, changed(project))
        taking.result()
    store.close()
    for number, files in enumerate(taken):
        place = put(tmp_path / str(number), files)
        with JournalStore(place, disk=FastDisk()) as again:
            found = [each.version for each in again.load("P-1")]

            assert [*range(1, len(found) + 1)] == found
