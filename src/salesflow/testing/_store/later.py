"""
Section D of the contract, continued: trying again, giving up, and deadlines that change.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ...errors import InputError, LeaseLostError
from ...typing import Store
from .facts import LEASE, NOW, claim, commit, due, dump, notice, opened
from .hooks import Hooks


_FAR = NOW + timedelta(days=100)


class Later(Hooks):
    """
    Releases, dead letters, and deadlines that are set again or dropped.
    """

    def test_release_for_another_try(self, store: Store) -> None:
        """
        Released work comes again at its new time, with its attempts counted on.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (first,) = claim(store)
        store.release(first, retry_at=NOW + 5 * LEASE, error="busy")
        early = claim(store, at=NOW + 4 * LEASE)
        (second,) = claim(store, at=NOW + 5 * LEASE)

        assert ([], 2, first.work.id) == (early, second.attempts, second.work.id)
        assert first.token < second.token
        assert (NOW + 5 * LEASE, first.work.body) == (second.work.due_at, second.work.body)

    def test_released_claim_is_over(self, store: Store) -> None:
        """
        Who gave work back cannot finish it any more.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (held,) = claim(store)
        store.release(held, retry_at=NOW, error="busy")
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[held]))

        assert NOW == store.next_due("notice")

    def test_work_given_up(self, store: Store) -> None:
        """
        Work without another try is dead: never claimed, and listed with what the last try said.
        """
        store.commit(commit(opened(), notices=[notice(), notice()]))
        for held in reversed(claim(store)):
            store.release(held, retry_at=None, error="x" * 600)
        found = list(store.dead("notice"))

        assert [] == claim(store, at=_FAR)
        assert (None, []) == (store.next_due("notice"), list(store.dead("deadline")))
        assert [("n:P-1:1:0", 1, "x" * 500), ("n:P-1:1:1", 1, "x" * 500)] == [
            (each.work.id, each.attempts, each.error) for each in found
        ]
        assert found[:1] == list(store.dead("notice", limit=1))

    def test_dead_work_outlives_the_handle(self, tmp_path: Path) -> None:
        """
        What was given up is still listed after opening again.
        """
        store = self.make_store(tmp_path)
        store.commit(commit(opened(), notices=[notice(amount=7)]))
        (held,) = claim(store)
        store.release(held, retry_at=None, error="no such address")
        before = list(store.dead("notice"))
        store = self.reopen(store, tmp_path)
        after = list(store.dead("notice"))
        store.close()

        assert [(held.work.id, 1, "no such address")] == [(each.work.id, each.attempts, each.error) for each in before]
        assert before == after

    def test_requeue(self, store: Store) -> None:
        """
        Dead work can be tried again from a time on; its attempts begin anew, its tokens do not.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (held,) = claim(store)
        store.release(held, retry_at=None, error="busy")
        store.requeue(held.work.id, at=NOW + LEASE)
        early = claim(store)
        (again,) = claim(store, at=NOW + LEASE)

        assert ([], [], 1) == (early, list(store.dead("notice")), again.attempts)
        assert held.token < again.token

    def test_requeue_of_what_is_not_dead(self, store: Store) -> None:
        """
        Only dead work can be brought back.
        """
        store.commit(commit(opened(), notices=[notice()]))
        before = dump(store)
        for work_id in ("n:P-1:1:0", "n:P-1:1:1"):
            with pytest.raises(InputError):
                store.requeue(work_id, at=_FAR)

        assert before == dump(store)

    def test_next_due(self, store: Store) -> None:
        """
        It is the earliest time at which something waits or a lease runs out, for each kind.
        """
        store.commit(commit(opened(), notices=[notice()], dues=[due(at=NOW + 9 * LEASE)]))
        waiting = store.next_due("notice")
        claim(store)
        held = store.next_due("notice")
        claim(store, "deadline", at=NOW + 10 * LEASE)
        store.commit(commit(dues=[due(deadline="rot", at=NOW + 20 * LEASE)]))

        assert (NOW, NOW + LEASE, NOW + 11 * LEASE) == (waiting, held, store.next_due("deadline"))

    def test_deadline_set_again(self, store: Store) -> None:
        """
        A deadline that is set again has its new time only.
        """
        store.commit(commit(opened(), dues=[due(at=NOW)]))
        store.commit(commit(dues=[due(at=NOW + LEASE)]))

        assert [] == claim(store, "deadline")
        assert [NOW + LEASE] == [each.work.due_at for each in claim(store, "deadline", at=_FAR)]

    def test_deadline_set_again_while_held(self, store: Store) -> None:
        """
        Who held the deadline at its old time has lost it, and its attempts begin anew.
        """
        store.commit(commit(opened(), dues=[due()]))
        (old,) = claim(store, "deadline")
        store.commit(commit(dues=[due()]))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[old]))
        (new,) = claim(store, "deadline")

        assert (1, True) == (new.attempts, new.token > old.token)

    def test_dead_deadline_set_again(self, store: Store) -> None:
        """
        A deadline that was given up lives again when it is set again.
        """
        store.commit(commit(opened(), dues=[due()]))
        (held,) = claim(store, "deadline")
        store.release(held, retry_at=None, error="busy")
        store.commit(commit(dues=[due()]))

        assert ([], 1) == (list(store.dead("deadline")), len(claim(store, "deadline")))

    def test_dropped_deadlines_never_fire(self, store: Store) -> None:
        """
        The deadlines of a stay that ended are gone; those of other stays and projects are not, nor are notices.
        """
        kept = [due(visit=2), due("P-10"), due(visit=11)]
        store.commit(commit(opened(), notices=[notice()], dues=[due(), due(deadline="rot"), *kept]))
        store.commit(commit(dropped=[("P-1", 1)]))

        assert ["d:P-10:1:sla", "d:P-1:11:sla", "d:P-1:2:sla"] == [
            each.work.id for each in claim(store, "deadline", at=_FAR)
        ]
        assert 1 == len(claim(store))

    def test_dropped_while_held(self, store: Store) -> None:
        """
        Who holds a deadline whose stay ended has lost it.
        """
        store.commit(commit(opened(), dues=[due()]))
        (held,) = claim(store, "deadline")
        store.commit(commit(dropped=[("P-1", 1)]))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[held]))

        assert ([], None) == (claim(store, "deadline", at=_FAR), store.next_due("deadline"))

    def test_drop_of_nothing(self, store: Store) -> None:
        """
        Dropping the deadlines of a stay that has none is harmless.
        """
        store.commit(commit(opened(), dropped=[("P-1", 1), ("P-9", 4)]))

        assert None is store.next_due("deadline")
