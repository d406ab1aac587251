"""Reports in time, against a second computation that looks at each slot on its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given

from salesflow import Pipeline, load_lifecycle
from salesflow.dossier import Member, StatusReport
from salesflow.insight import Portfolio
from salesflow.typing import Fact, Opened, Transitioned

from .recording import ZONE, day_of, kept, record
from .selling import AUTHOR, LIFECYCLE, OWNERS, START, TEXT
from .test_answers import some
from .test_work import DAYS, SEEDS, asked, share_is


WEEKDAYS = TEXT.replace(
    'time_zone = "Asia/Shanghai"', 'time_zone = "Asia/Shanghai"\ncalendar = { hours = { mon_fri = "09:00-17:00" } }', 1
)
REPORTING = load_lifecycle(
    text=WEEKDAYS
    + """
[[cadences]]
id = "weekly_report"
stages = ["lead", "offer", "talks"]
[[cadences]]
id = "own_report"
every = "weekly on wed 12:00"
per = "member"
met_by = { entry = "status_report" }
[[cadences]]
id = "team_meeting"
"""
)
DAY = timedelta(days=1)


def report(random: Random, now: datetime, name: str) -> StatusReport:
    """A report of somebody, on its own time or when it was put."""
    return StatusReport(name, at=some(random, now, 0.7), by=random.choice(("", *OWNERS)))


def member(random: Random, now: datetime, _name: str) -> Member:
    """A member of the team."""
    return Member(random.choice(OWNERS), active=random.random() < 0.8)


def stood_since(facts: Sequence[Fact], stages: set[str], at: datetime) -> datetime | None:
    """Since when a project stood in some stages at a time, without a break; none if it did not."""
    since: datetime | None = None
    for fact in facts:
        body = fact.body
        if fact.at <= at and isinstance(body, (Opened, Transitioned)):
            stage = body.stage if isinstance(body, Opened) else body.target
            since = None if stage not in stages else since or fact.at
    return since


def made(pipeline: Pipeline, project: str, closes: datetime) -> Sequence[tuple[datetime, str]]:
    """When each report was made and by whom, as it was known at a time."""
    found: dict[str, tuple[datetime, str]] = {}
    for fact in pipeline.history(project):
        for change in fact.body.changes:
            entry = getattr(change, "entry", None)
            if fact.recorded_at <= closes and isinstance(entry, StatusReport):
                found[entry.id] = entry.at or fact.at, entry.by
            elif fact.recorded_at <= closes and getattr(change, "kind", None) == "status_report":
                found.pop(change.id, None)
    return list(found.values())


def local(day: date, hour: int) -> datetime:
    """An hour of a day in Shanghai."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


@pytest.mark.long
@pytest.mark.requirement("D42")
@given(SEEDS)
def test_reports_in_time(seed: int):
    """A slot counts where the project stood for a working day; and is met by what is there by the end of its grace."""
    pipeline = record(seed, report, member, lifecycle=REPORTING)
    now = Portfolio.of(pipeline).as_of
    cases: list[tuple[str, bool]] = []
    waiting = 0
    for project in pipeline.all():
        facts = list(pipeline.history(project.id))
        for number in range((DAYS[1] - DAYS[0]).days):
            day = DAYS[0] + number * DAY
            weekly = day.weekday() == 4
            if day.weekday() not in {2, 4}:
                continue
            slot = local(day, 17 if weekly else 12)
            stages = {"lead", "offer", "talks"} | (set() if weekly else {"delivery"})
            since = stood_since(facts, stages, slot)
            if slot > now or since is None or since > slot - DAY:
                continue
            closes, opens = (slot + 3 * DAY, slot - 4 * DAY) if weekly else (slot, slot - 7 * DAY)
            times = [(at, by) for at, by in made(pipeline, project.id, closes) if opens < at <= closes]
            if weekly:
                waiting += closes > now
                cases += [(f"{project.id}/weekly_report/{day}", bool(times))] if closes <= now else []
                continue
            then: dict[str, Member] = {}
            for (where, name), versions in kept(pipeline, Member).items():
                last = [each for at, _, each in versions if at <= slot][-1:]
                if where == project.id and last and last[0] is not None and last[0].active:
                    then[name] = last[0]
            cases += [(f"{project.id}/own_report/{day}/{name}", any(by == name for _, by in times)) for name in then]
    found = asked(pipeline, "report_discipline", True, by="cadence")
    share_is(found, cases)
    assert found.open == waiting
    assert {name: each.n for name, each in found.groups.items()} == {
        name: count
        for name in ("own_report", "weekly_report")
        if (count := sum(case.split("/")[1] == name for case, _ in cases))
    }


def reporting(cadence: str, **fields: Any) -> tuple[Pipeline, list[datetime]]:
    """A pipeline with one cadence, and its clock."""
    text = WEEKDAYS + f'[[cadences]]\nid = "report"\nmet_by = {{ entry = "status_report" }}\n{cadence}\n'
    period = '[[fields]]\nid = "period_start"\ntype = "date"\n[[fields]]\nid = "period_end"\ntype = "date"\n[[stages]]'
    now = [START]
    lifecycle = load_lifecycle(text=text.replace("[[stages]]", period, 1))
    pipeline = Pipeline(lifecycle, clock=lambda: now[0], actor=AUTHOR)
    pipeline.open("deal", id="d", fields=fields)
    return pipeline, now


def test_slots_that_close_together_are_one_and_wait_for_their_grace():
    """Daily slots, also on days of rest: those of a weekend close together; others do not count."""
    pipeline, now = reporting('every = "daily 17:00"\nshift = "keep"\ngrace = "1bd"', owner="zhao")
    pipeline.open("other", id="other")
    now[0] += 7 * DAY + timedelta(hours=2)
    found = Portfolio.of(pipeline, where={"owner": "zhao"}).kpi("report_discipline")
    assert (found.n, found.open) == (4, 2)  # the weekend waits, and Monday
    assert list(found.evidence) == [f"d/report/2025-11-{day:02}" for day in (4, 5, 6, 7)]


def test_reports_of_a_period_project():
    """With a cadence of a period only the slots between its first and last day count."""
    pipeline, now = reporting(
        'every = "weekly on fri 17:00"\nper = "period"', period_start=date(2025, 11, 10), period_end=date(2025, 11, 21)
    )
    now[0] += 60 * DAY
    found = Portfolio.of(pipeline).kpi("report_discipline")
    assert list(found.evidence) == ["d/report/2025-11-14", "d/report/2025-11-21"]
    pipeline.update("d", {"period_end": None})
    assert Portfolio.of(pipeline).kpi("report_discipline").reason == "no_cases"


def test_reports_after_a_move():
    """A cadence that follows a move begins anew with each, and has no slots before the first."""
    pipeline, now = reporting('every = "every 7d after straight"\nstages = ["talks", "offer"]')
    pipeline.fire("d", "straight")
    now[0] += 6 * DAY
    pipeline.add("d", StatusReport("r"))
    now[0] += 10 * DAY
    found = Portfolio.of(pipeline).kpi("report_discipline")
    assert (found.value, list(found.evidence)) == (0.5, [f"d/report/{day_of(START + n * DAY)}" for n in (7, 14)])


def test_reports_after_the_end():
    """After closing a cadence goes on for as long as it says, from the outcome on."""
    pipeline, now = reporting('every = "every 7d after lost"\nafter_closing = "15d"')
    now[0] += DAY
    pipeline.fire("d", "lose", outcome="lost")
    now[0] += 60 * DAY
    found = Portfolio.of(pipeline).kpi("report_discipline")
    assert list(found.evidence) == [f"d/report/{day_of(START + n * DAY)}" for n in (8, 15)]


def test_no_cadence_asks_for_reports():
    """Without a cadence that status reports meet there is no such figure."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="d")
    found = Portfolio.of(pipeline).kpi("report_discipline")
    assert (found.value, found.reason) == (None, "no_cadence")
