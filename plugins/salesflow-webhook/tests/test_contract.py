"""
The plugin keeps the contract of plugins.
"""

from __future__ import annotations

from threading import Event

from salesflow_webhook import Webhook, new_secret

from salesflow.testing import PluginContract


class TestWebhook(PluginContract):
    """
    Its hooks fit, and it does not change what it receives.
    """

    plugin = Webhook("https://receiver.test/", new_secret(), wake=Event().set)
