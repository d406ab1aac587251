"""
From a name, a file, a text or Python to a checked lifecycle.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from os import PathLike
from typing import Any, Final, Literal, TypeAlias

import attrs

from .._definition.edges import UnreadParts
from .._definition.report import DefinitionText, Fault, PartialDefinition, Report
from .._lifecycle.compile import Compiled, compile_definition
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Definition
from .._model.frozen import EMPTY
from .._model.working_time import WorkingTime
from ..errors import DefinitionError, InputError, Message, few_suggestions, nearest, say
from ..typing import Clock
from ._registry import Plugins


_POSITION: Final = re.compile(r"\[\d+\]")

Source: TypeAlias = str | PathLike[str] | Definition | Mapping[str, Any]
"""
The name of a contributed lifecycle, the path of a ``.toml`` or ``.json`` file, a text of several lines, the data
of a definition, or a definition.
"""


utc_now: Final[Clock] = partial(datetime.now, UTC)
"""The machine's clock."""


def check_definition(
    source: Source | None = None, *, text: str | None = None, plugins: Plugins | Iterable[object] = ()
) -> Report:
    """
    Return every fault and warning of a definition, in one pass.

    Args:
        text: the definition itself, in TOML or JSON, in place of *source*; it is never taken for a path.
        plugins: the plugins whose guards, effects and entries it names, besides the built-ins.

    Raises:
        InputError: if there is neither a source nor a text, or both.
        PluginError: if a plugin does not fit.
    """
    return _compiled(_given(source, text), _plugins(plugins))[2]


def build_lifecycle(
    source: Source | None = None, *, text: str | None = None, plugins: Plugins | Iterable[object] = ()
) -> Lifecycle:
    """
    Check a definition and return the lifecycle it describes.

    Raises:
        DefinitionError: with the report of every fault.
        PluginError: if a plugin does not fit.
    """
    return _built(_given(source, text), _plugins(plugins))


def _built(source: Source | DefinitionText, found: Plugins, place: Mapping[str, Any] = EMPTY) -> Lifecycle:
    definition, compiled, report = _compiled(source, found, place)
    if not report.ok:
        raise DefinitionError(report)
    return Lifecycle.of(definition, compiled, plugins=found, clock=utc_now, again=_built_again)


def _built_again(definition: Definition, plugins: Plugins) -> Lifecycle:
    return build_lifecycle(definition, plugins=plugins)


def load_lifecycle(
    source: Source | None = None,
    *,
    text: str | None = None,
    plugins: Plugins | Iterable[object] = (),
    time_zone: str | None = None,
    calendar: str | WorkingTime | None = None,
) -> Lifecycle:
    """
    Load a lifecycle by the name of a built-in or contributed one, or from a file.

    >>> load_lifecycle("simple_deal").stages[0].id
    'qualify'

    Args:
        time_zone: IANA name of the zone whose days are meant, such as ``"Asia/Shanghai"``; by default the definition's.
        calendar: the calendar of its working days, by name or as it would be written; by default the definition's.

    Raises:
        DefinitionError: if there is no such name or file, or it has faults.
    """
    place = {"time_zone": time_zone, "calendar": calendar}
    given = {key: value for key, value in place.items() if value is not None}
    return _built(_given(source, text), _plugins(plugins), given)


def load_definition(
    source: Source | None = None, *, text: str | None = None, plugins: Plugins | Iterable[object] = ()
) -> Definition:
    """
    Read a definition without building it.

    Raises:
        DefinitionError: if it is malformed.
    """
    given = _given(source, text)
    with few_suggestions():
        draft = _draft(given, _plugins(plugins))
    if draft.faults:
        raise DefinitionError(Report(draft.faults, source=_shown(given, draft)))
    return draft.definition


def dump_definition(definition: Definition, *, format: Literal["toml", "json"] = "toml") -> str:  # noqa: A002 -- the word everybody uses
    """
    Write a definition as TOML or JSON; loading the text gives an equal definition.

    Raises:
        InputError: for another format.
    """
    if format not in ("toml", "json"):
        raise InputError("format=", format, say("input.choice", known=("toml", "json"), near=None))
    from .._definition.writer import dump  # noqa: PLC0415 -- few programs write definitions

    return dump(definition, format)


def _given(source: Source | None, text: str | None) -> Source | DefinitionText:
    if text is None and source is not None:
        return source
    if source is None and isinstance(text, str):
        return DefinitionText(text)
    raise InputError("text=", text, say("input.source_or_text"))


@cache
def _built_in() -> Plugins:
    # Frozen once made, so every lifecycle without plugins of its own may share it.
    return Plugins()


def _plugins(plugins: Plugins | Iterable[object]) -> Plugins:
    if isinstance(plugins, Plugins):
        return plugins
    if isinstance(plugins, str) or not isinstance(plugins, Iterable):
        raise InputError("plugins=", plugins, say("input.plugins"))
    given = tuple(plugins)
    return Plugins(*given) if given else _built_in()


def _draft(source: Source | DefinitionText, plugins: Plugins) -> PartialDefinition:
    if isinstance(source, Definition):
        from .._definition.check_types import check_types  # noqa: PLC0415 -- most definitions are files

        return PartialDefinition(source, tuple(check_types(source)))
    from .._definition.reader import read_definition  # noqa: PLC0415 -- a definition may be written in Python

    if isinstance(source, str) and source in plugins.lifecycles:
        return read_definition(plugins.lifecycles[source])
    draft = read_definition(source)
    if isinstance(source, str) and draft.faults and draft.faults[0].code in ("source.unknown", "file.unreadable"):
        first, near = draft.faults[0], nearest(source, plugins.lifecycles)
        hint = say("source.named", hint=first.hint, known=sorted(plugins.lifecycles), near=near)
        return attrs.evolve(draft, faults=(attrs.evolve(first, hint=hint), *draft.faults[1:]))
    return draft


def _compiled(
    source: Source | DefinitionText, plugins: Plugins, place: Mapping[str, Any] = EMPTY
) -> tuple[Definition, Compiled, Report]:
    with few_suggestions():
        return _checked(source, plugins, place)


def _checked(
    source: Source | DefinitionText, plugins: Plugins, place: Mapping[str, Any]
) -> tuple[Definition, Compiled, Report]:
    draft = _draft(source, plugins)
    if isinstance(source, Definition) and draft.faults:  # what is of another type cannot be looked at further
        draft = attrs.evolve(draft, definition=Definition(""))
    draft = attrs.evolve(draft, definition=attrs.evolve(draft.definition, **place)) if place else draft
    unread = bool(draft.faults) and not draft.definition.id and not draft.definition.stages
    compiled, found = compile_definition(draft.definition, plugins.contributions, _gaps(draft), environment=os.environ)
    placed = () if unread else tuple(draft.locate(fault) for fault in found)
    told = {fault.path for fault in draft.faults}
    faults = [fault for fault in placed if fault.severity == "fault" and fault.path not in told]
    broken = [fault.path for fault in (*draft.faults, *faults) if ".guards" in fault.path]
    warnings = [fault for fault in placed if fault.severity == "warning" and not _follows(fault, broken)]
    report = Report((*draft.faults, *faults), tuple(warnings), source=_shown(source, draft))
    return draft.definition, compiled, report


def _gaps(draft: PartialDefinition) -> UnreadParts:
    paths = {fault.path for fault in draft.faults} | draft.kept.keys()
    # A misspelt key hides the intended key.
    for fault in draft.faults:
        if fault.code == "key.unknown" and isinstance(fault.hint, Message) and fault.hint.parts["near"]:
            paths.add(f"{fault.path[: fault.path.rfind('.') + 1]}{fault.hint.parts['near']}")
    whole = frozenset({""} if paths & {"fields", "stages", "transitions"} - draft.kept.keys() else ())
    return UnreadParts(draft.dropped | whole, frozenset(_POSITION.sub("", path) for path in paths))


def _follows(warning: Fault, broken: Iterable[str]) -> bool:
    """
    Tell whether a warning may only be there because guards have faults of their own.
    """
    if warning.code == "transition.shadowed":
        return any(broken)
    return warning.code == "loop.unbudgeted" and any(path.startswith(f"{warning.path}.") for path in broken)


def _shown(source: Source | DefinitionText, draft: PartialDefinition) -> str:
    if isinstance(source, PathLike) or (isinstance(source, str) and "\n" not in source):
        return str(source)
    return draft.definition.id or "definition"
