"""
KPIs of plugins and of the host: a portfolio computes them beside its own, under names that nobody else has.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle, hookimpl
from salesflow.dossier import KpiDefinition
from salesflow.errors import InputError, PluginError
from salesflow.insight import Ask, Cases, KpiFormula, Portfolio, Summary, combined, kpi, share, total
from salesflow.plugins import Plugins
from salesflow.typing import Label


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def named(name: str) -> KpiDefinition:
    """What a KPI of this name means."""
    return KpiDefinition(name, label=Label("Deals", "商机"), meaning=Label("All deals.", "全部商机。"), unit="count")


def every_project(ask: Ask) -> Cases:
    """Each project once."""
    rows = ask.columns.included()
    return Cases(rows, [1] * len(rows), [1] * len(rows))


DEALS = kpi(named("acme.deals"), total)(every_project)


def plugin(*kpis: Any, name: str = "acme") -> Any:
    """A plugin that brings KPIs."""
    return SimpleNamespace(name=name, salesflow_kpis=hookimpl(lambda: kpis))


def portfolio(*plugins: Any, kpis: Any = ()) -> Portfolio:
    """A portfolio of one deal."""
    definition = Definition(
        "deal", stages=[Stage("open", "open"), Stage("won", "won")], transitions=[Transition("win", "open", "won")]
    )
    lifecycle = build_lifecycle(definition, plugins=plugins)
    pipeline = Pipeline(lifecycle, clock=lambda: NOW, actor=Actor("li.wei"))
    pipeline.open("Harbour", id="harbour")
    return Portfolio.of(pipeline, kpis=kpis)


def test_a_plugin_brings_a_kpi():
    """
    It is computed like any other, is owned by its plugin, and others can be made of it.
    """

    @combined(named("acme.twice"), "acme.deals")
    def twice(_: Ask, found: Any) -> Summary:
        return Summary(2 * found["acme.deals"].value)

    found = portfolio(plugin(DEALS, twice))

    assert (1, ("harbour",)) == (found.kpi("acme.deals").value, tuple(found.kpi("acme.deals").evidence))
    assert 2 == found.where({"stage": "open"}).kpi("acme.twice").value
    assert "acme" == found.kpis["acme.deals"].plugin
    assert "acme" == Plugins(plugin(DEALS)).contributions.owners["kpi", "acme.deals"]


def test_a_host_brings_a_kpi():
    """
    What only one host needs takes no plugin; a name that is taken, and what is no formula, are refused.
    """
    own = kpi(named("harbours"), share)(every_project)

    assert 1.0 == portfolio(kpis=[own]).kpi("harbours").value
    for wrong in (own, attrs.evolve(DEALS, definition=named("win_rate")), "win_rate"):
        with pytest.raises(InputError, match="kpis="):
            portfolio(kpis=[own, wrong])


def test_the_prefix_is_the_plugins():
    """
    A KPI under another name is refused when the plugins are put together.
    """
    with pytest.raises(PluginError, match=r"KPI 'deals'") as caught:
        Plugins(plugin(attrs.evolve(DEALS, definition=named("deals"))))

    assert "salesflow_kpis" == caught.value.hook


@pytest.mark.parametrize("wrong", ["acme.deals", SimpleNamespace(definition=named("Bad-Name"))])
def test_what_is_no_kpi_is_refused(wrong: object):
    """
    Neither a text nor a KPI whose name is no name is a contribution.
    """
    with pytest.raises(PluginError, match=r"Return KPIs made with insight\.kpi"):
        Plugins(plugin(wrong))


def test_a_kpi_without_a_formula_is_refused():
    """
    What has a definition and no formula is found when a portfolio is made.
    """
    with pytest.raises(PluginError, match="plugin 'acme', hook 'salesflow_kpis'"):
        portfolio(plugin(SimpleNamespace(definition=named("acme.deals"))))


def test_a_built_in_name_is_taken():
    """
    A plugin that is called like a built-in KPI cannot replace it.
    """
    with pytest.raises(PluginError, match="'funnel' is contributed by 'salesflow' already"):
        portfolio(plugin(attrs.evolve(DEALS, definition=named("funnel")), name="funnel"))


def fails(_: Ask) -> Cases:
    """A formula with a mistake."""
    raise LookupError("no such column")


@pytest.mark.parametrize(
    ("of", "who"), [((plugin(kpi(named("acme.odd"), total)(fails)), ()), "acme"), ((None, ()), "kpis=")]
)
def test_a_formula_that_fails_is_named(of: Any, who: str):
    """
    The error names who brought the formula, and the KPI; the cause is chained.
    """
    found = portfolio(of[0]) if of[0] else portfolio(kpis=[kpi(named("acme.odd"), total)(fails)])
    with pytest.raises(
        PluginError, match=r"its KPI acme\.odd raised an error \(LookupError: no such column\)"
    ) as caught:
        found.kpi("acme.odd")

    assert who == caught.value.plugin
    assert isinstance(caught.value.__cause__, LookupError)


def test_formulas_are_frozen():
    """
    A formula can be shared by threads and portfolios.
    """
    assert isinstance(DEALS, KpiFormula)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        DEALS.plugin = "other"  # type: ignore[misc]  # what a user may try
