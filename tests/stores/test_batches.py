"""
Batches of a journal: durable at their end, one line a commit, one sync a chunk.
"""

from __future__ import annotations

import errno
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from salesflow.errors import (
    StoreClosedError,
    StoreCorruptError,
    StoreFailedError,
    StoreFullError,
    TooLargeError,
    VersionConflictError,
)
from salesflow.stores import JournalStore, MemoryStore
from salesflow.stores.adapting import canonical
from salesflow.typing import FieldSet

from ..inside.builders import FailingDisk, FastDisk, journal_line
from .factory import (
    SEGMENT,
    attempt,
    changed,
    claimed,
    commit,
    dump,
    grow,
    io_error,
    key,
    notice,
    opened,
    write,
)


@pytest.fixture
def disk():
    return FailingDisk()


@pytest.fixture
def journal(folder, disk):
    made = JournalStore(folder, disk=disk)
    disk.synced = 0
    yield made
    made.close()


def payloads(folder) -> list[dict]:
    lines = (folder / SEGMENT).read_bytes().rstrip(b"\0").splitlines()[1:]
    return [json.loads(line.split(b" ", 3)[3]) for line in lines]


def test_batch(journal, folder, disk):
    """
    Commits of a batch are a line each and one sync at its end, and count at once for whoever asks.
    """
    with journal.batch():
        project = grow(journal, facts=5)
        journal.commit(commit(opened("P-2"), key=key(project_id="P-2"), attempts=[attempt(), attempt("P-2")]))
        journal.commit(commit(attempts=[attempt(trigger="again")]))
        journal.commit(commit(opened("P-2"), key=key(project_id="P-2")))
        replayed = journal.commit(commit(opened("P-2"), key=key(project_id="P-2")))
        inside = disk.synced, dump(journal), journal.check(deep=True)
        with pytest.raises(VersionConflictError):
            journal.commit(commit(opened("P-1")))

    assert (0, 1) == (inside[0], disk.synced)
    assert (True, project) == (replayed.replayed, journal.head("P-1"))
    assert (6, ()) == (inside[2].facts, inside[2].problems)
    assert inside[1] == dump(journal)
    lines = payloads(folder)
    assert [None, *[lines[1]["since"]] * 6] == [each.get("since") for each in lines]
    journal.close()
    with JournalStore(folder) as again:
        assert inside[1] == dump(again)


def test_batch_is_written_now_and_then(journal, folder, disk):
    """
    After 1,000 commits, or when much has come together, a batch is written though it goes on.
    """
    with journal.batch():
        for number in range(1002):
            journal.commit(commit(attempts=[attempt(f"P-{number}")]))
        many = disk.synced
        write(journal, *(opened(f"Q-{n}", FieldSet("remark", "x" * 250_000)) for n in range(6)))
        large = disk.synced

    firsts = [number for number, each in enumerate(payloads(folder)) if "since" not in each]

    assert ((1, 2, 3), 1008) == ((many, large, disk.synced), len(payloads(folder)))
    assert [0, 1000, 1007] == firsts


def test_batch_in_a_batch(journal, disk):
    """
    A batch in a batch is written with the outer one.
    """
    with journal.batch():
        with journal.batch():
            write(journal, opened())
        inner = disk.synced

    assert (0, 1) == (inner, disk.synced)


def test_batch_that_ends_with_an_error(journal, disk):
    """
    A batch that ends with an error keeps what was committed in it.
    """

    def import_all():
        with journal.batch():
            write(journal, opened())
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        import_all()

    assert (1, 1) == (disk.synced, len(journal.feed().facts))


def test_others_write_what_waits(journal, folder, disk):
    """
    A commit of another thread is durable when it returns, and the batch before it is as well; so is a claim.
    """
    with journal.batch(), ThreadPoolExecutor(1) as pool:
        journal.commit(commit(opened(), notices=[notice()]))
        pool.submit(journal.commit, commit(opened("P-2"))).result()
        other = disk.synced
        project = write(journal, changed(opened().project))
        claimed(journal)
        claim = disk.synced
        write(journal, changed(project))
        journal.purge(keys_before=opened().fact.at)

    assert (2, 4, 5) == (other, claim, disk.synced)
    assert journal.check(deep=True).ok


def test_batches_across_files(folder):
    """
    A batch begins a new file when it is due, like any other write.
    """
    with JournalStore(folder, segment_bytes=2000, disk=FastDisk()) as store:
        for number in range(6):
            with store.batch():
                grow(store, f"P-{number}", facts=4)
        before = dump(store)

    assert 3 == len(list(folder.glob("*.sfj")))
    with JournalStore(folder, disk=FastDisk()) as again:
        assert before == dump(again)


@pytest.mark.parametrize(
    ("failing", "error"),
    [({"write": io_error(errno.ENOSPC)}, StoreFullError), ({"sync": io_error()}, StoreFailedError)],
    ids=["full", "sync"],
)
def test_batch_that_cannot_be_written(journal, folder, disk, failing, error):
    """
    If a batch cannot be written, the handle refuses everything, since readers were told of it.
    """
    write(journal, opened("P-0"))

    def import_all():
        with journal.batch():
            write(journal, opened())
            disk.failing.update(failing)

    with pytest.raises(error):
        import_all()
    disk.failing.clear()
    for use in (journal.feed, lambda: journal.commit(commit()), lambda: claimed(journal)):
        with pytest.raises(StoreFailedError, match="a batch could not be written"):
            use()
    journal.close()
    with JournalStore(folder) as again:
        assert "P-0" == again.feed().facts[0].project_id


def test_batch_on_a_store_that_failed(journal, disk):
    """
    When another write failed meanwhile, a batch takes no more; and a closed store has none.
    """
    with journal.batch():
        disk.failing["sync"] = io_error()
        with ThreadPoolExecutor(1) as pool:
            failed = pool.submit(journal.commit, commit(opened("P-2"))).exception()
        with pytest.raises(StoreFailedError, match="a sync to"):
            write(journal, opened("P-3"))
    journal.close()
    with pytest.raises(StoreClosedError), journal.batch():
        pass

    assert StoreFailedError is type(failed)


def test_batch_that_was_lost(journal, disk):
    """
    A batch that another thread could not write ends with an error.
    """
    failed = []

    def import_all():
        with journal.batch():
            write(journal, opened())
            disk.failing["write"] = io_error(errno.ENOSPC)
            with ThreadPoolExecutor(1) as pool:
                failed.append(type(pool.submit(journal.commit, commit(opened("P-2"))).exception()))

    with pytest.raises(StoreFailedError, match="a batch could not be written"):
        import_all()

    assert [StoreFullError] == failed


def test_closing_writes_the_batch(journal, folder):
    """
    Closing a store in a batch writes it.
    """
    with journal.batch():
        write(journal, opened())
        journal.close()
    with JournalStore(folder) as again:
        assert (opened().fact,) == again.feed().facts


def test_too_large_for_a_batch(journal):
    """
    A commit over the limit is refused in a batch as anywhere, and changes nothing.
    """
    notices = [notice(text="x" * 1024 * 1024) for _ in range(17)]
    with journal.batch():
        with pytest.raises(TooLargeError):
            journal.commit(commit(opened(), notices=notices))
        write(journal, opened("P-2"))

    assert ["P-2"] == [each.project_id for each in journal.feed().facts]


def test_batch_in_memory():
    """
    A store in memory has batches too; they change nothing.
    """
    store = MemoryStore()
    with store.batch():
        write(store, opened())

    assert 1 == len(store.feed().facts)


def torn(folder, *lost):
    """Overwrite some of the last lines, counted from 0 behind the header, as if they never reached the medium."""
    path = folder / SEGMENT
    lines = path.read_bytes().rstrip(b"\0").splitlines(keepends=True)
    for number in lost:
        lines[1 + number] = bytes(len(lines[1 + number]))
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("lost", [(2,), (3, 4), (1, 3)], ids=str)
def test_lines_of_a_batch_reach_the_medium_in_any_order(folder, lost):
    """
    A line of the last batch that is missing in front of others of it is a torn end: nothing was acknowledged of it.
    """
    with JournalStore(folder) as store:
        write(store, opened("P-0"))
        with store.batch():
            grow(store, facts=5)
    torn(folder, *lost)
    with JournalStore(folder) as again:
        assert ("torn", lost[0]) == (again.recovered.kept.name[:4], len(again.feed().facts))
        grow(again, "P-2")

        assert again.check(deep=True).ok


@pytest.mark.parametrize("lost", [0, 2, 3], ids=str)
def test_later_lines_prove_damage(folder, lost):
    """
    What is missing in front of a later batch or commit was acknowledged: the journal is refused.
    """
    with JournalStore(folder) as store:
        with store.batch():
            grow(store, facts=3)
        with store.batch():
            grow(store, "P-2", facts=2)
        grow(store, "P-3", facts=1)
    torn(folder, lost)
    with pytest.raises(StoreCorruptError, match="a whole line follows"):
        JournalStore(folder)


def test_batch_of_an_earlier_version(folder):
    """
    What version 0.1.0 wrote of a batch in one line is read as it was meant.
    """
    with JournalStore(folder) as store:
        with store.batch():
            grow(store, facts=3)
            store.commit(commit(attempts=[attempt(), attempt("P-2")]))
            store.commit(commit(attempts=[attempt(trigger="again")]))
        before = dump(store)
    path = folder / SEGMENT
    header, *lines = path.read_bytes().splitlines(keepends=True)
    group = canonical({"group": [json.loads(line.split(b" ", 3)[3]) for line in lines]})
    path.write_bytes(header + journal_line(header, group))
    with JournalStore(folder) as again:
        assert before == dump(again)
