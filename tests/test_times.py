"""
Times of facts: when something happened, when it was recorded, and which times a call may name.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from salesflow.errors import BackfillError, InputError
from salesflow.stores.adapting import decode_fact, fact_text

from .equipment import NOW, Clock
from .pipeline_factory import LEAD, make_pipeline, opened


DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    """
    A clock that stands still.
    """
    return Clock()


@pytest.fixture
def pipeline(clock):
    """
    A pipeline with one open project.
    """
    made = make_pipeline(clock=clock)
    opened(made)
    return made


AHEAD = {
    "open": lambda p, at, **how: p.open("Late", id="P-2", at=at, actor=LEAD, **how).opened_at,
    "update": lambda p, at, **how: p.update("P-1", {"note": "x"}, at=at, **how).fact.at,
    "approve": lambda p, at, **how: p.approve("P-1", "deal", at=at, **how).fact.at,
    "fire": lambda p, at, **how: p.fire("P-1", "make_offer", at=at, **how).fact.at,
}


@pytest.mark.parametrize("verb", AHEAD)
def test_far_ahead_of_the_clock(pipeline, verb):
    """
    A write more than a day ahead of the clock is refused, and changes nothing, unless the call says so.
    """
    write = AHEAD[verb]
    before = pipeline.store.feed().facts
    with pytest.raises(InputError, match=r"2062-.*The clock says 2026-.*ahead=True"):
        write(pipeline, NOW.replace(year=2062))
    unchanged = pipeline.store.feed().facts

    assert before == unchanged
    assert NOW + DAY == write(pipeline, NOW + DAY)
    assert NOW + DAY + SECOND == AHEAD["update"](pipeline, NOW + DAY + SECOND, ahead=True)


def test_a_tick_far_ahead(pipeline):
    """
    Deadlines cannot be passed far ahead of the clock by mistake either.
    """
    with pytest.raises(InputError, match="ahead=True"):
        pipeline.tick(NOW.replace(year=2062))

    assert 0 == pipeline.tick(NOW + DAY).done + pipeline.tick(NOW + 2 * DAY, ahead=True).done


def test_before_the_opening(pipeline):
    """
    Nothing of a project lies before its opening, not even what is backfilled.
    """
    for how in ({}, {"backfill": True}):
        with pytest.raises(InputError, match=r"P-1.*It was opened at 2026-03-02 09:00 UTC"):
            pipeline.update("P-1", {"note": "x"}, at=NOW - SECOND, **how)

    assert 1 == pipeline.get("P-1").version


def test_a_backfilled_move_before_the_visit(pipeline, clock):
    """
    A backfilled move leaves a stage only after it was entered; a field may still be backfilled before that.
    """
    clock.later(DAY)
    pipeline.fire("P-1", "make_offer")
    clock.later(DAY)
    pipeline.update("P-1", {"note": "x"})
    with pytest.raises(InputError, match="has been in stage offer since 2026-03-03"):
        pipeline.fire("P-1", "win", at=NOW + DAY - SECOND, backfill=True)
    filled = pipeline.update("P-1", {"note": "y"}, at=NOW + SECOND, backfill=True)

    assert (NOW + SECOND, "y") == (filled.fact.at, pipeline.as_of("P-1", NOW + SECOND).fields["note"])


def test_a_backfilled_move_into_a_hold(pipeline, clock):
    """
    A visit that was on hold cannot be left before the hold ended; it keeps when the hold began and ended.
    """
    for trigger in ("pause", "resume"):
        clock.later(DAY)
        pipeline.fire("P-1", trigger)
    with pytest.raises(BackfillError) as caught:
        pipeline.fire("P-1", "make_offer", at=NOW + DAY + SECOND, backfill=True)

    assert NOW + 2 * DAY == caught.value.last
    assert (NOW, ((NOW + DAY, NOW + 2 * DAY),)) == (
        pipeline.get("P-1").visit.entered_at,
        pipeline.get("P-1").visit.holds,
    )


def test_recorded_at(pipeline, clock):
    """
    Every fact says when it was recorded, beside when it happened.
    """
    clock.later(DAY)
    pipeline.update("P-1", {"note": "x"}, at=NOW + SECOND)
    pipeline.fire("P-1", "make_offer")
    times = [(each.at, each.recorded_at) for each in pipeline.history("P-1")]

    assert [(NOW, NOW), (NOW + SECOND, NOW + DAY), (NOW + DAY, NOW + DAY)] == times


def test_known_at(pipeline, clock):
    """
    What was known at a time, what is known today of that time, and what was known at one time of another.
    """
    clock.later(DAY)
    pipeline.update("P-1", {"note": "in time"})
    clock.later(DAY)
    pipeline.update("P-1", {"note": "late"}, at=NOW + SECOND, backfill=True)

    def note(*args, **asked):
        return pipeline.as_of("P-1", *args, **asked).fields.get("note")

    assert ("late", None) == (note(NOW + SECOND), note(known_at=NOW + SECOND))
    assert ("in time", "late") == (note(known_at=NOW + DAY), note(known_at=NOW + 2 * DAY))
    assert None is note(NOW + SECOND, known_at=NOW + DAY)
    for asked, hint in (({}, "Pass at="), ({"at": NOW, "known_at": NOW - DAY}, "opened later")):
        with pytest.raises(InputError, match=hint):
            pipeline.as_of("P-1", **asked)


def test_advice_after_a_backfill(pipeline, clock):
    """
    Advice about the past sees what happened by then, the backfilled facts included.
    """
    clock.later(DAY)
    pipeline.fire("P-1", "make_offer")
    pipeline.update("P-1", {"note": "y"}, at=NOW + SECOND, backfill=True)

    assert NOW + SECOND == pipeline.risks("P-1", at=NOW + SECOND).at


def test_facts_without_the_time_of_recording(pipeline):
    """
    A stored fact that does not say when it was recorded was recorded when it happened; the text says only what differs.
    """
    first = pipeline.history("P-1")[0]
    late = pipeline.update("P-1", {"note": "x"}, at=NOW + SECOND).fact
    texts = [json.loads(fact_text(each, {})) for each in (first, late)]

    assert (False, "2026-03-02T09:00:00Z") == ("recorded" in texts[0], texts[1]["recorded"])
    assert [first, late] == [decode_fact(each, {}) for each in texts]


def test_every_refusal_says_so(pipeline, clock):
    """
    Before the last fact a write needs ``backfill``, and the error has the time of that fact.
    """
    clock.later(DAY)
    pipeline.update("P-1", {"note": "x"})
    with pytest.raises(BackfillError) as caught:
        pipeline.update("P-1", {"note": "x"}, at=NOW + SECOND)

    assert (NOW + SECOND, NOW + DAY) == (caught.value.at, caught.value.last)
