"""
Guards on the team.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import dossier
from salesflow.guards import (
    cross_functional,
    goals_acknowledged,
    responsibility_clear,
    roles_filled,
    skills_covered,
)
from salesflow.typing import Remedy

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import ask, ask_one, context, project


LI = dossier.Member("li.wei", roles=["project_lead", "seller"], department="Sales")
CHEN = dossier.Member("chen.yu", roles=["engineer"], department="Delivery")
GONE = dossier.Member("gone", roles=["seller"], department="Legal", active=False)


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


@pytest.mark.requirement("A40", "E22")
@over_cases(
    ("members", "need", "code"),
    [
        ([LI, CHEN], 2, "pass"),
        ([LI, CHEN], 3, "team.single_department"),
        ([LI, GONE], 2, "team.single_department"),
        ([LI, dossier.Member("b", department=" Sales ")], 2, "team.single_department"),
        ([LI, dossier.Member("b")], 2, "team.single_department"),
        ([], 1, "team.single_department"),
        ([LI], 1, "pass"),
    ],
)
def test_departments_of_active_members_are_counted(members, need, code):
    """People who left, blank departments and stray spaces add none."""
    assert [code] == found(cross_functional, members, min_departments=need)


def test_a_single_department_is_told():
    """The message says which departments there are; the remedy asks for members of others."""
    verdict = ask_one(cross_functional, context(project(entries=[LI])), min_departments=3)
    nobody = ask_one(cross_functional, context())

    assert "The team needs active members of 3 departments; it has: Sales." == verdict.message()
    assert "团队需要来自 3 个部门的在岗成员，目前的部门：Sales。" == verdict.message("zh")
    assert {"active": True, "required": ("department",), "count": 2} == dict(verdict.missing[0].params)
    assert ("—",) == nobody.evidence["departments"]


def test_the_number_of_departments_has_a_sense():
    """No department at all is no team."""
    with pytest.raises(ValueError, match="min_departments"):
        cross_functional.factory(min_departments=0)


@pytest.mark.requirement("A11")
def test_roles_are_counted_one_by_one():
    """Each role has its verdict, in the order of the file; a person can hold several roles."""
    roles = {"project_lead": 1, "seller": 2, "engineer": 1}
    verdicts = ask(roles_filled, context(project(entries=[LI, CHEN, GONE])), roles)

    assert ["pass", "fail", "pass"] == [verdict.status for verdict in verdicts]
    assert {"role": "seller", "need": 2, "have": 1, "short": 1} == dict(verdicts[1].evidence)
    assert "Role seller is short of 1: 1 of 2 filled." == verdicts[1].message()
    assert "角色 seller 还缺 1 人：已有 1/2。" == verdicts[1].message("zh")
    assert (Remedy("entry", "member", {"active": True, "roles": ("seller",), "count": 1}),) == verdicts[1].missing


def test_no_roles_are_filled():
    """An empty table asks for nothing."""
    assert ["pass"] == found(roles_filled, [], {})


@pytest.mark.parametrize("members", [[], [LI, CHEN, GONE]])
def test_the_remedies_build_a_team(members):
    """Whoever does what they say gets through both guards."""
    proposed = cured(roles_filled, project(entries=members), {"seller": 3, "engineer": 1})

    assert cured(cross_functional, project(entries=[LI]))
    assert 3 == sum("seller" in m.roles and m.active for m in proposed.all(dossier.Member))


DUTY = dossier.Duty("bid", title="The bid", accountable=["li.wei"])


@pytest.mark.requirement("A10", "A12", "C09", "C33", "E15")
@over_cases(
    ("entries", "codes"),
    [
        ([LI, DUTY], ["pass"]),
        ([LI, dossier.Task("t", owner="li.wei")], ["pass"]),
        ([LI, dossier.Duty("bid", accountable=["li.wei", "li.wei", "stranger"])], ["pass"]),
        ([LI, DUTY, dossier.Duty("law")], ["duty.gap"]),
        ([LI, DUTY, dossier.Duty("law", accountable=["stranger"])], ["duty.gap"]),
        ([LI, GONE, DUTY, dossier.Duty("law", accountable=["gone"])], ["duty.gap"]),
        ([GONE, dossier.Duty("law", accountable=["gone"])], ["duty.gap"]),
        ([dossier.Duty("law")], ["duty.gap"]),
        ([dossier.Task("t", owner="stranger")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t", stage="initiation")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t", stage="closing")], ["pass"]),
        ([LI, DUTY, dossier.Task("t", status="done")], ["pass"]),
        ([LI, DUTY, dossier.Task("t", status="dropped")], ["pass"]),
        ([LI, CHEN, dossier.Duty("bid", accountable=["chen.yu", "li.wei"])], ["duty.overlap"]),
        ([LI, CHEN, DUTY], ["duty.idle"]),
        ([LI, CHEN, DUTY, dossier.Task("t", owner="chen.yu", status="done")], ["duty.idle"]),
        ([LI, CHEN, DUTY, dossier.Task("t", owner="chen.yu")], ["pass"]),
        ([], ["duty.none"]),
        ([LI], ["duty.none"]),
    ],
)
def test_responsibility(entries, codes):
    """Every duty and live task of the stage has one accountable active member, and the remedies lead there."""
    assert codes == found(responsibility_clear, entries)
    assert cured(responsibility_clear, project(entries=entries))


@pytest.mark.requirement("A12")
def test_responsibility_is_told():
    """Gaps and overlaps block, idleness warns, and nothing at all is unknown."""
    entries = [LI, CHEN, dossier.Member("wu"), dossier.Duty("a"), dossier.Duty("b", accountable=["chen.yu", "li.wei"])]
    gap, overlap, idle = ask(responsibility_clear, context(project(entries=entries)))
    none = ask_one(responsibility_clear, context(project(entries=[LI])))

    assert ["block", "block", "warn"] == [verdict.spec.severity for verdict in (gap, overlap, idle)]
    assert "No active member is accountable for duty a." == gap.message()
    assert "a（职责）没有在岗成员负责。" == gap.message("zh")
    assert "Several members are accountable for duty b: li.wei, chen.yu. Name one." == overlap.message()
    assert "b（职责）有多人负责：li.wei、chen.yu，请明确一人。" == overlap.message("zh")
    assert "Member wu has neither a duty nor a task in this stage." == idle.message()
    assert "成员 wu 在本阶段既无职责也无任务。" == idle.message("zh")
    assert ("unknown", "duty.none") == (none.status, none.code)
    assert ("li.wei",) == none.missing[0].params["accountable_in"]


SKILLED = attrs.evolve(LI, skills={"price": 3, "talk": 1})


@pytest.mark.requirement("C10")
@over_cases(
    ("members", "skills", "level", "codes"),
    [
        ([SKILLED], {"price": 1}, 3, ["pass"]),
        ([SKILLED], {"price": 1}, 4, ["skill.uncovered"]),
        ([SKILLED], {"price": 2}, 3, ["skill.uncovered"]),
        ([SKILLED], {"price": 1, "talk": 1, "law": 1}, 1, ["pass", "pass", "skill.uncovered"]),
        ([attrs.evolve(SKILLED, active=False)], {"price": 1}, 1, ["skill.uncovered"]),
        ([], {}, 1, ["pass"]),
    ],
)
def test_skills_are_covered_by_active_members(members, skills, level, codes):
    """So many of the team have each skill at the level; who has it joining is enough."""
    assert codes == found(skills_covered, members, skills, min_level=level)
    assert cured(skills_covered, project(entries=members), skills, min_level=level)


def test_what_an_uncovered_skill_says():
    """The skill, the level, and how many are missing."""
    verdict = ask_one(skills_covered, context(project(entries=[SKILLED])), {"price": 2}, min_level=3)

    assert "Skill price at level 3 or above: 1 of 2 active members have it." == verdict.message()
    with pytest.raises(ValueError, match="min_level is 0"):
        skills_covered.factory({"price": 1}, min_level=0)


GOAL = dossier.Goal("g", "csat", 90, acknowledged_by=["li.wei"])


@pytest.mark.requirement("B04", "C33")
@over_cases(
    ("entries", "by", "codes"),
    [
        ([GOAL, LI], "every_member", ["pass"]),
        ([GOAL, LI, CHEN], "every_member", ["goal.unacknowledged"]),
        ([GOAL, LI, CHEN], "seller", ["pass"]),
        ([GOAL, LI, CHEN], "engineer", ["goal.unacknowledged"]),
        ([GOAL, LI, GONE], "every_member", ["pass"]),
        ([GOAL, attrs.evolve(GOAL, id="h", acknowledged_by=[]), LI], "seller", ["pass", "goal.unacknowledged"]),
        ([attrs.evolve(GOAL, acknowledged_by=[" li.wei "]), LI], "every_member", ["pass"]),
        ([attrs.evolve(GOAL, status="missed"), LI], "every_member", ["goal.none"]),
        ([GOAL, GONE], "every_member", ["goal.nobody"]),
        ([GOAL, LI], "lawyer", ["goal.nobody"]),
    ],
)
def test_goals_are_acknowledged(entries, by, codes):
    """Every goal that counts by each who has to; doing so is enough, where there are a goal and a team."""
    assert codes == found(goals_acknowledged, entries, by=by)
    assert cured(goals_acknowledged, project(entries=entries), by=by)
