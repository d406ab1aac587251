"""
The typed way to plugins: what they bring, in one place, checked when it is put together.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import pluggy

from . import hookspecs
from ._facts import Fact
from ._project import Project
from ._rules import COMBINATORS, Contributions
from ._values import FrozenDict, is_name
from .dossier import BUILT_IN as BUILT_IN_ENTRIES
from .effects import BUILT_IN as BUILT_IN_EFFECTS
from .effects import EffectKind
from .errors import PluginError, did_you_mean
from .guards import BUILT_IN as BUILT_IN_GUARDS
from .guards import Guard
from .hookspecs import hookimpl
from .templates import BUILT_IN as BUILT_IN_LIFECYCLES
from .templates import read as read_template
from .typing import Listener


__all__ = ["Plugins", "hookimpl"]


GROUP: Final = "salesflow"
"""The entry-point group that :meth:`Plugins.installed` loads."""

_HOOKS: Final = tuple(name for name in hookspecs.__all__ if name.startswith("salesflow_"))


def _built_in() -> SimpleNamespace:
    return SimpleNamespace(
        salesflow_guards=hookimpl(lambda: BUILT_IN_GUARDS),
        salesflow_effects=hookimpl(lambda: BUILT_IN_EFFECTS),
        salesflow_entries=hookimpl(lambda: BUILT_IN_ENTRIES),
        salesflow_lifecycles=hookimpl(lambda: {name: read_template(name) for name in BUILT_IN_LIFECYCLES}),
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
    listeners: tuple[tuple[str, Listener], ...]

    def __init__(self, *plugins: object) -> None:
        self._manager = pluggy.PluginManager("salesflow")
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(_built_in(), "salesflow")
        for plugin in plugins:
            self._register(plugin, _name_of(plugin))
        self.contributions, self.lifecycles = self._collect()
        self.listeners = tuple(
            (impl.plugin_name, _bound(impl.function, impl.argnames))
            for impl in self._manager.hook.salesflow_committed.get_hookimpls()
        )

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

    def _register(self, plugin: object, name: str) -> None:
        for attribute in dir(plugin):
            if attribute.startswith("salesflow_") and attribute not in _HOOKS:
                near = did_you_mean(attribute, _HOOKS)
                raise PluginError(name, f"there is no such hook. Hooks: {', '.join(_HOOKS)}.{near}", hook=attribute)
        try:
            registered = self._manager.register(plugin, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(name, f"{error}. See the signatures in salesflow.hookspecs.") from error
        if registered is None or not self._manager.get_hookcallers(plugin):
            raise PluginError(name, "it implements no hook. Mark its functions with @hookimpl.")

    def _collect(self) -> tuple[Contributions, Mapping[str, Any]]:
        owners: dict[tuple[str, str], str] = {}
        guards = self._gather("salesflow_guards", "guard", lambda one: one.name, owners, _is_guard)
        effects = self._gather("salesflow_effects", "effect", lambda one: one.name, owners, _is_effect)
        entries = self._gather("salesflow_entries", "entry", lambda one: one.kind, owners, _is_entry)
        lifecycles = self._gather("salesflow_lifecycles", "lifecycle", lambda one: one[0], owners, _is_named)
        contributions = Contributions(
            FrozenDict(guards), FrozenDict(effects), FrozenDict(entries), FrozenDict(owners)
        )
        return contributions, FrozenDict({name: source for name, (_, source) in lifecycles.items()})

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
        found: dict[str, Any] = {name: None for name in COMBINATORS} if what == "guard" else {}
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            made: Any = impl.function()
            items = tuple(made.items()) if isinstance(made, Mapping) else made
            if not isinstance(items, Sequence) or not all(fits(item) for item in items):
                raise PluginError(impl.plugin_name, f"it must return {what} contributions, not {made!r}.", hook=hook)
            for item in items:
                name = name_of(item)
                if name in found:
                    other = owners.get((what, name), "salesflow")
                    problem = f"{what} {name!r} is contributed by {other!r} already; prefix the name with the plugin's."
                    raise PluginError(impl.plugin_name, problem, hook=hook)
                found[name] = item
                owners[(what, name)] = impl.plugin_name
        return {name: item for name, item in found.items() if item is not None}


def _name_of(plugin: object) -> str:
    if isinstance(plugin, ModuleType):
        return plugin.__name__
    return str(getattr(plugin, "name", None) or type(plugin).__name__)


def _bound(function: Callable[..., Any], wanted: Iterable[str]) -> Listener:
    """
    Return a listener that passes on the arguments that an implementation asks for.
    """
    names = tuple(wanted)
    if names == tuple(inspect.signature(hookspecs.salesflow_committed).parameters):
        return function

    def told(facts: tuple[Fact, ...], project: Project) -> Any:
        given = {"facts": facts, "project": project}
        return function(**{name: given[name] for name in names})

    return told


def _is_guard(item: Any) -> bool:
    return isinstance(item, Guard)


def _is_effect(item: Any) -> bool:
    return isinstance(item, EffectKind)


def _is_entry(item: Any) -> bool:
    return isinstance(item, type) and is_name(getattr(item, "kind", None)) and hasattr(item, "__attrs_attrs__")


def _is_named(item: Any) -> bool:
    return isinstance(item, tuple) and is_name(item[0])
