"""
The agenda of a pipeline: slots of cadences, deadlines, planned activities and tasks in a span of time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

import salesflow as sf
from salesflow.calendars import READY
from salesflow.dossier import Activity, Member, Task
from salesflow.results import AgendaItem
from salesflow.stores import MemoryStore
from salesflow.typing import Cadence, Deadline, Label


SHANGHAI = ZoneInfo("Asia/Shanghai")
WHO = sf.Actor("li.wei")
HOUR = timedelta(hours=1)

# The first of March 2026 is a Sunday.
REPORT = Cadence("report", "weekly on fri 17:00", met_by={"activity": "report"}, stages="work", duration="30m")
DEFINITION = sf.Definition(
    "short",
    time_zone="Asia/Shanghai",
    calendar="weekdays",
    fields=[sf.Field("owner"), sf.Field("period_start", "date"), sf.Field("period_end", "date")],
    stages=[
        sf.Stage("lead", "open"),
        sf.Stage("work", deadlines=[Deadline("sla", "10bd")]),
        sf.Stage("paused", "hold"),
        sf.Stage("won", "won"),
        sf.Stage("filed", "closed"),
    ],
    transitions=[
        sf.Transition("start", "lead", "work"),
        sf.Transition("pause", "work", "paused", kind="hold"),
        sf.Transition("go_on", "paused", "$previous", kind="resume"),
        sf.Transition("win", "work", "won", outcome="won"),
        sf.Transition("file", "won", "filed", kind="reopen"),
    ],
    cadences=[REPORT],
)


def at(day, hour=9, month=3):
    """A time in Shanghai."""
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def pipeline_with(*cadences):
    """A pipeline with these cadences, in which project P-1 of Li Wei works since Tuesday 3 March 2026, 09:00."""
    lifecycle = sf.build_lifecycle(attrs.evolve(DEFINITION, cadences=cadences))
    pipeline = sf.Pipeline(lifecycle, store=MemoryStore(), clock=lambda: at(1, month=12), actor=WHO)
    pipeline.open("Data centre", id="P-1", fields={"owner": "li.wei"}, at=at(2))
    pipeline.fire("P-1", "start", at=at(3))
    return pipeline


def shown(items):
    """Kind, name, day and hour, and whose it is."""
    return [f"{each.kind} {each.name} {each.at.astimezone(SHANGHAI):%m-%d %H:%M} {each.who}" for each in items]


def test_everything_that_is_due_is_listed_in_order():
    """
    Slots, deadlines, planned activities and open tasks, each with whose it is; what is done is not listed.
    """
    pipeline = pipeline_with(REPORT)
    pipeline.add(
        "P-1",
        Activity("a-1", "call", at=at(5), status="planned", owner="chen.yu"),
        Activity("a-2", "call", at=at(4), status="done"),
        Activity("a-3", "visit", at=at(9), status="planned"),
        Task("t-1", "Price sheet", due=date(2026, 3, 6), owner="chen.yu"),
        Task("t-2", "Done", due=date(2026, 3, 6)),
        Task("t-3", "Some day"),
        at=at(3),
    )
    pipeline.move_entry("P-1", "task", "t-2", "finish_task", at=at(3))
    everything = [
        "activity a-1 03-05 09:00 chen.yu",
        "task t-1 03-06 00:00 chen.yu",
        "slot report 03-06 17:00 li.wei",
        "activity a-3 03-09 09:00 li.wei",
        "slot report 03-13 17:00 li.wei",
        "deadline sla 03-17 09:00 li.wei",
    ]

    assert everything == shown(pipeline.agenda(at(3), at(18)))
    assert everything[:2] == shown(pipeline.agenda(at(3), at(18), who="chen.yu"))
    assert everything == shown(pipeline.agenda(at(3), at(18), project_id="P-1"))


def test_an_item_says_all_that_is_known():
    """
    A slot has the label and the length of its cadence; a task has its title and only a day.
    """
    pipeline = pipeline_with(READY["training"])
    pipeline.add("P-1", Task("t-1", "Price sheet", due=date(2026, 3, 12)), at=at(3))
    slot, task = pipeline.agenda(at(11), at(13))
    about = "P-1", "Data centre"

    assert slot == AgendaItem(
        at(11, 14), "slot", *about, "training", Label("Training", "培训"), "li.wei", ends_at=at(11, 16)
    )
    assert task == AgendaItem(at(12, 0), "task", *about, "t-1", Label("Price sheet"), "li.wei", all_day=True)


@pytest.mark.requirement("D48", "D53", "E39")
@pytest.mark.parametrize(("every", "day"), [("weekly on fri 17:00", 26), ("every 7d after start", 30)])
def test_iterations_are_counted(every, day):
    """
    The slots of a numbered cadence count from 1 since the project came into its stages, wherever the span begins.
    """
    iteration = Cadence("iteration", every, met_by={"review": "demo"}, stages=["work", "paused"], numbered=True)
    named = attrs.evolve(iteration, id="sprint", label=Label("Sprint", "迭代"))
    pipeline = pipeline_with(iteration, named)
    pipeline.fire("P-1", "pause", at=at(11))
    pipeline.fire("P-1", "go_on", at=at(16))

    def numbers(start, end):
        return [each.number for each in pipeline.agenda(start, end) if each.name == "sprint"]

    assert [1, 2, 3, 4] == numbers(at(1), at(1, month=4))
    assert [3, 4] == numbers(at(19), at(1, month=4))
    assert {"iteration 4", "Sprint 4"} == {
        each.label.en for each in pipeline.agenda(at(25), at(1, month=4)) if each.number
    }
    assert "迭代 4" in pipeline.stand_up(at(day))[0].text("zh")


def test_the_span_is_half_open_and_not_too_long():
    """
    Its beginning is inside, and its end is not; a year and a day are too long, as is what ends before it begins.
    """
    pipeline = pipeline_with(REPORT)

    assert ["slot report 03-06 17:00 li.wei"] == shown(pipeline.agenda(at(6, 17), at(13, 17)))
    assert () == pipeline.agenda(at(6), at(6))
    for end in (at(5), at(6) + timedelta(days=367)):
        with pytest.raises(sf.errors.InputError, match="366 days"):
            pipeline.agenda(at(6), end)
    with pytest.raises(sf.errors.UnknownProjectError):
        pipeline.agenda(at(6), at(7), project_id="P-2")


def test_a_slot_counts_where_the_project_stood_for_a_working_day():
    """
    A day in the stage is too short; a hold takes slots away, and so does leaving; the time before a hold counts.
    """
    pipeline = pipeline_with(Cadence("stand_up", "daily 10:00", met_by={"activity": "x"}, stages="work"))
    pipeline.fire("P-1", "pause", at=at(9))
    pipeline.fire("P-1", "go_on", at=at(11))
    pipeline.fire("P-1", "win", at=at(16))
    days = [line.split()[2] for line in shown(pipeline.agenda(at(1), at(30)))]

    assert ["03-04", "03-05", "03-06", "03-12", "03-13"] == days


def test_what_is_to_come_needs_no_history():
    """
    Behind a hold, the time since its end counts.
    """
    pipeline = pipeline_with(Cadence("stand_up", "daily 10:00", met_by={"activity": "x"}, stages="work"))
    pipeline.fire("P-1", "pause", at=at(9))
    pipeline.fire("P-1", "go_on", at=at(11))

    assert ["03-13", "03-16"] == [line.split()[2] for line in shown(pipeline.agenda(at(13), at(17)))]


@pytest.mark.requirement("B23")
def test_every_active_member_has_a_slot_of_his_own():
    """
    A cadence of members is there for each who works on the project, and for nobody else.
    """
    pipeline = pipeline_with(READY["one_on_one"])
    members = Member("chen.yu"), Member("wang.wei"), Member("zhao.lei", active=False)
    pipeline.add("P-1", *members, at=at(3))

    assert ["slot one_on_one 03-05 16:00 chen.yu", "slot one_on_one 03-05 16:00 wang.wei"] == shown(
        pipeline.agenda(at(4), at(7))
    )


def test_a_cadence_of_the_period_ends_with_it():
    """
    Only slots between the first and the last day count; without both days there are none.
    """
    pipeline = pipeline_with(attrs.evolve(REPORT, per="period"))

    assert ["deadline"] == [each.kind for each in pipeline.agenda(at(3), at(31))]

    pipeline.update("P-1", {"period_start": date(2026, 3, 7), "period_end": date(2026, 3, 20)}, at=at(3))

    assert ["03-13", "03-20"] == [
        line.split()[2] for line in shown(pipeline.agenda(at(3), at(31))) if line.startswith("slot")
    ]


@pytest.mark.requirement("D14")
def test_what_follows_closing_goes_on_after_it():
    """
    Thanks follow two working days after winning, and visits every 90 days for a year, also where the deal is filed.
    """
    pipeline = pipeline_with(READY["thank_you"], READY["return_visit"], REPORT)
    pipeline.fire("P-1", "win", at=at(9))
    pipeline.fire("P-1", "file", at=at(23))
    year = pipeline.agenda(at(9), at(9) + timedelta(days=366))
    following = pipeline.agenda(at(9) + timedelta(days=366), at(9) + timedelta(days=700))

    assert [
        "slot thank_you 03-11 09:00 li.wei",
        "slot return_visit 06-08 09:00 li.wei",
        "slot return_visit 09-07 09:00 li.wei",
        "slot return_visit 12-04 09:00 li.wei",
        "slot return_visit 03-04 09:00 li.wei",
    ] == shown(year)
    assert () == following


def test_a_cadence_follows_a_transition():
    """
    It is counted from when the transition was taken last; before that there are no slots.
    """
    check = Cadence("check", "every 7d after start", met_by={"review": "check"})
    price = Cadence("price", "every 1d after go_on", met_by={"review": "price"})
    pipeline = pipeline_with(check, price)

    assert ["slot check 03-10 09:00 li.wei", "slot check 03-17 09:00 li.wei"] == [
        line for line in shown(pipeline.agenda(at(3), at(18))) if line.startswith("slot")
    ]


def test_projects_of_other_lifecycles_are_left_out():
    """
    A pipeline lists the projects of the lifecycles that it has.
    """
    pipeline = pipeline_with(REPORT)
    other = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=pipeline.store, clock=lambda: at(3), actor=WHO)

    assert () == other.agenda(at(3), at(18))
    assert at(6, 17).astimezone(UTC) == pipeline.agenda(at(6), at(7))[0].at
