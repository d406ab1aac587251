"""
The names of the built-in lifecycles.
"""

from __future__ import annotations

import os
from typing import Final


BUILT_IN: Final = ("operating_cycle", "risk", "simple_deal")
"""The names that :func:`read` knows; each is also the id of its lifecycle."""


def file_of(name: str) -> str:
    """
    Return where the file of a built-in lifecycle is; as text, because pathlib costs more than many modules.
    """
    return os.path.join(os.path.dirname(__file__), f"{name}.toml")  # noqa: PTH118, PTH120 -- as said
