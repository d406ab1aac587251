"""
Hooks, the plugins that implement them, and the loading of definitions with plugins.
"""

from __future__ import annotations

from .._model.delivery import Answer, Recipient, done, failed, later
from .._model.env import Env
from ._adapters import Trace
from ._checks import Plugin
from ._registry import Plugins, Survey, survey
from .hookspecs import hookimpl


__all__ = [
    "Answer",
    "Env",
    "Plugin",
    "Plugins",
    "Recipient",
    "Survey",
    "Trace",
    "done",
    "failed",
    "hookimpl",
    "later",
    "survey",
]
