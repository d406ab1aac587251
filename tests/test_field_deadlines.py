"""
Deadlines that hang on a date of the project, in place of the entry into a stage.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow.calendars import weekdays
from salesflow.effects import set_field
from salesflow.stores import MemoryStore
from salesflow.typing import Deadline, DeadlinePassed, Duration, Transitioned, WorkingTime

from .cases import over_cases
from .equipment import STORES


SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = WorkingTime({"mon_fri": ["09:00-12:00", "13:30-18:00"]}, work_days=[date(2026, 10, 10)])
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
LI = sf.Actor("li.wei")


def shanghai(day, hour=9, minute=0):
    """A time in October 2026, which begins on a Thursday."""
    return datetime(2026, 10, day, hour, minute, tzinfo=SHANGHAI)


def lifecycle(*deadlines, calendar="weekdays", **parts):
    """A bid whose deadlines hang on the day of its submission, or on the time of a call."""
    return sf.build_lifecycle(
        sf.Definition(
            "bids",
            calendar=calendar,
            time_zone="Asia/Shanghai",
            fields=[sf.Field("submission", "date"), sf.Field("call", "datetime"), sf.Field("seen", "integer")],
            stages=[
                sf.Stage("bid", "open", deadlines=deadlines),
                sf.Stage("rest", "hold"),
                sf.Stage("won", "won"),
            ],
            transitions=[
                sf.Transition("pause", "bid", "rest", kind="hold"),
                sf.Transition("resume", "rest", "$previous", kind="resume"),
                sf.Transition("polish", "bid", "$same", kind="loop"),
                sf.Transition("win", "bid", "won"),
            ],
            **parts,
        )
    )


class Bid:
    """One project and a clock that a test sets."""

    def __init__(self, built, store, **fields):
        self.now = shanghai(1)
        self.pipeline = sf.Pipeline(built, store=store, actor=LI, clock=lambda: self.now)
        self.pipeline.open("Metro", id="P-1", fields=fields)

    def dues(self):
        """What is watched: deadline, time in Shanghai, and whether it was late when it was set."""
        works = self.pipeline.store.upcoming("deadline", until=shanghai(1) + timedelta(days=999), after=None, limit=9)
        return [(each.body.deadline, each.due_at.astimezone(SHANGHAI), each.body.late) for each in works]

    def set(self, at, **fields):
        """Change fields at a time."""
        self.now = at
        return self.pipeline.update("P-1", fields=fields)

    def tick(self, at):
        """Let time pass; return what has passed by then, as a list of deadline and lateness."""
        self.now = at
        self.pipeline.tick()
        bodies = [fact.body for fact in self.pipeline.history("P-1")]
        return [(each.deadline, each.late) for each in bodies if isinstance(each, DeadlinePassed)]


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """
    An empty store of each kind.
    """
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.mark.untraced
@over_cases(
    ("deadline", "calendar", "due"),
    [
        (Deadline("end", field="submission"), "weekdays", shanghai(12, 23, 59) + 60 * timedelta(seconds=1) - TICK),
        (Deadline("end", field="submission"), OFFICE, shanghai(12, 18)),
        (Deadline("end", field="submission", before="2bd"), OFFICE, shanghai(9, 18)),
        (Deadline("end", field="submission", before="2bh"), OFFICE, shanghai(12, 16)),
        (Deadline("end", field="submission", before="7.5bh"), OFFICE, shanghai(12, 9)),
        (Deadline("end", field="submission", after="1bd"), OFFICE, shanghai(13, 18)),
        (Deadline("end", field="submission", before="1bd"), "weekdays", shanghai(10, 0) - TICK),
        (Deadline("end", field="submission", before="12h"), OFFICE, shanghai(12, 6)),
        (Deadline("end", "1d", field="call"), "weekdays", shanghai(6, 15, 30)),
        (Deadline("end", field="call", before="1bd"), "weekdays", shanghai(2, 15, 30)),
        (Deadline("end", "1bd", field="call"), "weekdays", shanghai(6, 15, 30)),
    ],
)
def test_golden_dates(deadline, calendar, due):
    """
    A date means the end of its last working hour, or of the day; a time means itself. Saturday the 10th is made up.
    """
    bid = Bid(
        lifecycle(deadline, calendar=calendar), MemoryStore(), submission=date(2026, 10, 12), call=shanghai(5, 15, 30)
    )

    assert [("end", due, False)] == bid.dues()


@pytest.mark.parametrize(
    ("day", "due"),
    [(17, shanghai(18, 0)), (18, shanghai(19, 0))],
)
def test_a_date_that_is_a_day_of_rest(day, due):
    """
    A day on which nobody works ends at midnight, and what is due a working day before is due on Thursday's end.
    """
    limits = Deadline("end", field="submission"), Deadline("before", field="submission", before="1bd")
    bid = Bid(lifecycle(*limits, calendar=OFFICE), MemoryStore(), submission=date(2026, 10, day))

    assert [("before", shanghai(16, 0) - TICK, False), ("end", due - TICK, False)] == bid.dues()


@pytest.mark.long
@pytest.mark.untraced
@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 40), st.sampled_from(["bd", "bh"]))
def test_law_of_what_is_before(day, amount, unit):
    """
    Between a deadline and the date that it hangs on lies as much working time as is written, to the microsecond.
    """
    limits = Deadline("end", field="submission"), Deadline("before", field="submission", before=f"{amount}{unit}")
    built = lifecycle(*limits, calendar=OFFICE)
    bid = Bid(built, MemoryStore(), submission=day)
    dues = {name: due for name, due, _ in bid.dues()}
    left = built.calendar.working_between(dues["before"], dues["end"], unit)

    assert Duration(amount, unit).span <= left <= Duration(amount, unit).span + TICK


def test_the_field_changes(store):
    """
    Whatever sets the field moves the deadline in the same commit; a cleared field withdraws it, and others stay.
    """
    limits = Deadline("sla", "30d"), Deadline("end", field="call"), Deadline("late", field="submission")
    bid = Bid(lifecycle(*limits), store)
    empty = bid.dues()
    bid.set(shanghai(1), call=shanghai(20))
    first = bid.dues()
    bid.pipeline.fire("P-1", "polish", data={"call": shanghai(21)})
    fired = bid.dues()
    bid.set(shanghai(1), seen=1)
    bid.set(shanghai(1), call=None)

    assert [("sla", shanghai(31), False)] == empty == bid.dues()
    assert [("end", shanghai(20), False), *empty] == first
    assert [("end", shanghai(21), False), *empty] == fired


def test_an_effect_sets_the_field(store):
    """
    An effect of a deadline that passes moves another one.
    """
    limits = Deadline("look", "1d", effects=[set_field("call", shanghai(20))]), Deadline("end", field="call")
    bid = Bid(lifecycle(*limits), store, call=shanghai(10))

    assert [("look", False)] == bid.tick(shanghai(2))
    assert [("end", shanghai(20), False)] == bid.dues()


def test_set_in_the_past(store):
    """
    What was past when it was set passes at the next tick, marked late, with its effects.
    """
    bid = Bid(lifecycle(Deadline("end", field="call", effects=[set_field("seen", 1)])), store)
    bid.set(shanghai(5), call=shanghai(4))

    assert [("end", shanghai(4), True)] == bid.dues()
    assert [("end", True)] == bid.tick(shanghai(5))
    assert 1 == bid.pipeline.get("P-1").fields["seen"]


def test_moved_after_it_passed(store):
    """
    A deadline that passed is there again once its field says a later time, and not for an earlier one.
    """
    bid = Bid(lifecycle(Deadline("end", field="call")), store, call=shanghai(4))
    once = bid.tick(shanghai(5))
    bid.set(shanghai(6), call=shanghai(3))
    earlier = bid.dues()
    bid.set(shanghai(6), call=shanghai(9))
    later = bid.dues()
    twice = bid.tick(shanghai(9))
    project = bid.pipeline.get("P-1")

    assert ([("end", False)], [], [("end", shanghai(9), False)]) == (once, earlier, later)
    assert [("end", False)] * 2 == twice
    assert (("end",), (("end", shanghai(9)),)) == (project.visit.passed, project.visit.missed)
    assert project == sf.replay(bid.pipeline.history("P-1"))


def test_a_hold(store):
    """
    A hold puts no date off: it waits for the stay to go on, and what passed meanwhile is late then.
    """
    limits = Deadline("sla", "30d"), Deadline("end", field="call"), Deadline("post", "2d", field="call")
    bid = Bid(lifecycle(*limits), store, call=shanghai(4))
    bid.pipeline.fire("P-1", "pause")
    held = bid.dues()
    bid.now = shanghai(5)
    bid.pipeline.fire("P-1", "resume")

    assert [] == held
    assert [
        ("end", shanghai(4), True),
        ("post", shanghai(6), False),
        ("sla", shanghai(31) + 96 * HOUR, False),
    ] == bid.dues()


def test_left_unseen(store):
    """
    A deadline that passed twice, the second time unseen before the stage was left, is recorded late for that time.
    """
    bid = Bid(lifecycle(Deadline("end", field="call")), store, call=shanghai(4))
    bid.tick(shanghai(4))
    bid.set(shanghai(5), call=shanghai(6))
    bid.now = shanghai(7)
    moved = bid.pipeline.fire("P-1", "win").fact

    assert isinstance(moved.body, Transitioned)
    assert [("end", False), ("end", True)] == bid.tick(shanghai(8))
    assert [] == bid.dues()


def faults(deadlines, field="date", calendar="weekdays"):
    """Path and code of what is wrong with a deadline as a file writes it."""
    data = {
        "id": "x",
        "calendar": calendar,
        "fields": [{"id": "day", "type": field}],
        "stages": [{"id": "a", "deadlines": [{"id": "end", **deadlines}]}, {"id": "b", "kind": "won"}],
        "transitions": [{"id": "go", "source": "a", "target": "b"}],
    }
    return [(each.path.removeprefix("stages[0].deadlines[0]"), each.code) for each in sf.check_definition(data).faults]


@over_cases(
    ("written", "expected"),
    [
        ({}, [("", "deadline.anchor")]),
        ({"before": "1d"}, [(".before", "deadline.anchor")]),
        ({"after": "1d", "before": "1d"}, [(".before", "deadline.anchor")]),
        ({"field": "day", "after": "1d", "before": "1d"}, [(".before", "deadline.anchor")]),
        ({"field": "dey"}, [(".field", "field.undeclared")]),
        ({"field": "day", "before": "0d"}, [(".before", "deadline.after")]),
        ({"field": "day", "before": "1bh"}, [(".before", "deadline.hours")]),
        ({"field": "day", "before": "soon"}, [(".before", "duration.malformed")]),
        ({"field": "day", "before": None, "after": None}, []),
    ],
)
def test_what_is_no_anchor(written, expected):
    """
    A deadline hangs on the entry or on one field, before it or after it.
    """
    assert expected == faults(written)


def test_a_field_that_is_no_date():
    """
    The field has to be a date; of one that could not be read nothing more is said.
    """
    assert [(".field", "deadline.field")] == faults({"field": "day", "before": "1d"}, "text")
    assert [("fields[0].type", "value.choice")] == faults({"field": "day"}, "dates")
    assert [(".before", "deadline.calendar")] == faults({"field": "day", "before": "1bd"}, calendar="calendar_days")


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_written_reads_back(form):
    """
    A definition with such deadlines is the same after it was written and read, and another than without them.
    """
    limits = Deadline("a", field="call"), Deadline("b", field="call", before="2bd"), Deadline("c", "1d", field="call")
    built, plain = lifecycle(*limits), lifecycle(Deadline("a", "1d"), *limits[1:])
    text = sf.dump_definition(built.definition, format=form)

    assert built.definition == sf.load_definition(text=text)
    assert built.digest != plain.digest


def test_working_days_by_default():
    """
    What a field says is counted in the zone of the lifecycle.
    """
    bid = Bid(lifecycle(Deadline("end", field="submission")), MemoryStore(), submission=date(2026, 10, 12))
    due = bid.dues()[0][1]

    assert due + TICK == weekdays(SHANGHAI).add(datetime(2026, 10, 11, 16, tzinfo=UTC), Duration(1, "d"))
