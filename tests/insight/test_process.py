"""The KPIs of the process and of losses, against a second computation from facts and refused attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.dossier import Retrospective
from salesflow.errors import TransitionRefusedError
from salesflow.insight import Kpi, Portfolio
from salesflow.typing import Fact, Opened, Transitioned

from .selling import AUTHOR, LIFECYCLE, START, sell


GATED = load_lifecycle(
    text="""
id = "gated"
version = "1"
outcomes = ["undecided", "lost"]
[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "owner"
[[fields]]
id = "lost_reason"
[[stages]]
id = "a"
[[stages]]
id = "b"
[[stages]]
id = "paused"
kind = "hold"
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "go"
source = "a"
target = "b"
guards = [ { use = "fields_present", fields = ["amount"], id = "amount", override = { roles = ["lead"] } } ]
[[transitions]]
id = "back"
source = "b"
target = "a"
kind = "loop"
guards = [ { use = "loop_budget", transition = "back", max = 9 } ]
[[transitions]]
id = "note"
source = ["a", "b"]
target = "$same"
guards = [ { use = "fields_present", fields = ["owner"], id = "owner" } ]
[[transitions]]
id = "pause"
source = ["a", "b"]
target = "paused"
kind = "hold"
[[transitions]]
id = "resume"
source = "paused"
target = "$previous"
kind = "resume"
[[transitions]]
id = "lose"
source = ["a", "b"]
target = "gone"
kind = "exit"
outcome = "lost"
"""
)


def attempt(seed: int, **options: Any) -> Pipeline:
    """Drive projects at random, also against gates that refuse, and past some of them by an override."""
    random, now = Random(seed), [START]
    pipeline = Pipeline(GATED, clock=lambda: now[0], actor=Actor("li.wei", roles=("lead",)), **options)
    for number in range(6):
        pipeline.open("deal", id=f"d{number}")
    for _ in range(90):
        now[0] += timedelta(hours=random.randint(0, 40))
        name = f"d{random.randrange(6)}"
        if random.random() < 0.15:
            field = random.choice(("amount", "owner"))
            value = None if random.random() < 0.5 else Money(7, "CNY") if field == "amount" else "zhao"
            if pipeline.get(name).stage != "gone":
                pipeline.update(name, {field: value})
            continue
        # Some of them are not open from here: such an attempt is at no transition.
        trigger = random.choice(("go", "back", "note", "pause", "resume", "lose"))
        if trigger == "lose" and random.random() < 0.7:
            continue
        overrides = {"amount": "agreed by telephone"} if trigger == "go" and random.random() < 0.3 else {}
        with suppress(TransitionRefusedError):  # which is kept with the refused attempts
            pipeline.fire(name, trigger, overrides=overrides)
    return pipeline


PERIOD = START + timedelta(days=8), START + timedelta(days=40)


class Move(NamedTuple):
    """One move, read off a history by hand."""

    project: str
    fact: Fact
    body: Transitioned


def moves(pipeline: Pipeline) -> Sequence[Move]:
    """Every move of every project."""
    return [
        Move(project.id, fact, fact.body)
        for project in pipeline.all()
        for fact in pipeline.history(project.id)
        if isinstance(fact.body, Transitioned)
    ]


def within(at: datetime) -> bool:
    """Whether a time lies in the period of these tests."""
    return PERIOD[0] <= at < PERIOD[1]


def counted(kpi: Kpi) -> tuple[Any, Any, Sequence[str]]:
    """What a share was made of."""
    return kpi.numerator, kpi.denominator, sorted(kpi.evidence)


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_loops_and_overrides_equal_a_count_by_hand(seed: int):
    """Each loop counts, by transition; a move with an override counts once, however many guards it passed."""
    pipeline = attempt(seed)
    portfolio, every = Portfolio.of(pipeline), moves(pipeline)
    loops = [each for each in every if each.body.kind == "loop" and within(each.fact.at)]
    found = portfolio.kpi("loop_count", period=PERIOD, by="transition")
    assert (found.value, found.parts["projects"]) == (len(loops), len({each.project for each in loops}))
    assert {key: each.value for key, each in found.groups.items()} == ({"back": len(loops)} if loops else {})
    then = [each for each in every if within(each.fact.at)]
    rate = portfolio.kpi("override_rate", period=PERIOD)
    assert counted(rate) == (
        sum(bool(each.body.overrides) for each in then),
        len(then),
        sorted(each.project for each in then),
    )
    assert rate.value == (rate.numerator / rate.denominator if then else None)


def stays_by_version(facts: Sequence[Fact]) -> Mapping[int, int]:
    """The stay in which a project is after each version; a hold does not end the stay that it interrupts."""
    found, stay, last, held = dict[int, int](), 1, 1, 0
    for fact in facts:
        body = fact.body
        if isinstance(body, Transitioned) and body.kind == "resume":
            stay = held
        elif isinstance(body, Transitioned) and not body.stays:
            held, last = stay if body.kind == "hold" else held, last + 1
            stay = last
        found[fact.version] = stay
    return found


def first_attempts(pipeline: Pipeline) -> Sequence[tuple[str, str, datetime, bool]]:
    """Project, transition, time and whether it passed, of each first attempt in a stay."""
    found: dict[tuple[str, int, str], tuple[str, str, datetime, bool]] = {}
    refused = pipeline.store.refusals(limit=10_000).attempts
    for project in pipeline.all():
        facts = list(pipeline.history(project.id))
        stays = stays_by_version(facts)
        attempts = [
            (fact.version - 1, 1, fact.body.transition, fact.at, True)
            for fact in facts
            if isinstance(fact.body, Transitioned)
        ]
        attempts += [
            (each.version, 0, each.transition, each.at, False) for each in refused if each.project_id == project.id
        ]
        for version, _, transition, at, passed in sorted(attempts):
            if transition:
                found.setdefault((project.id, stays[version], transition), (project.id, transition, at, passed))
    return list(found.values())


@given(st.integers(0, 10_000))
def test_the_first_pass_rate_equals_a_count_by_hand(seed: int):
    """Only the first attempt in a stay counts; later ones and attempts after a hold are not the first."""
    pipeline = attempt(seed)
    every = first_attempts(pipeline)
    portfolio = Portfolio.of(pipeline)
    for period, chosen in ((None, every), (PERIOD, [each for each in every if within(each[2])])):
        kpi = portfolio.kpi("gate_first_pass_rate", period=period, by="transition")
        assert counted(kpi) == (
            sum(passed for *_, passed in chosen),
            len(chosen),
            sorted(name for name, *_ in chosen),
        )
        assert {key: each.n for key, each in kpi.groups.items()} == {
            key: sum(transition == key for _, transition, *_ in chosen) for key in {each[1] for each in chosen}
        }


def test_without_refusals_there_is_no_first_pass_rate():
    """A pipeline that records no refusals cannot say what passed at the first attempt."""
    kpi = Portfolio.of(attempt(3, log_refusals=False)).kpi("gate_first_pass_rate")
    assert (kpi.value, kpi.reason) == (None, "refusals_not_recorded")


@given(st.integers(0, 10_000))
def test_every_move_of_one_version_fits_it(seed: int):
    """Moves that were decided by the lifecycle are allowed by it, resumes and moves within a stage too."""
    pipeline = attempt(seed)
    kpi = Portfolio.of(pipeline).kpi("process_conformance")
    assert (kpi.numerator, kpi.denominator) == (len(moves(pipeline)), len(moves(pipeline)))


def test_moves_of_an_older_version_may_not_fit_the_newest():
    """A way that the newest version has closed is counted against it, and shown by transition."""
    text = """
    id = "plain"
    version = "{}"
    [[stages]]
    id = "a"
    [[stages]]
    id = "b"
    [[stages]]
    id = "c"
    kind = "closed"
    [[transitions]]
    id = "next"
    source = "a"
    target = "b"
    [[transitions]]
    id = "last"
    source = "b"
    target = "c"
    {}
    """
    straight = """
    [[transitions]]
    id = "straight"
    source = "a"
    target = "c"
    """
    old, new = load_lifecycle(text=text.format("1", straight)), load_lifecycle(text=text.format("2", ""))
    pipeline = Pipeline([old, new], clock=lambda: START, actor=AUTHOR)
    pipeline.open("one", id="one", lifecycle=old)
    pipeline.fire("one", "straight")
    pipeline.open("two", id="two", lifecycle=new)
    pipeline.fire("two", "next")
    kpi = Portfolio.of(pipeline).kpi("process_conformance", by="transition")
    assert (kpi.value, kpi.n) == (0.5, 2)
    assert {key: each.value for key, each in kpi.groups.items()} == {"next": 1.0, "straight": 0.0}


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_reviews_equal_a_count_by_hand(seed: int):
    """Of the projects that ended, those that have a retrospective now; one that was taken out again counts no more."""
    random, reviewed = Random(seed), set[str]()

    def review(pipeline: Pipeline, _: datetime) -> None:
        name = random.choice([each.id for each in pipeline.all()])
        if pipeline.get(name).stage in {"gone", "done"}:
            return
        if name in reviewed:
            pipeline.remove(name, "retrospective", "retrospective")
        else:
            pipeline.add(name, Retrospective())
        reviewed.symmetric_difference_update({name})

    pipeline, _ = sell(seed, listening=review)
    closed = {each.id: each.outcome for each in pipeline.all() if each.outcome != "undecided"}
    kpi = Portfolio.of(pipeline).kpi("review_coverage", by="class")
    assert counted(kpi) == (len(reviewed & closed.keys()), len(closed), sorted(closed))
    classes = {"won": "won", "lost": "lost", "dropped": "no_decision", "terminated": "won"}
    assert {key: each.n for key, each in kpi.groups.items()} == {
        key: sum(classes[each] == key for each in closed.values())
        for key in {classes[each] for each in closed.values()}
    }


@given(st.integers(0, 10_000))
def test_losses_equal_a_count_by_hand(seed: int):
    """By the stage that the project was lost from, with the amounts at the outcome; a reopened one is not lost."""
    pipeline, _ = sell(seed)
    lost: dict[tuple[None, str], list[Money | None]] = {}
    for project in pipeline.all():
        if project.outcome == "lost":
            last = next(
                fact
                for fact in reversed(list(pipeline.history(project.id)))
                if isinstance(fact.body, Transitioned) and fact.body.outcome == "lost"
            )
            body = last.body
            assert isinstance(body, Transitioned)
            then = pipeline.as_of(project.id, last.at)
            lost.setdefault((None, body.source), []).append(then.fields.get("amount"))
    kpi = Portfolio.of(pipeline).kpi("loss_breakdown")
    found = {
        (row["reason"], row["stage"]): (row["count"], row["amount"].amount if row["amount"] else Decimal(0))
        for row in kpi.rows
    }
    assert found == {
        key: (len(amounts), sum((each.amount for each in amounts if each), Decimal(0))) for key, amounts in lost.items()
    }
    assert kpi.skipped == sum(each is None for amounts in lost.values() for each in amounts)
    assert kpi.reason == (None if lost else "no_cases")


def test_losses_by_reason_without_amounts():
    """The most frequent reason comes first; without any amount there is no sum, and those without one are counted."""
    pipeline = Pipeline(GATED, clock=lambda: START, actor=AUTHOR)
    for number, reason in enumerate(("price", "timing", "price")):
        pipeline.open("deal", id=f"d{number}", fields={"lost_reason": reason})
        pipeline.fire(f"d{number}", "lose")
    kpi = Portfolio.of(pipeline).kpi("loss_breakdown", by="reason")
    assert list(kpi.rows) == [
        {"reason": "price", "stage": "a", "count": 2, "amount": None},
        {"reason": "timing", "stage": "a", "count": 1, "amount": None},
    ]
    assert (kpi.skipped, {key: each.n for key, each in kpi.groups.items()}) == (3, {"price": 2, "timing": 1})


def test_openings_are_no_moves():
    """A project that was only opened has no moves, so that there is no rate of them."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="d1")
    assert isinstance(next(iter(pipeline.history("d1"))).body, Opened)
    found = {name: Portfolio.of(pipeline).kpi(name).reason for name in ("override_rate", "process_conformance")}
    assert found == {"override_rate": "no_cases", "process_conformance": "no_cases"}
