"""
What the contract leaves to each store: opening, schema versions, damage, the hook.
"""

from __future__ import annotations

import json
import runpy
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from threading import Barrier

import attrs
import pytest
import salesflow_sqlalchemy
from salesflow_sqlalchemy import SqlAlchemyStore, _checking, _reader, _store as store_module
from salesflow_sqlalchemy._writing import MissedError, write_all
from sqlalchemy import create_engine, text

from salesflow.errors import (
    ForkedHandleError,
    InputError,
    LeaseLostError,
    SchemaMismatchError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)
from salesflow.plugins import Plugins
from salesflow.stores import MemoryStore, copy_facts
from salesflow.testing import LEASE, NOW, attempt, changed, claim, commit, due, grow, key, moved, notice, opened, write
from salesflow.typing import EntryPut


@attrs.frozen
class Bid:
    """
    An entry that a plugin could bring.
    """

    kind = "bid"
    id: str
    price: int


@attrs.frozen
class Other:
    """
    A different class of the same kind.
    """

    kind = "bid"
    id: str
    name: str


def run(engine, statement: str, **values) -> None:
    """Change rows behind the store's back."""
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def test_entries_of_plugins(engine, store):
    """
    Entries come back as the classes that the store was opened with; without them they are opaque.
    """
    first = opened("P-1", EntryPut(Bid("b-1", 7)))
    with pytest.raises(InputError, match="entries="):
        store.commit(commit(first))
    with SqlAlchemyStore(engine, tenant=store._tenant, entries=[Bid]) as wider:
        wider.commit(commit(first))

        assert (first.project, [first.fact]) == (wider.head("P-1"), list(wider.load("P-1")))

    assert [Bid.kind] == list(store.head("P-1").opaque)
    with (
        SqlAlchemyStore(engine, tenant=store._tenant, entries=[Other]) as other,
        pytest.raises(StoreError, match="undamaged"),
    ):
        other.head("P-1")


def test_heads_of_another_schema_are_folded(engine, store):
    """
    A head that another version wrote is made anew from the facts, and is no problem.
    """
    project = grow(store)
    where = {"tenant": store._tenant}
    run(engine, "UPDATE salesflow_head SET body = '{\"v\": 0}' WHERE tenant = :tenant", **where)

    assert (project, [project]) == (store.head("P-1"), store.find())
    assert (3, ()) == (store.check(deep=True).facts, store.check(deep=True).problems)


DAMAGE = {
    "DELETE FROM salesflow_fact WHERE tenant = :tenant AND project = 'P-1' AND version = 2": "versions have a gap",
    "DELETE FROM salesflow_head WHERE tenant = :tenant AND project = 'P-1'": "not at the version of its last fact",
    "UPDATE salesflow_head SET version = 9 WHERE tenant = :tenant AND project = 'P-1'": "its last fact",
    "DELETE FROM salesflow_fact WHERE tenant = :tenant AND project = 'P-2'": "a key belongs to a fact that is gone",
    "UPDATE salesflow_counter SET pos = 1 WHERE tenant = :tenant": "the counter stands at 1",
}


@pytest.mark.parametrize("statement", DAMAGE, ids=DAMAGE.get)
def test_check_finds(engine, store, statement):
    """
    Rows that do not fit together are found without reading the facts.
    """
    grow(store)
    store.commit(commit(opened("P-2"), key=key(project_id="P-2")))
    run(engine, statement, tenant=store._tenant)
    found = store.check()

    assert 1 == sum(DAMAGE[statement] in each for each in found.problems)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE salesflow_head SET body = '[' WHERE tenant = :tenant", "its head"),
        ("UPDATE salesflow_head SET body = :head WHERE tenant = :tenant", "not what its facts add up to"),
        ("UPDATE salesflow_fact SET body = '{}' WHERE tenant = :tenant AND version = 2", "version 2: "),
        ("UPDATE salesflow_fact SET body = :fact WHERE tenant = :tenant AND version = 3", "the row holds version 1"),
    ],
    ids=["broken head", "other head", "broken fact", "other fact"],
)
def test_deep_check_finds(engine, store, statement, problem):
    """
    What only reading shows is found by the deep check.
    """
    grow(store)
    with engine.connect() as connection:
        where = {"tenant": store._tenant}
        head = connection.execute(text("SELECT body FROM salesflow_head WHERE tenant = :tenant"), where).scalar()
        fact = connection.execute(
            text("SELECT body FROM salesflow_fact WHERE tenant = :tenant AND version = 1"), where
        ).scalar()
    values = {"head": json.dumps({**json.loads(head), "name": "Changed"}), "fact": fact}
    run(engine, statement, **{name: values[name] for name in values if f":{name}" in statement}, **where)
    shallow, deep = store.check(), store.check(deep=True)

    assert () == shallow.problems
    assert [True] == [problem in each for each in deep.problems]


def test_long_histories_are_read_in_pages(store, monkeypatch):
    """
    A history longer than a page comes whole and in order, and is checked whole.
    """
    for module in (_reader, _checking):
        monkeypatch.setattr(module, "_PAGE", 4)
    grow(store, facts=9)

    assert list(range(1, 10)) == [each.version for each in store.load("P-1")]
    assert (9, ()) == (store.check(deep=True).facts, store.check(deep=True).problems)


def test_damaged_rows_are_refused(engine, store):
    """
    A row that nobody can have written is refused with its place, not skipped.
    """
    grow(store)
    store.commit(commit(opened("P-2"), key=key(project_id="P-2")))
    where = {"tenant": store._tenant}
    run(engine, "UPDATE salesflow_fact SET body = '[' WHERE tenant = :tenant AND project = 'P-1'", **where)
    run(engine, "DELETE FROM salesflow_fact WHERE tenant = :tenant AND project = 'P-2'", **where)
    with pytest.raises(StoreCorruptError, match="version 1 of project 'P-1'"):
        list(store.load("P-1"))
    with pytest.raises(StoreCorruptError, match="it is gone"):
        store.committed(key(project_id="P-2"))
    run(engine, "UPDATE salesflow_head SET body = '{\"v\": 0}' WHERE tenant = :tenant", **where)
    with pytest.raises(StoreCorruptError, match="version 1 of project 'P-1'"):
        store.head("P-1")


def test_a_fact_from_the_future(engine, store):
    """
    A fact of a newer schema is refused as such.
    """
    grow(store, facts=1)
    run(engine, "UPDATE salesflow_fact SET body = '{\"v\": 9}' WHERE tenant = :tenant", tenant=store._tenant)
    with pytest.raises(SchemaMismatchError, match="a fact has schema 9"):
        store.feed()


@pytest.mark.parametrize("found", ["4", None], ids=["newer", "foreign"])
def test_tables_of_another_version(tmp_path, found):
    """
    Tables of a newer version, or of somebody else, are refused and left alone.
    """
    engine = create_engine(f"sqlite:///{tmp_path / 'sales.db'}")
    SqlAlchemyStore(engine).close()
    run(engine, "DELETE FROM salesflow_meta" if found is None else "UPDATE salesflow_meta SET v = :v", v=found)
    with pytest.raises(SchemaMismatchError) as caught:
        SqlAlchemyStore(engine)
    with engine.connect() as connection, pytest.raises(SchemaMismatchError):
        SqlAlchemyStore.joining(connection)
    engine.dispose()

    assert (found, 3) == (caught.value.found, caught.value.wanted)


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_tables_of_the_version_before(request, pg_engine, tmp_path, database):
    """
    Older tables are brought up with what they hold; a reader that may make nothing says what to do.
    """
    if database == "postgresql":
        with pg_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS older")
            connection.exec_driver_sql("CREATE DATABASE older")
        engine = create_engine(pg_engine.url.set(database="older"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path / 'sales.db'}")
    with SqlAlchemyStore(engine) as store:
        store.commit(commit(opened(), attempts=[attempt()]))
        store.commit(commit(opened("P-2", parent="P-1")))
        store.commit(commit(moved(store.head("P-2"), "won", outcome="won", at=NOW + LEASE)))
    for column in ("opened", "closed"):
        run(engine, f"DROP INDEX salesflow_head_{column}")
        run(engine, f"ALTER TABLE salesflow_head DROP COLUMN {column}")
    run(engine, "DROP INDEX salesflow_attempt_order")
    run(engine, "DROP INDEX salesflow_head_parent")
    run(engine, "ALTER TABLE salesflow_head DROP COLUMN parent")
    run(engine, "ALTER TABLE salesflow_attempt DROP COLUMN xid")
    run(engine, "UPDATE salesflow_meta SET v = '1'")
    with SqlAlchemyStore(engine) as store:
        store.commit(commit(attempts=[attempt(trigger="later")]))
        found = store.refusals().attempts, store.head("P-1"), [each.id for each in store.find(parent="P-1")]
        closed = store.find(closed_between=(NOW, NOW + LEASE * 2)), store.find(order_by="opened_at", limit=1)
    engine.dispose()

    assert ((attempt(), attempt(trigger="later")), opened().project, ["P-2"]) == found
    assert (["P-2"], ["P-1"]) == tuple([each.id for each in page] for page in closed)


@pytest.mark.threads
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_opened_by_eight_at_once(request, server, pg_engine, tmp_path, database):
    """
    Of eight that find no tables one makes them, and all of them write.
    """
    url = f"sqlite+pysqlite:///{tmp_path / 'sales.db'}"
    if database == "postgresql":
        with pg_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS fresh")
            connection.exec_driver_sql("CREATE DATABASE fresh")
        url = server.replace("/postgres?", "/fresh?")
    start = Barrier(8)

    def open_and_write(number: int) -> int:
        start.wait()
        with SqlAlchemyStore(url) as store:
            return grow(store, f"P-{number}").version

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(open_and_write, range(8)))

    assert [3] * 8 == versions


def test_work_set_again_by_the_commit_that_finishes_it(store):
    """
    A commit may finish a deadline and set it again; the new one is there.
    """
    store.commit(commit(opened(), dues=[due()]))
    (held,) = claim(store, "deadline")
    later = NOW + timedelta(days=3)
    store.commit(commit(done=[held], dues=[due(at=later)]))
    (held,) = claim(store, "deadline", at=later)
    store.commit(commit(dropped=[("P-1", 1)], dues=[due(at=later, deadline="rot")], done=[held]))

    assert ["d:P-1:1:rot"] == [each.work.id for each in claim(store, "deadline", at=later)]


def test_a_replay_finishes_what_it_may(store):
    """
    Repeating a commit finishes its claims if they still hold, and never complains about them.
    """
    asked = commit(opened(), key=key(), notices=[notice()])
    store.commit(asked)
    (held,) = claim(store)
    again = attrs.evolve(asked, done=(held,))

    assert [True, True] == [store.commit(again).replayed for _ in range(2)]
    assert None is store.next_due("notice")


def test_a_key_without_a_fact(store):
    """
    A key goes with a fact; without one it is looked up, and nothing is kept under it.
    """
    store.commit(commit(opened(), key=key()))
    asked = commit(key=key("k-2"))

    assert (False, None) == (store.commit(asked).replayed, store.committed(key("k-2")))
    assert store.commit(commit(key=key())).replayed


def test_same_claim_twice(store):
    """
    Naming a claim twice in one commit is no second claim.
    """
    store.commit(commit(opened(), notices=[notice()]))
    (held,) = claim(store)
    store.commit(commit(done=[held, held]))

    assert None is store.next_due("notice")
    with pytest.raises(LeaseLostError):
        store.commit(commit(done=[held]))


def test_texts_that_no_database_keeps(store):
    """
    Asking for what cannot be stored finds nothing, in either database.
    """
    write(store, opened())
    found = [
        (store.head(odd), list(store.load(odd)), store.find(stage=odd), store.find(after=odd), store.attempts(odd))
        for odd in ("a\0b", "\ud800")
    ]

    assert [(None, [], [], [], ())] * 2 == found
    assert None is store.committed(key("a\0b"))
    with pytest.raises(InputError, match="dead work"):
        store.requeue("a\0b", at=NOW)


def test_never_ending_contention(store, monkeypatch):
    """
    A commit that never finds out what stands against it gives up as busy.
    """
    project = grow(store)
    monkeypatch.setattr(store_module, "why_not", lambda *_asked: None)
    with pytest.raises(StoreBusyError, match="nothing was written"):
        store.commit(commit(opened()))

    assert project == store.head("P-1")


def test_tried_again(store, monkeypatch):
    """
    What stood against a commit may be gone when the store asks for it; then it is tried again.
    """
    tries = iter([MissedError])

    def missed_once(*asked):
        for missed in tries:
            raise missed
        return write_all(*asked)

    monkeypatch.setattr(store_module, "write_all", missed_once)
    pair = opened("P-1"), opened("P-2")
    store.commit(commit(*pair))

    assert tuple(each.fact for each in pair) == store.feed().facts


def test_in_a_forked_child(store, monkeypatch):
    """
    A handle of the parent refuses in the child, and closing it there leaves the parent's connections alone.
    """
    project = grow(store)
    with monkeypatch.context() as child:
        child.setattr(store_module.os, "getpid", lambda: -1)
        with pytest.raises(ForkedHandleError):
            store.head("P-1")

    assert project == store.head("P-1")


@pytest.mark.parametrize("tenant", ["", "../x", "a b", "'; DROP", None])
def test_tenants_are_ids(lite_engine, tenant):
    """
    A tenant's name is an id like any other.
    """
    with pytest.raises(InputError, match="tenant"):
        SqlAlchemyStore(lite_engine, tenant=tenant)


def test_an_engine_of_another_driver():
    """
    An engine whose errors would not be understood is refused.
    """
    engine = create_engine("sqlite+pysqlcipher://", module=sqlite3)
    with pytest.raises(InputError, match="sqlite\\+pysqlcipher"):
        SqlAlchemyStore(engine)


def test_a_database_in_memory():
    """
    A database that ends with its connection is refused.
    """
    with pytest.raises(InputError, match="name a file"):
        SqlAlchemyStore("sqlite://")


def test_a_place_that_cannot_be(tmp_path):
    """
    A database file is refused where everybody may replace it, and where the system cannot make it.
    """
    tmp_path.chmod(0o777)
    with pytest.raises(InputError, match="Everybody may write"):
        SqlAlchemyStore(f"sqlite:///{tmp_path / 'sales.db'}")
    tmp_path.chmod(0o700)
    with pytest.raises(StoreUnavailableError, match="too long"):
        SqlAlchemyStore(f"sqlite:///{tmp_path / ('x' * 300)}")

    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_taken_away(lite_engine, tmp_path):
    """
    Nothing is read from or written to another file than the one that was opened, wherever its connections are.
    """
    with SqlAlchemyStore(lite_engine) as store:
        project = write(store, opened())
        for name in ("host.db", "host.db-wal"):
            (tmp_path / name).rename(tmp_path / "away")
            with pytest.raises(StoreUnavailableError, match="removed or replaced"):
                write(store, changed(project))
            (tmp_path / "away").rename(tmp_path / name)
        write(store, changed(project))

        assert 2 == store.head("P-1").version


def test_a_database_that_keeps_nothing(tmp_path):
    """
    Whoever only reads is refused at a database without our tables, and makes none.
    """
    sqlite3.connect(tmp_path / "host.db").close()
    with pytest.raises(InputError, match="no tables of salesflow"):
        SqlAlchemyStore(f"sqlite:///{tmp_path / 'host.db'}", create=False)


def test_a_file_that_is_no_database(tmp_path):
    """
    A file of something else is refused and left as it is.
    """
    path = tmp_path / "sales.db"
    path.write_text("These are the sales of March.\n" * 100)
    with pytest.raises(StoreCorruptError):
        SqlAlchemyStore(f"sqlite:///{path}")

    assert path.read_text().startswith("These are")


def test_a_medium_without_wal(tmp_path):
    """
    Where SQLite does not switch to WAL, commits would not be what is promised.
    """
    path = tmp_path / "sales.db"
    with pytest.raises(StoreError, match="journal_mode"):
        SqlAlchemyStore(f"sqlite:///file:{path}?vfs=unix-none&uri=true")


def test_files_are_private(tmp_path):
    """
    The files of a database are their owner's alone.
    """
    with SqlAlchemyStore(f"sqlite:///{tmp_path / 'sales.db'}") as store:
        write(store, opened())

        assert {0o600} == {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}


def test_settings_of_every_connection(lite_engine):
    """
    Each connection that commits is in WAL and syncs every commit.
    """
    with SqlAlchemyStore(lite_engine) as store:
        write(store, opened())
        found = store._connections.read(
            lambda connection: [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            ]
        )

    assert ["wal", 2] == found


def test_the_hook(tmp_path):
    """
    Installed, the plugin opens its URLs, and plain SQLite is left to the store that needs no SQLAlchemy.
    """
    plugins = Plugins(salesflow_sqlalchemy)
    url = f"sqlite+pysqlite:///{tmp_path / 'sales.db'}"
    with plugins.open_store(url, tenant="acme") as opened_by_url:
        write(opened_by_url, opened())
    with SqlAlchemyStore(url, tenant="acme") as again:
        found = again.head("P-1")

    assert opened().project == found
    assert {"postgresql", "postgresql+psycopg", "sqlite+pysqlite"} <= set(plugins.stores)
    assert "salesflow_sqlalchemy" in [point.value for point in entry_points(group="salesflow")]


def test_the_engine_of_the_host_stays_open(lite_engine):
    """
    Closing a store leaves the host's engine as it is.
    """
    with SqlAlchemyStore(lite_engine) as store:
        project = write(store, opened())
        write(store, moved(project), changed(moved(project).project))
    with lite_engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM salesflow_fact")).scalar()

    assert 3 == count


def test_the_example(server, capsys):
    """
    The example books an order with its move, and rolls both back.
    """
    path = Path(__file__).parents[1] / "examples" / "order_desk.py"
    runpy.run_path(str(path))["main"](server)

    assert [
        "rolled back: an order needs an item",
        "orders: 0 | stage: offered",
        "orders: 1 | stage: ordered",
    ] == capsys.readouterr().out.splitlines()


def test_spoilt_rows_are_no_hindrance(engine, store):
    """
    A head that cannot be read is left out of what is found; work is given up, or left to the newer version that set it.
    """
    for number in range(4):
        store.commit(commit(opened(f"P-{number}"), dues=[due(f"P-{number}")]))
    for table, project, body in (("head", 1, "["), ("work", 2, '{"v":99}'), ("work", 3, '{"v":1}')):
        statement = f"UPDATE salesflow_{table} SET body = :body WHERE project = :project AND tenant = :tenant"
        run(engine, statement, body=body, project=f"P-{project}", tenant=store._tenant)
    found = [each.id for each in store.find(limit=2)], [each.work.project_id for each in claim(store, "deadline")]

    assert (["P-0", "P-2"], ["P-0", "P-1"], ()) == (*found, tuple(store.dead("deadline")))


@pytest.mark.parametrize("body", ["[", '{"v":1}'])
def test_a_spoilt_fact_is_no_hindrance(engine, store, caplog, body):
    """
    The feed and copies leave out the project of a fact that cannot be read, from there on, and log its name.
    """
    for number in range(3):
        write(store, changed(write(store, opened(f"P-{number}"))))
    store.commit(commit(attempts=[attempt(trigger=each) for each in ("one", "two")]))
    spoilt = "SET body = :body WHERE project = 'P-1' AND tenant = :tenant"
    run(engine, f"UPDATE salesflow_fact {spoilt} AND version = 1", body=body, tenant=store._tenant)
    run(engine, f"UPDATE salesflow_attempt {spoilt}", body=body, tenant=store._tenant)
    last = store.feed(limit=2).cursor
    page, target = store.feed(last, limit=1), MemoryStore()

    assert [("P-1", 2)] == [(each.project_id, each.version) for each in page.facts]
    assert (4, ["P-0", "P-2"]) == (copy_facts(store, target), [each.id for each in target.find()])
    assert ((), ()) == (store.refusals().attempts, target.refusals().attempts)
    assert any("version 1 of project 'P-1'" in each for each in caplog.messages)
