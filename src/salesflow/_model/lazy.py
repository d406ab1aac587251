"""
Public modules whose names are imported when they are first used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def _isort_key(name: str) -> tuple[bool, bool, str]:
    """
    Sort constants first, then classes, then the rest.
    """
    return not name.isupper(), not name[0].isupper(), name


def attach(
    door: dict[str, Any], names: Mapping[str, tuple[str, ...]], *loaded: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """
    Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Args:
        door: its ``globals()``.
        names: what it offers, by the module that defines it, relative to it.
        loaded: names that it has from the start.
    """
    package = door["__name__"]
    homes = {name: module for module, listed in names.items() for name in listed}

    def __getattr__(name: str) -> Any:  # noqa: N807 -- it becomes the package's own
        if name not in homes:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f".{homes[name]}", package), name)
        door[name] = value  # so that this function is asked once for each name
        return value

    def __dir__() -> list[str]:  # noqa: N807 -- as above
        return sorted({*door, *homes})

    return __getattr__, __dir__, sorted((*homes, *loaded), key=_isort_key)
