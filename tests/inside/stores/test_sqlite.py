"""
What the store in a SQLite file promises beyond the contract: its file, its settings, its errors.
"""

from __future__ import annotations

import ast
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path

import attrs
import pytest

from salesflow import dossier, stores
from salesflow._codec import project as _codec_project
from salesflow._codec.project import HeadTexts
from salesflow._model.query import Order, Query
from salesflow.errors import (
    ForkedHandleError,
    InputError,
    KeyReusedError,
    LeaseLostError,
    OutcomeUnknownError,
    SchemaMismatchError,
    StoreBusyError,
    StoreClosedError,
    StoreCorruptError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreUnavailableError,
    UnsupportedError,
    VersionConflictError,
)
from salesflow.stores import (
    SqliteStore,
    _write_lock as _sqlite_lock,
)
from salesflow.stores._sqlite import (
    check as _sqlite_check,
    database as _sqlite_file,
    reader as _sqlite_reading,
    store as _sqlite,
    work as _sqlite_work,
)
from salesflow.stores._sqlite.errors import store_error
from salesflow.stores._sqlite.schema import SCHEMA, STEPS
from salesflow.stores.adapting import canonical, encode_project
from salesflow.typing import Capabilities, Claim, DeadlinePassed, EntryPut, FieldSet, Transitioned

from ...cases import over_cases
from ...stores.factory import (
    NOW,
    attempt,
    changed,
    claimed,
    commit,
    due,
    grow,
    grown,
    key,
    moved,
    notice,
    opened,
    write,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sales.db"


@pytest.fixture
def store(path):
    with SqliteStore(path) as made:
        yield made


def sql(path, *statements):
    """Run statements on a file, as a host or an accident would; return the rows of the last."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return [connection.execute(each).fetchall() for each in statements][-1]


def told(project, number):
    """A change that puts an artefact of about 1,000 characters into the dossier."""
    return changed(project, EntryPut(dossier.Artefact(f"report_{number}", title="x" * 1000)))


def large(store, project_id="P-1"):
    """A project whose head is not written with every commit any more."""
    project = write(store, opened(project_id))
    for number in range(12):
        project = write(store, told(project, number))
    return project


# The file


@over_cases("settings", [_sqlite_file.WRITER, _sqlite_file.READER], ids=["writer", "reader"])
def test_settings(store, settings):
    """
    Every connection has the settings that our promises rest on.
    """
    made = _sqlite_file.connect(store._db.name, 1, settings)
    with closing(made):
        found = {question: made.execute(question).fetchone()[0] for _, question, _ in settings}

    assert {question: wanted for _, question, wanted in settings} == found
    assert ("wal", 2) == (found["PRAGMA journal_mode"], found["PRAGMA synchronous"])


def test_setting_that_is_not_taken(path):
    """
    A database that does not take a setting is refused, with its name.
    """
    path.touch()
    with pytest.raises(UnsupportedError, match="journal_mode = DELETE") as caught:
        _sqlite_file.connect(str(path), 1, (("PRAGMA journal_mode = DELETE", "PRAGMA journal_mode", "wal"),))

    assert str(path) in caught.value.capability


def test_old_sqlite(path, monkeypatch):
    """
    A SQLite without strict tables is refused before a file is made.
    """
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 36, 9))
    with pytest.raises(UnsupportedError, match="STRICT tables"):
        SqliteStore(path)

    assert not path.exists()


def test_files_belong_to_their_owner(path):
    """
    Nobody else may read what the store makes, whatever the umask says.
    """
    before = os.umask(0)
    try:
        with SqliteStore(path) as store:
            grow(store)
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert dict.fromkeys(["sales.db", "sales.db-shm", "sales.db-wal", "sales.db.wlock"], 0o600) == modes


@pytest.mark.parametrize("name", ["", ":memory:", "a\0b", "file/sales.db", "folder"], ids=ascii)
def test_paths_that_are_no_database(tmp_path, monkeypatch, name):
    """
    A path where no database can be is refused with the next step, and nothing is made.
    """
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    with pytest.raises(InputError, match="path of a database"):
        SqliteStore(name)

    assert ["file", "folder"] == sorted(each.name for each in tmp_path.iterdir())


def test_file_that_everybody_may_write(path):
    """
    A database that everybody may write to is refused.
    """
    path.touch()
    path.chmod(0o666)
    with pytest.raises(InputError, match="chmod 600"):
        SqliteStore(path)


def test_file_that_may_not_be_made(path, monkeypatch):
    """
    A folder that may not be written makes the store unavailable.
    """

    def refuse(*_args, **_kwargs):
        raise PermissionError

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(StoreUnavailableError, match="permissions"):
        SqliteStore(path)


def test_lock_is_no_link(path, tmp_path):
    """
    A lock that leads elsewhere is refused, and what it leads to is left alone.
    """
    (tmp_path / "sales.db.wlock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreCorruptError, match="symbolic link"):
        SqliteStore(path)

    assert not (tmp_path / "elsewhere").exists()


def test_lock_that_cannot_be_made(path, tmp_path):
    """
    A lock that cannot be made makes the store unavailable.
    """
    (tmp_path / "sales.db.wlock").mkdir()
    with pytest.raises(StoreUnavailableError, match="directory"):
        SqliteStore(path)


def test_links_to_one_file_share_its_lock(path, tmp_path):
    """
    A database may be reached through a link, and has one lock all the same.
    """
    with SqliteStore(path) as store:
        project = grow(store)
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with SqliteStore(link) as store:
        assert project == store.head("P-1")
    assert not (tmp_path / "link.db.wlock").exists()


def test_no_database(path):
    """
    A file that is no database is refused and left as it is, with nothing beside it.
    """
    path.write_bytes(b"Dear diary, " * 1000)
    for create in (True, False):
        with pytest.raises(StoreCorruptError, match="not an SQLite database"):
            SqliteStore(path, create=create)

    assert (b"Dear diary, " * 1000, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


@pytest.mark.parametrize("gone", ["sales.db", "sales.db-wal", "sales.db-shm"])
def test_file_that_is_taken_away(path, tmp_path, gone):
    """
    Nothing is acknowledged while a file of the database is away, and all goes on when it is back.
    """
    with SqliteStore(path) as store:
        project = grow(store)
        (tmp_path / gone).rename(tmp_path / "away")
        with pytest.raises(StoreUnavailableError, match="removed or replaced"):
            write(store, changed(project))
        (tmp_path / "away").rename(tmp_path / gone)
        write(store, changed(project))

        assert 4 == store.head("P-1").version


def test_another_file_in_its_place(path, tmp_path):
    """
    A reader that meets another database under the name reads nothing from it.
    """
    with SqliteStore(tmp_path / "other.db") as other:
        grow(other, "Q-1")
    with SqliteStore(path) as store:
        (tmp_path / "other.db").replace(path)
        with pytest.raises(StoreUnavailableError, match="removed or replaced"):
            store.find()


def test_what_is_not_found_in_another_file(path, tmp_path):
    """
    Of a project that went with its file nobody says that it never was there.
    """
    with SqliteStore(path) as store:
        grow(store)
        path.replace(tmp_path / "away.db")
        with SqliteStore(path), pytest.raises(StoreUnavailableError, match="removed or replaced"):
            store.head("P-1")


def test_tables_of_the_host(path):
    """
    The tables of a host may stand in the same file, and stay as they are.
    """
    sql(path, "CREATE TABLE orders (id INTEGER)", "INSERT INTO orders VALUES (7)")
    with SqliteStore(path) as store:
        grow(store)

    assert [(7,)] == sql(path, "SELECT id FROM orders")


def test_database_that_keeps_nothing(path):
    """
    Whoever only reads is refused at a database of somebody else, and leaves it as it is.
    """
    sql(path, "CREATE TABLE orders (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(InputError, match="has no projects"):
        SqliteStore(path, create=False)

    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


@over_cases("timeout", [-1, float("nan")], ids=str)
def test_timeout(path, timeout):
    """
    A timeout is a number of seconds.
    """
    with pytest.raises(InputError, match="seconds to wait"):
        SqliteStore(path, timeout=timeout)


def test_tenant_is_an_id(path):
    """
    A tenant is named like everything else.
    """
    with pytest.raises(InputError, match="tenant"):
        SqliteStore(path, tenant="'; DROP")


# The schema


def test_newer_schema(path):
    """
    A database of a newer version is refused and left as it is.
    """
    SqliteStore(path).close()
    sql(path, "UPDATE sf_meta SET value = '99'")
    with pytest.raises(SchemaMismatchError) as caught:
        SqliteStore(path)

    assert (99, SCHEMA, [("99",)]) == (caught.value.found, caught.value.wanted, sql(path, "SELECT value FROM sf_meta"))


@pytest.mark.parametrize("damage", ["DELETE FROM sf_meta", "UPDATE sf_meta SET value = 'x'"])
def test_unknown_schema(path, damage):
    """
    A database that does not say what it is is refused.
    """
    SqliteStore(path).close()
    sql(path, damage)
    with pytest.raises(StoreCorruptError, match="which schema"):
        SqliteStore(path)


def test_foreign_tables_of_our_names(path):
    """
    Tables that have our names but are not ours stop the making of others.
    """
    sql(path, "CREATE TABLE sf_facts (id INTEGER)")
    with pytest.raises(StoreError, match="SQLite refused"):
        SqliteStore(path)

    assert [("sf_facts",)] == sql(path, "SELECT name FROM sqlite_master")


def test_migration(path):
    """
    A database of the schema before keeps its facts and gets what is new.
    """
    with SqliteStore(path) as store:
        project = grow(store)
    sql(path, "DROP TABLE sf_definitions", "DROP TABLE sf_work", "DROP INDEX sf_attempts_tenant")
    sql(path, "DROP INDEX sf_heads_parent", "ALTER TABLE sf_heads DROP COLUMN parent")
    sql(path, "UPDATE sf_meta SET value = '1'")
    sql(path, "DROP INDEX sf_heads_opened", "ALTER TABLE sf_heads DROP COLUMN opened")
    sql(path, "DROP INDEX sf_heads_closed", "ALTER TABLE sf_heads DROP COLUMN closed")
    assert SCHEMA == len(STEPS) == 5

    with SqliteStore(path) as store:
        found = store.head("P-1")
        store.commit(commit(changed(project), notices=[notice()]))
        assert project == found
        assert store.check(deep=True).ok
        assert ["n:P-1:1:0"] == [each.work.id for each in claimed(store)]
    assert [(str(SCHEMA),)] == sql(path, "SELECT value FROM sf_meta")


def test_migration_is_whole_or_not_at_all(path, monkeypatch):
    """
    A step that fails leaves the database as it was.
    """
    monkeypatch.setattr("salesflow.stores._sqlite.schema.STEPS", (*STEPS[:1], ("CREATE TABLE new (id)", "NONSENSE")))
    with pytest.raises(StoreError):
        SqliteStore(path)

    assert [] == sql(path, "SELECT name FROM sqlite_master")


# Handles


def test_is_loaded_when_it_is_asked_for():
    """
    Who does not use the store does not load SQLite.
    """
    code = (
        "import sys; from salesflow import stores; print('sqlite3' in sys.modules); "
        "stores.SqliteStore; print('sqlite3' in sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)

    assert "False\nTrue\n" == done.stdout
    assert stores.SqliteStore is _sqlite.SqliteStore
    with pytest.raises(AttributeError, match="no attribute 'MongoStore'"):
        _ = stores.MongoStore


def test_another_process_id(path, monkeypatch):
    """
    A fork does not carry the store over; closing it there leaves the parent's alone.
    """
    store = SqliteStore(path)
    project = grow(store)
    monkeypatch.setattr(store._db._lock, "inherited", True)
    with pytest.raises(ForkedHandleError):
        store.head("P-1")
    with pytest.raises(ForkedHandleError), store._db._lock:
        pass
    store._db.close()
    store._db._lock.close()
    monkeypatch.undo()
    store._db._closed = False

    assert project == store.head("P-1")
    store.close()


def test_forked_children_give_up_the_lock(path):
    """
    What runs after a fork closes the copies of all locks that are open, and of no other.
    """
    closed = SqliteStore(path)
    closed.close()
    with SqliteStore(path) as store:
        lock = store._db._lock
        copy = os.dup(lock._fd)
        _sqlite_lock._leave_all()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(lock._fd)
        assert (True, False) == (lock.inherited, closed._db._lock.inherited)
        lock._fd, lock.inherited = copy, False


def test_closed_while_somebody_reads(store):
    """
    A connection that is in use is closed by who uses it.
    """
    write(store, opened())
    assert [(1,)] == store._db.read(lambda cursor: [store.close(), cursor.execute("SELECT 1").fetchall()][1])
    assert not store._db._idle


def test_closed_while_somebody_waits(store):
    """
    Who waited for the lock of a store that was closed meanwhile is told so, and the lock is free.
    """
    lock = store._db._lock
    store.close()
    for _ in range(2):
        with pytest.raises(StoreClosedError), lock:
            pass


def test_read_while_somebody_writes(store):
    """
    A head is read also while a thread of this process writes.
    """
    project = grow(store)
    with store._db._lock:
        assert project == store.head("P-1")


def test_other_handles_are_seen(path):
    """
    A handle sees the commits of others, although it keeps heads.
    """
    with SqliteStore(path) as one, SqliteStore(path) as other:
        first = grow(one)
        assert first == other.head("P-1")
        second = write(other, moved(first))
        assert [second, second] == [one.head("P-1"), *one.find()]
        with pytest.raises(VersionConflictError):
            write(one, changed(first))


def test_few_heads_are_kept(store, monkeypatch):
    """
    What is kept to save work is bounded, and forgetting it changes no answer.
    """
    monkeypatch.setattr(_codec_project, "_HEADS", 2)
    monkeypatch.setattr(_codec_project, "_KEPT", 2)
    heads = [grow(store, f"P-{number}") for number in range(5)]

    assert heads == [store.head(each.id) for each in heads]
    assert (True, True) == (len(store._heads) <= 2, len(store._head_texts._contents) <= 2)


def test_says_what_it_can(store):
    """
    It is durable, for several processes and tenants.
    """
    assert Capabilities(durable=True, multi_process=True, tenants=True) == store.caps


def test_tenants(path):
    """
    Tenants use the same ids and keys, and see nothing of each other.
    """
    with SqliteStore(path) as one, SqliteStore(path, tenant="other") as other:
        first = opened(name="One")
        one.commit(commit(first, key=key(), notices=[notice()], attempts=[attempt()]))
        empty = (other.head("P-1"), other.find(), other.committed(key()), other.attempts("P-1"), claimed(other))
        second = opened(name="Other")
        other.commit(commit(second, key=key(request="b"), dues=(due(),)))
        other.commit(commit(dropped=(("P-1", 1),)))

        assert (None, [], None, (), ()) == empty
        assert ((first.fact,), (second.fact,)) == (one.feed().facts, other.feed("0").facts)
        assert (1, 0) == (len(claimed(one)), len(claimed(other, "deadline")))
        assert (1, 0) == (other.purge(keys_before=NOW + timedelta(days=1)), 0)
        assert first.fact == one.committed(key())


# Heads


HEADS = {
    "opened": opened(owner="王伟").project,
    "entries": told(opened().project, 1).project,
    "moved": moved(moved(opened().project, "won", outcome="won").project, 'a "quoted" stage').project,
    "held": grown(opened().project, Transitioned("pause", "pause", "hold", "lead", "rest", "undecided")).project,
    "passed": grown(opened().project, DeadlinePassed("sla", "lead", 1, NOW)).project,
    "parent": attrs.evolve(opened().project, parent="P-0"),
}
HEADS["resumed"] = grown(HEADS["held"], Transitioned("resume", "resume", "resume", "rest", "lead", "undecided")).project


@over_cases("name", HEADS)
def test_text_of_a_head(name):
    """
    The quick way to write a head writes what the codec writes.
    """
    texts = HeadTexts()

    assert canonical(encode_project(HEADS[name])).decode() == texts.text(HEADS[name], 100)
    assert canonical(encode_project(HEADS[name])).decode() == texts.text(HEADS[name], 100)


def test_text_follows_every_change():
    """
    Nothing that was kept from the head before is written once it changed.
    """
    texts = HeadTexts()
    heads = [opened().project]
    for step in (moved, changed, lambda last: told(last, 1), lambda last: told(last, 2)):
        heads.append(step(heads[-1]).project)
    heads.append(attrs.evolve(heads[-1], lifecycle_version="2"))

    assert [canonical(encode_project(each)).decode() for each in heads] == [texts.text(each, 1) for each in heads]


def test_large_heads_are_written_seldom(path):
    """
    A large dossier is not written with every move; readers fold the facts behind it.
    """
    with SqliteStore(path) as store:
        project = large(store)
        for _ in range(4):
            project = write(store, moved(project))
        behind = sql(path, "SELECT version - folded FROM sf_heads")
        with SqliteStore(path) as other:
            assert project == other.head("P-1")
        with SqliteStore(path) as other:
            assert [project] == other.find()
            assert other.check(deep=True).ok
            write(other, moved(project))

    assert behind >= [(4,)]
    assert [(0,)] == sql(path, "SELECT version - folded FROM sf_heads")


def test_heads_of_another_schema(path):
    """
    A head that another version wrote is folded anew from its facts.
    """
    with SqliteStore(path) as store:
        project = grow(store)
    sql(path, "UPDATE sf_heads SET body = '{\"v\":0}'")
    with SqliteStore(path) as store:
        assert project == store.head("P-1")


@attrs.frozen
class Pet:
    """An entry of some plugin."""

    kind = "pet"
    id: str


@attrs.frozen
class StrictPet(Pet):
    """The same, of a version that takes less."""

    age: int


def test_entries_of_plugins(path):
    """
    Entries are read back with the classes the store was told, and others are refused at the door.
    """
    pet = opened("P-1", EntryPut(Pet("rex")))
    with SqliteStore(path) as store, pytest.raises(InputError, match=r"entries=\[\.\.\.\]"):
        write(store, pet)
    with SqliteStore(path, entries=[Pet]) as store:
        write(store, pet)
    with SqliteStore(path, entries=[Pet]) as store:
        assert (pet.project, [pet.fact]) == (store.head("P-1"), list(store.load("P-1")))
    with SqliteStore(path) as store:
        assert [Pet.kind] == list(store.head("P-1").opaque)
    with SqliteStore(path, entries=[StrictPet]) as store, pytest.raises(StoreError, match="undamaged"):
        store.head("P-1")


def test_newer_facts(path):
    """
    A fact that a newer version wrote is refused, not guessed.
    """
    with SqliteStore(path) as store:
        grow(store)
        sql(path, "UPDATE sf_facts SET body = replace(body, '\"v\":1', '\"v\":9')")
        with pytest.raises(SchemaMismatchError):
            store.feed()


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"v":1}', "[" * 100_000], ids=range(6))
def test_damaged_texts(path, text):
    """
    A text that is not what was written is refused with its place.
    """
    with SqliteStore(path) as store:
        store.commit(commit(opened(), attempts=[attempt()]))
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in ("UPDATE sf_heads SET body = ?", "UPDATE sf_facts SET body = ?"):
            connection.execute(statement, (text,))
    with SqliteStore(path) as store:
        assert () == store.feed().facts
        with pytest.raises(StoreError):
            list(store.load("P-1"))
        with pytest.raises(StoreError):
            store.head("P-1")
        assert not store.check(deep=True).ok


@pytest.mark.parametrize("ago", [0, 1], ids=["last", "middle"])
def test_facts_behind_a_head_are_missing(path, ago):
    """
    A head whose facts are not all there is refused, not guessed.
    """
    with SqliteStore(path) as store:
        write(store, moved(write(store, moved(large(store)))))
    sql(path, f"DELETE FROM sf_facts WHERE version = (SELECT max(version) - {ago} FROM sf_facts)")
    with SqliteStore(path) as store, pytest.raises(StoreCorruptError, match="the facts behind it end at"):
        store.head("P-1")


# Reading


def test_load_reads_in_portions(store, monkeypatch):
    """
    A long history is read a portion at a time, and comes whole.
    """
    monkeypatch.setattr(_sqlite_reading, "_FACTS", 3)
    for facts in (5, 6, 7):
        grow(store, f"P-{facts}", facts=facts)
        assert list(range(1, facts + 1)) == [each.version for each in store.load(f"P-{facts}")]
    assert [2, 3, 4, 5] == [each.version for each in store.load("P-7", after=1, upto=5)]


def test_numbers_beyond_sqlite(store):
    """
    Numbers that SQLite does not have are no trouble to ask with.
    """
    project = grow(store, facts=2)
    far = 10**19

    assert (store.feed(str(far)).facts, list(store.load("P-1", after=far))) == ((), [])
    assert 2 == len(list(store.load("P-1", upto=far)))
    assert (2, [project]) == (len(store.feed(limit=far).facts), store.find(limit=far))
    store.commit(commit(changed(project), notices=[notice()]))
    assert 1 == len(claimed(store, limit=far))
    assert () == store.dead("notice", limit=far)


@pytest.mark.parametrize("text", ["\ud800", "é\ud800", "é", "x\0", "?"], ids=ascii)
def test_texts_that_nothing_has(store, text):
    """
    Whatever is asked for that is not there is not found, also what no database can hold.
    """
    grow(store)
    found = (store.head(text), list(store.load(text)), store.attempts(text), store.find(stage=text, owner=text))

    assert (None, [], (), []) == found
    assert [] == store.find(outcome=text)
    with pytest.raises(InputError, match="dead work"):
        store.requeue(text, at=NOW)


# Work


def test_work_comes_in_order(store):
    """
    Work is handed out from its time on, earliest first, ties by id.
    """
    limits = [due("B"), due("A"), due("C", days=-1), due("D", days=2)]
    store.commit(commit(*map(opened, "ABCD"), dues=tuple(limits)))
    first = claimed(store, "deadline", limit=2, days=0)
    second = claimed(store, "deadline", days=0)

    assert [["d:C:1:sla", "d:A:1:sla"], ["d:B:1:sla"]] == [[each.work.id for each in some] for some in (first, second)]
    assert limits[2] == first[0].work.body
    assert Claim(first[0].work, "w-1", first[0].token, NOW + timedelta(hours=1), 1) == first[0]
    assert NOW + timedelta(hours=1) == store.next_due("deadline")
    assert None is store.next_due("notice")


def test_leases_run_out(store):
    """
    Work whose lease ran out is handed out again, in the order of its time, and the old claim is lost.
    """
    store.commit(commit(opened("A"), opened("B"), dues=(due("A"), due("B", days=1))))
    (old,) = claimed(store, "deadline", days=0)
    assert () == claimed(store, "deadline", days=0)
    again = claimed(store, "deadline", owner="w-2", days=1)

    assert [("d:A:1:sla", 2), ("d:B:1:sla", 1)] == [(each.work.id, each.attempts) for each in again]
    assert old.token + 1 == again[0].token
    for lost in (
        lambda: store.extend(old, lease=timedelta(hours=1), at=NOW),
        lambda: store.release(old, retry_at=NOW, error="late"),
        lambda: store.release(old, retry_at=None, error="late"),
        lambda: store.commit(commit(opened("C"), done=(old,))),
    ):
        with pytest.raises(LeaseLostError, match="d:A:1:sla"):
            lost()
    assert None is store.head("C")


def test_claims_are_extended(store):
    """
    A claim may be held for longer, also after it ran out, and is then not handed out.
    """
    store.commit(commit(opened(), dues=(due(),)))
    (claim,) = claimed(store, "deadline", days=0)
    longer = store.extend(claim, lease=timedelta(days=5), at=NOW)

    assert (claim.token, NOW + timedelta(days=5)) == (longer.token, longer.until)
    assert () == claimed(store, "deadline", days=4)
    store.commit(commit(done=(longer,)))
    assert () == claimed(store, "deadline", days=9)


def test_failed_work(store):
    """
    Work that failed comes again when it is told to, is given up, and may be taken up anew.
    """
    store.commit(commit(opened(), notices=[notice()]))
    (first,) = claimed(store)
    store.release(first, retry_at=NOW + timedelta(days=2), error="no route")
    assert (NOW + timedelta(days=2), ()) == (store.next_due("notice"), claimed(store))
    (second,) = claimed(store, days=2)
    store.release(second, retry_at=None, error="x" * 501)
    (dead,) = store.dead("notice")
    assert (2, "x" * 500, notice()) == (dead.attempts, dead.error, dead.work.body)
    assert (None, ()) == (store.next_due("notice"), claimed(store, days=9))
    store.requeue(dead.work.id, at=NOW)
    (third,) = claimed(store, days=0)

    assert (1, first.token + 2, ()) == (third.attempts, third.token, store.dead("notice"))
    with pytest.raises(InputError, match="dead work"):
        store.requeue(dead.work.id, at=NOW)


def test_deadlines_are_replaced_and_dropped(store):
    """
    A deadline that is set again loses its old claim; a stay that ends drops its deadlines, claimed or not.
    """
    project = write(store, opened())
    store.commit(commit(dues=(due(), due(deadline="late"), due(visit=2, days=3))))
    held = claimed(store, "deadline", days=0)
    store.commit(commit(changed(project), dues=(due(days=1),)))
    with pytest.raises(LeaseLostError):
        store.commit(commit(done=(held[1],)))
    (again,) = claimed(store, "deadline", days=1)[1:]
    assert ("d:P-1:1:sla", True, 1) == (again.work.id, again.token > held[1].token + 1, again.attempts)
    store.commit(commit(dropped=(("P-1", 1),)))
    with pytest.raises(LeaseLostError):
        store.commit(commit(done=(again,)))

    assert NOW + timedelta(days=3) == store.next_due("deadline")


def test_done_is_part_of_the_commit(store):
    """
    Work is finished together with the facts it led to, once; a replay finishes what still holds.
    """
    project = write(store, opened())
    store.commit(commit(dues=(due(), due(deadline="late"))))
    late, sla = claimed(store, "deadline")
    store.commit(commit(changed(project), key=key(), done=(sla, sla)))
    with pytest.raises(KeyReusedError):
        store.commit(commit(changed(project), key=key(request="b"), done=(late,)))
    again = store.commit(commit(changed(project), key=key(), done=(sla, late)))

    assert (True, 2) == (again.replayed, store.head("P-1").version)
    assert None is store.next_due("deadline")


def test_purge(store):
    """
    Keys of facts from before a time are forgotten, facts are not.
    """
    first, second = opened(), opened("P-2")
    store.commit(commit(first, key=key()))
    later = changed(second.project)
    store.commit(commit(second))
    store.commit(commit(later, key=key(project_id="P-2")))

    assert 1 == store.purge(keys_before=later.fact.at)
    assert (None, later.fact) == (store.committed(key()), store.committed(key(project_id="P-2")))
    assert 3 == len(store.feed().facts)


# Errors


def failure(code, name="SQLITE_SOMETHING"):
    """What SQLite raises for a code."""
    error = sqlite3.OperationalError("customer 4711 is secret")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@over_cases(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusyError),
        (sqlite3.SQLITE_LOCKED, StoreBusyError),
        (sqlite3.SQLITE_FULL, StoreFullError),
        (sqlite3.SQLITE_IOERR_WRITE, StoreFullError),
        (sqlite3.SQLITE_IOERR_READ, StoreFailedError),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreCorruptError),
        (sqlite3.SQLITE_NOTADB, StoreCorruptError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreCorruptError),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailableError),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreUnavailableError),
        (sqlite3.SQLITE_PERM, StoreUnavailableError),
        (sqlite3.SQLITE_MISUSE, StoreError),
    ],
)
def test_errors_by_code(code, kind):
    """
    Errors are told apart by their code, and their text, which may hold anything, stays inside.
    """
    meaning = store_error(failure(code), "sales.db")

    assert kind is type(meaning)
    assert "sales.db" in str(meaning)
    assert "4711" not in str(meaning)


def test_error_without_a_code():
    """
    An error of the driver itself has no code.
    """
    assert "(ProgrammingError)" in str(store_error(sqlite3.ProgrammingError("?"), "sales.db"))


class Failing:
    """A cursor that fails at some statements."""

    def __init__(self, cursor, failures):
        self.cursor, self.failures = cursor, failures

    def execute(self, statement, *values):
        if statement in self.failures:
            raise self.failures[statement]
        return self.cursor.execute(statement, *values)

    def __getattr__(self, name):
        return getattr(self.cursor, name)


@pytest.mark.parametrize(
    ("code", "kind"), [(sqlite3.SQLITE_FULL, StoreFullError), (sqlite3.SQLITE_BUSY, StoreBusyError)]
)
def test_commit_that_was_not_written(store, monkeypatch, code, kind):
    """
    An error at the very end that means nothing was written leaves the store usable.
    """
    project = grow(store)
    with monkeypatch.context() as patch:
        patch.setattr(store._db, "_writer", Failing(store._db._writer, {"COMMIT": failure(code)}))
        with pytest.raises(kind):
            write(store, changed(project))

    assert project == store.head("P-1")
    assert 4 == write(store, changed(project)).version


def test_commit_of_unknown_outcome(path, monkeypatch):
    """
    After a failed sync nobody knows; the handle refuses to write, and a repetition in a new one is safe.
    """
    store = SqliteStore(path)
    project = grow(store)
    again = commit(changed(project), key=key())
    failing = Failing(store._db._writer, {"COMMIT": failure(sqlite3.SQLITE_IOERR_FSYNC)})
    monkeypatch.setattr(store._db, "_writer", failing)
    with pytest.raises(OutcomeUnknownError) as caught:
        store.commit(again)
    assert "k-1" == caught.value.key
    failing.failures.clear()
    with pytest.raises(StoreFailedError, match="open it again"):
        store.commit(again)
    assert project == store.head("P-1")
    store.close()
    with SqliteStore(path) as reopened:
        assert again.appends[0].fact == reopened.commit(again).fact
        assert again.appends[0].fact == reopened.commit(again).fact
        assert 4 == len(list(reopened.load("P-1")))


def test_transaction_that_cannot_be_undone(path, monkeypatch):
    """
    A handle whose transaction hangs refuses to write, and never reads what is in it.
    """
    store = SqliteStore(path)
    project = grow(store)
    failures = {"ROLLBACK": failure(sqlite3.SQLITE_IOERR), _sqlite.RECORD: failure(sqlite3.SQLITE_IOERR)}
    monkeypatch.setattr(store._db, "_writer", Failing(store._db._writer, failures))
    with pytest.raises(StoreFailedError, match="reading or writing failed"):
        write(store, changed(project))
    with pytest.raises(StoreFailedError, match="could not be undone"):
        write(store, changed(project))

    assert project == store.head("P-1")
    store.close()


def test_interrupted(store, monkeypatch):
    """
    Whatever interrupts a commit undoes it, and the store stays usable.
    """
    project = grow(store)
    with monkeypatch.context() as patch:
        patch.setattr(store._db, "_writer", Failing(store._db._writer, {_sqlite.RECORD: KeyboardInterrupt()}))
        with pytest.raises(KeyboardInterrupt):
            write(store, changed(project))

    assert project == store.head("P-1")
    assert 4 == write(store, changed(project)).version


def test_full_database(store):
    """
    A database that may not grow refuses commits, keeps what was acknowledged, and goes on when there is room.
    """
    project = write(store, opened())
    pages = store._db._connection.execute("PRAGMA page_count").fetchone()[0]
    store._db._connection.execute("PRAGMA max_page_count = 1").fetchall()
    with pytest.raises(StoreFullError, match="make room") as caught:
        write(store, changed(project, FieldSet("remark", "x" * 100_000)))
    assert isinstance(caught.value, OSError)
    assert pages >= 1
    assert (project, True) == (store.head("P-1"), store.check(deep=True).ok)
    store._db._connection.execute("PRAGMA max_page_count = 100000").fetchall()

    assert project.version + 1 == write(store, changed(project)).version


def test_full_database_in_a_batch(store):
    """
    Where there is no room SQLite gives up what waits of the batch, so the handle takes no more; what is durable stays.
    """
    project = write(store, opened())
    with store.batch():
        write(store, changed(project))
        store._db._connection.execute("PRAGMA max_page_count = 1").fetchall()
        with pytest.raises(StoreFullError, match="make room"):
            write(store, opened("P-2", FieldSet("remark", "x" * 100_000)))
        with pytest.raises(StoreFailedError, match="A batch could not be written"):
            write(store, opened("P-3"))

    assert (project, True) == (store.head("P-1"), store.check(deep=True).ok)


def test_a_batch_whose_transaction_ends(store):
    """
    Where SQLite gives the whole transaction up, the batch is lost and the handle says so from then on.
    """

    def give_up(cursor):
        cursor.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    with store.batch():
        write(store, opened())
        with pytest.raises(StoreError):
            store._db.write(give_up)
        with pytest.raises(StoreFailedError, match="A batch could not be written"):
            write(store, opened("P-2"))

    assert None is store.head("P-1")


def test_a_batch_that_sqlite_does_not_commit(path):
    """
    A transaction of a batch that cannot be committed is undone, and the handle takes no more.
    """
    sql(path, "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    sql(path, "CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
    with SqliteStore(path) as store:

        def lose():
            with store.batch():
                write(store, opened())
                store._db.write(lambda cursor: cursor.execute("INSERT INTO child VALUES (7)"))

        with pytest.raises(StoreCorruptError):
            lose()

        assert (None, []) == (store.head("P-1"), sql(path, "SELECT * FROM child"))


def test_a_batch_that_another_thread_loses_meanwhile(path, monkeypatch):
    """
    A head whose commit is lost before the head is put aside is not read, also when another commit has its version.
    """
    sql(path, "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    sql(path, "CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
    with SqliteStore(path) as store:
        project = write(store, opened())

        def lose(heads, head):
            monkeypatch.undo()
            with ThreadPoolExecutor(1) as pool, pytest.raises(StoreCorruptError):
                pool.submit(write, store, opened("P-2")).result()
            _codec_project.keep_head(heads, head)

        with store.batch():
            store._db.write(lambda cursor: cursor.execute("INSERT INTO child VALUES (7)"))
            monkeypatch.setattr(_sqlite, "keep_head", lose)
            write(store, changed(project, FieldSet("remark", "lost")))
        with SqliteStore(path) as other:
            kept = write(other, changed(project, FieldSet("remark", "kept")))

        assert [kept, kept] == [store.head("P-1"), *store.find()]


def test_a_batch_that_another_thread_writes_meanwhile(store):
    """
    A batch that waits for another thread, to read or to end, finds what that thread has made durable.
    """
    lock = store._db._lock.threads

    class Meanwhile:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            self.acquire()

        def acquire(self, **_wait):
            store._db._lock.threads = lock
            with ThreadPoolExecutor(1) as pool:
                pool.submit(write, store, opened(self.name)).result()
            return lock.acquire()

        def __exit__(self, *_raised):
            lock.release()

    with store.batch():
        write(store, opened())
        store._db._lock.threads = Meanwhile("P-2")
        found = store.find()
        write(store, opened("P-3"))
        store._db._lock.threads = Meanwhile("P-4")

    assert ["P-1", "P-2"] == [each.id for each in found]
    assert ["P-1", "P-2", "P-3", "P-4"] == [each.id for each in store.find()]


def test_a_batch_that_cannot_begin(path):
    """
    Where a stranger holds SQLite's own lock, a commit of a batch is refused as any other, and may be tried again.
    """
    with SqliteStore(path, timeout=0) as store, closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with store.batch():
            with pytest.raises(StoreBusyError):
                write(store, opened())
            stranger.execute("ROLLBACK")
            project = write(store, opened())

        assert project == store.head("P-1")


def test_busy_with_another_handle(path):
    """
    A commit waits for others only so long; nothing is written then, and trying again may help.
    """
    with SqliteStore(path) as one, SqliteStore(path, timeout=0.01) as other:
        with one._db._lock, pytest.raises(StoreBusyError, match=r"another process held .* 0\.01 seconds"):
            write(other, opened())
        assert None is one.head("P-1")
        with other._db._lock, pytest.raises(StoreBusyError, match="another thread"):
            write(other, opened())
        assert 1 == write(other, opened()).version


def test_waits_for_another_handle(path, monkeypatch):
    """
    A commit goes on as soon as the lock is free.
    """
    with SqliteStore(path) as one, SqliteStore(path) as other:
        one._db._lock.__enter__()
        monkeypatch.setattr("salesflow.stores._write_lock.sleep", lambda _: one._db._lock.__exit__())
        assert 1 == write(other, opened()).version


def test_busy_with_a_host(path):
    """
    A host that writes to its own tables does not queue at our lock; SQLite's is the second line.
    """
    with SqliteStore(path, timeout=0.01) as store, closing(sqlite3.connect(path, isolation_level=None)) as host:
        host.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="SQLITE_BUSY"):
            write(store, opened())
        host.execute("ROLLBACK")
        assert 1 == write(store, opened()).version


def test_reading_what_is_damaged(store):
    """
    A table that somebody took away is an error of the store, whoever asks.
    """
    grow(store)
    sql(store._db.name, "DROP TABLE sf_heads")
    with pytest.raises(StoreError, match="SQLite refused"):
        store.head("P-1")
    with pytest.raises(StoreError, match="SQLite refused"):
        store.find()


def test_facts_without_their_head(store):
    """
    A head that somebody took away is not written over what is there.
    """
    grow(store)
    sql(store._db.name, "DELETE FROM sf_heads")
    with pytest.raises(StoreCorruptError, match="do not fit together"):
        write(store, opened())


# Upkeep


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE sf_counters SET position = 7", "were given out"),
        ("UPDATE sf_heads SET version = 2", "head is at version 2, and it has 3 facts"),
        ("DELETE FROM sf_facts WHERE version = 2", "it has 2 facts up to version 3"),
        ("DELETE FROM sf_facts WHERE version = 1", "it has 2 facts"),
        ("DELETE FROM sf_heads", "head is at version 0, and it has 3 facts"),
        ("DELETE FROM sf_facts", "it has a head and no facts"),
        ("DELETE FROM sf_facts WHERE position = 4", "its fact is missing"),
    ],
)
def test_check(path, damage, sentence):
    """
    What does not fit together is found by counting, and not repaired.
    """
    with SqliteStore(path) as store:
        grow(store)
        store.commit(commit(opened("P-2"), key=key(project_id="P-2")))
        assert (True, 4) == (store.check().ok, store.check().facts)
        sql(path, damage)
        first, second = store.check(), store.check()

    assert any(sentence in each for each in first.problems)
    assert first == second


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sf_heads SET stage = 'won'",
        "UPDATE sf_heads SET owner = 'li.wei'",
        "UPDATE sf_heads SET body = replace(body, 'Upgrade', 'Downfall')",
        "UPDATE sf_heads SET folded = 1",
        "UPDATE sf_heads SET folded = 0",
        "UPDATE sf_facts SET body = replace(body, 'Upgrade', 'Downfall')",
        "UPDATE sf_facts SET body = '{}' WHERE position = 2",
    ],
)
def test_deep_check(path, damage):
    """
    What counts right and says something else is found by folding every fact.
    """
    with SqliteStore(path) as store:
        grow(store)
        assert store.check(deep=True).ok
        sql(path, damage)

        assert store.check().ok
        assert ["P-1"] == [each.split("'")[1] for each in store.check(deep=True).problems]


def test_deep_check_reads_every_page(path):
    """
    Damage to the file itself is found, wherever it is.
    """
    with SqliteStore(path) as store:
        grow(store)
    sql(path, "CREATE TABLE host (id INTEGER PRIMARY KEY, text TEXT)", "CREATE INDEX host_text ON host (text)")
    sql(
        path,
        "INSERT INTO host VALUES (1, 'here')",
        "PRAGMA writable_schema = ON",
        "DELETE FROM sqlite_master WHERE name = 'host_text'",
    )
    with SqliteStore(path) as store:
        assert any(each.startswith("database: ") for each in store.check(deep=True).problems)


def test_check_of_what_cannot_be_checked():
    """
    If SQLite cannot even look at the pages, that is a problem like any other.
    """

    class Broken:
        def execute(self, _statement):
            raise failure(sqlite3.SQLITE_CORRUPT)

    assert ["database: OperationalError."] == list(_sqlite_check._pages(Broken()))


STATEMENTS = {
    name: statement
    for module in (_sqlite, _sqlite_reading, _sqlite_work)
    for name, statement in vars(module).items()
    if isinstance(statement, str) and name.isupper() and not name.startswith("_")
}
STATEMENTS |= {
    f"page_of {key} {descending=} {begun=} {lacking=}": _sqlite_reading.page_of(
        "tenant = ?", Order(key, descending), begun=begun, lacking=lacking
    )
    for key in _sqlite_reading.COLUMNS
    for descending, begun, lacking in product((False, True), repeat=3)
    if key in ("closed_at", "owner") or not lacking
}
STATEMENTS |= {f"MOVES{each}": statement for each, statement in _sqlite.MOVES.items()}


@pytest.mark.untraced
def test_query_plans(store):
    """
    Every statement finds its rows by an index, and sorts at most what is few.
    """
    given = {"tenant": "main", "kind": "notice", "at": 1, "limit": 1, "until": 9, "due": 1, "id": ""}
    plans = {}
    for name, statement in STATEMENTS.items():
        values = given if ":tenant" in statement else ("x",) * statement.count("?")
        found = store._db._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        plans[name] = [step for *_, step in found]
    scans = [
        (name, step)
        for name, steps in plans.items()
        for step in steps
        if step[:4] == "SCAN" and "(subquery" not in step
    ]

    assert [] == scans
    assert {"CLAIMABLE", "UPCOMING"} == {name for name, steps in plans.items() if "TEMP B-TREE" in str(steps)}


@over_cases("column", ["stage", "owner", "outcome", "parent"])
def test_plans_of_look_ups(store, column):
    """
    A look-up pages by id along the index of what is asked for.
    """
    asked, values = _sqlite_reading.conditions(Query(**{column: "x"}), "main")
    statement = _sqlite_reading.page_of(asked, Order(), begun=True)
    plan = store._db._connection.execute(f"EXPLAIN QUERY PLAN {statement}", (*values, "x", 1)).fetchall()

    assert [f"SEARCH sf_heads USING INDEX sf_heads_{column} (tenant=? AND {column}=? AND project>?)"] == [
        step for *_, step in plan
    ]


def test_plan_of_a_claim(store):
    """
    Claiming reads what is due by the index of what is due.
    """
    plan = store._db._connection.execute(
        f"EXPLAIN QUERY PLAN {_sqlite_work.CLAIMABLE}", {"tenant": "main", "kind": "notice", "at": 1, "limit": 1}
    ).fetchall()
    used = [step for *_, step in plan if "INDEX" in step]

    assert [
        "SEARCH sf_work USING INDEX sf_work_ready (tenant=? AND kind=? AND due<?)",
        "SEARCH sf_work USING INDEX sf_work_leased (tenant=? AND kind=? AND until<?)",
    ] == used


def test_statements_are_constants():
    """
    Nothing that anybody hands in becomes part of a statement.
    """
    files = sorted(Path(_sqlite.__file__).parent.glob("*.py"))
    calls = [
        (path.name, ast.unparse(node.args[0]))
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("execute")
        if not isinstance(node.args[0], (ast.Constant, ast.Name, ast.Subscript))
    ]

    assert len(files) > 5
    assert [] == calls
