"""
The KPI catalogue, and what a KPI says of itself.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from salesflow import dossier, load_lifecycle
from salesflow.dossier import KPIS, KpiDefinition, KpiVariant
from salesflow.errors import InputError
from salesflow.typing import Label

from .cases import over_cases


ROLES = {
    "amount", "customer", "owner", "product", "market", "source", "expected_close", "probability", "forecast",
    "lost_reason",
}  # fmt: skip
"""What fields are to figures, by the names that a definition gives them."""


def test_all_codes_are_there():
    """Every code from K01 to K52 has a figure, in order, and where two share a code they are two parts of one idea."""
    codes = [kpi.code for kpi in KPIS.values()]

    assert [*[f"K{number:02}" for number in range(1, 53)], "M01", "M02", "M10", "S01"] == sorted(set(codes))
    assert sorted(codes) == codes
    assert ["K26", "K30", "K48", "K49", "S01"] == sorted({code for code in codes if codes.count(code) > 1})


def test_names_are_those_of_a_definition():
    """A figure is found by its name, which is snake_case."""
    assert list(KPIS) == [kpi.name for kpi in KPIS.values()]
    assert [] == [name for name in KPIS if not re.fullmatch(r"[a-z][a-z0-9_]*", name)]


def test_everything_is_said_in_two_languages():
    """Labels, meanings, sources and variants have English and Chinese."""
    texts = {
        (name, each): each.missing()
        for name, kpi in KPIS.items()
        for each in (kpi.label, kpi.meaning, kpi.source, *(variant.label for variant in kpi.variants))
    }

    assert [] == [where for where, missing in texts.items() if missing]


def test_what_a_figure_reads_exists():
    """A figure names roles of fields and kinds of entries that there are."""
    kinds = {each.kind for each in dossier.BUILT_IN}

    assert set() == {kind for kpi in KPIS.values() for kind in kpi.entries} - kinds
    assert set() == {role for kpi in KPIS.values() for role in kpi.fields} - ROLES


def test_what_adds_up_and_what_should_go_down():
    """Sums can be added up, rates cannot, and of some figures less is better."""
    lower = {name for name, kpi in KPIS.items() if kpi.direction == "lower"}

    assert {
        "cross_department_meetings",
        "sales_amount",
        "new_customers",
        "training_hours",
        "weighted_forecast",
        "weighted_pipeline",
    } == {name for name, kpi in KPIS.items() if kpi.additive}
    assert {"cycle_time", "response_time", "cost_of_sale", "dso", "override_rate"} <= lower
    assert {"funnel", "loss_breakdown"} == {name for name, kpi in KPIS.items() if kpi.direction == "neutral"}


def test_the_categories_of_a_forecast():
    """They are those that stages write, the surest first, in two languages."""
    (field,) = (each for each in load_lifecycle("operating_cycle").definition.fields if each.id == "forecast")

    assert ["closed", "commit", "best_case", "pipeline", "omitted"] == list(dossier.FORECAST_CATEGORIES)
    assert set(field.choices) == set(dossier.FORECAST_CATEGORIES)
    assert [] == [name for name, label in dossier.FORECAST_CATEGORIES.items() if label.missing()]


def test_the_first_variant_is_meant():
    """A figure whose public definitions differ has a name for each of them; without one the first is meant."""
    rate, time = KPIS["collection_rate"], KPIS["response_time"]

    assert ["due", "contract", "receivable", "revenue"] == [each.name for each in rate.variants]
    assert ["won_or_lost", "of_closed", "of_all", "by_value"] == [each.name for each in KPIS["win_rate"].variants]
    assert ["wape", "mape", "bias"] == [each.name for each in KPIS["forecast_accuracy"].variants]
    assert (rate.variants[0], rate.variants[3]) == (rate.variant(), rate.variant("revenue"))
    assert [("hours", "lower"), ("hours", "lower"), ("ratio", "higher")] == [
        (each.unit, each.direction) for each in time.variants
    ]
    assert (
        KpiVariant("", Label("Funnel", "漏斗"), "table", "neutral")
        == KpiDefinition("f", unit="table", direction="neutral", label=Label("Funnel", "漏斗")).variant()
    )


def test_an_unknown_variant_is_an_error():
    """It names the figure, what it has, and the nearest."""
    with pytest.raises(InputError, match=r"variant of win_rate: 'of_al' is not usable.*Did you mean 'of_all'\?"):
        KPIS["win_rate"].variant("of_al")


@over_cases(
    ("name", "given", "says"),
    [
        ("unit", "percent", "Use one of ratio, money"),
        ("direction", "up", "Use one of higher, lower, neutral"),
        ("variants", ["median"], "each item is a KpiVariant"),
        ("entries", "goal", "each item is a str"),
    ],
)
def test_a_wrong_definition_is_refused(name, given, says):
    """A plugin's figure says what it is in the words that there are."""
    with pytest.raises(InputError, match=says):
        KpiDefinition("acme_touches", **{name: given})


def test_nobody_reads_the_catalogue_before_it_is_asked_for():
    """It costs nothing to import the library, nor to name the class of a figure."""
    code = (
        "import sys, salesflow.dossier as d; d.KpiDefinition; print('salesflow.dossier._kpi_catalogue' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "False\n" == said.stdout
    assert dossier.KPIS is KPIS
