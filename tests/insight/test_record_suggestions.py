"""Coaching, hiring needs and rewards, as figures suggest them, and as a dossier takes them."""

from __future__ import annotations

from datetime import date

import pytest

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.dossier import Goal, HiringNeed, Incentive, Member, Reward, SkillTarget
from salesflow.errors import InputError
from salesflow.insight import Portfolio, suggest_coaching, suggest_hiring, suggest_rewards

from .selling import AUTHOR, LIFECYCLE
from .test_comparison import deals


@pytest.mark.requirement("B21")
def test_a_diagnosis_becomes_a_coaching_action():
    """Who stands out is coached by what the rule recommends; the deals behind it are its evidence."""
    (found, _) = deals(("zhao", 40, 5, 100), ("wang", 40, 60, 900)).diagnose()
    action = suggest_coaching(found, coach="kim", due=date(2026, 3, 6), lang="zh")

    assert ("zhao", "high_conversion_low_value", "kim") == (action.member, action.because, action.coach)
    assert "安排谈判辅导：先谈价值、价格与范围，再谈折扣。" == action.text
    assert tuple(found.evidence) == action.evidence
    assert action.id == suggest_coaching(found).id != suggest_coaching(found, member="wang").id
    with pytest.raises(InputError, match="finding"):
        suggest_coaching("slow")  # type: ignore[arg-type]  # what a user may write


@pytest.mark.requirement("B21")
def test_a_risk_finding_becomes_a_coaching_action():
    """What a risk check recommends is done with a member who is named, and the dossier takes the action."""
    pipeline = Pipeline(load_lifecycle(text=LIFECYCLE_WITH_A_CHECK), actor=Actor("li.wei"))
    pipeline.open("Metro", id="D-1", entries=[Member("li.wei")])
    (found,) = pipeline.risks("D-1").findings
    action = suggest_coaching(found, member="li.wei")
    pipeline.add("D-1", action)

    assert ("skills", "fired") == (found.check, found.status)
    assert found.action.text("en") == action.text
    assert ("skills: negotiation",) == action.evidence
    with pytest.raises(InputError, match=r"coaching_action\.member"):
        suggest_coaching(found)


LIFECYCLE_WITH_A_CHECK = """
id = "selling"
[[stages]]
id = "start"
[[stages]]
id = "won"
kind = "won"
[[transitions]]
id = "win"
source = "start"
target = "won"
[[risks]]
use = "skill_gap"
id = "skills"
skills = { negotiation = 1 }
"""


@pytest.mark.requirement("D05")
def test_a_gap_in_skills_becomes_a_hiring_need():
    """Members who lack a skill are counted; targets that are covered, and those of one member, raise no need."""
    pipeline = Pipeline(LIFECYCLE, actor=AUTHOR)
    pipeline.open(
        "Metro",
        id="D-1",
        entries=[
            Member("li.wei", skills={"negotiation": 4, "demo": 2}),
            Member("zhao", skills={"negotiation": 2}),
            Member("gone", skills={"demo": 5}, active=False),
            SkillTarget("n", "negotiation", 3, members=3),
            SkillTarget("d", "demo", 2),
            SkillTarget("z", "demo", 5, member="zhao"),
        ],
    )
    pipeline.open("Tram", id="D-2", entries=[SkillTarget("d", "demo", 2)])
    found = suggest_hiring(Portfolio.of(pipeline), lang="zh")
    for project, need in found:
        pipeline.add(project, need)

    assert [("D-1", "skill-n", 2), ("D-2", "skill-d", 1)] == [(name, each.id, each.count) for name, each in found]
    assert "negotiation 达到 3 级的有 1 人，需要 3 人。" == found[0][1].reason
    assert ({"negotiation": 3},) == tuple(each.skills for each in pipeline.get("D-1").all(HiringNeed))


@pytest.mark.requirement("A50", "C38", "D24")
def test_a_goal_that_is_reached_makes_a_reward_due():
    """For the owner of the goal or the members it names; what was given, or is not reached, is not suggested."""
    pipeline = Pipeline(LIFECYCLE, actor=AUTHOR)
    goal = Goal("g", "visits", 50, actual=55, owner="li.wei")
    pipeline.open(
        "Metro",
        id="D-1",
        entries=[
            goal,
            Goal("nobody", "visits", 50, actual=55),
            Goal("open", "visits", 50, owner="li.wei"),
            Incentive("bonus", "g", amount=Money(5000, "CNY"), text="50 visits"),
            Incentive("dinner", "g", 1, members=["zhao", "wu"], type="praise"),
            Incentive("more", "g", "1.2"),
            Incentive("else", "other"),
            Incentive("none", "nobody"),
            Incentive("later", "open"),
            Reward("old", "wu", given_on=date(2026, 3, 2), incentive="dinner"),
        ],
    )
    found = suggest_rewards(Portfolio.of(pipeline))
    pipeline.add("D-1", *(reward for _, reward in found))

    assert [("li.wei", "bonus", "bonus"), ("zhao", "praise", "dinner")] == [
        (each.member, each.type, each.incentive) for _, each in found
    ]
    assert (Money(5000, "CNY"), "50 visits", "g", None) == (
        found[0][1].amount,
        found[0][1].reason,
        found[0][1].goal,
        found[0][1].given_on,
    )
    assert () == suggest_rewards(Portfolio.of(pipeline))
