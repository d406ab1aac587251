"""
The typed way to plugins: what they bring, in one place, checked when it is put together.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import attrs
import pluggy

from . import hookspecs
from ._facts import Fact, Notice
from ._frozen import FrozenDict
from ._project import Project
from ._rules import COMBINATORS, Contributions
from ._values import is_name
from .dossier import BUILT_IN as BUILT_IN_ENTRIES
from .effects import BUILT_IN as BUILT_IN_EFFECTS
from .effects import EffectKind
from .errors import InputError, PluginError, did_you_mean, shown
from .guards import BUILT_IN as BUILT_IN_GUARDS
from .guards import Guard
from .hookspecs import hookimpl
from .stores._urls import OPENERS
from .templates import BUILT_IN as BUILT_IN_LIFECYCLES
from .templates import read as read_template
from .typing import Listener, Store


__all__ = ["Plugins", "hookimpl"]


GROUP: Final = "salesflow"
"""The entry-point group that :meth:`Plugins.installed` loads."""

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_HOOKS: Final = tuple(name for name in hookspecs.__all__ if name.startswith("salesflow_"))


def _built_in() -> SimpleNamespace:
    return SimpleNamespace(
        salesflow_guards=hookimpl(lambda: BUILT_IN_GUARDS),
        salesflow_effects=hookimpl(lambda: BUILT_IN_EFFECTS),
        salesflow_entries=hookimpl(lambda: BUILT_IN_ENTRIES),
        salesflow_lifecycles=hookimpl(lambda: {name: read_template(name) for name in BUILT_IN_LIFECYCLES}),
        salesflow_stores=hookimpl(lambda: OPENERS),
    )


class Plugins:
    """
    The plugins that a lifecycle is built with; the built-ins are always the first of them.

    Args:
        plugins: modules or objects with functions marked ``hookimpl``.

    Raises:
        PluginError: for an unknown hook or argument, something that is no contribution, or a
            name that is contributed twice.
    """

    contributions: Contributions
    lifecycles: Mapping[str, Any]
    stores: Mapping[str, Callable[..., Store]]
    listeners: tuple[tuple[str, Listener], ...]
    notifiers: tuple[tuple[str, Callable[[Notice], Any]], ...]

    def __init__(self, *plugins: object) -> None:
        self._manager = pluggy.PluginManager("salesflow")
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(_built_in(), "salesflow")
        for plugin in plugins:
            self._register(plugin, _name_of(plugin))
        self.contributions, self.lifecycles, self.stores = self._collect()
        told = self._implementations("salesflow_committed")
        self.listeners = tuple((impl.plugin_name, _bound(impl.function, impl.argnames)) for impl in told)
        self.notifiers = tuple((impl.plugin_name, impl.function) for impl in self._implementations("salesflow_notify"))

    @classmethod
    def installed(cls, *plugins: object) -> Plugins:
        """
        Load every plugin that is installed under the entry-point group ``salesflow``, then *plugins*.

        Nothing is loaded without this call.

        Raises:
            PluginError: also when an entry point cannot be imported.
        """
        found: list[object] = []
        for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
            try:
                found.append(point.load())
            except Exception as error:
                raise PluginError(point.name, f"it cannot be loaded ({type(error).__name__}: {error})") from error
        return cls(*found, *plugins)

    @property
    def names(self) -> tuple[str, ...]:
        """
        The names of the plugins, in the order they were given.
        """
        return tuple(name for name, _ in self._manager.list_name_plugin())

    def open_store(self, url: str, *, tenant: str = "main") -> Store:
        """
        Open the store that a URL names, for example ``sqlite:sales.db`` or ``journal:sales/``.

        It is told the entry classes of these plugins.

        Raises:
            InputError: if no plugin opens such a URL.
        """
        scheme = url.partition(":")[0]
        opener = self.stores.get(scheme)
        if opener is None:
            known = ", ".join(f"{one}:" for one in sorted(self.stores))
            raise InputError("store", url, f"Write one of {known}.{did_you_mean(scheme, self.stores)}")
        return opener(url, tenant=tenant, entries=tuple(self.contributions.entries.values()))

    def _register(self, plugin: object, name: str) -> None:
        for attribute in dir(plugin):
            if attribute.startswith("salesflow_") and inspect.isroutine(getattr(plugin, attribute)):
                _check_hook(plugin, name, attribute)
        if self._manager.has_plugin(name):
            raise PluginError(name, "a plugin of this name is given already. Give each once, under its own name.")
        try:
            self._manager.register(plugin, name)
        except pluggy.PluginValidationError as error:
            hook = next((one for one in _HOOKS if f"{one!r}" in str(error)), None)
            raise PluginError(name, f"{error}. See the signatures in salesflow.hookspecs.", hook=hook) from error
        if not self._manager.get_hookcallers(plugin):
            raise PluginError(name, "it implements no hook. Mark its functions with @hookimpl.")

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """
        Return a hook's implementations in the order of their plugins, ``tryfirst`` and ``trylast`` apart.
        """
        found: list[pluggy.HookImpl] = getattr(self._manager.hook, hook).get_hookimpls()
        return sorted(found, key=lambda impl: impl.trylast - impl.tryfirst)

    def _collect(self) -> tuple[Contributions, Mapping[str, Any], Mapping[str, Any]]:
        owners: dict[tuple[str, str], str] = {}
        guards = self._gather("salesflow_guards", "guard", lambda one: one.name, owners, _is_guard)
        effects = self._gather("salesflow_effects", "effect", lambda one: one.name, owners, _is_effect)
        entries = self._gather("salesflow_entries", "entry", lambda one: one.kind, owners, _is_entry)
        lifecycles = self._gather("salesflow_lifecycles", "lifecycle", lambda one: one[0], owners, _is_named)
        stores = self._gather("salesflow_stores", "store", lambda one: one[0], owners, _is_opener)
        contributions = Contributions(FrozenDict(guards), FrozenDict(effects), FrozenDict(entries), FrozenDict(owners))
        by_name, by_scheme = (
            FrozenDict({name: made for name, (_, made) in one.items()}) for one in (lifecycles, stores)
        )
        return contributions, by_name, by_scheme

    def _gather(
        self,
        hook: str,
        what: str,
        name_of: Callable[[Any], str],
        owners: dict[tuple[str, str], str],
        fits: Callable[[Any], bool],
    ) -> dict[str, Any]:
        """
        Call a hook plugin by plugin, so that whoever is wrong can be named.
        """
        found: dict[str, Any] = dict.fromkeys(COMBINATORS) if what == "guard" else {}
        for impl in self._implementations(hook):
            for item in _made(impl, hook, what, fits):
                name = name_of(item)
                if name in found:
                    other = owners.get((what, name), "salesflow")
                    problem = f"{what} {name!r} is contributed by {other!r} already; prefix the name with the plugin's."
                    raise PluginError(impl.plugin_name, problem, hook=hook)
                found[name] = item
                owners[(what, name)] = impl.plugin_name
        return {name: item for name, item in found.items() if item is not None}


def _check_hook(plugin: object, name: str, hook: str) -> None:
    if hook not in _HOOKS:
        near = did_you_mean(hook, _HOOKS)
        raise PluginError(name, f"there is no such hook. Hooks: {', '.join(_HOOKS)}.{near}", hook=hook)
    marks = getattr(getattr(plugin, hook), "salesflow_impl", None)
    if marks is None:
        raise PluginError(name, "it is not marked, so it would never be called. Put @hookimpl above it.", hook=hook)
    if marks["wrapper"] or marks["hookwrapper"]:
        raise PluginError(name, "hooks are not wrapped here. Write it as a plain function.", hook=hook)


def _made(impl: pluggy.HookImpl, hook: str, what: str, fits: Callable[[Any], bool]) -> tuple[Any, ...]:
    """
    Return what one implementation contributes, checked.
    """
    try:
        made: Any = impl.function()
        listed: Any = made.items() if hasattr(made, "items") else made
        # A generator runs here, so what it raises is the plugin's as well.
        found: tuple[Any, ...] = tuple(listed)
    except Exception as error:
        problem = f"it gives no {what} contributions ({type(error).__name__}: {error})."
        raise PluginError(impl.plugin_name, problem, hook=hook) from error
    if not all(fits(item) for item in found):
        wanted = f"return {_WANTED[what]}, named in snake_case, not {shown(made)}."
        raise PluginError(impl.plugin_name, wanted, hook=hook)
    return found


def _name_of(plugin: object) -> str:
    if isinstance(plugin, (ModuleType, type)):
        return plugin.__name__
    return str(getattr(plugin, "name", None) or type(plugin).__name__)


def _bound(function: Callable[..., Any], wanted: Iterable[str]) -> Listener:
    """
    Return a listener that passes on the arguments that an implementation asks for.
    """
    names = tuple(wanted)
    if names == tuple(inspect.signature(hookspecs.salesflow_committed).parameters):
        return function
    return _Told(function, names)


@attrs.frozen
class _Told:
    """
    A listener that takes some of the arguments only. Equal ones are one, so it is told once.
    """

    function: Callable[..., Any]
    names: tuple[str, ...]

    def __call__(self, facts: tuple[Fact, ...], project: Project) -> Any:
        given: Mapping[str, Any] = {"facts": facts, "project": project}
        return self.function(**{name: given[name] for name in self.names})


_WANTED: Final = {
    "guard": "guards made with @guard",
    "effect": "effects made with @effect",
    "entry": "frozen attrs classes with a kind and an id",
    "lifecycle": "a mapping of ids to definitions",
    "store": "a mapping of URL schemes to functions that open one",
}


def _is_guard(item: Any) -> bool:
    return isinstance(item, Guard) and is_name(item.name)


def _is_effect(item: Any) -> bool:
    return isinstance(item, EffectKind) and is_name(item.name)


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


def _is_named(item: Any) -> bool:
    match item:
        case (name, _):
            return is_name(name)
        case _:
            return False
