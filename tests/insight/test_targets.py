"""Goals and targets against what came, frozen versions, success rates, and snapshots that keep figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from salesflow import Actor, Pipeline, load_lifecycle
from salesflow.dossier import (
    Appraisal,
    AppraisalCriterion,
    Goal,
    Issue,
    KpiSnapshot,
    KpiTarget,
    KpiValue,
    SuccessCriterion,
)
from salesflow.errors import InputError, InputErrors, UnknownProjectError
from salesflow.insight import Kpi, Portfolio, TargetFigure, snapshot

from ..cases import over_cases
from .test_forecast import TEXT, cny, deal


PERIOD = """
id = "quarter"
version = "1"
calendar = "calendar_days"
fields = [ { id = "period_start", type = "date" }, { id = "period_end", type = "date" }, { id = "owner" } ]
stages = [ { id = "running" }, { id = "done", kind = "closed" } ]
[[transitions]]
id = "end"
source = "running"
target = "done"
guards = [ { use = "approval", name = "plan", roles = ["chief"], binds = ["goal", "kpi_target"] } ]
"""
PROMISED = """
kpi_targets = { win_rate = 0.6, sales_amount = "much", project_success_rate = 0.5 }
"""
DEALS, QUARTER = load_lifecycle(text=TEXT.replace("outcomes =", PROMISED + "outcomes =")), load_lifecycle(text=PERIOD)
START = datetime(2026, 1, 1, tzinfo=UTC)
JANUARY = {"start": date(2026, 1, 1), "due": date(2026, 1, 31)}
APPROVED = {**JANUARY, "approved_on": date(2025, 12, 20)}
Clock = Callable[[int], None]


def running() -> tuple[Pipeline, Clock]:
    """A pipeline with a period project for the first quarter of 2026, and what sets its clock to a day of January."""
    now = [START]
    pipeline = Pipeline([DEALS, QUARTER], clock=lambda: now[0], actor=Actor("li.wei"))
    period = {"period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)}
    pipeline.open("first quarter", id="q1", lifecycle=QUARTER, fields=period)

    def day(number: int) -> None:
        now[0] = START + timedelta(days=number - 1)

    return pipeline, day


def won(pipeline: Pipeline, name: str, amount: int, owner: str = "li.wei", entries: Sequence[Any] = ()) -> None:
    """Open a deal with these entries, and win it."""
    pipeline.open("deal", id=name, lifecycle=DEALS, fields=deal(amount, owner=owner), entries=entries)
    pipeline.fire(name, "win")


def results(portfolio: Portfolio) -> dict[str, TargetFigure]:
    """The results of goals and targets, by id, or id and version where there are several."""
    found: dict[str, TargetFigure] = {}
    for each in portfolio.targets():
        found[f"{each.id}/{each.version}" if each.id in found else each.id] = each
    return found


@pytest.mark.requirement("A09")
def test_a_period_project_promises_for_all_projects():
    """What came in the time of the target counts, of everybody or of a group; half the time gone is twice the pace."""
    pipeline, day = running()
    pipeline.add(
        "q1",
        KpiTarget("all", "sales_amount", 1_000, unit="CNY", owner="zhao", **APPROVED),
        KpiTarget("li", "sales_amount", 400, group={"owner": "li.wei"}, **APPROVED),
        KpiTarget("quarter", "sales_amount", 1_000, start=date(2026, 1, 1), due=date(2026, 3, 31)),
        Goal("cycle", "cycle_time", 10, start=date(2026, 1, 1), due=date(2026, 1, 31)),
    )
    day(11)
    won(pipeline, "a", 300)
    won(pipeline, "b", 200, "zhao")
    day(16)
    pipeline.add("q1", Goal("slow", "response_time", 4, unit="hours", direction="decrease", actual=8))
    day(17)
    found = results(Portfolio.of(pipeline))
    month = found["all"]
    assert (month.actual, month.attainment, month.attained) == (cny(500), 0.5, False)
    assert month.pace == pytest.approx(0.5 / (16 / 31))
    assert (month.period and month.period.name, month.approved, month.unit) == ("2026-01", True, "CNY")
    assert (found["li"].actual, found["li"].attainment) == (cny(300), 0.75)
    assert (found["quarter"].period and found["quarter"].period.name, found["quarter"].approved) == ("2026-Q1", False)
    assert (found["slow"].attainment, found["slow"].attained, found["slow"].pace) == (0.5, False, None)
    assert (found["cycle"].actual, found["cycle"].reason) == (0.0, "zero_below")


def test_a_project_promises_for_itself():
    """A goal of an ordinary project is about that project, and a host's own metric needs an actual."""
    pipeline, _ = running()
    won(pipeline, "b", 200)
    entries = (
        KpiTarget("own", "sales_amount", 600),
        KpiTarget("team", "sales_amount", 600, group={"owner": "li.wei"}),
        KpiTarget("both", "sales_amount", 600, group={"owner": "li.wei", "forecast": "commit"}),
        KpiTarget("unknown", "sales_amount", 600, group={"department": "east"}),
        KpiTarget("euros", "sales_amount", 600, unit="EUR"),
        KpiTarget("none", "sales_amount"),
        KpiTarget("variant", "sales_amount", 1, variant="shipped"),
        KpiTarget("itself", "attainment", 1),
        KpiTarget("growth", "sales_growth", 1),
        KpiTarget("rows", "loss_breakdown", 1),
        Goal("smiles", "smiles", 3),
        Goal("percent", "margin", 10, percent=True, baseline=200, actual=231),
    )
    won(pipeline, "a", 300, entries=entries)
    found = results(Portfolio.of(pipeline))
    assert {name: (each.attainment, each.reason) for name, each in found.items() if each.project} == {
        "own": (0.5, None),
        "team": (500 / 600, None),
        "both": (None, "no_cases"),
        "unknown": (None, "field_not_declared"),
        "euros": (None, "other_currency"),
        "none": (None, "no_target"),
        "variant": (None, "not_computed"),
        "itself": (None, "not_computed"),
        "growth": (None, "no_period"),
        "rows": (None, "no_cases"),
        "smiles": (None, "not_computed"),
        "percent": (1.05, None),
    }


@pytest.mark.requirement("E14")
def test_the_targets_of_a_definition():
    """Each number that a lifecycle names is compared with the figure of all its projects."""
    pipeline, _ = running()
    pipeline.open("deal", id="b", lifecycle=DEALS)
    early = [each for each in Portfolio.of(pipeline).targets() if each.kind == "definition"]
    assert [(each.attainment, each.reason) for each in early] == [(None, "no_cases"), (None, "no_cases")]
    won(pipeline, "a", 300)
    named = [each for each in Portfolio.of(pipeline).targets() if each.kind == "definition"]
    assert [(each.id, each.metric, each.target, each.actual, each.attained) for each in named] == [
        ("deals", "win_rate", Fraction(3, 5), 1.0, True),
        ("deals", "project_success_rate", Fraction(1, 2), 0.0, False),
    ]
    assert [each for each in Portfolio.of(pipeline, lifecycle="quarter").targets() if each.kind == "definition"] == []


def test_a_target_that_was_set_anew_reports_both():
    """Approval freezes a version; attainment goes by the first approved one, and by the latest only if asked."""
    pipeline, day = running()
    pipeline.add("q1", KpiTarget("t", "sales_amount", 1_000, **JANUARY), Goal("g", "sales_amount", 100, **JANUARY))
    pipeline.approve("q1", "plan", actor=Actor("zhao", roles=["chief"]))
    pipeline.add("q1", KpiTarget("t", "sales_amount", 500, version=2, **JANUARY))
    day(20)
    won(pipeline, "a", 500)
    portfolio = Portfolio.of(pipeline)
    assert [(each.version, each.approved, each.latest) for each in portfolio.targets() if each.id == "t"] == [
        (1, True, False),
        (2, False, True),
    ]
    pipeline.approve("q1", "plan", actor=Actor("zhao", roles=["chief"]))
    portfolio.refresh()
    by_metric = portfolio.kpi("attainment", by="metric", period="2026-Q1")
    assert (by_metric.value, by_metric.n, by_metric.skipped) == (pytest.approx((0.5 + 5) / 2), 2, 0)
    assert portfolio.kpi("attainment", variant="latest").value == pytest.approx((1 + 5) / 2)
    assert portfolio.kpi("attainment", period="2026-02").reason == "no_cases"
    assert [dict(row)["attained"] for row in by_metric.rows] == [True, False]
    pace: Kpi = portfolio.kpi("pace")
    assert pace.value == pytest.approx((0.5 + 5) / 2 / (19 / 31))
    assert list(portfolio.kpi("attainment", by="month").groups) == ["2026-01"]


@pytest.mark.requirement("D41")
def test_attainment_is_followed_from_month_to_month():
    """Each month has the attainment of its own target, and the change says whether it is for the better."""
    pipeline, day = running()
    february = {"start": date(2026, 2, 1), "due": date(2026, 2, 28), "approved_on": date(2025, 12, 20)}
    pipeline.add("q1", KpiTarget("jan", "sales_amount", 1_000, **APPROVED))
    pipeline.add("q1", KpiTarget("feb", "sales_amount", 200, **february))
    won(pipeline, "a", 500)
    day(40)
    won(pipeline, "b", 150)
    points = Portfolio.of(pipeline).trend("attainment", period="2026-Q1").points[:2]

    assert [("2026-01", 0.5, None), ("2026-02", 0.75, True)] == [
        (each.name, each.kpi.value, each.better) for each in points
    ]


def test_what_nobody_approved_is_left_out_and_counted():
    """Attainment is about frozen targets; one alone shows what was divided, and before its period it has no pace."""
    pipeline, _ = running()
    won(pipeline, "a", 500)
    pipeline.add("q1", KpiTarget("t", "sales_amount", 1_000, **JANUARY))
    found = Portfolio.of(pipeline).kpi("attainment")
    assert (found.value, found.n, found.skipped, found.reason) == (None, 0, 1, "no_cases")
    pipeline.add("q1", KpiTarget("t", "sales_amount", 1_000, **APPROVED))
    portfolio = Portfolio.of(pipeline)
    found = portfolio.kpi("attainment")
    assert (found.value, found.numerator, found.denominator, found.evidence) == (0.5, cny(500), 1_000, ["q1/t"])
    assert portfolio.kpi("pace").skipped == 1
    pipeline.remove("q1", "kpi_target", "t")
    assert Portfolio.of(pipeline).kpi("attainment").skipped == 0
    pipeline.add("q1", KpiTarget("t", "sales_amount", 250, version=2, **JANUARY))
    pipeline.decline("q1", "plan", actor=Actor("zhao", roles=["chief"]))
    assert [each.approved for each in Portfolio.of(pipeline).targets() if each.id == "t"] == [True, False]


@pytest.mark.requirement("A44", "D55")
def test_success_needs_every_frozen_criterion():
    """A closed project is a success if each approved criterion is met; without any it is none."""
    pipeline, _ = running()
    frozen = {"approved_on": date(2026, 1, 1)}
    criteria: Sequence[Sequence[SuccessCriterion]] = (
        (SuccessCriterion("a", met=True, **frozen), SuccessCriterion("draft", met=False)),
        (SuccessCriterion("a", met=True, **frozen), SuccessCriterion("b", **frozen)),
        (
            SuccessCriterion("a", metric="cycle_time", target=10, actual=9, **frozen),
            SuccessCriterion("b", metric="margin", target=10, actual=11, **frozen),
        ),
        (SuccessCriterion("a", metric="margin", target=10, actual=9, **frozen),),
        (),
    )
    for number, each in enumerate(criteria, 1):
        won(pipeline, f"d{number}", 10, entries=each)
    found = Portfolio.of(pipeline).kpi("project_success_rate", by="project")
    assert (found.value, found.numerator, found.denominator) == (0.4, 2, 5)
    assert {name: each.numerator for name, each in found.groups.items()} == {
        "d1": 1, "d2": 0, "d3": 1, "d4": 0, "d5": 0,
    }  # fmt: skip


TYPED = KpiSnapshot("typed", START, [KpiValue("win_rate", 1)])
TYPING: dict[str, Callable[[Pipeline], object]] = {
    "open": lambda pipeline: pipeline.open("second", id="q2", lifecycle=QUARTER, entries=[TYPED]),
    "add": lambda pipeline: pipeline.add("q1", TYPED),
    "fire": lambda pipeline: pipeline.fire("q1", "end", entries=[TYPED]),
    "decide": lambda pipeline: pipeline.decide("q1", "end", entries=[TYPED]),
}


@over_cases("call", TYPING)
def test_no_call_takes_figures_that_were_typed_in(call):
    """Each names what computes them, and nothing is written."""
    pipeline, _ = running()
    facts = pipeline.store.feed().facts
    with pytest.raises(InputError, match=r"Figures are computed, .* salesflow\.insight\.snapshot") as caught:
        TYPING[call](pipeline)
    assert ("entry", TYPED) == (caught.value.what, caught.value.value)
    assert (facts, 0) == (pipeline.store.feed().facts, len(pipeline.attempts("q1")))


def test_figures_are_refused_beside_what_else_is_wrong():
    """All problems of the entries of one call are said at once."""
    pipeline, _ = running()
    with pytest.raises(InputErrors) as caught:
        pipeline.add("q1", TYPED, Issue("i", "late", status="resolved"))
    assert ["entry", "status of issue 'i'"] == [each.what for each in caught.value.problems]


@pytest.mark.requirement("A37")
def test_a_snapshot_computes_what_the_targets_name():
    """It is kept in the dossier, with the period, the group and the reason of each figure."""
    pipeline, day = running()
    pipeline.add(
        "q1",
        KpiTarget("t", "sales_amount", 1_000, group={"owner": "li.wei"}, **JANUARY),
        KpiTarget("next", "weighted_forecast", 1, start=date(2026, 2, 1), due=date(2026, 2, 28)),
        KpiTarget("odd", "smiles", 1, start=date(2026, 2, 1), due=date(2026, 2, 9)),
    )
    won(pipeline, "a", 500)
    pipeline.open("deal", id="b", lifecycle=DEALS, fields=deal(100, expected_close=date(2026, 2, 3)))
    assert Portfolio.of(pipeline).forecast().evidence == ["b", "a"]  # the period project is no deal
    kept = snapshot(pipeline, "q1", metrics=["win_rate"])
    (stored,) = pipeline.get("q1").all(KpiSnapshot)
    assert stored == kept
    assert [(each.metric, each.value, each.period, each.reason, dict(each.group)) for each in kept.values] == [
        ("sales_amount", cny(500), "2026-01", "", {"owner": "li.wei"}),
        ("weighted_forecast", cny(50), "2026-02", "", {}),
        ("smiles", None, "2026-02-01/2026-02-09", "not_computed", {}),
        ("win_rate", Decimal("1.0"), "2026-Q1", "", {}),
    ]
    assert (kept.values[3].numerator, kept.values[3].denominator, kept.values[3].n) == (1, 1, 1)
    day(45)
    pipeline.fire("b", "win")
    day(70)
    found = Portfolio.of(pipeline).accuracy(period="2026-02")
    assert (found.value, found.parts["basis"]) == (0.5, "stored")


def test_a_snapshot_of_one_project_is_about_that_project():
    """The targets of its lifecycle are computed for it alone; a portfolio that was folded already is read on."""
    pipeline, _ = running()
    portfolio = Portfolio.of(pipeline)
    for name in ("a", "b"):
        pipeline.open("deal", id=name, lifecycle=DEALS, fields=deal(500))
    kept = snapshot(pipeline, "a", portfolio=portfolio, metrics=["weighted_pipeline"])
    assert [(each.metric, each.value, each.reason) for each in kept.values] == [
        ("win_rate", None, "no_cases"),
        ("sales_amount", None, "no_cases"),
        ("project_success_rate", None, "no_cases"),
        ("weighted_pipeline", cny(250), ""),
    ]
    with pytest.raises(InputError, match="win_rate"):
        snapshot(pipeline, "a", metrics="win_rat")
    with pytest.raises(UnknownProjectError):
        snapshot(pipeline, "nowhere")


@pytest.mark.requirement("A09", "D21", "D22", "C35")
def test_an_appraisal_joins_ratings_and_figures():
    """Criteria are weighed; one without a rating goes by the person's target, at most 100; an open one is none."""
    pipeline, day = running()
    rated = AppraisalCriterion("care", 80, weight=3, source="manager")
    sales = AppraisalCriterion("sales", metric="sales_amount", weight=1)
    pipeline.add(
        "q1",
        KpiTarget("t", "sales_amount", 1_000, group={"owner": "li.wei"}, **APPROVED),
        KpiTarget("z", "sales_amount", 100, owner="zhao", **APPROVED),
        Appraisal("a1", "li.wei", (rated, sales), end=date(2026, 1, 31)),
        Appraisal("a2", "zhao", (sales,), at=START),
        Appraisal("a3", "wang", (rated, sales)),
        Appraisal("a4", "wang", (rated,)),
        Appraisal("a5", "wang"),
        Appraisal("a6", "wang", (rated,)),
    )
    pipeline.remove("q1", "appraisal", "a6")
    day(20)
    won(pipeline, "a", 500)
    found = Portfolio.of(pipeline).kpi("appraisal", by="member")
    assert {name: each.value for name, each in found.groups.items()} == {"li.wei": 72.5, "zhao": 100, "wang": 80}
    assert (found.value, found.n, found.skipped) == ((72.5 + 100 + 80) / 3, 3, 2)
    assert Portfolio.of(pipeline).kpi("appraisal", period="2026-02").reason == "no_cases"
    assert Portfolio.of(pipeline).kpi("appraisal", period=(date(2026, 1, 31), date(2026, 2, 1))).evidence == ["q1/a1"]
