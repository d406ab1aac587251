"""
What plugins hand down to the build: a plain frozen object, and nothing of the plugins themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._model.advice import BoundAdvice
from .._model.facts import Entry
from .._model.frozen import EMPTY
from ..effects import EffectKind
from ..guards import Guard
from .compiled import BoundGuard


@attrs.frozen(slots=False, eq=False, repr=False)
class Contributions:
    """
    What plugins bring before the build, by name.

    Attributes:
        owners: which plugin brought a guard, effect, entry or lifecycle, by ``(what, name)``.
        versions: of the plugins, by name.
        stage_rules: asked for every transition, after its guards.
        scorers: asked after those of the definition, and likewise *risk_checks*.
    """

    guards: Mapping[str, Guard[Any]] = EMPTY
    effects: Mapping[str, EffectKind[Any]] = EMPTY
    entries: Mapping[str, type[Entry]] = EMPTY
    owners: Mapping[tuple[str, str], str] = EMPTY
    versions: Mapping[str, str] = EMPTY
    stage_rules: tuple[BoundGuard, ...] = ()
    scorers: tuple[BoundAdvice, ...] = ()
    risk_checks: tuple[BoundAdvice, ...] = ()
