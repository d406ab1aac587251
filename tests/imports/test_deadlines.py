"""
Deadlines of imported deals: those of the last stay are armed, and what is long past is recorded without effects.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow.effects import notify, set_field
from salesflow.exchange import replay_file
from salesflow.stores import MemoryStore
from salesflow.typing import Cadence, Deadline, SlotMissed

from .factory import FIELDS, HISTORY, SNAPSHOT, told


SHEET = "id,who,stage,opened,worked,closed,value"
ROWS = "id,who,stage,at,value"
LOUD = [notify(["owner"], "waits"), set_field("seats", 1)]


def lifecycle() -> sf.Lifecycle:
    """New deals wait three days, those at work a week and a month; work may rest."""
    week, month = Deadline("week", "7d", effects=LOUD), Deadline("month", "30d", effects=LOUD)
    return sf.build_lifecycle(
        sf.Definition(
            "crm",
            fields=FIELDS,
            stages=(
                sf.Stage("new", "open", deadlines=[Deadline("look", "3d", effects=LOUD)]),
                sf.Stage("working", deadlines=[week, month]),
                sf.Stage("rest", "hold"),
                sf.Stage("won", "won"),
                sf.Stage("lost", "lost"),
            ),
            transitions=(
                sf.Transition("work", "new", "working"),
                sf.Transition("pause", "working", "rest", kind="hold"),
                sf.Transition("resume", "rest", "$previous", kind="resume"),
                sf.Transition("win", "working", "won", outcome="won"),
                sf.Transition("lose", ("new", "working"), "lost", kind="exit", outcome="lost"),
            ),
        )
    )


def day(number: int) -> datetime:
    """A day of January 2024."""
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number - 1)


class Import:
    """Imports onto one store, at times that a test names."""

    def __init__(self, crm):
        self.crm, self.store, self.heard = crm, MemoryStore(), []
        self.lifecycle = lifecycle()

    def pipeline(self, now: datetime) -> sf.Pipeline:
        def hear(facts, _project):
            self.heard.extend(facts)

        return sf.Pipeline(self.lifecycle, store=self.store, clock=lambda: now, listeners=[hear])

    def run(self, now: datetime, mapping, *rows):
        self.crm.lifecycle = self.lifecycle
        path = self.crm.write("\n".join(rows) + "\n")
        return replay_file(path, mapping=self.crm.mapped(mapping), pipeline=self.pipeline(now))

    def armed(self) -> list[tuple[str, str, datetime]]:
        """What is armed: deal, deadline, time."""
        lease = timedelta(microseconds=1)
        claims = self.store.claim("deadline", owner="t", limit=99, lease=lease, at=day(9999))
        return sorted((due.project_id, due.deadline, due.at) for due in (claim.work.body for claim in claims))

    def passed(self, deal: str = "D-1") -> list[tuple[str, datetime, datetime, tuple]]:
        """The deadlines that passed: name, when it was due, the time of the fact, what its effects changed."""
        facts = [fact for fact in self.store.load(deal) if type(fact.body).__name__ == "DeadlinePassed"]
        return [(fact.body.deadline, fact.body.due_at, fact.at, fact.body.changes) for fact in facts]


@pytest.fixture(name="crm_import")
def _crm_import(crm):
    return Import(crm)


HISTORY = {**HISTORY, "stage": {"column": "stage", "values": {**HISTORY["stage"]["values"], "Rest": "rest"}}}


@pytest.mark.parametrize(
    ("mapping", "rows"),
    [
        (SNAPSHOT, [SHEET, "D-1,ann,Work,2024-01-01,2024-01-02,,"]),
        (HISTORY, [ROWS, "D-1,ann,New,2024-01-01,", "D-1,ann,Work,2024-01-02,"]),
    ],
    ids=["snapshot", "history"],
)
def test_an_open_deal_is_watched(crm_import, mapping, rows):
    """
    An open deal has the deadlines of the stage it stands in armed, counted from when it entered, and no others.
    """
    crm_import.run(day(3), mapping, *rows)

    assert [("D-1", "month", day(32)), ("D-1", "week", day(9))] == crm_import.armed()
    assert [] == crm_import.passed()


def test_a_deal_in_its_first_stage(crm_import):
    """
    A deal that was only opened has the deadlines of the first stage armed.
    """
    crm_import.run(day(2), SNAPSHOT, SHEET, "D-1,ann,New,2024-01-01,,,")

    assert [("D-1", "look", day(4))] == crm_import.armed()


def test_what_is_past_passes_without_effects(crm_import):
    """
    A deadline before the import's clock is recorded as passed when it was due, without effects; later ones are armed.
    """
    report = crm_import.run(day(20), SNAPSHOT, SHEET, "D-1,ann,Work,2024-01-01,2024-01-02,,")

    assert [("week", day(9), day(9), ())] == crm_import.passed()
    assert [("D-1", "month", day(32))] == crm_import.armed()
    assert (1, None, ("week",)) == (
        report.imported,
        crm_import.store.next_due("notice"),
        crm_import.store.head("D-1").visit.passed,
    )


def test_a_field_that_changed_after_the_deadline(crm_import):
    """
    A deadline that was due before the last row of its stay has the time of that row: facts keep their order.
    """
    rows = "D-1,ann,New,2024-01-01,", "D-1,ann,Work,2024-01-02,", "D-1,ann,Work,2024-01-12,5"
    crm_import.run(day(20), HISTORY, ROWS, *rows)

    assert [("week", day(9), day(12), ())] == crm_import.passed()


def test_the_first_tick_tells_nobody(crm_import):
    """
    After an import of old deals the first tick acts on nothing, and no notice waits.
    """
    rows = [f"D-{number},ann,Work,2024-01-01,2024-01-02,," for number in range(50)]
    crm_import.run(day(999), SNAPSHOT, SHEET, *rows)
    report = crm_import.pipeline(day(1000)).tick()

    assert (0, 0, ()) == (report.done, report.void, report.failures)
    assert (None, None) == (crm_import.store.next_due("deadline"), crm_import.store.next_due("notice"))
    assert ["week", "month"] == [name for name, *_ in crm_import.passed("D-7")]


def test_a_closed_deal(crm_import):
    """
    Of a closed deal nothing is armed or recorded: its stays are over.
    """
    crm_import.run(day(999), SNAPSHOT, SHEET, "D-1,ann,Won,2024-01-01,2024-01-02,2024-02-20,")

    assert ([], []) == (crm_import.armed(), crm_import.passed())


def test_a_hold_within_the_file(crm_import):
    """
    A stay that was on hold has its deadlines later by that; they are armed once, from its last beginning.
    """
    rows = [f"D-1,ann,{stage},2024-01-{at:02}," for stage, at in (("New", 1), ("Work", 2), ("Rest", 4), ("Work", 9))]
    crm_import.run(day(10), HISTORY, ROWS, *rows)

    assert [("D-1", "month", day(37)), ("D-1", "week", day(14))] == crm_import.armed()


def test_again(crm_import):
    """
    Importing the same again, much later, records nothing and leaves what is armed to the next tick.
    """
    rows = SHEET, "D-1,ann,Work,2024-01-01,2024-01-02,,"
    crm_import.run(day(20), SNAPSHOT, *rows)
    count = len(crm_import.heard)
    report = crm_import.run(day(90), SNAPSHOT, *rows)

    assert (1, count) == (report.already, len(crm_import.heard))
    assert [("D-1", "month", day(32))] == crm_import.armed()


def test_a_later_file_ends_the_stay(crm_import):
    """
    A newer file takes the deal on: the deadlines of its old stay are dropped, those of the new one armed.
    """
    crm_import.run(day(2), SNAPSHOT, SHEET, "D-1,ann,New,2024-01-01,,,")
    crm_import.run(day(5), SNAPSHOT, SHEET, "D-1,ann,Work,2024-01-01,2024-01-04,,")

    assert [("D-1", "month", day(34)), ("D-1", "week", day(11))] == crm_import.armed()


@pytest.mark.parametrize("by", ["import", "tick"])
def test_a_later_file_knows_better(crm_import, by):
    """
    A row of the time before a deadline is taken in, although the deadline was recorded as passed meanwhile.
    """
    old = SHEET, "D-1,ann,New,2024-01-01,,,"
    new = SHEET, "D-1,ann,Work,2024-01-01,2024-01-02,,"
    crm_import.run(day(9 if by == "import" else 1), SNAPSHOT, *old)
    crm_import.pipeline(day(9)).tick()
    first = crm_import.run(day(10), SNAPSHOT, *new)
    again = crm_import.run(day(11), SNAPSHOT, *new)

    assert ["look"] == [name for name, *_ in crm_import.passed()][:1]
    assert ([], "working", 1, 1) == (
        told(first),
        crm_import.store.head("D-1").stage,
        first.imported,
        again.already,
    )


def test_somebody_moves_the_deal_meanwhile(crm_import):
    """
    Where somebody else wrote to the deal, the rest of its rows is a problem of theirs; other deals are imported.
    """
    pipeline = crm_import.pipeline(day(3))
    host = sf.Pipeline(crm_import.lifecycle, store=crm_import.store, actor=sf.Actor("host"), clock=lambda: day(3))
    seen = []

    def meddle(facts, project):
        if not seen:
            seen.append(host.update(project.id, {"seats": 2}))

    meddled = sf.Pipeline(
        crm_import.lifecycle,
        store=crm_import.store,
        clock=lambda: day(3),
        listeners=[meddle, *(call for _, call in pipeline._runtime.listeners.of("crm", "1"))],
    )
    crm_import.crm.lifecycle = crm_import.lifecycle
    rows = [
        f"{deal},ann,{stage},{at},"
        for deal in ("D-1", "D-2")
        for stage, at in (("New", "2024-01-01"), ("Work", "2024-01-02"))
    ]
    path = crm_import.crm.write("\n".join([ROWS, *rows]) + "\n")
    report = replay_file(path, mapping=crm_import.crm.mapped(HISTORY), pipeline=meddled)

    assert ["row 3: another writer changed the deal during the import; run it again"] == told(report)
    assert (3, 1) == (report.imported, report.refused)
    assert ("new", "working") == tuple(crm_import.store.head(deal).stage for deal in ("D-1", "D-2"))


def test_somebody_moves_the_deal_before_its_deadline_is_recorded(crm_import):
    """
    If only the old deadlines of a deal are left to record, its rows are imported all the same.
    """
    host = sf.Pipeline(crm_import.lifecycle, store=crm_import.store, actor=sf.Actor("host"), clock=lambda: day(60))

    def meddle(facts, project):
        if facts[0].version == 2 and facts[0].actor.name == "ann":
            host.update(project.id, {"seats": 2})

    pipeline = sf.Pipeline(crm_import.lifecycle, store=crm_import.store, clock=lambda: day(60), listeners=[meddle])
    crm_import.crm.lifecycle = crm_import.lifecycle
    path = crm_import.crm.write(f"{SHEET}\nD-1,ann,Work,2024-01-01,2024-01-02,,\n")
    report = replay_file(path, mapping=crm_import.crm.mapped(SNAPSHOT), pipeline=pipeline)

    assert ([], 1, []) == (told(report), report.imported, crm_import.passed())


def test_a_deadline_of_a_date(crm):
    """
    An import arms what hangs on a date with the last change of the stay, in a later file too.
    """
    run = Import(crm)
    written = run.lifecycle.definition
    limits = Deadline("month", "30d"), Deadline("end", field="due")
    stages = [attrs.evolve(each, deadlines=limits if each.id == "working" else ()) for each in written.stages]
    run.lifecycle = sf.build_lifecycle(attrs.evolve(written, stages=stages))
    mapping = {**HISTORY, "fields": {"due": {"column": "value"}}}
    rows = [ROWS, "D-1,kim,New,2024-01-01,", "D-1,kim,Work,2024-01-02,2024-01-20"]
    run.run(day(5), mapping, *rows)
    first = run.armed()
    run.run(day(6), mapping, *rows, "D-1,kim,Work,2024-01-05,2024-01-25")
    tick = timedelta(microseconds=1)

    assert [("D-1", "end", day(21) - tick), ("D-1", "month", day(32))] == first
    assert [("D-1", "end", day(26) - tick), ("D-1", "month", day(32))] == run.armed()


def test_cadences_are_watched_from_the_import_on(crm_import):
    """
    Of an open deal, whatever they follow, and no slot of before the import is missed; a deal that is closed has none.
    """
    every = {"met_by": {"activity": "call"}, "stages": "working"}
    cadences = [Cadence("weekly", "weekly on fri 17:00", **every), Cadence("call", "every 7d after work", **every)]
    definition = attrs.evolve(crm_import.lifecycle.definition, calendar="weekdays", cadences=cadences)
    crm_import.lifecycle = sf.build_lifecycle(definition)
    rows = "D-1,ann,Work,2024-01-01,2024-01-02,,", "D-2,ann,Won,2024-01-01,2024-01-02,2024-01-05,"
    crm_import.run(day(20), SNAPSHOT, SHEET, *rows)
    friday = day(26) + timedelta(hours=17)
    coming = [each.body for each in crm_import.store.upcoming("deadline", until=day(99))]
    armed = [(each.project_id, each.deadline, each.at) for each in coming if each.slot]
    crm_import.pipeline(day(31)).tick()
    crm_import.pipeline(day(31)).tick()
    bodies = [fact.body for fact in crm_import.store.load("D-1")]

    assert [("D-1", "call", day(23)), ("D-1", "weekly", friday)] == armed
    assert [("call", ((day(23), None), (day(30), None))), ("weekly", ((friday, None),))] == sorted(
        (each.cadence, each.slots) for each in bodies if isinstance(each, SlotMissed)
    )
