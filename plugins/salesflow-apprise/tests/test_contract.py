"""
The plugin keeps the contract of plugins.
"""

from __future__ import annotations

from typing import ClassVar

import pytest
import salesflow_apprise

from salesflow.testing import PluginContract


class TestApprise(PluginContract):
    """
    Its hooks fit, and its settings show no secret.
    """

    plugin = salesflow_apprise
    settings: ClassVar = {"channels": {"mail": {"env": "SALES_MAIL"}}, "link": "https://sales.example.com/{project}"}

    @pytest.fixture(autouse=True)
    def secret(self, monkeypatch):
        """
        Set the URL of the channel.
        """
        monkeypatch.setenv("SALES_MAIL", "mailtos://robot:sesame99@smtp.example.com?to={address}")
