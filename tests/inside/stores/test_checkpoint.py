"""
A checkpoint makes opening faster and changes no answer, whatever happens to it.
"""

from __future__ import annotations

import errno
from pathlib import Path

import attrs
import pytest

from salesflow import Money, dossier
from salesflow.errors import (
    InputError,
    KeyReusedError,
    StoreClosedError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    VersionConflictError,
)
from salesflow.stores import JournalStore
from salesflow.stores._journal.checkpoint import read_checkpoint
from salesflow.stores._journal.disk import Disk
from salesflow.stores.adapting import entry_types
from salesflow.typing import Changed, Commit, EntryPut, FieldSet

from ...stores.factory import (
    NOW,
    attempt,
    changed,
    claimed,
    commit,
    due,
    dump,
    grow,
    grown,
    io_error,
    key,
    moved,
    notice,
    opened,
    write,
)
from ..builders import FailingDisk


def journal(folder: Path, **options) -> JournalStore:
    """A journal that writes a checkpoint whenever it is closed."""
    return JournalStore(folder, segment_bytes=1500, checkpoint_facts=1, **options)


def checkpoints(folder: Path) -> list[Path]:
    return sorted(folder.glob("checkpoint-*"))


def filled(folder: Path):
    """Leave a closed journal with something of everything; return what it answers."""
    with journal(folder) as store:
        artefact = dossier.Artefact("market_research_report", digest="sha256:00")
        head = write(store, opened("P-1", FieldSet("amount", Money("12.50", "CNY")), EntryPut(artefact), owner="王伟"))
        store.commit(commit(changed(head), key=key(), notices=[notice(a=1), notice(b=2)], attempts=[attempt()]))
        store.commit(commit(opened("P-2"), dues=(due("P-2"), due("P-2", visit=2), due("P-2", deadline="x", days=9))))
        store.release(claimed(store, limit=1)[0], retry_at=None, error="no")
        claims = claimed(store, "deadline", limit=2)
        store.release(claims[0], retry_at=NOW, error="later")
        grow(store, "P-3", facts=9)
        write(store, moved(store.head("P-3"), "won", outcome="won"))
        return dump(store), store.find(stage="won"), store.find(owner="王伟")


def asked(store: JournalStore):
    return dump(store), store.find(stage="won"), store.find(owner="王伟")


def resumed(folder: Path) -> bool:
    """Whether opening took a checkpoint: then nobody has asked for the heads yet."""
    with JournalStore(folder) as store:
        return bool(store._book.index.unread())


def test_opened_from_a_checkpoint(folder):
    """
    A journal opened from its checkpoint answers everything as before, and so does one without.
    """
    before = filled(folder)
    fast = resumed(folder)
    with JournalStore(folder) as store:
        assert store.check().ok
    with journal(folder) as store:
        first = asked(store), store.committed(key()).key, store.check(deep=True).problems
        with pytest.raises(KeyReusedError):
            store.committed(key(request="b"))
    for path in checkpoints(folder):
        path.unlink()
    slow = resumed(folder)
    with journal(folder) as store:
        second = asked(store), store.committed(key()).key, store.check(deep=True).problems

    assert (True, False) == (fast, slow)
    assert (before, None, ()) == first
    assert first == second


def test_going_on_from_a_checkpoint(folder):
    """
    What is written behind a checkpoint is read on top of it, across files, with work and keys.
    """
    filled(folder)
    with JournalStore(folder, segment_bytes=1500) as store:
        write(store, changed(store.head("P-1")))
        store.commit(commit(opened("P-4"), key=key(project_id="P-4"), notices=[notice("P-4")]))
        with pytest.raises(VersionConflictError):
            store.commit(commit(opened("P-2")))
        store.commit(Commit(done=claimed(store, limit=1)))
        store.commit(commit(attempts=[attempt(), attempt("P-2")]))
        grow(store, "P-5", facts=9)
        before = asked(store)
    with JournalStore(folder) as store:
        unread = len(store._book.index.unread())
        again = asked(store)
        problems = store.check(deep=True).problems
    for path in checkpoints(folder):
        path.unlink()
    with JournalStore(folder) as store:
        assert before == again == asked(store)

    assert (2, ()) == (unread, problems)


def test_checkpoint_on_a_checkpoint(folder):
    """
    A new checkpoint replaces the old one, and takes over what nobody asked for.
    """
    before = filled(folder)
    (old,) = checkpoints(folder)
    with journal(folder) as store:
        write(store, opened("P-9"))
    (new,) = checkpoints(folder)
    with journal(folder) as store:
        write(store, opened("P-8"))
        facts = store.find(stage="won"), store.find(owner="王伟")

    assert (False, before[1:]) == (old == new, facts)
    assert 1 == len(checkpoints(folder))


def test_checkpoint_after_forgetting_keys(folder):
    """
    Keys that were forgotten are not in the next checkpoint, and not read back from an old one.
    """
    filled(folder)
    with JournalStore(folder) as store:
        counts = [store.purge(keys_before=NOW.replace(year=2030)) for _ in range(2)]
    with JournalStore(folder) as store:
        found = store.committed(key())
        store.checkpoint()
    with JournalStore(folder) as store:
        assert ([1, 0], None, None) == (counts, found, store.committed(key()))


def test_written_when_it_is_worth_it(folder):
    """
    Closing writes a checkpoint only after many facts; one can be asked for at any time.
    """
    with JournalStore(folder) as store:
        grow(store)
    few = checkpoints(folder)
    with JournalStore(folder) as store, store.batch():
        write(store, changed(store.head("P-1")))
        store.checkpoint()
        asked_for = [path.name for path in checkpoints(folder)]

    assert ([], [f"checkpoint-{4:020}.json"]) == (few, asked_for)
    with pytest.raises(StoreClosedError):
        store.checkpoint()


def test_every_byte_damaged(folder):
    """
    A damaged checkpoint is passed over.
    """
    before = filled(folder)
    (path,) = checkpoints(folder)
    data = path.read_bytes()
    for at in [*range(12), *range(12, len(data), 97), len(data) - 1]:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])

        assert None is read_checkpoint(folder, entry_types(()), Disk())
    for cut in (0, 5, 100, len(data) - 1):
        path.write_bytes(data[:cut])

        assert None is read_checkpoint(folder, entry_types(()), Disk())
    with JournalStore(folder) as store:
        assert before == asked(store)


def test_checkpoint_of_another_state(folder, tmp_path):
    """
    A checkpoint that stands behind a line the files do not have is passed over.
    """
    filled(folder)
    (path,) = checkpoints(folder)
    data = path.read_bytes()
    names = sorted(folder.glob("*.sfj"))
    last = names[-1].read_bytes()
    names[-1].write_bytes(last[:-1])
    cut = resumed(folder)
    other = tmp_path / "other"
    filled(other)
    (other / path.name).write_bytes(data)
    foreign = resumed(other)
    fresh = tmp_path / "fresh"
    JournalStore(fresh).close()
    (fresh / path.name).write_bytes(data)

    assert [False, False, False] == [cut, foreign, resumed(fresh)]


def test_symbolic_link(folder, tmp_path):
    """
    A checkpoint that is a symbolic link is refused like every other file of a journal.
    """
    filled(folder)
    (path,) = checkpoints(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreCorruptError) as caught:
        JournalStore(folder)

    assert str(path) == caught.value.place


def test_other_classes(folder):
    """
    Opened with other entry classes, the lines are read, and say what is missing.
    """
    note = attrs.make_class("Note", {"id": attrs.field(type=str)}, frozen=True, class_body={"kind": "acme.note"})
    grew = attrs.make_class(
        "Note", {"id": attrs.field(), "text": attrs.field()}, frozen=True, class_body={"kind": "acme.note"}
    )
    with journal(folder, entries=[note]) as store:
        head = write(store, opened())
        head = write(store, grown(head, Changed((EntryPut(note("n-1")),))))
    with JournalStore(folder, entries=[note]) as store:
        assert (1, head) == (len(store._book.index.unread()), store.head("P-1"))
    with pytest.raises(InputError, match=r"acme\.note"):
        JournalStore(folder)
    with pytest.raises(StoreError, match="undamaged"):
        JournalStore(folder, entries=[grew])


def test_no_room_for_a_checkpoint(folder):
    """
    A checkpoint that cannot be written is told to whoever asked for it, and no matter when closing.
    """
    disk = FailingDisk()
    store = journal(folder, disk=disk)
    grow(store)
    disk.failing["sync"] = io_error(errno.ENOSPC)
    with pytest.raises(StoreFullError):
        store.checkpoint()
    store.close()

    assert ["checkpoint-draft"] == [path.name for path in checkpoints(folder)]
    with journal(folder) as again:
        assert 3 == again.head("P-1").version


def test_written_with_every_new_file(folder):
    """
    A process that never closes its journal leaves a checkpoint with each new file.
    """
    store = journal(folder)
    grow(store, facts=12)
    (path,) = checkpoints(folder)
    before = dump(store)
    store._lines.close()  # as a crash would
    store._descriptors.close()
    with journal(folder) as again:
        unread = len(again._book.index.unread())

        assert before == dump(again)

    assert path.stem.rpartition("-")[2] < f"{12:020}"
    assert 0 == unread


def test_heads_that_were_read_are_moved(folder):
    """
    The first thing done to a project from a checkpoint may be a commit, also in the same breath as a look-up.
    """
    filled(folder)
    with journal(folder) as store:
        found = store._book.index
        (head,) = store.find(stage="won")
        found.put(Commit((changed(opened("P-1").project),)))

        assert ("P-3", 2) == (head.id, found.head("P-1").version)
