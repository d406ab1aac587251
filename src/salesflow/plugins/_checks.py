"""
Looks at plugins one by one: who they are, whether their hooks fit, and what they contribute.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, cast, get_type_hints

import attrs

from .._definition.shape import COMBINATORS
from .._model.frozen import noun
from .._model.lazy import LazyValue
from .._model.parameters import is_coroutine
from .._model.values import is_name
from ..effects import EffectKind
from ..errors import PluginError, nearest, say, term
from ..guards import Guard
from . import hookspecs


HOOKS: Final = tuple(name for name in hookspecs.__all__ if name.startswith("salesflow_"))
SETTINGS: Final = "settings"
"""The argument by which an implementation asks for the settings of its plugin."""

_PREFIX: Final = re.compile(r"[a-z0-9_]*")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")


def arguments_of(hook: str) -> tuple[str, ...]:
    """
    Return the arguments that a hook offers, in order.
    """
    return tuple(inspect.signature(getattr(hookspecs, hook)).parameters)


@noun
class Plugin:
    """
    A plugin as it was given.

    Attributes:
        thing: the module or object itself.
        version: its own ``version`` or ``__version__``, or that of its distribution.
        distribution: what it was installed with; empty if it was passed in.
    """

    name: str
    thing: object = attrs.field(eq=False, repr=False)
    version: str = ""
    distribution: str = ""

    @classmethod
    def of(cls, thing: object, *, name: str = "", version: str = "", distribution: str = "") -> Plugin:
        """
        Name a plugin and its version.
        """
        if not name and isinstance(thing, (ModuleType, type)):
            name = thing.__name__
        name = name or str(getattr(thing, "name", None) or type(thing).__name__)
        own = getattr(thing, "version", None) or getattr(thing, "__version__", None)
        return cls(name, thing, own if isinstance(own, str) else version, distribution)

    @property
    def prefix(self) -> str:
        """
        What every name that it brings begins with, before a dot.

        It is the plugin's name in lower case, up to the first character that a name cannot have; of a module,
        without the packages that it is in. ``salesflow_`` before it is left out.
        """
        own = self.name.rpartition(".")[2] if isinstance(self.thing, ModuleType) else self.name
        short = own.lower().removeprefix("salesflow_").removeprefix("salesflow-")
        return _PREFIX.match(short)[0]  # type: ignore[index]  # it matches nothing at all, too

    def check_prefix(self, what: str, name: str, hook: str | None = None) -> None:
        """
        Refuse a name that is neither the prefix nor begins with the prefix and a dot.

        Raises:
            PluginError: naming what is called so.
        """
        if self.name != "salesflow" and name != self.prefix and not name.startswith(f"{self.prefix}."):
            problem = say("plugin.prefix", what=term(what), name=name, prefix=self.prefix)
            raise self.error(problem, say("plugin.rename"), hook=hook)

    def error(self, problem: str, remedy: str, *, hook: str | None = None, argument: str | None = None) -> PluginError:
        """
        Return the error that says what is wrong with it.
        """
        return PluginError(
            self.name, problem, remedy=remedy, hook=hook, argument=argument, distribution=self.distribution or None
        )


def check_plugin(plugin: Plugin) -> None:
    """
    Look at every hook of a plugin.

    Raises:
        PluginError: it needs a newer API, or one of its hooks is unknown, unmarked, wrapped, or
            takes an argument that is not offered; or it has none.
    """
    wanted: Any = getattr(plugin.thing, "salesflow_api", hookspecs.API)
    if not isinstance(wanted, int) or wanted > hookspecs.API:
        problem = say("plugin.newer", wanted=wanted, API=hookspecs.API)
        raise plugin.error(problem, say("plugin.upgrade"))
    for name in dir(plugin.thing):
        found = None if name.startswith("__") else inspect.getattr_static(plugin.thing, name, None)
        if not name.startswith("salesflow_") and getattr(found, "salesflow_impl", None) is not None:
            hint = say("plugin.hooks", known=HOOKS, near=nearest(f"salesflow_{name}", HOOKS))
            raise plugin.error(say("plugin.marked"), hint, hook=name)
    named = [name for name in dir(plugin.thing) if name.startswith("salesflow_")]
    hooks = [name for name in named if inspect.isroutine(getattr(plugin.thing, name))]
    for hook in hooks:
        _check_hook(plugin, hook)
    if not hooks:
        raise plugin.error(say("plugin.no_hook"), say("plugin.mark"))


def _check_hook(plugin: Plugin, hook: str) -> None:
    if hook not in HOOKS:
        hint = say("plugin.hooks", known=HOOKS, near=nearest(hook, HOOKS))
        raise plugin.error(say("plugin.unknown_hook"), hint, hook=hook)
    function = getattr(plugin.thing, hook)
    marks = getattr(function, "salesflow_impl", None)
    if marks is None:
        problem = say("plugin.unmarked")
        raise plugin.error(problem, say("plugin.mark_it"), hook=hook)
    if marks["wrapper"] or marks["hookwrapper"]:
        raise plugin.error(say("plugin.wrapped"), say("plugin.plain"), hook=hook)
    if is_coroutine(function):
        raise plugin.error(say("plugin.coroutine"), say("plugin.plain"), hook=hook)
    offered = arguments_of(hook)
    for name, one in inspect.signature(function).parameters.items():
        if one.default is not one.empty:
            continue  # its own business: it is called without
        if one.kind in (one.POSITIONAL_ONLY, one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise plugin.error(say("plugin.takes", one=one), say("plugin.name_each"), hook=hook, argument=name)
        if name == SETTINGS and name in offered and not hasattr(plugin.thing, "salesflow_settings"):
            raise plugin.error(say("plugin.unset"), say("plugin.declare"), hook=hook, argument=name)
        if name not in offered:
            hint = say("plugin.offers", offered=offered, near=nearest(name, offered))
            raise plugin.error(say("plugin.asks", name=name), hint, hook=hook, argument=name)


Implementation = tuple[Plugin, Callable[..., Any]]
"""Who implements a hook, and with which function."""


@attrs.define(slots=False, eq=False, repr=False)
class ContributionCollector:
    """
    What plugins contribute by name, and which of them did.
    """

    owners: dict[tuple[str, str], str] = attrs.Factory(dict[tuple[str, str], str])

    def collect(
        self,
        impls: Iterable[Implementation],
        hook: str,
        what: str,
        name_of: Callable[[Any], str],
        taken: Iterable[str] = (),
    ) -> dict[str, Any]:
        """
        Call a hook plugin by plugin, so that whoever is wrong can be named.

        Raises:
            PluginError: for a hook that raises or returns something else, and for a name that is taken.
        """
        found: dict[str, Any] = dict.fromkeys(COMBINATORS if what == "guard" else taken)
        for plugin, function in impls:
            for item in _made(plugin, function, hook, what):
                name = item.name if isinstance(item, LazyValue) else name_of(item)
                if name in found:
                    other = self.owners.get((what, name), "salesflow")
                    problem = say("plugin.taken", what=term(what), name=name, other=other)
                    raise plugin.error(problem, say("plugin.prefix_it"), hook=hook)
                # The scheme of a URL is often a word that others have chosen, and a command is typed by hand.
                if what not in {"store", "command"}:
                    plugin.check_prefix(what, name, hook)
                found[name] = item
                self.owners[(what, name)] = plugin.name
        return {name: item for name, item in found.items() if item is not None}


def _made(plugin: Plugin, function: Callable[..., Any], hook: str, what: str) -> Sequence[Any]:
    """
    Return what one implementation contributes, checked.
    """
    fits = _FITS[what]
    try:
        made: Any = function()
        listed: Any = made.items() if hasattr(made, "items") else made
        # A generator runs here, so what it raises is the plugin's as well.
        found: tuple[Any, ...] = tuple(listed)
    except (Exception, SystemExit) as error:
        problem = say("plugin.gives_none", what=term(what), name=type(error).__name__, error=error)
        raise plugin.error(problem, say("plugin.return", wanted=say(f"wanted.{what}")), hook=hook) from error
    if not all(isinstance(item, LazyValue) or fits(item) for item in found):
        remedy = say("plugin.return_named", wanted=say(f"wanted.{what}"))
        raise plugin.error(say("plugin.returned", made=made), remedy, hook=hook)
    return found


def settings_class(plugin: Plugin, function: Callable[..., Any]) -> type[Any]:
    """
    Return the class of a plugin's settings, checked.

    Raises:
        PluginError: the hook raises, or returns something else.
    """
    hook, remedy = "salesflow_settings", say("plugin.settings_class")
    try:
        made: Any = function()
        fits = isinstance(made, type) and attrs.has(made) and _is_frozen(made)
        get_type_hints(made)
    except (Exception, SystemExit) as error:
        problem = say("plugin.no_settings", name=type(error).__name__, error=error)
        raise plugin.error(problem, remedy, hook=hook) from error
    if not fits:
        raise plugin.error(say("plugin.returned", made=made), remedy, hook=hook)
    if not is_name(plugin.prefix):
        hint = say("plugin.lower")
        raise plugin.error(say("plugin.nameless"), hint, hook=hook)
    return cast("type[Any]", made)


def _is_frozen(kind: type[Any]) -> bool:
    try:
        setattr(object.__new__(kind), "any", None)  # noqa: B010 -- a fixed name, of no attribute
    except AttributeError as error:
        return isinstance(error, attrs.exceptions.FrozenInstanceError)
    return False


def _is_entry(item: Any) -> bool:
    return (
        isinstance(item, type)
        and is_name(getattr(item, "kind", None))
        and attrs.has(item)
        and (hasattr(item, "id") or "id" in attrs.fields_dict(item))
    )


def _is_opener(item: Any) -> bool:
    match item:
        case (str(scheme), opener):
            return _SCHEME.fullmatch(scheme) is not None and callable(opener)
        case _:
            return False


def _is_lifecycle(item: Any) -> bool:
    match item:
        case (name, _):
            return is_name(name)
        case _:
            return False


_FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "guard": lambda item: isinstance(item, Guard) and is_name(item.name),
    "effect": lambda item: isinstance(item, EffectKind) and is_name(item.name),
    "entry": _is_entry,
    "lifecycle": _is_lifecycle,
    "store": _is_opener,
    # click is an extra of the command line, so a command is known by what it can do.
    "command": lambda item: isinstance(getattr(item, "name", None), str) and callable(getattr(item, "main", None)),
    "kpi": lambda item: is_name(getattr(getattr(item, "definition", None), "name", None)),
}
