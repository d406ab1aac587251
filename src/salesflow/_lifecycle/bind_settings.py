"""
Binds the settings of plugins: tables of a definition to the classes that the plugins declare, for one lifecycle.

Plugins are shared by lifecycles, and their settings are not: each lifecycle gets its own calls of the
implementations that ask for settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

import attrs

from .._definition.edges import UnreadParts
from .._definition.report import Fault, fault
from .._model.advice import BoundAdvice
from .._model.definition import Definition
from .._model.env import Env
from .._model.frozen import EMPTY, FrozenDict
from .._model.parameters import call_factory, problems_of, read_params
from ..errors import DefinitionError, nearest, say
from .compiled import BoundGuard
from .contributions import Contributions, SettingsCall, SettingsClass


C = TypeVar("C", bound=Callable[..., Any])


def bind_settings(
    definition: Definition,
    contributions: Contributions,
    environment: Mapping[str, str],
    unread_parts: UnreadParts,
    faults: list[Fault],
) -> Contributions:
    """
    Return what plugins bring with the settings that a definition gives them; what is wrong is added to *faults*.

    An implementation that asks for settings which are not there is left out.

    Args:
        environment: where the values of secrets are.
    """
    declared = contributions.settings
    faults += _unknown(definition, contributions)
    given: dict[str, object] = {}
    for name, one in declared.items():
        table = definition.plugins.get(name)
        unread = not unread_parts.unread.isdisjoint({"plugins", f"plugins.{name}"})
        if table is None and (unread or (one.installed and problems_of(one.kind, EMPTY))):
            continue
        made = _made(one, table or EMPTY, f"plugins.{name}", environment, faults)
        if made is not None:
            given[one.plugin] = made
    return _bound(contributions, FrozenDict(given)) if declared else contributions


def _unknown(definition: Definition, contributions: Contributions) -> Iterator[Fault]:
    for name in definition.plugins.keys() - contributions.settings.keys():
        yield fault(f"plugins.{name}", "plugin.unknown", name=name, near=nearest(name, contributions.settings))


def _made(
    declared: SettingsClass, table: Mapping[str, Any], path: str, environment: Mapping[str, str], faults: list[Fault]
) -> object | None:
    """
    Return the settings of one plugin; ``None`` where they do not fit, which is a fault.
    """
    before = len(faults)
    read, problems = read_params(declared.kind, table, what="setting")
    faults += [Fault(f"{path}.{each.name}", f"settings.{each.kind}", each.problem, each.hint) for each in problems]
    secrets: list[str] = []

    def filled(path: str, value: Any) -> Any:
        if isinstance(value, Env):
            secret = environment.get(value.name, "")
            if not secret:
                faults.append(fault(path, "settings.env", name=value.name))
            secrets.append(secret)
            return value.with_value(secret)
        if isinstance(value, (tuple, list, frozenset, set)):
            many = cast("tuple[Any, ...]", value)
            return type(many)(filled(path, item) for item in many)
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return FrozenDict({key: filled(path, item) for key, item in items})
        return value

    params = {name: filled(f"{path}.{name}", value) for name, value in read.items()}
    return None if len(faults) > before else _called(declared.kind, params, path, secrets, faults)


def _called(
    kind: type[Any], params: Mapping[str, Any], path: str, secrets: list[str], faults: list[Fault]
) -> object | None:
    """
    Return the settings, or ``None`` where their class refuses them, in its own words and without the secrets.
    """
    try:
        return cast("object", call_factory(kind, params))
    except DefinitionError as error:  # of a file that a setting names
        source = error.report.source
        for each in error.report.faults:
            where = say("fault.line", where=each.path, line=each.line) if each.line else each.path
            inside = say("settings.file", source=source, where=where, problem=each.problem)
            faults.append(attrs.evolve(each, path=path, problem=inside, line=None))
        return None
    except Exception as error:  # noqa: BLE001 -- a plugin's class may raise anything
        # A validator of attrs raises with more than the sentence, which begins with the name of the attribute.
        text = str(next(iter(error.args), "")).rstrip(".") or type(error).__name__
        for secret in secrets:
            text = text.replace(secret, "…")
        named = next((name for name in params if text.startswith(repr(name))), None)
        faults.append(fault(f"{path}.{named}" if named else path, "settings.value", why=text))
        return None


def _bound(contributions: Contributions, given: Mapping[str, object]) -> Contributions:
    """
    Return the contributions with every call bound to the settings of its plugin.
    """

    def bound(plugin: str, call: C) -> Iterator[C]:
        if not isinstance(call, SettingsCall):
            yield call
        elif plugin in given:
            yield cast("C", call.bind(given[plugin]))

    def named(calls: tuple[tuple[str, C], ...]) -> tuple[tuple[str, C], ...]:
        return tuple((name, each) for name, call in calls for each in bound(name, call))

    def advisers(brought: tuple[BoundAdvice, ...]) -> tuple[BoundAdvice, ...]:
        return tuple(attrs.evolve(one, ask=each) for one in brought for each in bound(one.plugin, one.ask))

    rules = contributions.stage_rules
    return attrs.evolve(
        contributions,
        stage_rules=tuple(BoundGuard.of(one.spec, each) for one in rules for each in bound(one.spec.plugin, one.check)),
        scorers=advisers(contributions.scorers),
        risk_checks=advisers(contributions.risk_checks),
        listeners=named(contributions.listeners),
        notifiers=named(contributions.notifiers),
        directories=named(contributions.directories),
        topics=contributions.topics.union(*(getattr(each, "topics", ()) for each in given.values())),
        given=given,
    )
