"""
Section B of the contract: a request under a key happens once.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ... import Fact
from ...errors import KeyReusedError, VersionConflictError
from ...typing import Committed, Store
from .facts import LEASE, NOW, attempt, changed, claim, commit, due, dump, grow, key, moved, notice, opened, write
from .hooks import Hooks


class Keys(Hooks):
    """
    Repeats, keys of other requests, and keys that are forgotten.
    """

    def test_same_request_twice(self, store: Store) -> None:
        """
        The same request under the same key gives the first result and writes nothing.
        """
        whole = commit(opened(), key=key(), notices=[notice()], attempts=[attempt()], dues=[due()])
        first = store.commit(whole)
        before = dump(store)
        second = store.commit(whole)

        assert (first.fact, False, True) == (second.fact, first.replayed, second.replayed)
        assert before == dump(store)

    def test_retry_after_the_version_moved(self, store: Store) -> None:
        """
        A retry that comes late still gets the first result, not a conflict.
        """
        again = changed(grow(store))
        store.commit(commit(again, key=key()))
        write(store, moved(again.project))

        assert Committed(again.fact, replayed=True) == store.commit(commit(again, key=key()))

    def test_key_of_another_request(self, store: Store) -> None:
        """
        A key that comes back with another request is refused, and nothing is written.
        """
        project = opened().project
        store.commit(commit(opened(), key=key()))
        before = dump(store)
        with pytest.raises(KeyReusedError) as caught:
            store.commit(commit(changed(project), key=key(request="b")))
        with pytest.raises(KeyReusedError):
            store.committed(key(request="b"))

        assert ("P-1", "k-1") == (caught.value.project_id, caught.value.key)
        assert before == dump(store)

    def test_keys_belong_to_projects(self, store: Store) -> None:
        """
        Two projects may use the same key, and ``committed`` finds the fact of each.
        """
        first, second = opened(), opened("P-2")
        store.commit(commit(first, key=key()))
        store.commit(commit(second, key=key(project_id="P-2", request="b")))

        assert first.fact == store.committed(key())
        assert second.fact == store.committed(key(project_id="P-2", request="b"))
        assert None is store.committed(key("k-2"))

    def test_keys_differ_by_case(self, store: Store) -> None:
        """
        Keys and projects whose names differ only in case are different.
        """
        found: list[Fact] = []
        for project_id, name, request in [("P-1", "k-1", "a"), ("p-1", "k-1", "b"), ("P-1", "K-1", "c")]:
            head = store.head(project_id)
            append = opened(project_id) if head is None else changed(head)
            found.append(append.fact)
            done = store.commit(commit(append, key=key(name, project_id=project_id, request=request)))

            assert Committed(append.fact) == done
        assert found == [
            store.committed(key()),
            store.committed(key(project_id="p-1", request="b")),
            store.committed(key("K-1", request="c")),
        ]
        assert None is store.committed(key("K-1", project_id="p-1"))

    def test_failed_commit_keeps_no_key(self, store: Store) -> None:
        """
        The key of a commit that was refused is free.
        """
        project = write(store, opened())
        with pytest.raises(VersionConflictError):
            store.commit(commit(opened(), key=key()))
        again = changed(project)

        assert None is store.committed(key())
        assert Committed(again.fact) == store.commit(commit(again, key=key(request="b")))

    def test_keys_outlive_the_handle(self, tmp_path: Path) -> None:
        """
        A key is stored with its commit: after opening again the same request is a repeat.
        """
        store = self.make_store(tmp_path)
        store.commit(commit(opened(), key=key()))
        store = self.reopen(store, tmp_path)
        again = store.commit(commit(opened(), key=key()))
        store.close()

        assert Committed(opened().fact, replayed=True) == again

    def test_repeat_touches_no_work(self, store: Store) -> None:
        """
        A repeat neither brings work back that was done, nor watches or drops deadlines.
        """
        whole = commit(opened(), key=key(), notices=[notice()], dues=[due()])
        store.commit(whole)
        store.commit(commit(done=[*claim(store), *claim(store, "deadline")]))
        store.commit(commit(dues=[due(deadline="rot")]))
        store.commit(commit(*whole.appends, key=key(), notices=whole.notices, dues=whole.dues, dropped=[("P-1", 1)]))

        assert ([], ["rot"]) == (claim(store), [each.work.id[-3:] for each in claim(store, "deadline")])

    def test_repeat_finishes_its_claims(self, store: Store) -> None:
        """
        Work that a repeat was claimed for is finished if the claim still holds, and left alone if not.
        """
        whole = commit(opened(), key=key(), notices=[notice(), notice()])
        store.commit(whole)
        first, second = claim(store)
        taken = claim(store, owner="other", limit=1, at=NOW + LEASE)
        again = store.commit(commit(*whole.appends, key=key(), done=[first, second]))

        assert (True, [first.work]) == (again.replayed, [each.work for each in taken])
        assert [first.work] == [each.work for each in claim(store, at=NOW + 3 * LEASE)]

    def test_purge_forgets_old_keys(self, store: Store) -> None:
        """
        Keys of facts from before the given time are forgotten, and no others; the facts stay.
        """
        for hour in range(3):
            at = NOW + timedelta(hours=hour)
            name = f"P-{hour}"
            store.commit(commit(opened(name, at=at, key="k-1"), key=key(project_id=name)))
        before = dump(store)
        counted = store.purge(keys_before=NOW + timedelta(hours=1))
        found = [store.committed(key(project_id=f"P-{hour}")) for hour in range(3)]

        assert (1, 0) == (counted, store.purge(keys_before=NOW + timedelta(hours=1)))
        assert [True, False, False] == [each is None for each in found]
        assert before == dump(store)

    def test_purged_keys_stay_forgotten(self, tmp_path: Path) -> None:
        """
        A purged key is free for another request, also after opening again.
        """
        store = self.make_store(tmp_path)
        project = opened(at=NOW - LEASE).project
        store.commit(commit(opened(at=NOW - LEASE), key=key()))
        store.purge(keys_before=NOW)
        store = self.reopen(store, tmp_path)
        found = store.committed(key())
        again = store.commit(commit(changed(project), key=key(request="b")))
        store.close()

        assert (None, False) == (found, again.replayed)
