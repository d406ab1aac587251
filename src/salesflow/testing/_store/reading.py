"""
Section A of the contract, continued: histories, look-ups, the side log, tenants.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ...errors import InputError
from ...typing import Committed, FieldSet, Store
from .facts import attempt, changed, claim, commit, dump, grow, key, moved, notice, opened, write
from .hooks import Hooks


class Reading(Hooks):
    """
    ``load``, ``find``, ``attempts``, and who sees what.
    """

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
    def test_load_bounds(self, store: Store, bounds: dict[str, int], versions: list[int]) -> None:
        """
        ``load`` gives the versions behind *after* and up to *upto*, of one project only.
        """
        grow(store, facts=4)
        grow(store, "P-10", facts=2)

        assert versions == [each.version for each in store.load("P-1", **bounds)]

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
    def test_find(self, store: Store, asked: dict[str, Any], ids: list[str]) -> None:
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

    def test_owner_that_is_cleared(self, store: Store) -> None:
        """
        A project whose owner was cleared is found under nobody.
        """
        write(store, changed(write(store, opened(owner="li.wei")), FieldSet("owner", None)))

        assert [] == list(store.find(owner="li.wei"))

    def test_owner_that_is_no_text(self, store: Store) -> None:
        """
        A field of another type may be called owner; nobody is found by it.
        """
        last = write(store, opened("P-1", FieldSet("owner", 7)))
        before = [each.id for each in store.find(owner="7")]
        write(store, changed(last, FieldSet("owner", "li.wei")))

        assert ([], ["P-1"]) == (before, [each.id for each in store.find(owner="li.wei")])

    @pytest.mark.parametrize("limit", [0, -1])
    def test_limits_are_positive(self, store: Store, limit: int) -> None:
        """
        Asking for nothing is a mistake, and is called one.
        """
        with pytest.raises(InputError, match="limit"):
            store.find(limit=limit)
        with pytest.raises(InputError, match="limit"):
            store.feed(limit=limit)
        with pytest.raises(InputError, match="limit"):
            store.dead("notice", limit=limit)

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
