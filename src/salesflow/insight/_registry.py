"""
The KPIs that a portfolio can compute: the meaning of each, and the function that finds its cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Final, TypeAlias

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.frozen import EMPTY, FrozenDict, noun
from ..dossier import KPIS, KpiDefinition
from ..errors import InputError, PluginError, nearest, say, term
from ._cases import Ask, Formula, Summarise, Summary


Combine: TypeAlias = Callable[[Ask, Mapping[str, Summary]], Summary]
"""Makes a figure of other figures of the same group and period, by their names."""


@noun(eq=False)
class KpiFormula:
    """
    How a KPI is computed: from cases, or from other KPIs.

    Attributes:
        definition: what it means.
        find: finds its cases.
        summarise: sums them up; of a variant that is named in *by_variant*, that one.
        of: the KPIs that it is made of, each ``name`` or ``name:variant``.
        combine: makes it of them.
        plugin: who brings it; ``kpis=`` for the host.
    """

    definition: KpiDefinition
    find: Formula | None = None
    summarise: Summarise | None = None
    by_variant: Mapping[str, Summarise] = EMPTY
    of: tuple[str, ...] = ()
    combine: Combine | None = None
    plugin: str = "salesflow"


_MODULES: Final = (
    "sales",
    "funnel",
    "stays",
    "process",
    "expected",
    "losses",
    "weighted",
    "accuracy",
    "score_quality",
    "sales_amount",
    "attainment",
    "appraisal",
    "collection",
    "satisfaction",
    "market",
    "customers",
    "responses",
    "issues",
    "cost",
    "meetings",
    "tasks",
    "plans",
    "budgets",
    "utilisation",
    "adjustments",
    "learning",
    "ratings",
    "reports",
    "practices",
)


def formulas() -> Mapping[str, KpiFormula]:
    """
    Return the built-in KPIs by name, in the order of their codes.
    """
    found: dict[str, KpiFormula] = {}
    for module in _MODULES:
        for value in vars(import_module(f"{__package__}._formulas.{module}")).values():
            if isinstance(value, KpiFormula):
                found[value.definition.name] = value
    return {name: found[name] for name in KPIS if name in found}


def all_formulas(lifecycles: Iterable[Lifecycle], own: Iterable[object]) -> Mapping[str, KpiFormula]:
    """
    Return the built-in KPIs, those of the plugins of lifecycles, and the host's own, by name.

    Raises:
        PluginError: if a plugin contributes something that is not a formula.
        InputError: if the host passes something that is not a formula, or a name that is taken.
    """
    found = dict(formulas())
    for lifecycle in lifecycles:
        for name, brought in lifecycle.contributions.kpis.items():
            plugin = lifecycle.contributions.owners["kpi", name]
            if not isinstance(brought, KpiFormula):
                problem = say("plugin.returned", made=brought)
                remedy = say("plugin.return", wanted=say("wanted.kpi"))
                raise PluginError(plugin, problem, remedy=remedy, hook="salesflow_kpis")
            if name in KPIS:
                problem = say("plugin.taken", what=term("kpi"), name=name, other="salesflow")
                raise PluginError(plugin, problem, remedy=say("plugin.prefix_it"), hook="salesflow_kpis")
            found[name] = attrs.evolve(brought, plugin=plugin)
    for each in own:
        if not isinstance(each, KpiFormula):
            raise InputError("kpis=", each, say("input.kpi_formula"))
        if each.definition.name in found:
            raise InputError("kpis=", each.definition.name, say("input.kpi_taken"))
        found[each.definition.name] = attrs.evolve(each, plugin="kpis=")
    return FrozenDict(found)


def kpi(
    definition: KpiDefinition | str, summarise: Summarise, **by_variant: Summarise
) -> Callable[[Formula], KpiFormula]:
    """
    Make a KPI of the function that finds its cases.

    Args:
        definition: what it means; the name of a built-in one.
        summarise: how the cases are summed up: ``share``, ``total``, ``average``, or ``spread(…)``.
        **by_variant: how those of a variant are summed up instead.

    Raises:
        InputError: for the name of no built-in KPI.
    """
    meant = _meant(definition)

    def made(find: Formula) -> KpiFormula:
        return KpiFormula(meant, find, summarise, by_variant)

    return made


def combined(definition: KpiDefinition | str, *of: str) -> Callable[[Combine], KpiFormula]:
    """
    Make a KPI of other KPIs of the same group and period.

    Args:
        definition: what it means; the name of a built-in one.
        *of: their names, each with ``:variant`` where another than the first is meant.

    Raises:
        InputError: for the name of no built-in KPI.
    """
    meant = _meant(definition)

    def made(combine: Combine) -> KpiFormula:
        return KpiFormula(meant, of=of, combine=combine)

    return made


def _meant(definition: KpiDefinition | str) -> KpiDefinition:
    found = KPIS.get(definition) if isinstance(definition, str) else definition
    if found is None:
        raise InputError("KPI", definition, say("input.kpi_of_its_own", near=nearest(definition, KPIS)))
    return found


def find_formula(name: object, known: Mapping[str, KpiFormula]) -> KpiFormula:
    """
    Return the KPI of a name.

    Raises:
        InputError: for a name that nobody registered, with the names that are near.
    """
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        near = nearest(name, known) if isinstance(name, str) else ""
        raise InputError("KPI", name, say("input.choice", known=tuple(known), near=near))
    return found


def no_params(params: Mapping[str, Any], *known: str) -> None:
    """
    Refuse a parameter that a KPI does not take.

    Raises:
        InputError: naming it.
    """
    takes = ("period", "by", "variant", "lifecycle", *known)
    for name, value in params.items():
        if name not in known:
            raise InputError(f"{name}=", value, say("input.kpi_param", known=tuple(takes), near=nearest(name, takes)))
