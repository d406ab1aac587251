"""The KPIs of signals, risks, learning and ratings of people, against a second computation from what was put."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from salesflow import Pipeline
from salesflow.dossier import (
    Feedback,
    ImprovementAction,
    LessonUse,
    Member,
    Risk,
    Signal,
    SkillTarget,
    Training,
)
from salesflow.errors import InputError
from salesflow.insight import Portfolio

from ..cases import over_cases
from .recording import day_of, field_at, kept, now_there, record
from .selling import AUTHOR, LIFECYCLE, OWNERS, START
from .test_answers import low_median, some, waits_are
from .test_work import DAYS, SEEDS, asked, midnight, near, share_is, within


DAY = timedelta(days=1)


def signal(random: Random, now: datetime, name: str) -> Signal:
    """Something that was seen, decided on or not."""
    seen, decided = some(random, now), some(random, now, 0.6)
    if seen and decided and decided < seen:
        seen, decided = decided, seen
    return Signal(
        name,
        category=random.choice(("", "market", "competitor")),
        by=random.choice(("", "zhao")),
        seen_at=seen,
        decided_at=decided,
    )


@pytest.mark.long
@pytest.mark.requirement("B15", "E17")
@given(SEEDS, st.booleans())
@example(seed=5119, period=True)  # takes lines that few others do
def test_decisions_on_signals(seed: int, period: bool):
    """Hours of the clock from the signal, else from when it was recorded, to the decision; what waits is listed."""
    pipeline = record(seed, signal)
    now = Portfolio.of(pipeline).as_of
    ended: list[tuple[str, timedelta]] = []
    waiting: list[str] = []
    categories: dict[str | None, list[timedelta]] = {}
    for (project, name), versions in kept(pipeline, Signal).items():
        last = versions[-1][2]
        if last is None:
            continue
        seen = last.seen_at or versions[0][0]
        if seen > now or not within(day_of(seen), period):
            continue
        spans = categories.setdefault(last.category or None, [])
        if last.decided_at is None or last.decided_at > now:
            waiting.append(f"{project}/{name}")
        else:
            ended.append((f"{project}/{name}", max(last.decided_at - seen, timedelta())))
            spans.append(ended[-1][1])
    found = asked(pipeline, "time_to_adjust", period, by="category")
    waits_are(found, ended, waiting)
    medians = {name: low_median(spans) for name, spans in categories.items()}
    assert {name: each.value for name, each in found.groups.items()} == {
        name: None if span is None else span / timedelta(hours=1) for name, span in medians.items()
    }


def risk(random: Random, now: datetime, name: str) -> Risk:
    """A risk of any level, with or without a response."""
    return Risk(
        name,
        probability=random.randint(1, 5),
        impact=random.randint(1, 5),
        category=random.choice(("", "customer")),
        response=random.choice(("", "", " ", "call them")),
        status=random.choice(("identified", "identified", "assessed", "responding", "monitored", "closed")),
    )


@pytest.mark.long
@given(SEEDS, st.booleans(), st.sampled_from((("medium", 5, 7), ("high", 10, 2), ("critical", 15, 20))))
def test_responses_to_risks(seed: int, period: bool, case: tuple[str, int, int]):
    """From when the risk first was of the level; any version in time that names a response, or carries it out."""
    level, score, days = case
    pipeline = record(seed, risk)
    now = Portfolio.of(pipeline).as_of
    cases: list[tuple[str, bool]] = []
    waiting = 0
    for (project, name), versions in kept(pipeline, Risk).items():
        since = next((at for at, _, each in versions if each is not None and each.score >= score), None)
        if versions[-1][2] is None or since is None or not within(day_of(since), period):
            continue
        if since + days * DAY > now:
            waiting += 1
            continue
        answered = any(
            at <= since + days * DAY
            and each is not None
            and (each.response.strip() != "" or each.status in {"responding", "monitored"})
            for at, _, each in versions
        )
        cases.append((f"{project}/{name}", answered))
    params = {} if case[0] == "medium" else {"level": level, "within": f"{days}d"}
    found = asked(pipeline, "risk_response_rate", period, **params)
    share_is(found, cases)
    assert found.open == waiting


def test_bad_parameters_of_the_risk_response():
    """A level that there is not, and a time that is not one, are refused by name."""
    portfolio = Portfolio.of(Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR))
    with pytest.raises(InputError, match="level="):
        portfolio.kpi("risk_response_rate", level="hgih")
    with pytest.raises(InputError, match="soon"):
        portfolio.kpi("risk_response_rate", within="soon")


def use(random: Random, now: datetime, name: str) -> LessonUse:
    """A lesson that is used, of this project or another."""
    return LessonUse(name, random.choice(("", "ask early")), random.choice(("", "d1", "d2", "old")))


def action(random: Random, now: datetime, name: str) -> ImprovementAction:
    """An action at any point of its way."""
    status = random.choice(("proposed", "accepted", "doing", "done", "verified", "ineffective", "rejected"))
    return ImprovementAction(
        name,
        owner=random.choice((None, *OWNERS)),
        lifecycle=random.choice(("", "selling")),
        status=status,
        accepted_on=near(random, now, 0.4),
    )


@pytest.mark.long
@given(SEEDS, st.booleans())
@example(seed=0, period=True)  # takes lines that few others do
def test_lessons_and_improvements(seed: int, period: bool):
    """New projects that use a lesson of another; accepted actions that were verified, also by owner."""
    pipeline = record(seed, use, action)
    new = [each for each in pipeline.all() if within(day_of(each.opened_at), period)]
    share_is(
        asked(pipeline, "lesson_reuse", period),
        [(each.id, any(u.lesson and u.project not in {"", each.id} for u in each.all(LessonUse))) for each in new],
    )
    cases: list[tuple[str, bool]] = []
    owners: dict[Any, list[bool]] = {}
    for (project, name), versions in kept(pipeline, ImprovementAction).items():
        last = versions[-1][2]
        if last is None or last.status in {"proposed", "rejected"}:
            continue
        since = versions[-1][0]
        for at, _, each in reversed(versions):
            if each is None or each.status in {"proposed", "rejected"}:
                break
            since = at
        day = last.accepted_on or day_of(since)
        if within(day, period):
            cases.append((f"{project}/{name}", last.status == "verified"))
            end = midnight(day + DAY) - timedelta(microseconds=1)
            owners.setdefault(last.owner or field_at(pipeline, project, "owner", end), []).append(cases[-1][1])
    found = asked(pipeline, "improvement_closure", period, by="owner")
    share_is(found, cases)
    assert found.open == sum(not met for _, met in cases)
    assert {name: each.numerator for name, each in found.groups.items()} == {
        name: sum(met) for name, met in owners.items()
    }


def training(random: Random, now: datetime, name: str) -> Training:
    """A training, with or without people."""
    people = random.choices(OWNERS, k=random.randint(0, 3))
    return Training(name, "talks", random.randint(1, 16), near(random, now, 1), members=tuple(people))


def member(random: Random, now: datetime, _name: str) -> Member:
    """Somebody with skills."""
    skills = {skill: random.randint(1, 5) for skill in ("talks", "demo") if random.random() < 0.7}
    return Member(random.choice(OWNERS), active=random.random() < 0.7, skills=skills)


def target(random: Random, now: datetime, name: str) -> SkillTarget:
    """A skill that a team needs, or one of its members."""
    whose = random.choice(("", "", *OWNERS))
    skill, level = random.choice(("talks", "demo")), random.randint(1, 5)
    return SkillTarget(name, skill, level, members=random.randint(1, 2), member=whose)


@pytest.mark.long
@pytest.mark.requirement("A16", "A47", "B28", "C36")
@given(SEEDS, st.booleans())
def test_training_and_skills(seed: int, period: bool):
    """Hours of everybody who took part; skills of the team of each project as they were at the end of the period."""
    pipeline = record(seed, training, member, target)
    trained = [(each, set(each.members)) for _, each in now_there(pipeline, Training) if within(each.held_on, period)]
    found = asked(pipeline, "training_hours", period, by="member")
    assert (found.value, found.skipped) == (
        sum(each.hours * len(people) for each, people in trained),
        sum(not people for _, people in trained),
    )
    assert {name: each.value for name, each in found.groups.items()} == {
        name: sum(each.hours for each, people in trained if name in people)
        for name in set().union(*(people for _, people in trained))
    }
    end = midnight(DAYS[1]) - timedelta(microseconds=1)
    cases: list[tuple[str, bool]] = []
    for project in pipeline.all():
        if period and project.opened_at > end:
            continue
        then = pipeline.as_of(project.id, min(end, Portfolio.of(pipeline).as_of)) if period else project
        for each in then.all(SkillTarget):
            able = [one.id for one in then.all(Member) if one.active and one.skills.get(each.skill, 0) >= each.level]
            covered = each.member in able if each.member else len(able) >= each.members
            cases.append((f"{project.id}/{each.id}", covered))
    share_is(asked(pipeline, "skill_coverage", period), cases)


WEIGHTS = {"self": 10, "peer": 25, "report": 20, "manager": 35, "customer": 10}


def answer(random: Random, now: datetime, name: str) -> Feedback:
    """A mark that somebody gave to a member, or to the project."""
    return Feedback(
        name,
        random.choice((*WEIGHTS, *WEIGHTS, "partner")),
        score=random.choice((None, 1, 2, "3.5", 5, 5, 7)),
        declined=random.random() < 0.1,
        member=random.choice((None, *OWNERS[:2])),
    )


def evaluated(marks: list[tuple[str, Decimal]], least: int = 3) -> Fraction | None:
    """The weighted mean over the groups with enough raters, in per cent of five."""
    groups = {group: [mark for name, mark in marks if name == group] for group in WEIGHTS}
    full = {
        group: given for group, given in groups.items() if len(given) >= (1 if group in {"self", "manager"} else least)
    }
    if not full:
        return None
    above = sum(WEIGHTS[group] * Fraction(sum(given)) / len(given) for group, given in full.items())
    return above / sum(WEIGHTS[group] for group in full) * 20


@pytest.mark.long
@given(SEEDS, st.booleans(), st.integers(1, 3))
@example(seed=3, period=True, least=3)  # takes lines that few others do
def test_the_evaluation_from_all_sides(seed: int, period: bool, least: int):
    """Groups of too few are left out and not shown; of several people the mean counts."""
    pipeline = record(seed, answer)
    marks: dict[str, list[tuple[str, Decimal]]] = {}
    left_out = 0
    for versions in kept(pipeline, Feedback).values():
        at, _, last = versions[-1]
        if last is None or last.member is None or last.source == "partner" or not within(day_of(at), period):
            continue
        if last.score is None or last.declined or last.score > 5:
            left_out += 1
        else:
            marks.setdefault(last.member, []).append((last.source, last.score))
    values = {name: evaluated(given, least) for name, given in marks.items()}
    there = [value for value in values.values() if value is not None]
    found = asked(pipeline, "evaluation_360", period, by="member", min_raters=least)
    assert found.value == (float(sum(there) / len(there)) if there else None)
    assert found.reason == (None if there else "too_few_raters" if marks else "no_cases")
    assert (found.n, found.skipped) == (sum(map(len, marks.values())), left_out)
    assert {name: each.value for name, each in found.groups.items()} == {
        name: None if value is None else float(value) for name, value in values.items()
    }
    shown = [row for row in found.rows if row["mean"] is not None]
    assert [] == [row for row in shown if row["raters"] < least and row["group"] not in {"self", "manager"}]


def test_the_evaluation_is_that_of_the_score():
    """The figure and the score of the same name rate a member alike."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="d")
    marks = {"self": (4,), "peer": (3, 4, 5), "manager": (5,), "report": (1, 1)}
    for group, several in marks.items():
        for number, mark in enumerate(several):
            pipeline.add("d", Feedback(f"{group}-{number}", group, score=mark, member="li.wei"))
    # (10 * 4 + 25 * 4 + 35 * 5) / 70, of five
    assert Portfolio.of(pipeline).kpi("evaluation_360").value == 90.0
    ten = Portfolio.of(pipeline).kpi("evaluation_360", scale=10, weights={"self": 1, "manager": 3})
    assert ten.value == 47.5


@over_cases(
    "params", [{"scale": 0}, {"min_raters": "3"}, {"min_raters": 1.5}, {"weights": {}}, {"weights": {"self": True}}]
)
def test_bad_parameters_of_the_evaluation(params: dict[str, Any]):
    """A scale, a least number or weights that cannot be meant are refused by name."""
    portfolio = Portfolio.of(Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR))
    with pytest.raises(InputError, match=next(iter(params))):
        portfolio.kpi("evaluation_360", **params)
