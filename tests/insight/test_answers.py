"""The KPIs of surveys, answers, issues and meetings, against a second computation from what was put."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from salesflow import Actor, Pipeline, load_lifecycle
from salesflow.dossier import Activity, Issue, Member, Question, Review, ServiceStandard, Survey
from salesflow.errors import InputError
from salesflow.insight import Kpi, Portfolio

from ..past import put_past
from .recording import ZONE, field_at, kept, now_there, record
from .selling import OWNERS, START, TEXT


OFFICE = load_lifecycle(
    text=TEXT.replace('time_zone = "Asia/Shanghai"', 'time_zone = "Asia/Shanghai"\ncalendar = "weekdays"', 1).replace(
        'calendar = "weekdays"', 'calendar = { hours = { mon_fri = "09:00-17:00" } }', 1
    )
)
"""The lifecycle of these tests; its people work from nine to five."""
PERIOD = START + timedelta(days=20), START + timedelta(days=70)
HOUR = timedelta(hours=1)


def some(random: Random, now: datetime, likely: float = 0.8) -> datetime | None:
    """A time near another, or none."""
    return now + timedelta(minutes=random.randint(-9_000, 3_000)) if random.random() < likely else None


def survey(random: Random, now: datetime, name: str) -> Survey:
    """An answer to a survey, or none."""
    scale = random.choice(("csat", "nps"))
    mark = random.randint(1, 5) if scale == "csat" else random.randint(0, 10)
    return Survey(
        name,
        random.choice(("delivery", "yearly")),
        mark if random.random() < 0.9 else None,
        scale=scale,
        customer=random.choice(("", "Acme", "Bolt")),
        item=random.choice(("", "repair")),
        answered_at=some(random, now),
        declined=random.random() < 0.1,
    )


def activity(random: Random, now: datetime, name: str) -> Activity:
    """A contact of the customer, a reply to one, or something planned."""
    return Activity(
        name,
        "call",
        at=some(random, now),
        owner=random.choice((None, *OWNERS)),
        status=random.choice(("planned", "done", "done", "dropped")),
        direction=random.choice(("", "in", "in", "out", "out")),
        answers=f"e0-{number}" if f"e0-{(number := random.randint(1, 4))}" != name else None,
        planned_for=some(random, now, 0.6),
        contact=random.choice(("", "Ms Chen")),
    )


def question(random: Random, now: datetime, name: str) -> Question:
    """A question, with or without its answer."""
    asked = some(random, now)
    answered = some(random, (asked or now) + 20 * HOUR, 0.7)
    return Question(
        name,
        by=random.choice(("", "zhao", "li.wei")),
        to=random.choice(((), ("wang.fang",), ("role:presales",))),
        asked_at=asked,
        answered_by=random.choice(("", "wang.fang", "zhao")),
        answered_at=answered and max(asked or answered, answered),
    )


def member(random: Random, now: datetime, _name: str) -> Member:
    """A member of the team."""
    roles = random.choice(((), ("presales",)))
    return Member(random.choice((*OWNERS, "zhang.min")), department=random.choice(("", "sales", "tech")), roles=roles)


def issue(random: Random, now: datetime, name: str) -> Issue:
    """An issue, resolved or not."""
    opened, done = some(random, now), some(random, now)
    if opened and done and done < opened:
        opened, done = done, opened
    return Issue(
        name,
        severity=random.choice(("low", "high")),
        customer=random.choice(("", "Acme")),
        owner=random.choice((None, *OWNERS)),
        opened_at=opened,
        status=random.choice(("open", "in_progress", "resolved", "verified")),
        resolved_at=done,
        reopened=random.randint(0, 2),
    )


def review(random: Random, now: datetime, name: str) -> Review:
    """A meeting."""
    people = tuple(random.sample((*OWNERS, "zhang.min", "guest"), random.randint(0, 4)))
    return Review(name, random.choice(("", "weekly")), held_at=some(random, now), attendees=people)


def asking(period: bool) -> dict[str, Any]:
    """The period of these tests, or none."""
    return {"period": PERIOD} if period else {}


def within(at: datetime | None, period: bool) -> bool:
    """Whether a time lies in the period, if there is one."""
    return at is not None and (not period or PERIOD[0] <= at < PERIOD[1])


def worked(start: datetime, end: datetime) -> timedelta:
    """The working time between two times, day after day."""
    spent, day = timedelta(), start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        if day.weekday() < 5:
            opens, closes = (datetime.combine(day, time(hour), ZONE).astimezone(UTC) for hour in (9, 17))
            spent += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return spent


def low_median(values: Iterable[Any], share: Fraction = Fraction(1, 2)) -> Any:
    """The smallest value that at least so large a share does not exceed."""
    ordered = sorted(values)
    return next((each for place, each in enumerate(ordered, 1) if place >= share * len(ordered)), None)


def in_hours(span: timedelta | None) -> float | None:
    """A span in hours."""
    return None if span is None else span / HOUR


def waits_are(kpi: Kpi, ended: Sequence[tuple[str, Any]], waiting: Sequence[str], unit: timedelta = HOUR) -> None:
    """Check what has ended and what still waits, by ids."""
    value = low_median(each for _, each in ended)
    assert kpi.value == (None if value is None else value / unit)
    assert (kpi.n, kpi.open) == (len(ended) + len(waiting), len(waiting))
    assert sorted(row["id"] for row in kpi.rows) == sorted(waiting)
    assert sorted(kpi.evidence) == sorted([*[name for name, _ in ended], *waiting])


@pytest.mark.long
@pytest.mark.requirement("A14", "A36", "A46", "B18", "C26", "E40")
@given(st.integers(0, 100_000), st.booleans(), st.sampled_from(("csat", "nps")))
def test_the_latest_answer_of_each_customer_counts(seed: int, period: bool, scale: str):
    """Of several answers of a customer to a survey about an item the latest counts, also for each item."""
    pipeline = record(seed, survey)
    latest: dict[Any, tuple[datetime, Survey]] = {}
    left_out = 0
    for (project, _), versions in kept(pipeline, Survey).items():
        each = versions[-1][2]
        if each is None or each.scale != scale:
            continue
        at = each.answered_at or versions[0][0]
        if not within(at, period):
            continue
        if each.score is None or each.declined:
            left_out += 1
            continue
        who = each.customer or pipeline.get(project).fields.get("customer") or f"project {project}"
        before = latest.get((who, each.name, each.item))
        if before is None or before[0] <= at:
            latest[who, each.name, each.item] = at, each
    marks = [each.score for _, each in latest.values()]
    found = Portfolio.of(pipeline).kpi(scale, by="item", **asking(period))
    assert (found.n, found.skipped, found.parts["few_answers"]) == (len(marks), left_out, len(marks) < 5)
    if scale == "nps":
        points = [1 if mark >= 9 else -1 if mark <= 6 else 0 for mark in marks]
        assert found.value == (float(Fraction(100 * sum(points), len(points))) if points else None)
        return
    assert found.value == (float(Fraction(sum(mark >= 4 for mark in marks), len(marks))) if marks else None)
    mean = Portfolio.of(pipeline).kpi(scale, variant="mean", **asking(period))
    assert mean.value == found.parts["mean"] == (float(Fraction(sum(marks)) / len(marks)) if marks else None)
    by_item: dict[str | None, list[Decimal]] = {}
    for _, each in latest.values():
        by_item.setdefault(each.item or None, []).append(each.score)
    assert {name: each.parts["mean"] for name, each in found.groups.items()} == {
        name: float(Fraction(sum(given)) / len(given)) for name, given in by_item.items()
    }


@pytest.mark.long
@pytest.mark.requirement("A21", "D34")
@given(st.integers(0, 100_000), st.booleans())
def test_replies_to_customers(seed: int, period: bool):
    """From each contact to the first reply that took place, in working time; what waits is listed, also by owner."""
    pipeline = record(seed, activity, lifecycle=OFFICE)
    portfolio = Portfolio.of(pipeline)
    now = portfolio.as_of
    activities = now_there(pipeline, Activity)
    ended: list[tuple[str, timedelta]] = []
    waiting: list[tuple[str, timedelta]] = []
    owners: dict[Any, list[timedelta]] = {}
    for project, each in activities:
        if each.direction != "in" or each.status == "dropped" or not within(each.at, period) or each.at > now:
            continue
        replies = [
            (other.at, other)
            for where, other in activities
            if (where, other.answers, other.status) == (project, each.id, "done")
            and other.direction != "in"
            and other.at
            and each.at <= other.at <= now
        ]
        name = f"{project}/{each.id}"
        owner = each.owner
        if replies:
            at, reply = min(replies, key=lambda one: one[0])
            owner = owner or reply.owner
            ended.append((name, worked(each.at, at)))
        else:
            waiting.append((name, worked(each.at, now)))
        owner = owner or field_at(pipeline, project, "owner", each.at)
        owners.setdefault(owner, []).extend([ended[-1][1]] if replies else [])
    found = portfolio.kpi("response_time", by="owner", **asking(period))
    waits_are(found, ended, [name for name, _ in waiting])
    assert {name: each.value for name, each in found.groups.items()} == {
        name: in_hours(low_median(spans)) for name, spans in owners.items()
    }
    assert {row["id"]: row["so_far"] for row in found.rows} == {name: in_hours(span) for name, span in waiting}
    ninth = portfolio.kpi("response_time", variant="p90", **asking(period))
    assert ninth.value == in_hours(low_median((span for _, span in ended), Fraction(9, 10)))
    judged = [span <= 6 * HOUR for _, span in ended] + [False for _, span in waiting if span > 6 * HOUR]
    target = portfolio.kpi("response_time", variant="in_target", hours=6, **asking(period))
    assert target.value == (float(Fraction(sum(judged), len(judged))) if judged else None)


@pytest.mark.long
@pytest.mark.requirement("D07")
@given(st.integers(0, 100_000), st.booleans())
def test_plans_that_were_followed_late(seed: int, period: bool):
    """From the plan to the deed, in days of the clock; what is overdue and not done waits."""
    pipeline = record(seed, activity)
    portfolio = Portfolio.of(pipeline)
    ended: list[tuple[str, timedelta]] = []
    waiting: list[str] = []
    for project, each in now_there(pipeline, Activity):
        if each.direction == "in" or each.status == "dropped" or not within(each.planned_for, period):
            continue
        if each.status == "done" and each.at:
            ended += [(f"{project}/{each.id}", each.at - each.planned_for)] if each.at <= portfolio.as_of else []
        elif each.planned_for < portfolio.as_of:
            waiting.append(f"{project}/{each.id}")
    waits_are(portfolio.kpi("follow_up_delay", **asking(period)), ended, waiting, timedelta(days=1))


@pytest.mark.long
@pytest.mark.requirement("A18", "B31", "D07")
@given(st.integers(0, 100_000), st.booleans())
def test_replies_inside_the_team(seed: int, period: bool):
    """From question to answer in working time, by the departments of those who ask and who answer."""
    pipeline = record(seed, question, member, lifecycle=OFFICE)
    portfolio = Portfolio.of(pipeline)
    now = portfolio.as_of
    teams = {project.id: project.all(Member) for project in pipeline.all()}

    def departments(project: str, people: Sequence[str]) -> Sequence[str]:
        found = [
            each.department
            for name in people
            for each in teams[project]
            if each.department and name in {each.id, *[f"role:{role}" for role in each.roles]}
        ]
        return tuple(dict.fromkeys(found))

    ended: list[tuple[str, timedelta]] = []
    waiting: list[str] = []
    sides: dict[str, tuple[Sequence[str], Sequence[str]]] = {}
    for (project, key), versions in kept(pipeline, Question).items():
        each = versions[-1][2]
        if each is None:
            continue
        asked = each.asked_at or versions[0][0]
        if not within(asked, period) or asked > now:
            continue
        name = f"{project}/{key}"
        asker = each.by or versions[0][1]
        sides[name] = (
            departments(project, [asker]),
            departments(project, [each.answered_by or ""] if each.answered_by else each.to),
        )
        if each.answered_at and asked <= each.answered_at <= now:
            ended.append((name, worked(asked, each.answered_at)))
        else:
            waiting.append(name)
    waits_are(portfolio.kpi("reply_delay", **asking(period)), ended, waiting)
    across = {name for name, (one, other) in sides.items() if one and other and not set(one) & set(other)}
    waits_are(
        portfolio.kpi("reply_delay", variant="between_departments", **asking(period)),
        [(name, span) for name, span in ended if name in across],
        [name for name in waiting if name in across],
    )
    groups = portfolio.kpi("reply_delay", by="department", **asking(period)).groups
    assert {key: each.n for key, each in groups.items()} == {
        key: sum((" / ".join(other) or None) == key for _, other in sides.values())
        for key in {" / ".join(other) or None for _, other in sides.values()}
    }


@pytest.mark.long
@pytest.mark.requirement("A14", "D34")
@given(st.integers(0, 100_000), st.booleans())
@example(seed=6832, period=True)  # takes lines that few others do
def test_issues(seed: int, period: bool):
    """Resolved in the period by opened in it, and the working time up to it; what is open again is not resolved."""
    pipeline = record(seed, issue, lifecycle=OFFICE)
    portfolio = Portfolio.of(pipeline)
    now = portfolio.as_of
    spans: dict[str, tuple[datetime, datetime | None, Issue]] = {}
    for (project, key), versions in kept(pipeline, Issue).items():
        last = versions[-1][2]
        if last is None:
            continue
        opened, resolved = last.opened_at or versions[0][0], None
        if last.status in {"resolved", "verified"}:
            resolved = last.resolved_at
            if resolved is None:
                states = [each is not None and each.status in {"resolved", "verified"} for *_, each in versions]
                since = len(states) - next((n for n, state in enumerate(reversed(states)) if not state), len(states))
                resolved = versions[since][0]
        if opened <= now:
            spans[f"{project}/{key}"] = opened, resolved if resolved and opened <= resolved <= now else None, last
    opened = [name for name, (at, _, _) in spans.items() if within(at, period)]
    resolved = [name for name, (_, at, _) in spans.items() if within(at, period)]
    rate = portfolio.kpi("issue_resolution_rate", by="severity", **asking(period))
    assert rate.value == (float(Fraction(len(resolved), len(opened))) if opened else None)
    assert sorted(rate.evidence) == sorted({*opened, *resolved})
    assert rate.open == sum(spans[name][1] is None for name in opened)
    assert {key: each.open for key, each in rate.groups.items()} == {
        severity: sum(spans[name][1] is None and spans[name][2].severity == severity for name in opened)
        for severity in {spans[name][2].severity for name in (*opened, *resolved)}
    }
    taken = [worked(spans[name][0], spans[name][1]) for name in resolved]
    assert portfolio.kpi("issue_resolution_time", **asking(period)).value == in_hours(low_median(taken))


@pytest.mark.long
@pytest.mark.requirement("A40")
@given(st.integers(0, 100_000), st.booleans())
def test_meetings_of_departments(seed: int, period: bool):
    """A review counts where two departments of the project's team were there."""
    pipeline = record(seed, review, member)
    held = [(project, each) for project, each in now_there(pipeline, Review) if within(each.held_at, period)]
    several = 0
    for project, each in held:
        team = {one.id: one.department for one in pipeline.get(project).all(Member)}
        several += len({team.get(name) for name in each.attendees} - {None, ""}) > 1
    found = Portfolio.of(pipeline).kpi("cross_department_meetings", **asking(period))
    assert (found.value, found.parts["meetings"], found.n) == (several, len(held), len(held))
    assert found.parts["share"] == (several / len(held) if held else None)


def office(*entries: Any) -> Portfolio:
    """A portfolio with one project; it is Friday, 17:00 in Shanghai."""
    pipeline = Pipeline(OFFICE, clock=lambda: datetime(2026, 3, 6, 9, tzinfo=UTC), actor=Actor("li.wei"))
    pipeline.open("deal", id="d", fields={"customer": "Acme"})
    if entries:
        put_past(pipeline, "d", *entries)
    return Portfolio.of(pipeline)


@pytest.mark.requirement("A46", "C26")
def test_the_worked_example_of_satisfaction():
    """Marks of 5, 5, 4, 3 and 2 have a share of 0.60 and a mean of 3.8; fewer than five are marked."""
    surveys = [Survey(f"s{n}", score=mark, customer=f"c{n}") for n, mark in enumerate((5, 5, 4, 3, 2))]
    found = office(*surveys).kpi("csat", by="customer")
    assert (found.value, found.numerator, found.denominator, found.parts["few_answers"]) == (0.6, 3, 5, False)
    assert office(*surveys).kpi("csat", variant="mean").value == 3.8
    assert found.groups["c3"].parts == {"top_two": 0.0, "mean": 3.0, "few_answers": True}
    assert (office().kpi("csat").reason, office().kpi("nps").reason) == ("no_cases", "no_cases")
    marks = [Survey(f"s{n}", score=mark, scale="nps", customer=f"c{n}") for n, mark in enumerate((10, 9, 8, 6, 0))]
    assert office(*marks).kpi("nps").value == 0.0


def at(day: int, hour: int) -> datetime:
    """A time of March 2026, as clocks in Shanghai show it."""
    return datetime(2026, 3, day, hour, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.requirement("D33")
def test_the_target_of_a_reply():
    """The standard of the project is the target; one that waits too long missed it, one that may meet it is open."""
    calls = [
        Activity("fast", at=at(5, 10), direction="in", status="done"),
        Activity("reply", at=at(5, 12), direction="out", answers="fast", status="done"),
        Activity("slow", at=at(2, 10), direction="in", status="done"),
        Activity("new", at=at(6, 16), direction="in", status="done"),
    ]
    standard = ServiceStandard("s", response_hours=4)
    special = ServiceStandard("t", "repair", response_hours=1)
    found = office(*calls, standard, special).kpi("response_time", variant="in_target")
    assert (found.value, found.numerator, found.denominator, found.n, found.open) == (0.5, 1, 2, 3, 2)
    assert {row["id"]: row["so_far"] for row in found.rows} == {"d/slow": 39.0, "d/new": 1.0}
    assert (found.unit, office(*calls).kpi("response_time").value) == ("ratio", 2.0)
    unknown = office(*calls).kpi("response_time", variant="in_target")
    assert (unknown.value, unknown.reason, unknown.skipped) == (None, "no_target", 3)
    for wrong in (-1, "many", True, None.__class__):
        with pytest.raises(InputError, match="hours="):
            office(*calls).kpi("response_time", variant="in_target", hours=wrong)


@pytest.mark.requirement("D33")
def test_issues_within_the_service_standard():
    """The most particular standard is the target of an issue; without any there is no figure, and it says so."""
    issues = [
        Issue("fast", opened_at=at(2, 9), resolved_at=at(2, 10), status="resolved"),
        Issue("slow", opened_at=at(2, 9), resolved_at=at(4, 10), status="resolved"),
        Issue("pump", item="Pump", opened_at=at(2, 9), resolved_at=at(4, 10), status="resolved"),
        Issue("bad", severity="high", opened_at=at(2, 9), resolved_at=at(2, 10), status="resolved"),
        Issue("open", opened_at=at(2, 9)),
    ]
    standards = [
        ServiceStandard("all", resolution_hours=8),
        ServiceStandard("later", resolution_hours=9),
        ServiceStandard("pump", "Pump", resolution_hours=40),
        ServiceStandard("high", resolution_hours="0.5", severity="high"),
        ServiceStandard("answers", "Pump", response_hours=1),
    ]
    found = office(*issues, *standards).kpi("issue_resolution_time", variant="in_target", by="item")
    assert (found.value, found.numerator, found.denominator, found.unit) == (0.4, 2, 5, "ratio")
    assert found.groups["Pump"].value == 1.0
    assert [row["id"] for row in found.rows] == ["d/open"]
    assert office(*issues).kpi("issue_resolution_time", variant="in_target").reason == "no_target"


@pytest.mark.requirement("D10")
def test_what_is_said_inside_answers_no_customer():
    """A contact is internal or external, with any party; only what goes out answers what came in."""
    calls = [
        Activity("call", at=at(5, 10), direction="in", status="done", party="partner-1"),
        Activity("talk", at=at(5, 11), direction="internal", answers="call", status="done"),
    ]
    reply = Activity("reply", at=at(5, 14), direction="out", answers="call", status="done", party="partner-1")
    waiting = office(*calls).kpi("response_time")
    assert (waiting.value, waiting.open) == (None, 1)
    assert office(*calls, reply).kpi("response_time").value == 4.0


def test_no_issue_was_opened():
    """What was resolved of earlier issues has no rate by itself."""
    issue = Issue("i", opened_at=at(2, 9), resolved_at=at(4, 10), status="resolved")
    found = office(issue).kpi("issue_resolution_rate", period="2026-03-04")
    assert (found.value, found.reason, found.numerator, found.n) == (None, "none_opened", 1, 1)
    assert office(issue).kpi("issue_resolution_time", period="2026-03-04").value == 17.0
    assert office(issue).kpi("issue_resolution_time", period="2026-03-04", by="customer").groups["Acme"].n == 1


def test_a_meeting_of_two_departments():
    """Two people of one department, and somebody who is not of the team, are not two departments."""
    team = [Member("li.wei", department="sales"), Member("zhao", department="sales"), Member("wu", department="tech")]
    meetings = [
        Review("one", "weekly", held_at=at(2, 9), attendees=["li.wei", "zhao", "guest"]),
        Review("two", "weekly", held_at=at(3, 9), attendees=["li.wei", "wu"]),
        Review("three", "coordination", attendees=["li.wei", "wu"]),
    ]
    found = office(*team, *meetings).kpi("cross_department_meetings", by="type")
    assert (found.value, found.n, found.parts) == (1, 2, {"meetings": 2, "share": 0.5})
    assert list(found.groups) == ["weekly"]
