"""
Guards on reviews and scorecards.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from salesflow import dossier
from salesflow.guards import review_held, scorecard_at_least

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, VISIT, ask, ask_one, context, held, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


REVIEW = dossier.Review("m1", type="project_review", held_at=NOW - 3 * DAY, attendees=["li.wei"], decision="Go on.")


@pytest.mark.requirement("C11", "E24")
@over_cases(
    ("changes", "params", "status"),
    [
        ({}, {}, "pass"),
        ({"type": "other"}, {}, "fail"),
        ({"held_at": None}, {}, "fail"),
        ({"held_at": NOW}, {}, "pass"),
        ({"held_at": NOW + timedelta(microseconds=1)}, {}, "fail"),
        ({"attendees": ()}, {}, "fail"),
        ({"attendees": (" ",)}, {}, "fail"),
        ({"decision": " "}, {}, "fail"),
        ({}, {"within_days": 3}, "pass"),
        ({}, {"within_days": 2}, "fail"),
        ({}, {"since": "stage_entry"}, "pass"),
    ],
)
def test_a_review_was_held(changes, params, status):
    """It has a day that is not ahead, attendees and a decision, and is recent where that is asked."""
    entries = [attrs.evolve(REVIEW, **changes)]
    verdict = ask_one(review_held, context(project(entries=entries)), "project_review", **params)

    assert status == verdict.status
    assert cured(review_held, project(entries=entries), "project_review", **params)


@pytest.mark.parametrize(("version", "status"), [(VISIT.version, "fail"), (VISIT.version + 1, "pass")])
def test_a_review_of_an_earlier_visit_is_not_enough(version, status):
    """Recorded with the entry into the stage is before it."""
    proposed = project(entries=[held(REVIEW, version=version)])

    assert status == ask_one(review_held, context(proposed), "project_review", since="stage_entry").status
    assert cured(review_held, proposed, "project_review", since="stage_entry")


@pytest.mark.requirement("B23")
def test_a_review_of_each_member():
    """Everybody active needs one; those who left do not."""
    people = [dossier.Member("li.wei"), dossier.Member("chen.yu"), dossier.Member("gone", active=False)]
    proposed = project(entries=[*people, attrs.evolve(REVIEW, member="li.wei")])
    done, missing = ask(review_held, context(proposed), "project_review", per="member")
    nobody = ask_one(review_held, context(), "project_review", per="member")

    assert ("pass", "review.missing", "chen.yu") == (done.status, missing.code, missing.evidence["about"])
    assert (
        "No complete review project review of chen.yu was held in time; it needs a past date, attendees and a decision."
    ) == missing.message()
    assert "chen.yu 缺少按时召开且记录完整的 项目评审 评审：需要已召开的日期、参会人和结论。" == missing.message("zh")
    assert ("unknown", "review.no_members") == (nobody.status, nobody.code)
    assert cured(review_held, proposed, "project_review", per="member")
    assert cured(review_held, project(), "project_review", per="member")


def card(*items):
    return dossier.Scorecard("feasibility", items)


def item(name, score=0, **more):
    return dossier.ScoreItem(name, score, **more)


@pytest.mark.requirement("E07")
@over_cases(
    ("entries", "params", "codes"),
    [
        ([], {}, ["scorecard.missing"]),
        ([dossier.Scorecard("other", [item("a", 90)])], {}, ["scorecard.missing"]),
        ([card(item("a", 60))], {}, ["pass"]),
        ([card(item("a", "59.99"))], {}, ["scorecard.low"]),
        ([card(item("a", 100, weight=3), item("b", 20))], {}, ["pass"]),
        ([card(item("a", 100), item("b", 20, weight=2))], {}, ["scorecard.low"]),
        ([card(item("a", 60), item("b", 0, weight=0))], {}, ["pass"]),
        ([card(item("a", 100, weight=0))], {}, ["scorecard.low"]),
        ([card()], {}, ["scorecard.low"]),
        ([card(item("a", 90, met=True))], {"must_meet": ("a",)}, ["pass"]),
        ([card(item("a", 90))], {"must_meet": ("a",)}, ["scorecard.must_meet"]),
        ([card(item("a", 90, met=False))], {"must_meet": ("a", "b")}, ["scorecard.must_meet"]),
        ([card(item("a", 10))], {"must_meet": ("a",)}, ["scorecard.must_meet", "scorecard.low"]),
        ([card(item("a", 90))], {"evidence_required": True}, ["scorecard.low"]),
        ([card(item("a", 90, evidence="study"))], {"evidence_required": True}, ["pass"]),
        ([card(item("a", 90, evidence="study"), item("b", 90))], {"evidence_required": True}, ["scorecard.low"]),
    ],
)
def test_scorecards(entries, params, codes):
    """Must-meet items are met and the weighted score is high enough, both exactly; the remedies get there."""
    assert codes == found(scorecard_at_least, entries, "feasibility", 60, **params)
    assert cured(scorecard_at_least, project(entries=entries), "feasibility", 60, **params)


def test_scorecards_are_told():
    """The score is cut, not rounded up to what is needed, and every unmet item is listed."""
    proposed = project(entries=[card(item("a", "59.999"), item("b", 0, weight=0, met=False))])
    unmet, low = ask(scorecard_at_least, context(proposed), "feasibility", 60, must_meet=("b", "c"))

    assert "Scorecard feasibility does not meet what it must: b, c." == unmet.message()
    assert "评分表 可行性 未满足必备条件：b、c。" == unmet.message("zh")
    assert "Scorecard feasibility has 59.99 of 100; 60 are needed." == low.message()
    assert "评分表 可行性 得分 59.99，低于要求的 60 分。" == low.message("zh")
    assert Decimal("59.99") == low.evidence["score"]
    assert (("scorecard", "feasibility"),) == tuple(scorecard_at_least.asks("feasibility", min=60))


@pytest.mark.parametrize(
    ("guard", "args", "params"), [(review_held, ("r",), {"within_days": -1}), (scorecard_at_least, ("c", -1), {})]
)
def test_parameters_without_sense_are_refused(guard, args, params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match="at least 0"):
        guard.factory(*args, **params)
