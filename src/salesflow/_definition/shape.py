"""
The shape of a definition file: the number of its schema, its reserved keys, lists and tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .._model.cadence import Cadence
from .._model.definition import (
    RULES,
    Deadline,
    Field,
    FieldLock,
    Invariant,
    OverrideRule,
    Spawn,
    Stage,
    StageTask,
    Transition,
)
from .._model.early_warning import EarlyWarning
from .._model.insight import Insight
from .._model.signal_rule import SignalRule
from .._model.working_time import WorkingTime


SCHEMA: Final = 1
COMBINATORS: Final = ("all_of", "any_of", "none_of", "at_least")
AT_LEAST: Final = "at_least"
"""The combinator that also says how many have to pass, in ``count``."""

RESERVED: Final = ("use", *COMBINATORS, RULES, "id", "when", "severity", "override")
"""What a guard use writes besides the parameters of its guard."""

EFFECT_OPTIONS: Final = ("when",)
"""What a use of an effect writes besides its name and parameters."""

ADVICE_OPTIONS: Final = ("id", "when")
"""What a use of a scorer or risk check writes besides its name and parameters."""

NOUNS: Final = (
    Cadence,
    Deadline,
    EarlyWarning,
    Field,
    FieldLock,
    Insight,
    Invariant,
    OverrideRule,
    SignalRule,
    Spawn,
    Stage,
    StageTask,
    Transition,
    WorkingTime,
)
"""What a file writes as a table whose keys are the attributes."""


def is_table(value: Any) -> bool:
    """
    Tell whether a value is a mapping.
    """
    return isinstance(value, Mapping)


def is_list(value: Any) -> bool:
    """
    Tell whether a value is a list, as a file or as Python has it.
    """
    return isinstance(value, (list, tuple))
