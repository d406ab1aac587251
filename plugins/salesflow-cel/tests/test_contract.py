"""
The plugin keeps the contract of plugins, and each guard that of guards.
"""

from __future__ import annotations

import salesflow_cel

from salesflow import Field
from salesflow.testing import GuardContract, PluginContract


FIELDS = (Field("amount", "money"), Field("region", "text"), Field("due", "date"))
AMOUNT = salesflow_cel.expression("amount > money('100 CNY') || region == 'east' && due < at")
PRESENT = salesflow_cel.expression("has(fields.region)")
RISKS = salesflow_cel.dossier(
    "entries.risk.all(one, one.impact < 3) && entries.goal.size() < 2 && at - project.entered_at > duration('1h')"
)


class TestPlugin(PluginContract):
    """
    Hooks, names and contributions fit.
    """

    plugin = salesflow_cel
    uses = (AMOUNT, RISKS)
    fields = FIELDS


class TestExpression(GuardContract):
    """
    An expression over fields of several types. What would make it true cannot be derived from it.
    """

    use = AMOUNT
    plugins = (salesflow_cel,)
    fields = FIELDS
    incurable = frozenset({"cel.not_met", "cel.unknown"})


class TestPresence(GuardContract):
    """
    An expression that is never unknown.
    """

    use = PRESENT
    plugins = (salesflow_cel,)
    incurable = frozenset({"cel.not_met"})


class TestDossier(GuardContract):
    """
    An expression over the whole project.
    """

    use = RISKS
    plugins = (salesflow_cel,)
    incurable = frozenset({"cel.not_met"})
