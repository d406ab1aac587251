"""
Levels of a notice: it goes to more people until somebody acknowledges it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle, load_definition
from salesflow.effects import notify
from salesflow.errors import DefinitionError, InputError, UnknownProjectError
from salesflow.plugins import Recipient

from .cases import over_cases
from .test_quiet_hours import STORES, Clock, People


FRIDAY = datetime(2026, 3, 6, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LEVELS = [
    {"after": "1bd", "to": ["role:sales_director"]},
    {"after": "3d", "to": ["role:ceo", "owner"]},
]
KIM, ZHANG = Actor("kim"), Actor("zhang.min")


def lifecycle_of(*plugins, to=("owner",), escalate=LEVELS):
    """A lifecycle with a final move whose notice escalates, in working days from Monday to Friday."""
    return build_lifecycle(
        Definition(
            "short",
            stages=[Stage("start"), Stage("won", "won")],
            transitions=[Transition("go", "start", "won", effects=[notify(to, escalate=escalate)])],
            calendar="weekdays",
        ),
        plugins=list(plugins),
    )


def moved(*plugins, store=None, **options):
    """A pipeline with a notice that escalates, and its clock."""
    clock = Clock(FRIDAY)
    pipeline = Pipeline(lifecycle_of(*plugins, **options), store=store, actor=KIM, clock=clock)
    pipeline.open("Metro", id="P-1")
    pipeline.fire("P-1", "go")
    return pipeline, clock


def delivered(pipeline, clock, at):
    """Deliver at a time; return who got which level, and the reports."""
    got = []
    clock.now = at
    report = pipeline.deliver(lambda notice, _id: got.append((notice.to[0], notice.level)))
    return got, report


@pytest.mark.requirement("A17")
@pytest.mark.parametrize("kind", STORES)
def test_a_notice_escalates(tmp_path, kind):
    """
    Each level is told once its time has passed in the lifecycle's calendar, and no other time.
    """
    with STORES[kind](tmp_path) as store:
        pipeline, clock = moved(store=store)
        rounds = [FRIDAY, FRIDAY + 2 * DAY, FRIDAY + 3 * DAY - timedelta(seconds=1), FRIDAY + 3 * DAY, FRIDAY + 9 * DAY]
        got = [delivered(pipeline, clock, at)[0] for at in rounds]

    assert [[("owner", 0)], [], [], [("role:sales_director", 1), ("role:ceo", 2), ("owner", 2)], []] == got


@pytest.mark.untraced
@pytest.mark.parametrize("what", ["notice", "delivery", "project"])
@pytest.mark.parametrize("kind", STORES)
def test_acknowledged(tmp_path, kind, what):
    """
    A notice that somebody acknowledged goes to nobody else; that is on record, in a final stage too.
    """
    got = []
    with STORES[kind](tmp_path) as store:
        pipeline, clock = moved(store=store)
        pipeline.deliver(lambda notice, work_id: got.append({"notice": notice.id, "delivery": work_id}))
        ids = {**got[0], "project": "P-1"}
        written = pipeline.acknowledge(ids[what], actor=ZHANG)
        later, report = delivered(pipeline, clock, FRIDAY + 9 * DAY)
    ((held,),) = [tuple(each.values()) for kind, each in written.project.entries.items() if kind == "acknowledgement"]

    assert ([], 0, 2) == (later, report.done, report.void)
    assert ("zhang.min", FRIDAY, "zhang.min") == (held.entry.by, held.entry.at, held.by)


def test_a_later_notice_is_not_acknowledged():
    """
    A word for all notices of a project counts for those that it had left by then.
    """
    clock = Clock(FRIDAY)
    pipeline = Pipeline(lifecycle_of(), actor=KIM, clock=clock)
    pipeline.open("Metro", id="P-1")
    pipeline.acknowledge("P-1")
    pipeline.fire("P-1", "go")
    delivered(pipeline, clock, FRIDAY)
    got, _ = delivered(pipeline, clock, FRIDAY + 9 * DAY)

    assert 3 == len(got)


def test_acknowledged_while_it_is_put_off():
    """
    What waits for the end of quiet hours is not delivered if somebody acknowledged it in between.
    """
    people = People(Recipient("li.wei"), Recipient("zhang.min", quiet=("18:00", "09:30"), digest="17:00"))
    pipeline, clock = moved(people, to=("li.wei",), escalate=[{"after": "1h", "to": ["zhang.min"]}])
    pipeline.deliver()
    clock.now = FRIDAY + timedelta(hours=10)
    night = pipeline.deliver()
    pipeline.acknowledge("P-1")
    clock.now = FRIDAY + DAY + timedelta(hours=1)
    morning = pipeline.deliver()

    assert (1, 0, 1) == (night.later, morning.done, morning.void)
    assert ["li.wei"] == [to for to, _ in people.got]


def test_nobody_at_the_first_level():
    """
    Addresses at which nobody is found are dead letters, and the notice escalates all the same.
    """
    people = People(Recipient("zhang.min"))
    pipeline, clock = moved(people, escalate=[{"after": "1h", "to": ["zhang.min"]}])
    pipeline.deliver()
    (dead,) = pipeline.dead()
    clock.now += timedelta(hours=1)
    pipeline.deliver()

    assert ("owner", "nobody was found at owner") == (dead.addressee, dead.error)
    assert ["zhang.min"] == [to for to, _ in people.got]


def test_the_level_is_said():
    """
    The text of a notice that escalated says so, in the language of its recipient.
    """
    people = People(Recipient("zhang.min", lang="zh"))
    pipeline, clock = moved(people, to=("zhang.min",), escalate={"after": "1h", "to": "zhang.min"})
    pipeline.deliver()
    clock.now += timedelta(hours=1)
    pipeline.deliver()
    texts = [notice.text() for _, notice in people.got]

    assert [False, True] == [text.startswith("尚无人确认（升级 1 级）。") for text in texts]


@pytest.mark.parametrize("what", ["n:P-1:9:0", 5])
def test_nothing_to_acknowledge(what):
    """
    What is no notice of the project is refused.
    """
    pipeline, _ = moved()

    with pytest.raises(InputError, match="notice"):
        pipeline.acknowledge(what)


def test_an_unknown_project_to_acknowledge():
    """
    A project that the store does not have is refused as everywhere.
    """
    pipeline, _ = moved()

    with pytest.raises(UnknownProjectError):
        pipeline.acknowledge("n:P-2:1:0")


@over_cases(
    ("written", "said"),
    [
        ('{ after = "1w", to = ["owner"] }', "duration"),
        ('{ after = "0d", to = ["owner"] }', "more than zero"),
        ('{ after = "999999d", to = ["owner"] }', "at most 100 years"),
        ('{ after = "1d" }', "it takes after"),
        ("{}", "escalate has"),
        ('{ after = "1d", to = [] }', "names nobody"),
        ('{ after = "1d", to = ["role:Sales Director"] }', "role:Sales Director"),
        ('{ after = "1d", to = [5] }', "escalate.to has 5"),
        ('{ after = 5, to = ["owner"] }', "duration"),
        ('"1d"', "escalate"),
    ],
)
def test_escalations_that_cannot_be(written, said):
    """
    An unknown unit, a time that nobody can mean and an addressee that cannot be are faults of the build.
    """
    text = f"""
id = "short"
stages = [ {{ id = "start" }}, {{ id = "won", kind = "won" }} ]
[[transitions]]
id = "go"
source = "start"
target = "won"
effects = [ {{ use = "notify", to = ["owner"], escalate = {written} }} ]
"""
    with pytest.raises(DefinitionError, match=said) as caught:
        build_lifecycle(load_definition(text))

    (fault,) = caught.value.report.faults
    assert "transitions[0].effects[0]" == fault.path.removesuffix(".escalate")


@pytest.mark.parametrize("to", [("role:",), (" ",)])
def test_addressees_that_cannot_be(to):
    """
    An addressee that cannot be is a fault of the build in the notice itself as well.
    """
    with pytest.raises(DefinitionError, match="to has"):
        lifecycle_of(to=to)
