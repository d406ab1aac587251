"""
The contract of plugins: what they bring can be used, and they do not change what is passed to them.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC
from functools import partial
from itertools import product
from typing import Any, ClassVar, TypeVar, cast

import attrs

from ... import (
    Definition,
    Fact,
    Lifecycle,
    Pipeline,
    Project,
    Stage,
    Transition,
    build_lifecycle,
    dump_definition,
    load_lifecycle,
)
from ..._codec.entries import decode_entry, encode_entry
from ..._codec.values import canonical
from ..._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from ..._model.advice import AdviceContext
from ..._model.definition import Field
from ..._model.delivery import Answer, Recipient, answer_of, failed, no_answer
from ..._model.fold import evolve
from ..._model.frozen import EMPTY, FrozenDict
from ..._model.messages import ADVICE_MESSAGES, VERDICT_MESSAGES
from ..._model.parameters import call_factory, problems_of, read_params
from ...errors import SalesflowError, nearest
from ...insight import Portfolio
from ...plugins import Env, Plugins, hookspecs
from ...typing import Context, EffectContext, EffectUse, GuardUse, Label, Notice, Store
from .._navigate.remedies_entries import drawn
from .._outside import watched
from .._strategies.projects import pipelines
from .._strategies.strategies import instances
from .calendars import check_calendar, check_recurrence


T = TypeVar("T")

_HOOKS = tuple(name for name in hookspecs.__all__ if name.startswith("salesflow_"))


_STORE = tuple(name for name, found in vars(Store).items() if not name.startswith("_") and inspect.isfunction(found))


class PluginContract:
    """
    The promises of every plugin, as tests; the author of a plugin inherits from it.

    A subclass called ``Test…`` in a test module supplies ``plugin``, and in ``uses`` the uses of its
    guards and effects that take parameters. Each of its guards has a contract of its own, see
    :class:`GuardContract`.

    Attributes:
        plugin: a module or an object with functions marked ``hookimpl``.
        uses: uses of its guards and effects.
        fields: the declared fields that its guards and effects read and write.
        needs: other plugins that it needs.
        artefacts: artefact types that its guards ask for.
        settings: its settings as a definition writes them; for a secret the test sets the environment variable.
        urls: of stores that its openers open in a test.
        addressees: whom it delivers notices to in a test; nothing may leave the machine then.
        addresses: what its directory is asked for.
        calendars: the names of its calendars and regions that are looked at.
        recurrences: texts of ``every`` that it reads.
        examples: how many entries of each class and how many histories are generated.
    """

    plugin: ClassVar[Any]
    uses: ClassVar[Sequence[GuardUse | EffectUse]] = ()
    fields: ClassVar[Sequence[Field]] = ()
    needs: ClassVar[Sequence[object]] = ()
    artefacts: ClassVar[Sequence[str]] = ()
    settings: ClassVar[Mapping[str, Any]] = EMPTY
    urls: ClassVar[Sequence[str]] = ()
    addressees: ClassVar[Sequence[str]] = ("li.wei", "li.wei@example.com")
    addresses: ClassVar[Sequence[str]] = ("owner", "team", "role:project_lead")
    calendars: ClassVar[Sequence[str]] = ()
    recurrences: ClassVar[Sequence[str]] = ()
    examples: ClassVar[int] = 20

    def _plugins(self) -> Plugins:
        return Plugins(*self.needs, self.plugin)

    def _brought(self, what: str) -> Mapping[str, Any]:
        """
        Return the contributions of this plugin of a kind, by name.
        """
        plugins = self._plugins()
        every: Mapping[str, Mapping[str, Any]] = {
            "guard": plugins.contributions.guards,
            "effect": plugins.contributions.effects,
            "entry": plugins.contributions.entries,
            "lifecycle": plugins.lifecycles,
            "kpi": plugins.contributions.kpis,
        }
        own = plugins.names[-1]
        owners = plugins.contributions.owners
        return {name: found for name, found in every[what].items() if owners.get((what, name)) == own}

    def _lifecycle(self, *, listening: bool = False) -> Lifecycle:
        """
        Return a lifecycle that uses all guards, as warnings, and all effects of the plugin.

        Args:
            listening: whether commits call the listeners; they are called separately, with facts that nobody has
                received before.
        """
        given = {field.id: field for field in (Field("owner"), *self.fields)}
        named = [*self.uses, *self._without_parameters()]
        watching = [use.but(severity="warn") for use in named if isinstance(use, GuardUse)]
        also = [use for use in named if isinstance(use, EffectUse)]
        stages = Stage("before", "open", produces=tuple(self.artefacts)), Stage("behind"), Stage("done", "won")
        edges = (
            Transition("go_on", "before", "behind", guards=watching, effects=also),
            Transition("go_back", "behind", "before", kind="loop", effects=also),
            Transition("finish", "behind", "done"),
        )
        plugins = self._plugins()
        settings = {plugins.known[-1].prefix: self.settings} if self.settings else {}
        definition = Definition(
            "around", fields=tuple(given.values()), stages=stages, transitions=edges, plugins=settings
        )
        built = build_lifecycle(definition, plugins=plugins)
        brought = built.contributions
        return attrs.evolve(built, contributions=attrs.evolve(brought, listeners=brought.listeners * listening))

    def _without_parameters(self) -> Iterator[GuardUse | EffectUse]:
        named = {use.use for use in self.uses}
        for name, make in (*self._brought("guard").items(), *self._brought("effect").items()):
            if name not in named and not problems_of(make.factory, {}):
                yield make()

    def test_registers(self) -> None:
        """
        The plugin is accepted beside the built-in plugins: hooks, arguments and names fit.
        """
        assert self._plugins().names

    def test_hooks_are_spelt_right(self) -> None:
        """
        No function that is meant for a hook misses the hook's name or its mark.
        """
        others = {name: getattr(self.plugin, name) for name in dir(self.plugin) if name not in _HOOKS}
        marked = [name for name, found in others.items() if getattr(found, "salesflow_impl", None) is not None]
        near = [
            f"{name}: did you mean {meant!r}?"
            for name, found in others.items()
            if not name.startswith("_") and inspect.isroutine(found) and (meant := nearest(name, _HOOKS))
        ]

        assert ([], []) == (marked, near)

    def test_contributions_are_documented(self) -> None:
        """
        Each guard, effect and entry class says what it is for.
        """
        brought = {name: found for what in ("guard", "effect", "entry") for name, found in self._brought(what).items()}
        silent = [name for name, found in brought.items() if not inspect.cleandoc(_doc(found))]

        assert [] == silent

    def test_contributions_build(self) -> None:
        """
        Every guard and effect can be used in a definition, and every lifecycle can be loaded.
        """
        brought = {**self._brought("guard"), **self._brought("effect")}
        used = {use.use for use in (*self.uses, *self._without_parameters())}

        assert [] == sorted(brought.keys() - used), "they take parameters; name them in uses"
        assert self._lifecycle().transitions
        assert all(load_lifecycle(name, plugins=self._plugins()).stages for name in self._brought("lifecycle"))

    def test_settings_are_sound(self) -> None:
        """
        Settings say what they are for, are hashed, show no secret, and are the same when the definition is read again.
        """
        lifecycle = self._lifecycle()
        for given in lifecycle.contributions.given.values():
            again = build_lifecycle(text=dump_definition(lifecycle.definition), plugins=lifecycle.plugins)
            secrets = list(_secrets_in(attrs.asdict(given, recurse=False)))

            assert inspect.cleandoc(type(given).__doc__ or "")
            assert [] == [secret for secret in secrets if secret in repr(given)]
            assert isinstance(hash(given), int)
            assert given in again.contributions.given.values()

    def test_entries_come_back(self) -> None:
        """
        Entries are read back from their JSON text unchanged, and written again as the same text.
        """
        known = self._plugins().contributions.entries
        for kind, found in self._brought("entry").items():
            for entry in drawn(instances(found), most=self.examples):
                text = canonical(encode_entry(entry))
                read = decode_entry(kind, json.loads(text), known)

                assert (entry, text) == (read, canonical(encode_entry(read)))

    def test_entries_are_frozen(self) -> None:
        """
        Entries can be hashed, as only values that cannot change can be.
        """
        assert [] == [kind for kind, found in self._brought("entry").items() if found.__hash__ is None]

    def test_effects_are_pure(self) -> None:
        """
        An effect gives the same result again, does not change its arguments, and reads nothing else.
        """
        lifecycle = self._lifecycle()
        own = self._brought("effect")
        named = [use for use in (*self.uses, *self._without_parameters()) if use.use in own]
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples):
            ctx = _about(lifecycle, pipeline)
            for use in named:
                factory = own[use.use].factory
                run = call_factory(factory, read_params(factory, use.params)[0])
                before = copy.deepcopy(ctx)
                first = tuple(run(ctx))
                again, seen = watched(lambda run=run, ctx=ctx: tuple(run(ctx)))  # type: ignore[misc]

                assert (first, before, ()) == (again, ctx, seen), use.use

    def test_stage_rules_are_sound(self) -> None:
        """
        A stage rule answers with verdicts whose codes have messages, is pure, and does not raise.
        """
        lifecycle = self._lifecycle()
        rules = [rule for rule in lifecycle.contributions.stage_rules if rule.spec.plugin == self._plugins().names[-1]]
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples):
            about = _about(lifecycle, pipeline)
            for transition in lifecycle.transitions if rules else ():
                ctx = Context(about.project, transition, about.actor, about.at)
                for rule in rules:
                    first = _asked_twice(lambda rule=rule, ctx=ctx: tuple(rule.verdicts(ctx)), ctx)  # type: ignore[misc]
                    _assert_sound(first, rule.spec.codes, VERDICT_MESSAGES)

    def test_scores_are_sound(self) -> None:
        """
        A score is finite, is named as the plugin says, has a message for its code, is pure, and does not raise.
        """
        lifecycle = self._lifecycle()
        for ctx in _advice_contexts(lifecycle, self.examples):
            own = [one for one in lifecycle.scorers if one.plugin == self._plugins().names[-1]]
            first = _asked_twice(lambda own=own, ctx=ctx: ask_scorers(own, ctx), ctx)  # type: ignore[misc]
            for score in first:
                _assert_sound([score], score.codes, ADVICE_MESSAGES)

    def test_findings_are_sound(self) -> None:
        """
        A finding has a known level and a signal from 0 to 1, is named as the plugin says, has a message, and so on.
        """
        lifecycle = self._lifecycle()
        for ctx in _advice_contexts(lifecycle, self.examples):
            own = [one for one in lifecycle.risk_checks if one.plugin == self._plugins().names[-1]]
            first = _asked_twice(lambda own=own, ctx=ctx: ask_risk_checks(own, ctx), ctx)  # type: ignore[misc]
            for finding in first:
                _assert_sound([finding], finding.codes, ADVICE_MESSAGES)

    def test_kpis_are_sound(self) -> None:
        """
        A KPI says what it means in both languages, and computes every variant of generated portfolios without raising.

        It is pure, has a value, a reason or rows, counts each case in one group, and names projects as its evidence.
        """
        own = self._brought("kpi")
        texts = {name: (each.definition.label, each.definition.meaning) for name, each in own.items()}
        silent = [name for name, each in texts.items() if any(text.missing() for text in each)]

        assert [] == silent
        lifecycle = self._lifecycle()
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples) if own else ():
            portfolio = Portfolio.of(pipeline)
            names = {each.id for each in pipeline.find()}
            for name, formula in own.items():
                for variant in [each.name for each in formula.definition.variants] or [""]:
                    first = portfolio.kpi(name, variant=variant, by="lifecycle")
                    # A view of the portfolio derives everything again, so that nothing is remembered.
                    ask = partial(portfolio.where().kpi, name, variant=variant, by="lifecycle")
                    again, seen = watched(ask)

                    assert (first, ()) == (again, seen), name
                    assert first.value is not None or first.reason or first.rows, f"{name}: say why there is no value"
                    assert first.n == sum(each.n for each in first.groups.values())
                    assert {each.partition("/")[0] for each in first.evidence} <= names

    def test_stores_open(self) -> None:
        """
        An opener takes a URL, ``tenant``, ``entries`` and ``create``, and what it opens from ``urls`` is a store.
        """
        plugins = self._plugins()
        for (what, scheme), owner in plugins.contributions.owners.items():
            if what == "store" and owner == plugins.names[-1]:
                inspect.signature(plugins.stores[scheme]).bind(f"{scheme}:", tenant="main", entries=(), create=True)
        for url in self.urls:
            with closing(plugins.open_store(url)) as store:
                strange = [name for name in _STORE if not callable(getattr(store, name, None))]

            assert [] == strange, url

    def test_notices_are_answered(self) -> None:
        """
        A notifier answers each notice, in any language, also when it comes again; it changes none.

        An answer is ``done``, ``later`` with a time after the notice, or ``failed`` with a reason; an error of the
        library's or of the operating system's is a failure as well. Anything else is a mistake in the plugin.
        """
        lifecycle = self._lifecycle()
        own = [notify for name, notify in lifecycle.contributions.notifiers if name == self._plugins().names[-1]]
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples) if own else ():
            for addressee, lang in product(self.addressees, ("en", "zh", "de")):
                notice = _notice(pipeline, addressee, lang)
                before = copy.deepcopy(notice)
                for notify in (*own, *own):
                    answer = _answered(notify, notice, addressee)

                    assert isinstance(answer, Answer), no_answer(answer)
                    assert answer.status == "done" or answer.why, "say why"
                    assert answer.at is None or notice.at is None or answer.at > notice.at, (
                        "later lies behind the notice"
                    )
                    assert before == notice

    def test_directories_find_people(self) -> None:
        """
        A directory returns recipients or ``None``, the same again, also for a project without people.

        It changes no project, and knows nobody at an address that means nothing to it, but perhaps the address itself.
        """
        lifecycle = self._lifecycle()
        own = self._own(lifecycle.contributions.directories)
        nobody = "nobody-knows"
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples) if own else ():
            project = next(iter(pipeline.find()))
            before = copy.deepcopy(project)
            for look_up, address in product(own, (*self.addresses, "role:nobody", "deputy:nobody", nobody)):
                found, again = (tuple(look_up(address, project, project.updated_at) or ()) for _ in range(2))
                strange = [each for each in found if not isinstance(each, Recipient)]

                assert ([], found, before) == (strange, again, project), address
                assert address != nobody or {each.address or each.name for each in found} <= {nobody}

    def test_calendars_keep_the_law(self) -> None:
        """
        A calendar stands in the zone it was asked for, is the same again, and counts what it adds.

        Time passes on its working days alone, later starts are due later, and no name but its own is known to it.
        """
        for make in self._own(self._plugins().contributions.calendars):
            assert make("nobody-knows", UTC) is None
            for name in self.calendars:
                calendar, again = (make(name, UTC) for _ in range(2))

                assert calendar is not None, name
                check_calendar(calendar, again, name)

    def test_recurrences_are_pure(self) -> None:
        """
        The times of a rule are local, in order, inside the days that were asked for, and the same for any of them.
        """
        for read in self._own(self._plugins().contributions.recurrences):
            assert read("nobody knows") is None
            for text in self.recurrences:
                times = read(text)

                assert times is not None, text
                check_recurrence(times, text)

    def _own(self, contributed: Iterable[tuple[str, T]]) -> list[T]:
        return [call for name, call in contributed if name == self._plugins().names[-1]]

    def test_listeners_change_nothing(self) -> None:
        """
        Listeners neither change what they receive after a commit nor raise.
        """
        lifecycle = self._lifecycle()
        listeners = self._lifecycle(listening=True).contributions.listeners
        own = self._own(listeners)
        for pipeline in drawn(pipelines(lifecycle, steps=3), most=self.examples):
            for facts, project in _commits(pipeline):
                before = copy.deepcopy((facts, project))
                for listener in own:
                    listener(facts, project)

                assert before == (facts, project)


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, Env):
        yield value.value
    elif isinstance(value, (tuple, list, frozenset, dict)):
        many = cast("Collection[Any]", value.values() if isinstance(value, dict) else value)
        for item in many:
            yield from _secrets_in(item)


def _asked_twice(ask: Callable[[], tuple[Any, ...]], ctx: object) -> tuple[Any, ...]:
    """
    Return what is answered, twice the same, from nothing but the context, which stays as it is.
    """
    before = copy.deepcopy(ctx)
    first = ask()
    again, seen = watched(ask)

    assert (first, before, ()) == (again, ctx, seen)
    return first


def _assert_sound(answers: Iterable[Any], codes: Mapping[str, Label], messages: Mapping[str, Label]) -> None:
    wrong = [str(answer.error) for answer in answers if answer.error is not None]
    silent = [answer.code for answer in answers if answer.code and answer.code not in {*codes, *messages}]

    assert [] == wrong
    assert [] == silent, "add a message for these to codes"


def _advice_contexts(lifecycle: Lifecycle, most: int) -> Iterator[AdviceContext]:
    """
    Yield what scorers and risk checks are asked with, for generated histories.
    """
    for pipeline in drawn(pipelines(lifecycle, steps=3), most=most):
        project = next(iter(pipeline.find()))
        facts = tuple(pipeline.history(project.id))
        yield AdviceContext(project, facts[-1].at, lifecycle.stage(project.stage), lifecycle.stages, facts)


def _notice(pipeline: Pipeline, addressee: str, lang: str) -> Notice:
    """
    Return a notice of a generated project, as it is when it is delivered.
    """
    project = next(iter(pipeline.find()))
    fact = list(pipeline.history(project.id))[-1]
    about: FrozenDict[str, Any] = FrozenDict(transition="go_on", source="before", target="behind", note="报价 <b>&\n")
    return Notice(
        project.id,
        fact.version,
        (addressee,),
        "go_on",
        about,
        topic_label=Label("Go on", "继续"),
        project_name=project.name,
        lifecycle=project.lifecycle,
        lifecycle_version=project.lifecycle_version,
        stage=project.stage,
        owner=str(project.owner or ""),
        actor=fact.actor.name,
        at=fact.at,
        recipient=addressee,
        lang=lang,
    )


def _answered(notify: Callable[[Notice, str], Any], notice: Notice, addressee: str) -> object:
    try:
        given = notify(notice, addressee)
    except (SalesflowError, OSError) as error:
        return failed(f"{error!r}")
    return answer_of(given) or given


def _doc(brought: Any) -> str:
    return str(getattr(brought, "factory", brought).__doc__ or "")


def _about(lifecycle: Lifecycle, pipeline: Pipeline) -> EffectContext:
    """
    Return the context of an effect when the project of a pipeline moves on.
    """
    project = next(iter(pipeline.find()))
    transition = lifecycle.transition("go_on")
    ends = lifecycle.stage("before"), lifecycle.stage("behind")
    fact = list(pipeline.history(project.id))[-1]
    who, version = fact.actor, project.version + 1
    return EffectContext(project, transition, *ends, project.outcome, who, fact.at, version, lifecycle.calendar)


def _commits(pipeline: Pipeline) -> Iterator[tuple[tuple[Fact, ...], Project]]:
    """
    Yield what listeners receive of a history, commit by commit.
    """
    for head in pipeline.find():
        project: Project | None = None
        for fact in pipeline.history(head.id):
            project = evolve(project, fact)
            yield (fact,), project
