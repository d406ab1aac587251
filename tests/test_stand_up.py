"""
The stand-up view: for each project and person what was done, what is due next, and what blocks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

import salesflow as sf
from salesflow.dossier import Activity, Artefact, StatusReport, Task
from salesflow.results import StandUpItem
from salesflow.stores import MemoryStore
from salesflow.typing import Cadence, Deadline, GuardUse, Label

from .cases import over_cases
from .past import put_past


SHANGHAI = ZoneInfo("Asia/Shanghai")
LI, CHEN = sf.Actor("li.wei"), sf.Actor("chen")
DAY = timedelta(days=1)
DEFINITION = sf.Definition(
    "short",
    time_zone="Asia/Shanghai",
    calendar="weekdays",
    fields=[sf.Field("owner"), sf.Field("amount", "number"), sf.Field("bid", "date")],
    stages=[
        sf.Stage("lead", "open"),
        sf.Stage("work", deadlines=[Deadline("sla", "4bd"), Deadline("bid", field="bid", before="1d")]),
        sf.Stage("won", "won"),
    ],
    transitions=[
        sf.Transition("start", "lead", "work", label=Label("Start", "启动")),
        sf.Transition(
            "win",
            "work",
            "won",
            outcome="won",
            label=Label("Win", "赢单"),
            guards=[
                GuardUse("approval", {"name": "price"}),
                GuardUse("fields_present", {"fields": ["amount"]}),
                GuardUse("actor_has_role", {"roles": ["sales"]}),
            ],
        ),
    ],
    cadences=[Cadence("report", "daily 17:00", met_by={"activity": "report"}, shift="skip", label=Label("Report"))],
)


def at(day, hour=9):
    """A time of March 2026 in Shanghai; the second is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=SHANGHAI)


def pipeline_of(definition=DEFINITION, store=None):
    """A pipeline on these rules, by default with a project of Li Wei that started on Monday 2 March 2026."""
    store = MemoryStore() if store is None else store
    return sf.Pipeline(sf.build_lifecycle(definition), store=store, clock=lambda: at(9), actor=LI)


@pytest.fixture
def pipeline():
    """A pipeline with a project of Li Wei that works since Monday 2 March 2026."""
    made = pipeline_of()
    made.open("Metro", id="D-1", fields={"owner": "li.wei"}, at=at(2))
    made.fire("D-1", "start", at=at(2, 10))
    return made


@pytest.mark.requirement("A19", "A20")
def test_what_each_person_has_to_say(pipeline):
    """
    On Monday that is what was done since Friday, what is due until Tuesday night, and what blocks; in both languages.
    """
    put_past(pipeline, "D-1", Task("old", "Old", status="done", done_on=date(2026, 3, 5)), at=at(5))
    pipeline.add("D-1", Activity("visit", "visit", at=at(6, 14), owner="chen", status="done"), at=at(6, 15))
    put_past(pipeline, "D-1", Task("prices", "Price sheet", status="done", owner="chen"), at=at(6, 16))
    pipeline.add("D-1", Activity("past", "demo", at=at(4), status="done"), at=at(6, 16))
    pipeline.add("D-1", Activity("call", "call", at=at(10, 11), status="planned"), at=at(6, 16))
    pipeline.add("D-1", Activity("mail", "mail", at=at(6, 11), status="planned"), at=at(6, 16))
    draft = Task("draft", "Draft", status="blocked", owner="chen", due=date(2026, 3, 10))
    put_past(pipeline, "D-1", draft, Artefact("offer"), at=at(6, 16))
    pipeline.add(
        "D-1", Task("plan", "Plan", due=date(2026, 3, 4)), Task("far", "Far", due=date(2026, 3, 11)), at=at(6, 16)
    )
    pipeline.add("D-1", StatusReport("r-0", at=at(4), help_needed=["Nobody"]), at=at(6, 16))
    said = StatusReport("r-1", by="li.wei", done=["Pilot ran"], next=["Offer"], help_needed=["A demo unit"])
    pipeline.add("D-1", said, at=at(6, 17), actor=CHEN)
    pipeline.approve("D-1", "offer", subject="offer", at=at(6, 18), actor=CHEN)
    chen, li = pipeline.stand_up()

    assert """\
Metro (D-1) chen
  done since 2026-03-06:
    - 2026-03-06 Price sheet
    - 2026-03-06 14:00 Asia/Shanghai visit
    - 2026-03-06 18:00 Asia/Shanghai recorded approval
  due until 2026-03-10:
    - 2026-03-10 Draft
  blocks:
    - blocked: Draft""" == chen.text()
    assert """\
Metro (D-1) li.wei
  2026-03-06 以来完成：
    - 2026-03-06 16:00 Asia/Shanghai 记录 文档
    - 2026-03-06 17:00 Asia/Shanghai Pilot ran
  2026-03-10 前到期：
    - 2026-03-09 17:00 Asia/Shanghai Report
    - 2026-03-10 11:00 Asia/Shanghai 电话
    - 2026-03-10 17:00 Asia/Shanghai Report
    - Offer
  受阻：
    - 2026-03-04 逾期：Plan
    - 2026-03-06 10:00 Asia/Shanghai 逾期：阶段时限
    - 2026-03-06 11:00 Asia/Shanghai 逾期：邮件
    - 赢单：审批 价格 尚未完成：已同意 0 人，需 1 人。
    - 赢单：尚未填写：amount。
    - 需要支持：A demo unit""" == li.text("zh-CN")
    assert (li,) == pipeline.stand_up(who="li.wei", project_id="D-1")
    assert () == pipeline.stand_up(at(9), who="nobody")


def test_a_passed_deadline_blocks_until_it_is_set_again(pipeline):
    """
    It is the same whether a worker has recorded that it passed or not; before it passes, it is due.
    """

    def deadline(view, name="sla"):
        parts = ("done", "due", "blocks")
        return [(part, each) for part in parts for each in getattr(view, part) if each.name == name]

    due = StandUpItem("deadline", "sla", Label("time limit of the stage", "阶段时限"), "2026-03-06 10:00 Asia/Shanghai")
    late = attrs.evolve(due, label=Label("overdue: time limit of the stage", "逾期：阶段时限"))

    assert [("due", due)] == deadline(*pipeline.stand_up(at(6)))
    assert [("blocks", late)] == deadline(*pipeline.stand_up(at(9)))
    pipeline.update("D-1", {"bid": date(2026, 3, 6)}, at=at(3))
    pipeline.tick(at(9))
    assert [("blocks", late)] == deadline(*pipeline.stand_up(at(9)))
    assert ["blocks"] == [part for part, _ in deadline(*pipeline.stand_up(at(9)), "bid")]
    pipeline.update("D-1", {"bid": date(2026, 3, 11)}, at=at(9))
    assert ["due"] == [part for part, _ in deadline(*pipeline.stand_up(at(9)), "bid")]


def test_a_changed_definition_is_named_and_the_others_are_shown(pipeline):
    """
    Of a project whose definition was changed under its version the view says so instead of what the guards miss.
    """
    pipeline.open("Tram", id="D-2", fields={"owner": "li.wei"}, at=at(2))
    other = attrs.evolve(DEFINITION, id="other")
    both = sf.Pipeline([sf.build_lifecycle(other)], store=pipeline.store, clock=lambda: at(3), actor=LI)
    both.open("Port", id="D-3", fields={"owner": "li.wei"}, at=at(2))
    changed = attrs.evolve(DEFINITION, transitions=[DEFINITION.transitions[0], sf.Transition("win", "work", "won")])
    known = [sf.build_lifecycle(each) for each in (changed, other)]
    views = sf.Pipeline(known, store=pipeline.store, clock=lambda: at(3)).stand_up()
    guards = {each.project_id: [item.name for item in each.blocks if item.kind == "guard"] for each in views}

    assert () == sf.Pipeline(sf.load_lifecycle("simple_deal"), store=pipeline.store).stand_up()
    assert {"D-1": ["short"], "D-2": ["short"]} == {name: each for name, each in guards.items() if each}
    assert "D-3" in guards


@over_cases("day", range(2, 17))
def test_the_days_are_those_of_a_plain_count(day):
    """
    Done and due are what lies on the days that a plain count finds, whatever day of the week it is.
    """
    pipeline = pipeline_of(attrs.evolve(DEFINITION, cadences=()))
    days = [date(2026, 2, 20) + number * DAY for number in range(40)]
    tasks = [Task(f"t-{each}", done_on=each, status="done") for each in days]
    tasks += [Task(f"o-{each}", due=each) for each in days]
    pipeline.open("Metro", id="D-1", fields={"owner": "li.wei"}, at=datetime(2026, 1, 5, tzinfo=UTC))
    put_past(pipeline, "D-1", *tasks)
    today = date(2026, 3, day)
    before = max(each for each in days if each < today and each.weekday() < 5)
    after = min(each for each in days if each > today and each.weekday() < 5)
    (view,) = pipeline.stand_up(at(day))

    assert (before, after) == (view.since, view.until)
    assert [f"t-{each}" for each in days if before <= each <= today] == [
        each.name for each in view.done if each.kind == "task"
    ]
    assert [f"o-{each}" for each in days if today <= each <= after] == [each.name for each in view.due]
    assert [f"o-{each}" for each in days if each < today] == [each.name for each in view.blocks]
