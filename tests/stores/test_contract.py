"""
What every store promises, whatever it is made of.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from salesflow import dossier
from salesflow._facts import Changed, EntryPut, FieldSet
from salesflow._project import replay
from salesflow._values import Money
from salesflow.errors import (
    InputError,
    InvalidValueError,
    KeyReusedError,
    StoreClosedError,
    TooLargeError,
    VersionConflictError,
)
from salesflow.typing import Append, Committed, Page, Store

from .factory import NOW, attempt, changed, claimed, commit, dump, grow, grown, key, moved, notice, opened, write


def test_is_a_store(store):
    """
    It has the shape that pipelines ask for.
    """
    assert isinstance(store, Store)


def test_empty(store):
    """
    An empty store has nothing, and the cursor of its feed stays where it is.
    """
    found = (
        store.head("P-1"),
        list(store.load("P-1")),
        store.feed(),
        store.find(),
        store.find(stage="lead", owner="li.wei"),
        store.committed(key()),
        store.attempts("P-1"),
        store.next_due("notice"),
        store.dead("deadline"),
    )

    assert (None, [], Page((), ""), [], [], None, (), None, ()) == found


def test_reads_back_every_field(store):
    """
    Facts and heads come back equal to what was committed.
    """
    artefact = dossier.Artefact("market_research_report", digest="sha256:00")
    first = opened("P-1", FieldSet("amount", Money("1200000.50", "CNY")), EntryPut(artefact), owner="王伟")
    second = moved(first.project)
    write(store, first, second)

    assert [first.fact, second.fact] == list(store.load("P-1"))
    assert second.project == store.head("P-1")


def test_commit_answers_with_the_first_fact(store):
    """
    A commit answers with the fact of its first append, and a new one is no replay.
    """
    first = opened()
    second = opened("P-2")

    assert Committed(first.fact) == store.commit(commit(first, second))


def test_versions_have_no_gaps(store):
    """
    The versions of a project count from 1, and its head is the sum of its facts.
    """
    grow(store, facts=5)
    facts = list(store.load("P-1"))

    assert [1, 2, 3, 4, 5] == [each.version for each in facts]
    assert replay(facts) == store.head("P-1")


@pytest.mark.parametrize("expected", [0, 1, 3], ids=["exists", "too low", "too high"])
def test_version_conflict(store, expected):
    """
    A commit at any version but the current one is refused, with the current one, and changes nothing.
    """
    project = grow(store, facts=2)
    other = grow_apart(expected)
    before = dump(store)
    with pytest.raises(VersionConflictError) as caught:
        store.commit(commit(other))

    assert ("P-1", expected, 2) == (caught.value.project_id, caught.value.expected, caught.value.actual)
    assert before == dump(store)
    assert project == store.head("P-1")


def grow_apart(version: int) -> Append:
    """An append to P-1 that expects a version, made without asking the store."""
    made = opened(name="Another")
    for _ in range(version):
        made = changed(made.project)
    return made


def test_missing_project_is_a_conflict(store):
    """
    A project that does not exist is at version 0.
    """
    with pytest.raises(VersionConflictError) as caught:
        store.commit(commit(changed(opened().project)))

    assert (1, 0) == (caught.value.expected, caught.value.actual)


def test_several_projects_in_one_commit(store):
    """
    A commit of several projects keeps their order.
    """
    parent = write(store, opened())
    pair = moved(parent, "won"), opened("P-2")
    store.commit(commit(*pair))

    assert tuple(each.fact for each in pair) == store.feed("1").facts


def test_one_conflict_undoes_all(store):
    """
    If one project of a commit is not where it should be, no other one is written.
    """
    project = grow(store)
    before = dump(store)
    with pytest.raises(VersionConflictError):
        store.commit(commit(opened("P-2"), moved(opened("P-3").project), key=key(), notices=[notice()]))

    assert before == dump(store)
    assert (None, None, project) == (store.head("P-2"), store.committed(key()), store.head("P-1"))


def test_one_project_twice_is_refused(store):
    """
    A commit has one fact per project.
    """
    first = opened()
    with pytest.raises(InputError, match="comes twice") as caught:
        store.commit(commit(opened("P-2"), first, changed(first.project)))

    assert "P-1" == caught.value.value
    assert None is store.head("P-1")


@pytest.mark.parametrize(
    "append",
    [
        Append(1, opened().fact, opened().project),
        Append(0, opened().fact, opened("P-2").project),
        Append(0, opened().fact, changed(opened().project).project),
        Append(0, grown(opened().project, Changed(())).fact, opened().project),
        Append(1, changed(opened().project).fact, opened().project),
    ],
    ids=["version", "other head", "later head", "no opening", "old head"],
)
def test_parts_of_an_append_must_fit(store, append):
    """
    Expected version, fact and head belong together, or no history could be replayed.
    """
    with pytest.raises(InputError, match="must follow each other"):
        store.commit(commit(append))

    assert () == store.feed().facts


@pytest.mark.parametrize(
    ("bounds", "versions"),
    [
        ({}, [1, 2, 3, 4]),
        ({"after": 2}, [3, 4]),
        ({"upto": 2}, [1, 2]),
        ({"after": 1, "upto": 3}, [2, 3]),
        ({"after": 4}, []),
        ({"after": 3, "upto": 2}, []),
        ({"upto": 0}, []),
        ({"after": -1, "upto": -1}, []),
        ({"upto": 99}, [1, 2, 3, 4]),
    ],
    ids=str,
)
def test_load_bounds(store, bounds, versions):
    """
    ``load`` gives the versions behind *after* and up to *upto*.
    """
    grow(store, facts=4)

    assert versions == [each.version for each in store.load("P-1", **bounds)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_feed_gives_every_fact_once(store, limit):
    """
    Whoever follows the feed sees every fact once and in order, with any size of page.
    """
    for number in range(3):
        grow(store, f"P-{number}", facts=2)
    store.commit(commit(opened("A"), opened("B")))
    seen, cursor = [], ""
    while (page := store.feed(cursor, limit=limit)).facts:
        seen += [(each.project_id, each.version) for each in page.facts]
        cursor = page.cursor
    grow(store, "late", facts=1)

    assert [(f"P-{n}", v) for n in range(3) for v in (1, 2)] + [("A", 1), ("B", 1)] == seen
    assert cursor == page.cursor
    assert ["late"] == [each.project_id for each in store.feed(cursor).facts]


@pytest.mark.parametrize("cursor", ["x", "-1", "１", "9" * 21, "1 "])
def test_foreign_cursor(store, cursor):
    """
    A cursor that no page had is refused.
    """
    with pytest.raises(InputError, match="cursor of the page before"):
        store.feed(cursor)


@pytest.mark.parametrize("limit", [0, -1])
def test_limits_are_positive(store, limit):
    """
    Asking for nothing is a mistake, and is called one.
    """
    with pytest.raises(InputError, match="limit"):
        store.feed(limit=limit)
    with pytest.raises(InputError, match="limit"):
        store.find(limit=limit)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["A", "B", "C", "D"]),
        ({"stage": "lead"}, ["A", "D"]),
        ({"stage": "offer"}, ["C"]),
        ({"owner": "li.wei"}, ["A", "C"]),
        ({"outcome": "won"}, ["B"]),
        ({"stage": "lead", "owner": "li.wei"}, ["A"]),
        ({"stage": "won", "owner": "li.wei", "outcome": "won"}, []),
        ({"stage": "elsewhere"}, []),
    ],
    ids=str,
)
def test_find(store, asked, ids):
    """
    ``find`` combines stage, owner and outcome, and follows moves and new owners.
    """
    write(store, opened("D"))
    last = write(store, opened("B", owner="li.wei"))
    last = write(store, changed(last, FieldSet("owner", "chen.yu")))
    write(store, moved(last, "won", outcome="won"))
    last = write(store, opened("C"))
    write(store, moved(write(store, changed(last, FieldSet("owner", "li.wei")))))
    write(store, opened("A", owner="li.wei"))

    assert ids == [each.id for each in store.find(**asked)]


def test_find_pages_while_projects_move(store):
    """
    Paging by id misses nobody that stays, whatever moves between the pages.
    """
    heads = {name: write(store, opened(name, owner="li.wei")) for name in "FBDACE"}
    first = store.find(stage="lead", owner="li.wei", limit=2)
    write(store, moved(heads["A"]), moved(heads["C"]), opened("DD", owner="li.wei"))
    second = store.find(stage="lead", owner="li.wei", after=first[-1].id, limit=2)
    third = store.find(stage="lead", owner="li.wei", after=second[-1].id, limit=2)

    assert [["A", "B"], ["D", "DD"], ["E", "F"]] == [[each.id for each in page] for page in (first, second, third)]


def test_owner_can_be_cleared(store):
    """
    A project whose owner was cleared is found under nobody.
    """
    write(store, changed(write(store, opened(owner="li.wei")), FieldSet("owner", None)))

    assert [] == store.find(owner="li.wei")


def test_owner_that_is_no_text(store):
    """
    A field of another type may be called owner; nobody is found by it.
    """
    last = write(store, opened("P-1", FieldSet("owner", ["li.wei", "chen.yu"])))
    write(store, changed(last, FieldSet("owner", "li.wei")))

    assert (["P-1"], []) == ([each.id for each in store.find(owner="li.wei")], store.find(owner="chen.yu"))


def test_same_commit_twice(store):
    """
    The same request under the same key gives the first result and writes nothing.
    """
    first = store.commit(commit(opened(), key=key(), notices=[notice()], attempts=[attempt()]))
    before = dump(store)
    second = store.commit(commit(opened(), key=key(), notices=[notice()], attempts=[attempt()]))

    assert (first.fact, False, True) == (second.fact, first.replayed, second.replayed)
    assert before == dump(store)


def test_retry_after_the_version_moved(store):
    """
    A retry that comes late still gets the first result, not a conflict.
    """
    again = changed(grow(store))
    store.commit(commit(again, key=key()))
    write(store, moved(again.project))

    assert Committed(again.fact, replayed=True) == store.commit(commit(again, key=key()))


def test_key_of_another_request(store):
    """
    A key that comes back with another request is refused, and nothing is written.
    """
    project = opened()
    store.commit(commit(project, key=key()))
    before = dump(store)
    with pytest.raises(KeyReusedError) as caught:
        store.commit(commit(changed(project.project), key=key(request="b")))
    with pytest.raises(KeyReusedError):
        store.committed(key(request="b"))

    assert ("P-1", "k-1") == (caught.value.project_id, caught.value.key)
    assert before == dump(store)


def test_keys_belong_to_projects(store):
    """
    Two projects may use the same key, and ``committed`` finds the fact of each.
    """
    first, second = opened(), opened("P-2")
    store.commit(commit(first, key=key()))
    store.commit(commit(second, key=key(project_id="P-2", request="b")))

    assert first.fact == store.committed(key())
    assert second.fact == store.committed(key(project_id="P-2", request="b"))


def test_attempts_alone(store):
    """
    Refused attempts are kept without a fact, in order, each with its project.
    """
    project = grow(store)
    store.commit(commit(attempts=[attempt(trigger="one"), attempt("P-2")], key=key()))
    answer = store.commit(commit(attempts=[attempt(trigger="two"), attempt(trigger="three")]))

    assert (Committed(None), project, None) == (answer, store.head("P-1"), store.committed(key()))
    assert ["one", "two", "three"] == [each.trigger for each in store.attempts("P-1")]
    assert (attempt("P-2"),) == store.attempts("P-2")


def test_nothing_to_write(store):
    """
    A commit of nothing is allowed and leaves nothing.
    """
    assert Committed(None) == store.commit(commit())
    assert Page((), "") == store.feed()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "finite"),
        (2**53, "store it as text"),
        ("\ud800", "half a character"),
        ("a\0b", "U\\+0000"),
        ({1: "one"}, "is no text"),
        (object(), "cannot be stored"),
    ],
    ids=["nan", "large", "surrogate", "nul", "key", "object"],
)
def test_values_outside_the_domain(store, value, why):
    """
    A value that some store could not keep is refused by every one, with its name.
    """
    with pytest.raises(InvalidValueError, match=why) as caught:
        store.commit(commit(opened("P-1", FieldSet("remark", value))))

    assert "remark" in caught.value.path
    assert None is store.head("P-1")


@pytest.mark.parametrize(
    "parts",
    [
        {"notices": [notice(count=2**60)]},
        {"attempts": [attempt(trigger="\0")]},
        {"key": key("")},
        {"key": key("k" * 257)},
        {"key": key("a\nb")},
        {"key": key("\udc00")},
    ],
    ids=str,
)
def test_other_parts_outside_the_domain(store, parts):
    """
    Notices, attempts and keys are held to the same domain.
    """
    with pytest.raises(InvalidValueError):
        store.commit(commit(opened(), **parts))

    assert None is store.head("P-1")


def test_large_fact(store):
    """
    A fact over the limit is refused with its size and its project, one below is kept.
    """
    kept = changed(write(store, opened()), FieldSet("remark", "x" * 255 * 1024))
    write(store, kept)
    with pytest.raises(TooLargeError, match="of project 'P-1'") as caught:
        store.commit(commit(changed(kept.project, FieldSet("remark", "x" * 257 * 1024))))

    assert caught.value.size > caught.value.limit
    assert [1, 2] == [each.version for each in store.load("P-1")]


@pytest.mark.parametrize("name", ["CON", "x" * 128, "a..b", "1.sfj", "LOCK"])
def test_odd_ids(store, name):
    """
    An id is data: whatever it looks like, it is stored and found.
    """
    project = grow(store, name)

    assert [project] == store.find()


@pytest.mark.parametrize(
    "name",
    ["", "../x", "/etc/passwd", "a/b", "x\0", "x" * 129, "x" * 10_000, "'; DROP", "%00", "\u202etxt", "é", "😀", "a\n"],
    ids=ascii,
)
def test_hostile_ids(store, name, tmp_path):
    """
    An id that is none is refused, and leads to no file.
    """
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="project id"):
        store.commit(commit(opened(name)))

    assert (before, None) == (sorted(tmp_path.rglob("*")), store.head(name))


def test_threads_on_own_projects(store):
    """
    Eight threads on projects of their own lose nothing.
    """
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda number: grow(store, f"P-{number}", facts=10), range(8)))

    assert heads == store.find()
    assert 80 == len(store.feed().facts)


def test_threads_on_one_project(store):
    """
    Of eight threads on one project, each version is won by exactly one.
    """
    project = write(store, opened())
    start = Barrier(8)

    def compete(number: int) -> int:
        start.wait()
        won = 0
        while won < 5:
            head = store.head(project.id)
            try:
                store.commit(commit(changed(head, FieldSet(f"by_{number}", won))))
            except VersionConflictError:
                continue
            won += 1
        return won

    with ThreadPoolExecutor(8) as pool:
        won = sum(pool.map(compete, range(8)))
    facts = list(store.load("P-1"))

    assert (40, list(range(1, 42))) == (won, [each.version for each in facts])
    assert replay(facts) == store.head("P-1")


def test_threads_with_one_key(store):
    """
    The same key from several threads makes one fact.
    """
    start = Barrier(4)

    def once(_number: int) -> Committed:
        start.wait()
        return store.commit(commit(opened(), key=key()))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(once, range(4)))

    assert [False, True, True, True] == sorted(each.replayed for each in answers)
    assert (opened().fact,) == store.feed().facts


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.commit(commit(opened())),
        lambda store: store.head("P-1"),
        lambda store: list(store.load("P-1")),
        lambda store: store.feed(),
        lambda store: store.find(),
        lambda store: store.committed(key()),
        lambda store: store.attempts("P-1"),
        claimed,
        lambda store: store.requeue("n:P-1:1:0", at=NOW),
        lambda store: store.next_due("notice"),
        lambda store: store.dead("notice"),
        lambda store: store.check(),
        lambda store: store.check(deep=True),
        lambda store: store.purge(keys_before=NOW),
    ],
    ids=[
        *("commit", "head", "load", "feed", "find", "committed", "attempts"),
        *("claim", "requeue", "next_due", "dead", "check", "check deep", "purge"),
    ],
)
def test_closed(store, call):
    """
    A closed store refuses every call, and closing it again is harmless.
    """
    store.close()
    store.close()
    with pytest.raises(StoreClosedError) as caught:
        call(store)

    assert "Open it again" in str(caught.value)


def test_used_in_a_with_block(store):
    """
    A store closes itself at the end of its block.
    """
    with store as entered:
        write(entered, opened())

    with pytest.raises(StoreClosedError):
        store.head("P-1")
