"""
What :meth:`salesflow.Lifecycle.decide` answers: accepted or refused, with every reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypedDict

import attrs

from .._model.definition import UNDECIDED, Transition, label_of
from .._model.facts import Change, Entry, Override
from .._model.frozen import EMPTY, FrozenDict, maker, noun
from .._model.messages import NOTHING, PLAIN_WORDING, Wording, render
from .._model.project import Project
from .._model.values import Actor, Label
from .._model.verdict import Remedy, Verdict, alternatives
from ..typing import Context
from .compiled import CompiledTransition, engine_spec


_ALLOWED: Final = Label("{trigger}: allowed, to stage {stage}.", "{trigger}：可以执行，进入阶段 {stage}。")
_REFUSED: Final = Label(
    "project '{project}': '{trigger}' is refused in stage '{stage}'.",
    "项目 {project}：在阶段 {stage} 不能执行 {trigger}。",
)
_CANDIDATE: Final = Label("  {transition}:", "  {transition}：")


class MoveOptions(TypedDict, total=False):
    """
    What a move is decided with besides; see :meth:`salesflow.Lifecycle.decide`.
    """

    data: Mapping[str, Any]
    entries: Sequence[Entry]
    outcome: str | None
    reason: str | None
    overrides: Mapping[str, str]


@noun(slots=False)
class Candidate:
    """
    One transition that the trigger could have taken, and what its guards said.

    Attributes:
        transition: as the definition has it.
        verdicts: of every guard, in file order.
    """

    transition: Transition
    verdicts: tuple[Verdict, ...]


@noun(weakref_slot=False)
class Accepted:
    """
    The move is allowed.

    Attributes:
        context: what the guards saw; its project has the data of the call, and is not yet moved.
        move: the edge that was chosen.
        verdicts: of every guard, in file order.
        changes: the data and entries of the call.
        overrides: the guard uses that were overridden.
    """

    context: Context
    move: CompiledTransition
    verdicts: tuple[Verdict, ...]
    changes: tuple[Change, ...] = ()
    overrides: tuple[Override, ...] = ()

    accepted: ClassVar[Literal[True]] = True

    def __repr__(self) -> str:
        return f"Accepted(trigger={self.trigger!r}, target={self.target!r}, verdicts={self.verdicts!r})"

    @property
    def transition(self) -> Transition:
        """
        The transition that is taken.
        """
        return self.move.transition

    @property
    def trigger(self) -> str:
        """
        What the caller named.
        """
        return self.move.transition.trigger

    @property
    def target(self) -> str:
        """
        The stage afterwards.
        """
        return self.move.target.id

    @property
    def outcome(self) -> str:
        """
        The outcome afterwards; a final stage may settle it.
        """
        outcome = self.context.project.outcome
        return self.move.settles if self.move.settles is not None and outcome == UNDECIDED else outcome

    @property
    def blocking(self) -> tuple[Verdict, ...]:
        """
        Nothing: an accepted move has no verdict that blocks.
        """
        return ()

    @property
    def missing(self) -> tuple[Remedy, ...]:
        """
        Nothing: an accepted move needs no cure.
        """
        return ()

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """
        Verdicts to show, although the move is allowed.
        """
        return tuple(verdict for verdict in self.verdicts if verdict.warns)

    def explain(self, lang: str = "en") -> str:
        """
        Say in a few lines what is allowed, with its warnings.
        """
        names = {"trigger": label_of(self.transition), "stage": label_of(self.move.target)}
        return "\n".join(
            [render(_ALLOWED, names, lang), *(f"  ! {verdict.message(lang)}" for verdict in self.warnings)]
        )


@noun(slots=False)
class Refused:
    """
    The move is not allowed; nothing changed.

    Attributes:
        project: as it stands.
        trigger: what was asked for.
        actor: who asked.
        at: the time of the decision, UTC.
        candidates: each transition that the trigger could have taken, with its verdicts.
        unavailable: the engine's own verdict, when the trigger is not open from this stage.
        open: the triggers that are open from here, guards aside.
        wording: how the lifecycle names its parts.
    """

    project: Project = attrs.field(repr=False)
    trigger: str
    actor: Actor
    at: datetime
    candidates: tuple[Candidate, ...] = ()
    unavailable: Verdict | None = None
    open: tuple[str, ...] = ()
    wording: Wording = attrs.field(default=PLAIN_WORDING, repr=False, eq=False)

    accepted: ClassVar[Literal[False]] = False

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """
        Every verdict of every candidate, in file order.
        """
        found = tuple(verdict for candidate in self.candidates for verdict in candidate.verdicts)
        return found if self.unavailable is None else (self.unavailable, *found)

    @property
    def blocking(self) -> tuple[Verdict, ...]:
        """
        The verdicts that stop the move: all of them, not the first.
        """
        return tuple(verdict for verdict in self.verdicts if verdict.blocks)

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """
        Further verdicts to show.
        """
        return tuple(verdict for verdict in self.verdicts if verdict.warns)

    @property
    def missing(self) -> tuple[Remedy, ...]:
        """
        The remedies of the blocking verdicts, without repeats.

        Where there is a choice, it is one remedy ``any_of`` with its alternatives: those that ask for somebody's word
        or for what is not there yet come before those that change a value already given.
        """
        return tuple(dict.fromkeys(chain.from_iterable(_cures(verdict, self.project) for verdict in self.blocking)))

    def explain(self, lang: str = "en") -> str:
        """
        Say every reason, one a line, grouped by candidate where there are several.
        """
        names = {"project": self.project.id, "trigger": self.trigger, "stage": self.project.stage}
        lines = [render(_REFUSED, names, lang, self.wording)]
        if self.unavailable is not None:
            lines.append(f"  - {self.unavailable.message(lang)}")
        for candidate in self.candidates:
            if len(self.candidates) > 1:
                lines.append(render(_CANDIDATE, {"transition": label_of(candidate.transition)}, lang))
            lines += [f"  - {verdict.message(lang)}" for verdict in candidate.verdicts if verdict.blocks]
        return "\n".join(lines)


Decision: TypeAlias = Accepted | Refused


@noun(slots=False)
class Option:
    """
    One trigger from where a project stands, and whether it can be taken now.

    Attributes:
        status: ``allowed``; ``needs_input`` when everything missing can be passed with the call (fields and
            entries that are not there yet); ``blocked`` when somebody or something else is needed, an entry has to be
            moved, or a value that is filled in would have to be another.
    """

    trigger: str
    status: Literal["allowed", "needs_input", "blocked"]
    decision: Decision = attrs.field(repr=False)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """
        What the guards said.
        """
        return self.decision.verdicts


def _given(remedy: Remedy, project: Project) -> bool:
    """
    Tell whether a remedy would change a value that somebody has filled in.
    """
    return remedy.kind == "field" and project.fields.get(remedy.name) is not None


def _cures(verdict: Verdict, project: Project) -> tuple[Remedy, ...]:
    """
    Return what would cure a verdict, a choice as one remedy.
    """
    groups = sorted(
        alternatives(verdict), key=lambda group: (any(_given(remedy, project) for remedy in group), len(group))
    )
    if len(groups) < 2:
        return groups[0] if groups else ()
    return (Remedy("any_of", verdict.spec.use_id, EMPTY, tuple(groups)),)


def _takes_input(verdict: Verdict, project: Project) -> bool:
    """
    Tell whether fields and entries that are not there yet would cure a verdict.
    """
    return any(
        all(
            remedy.kind in ("field", "entry") and "status" not in remedy.params and not _given(remedy, project)
            for remedy in group
        )
        for group in alternatives(verdict)
    )


def option_of(trigger: str, decision: Decision) -> Option:
    """
    Sort a decision into the three kinds of option.
    """
    if isinstance(decision, Accepted):
        return Option(trigger, "allowed", decision)
    for candidate in decision.candidates:
        stopping = [verdict for verdict in candidate.verdicts if verdict.blocks]
        if all(_takes_input(verdict, decision.project) for verdict in stopping):
            return Option(trigger, "needs_input", decision)
    return Option(trigger, "blocked", decision)


def unavailable(
    project: Project,
    trigger: str,
    *,
    actor: Actor,
    at: datetime,
    open: tuple[str, ...],  # noqa: A002 -- the word of the domain
    wording: Wording,
) -> Refused:
    """
    Refuse a known trigger that is not open from the project's stage.
    """
    evidence: Mapping[str, object] = FrozenDict(trigger=trigger, stage=project.stage, open=open or (NOTHING,))
    verdict = Verdict(engine_spec(wording), "fail", "transition.unavailable", evidence=evidence)
    return Refused(project, trigger, actor, at, (), verdict, open, wording)


make_accepted = maker(Accepted)
