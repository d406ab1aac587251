"""The lesson library: what is like what, what is found in it, and when it is offered; and the pulse of a team."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Pipeline, build_lifecycle
from salesflow.dossier import Lesson, LessonUse, Party, PulseAnswer, Risk
from salesflow.errors import InputError, UnknownProjectError
from salesflow.insight import LessonMatch, LessonOffer, Portfolio, find_lessons, offer_lessons, suggest_risks
from salesflow.stores import MemoryStore
from salesflow.typing import Store

from ..past import put_past
from .selling import START


LIFECYCLE = build_lifecycle(
    text="""
id = "deal"
version = "1"
outcomes = ["undecided", "won", "lost"]
[[fields]]
id = "customer"
[[fields]]
id = "product"
[[stages]]
id = "offer"
label = { en = "Offer", zh = "报价" }
[[stages]]
id = "talks"
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "talk"
source = "offer"
target = "talks"
[[transitions]]
id = "lose"
source = ["offer", "talks"]
target = "gone"
kind = "exit"
outcome = "lost"
"""
)
DAY = timedelta(days=1)


def selling(store: Store | None = None, **options: object) -> Pipeline:
    """A pipeline whose clock goes on by a day each time."""
    days = iter(range(1, 10_000))
    return Pipeline(
        LIFECYCLE, store=store or MemoryStore(), clock=lambda: START + next(days) * DAY, actor=Actor("ann"), **options
    )


def lost(pipeline: Pipeline, name: str, *entries: object, **fields: str) -> None:
    """A project that was lost in its first stage, with entries."""
    pipeline.open(name, id=name, fields=fields, entries=entries)
    pipeline.fire(name, "lose")


def told(matches: Iterable[LessonMatch]) -> list[tuple[str, str, float | None]]:
    """Where each lesson comes from, its id, and how alike it is."""
    return [(each.project, each.lesson.id, each.likeness) for each in matches]


@pytest.mark.requirement("A30", "E26")
def test_the_most_alike_comes_first():
    """Customer counts 3, industry, stage and risk 2, each tag 1; what both have is divided by what either has."""
    pipeline = selling()
    telecom = Party("c", industry="Telecom")
    lost(pipeline, "same", Lesson("a", "Offer early.", tags=("cloud",)), telecom, customer="Hua Wei")
    lost(pipeline, "industry", Lesson("b", "Ask twice."), telecom, customer="Other")
    lost(pipeline, "risk", Lesson("c", "Look around.", risk_category="competition", stage="talks"))
    lost(pipeline, "none", Lesson("d", "Be kind.", stage="talks"))
    pipeline.open(
        "New",
        id="new",
        fields={"customer": " hua  wei", "product": "Cloud"},
        entries=[telecom, Party("x", type="partner"), Risk("r", category="competition"), Lesson("own", "Mine.")],
    )
    portfolio = Portfolio.of(pipeline)
    found = find_lessons(portfolio, "new")

    # The project has customer 3, industry 2, stage 2, risk 2 and a tag 1.
    expected = [("same", "a", 8 / 10), ("industry", "b", 4 / 13), ("risk", "c", 2 / 12)]
    assert expected == told(found)
    assert ["customer", "industry", "stage", "tag"] == [each.name for each in found[0].matched]
    text = "Offer early. (same, 2025-11-04): 80 % alike, by customer hua wei, industry Telecom, stage Offer, tag Cloud"
    assert text == found[0].text()
    text = "Offer early.（same，2025-11-04）：相似度 80 %，相同项：客户 hua wei、行业 Telecom、阶段 报价、标签 Cloud"
    assert text == found[0].text("zh")


@pytest.mark.requirement("A30")
def test_a_risk_finds_the_lessons_of_its_kind():
    """Of several risks the one that is meant counts; what occurred says what a lesson is about."""
    pipeline = selling()
    lost(pipeline, "p", Lesson("a", "Ask the partner."))
    lost(pipeline, "q", Lesson("b", "Watch the rival."))
    put_past(pipeline, "p", Risk("r", category="partner", status="occurred"))
    put_past(pipeline, "q", Risk("r", category="rival", status="occurred"))
    risks = [Risk("one", category="partner"), Risk("two", category="rival")]
    pipeline.open("New", id="new", entries=risks)
    pipeline.fire("new", "talk")
    portfolio = Portfolio.of(pipeline)

    assert [("q", "b", 2 / 8), ("p", "a", 2 / 8)] == told(find_lessons(portfolio, "new"))
    assert ["a"] == [each.lesson.id for each in find_lessons(portfolio, "new", risk="one")]
    with pytest.raises(InputError, match="Use one of one, two"):
        find_lessons(portfolio, "new", risk="three")


@pytest.mark.requirement("D18")
def test_lessons_suggest_risks():
    """What similar projects warn of, and nobody has registered, is suggested once, the most similar first."""
    pipeline = selling()
    lost(pipeline, "q", Lesson("b", "Watch the rival.", risk_category="rival"), Lesson("c", risk_category="Rival"))
    lost(pipeline, "s", Lesson("d", "Mind the law.", risk_category="law"), customer="North")
    pipeline.open("New", id="new", fields={"customer": "North"}, entries=[Risk("own", category="weather")])
    portfolio = Portfolio.of(pipeline)
    found = suggest_risks(portfolio, "new")

    assert found[:1] == suggest_risks(portfolio, "new", limit=1)
    assert {"lesson"} == {each.identified_by for each in found}
    assert [("Mind the law.", "law"), ("Watch the rival.", "rival")] == [(each.title, each.category) for each in found]
    pipeline.add("new", *found)
    portfolio.refresh()
    assert () == suggest_risks(portfolio, "new")
    with pytest.raises(InputError, match="limit="):
        suggest_risks(portfolio, "new", limit=0)


@pytest.mark.requirement("A16", "E26")
def test_the_library_is_searched():
    """By text and by tags, newest first; and by what somebody is looking for, without any project."""
    pipeline = selling()
    lost(pipeline, "p", Lesson("a", "Offer early.", tags=("good_case",), industry="Steel"), Lesson("b", "Ask twice."))
    lost(pipeline, "q", Lesson("c", "Offer late.", tags=("good_case", "price")))
    pipeline.open("New", id="new", entries=[LessonUse("u", "a", "p"), LessonUse("v", "a", "new")])
    portfolio = Portfolio.of(pipeline)

    assert ["c", "a", "b"] == [each.lesson.id for each in find_lessons(portfolio)]
    assert [1, 0] == [each.uses for each in find_lessons(portfolio, text="OFFER")][::-1]
    assert ["c", "a"] == [each.lesson.id for each in find_lessons(portfolio, tags="good_case")]
    assert ["c"] == [each.lesson.id for each in find_lessons(portfolio, tags=["good_case", "Price"])]
    assert [("p", "a", 2 / 5)] == told(find_lessons(portfolio, like={"industry": "steel"}))
    assert ["c"] == [each.lesson.id for each in find_lessons(portfolio, like={"tags": ["price"]}, limit=1)]
    assert ("Offer late. (q, 2025-11-06)", None) == (
        find_lessons(portfolio, limit=1)[0].text(),
        find_lessons(portfolio, limit=1)[0].likeness,
    )


@pytest.mark.requirement("E26")
def test_a_lesson_is_put_to_use():
    """What is offered can be put to use; doing so twice counts once."""
    pipeline = selling()
    lost(pipeline, "p", Lesson("a", "Offer early."), customer="North")
    pipeline.open("New", id="new", fields={"customer": "North"})
    portfolio = Portfolio.of(pipeline)
    (match,) = find_lessons(portfolio, "new")
    for note in ("At once.", "Next week."):
        pipeline.add("new", match.use(by="ann", at=START, note=note))
    portfolio.refresh()

    (use,) = pipeline.get("new").all(LessonUse)
    assert ("a", "p", "ann", START, "Next week.") == (use.lesson, use.project, use.by, use.at, use.note)
    assert [1] == [each.uses for each in find_lessons(portfolio, "new")]
    assert 0.5 == portfolio.kpi("lesson_reuse").value


def test_what_nobody_can_look_for():
    """An unknown project or trait, a text for traits or for a function, and a limit of none are refused."""
    portfolio = Portfolio.of(selling())
    with pytest.raises(UnknownProjectError):
        find_lessons(portfolio, "nobody")
    with pytest.raises(InputError, match="customer, industry, stage, risk_category, tags"):
        find_lessons(portfolio, like={"industy": "steel"})
    with pytest.raises(InputError, match="limit="):
        find_lessons(portfolio, limit=0)
    with pytest.raises(InputError, match="like=: 'metro'"):
        find_lessons(portfolio, like="metro")
    with pytest.raises(InputError, match="show=: 'panel'"):
        offer_lessons(portfolio, "panel")
    with pytest.raises(InputError, match="limit="):
        offer_lessons(portfolio, print, limit=0)


def test_a_lesson_that_is_gone_is_not_found():
    """What was taken out of the dossier is no lesson any more; a portfolio that is read on finds what is new."""
    pipeline = selling()
    lost(pipeline, "p", Lesson("a", "Offer early."))
    pipeline.open("Open", id="q", entries=[Lesson("b", "Ask twice."), Risk("r", category="rival")])
    pipeline.remove("q", "risk", "r")
    portfolio = Portfolio.of(pipeline)
    before = [each.lesson.id for each in find_lessons(portfolio)]
    pipeline.remove("q", "lesson", "b")
    portfolio.refresh()

    assert (["b", "a"], ["a"]) == (before, [each.lesson.id for each in find_lessons(portfolio)])


@pytest.mark.requirement("A30")
def test_lessons_are_offered():
    """When a project is opened, and when a risk is registered, not when it changes; where nothing is alike, nothing."""
    store, offers = MemoryStore(), list[LessonOffer]()
    lost(selling(store), "old", Lesson("a", "Offer early.", risk_category="rival"), customer="North")
    pipeline = selling(store, listeners=[offer_lessons(Portfolio.of(selling(store)), offers.append)])
    pipeline.open("New", id="new", fields={"customer": "north"})
    pipeline.open("Other", id="other")
    pipeline.fire("other", "talk")
    pipeline.add("other", Risk("r", category="rival"))
    pipeline.add("other", Risk("r", category="rival", probability=3))
    pipeline.add("other", Risk("s", category="weather"))

    found = [(each.project, each.risk, [match.lesson.id for match in each.matches]) for each in offers]
    assert [("new", None, ["a"]), ("other", None, ["a"]), ("other", "r", ["a"])] == found


WORDS = st.sampled_from(("", "a", "b"))
LESSONS = st.builds(
    lambda customer, stage, risk, tags: Lesson(
        "l", "Text.", customer=customer, stage=stage, risk_category=risk, tags=tags
    ),
    WORDS,
    WORDS,
    WORDS,
    st.lists(st.sampled_from("abc"), max_size=3),
)


@given(LESSONS, LESSONS)
def test_likeness_is_a_jaccard_index(first: Lesson, second: Lesson):
    """It lies between 0 and 1, is 1 for what is described alike, and is the same in both directions."""

    def described(lesson: Lesson) -> dict[str, object]:
        return {
            "customer": lesson.customer,
            "stage": lesson.stage,
            "risk_category": lesson.risk_category,
            "tags": lesson.tags,
        }

    def likeness(lesson: Lesson, like: Lesson) -> float:
        pipeline = selling()
        pipeline.open("P", id="p", entries=[lesson])
        found = find_lessons(Portfolio.of(pipeline), like=described(like))
        return (found[0].likeness or 0) if found else 0

    def pairs(lesson: Lesson) -> set[tuple[str, str]]:
        own = {(name, value) for name, value in described(lesson).items() if isinstance(value, str) and value}
        return own | {("tags", tag) for tag in lesson.tags}

    weights = {"customer": 3, "stage": 2, "risk_category": 2, "tags": 1}
    both, either = (
        sum(weights[name] for name, _ in each) for each in (pairs(first) & pairs(second), pairs(first) | pairs(second))
    )
    assert float(Fraction(both, either or 1)) == likeness(first, second) == likeness(second, first)


@pytest.mark.requirement("A54")
def test_the_pulse_of_a_team():
    """The mean of the answers of each month, by topic as well, with its trend; too few answers are not shown."""

    def answers(month: int, *scores: int | None) -> list[PulseAnswer]:
        day = datetime(2026, month, 5, tzinfo=START.tzinfo).date()
        return [PulseAnswer(f"a{month}-{n}", score, answered_on=day) for n, score in enumerate(scores)]

    pipeline = Pipeline(LIFECYCLE, clock=lambda: datetime(2026, 4, 30, tzinfo=START.tzinfo), actor=Actor("ann"))
    pipeline.open(
        "Team",
        id="team",
        entries=[
            *answers(1, 3, 3, 3),
            *answers(2, 4, 5, 3, None),
            *answers(3, 5, 5),
            PulseAnswer("w", 1, topic="workload", answered_on=datetime(2026, 1, 9, tzinfo=START.tzinfo).date()),
        ],
    )
    portfolio = Portfolio.of(pipeline)
    whole, spring = (portfolio.kpi("team_pulse", period=month) for month in ("2026-02", "2026-03"))

    assert (4, 1, 3) == (whole.value, whole.skipped, whole.n)
    assert (None, "too_few_answers") == (spring.value, spring.reason)
    assert {"cohesion": 3, "workload": None} == {
        name: each.value for name, each in portfolio.kpi("team_pulse", period="2026-01", by="topic").groups.items()
    }
    trend = portfolio.trend("team_pulse", period="2026-Q1")
    assert [2.5, 4, None] == [point.kpi.value for point in trend.points]
    assert "no_cases" == portfolio.kpi("team_pulse", period="2025").reason
