"""
What holds for every project of every lifecycle, whatever its definition says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import attrs

from ..._lifecycle.decision import Accepted, Candidate, Decision
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.definition import LEAVING_KINDS
from ..._model.facts import Changed, EntryPut, Fact, Transitioned
from ..._model.predicate import Predicate, fields_of, holds
from ..._model.project import Project, field_value
from ..._model.values import same_person
from ..._model.verdict import Remedy
from ...dossier import Approval
from ...typing import Store
from .._difference import difference
from .._outside import watched


Invariant: TypeAlias = Callable[[Project], Any]
"""What must hold for a project after every commit: returns ``False`` or raises where it does not."""

_LOSING: Final = ("lost", "cancelled", "no_decision", "rejected")


@attrs.define(slots=False, repr=False)
class InvariantError(AssertionError):
    """
    Something that must always hold does not.

    Attributes:
        invariant: its name.
        why: what was found instead, one sentence.
    """

    invariant: str
    why: str

    def __str__(self) -> str:
        return f"invariant {self.invariant!r} does not hold: {self.why}"


def require(name: str, holds: object, why: str) -> None:
    """
    Raise unless *holds*.

    Raises:
        InvariantError: naming the invariant.
    """
    if not holds:
        raise InvariantError(name, why)


def check_fact(lifecycle: Lifecycle, before: Project | None, fact: Fact, after: Project) -> None:
    """
    Check one fact: what it says, and what it made of the project.

    Raises:
        InvariantError: naming what does not hold.
    """
    said = f"fact {fact.version} of {fact.project_id!r}"
    version = 0 if before is None else before.version
    stages = {stage.id: stage for stage in lifecycle.stages}
    require("version grows by one", fact.version == version + 1, f"{said} follows version {version}.")
    require("no fact without actor", fact.actor.name.strip(), f"{said} does not say who acted.")
    require("stage known", after.stage in stages, f"{said} leads to {after.stage!r}, which is no stage.")
    require(
        "time does not run back", before is None or fact.at >= before.updated_at, f"{said} is of {fact.at:%Y-%m-%d}."
    )
    body = fact.body
    if before is not None and stages[before.stage].final:
        approvals = all(isinstance(each, EntryPut) and isinstance(each.entry, Approval) for each in body.changes)
        locked = isinstance(body, Changed) and not approvals
        require("a final stage is locked", not locked, f"{said} changes it in final stage {before.stage!r}.")
    if before is not None and isinstance(body, Transitioned):
        _check_move(lifecycle, before, body, after, said)


def _check_move(lifecycle: Lifecycle, before: Project, body: Transitioned, after: Project, said: str) -> None:
    stages = {stage.id: stage for stage in lifecycle.stages}
    moved = f"{said} ({body.transition}: {body.source} to {body.target})"
    require("a move starts where the project stands", body.source == before.stage, f"{moved}, not {before.stage!r}.")
    require(
        "only reopen and spawn leave a final stage",
        not stages[before.stage].final or body.kind in LEAVING_KINDS or body.source == body.target,
        f"{moved} is of kind {body.kind!r}.",
    )
    require("the visit is of the stage", after.visit.stage == after.stage, f"{moved}: visit of {after.visit.stage!r}.")
    if stages[after.stage].kind == "hold" and not body.stays:
        held = before.suspended or before.visit
        kept = after.suspended is not None and after.suspended.number == held.number
        require("a hold keeps its stage", kept, f"{moved} does not remember the stay in {held.stage!r}.")
    if body.kind == "resume" and before.suspended is not None:
        stage = before.suspended.stage
        require("a resume returns to the held stage", after.stage == stage, f"{moved}, but {stage!r} was held.")
    kind = stages[after.stage].kind
    losing = kind == "won" and after.outcome in _LOSING
    winning = kind in ("lost", "cancelled") and after.outcome == "won"
    require("outcome fits the final stage", not (losing or winning), f"{moved} leaves outcome {after.outcome!r}.")


def check_stored(store: Store, project_id: str, facts: Sequence[Fact], head: Project | None) -> None:
    """
    Check that a store gives back what was committed, as it was then.

    Raises:
        InvariantError: naming what does not hold.
    """
    found = tuple(store.load(project_id))
    name = "history is what was committed"
    require(name, len(found) == len(facts), f"{len(facts)} facts were committed, {len(found)} are there.")
    for expected, fact in zip(facts, found, strict=True):
        if expected != fact:  # nothing is worded before it is needed: this runs after every call
            said = f"fact {expected.version} of {project_id!r} became another: {difference(expected, fact)}."
            raise InvariantError(name, said)
    live = store.head(project_id)
    if head != live:
        said = f"the head of {project_id!r} is not what its facts add up to: {difference(head, live)}."
        raise InvariantError("replay is live", said)
    if head is not None:
        listed = store.find(stage=head.stage, limit=1000)
        where = f"{project_id!r} stands in {head.stage!r} and is not found there."
        require("a project is found in its stage", project_id in [one.id for one in listed], where)


def check_decision(ask: Callable[[], Decision], said: str) -> Decision:
    """
    Ask twice, and check that the answers are the same, that no rule failed and none looked at the world.

    Raises:
        InvariantError: naming what does not hold.
    """
    decision, looked = watched(ask)
    for verdict in decision.verdicts:
        failed = f"{said}: rule {verdict.spec.use_id!r} of plugin {verdict.spec.plugin!r}: {verdict.error}."
        require("no rule fails itself", verdict.error is None, failed)
    require("a decision is pure", not looked, f"{said} calls {', '.join(looked)}.")
    again = ask()
    if decision != again:
        raise InvariantError("a decision is deterministic", f"{said}: {_answer(decision)}, then {_answer(again)}.")
    return decision


def check_own_word(decision: Decision, project: Project, ask: Callable[[], Decision], said: str) -> None:
    """
    Check that the owner's own approval does not begin to count when the move names another owner.

    Args:
        decision: the decision as the project stands, with its owner.
        ask: the same question, with another owner.

    Raises:
        InvariantError: naming the guard.
    """
    own = {
        (each.name, each.subject)
        for each in project.all(Approval)
        if each.granted and each.visit == project.visit.number and same_person(each.by, project.owner)
    }
    waiting = {
        (candidate.transition.id, verdict.spec.use_id): verdict
        for candidate in _candidates(decision)
        for verdict in candidate.verdicts
        if own and verdict.blocks and verdict.missing and own.issuperset(map(_approval, verdict.missing))
    }
    if not waiting:
        return
    for candidate in _candidates(ask()):
        for verdict in candidate.verdicts:
            found = waiting.get((candidate.transition.id, verdict.spec.use_id))
            why = f"{said}: {verdict.spec.use_id!r} counts the approval by {project.owner!r} once another is named."
            require("no owner approves by naming another", found is None or verdict.blocks, why)


def _candidates(decision: Decision) -> Sequence[Accepted | Candidate]:
    return (decision,) if isinstance(decision, Accepted) else decision.candidates


def _approval(remedy: Remedy) -> tuple[str, Any] | None:
    return (remedy.name, remedy.params.get("subject")) if remedy.kind == "approval" else None


def _answer(decision: Decision) -> str:
    codes = ", ".join(f"{verdict.spec.use_id}: {verdict.code or verdict.status}" for verdict in decision.verdicts)
    return f"{'accepted' if decision.accepted else 'refused'} ({codes})"


def check_own(invariants: Iterable[Invariant], project: Project) -> None:
    """
    Check a user's invariants.

    Raises:
        InvariantError: naming the first that does not hold.
    """
    for invariant in invariants:
        name = str(getattr(invariant, "__name__", invariant))
        where = f"project {project.id!r} in stage {project.stage!r}, version {project.version}"
        try:
            holds = invariant(project)
        except AssertionError as error:
            raise InvariantError(name, f"{where}: {error}") from error
        require(name, holds is not False, f"{where}.")


def check_written(lifecycle: Lifecycle, project: Project) -> None:
    """
    Check the invariants that a definition states.

    Raises:
        InvariantError: naming the first that is not true.
    """
    for name, predicate in lifecycle.invariants.items():
        _require_true(name, predicate, project)


def check_precondition(lifecycle: Lifecycle, decision: Decision) -> None:
    """
    Check that a transition is only allowed where its precondition is true.

    Raises:
        InvariantError: naming the transition.
    """
    if isinstance(decision, Accepted) and decision.transition.id in lifecycle.preconditions:
        name = decision.transition.id
        _require_true(f"precondition of {name}", lifecycle.preconditions[name], decision.context.project)


def _require_true(name: str, predicate: Predicate, project: Project) -> None:
    found = holds(predicate, partial(field_value, project))
    if not found:
        read = ", ".join(f"{field} is {field_value(project, field)!r}" for field in dict.fromkeys(fields_of(predicate)))
        said = "is false" if found is False else "cannot be determined"
        where = f"project {project.id!r} in stage {project.stage!r}, version {project.version}"
        raise InvariantError(name, f"{where}: it {said}; {read}.")
