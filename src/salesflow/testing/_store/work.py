"""
Section D of the contract: work is claimed by one at a time, and finished with its commit, later, or never.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from ...errors import InputError, LeaseLostError, VersionConflictError
from ...stores.adapting import deadline_work, notice_work
from ...typing import Claim, Committed, DueDeadline, Store, Work as OpenWork
from .facts import LEASE, NOW, changed, claim, commit, due, dump, notice, opened, write
from .hooks import Hooks


def _given(store: Store, *minutes: int) -> None:
    """
    Watch a deadline for each of some minutes from now.
    """
    store.commit(commit(dues=[due(deadline=f"in_{each}", at=NOW + timedelta(minutes=each)) for each in minutes]))


def _ids(claims: list[Claim]) -> list[str]:
    return [each.work.id.rpartition(":")[2] for each in claims]


def take_what_is_due(store: Store, owner: str, at: datetime) -> list[str]:
    """
    Claim forty times, and return the ids of what was given out.
    """
    taken: list[str] = []
    for _ in range(40):  # not until nothing is left: a broken store gives out the same for ever
        taken += _ids(claim(store, "deadline", owner=owner, limit=3, at=at))
    return taken


class Work(Hooks):
    """
    Claims, leases, tokens, and finishing.
    """

    def test_upcoming_work(self, store: Store) -> None:
        """
        What is due by a time is listed, earliest first, whether it is claimed or not, without dead work.
        """
        hours = [timedelta(hours=number) for number in (3, 1, 2, 1, 9)]
        dues = [due(visit=number, deadline=f"d-{number}", at=NOW + hour) for number, hour in enumerate(hours)]
        store.commit(commit(opened(), dues=dues, notices=[notice()]))
        first, second = store.claim("deadline", owner="one", limit=2, lease=LEASE, at=NOW + hours[1])
        store.release(second, retry_at=None, error="broken")
        for limit in (1, 2, 100):
            seen: list[OpenWork] = []
            while page := store.upcoming("deadline", until=NOW + hours[0], after=[None, *seen][-1], limit=limit):
                seen += page

            assert (limit, [first.work.id, "d:P-1:2:d-2", "d:P-1:0:d-0"]) == (limit, [each.id for each in seen])
        assert ["n:P-1:1:0"] == [each.id for each in store.upcoming("notice", until=NOW)]
        assert [] == list(store.upcoming("notice", until=NOW - hours[1]))

    def test_opened_work(self, store: Store) -> None:
        """
        A commit without a fact finishes work and opens deliveries in its place, or neither.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (first,) = claim(store)
        deliveries = [attrs.evolve(first.work, id=f"{first.work.id}:{number}") for number in range(2)]
        store.commit(commit(done=[first], work=deliveries))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[first], work=[attrs.evolve(first.work, id="n:other")]))
        with pytest.raises(InputError, match="opened work"):
            store.commit(commit(work=[deadline_work(due())]))

        assert deliveries == [each.work for each in claim(store)]

    def test_opened_work_alone(self, store: Store) -> None:
        """
        A commit may have nothing but work that it opens.
        """
        work = notice_work(notice(), 0, NOW)
        store.commit(commit(work=[work]))

        assert [work] == [each.work for each in claim(store)]

    def test_notices_become_work(self, store: Store) -> None:
        """
        Every notice of a commit is work from the time of its fact on, in order, whole.
        """
        first, second = notice(amount=7), notice()
        store.commit(commit(opened(at=NOW), notices=[first, second]))
        held = claim(store)

        assert [notice_work(first, 0, NOW), notice_work(second, 1, NOW)] == [each.work for each in held]
        assert [("worker", NOW + LEASE, 1)] * 2 == [(each.owner, each.until, each.attempts) for each in held]

    def test_deadlines_become_work(self, store: Store) -> None:
        """
        Every deadline of a commit is work of its own kind, whole.
        """
        watched = due(at=NOW, visit=3)
        store.commit(commit(opened(), notices=[notice()], dues=[watched]))

        assert [deadline_work(watched)] == [each.work for each in claim(store, "deadline")]
        assert ["notice"] == [each.work.kind for each in claim(store)]

    def test_work_comes_in_due_order(self, store: Store) -> None:
        """
        What is due first comes first, ties by id, and no more than was asked for.
        """
        _given(store, 2, 1, 0)
        store.commit(commit(dues=[due(deadline="b_in_1", at=NOW + timedelta(minutes=1))]))
        at = NOW + timedelta(hours=1)
        first, second = claim(store, "deadline", limit=3, at=at), claim(store, "deadline", limit=3, at=at)

        assert (["in_0", "b_in_1", "in_1"], ["in_2"]) == (_ids(first), _ids(second))

    def test_nothing_is_early(self, store: Store) -> None:
        """
        Work is not given out before its time, not by a microsecond, also if the clock jumps.
        """
        _given(store, 1)
        at = NOW + timedelta(minutes=1)
        early = claim(store, "deadline", at=at - timedelta(microseconds=1))
        back = claim(store, "deadline", at=NOW - timedelta(days=400))

        assert ([], [], ["in_1"]) == (early, back, _ids(claim(store, "deadline", at=at)))

    def test_held_work_is_not_given_out(self, store: Store) -> None:
        """
        Until a lease has run out nobody else gets the work.
        """
        _given(store, 0)
        held = claim(store, "deadline")
        last = held[0].until - timedelta(microseconds=1)

        assert ([], []) == (claim(store, "deadline", owner="other"), claim(store, "deadline", owner="other", at=last))

    def test_expired_lease_is_given_out_again(self, store: Store) -> None:
        """
        A lease that has run out is given out with a higher token and one attempt more.
        """
        _given(store, 0)
        (first,) = claim(store, "deadline")
        (second,) = claim(store, "deadline", owner="other", at=first.until)

        assert (
            attrs.evolve(first, owner="other", token=first.token + 1, until=first.until + LEASE, attempts=2) == second
        )

    @pytest.mark.parametrize("owner", ["worker", "other"])
    def test_old_token_is_refused(self, store: Store, owner: str) -> None:
        """
        Who holds an old token can neither finish, extend nor release, even under the same name.
        """
        store.commit(commit(opened(), dues=[due()]))
        (old,) = claim(store, "deadline")
        (new,) = claim(store, "deadline", owner=owner, at=old.until)
        before = dump(store)
        with pytest.raises(LeaseLostError) as caught:
            store.commit(commit(changed(opened().project), done=[old]))
        with pytest.raises(LeaseLostError):
            store.extend(old, lease=LEASE, at=NOW)
        with pytest.raises(LeaseLostError):
            store.release(old, retry_at=NOW, error="late")

        assert (old.work.id, before) == (caught.value.work_id, dump(store))
        assert new.until + LEASE == store.extend(new, lease=LEASE, at=new.until).until

    @pytest.mark.parametrize("how", ["done", "dropped"])
    def test_tokens_of_work_set_again(self, store: Store, how: str) -> None:
        """
        A deadline that was finished or dropped and is set again has a higher token; old claims are of no use to it.
        """
        project = write(store, opened())
        claims: list[Claim] = []
        for _ in range(3):
            first, second = changed(project), changed(changed(project).project)
            store.commit(commit(first, dues=[due()]))
            claims += claim(store, "deadline")
            claims += claim(store, "deadline", at=claims[-1].until)
            for old in claims[:-1]:
                with pytest.raises(LeaseLostError):
                    store.commit(commit(done=[old]))
            dropped, done = ([("P-1", 1)], []) if how == "dropped" else ([], claims[-1:])
            store.commit(commit(second, dropped=dropped, done=done))
            project = second.project
        tokens = [each.token for each in claims]

        assert sorted(set(tokens)) == tokens

    def test_other_owner_is_refused(self, store: Store) -> None:
        """
        A token is of use only to who got it.
        """
        _given(store, 0)
        (held,) = claim(store, "deadline")
        with pytest.raises(LeaseLostError):
            store.extend(attrs.evolve(held, owner="other"), lease=LEASE, at=NOW)

        assert [] == claim(store, "deadline")

    def test_extend(self, store: Store) -> None:
        """
        An extended lease runs from the time of asking, also if it had run out and nobody had taken the work.
        """
        _given(store, 0)
        (held,) = claim(store, "deadline")
        later = held.until + timedelta(seconds=1)
        again = store.extend(held, lease=2 * LEASE, at=later)

        assert attrs.evolve(held, until=later + 2 * LEASE) == again
        assert [] == claim(store, "deadline", at=later + LEASE)

    def test_done_with_the_commit(self, store: Store) -> None:
        """
        Work is finished in the commit it leads to, once, and never comes again.
        """
        store.commit(commit(opened(), dues=[due()]))
        held = claim(store, "deadline")
        fact = changed(opened().project)
        answer = store.commit(commit(fact, done=held))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=held))

        assert (Committed(fact.fact), fact.project) == (answer, store.head("P-1"))
        assert ([], None) == (claim(store, "deadline", at=NOW + timedelta(days=1)), store.next_due("deadline"))

    def test_done_and_set_again(self, tmp_path: Path) -> None:
        """
        A commit may finish work and set the same work again: it waits again, also after the store is opened again.
        """
        store = self.make_store(tmp_path)
        store.commit(commit(opened(), dues=[due()]))
        again = due(at=NOW + timedelta(days=1))
        store.commit(commit(changed(opened().project), done=claim(store, "deadline"), dues=[again]))
        waiting = store.next_due("deadline")
        store = self.reopen(store, tmp_path)
        opened_again = store.next_due("deadline")
        store.close()

        assert (again.at, again.at) == (waiting, opened_again)

    def test_lost_claim_undoes_the_commit(self, store: Store) -> None:
        """
        If one claim of a commit is lost, nothing of the commit is written and no other work is finished.
        """
        store.commit(commit(opened(), notices=[notice(), notice()]))
        held = claim(store)
        store.release(held[1], retry_at=NOW + timedelta(days=9), error="busy")
        before = dump(store)
        with pytest.raises(LeaseLostError):
            store.commit(commit(changed(opened().project), done=held, notices=[notice(version=2)]))

        assert before == dump(store)
        assert [held[0].work] == [each.work for each in claim(store, at=NOW + LEASE)]

    def test_conflict_finishes_no_work(self, store: Store) -> None:
        """
        A commit that is refused for its version leaves its claims as they were: one that does nothing else ends them.
        """
        store.commit(commit(opened(), dues=[due()]))
        held = claim(store, "deadline")
        with pytest.raises(VersionConflictError):
            store.commit(commit(opened(), done=held))

        assert Committed(None) == store.commit(commit(done=held))

    def test_no_two_hold_one(self, store: Store) -> None:
        """
        Four threads that claim at once never hold the same work.
        """
        _given(store, *range(40))
        at = NOW + timedelta(hours=1)
        with ThreadPoolExecutor(4) as pool:
            taking = [pool.submit(take_what_is_due, store, f"worker-{number}", at) for number in range(4)]
        taken = [name for each in taking for name in each.result()]

        assert sorted(f"in_{each}" for each in range(40)) == sorted(taken)

    def test_few_due_of_many(self, store: Store) -> None:
        """
        Of thousands that wait, those are found that are due.
        """
        _given(store, *range(2000))

        assert ["in_0", "in_1", "in_2"] == _ids(claim(store, "deadline", at=NOW + timedelta(minutes=2)))

    @pytest.mark.parametrize(("limit", "lease"), [(0, LEASE), (1, timedelta(0)), (1, -LEASE)], ids=str)
    def test_claims_of_nothing_are_refused(self, store: Store, limit: int, lease: timedelta) -> None:
        """
        A claim is of at least one thing and for some time, and so is an extension.
        """
        _given(store, 0)
        with pytest.raises(InputError):
            store.claim("deadline", owner="worker", limit=limit, lease=lease, at=NOW)
        (held,) = claim(store, "deadline")
        with pytest.raises(InputError):
            store.extend(held, lease=min(lease, timedelta(0)), at=NOW)

        assert 1 == held.attempts

    @pytest.mark.parametrize("how", ["closed", "crashed"])
    def test_work_outlives_the_handle(self, tmp_path: Path, how: str) -> None:
        """
        After opening again, also after a crash, work waits, is held and counts its tokens as before.
        """
        store = self.make_store(tmp_path)
        store.commit(commit(opened(), notices=[notice()], dues=[due(at=NOW + LEASE)]))
        (held,) = claim(store)
        store = self.reopen(store, tmp_path) if how == "closed" else self.after_crash(store, tmp_path)
        found = claim(store, owner="other")
        again = claim(store, owner="other", at=held.until)
        watched = claim(store, "deadline", at=NOW + LEASE)
        store.close()

        assert ([], ["sla"]) == (found, _ids(watched))
        assert [(held.work, held.token + 1)] == [(each.work, each.token) for each in again]


_FAR = NOW + timedelta(days=100)


class Later(Hooks):
    """
    Releases, dead letters, and deadlines that are set again or dropped.
    """

    def test_release_for_another_try(self, store: Store) -> None:
        """
        Released work comes again at its new time, with its attempts counted on; the claim is over.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (first,) = claim(store)
        store.release(first, retry_at=NOW + 5 * LEASE, error="busy")
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[first]))
        early = claim(store, at=NOW + 4 * LEASE)
        (second,) = claim(store, at=NOW + 5 * LEASE)

        assert ([], 2, first.work.id) == (early, second.attempts, second.work.id)
        assert first.token < second.token
        assert (NOW + 5 * LEASE, first.work.body) == (second.work.due_at, second.work.body)

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
        Dead work can be tried again from a time on; its attempts start at zero, its tokens do not.
        """
        store.commit(commit(opened(), notices=[notice()]))
        (held,) = claim(store)
        store.release(held, retry_at=None, error="busy")
        store.requeue(held.work.id, at=NOW + LEASE)
        early = claim(store)
        (again,) = claim(store, at=NOW + LEASE)

        assert ([], [], 1) == (early, list(store.dead("notice")), again.attempts)
        assert held.token < again.token

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

    @pytest.mark.parametrize("given_up", [False, True])
    def test_deadline_set_again_while_held(self, store: Store, given_up: bool) -> None:
        """
        Who held the deadline at its old time, or gave it up, has lost it, and its attempts begin from zero.
        """
        store.commit(commit(opened(), dues=[due()]))
        (old,) = claim(store, "deadline")
        if given_up:
            store.release(old, retry_at=None, error="busy")
        store.commit(commit(dues=[due()]))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[old]))
        (new,) = claim(store, "deadline")

        assert (1, True, []) == (new.attempts, new.token > old.token, list(store.dead("deadline")))

    def test_dropped_deadlines_never_fire(self, store: Store) -> None:
        """
        Deadlines of a stay that ended, if any, are gone; those of other stays and projects are not, nor are notices.
        """
        kept = [due(visit=2), due("P-10"), due(visit=11)]
        store.commit(commit(opened(), notices=[notice()], dues=[due(), due(deadline="rot"), *kept]))
        store.commit(commit(dropped=[("P-1", 1), ("P-9", 4)]))

        assert ["d:P-10:1:sla", "d:P-1:11:sla", "d:P-1:2:sla"] == [
            each.work.id for each in claim(store, "deadline", at=_FAR)
        ]
        assert 1 == len(claim(store))

    def test_dropped_and_set_in_one_commit(self, store: Store) -> None:
        """
        A commit that drops the deadlines of a stay and sets some of them again leaves these, whoever held them before.
        """
        store.commit(commit(opened(), dues=[due(), due(deadline="rot"), due(deadline="call", at=_FAR)]))
        (held,) = claim(store, "deadline", limit=1)
        store.commit(commit(dropped=[("P-1", 1)], dues=[due(deadline="rot"), due(), due(visit=2)]))
        with pytest.raises(LeaseLostError):
            store.commit(commit(done=[held]))

        assert ["d:P-1:1:rot", "d:P-1:1:sla", "d:P-1:2:sla"] == [
            each.work.id for each in claim(store, "deadline", at=_FAR)
        ]

    def test_slots_of_a_cadence(self, store: Store) -> None:
        """
        Each slot is work of its own and reads back as it was set; dropping a stay leaves it, and so does another slot.
        """
        slots = [DueDeadline("P-1", 0, "", "report", at, slot=at - LEASE) for at in (NOW, NOW + LEASE)]
        store.commit(commit(opened(), dues=[*slots, due()]))
        store.commit(commit(dropped=[("P-1", 1)], dues=slots[:1]))
        listed = store.upcoming("deadline", until=_FAR)
        claims = claim(store, "deadline", at=_FAR)

        assert slots == [each.body for each in listed] == [each.work.body for each in claims]
        assert [f"d:P-1:0:report:{each.slot and each.slot.isoformat()}" for each in slots] == [
            each.work.id for each in claims
        ]

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
