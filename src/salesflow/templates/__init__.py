"""
The built-in lifecycles, as definition files inside the package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import InputError, did_you_mean


__all__ = ["BUILT_IN", "path_of", "read"]


BUILT_IN: Final = ("operating_cycle", "risk", "simple_deal")
"""The names that :func:`read` knows; each is also the id of its lifecycle."""


def path_of(name: str) -> Path:
    """
    Return where a built-in definition file is.

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
    if name not in BUILT_IN:
        raise InputError("built-in lifecycle", name, f"There are: {', '.join(BUILT_IN)}.{did_you_mean(name, BUILT_IN)}")
    return Path(__file__).with_name(f"{name}.toml")


def read(name: str) -> str:
    """
    Return the text of a built-in definition file, which is TOML.

    >>> read("simple_deal").splitlines()[0]
    'schema  = 1'

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
    return path_of(name).read_text(encoding="utf-8")
