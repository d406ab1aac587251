"""Coverage, slippage and the speed of the pipeline, against a second computation from the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.dossier import KpiTarget
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Rates
from salesflow.typing import Transitioned

from ..cases import over_cases
from .selling import AUTHOR, LIFECYCLE, START, sell
from .test_funnel import WORKED, worked


MONTH = datetime(2025, 11, 30, 16, tzinfo=START.tzinfo), datetime(2025, 12, 31, 16, tzinfo=START.tzinfo)
"""December 2025 in Shanghai, as ``2025-12`` is read."""

DAY = timedelta(days=1)


def outcome_of(pipeline: Pipeline, name: str) -> tuple[str, datetime | None]:
    """The outcome that counts and its time: won and then terminated is won, a reopening takes it back."""
    found: tuple[str, datetime | None] = "undecided", None
    for fact in pipeline.history(name):
        body = fact.body
        if isinstance(body, Transitioned):
            if body.kind == "reopen":
                found = "undecided", None
            elif body.outcome not in {found[0], "terminated"}:
                found = body.outcome, fact.at
    return found


def due_in_december(day: date | None) -> bool:
    """Whether a day lies in the month."""
    return day is not None and date(2025, 12, 1) <= day <= date(2025, 12, 31)


@given(st.integers(0, 10_000))
def test_coverage_equals_a_computation_by_hand(seed: int):
    """The open amounts due in the month by what its target still lacks, to the cent."""
    pipeline, _ = sell(seed)
    due, won = dict[str, Decimal | None](), Decimal(0)
    for project in pipeline.all():
        outcome, at = outcome_of(pipeline, project.id)
        if outcome == "undecided" and due_in_december(project.fields.get("expected_close")):
            amount = project.fields.get("amount")
            due[project.id] = None if amount is None else amount.amount
        if outcome == "won" and at is not None and MONTH[0] <= at < MONTH[1]:
            amount = pipeline.as_of(project.id, at).fields.get("amount")
            won += Decimal(0) if amount is None else amount.amount
    kpi = Portfolio.of(pipeline).kpi("pipeline_coverage", period="2025-12", target=Money(30_000, "CNY"))
    amounts = {name: amount for name, amount in due.items() if amount is not None}
    above, left = sum(amounts.values(), Decimal(0)), 30_000 - won
    assert (kpi.numerator, kpi.denominator) == (Money(above, "CNY"), Money(left, "CNY"))
    assert kpi.value == (float(Fraction(above) / Fraction(left)) if left > 0 else None)
    assert kpi.reason == (None if left > 0 else "reached")
    assert (sorted(kpi.evidence), kpi.open) == (sorted(amounts), len(due))


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_slippage_equals_a_count_by_hand(seed: int):
    """Who was expected in the month when it began, and by its end, or by the outcome, was expected in another."""
    pipeline, _ = sell(seed)
    portfolio = Portfolio.of(pipeline)
    expected: dict[str, bool] = {}
    for project in pipeline.all():
        _, at = outcome_of(pipeline, project.id)
        if project.opened_at > MONTH[0] or (at is not None and at <= MONTH[0]):
            continue
        if due_in_december(pipeline.as_of(project.id, MONTH[0]).fields.get("expected_close")):
            last = min(MONTH[1] - timedelta(microseconds=1), portfolio.as_of, *([at] if at else []))
            expected[project.id] = not due_in_december(pipeline.as_of(project.id, last).fields.get("expected_close"))
    kpi = portfolio.kpi("slippage_rate", period="2025-12")
    assert (kpi.numerator, kpi.denominator) == (sum(expected.values()), len(expected))
    assert sorted(kpi.evidence) == sorted(expected)


@given(st.integers(0, 10_000))
def test_velocity_equals_a_computation_by_hand(seed: int):
    """Open projects times average amount times win rate by mean days, of the whole and of each owner."""
    pipeline, _ = sell(seed)
    portfolio = Portfolio.of(pipeline)
    groups: dict[Any, list[tuple[str, Decimal | None, float]]] = {}
    for project in pipeline.all():
        outcome, at = outcome_of(pipeline, project.id)
        if outcome not in {"undecided", "won", "lost"}:
            continue
        then = project if at is None else pipeline.as_of(project.id, at)
        amount = then.fields.get("amount")
        took = 0.0 if at is None else (at - project.opened_at) / DAY
        row = outcome, None if amount is None else amount.amount, took
        for key in ("", then.fields.get("owner")):
            groups.setdefault(key, []).append(row)
    kpi = portfolio.velocity(by="owner")
    for key, rows in groups.items():
        found = kpi if key == "" else kpi.groups[key]
        won = [row for row in rows if row[0] == "won"]
        amounts = [row[1] for row in won if row[1] is not None]
        still = sum(row[0] == "undecided" for row in rows)
        assert found.parts["opportunities"] == still
        if not amounts:
            assert (found.value, found.reason) == (None, "no_cases")
            continue
        rate = len(won) / (len(rows) - still)
        speed = still * float(sum(amounts)) / len(amounts) * rate / fmean(row[2] for row in won)
        assert float(found.value.amount) == pytest.approx(speed, rel=1e-9)
        assert found.parts["win_rate"] == pytest.approx(rate)


def sold(won: int, lost: int, still: int, days: int) -> Portfolio:
    """Deals of 50,000 that were won after some days, others that were lost, and others that are open."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=Actor("li.wei"))
    for number in range(won + lost + still):
        pipeline.open("deal", id=f"d{number}", fields={"amount": Money(50_000, "CNY")})
        if number < won:
            pipeline.fire(f"d{number}", "straight")
    now[0] += days * DAY
    for number in range(won + lost):
        pipeline.fire(f"d{number}", "win" if number < won else "lose", outcome=None if number < won else "lost")
    return Portfolio.of(pipeline)


def test_the_velocity_of_the_example_is_exact():
    """Forty deals of 50,000, a quarter of which is won, in 60 days: 8,333.33 a day."""
    kpi = sold(2, 6, 40, 60).velocity()
    assert round(kpi.value.amount, 2) == Decimal("8333.33")
    assert dict(kpi.parts) == {
        "opportunities": 40,
        "average_deal_value": Money(50_000, "CNY"),
        "win_rate": 0.25,
        "cycle_days": 60.0,
    }
    assert sold(0, 1, 1, 60).velocity().reason == sold(1, 1, 1, 0).velocity().reason == "no_cases"


def test_an_expected_close_that_moved_has_slipped():
    """One moved to the next month, one was cleared, one stayed, and one was closed as expected: two of four."""
    now = [datetime(2025, 11, 20, tzinfo=START.tzinfo)]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=AUTHOR)
    for name in ("moved", "cleared", "stays", "lost", "other"):
        day = date(2026, 2, 1) if name == "other" else date(2025, 12, 31)
        pipeline.open(name, id=name, fields={"expected_close": day})
    now[0] = datetime(2025, 12, 10, tzinfo=START.tzinfo)
    pipeline.update("moved", {"expected_close": date(2026, 1, 1)})
    pipeline.update("cleared", {"expected_close": None})
    pipeline.fire("lost", "lose", outcome="lost")
    kpi = Portfolio.of(pipeline).kpi("slippage_rate", period="2025-12")
    assert (kpi.value, kpi.n, kpi.open) == (0.5, 4, 3)


def covered(**target: Any) -> Portfolio:
    """One open deal of 100 that is due in December 2025, and a target in the dossier of another project."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="deal", fields={"amount": Money(100, "CNY"), "expected_close": date(2025, 12, 1)})
    pipeline.open("plan", id="plan")
    said = {"unit": "CNY", "start": date(2025, 12, 1), "due": date(2025, 12, 31), **target}
    pipeline.add("plan", KpiTarget("sales", "sales_amount", 400, **said))
    return Portfolio.of(pipeline)


@over_cases("other", [{"due": date(2025, 12, 30)}, {"group": {"owner": "zhao"}}, {"unit": ""}, {"start": None}])
def test_coverage_reads_the_target_of_the_period(other: Mapping[str, Any]):
    """A target of sales for exactly this period and for nobody alone is the one that counts."""
    assert covered().kpi("pipeline_coverage", period="2025-12").value == 0.25
    assert covered(**other).kpi("pipeline_coverage", period="2025-12").reason == "no_target"


def test_coverage_without_anything_open_is_zero():
    """The target is there, so that nothing open covers nothing of it; by owner each has a share of the whole."""
    none = covered().where({"owner": "nobody"})
    assert none.kpi("pipeline_coverage", period="2025-12", target=Money(1, "CNY")).value == 0.0
    groups = covered().kpi("pipeline_coverage", period="2025-12", by="owner").groups
    assert [(key, each.value) for key, each in groups.items()] == [(None, 0.25)]


def test_what_a_figure_needs_is_said_where_it_is_not_there():
    """Without a period, without the fields, without a target there is a reason instead of a number."""
    portfolio = covered()
    assert portfolio.kpi("pipeline_coverage").reason == "no_period"
    assert portfolio.kpi("slippage_rate").reason == "no_period"
    assert portfolio.kpi("pipeline_coverage", period="2026").reason == "no_target"


def test_a_target_in_another_currency_needs_rates():
    """Amounts in CNY are not held against a target in EUR, but at a rate."""
    target = Money(50, "EUR")
    with pytest.raises(InputError, match="CNY, EUR"):
        covered().kpi("pipeline_coverage", period="2025-12", target=target)
    with pytest.raises(InputError, match="target="):
        covered().kpi("pipeline_coverage", period="2025-12", target=50)
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="deal", fields={"amount": Money(100, "CNY"), "expected_close": date(2025, 12, 1)})
    portfolio = Portfolio.of(pipeline, rates=Rates("CNY", {"EUR": 8}))
    assert portfolio.kpi("pipeline_coverage", period="2025-12", target=target).value == 0.25


FIELDLESS: Sequence[str] = ("pipeline_coverage", "slippage_rate", "pipeline_velocity")


@over_cases("name", FIELDLESS)
def test_a_lifecycle_without_the_fields_has_no_figure(name: str):
    """A lifecycle that declares neither amount nor expected close gives the reason by name."""

    assert worked().kpi(name, period="2025-12").reason == "field_not_declared"


def test_an_expected_close_may_be_a_time():
    """A field with a time counts to the microsecond: at the end of the period it is in the next."""
    declared = '[[fields]]\nid = "expected_close"\ntype = "datetime"\n[[stages]]'
    lifecycle = load_lifecycle(text=WORKED.replace("[[stages]]", declared, 1))
    pipeline = Pipeline(lifecycle, clock=lambda: START, actor=AUTHOR)
    for name, month in (("in", 12), ("out", 1)):
        close = datetime(2025 + (month == 1), month, 1, tzinfo=START.tzinfo)
        pipeline.open(name, id=name, fields={"expected_close": close})
    assert tuple(Portfolio.of(pipeline).kpi("slippage_rate", period="2025-12").evidence) == ("in",)
