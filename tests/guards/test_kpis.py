"""
Guards on KPIs: targets that are set, figures that were computed, and what they have to be.
"""

from __future__ import annotations

import pytest

from salesflow import Money, dossier
from salesflow.dossier import KpiSnapshot, KpiTarget, KpiValue
from salesflow.guards import kpi_check, kpis_defined, kpis_reported

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, VISIT, ask, ask_one, context, held, project


def snapshot(*values, at=NOW - DAY, name="s"):
    return KpiSnapshot(name, at, values)


def figures(*values, **more):
    return project(entries=[snapshot(*values, **more)])


@pytest.mark.requirement("C32")
def test_targets_have_a_number_and_an_owner():
    """Each target that is not complete has a verdict, and several for one metric count once."""
    entries = [
        KpiTarget("a", "win_rate", 0.4, owner="li"),
        KpiTarget("b", "win_rate", 0.3, owner="kim"),
        KpiTarget("c", "csat"),
    ]
    few, open_one = ask(kpis_defined, context(project(entries=entries)), min=2)

    assert "1 of 2 KPIs have a target and an owner." == few.message()
    assert "KPI target c is not complete; still open: target, owner." == open_one.message()
    assert "指标目标值 c 不完整，待补充：目标值、负责人。" == open_one.message("zh")
    assert ["pass"] == [each.status for each in ask(kpis_defined, context(project(entries=entries[:1])))]
    assert ["pass"] == [each.status for each in ask(kpis_defined, context(), min=0)]
    assert cured(kpis_defined, project(entries=entries), min=3)


@pytest.mark.requirement("B18", "C23")
def test_a_figure_or_a_reason_is_a_report():
    """A figure that has no value counts with a reason, and not without; one for a group is none for the whole."""
    entries = [
        KpiValue("win_rate", "0.4"),
        KpiValue("csat", reason="no_answers"),
        KpiValue("nps"),
        KpiValue("dso", 40, group={"owner": "li"}),
    ]
    verdict = ask_one(kpis_reported, context(figures(*entries)), ("win_rate", "csat", "nps", "dso"))

    assert "No figure was computed for: Net promoter score, Days sales outstanding." == verdict.message()
    assert "pass" == ask_one(kpis_reported, context(figures(*entries)), ("win_rate", "csat")).status
    assert "kpi.unreported" == ask_one(kpis_reported, context(), ("win_rate",)).code
    assert cured(kpis_reported, figures(*entries), ("win_rate", "nps"))


def test_the_latest_snapshot_counts():
    """By its own time, not by when it was added; one that is ahead of the decision does not count yet."""
    old, new, ahead = (
        snapshot(KpiValue("win_rate", share), at=NOW + days * DAY, name=f"s{days + 9}")
        for share, days in (("0.1", -2), ("0.5", -1), ("0.9", 1))
    )
    proposed = project(entries=[new, held(old, version=9), ahead])

    assert "0.5" == str(ask_one(kpi_check, context(proposed), "win_rate", "gt", 0.7).evidence["found"])


def test_a_snapshot_of_this_stay():
    """With since, one that was taken before the stage was entered does not count."""
    before = held(snapshot(KpiValue("win_rate", "0.4")), version=VISIT.version)
    proposed = project(entries=[before])

    assert "pass" == ask_one(kpis_reported, context(proposed), ("win_rate",)).status
    assert "kpi.unreported" == ask_one(kpis_reported, context(proposed), ("win_rate",), since="stage_entry").code


@over_cases(
    ("op", "value", "status"),
    [
        ("ge", 0.4, "pass"),
        ("gt", 0.4, "fail"),
        ("lt", 0.4, "fail"),
        ("le", 0.4, "pass"),
        ("eq", 0.4, "pass"),
        ("ne", 0.4, "fail"),
    ],
)
def test_a_figure_is_compared_exactly(op, value, status):
    """The number is taken as it is written, and what would do can be found from the remedy."""
    proposed = figures(KpiValue("win_rate", "0.4"))
    verdict = ask_one(kpi_check, context(proposed), "win_rate", op, value)

    assert status == verdict.status
    assert cured(kpi_check, proposed, "win_rate", op, value)


def test_what_a_threshold_says():
    """It names the metric, what it is, and what is asked for."""
    verdict = ask_one(kpi_check, context(figures(KpiValue("win_rate", "0.2"))), "win_rate", "ge", 0.3)

    assert "Win rate is 0.2, but the rule asks for Win rate ≥ 0.3." == verdict.message()
    assert "赢单率 为 0.2，不符合要求：赢单率 ≥ 0.3。" == verdict.message("zh")


def test_variants():
    """Without a name the first variant is meant, also where the figure says so; a host's own figure has none."""
    proposed = figures(
        KpiValue("win_rate", "0.4", variant="of_all"), KpiValue("win_rate", "0.6", variant="won_or_lost"),
        KpiValue("acme_calls", 9),
    )  # fmt: skip

    assert "pass" == ask_one(kpi_check, context(proposed), "win_rate", "ge", 0.6).status
    assert "pass" == ask_one(kpi_check, context(proposed), "win_rate", "eq", 0.4, variant="of_all").status
    assert "pass" == ask_one(kpi_check, context(proposed), "acme_calls", "ge", 9).status
    assert "kpi.no_value" == ask_one(kpi_check, context(proposed), "win_rate", "eq", 0.4, variant="by_value").code


@pytest.mark.parametrize(
    ("entries", "why"), [([], "not_computed"), ([snapshot(KpiValue("dso", reason="no_revenue"))], "no_revenue")]
)
def test_no_figure(entries, why):
    """It is refused unless the definition says otherwise, and the reason is passed on."""
    proposed = context(project(entries=entries))
    answers = {
        each: ask_one(kpi_check, proposed, "dso", "le", 60, on_missing=each) for each in ("fail", "unknown", "pass")
    }

    assert ["fail", "unknown", "pass"] == [each.status for each in answers.values()]
    assert {"kpi.no_value"} == {each.code for each in answers.values()}
    said = dossier.name_of("reason", why).en
    assert f"There is no figure of Days sales outstanding to compare ({said})." == answers["fail"].message()
    assert cured(kpi_check, project(entries=entries), "dso", "le", 60)


def test_money_is_compared_in_its_currency():
    """Another currency, or a plain number in place of money, cannot be compared."""
    proposed = context(figures(KpiValue("sales_amount", Money(90, "CNY"))))

    assert "kpi.threshold" == ask_one(kpi_check, proposed, "sales_amount", "ge", 100, currency="CNY").code
    assert "pass" == ask_one(kpi_check, proposed, "sales_amount", "ge", 90, currency="CNY").status
    assert ["unknown", "unknown"] == [
        ask_one(kpi_check, proposed, "sales_amount", "ge", 90, currency=each).status for each in ("EUR", "")
    ]


@over_cases(
    ("guard", "params"),
    [
        (kpis_defined, {"min": -1}),
        (kpis_reported, {"metrics": ()}),
        (kpi_check, {"metric": "csat", "op": "ge", "value": float("nan")}),
    ],
)
def test_bad_parameters(guard, params):
    """What could never be answered is refused when the definition is built."""
    with pytest.raises(ValueError, match=next(name for name in ("min", "metrics", "value") if name in params)):
        guard.factory(**params)
