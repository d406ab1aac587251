"""
The plugin keeps the contract of plugins.
"""

from __future__ import annotations

from salesflow_sklearn import SklearnPlugin, by_hand

from salesflow.testing import PluginContract


class TestPlugin(PluginContract):
    """
    Hooks and names fit.
    """

    plugin = SklearnPlugin(by_hand({"budget": {"Yes": 1.0}}))
