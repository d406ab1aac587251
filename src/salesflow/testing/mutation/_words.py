"""
The kinds of mutants, each with a text that describes it and a text about the missing test, in both languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from ..._model.frozen import FrozenDict
from ..._model.values import Label


Kind: TypeAlias = Literal[
    "cadence_changed",
    "cadence_dropped",
    "combinator_changed",
    "deadline_changed",
    "deadline_dropped",
    "effect_changed",
    "effect_dropped",
    "effect_when_dropped",
    "effect_when_negated",
    "guard_dropped",
    "guard_negated",
    "item_dropped",
    "order_swapped",
    "outcome_changed",
    "outcome_dropped",
    "override_allowed",
    "parameter_changed",
    "parameter_dropped",
    "roles_widened",
    "source_added",
    "source_dropped",
    "target_changed",
    "task_changed",
    "task_dropped",
    "task_optional",
    "transition_removed",
    "when_dropped",
    "when_negated",
]
"""The kind of change that a mutant makes to a definition."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

TEXTS: Final[Mapping[str, tuple[Label, Label]]] = FrozenDict(
    (kind, (Label(**texts["text"]), Label(**texts["wanted"])))
    for kind, texts in tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8")).items()
)
"""By kind, what such a mutant does, and what would distinguish it from the original."""
