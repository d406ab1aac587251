"""
The contract of guards: they are pure, total, documented, and their remedies cure.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from ... import Lifecycle, Verdict
from ..._codec.facts import encode_verdict
from ..._codec.values import canonical
from ..._model.definition import Field
from ..._model.frozen import FrozenDict
from ..._model.parameters import call_factory
from ...guards import Guard
from ...typing import Context, GuardUse
from .._navigate.remedies import Help
from .._outside import watched
from .guard_contexts import Story, Subject, bringing, stories


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
        kind = type(self)
        if "_subject" not in kind.__dict__:
            use = self.use or (None if kind.guard is None else kind.guard())
            if use is None:
                raise TypeError(f"{kind.__name__} needs guard = …, or use = … with plugins = […].")
            plugins = self.plugins or (() if kind.guard is None else (bringing(kind.guard),))
            found = Subject.of(use, plugins=plugins, fields=self.fields, lifecycle=self.lifecycle)
            setattr(kind, "_subject", found)  # noqa: B010 -- kept with the class, typed here
        return kind.__dict__["_subject"]  # type: ignore[no-any-return]

    def stories(self) -> tuple[Story, ...]:
        """
        Return the contexts in which the guard is asked, generated once for each class.
        """
        kind = type(self)
        if "_stories" not in kind.__dict__:
            # Read from the instance, a function would be bound to it as a method.
            found = stories(self.subject(), examples=self.examples, values=self.values, help=kind.__dict__.get("help"))
            setattr(kind, "_stories", found)  # noqa: B010 -- as above
        return kind.__dict__["_stories"]  # type: ignore[no-any-return]

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
        The guard does not change its arguments.
        """
        rule = self.subject().check()
        for ctx in self._asked():
            before = copy.deepcopy(ctx)
            rule.verdicts(ctx)

            assert before == ctx, f"the guard changed its arguments: {_about(before)}"

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
        reads = {*call_factory(subject.guard.reads, subject.use.params)}
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


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDERS.findall(text))


def _about(ctx: Context) -> str:
    project = ctx.project
    kinds = {kind: [held.entry for held in entries.values()] for kind, entries in project.entries.items()}
    values = f"fields {dict(project.fields)}, entries {kinds}, outcome {project.outcome!r}"
    return f"asked about {values}, by {ctx.actor.name} with {sorted(ctx.actor.roles)} at {ctx.at:%Y-%m-%d %H:%M}"
