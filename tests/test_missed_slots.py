"""
Slots of cadences that close without being met: what is recorded, when, for whom, and once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow import risks
from salesflow.dossier import Activity, Member, Review, StatusReport, Training
from salesflow.effects import create_task, notify
from salesflow.stores import MemoryStore, SqliteStore, copy_facts
from salesflow.typing import Cadence, EffectUse, Label, SlotMissed


WHO = sf.Actor("li.wei")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
REPORT = Cadence(
    "report",
    "weekly on fri 17:00",
    label=Label("Report", "汇报"),
    met_by={"entry": "status_report"},
    grace="1bd",
    stages=["work", "check"],
    on_missed=[notify(("owner",)), create_task("Write the report")],
)
CALL = Cadence("call", "every 5d after win", met_by={"activity": "call"}, grace="1d", after_closing="12d")
TALK = Cadence(
    "talk", "daily 10:00", per="member", met_by={"review": "talk"}, shift="skip", grace="4h", stages=["work", "check"]
)
VISIT = Cadence(
    "visit", "every 3d after start", met_by={"activity": "visit"}, shift="keep", grace="1d", stages=["work", "check"]
)
DEFINITION = sf.Definition(
    "short",
    calendar="weekdays",
    fields=[sf.Field("owner"), sf.Field("period_start", "date"), sf.Field("period_end", "date")],
    stages=[
        sf.Stage("lead", "open"),
        sf.Stage("work"),
        sf.Stage("check"),
        sf.Stage("paused", "hold"),
        sf.Stage("won", "won"),
    ],
    transitions=[
        sf.Transition("start", "lead", "work"),
        sf.Transition("back", ("work", "check"), "lead"),
        sf.Transition("look", "work", "check"),
        sf.Transition("pause", ("work", "check"), "paused", kind="hold"),
        sf.Transition("go_on", "paused", "$previous", kind="resume"),
        sf.Transition("win", ("work", "check"), "won", outcome="won"),
    ],
)


@cache
def _lifecycle(cadences):
    return sf.build_lifecycle(attrs.evolve(DEFINITION, cadences=cadences))


class Team:
    """A pipeline with a clock that is told the time, and project P-1, which works since Monday 2 March 2026, 08:00."""

    def __init__(self, *cadences, store=None, start=True):
        self.now = MONDAY + 8 * HOUR
        self.store = MemoryStore() if store is None else store
        lifecycle = _lifecycle(cadences)
        self.pipeline = sf.Pipeline(lifecycle, store=self.store, clock=lambda: self.now, actor=WHO)
        if start:
            self.pipeline.open("Data centre", id="P-1", fields={"owner": "li.wei"})
            self.pipeline.fire("P-1", "start")

    def go(self, days, hours=0):
        """Let it be so long after Monday, 00:00."""
        self.now = MONDAY + days * DAY + hours * HOUR
        return self

    def tick(self):
        """Tick until nothing is due; return how much work was finished, and how much was void."""
        found = [self.pipeline.tick()]
        while found[-1].done or found[-1].void:
            found.append(self.pipeline.tick())
        return sum(each.done for each in found), sum(each.void for each in found)

    @property
    def missed(self):
        """Each fact of missed slots: cadence, and days and hours of the slots after Monday, with their members."""
        bodies = [fact.body for fact in self.pipeline.history("P-1") if isinstance(fact.body, SlotMissed)]
        return [(each.cadence, [(slot - MONDAY, member) for slot, member in each.slots]) for each in bodies]


def after(days, hours=0):
    """So long after Monday."""
    return days * DAY + hours * HOUR


FRIDAY = after(4, 17)


@pytest.mark.requirement("A42", "E37")
def test_a_slot_that_nobody_met_is_recorded_once_with_its_effects():
    """
    Not before it has closed, which is a working day after Friday 17:00; the project keeps which was the last.
    """
    team = Team(REPORT)
    team.go(7, 16).tick()
    early = team.missed
    team.go(7, 17).tick()
    team.go(8).tick()
    project = team.pipeline.get("P-1")

    assert [] == early
    assert [("report", [(FRIDAY, None)])] == team.missed
    assert {"report": {"": MONDAY + FRIDAY}} == project.slots
    assert ["Write the report"] == [task.title for task in project.all(sf.dossier.Task)]


def test_a_slot_that_was_met_writes_no_fact():
    """
    A report of Thursday meets that of Friday; the one after it is missed.
    """
    team = Team(REPORT).go(3)
    team.pipeline.add("P-1", StatusReport("s-1", at=team.now))
    team.go(9).tick()
    first = team.missed
    team.go(15).tick()

    assert [] == first
    assert [("report", [(FRIDAY + 7 * DAY, None)])] == team.missed


def test_after_a_long_stop_one_fact_has_all_slots():
    """
    Nobody ticked for a month: four slots, one fact, and the effects run once.
    """
    team = Team(REPORT).go(31)
    team.tick()

    assert [("report", [(FRIDAY + week * DAY, None) for week in (0, 7, 14, 21)])] == team.missed
    assert 1 == len(team.pipeline.get("P-1").all(sf.dossier.Task))


def test_a_notice_says_what_was_missed():
    """
    It has the label of the cadence, its slots and the members, of many only the first five.
    """
    team = Team(attrs.evolve(TALK, on_missed=[notify(("owner",))])).go(0, 9)
    team.pipeline.add("P-1", Member("chen.yu"))
    told = []
    for days in (2, 12):
        team.go(days).tick()
        team.pipeline.deliver(lambda notice, _id: told.append(notice.text("en")) or True)

    assert (
        "Data centre (P-1): talk. “2026-03-03 10:00 UTC chen.yu”. Stage: work. Owner: li.wei. By: salesflow. "
        "Time: 2026-03-04 00:00 UTC."
    ) == told[0]
    assert "chen.yu (+3)”" in told[1]


def _is_worked(when):
    return when.weekday() < 5


def _working_day_later(when, step=DAY):
    """The same time on the working day after, or before."""
    when += step
    while not _is_worked(when):
        when += step
    return when


def _working_day_before(when):
    """From when on a working day has passed until a time; on a day of rest, that is the whole last working day."""
    if _is_worked(when):
        return _working_day_later(when, -DAY)
    return _working_day_later(when.replace(hour=0), -DAY)


class Oracle:
    """What the definition says of the cadences ``report``, ``talk`` and ``visit``, in the plainest words."""

    def __init__(self):
        self.starts = [MONDAY + 8 * HOUR]
        self.stages = [(MONDAY + 8 * HOUR, "work")]
        self.members = []  # (when, name, active)
        self.entries = []  # (cadence, when it took place, when it was entered, whom it concerns)

    def stood(self, slot):
        """Whether it stood in the stages at a slot, and since a working day before it."""
        since = None
        for when, stage in self.stages:
            if when > slot:
                break
            since = (since or when) if stage in ("work", "check") else None
        return since is not None and since <= _working_day_before(slot)

    def active(self, slot):
        """Who was on the team at a slot."""
        found = {name: active for when, name, active in self.members if when <= slot}
        return [name for name, active in found.items() if active]

    def met(self, cadence, member, opened, closed):
        """Whether something that took place in the window was entered before it closed."""
        return any(
            (name, opened < own <= closed, entered <= closed, member in (None, who)) == (cadence, True, True, True)
            for name, own, entered, who in self.entries
        )

    def missed(self, now):
        """All slots that were missed by a time."""
        found = set()
        days = [MONDAY + number * DAY for number in range(-14, 80)]
        fridays = [(day + 17 * HOUR, _working_day_later(day + 17 * HOUR)) for day in days if day.weekday() == 4]
        mornings = [(day + 10 * HOUR, day + 14 * HOUR) for day in days if _is_worked(day)]
        for (_, opened), (slot, closed) in pairwise(fridays):
            if closed <= now and self.stood(slot) and not self.met("report", None, opened, closed):
                found.add(("report", slot - MONDAY, None))
        for (_, opened), (slot, closed) in pairwise(mornings):
            if closed <= now and self.stood(slot):
                people = [who for who in self.active(slot) if not self.met("talk", who, opened, closed)]
                found |= {("talk", slot - MONDAY, who) for who in people}
        for start, again in pairwise([*self.starts, now + DAY]):
            for number in range(1, 40):
                slot = start + number * 3 * DAY
                opened = start if number == 1 else slot - 2 * DAY
                met = self.met("visit", None, opened, slot + DAY)
                if slot + DAY <= now and slot < again and self.stood(slot) and not met:
                    found.add(("visit", slot - MONDAY, None))
        return found


ENTRIES = ["join", "leave", "report", "talk", "visit", "old_report"]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from(["back", "start", "look", "pause", "go_on", *ENTRIES]),
        st.sampled_from(["chen.yu", "wang.fang"]),
        st.booleans(),
    ),
    max_size=25,
)


def _take(team, oracle, number, step, who):
    """Take one step of the random life of a project, and tell the oracle."""
    pipeline, now = team.pipeline, team.now
    if step in ("join", "leave"):
        pipeline.add("P-1", Member(who, active=step == "join"))
        oracle.members.append((now, who, step == "join"))
    elif step == "talk":
        pipeline.add("P-1", Review(f"r-{number}", "talk", held_at=now, member=who))
        oracle.entries.append(("talk", now, now, who))
    elif step == "visit":
        pipeline.add("P-1", Activity(f"v-{number}", "visit", at=now, status="done"))
        oracle.entries.append(("visit", now, now, None))
    elif step in ("report", "old_report"):
        own = now - (30 * HOUR if step == "old_report" else timedelta())
        pipeline.add("P-1", StatusReport(f"s-{number}", at=own))
        oracle.entries.append(("report", own, now, None))
    elif isinstance(pipeline.decide("P-1", step), sf.Accepted):
        stage = pipeline.fire("P-1", step).project.stage
        oracle.stages.append((now, stage))
        oracle.starts += [now] if step == "start" else []


@given(STEPS)
def test_whatever_the_rhythm_of_ticks_the_missed_slots_are_those_of_the_oracle(steps):
    """
    Random entries, late entries, holds, moves and changes of the team: ticks now and then, or one at the end,
    record the same slots, those of the oracle, and none of them twice.
    """
    found = []
    for often in (True, False):
        team, oracle = Team(REPORT, TALK, VISIT), Oracle()
        for number, (hours, step, who, ticks) in enumerate(steps):
            team.now += hours * HOUR
            _take(team, oracle, number, step, who)
            if often and ticks:
                team.tick()
        team.now += 5 * DAY
        team.tick()
        pairs = [(cadence, *pair) for cadence, slots in team.missed for pair in slots]
        found.append((sorted(pairs, key=str), sorted(oracle.missed(team.now), key=str)))

    assert found[0][1] == found[0][0] == found[1][0] == found[1][1]


def test_an_entry_of_before_that_is_entered_too_late_leaves_it_missed_and_is_late_on_the_agenda():
    """
    What took place in time and was entered after the slot had closed takes back nothing, and can be seen.
    """
    team = Team(REPORT).go(7, 18)
    team.tick()
    team.pipeline.add("P-1", StatusReport("s-1", at=MONDAY + after(4)))
    team.pipeline.add("P-1", StatusReport("s-2", at=MONDAY + after(7, 18)))
    team.go(30).tick()
    agenda = team.pipeline.agenda(MONDAY, MONDAY + 40 * DAY)

    assert [[after(4, 17)], [after(18, 17), after(25, 17)]] == [[slot for slot, _ in each] for _, each in team.missed]
    assert ["late", "met", "missed", "missed", "", ""] == [each.state for each in agenda if each.kind == "slot"]


def test_a_slot_is_missed_although_the_project_has_left_before_it_closed():
    """
    It stood in the stages at the slot; what it does until the slot closes does not count.
    """
    team = Team(REPORT).go(5)
    team.pipeline.fire("P-1", "win")
    done = team.go(9).tick()

    assert [("report", [(FRIDAY, None)])] == team.missed
    assert None is team.store.next_due("deadline")
    assert (1, 0) == done


def test_who_came_back_is_watched_again():
    """
    A project that left the stages is not watched; once it is back for a working day, slots count again.
    """
    team = Team(REPORT).go(1)
    team.pipeline.fire("P-1", "back")
    gone = team.go(20).tick(), team.missed
    team.pipeline.fire("P-1", "start")
    team.go(30).tick()

    assert ((0, 1), []) == gone
    assert [("report", [(after(25, 17), None)])] == team.missed


def test_a_cadence_that_follows_goes_on_after_closing():
    """
    Five and ten days after the project was won, and not after the twelfth day; met by a call that was made.
    """
    team = Team(CALL).go(1)
    team.pipeline.fire("P-1", "win")
    team.pipeline.add("P-1", Activity("a-1", "call", at=team.now, status="planned"))
    team.go(40).tick()

    assert [("call", [(after(7), None), (after(11), None)])] == team.missed
    assert [] == [*team.pipeline.due(team.now, team.now + 366 * DAY)]
    assert () == team.store.upcoming("deadline", until=team.now + 366 * DAY)


def test_what_it_follows_may_happen_again_and_before_the_stage():
    """
    Each time it is counted from there; where the project enters the stage later, it is found in the history.
    """
    every = attrs.evolve(CALL, every="every 5d after start", after_closing=None, stages="check", shift="keep")
    team = Team(every).go(1)
    team.pipeline.fire("P-1", "look")
    team.go(8)
    team.pipeline.add("P-1", Activity("a-1", "call", at=MONDAY + after(5), status="done"))
    team.pipeline.fire("P-1", "back")
    team.pipeline.fire("P-1", "start")
    team.pipeline.fire("P-1", "look")
    team.go(15).tick()

    assert [("call", [(after(5, 8), None), (after(13), None)])] == team.missed


def test_a_cadence_of_the_period_has_the_slots_of_its_period():
    """
    Only Fridays between the two dates, as they were known when the slots closed.
    """
    team = Team(attrs.evolve(REPORT, per="period")).go(1)
    team.pipeline.update("P-1", {"period_start": date(2026, 3, 9), "period_end": date(2026, 3, 20)})
    team.go(40).tick()

    assert [("report", [(FRIDAY + 7 * DAY, None), (FRIDAY + 14 * DAY, None)])] == team.missed


def test_an_entry_of_another_member_or_of_everybody_present():
    """
    A review about one member meets the slot of that one; without a name it meets those of all who were there.
    """
    team = Team(TALK).go(0, 9)
    team.pipeline.add("P-1", Member("chen.yu"), Member("wang.fang"), Member("sun.li", active=False))
    team.go(1, 10)
    team.pipeline.add("P-1", Review("r-1", "talk", held_at=team.now, member="chen.yu", attendees=["wang.fang"]))
    team.go(2, 10)
    team.pipeline.add("P-1", Review("r-2", "talk", held_at=team.now, attendees=["chen.yu", "wang.fang"]))
    team.pipeline.add("P-1", Review("r-3", "walk", held_at=team.now), StatusReport("s-1"))
    team.go(2, 14).tick()

    assert [("talk", [(after(1, 10), "wang.fang")])] == team.missed


def test_what_was_taken_out_in_time_meets_nothing():
    """
    A report that was removed before the slot closed; and one of a kind without a time counts from when it was entered.
    """
    by_member = attrs.evolve(REPORT, met_by={"entry": "member"})
    removed, timeless = Team(REPORT).go(3), Team(by_member).go(3)
    removed.pipeline.add("P-1", StatusReport("s-1"))
    removed.pipeline.remove("P-1", "status_report", "s-1")
    timeless.pipeline.add("P-1", Member("chen.yu"))
    removed.go(8).tick()
    timeless.go(8).tick()

    assert ([("report", [(FRIDAY, None)])], []) == (removed.missed, timeless.missed)


def test_slots_that_close_together_are_one():
    """
    Slots on Saturday and Sunday have their grace until Monday ends: one entry meets both.
    """
    daily = Cadence("daily", "daily 10:00", met_by={"entry": "status_report"}, shift="keep", grace="1bd", stages="work")
    team = Team(daily).go(7, 12)
    team.pipeline.add("P-1", StatusReport("s-1"))
    team.go(8, 1).tick()

    assert [[(after(day, 10), None) for day in (1, 2, 3, 4)]] == [slots for _, slots in team.missed]


def test_a_grace_that_is_longer_than_the_time_between_slots():
    """
    Each entry meets the earliest slot that is open, so that three reports on Friday meet three days.
    """
    slow = Cadence("slow", "daily 10:00", met_by={"entry": "status_report"}, grace="3d", stages="work")
    team = Team(slow).go(4, 9)
    team.pipeline.add("P-1", StatusReport("s-1", at=team.now))
    team.go(5)
    team.pipeline.fire("P-1", "win")
    team.go(20).tick()

    assert [[after(2, 10), after(3, 10), after(4, 10)]] == [[slot for slot, _ in slots] for _, slots in team.missed]


@pytest.mark.threads
def test_two_workers_record_each_slot_once(tmp_path):
    """
    Two processes' pipelines on one SQLite file tick at once: each slot is on record once, and each effect ran once.
    """
    path = tmp_path / "sales.db"
    with SqliteStore(path) as one, SqliteStore(path) as two:
        first, second = Team(REPORT, TALK, store=one), Team(store=two, start=False)
        second.pipeline = sf.Pipeline(_lifecycle((REPORT, TALK)), store=two, clock=lambda: second.now, actor=WHO)
        first.pipeline.add("P-1", Member("chen.yu"))
        for number in range(2, 9):
            first.pipeline.open(f"Deal {number}", id=f"P-{number}")
            first.pipeline.fire(f"P-{number}", "start")
        for days in (3, 8, 15, 31):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda team, days=days: team.go(days).tick(), (first, second)))
        pairs = [
            (fact.project_id, fact.body.cadence, *pair)
            for fact in first.pipeline.feed(limit=9999).lines
            for fact in [fact.fact]
            if isinstance(fact.body, SlotMissed)
            for pair in fact.body.slots
        ]

        assert len(set(pairs)) == len(pairs)
        assert 8 * 4 == sum(cadence == "report" for _, cadence, *_ in pairs)
        assert 22 == sum(cadence == "talk" for _, cadence, *_ in pairs)


def test_a_worker_that_died_leaves_its_slot_to_another():
    """
    Work that somebody else has claimed is not done twice, and is done when the lease has run out.
    """
    team = Team(REPORT).go(8)
    claims = team.store.claim("deadline", owner="dead", limit=9, lease=HOUR, at=team.now)
    held = team.tick(), team.missed
    team.go(8, 2).tick()

    assert 1 == len(claims)
    assert ((0, 0), []) == held
    assert [("report", [(FRIDAY, None)])] == team.missed


@pytest.mark.parametrize("again", [False, True])
def test_a_copied_or_imported_project_is_watched_from_then_on(again):
    """
    Whoever arms cadences again, of one project or of all, is not flooded with what was missed before.
    """
    team = Team(REPORT).go(24)
    copy = MemoryStore()
    copy_facts(team.store, copy)
    late = Team(store=copy, start=False)
    late.pipeline = sf.Pipeline(_lifecycle((REPORT,)), store=copy, clock=lambda: late.now, actor=WHO)
    late.go(24)
    unarmed = copy.next_due("deadline")
    armed = late.pipeline.rearm("P-1" if again else None)
    late.go(30).tick()

    assert (None, 1) == (unarmed, armed)
    assert [("report", [(after(25, 17), None)])] == late.missed


def test_a_window_opens_with_the_last_slot_before_days_of_rest():
    """
    Every hour of working days: the first slot of Monday is met by what took place at the weekend.
    """
    hourly = Cadence("hourly", "every 1h after start", met_by={"entry": "status_report"}, stages="work")
    team = Team(hourly).go(6, 23)
    team.tick()
    team.pipeline.add("P-1", StatusReport("s-1"))
    team.go(7, 2).tick()

    assert [after(7, 1), after(7, 2)] == [slot for slot, _ in team.missed[-1][1]]


def test_a_cadence_without_slots_and_one_of_the_next_year():
    """
    Saturdays that are skipped never come; the first slot of a year may be found in the year before.
    """
    never = attrs.evolve(REPORT, id="never", every="weekly on sat 17:00", shift="skip")
    yearly = attrs.evolve(REPORT, every="quarterly on 1 10:00", grace="0m", on_missed=[])
    team = Team(never, yearly, start=False).go(300)
    team.pipeline.open("Data centre", id="P-1", fields={"owner": "li.wei"})
    team.pipeline.fire("P-1", "start")
    due = team.store.next_due("deadline")
    team.go(310).tick()

    assert datetime(2027, 1, 1, 10, tzinfo=UTC) == due
    assert [("report", [(datetime(2027, 1, 1, 10, tzinfo=UTC) - MONDAY, None)])] == team.missed


def test_what_has_not_happened_yet_is_not_watched():
    """
    Arming again finds no slot of a cadence that follows what never happened.
    """
    team = Team(attrs.evolve(CALL, every="once 2bd after win", after_closing=None, stages=["work", "check"]))

    assert (0, None) == (team.pipeline.rearm(), team.store.next_due("deadline"))


def test_projects_whose_last_fact_is_ahead_of_the_clock():
    """
    Their missed slots are recorded with the time of that fact: time does not run back within a project.
    """
    team = Team(REPORT)
    team.pipeline.open("Other", id="P-2")
    team.pipeline.fire("P-2", "start")
    later = MONDAY + after(7, 20)
    team.go(7, 18)
    for name in ("P-1", "P-2"):
        team.pipeline.add(name, Member("chen.yu"), at=later)
    team.tick()
    facts = [team.pipeline.history(name)[-1] for name in ("P-1", "P-2")]

    assert [(later, "report"), (later, "report")] == [(fact.at, fact.body.cadence) for fact in facts]


def test_the_feed_says_what_was_missed():
    """
    In both languages, by the label of the cadence.
    """
    team = Team(REPORT).go(8)
    team.tick()
    lines = [team.pipeline.feed(lang, project_id="P-1").lines[-1].text for lang in ("en", "zh")]

    assert ["Report missed: 2026-03-06 17:00 UTC", "汇报 未按时进行：2026-03-06 17:00 UTC"] == lines


def test_a_slot_is_no_deadline():
    """
    What is due for whom are deadlines; the slots stand on the agenda.
    """
    team = Team(REPORT)

    assert [] == list(team.pipeline.due(MONDAY, MONDAY + 30 * DAY))


def test_effects_of_missed_slots_read_back_and_decide():
    """
    They are the same from TOML and JSON, wrong ones are faults at their place, and the digest covers them.
    """
    definition = attrs.evolve(DEFINITION, cadences=[REPORT])
    wrong = attrs.evolve(REPORT, on_missed=[EffectUse("notfy"), notify(("owner",)).but(when={"x": 1})])
    faults = sf.check_definition(attrs.evolve(DEFINITION, cadences=[wrong])).faults
    without = attrs.evolve(DEFINITION, cadences=[attrs.evolve(REPORT, on_missed=[])])

    for kind in ("toml", "json"):
        assert definition == sf.load_definition(sf.dump_definition(definition, format=kind))
    assert ["cadences[0].on_missed[0].use", "cadences[0].on_missed[1].when"] == [each.path for each in faults]
    assert sf.build_lifecycle(definition).digest != sf.build_lifecycle(without).digest


def test_the_risk_check_reads_the_slots_that_are_recorded():
    """
    Two slots in a row, of the project or of the same member; recorded or not, and nothing before one has closed.
    """
    uses = [risks.cadence_missed(cadence="report"), risks.cadence_missed(cadence="talk")]
    named = [attrs.evolve(use, id=name) for use, name in zip(uses, ("project", "member"), strict=True)]
    lifecycle = sf.build_lifecycle(attrs.evolve(DEFINITION, cadences=[REPORT, TALK], risks=named))
    team = Team(REPORT, TALK)
    team.pipeline = sf.Pipeline(lifecycle, store=MemoryStore(), clock=lambda: team.now, actor=WHO)
    team.pipeline.open("Data centre", id="P-1")
    team.pipeline.fire("P-1", "start")
    team.pipeline.add("P-1", Member("chen.yu"), Member("wang.fang"))
    said = []
    for days in (1, 2, 3, 8, 15):
        team.go(days, 12)
        if days == 1:
            team.pipeline.add("P-1", Review("r-1", "talk", held_at=team.now, member="wang.fang"))
        if days == 8:
            team.tick()
        findings = team.pipeline.risks("P-1").findings
        said.append([f"{each.status} {each.message('en')}".strip() for each in findings])

    assert [
        [],
        ["clear Nothing found."],
        ["fired Missed in a row of talk: 2."],
        ["clear Nothing found.", "fired Missed in a row of talk: 5."],
        ["fired Missed in a row of Report: 2.", "fired Missed in a row of talk: 10."],
    ] == said
    assert ("chen.yu", "wang.fang") == team.pipeline.risks("P-1").findings[-1].evidence["members"]


def test_a_risk_check_of_an_unknown_cadence_is_a_fault():
    """
    It names the nearest that there is.
    """
    wrong = attrs.evolve(DEFINITION, cadences=[REPORT], risks=[risks.cadence_missed(cadence="repor")])
    (fault,) = sf.check_definition(wrong).faults

    assert ("cadence.unknown", "risks[0].cadence") == (fault.code, fault.path)
    assert "report" in fault.hint


@pytest.mark.requirement("B28")
def test_trainings_at_a_rhythm():
    """
    A training counts on the day it was held, whenever it is recorded, and for each member who took part.
    """
    rhythm = Cadence(
        "training", "monthly on second wed 14:00", per="member", met_by={"entry": "training"}, stages=["work"]
    )
    clock = [MONDAY]
    pipeline = sf.Pipeline(_lifecycle((rhythm,)), actor=WHO, clock=lambda: clock[0])
    pipeline.open("Metro", id="P-1", entries=[Member("li.wei"), Member("zhao")])
    pipeline.fire("P-1", "start")
    clock[0] = datetime(2026, 3, 12, 9, tzinfo=UTC)
    pipeline.add("P-1", Training("prices", "Prices", 4, date(2026, 3, 11), members=["li.wei"]))
    clock[0] = datetime(2026, 3, 20, 9, tzinfo=UTC)
    pipeline.tick()
    missed = [fact.body for fact in pipeline.history("P-1") if isinstance(fact.body, SlotMissed)]

    assert [("training", ["zhao"])] == [(each.cadence, [member for _, member in each.slots]) for each in missed]
