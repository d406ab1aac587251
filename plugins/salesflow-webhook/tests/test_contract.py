"""
The plugins keep the contract of plugins.
"""

from __future__ import annotations

from threading import Event

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
