"""
Section A of the contract: facts go in whole, come back equal, and are found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ... import dossier, replay
from ..._model.facts import EntryDropped
from ..._model.predicate import to_predicate
from ..._model.values import Money
from ...errors import InputError, KeyReusedError, LeaseLostError, StoreClosedError, VersionConflictError
from ...typing import Append, Attempt, Committed, EntryPut, FieldSet, Page, Store
from .facts import (
    LEASE,
    NOW,
    attempt,
    changed,
    claim,
    commit,
    due,
    dump,
    grow,
    key,
    moved,
    notice,
    opened,
    reparented,
    write,
)
from .hooks import Hooks


_LATER = NOW + timedelta(days=1)
_CALLS: Mapping[str, Callable[[Store], object]] = {
    "commit": lambda store: store.commit(commit(opened())),
    "head": lambda store: store.head("P-1"),
    "load": lambda store: list(store.load("P-1")),
    "feed": lambda store: store.feed(),
    "find": lambda store: store.find(),
    "committed": lambda store: store.committed(key()),
    "attempts": lambda store: store.attempts("P-1"),
    "claim": claim,
    "next_due": lambda store: store.next_due("notice"),
    "dead": lambda store: store.dead("notice"),
    "requeue": lambda store: store.requeue("n:P-1:1:0", at=NOW),
    "check": lambda store: store.check(),
    "purge": lambda store: store.purge(keys_before=NOW),
}
_BOUNDS: list[tuple[dict[str, int], list[int]]] = [
    ({}, [1, 2, 3, 4]),
    ({"after": 2}, [3, 4]),
    ({"upto": 2}, [1, 2]),
    ({"after": 1, "upto": 3}, [2, 3]),
    ({"after": 4}, []),
    ({"after": 3, "upto": 2}, []),
    ({"upto": 0}, []),
    ({"after": -1, "upto": -1}, []),
    ({"upto": 99}, [1, 2, 3, 4]),
]
"""What ``load`` is asked of a history of four versions, and which it gives."""
_FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["A", "B", "C", "D"]),
    ({"stage": "lead"}, ["A", "D"]),
    ({"stage": "offer"}, ["C"]),
    ({"owner": "li.wei"}, ["A", "C"]),
    ({"outcome": "won"}, ["B"]),
    ({"stage": "lead", "owner": "li.wei"}, ["A"]),
    ({"stage": "won", "owner": "li.wei", "outcome": "won"}, []),
    ({"stage": "elsewhere"}, []),
]
"""What ``find`` is asked, and the projects that it gives."""


class Basics(Hooks):
    """
    Commits, versions, several projects at once, failing and closing.
    """

    def test_is_a_store(self, store: Store) -> None:
        """
        It has the shape that pipelines ask for, and says what it can do.
        """
        assert isinstance(store, Store)
        assert self.caps == store.caps

    def test_empty_store(self, store: Store) -> None:
        """
        An empty store has nothing, and the cursor of its feed stays where it is.
        """
        assert None is store.head("P-1")
        assert [] == list(store.load("P-1"))
        assert Page((), "") == store.feed()
        assert [] == list(store.find())
        assert [] == list(store.find(stage="lead", owner="li.wei", outcome="won"))
        assert None is store.committed(key())
        assert [] == list(store.attempts("P-1"))
        assert [] == claim(store)
        assert None is store.next_due("deadline")
        assert [] == list(store.dead("notice"))
        assert (0, ()) == (store.purge(keys_before=NOW), store.check(deep=True).problems)

    def test_reads_back_every_field(self, store: Store) -> None:
        """
        Facts and heads come back equal to what was committed.
        """
        artefact = dossier.Artefact("market_research_report", digest="sha256:00")
        first = opened("P-1", FieldSet("amount", Money("1200000.50", "CNY")), EntryPut(artefact), owner="王伟")
        second = moved(first.project)
        third = changed(second.project, FieldSet("amount", None), EntryDropped(artefact.kind, artefact.id), key="k-1")
        write(store, first, second, third)

        assert [first.fact, second.fact, third.fact] == list(store.load("P-1"))
        assert third.project == store.head("P-1")
        assert (first.fact, second.fact, third.fact) == store.feed().facts

    def test_commit_of_nothing(self, store: Store) -> None:
        """
        A commit of nothing is allowed and leaves nothing.
        """
        assert Committed(None) == store.commit(commit())
        assert Page((), "") == store.feed()

    def test_versions_have_no_gaps(self, store: Store) -> None:
        """
        The versions of a project count from 1, and its head is the sum of its facts.
        """
        grow(store, facts=5)
        facts = list(store.load("P-1"))

        assert [1, 2, 3, 4, 5] == [each.version for each in facts]
        assert replay(facts) == store.head("P-1")

    @pytest.mark.parametrize(
        ("actual", "expected"), [(2, 0), (2, 1), (2, 3), (0, 1)], ids=["exists", "too_low", "too_high", "missing"]
    )
    def test_version_conflict(self, store: Store, actual: int, expected: int) -> None:
        """
        A commit at any version but the current one is refused, with the current one, and changes nothing.

        A project that does not exist is at version 0.
        """
        if actual:
            grow(store, facts=actual)
        before = dump(store)
        with pytest.raises(VersionConflictError) as caught:
            store.commit(commit(_at_version(expected)))

        assert ("P-1", expected, actual) == (caught.value.project_id, caught.value.expected, caught.value.actual)
        assert before == dump(store)

    def test_several_projects_in_one_commit(self, store: Store) -> None:
        """
        A commit of several projects writes all of them, in its order, and answers with the first fact.
        """
        parent = write(store, opened())
        cursor = store.feed().cursor
        pair = moved(parent, "won"), opened("A")

        assert Committed(pair[0].fact) == store.commit(commit(*pair))
        assert tuple(each.fact for each in pair) == store.feed(cursor).facts
        assert [each.project for each in pair] == [store.head("P-1"), store.head("A")]

    def test_one_conflict_undoes_all(self, store: Store) -> None:
        """
        If one project of a commit is not where it should be, nothing of the commit is written.
        """
        grow(store)
        before = dump(store)
        with pytest.raises(VersionConflictError):
            store.commit(
                commit(
                    opened("P-2"),
                    _at_version(1),
                    key=key(project_id="P-2"),
                    notices=[notice("P-2")],
                    attempts=[attempt()],
                    dues=[due("P-2")],
                )
            )

        assert before == dump(store)
        assert (None, None) == (store.head("P-2"), store.committed(key(project_id="P-2")))

    def test_one_project_twice_is_refused(self, store: Store) -> None:
        """
        A commit has one fact per project.
        """
        first = opened()
        with pytest.raises(InputError, match="twice") as caught:
            store.commit(commit(opened("P-2"), first, changed(first.project)))

        assert ("P-1", None) == (caught.value.value, store.head("P-1"))

    def test_parts_of_an_append_must_fit(self, store: Store) -> None:
        """
        Expected version, fact and head belong together, or no history could be replayed.
        """
        first = opened()
        second = changed(first.project)
        wrong = {
            "version": Append(1, first.fact, first.project),
            "other head": Append(0, first.fact, opened("P-2").project),
            "later head": Append(0, first.fact, second.project),
            "no opening": Append(0, second.fact, second.project),
            "old head": Append(1, second.fact, first.project),
        }
        taken: list[tuple[str, object]] = []
        for name, append in wrong.items():
            with suppress(InputError):
                taken.append((name, store.commit(commit(append))))

        assert ([], ()) == (taken, store.feed().facts)

    def test_failed_calls_change_nothing(self, store: Store) -> None:
        """
        After calls that fail in every way, everything is as before.
        """
        store.commit(commit(opened(), key=key(), notices=[notice()], dues=[due()]))
        (held,) = claim(store)
        (lost,) = claim(store, owner="other", at=NOW + LEASE)
        before = dump(store)
        with pytest.raises(KeyReusedError):
            store.commit(commit(changed(opened().project), key=key(request="b"), done=[lost]))
        with pytest.raises(LeaseLostError):
            store.commit(
                commit(
                    opened("P-2"),
                    notices=[notice("P-2")],
                    dues=[due("P-2"), due(at=_LATER)],
                    dropped=[("P-1", 1)],
                    done=[held],
                )
            )
        with pytest.raises(LeaseLostError):
            store.release(held, retry_at=None, error="late")
        for work_id in (held.work.id, "n:P-1:1:1"):  # held, and unknown
            with pytest.raises(InputError):
                store.requeue(work_id, at=_LATER)
        with pytest.raises(InputError):
            store.claim("notice", owner="worker", limit=0, lease=LEASE, at=_LATER)

        assert before == dump(store)
        assert [lost.token + 1] == [each.token for each in claim(store, at=lost.until)]

    def test_close_twice(self, tmp_path: Path) -> None:
        """
        Closing a closed store is harmless.
        """
        store = self.make_store(tmp_path)
        store.close()

        store.close()

    def test_closed_store_refuses(self, store: Store) -> None:
        """
        A closed store refuses every call by name.
        """
        store.close()
        answered: list[tuple[str, object]] = []
        for name, call in _CALLS.items():
            with suppress(StoreClosedError):
                answered.append((name, call(store)))

        assert [] == answered


def _at_version(expected: int) -> Append:
    """
    Return an append to P-1 that expects a version, made without asking the store.
    """
    made = opened("P-1", FieldSet("remark", "another"))
    for _ in range(expected):
        made = changed(made.project)
    return made


def _refused(store: Store, limit: int) -> tuple[list[Attempt], str]:
    """
    Return all refused attempts, read page by page, and the last cursor.
    """
    seen: list[Attempt] = []
    cursor = ""
    while (page := store.refusals(cursor, limit=limit)).attempts:
        seen += page.attempts
        cursor = page.cursor
    return seen, cursor


class Reading(Hooks):
    """
    ``load``, ``find``, ``attempts``, and who sees what.
    """

    def test_load_bounds(self, store: Store) -> None:
        """
        ``load`` gives the versions behind *after* and up to *upto*, of one project only.
        """
        grow(store, facts=4)
        grow(store, "P-10", facts=2)

        assert _BOUNDS == [(bounds, [each.version for each in store.load("P-1", **bounds)]) for bounds, _ in _BOUNDS]

    def test_find(self, store: Store) -> None:
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

        assert _FOUND == [(asked, [each.id for each in store.find(**asked)]) for asked, _ in _FOUND]

    def test_find_pages_while_projects_move(self, store: Store) -> None:
        """
        Paging by id misses nobody that stays, whatever moves between the pages.
        """
        heads = {name: write(store, opened(name, owner="li.wei")) for name in "FBDACE"}
        first = store.find(stage="lead", owner="li.wei", limit=2)
        write(store, moved(heads["A"]), moved(heads["C"]), opened("DD", owner="li.wei"))
        second = store.find(stage="lead", owner="li.wei", after=first[-1].id, limit=2)
        third = store.find(stage="lead", owner="li.wei", after=second[-1].id, limit=2)
        found = [[each.id for each in page] for page in (first, second, third)]

        assert [["A", "B"], ["D", "DD"], ["E", "F"]] == found

    def test_find_orders_ids_by_code_point(self, store: Store) -> None:
        """
        Ids are ordered by their characters' codes, whatever the language of the system.
        """
        ids = ["B-1", "a", "B", "b", "B.1", "A_", "A-", "10", "9"]
        write(store, *map(opened, ids))

        assert sorted(ids) == [each.id for each in store.find()]
        assert ["a", "b"] == [each.id for each in store.find(after="B.1")]

    @pytest.mark.parametrize("value", [None, 7])
    def test_owner_that_is_nobody(self, store: Store, value: int | None) -> None:
        """
        The field of the owner may be cleared, and may have another type; nobody is found by it.
        """
        last = write(store, changed(write(store, opened(owner="li.wei")), FieldSet("owner", value)))
        before = [*store.find(owner="li.wei"), *store.find(owner=str(value))]
        write(store, changed(last, FieldSet("owner", "li.wei")))

        assert ([], ["P-1"]) == (before, [each.id for each in store.find(owner="li.wei")])

    def test_limits_are_positive(self, store: Store) -> None:
        """
        Asking for nothing is a mistake, and is called one.
        """
        for limit in (0, -1):
            with pytest.raises(InputError, match="limit"):
                store.find(limit=limit)
            with pytest.raises(InputError, match="limit"):
                store.feed(limit=limit)
            with pytest.raises(InputError, match="limit"):
                store.dead("notice", limit=limit)

    def test_find_by_parent(self, store: Store) -> None:
        """
        Projects are found by the project that spawned them, also after they changed, and beside the other conditions.
        """
        children = [opened(f"C-{number}", parent="P-1") for number in range(3)]
        write(store, opened("P-1"), opened("C-9", parent="P-9"), *children)
        write(store, moved(children[1].project))

        assert ["C-0", "C-1", "C-2"] == [each.id for each in store.find(parent="P-1")]
        assert ["C-2"] == [each.id for each in store.find(parent="P-1", after="C-1")]
        assert ["C-1"] == [each.id for each in store.find(parent="P-1", stage="offer")]
        assert [] == store.find(parent="C-0")

    def test_a_project_is_found_under_its_parent_of_now(self, store: Store) -> None:
        """
        After a change of its parent a project is found under the new one, under none, and by nobody under the old.
        """
        first = opened("C-1", parent="P-1")
        write(store, first, opened("C-2"))
        second = reparented(first.project, "P-2")
        write(store, second)
        found = [[each.id for each in store.find(parent=name)] for name in ("P-1", "P-2")]
        write(store, reparented(second.project, None))
        loose = [each.id for each in store.find(parent="P-2")], store.head("C-1")

        assert [[], ["C-1"]] == found
        assert ([], None) == (loose[0], None if loose[1] is None else loose[1].parent)

    def test_find_by_a_predicate(self, store: Store) -> None:
        """
        A predicate over fields is asked page by page; where it is unknown a project does not match.
        """
        write(store, *(opened(f"P-{number}", FieldSet("size", number)) for number in range(6)), opened("P-9"))
        large = to_predicate({"size": {"ge": 2}})
        for limit in (1, 2, 3, 100):
            seen: list[str] = []
            while page := store.find(where=large, after=seen[-1] if seen else None, limit=limit):
                seen += [each.id for each in page]

            assert (limit, ["P-2", "P-3", "P-4", "P-5"]) == (limit, seen)
        assert [] == store.find(where=large, stage="won")

    def test_count(self, store: Store) -> None:
        """
        Projects are counted by what they can be found by.
        """
        write(store, *(opened(f"P-{number}", FieldSet("size", number), owner="li") for number in range(3)))
        write(store, opened("P-9", stage="offer", parent="P-1"))
        few = to_predicate({"size": {"lt": 2}})
        counts = [store.count(), store.count(owner="li"), store.count(stage="offer"), store.count(parent="P-1")]

        assert [4, 3, 1, 1] == counts
        assert (2, 0, 0) == (store.count(where=few), store.count(where=few, stage="offer"), store.count(owner="nobody"))

    def test_refusals_are_paged(self, store: Store) -> None:
        """
        The refused attempts of all projects come once and in order, with any size of page, and late attempts later.
        """
        grow(store)
        names = ["one", "two", "three", "four", "five"]
        store.commit(commit(attempts=[attempt(trigger="one"), attempt("P-2", trigger="two"), attempt(trigger="three")]))
        store.commit(commit(attempts=[attempt("P-3", trigger="four")]))
        store.commit(commit(attempts=[attempt("P-2", trigger="five")]))
        seen, cursor = _refused(store, 100)
        pages = [_refused(store, limit) for limit in (1, 2, 3)]
        end = store.refusals(cursor)
        late = attempt("P-9", trigger="late")
        store.commit(commit(attempts=[late]))

        assert (names, cursor, ()) == ([each.trigger for each in seen], end.cursor, end.attempts)
        assert [(seen, cursor)] * 3 == pages
        assert (late,) == store.refusals(cursor).attempts
        assert seen[0] == attempt(trigger="one")

    def test_refusals_behind_a_foreign_cursor(self, store: Store) -> None:
        """
        A cursor that no page had, and a limit below 1, are refused.
        """
        with pytest.raises(InputError, match="cursor"):
            store.refusals("no page had this one")
        with pytest.raises(InputError, match="limit"):
            store.refusals(limit=0)

    def test_attempts_alone(self, store: Store) -> None:
        """
        Refused attempts are kept without a fact, in order, each with its project; they keep no key.
        """
        project = grow(store)
        store.commit(commit(attempts=[attempt(trigger="one"), attempt("P-2")], key=key()))
        answer = store.commit(commit(attempts=[attempt(trigger="two"), attempt(trigger="three")]))

        assert (Committed(None), project, None) == (answer, store.head("P-1"), store.committed(key()))
        assert ["one", "two", "three"] == [each.trigger for each in store.attempts("P-1")]
        assert [attempt("P-2")] == list(store.attempts("P-2"))
        assert 3 == len(store.feed().facts)

    def test_check_of_a_whole_store(self, store: Store) -> None:
        """
        A store in which nothing is wrong says so, and counts its facts when it reads them.
        """
        store.commit(commit(opened(), opened("P-2"), key=key(), notices=[notice()]))
        before = dump(store)

        assert (True, True) == (store.check().ok, store.check(deep=True).ok)
        assert (2, before) == (store.check(deep=True).facts, dump(store))

    def test_tenants_are_apart(self, tmp_path: Path) -> None:
        """
        Tenants at one place see nothing of each other: same ids, same keys, their own work.
        """
        self.needs("tenants")
        stores: list[Any] = [self.make_tenant(tmp_path, name) for name in ("north", "south")]
        empty = dump(stores[1])
        first = stores[0].commit(commit(opened(), key=key(), notices=[notice()]))
        apart = dump(stores[1])
        second = stores[1].commit(commit(opened(owner="chen.yu"), key=key(request="b"), notices=[notice()]))
        held = [len(claim(each)) for each in stores]
        owners = [each.head("P-1").owner for each in stores]
        for each in stores:
            each.close()

        assert empty == apart
        assert (False, False, [1, 1], [None, "chen.yu"]) == (first.replayed, second.replayed, held, owners)
