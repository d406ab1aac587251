"""
The plugin keeps the contract of plugins, and each guard that of guards.
"""

from __future__ import annotations

from salesflow_meddicc import champion, economic_buyer, plugin, score_at_least

from salesflow.testing import GuardContract, PluginContract


class TestPlugin(PluginContract):
    """
    Hooks, names, entries and contributions fit.
    """

    plugin = plugin
    uses = (score_at_least(50),)


class TestChampion(GuardContract):
    """
    Naming a champion with evidence cures it.
    """

    use = champion()
    plugins = (plugin,)


class TestEconomicBuyer(GuardContract):
    """
    Naming the economic buyer with evidence cures it.
    """

    use = economic_buyer()
    plugins = (plugin,)


class TestScoreAtLeast(GuardContract):
    """
    Filling in the letters that it names cures it.
    """

    use = score_at_least(60)
    plugins = (plugin,)
