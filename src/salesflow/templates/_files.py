"""
Where the definition files of the built-in lifecycles are, and what is in them.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError, did_you_mean
from ._names import BUILT_IN, file_of


def path_of(name: str) -> Path:
    """
    Return where a built-in definition file is.

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
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
