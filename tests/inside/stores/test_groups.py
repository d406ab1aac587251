"""
Commits that wait for each other share a line, and a batch is written now and then.
"""

from __future__ import annotations

import errno
import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import attrs
import pytest

from salesflow.errors import (
    KeyReusedError,
    LeaseLostError,
    StoreClosedError,
    StoreFailedError,
    StoreFullError,
    TooLargeError,
    VersionConflictError,
)
from salesflow.stores import JournalStore, MemoryStore
from salesflow.stores._journal.pending_commit import Ticket
from salesflow.stores._journal.recovery import SEGMENT
from salesflow.typing import Commit, FieldSet

from ...stores.factory import (
    attempt,
    changed,
    claimed,
    commit,
    due,
    dump,
    grow,
    io_error,
    key,
    notice,
    opened,
    write,
)
from ..builders import FailingDisk, FastDisk


class SlowDisk(FailingDisk):
    """A disk whose next sync waits to be let go, while ``held`` is set; ``then`` fails after it."""

    def __init__(self) -> None:
        super().__init__()
        self.held = False
        self.then = {}
        self.reached, self.go = Event(), Event()

    def sync(self, fd: int) -> None:
        if self.held:
            self.held = False
            self.reached.set()
            self.go.wait(10)
            super().sync(fd)
            self.failing.update(self.then)
        else:
            super().sync(fd)


@pytest.fixture
def disk():
    return SlowDisk()


@pytest.fixture
def journal(folder, disk):
    made = JournalStore(folder, disk=disk)
    disk.synced = 0
    yield made
    made.close()


def payloads(folder) -> list[dict]:
    lines = (folder / SEGMENT).read_bytes().rstrip(b"\0").splitlines()[1:]
    return [json.loads(line.split(b" ", 3)[3]) for line in lines]


def together(store, disk, *commits, then=None):
    """Commit one thing, and while it is being written, hand in the others in order; return their answers."""
    disk.held = True
    disk.then = then or {}
    with ThreadPoolExecutor(len(commits) + 1) as pool:
        first = pool.submit(store.commit, commit(opened("first")))
        disk.reached.wait(10)
        asked = []
        for number, each in enumerate(commits, 1):
            asked.append(pool.submit(store.commit, each))
            while len(store._waiting) < number:
                time.sleep(0)
        disk.go.set()
        first.result()
        return [each.exception() or each.result() for each in asked]


def test_those_who_wait_share_a_line(journal, folder, disk):
    """
    Commits that came while a line was written are one line and one sync, each whole.
    """
    commits = [commit(opened(f"P-{n}"), attempts=[attempt(f"P-{n}")], notices=[notice(f"P-{n}")]) for n in range(5)]
    answers = together(journal, disk, *commits)
    before = dump(journal)
    journal.close()
    with JournalStore(folder) as again:
        assert before == dump(again)
        assert again.check(deep=True).ok

    assert [each.appends[0].fact for each in commits] == [each.fact for each in answers]
    assert (2, 2) == (disk.synced, len(payloads(folder)))
    assert [2, 3, 4, 5, 6] == [each["position"] for each in payloads(folder)[1]["group"]]


def test_one_project_never_shares(journal, folder, disk):
    """
    Commits with a project in common are written one after the other, in the order in which they came.
    """
    second = changed(opened("P-1").project)
    commits = commit(opened("P-1")), commit(second), commit(opened("P-2")), commit(changed(second.project))
    answers = together(journal, disk, *commits)

    assert [1, 2, 1, 3] == [each.fact.version for each in answers]
    assert [["first"], ["P-1", "P-2"], ["P-1"], ["P-1"]] == [
        [fact["project"] for part in each.get("group", [each]) for fact in part["facts"]] for each in payloads(folder)
    ]


def test_a_failing_commit_fails_alone(journal, disk):
    """
    What is wrong with one commit of a group is told to its caller, and the others are written.
    """
    journal.commit(commit(opened("P-0"), key=key(project_id="P-0"), dues=(due("P-0"),)))
    claims = claimed(journal, "deadline")
    lost = attrs.evolve(claims[0], token=7, work=attrs.evolve(claims[0].work, project_id="P-7"))
    answers = together(
        journal,
        disk,
        commit(changed(opened("P-1").project)),
        commit(opened("P-2")),
        commit(opened("P-0"), key=key(project_id="P-0"), done=claims),
        commit(opened("P-3"), done=(lost,)),
        commit(opened("P-0"), key=key(project_id="P-0", request="b")),
        Commit(),
    )
    kinds = [type(each) if isinstance(each, Exception) else (each.fact and each.fact.project_id) for each in answers]

    assert [VersionConflictError, "P-2", "P-0", LeaseLostError, KeyReusedError, None] == kinds
    assert (True, None) == (answers[2].replayed, journal.next_due("deadline"))
    assert ["P-0", "first", "P-2"] == [each.project_id for each in journal.feed().facts]
    assert journal.check(deep=True).ok


def test_full_disk_for_a_group(journal, disk):
    """
    If a group finds no room, each of its commits says so, and the store stays usable.
    """
    commits = [commit(opened(f"P-{n}")) for n in range(3)]
    answers = together(journal, disk, *commits, then={"write": io_error(errno.ENOSPC)})
    disk.failing.clear()
    journal.commit(commits[0])

    assert [StoreFullError] * 3 == list(map(type, answers))
    assert 3 == len(set(map(id, answers)))
    assert ["first", "P-0"] == [each.project_id for each in journal.feed().facts]


@pytest.mark.threads
def test_failed_sync_of_a_group(journal, disk):
    """
    If a sync fails, whoever waits for it or comes later is told, and nobody waits for ever.
    """
    disk.failing["sync"] = io_error()
    disk.held = True
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(journal.commit, commit(opened("P-0")))]
        disk.reached.wait(10)
        asked += [pool.submit(journal.commit, commit(opened(f"P-{n}"))) for n in (1, 2, 3)]
        while len(journal._waiting) < 3:
            time.sleep(0)
        disk.go.set()
        errors = [type(each.exception()) for each in asked]

    assert [StoreFailedError] * 4 == errors
    assert () == journal.feed().facts


def test_interrupted_leader(journal, disk):
    """
    If the one who writes for others is interrupted while writing, they are told that the outcome is open.
    """
    commits = [commit(opened(f"P-{n}")) for n in range(3)]
    answers = together(journal, disk, *commits, then={"sync": KeyboardInterrupt()})

    assert [KeyboardInterrupt, StoreFailedError, StoreFailedError] == list(map(type, answers))
    assert ["first"] == [each.project_id for each in journal.feed().facts]


def test_interrupted_before_writing(journal, disk, monkeypatch):
    """
    If the one who leads is interrupted before anything is written, the others are written by the next.
    """
    honest = JournalStore._joined
    calls = []

    def joined(group, position):
        calls.append(len(group))
        if len(calls) == 1:
            raise KeyboardInterrupt
        return honest(group, position)

    monkeypatch.setattr(JournalStore, "_joined", staticmethod(joined))
    answers = together(journal, disk, *(commit(opened(f"P-{n}")) for n in range(3)))

    assert [KeyboardInterrupt, "P-1", "P-2"] == [
        type(each) if isinstance(each, BaseException) else each.fact.project_id for each in answers
    ]
    assert (["first", "P-1", "P-2"], []) == ([each.project_id for each in journal.feed().facts], [*journal._waiting])


def test_the_writer_left_in_between(journal, monkeypatch):
    """
    A commit that had to wait, and finds nobody writing when it begins to, writes for itself.
    """

    def queue(self, ticket):
        self._waiting.append(ticket)
        self._leader = ticket
        return False

    monkeypatch.setattr(JournalStore, "_alone", queue)
    journal.commit(commit(opened("P-1")))

    assert (1, None) == (journal.head("P-1").version, journal._leader)


def test_interrupted_while_waiting(journal, monkeypatch):
    """
    A commit that is interrupted before its turn is not written, and leaves the one who writes alone.
    """
    leader = Ticket(commit(), b"")

    def queue(self, ticket):
        self._leader = leader
        self._waiting.append(ticket)
        raise KeyboardInterrupt

    monkeypatch.setattr(JournalStore, "_alone", queue)
    with pytest.raises(KeyboardInterrupt):
        journal.commit(commit(opened()))

    assert ([], leader, ()) == ([*journal._waiting], journal._leader, journal.feed().facts)


def test_large_commits_do_not_share(journal, folder, disk):
    """
    A line stays small enough to be read back for one fact.
    """
    large = [commit(opened(f"P-{n}", FieldSet("remark", "x" * 100_000))) for n in range(4)]
    together(journal, disk, *large)

    assert [1, 2, 2] == [len(each.get("group", [each])) for each in payloads(folder)]


def test_batch(journal, folder, disk):
    """
    Commits of a batch are one line and one sync at its end, and count at once for whoever asks.
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
    assert 1 == len(payloads(folder))
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
        write(journal, *(opened(f"Q-{n}", FieldSet("remark", "x" * 100_000)) for n in range(4)))
        large = disk.synced

    assert (1, 2, 3) == (many, large, disk.synced)
    assert [1000, 4, 2] == [len(each["group"]) for each in payloads(folder)]


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


@pytest.mark.threads
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

    assert 2 == len(list(folder.glob("*.sfj")))
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


@pytest.mark.threads
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


@pytest.mark.threads
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
