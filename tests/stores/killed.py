"""
Kills forked children at each of their system calls, and looks at what they left behind.

``test_killed.py`` has a process without threads do it. It prints how many system calls were tried, which calls the
child made, and what was wrong after which of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from salesflow.errors import SalesflowError
from salesflow.stores import JournalStore, MemoryStore, SqliteStore, copy_facts
from salesflow.testing import NOW, StoreContract, attempt, changed, claim, commit, due, dump, grow, key, notice, opened


TRACE_ME, SYSCALL, SET_OPTIONS, GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
MARKED, KILL_WITH_PARENT = 1, 1 << 20
ENTRY = 1
CANNOT_TRACE = 77

ptrace = ctypes.CDLL(None).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
ptrace.restype = ctypes.c_long


def killed_at(number, scenario):
    """
    Run a scenario in a child and kill it at a system call, entered or left.

    Returns the numbers of the calls that the child made, and whether it was killed before it came to its end.
    """
    pid = os.fork()
    if pid == 0:
        prepared = scenario.prepare()  # here, since no connection of SQLite may be carried over a fork
        if ptrace(TRACE_ME, 0, None, None) != 0:
            os._exit(CANNOT_TRACE)
        os.kill(os.getpid(), signal.SIGSTOP)
        scenario.run(prepared)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        sys.exit(CANNOT_TRACE)
    ptrace(SET_OPTIONS, pid, None, MARKED | KILL_WITH_PARENT)
    made, told = [], ctypes.create_string_buffer(88)
    for _ in range(number):
        ptrace(SYSCALL, pid, None, None)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return made, False
        ptrace(GET_SYSCALL_INFO, pid, len(told), told)
        if told.raw[0] == ENTRY:
            made.append(int.from_bytes(told.raw[24:32], sys.byteorder))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return made, True


class Scenario:
    """
    What is there before, what is done, and what is wrong if it was interrupted; only ``run`` is.
    """

    Store = SqliteStore

    def __init__(self, place):
        self.path = place / "sales"

    def before(self):
        with self.Store(self.path) as store:
            project = grow(store, facts=5)
            everything = {"notices": [notice(version=6)], "dues": [due()], "attempts": [attempt()]}
            store.commit(commit(changed(project), key=key(), **everything))

    def prepare(self):
        return self.Store(self.path)

    def run(self, store):
        raise NotImplementedError

    def sound(self, store):
        """Whether what is there is what was there before, or what should be there after."""
        return [6] == [each.version for each in store.find()] and store.committed(key()) is not None

    def left(self):
        """What is wrong with what is left."""
        with self.Store(self.path) as store:
            problems = list(store.check(deep=True).problems)
            if not self.sound(store):
                problems.append(f"neither before nor after: {dump(store)}")
            grow(store, "late", facts=2)
            return problems


class Creation(Scenario):
    """The tables are made."""

    def before(self):
        pass

    def prepare(self):
        pass

    def run(self, _nothing):
        SqliteStore(self.path)

    def sound(self, store):
        return store.feed().facts == ()


class Migration(Scenario):
    """A file of the schema before is brought to this one."""

    def before(self):
        super().before()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(
                "DROP TABLE sf_definitions; DROP TABLE sf_work; DROP INDEX sf_attempts_tenant;"
                "DROP INDEX sf_heads_parent; ALTER TABLE sf_heads DROP COLUMN parent;"
                "DROP INDEX sf_heads_opened; ALTER TABLE sf_heads DROP COLUMN opened;"
                "DROP INDEX sf_heads_closed; ALTER TABLE sf_heads DROP COLUMN closed;"
                "UPDATE sf_meta SET value = '1'"
            )

    def prepare(self):
        pass

    def run(self, _nothing):
        SqliteStore(self.path)


class Committing(Scenario):
    """Two projects, a key, work to do and work done, in one commit."""

    def run(self, store):
        made = changed(store.head("P-1")), opened("P-2")
        parts = {"notices": [notice(version=7)], "dues": [due(visit=2)], "dropped": [("P-1", 1)]}
        store.commit(commit(*made, key=key("k-2"), attempts=[attempt()], **parts))

    def sound(self, store):
        versions = [each.version for each in store.find()]
        after = versions == [7, 1]
        there = store.committed(key("k-2")) is not None, len(store.attempts("P-1")) == 2
        visits = [each.work.body.visit for each in claim(store, "deadline")]
        notices = len(claim(store))
        whole = (after, after, [2 if after else 1], 1 + after)
        return after == (versions != [6]) and whole == (*there, visits, notices)


class Journalling(Committing):
    """The same in a journal."""

    Store = JournalStore


class Steady(Committing):
    """A commit after others: a new write-ahead log is synced twice more, for its header."""

    def prepare(self):
        store = super().prepare()
        grow(store, "P-0")
        return store


class SteadyJournal(Steady, Journalling):
    """The same in a journal."""


class Purging(Scenario):
    """Keys are forgotten."""

    def before(self):
        super().before()
        with SqliteStore(self.path) as store:
            for number in range(20):
                name = f"C-{number}"
                store.commit(commit(opened(name), key=key(project_id=name)))

    def run(self, store):
        store.purge(keys_before=NOW.replace(year=NOW.year + 1))

    def sound(self, store):
        found = [store.committed(key(project_id=f"C-{number}")) is not None for number in range(20)]
        return 21 == len(store.find()) and len(set(found)) == 1


class Checkpoint(Scenario):
    """The write-ahead log is brought into the database, and then taken away."""

    def run(self, store):
        store._db._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        store.commit(commit(attempts=[attempt("P-2")]))
        store.close()


class Exporting(Scenario):
    """All facts are copied into a journal."""

    def run(self, store):
        with JournalStore(self.path.parent / "copy") as target:
            copy_facts(store, target)

    def left(self):
        with SqliteStore(self.path) as store, JournalStore(self.path.parent / "copy") as target:
            copied = target.feed().facts
            there = store.feed().facts
            problems = [*store.check(deep=True).problems, *target.check(deep=True).problems]
            copy_facts(store, target)
            if copied != there[: len(copied)] or there != target.feed().facts:
                problems.append(f"{len(copied)} of {len(there)} facts were copied, or others")
            return problems


INTERRUPTED = ("Creation", "Migration", "Committing", "Journalling", "Purging", "Checkpoint", "Exporting")


class Elsewhere(StoreContract):
    """How a process is started that opens stores by itself."""

    def make_store(self, place):
        return MemoryStore()


def main(_store, name, folder, step):
    """Try every *step*-th system call of a scenario."""
    base = Path(folder) / "base"
    base.mkdir()
    globals()[name](base).before()
    number, tried, wrong, killed, made = 1, 0, {}, True, []
    while killed:
        place = Path(folder) / str(number)
        shutil.copytree(base, place)
        scenario = globals()[name](place)
        made, killed = killed_at(number, scenario)
        try:
            problems = scenario.left()
        except SalesflowError as error:
            problems = [repr(error)]
        if problems:
            wrong[number] = problems
        else:
            shutil.rmtree(place)
        number, tried = number + int(step), tried + 1
    print(json.dumps({"tried": tried, "calls": made, "wrong": wrong}))  # noqa: T201 -- the test reads it
