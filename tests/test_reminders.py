"""
Reminders before a deadline passes, and what is due for whom.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.dossier import Issue
from salesflow.errors import InputError
from salesflow.stores import MemoryStore
from salesflow.typing import Deadline

from .cases import over_cases
from .equipment import STORES


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
LI = sf.Actor("li.wei")
SLA = Deadline("sla", "5bd", remind=["1bd", "2h"], remind_to=["owner", "role:boss"])


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """
    An empty store of each kind.
    """
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


class Offer:
    """Projects in a stage with deadlines, a clock, and what was told."""

    def __init__(self, store, *limits):
        self.now, self.told = NOW, []
        definition = sf.Definition(
            "offers",
            calendar="weekdays",
            fields=[sf.Field("owner"), sf.Field("end", "datetime")],
            stages=[sf.Stage("offer", "open", deadlines=limits), sf.Stage("rest", "hold"), sf.Stage("won", "won")],
            transitions=[
                sf.Transition("pause", "offer", "rest", kind="hold"),
                sf.Transition("resume", "rest", "$previous", kind="resume"),
                sf.Transition("win", "offer", "won"),
            ],
        )
        built = sf.build_lifecycle(definition)
        self.pipeline = sf.Pipeline(built, store=store, actor=LI, clock=lambda: self.now)

    def open(self, number=1, **fields):
        """Open a project now."""
        self.pipeline.open("Metro", id=f"P-{number}", fields={"owner": "li.wei", **fields})
        return self

    def at(self, when):
        """Let time pass; return who was told what by then since the last time, and what was done."""
        self.now, self.told = when, []
        report = self.pipeline.tick()
        self.pipeline.deliver(lambda notice, _id: self.told.append((notice.to[0], notice.text("en"))))
        return self.told, report.done, report.void


def test_people_are_reminded(store):
    """
    Each addressee gets each reminder once, before the deadline, with its time; nothing is written to the history.
    """
    offer = Offer(store, SLA).open()
    early = offer.at(NOW + 3 * DAY)
    first = offer.at(NOW + 4 * DAY)
    second = offer.at(NOW + 7 * DAY - timedelta(hours=2))
    passed = offer.at(NOW + 7 * DAY)
    said = "Metro (P-1): time limit of the stage is due 2026-03-09 09:00 UTC. Stage: offer. Owner: li.wei. "
    said += "Time: 2026-03-06 09:00 UTC."

    assert ([], 0, 0) == early
    assert ([("owner", said), ("role:boss", said)], 1, 0) == first
    assert (2, 1) == (len(second[0]), second[1])
    assert ([], 1, 0) == passed
    assert 2 == len(list(offer.pipeline.history("P-1")))


def test_in_the_language_of_the_reader():
    """
    A reminder is written in both languages.
    """
    offer = Offer(MemoryStore(), SLA).open()
    heard = []
    offer.now = NOW + 4 * DAY
    offer.pipeline.tick()
    offer.pipeline.deliver(lambda notice, _to: heard.append(notice.text("zh")))

    assert "Metro (P-1)：阶段时限 将于 2026-03-09 09:00 UTC 到期。" in heard[0]


def test_the_deadline_moves(store):
    """
    A reminder of a deadline that was moved comes before its new time, and the former one tells nobody.
    """
    offer = Offer(store, Deadline("end", field="end", remind=["1d"])).open(end=NOW + 4 * DAY)
    offer.pipeline.update("P-1", fields={"end": NOW + 6 * DAY})
    former = offer.at(NOW + 3 * DAY)
    new = offer.at(NOW + 5 * DAY)
    offer.pipeline.update("P-1", fields={"end": None})

    assert ([], 0, 0) == former
    assert (1, 1, 0) == (len(new[0]), *new[1:])
    assert () == tuple(store.upcoming("deadline", until=NOW + 99 * DAY, after=None, limit=9))


def test_too_late_to_remind(store):
    """
    Nobody is reminded after the deadline, nor of what was near already when it was set, nor of a stay that is over.
    """
    offer = Offer(store, SLA, Deadline("end", field="end", remind=["1d"])).open()
    offer.open(2, end=NOW + DAY / 2).open(3)
    offer.pipeline.fire("P-3", "win")
    told, done, void = offer.at(NOW + 30 * DAY)

    assert ([], 3, 4) == (told, done, void)


@pytest.mark.untraced
def test_a_hold_puts_it_off(store):
    """
    After a hold the reminder comes before the time that counts then; one that was given is not repeated.
    """
    offer = Offer(store, SLA).open()
    offer.at(NOW + 4 * DAY)
    offer.pipeline.fire("P-1", "pause")
    offer.now = NOW + 7 * DAY
    offer.pipeline.fire("P-1", "resume")

    resumed = offer.at(NOW + 7 * DAY)
    told, done, _ = offer.at(NOW + 8 * DAY - timedelta(hours=2))

    assert ([], 0, 0) == resumed
    assert (2, 1) == (len(told), done)


def issues(store, clock):
    """A pipeline that reminds of the terms of issues two days before, with an empty project."""
    term = Deadline("term", field="due", remind=["2d"], remind_to=["owner", "role:boss"])
    record = sf.Definition(
        "quick_issue",
        record="issue",
        fields=[sf.Field("title"), sf.Field("due", "date")],
        stages=[sf.Stage("open", "open", deadlines=[term]), sf.Stage("resolved", "closed")],
        transitions=[sf.Transition("fix", "open", "resolved")],
    )
    given = [sf.build_lifecycle(record), Offer(MemoryStore()).pipeline.lifecycle]
    made = sf.Pipeline(given, store=store, actor=LI, clock=lambda: clock[0])
    made.open("Metro", id="P-1", fields={"owner": "li.wei"})
    return made


def test_terms_of_entries(store):
    """
    Terms of entries are reminded of like deadlines of stages, each once: as they stand then, and not of what is done.
    """
    clock = [NOW]
    pipeline = issues(store, clock)
    day, later = (NOW + 7 * DAY).date(), (NOW + 9 * DAY).date()
    pipeline.add("P-1", *(Issue(name, f"{name} leaks", due=day) for name in ("one", "two", "moved", "done")))
    pipeline.add("P-1", Issue("moved", "moved leaks", due=later))
    pipeline.move_entry("P-1", "issue", "done", "fix")
    armed, told = pipeline.rearm("P-1"), []  # what is armed already is not told twice
    for days in (4, 6, 6, 8, 8, 20):
        clock[0] = NOW + days * DAY
        pipeline.tick()
        told.append([])
        pipeline.deliver(lambda notice, _id: told[-1].append((notice.params["id"], notice.to, notice.text("en"))))
        told[-1].sort()
    said = "Metro (P-1): term is due 2026-03-09 23:59 UTC. “one leaks”."

    assert 3 == armed
    assert [0, 4, 0, 2, 0, 0] == [len(each) for each in told]
    assert [("one", ("owner",)), ("one", ("role:boss",)), ("two", ("owner",))] == [each[:2] for each in told[1][:3]]
    assert told[1][0][2].startswith(said)
    assert {"moved"} == {each[0] for each in told[3]}


def test_what_is_due(store):
    """
    Deadlines between two times come with their project, for one owner or all, from the first time on and not the last.
    """
    offer = Offer(store, SLA, Deadline("end", field="end", remind="1d"))
    offer.open(1, end=NOW + 9 * DAY).open(2, owner="zhang.san").open(3, owner="")
    pipeline = offer.pipeline

    def found(start, end, who=None):
        return [(each.project.id, each.due.deadline, each.who) for each in pipeline.due(start, end, who=who)]

    assert [("P-1", "sla", "li.wei"), ("P-2", "sla", "zhang.san"), ("P-3", "sla", "")] == found(NOW, NOW + 8 * DAY)
    assert [("P-1", "sla", "li.wei")] == found(NOW + 7 * DAY, NOW + 9 * DAY, LI)
    assert [("P-1", "sla", "li.wei"), ("P-1", "end", "li.wei")] == found(NOW, NOW + 99 * DAY, "li.wei")
    assert [] == found(NOW, NOW + 7 * DAY)
    assert [("P-1", NOW + 7 * DAY, "")] == [
        (each.project.id, each.due.at, each.due.provisional) for each in pipeline.due(NOW, NOW + 8 * DAY, who=LI)
    ]


@pytest.mark.parametrize("days", [-1, 367])
def test_due_between_what(days):
    """
    The end lies after the start, and not more than a year.
    """
    with pytest.raises(InputError, match="at most 366 days later"):
        Offer(MemoryStore(), SLA).pipeline.due(NOW, NOW + days * DAY)


def faults(**deadline):
    """Path and code of what is wrong with the reminders of a deadline."""
    data = {
        "id": "x",
        "stages": [{"id": "a", "deadlines": [{"id": "end", **deadline}]}, {"id": "b", "kind": "won"}],
        "transitions": [{"id": "go", "source": "a", "target": "b"}],
    }
    return [(each.path.removeprefix("stages[0].deadlines[0]"), each.code) for each in sf.check_definition(data).faults]


@over_cases(
    ("remind", "expected"),
    [
        ("1d", []),
        (["1d", "2h"], []),
        (["3d"], [(".remind[0]", "deadline.remind")]),
        (["1d", "0h"], [(".remind[1]", "deadline.after")]),
        (["1bd"], [(".remind[0]", "deadline.calendar")]),
        (["soon"], [(".remind", "duration.malformed")]),
        (3, [(".remind", "duration.malformed")]),
    ],
)
def test_reminders_that_cannot_be(remind, expected):
    """
    A reminder is a time that lies between the entry and the deadline.
    """
    assert expected == faults(after="3d", remind=remind)


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_written_reads_back(form):
    """
    Reminders are the same after they were written and read.
    """
    written = Offer(MemoryStore(), SLA, Deadline("end", field="end", remind="1d")).pipeline.lifecycle.definition

    assert written == sf.load_definition(text=sf.dump_definition(written, format=form))
