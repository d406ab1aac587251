"""
All entry classes that salesflow brings, loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from ._names import HOMES


BUILT_IN: Final[tuple[type[Any], ...]] = tuple(
    sorted(
        (getattr(import_module(f".{home}", __package__), name) for home, names in HOMES.items() for name in names),
        key=lambda kind: kind.__name__,
    )
)
"""The entry classes that salesflow brings, by name."""
