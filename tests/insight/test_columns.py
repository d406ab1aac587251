"""Figures of plain Python and of numpy over the same facts: equal, by group, period and variant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from salesflow import Money, Pipeline
from salesflow.errors import InputError
from salesflow.insight import Kpi, Portfolio, Rates

from ..cases import over_cases
from .selling import START, sell


pytestmark = pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is an extra")

GROUPS = (None, "owner", "customer", "stage", "month", "week", "outcome", "transition")
PERIODS = (None, "2025", "2026-Q1", "2025-12", "2019")


def both(pipeline: Pipeline, **given: Any) -> tuple[Portfolio, Portfolio]:
    """Return the portfolio of plain Python, and that of numpy."""
    return (Portfolio.of(pipeline, computing="plain", **given), Portfolio.of(pipeline, computing="numpy", **given))


def shown(portfolio: Portfolio, name: str, **asked: Any) -> object:
    """Return a figure with its evidence, or what it was refused for."""
    try:
        return receipt(portfolio.kpi(name, **asked))
    except InputError as error:
        return str(error)


def receipt(kpi: Kpi) -> Mapping[str, Any]:
    """Return all that a figure says, and of which type the number is."""
    return {
        "value": kpi.value,
        "type": type(kpi.value),
        "numerator": kpi.numerator,
        "denominator": kpi.denominator,
        "n": kpi.n,
        "reason": kpi.reason,
        "parts": dict(kpi.parts),
        "rows": kpi.rows,
        "skipped": kpi.skipped,
        "open": kpi.open,
        "evidence": list(kpi.evidence),
        "groups": {key: receipt(each) for key, each in kpi.groups.items()},
    }


@pytest.mark.long
@pytest.mark.traced
@settings(max_examples=12)
@given(
    seed=st.integers(0, 10_000),
    period=st.sampled_from(PERIODS),
    by=st.sampled_from(GROUPS),
    where=st.sampled_from((None, {"owner": "zhao"})),
)
def test_every_kpi_is_equal_in_both(
    seed: int, period: str | None, by: str | None, where: Mapping[str, Any] | None
) -> None:
    """Every KPI and each of its variants says the same, also which projects are behind it."""
    pipeline, _ = sell(seed)
    plain, columns = both(pipeline, where=where)
    for name, formula in plain.kpis.items():
        for variant in ("", *[each.name for each in formula.definition.variants]):
            asked = {"period": period, "by": by, "variant": variant}
            assert shown(plain, name, **asked) == shown(columns, name, **asked)


@given(seed=st.integers(0, 10_000), period=st.sampled_from(PERIODS), by=st.sampled_from((None, "owner", "month")))
@settings(max_examples=12)
def test_funnel_and_time_in_stage_are_equal_in_both(seed: int, period: str | None, by: str | None) -> None:
    """The funnel and the time in stages say the same."""
    plain, columns = both(sell(seed)[0])
    assert repr(plain.funnel(period=period, by=by)) == repr(columns.funnel(period=period, by=by))
    assert plain.time_in_stage(period=period, by=by) == columns.time_in_stage(period=period, by=by)


@given(seed=st.integers(0, 10_000), period=st.sampled_from(PERIODS))
@settings(max_examples=8)
def test_what_is_asked_besides_is_equal_in_both(seed: int, period: str | None) -> None:
    """The stage of a score, and how forecasts are compared."""
    plain, columns = both(sell(seed)[0])
    for stage in plain.columns.stages():
        asked: dict[str, Any] = {"period": period, "stage": stage}
        assert shown(plain, "score_quality", **asked) == shown(columns, "score_quality", **asked)
    for basis in ("known_then", "known_today"):
        asked = {"period": period, "basis": basis, "over": "quarter", "lead": 5, "by": "owner"}
        assert shown(plain, "forecast_accuracy", **asked) == shown(columns, "forecast_accuracy", **asked)


def test_what_is_open_at_the_end_is_grouped_by_a_field_in_both() -> None:
    """Days of sales outstanding are the same by owner, whom the projects say as they are now."""
    pipeline, _ = sell(7)
    first, second = both(pipeline)
    asked = {"by": "owner", "period": "2026"}

    assert shown(first, "dso", **asked) == shown(second, "dso", **asked)


def test_both_are_equal_after_new_facts() -> None:
    """What was computed before a refresh is not kept."""
    pipeline, _ = sell(3)
    plain, columns = both(pipeline)
    assert shown(plain, "cycle_time") == shown(columns, "cycle_time")
    later = START + timedelta(days=60)
    for number in range(5):
        deal = pipeline.open("deal", id=f"n{number}", fields={"amount": Money(5, "CNY")}, at=later).id
        for trigger in ("straight", "win"):
            pipeline.fire(deal, trigger)
    plain.refresh()
    columns.refresh()
    for name in ("cycle_time", "average_deal_value", "funnel", "gate_first_pass_rate", "time_in_stage"):
        assert shown(plain, name, by="owner") == shown(columns, name, by="owner")


def test_empty_portfolio_has_equal_figures() -> None:
    """Without any project both give the same reasons."""
    pipeline, _ = sell(1, projects=0)
    plain, columns = both(pipeline)
    for name in plain.kpis:
        assert shown(plain, name, by="stage") == shown(columns, name, by="stage")


def test_currencies_are_mixed_in_neither() -> None:
    """Amounts of several currencies are refused by both, and converted by both where there are rates."""
    pipeline, _ = sell(5)
    for currency in ("CNY", "EUR"):
        deal = pipeline.open("deal", fields={"amount": Money("0.10", currency)}).id
        for trigger in ("straight", "win"):
            pipeline.fire(deal, trigger)
    plain, columns = both(pipeline)
    assert shown(plain, "average_deal_value") == shown(columns, "average_deal_value")
    with pytest.raises(InputError):
        columns.kpi("average_deal_value")
    plain, columns = both(pipeline, rates=Rates("CNY", {"EUR": "7.8"}))
    assert shown(plain, "average_deal_value") == shown(columns, "average_deal_value")


@pytest.mark.long
@pytest.mark.untraced
def test_sums_of_long_times_and_large_amounts_are_exact() -> None:
    """Sums that no 64 bits hold, and amounts with many digits, are exact."""
    pipeline, _ = sell(2)
    old, huge = datetime(1900, 1, 1, tzinfo=UTC), Money(Decimal("12345678901234567890.01"), "CNY")
    for number in range(3000):
        deal = pipeline.open("deal", id=f"old{number}", fields={"amount": huge}, at=old).id
        for trigger in ("straight", "win"):
            pipeline.fire(deal, trigger)
    plain, columns = both(pipeline)
    for name in ("cycle_time", "sales_amount"):
        assert shown(plain, name) == shown(columns, name)


@over_cases("given", ["fast", "", 1])
def test_another_way_of_computing_is_refused(given: Any) -> None:
    """Only the ways that there are can be asked for."""
    pipeline, _ = sell(1)
    with pytest.raises(InputError, match="computing="):
        Portfolio.of(pipeline, computing=given)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames_have_the_rows_of_the_tables(library: str) -> None:
    """A data frame of each library that is installed has the columns and as many rows as the table."""
    pytest.importorskip(library)
    portfolio = Portfolio.of(sell(4)[0])
    for name in ("projects", "visits", "moves"):
        table = portfolio.table(name)
        frame = portfolio.frame(name, library)
        assert len(next(iter(table.values()))) == len(frame)
        names = frame.column_names if library == "pyarrow" else list(frame.columns)
        assert set(table) <= set(names)
