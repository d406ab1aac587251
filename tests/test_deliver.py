"""
Notices: delivered at least once, tried again, given up visibly.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesflow.errors import InputError
from salesflow.stores import JournalStore, MemoryStore

from .work_factory import DAY, NOW, make_pipeline, offered


LATER = NOW + 4 * DAY


@pytest.fixture(params=["memory", "journal"])
def pipeline(request, tmp_path):
    """
    A pipeline whose project has one notice to deliver.
    """
    store = MemoryStore() if request.param == "memory" else JournalStore(tmp_path / "sales")
    made = offered(make_pipeline(store))
    made.tick(NOW + 3 * DAY, ahead=True)
    yield made
    store.close()


def test_delivered_once(pipeline):
    """
    A delivered notice is gone; its id is the one a repeat would have.
    """
    sent = []
    first = pipeline.deliver(lambda notice, work_id: sent.append((notice.topic, notice.to, work_id)), at=LATER)
    second = pipeline.deliver(lambda notice, work_id: sent.append(work_id), at=LATER)

    assert (1, 0) == (first.done, second.done)
    ((topic, to, work_id),) = sent
    assert ("offer_waits", ("owner",), "n:P-1:3:0") == (topic, to, work_id.rpartition(":")[0])


@pytest.mark.parametrize("failing", [lambda _n, _i: False, lambda _n, _i: 1 / 0], ids=["says no", "raises"])
def test_tried_again(pipeline, failing):
    """
    What was not delivered stays, with the error, and is tried again later.
    """
    report = pipeline.deliver(failing, at=LATER)
    (failure,) = report.failures
    soon = pipeline.deliver(lambda _n, _i: True, at=LATER)
    again = pipeline.deliver(lambda _n, _i: True, at=failure.retry_at)

    assert (0, 0, 1) == (report.done, soon.done, again.done)
    assert failure.error in ("it was not delivered", "ZeroDivisionError: division by zero")


def test_given_up_and_queued_again(pipeline):
    """
    After about three days a notice is dead: visible with its error, and it can be tried again.
    """
    at, store = LATER, pipeline.store
    while True:
        (failure,) = pipeline.deliver(lambda _n, _i: False, at=at).failures
        if failure.retry_at is None:
            break
        at = failure.retry_at
    (dead,) = store.dead("notice")
    nothing = pipeline.deliver(lambda _n, _i: True, at=at + 99 * DAY)
    store.requeue(dead.work.id, at=at)
    again = pipeline.deliver(lambda _n, _i: True, at=at)

    assert (19, "it was not delivered", 0, 1) == (dead.attempts, dead.error, nothing.done, again.done)
    assert timedelta(days=2) < at - LATER < timedelta(days=4)


def test_slower_than_the_lease(pipeline):
    """
    A delivery that outlasts its lease does not finish what somebody else has taken on since.
    """
    store = pipeline.store

    def slow(_notice, _work_id):
        store.claim("notice", owner="other", limit=1, lease=DAY, at=LATER + DAY)

    report = pipeline.deliver(slow, at=LATER, lease=timedelta(minutes=1))

    assert (0, 1) == (report.done, report.void)
    assert 0 == pipeline.deliver(lambda _n, _i: True, at=LATER + DAY).done


def test_fails_slower_than_the_lease(pipeline):
    """
    A delivery that fails after its lease leaves the work to whoever has it now.
    """
    store = pipeline.store

    def slow(_notice, _work_id):
        store.claim("notice", owner="other", limit=1, lease=DAY, at=LATER + DAY)
        return False

    report = pipeline.deliver(slow, at=LATER, lease=timedelta(minutes=1))

    assert (0, 1, ()) == (report.done, report.void, report.failures)


def test_nobody_to_deliver(pipeline):
    """
    Without a function and without a plugin nothing is claimed.
    """
    with pytest.raises(InputError, match="salesflow_notify"):
        pipeline.deliver(at=LATER)

    assert 1 == pipeline.deliver(lambda _n, _i: True, at=LATER).done
