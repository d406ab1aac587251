"""
The labels of the choices of entries, read from their file when they are first used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from .._model.frozen import FrozenDict
from .._model.values import Label


def _read() -> Mapping[str, Mapping[str, Label]]:
    tables = tomllib.loads((files("salesflow.dossier") / "choices.toml").read_text("utf-8"))
    return FrozenDict(
        {name: FrozenDict({each: Label(**texts) for each, texts in table.items()}) for name, table in tables.items()}
    )


CHOICES: Final = _read()
"""
Labels of choices, by what is chosen: ``channel``, ``pricing_method``, ``promotion_type``, ``research_goal``,
``research_method``, ``training_type``, ``reward_type``, ``event_type``, ``feedback_type``, ``skill``, ``trait``.

Channels, skills and traits may also have names of the host's own.
"""
