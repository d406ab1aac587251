"""
One transition as it is built, with its guards bound to what they call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn, cast, get_args

import attrs

from .._model.definition import OverrideRule, Stage, Transition
from .._model.facts import Override
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.messages import NOTHING, Wording
from .._model.uses import EffectUse
from .._model.values import same_person
from .._model.verdict import PASS, SKIPPED, UNBOUND_WARNING, GuardSpec, Remedy, Status, Verdict
from ..errors import say
from ..typing import Check, Context, Effect


_STATUSES: Final = get_args(Status)

ENGINE: Final = GuardSpec("salesflow", "salesflow")
"""The spec of verdicts that come from the engine itself."""


def engine_spec(wording: Wording) -> GuardSpec:
    """
    Return the spec of verdicts of the engine whose messages name the parts of a lifecycle.
    """
    return GuardSpec(ENGINE.guard, ENGINE.use_id, wording=wording)


@noun(slots=False, eq=False)
class BoundGuard:
    """
    One guard use, bound: what is called, and the verdicts that are always the same.
    """

    spec: GuardSpec
    check: Check
    passed: Verdict
    skipped: Verdict
    soft: GuardSpec
    override: OverrideRule | None = None

    @classmethod
    def of(cls, spec: GuardSpec, check: Check, override: OverrideRule | None = None) -> BoundGuard:
        """
        Bind a check to its spec.

        Args:
            override: who may override it, if not anybody.
        """
        soft = attrs.evolve(spec, severity="warn") if spec.severity == "block" else spec
        return cls(spec, check, attrs.evolve(PASS, spec=spec), attrs.evolve(SKIPPED, spec=spec), soft, override)

    def refused_override(self, ctx: Context) -> Verdict | None:
        """
        Return the verdict that this actor may not override it, or ``None`` if he may.

        The owner is who it is, who it would be, and who it was before in this visit or the one that a hold
        interrupts, so that nobody hands the project on to become free.
        """
        rule, actor = self.override, ctx.actor
        if rule is None:
            return None
        stored = ctx.stored or ctx.project
        people = {
            "owner": (ctx.project.owner, stored.owner, *stored.former_owners),
            "requester": (ctx.project.opened_by,),
        }
        own = any(same_person(actor.name, name) for who in rule.not_by for name in people[who])
        if not own and (not rule.roles or not actor.roles.isdisjoint(rule.roles)):
            return None
        remedies = tuple(Remedy("role", role) for role in rule.roles)
        evidence = {"actor": actor.name, "guard_use": self.spec.use_id, "roles": rule.roles or (NOTHING,)}
        why = "override.own" if own else "override.not_allowed"
        return Verdict(self.spec, "fail", why, remedies, FrozenDict(evidence))

    def verdicts(self, ctx: Context) -> Sequence[Verdict]:
        """
        Ask the guard for its verdicts, bound to this use.
        """
        return self.settle(self.answer(ctx))

    def answer(self, ctx: Context) -> object:
        """
        Ask the guard; whatever goes wrong in it is an ``unknown`` verdict, never an exception.
        """
        try:
            return self.check(ctx)
        except Exception as error:  # noqa: BLE001 -- a rule that raises must not take the decision down
            return self.raised(error)

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
        if verdict.code.__class__ is not str:
            return self._malformed(f"its code is {verdict.code!r}, not a text")
        if not isinstance(verdict.missing, tuple) or not all(isinstance(each, Remedy) for each in verdict.missing):  # pyright: ignore[reportUnnecessaryIsInstance] -- a plugin puts anything there
            return self._malformed(f"what is missing is {verdict.missing!r}, not a list of remedies")
        spec = self.soft if verdict.spec is UNBOUND_WARNING else self.spec
        # Written out: attrs.evolve takes several times as long, and every guard that fails comes by here.
        return Verdict(
            spec,
            verdict.status,
            verdict.code,
            verdict.missing,
            verdict.evidence,
            verdict.error,
            overridden=False,
            inner=verdict.inner,
        )


def _numbered(move: Any) -> tuple[tuple[int, Check], ...]:
    return tuple(enumerate(guard.check for guard in move.guards))


def _passed(move: Any) -> tuple[Verdict, ...]:
    return tuple(guard.passed for guard in move.guards)


def _fact_parts(move: Any) -> tuple[str, str, str, str, str]:
    transition = move.transition
    return transition.id, transition.trigger, transition.kind, move.source.id, move.target.id


@noun(slots=False, eq=False)
class CompiledTransition:
    """
    One edge of the graph with everything that is known about it before anybody asks.

    Attributes:
        previous: the held stage that the move resumes, if it does.
        stays: whether the visit goes on (``$same`` and spawning).
        outcome: the outcome it sets.
        choices: the outcomes a caller may choose from.
        settles: the outcome that a final stage gives to a project that has none yet.
        checks: what the guards call, each with its place among them.
        passed: the verdicts of the guards where all of them pass and have nothing to add.
        fact_parts: what its fact begins with: transition, trigger, kind, source, target.
        closes: ``True`` if it ends in a final stage, which closes a project whatever its outcome.
    """

    transition: Transition
    source: Stage
    target: Stage
    guards: tuple[BoundGuard, ...]
    effects: tuple[tuple[EffectUse, Effect], ...]
    previous: str | None
    stays: bool
    outcome: str | None
    choices: tuple[str, ...]
    settles: str | None
    checks: tuple[tuple[int, Check], ...] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_numbered, takes_self=True)
    )
    passed: tuple[Verdict, ...] = attrs.field(init=False, repr=False, default=attrs.Factory(_passed, takes_self=True))
    fact_parts: tuple[str, str, str, str, str] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_fact_parts, takes_self=True)
    )
    closes: bool | None = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: True if self.target.final else None, takes_self=True)
    )

    def __deepcopy__(self, _memo: object) -> CompiledTransition:
        return self  # frozen and shared

    def __reduce__(self) -> NoReturn:
        msg = say("decision.pickled")
        raise TypeError(msg)


def evaluate(move: CompiledTransition, ctx: Context, overrides: Mapping[str, Override] = EMPTY) -> tuple[Verdict, ...]:
    """
    Ask every guard of a transition and return all verdicts.

    Where they all pass and have nothing to add, the answer is :attr:`CompiledTransition.passed` itself.
    """
    for number, check in move.checks:
        try:
            found: object = check(ctx)
        except Exception as error:  # noqa: BLE001 -- a rule that raises must not take the decision down
            found = move.guards[number].raised(error)
        if found is not PASS:  # by far the most frequent answer, so nothing more is asked of it
            return _evaluate_from(move, number, found, ctx, overrides)
    return move.passed


def _evaluate_from(
    move: CompiledTransition, number: int, found: object, ctx: Context, overrides: Mapping[str, Override]
) -> tuple[Verdict, ...]:
    """
    Return the verdicts of a transition whose first *number* guards passed, and whose next one answered *found*.
    """
    verdicts = list(move.passed[:number])
    refused: list[Verdict] = []
    for later, guard in enumerate(move.guards[number:]):
        for verdict in guard.verdicts(ctx) if later else guard.settle(found):
            excused = guard.spec.overridable and guard.spec.use_id in overrides and verdict.blocks
            why_not = guard.refused_override(ctx) if excused else None
            if why_not is not None and why_not not in refused:
                refused.append(why_not)
            verdicts.append(attrs.evolve(verdict, overridden=True) if excused and why_not is None else verdict)
    return (*verdicts, *refused)


def blocks(verdicts: tuple[Verdict, ...]) -> bool:
    """
    Tell whether one of the verdicts stops the move.
    """
    return any(verdict.blocks for verdict in verdicts)
