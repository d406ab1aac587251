"""
PostgreSQL: one statement for a commit, and what happens when the server is busy, cut off, or gone.
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from salesflow.errors import (
    InputError,
    LeaseLostError,
    OutcomeUnknownError,
    StoreBusyError,
    StoreError,
    StoreUnavailableError,
    VersionConflictError,
)
from salesflow.testing import attempt, changed, claim, commit, due, dump, grow, key, moved, notice, opened
from salesflow.typing import FieldSet


@contextmanager
def counted(engine):
    """
    Collect the statements that are sent.
    """
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "make",
    [
        lambda project, held: commit(moved(project)),
        lambda project, held: commit(
            changed(project), key=key(), notices=[notice()], dues=[due()], attempts=[attempt()]
        ),
        lambda project, held: commit(opened("P-2"), key=key(project_id="P-2"), notices=[notice("P-2")]),
        lambda project, held: commit(changed(project), done=[held], dropped=[("P-1", 1)]),
        lambda project, held: commit(done=[held]),
        lambda project, held: commit(attempts=[attempt()]),
    ],
    ids=["move", "everything", "opening", "timer", "acknowledge", "refused attempt"],
)
@pytest.mark.parametrize("ordering", ["total", "relaxed"])
def test_a_commit_is_one_statement(pg_engine, request, ordering, make):
    """
    A commit of one fact with all that belongs to it goes to the server in one statement and comes back once.
    """
    tenant = f"one-{ordering}-{request.node.callspec.id.partition('-')[2].replace(' ', '-')}"
    with SqlAlchemyStore(pg_engine, tenant=tenant, ordering=ordering) as store:
        project = grow(store)
        store.commit(commit(dues=[due(visit=9)]))
        (held,) = claim(store, "deadline")
        asked = make(project, held)
        with counted(pg_engine) as sent:
            store.commit(asked)

        assert 1 == len(sent)
        assert () == store.check(deep=True).problems


def test_a_lost_claim_undoes_the_statement(pg_store):
    """
    When a claim does not hold any more, the fact of the same statement is not written.
    """
    project = grow(pg_store)
    pg_store.commit(commit(dues=[due()]))
    (held,) = claim(pg_store, "deadline")
    pg_store.commit(commit(dues=[due()]))
    before = dump(pg_store)
    with pytest.raises(LeaseLostError):
        pg_store.commit(commit(changed(project), done=[held]))

    assert before == dump(pg_store)


def test_a_conflict_keeps_the_claim(pg_store):
    """
    When the version is wrong, the work of the same statement is not finished.
    """
    grow(pg_store)
    pg_store.commit(commit(dues=[due()]))
    (held,) = claim(pg_store, "deadline")
    with pytest.raises(VersionConflictError):
        pg_store.commit(commit(opened(), done=[held]))
    pg_store.commit(commit(done=[held]))

    assert None is pg_store.next_due("deadline")


def test_several_projects_and_a_lost_claim(pg_store):
    """
    A commit of two projects is all or nothing as well.
    """
    pg_store.commit(commit(opened(), dues=[due()]))
    (held,) = claim(pg_store, "deadline")
    pg_store.commit(commit(dues=[due()]))
    before = dump(pg_store)
    with pytest.raises(LeaseLostError):
        pg_store.commit(commit(opened("P-2"), opened("P-3"), done=[held]))

    assert before == dump(pg_store)


@pytest.mark.parametrize("deliver", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("word", "appends"),
    [(b"INSERT INTO salesflow_fact", [opened()]), (b"COMMIT\0", [opened(), opened("P-2")])],
    ids=["one statement", "transaction"],
)
def test_cut_while_committing(line, request, word, appends, deliver):
    """
    Whether the commit arrived is unknown; repeating it with its key makes it exactly once.
    """
    with SqlAlchemyStore(line.url, tenant=f"cut-{abs(hash(request.node.name))}") as store:
        asked = commit(*appends, key=key())
        line.cut_at(word, deliver=deliver)
        with pytest.raises(OutcomeUnknownError) as caught:
            store.commit(asked)
        again = store.commit(asked)

        assert ("k-1", deliver) == (caught.value.key, again.replayed)
        assert tuple(each.fact for each in appends) == store.feed().facts


def test_cut_before_committing(line):
    """
    A connection that breaks before the last word is a plain failure: nothing was written.
    """
    with SqlAlchemyStore(line.url, tenant="cut-early") as store:
        line.cut_at(b"INSERT INTO salesflow_head", deliver=True)
        with pytest.raises(StoreUnavailableError, match="Nothing was written"):
            store.commit(commit(opened(), opened("P-2")))

        assert () == store.feed().facts


def test_cut_while_reading(line):
    """
    A question that gets no answer fails, and the next one gets through.
    """
    with SqlAlchemyStore(line.url, tenant="cut-read") as store:
        line.cut_at(b"SELECT body FROM salesflow_head", deliver=True)
        with pytest.raises(StoreUnavailableError):
            store.head("P-1")

        assert None is store.head("P-1")


def test_terminated_by_the_server(pg_engine, server):
    """
    When the server hangs up on every idle connection, the next commit cannot know how far it came, and one more can.
    """
    with SqlAlchemyStore(make_url(server).update_query_dict({"application_name": "doomed"}), tenant="term") as store:
        project = grow(store)
        with store._connections._lent(), store._connections._lent(), store._connections._lent():
            pass  # as after three threads
        with pg_engine.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'doomed'")
            )
        with pytest.raises(OutcomeUnknownError):
            store.commit(commit(changed(project)))
        store.commit(commit(changed(project)))

        assert 4 == store.head("P-1").version


def test_locked_for_too_long(pg_engine, server):
    """
    Whoever waits too long for a lock is told that the store is busy; nothing was written.
    """
    url = make_url(server).update_query_dict({"options": "-c lock_timeout=20ms"})
    with SqlAlchemyStore(url, tenant="busy") as store:
        project = grow(store)
        with pg_engine.begin() as connection:
            connection.execute(text("SELECT 1 FROM salesflow_counter WHERE tenant = 'busy' FOR UPDATE"))
            with pytest.raises(StoreBusyError, match="55P03"):
                store.commit(commit(changed(project)))
            with pytest.raises(StoreBusyError, match="55P03"):
                store.commit(commit(changed(project), opened("P-2")))

        assert (project, None) == (store.head("P-1"), store.head("P-2"))


def test_claims_pass_over_what_is_being_claimed(pg_engine, pg_store):
    """
    A claim does not wait for another one that is not finished; it takes what is left.
    """
    pg_store.commit(commit(opened(), notices=[notice(), notice()]))
    with pg_engine.begin() as connection:
        inside = SqlAlchemyStore.joining(connection, tenant=pg_store._tenant)
        (first,) = claim(inside, limit=1)
        (second,) = claim(pg_store)

    assert ["n:P-1:1:0", "n:P-1:1:1"] == [first.work.id, second.work.id]


def shown(error: BaseException) -> str:
    """All that a log would have of an error."""
    return "".join(traceback.format_exception(error)) + repr(error)


def test_no_server(tmp_path):
    """
    A server that is not there is unavailable, and neither its address nor the password is shown.
    """
    url = f"postgresql://sales:s3cret@/canary?host={tmp_path}"
    with pytest.raises(StoreUnavailableError) as caught:
        SqlAlchemyStore(url)

    assert [] == [word for word in ("s3cret", "canary", str(tmp_path)) if word in shown(caught.value)]


def test_no_values_in_messages(pg_engine, server):
    """
    What the database says of a failing statement is not passed on, with the values in it.
    """
    url = make_url(server).update_query_dict({"options": "-c lock_timeout=20ms"})
    with SqlAlchemyStore(url, tenant="canary") as store:
        asked = commit(opened("P-1", FieldSet("remark", "c4nary")), key=key("k-c4nary"))
        with pg_engine.begin() as connection:
            connection.execute(text("LOCK TABLE salesflow_head"))
            with pytest.raises(StoreBusyError) as caught:
                store.commit(asked)

    assert "c4nary" not in shown(caught.value)


def test_a_server_that_forgets(server):
    """
    A server that answers before a commit is durable is refused.
    """
    url = make_url(server).update_query_dict({"options": "-c synchronous_commit=off"})
    with pytest.raises(StoreError, match="synchronous_commit"):
        SqlAlchemyStore(url)


def test_the_password_of_a_bad_url_is_not_shown():
    """
    A URL that cannot be read, or leads to a database that is not supported, is refused without its secrets.
    """
    for url in ("sales:s3cret@host", "mysql+nothing://sales:s3cret@host/db", "postgresql+psycopg://u:s3cret@h:x/db"):
        with pytest.raises(InputError) as caught:
            SqlAlchemyStore(url)

        assert "s3cret" not in shown(caught.value)
