"""
What is decided about one edge of the graph: its rules, bound, and how they are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast, get_args

import attrs

from .._model.definition import EffectUse, Stage, Transition
from .._model.facts import Override
from .._model.frozen import EMPTY
from .._model.verdict import PASS, SKIPPED, UNBOUND_WARNING, GuardSpec, Status, Verdict
from ..typing import Check, Context, Effect


_STATUSES: Final = get_args(Status)

ENGINE: Final = GuardSpec("salesflow", "salesflow")
"""The spec of verdicts that come from the engine itself."""


@attrs.frozen(slots=False, eq=False)
class BoundGuard:
    """
    One guard use, bound: what is called, and the verdicts that are always the same.
    """

    spec: GuardSpec
    check: Check
    passed: Verdict
    skipped: Verdict
    soft: GuardSpec

    @classmethod
    def of(cls, spec: GuardSpec, check: Check) -> BoundGuard:
        """
        Bind a check to its spec.
        """
        soft = attrs.evolve(spec, severity="warn") if spec.severity == "block" else spec
        return cls(spec, check, attrs.evolve(PASS, spec=spec), attrs.evolve(SKIPPED, spec=spec), soft)

    def verdicts(self, ctx: Context) -> Sequence[Verdict]:
        """
        Ask the guard; whatever goes wrong in it is an ``unknown`` verdict, never an exception.
        """
        try:
            found = self.check(ctx)
        except Exception as error:  # noqa: BLE001 -- a rule that raises must not take the decision down
            return (self.raised(error),)
        return self.settle(found)

    def settle(self, found: object) -> Sequence[Verdict]:
        """
        Return what a check answered as verdicts of this use.
        """
        if isinstance(found, Verdict):
            return (self.bind(found),)
        given = type(found).__name__
        if isinstance(found, (tuple, list)):
            items = cast("Sequence[object]", found)
            verdicts = tuple(self.bind(item) for item in items if isinstance(item, Verdict))
            if len(verdicts) == len(items):
                return verdicts or (self.passed,)
        return (self._malformed(f"it returned {given}, not a Verdict"),)

    def _malformed(self, error: str) -> Verdict:
        return Verdict(self.spec, "unknown", "guard.malformed", error=error)

    def raised(self, error: Exception) -> Verdict:
        """
        Return the verdict of a check that raised.
        """
        return Verdict(self.spec, "unknown", "guard.raised", error=f"{type(error).__name__}: {error}")

    def bind(self, verdict: Verdict) -> Verdict:
        """
        Return the verdict as one of this use.
        """
        if verdict is PASS:
            return self.passed
        if verdict is SKIPPED:
            return self.skipped
        if verdict.status not in _STATUSES:
            return self._malformed(f"its status is {verdict.status!r}, not one of {', '.join(_STATUSES)}")
        spec = self.soft if verdict.spec is UNBOUND_WARNING else self.spec
        return attrs.evolve(verdict, spec=spec, overridden=False)


def _words(move: Any) -> tuple[str, str, str, str, str]:
    transition = move.transition
    return transition.id, transition.trigger, transition.kind, move.source.id, move.target.id


@attrs.frozen(slots=False, eq=False)
class CompiledTransition:
    """
    One edge of the graph with everything that is decided about it.

    Attributes:
        previous: the held stage that the move resumes, if it does.
        stays: whether the visit goes on (``$same`` and spawning).
        outcome: the outcome it sets.
        choices: the outcomes a caller may choose from.
        settles: the outcome that a final stage gives to a project that has none yet.
        asks: the rules as they are walked: check, verdicts of a plain pass, rule.
        words: what its fact says of it: transition, trigger, kind, source, target.
    """

    transition: Transition
    source: Stage
    target: Stage
    rules: tuple[BoundGuard, ...]
    effects: tuple[tuple[EffectUse, Effect], ...]
    previous: str | None
    stays: bool
    outcome: str | None
    choices: tuple[str, ...]
    settles: str | None
    asks: tuple[tuple[Check, tuple[Verdict, ...], BoundGuard], ...] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(
            lambda self: tuple((rule.check, (rule.passed,), rule) for rule in self.rules), takes_self=True
        ),
    )
    words: tuple[str, str, str, str, str] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_words, takes_self=True)
    )


def evaluate(
    asks: Iterable[tuple[Check, tuple[Verdict, ...], BoundGuard]],
    ctx: Context,
    overrides: Mapping[str, Override] = EMPTY,
) -> tuple[tuple[Verdict, ...], bool]:
    """
    Ask every guard of a move; return all verdicts and whether none of them blocks.
    """
    verdicts: tuple[Verdict, ...] = ()
    clear = True
    for check, passed, rule in asks:
        try:
            found = check(ctx)
        except Exception as error:  # noqa: BLE001 -- a rule that raises must not take the decision down
            found = rule.raised(error)
        if found is PASS:  # by far the most frequent answer, so nothing more is asked of it
            verdicts += passed
            continue
        for verdict in rule.settle(found):
            excused = verdict.blocks and rule.spec.overridable and rule.spec.use_id in overrides
            verdicts += (attrs.evolve(verdict, overridden=True) if excused else verdict,)
            clear = clear and (excused or not verdict.blocks)
    return verdicts, clear
