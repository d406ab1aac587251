"""
What the contract has other processes do, done in this one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest

from salesflow.errors import ForkedHandleError
from salesflow.stores import JournalStore, MemoryStore
from salesflow.testing import StoreContract, claim, commit, due, grow, opened, write
from salesflow.testing._store import tasks as _child, tasks as _tasks, warm as _warm
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


@pytest.fixture
def link():
    """Both ends of a link to a process that has loaded a contract."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_an_order_is_answered(link):
    """
    The answer to an order is there when the process between has ended; the end of the orders ends the process.
    """
    ours, theirs = link
    socket.send_fds(ours, [b"."], [1, 2])
    ours.sendall(b'["/", {}, []]\n')
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(SystemExit):
        _warm.make_copies(theirs, lambda: os.posix_spawn("/bin/true", ["true"], {}))

    assert b"\n" == ours.recv(100)


def test_a_copy_goes_on(link):
    """
    A copy has the folder, the environment and the outputs of its order, knows what to do, and lets go of the link.
    """
    ours, theirs = link
    socket.send_fds(ours, [b"."], [1, 2])
    order = [str(Path.cwd()), {**os.environ}, ["Journals", "grow_own"]]
    ours.sendall(f"{json.dumps(order)}\n".encode())
    called = _warm.make_copies(theirs, lambda: 0)

    assert order == [str(Path.cwd()), {**os.environ}, called]
    assert -1 == theirs.fileno()


def test_nobody_makes_a_copy(link):
    """
    When the process that has loaded the contract is gone, there is no copy.
    """
    ours, theirs = link
    theirs.close()
    made = _warm._WarmContract(ours, ours.makefile())
    found = made.copy([], {})
    made.close()

    assert (None, -1) == (found, ours.fileno())


def test_a_copy_that_the_system_refuses(link):
    """
    Where the process between could make no copy, there is none, and the link goes on.
    """
    ours, theirs = link
    made = _warm._WarmContract(ours, ours.makefile())
    theirs.sendall(b"\n7\n")
    copies = [made.copy([], {}), made.copy([], {})]
    copies[1].stdout.close()
    copies[1].returncode = 0  # there is no such process to wait for
    made.close()

    assert [None, 7] == [copies[0], copies[1].pid]


@pytest.mark.parametrize(("threads", "ended"), [(1, SystemExit), (2, None)])
def test_staying_warm(link, monkeypatch, threads, ended):
    """
    It loads the contract and waits for orders, but makes no copy of a process with threads.
    """
    ours, theirs = link
    ours.close()
    monkeypatch.setattr(_child, "active_count", lambda: threads)
    with pytest.raises(ended) if ended else nullcontext():
        _child.stay_warm(str(theirs.detach()), __file__)

    assert Journals.__name__ == sys.modules.pop(_child._MODULE).Journals.__name__


CONTRACT = """
import os, threading
from salesflow.stores import JournalStore
from salesflow.testing import StoreContract
if "WITH_A_THREAD" in os.environ:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
class Journals(StoreContract):
    def make_store(self, place):
        return JournalStore(place)
"""


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False], ids=["warm", "with threads"])
def test_processes_of_a_contract(tmp_path, monkeypatch, alone):
    """
    A process is a child like any other, whether it is a copy or, since its contract has threads, was started afresh.
    """
    (tmp_path / "contract.py").write_text(CONTRACT)
    _child._load(str(tmp_path / "contract.py"))
    contract = sys.modules.pop(_child._MODULE).Journals()
    monkeypatch.setattr("inspect.getfile", lambda _contract: str(tmp_path / "contract.py"))
    if not alone:
        monkeypatch.setenv("WITH_A_THREAD", "yes")
    with contract.spawn(tmp_path / "one", _tasks.grow_own, "P-7", "3") as process:
        printed = process.stdout.read()
    with contract.spawn(tmp_path / "two", _tasks.write_without_end, "0", "1000000") as endless:
        first = endless.stdout.readline()
        endless.kill()

    assert ("3\n", "1\n", 0, -signal.SIGKILL) == (printed, first, process.returncode, endless.returncode)
    assert alone is isinstance(process, _warm._Copy)


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
