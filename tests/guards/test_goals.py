"""
Guards on goals.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import dossier
from salesflow.guards._cascade import goals_cascade, goals_cover
from salesflow.guards._goals import goals_smart

from .cures import cured
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


def test_a_smart_goal_passes_five_times():
    """One verdict comes for each goal and criterion, all plain passes."""
    assert ["pass"] * 5 == codes(SMART)
    assert ["pass"] * 10 == codes(SMART, goal(id="more"))


def test_raising_sales_is_no_goal_but_by_ten_percent_next_quarter_is():
    """The two examples of the page that the rule comes from."""
    vague = dossier.Goal("vague", "sales_amount", direction="increase")
    exact = goal(target=10, percent=True)

    assert ["goal.not_specific", "goal.not_measurable", "goal.no_baseline", "goal.not_relevant", "goal.not_time_bound"] == (
        codes(vague)
    )
    assert ["pass"] * 5 == codes(exact)


def test_too_few_goals():
    """Drafts, missed and replaced goals do not count; attained ones do."""
    idle = [goal(id=status, status=status) for status in ("draft", "missed", "replaced")]
    (verdict,) = ask(goals_smart, context(project(entries=idle)), min_goals=2)

    assert ("goal.too_few", "fail", {"need": 2, "have": 0}) == (verdict.code, verdict.status, dict(verdict.evidence))
    assert "At least 2 live goals are needed; there are 0." == verdict.message()
    assert "至少需要 2 个有效目标，目前只有 0 个。" == verdict.message("zh")
    assert ["pass"] * 5 == codes(goal(status="attained"))
    assert ["goal.too_few", *["pass"] * 5] == codes(SMART, min_goals=2)


def test_no_goal_is_fine_where_none_is_asked_for():
    """There is always an answer."""
    assert ["pass"] == codes(min_goals=0)


@pytest.mark.parametrize(
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
    assert f"目标 sales 不够具体，尚缺：{'、'.join(lacks)}。" == verdict.message("zh")


@pytest.mark.parametrize(
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


def test_a_host_registers_metrics_of_its_own():
    """What the guard names is as good as what comes along; the remedy offers both."""
    verdict = one(goal(metric="frowns"), "measurable", metrics=("smiles", "csat"))

    assert "pass" == one(goal(metric="smiles"), "measurable", metrics=("smiles",)).status
    assert (*dossier.METRICS, "smiles") == verdict.missing[0].params["metric_in"]


@pytest.mark.parametrize(
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

    assert "Goal sales lies at 2.00 times the baseline 1000, outside of 1 to 1.5 times." == verdict.message()
    assert "目标 sales 为基线 1000 的 2.00 倍，超出 1 至 1.5 倍的范围。" == verdict.message("zh")
    assert "∞" == beyond.evidence["ratio"]


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("params", [{"min_goals": -1}, {"max_stretch": 0.9}, {"max_stretch": float("nan")}])
def test_parameters_without_sense_are_refused(params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match=r"must be .*at least \d"):
        goals_smart.factory(**params)


def test_metrics_are_covered():
    """Each metric needs a live goal; the uncovered ones are listed together."""
    proposed = project(entries=[SMART, goal(id="c", metric="csat", status="draft")])
    verdict = ask_one(goals_cover, context(proposed), "sales_amount", "csat", "nps")

    assert ("goal.metric_uncovered", ("csat", "nps")) == (verdict.code, verdict.evidence["metrics"])
    assert "No live goal covers: csat, nps." == verdict.message()
    assert "以下指标没有对应的有效目标：csat、nps。" == verdict.message("zh")
    assert "pass" == ask_one(goals_cover, context(proposed), "sales_amount").status
    assert cured(goals_cover, proposed, "sales_amount", "csat", "nps")


def year(**changes):
    return goal(id="year", target=100, start=date(2026, 1, 1), due=date(2026, 12, 31), **changes)


def part(name, target, start=None, due=None, **changes):
    return goal(**{"id": name, "target": target, "parent": "year", "start": start, "due": due} | changes)


def cascade(*goals, **params):
    return ask(goals_cascade, context(project(entries=goals)), **params)


HALVES = [(date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31))]


def test_parts_that_make_up_the_whole():
    """Halves of the year, and teams over the year, add up and leave no day out."""
    halves = [part(f"h{n}", 50, *half) for n, half in enumerate(HALVES)]
    teams = [part(f"{team}{n}", 25, *half, subject=team) for team in "ab" for n, half in enumerate(HALVES)]

    assert ["pass"] == [v.status for v in cascade(year(), *halves)]
    assert ["pass"] == [v.status for v in cascade(year(), *teams)]


@pytest.mark.parametrize(
    "goals",
    [
        (),
        (year(),),
        (year(metric="csat"), part("a", 1, metric="csat")),
        (year(metric="smiles"), part("a", 1, metric="smiles")),
        (year(), part("a", 1, metric="csat")),
        (year(), part("a", 1, status="draft")),
        (year(status="replaced"), part("a", 1)),
        (year(parent="year"),),
    ],
)
def test_nothing_to_add_up_passes(goals):
    """No parts, rates, metrics nobody registered, other metrics and drafts are left alone."""
    assert ["pass"] == [v.status for v in cascade(*goals)]


@pytest.mark.parametrize(
    ("targets", "tolerance", "code"),
    [
        ((50, 49), 0.0, "goal.cascade_gap"),
        ((50, 49), 0.01, ""),
        ((50, 51), 0.01, ""),
        ((50, "51.01"), 0.01, "goal.cascade_gap"),
        ((60, 60), 0.01, "goal.cascade_gap"),
    ],
)
def test_the_tolerance_is_a_share_of_the_whole(targets, tolerance, code):
    """Exactly the tolerance passes; beyond it fails, short or over."""
    entries = [year(), *(part(f"p{n}", target) for n, target in enumerate(targets))]
    verdicts = cascade(*entries, tolerance=tolerance)

    assert [code] == [verdict.code for verdict in verdicts]
    assert cured(goals_cascade, project(entries=entries), tolerance=tolerance)


def test_targets_in_percent_are_added_as_numbers():
    """Ten percent upon a thousand is eleven hundred, and less where the goal is to decrease."""
    whole = goal(id="year", target=10, percent=True, start=None, due=None)
    down = part("b", 10, percent=True, baseline=200, direction="decrease")
    (verdict,) = cascade(whole, part("a", 900), down)

    assert (Decimal(1080), Decimal(1100)) == (verdict.evidence["total"], verdict.evidence["target"])
    assert "The parts of goal year add up to 1080 instead of 1100 (CNY)." == verdict.message()
    assert "目标 year 的分解合计为 1080，与目标值 1100 不符（CNY）。" == verdict.message("zh")


def test_units_that_differ_cannot_be_added():
    """It is unknown, and each part in another unit is named."""
    entries = [year(), part("a", 50, unit="USD"), part("b", 50, unit=" CNY ")]
    (verdict,) = cascade(*entries)

    assert ("unknown", "goal.unit_mismatch", ("a",)) == (verdict.status, verdict.code, verdict.evidence["parts"])
    assert cured(goals_cascade, project(entries=entries))


def test_goals_without_a_number_cannot_be_added():
    """It is unknown, and each of them is named, whole or part."""
    entries = [goal(id="year", target=None), part("a", 5), part("b", 5, percent=True, baseline=None)]
    (verdict,) = cascade(*entries)

    assert ("unknown", "goal.no_target", ("year", "b")) == (verdict.status, verdict.code, verdict.evidence["parts"])
    assert ("target",) == verdict.missing[0].params["required"]
    assert ("baseline",) == verdict.missing[1].params["required"]
    assert cured(goals_cascade, project(entries=entries))


def spans(verdicts):
    return [(v.code, v.evidence["first"].isoformat(), v.evidence["last"].isoformat()) for v in verdicts]


def test_days_between_the_parts_are_named():
    """Gaps before, between and after are found, each with its days."""
    entries = [
        year(),
        part("b", 50, date(2026, 7, 1), date(2026, 11, 30)),
        part("a", 50, date(2026, 1, 2), date(2026, 6, 28)),
    ]
    verdicts = cascade(*entries)

    assert [
        ("goal.period_gap", "2026-01-01", "2026-01-01"),
        ("goal.period_gap", "2026-06-29", "2026-06-30"),
        ("goal.period_gap", "2026-12-01", "2026-12-31"),
    ] == spans(verdicts)
    assert "No part of goal year covers 2026-06-29 to 2026-06-30 (north team)." == verdicts[1].message()
    assert "目标 year 在 2026-06-29 至 2026-06-30 期间没有分解目标（north team）。" == verdicts[1].message("zh")
    assert cured(goals_cascade, project(entries=entries))


def test_days_covered_twice_are_named():
    """The part that begins too early is named with the days."""
    entries = [year(), part("a", 50, *HALVES[0]), part("b", 50, date(2026, 6, 1), date(2026, 12, 31))]
    verdicts = cascade(*entries)

    assert [("goal.period_overlap", "2026-06-01", "2026-06-30")] == spans(verdicts)
    assert "b" == verdicts[0].evidence["part"]
    assert cured(goals_cascade, project(entries=entries))


def test_days_beyond_the_whole_are_named():
    """A part that reaches over the edge is told; one that lies outside covers nothing."""
    entries = [
        year(),
        part("a", 50, date(2025, 12, 1), date(2026, 6, 30)),
        part("b", 50, *HALVES[1]),
        part("c", 0, date(2027, 1, 1), date(2027, 1, 2)),
    ]
    verdicts = cascade(*entries)

    assert [("goal.period_outside", "a"), ("goal.period_outside", "c")] == [(v.code, v.evidence["part"]) for v in verdicts]


def test_parts_without_a_whole_period_are_held_against_each_other():
    """Where the whole has no dates, it reaches from the first part to the last."""
    undated = goal(id="year", target=100, start=None, due=None, subject="")
    parts = [part("a", 50, date(2026, 1, 1), date(2026, 1, 31), subject=""), part("b", 50, date(2026, 2, 2), date(2026, 2, 3), subject="")]
    backwards = [part("a", 100, date(2026, 1, 2), date(2026, 1, 1))]
    reversed_whole = goal(id="year", target=50, start=date(2026, 3, 1), due=None)

    assert [("goal.period_gap", "2026-02-01", "2026-02-01")] == spans(cascade(undated, *parts))
    assert ["pass"] == [v.status for v in cascade(undated, *backwards)]
    assert ["pass"] == [v.status for v in cascade(reversed_whole, part("a", 50, date(2026, 1, 1), date(2026, 1, 31)))]


FIRST = date(2026, 1, 1)
periods = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)), min_size=1, max_size=6)


@given(periods, st.integers(0, 20))
def test_tiling_agrees_with_counting_days(found, length):
    """Every day of the whole is in a gap, in an overlap or covered once, as counting says."""
    whole = goal(id="year", target=0, start=FIRST, due=FIRST + timedelta(length))
    parts = [
        part(f"p{n}", 0, FIRST + timedelta(start), FIRST + timedelta(start + more)) for n, (start, more) in enumerate(found)
    ]
    days = [FIRST + timedelta(n) for n in range(length + 1)]
    counted = {day: sum(each.start <= day <= each.due for each in parts) for day in days}
    told = {"goal.period_gap": set(), "goal.period_overlap": set(), "goal.period_outside": set()}
    for verdict in cascade(whole, *parts):
        if verdict.code:
            inside = [day for day in days if verdict.evidence["first"] <= day <= verdict.evidence["last"]]
            told[verdict.code].update(inside)

    assert {day for day, count in counted.items() if count == 0} == told["goal.period_gap"]
    assert {day for day, count in counted.items() if count > 1} == told["goal.period_overlap"]
    assert any(each.due > days[-1] for each in parts) == bool(told["goal.period_outside"])
