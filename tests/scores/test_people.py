"""
Scores of people: skills of a team, and what others say of a member.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from salesflow.dossier import Feedback, Member
from salesflow.scores import evaluation_360, skill_match

from ..cases import over_cases
from .factory import Deals, ask, shares


def held(*entries):
    deals = Deals()
    return deals.context(deals.deal("A", entries=entries))


TEAM = (
    Member("ann", skills={"radio": 4, "tender": 1}),
    Member("bo", skills={"tender": 2}),
    Member("cy", skills={"law": 5}, active=False),
)


@pytest.mark.requirement("C10")
def test_skill_match():
    """
    The best active member counts, no more than what is required, and who is away does not.
    """
    score = ask(skill_match, held(*TEAM), required={"radio": 3, "tender": 4, "law": 2})

    assert (50.0, 2) == (score.value, score.n)
    assert {"radio": 33.33, "tender": 16.67, "law": 0.0} == shares(score)
    assert {"radio": 4, "tender": 2, "law": 0} == {part.factor: part.value for part in score.contributions}


def test_skill_match_weights():
    """
    Skills may weigh more or less than one.
    """
    score = ask(skill_match, held(*TEAM), required={"radio": 3, "tender": 4}, weights={"radio": 3})

    assert 87.5 == score.value


def test_nobody():
    """
    Without an active member there is no value.
    """
    score = ask(skill_match, held(TEAM[2]), required={"law": 1})

    assert (None, "team.missing") == (score.value, score.code)


@over_cases(
    ("params", "said"),
    [
        ({"required": {}}, "at least one skill"),
        ({"required": {"law": 6}}, "from 1 to 5"),
        ({"required": {"law": 2}, "weights": {"radio": 1}}, "weights name radio"),
        ({"required": {"law": 2}, "weights": {"law": 0}}, "not all 0"),
    ],
)
def test_skill_parameters(params, said):
    """
    Levels and weights that cannot be matched are refused when the scorer is built.
    """
    with pytest.raises(ValueError, match=said):
        ask(skill_match, None, **params)


def answers(**groups):
    """Feedback about Ann, by group."""
    return [
        Feedback(f"{group}-{k}", group, score=mark, member="ann")
        for group, given in groups.items()
        for k, mark in enumerate(given)
    ]


@pytest.mark.requirement("A15")
def test_evaluation_360():
    """
    The weighted mean over all groups, in per cent of the scale.
    """
    given = answers(self=[5], peer=[4, 4, 4], report=[3, 4, 5], manager=[3], customer=[5, 5, 5])
    score = ask(evaluation_360, held(*given), member="ann")

    assert (77.0, 11) == (score.value, score.n)
    assert {"self": 10.0, "peer": 20.0, "report": 16.0, "manager": 21.0, "customer": 10.0} == shares(score)


@pytest.mark.requirement("A15")
def test_few_raters_are_left_out():
    """
    A group of two is left out, its marks are not shown, and the weights of the others make up for it.
    """
    score = ask(evaluation_360, held(*answers(self=[5], peer=[1, 1], manager=[3])), member="ann")
    peers = score.contributions[1]

    assert (round(100 * (10 * 1 + 35 * 0.6) / 45, 2), 2) == (score.value, score.n)
    assert (None, 0.0, "only 2 answered, fewer than 3, so the group is left out") == (
        peers.value,
        peers.share,
        peers.note.text(),
    )
    assert "仅 2 人评价，少于 3 人，故不计入" == peers.note.text("zh")


def test_what_is_no_answer():
    """
    What is about others, declined, unmarked, or from another group does not count.
    """
    others = [
        Feedback("a", "manager", score=1, member="bo"),
        Feedback("b", "manager", member="ann"),
        Feedback("c", "manager", score=1, member="ann", declined=True),
        Feedback("d", "stranger", score=1, member="ann"),
    ]
    score = ask(evaluation_360, held(*others), member="ann")

    assert (None, "survey.empty", ()) == (score.value, score.code, score.contributions)


def test_marks_off_the_scale():
    """
    A mark that the scale does not have is told, and nothing is made of the others.
    """
    codes = evaluation_360.codes
    score = ask(evaluation_360, held(*answers(manager=[80])), member="ann")

    assert (None, "survey.off_scale", ("80",)) == (score.value, score.code, score.evidence["marks"])
    assert "{marks}" in codes["survey.off_scale"].en


@over_cases("change", [{"scale": 0}, {"min_raters": 0}, {"weights": {"peer": 0}}])
def test_survey_parameters(change):
    """
    A scale, a number of raters and weights that make no mean are refused when the scorer is built.
    """
    with pytest.raises(ValueError, match=r"must be above 0|not all 0"):
        ask(evaluation_360, None, member="ann", **change)


marked = st.lists(st.integers(0, 5), max_size=5)


@given(marked, marked, marked)
def test_laws(own, peers, managers):
    """
    A value lies in its range and is the sum of what the groups add, whichever of them are left out.
    """
    score = ask(evaluation_360, held(*answers(self=own, peer=peers, manager=managers)), member="ann")
    told = bool(own or managers or len(peers) >= 3)

    assert told == (score.value is not None)
    assert (score.value or 0.0) == pytest.approx(sum(part.share for part in score.contributions), abs=0.006)
