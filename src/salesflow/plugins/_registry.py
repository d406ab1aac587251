"""
The plugins of a process with everything they contribute, typed, and checked when they are put together.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pluggy

from .._lifecycle.compiled import BoundGuard
from .._lifecycle.contributions import Contributions, SettingsCall, SettingsClass
from .._model.argument_types import explain_types
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.lazy import LazyMapping, LazyValue
from .._model.parameters import check_plain
from .._model.values import Label, to_tuple
from .._model.verdict import GuardSpec
from ..dossier._names import HOMES as ENTRY_HOMES
from ..effects import BUILT_IN as BUILT_IN_EFFECTS
from ..errors import InputError, PluginError, nearest, say, say_both
from ..guards import Guard
from ..guards._names import HOMES as GUARD_HOMES
from ..stores._urls import OPENERS, without_password
from ..templates import BUILT_IN as BUILT_IN_LIFECYCLES
from ..typing import Store
from . import hookspecs
from ._adapters import ArgumentAdapter, StageRuleCheck, TimedImplementation, Trace, adapted, advice_of, messages_of
from ._checks import (
    HOOKS,
    SETTINGS,
    ContributionCollector,
    Implementation,
    Plugin,
    arguments_of,
    check_plugin,
    settings_class,
)
from .hookspecs import hookimpl


if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


__all__ = ["Plugin", "Plugins", "Survey", "Trace", "hookimpl", "survey"]


GROUP: Final = "salesflow"
"""The entry-point group that :meth:`Plugins.installed` loads."""


def _guards() -> list[LazyValue]:
    return [LazyValue(name, f"salesflow.guards.{home}", name) for home, names in GUARD_HOMES.items() for name in names]


def _entries() -> list[LazyValue]:
    return [
        LazyValue(kind, f"salesflow.dossier.{home}", name)
        for home, kinds in ENTRY_HOMES.items()
        for name, kind in kinds.items()
    ]


def _built_in() -> SimpleNamespace:
    return SimpleNamespace(
        salesflow_guards=hookimpl(_guards),
        salesflow_effects=hookimpl(lambda: BUILT_IN_EFFECTS),
        salesflow_entries=hookimpl(_entries),
        salesflow_lifecycles=hookimpl(lambda: BUILT_IN_LIFECYCLES),
        salesflow_stores=hookimpl(lambda: OPENERS),
    )


def _put_together(trace: Trace | None, *given: tuple[Any, str, str, str, bool]) -> Plugins:
    """
    Return plugins that were pickled.
    """
    return Plugins(
        *(
            Plugin(name, import_module(thing) if by_name else thing, version, distribution)
            for thing, name, version, distribution, by_name in given
        ),
        trace=trace,
    )


class Plugins:
    """
    The plugins that a lifecycle is built with; the built-ins are always the first of them.

    Implementations of a hook are called in the order of their plugins; one marked
    ``hookimpl(tryfirst=True)`` comes before them all, ``trylast=True`` after them.

    Args:
        plugins: modules or objects with functions marked ``hookimpl``.
        trace: called after each call of a hook; without it, nothing is measured.

    Raises:
        PluginError: for an unknown hook or argument, something that is not a contribution, or a
            name that is contributed twice.
    """

    known: tuple[Plugin, ...]
    contributions: Contributions
    lifecycles: Mapping[str, Any]
    stores: Mapping[str, Callable[..., Store]]

    def __init__(self, *plugins: object, trace: Trace | None = None) -> None:
        self._manager = pluggy.PluginManager("salesflow")
        self._manager.add_hookspecs(hookspecs)
        if trace is not None:
            check_plain("trace=", trace)
        self._trace = trace
        self.known = ()
        for thing in (_built_in(), *plugins):
            given = thing if isinstance(thing, Plugin) else Plugin.of(thing, name="" if self.known else "salesflow")
            self._register(given)
        self._manager.check_pending()
        self.contributions, self.lifecycles, self.stores = self._collect()

    @classmethod
    @explain_types
    def installed(
        cls,
        *plugins: object,
        trace: Trace | None = None,
        without: str | Iterable[str] = (),
        report: Callable[[PluginError], Any] | None = None,
    ) -> Plugins:
        """
        Load every plugin that is installed under the entry-point group ``salesflow``, then *plugins*.

        Nothing is loaded without this call.

        Args:
            without: the name, or names, of entry points or distributions that are left out, and not even imported.
            report: called with each error of an installed plugin, which is then left out; without it, the first error
                is raised.

        Raises:
            PluginError: without *report*, also when an entry point cannot be imported.
            InputError: if nothing of a name in *without* is installed.
        """
        loaded: list[Plugin] = []
        for point in _points(to_tuple(without)):
            try:
                loaded.append(_loaded(point))
            except PluginError as error:
                if report is None:
                    raise
                report(error)
        try:
            return cls(*loaded, *plugins, trace=trace)
        except PluginError:
            if report is None:
                raise
        fitting: list[Plugin] = []
        for plugin in loaded:  # so that whoever does not fit beside the others is found
            try:
                cls(*fitting, plugin)
            except PluginError as error:
                report(error)
            else:
                fitting.append(plugin)
        return cls(*fitting, *plugins, trace=trace)

    def __repr__(self) -> str:
        return f"<Plugins {', '.join(self.names)}>"

    def __deepcopy__(self, _memo: object) -> Plugins:
        return self  # nothing changes it once it is made

    def __reduce__(self) -> tuple[Any, ...]:
        # A module has no pickle of its own; it is imported again by its name.
        given = [
            (
                each.thing.__name__ if isinstance(each.thing, ModuleType) else each.thing,
                each.name,
                each.version,
                each.distribution,
                isinstance(each.thing, ModuleType),
            )
            for each in self.known[1:]
        ]
        return _put_together, (self._trace, *given)

    @property
    def names(self) -> tuple[str, ...]:
        """
        The names of the plugins, in the order they were given.
        """
        return tuple(plugin.name for plugin in self.known)

    @explain_types
    def open_store(self, url: str, *, tenant: str = "main", create: bool = True) -> Store:
        """
        Open the store that a URL names, for example ``sqlite:sales.db`` or ``journal:sales/``.

        It gets the entry classes of these plugins.

        Args:
            create: whether it is made if it is not there; whoever only reads says ``False``.

        Raises:
            InputError: if no plugin opens such a URL, or there is no store and none may be made.
        """
        scheme = url.partition(":")[0]
        opener = self.stores.get(scheme)
        if opener is None:
            hint = say(
                "input.schemes", known=[f"{one}:" for one in sorted(self.stores)], near=nearest(scheme, self.stores)
            )
            raise InputError("store", without_password(url), hint)
        return opener(url, tenant=tenant, entries=tuple(self.contributions.entries.values()), create=create)

    def _register(self, plugin: Plugin) -> None:
        if plugin.name in self.names:
            raise plugin.error(*say_both("plugin.twice"))
        try:
            check_plugin(plugin)
            self._manager.register(plugin.thing, plugin.name)
        except PluginError:
            raise
        except Exception as error:
            problem = say("plugin.unreadable", name=type(error).__name__, error=error)
            raise plugin.error(problem, say("plugin.readable")) from error
        self.known = (*self.known, plugin)

    def _implementations(self, hook: str) -> list[Implementation]:
        """
        Return a hook's implementations in the order of their plugins, ``tryfirst`` and ``trylast`` apart.
        """
        found: list[pluggy.HookImpl] = getattr(self._manager.hook, hook).get_hookimpls()
        by_name = {plugin.name: plugin for plugin in self.known}
        ordered = sorted(found, key=lambda impl: impl.trylast - impl.tryfirst)
        return [(by_name[impl.plugin_name], self._timed(hook, impl)) for impl in ordered]

    def _timed(self, hook: str, impl: pluggy.HookImpl) -> Callable[..., Any]:
        return (
            impl.function
            if self._trace is None
            else TimedImplementation(self._trace, hook, impl.plugin_name, impl.function)
        )

    def _bound(self, hook: str) -> Sequence[tuple[Plugin, Any]]:
        """
        Return a hook's implementations as functions of all the arguments that it offers besides the settings.

        One that asks for settings is a :class:`SettingsCall`, which makes such a function of them.
        """
        offered = tuple(name for name in arguments_of(hook) if name != SETTINGS)

        def call_of(function: Callable[..., Any], wanted: tuple[str, ...]) -> Any:
            if SETTINGS in wanted:
                return SettingsCall(partial(ArgumentAdapter, function, wanted, offered))
            return function if wanted == offered else ArgumentAdapter(function, wanted, offered)

        wanted = {impl.plugin_name: tuple(impl.argnames) for impl in getattr(self._manager.hook, hook).get_hookimpls()}
        return [(plugin, call_of(function, wanted[plugin.name])) for plugin, function in self._implementations(hook)]

    def _named(self, hook: str) -> tuple[tuple[str, Any], ...]:
        return tuple((plugin.name, call) for plugin, call in self._bound(hook))

    def _settings(self) -> Mapping[str, SettingsClass]:
        """
        Return the classes of settings by the name of their table, which is the plugin's prefix.
        """
        hook, found = "salesflow_settings", dict[str, SettingsClass]()
        deciding = {plugin for plugin, call in self._named("salesflow_stage_rules") if isinstance(call, SettingsCall)}
        for plugin, function in self._implementations(hook):
            kind, name = settings_class(plugin, function), plugin.prefix
            if name in found:
                raise plugin.error(*say_both("plugin.same_prefix", other=found[name].plugin, prefix=name), hook=hook)
            found[name] = SettingsClass(plugin.name, kind, bool(plugin.distribution), plugin.name in deciding)
        return FrozenDict(found)

    def _collect(self) -> tuple[Contributions, Mapping[str, Any], Mapping[str, Any]]:
        owned = ContributionCollector()

        def gathered(hook: str, what: str, name_of: Callable[[Any], str]) -> LazyMapping[Any]:
            return LazyMapping(owned.collect(self._implementations(hook), hook, what, name_of))

        guards = gathered("salesflow_guards", "guard", lambda one: one.name)
        effects = gathered("salesflow_effects", "effect", lambda one: one.name)
        entries = gathered("salesflow_entries", "entry", lambda one: one.kind)
        lifecycles = gathered("salesflow_lifecycles", "lifecycle", lambda one: one[0])
        stores = gathered("salesflow_stores", "store", lambda one: one[0])
        directories = self._bound("salesflow_directory")
        kpis = gathered("salesflow_kpis", "kpi", lambda one: one.definition.name)
        contributions = Contributions(
            guards,
            effects,
            entries,
            FrozenDict(owned.owners),
            FrozenDict({plugin.name: plugin.version for plugin in self.known}),
            self._stage_rules(guards.values(), owned.owners),
            tuple(advice_of(one, call, "score") for one, call in self._bound("salesflow_score")),
            tuple(advice_of(one, call, "risks") for one, call in self._bound("salesflow_check_risks")),
            self._named("salesflow_committed"),
            self._named("salesflow_notify"),
            tuple((one.name, call) for one, call in directories),
            self._named("salesflow_calendars"),
            self._named("salesflow_recurrences"),
            frozenset(topic for one, _ in directories for topic in getattr(one.thing, "topics", ())),
            kpis,
            self._settings(),
        )
        by_name, by_scheme = (
            FrozenDict({name: made for name, (_, made) in one.items()}) for one in (lifecycles, stores)
        )
        return contributions, by_name, by_scheme

    @explain_types
    def commands(self, taken: Iterable[str] = ()) -> Mapping[str, Any]:
        """
        Return the commands that plugins add to the command line, by name.

        Args:
            taken: the names of the commands that are there already.

        Raises:
            PluginError: for something that is not a command, or a name that is taken.
        """
        impls = self._implementations("salesflow_cli")
        return ContributionCollector().collect(impls, "salesflow_cli", "command", lambda one: one.name, taken)

    def _stage_rules(
        self, guards: Iterable[Guard[Any]], owners: Mapping[tuple[str, str], str]
    ) -> tuple[BoundGuard, ...]:
        """
        Return the stage rules of plugins as rules of every transition; they know their guards' messages.
        """
        rules: list[BoundGuard] = []
        for plugin, call in self._bound("salesflow_stage_rules"):
            codes: dict[str, Label] = {}
            for one in guards:
                if owners[("guard", one.name)] == plugin.name:
                    codes.update(one.codes)
            codes.update(messages_of(plugin))
            name = f"{plugin.name}.stage_rules"
            spec = GuardSpec(name, name, codes=FrozenDict(codes), plugin=plugin.name, plugin_version=plugin.version)
            rules.append(BoundGuard.of(spec, adapted(call, StageRuleCheck)))
        return tuple(rules)


@noun
class Survey:
    """
    An installed plugin, with what it brings and its problems.

    Attributes:
        hooks: the hooks that it implements.
        contributes: the names that it brings, by what they are: ``guard``, ``effect`` and so on; under ``settings``
            their class with the names of the settings.
        problem: why it cannot be used, if it cannot.
    """

    name: str
    version: str = ""
    distribution: str = ""
    hooks: tuple[str, ...] = ()
    contributes: Mapping[str, tuple[str, ...]] = EMPTY
    problem: PluginError | None = None


def survey(*, without: Iterable[str] = ()) -> tuple[Survey, ...]:
    """
    List the built-ins and every installed plugin; a faulty plugin does not hide the others.

    Args:
        without: names of entry points or distributions that are left out.

    Raises:
        InputError: if nothing of a name in *without* is installed.
    """
    from .._model.version import __version__  # noqa: PLC0415 -- reads metadata, which costs more than many modules

    good: list[Plugin] = []
    found = [_surveyed(Plugins(), "salesflow", __version__)]
    for point in _points(without):
        try:
            plugin = _loaded(point)
            together = Plugins(*good, plugin)
        except PluginError as problem:
            found.append(Survey(point.name, distribution=problem.distribution or "", problem=problem))
            continue
        good.append(plugin)
        found.append(_surveyed(together, plugin.name, plugin.version))
    return tuple(found)


def _surveyed(plugins: Plugins, name: str, of_version: str) -> Survey:
    plugin = next(one for one in plugins.known if one.name == name)
    brought: dict[str, tuple[str, ...]] = {}
    for what, item in plugins.contributions.owners:
        if plugins.contributions.owners[what, item] == name:
            brought[what] = (*brought.get(what, ()), item)
    for declared in plugins.contributions.settings.values():
        if declared.plugin == name:
            given = ", ".join(inspect.signature(declared.kind).parameters)
            brought["settings"] = (f"{declared.kind.__name__}({given})",)
    hooks = tuple(hook for hook in HOOKS if hasattr(plugin.thing, hook))
    return Survey(name, of_version, plugin.distribution, hooks, FrozenDict(brought))


def _points(without: Iterable[str]) -> list[EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 -- as above

    found = sorted(entry_points(group=GROUP), key=lambda one: one.name)
    names = {point: {point.name, _distribution(point)[0]} for point in found}
    known = {name for each in names.values() for name in each if name}
    for name in without:
        if name not in known:
            hint = say("input.installed", known=sorted(known), near=nearest(name, known))
            raise InputError("plugin to leave out", name, hint)
    return [point for point in found if names[point].isdisjoint(without)]


def _distribution(point: EntryPoint) -> tuple[str, str]:
    # Each access to the metadata parses the file again.
    metadata = point.dist.metadata if point.dist else {"Name": "", "Version": ""}
    return metadata["Name"], metadata["Version"]


def _loaded(point: EntryPoint) -> Plugin:
    of, number = _distribution(point)
    distribution = f"{of} {number}".strip()
    try:
        return Plugin.of(point.load(), version=number, distribution=distribution)
    except KeyboardInterrupt:  # of the person who waits
        raise
    except BaseException as error:  # a module may also end the program while it is imported
        problem = say("plugin.unloadable", name=type(error).__name__, error=error)
        remedy = say("plugin.reinstall")
        raise PluginError(point.name, problem, remedy=remedy, distribution=distribution or None) from error
