"""
The contributions of plugins to the build of a lifecycle: a plain frozen object without the plugins themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from .._model.advice import BoundAdvice
from .._model.facts import Entry, Notice
from .._model.frozen import EMPTY, noun
from .._model.project import Project
from ..effects import EffectKind
from ..guards import Guard
from ..typing import DefinedKpi, Listener
from .compiled import BoundGuard


@noun(slots=False, eq=False, repr=False)
class SettingsClass:
    """
    What a plugin declares its settings to be.

    Attributes:
        plugin: its name.
        kind: the frozen attrs class.
        installed: whether a definition may do without them although some are required, because nobody handed the
            plugin in; what asks for them is then left out.
        decides: whether its stage rules ask for them.
    """

    plugin: str
    kind: type[Any]
    installed: bool
    decides: bool


@noun(slots=False, repr=False)
class SettingsCall:
    """
    An implementation that asks for settings: *bind* makes what is called of the settings of one lifecycle.
    """

    bind: Callable[[object], Callable[..., Any]]


@noun(slots=False, eq=False, repr=False)
class Contributions:
    """
    What plugins bring before the build, by name.

    Attributes:
        owners: which plugin brought a guard, effect, entry or lifecycle, by ``(what, name)``.
        versions: of the plugins, by name.
        stage_rules: asked for every transition, after its guards.
        scorers: asked after those of the definition, and likewise *risk_checks*.
        listeners: called after a commit, by plugin, as are *notifiers* and *directories* when notices are delivered.
        calendars: asked for a calendar by name and zone, by plugin, and *recurrences* for the times of a cadence.
        topics: of which moves directories have subscribers; ``*`` for all.
        kpis: of portfolios, by name.
        settings: the classes of settings, by the plugin's prefix.
        given: of a built lifecycle, the settings by plugin.
    """

    guards: Mapping[str, Guard[Any]] = EMPTY
    effects: Mapping[str, EffectKind[Any]] = EMPTY
    entries: Mapping[str, type[Entry]] = EMPTY
    owners: Mapping[tuple[str, str], str] = EMPTY
    versions: Mapping[str, str] = EMPTY
    stage_rules: tuple[BoundGuard, ...] = ()
    scorers: tuple[BoundAdvice, ...] = ()
    risk_checks: tuple[BoundAdvice, ...] = ()
    listeners: tuple[tuple[str, Listener], ...] = ()
    notifiers: tuple[tuple[str, Callable[[Notice, str], Any]], ...] = ()
    directories: tuple[tuple[str, Callable[[str, Project, datetime], Any]], ...] = ()
    calendars: tuple[tuple[str, Callable[[str, tzinfo], Any]], ...] = ()
    recurrences: tuple[tuple[str, Callable[[str], Callable[[date, date], Iterable[datetime]] | None]], ...] = ()
    topics: frozenset[str] = frozenset()
    kpis: Mapping[str, DefinedKpi] = EMPTY
    settings: Mapping[str, SettingsClass] = EMPTY
    given: Mapping[str, Any] = EMPTY
