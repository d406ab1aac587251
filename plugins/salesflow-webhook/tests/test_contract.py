"""
The plugins keep the contract of plugins.
"""

from __future__ import annotations

from threading import Event
from typing import ClassVar

import pytest
import salesflow_webhook
from salesflow_webhook import TeamDirectory, Webhook, new_secret

from salesflow.testing import PluginContract


class TestWebhook(PluginContract):
    """
    Its hooks fit, it does not change what it receives, and a receiver without an address is a failure.
    """

    plugin = Webhook("https://receiver.test/", new_secret(), wake=Event().set, resolve=lambda _host, _port: ())


class TestTeamDirectory(PluginContract):
    """
    It finds people or nobody, and reads a project without changing it.
    """

    plugin = TeamDirectory({"li.wei": "li.wei@example.com"}, languages={"li.wei": "zh"})


class TestInstalled(PluginContract):
    """
    The same for the module that the entry point loads, with settings; an address that is not public needs no network.
    """

    plugin = salesflow_webhook
    settings: ClassVar = {"url": "https://127.0.0.1/", "secrets": {"env": "SALES_SECRET"}}

    @pytest.fixture(autouse=True)
    def secret(self, monkeypatch):
        """
        Set the secret.
        """
        monkeypatch.setenv("SALES_SECRET", new_secret())
