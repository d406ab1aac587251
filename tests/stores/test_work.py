"""
Open work: who gets it when, and who may finish it.
"""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from salesflow.errors import InputError, InvalidValueError, LeaseLostError, StoreFullError, VersionConflictError
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Claim, Commit, Committed, DeadWork

from ..cases import over_cases
from ..inside.builders import FailingDisk
from .factory import (
    NOW,
    attempt,
    changed,
    claimed,
    commit,
    due,
    dump,
    fact,
    grow,
    io_error,
    key,
    notice,
    opened,
    write,
)


HOUR = timedelta(hours=1)


def at(days: float = 0, hours: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


def watch(store, *dues, dropped=()):
    """Open a project with these deadlines, or go on with it."""
    head = store.head("P-1")
    append = opened() if head is None else changed(head)
    store.commit(commit(append, dues=dues, dropped=tuple(dropped)))


def tokens(claims):
    """How often each was claimed since it was set, by its token."""
    return [each.token % 2**20 for each in claims]


def ids(claims):
    return [each.work.id for each in claims]


def test_a_store_says_what_it_can(store):
    """
    What has files is durable, a SQLite file has room for several, and all keep one order.
    """
    shared = isinstance(store, SqliteStore)

    assert isinstance(store, (JournalStore, SqliteStore)) == store.caps.durable
    assert (shared, shared, True) == (store.caps.multi_process, store.caps.tenants, store.caps.shared_order)


def test_notices_become_work(store):
    """
    Every notice of a commit is work, due at the time of the commit's first fact.
    """
    first = opened()
    store.commit(commit(first, notices=[notice(a=1), notice(b=2)]))
    found = claimed(store)

    assert ["n:P-1:1:0", "n:P-1:1:1"] == ids(found)
    assert [notice(a=1), notice(b=2)] == [each.work.body for each in found]
    assert {first.fact.at} == {each.work.due_at for each in found}
    assert [] == ids(claimed(store, "deadline"))


def test_deadlines_in_order(store):
    """
    Deadlines are handed out by time and then by id, never early, and as many as asked for.
    """
    watch(store, due(deadline="c", days=2), due(deadline="b", days=1), due(deadline="a", days=2), due(deadline="d"))
    early = claimed(store, "deadline", days=-0.001)
    first = claimed(store, "deadline", days=3, limit=3)
    second = claimed(store, "deadline", days=3, owner="w-2")

    assert ([], ["d:P-1:1:d", "d:P-1:1:b", "d:P-1:1:a"], ["d:P-1:1:c"]) == (ids(early), ids(first), ids(second))
    assert ("w-2", second[0].token, at(3, 1), 1) == attrs.astuple(second[0], recurse=False)[1:]


def test_next_due(store):
    """
    A worker may sleep until the next work is due, or its lease runs out.
    """
    watch(store, due(deadline="a", days=2), due(deadline="b", days=4))
    seen = [store.next_due("deadline")]
    claims = claimed(store, "deadline", days=3)
    seen.append(store.next_due("deadline"))
    store.release(claims[0], retry_at=None, error="no")
    seen.append(store.next_due("deadline"))

    assert ([at(2), at(3, 1), at(4)], None) == (seen, store.next_due("notice"))


def test_expired_lease(store):
    """
    Work whose lease ran out goes to the next one with a higher token, and the old claim is lost for everything.
    """
    watch(store, due())
    (old,) = claimed(store, "deadline")
    nobody = claimed(store, "deadline", owner="w-2", days=1.04)
    (new,) = claimed(store, "deadline", owner="w-2", days=1 + 1 / 24)
    before = dump(store)
    for use in (
        lambda: store.extend(old, lease=HOUR, at=NOW),
        lambda: store.release(old, retry_at=NOW, error=""),
        lambda: store.commit(Commit(done=(old,))),
        lambda: store.commit(commit(changed(store.head("P-1")), done=(new, old), notices=[notice()])),
    ):
        with pytest.raises(LeaseLostError) as caught:
            use()

        assert ("d:P-1:1:sla", before) == (caught.value.work_id, dump(store))

    assert ((), Claim(old.work, "w-2", old.token + 1, at(1, 2), 2)) == (nobody, new)


def test_same_owner_with_an_old_token(store):
    """
    The token is compared, not only the name.
    """
    watch(store, due())
    (old,) = claimed(store, "deadline")
    (new,) = claimed(store, "deadline", days=2)
    with pytest.raises(LeaseLostError):
        store.commit(Commit(done=(old,)))

    assert Committed(None) == store.commit(Commit(done=(new,)))


def test_extend(store):
    """
    A lease can be made longer, also one that ran out while nobody took the work.
    """
    watch(store, due())
    (first,) = claimed(store, "deadline", days=0)
    longer = store.extend(first, lease=HOUR * 2, at=at(0, 1))
    nobody = claimed(store, "deadline", days=2 / 24)
    late = store.extend(longer, lease=HOUR, at=at(1))
    nobody += claimed(store, "deadline", days=1 + 0.5 / 24)

    assert ((), at(0, 3), at(1, 1), first.token) == (nobody, longer.until, late.until, late.token)
    assert at(1, 1) == store.next_due("deadline")
    assert [2] == tokens(claimed(store, "deadline", days=2))


def test_clock_that_goes_back(store):
    """
    A lease that a later clock took for over still holds by an earlier one.
    """
    watch(store, due(deadline="a"), due(deadline="b"))
    claims = claimed(store, "deadline", days=0)
    one = claimed(store, "deadline", days=2, limit=1, owner="w-2")
    soon = store.next_due("deadline")
    back = claimed(store, "deadline", days=0, owner="w-3")

    assert (at(0, 1), ["d:P-1:1:a"], ()) == (soon, ids(one), back)
    assert [claims[1].work.id, "d:P-1:1:a"] == ids(claimed(store, "deadline", days=3, owner="w-3"))[::-1]


def test_clock_that_goes_back_at_once(store):
    """
    The same without anybody asking in between.
    """
    watch(store, due(deadline="a"), due(deadline="b"))
    claimed(store, "deadline", days=0)
    claimed(store, "deadline", days=2, limit=1)

    assert () == claimed(store, "deadline", days=0)
    assert at(0, 1) == store.next_due("deadline")


def test_lease_that_ends_before_the_work_is_due(store):
    """
    A lease that an earlier clock cut short has run out by that clock, whenever the work is due.
    """
    watch(store, due(deadline="a"), due(deadline="b"))
    for claim in claimed(store, "deadline", days=0):
        store.extend(claim, lease=HOUR, at=at(-1))
    first = claimed(store, "deadline", days=-0.5, limit=1)
    second = claimed(store, "deadline", days=-0.5, limit=1)

    assert (["d:P-1:1:a"], ["d:P-1:1:b"]) == (ids(first), ids(second))


def test_clock_that_goes_far_back(store):
    """
    Work that a later clock found free is not handed out by one for which it is neither due nor free.
    """
    watch(store, due(deadline="a"), due(deadline="b"))
    claimed(store, "deadline", days=0)
    claimed(store, "deadline", days=2, limit=1)

    assert () == claimed(store, "deadline", days=-1)
    assert ["d:P-1:1:b"] == ids(claimed(store, "deadline", days=2))


def test_release(store):
    """
    Work that was given back is tried again at the given time, its attempts counted on.
    """
    watch(store, due())
    (claim,) = claimed(store, "deadline")
    store.release(claim, retry_at=at(5), error="later")
    nobody = claimed(store, "deadline", days=4)
    (again,) = claimed(store, "deadline", days=5)

    assert ((), [2], 2, at(5), NOW) == (nobody, tokens([again]), again.attempts, again.work.due_at, again.work.body.at)
    with pytest.raises(LeaseLostError):
        store.release(claim, retry_at=at(5), error="twice")


def test_dead(store):
    """
    Work that is given up is listed by id with its error, is handed out no more, and can be queued again.
    """
    store.commit(commit(opened(), notices=[notice(), notice(), notice()], dues=(due(),)))
    for claim in (*claimed(store)[::-1], *claimed(store, "deadline")):
        store.release(claim, retry_at=None, error=f"{claim.work.id}\0\ud800" + "x" * 600)
    dead = store.dead("notice")
    store.requeue("n:P-1:1:1", at=at(9))
    (again,) = claimed(store, days=9)

    assert ["n:P-1:1:0", "n:P-1:1:1", "n:P-1:1:2"] == [each.work.id for each in dead]
    assert DeadWork(dead[0].work, 1, "n:P-1:1:0\ufffd?" + "x" * 489) == dead[0]
    assert ["n:P-1:1:0"] == [each.work.id for each in store.dead("notice", limit=1)]
    assert ["n:P-1:1:0", "n:P-1:1:2"] == [each.work.id for each in store.dead("notice")]
    assert (at(9), [2], 1, None) == (again.work.due_at, tokens([again]), again.attempts, store.next_due("deadline"))


@pytest.mark.parametrize("work_id", ["n:P-1:1:0", "n:P-9:1:0"], ids=["alive", "unknown"])
def test_only_dead_work_is_queued_again(store, work_id):
    """
    Queueing again what is not dead is a mistake, and names the id.
    """
    store.commit(commit(opened(), notices=[notice()]))
    with pytest.raises(InputError, match="dead work") as caught:
        store.requeue(work_id, at=NOW)

    assert work_id == caught.value.value


def test_set_again(store):
    """
    A deadline that is set again has the new time, counts from the start, and is lost to whoever held it.
    """
    watch(store, due())
    (old,) = claimed(store, "deadline")
    watch(store, due(days=3))
    with pytest.raises(LeaseLostError):
        store.extend(old, lease=HOUR, at=NOW)
    nobody = claimed(store, "deadline", days=2)
    (new,) = claimed(store, "deadline", days=3)

    assert ((), at(3), 1) == (nobody, new.work.body.at, new.attempts)
    assert new.token > old.token


def test_set_again_without_a_fact(store):
    """
    What is set again while it waits has a higher token, also where no fact says since when.
    """
    store.commit(commit(dues=[due()]))
    (old,) = claimed(store, "deadline")
    store.commit(commit(dues=[due()]))
    (new,) = claimed(store, "deadline")

    assert (1, old.token + 2) == (old.token, new.token)


def test_dead_deadline_set_again(store):
    """
    A deadline that was given up lives again when it is set again.
    """
    watch(store, due())
    store.release(*claimed(store, "deadline"), retry_at=None, error="no")
    watch(store, due(days=1))

    assert ((), ["d:P-1:1:sla"]) == (store.dead("deadline"), ids(claimed(store, "deadline")))


def test_dropped(store):
    """
    Leaving a stage drops its deadlines, whoever holds them, and those of no other stay.
    """
    watch(store, due(deadline="a"), due(deadline="b"), due(visit=2), due("P-2"), due(deadline="c"))
    claims = claimed(store, "deadline", limit=1)
    dead = claimed(store, "deadline", limit=1)
    store.release(*dead, retry_at=None, error="no")
    watch(store, dropped=[("P-1", 1), ("P-1", 7)])
    with pytest.raises(LeaseLostError):
        store.commit(Commit(done=claims))

    assert ["d:P-1:2:sla", "d:P-2:1:sla"] == ids(claimed(store, "deadline", days=2))
    assert () == store.dead("deadline")


def test_done_with_a_fact(store):
    """
    Work is finished in the commit of its fact, and then it is gone.
    """
    watch(store, due(), due(deadline="b", days=1))
    claims = claimed(store, "deadline", limit=1)
    store.commit(commit(changed(store.head("P-1")), done=(*claims, *claims), notices=[notice()]))
    with pytest.raises(LeaseLostError):
        store.commit(Commit(done=claims))

    assert ["d:P-1:1:b"] == ids(claimed(store, "deadline", days=9))
    assert 2 == store.head("P-1").version


def test_conflict_finishes_nothing(store):
    """
    If the fact is not written, the work is not done; and the version is checked before the claims.
    """
    watch(store, due())
    claims = claimed(store, "deadline")
    lost = attrs.evolve(claims[0], token=9)
    with pytest.raises(VersionConflictError):
        store.commit(commit(changed(grow(MemoryStore())), done=(lost,)))

    assert Committed(None) == store.commit(Commit(done=claims))


def test_replay_finishes_what_is_held(store):
    """
    A repeated request opens no work again, and finishes the work it holds, once.
    """
    first = commit(opened(), key=key(), notices=[notice()], dues=(due(),))
    store.commit(first)
    claims = *claimed(store), *claimed(store, "deadline")
    answers = [store.commit(attrs.evolve(first, done=claims)) for _ in range(2)]

    assert [True, True] == [each.replayed for each in answers]
    assert (None, None) == (store.next_due("notice"), store.next_due("deadline"))


@over_cases(
    ("call", "what"),
    [
        (lambda store: claimed(store, limit=0), "limit"),
        (lambda store: claimed(store, "timer"), "kind of work"),
        (lambda store: claimed(store, owner=""), "owner"),
        (lambda store: claimed(store, owner="a\nb"), "owner"),
        (lambda store: store.claim("notice", owner="w", limit=1, lease=timedelta(0), at=NOW), "lease"),
        (lambda store: store.claim("notice", owner="w", limit=1, lease=timedelta.max, at=NOW), "lease"),
        (lambda store: store.claim("notice", owner="w", limit=1, lease=HOUR, at=NOW.replace(tzinfo=None)), "at"),
        (lambda store: store.next_due("timer"), "kind of work"),
        (lambda store: store.dead("timer"), "kind of work"),
        (lambda store: store.dead("notice", limit=0), "limit"),
        (lambda store: store.requeue("x", at=NOW.replace(tzinfo=None)), "at"),
        (lambda store: store.purge(keys_before=NOW.replace(tzinfo=None)), "keys_before"),
        (lambda store: store.commit(commit(notices=[notice()])), "notices of a commit"),
    ],
)
def test_wrong_questions(store, call, what):
    """
    A question that makes no sense is refused by the name of its part.
    """
    with pytest.raises(InputError) as caught:
        call(store)

    assert what == caught.value.what


def test_deadlines_are_held_to_the_domain(store):
    """
    A deadline that some store could not keep is refused by every one.
    """
    for wrong in (due(deadline="\0"), attrs.evolve(due(), at=NOW.replace(tzinfo=None))):
        with pytest.raises(InvalidValueError):
            store.commit(commit(opened(), dues=(wrong,)))

    assert None is store.head("P-1")


def test_purge(store):
    """
    Keys of old facts are forgotten, the rest is kept, and facts keep the text of theirs.
    """
    write(store, opened("P-0"))
    for number, name in enumerate(("P-1", "P-2", "P-3"), 1):
        made = fact(opened().fact.body, project_id=name, key="k")
        late = attrs.evolve(made, at=at(number))
        append = attrs.evolve(opened(name), fact=late)
        store.commit(commit(append, key=key("k", project_id=name)))
    counts = [store.purge(keys_before=at(3)), store.purge(keys_before=at(3))]
    kept = [store.committed(key("k", project_id=name)) is not None for name in ("P-1", "P-2", "P-3")]

    assert ([2, 0], [False, False, True]) == (counts, kept)
    assert ["k"] == [each.key for each in store.load("P-1")]


def test_check(store):
    """
    A sound store has nothing to report, however deep one looks.
    """
    grow(store, facts=3)
    store.commit(commit(opened("P-2"), attempts=[attempt()], dues=(due(),)))
    found = store.check(), store.check(deep=True)

    assert [(4, ()), (4, ())] == [(each.facts, each.problems) for each in found]
    assert all(each.ok for each in found)


@pytest.mark.parametrize("store", ["memory", "journal"], indirect=True)
def test_check_finds_a_wrong_head(store):
    """
    A head that its facts do not lead to is named.
    """
    grow(store, facts=3)
    grow(store, "P-2", facts=2)
    index = getattr(store, "_index", None) or store._state.index
    index._heads["P-1"] = attrs.evolve(index._heads["P-1"], name="Another")
    index._heads["P-2"] = attrs.evolve(index._heads["P-2"], version=7)
    index._heads["P-3"] = index._heads["P-1"]
    shallow, deep = store.check(), store.check(deep=True)

    assert ["'P-2'", "'P-3'"] == [each.split()[1].rstrip(":") for each in shallow.problems]
    assert {"'P-1'", "'P-2'", "'P-3'"} == {each.split()[1].rstrip(":") for each in deep.problems}


def test_claims_cost_what_they_take():
    """
    With 10,000 deadlines waiting, a claim of the few that are due looks at no more than those.
    """
    store = MemoryStore()
    far = [due(deadline=f"far-{number}", days=100 + number / 1000) for number in range(10_000)]
    near = [due(deadline=f"near-{number}") for number in range(10)]
    store.commit(commit(opened(), dues=(*far, *near)))
    looked = []

    class Counting(dict):
        def get(self, name, default=None):
            looked.append(name)
            return super().get(name, default)

    store._work._states = Counting(store._work._states)
    found = claimed(store, "deadline", days=0)
    store.next_due("deadline")

    assert 10 == len(found)
    assert 20 > len(looked)


def test_setting_again_and_again_does_not_pile_up():
    """
    A deadline that moves all the time leaves nothing behind.
    """
    store = MemoryStore()
    watch(store, due(), due(deadline="b"))
    claimed(store, "deadline", limit=1)
    for number in range(500):
        watch(store, due(deadline="b", days=number))
        claims = claimed(store, "deadline", days=number, limit=1)
        if claims:
            store.extend(claims[0], lease=HOUR * 9999, at=NOW)
    queue = store._work

    assert 200 > len(queue._ready["deadline"]) + len(queue._leased["deadline"])


def test_work_survives_reopening(folder):
    """
    A journal that is opened again has the same open work: claims are leases, and tokens never go back.
    """
    store = JournalStore(folder)
    store.commit(commit(opened(), notices=[notice(), notice(), notice(), notice()], dues=(due(), due(visit=2))))
    one, two, three = claimed(store, limit=3)
    store.commit(Commit(done=(one,)))
    store.release(two, retry_at=None, error="no")
    three = store.extend(three, lease=HOUR * 5, at=at(1))
    (deadline, other) = claimed(store, "deadline")
    store.release(other, retry_at=at(3), error="later")
    store.commit(commit(changed(store.head("P-1")), dues=(due("P-2"),), dropped=(("P-1", 1),)))
    store.purge(keys_before=NOW)
    before = dump(store)
    store._segments.close()  # as a crash would
    store._descriptors.close()
    again = JournalStore(folder)

    assert before == dump(again)
    with pytest.raises(LeaseLostError):
        again.commit(Commit(done=(deadline,)))
    assert Committed(None) == again.commit(Commit(done=(three,)))
    assert ["n:P-1:1:3"] == ids(claimed(again))
    assert [2] == tokens(each for each in claimed(again, "deadline", days=3) if each.work.project_id == "P-1")

    again.close()


def test_replay_that_finishes_survives_reopening(folder):
    """
    Work that a repeated request finished stays finished, and forgotten keys stay forgotten.
    """
    store = JournalStore(folder)
    first = commit(opened(), key=key(), notices=[notice()])
    store.commit(first)
    store.commit(attrs.evolve(first, done=claimed(store)))
    store.purge(keys_before=datetime(2030, 1, 1, tzinfo=UTC))
    store.close()
    with JournalStore(folder) as again:
        assert (None, None) == (again.next_due("notice"), again.committed(key()))


def test_claim_that_cannot_be_written(folder):
    """
    A claim is handed out only if it was written; if not, the work is as it was.
    """
    disk = FailingDisk()
    with JournalStore(folder, disk=disk) as store:
        watch(store, due(), due(deadline="b"))
        disk.failing["write"] = io_error(errno.ENOSPC)
        with pytest.raises(StoreFullError):
            claimed(store, "deadline")
        disk.failing.clear()

        assert ["d:P-1:1:b", "d:P-1:1:sla"] == ids(claimed(store, "deadline"))
        assert [2, 2] == tokens(claimed(store, "deadline", days=2))
