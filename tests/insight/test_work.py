"""The KPIs of tasks, plans, budgets and people's time, against a second computation from what was put."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from salesflow import Money, Pipeline
from salesflow.dossier import Activity, Budget, Member, Milestone, SalesCost, Task, TimeBooking
from salesflow.errors import InputError
from salesflow.insight import Kpi, Portfolio

from .recording import ZONE, day_of, field_at, kept, now_there, record
from .selling import AUTHOR, LIFECYCLE, OWNERS, START
from .test_answers import OFFICE, low_median, worked


DAYS = date(2025, 11, 23), date(2026, 1, 12)
"""The period of these tests: from the first day on, and before the second."""
SEEDS = st.integers(0, 100_000)


def near(random: Random, now: datetime, likely: float = 0.85) -> date | None:
    """A day near a time, or none."""
    return (now + timedelta(days=random.randint(-9, 14))).date() if random.random() < likely else None


def within(day: date, period: bool) -> bool:
    """Whether a day lies in the period, if there is one."""
    return not period or DAYS[0] <= day < DAYS[1]


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), ZONE)


def over(day: date, now: datetime) -> bool:
    """Whether a day is over."""
    return midnight(day + timedelta(days=1)) <= now


def asked(pipeline: Pipeline, name: str, period: bool, **params: Any) -> Kpi:
    """The figure of all the time, or of the period of these tests."""
    return Portfolio.of(pipeline).kpi(name, **({"period": DAYS} if period else {}), **params)


def share_is(found: Kpi, cases: Sequence[tuple[str, bool]]) -> None:
    """Check a share of cases, each with its id and whether it counts above the line."""
    above = sum(met for _, met in cases)
    assert (found.numerator, found.denominator, found.n) == (above, len(cases), len(cases))
    assert sorted(found.evidence) == sorted(name for name, _ in cases)
    assert found.value == (above / len(cases) if cases else None)
    assert found.reason == (None if cases else "no_cases")


def task(random: Random, now: datetime, name: str) -> Task:
    """A piece of work."""
    return Task(
        name,
        owner=random.choice((None, *OWNERS)),
        due=near(random, now),
        done_on=near(random, now, 0.4),
        stage=random.choice((None, "lead", "offer")),
        effort=random.choice((None, 1, "2.5")),
        status=random.choice(("todo", "doing", "blocked", "done", "done", "dropped")),
    )


def finished(versions: Sequence[tuple[datetime, str, Task | None]]) -> date | None:
    """The day on which a task was done, by its versions."""
    last = versions[-1][2]
    if last is None or last.status != "done":
        return None
    if last.done_on is not None:
        return last.done_on
    since = versions[-1][0]
    for at, _, each in reversed(versions):
        if each is None or each.status != "done":
            break
        since = at
    return day_of(since)


@pytest.mark.long
@pytest.mark.requirement("A23", "B31", "C19")
@given(SEEDS, st.booleans(), st.sampled_from(("current", "first_due")))
def test_tasks_done_in_time(seed: int, period: bool, variant: str):
    """By the due day that holds now, or by the first one that the task ever had; also by owner."""
    pipeline = record(seed, task)
    now = Portfolio.of(pipeline).as_of
    cases: list[tuple[str, bool]] = []
    owners: dict[Any, list[bool]] = {}
    undated = waiting = 0
    for (project, name), versions in kept(pipeline, Task).items():
        last = versions[-1][2]
        if last is None or last.status == "dropped":
            continue
        dues = [each.due for _, _, each in versions if each is not None and each.due is not None]
        due = last.due if variant == "current" else next(iter(dues), None)
        if due is None:
            undated += 1
        elif within(due, period) and not over(due, now):
            waiting += 1
        elif within(due, period):
            done = finished(versions)
            cases.append((f"{project}/{name}", done is not None and done <= due))
            end = midnight(due + timedelta(days=1)) - timedelta(microseconds=1)
            owner = last.owner or field_at(pipeline, project, "owner", end)
            owners.setdefault(owner, []).append(cases[-1][1])
    found = asked(pipeline, "task_on_time_rate", period, variant=variant, by="owner")
    share_is(found, cases)
    assert (found.skipped, found.open) == (undated, waiting)
    assert {name: each.value for name, each in found.groups.items()} == {
        name: sum(met) / len(met) for name, met in owners.items()
    }


@pytest.mark.long
@pytest.mark.requirement("A35", "E11")
@given(SEEDS, st.booleans(), st.sampled_from(("tasks", "effort")))
def test_progress_of_tasks(seed: int, period: bool, variant: str):
    """Done of all that are not dropped, by count or by effort; with what is overdue, and what was due by now."""
    pipeline = record(seed, task)
    now = Portfolio.of(pipeline).as_of
    tasks = [(project, each) for project, each in now_there(pipeline, Task) if each.status != "dropped"]
    tasks = [(project, each) for project, each in tasks if within(each.due or day_of(now), period)]
    effort = variant == "effort"
    weighed = [(each, each.effort if effort else Decimal(1)) for _, each in tasks if not effort or each.effort]
    whole = sum(weight for _, weight in weighed)
    done = sum(weight for each, weight in weighed if each.status == "done")
    due = [(each, weight) for each, weight in weighed if each.due and over(each.due, now)]
    found = asked(pipeline, "task_progress", period, variant=variant, by="stage")
    assert found.value == (float(Fraction(done) / Fraction(whole)) if whole else None)
    assert found.skipped == len(tasks) - len(weighed)
    assert found.open == sum(each.status != "done" for each, _ in weighed)
    assert found.parts == {
        **{name: sum(each.status == name for each, _ in weighed) for name in ("todo", "doing", "blocked", "done")},
        "overdue": sum(each.status != "done" for each, _ in due),
        "planned": float(Fraction(sum(weight for _, weight in due)) / Fraction(whole)) if whole else None,
    }
    assert {name: each.n for name, each in found.groups.items()} == {
        stage: sum(each.stage == stage for each, _ in weighed) for stage in {each.stage for each, _ in weighed}
    }


def milestone(random: Random, now: datetime, name: str) -> Milestone:
    """A milestone, met or not."""
    return Milestone(
        name,
        due=near(random, now),
        planned=near(random, now, 0.3),
        met_on=near(random, now, 0.6),
        owner=random.choice((None, *OWNERS)),
        partner=random.choice(("", "Fern")),
    )


def working_days(first: date, last: date) -> int:
    """The working days after one day up to another, counted one by one."""
    if last < first:
        return -working_days(last, first)
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 for day in days)


@pytest.mark.long
@pytest.mark.requirement("A23", "C19", "D49")
@given(SEEDS, st.booleans())
@pytest.mark.requirement("A23")
def test_milestones_against_the_first_plan(seed: int, period: bool):
    """Working days from the day first planned to the day met; what is overdue counts as open."""
    pipeline = record(seed, milestone, lifecycle=OFFICE)
    now = Portfolio.of(pipeline).as_of
    late: list[int] = []
    partners: dict[str | None, list[int]] = {}
    skipped = overdue = 0
    for versions in kept(pipeline, Milestone).values():
        last = versions[-1][2]
        if last is None:
            continue
        first = [each.planned or each.due for _, _, each in versions if each is not None and (each.planned or each.due)]
        planned = last.planned or next(iter(first), None)
        if last.met_on is None:
            skipped += planned is None
            overdue += planned is not None and within(planned, period) and over(planned, now)
        elif within(last.met_on, period):
            if planned is None:
                skipped += 1
                continue
            late.append(working_days(planned, last.met_on))
            partners.setdefault(last.partner or None, []).append(late[-1])
    found = asked(pipeline, "schedule_variance", period, by="partner")
    assert (found.value, found.n, found.skipped, found.open) == (low_median(late), len(late), skipped, overdue)
    assert {name: each.value for name, each in found.groups.items()} == {
        name: low_median(given) for name, given in partners.items()
    }
    mean = asked(pipeline, "schedule_variance", period, variant="mean")
    assert mean.value == (float(Fraction(sum(late), len(late))) if late else None)


def activity(random: Random, now: datetime, name: str) -> Activity:
    """Something planned or done."""

    def some(likely: float) -> datetime | None:
        return now + timedelta(hours=random.randint(-60, 60)) if random.random() < likely else None

    planned, until = some(0.5), some(0.3)
    if planned and until and until < planned:
        planned, until = until, planned
    return Activity(
        name,
        random.choice(("", "call")),
        at=some(0.8),
        owner=random.choice((None, *OWNERS)),
        status=random.choice(("planned", "planned", "done", "done", "dropped")),
        planned_for=planned,
        planned_until=until,
    )


@pytest.mark.long
@pytest.mark.requirement("B11")
@given(SEEDS, st.booleans())
def test_activities_as_planned(seed: int, period: bool):
    """Done in the window: the planned day, or up to the time that the plan names; what was not planned is left out."""
    pipeline = record(seed, activity)
    now = Portfolio.of(pipeline).as_of
    cases: list[tuple[str, bool]] = []
    waiting = 0
    for (project, name), versions in kept(pipeline, Activity).items():
        last = versions[-1][2]
        if last is None:
            continue
        plans = [each.at for _, _, each in versions if each is not None and each.status == "planned" and each.at]
        planned = last.planned_for or next(iter(plans), None)
        if planned is None or not within(day_of(planned), period):
            continue
        day = day_of(planned)
        if last.planned_until is None:
            ended, met = over(day, now), last.at is not None and day_of(last.at) == day
        else:
            ended = last.planned_until <= now
            met = last.at is not None and midnight(day) <= last.at <= last.planned_until
        if ended:
            cases.append((f"{project}/{name}", met and last.status == "done"))
        else:
            waiting += 1
    found = asked(pipeline, "plan_adherence", period)
    share_is(found, cases)
    assert found.open == waiting


def budget(random: Random, now: datetime, name: str) -> Budget:
    """Money that is planned."""
    start, end = near(random, now, 0.6), near(random, now, 0.6)
    if start and end and end < start:
        start, end = end, start
    category = random.choice(("", "travel", "demo"))
    return Budget(name, Money(random.randint(0, 900), "CNY"), category=category, start=start, end=end)


def cost(random: Random, now: datetime, name: str) -> SalesCost:
    """Money that was spent."""
    return SalesCost(
        name,
        Money(random.randint(0, 900), "CNY"),
        near(random, now, 1),
        category=random.choice(("", "travel", "demo")),
        budget=random.choice((None, None, "e0-1", "e0-9")),
    )


@pytest.mark.long
@pytest.mark.requirement("A23", "D49")
@given(SEEDS, st.booleans())
def test_budgets_against_what_was_spent(seed: int, period: bool):
    """Money belongs to the budget that it names, else to that of its category and day; else to none."""
    pipeline = record(seed, budget, cost)
    spent: dict[tuple[str, str], Decimal] = {}
    planned: dict[tuple[str, str], tuple[Budget, date]] = {}
    without: list[tuple[str, SalesCost]] = []
    for (project, name), versions in kept(pipeline, Budget).items():
        last = versions[-1][2]
        if last is not None:
            planned[project, name] = last, last.end or day_of(versions[0][0])
    for project, each in now_there(pipeline, SalesCost):
        keys = [key for key in planned if key[0] == project]
        if each.budget:
            keys = [key for key in keys if key[1] == each.budget]
        else:
            keys = [
                key
                for key in keys
                if planned[key][0].category == each.category
                and (planned[key][0].start or each.spent_on) <= each.spent_on
                and each.spent_on <= (planned[key][0].end or each.spent_on)
            ]
        if keys:
            spent[keys[0]] = spent.get(keys[0], Decimal(0)) + each.amount.amount
        else:
            without.append((project, each))
    kept_ = {key: each for key, (each, day) in planned.items() if within(day, period)}
    alone = [(project, each) for project, each in without if within(each.spent_on, period)]
    plan = sum(each.planned.amount for each in kept_.values())
    paid = sum(spent.get(key, Decimal(0)) for key in kept_) + sum(each.amount.amount for _, each in alone)
    found = asked(pipeline, "budget_variance", period, by="category")
    assert found.value == (float(Fraction(paid - plan) / Fraction(plan)) if plan else None)
    cases = [*["/".join(key) for key in kept_], *[f"{project}/{each.id}" for project, each in alone]]
    assert sorted(found.evidence) == sorted(cases)
    assert found.reason == (None if plan else "nothing_planned" if cases else "no_cases")
    if cases:
        assert found.parts == {"planned": Money(plan, "CNY"), "spent": Money(paid, "CNY")}
    travel = [each for each in kept_.values() if each.category == "travel"]
    if travel:
        assert found.groups["travel"].denominator == Money(sum(each.planned.amount for each in travel), "CNY")


def member(random: Random, now: datetime, _name: str) -> Member:
    """A member of a team."""
    return Member(
        random.choice((*OWNERS, "zhang.min")),
        department=random.choice(("", "sales")),
        active=random.random() < 0.7,
        capacity=random.choice(("0", "0.5", "1")),
    )


def booking(random: Random, now: datetime, name: str) -> TimeBooking:
    """Hours of somebody, who may be in no team."""
    return TimeBooking(name, random.choice((*OWNERS, "guest")), near(random, now, 1), random.randint(0, 10))


@pytest.mark.long
@pytest.mark.requirement("B09", "D30", "E16")
@given(SEEDS, st.booleans(), st.sampled_from((None, "member", "month")))
@example(seed=3378, period=True, by="month")  # takes lines that few others do
@example(seed=142, period=False, by="member")
@example(seed=103, period=True, by=None)
def test_hours_booked_of_those_that_there_are(seed: int, period: bool, by: str | None):
    """Each person counts once over all projects, with the working hours up to today; idle people come first."""
    pipeline = record(seed, member, booking, lifecycle=OFFICE)
    today = day_of(Portfolio.of(pipeline).as_of) + timedelta(days=1)
    bookings = [each for _, each in now_there(pipeline, TimeBooking)]
    first = DAYS[0] if period else min((each.day for each in bookings), default=today)
    last = min(DAYS[1], today) if period else today
    bookings = [each for each in bookings if first <= each.day < last]
    members = [each for _, each in now_there(pipeline, Member)]
    names = {each.id for each in members if each.active} | {each.member for each in bookings}
    if first >= last:
        names = set()
    hours = Fraction(worked(midnight(first), midnight(last)) // timedelta(hours=1)) if first < last else 0
    available: dict[str, Fraction] = {}
    for name in names:
        active = [each.capacity for each in members if each.id == name and each.active]
        others = [each.capacity for each in members if each.id == name]
        available[name] = hours * Fraction(max(active or others or [Decimal(1)]))
    booked = {name: Fraction(sum(each.hours for each in bookings if each.member == name)) for name in names}
    found = asked(pipeline, "resource_utilisation", period, by=by)
    whole = sum(available.values())
    assert found.value == (float(sum(booked.values()) / whole) if whole else None)
    assert found.reason == (None if whole else "nothing_available" if names else "no_cases")
    assert {row["member"]: (row["booked"], row["available"], row["free"]) for row in found.rows} == {
        name: (booked[name], available[name], available[name] - booked[name]) for name in names
    }
    assert found.parts == {
        "idle": sum(not each for each in booked.values()),
        "overloaded": sum(booked[name] > available[name] for name in names),
    }
    shares = [row["utilisation"] for row in found.rows if row["utilisation"] is not None]
    assert shares == sorted(shares)
    if by == "member":
        assert {name: each.value for name, each in found.groups.items()} == {
            name: float(booked[name] / available[name]) if available[name] else None for name in names
        }
    if by == "month":
        assert {name: each.numerator for name, each in found.groups.items() if each.numerator} == {
            month: sum(each.hours for each in bookings if each.day.isoformat()[:7] == month)
            for month in {each.day.isoformat()[:7] for each in bookings if each.hours}
        }


def test_the_golden_values_of_work():
    """Ten of eight hours, nobody who has time, nothing planned, and a quarter more than planned."""
    now = [START]
    pipeline = Pipeline(OFFICE, clock=lambda: now[0], actor=AUTHOR)
    pipeline.open("deal", id="d")
    pipeline.add("d", Member("li.wei"), Member("zhao", capacity=0), Member("left", active=False))
    pipeline.add("d", TimeBooking("b", "li.wei", date(2025, 11, 3), 10), SalesCost("c", Money(5, "CNY"), START.date()))
    portfolio = Portfolio.of(pipeline)
    found = portfolio.kpi("resource_utilisation", period="2025-11-03", by="member")
    assert {name: (each.value, each.reason) for name, each in found.groups.items()} == {
        "li.wei": (1.25, None),
        "zhao": (None, "nothing_available"),
    }
    unplanned = portfolio.kpi("budget_variance")
    assert (unplanned.value, unplanned.reason) == (None, "nothing_planned")
    # A day that has not begun has no hours; nor do bookings on another day make anybody work on this one.
    assert portfolio.kpi("resource_utilisation", period="2025-11-04").reason == "no_cases"
    pipeline.add("d", TimeBooking("g", "guest", date(2025, 11, 1), 1))
    assert Portfolio.of(pipeline).kpi("resource_utilisation", period="2025-11-03").n == 2
    pipeline.add("d", Budget("b", Money(4, "CNY")))
    assert Portfolio.of(pipeline).kpi("budget_variance").value == 0.25


def test_milestones_with_the_same_days_are_alike():
    """Two milestones that were planned for one day and met on another are as late as each other."""
    pipeline = Pipeline(OFFICE, clock=lambda: START + 30 * timedelta(days=1), actor=AUTHOR)
    pipeline.open("deal", id="d")
    for name in ("a", "b"):
        pipeline.add("d", Milestone(name, due=date(2025, 11, 7), met_on=date(2025, 11, 11)))
    found = Portfolio.of(pipeline).kpi("schedule_variance")
    assert (found.value, found.n) == (2.0, 2)


def test_an_unknown_parameter_is_refused():
    """These figures take no parameters of their own."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    names = ("task_on_time_rate", "task_progress", "schedule_variance", "plan_adherence", "budget_variance")
    for name in (*names, "resource_utilisation", "time_to_adjust", "lesson_reuse"):
        with pytest.raises(InputError, match="nothing"):
            Portfolio.of(pipeline).kpi(name, nothing=1)
