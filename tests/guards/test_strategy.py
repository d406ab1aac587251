"""
Guards on strategy, tasks, risks, reviews and scorecards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from salesflow import dossier
from salesflow._params import call_factory
from salesflow._verdict import Remedy
from salesflow.guards._review import review_held, scorecard_at_least
from salesflow.guards._risk import risks_answered
from salesflow.guards._strategy import strategy_complete, tasks_decomposed

from .cures import cured
from .factory import DAY, NOW, VISIT, ask, ask_one, context, held, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


ENTRY = dossier.StrategyPart("market_entry", "Through partners.", owner="li.wei")


@pytest.mark.parametrize(
    ("part", "lacks"),
    [
        (ENTRY, None),
        (attrs.evolve(ENTRY, text="  "), ("text",)),
        (attrs.evolve(ENTRY, owner=None), ("owner",)),
        (dossier.StrategyPart("market_entry"), ("text", "owner")),
        (dossier.StrategyPart("other", "Text.", owner="li.wei"), ("text", "owner")),
    ],
)
def test_a_strategy_part_has_text_and_owner(part, lacks):
    """What is absent of it is listed."""
    verdict = ask_one(strategy_complete, context(project(entries=[part])), "market_entry")

    assert lacks == verdict.evidence.get("lacks")
    assert cured(strategy_complete, project(entries=[part]), "market_entry", "customer_development")


def test_each_strategy_part_has_its_verdict():
    """The guard says which parts it asks somebody to write, and which are missing."""
    first, second = ask(strategy_complete, context(project(entries=[ENTRY])), "market_entry", "pricing")

    assert ("pass", "strategy.part_missing") == (first.status, second.code)
    assert "The strategy lacks pricing; still open: text, owner." == second.message()
    assert "策略缺少 pricing 部分，待补充：text、owner。" == second.message("zh")
    assert (("strategy_part", "pricing"),) == tuple(call_factory(strategy_complete.asks, {"parts": ("pricing",)}))
    assert ["pass"] == found(strategy_complete, [])


OPENED = (NOW - 30 * DAY).date()
TASK = dossier.Task("t", "Visit", owner="li.wei", due=OPENED, part="market_entry")


@pytest.mark.parametrize(
    ("tasks", "codes"),
    [
        ([TASK], ["pass"]),
        ([attrs.evolve(TASK, status="done")], ["pass"]),
        ([attrs.evolve(TASK, status="dropped")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None)], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None, goal="market_entry")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, owner=" ")], ["task.no_owner"]),
        ([attrs.evolve(TASK, due=None)], ["task.no_due"]),
        ([attrs.evolve(TASK, owner=None, due=None)], ["task.no_owner", "task.no_due"]),
        ([attrs.evolve(TASK, due=OPENED - DAY)], ["task.outside_window"]),
        ([attrs.evolve(TASK, due=date(2026, 6, 30))], ["pass"]),
        ([attrs.evolve(TASK, due=date(2026, 7, 1))], ["task.outside_window"]),
        ([TASK, attrs.evolve(TASK, id="u", owner=None)], ["pass"]),
        ([attrs.evolve(TASK, due=None), attrs.evolve(TASK, id="u", owner=None)], ["task.no_due", "task.no_owner"]),
    ],
)
@pytest.mark.parametrize("close", [date(2026, 6, 30), datetime(2026, 6, 30, 23, tzinfo=UTC)])
def test_a_strategy_part_is_broken_down_into_tasks(tasks, codes, close):
    """One task with an owner and a day inside the project's time is enough; without one all shortfalls are told."""
    proposed = project(entries=[ENTRY, *tasks], fields={"expected_close": close})

    assert codes == [v.code or v.status for v in ask(tasks_decomposed, context(proposed), "strategy_part")]
    assert cured(tasks_decomposed, proposed, "strategy_part")


@pytest.mark.parametrize("fields", [{}, {"expected_close": "next summer"}])
def test_without_an_expected_close_the_window_stays_open(fields):
    """A lifecycle need not declare the field, nor as a date."""
    proposed = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2099, 1, 1))], fields=fields)
    early = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2025, 1, 1))], fields=fields)
    verdict = ask_one(tasks_decomposed, context(early), "strategy_part")

    assert "pass" == ask_one(tasks_decomposed, context(proposed), "strategy_part").status
    assert () == tuple(tasks_decomposed.reads("strategy_part"))
    assert verdict.message().endswith("(2026-01-31 to …).")


def test_a_close_before_the_opening_leaves_no_day():
    """Then the field must move as well, and the remedies say so."""
    fields = {"expected_close": date(2026, 1, 1)}
    remedy = Remedy("field", "expected_close", {"op": "ge", "value": OPENED})

    for tasks in ([], [TASK], [attrs.evolve(TASK, due=None)]):
        proposed = project(entries=[ENTRY, *tasks], fields=fields)
        verdict = ask_one(tasks_decomposed, context(proposed), "strategy_part")

        assert remedy == verdict.missing[-1]
        assert cured(tasks_decomposed, proposed, "strategy_part")


def test_goals_are_broken_down_into_tasks():
    """Only goals that count need tasks."""
    goals = [dossier.Goal("sales"), dossier.Goal("draft", status="draft")]
    done = attrs.evolve(TASK, part=None, goal="sales")

    assert ["task.undecomposed"] == found(tasks_decomposed, goals, "goal")
    assert ["pass"] == found(tasks_decomposed, [*goals, done], "goal")
    assert cured(tasks_decomposed, project(entries=goals), "goal")


@pytest.mark.parametrize("per", ["strategy_part", "goal"])
def test_nothing_to_break_down_is_unknown(per):
    """Blank data never opens a gate."""
    verdict = ask_one(tasks_decomposed, context(), per)

    assert ("unknown", "task.nothing_to_decompose") == (verdict.status, verdict.code)
    assert f"尚无 {per}，无法判断任务分解是否完整。" == verdict.message("zh")
    assert cured(tasks_decomposed, project(), per)


def test_shortfalls_of_tasks_are_told():
    """Both languages name task, subject and days."""
    late = attrs.evolve(TASK, owner=None, due=date(2026, 7, 1))
    nobody, outside = ask(
        tasks_decomposed,
        context(project(entries=[ENTRY, late], fields={"expected_close": date(2026, 6, 30)})),
        "strategy_part",
    )

    assert "Task t for market_entry has no owner." == nobody.message()
    assert (
        "Task t for market_entry is due on 2026-07-01, outside of the project's time (2026-01-31 to 2026-06-30)."
    ) == outside.message()
    assert "market_entry 的任务 t 截止于 2026-07-01，不在项目期间（2026-01-31 至 2026-06-30）内。" == outside.message("zh")


RISK = dossier.Risk("r", "Delay", probability=3, impact=5)
ANSWER = {"owner": "li.wei", "response": "Ask early.", "response_due": date(2026, 5, 1)}


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ([], ["risk.unregistered"]),
        ([dossier.RiskRegister()], ["risk.unregistered"]),
        ([dossier.RiskRegister(none_found=True)], ["pass"]),
        ([attrs.evolve(RISK, probability=1)], ["pass"]),
        ([attrs.evolve(RISK, probability=3, impact=3)], ["pass"]),
        ([attrs.evolve(RISK, probability=2)], ["risk.unanswered"]),
        ([attrs.evolve(RISK, probability=2, **ANSWER)], ["pass"]),
        ([RISK], ["risk.unanswered", "risk.no_contingency"]),
        ([attrs.evolve(RISK, **ANSWER)], ["risk.no_contingency"]),
        ([attrs.evolve(RISK, contingency="Plan B.", **ANSWER)], ["pass"]),
        ([attrs.evolve(RISK, status="closed"), attrs.evolve(RISK, id="s", status="occurred")], ["pass"]),
    ],
)
def test_risks(entries, codes):
    """There is a register; open risks of weight are answered, heavier ones have a contingency plan."""
    assert codes == found(risks_answered, entries)
    assert cured(risks_answered, project(entries=entries))


def test_open_risks_are_told():
    """What is open of each risk is listed, and the limits can be moved."""
    unanswered, bare = ask(risks_answered, context(project(entries=[RISK])))

    assert "Risk r (score 15) is not answered; still open: owner, response, response_due." == unanswered.message()
    assert "风险 r（评分 15）尚未应对，待补充：owner、response、response_due。" == unanswered.message("zh")
    assert "Risk r (score 15) needs a contingency plan." == bare.message()
    assert ["pass"] == found(risks_answered, [RISK], min_score=16, contingency_score=16)


REVIEW = dossier.Review("m1", type="project_review", held_at=NOW - 3 * DAY, attendees=["li.wei"], decision="Go on.")


@pytest.mark.parametrize(
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


def test_a_review_of_each_member():
    """Everybody active needs one; those who left do not."""
    people = [dossier.Member("li.wei"), dossier.Member("chen.yu"), dossier.Member("gone", active=False)]
    proposed = project(entries=[*people, attrs.evolve(REVIEW, member="li.wei")])
    done, missing = ask(review_held, context(proposed), "project_review", per="member")
    nobody = ask_one(review_held, context(), "project_review", per="member")

    assert ("pass", "review.missing", "chen.yu") == (done.status, missing.code, missing.evidence["about"])
    assert (
        "No complete review project_review of chen.yu was held in time; it needs a past date, attendees and a decision."
    ) == missing.message()
    assert "chen.yu 缺少按时召开且记录完整的 project_review 评审：需要已召开的日期、参会人和结论。" == missing.message("zh")
    assert ("unknown", "review.no_members") == (nobody.status, nobody.code)
    assert cured(review_held, proposed, "project_review", per="member")
    assert cured(review_held, project(), "project_review", per="member")


def card(*items):
    return dossier.Scorecard("feasibility", items)


def item(name, score=0, **more):
    return dossier.ScoreItem(name, score, **more)


@pytest.mark.parametrize(
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
    assert "评分表 feasibility 未满足必备条件：b、c。" == unmet.message("zh")
    assert "Scorecard feasibility comes to 59.99 of 100; 60 are needed." == low.message()
    assert "评分表 feasibility 得分 59.99，低于要求的 60 分。" == low.message("zh")
    assert Decimal("59.99") == low.evidence["score"]
    assert (("scorecard", "feasibility"),) == tuple(scorecard_at_least.asks("feasibility", min=60))


@pytest.mark.parametrize(
    ("guard", "args", "params"), [(review_held, ("r",), {"within_days": -1}), (scorecard_at_least, ("c", -1), {})]
)
def test_parameters_without_sense_are_refused(guard, args, params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match="at least 0"):
        guard.factory(*args, **params)
