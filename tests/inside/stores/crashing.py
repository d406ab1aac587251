"""
Disks for tests of crashes: one that knows what a power cut may leave, one that fails or stops at its n-th call; and
a history to write meanwhile.
"""

from __future__ import annotations

import itertools
import math
import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import settings

from salesflow.stores import JournalStore, MemoryStore

from ...stores.factory import attempt, changed, claimed, commit, due, dump, io_error, key, notice, opened
from ..builders import FastDisk


DEEP = settings.default.max_examples >= 1000
SECTOR = 512
PREFIX = ["open", "read", "write", "sync", "reserve", "truncate", "rename", "remove", "sync_folder"]

Step = Callable[[Any], Any]


def small(folder: Path, disk: Any = None) -> JournalStore:
    """A journal whose files take two or three facts."""
    return JournalStore(folder, segment_bytes=900, disk=disk or FastDisk())


def _batch(*commits: Any) -> Step:
    def run(store: Any) -> None:
        with store.batch():
            for each in commits:
                store.commit(each)

    return run


def commits() -> list[Any]:
    """Commits that follow each other, each with a key of its own."""
    first, second = opened(owner="li.wei"), opened("P-2")
    third = changed(first.project)
    made = [
        commit(first, key=key("k-0"), notices=[notice(), notice(amount=7)]),
        commit(third, second, key=key("k-1"), dues=[due(), due("P-2", days=3)]),
    ]
    heads = [third.project, second.project]
    for number in range(2, 8):
        append = changed(heads[number % 2])
        heads[number % 2] = append.project
        name = append.project.id
        made.append(commit(append, key=key(f"k-{number}", project_id=name), attempts=[attempt(name)]))
    return made


def history() -> list[Step]:
    """Steps that are a line each: commits, a claim, a batch."""
    steps: list[Step] = [lambda store, each=each: store.commit(each) for each in commits()]
    last = opened("P-3")
    steps.insert(3, lambda store: claimed(store, limit=1))
    return [*steps, _batch(commit(last, opened("P-4")), commit(changed(last.project)))]


def answers(steps: list[Step]) -> list[Any]:
    """What a store answers before the first step, and after each."""
    store = MemoryStore()
    found = [dump(store)]
    for step in steps:
        step(store)
        found.append(dump(store))
    return found


class Disk(FastDisk):
    """A disk all of whose calls come by one door."""

    def call(self, name: str, do: Callable[[], Any], *arguments: Any) -> Any:
        """Do a call; a subclass does more, or less."""
        return do()

    def open(self, path: Path, flags: int) -> int:
        return self.call("open", lambda: os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), path, flags)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return self.call("read", lambda: os.pread(fd, size, offset))

    def write(self, fd: int, data: Any, offset: int) -> int:
        return self.call("write", lambda: os.pwrite(fd, data, offset), fd, bytes(data), offset)

    def sync(self, fd: int) -> None:
        self.call("sync", lambda: None, fd)

    def reserve(self, fd: int, offset: int, size: int) -> None:
        self.call("reserve", lambda: os.posix_fallocate(fd, offset, size), fd, offset, size)

    def truncate(self, fd: int, size: int) -> None:
        self.call("truncate", lambda: os.ftruncate(fd, size), fd, size)

    def rename(self, source: Path, target: Path) -> None:
        self.call("rename", lambda: source.rename(target), source, target)

    def remove(self, path: Path) -> None:
        self.call("remove", path.unlink, path)

    def sync_folder(self, path: Path) -> None:
        self.call("sync_folder", lambda: None, path)


class NthDisk(Disk):
    """A disk that does something before or after its n-th call; *once*, or from there on."""

    def __init__(self, number: int, act: Callable[[], Any], *, after: bool = False, once: bool = True) -> None:
        self.number, self.act, self.after, self.once = number, act, after, once
        self.calls = 0
        self.acted: list[str] = []

    def call(self, name: str, do: Callable[[], Any], *arguments: Any) -> Any:
        self.calls += 1
        due_now = self.calls == self.number or (self.calls > self.number and not self.once)
        if not due_now:
            return do()
        self.acted.append(name)
        if self.after:
            do()
        self.act()
        return do()


def fails(error: BaseException) -> Callable[[], None]:
    """Something that fails when it is called."""

    def act() -> None:
        raise error

    return act


class _Piece(NamedTuple):
    """A part of a write that reaches the medium whole, as zeros, or not at all."""

    file: int
    offset: int
    data: bytes


class Crashing(Disk):
    """
    A disk that notes what is on the medium, and what only the system's memory has.

    It tells ``cut`` after every call that changed something. Bytes that no write touched stay; of the others each
    sector may have come or not, or be zeros. Names that were not synced may be missing, each for itself.
    """

    def __init__(self, folder: Path) -> None:
        self.cut: Callable[[], None] = lambda: None
        self.failing = False
        self.medium: dict[int, bytes] = {}
        self.waiting: dict[int, list[Any]] = {}
        self.names: dict[str, int] = {}
        self.now: dict[str, int] = {}
        self.renamed: list[tuple[str, ...]] = []
        self.inodes: dict[int, int] = {}
        for path in folder.iterdir():
            self._known(path.name, path.stat().st_ino, path.read_bytes())
        self.names = dict(self.now)

    def _known(self, name: str, inode: int, data: bytes) -> int:
        number = len(self.medium)
        self.inodes[inode] = self.now[name] = number
        self.medium[number], self.waiting[number] = data, []
        return number

    def call(self, name: str, do: Callable[[], Any], *arguments: Any) -> Any:
        made = name == "open" and arguments[0].name not in self.now
        if name == "sync" and self.failing:
            self.failing = False
            self.waiting[self._number(arguments[0])].clear()  # clean, says the system, but it is not there
            raise io_error()
        found = do()
        if name != "read":
            getattr(self, f"_{name}")(made, found, *arguments)
            self.cut()
        return found

    def _number(self, fd: int) -> int:
        return self.inodes[os.fstat(fd).st_ino]

    def _open(self, made: bool, fd: int, path: Path, flags: int) -> None:
        if made:
            number = self._known(path.name, os.fstat(fd).st_ino, b"")
            self.renamed.append(("make", path.name, str(number)))
        elif flags & os.O_TRUNC:
            self._truncate(made, None, fd, 0)

    def _write(self, _made: bool, taken: int, fd: int, data: bytes, offset: int) -> None:
        number, end = self._number(fd), offset + taken
        edges = [offset, *range((offset // SECTOR + 1) * SECTOR, end, SECTOR), end]
        for start, stop in itertools.pairwise(edges):
            self.waiting[number].append(_Piece(number, start, data[start - offset : stop - offset]))

    def _reserve(self, _made: bool, _found: None, fd: int, offset: int, size: int) -> None:
        self.waiting[self._number(fd)].append((self._number(fd), "reserve", offset + size))

    def _truncate(self, _made: bool, _found: None, fd: int, size: int) -> None:
        self.waiting[self._number(fd)].append((self._number(fd), "truncate", size))

    def _sync(self, _made: bool, _found: None, fd: int) -> None:
        number = self._number(fd)
        self.medium[number] = _applied(self.medium[number], [(each, 1) for each in self.waiting[number]])
        self.waiting[number].clear()

    def _rename(self, _made: bool, _found: None, source: Path, target: Path) -> None:
        self.now[target.name] = self.now.pop(source.name)
        self.renamed.append(("rename", source.name, target.name))

    def _remove(self, _made: bool, _found: None, path: Path) -> None:
        del self.now[path.name]
        self.renamed.append(("remove", path.name))

    def _sync_folder(self, _made: bool, _found: None, path: Path) -> None:
        self.names = dict(self.now)
        self.renamed.clear()

    def states(self, limit: int, chance: random.Random) -> Iterator[tuple[tuple[str, bytes], ...]]:
        """What a power cut may leave now: every state, or so many of them if there are more."""
        parts: list[Any] = [*self.renamed, *itertools.chain.from_iterable(self.waiting.values())]
        choices = [3 if isinstance(part, _Piece) else 2 for part in parts]
        for chosen in _chosen(choices, limit, chance):
            yield self._left(list(zip(parts, chosen, strict=True)))

    def _left(self, fates: list[tuple[Any, int]]) -> tuple[tuple[str, bytes], ...]:
        names = dict(self.names)
        for part, fate in fates[: len(self.renamed)]:
            if fate and part[0] == "make":
                names[part[1]] = int(part[2])
            elif fate and part[1] in names:
                number = names.pop(part[1])
                names.update({part[2]: number} if part[0] == "rename" else {})
        files = {
            number: [each for each in fates[len(self.renamed) :] if each[0][0] == number] for number in self.medium
        }
        return tuple((name, _applied(self.medium[number], files[number])) for name, number in sorted(names.items()))


def _applied(data: bytes, fates: list[tuple[Any, int]]) -> bytes:
    """The bytes of a file after changes: 0 is not at all, 1 is whole, 2 is as zeros."""
    made = bytearray(data)
    for part, fate in fates:
        if not fate:
            continue
        if isinstance(part, _Piece):
            made.extend(bytes(max(part.offset - len(made), 0)))
            made[part.offset : part.offset + len(part.data)] = part.data if fate == 1 else bytes(len(part.data))
        elif part[1] == "reserve":
            made.extend(bytes(max(part[2] - len(made), 0)))
        else:
            made = made[: part[2]].ljust(part[2], b"\0")
    return bytes(made)


def _chosen(choices: list[int], limit: int, chance: random.Random) -> Iterator[tuple[int, ...]]:
    if math.prod(choices) <= limit:
        yield from itertools.product(*map(range, choices))
        return
    yield from ((base,) * len(choices) for base in (0, 1))
    singles = [
        (base,) * at + (fate,) + (base,) * (len(choices) - at - 1)
        for base in (0, 1)
        for at, count in enumerate(choices)
        for fate in range(count)
    ]
    yield from chance.sample(singles, min(limit // 2, len(singles)))
    for _ in range(limit // 2):
        yield tuple(map(chance.randrange, choices))


def put(folder: Path, state: tuple[tuple[str, bytes], ...]) -> Path:
    """Make a folder that is as a power cut left it."""
    folder.mkdir(mode=0o700)
    for name, data in state:
        (folder / name).write_bytes(data)
    return folder


def dropped(store: JournalStore) -> None:
    """Leave a store as a killed process does."""
    with suppress(AttributeError):  # it was never opened
        store._descriptors.close()
