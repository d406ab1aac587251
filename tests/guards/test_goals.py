"""
The guard that asks for SMART goals.
"""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from salesflow import dossier
from salesflow.guards import goals_smart

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import ask, ask_one, context, project


SMART = dossier.Goal(
    "sales",
    "sales_amount",
    1100,
    unit="CNY",
    baseline=1000,
    subject="north team",
    direction="increase",
    source="ledger",
    supports="market_entry",
    start=date(2026, 4, 1),
    due=date(2026, 6, 30),
)


def goal(**changes):
    return attrs.evolve(SMART, **changes)


def codes(*goals, **params):
    return [v.code or v.status for v in ask(goals_smart, context(project(entries=goals)), **params)]


def one(changed, criterion, **params):
    return ask_one(goals_smart, context(project(entries=[changed])), criteria=(criterion,), **params)


@pytest.mark.requirement("A51", "B03", "E20")
def test_a_smart_goal_passes_five_times():
    """One verdict comes for each goal and criterion, all plain passes."""
    assert ["pass"] * 5 == codes(SMART)
    assert ["pass"] * 10 == codes(SMART, goal(id="more"))


@pytest.mark.requirement("D03")
def test_raising_sales_is_no_goal_but_by_ten_percent_next_quarter_is():
    """The two examples of the page that the rule comes from."""
    vague = dossier.Goal("vague", "sales_amount", direction="increase")
    exact = goal(target=10, percent=True)

    assert [
        "goal.not_specific",
        "goal.not_measurable",
        "goal.no_baseline",
        "goal.not_relevant",
        "goal.not_time_bound",
    ] == (codes(vague))
    assert ["pass"] * 5 == codes(exact)


def test_too_few_goals():
    """Missed and replaced goals do not count; attained ones do."""
    idle = [goal(id=status, status=status) for status in ("missed", "replaced")]
    (verdict,) = ask(goals_smart, context(project(entries=idle)), min_goals=2)

    assert ("goal.too_few", "fail", {"need": 2, "have": 0}) == (verdict.code, verdict.status, dict(verdict.evidence))
    assert "Live goals: 2 needed, 0 found." == verdict.message()
    assert "至少需要 2 个有效目标，目前只有 0 个。" == verdict.message("zh")
    assert ["pass"] * 5 == codes(goal(status="attained"))
    assert ["goal.too_few", *["pass"] * 5] == codes(SMART, min_goals=2)


def test_no_goal_is_fine_where_none_is_asked_for():
    """There is always an answer."""
    assert ["pass"] == codes(min_goals=0)


@pytest.mark.requirement("C03", "E34")
@over_cases(
    ("changes", "lacks"),
    [
        ({"metric": " "}, ("metric",)),
        ({"subject": ""}, ("subject",)),
        ({"direction": ""}, ("direction",)),
        ({"target": None}, ("target",)),
        ({"percent": True, "baseline": None}, ("baseline",)),
        ({"subject": "", "target": None, "percent": True, "baseline": None}, ("subject", "target", "baseline")),
    ],
)
def test_specific(changes, lacks):
    """Metric, subject, direction and a number are named; all that is absent is listed."""
    verdict = one(goal(**changes), "specific")

    assert ("goal.not_specific", lacks) == (verdict.code, verdict.evidence["lacks"])
    assert f"Goal sales is not specific; still open: {', '.join(lacks)}." == verdict.message()
    named = "、".join(dossier.name_of("attribute", each).zh for each in lacks)
    assert f"目标 sales 不够具体，尚缺：{named}。" == verdict.message("zh")


@pytest.mark.requirement("C04", "E34")
@over_cases(
    ("changes", "lacks"),
    [
        ({"unit": ""}, ("unit",)),
        ({"source": " "}, ("source",)),
        ({"metric": "smiles"}, ("metric",)),
        ({"metric": "", "unit": "", "source": ""}, ("metric", "unit", "source")),
    ],
)
def test_measurable(changes, lacks):
    """The metric is registered, and has a unit and a source."""
    verdict = one(goal(**changes), "measurable")

    assert ("goal.not_measurable", lacks) == (verdict.code, verdict.evidence["lacks"])


@pytest.mark.requirement("C04")
def test_a_host_registers_metrics_of_its_own():
    """What the guard names is as good as what comes along; the remedy offers both."""
    verdict = one(goal(metric="frowns"), "measurable", metrics=("smiles", "csat"))

    assert "pass" == one(goal(metric="smiles"), "measurable", metrics=("smiles",)).status
    assert (*dossier.KPIS, "smiles") == verdict.missing[0].params["metric_in"]


@pytest.mark.requirement("B02", "C05")
@over_cases(
    ("changes", "code"),
    [
        ({"target": 1500}, ""),
        ({"target": "1500.01"}, "goal.stretch"),
        ({"target": "1000.01"}, ""),
        ({"target": 1000}, "goal.no_challenge"),
        ({"target": 999}, "goal.stretch"),
        ({"target": 0}, "goal.stretch"),
        ({"target": 50, "percent": True}, ""),
        ({"target": 51, "percent": True}, "goal.stretch"),
        ({"target": 0, "percent": True}, "goal.no_challenge"),
        ({"target": 10, "percent": True, "direction": "decrease"}, "goal.stretch"),
        ({"metric": "dso", "target": 900}, ""),
        ({"metric": "dso", "target": 1100}, "goal.stretch"),
        ({"metric": "dso", "target": 600, "direction": "decrease"}, "goal.stretch"),
        ({"metric": "dso", "target": 667, "direction": "decrease"}, ""),
        ({"metric": "dso", "target": 1000}, "goal.no_challenge"),
        ({"metric": "dso", "target": 0}, "goal.stretch"),
        ({"metric": "dso", "target": 100, "percent": True, "direction": "decrease"}, "goal.stretch"),
        ({"metric": "dso", "target": 20, "percent": True, "direction": "decrease"}, ""),
        ({"metric": "dso", "target": 20, "percent": True, "direction": "increase"}, "goal.stretch"),
        ({"metric": "frowns", "target": 900, "direction": "decrease"}, ""),
        ({"metric": "frowns", "target": 1100, "direction": "decrease"}, "goal.stretch"),
        ({"metric": "smiles", "target": 1100, "direction": "reach"}, ""),
        ({"target": "1e40"}, "goal.stretch"),
    ],
)
def test_achievable(changes, code):
    """Both ends of the range are exact; for less, the ratio is turned round."""
    verdict = one(goal(**changes), "achievable")

    assert (code, "warn" if code else "block") == (verdict.code, verdict.spec.severity)
    if code:
        assert cured(goals_smart, project(entries=[goal(**changes)]), criteria=("achievable",))


@pytest.mark.requirement("B02", "C05")
def test_out_of_range_can_fail():
    """With stretch="fail" the range binds; standing still only warns even then."""
    far = one(goal(target=1600), "achievable", stretch="fail")
    still = one(goal(target=1000), "achievable", stretch="fail")

    assert ("goal.not_achievable", "block") == (far.code, far.spec.severity)
    assert (
        "Goal sales cannot be called achievable: target 1600, baseline 1000. "
        "The baseline must be positive, and the target within 1 to 1.5 times of it."
    ) == far.message()
    assert ("goal.no_challenge", "warn") == (still.code, still.spec.severity)
    assert "pass" == one(goal(target=1600), "achievable", stretch="fail", max_stretch=1.6).status


@pytest.mark.parametrize("baseline", [0, -5])
def test_a_baseline_without_a_ratio_fails(baseline):
    """Zero and less cannot be compared with, however far the range."""
    assert "goal.not_achievable" == one(goal(baseline=baseline), "achievable").code


def test_without_baseline_or_target_it_cannot_be_told():
    """Absent data is unknown, never passed."""
    answers = [one(goal(**{name: None}), "achievable") for name in ("baseline", "target")]

    assert [("unknown", "goal.no_baseline"), ("unknown", "goal.no_target")] == [(v.status, v.code) for v in answers]


def test_the_range_is_told():
    """The message says how far out the goal is."""
    verdict = one(goal(target=2000), "achievable")
    beyond = one(goal(metric="dso", target=0), "achievable")

    assert "Goal sales lies at 2 times the baseline 1000, outside of 1 to 1.5 times." == verdict.message()
    assert "目标 sales 为基线 1000 的 2 倍，超出 1 至 1.5 倍的范围。" == verdict.message("zh")
    assert "∞" == beyond.evidence["ratio"]


@pytest.mark.requirement("C06")
@over_cases(
    ("changes", "expected"),
    [
        ({"supports": "", "parent": "company"}, ""),
        ({"supports": "", "parent": None}, "goal.not_relevant"),
        ({"supports": " ", "parent": " "}, "goal.not_relevant"),
        ({"supports": "", "parent": "sales"}, "goal.not_relevant"),
    ],
)
def test_relevant(changes, expected):
    """A goal belongs to another goal or to the strategy; to itself is nothing."""
    assert expected == one(goal(**changes), "relevant").code


@pytest.mark.requirement("C07")
@over_cases(
    ("changes", "lacks"),
    [
        ({}, ()),
        ({"start": None}, ("start",)),
        ({"due": None}, ("due",)),
        ({"start": None, "due": None}, ("start", "due")),
        ({"start": None, "due": None, "status": "attained"}, ("start", "due")),
        ({"due": date(2026, 4, 1)}, ("due",)),
        ({"due": date(2026, 4, 2)}, ()),
        ({"approved_on": date(2026, 6, 30)}, ("due",)),
        ({"approved_on": date(2026, 6, 29)}, ()),
        ({"start": date(2026, 1, 1), "due": date(2026, 3, 2)}, ("due",)),
        ({"start": date(2026, 1, 1), "due": date(2026, 3, 2), "status": "attained"}, ()),
        ({"start": date(2026, 1, 1), "due": date(2026, 3, 3)}, ()),
        ({"start": date(2026, 1, 1), "due": date(2026, 3, 2), "approved_on": date(2026, 1, 1)}, ()),
        ({"due": date(2026, 7, 1)}, ("milestones",)),
        ({"due": date(2026, 7, 1), "milestones": (date(2026, 5, 1),)}, ()),
        ({"due": date(2026, 7, 1), "milestones": (date(2026, 7, 2),)}, ("milestones",)),
    ],
)
def test_time_bound(changes, lacks):
    """It starts before it is due, is due after its approval, and has a milestone over more than 90 days."""
    verdict = one(goal(**changes), "time_bound")

    assert ("goal.not_time_bound" if lacks else "", lacks) == (verdict.code, verdict.evidence.get("lacks", ()))
    assert cured(goals_smart, project(entries=[goal(**changes)]), criteria=("time_bound",))


@over_cases(
    "entries",
    [
        [],
        [dossier.Goal("vague")],
        [dossier.Goal("vague", percent=True)],
        [goal(baseline=-1, metric="smiles", unit="", supports="")],
        [goal(percent=True, target=80), goal(id="less", metric="dso", direction="decrease", percent=True, target=80)],
    ],
)
def test_the_remedies_lead_to_smart_goals(entries):
    """Whoever does what they say, and no more, gets through."""
    made = cured(goals_smart, project(entries=entries), min_goals=2)

    assert 2 <= len(made.all(dossier.Goal))


@over_cases("params", [{"min_goals": -1}, {"max_stretch": 0.9}, {"max_stretch": float("nan")}])
def test_parameters_without_sense_are_refused(params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match=r"must be .*at least \d"):
        goals_smart.factory(**params)
