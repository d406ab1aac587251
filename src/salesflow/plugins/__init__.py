"""
Hooks, what implements them, and the loading of definitions with them.
"""

from __future__ import annotations

from ._adapters import Trace
from ._checks import Plugin
from ._registry import Plugins, Survey, survey
from .hookspecs import hookimpl


__all__ = ["Plugin", "Plugins", "Survey", "Trace", "hookimpl", "survey"]
