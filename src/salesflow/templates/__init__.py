"""
The built-in lifecycles, as definition files inside the package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..errors import InputError, nearest, say


if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["BUILT_IN", "PROJECTS", "RECORDS", "path_of", "read"]


_FOLDER: Final = os.path.dirname(__file__)  # noqa: PTH120 -- pathlib costs more than many modules

PROJECTS: Final = (
    "four_step_project",
    "goal_to_feedback_cycle",
    "ltc_gated",
    "operating_cycle",
    "project_team_planning",
    "sales_planning",
    "simple_deal",
)
"""The lifecycles of projects, plans and periods."""

RECORDS: Final = ("approval_request", "artefact", "complaint", "goal", "improvement_action", "issue", "risk", "task")
"""The lifecycles of entries, by the kind that :meth:`salesflow.Pipeline.move_entry` takes through them."""

BUILT_IN: Final[Mapping[str, str]] = {name: f"{_FOLDER}/{name}.toml" for name in sorted((*PROJECTS, *RECORDS))}
"""The names that :func:`read` knows, and where their files are; each is also the id of its lifecycle."""


def path_of(name: str) -> Path:
    """
    Return where a built-in definition file is.

    Raises:
        InputError: if there is no built-in lifecycle of that name.
    """
    from pathlib import Path  # noqa: PLC0415 -- as above

    if name not in BUILT_IN:
        raise InputError(
            "built-in lifecycle", name, say("input.templates", known=BUILT_IN, near=nearest(name, BUILT_IN))
        )
    return Path(BUILT_IN[name])


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
