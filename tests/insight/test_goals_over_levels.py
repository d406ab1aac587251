"""
Goals over levels: a split adds up exactly, and what does not is refused, or found with its gap and its place.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Definition, Field, Pipeline, Stage, Transition, build_lifecycle, load_lifecycle, replay
from salesflow.dossier import Goal
from salesflow.errors import InputError, InputErrors, UnknownProjectError
from salesflow.insight import check_split, goal_gaps, split_goal
from salesflow.typing import Append, Commit, Reparented

from ..cases import over_cases
from ..equipment import Clock
from ..pipeline_factory import LEAD


YEAR = Goal(
    "sales", "sales_amount", 1000, unit="CNY", start=date(2026, 1, 1), due=date(2026, 12, 31), direction="increase"
)
CHINA = load_lifecycle("simple_deal", time_zone="Asia/Shanghai", calendar="weekdays").calendar


def targets(parts):
    """The target of each part, by the end of its id."""
    return {part.id.removeprefix("sales-"): part.target for part in parts}


@pytest.mark.requirement("D01")
def test_a_year_to_quarters_months_and_days():
    """
    A year goes to quarters by their working days, a quarter to months, a month to days, and each adds up exactly.
    """
    quarters = split_goal(YEAR, "quarter", calendar=CHINA)
    months = split_goal(quarters[0], "month", calendar=CHINA, places=2)
    days = split_goal(months[1], "day", calendar=CHINA, places=2)

    assert {"2026-Q1": 245, "2026-Q2": 249, "2026-Q3": 253, "2026-Q4": 253} == targets(quarters)
    assert [(date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28))] == [
        (each.start, each.due) for each in months[:2]
    ]
    assert [245, months[1].target] == [sum(each.target for each in parts) for parts in (months, days)]
    assert ["sales", "sales-2026-Q1", "sales-2026-Q1-2026-02"] == [
        each.parent for each in (quarters[0], months[0], days[0])
    ]
    for whole, parts in ((YEAR, quarters), (quarters[0], months), (months[1], days)):
        check_split(whole, parts)


def test_days_of_rest_belong_to_the_working_day_before_them():
    """
    Days cover the whole span: a weekend lies in the part of its Friday, and one at the beginning has a part of its own.
    """
    march = attrs.evolve(YEAR, start=date(2026, 2, 28), due=date(2026, 3, 9))
    days = split_goal(march, "day", calendar=CHINA)

    assert [date(2026, 2, 28), date(2026, 3, 2)] == [each.start for each in days[:2]]
    assert (date(2026, 3, 6), date(2026, 3, 8)) == (days[5].start, days[5].due)
    assert [0, 167, 167, 167, 167, 166, 166] == [int(each.target) for each in days]


@over_cases(
    ("into", "expected"),
    [
        (("north", "south", "west"), {"north": "333.34", "south": "333.33", "west": "333.33"}),
        ({"north": 2, "south": 1}, {"north": "666.67", "south": "333.33"}),
        ({"north": Decimal("0.5"), "south": 0}, {"north": "1000.00", "south": "0.00"}),
        ("week", None),
        ("year", {"2026": "1000.00"}),
    ],
)
def test_what_is_left_over(into, expected):
    """
    Units that are left over go to the parts that lost most by rounding down, the first of equals first.
    """
    parts = split_goal(YEAR, into, places=2)
    found = {name: str(target) for name, target in targets(parts).items()}

    assert Decimal(1000) == sum(part.target for part in parts)
    assert found == (expected or found)
    if expected is None:
        assert ("2026-W01", "2026-W53", 53) == (min(found), max(found), len(found))


def test_a_part_is_a_goal_of_somebody_below():
    """
    A part names its goal and what it is about, is a draft of version 1, and nobody has fixed or reached it yet.
    """
    (part, _) = split_goal(attrs.evolve(YEAR, owner="li.wei", actual=5, approved_on=date(2026, 1, 1)), ["wei", "zhao"])

    assert ("sales-wei", "wei", "sales", "draft", 1, None, None) == (
        part.id, part.subject, part.parent, part.status, part.version, part.approved_on, part.actual,
    )  # fmt: skip
    assert ("sales_amount", "CNY", "increase") == (part.metric, part.unit, part.direction)


def test_a_split_again_makes_versions():
    """
    Of what was split before, a part that promises the same stays as it is, and another one has the next version.
    """
    first = [attrs.evolve(each, status="active", owner="li.wei") for each in split_goal(YEAR, {"a": 1, "b": 1})]
    more = attrs.evolve(YEAR, target=Decimal(1500))
    same, again = split_goal(YEAR, ["a", "b"], former=first), split_goal(more, {"a": 1, "b": 2}, former=first)

    assert tuple(first) == same
    assert [(1, 500), (2, 1000)] == [(each.version, each.target) for each in again]
    assert [("active", "li.wei"), ("draft", "li.wei")] == [(each.status, each.owner) for each in (same[1], again[1])]


@given(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.lists(st.fractions(0, 10, max_denominator=50), min_size=1, max_size=12).filter(any),
    st.integers(2, 5),
)
def test_every_split_adds_up(target, weights, places):
    """
    Whatever the weights, the parts add up exactly, and each is off its exact share by less than the last place.
    """
    named = {f"m{number}": Decimal(each.numerator) for number, each in enumerate(weights)}
    if not any(named.values()):
        named["m0"] = Decimal(1)
    parts = split_goal(attrs.evolve(YEAR, target=target), named, places=places)
    whole = sum(map(Fraction, named.values()))

    assert target == sum(part.target for part in parts)
    assert all(
        abs(Fraction(part.target) - Fraction(target) * Fraction(weight) / whole) < Fraction(1, 10**places)
        for part, weight in zip(parts, named.values(), strict=True)
    )


@over_cases(
    ("changed", "into", "more", "said"),
    [
        ({"metric": "win_rate"}, ["a"], {}, "do not add up"),
        ({"target": None}, ["a"], {}, "Only an absolute target"),
        ({"percent": True}, ["a"], {}, "Only an absolute target"),
        ({"due": None}, "month", {}, "first and last day"),
        ({"due": date(2025, 1, 1)}, "month", {}, "first and last day"),
        ({}, [], {}, "nothing to split"),
        ({}, {"a": 0}, {}, "nothing to split"),
        ({}, {"a": -1}, {}, "not below 0"),
        ({}, "decade", {}, "quarter, month, week, day.$"),
        ({}, "quaters", {}, "Did you mean 'quarter'"),
        ({"target": Decimal("0.005")}, ["a"], {"places": 2}, "decimal places"),
        ({}, ["a"], {"places": -1}, "decimal places"),
        ({}, ["a"], {"places": 13}, "decimal places"),
        ({"start": date(2026, 3, 7), "due": date(2026, 3, 8)}, "week", {"calendar": CHINA}, "nothing to split"),
    ],
)
def test_what_cannot_be_split(changed, into, more, said):
    """
    Rates, goals without a target or dates, and weights that are none are refused by name, with what to do.
    """
    with pytest.raises(InputError, match=said):
        split_goal(attrs.evolve(YEAR, **changed), into, **more)


def test_a_split_by_hand_that_does_not_add_up():
    """
    Parts that were changed by hand are refused by name, with everything that is wrong, in both languages.
    """
    north, south = split_goal(YEAR, ["north", "south"])
    with pytest.raises(InputError, match=r"goal 'sales'.*add up to 900 instead of 1000") as caught:
        check_split(YEAR, [north, attrs.evolve(south, target=Decimal(400))])
    quarters = split_goal(YEAR, "quarter")
    with pytest.raises(InputErrors) as several:
        check_split(YEAR, quarters[:3])

    assert 900 == caught.value.value
    assert "合计为 900" in caught.value.text("zh")
    assert 2 == len(several.value.problems)


LEVEL = build_lifecycle(
    Definition(
        "level",
        fields=(Field("owner"),),
        stages=(Stage("on", "open"), Stage("off", "closed")),
        transitions=(Transition("end", "on", "off"),),
    )
)


def company():
    """
    A company with two teams, of which one has a member, each with a goal that is a part of the one above.
    """
    pipeline = Pipeline(LEVEL, clock=Clock(), actor=LEAD)
    below = {"company": None, "north": "company", "south": "company", "wei": "north"}
    for name, parent in below.items():
        pipeline.open(name, id=name, parent=parent)
    active = split_goal(YEAR, ["north", "south"])
    (mine,) = split_goal(active[0], ["wei"])
    pipeline.add("company", YEAR)
    pipeline.add("north", active[0])
    pipeline.add("south", active[1])
    pipeline.add("wei", mine)
    return pipeline


@pytest.mark.requirement("D01")
def test_a_gap_is_found_with_its_place():
    """
    A team's goal that was changed leaves a gap above it and below it, each with whose it is and how large.
    """
    pipeline = company()
    before = goal_gaps(pipeline, "company")
    north = pipeline.get("north").all(Goal)[0]
    pipeline.add("north", attrs.evolve(north, target=Decimal(600), version=2))
    over, under = goal_gaps(pipeline, "company")

    assert () == before
    assert [("company", "sales", -100), ("north", "sales-north", 100)] == [
        (each.project_id, each.goal.id, each.gap) for each in (over, under)
    ]
    assert (
        "company: The parts of goal sales add up to 1100 instead of 1000 (CNY). Below it: north 600 CNY, south 500 CNY."
        == over.text()
    )
    assert over.text("zh").startswith("company：目标 sales 的分解合计为 1100")
    assert (under,) == goal_gaps(pipeline, "north")
    assert (under,) == goal_gaps(pipeline, "company", tolerance=0.1)[-1:]


def test_what_cannot_be_added():
    """
    Parts in another unit are found without a gap; a project that is not there is named.
    """
    pipeline = company()
    wei = pipeline.get("wei").all(Goal)[0]
    pipeline.add("wei", attrs.evolve(wei, unit="EUR"))
    (found,) = goal_gaps(pipeline, "company")

    assert ("north", "goal.unit_mismatch", None) == (found.project_id, found.verdict.code, found.gap)
    with pytest.raises(UnknownProjectError):
        goal_gaps(pipeline, "nowhere")
    with pytest.raises(InputError, match="not below 0"):
        goal_gaps(pipeline, "company", tolerance=-0.1)


def test_a_circle_comes_to_an_end():
    """
    Two writers at once may have made a circle of parents; each project is looked at once.
    """
    pipeline = company()
    head = pipeline.get("company")
    fact = attrs.evolve(pipeline.history("company")[-1], version=head.version + 1, body=Reparented("wei", None))
    after = replay([*pipeline.history("company"), fact])
    pipeline.store.commit(Commit((Append(head.version, fact, after),)))

    assert () == goal_gaps(pipeline, "company")
