"""
Fits the implementations of plugins to how they are called: bound arguments, messages, times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from .._lifecycle.contributions import SettingsCall
from .._model.advice import AdviceContext, BoundAdvice
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.values import Label
from ..errors import say_both
from ..typing import Context
from ._checks import SETTINGS, Plugin


Trace: TypeAlias = Callable[[str, str, float], Any]
"""Called after each call of a hook with the hook, the plugin, and how many seconds it took."""


@noun(slots=False, repr=False)
class StageRuleCheck:
    """
    A plugin's stage rules as the check of a guard.
    """

    function: Callable[..., Any]

    def __call__(self, ctx: Context) -> Any:
        found = self.function(ctx.project, ctx.transition, ctx.actor, ctx.at)
        # A generator runs here; no verdict at all is a pass.
        return tuple(found) if hasattr(found, "__iter__") else () if found is None else found


@noun(slots=False, repr=False)
class AdviceCall:
    """
    A plugin's scores or risk checks, called with the context of an adviser.
    """

    function: Callable[..., Any]

    def __call__(self, ctx: AdviceContext) -> Any:
        return self.function(ctx.project, ctx.at)


def adapted(call: Any, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Any:
    """
    Return an implementation as *wrap* makes it, at once or when it gets its settings.
    """
    return SettingsCall(lambda settings: wrap(call.bind(settings))) if isinstance(call, SettingsCall) else wrap(call)


def advice_of(plugin: Plugin, call: Callable[..., Any], what: str) -> BoundAdvice:
    """
    Return a plugin's scores or risk checks as one adviser.
    """
    name, codes, names = f"{plugin.name}.{what}", messages_of(plugin), _advice_names(plugin)
    about = plugin.name, plugin.version, plugin.prefix, names
    return BoundAdvice(name, adapted(call, AdviceCall), None, codes, *about)


def _advice_names(plugin: Plugin) -> tuple[str, ...]:
    names: Any = getattr(plugin.thing, "advice", ())
    if not isinstance(names, (tuple, list)) or not all(isinstance(each, str) for each in cast("list[Any]", names)):
        raise plugin.error(*say_both("plugin.advice"))
    found = tuple(cast("list[str]", names))
    for each in found:
        plugin.check_prefix("advice", each)
    return found


def messages_of(plugin: Plugin) -> Mapping[str, Label]:
    """
    Return the messages that a plugin gives for the codes of its rules, scores and findings.
    """
    codes: Any = getattr(plugin.thing, "codes", EMPTY)
    items: Any = codes.items() if hasattr(codes, "items") else ()
    if not hasattr(codes, "items") or not all(isinstance(k, str) and isinstance(v, Label) for k, v in items):
        raise plugin.error(*say_both("plugin.codes"))
    for code in codes:
        plugin.check_prefix("code", code)
    return FrozenDict(codes)


@noun(slots=False, repr=False)
class ArgumentAdapter:
    """
    An implementation that takes some of the arguments only, and perhaps its settings.
    """

    function: Callable[..., Any]
    wanted: tuple[str, ...]
    offered: tuple[str, ...]
    settings: object = None

    def __call__(self, *given: Any) -> Any:
        arguments = {**dict(zip(self.offered, given, strict=True)), SETTINGS: self.settings}
        return self.function(**{name: arguments[name] for name in self.wanted})


@noun(slots=False, repr=False)
class TimedImplementation:
    """
    An implementation whose calls are measured.
    """

    trace: Trace
    hook: str
    plugin: str
    function: Callable[..., Any]

    def __call__(self, *given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return self.function(*given, **named)
        finally:
            self.trace(self.hook, self.plugin, time.perf_counter() - start)
