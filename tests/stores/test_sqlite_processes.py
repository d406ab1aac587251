"""
Several processes on one SQLite file: nothing is lost, nobody starves, and a killed one leaves no trace.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from salesflow.errors import StoreFullError, VersionConflictError
from salesflow.stores import SqliteStore
from salesflow.testing import StoreContract, changed, claim, commit, due, grow, key, notice, opened, write
from salesflow.typing import FieldSet


pytestmark = [pytest.mark.slow, pytest.mark.threads]


class Processes(StoreContract):
    """How a process is started with a store of its own, from this file, which therefore imports no neighbour."""

    def make_store(self, place):
        return SqliteStore(place / "sales.db")


# What processes do; each prints what it found out, and nothing before.


def say(found):
    print(json.dumps(found), flush=True)  # noqa: T201 -- the test reads it


def add_to_own(store, number, facts):
    say(grow(store, f"P-{number}", facts=int(facts)).version)


def add_to_one(store, count):
    won = 0
    while won < int(count):
        try:
            write(store, changed(store.head("P-1")))
            won += 1
        except VersionConflictError:
            continue
    say(won)


def finish_all(store, owner):
    seen = []
    while claims := claim(store, "deadline", owner=owner, limit=5):
        for each in claims:
            store.commit(commit(done=[each]))
            seen.append(each.work.id)
    say(seen)


def write_for_ever(store):
    head = store.head("P-1") or write(store, opened())
    while True:
        append = changed(head)
        due_now = due(visit=head.version)
        store.commit(commit(append, key=key(f"k-{head.version}"), notices=[notice()], dues=[due_now]))
        head = append.project
        say(head.version)


def fork_with_the_lock(store, fifo):
    with store._db._lock:
        if os.fork() == 0:
            say("forked")
            Path(fifo).read_bytes()  # until the test lets go of the other end
            say("ended")
            os._exit(0)
        signal.pause()


def fill(store, place):
    project = write(store, opened())
    size = max(each.stat().st_size for each in Path(place).iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 65536, resource.RLIM_INFINITY))
    try:
        while True:
            project = write(store, changed(project, FieldSet("remark", "x" * 5000)))
    except StoreFullError:
        full = project.version, store.head("P-1") == project, store.check(deep=True).ok
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    say([*full, write(store, changed(project)).version - project.version])


@pytest.fixture
def place(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def start(place):
    """
    Start a process that does something with a store; whoever still runs at the end is killed.
    """
    with ExitStack() as running:

        def begin(task, *arguments):
            process = running.enter_context(Processes().spawn(place, task, *map(str, arguments)))
            running.callback(process.kill)
            return process

        yield begin


def answers(processes):
    """What each process printed at its end."""
    return [json.loads(process.stdout.read()) for process in processes]


def test_eight_processes_on_own_projects(place, start):
    """
    Eight processes that make the file together and write to it lose nothing, and nobody sees the others.
    """
    grown = answers([start(add_to_own, number, 26) for number in range(8)])
    with Processes().make_store(place) as store:
        assert [26] * 8 == grown == [each.version for each in store.find()]
        assert (True, 208) == (store.check(deep=True).ok, len(store.feed().facts))


def test_eight_processes_on_one_project(place, start):
    """
    Each version of a project is won by one process.
    """
    with Processes().make_store(place) as store:
        write(store, opened())
        won = answers([start(add_to_one, 10) for _ in range(8)])

        assert [10] * 8 == won
        assert list(range(1, 82)) == [each.version for each in store.load("P-1")]
        assert store.check(deep=True).ok


def test_two_claimers(place, start):
    """
    Two processes that claim never hold the same work, and finish all of it.
    """
    with Processes().make_store(place) as store:
        write(store, opened())
        store.commit(commit(dues=[due(deadline=f"d_{number}") for number in range(60)]))
        seen = answers([start(finish_all, f"w-{number}") for number in range(2)])

        assert sorted(f"d:P-1:1:d_{number}" for number in range(60)) == sorted(each for one in seen for each in one)
        assert None is store.next_due("deadline")


def test_killed_while_writing(place, start):
    """
    A process killed at any moment loses nothing that it had acknowledged, and leaves nothing half done.
    """
    chance = random.Random(7)
    for _ in range(10):
        writer = start(write_for_ever)
        acknowledged = [int(writer.stdout.readline()) for _ in range(chance.randint(1, 30))]
        writer.kill()
        acknowledged += [int(each) for each in writer.stdout.read().splitlines(keepends=True) if each.endswith("\n")]
        writer.wait()
        with Processes().make_store(place) as store:
            version = store.head("P-1").version
            counts = store._db.read(
                lambda cursor: cursor.execute(
                    "SELECT (SELECT count(*) FROM sf_keys), (SELECT count(*) FROM sf_work WHERE kind = 'deadline')"
                ).fetchone()
            )

            assert list(range(1, version + 1)) == [each.version for each in store.load("P-1")]
            assert version - acknowledged[-1] in {0, 1}
            assert (version - 1, version - 1) == counts
            assert store.check(deep=True).ok


def test_child_of_a_killed_writer(place, start, tmp_path):
    """
    A forked child that lives on does not keep the lock that its killed parent held.
    """
    os.mkfifo(tmp_path / "fifo")
    parent = start(fork_with_the_lock, tmp_path / "fifo")
    forked = parent.stdout.readline()
    with (tmp_path / "fifo").open("w"):
        parent.kill()
        parent.wait()
        with Processes().make_store(place) as store:
            write(store, opened())

    assert ('"forked"\n', '"ended"\n') == (forked, parent.stdout.readline())


def test_no_room(place, start):
    """
    When the files may not grow, a commit is refused as such, and the store goes on when they may.
    """
    ((version, same, sound, more),) = answers([start(fill, place)])

    assert (True, True, True, 1) == (version > 1, same, sound, more)
    with Processes().make_store(place) as store:
        assert version + 1 == store.head("P-1").version
