"""
A worker: does what is due, waits until the next work is due, and stops without leaving anything held.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from threading import Event

import attrs
import pytest

from salesflow import Pipeline
from salesflow.errors import InputError, StoreBusyError, StoreClosedError
from salesflow.stores import MemoryStore, SqliteStore

from .cases import over_cases
from .work_factory import DAY, LI, NOW, lifecycle, offered, passed


REMIND = NOW + 3 * DAY


@attrs.define
class Waits:
    """A clock and a stop in one: waiting moves the clock, and after some waits the worker is asked to stop."""

    now: object = REMIND
    most: int = 1
    asked: bool = False
    waits: list = attrs.Factory(list)

    def __call__(self):
        return self.now

    def is_set(self):
        return self.asked

    def wait(self, timeout):
        self.waits.append(timeout)
        self.now += timedelta(seconds=timeout)
        self.asked = len(self.waits) >= self.most


def pipeline_of(waits, store=None, count=1):
    """A pipeline with offers that were made three days ago."""
    made = Pipeline(lifecycle(), store=store or MemoryStore(), actor=LI, clock=waits)
    for number in range(1, count + 1):
        offered(made, f"P-{number}")
    return made


def everything_due(store, at=REMIND):
    """What another worker can take on at once."""
    kinds = ("deadline", "notice")
    return sorted(c.work.project_id for kind in kinds for c in store.claim(kind, owner="o", limit=99, lease=DAY, at=at))


def test_a_round():
    """
    A round passes the deadlines that are due and delivers their notices; a round that did nothing is not reported.
    """
    waits, sent, told = Waits(), [], []
    pipeline = pipeline_of(waits, count=2)
    pipeline.work(waits, send=lambda notice, _id: sent.append(notice.project_id), report=told.append)
    (first,) = told

    assert (REMIND, 2, 2, False) == (first.at, first.deadlines.done, first.deliveries.done, first.idle)
    assert (["P-1", "P-2"], ["offer.remind"]) == (sorted(sent), passed(pipeline))
    assert [30.0] == waits.waits


def test_it_wakes_for_the_next_work():
    """
    It waits until the next work is due, and no longer than it was asked to.
    """
    waits, told = Waits(NOW + 2 * DAY, most=3), []
    pipeline = pipeline_of(waits)
    pipeline.work(waits, send=lambda _n, _i: True, every=timedelta(hours=20), report=told.append)

    assert [20 * 3600.0, 4 * 3600.0, 20 * 3600.0] == waits.waits
    assert [REMIND] == [each.at for each in told]


def test_failed_work_is_woken_for():
    """
    A delivery that failed is tried again when its pause is over, not when the longest wait is.
    """
    waits, answers, told = Waits(most=2), [False, True], []
    pipeline_of(waits).work(waits, send=lambda _n, _i: answers.pop(0), report=told.append)

    assert [(0, 1), (1, 0)] == [(each.deliveries.done, len(each.deliveries.failures)) for each in told]
    assert 4.5 <= waits.waits[0] <= 5.5


def test_it_never_spins():
    """
    Where the clock says that a lease is over and nothing can be taken on yet, it waits for a second.
    """
    waits = Waits(NOW, most=2)
    pipeline = pipeline_of(waits)
    waits.now = REMIND
    pipeline.store.claim("deadline", owner="other", limit=9, lease=timedelta(milliseconds=300), at=REMIND)
    pipeline.work(waits, send=lambda _n, _i: True)

    assert [1.0, 30.0] == waits.waits


def test_once():
    """
    A worker that runs once does all that is due, however many rounds that takes, and waits for nothing.
    """
    waits, told = Waits(), []
    pipeline = pipeline_of(waits, count=120)
    pipeline.work(waits, send=lambda _n, _i: True, once=True, report=told.append)

    assert ([100, 20], [100, 20]) == (
        [each.deadlines.done for each in told],
        [each.deliveries.done for each in told],
    )
    assert ([], False, []) == (waits.waits, waits.asked, everything_due(pipeline.store))


def test_nobody_delivers():
    """
    Where nobody is there to deliver, deadlines pass and notices stay queued.
    """
    waits, told = Waits(), []
    pipeline = pipeline_of(waits)
    pipeline.work(waits, report=told.append)

    assert [(1, None)] == [(each.deadlines.done, each.deliveries) for each in told]
    assert ["P-1"] == everything_due(pipeline.store)


def test_stopped_between_commits():
    """
    Asked to stop while deadlines pass, it finishes the commit at hand, and others can take on the rest at once.
    """
    waits, stop = Waits(NOW), Event()
    pipeline = pipeline_of(waits, count=40)
    waits.now = REMIND
    with_stop = Pipeline(lifecycle(), store=pipeline.store, clock=waits, listeners=[lambda _f, _p: stop.set()])
    with_stop.work(stop, send=lambda _n, _i: True)
    done = {f"P-{number}" for number in range(1, 41) if passed(pipeline, f"P-{number}")}
    left = [
        each.work.project_id for each in pipeline.store.claim("deadline", owner="o", limit=99, lease=DAY, at=REMIND)
    ]

    assert 0 < len(done) < 40
    assert sorted({f"P-{number}" for number in range(1, 41)} - done) == sorted(left)


def test_stopped_between_deliveries():
    """
    Asked to stop while it delivers, it acknowledges what was delivered, and others can deliver the rest at once.
    """
    waits, stop, sent = Waits(), Event(), []
    pipeline = pipeline_of(waits, count=5)

    def send(notice, _id):
        sent.append(notice.project_id)
        if len(sent) == 2:
            stop.set()

    pipeline.work(stop, send=send)

    assert sorted({"P-1", "P-2", "P-3", "P-4", "P-5"} - set(sent)) == everything_due(pipeline.store)
    assert 2 == len(sent)


def test_asked_before_it_began():
    """
    A worker that was asked to stop before does nothing.
    """
    waits = Waits(asked=True)
    pipeline = pipeline_of(waits)
    pipeline.work(waits)

    assert [] == passed(pipeline)


def test_without_a_stop():
    """
    Without a stop it works until it is interrupted; what a report raises comes out of the call.
    """

    def interrupt(done):
        raise KeyboardInterrupt

    pipeline = pipeline_of(Waits())
    with pytest.raises(KeyboardInterrupt):
        pipeline.work(report=interrupt)

    assert ["offer.remind"] == passed(pipeline)


@attrs.define
class Away:
    """A store that cannot be used for some claims."""

    inner: object
    errors: list

    def claim(self, *args, **how):
        if self.errors:
            raise self.errors.pop(0)
        return self.inner.claim(*args, **how)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_a_busy_store_is_tried_again():
    """
    A store that is busy for a while is reported and tried again after the longest wait.
    """
    waits, told = Waits(most=2), []
    pipeline = pipeline_of(waits, Away(MemoryStore(), [StoreBusyError("the store is busy")]))
    pipeline.work(waits, every=timedelta(seconds=7), report=told.append)

    assert [("the store is busy", 0), ("None", 1)] == [(str(each.error), each.deadlines.done) for each in told]
    assert [7.0, 7.0] == waits.waits


@pytest.mark.parametrize(("error", "once"), [(StoreBusyError("busy"), True), (StoreClosedError(), False)])
def test_a_store_that_fails(error, once):
    """
    A store that fails for good ends the call, and so does one that is busy where it would run once only.
    """
    waits = Waits()
    pipeline = pipeline_of(waits, Away(MemoryStore(), [error]))

    with pytest.raises(type(error)):
        pipeline.work(waits, once=once)


class AsyncStop:
    """The stop of a program that awaits, which a worker cannot."""

    def __init__(self):
        self.wait = asyncio.Event().wait

    def is_set(self):
        return False


@over_cases(
    ("given", "what"),
    [
        ({"stop": object()}, "stop.is_set"),
        ({"stop": AsyncStop()}, "stop.wait"),
        ({"send": 3}, "send"),
        ({"report": "print"}, "report"),
        ({"every": timedelta()}, "every="),
        ({"every": timedelta(days=2)}, "every="),
        ({"every": 30}, "every="),
        ({"once": 1}, "once="),
    ],
    ids=["no stop", "async stop", "no function", "no report", "no time", "two days", "a number", "no bool"],
)
def test_what_cannot_be_used(given, what):
    """
    What a worker cannot use is refused before it does anything.
    """
    pipeline = pipeline_of(Waits())

    with pytest.raises(InputError) as raised:
        pipeline.work(**given)
    assert (what, []) == (raised.value.what, passed(pipeline))


def test_another_worker_was_faster(tmp_path):
    """
    What is given back after its lease ran out belongs to whoever holds it since.
    """
    waits, stop = Waits(NOW), Event()
    with SqliteStore(tmp_path / "sales.db") as store:
        pipeline = pipeline_of(waits, store, count=3)
        waits.now = REMIND

        def send(notice, _id):
            stop.set()
            waits.now += timedelta(hours=1)
            everything_due(store, waits.now)

        pipeline.work(stop, send=send, report=(told := []).append)
        held = store.claim("notice", owner="third", limit=9, lease=DAY, at=waits.now)

    assert ([], 3) == (list(held), told[0].deliveries.void)
