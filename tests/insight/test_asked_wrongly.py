"""What cannot be meant is refused by name, with what is near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from salesflow.dossier import KpiDefinition
from salesflow.errors import InputError
from salesflow.insight import Cases, Portfolio, kpi, total

from ..cases import over_cases
from .selling import START, sell


TIMELESS = kpi(KpiDefinition("timeless"), total)(lambda ask: Cases(ask.columns.included(), [1] * 2))


@over_cases(
    ("name", "asked", "said"),
    [
        ("win_rat", {}, "Did you mean 'win_rate'"),
        (7, {}, "KPI: 7"),
        ("win_rate", {"by": "ovner"}, "Did you mean 'owner'"),
        ("win_rate", {"variant": "of_clozed"}, "Did you mean 'of_closed'"),
        ("win_rate", {"period": ("2026-02-01", "2026-01-01")}, "period"),
        ("timeless", {"by": "month"}, "by="),
        ("win_rate", {"as_of": START}, "as_of=.* Pass as_of=.* to Portfolio.of"),
        ("cycle_time", {"perod": "2026"}, "Did you mean 'period'"),
        ("win_rate", {"lifecycle": "sellin"}, "lifecycle=: 'sellin' is not usable. Use one of selling"),
    ],
)
def test_a_figure_that_cannot_be_meant(name: Any, asked: Mapping[str, Any], said: str):
    """An unknown KPI, group, variant, a period that ends before it begins, and periods of cases without a time."""
    pipeline, _ = sell(3, projects=2)
    with pytest.raises(InputError, match=said):
        Portfolio.of(pipeline, kpis=[TIMELESS]).kpi(name, **asked)


def test_a_portfolio_that_cannot_be_meant():
    """Months, rates, lifecycles, KPIs that are no list, and names of KPIs that nobody defined are refused by name."""
    pipeline, _ = sell(3, projects=2)
    with pytest.raises(InputError, match=r"fiscal_year_start=: 13 is not usable. Pass a month from 1 to 12"):
        Portfolio.of(pipeline, fiscal_year_start=13)
    with pytest.raises(InputError, match=r"rates=: \{'EUR': 1.1\} is not usable. Pass rates=Rates"):
        Portfolio.of(pipeline, rates=cast("Any", {"EUR": 1.1}))
    with pytest.raises(InputError, match=r"lifecycle=: 'sellin' is not usable. Use one of .*Did you mean"):
        Portfolio.of(pipeline, lifecycle="sellin")
    with pytest.raises(InputError, match="kpis"):
        Portfolio.of(pipeline, kpis=cast("Any", TIMELESS))
    with pytest.raises(InputError, match=r"write KpiDefinition\(…\) to define your own"):
        kpi("large", total)


def test_a_field_that_no_lifecycle_has():
    """The fields that there are, are named, in the signs of either language."""
    pipeline, _ = sell(3, projects=2)
    with pytest.raises(InputError, match=r"declare it under .*, or use one of amount, .*owner") as caught:
        Portfolio.of(pipeline, where={"region": "north"})
    assert "请在 [[fields]] 中声明，或使用以下之一：amount、" in caught.value.text("zh")
