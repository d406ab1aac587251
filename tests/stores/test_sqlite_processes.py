"""
Several processes on one SQLite file: nothing is lost, nobody starves, and a killed one leaves no trace.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from salesflow.stores import SqliteStore

from .factory import NOW, commit, due, opened, write


pytestmark = [pytest.mark.slow, pytest.mark.threads]


HEAD = """
import json, resource, sys, time
from contextlib import closing
from pathlib import Path
from tests.stores.factory import *
from salesflow.errors import StoreFullError, VersionConflictError
from salesflow.stores import SqliteStore
path, number, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = SqliteStore(path)
"""

OWN = """
waited = []
project = write(store, opened(f"P-{number}"))
for _ in range(count):
    began = time.perf_counter()
    project = write(store, changed(project))
    waited.append(time.perf_counter() - began)
print(json.dumps(sorted(waited)))
"""

HOT = """
won = lost = 0
while won < count:
    try:
        write(store, changed(store.head("P-1")))
        won += 1
    except VersionConflictError:
        lost += 1
print(json.dumps([won, lost]))
"""

CLAIM = """
seen = []
while claims := claimed(store, "deadline", owner=f"w-{number}", limit=5):
    for claim in claims:
        store.commit(commit(done=(claim,)))
        seen.append(claim.work.id)
print(json.dumps(seen))
"""

FOREVER = """
head = store.head("P-1") or write(store, opened())
while True:
    append = changed(head)
    due_now = due(visit=head.version)
    store.commit(commit(append, key=key(f"k-{head.version}"), notices=[notice()], dues=(due_now,)))
    head = append.project
    print(head.version, flush=True)
"""

FORK = """
import os, signal
with store._db._lock:
    if os.fork() == 0:
        print("forked", flush=True)
        sys.stdin.read()  # until the test lets go of the other end
        print("ended", flush=True)
        os._exit(0)
    signal.pause()
"""

FULL = """
project = write(store, opened())
size = max(each.stat().st_size for each in Path(path).parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 65536, resource.RLIM_INFINITY))
try:
    while True:
        project = write(store, changed(project, FieldSet("remark", "x" * 5000)))
except StoreFullError:
    full = project.version, store.head("P-1") == project, store.check(deep=True).ok
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(json.dumps([*full, write(store, changed(project)).version - project.version]))
"""


@pytest.fixture
def start(tmp_path):
    """
    Start a process that runs a script on a database; whoever still runs at the end is killed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    running = []

    def begin(script, number=0, count=0):
        command = [sys.executable, "-c", HEAD + script, tmp_path / "data" / "sales.db", str(number), str(count)]
        running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def path(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "sales.db"


def answers(processes):
    """What each process printed at its end."""
    return [json.loads(process.communicate(timeout=120)[0]) for process in processes]


def test_eight_processes_on_own_projects(path, start, record_property):
    """
    Eight processes that make the file together and write to it lose nothing, and nobody sees the others.
    """
    waited = answers([start(OWN, number, 25) for number in range(8)])
    record_property("p99_ms", round(1000 * sorted(each for one in waited for each in one)[-2], 1))
    with SqliteStore(path) as store:
        assert [26] * 8 == [each.version for each in store.find()]
        assert (True, 208) == (store.check(deep=True).ok, len(store.feed().facts))


def test_eight_processes_on_one_project(path, start):
    """
    Each version of a project is won by one process.
    """
    with SqliteStore(path) as store:
        write(store, opened())
        won = answers([start(HOT, number, 10) for number in range(8)])

        assert [10] * 8 == [each for each, _ in won]
        assert list(range(1, 82)) == [each.version for each in store.load("P-1")]
        assert store.check(deep=True).ok


def test_two_claimers(path, start):
    """
    Two processes that claim never hold the same work, and finish all of it.
    """
    with SqliteStore(path) as store:
        write(store, opened())
        store.commit(commit(dues=tuple(due(deadline=f"d_{number}") for number in range(60))))
        seen = answers([start(CLAIM, number) for number in range(2)])

        assert sorted(f"d:P-1:1:d_{number}" for number in range(60)) == sorted(each for one in seen for each in one)
        assert () == store.claim("deadline", owner="w", limit=1, lease=timedelta(1), at=NOW + timedelta(9))


def test_killed_while_writing(path, start):
    """
    A process killed at any moment loses nothing that it had acknowledged, and leaves nothing half done.
    """
    chance = random.Random(7)
    for _ in range(10):
        writer = start(FOREVER)
        acknowledged = [int(writer.stdout.readline()) for _ in range(chance.randint(1, 30))]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(each) for each in writer.stdout.read().splitlines(keepends=True) if each.endswith("\n")]
        writer.wait()
        with SqliteStore(path) as store:
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


def test_child_of_a_killed_writer(path, start):
    """
    A forked child that lives on does not keep the lock that its killed parent held.
    """
    parent = start(FORK)
    forked = parent.stdout.readline()
    parent.kill()
    parent.wait()
    with SqliteStore(path) as store:
        write(store, opened())
    parent.stdin.close()

    assert ("forked\n", "ended\n") == (forked, parent.stdout.readline())


def test_no_room(path, start):
    """
    When the files may not grow, a commit is refused as such, and the store goes on when they may.
    """
    ((version, same, sound, more),) = answers([start(FULL)])

    assert (True, True, True, 1) == (version > 1, same, sound, more)
    with SqliteStore(path) as store:
        assert version + 1 == store.head("P-1").version
