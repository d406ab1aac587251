"""
All guards that salesflow brings, loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from ._base import Guard
from ._names import HOMES


BUILT_IN: Final[tuple[Guard[...], ...]] = tuple(
    getattr(import_module(f".{home}", __package__), name) for home, names in HOMES.items() for name in names
)
"""The guards that salesflow brings."""
