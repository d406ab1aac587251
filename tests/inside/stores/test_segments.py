"""
A journal of several files: full ones are sealed, and nothing in them may ever be wrong or missing.
"""

from __future__ import annotations

import errno
import hashlib
import json
from pathlib import Path

import pytest

from salesflow.errors import (
    StoreClosedError,
    StoreCorruptError,
    StoreFailedError,
    StoreFullError,
    StoreUnavailableError,
)
from salesflow.stores import JournalStore
from salesflow.stores._journal.line_format import make_line, read_header, read_line

from ...stores.factory import changed, claimed, commit, dump, grow, io_error, notice, opened, write
from ..builders import FailingDisk, FastDisk


def small(folder: Path, disk=None) -> JournalStore:
    """A journal whose files take two or three facts."""
    return JournalStore(folder, segment_bytes=700, disk=disk or FastDisk())


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sfj"))


def written(folder: Path, facts: int = 8) -> list[Path]:
    """A closed journal of several files."""
    with small(folder) as store:
        grow(store, facts=facts)
    return files(folder)


def payloads(path: Path) -> list[dict]:
    return [json.loads(line.split(b" ", 3)[3]) for line in path.read_bytes().splitlines()]


def test_rolls(folder):
    """
    A full file ends with its seal, and the next one, named after its first fact, names the digest in it.
    """
    paths = written(folder)
    contents = [payloads(path) for path in paths]
    digests = [hashlib.sha256(b"".join(path.read_bytes().splitlines(True)[:-1])).hexdigest() for path in paths]
    firsts = [each[1]["position"] for each in contents]

    assert 3 <= len(paths)
    assert [f"{each:020}.sfj" for each in firsts] == [path.name for path in paths]
    assert [each[0]["first"] for each in contents] == firsts
    assert [{"seal": len(each) - 1, "sha256": sha} for each, sha in zip(contents, digests, strict=True)][:-1] == [
        each[-1] for each in contents[:-1]
    ]
    assert [None, *digests[:-1]] == [each[0].get("prev") for each in contents]
    assert not (folder / "draft").exists()


def test_reopened_equal(folder):
    """
    Everything is found again across files, by the handle that wrote it and by the next one.
    """
    with small(folder) as store:
        project = grow(store, facts=5)
        store.commit(commit(changed(project), opened("P-2"), notices=[notice()]))
        claimed(store)
        grow(store, "P-3", facts=6)
        before = dump(store)
        checked = store.check(deep=True)
    with small(folder) as again:
        assert (before, 13, ()) == (dump(again), checked.facts, checked.problems)

        grow(again, "P-4", facts=6)
        before = dump(again)
    with JournalStore(folder) as large:
        assert before == dump(large)
        assert large.check(deep=True).ok


def test_only_facts_begin_a_file(folder):
    """
    Files are named after facts, so changes to work alone never begin one.
    """
    with small(folder) as store:
        store.commit(commit(opened(), notices=[notice()]))
        count = len(files(folder))
        for days in range(1, 30):
            claimed(store, days=days)

        assert (1, 2) == (count, len(files(folder)))
        assert [29] == [each.attempts for each in claimed(store, days=29)] or claimed(store, days=30)[0].attempts == 30


def test_damage_in_a_full_file(folder):
    """
    In a file that is sealed every wrong byte is damage, also in its last line.
    """
    first = written(folder)[0]
    data = first.read_bytes()
    for at in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[at] ^= 0x01
        first.write_bytes(damaged)
        with pytest.raises(StoreCorruptError) as caught:
            small(folder)
        number = data[:at].count(b"\n") + 1

        assert caught.value.place.startswith(f"{first}:{number}, byte ")


@pytest.mark.parametrize("lines", [1, 2, -1])
def test_full_file_cut_short(folder, lines):
    """
    A file that is not the last one and has no seal has lost lines.
    """
    first = written(folder)[0]
    kept = first.read_bytes().splitlines(keepends=True)[:lines]
    first.write_bytes(b"".join(kept))
    with pytest.raises(StoreCorruptError, match="does not end with its seal") as caught:
        small(folder)

    assert f"{first}:{len(kept) + 1}, byte {sum(map(len, kept))}" == caught.value.place


@pytest.mark.parametrize("number", [0, 1, -1], ids=["first", "middle", "last"])
def test_missing_file(folder, number):
    """
    A file that is gone is noticed, whichever it is.
    """
    written(folder)[number].unlink()
    with pytest.raises(StoreCorruptError, match="missing"):
        small(folder)


def test_file_of_another_journal(folder, tmp_path):
    """
    A file of another journal does not fit, though every line of it is whole.
    """
    paths = written(folder)
    others = written(tmp_path / "other")
    paths[-1].write_bytes(others[-1].read_bytes())
    with pytest.raises(StoreCorruptError, match="does not follow the segment before it"):
        small(folder)


def test_renamed_file(folder):
    """
    A file under another name is not taken for what it says.
    """
    last = written(folder)[-1]
    last.rename(folder / f"{99:020}.sfj")
    with pytest.raises(StoreCorruptError, match="does not follow the segment before it"):
        small(folder)


def test_zeros_behind_a_seal(folder):
    """
    A reserve that was not cut off a full file is no damage; anything else is.
    """
    first = written(folder)[0]
    data = first.read_bytes()
    first.write_bytes(data + bytes(9000))
    with small(folder) as store:
        assert list(range(1, 9)) == [each.version for each in store.load("P-1")]
    first.write_bytes(data + b"more")
    with pytest.raises(StoreCorruptError):
        small(folder)


def in_the_middle(folder: Path) -> tuple[bytes, bytes]:
    """Leave a journal as a crash after sealing leaves it; return the header that waits, and the seal."""
    paths = written(folder)
    for path in paths[2:]:
        path.unlink()
    header = paths[1].read_bytes().splitlines(keepends=True)[0]
    paths[1].unlink()
    (folder / "draft").write_bytes(header)
    return header, paths[0].read_bytes().splitlines(keepends=True)[-1]


def test_crash_after_sealing(folder):
    """
    A crash between sealing a file and naming the next one is mended at the next opening.
    """
    header, _seal = in_the_middle(folder)
    with small(folder) as store:
        head = store.head("P-1")
        write(store, changed(head))

    assert header == files(folder)[1].read_bytes().splitlines(keepends=True)[0]
    with small(folder) as again:
        assert head.version + 1 == again.head("P-1").version
        assert again.check(deep=True).ok


def test_crash_while_sealing(folder):
    """
    A seal that was torn is cut, kept aside, and written again when the next fact comes.
    """
    _header, seal = in_the_middle(folder)
    (path,) = files(folder)
    data = path.read_bytes()
    for cut in range(1, len(seal)):
        path.write_bytes(data[:-cut])
        with small(folder) as store:
            assert len(seal) - cut == store.recovered.size if cut < len(seal) else store.recovered is None
        store.recovered.kept.unlink()
    with small(folder) as store:
        write(store, changed(store.head("P-1")))

    assert 2 == len(files(folder))
    assert seal == path.read_bytes().splitlines(keepends=True)[-1]


@pytest.mark.parametrize("draft", [None, b"", b"00000000 00000000 2 {}\n"])
def test_sealed_without_a_next(folder, draft):
    """
    After the last seal there must be the next file, or what was to become it.
    """
    in_the_middle(folder)
    (folder / "draft").unlink()
    if draft is not None:
        (folder / "draft").write_bytes(draft)
    with pytest.raises(StoreCorruptError, match="the segment after it is missing"):
        small(folder)


class Counted(FailingDisk):
    """A disk that fails from its n-th call of a kind on."""

    def __init__(self, call: str, number: int, error: OSError) -> None:
        super().__init__()
        self.call, self.left, self.error = call, number, error

    def _maybe(self, call: str) -> None:
        if call == self.call:
            self.left -= 1
            if self.left < 0:
                raise self.error

    def sync_folder(self, path: Path) -> None:
        self._maybe("sync_folder")


@pytest.mark.slow
@pytest.mark.parametrize("call", ["write", "sync", "sync_folder"])
@pytest.mark.parametrize("full", [True, False], ids=["full", "failing"])
def test_medium_fails_at_every_call(folder, tmp_path, call, full):
    """
    Whichever call fails while files are begun and sealed, nothing acknowledged is lost and nothing is half there.
    """
    error = io_error(errno.ENOSPC if full else errno.EIO)
    for number in range(2, 24):
        place = tmp_path / f"{call}-{number}"
        known = 0
        disk = Counted(call, number, error)
        try:
            store = small(place, disk)
        except (StoreFullError, StoreUnavailableError):
            continue
        try:
            project = write(store, opened())
            known = 1
            while known < 8:
                project = write(store, changed(project))
                known += 1
        except (StoreFullError, StoreFailedError):
            disk.left = 99
            if full and call == "write":
                write(store, changed(project) if known else opened())
                known += 1
        store.close()
        with small(place) as again:
            facts = len(again.feed().facts)

            assert known <= facts <= known + 1
            assert again.check(deep=True).ok


def test_deep_check_finds_damage(folder):
    """
    A deep check names what became wrong in the files behind an open journal, and repairs nothing.
    """
    store = small(folder)
    grow(store, facts=8)
    path = files(folder)[0]
    data = path.read_bytes()
    at = data.index(b'"position":1') - 20
    path.write_bytes(data[:at] + b"#" + data[at + 1 :])
    broken = path.read_bytes()
    found = store.check(deep=True)

    assert f"{path}:2, byte" in found.problems[0]
    assert "'P-1'" in found.problems[1]
    assert (8, broken) == (store.check().facts, path.read_bytes())
    assert not found.ok

    store.close()


def test_deep_check_of_the_last_file(folder):
    """
    In the last file a deep check reads to where the last line was written.
    """
    store = small(folder)
    grow(store, facts=2)
    (path,) = files(folder)
    data = path.read_bytes()
    at = data.index(b'"position":2') - 20
    path.write_bytes(data[:at] + b"#" + data[at + 1 :])
    found = store.check(deep=True)

    assert f"{path}:3, byte {data.index(data.splitlines()[2])}: this line is damaged or missing." == found.problems[0]

    store.close()


def test_deep_check_of_a_seal(folder):
    """
    A seal that does not fit the lines before it is found, though its own checksum is good.
    """
    store = small(folder)
    grow(store, facts=8)
    path = files(folder)[0]
    lines = path.read_bytes().splitlines(keepends=True)
    seed, _crc = read_header(lines[0], "")
    seal = read_line(lines[-1], seed)
    wrong, _crc = make_line(seal.payload.replace(b'"seal":', b'"seal":1'), seal.before, seed)
    path.write_bytes(b"".join(lines[:-1]) + wrong)
    found = store.check(deep=True)

    assert wrong != lines[-1]
    assert [f"{path}:{len(lines)}, byte {len(b''.join(lines[:-1]))}: its seal does not fit the lines before it."] == [
        *found.problems
    ]

    store.close()


class Closing(FastDisk):
    """A disk that closes a store when a file of it is opened to be read."""

    store = None

    def open(self, path: Path, flags: int) -> int:
        if self.store is not None:
            self.store.close()
        return super().open(path, flags)


def test_closing_under_a_deep_check(folder):
    """
    A deep check ends with an error when the store is closed under it.
    """
    disk = Closing()
    store = small(folder, disk)
    grow(store)
    disk.store = store
    with pytest.raises(StoreClosedError) as caught:
        store.check(deep=True)

    assert "Open it again" in str(caught.value)
