"""
Quiet hours and digests: when the people whom the directory finds want to hear of things.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, hookimpl
from salesflow.effects import notify
from salesflow.errors import InputError
from salesflow.plugins import Recipient, failed, later

from .cases import over_cases
from .equipment import STORES, Clock


DAY = timedelta(days=1)


class People:
    """A directory and a channel in one: finds who is named, and notes what it delivers."""

    name = "people"

    def __init__(self, *people, answers=()):
        self.people = {each.name: each for each in people}
        self.answers, self.got = list(answers), []

    @hookimpl
    def salesflow_directory(self, address, project):
        return [self.people[address]] if address in self.people else None

    @hookimpl
    def salesflow_notify(self, notice, addressee):
        self.got.append((addressee, notice))
        answer = self.answers.pop(0) if self.answers else None
        return answer() if callable(answer) else answer


def pipeline_of(plugin, at, *to, store=None, projects=1, name="short"):
    """A pipeline in which each project has left a notice, and its clock."""
    clock = Clock(at)
    lifecycle = build_lifecycle(
        Definition(
            name,
            fields=[Field("owner")],
            stages=[Stage("start"), Stage("won", "won")],
            transitions=[Transition("go", "start", "won", effects=[notify(to)])],
            time_zone="Asia/Shanghai",
        ),
        plugins=[plugin],
    )
    pipeline = Pipeline(lifecycle, store=store, actor=Actor("kim"), clock=clock)
    for number in range(projects):
        pipeline.open(f"Metro {number}", id=f"P-{number}")
        pipeline.fire(f"P-{number}", "go")
    return pipeline, clock


@over_cases(
    ("at", "zone", "quiet", "end"),
    [
        ("2026-03-02T15:00", "", ("22:00", "08:00"), "2026-03-03T00:00"),
        ("2026-03-02T20:00", "", ("22:00", "08:00"), "2026-03-03T00:00"),
        ("2026-03-02T15:00", "Europe/Berlin", ("12:00", "18:00"), "2026-03-02T17:00"),
        # Clocks go back at 03:00 to 02:00: of 02:50, which comes twice, the second is next.
        ("2026-10-25T01:30", "Europe/Berlin", ("01:00", "02:50"), "2026-10-25T01:50"),
    ],
)
def test_put_off_to_the_end_of_quiet_hours(at, zone, quiet, end):
    """
    In the quiet hours of the recipient's own zone, or else the lifecycle's, nothing is delivered.
    """
    now, ends = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (at, end))
    people = People(Recipient("li.wei", zone=zone, quiet=quiet))
    pipeline, clock = pipeline_of(people, now, "li.wei")
    first = pipeline.deliver()
    clock.now = ends - timedelta(seconds=1)
    early = pipeline.deliver()
    clock.now = ends
    second = pipeline.deliver()

    assert (0, 1) == (first.done, first.later)
    assert 0 == early.done
    assert (1, 0) == (second.done, second.later)


@pytest.mark.parametrize(("at", "quiet"), [("08:00", ("22:00", "08:00")), ("12:00", ("12:00", "12:00"))])
def test_outside_quiet_hours(at, quiet):
    """
    Their end lies outside them, and hours of no length are none.
    """
    people = People(Recipient("li.wei", zone="UTC", quiet=quiet))
    pipeline, _ = pipeline_of(people, datetime.fromisoformat(f"2026-03-02T{at}+00:00"), "li.wei")

    assert 1 == pipeline.deliver().done


def test_tried_again_outside_quiet_hours():
    """
    What failed and would be tried again at night waits until the morning as well.
    """
    people = People(Recipient("li.wei", zone="UTC", quiet=("22:00", "08:00")), answers=[failed("busy")])
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 21, 59, 58, tzinfo=UTC), "li.wei")
    (failure,) = pipeline.deliver().failures
    clock.now = failure.retry_at
    night = pipeline.deliver()
    clock.now = datetime(2026, 3, 3, 8, tzinfo=UTC)
    morning = pipeline.deliver()

    assert (0, 1, 1) == (night.done, night.later, morning.done)


@pytest.mark.parametrize("kind", STORES)
def test_a_digest_is_one_notice(tmp_path, kind):
    """
    All that came for a person since yesterday is handed over as one notice at the time of the digest.
    """
    people = People(Recipient("li.wei", "li@example.com", digest="17:00", lang="zh"), Recipient("kim", digest="17:00"))
    with STORES[kind](tmp_path) as store:
        pipeline, clock = pipeline_of(
            people, datetime(2026, 3, 2, 1, tzinfo=UTC), "li.wei", "kim", store=store, projects=25
        )
        before = pipeline.deliver(limit=1000)
        clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)  # 17:00 in Shanghai
        report = pipeline.deliver()
        after = pipeline.deliver()
    digests = dict(people.got)
    first = digests["li@example.com"]
    lines = first.text().splitlines()

    assert (0, 50, 0) == (before.done, report.done, after.done)
    assert {"li@example.com": 25, "kim": 25} == {to: len(notice.parts) for to, notice in digests.items()}
    assert ("digest", "汇总", "", "short") == (
        first.topic,
        first.topic_label.text(first.lang),
        first.project_id,
        first.lifecycle,
    )
    assert "Metro 0 (P-0)：go。 阶段：won。 操作人：kim。 时间：2026-03-02 09:00 Asia/Shanghai。" == lines[0]
    assert 25 == len(lines)


def test_a_digest_of_one():
    """
    A single notice needs no digest around it; after the time of the digest it waits for tomorrow's.
    """
    people = People(Recipient("li.wei", digest="17:00"))
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 9, tzinfo=UTC), "li.wei")
    pipeline.deliver()
    clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    pipeline.deliver()
    ((_, notice),) = people.got

    assert ("go", (), "P-0") == (notice.topic, notice.parts, notice.project_id)


@pytest.mark.parametrize(("digests", "limit"), [(("17:00", "17:00"), 1), (("17:00", "18:00"), 100)])
def test_digests_of_several_people(digests, limit):
    """
    Each person has a digest of their own, whole whatever the limit is; a digest counts as one delivery.
    """
    people = People(*(Recipient(name, digest=digest) for name, digest in zip("ab", digests, strict=True)))
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 1, tzinfo=UTC), "a", "b", projects=12)
    pipeline.deliver(limit=1000)
    clock.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    pipeline.deliver(limit=limit)

    assert {"a": 12, "b": 12} == {to: len(notice.parts) for to, notice in people.got}
    assert 2 == len(people.got)


def test_a_digest_that_fails_stays_one():
    """
    The parts of a digest that was not delivered come back together, and are put off together.
    """
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    people = People(Recipient("li.wei", digest="17:00"), answers=[failed("busy"), later(at + DAY), None])
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 1, tzinfo=UTC), "li.wei", projects=3)
    pipeline.deliver()
    clock.now = at
    failure, *more = pipeline.deliver().failures
    clock.now = failure.retry_at
    put_off = pipeline.deliver()
    clock.now = at + DAY
    report = pipeline.deliver()

    assert {failure.retry_at} == {each.retry_at for each in more}
    assert (2, 3, 3) == (len(more), put_off.later, report.done)
    assert [3, 3, 3] == [len(notice.parts) for _, notice in people.got]


def test_a_digest_that_nobody_understands():
    """
    A digest whose delivery gave no usable answer is given up, each part visible on its own.
    """
    people = People(Recipient("li.wei", digest="17:00"), answers=["sure"])
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 1, tzinfo=UTC), "li.wei", projects=2)
    pipeline.deliver()
    clock.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    pipeline.deliver()

    assert ["li.wei", "li.wei"] == [dead.addressee for dead in pipeline.dead()]


def test_a_digest_gathered_for_longer_than_the_lease():
    """
    What somebody else took on while a digest was gathered is not in it.
    """
    people = People(Recipient("kim"), Recipient("li.wei", digest="17:00"))
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 1, tzinfo=UTC), "li.wei", projects=2)
    pipeline.deliver()
    clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    people.people["li.wei"] = Recipient("kim")
    pipeline.open("Slow", id="P-2")
    pipeline.fire("P-2", "go")

    def takes_long():
        clock.now += timedelta(minutes=2)
        pipeline.store.claim("notice", owner="other", limit=1, lease=DAY, at=clock.now)

    people.answers = [takes_long]
    report = pipeline.deliver()

    assert (2, 2) == (report.done, report.void)
    assert ["P-2", "P-1"] == [notice.project_id for _, notice in people.got]


def test_stopped_while_a_digest_is_gathered():
    """
    A worker that is asked to stop before a digest is complete gives its parts back, so that it stays one.
    """
    people, stop = People(Recipient("kim"), Recipient("li.wei", digest="17:00")), Event()
    pipeline, clock = pipeline_of(people, datetime(2026, 3, 2, 1, tzinfo=UTC), "li.wei", projects=2)
    pipeline.deliver()
    clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    people.people["li.wei"] = Recipient("kim")
    pipeline.open("Last", id="P-2")
    pipeline.fire("P-2", "go")
    people.answers = [stop.set]
    pipeline.work(stop)
    stopped = [len(notice.parts) for _, notice in people.got]
    pipeline.deliver()

    assert [0] == stopped
    assert [0, 2] == [len(notice.parts) for _, notice in people.got]


@over_cases(
    ("wrong", "said"),
    [
        ({"zone": "Mars/Base"}, "zone of a recipient"),
        ({"zone": 8}, "zone of a recipient"),
        ({"quiet": "22:00"}, "quiet of a recipient"),
        ({"quiet": ("22:00", "25:00")}, "time of day"),
        ({"quiet": ("22", "08:00")}, "time of day"),
        ({"digest": 17}, "time of day"),
    ],
)
def test_times_that_cannot_be(wrong, said):
    """
    A zone that nobody knows, and what is no time of day, is refused with its name.
    """
    with pytest.raises(InputError, match=said):
        Recipient("li.wei", **wrong)
