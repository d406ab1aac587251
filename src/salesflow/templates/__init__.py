"""
The built-in lifecycles, as definition files inside the package.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from ..errors import InputError, did_you_mean


if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["BUILT_IN", "path_of", "read"]


BUILT_IN: Final = ("operating_cycle", "risk", "simple_deal")
"""The names that :func:`read` knows; each is also the id of its lifecycle."""


def file_of(name: str) -> str:
    """
    Return where the file of a built-in lifecycle is; as text, because pathlib costs more than many modules.
    """
    return os.path.join(os.path.dirname(__file__), f"{name}.toml")  # noqa: PTH118, PTH120 -- as said


def path_of(name: str) -> Path:
    """
    Return where a built-in definition file is.

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
    from pathlib import Path  # noqa: PLC0415 -- as said

    if name not in BUILT_IN:
        raise InputError("built-in lifecycle", name, f"There are: {', '.join(BUILT_IN)}.{did_you_mean(name, BUILT_IN)}")
    return Path(file_of(name))


def read(name: str) -> str:
    """
    Return the text of a built-in definition file, which is TOML.

    >>> from salesflow.templates import read
    >>> read("simple_deal").splitlines()[0]
    'schema  = 1'

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
    return path_of(name).read_text(encoding="utf-8")
