"""
The contract of guards: they are pure, total, documented, and their remedies cure.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, Final

import attrs

from ... import Actor, Definition, Lifecycle, Pipeline, Stage, Transition, Verdict, build_lifecycle, hookimpl
from ..._codec.facts import encode_verdict
from ..._codec.values import canonical
from ..._definition.edges import NO_GAPS
from ..._definition.expand import expanded
from ..._lifecycle.bind_guards import bind_guards
from ..._lifecycle.compile import _scope  # pyright: ignore[reportPrivateUsage] -- binding as a build does it
from ..._lifecycle.compiled import BoundGuard
from ..._lifecycle.decision import Accepted
from ..._lifecycle.inputs import look_up
from ..._model.definition import Field, walk_uses
from ..._model.fold import evolve, propose
from ..._model.frozen import FrozenDict, noun
from ..._model.parameters import call_factory, read_params
from ...guards import Guard
from ...plugins._registry import Plugins
from ...stores import MemoryStore
from ...typing import Append, Commit, Context, GuardUse, Opened, Store
from .._navigate.attempt import GateAttempt
from .._navigate.context import Help, Means, NavigationContext
from .._navigate.remedies_entries import drawn
from .._navigate.route import project_in
from .._outside import watched
from .._strategies.projects import ID, pipelines


_ROUNDS: Final = 12
_MOVE: Final = "go_on"


@noun(eq=False)
class Subject:
    """
    The guard under test, used on one transition of a lifecycle.

    Attributes:
        untouched: the transition as it was before the guard was asked for the first time.
    """

    guard: Guard[Any]
    use: GuardUse
    lifecycle: Lifecycle
    transition: Transition
    untouched: Transition = attrs.field(
        init=False, default=attrs.Factory(lambda self: copy.deepcopy(self.transition), takes_self=True)
    )

    @classmethod
    def of(
        cls, use: GuardUse, *, plugins: Sequence[object], fields: Iterable[Field], lifecycle: Lifecycle | None
    ) -> Subject:
        """
        Find the transition of a lifecycle that has the use, or build a lifecycle around it.

        Raises:
            InputError: if no plugin brings the guard, or no transition uses it.
            DefinitionError: if the use does not fit the guard.
        """
        if lifecycle is None:
            brought = Plugins(*plugins)
            guard = look_up("guard", use.use, brought.contributions.guards)
            lifecycle = build_lifecycle(_around(guard, use, fields), plugins=brought)
        else:
            guard = look_up("guard", use.use, lifecycle.contributions.guards)
        using = {
            each.id: each
            for each in lifecycle.transitions
            if any((found.use, found.params) == (use.use, use.params) for found in walk_uses(each.guards))
        }
        return cls(guard, use, lifecycle, look_up("transition", _first(using), using))

    def check(self) -> BoundGuard:
        """
        Return the guard, bound again; it answers as in a lifecycle, without the condition of its use.
        """
        scope = _scope(self.lifecycle.definition, self.lifecycle.contributions, NO_GAPS)
        (rule,) = bind_guards([GuardUse(self.use.use, self.use.params)], scope, "use", [])
        return rule


def _first(using: Mapping[str, Transition]) -> str:
    return next(iter(using), "which uses the guard")


def bringing(guard: Guard[Any]) -> object:
    """
    Return a plugin that brings a guard.
    """
    name = guard.name.partition(".")[0]
    return SimpleNamespace(name=f"{name}-of-a-test", salesflow_guards=hookimpl(lambda: (guard,)))


def _around(guard: Guard[Any], use: GuardUse, fields: Iterable[Field]) -> Definition:
    """
    Return a short definition that declares everything a use may name.
    """
    given = {field.id: field for field in fields}
    params = read_params(guard.factory, use.params)[0]
    for name in ("owner", *call_factory(guard.reads, params)):
        given.setdefault(name, Field(name))
    asked: Iterable[tuple[str, str]] = call_factory(guard.asks, params)
    produced = tuple(name for kind, name in asked if kind == "artefact")
    stages = Stage("before", "open", produces=produced), Stage("behind"), Stage("done", "won"), Stage("gone", "lost")
    edges = (
        Transition(_MOVE, "before", "behind", guards=(use,), outcome=("won", "no_decision")),
        Transition("go_back", "behind", "before", kind="loop"),
        Transition("finish", "behind", "done"),
        Transition("give_up", ("before", "behind"), "gone", kind="exit"),
        Transition("reopen", ("done", "gone"), "before", kind="reopen", outcome="undecided"),
    )
    return Definition("around", fields=tuple(given.values()), stages=stages, transitions=edges)


@noun(eq=False)
class Story:
    """
    One project, and the contexts it went through while the remedies of the guard were followed.

    Attributes:
        contexts: the contexts in which the guard was asked, in order.
        left: the verdicts that blocked in the end.
        tried: what was done, one sentence each.
    """

    contexts: tuple[Context, ...]
    left: tuple[Verdict, ...]
    tried: tuple[str, ...]


def stories(subject: Subject, *, examples: int, values: Mapping[str, Any], help: Any) -> tuple[Story, ...]:  # noqa: A002 -- what it is
    """
    Return *examples* stories of generated projects, short stories first, and the same stories every time.
    """
    means = Means.of(subject.lifecycle, values=values, help=help)
    # Without the guard, so that a guard which raises or answers at random cannot disturb the histories.
    histories = drawn(pipelines(_without(subject), steps=5), most=examples)
    found = [
        _brought(subject, means),
        *(Pipeline(subject.lifecycle, store=_undigested(each.store)) for each in histories),
    ]
    made = [_story(subject, pipeline, means) for pipeline in found]
    return tuple(sorted(made, key=lambda story: len(repr(story.contexts))))


def _undigested(store: Store) -> MemoryStore:
    """
    Return a store with the same facts, of which none says by which definition: they are decided by another definition.
    """
    bare = MemoryStore()
    for fact in store.feed().facts:
        body, head = fact.body, bare.head(fact.project_id)
        if isinstance(body, Opened):
            fact = attrs.evolve(fact, body=attrs.evolve(body, digest=None))  # noqa: PLW2901 -- the one that is kept
        bare.commit(Commit((Append(fact.version - 1, fact, evolve(head, fact)),)))
    return bare


def _without(subject: Subject) -> Lifecycle:
    """
    Return the same lifecycle without the guard.
    """

    def lacks_guard(use: GuardUse) -> bool:
        return all(subject.guard.name != inner.use for inner in walk_uses([use]))

    definition = expanded(subject.lifecycle.definition)
    edges = [
        attrs.evolve(each, guards=[use for use in each.guards if lacks_guard(use)]) for each in definition.transitions
    ]
    return build_lifecycle(attrs.evolve(definition, transitions=edges), plugins=subject.lifecycle.plugins)


def _brought(subject: Subject, means: Means) -> Pipeline:
    """
    Return a pipeline with the project in a stage from which the transition with the guard leads.
    """
    pipeline = Pipeline(subject.lifecycle)
    stage = subject.transition.source[0]
    project_in(stage, subject.lifecycle, pipeline=pipeline, id=ID, values=means.values, help=means.help)
    return pipeline


def _story(subject: Subject, pipeline: Pipeline, means: Means) -> Story:
    context = NavigationContext(pipeline, ID, means, at=pipeline.get(ID).updated_at, probes=False)
    attempt = GateAttempt(context, subject.transition, None)
    here = pipeline.get(ID).stage in subject.transition.source
    check, met = subject.check(), [_context(attempt)]
    for _ in range(_ROUNDS if here else 0):
        decision = attempt.decide()
        if isinstance(decision, Accepted) or not attempt.follow_remedies(decision):
            break
        met.append(_context(attempt))
    left = tuple(verdict for verdict in check.verdicts(copy.deepcopy(met[-1])) if verdict.blocks) if here else ()
    return Story(tuple(met), left, tuple(dict.fromkeys(attempt.tried)))


def _context(attempt: GateAttempt) -> Context:
    """
    Return the context in which the guard would be asked about the call of an attempt.
    """
    context, project = attempt.context, attempt.context.project
    changes = context.lifecycle.changes(attempt.data, tuple(attempt.entries.values()))
    outcome = attempt.outcome or project.outcome
    proposed = propose(project, changes, outcome=outcome, at=context.at, by=attempt.actor.name)
    known = context.lifecycle.calendar, context.children
    return Context(proposed, attempt.wanted, attempt.actor, context.at, attempt.reason, project, *known)


_PLACEHOLDERS = re.compile(r"\{(\w+)\}")
_ALWAYS = frozenset({"guard", "plugin", "error", "inner"})


class GuardContract:
    """
    The promises of every guard, as tests; the author of a guard inherits from it.

    A subclass called ``Test…`` in a test module supplies ``guard`` (and ``use`` if it takes parameters),
    or ``use`` and the ``plugins`` that bring it. The guard is then asked about generated projects, before
    and while its remedies are followed.

    Attributes:
        guard: made with ``@guard``.
        use: the guard with parameters, as a definition uses it.
        fields: declared fields, if the guard reads fields that are not texts.
        lifecycle: a lifecycle that uses the guard, if it needs more than a short lifecycle built around it.
        plugins: the plugins that bring the guard, if it is not ``guard`` itself.
        incurable: the codes of verdicts that refuse for good, and so carry no remedy.
        values: by field, values to try first; see :func:`salesflow.testing.project_in`.
        help: supplies what a remedy lacks; see :data:`salesflow.testing.Help`.
        examples: how many projects are generated.
    """

    guard: ClassVar[Guard[...] | None] = None
    use: ClassVar[GuardUse | None] = None
    fields: ClassVar[Sequence[Field]] = ()
    lifecycle: ClassVar[Lifecycle | None] = None
    plugins: ClassVar[Sequence[object]] = ()
    incurable: ClassVar[frozenset[str] | set[str]] = frozenset()
    values: ClassVar[Mapping[str, Any]] = {}
    help: ClassVar[Help | None] = None
    examples: ClassVar[int] = 20

    def contexts(self) -> Iterable[Context]:
        """
        Return further contexts in which the guard is asked; by default none.
        """
        return ()

    def subject(self) -> Subject:
        """
        Return the guard in its lifecycle, built once for each class.

        Raises:
            TypeError: if the class names neither a guard nor a use.
        """
        return _subject_of(type(self))  # type: ignore[arg-type]  # a class can be hashed

    def stories(self) -> tuple[Story, ...]:
        """
        Return the contexts in which the guard is asked, generated once for each class.
        """
        return _stories_of(type(self))  # type: ignore[arg-type]  # as above

    def _asked(self) -> Iterator[Context]:
        # Copies, so that a guard which changes its arguments does so in each check.
        for ctx in (*self.contexts(), *(ctx for story in self.stories() for ctx in story.contexts)):
            yield copy.deepcopy(ctx)

    def _answers(self) -> Iterator[tuple[Context, Sequence[Verdict]]]:
        rule = self.subject().check()
        for ctx in self._asked():
            yield ctx, rule.verdicts(ctx)

    def test_is_documented(self) -> None:
        """
        A guard says in its docstring what it asks for.
        """
        doc = self.subject().guard.__doc__

        assert inspect.cleandoc(doc or ""), "the factory of the guard has no docstring"

    def test_codes_speak_both_languages(self) -> None:
        """
        Each code has a text in English and a text in Chinese, with the same values in them.
        """
        codes = self.subject().guard.codes
        missing = [f"{code} lacks {lang}" for code, label in codes.items() for lang in label.missing()]
        uneven = [code for code, label in codes.items() if _placeholders(label.en) != _placeholders(label.zh)]

        assert ([], []) == (missing, [] if missing else uneven)

    def test_is_total(self) -> None:
        """
        The guard answers with verdicts about every project, and does not raise.
        """
        for ctx, verdicts in self._answers():
            found = [verdict.error for verdict in verdicts if verdict.code in ("guard.raised", "guard.malformed")]

            assert [] == found, _about(ctx)

    def test_is_deterministic(self) -> None:
        """
        The guard gives the same answers when asked again, in another order, and after it is built again.
        """
        given = [(ctx, tuple(verdicts)) for ctx, verdicts in self._answers()]
        again = self.subject().check()
        for ctx, verdicts in reversed(given):
            assert (verdicts, verdicts) == (tuple(again.verdicts(ctx)), tuple(again.verdicts(ctx))), _about(ctx)

    def test_changes_nothing(self) -> None:
        """
        The guard does not change its arguments, which other decisions share.
        """
        subject = self.subject()
        rule = subject.check()
        for ctx in self._asked():
            # What was changed for good while the stories were made is as it was.
            actor = Actor("somebody.new", roles=ctx.actor.roles | {"a.new.role"})
            before = ctx._replace(actor=actor, transition=subject.untouched)
            given = copy.deepcopy(before)
            rule.verdicts(given)

            assert before == given, f"the guard changed its arguments: {_about(before)}"

    def test_looks_at_nothing_outside(self) -> None:
        """
        The guard reads no clock, chance, environment, file or network, only its context.
        """
        rule = self.subject().check()
        for ctx in self._asked():
            rule.verdicts(ctx)  # so that imports on first use are not seen below
            _, seen = watched(lambda ctx=ctx: rule.verdicts(ctx))  # type: ignore[misc]

            assert () == seen, _about(ctx)

    def test_reads_what_it_declares(self) -> None:
        """
        Fields and entries that the guard does not declare in ``reads`` and ``kinds`` make no difference.
        """
        subject = self.subject()
        reads = {*call_factory(subject.guard.reads, read_params(subject.guard.factory, subject.use.params)[0])}
        for ctx, verdicts in self._answers():
            project = ctx.project
            fields = FrozenDict({name: value for name, value in project.fields.items() if name in reads})
            entries = FrozenDict({kind: held for kind, held in project.entries.items() if kind in subject.guard.kinds})
            bare = ctx._replace(project=attrs.evolve(project, fields=fields, entries=entries))

            assert tuple(verdicts) == tuple(subject.check().verdicts(bare)), f"it reads more: {_about(ctx)}"

    def test_answers_in_declared_codes(self) -> None:
        """
        Each answer other than a plain pass has a declared code, and the evidence has the values of its text.
        """
        codes = self.subject().guard.codes
        for ctx, verdicts in self._answers():
            plain = [each for each in verdicts if not each.code and each.status in ("fail", "unknown")]
            strange = {each.code for each in verdicts if each.code} - {*codes, "guard.raised", "guard.malformed"}
            empty = {
                f"{each.code}: {{{name}}}"
                for each in verdicts
                if each.code in codes
                for name in _placeholders(codes[each.code].en + codes[each.code].zh) - _ALWAYS - {*each.evidence}
            }

            assert ([], set(), set()) == (plain, strange, empty), _about(ctx)

    def test_answers_can_be_stored(self) -> None:
        """
        Evidence and remedies hold plain values, which every store can keep.
        """
        for _, verdicts in self._answers():
            for verdict in verdicts:
                canonical(encode_verdict(verdict))

    def test_remedies_cure(self) -> None:
        """
        Doing what the remedies say gets past the guard; only incurable verdicts carry no remedy.
        """
        for story in self.stories():
            bare = {each.code for each in story.left if not each.missing} - {*self.incurable}
            left = [each.message() for each in story.left if each.code not in self.incurable]

            assert (set(), []) == (bare, left), f"tried: {'; '.join(story.tried) or 'nothing'}"


@cache
def _subject_of(kind: type[GuardContract]) -> Subject:
    guard, use = kind.guard, kind.use
    if use is None:
        if guard is None:
            raise TypeError(f"{kind.__name__} needs guard = …, or use = … with plugins = […].")
        try:
            use = guard()
        except TypeError as error:
            raise TypeError(f"{kind.__name__} needs use = {guard.name}(…): {error}") from None
    plugins = kind.plugins or (() if guard is None else (bringing(guard),))
    return Subject.of(use, plugins=plugins, fields=kind.fields, lifecycle=kind.lifecycle)


@cache
def _stories_of(kind: type[GuardContract]) -> tuple[Story, ...]:
    return stories(kind().subject(), examples=kind.examples, values=kind.values, help=kind.help)


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDERS.findall(text))


def _about(ctx: Context) -> str:
    project = ctx.project
    kinds = {kind: [held.entry for held in entries.values()] for kind, entries in project.entries.items()}
    values = f"fields {dict(project.fields)}, entries {kinds}, outcome {project.outcome!r}"
    return f"asked about {values}, by {ctx.actor.name} with {sorted(ctx.actor.roles)} at {ctx.at:%Y-%m-%d %H:%M}"
