"""
What the contract has other processes do, done in this one.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from salesflow.errors import ForkedHandleError
from salesflow.stores import JournalStore, MemoryStore
from salesflow.testing import StoreContract, claim, commit, due, grow, opened, write
from salesflow.testing._store import tasks as _child, tasks as _tasks
from salesflow.typing import FieldSet


class Journals(StoreContract):
    """A contract that a child loads from this file."""

    def make_store(self, place):
        return JournalStore(place)


@pytest.fixture
def store():
    """An empty store without files."""
    return MemoryStore()


def test_child_runs_a_task(tmp_path, capsys, monkeypatch):
    """
    A child loads the contract by its file, makes a store, runs the task, and closes the store.
    """
    monkeypatch.delitem(sys.modules, _child._MODULE, raising=False)
    _child.main([__file__, "Journals", str(tmp_path), _tasks.__name__, "grow_own", "P-7", "3"])
    monkeypatch.delitem(sys.modules, _child._MODULE)
    with JournalStore(tmp_path) as store:
        found = [each.version for each in store.load("P-7")]

    assert ("3\n", [1, 2, 3]) == (capsys.readouterr().out, found)


def test_write_without_end(store, capsys):
    """
    Every round leaves one notice and one deadline open, and goes on where the last process stopped.
    """
    _tasks.write_without_end(store, "0", "2")
    _tasks.write_without_end(store, "1", "1")

    assert "1\n2\n3\n4\n" == capsys.readouterr().out
    assert ["n:P-1:4:0", "d:P-1:3:sla"] == [each.work.id for each in [*claim(store), *claim(store, "deadline")]]
    assert ["C-1", "C-2", "C-3", "P-1"] == [each.id for each in store.find()]


@pytest.mark.threads
def test_add_up(store, capsys):
    """
    Both wait for each other, and lose no addition whoever opens the project.
    """
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(_tasks.add_up, store, name, "2", "200") for name in ("one", "two")]:
            each.result()

    assert ("200\n200\n", 400) == (capsys.readouterr().out, store.head("P-1").fields["sum"])


def test_add_up_after_a_lost_race(capsys):
    """
    Who comes late tries again.
    """

    class Late(MemoryStore):
        """Somebody else was faster, once."""

        faster = True

        def head(self, project_id):
            found = super().head(project_id)
            if found and self.faster:
                self.faster = False
                write(self, _tasks.changed(found))
            return found

    store = Late()
    _tasks.add_up(store, "one", "1", "1")

    assert ("1\n", 3) == (capsys.readouterr().out, store.head("P-1").version)


def test_nobody_waits_for_ever(store, capsys, monkeypatch):
    """
    If the others do not come, the task begins without them.
    """
    monkeypatch.setattr(_tasks, "_PATIENCE", 0.01)
    _tasks.commit_once(store, "one", "2")

    assert "False\n" == capsys.readouterr().out


def test_take_all(store, capsys):
    """
    It prints what it got, and stops after its tries.
    """
    write(store, opened())
    store.commit(commit(dues=[due(deadline=name) for name in ("one", "two", "three")]))
    _tasks.take_all(store, "worker", "1", "3")

    assert "d:P-1:1:one\nd:P-1:1:three\nd:P-1:1:two\n" == capsys.readouterr().out


def test_consume(store, capsys):
    """
    It notes each fact of the shared project once, also when it is started again.
    """
    project = write(store, opened(_tasks.PROJECT))
    _tasks.consume(store, "reader")
    for _ in range(4):
        project = write(store, _tasks.changed(project))
    _tasks.consume(store, "reader")

    assert "1 2 3 4 5" == store.head("reader.ledger").fields["noted"]
    assert store.head("reader.cursor").version - 1 == len(capsys.readouterr().out.splitlines())


def test_transfer(store):
    """
    What one project loses the other one gains.
    """
    write(store, opened("A", FieldSet("sum", 100)))
    write(store, opened("B", FieldSet("sum", 0)))
    _tasks.transfer(store, "4")

    assert [94, 6] == [each.fields["sum"] for each in store.find(limit=2)]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_while_open(tmp_path, capsys):
    """
    It prints the status of its child, and can still write.
    """
    with JournalStore(tmp_path) as store:
        _tasks.fork_while_open(store)
        versions = [each.version for each in store.load("P-1")]

    assert ("0\n", [1, 2]) == (capsys.readouterr().out, versions)


def test_be_refused():
    """
    A store that answers in a child is found out.
    """

    class Forked(MemoryStore):
        """A store that refuses everything, as in a child."""

        def head(self, project_id):
            raise ForkedHandleError

        def commit(self, commit):
            raise ForkedHandleError

    _tasks.be_refused(Forked())
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        _tasks.be_refused(MemoryStore())


def test_what_an_author_forgot(store, tmp_path):
    """
    A contract that claims what it has no hook for says which one is missing.
    """
    with pytest.raises(NotImplementedError, match=r"Journals .* crash\(store\)"):
        Journals().crash(store)
    with pytest.raises(NotImplementedError, match=r"Journals .* make_tenant"):
        Journals().make_tenant(tmp_path, "north")
    with pytest.raises(NotImplementedError, match=r"Journals .* make_reader"):
        Journals().make_reader(tmp_path)

    assert 3 == grow(store).version
