"""
The agenda of all projects: found by what the store watches, and equal to reading every project.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from functools import partial

import attrs
import pytest
from hypothesis import given, settings, strategies as st

import salesflow as sf
from salesflow.calendars import READY
from salesflow.dossier import Activity, Task
from salesflow.plugins import Recipient
from salesflow.stores import JournalStore, MemoryStore, SqliteStore, copy_facts
from salesflow.typing import Cadence, Deadline


WHO = sf.Actor("li.wei")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai

CALL = {"met_by": {"activity": "call"}}
CADENCES = (
    Cadence("report", "weekly on fri 17:00", grace="1bd", stages="work", **CALL),
    Cadence("daily", "daily 10:00", stages="late", **CALL),
    Cadence("check", "every 7d after start", grace="4h", stages=["work", "late"], **CALL),
    READY["return_visit"],
    READY["thank_you"],
)
DEFINITION = sf.Definition(
    "short",
    time_zone="Asia/Shanghai",
    calendar="weekdays",
    fields=[sf.Field("owner"), sf.Field("offer_by", "date")],
    stages=[
        sf.Stage("lead", "open", deadlines=[Deadline("offer", field="offer_by", before="2bd")]),
        sf.Stage("work", deadlines=[Deadline("sla", "5bd"), Deadline("long", "40d", remind=["3d"])]),
        sf.Stage("late"),
        sf.Stage("paused", "hold"),
        sf.Stage("won", "won"),
    ],
    transitions=[
        sf.Transition("start", ["lead", "late"], "work"),
        sf.Transition("slip", "work", "late"),
        sf.Transition("pause", ["work", "late"], "paused", kind="hold"),
        sf.Transition("go_on", "paused", "$previous", kind="resume"),
        sf.Transition("win", ["work", "late"], "won", outcome="won"),
    ],
    cadences=CADENCES,
)

PROJECTS = ("P-1", "P-2", "P-3")


class Team:
    """Three projects in a store, and a clock that is put forward."""

    def __init__(self, store, cadences=CADENCES):
        self.now, self.store = MONDAY, store
        lifecycle = sf.build_lifecycle(attrs.evolve(DEFINITION, cadences=cadences))
        self.pipeline = sf.Pipeline(lifecycle, store=store, clock=lambda: self.now, actor=WHO)
        for each in PROJECTS:
            self.pipeline.open(each, id=each, fields={"owner": "li.wei"})

    def agendas(self, days, length):
        """The agenda of all from so many days from now on, and those of each project as one."""
        start = self.now + days * DAY
        read = partial(self.pipeline.agenda, start, start + length * DAY)
        apart = [item for each in PROJECTS for item in read(project_id=each)]
        return list(read()), sorted(apart, key=lambda each: (each.at, each.project_id, each.kind, each.name))


DAYS = st.integers(-10, 120)
TASKS = st.builds(
    lambda name, days: Task(name, due=(MONDAY + days * DAY).date()), st.sampled_from(["t-1", "t-2"]), DAYS
)
ACTIVITIES = st.builds(
    lambda name, days, status: Activity(name, "call", at=MONDAY + days * DAY, status=status),
    st.sampled_from(["a-1", "a-2"]),
    DAYS,
    st.sampled_from(["planned", "done"]),
)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(PROJECTS), TASKS | ACTIVITIES),
    st.tuples(st.just("finish"), st.sampled_from(PROJECTS), st.sampled_from(["t-1", "t-2"])),
    st.tuples(st.just("remove"), st.sampled_from(PROJECTS), st.sampled_from(["t-1", "a-1"])),
    st.tuples(st.just("update"), st.sampled_from(PROJECTS), DAYS | st.none()),
    st.tuples(st.just("fire"), st.sampled_from(PROJECTS), st.sampled_from(["start", "slip", "pause", "go_on", "win"])),
    st.tuples(st.sampled_from(["wait", "tick", "fail"]), st.just(""), st.integers(0, 30 * 24)),
)


def take(team, step):
    """Do one thing; what is not possible is left out."""
    what, project, how = step
    pipeline = team.pipeline
    if what == "add":
        pipeline.add(project, how)
    elif what == "finish":
        pipeline.move_entry(project, "task", how, "finish_task")
    elif what == "remove":
        kind = "task" if how[0] == "t" else "activity"
        if how in pipeline.get(project).held(kind):
            pipeline.remove(project, kind, how)
    elif what == "update":
        pipeline.update(project, {"offer_by": None if how is None else (MONDAY + how * DAY).date()})
    elif what == "fire":
        pipeline.fire(project, how)
    else:
        team.now += how * HOUR
    if what == "tick":
        pipeline.tick()
    if what == "fail":  # half of it is given up, the other half tried again
        for number, claim in enumerate(
            team.store.claim("deadline", owner="w", limit=9, lease=timedelta(minutes=1), at=team.now)
        ):
            team.store.release(claim, retry_at=None if number % 2 else team.now + 12 * HOUR, error="broken")


@pytest.mark.long
@given(st.lists(STEPS, max_size=25), st.integers(-20, 20), st.integers(0, 60))
@settings(deadline=None)
def test_the_agenda_of_all_is_that_of_each_project(steps, days, length):
    """
    Whatever was planned, changed, done, moved, missed or given up, in any span before, around and after now.
    """
    team = Team(MemoryStore())
    for step in steps:
        with contextlib.suppress(sf.errors.TransitionRefusedError, sf.errors.ProjectLockedError, sf.errors.InputError):
            take(team, step)
    together, apart = team.agendas(days, length)

    assert apart == together
    for first in range(8):  # and day by day
        together, apart = team.agendas(first, 1)
        assert apart == together


@pytest.fixture(params=["memory", "journal", "sqlite"])
def store(request, tmp_path):
    """A store of each kind."""
    kinds = {
        "memory": MemoryStore,
        "journal": lambda: JournalStore(tmp_path / "journal"),
        "sqlite": lambda: SqliteStore(tmp_path / "s.db"),
    }
    with contextlib.closing(kinds[request.param]()) as opened:
        yield opened


def names(items):
    """What is listed, by id."""
    return [each.name for each in items]


def test_what_is_planned_is_found_in_every_store(store):
    """
    It moves when it is planned for another day, and is gone when it is done or removed; ids may be alike.
    """
    team = Team(store, ())
    pipeline = team.pipeline
    both = Task("x", due=date(2026, 3, 6)), Activity("x", "call", at=MONDAY + 4 * DAY)
    pipeline.add("P-1", *both, Task("far", due=date(9999, 12, 31)), Task("old", due=date(1, 1, 1)))
    pipeline.add("P-2", Task("y", due=date(2026, 3, 6)))
    week = partial(pipeline.agenda, MONDAY, MONDAY + 7 * DAY)
    planned = names(week())
    pipeline.add("P-2", Task("y", due=date(2026, 5, 6)))
    pipeline.move_entry("P-1", "task", "x", "finish_task")
    done = names(week())
    pipeline.remove("P-1", "activity", "x")

    assert (["x", "y", "x"], ["x"], []) == (planned, done, names(week()))
    assert ["y"] == names(pipeline.agenda(MONDAY + 60 * DAY, MONDAY + 70 * DAY))
    assert ["far"] == names(pipeline.agenda(datetime(9999, 12, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)))
    assert ["old"] == names(pipeline.agenda(datetime(1, 1, 1, tzinfo=UTC), datetime(1, 2, 1, tzinfo=UTC)))


def test_a_worker_never_takes_what_is_planned(store):
    """
    It passes no deadline, and does not count as one.
    """
    team = Team(store, ())
    team.pipeline.add("P-1", Task("x", due=date(2026, 3, 6)))
    team.now += 3650 * DAY

    assert (0, 0) == (team.pipeline.tick().done, len(team.pipeline.dead()))
    assert [] == list(team.pipeline.due(MONDAY, MONDAY + 365 * DAY))


def test_a_copy_is_looked_through_once_it_is_armed():
    """
    Copying takes no work along, of what is planned either.
    """
    team = Team(MemoryStore())
    team.pipeline.add("P-1", Task("x", due=date(2026, 3, 6)), Activity("y", "call", at=MONDAY + DAY))
    team.pipeline.add("P-1", Task("z", due=date(2026, 3, 6)))
    team.pipeline.move_entry("P-1", "task", "z", "finish_task")
    copy = MemoryStore()
    copy_facts(team.store, copy)
    pipeline = sf.Pipeline(sf.build_lifecycle(DEFINITION), store=copy, clock=lambda: MONDAY, actor=WHO)
    before = pipeline.agenda(MONDAY, MONDAY + 7 * DAY)
    armed = pipeline.rearm()

    assert ((), 0) == (before, armed)
    assert ["y", "x"] == names(pipeline.agenda(MONDAY, MONDAY + 7 * DAY))


class Closed(MemoryStore):
    """A store that does not want to be read as a whole."""

    def find(self, **asked):
        """Refuse it."""
        raise AssertionError(asked)


def test_only_what_lies_in_the_span_is_read():
    """
    Not every project: neither for what is planned, nor for deadlines, nor for slots that are still open.
    """
    team = Team(Closed())
    for each in PROJECTS:
        team.pipeline.fire(each, "start")
    team.pipeline.add("P-2", Task("x", due=date(2026, 3, 3)))
    days = [team.pipeline.agenda(team.now + day * DAY, team.now + (day + 1) * DAY) for day in range(8)]

    assert [1, 0, 0, 0, 3, 0, 0, 6] == [len(each) for each in days]


def test_time_ends_with_its_last_year():
    """
    What follows a transition goes on to the last day of the calendar, and not for ever.
    """
    team = Team(MemoryStore(), CADENCES[2:3])
    team.pipeline.fire("P-1", "start")
    found = team.pipeline.agenda(datetime(9999, 12, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))

    assert {"check"} == set(names(found))


class Directory:
    """Knows who is in presales, and nobody else."""

    @sf.hookimpl
    def salesflow_directory(self, address):
        """Two people."""
        return [Recipient("chen.yu"), Recipient("zhao.lei")] if address == "role:presales" else []


def of_roles(*plugins):
    """A pipeline with one project of Li Wei, whose tasks are for roles."""
    lifecycle = sf.build_lifecycle(DEFINITION, plugins=plugins)
    pipeline = sf.Pipeline(lifecycle, store=MemoryStore(), clock=lambda: MONDAY, actor=WHO)
    pipeline.open("Deal", id="P-1", fields={"owner": "li.wei"})
    return pipeline


@pytest.mark.parametrize("known", [False, True])
def test_a_task_of_a_role_stands_under_its_people(known):
    """
    Those whom the directory finds, or else the role itself; a task with an owner is the owner's, whatever its role.
    """
    pipeline, day = of_roles(*([Directory()] if known else [])), date(2026, 3, 3)
    tasks = Task("a", due=day, role="presales"), Task("b", due=day, role="legal"), Task("c", due=day)
    pipeline.add("P-1", *tasks, Task("d", due=day, role="presales", owner="wang.wei"))
    found = [(each.name, each.who) for each in pipeline.agenda(MONDAY, MONDAY + 2 * DAY)]
    people = ["chen.yu", "zhao.lei"] if known else ["role:presales"]

    assert [*(("a", each) for each in people), ("b", "role:legal"), ("c", "li.wei"), ("d", "wang.wei")] == found
    assert ["a"] * known == names(pipeline.agenda(MONDAY, MONDAY + 2 * DAY, who="zhao.lei"))


def test_who_speaks_of_a_task_of_a_role_in_the_stand_up():
    """
    It blocks the people of the role; done it was by whoever recorded it.
    """
    pipeline = of_roles(Directory())
    pipeline.add("P-1", Task("a", role="presales"), Task("b", role="presales"))
    pipeline.move_entry("P-1", "task", "a", "block_task", data={"note": "The prices are missing."})
    pipeline.move_entry("P-1", "task", "b", "finish_task", actor=sf.Actor("zhao.lei"))
    views = pipeline.stand_up()
    tasks = {
        each.who: [[item.name for item in part if item.kind == "task"] for part in (each.done, each.blocks)]
        for each in views
    }

    assert {"chen.yu": [[], ["a"]], "zhao.lei": [["b"], ["a"]], "li.wei": [[], []]} == tasks
