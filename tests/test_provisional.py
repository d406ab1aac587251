"""
Deadlines beyond what a calendar knows: they are provisional, and counted again on record once it knows more.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.calendars import WHOLE_DAY, BusinessCalendar
from salesflow.typing import Deadline, DeadlineMoved, DeadlinePassed

from .equipment import STORES


LI = sf.Actor("li.wei")
DAY = timedelta(days=1)


def december(day, hour=9):
    """A time in December 2026; the 28th is a Monday."""
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def january(day, hour=9):
    """A time in January 2027; the 4th is a Monday."""
    return datetime(2027, 1, day, hour, tzinfo=UTC)


class Holidays:
    """A plugin whose calendar knows holidays up to the end of a year."""

    name = "holidays"

    def __init__(self, year, *days_off):
        self.year, self.days_off = year, days_off

    @sf.hookimpl
    def salesflow_calendars(self, name, zone):
        """Monday to Friday but for the holidays."""
        if name != "XX":
            return None
        off = dict.fromkeys(self.days_off, False)
        return BusinessCalendar(
            (*[WHOLE_DAY] * 5, (), ()), zone, decree=off.get, decreed_through=date(self.year, 12, 31)
        )


OLD = Holidays(2026)
KNOWN = Holidays(2027, date(2027, 1, 4), date(2027, 1, 5))
SAME = Holidays(2027, date(2027, 5, 3))
LIMITS = Deadline("sla", "5bd"), Deadline("clock", "9d"), Deadline("end", field="end", before="1bd")


def pipeline(store, holidays, now, limits=LIMITS, name="deals"):
    """A pipeline whose clock stands still."""
    definition = sf.Definition(
        name,
        calendar="XX",
        fields=[sf.Field("end", "date"), sf.Field("call", "datetime")],
        stages=[sf.Stage("offer", "open", deadlines=limits), sf.Stage("rest", "hold"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("pause", "offer", "rest", kind="hold"),
            sf.Transition("resume", "rest", "$previous", kind="resume"),
            sf.Transition("win", "offer", "won"),
        ],
    )
    built = sf.build_lifecycle(definition, plugins=sf.plugins.Plugins(holidays))
    return sf.Pipeline(built, store=store, actor=LI, clock=lambda: now)


def dues(made, project_id="P-1"):
    """What is due: deadline, time, and whether that is provisional."""
    found = made.lifecycle.dues(made.get(project_id))
    return [(each.deadline, each.at, bool(each.provisional)) for each in found]


def moves(made, project_id="P-1"):
    """What was counted again: deadline, former and new time."""
    bodies = [fact.body for fact in made.history(project_id)]
    return [(each.deadline, each.old, each.new) for each in bodies if isinstance(each, DeadlineMoved)]


def watched(store):
    """The time of each deadline that is watched, by its id, without what waits for the calendar."""
    works = store.upcoming("deadline", until=january(31) + 4000 * DAY, after=None, limit=99)
    return {each.body.deadline: each.due_at for each in works}


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """
    An empty store of each kind.
    """
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


def test_what_is_provisional(store):
    """
    Working days beyond what is decreed are provisional, and so is what is counted back from such a date; days of the
    clock are not.
    """
    made = pipeline(store, OLD, december(28), [*LIMITS, Deadline("call", field="call")])
    made.open("Metro", id="P-1", fields={"end": date(2027, 1, 1), "call": january(9)})
    tick = datetime.resolution

    assert [
        ("sla", january(4), True),
        ("clock", january(6), False),
        ("end", january(1, 0) - tick, True),
        ("call", january(9), False),
    ] == dues(made)


def test_counted_again(store):
    """
    The first tick that knows more counts again, on record; what is due at the same time moves nothing.
    """
    made = pipeline(store, OLD, december(28))
    made.open("Metro", id="P-1", fields={"end": date(2027, 1, 12)})
    first = made.tick()
    later = pipeline(store, KNOWN, december(29))
    report = later.tick()
    again = pipeline(store, KNOWN, december(31)).tick()

    assert (0, 2, 0) == (first.done, report.done, again.done)
    assert [("sla", january(4), january(6))] == moves(later)
    assert [("sla", january(6), False), ("clock", january(6), False)] == dues(later)[:2]
    assert january(6) == watched(store)["sla"]
    assert later.get("P-1") == sf.replay(later.history("P-1"))


def test_data_that_changes_nothing(store):
    """
    Where the calendar knows more and nothing moves no fact is written, and the deadline is settled.
    """
    pipeline(store, OLD, december(28)).open("Metro", id="P-1")
    later = pipeline(store, SAME, december(29))
    report = later.tick()

    assert (1, 0, []) == (report.done, report.void, moves(later))
    assert ({"sla": january(4), "clock": january(6)}, 0) == (watched(store), later.tick(december(30)).done)


@pytest.mark.untraced
def test_what_is_still_provisional(store):
    """
    A deadline that lies beyond the new data too waits for the next.
    """
    long = [Deadline("sla", "300bd")]
    pipeline(store, OLD, december(28), long).open("Metro", id="P-1")
    pipeline(store, KNOWN, december(29), long).tick()
    last = pipeline(store, Holidays(2028, *KNOWN.days_off, date(2028, 1, 3)), december(30), long)
    last.tick()
    first, second = moves(last)

    assert [2 * DAY, DAY] == [first[2] - first[1], second[2] - second[1]]
    assert [False] == [provisional for _, _, provisional in dues(last)]


def test_it_passes_unsettled(store):
    """
    A provisional deadline passes at its time if nobody knew better by then, and is not counted again.
    """
    made = pipeline(store, OLD, december(28))
    made.open("Metro", id="P-1")
    made.tick(january(4), ahead=True)
    later = pipeline(store, KNOWN, january(5))
    report = later.tick()

    assert [False] == [fact.body.late for fact in later.history("P-1") if isinstance(fact.body, DeadlinePassed)]
    assert (0, 1, []) == (report.done, report.void, moves(later))


@pytest.mark.untraced
def test_a_stay_that_is_over(store):
    """
    Nothing is counted again of a stay that was left, nor of a field that was set to what is settled.
    """
    made = pipeline(store, OLD, december(28))
    made.open("Won", id="P-1")
    made.fire("P-1", "win")
    made.open("Earlier", id="P-2", fields={"end": date(2027, 1, 12)})
    made.update("P-2", fields={"end": date(2026, 12, 31)})
    later = pipeline(store, KNOWN, december(29))
    later.tick()

    assert ([], [("sla", january(4), january(6))]) == (moves(later), moves(later, "P-2"))


@pytest.mark.untraced
def test_a_hold_after_it(store):
    """
    What was counted again goes on to follow from the lifecycle: a hold puts it off.
    """
    pipeline(store, OLD, december(28)).open("Metro", id="P-1")
    made = pipeline(store, KNOWN, december(29))
    made.tick()
    made.fire("P-1", "pause", at=december(29))
    made.fire("P-1", "resume", at=december(30))

    assert ("sla", january(7), False) == dues(made)[0]


@pytest.mark.untraced
def test_others_are_left(store):
    """
    A pipeline leaves projects of lifecycles that it was not given.
    """
    pipeline(store, OLD, december(28)).open("Metro", id="P-1")
    other = pipeline(store, KNOWN, december(29), name="others")
    report = other.tick()

    assert (0, 0, ()) == (report.done, report.void, report.failures)


def test_one_look_a_day(store):
    """
    A worker looks once a day for what others wrote with other data.
    """
    made = pipeline(store, KNOWN, december(28))
    made.tick()
    pipeline(store, OLD, december(28)).open("Metro", id="P-1")
    ticks = [made.tick(at).done for at in (december(28, 12), december(29, 8), december(29, 9))]

    assert [0, 0, 1] == ticks


def test_rearm(store):
    """
    Watching again counts deadlines, and not what waits for the calendar.
    """
    made = pipeline(store, OLD, december(28))
    made.open("Metro", id="P-1")

    assert 2 == made.rearm("P-1") == made.rearm()
