"""
The attempt to get one transition accepted, by following what its remedies say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, cast

import attrs

from ..._lifecycle.decision import Accepted, Decision
from ..._model.definition import Transition
from ..._model.facts import Entry
from ..._model.frozen import EMPTY
from ..._model.values import Actor
from ..._model.verdict import Remedy, Verdict, alternatives
from ..._pipeline.results import Fired
from ..._pipeline.waiting import waited_until
from ...errors import EffectError, FieldLockedError, InputError, ProjectLockedError, TransitionRefusedError
from .context import NavigationContext, StuckError
from .entry_route import bring_entry, is_moved
from .remedies_entries import stepped, values_for, wanted_entry


ROUNDS: Final = 40
"""How often a decision is read before navigation gives up on one transition."""

_TURNS: Final = 6  # how often one remedy is tried, each time in another way
_PROBES: Final = 6  # how many values of a field are tried where no remedy helps


@attrs.define
class GateAttempt:
    """
    The attempt to get one transition accepted: the input to pass with it, and what was tried.

    Attributes:
        wanted: the transition.
        outcome: the outcome to pass where the caller may choose.
        turns: how often each remedy was tried.
        tried: what was done, one sentence each.
        outcomes: the outcomes that a remedy asked for.
        overrides: the reason by guard-use id.
    """

    context: NavigationContext
    wanted: Transition
    outcome: str | None
    overrides: Mapping[str, str] = EMPTY
    actor: Actor = attrs.field(init=False)
    reason: str | None = None
    data: dict[str, Any] = attrs.field(factory=dict[str, Any])
    entries: dict[tuple[str, str], Entry] = attrs.field(factory=dict[tuple[str, str], Entry])
    turns: Counter[Any] = attrs.field(factory=Counter[Any])
    tried: list[str] = attrs.field(factory=list[str])
    outcomes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self.actor = self.context.actor

    def request(self) -> dict[str, Any]:
        """
        Return the arguments of the call, without those that are empty.
        """
        found: dict[str, Any] = {"data": dict(self.data), "entries": tuple(self.entries.values())}
        found |= {"outcome": self.outcome, "reason": self.reason, "overrides": self.overrides}
        return {name: value for name, value in found.items() if value} | {"actor": self.actor, "at": self.context.at}

    def decide(self) -> Decision:
        """
        Return the decision on the transition with this input; nothing is written.
        """
        return self.context.pipeline.decide(self.context.project_id, self.wanted.trigger, **self.request())

    def blocking(self, decision: Decision) -> list[Verdict]:
        """
        Return the verdicts that block the wanted transition; other candidates do not count.
        """
        candidates = () if isinstance(decision, Accepted) else decision.candidates
        return [
            verdict
            for candidate in candidates
            if candidate.transition.id == self.wanted.id
            for verdict in candidate.verdicts
            if verdict.blocks
        ]

    def follow_remedies(self, decision: Decision) -> bool:
        """
        Do what the blocking verdicts ask for; return whether anything could be done.
        """
        blocking = self.blocking(decision)
        signed = [verdict for verdict in blocking if any(each.kind == "approval" for each in verdict.missing)]
        # Each verdict, also after another has been dealt with; approvals come last, so that nothing changes after them.
        done = [self._helped(verdict) or self._followed(verdict) for verdict in blocking if verdict not in signed]
        if not any(done):
            done += [self._helped(verdict) or self._followed(verdict) for verdict in signed]
        self._write()
        if any(done) or not (blocking or isinstance(decision, Accepted)):
            return any(done)
        return self.context.probes and self._probe(len(blocking))

    def _helped(self, verdict: Verdict) -> bool:
        ask = self.context.means.help
        turn = self._turn("help", verdict.spec.use_id, verdict.code)
        given = ask(verdict, self.context.project) if ask is not None and turn < _TURNS else None
        if given is None:
            return False
        if isinstance(given, Actor):
            self.actor = given
        elif isinstance(given, timedelta):
            self.context.wait(self.context.at + given)
        elif isinstance(given, Mapping):
            self.data |= cast("Mapping[str, Any]", given)
        else:
            for entry in cast("Iterable[Any]", given if isinstance(given, (list, tuple)) else (given,)):
                self.entries[entry.kind, entry.id] = entry
        self.tried.append(f"help for {verdict.spec.use_id} gave {given!r}")
        return True

    def _followed(self, verdict: Verdict) -> bool:
        for remedies in alternatives(verdict):
            while (turn := self._turn(verdict.spec.use_id, verdict.code, remedies)) < _TURNS:
                if self._follow(remedies, turn):
                    return True
        return False

    def _turn(self, *key: Any) -> int:
        """
        Return how often this was tried before, at most ``_TURNS``, and count it.
        """
        text = repr(key)  # parameters of remedies need not be hashable
        turn = self.turns[text]
        self.turns[text] = min(turn + 1, _TURNS)
        return turn

    def _follow(self, remedies: tuple[Remedy, ...], turn: int) -> bool:
        roles = [remedy for remedy in remedies if remedy.kind == "role"]
        done = [_FOLLOW[remedy.kind](self, remedy, turn) for remedy in remedies if remedy.kind != "role"]
        others = [remedy for remedy in remedies if remedy.kind == "role" and remedy.params.get("not_by")]
        if others:
            return self._act_as_another(others[0].params["not_by"])
        if roles and turn < len(roles):  # any of them is enough
            names = roles[turn].params.get("by")
            done.append(self._act_in_name(names) if names else self._act_as(frozenset({roles[turn].name})))
        return any(done)

    def _act_in_name(self, names: tuple[str, ...]) -> bool:
        found = self.context.means.named(self.actor, names)
        self.tried.append(f"acting as {', '.join(names)}" + ("" if found else " (nobody is)"))
        self.actor = found or self.actor
        return found is not None

    def _act_as(self, roles: frozenset[str]) -> bool:
        found = self.context.means.somebody(self.actor.roles | roles, self.actor)
        found = found or self.context.means.somebody(roles, self.context.actor)
        self.tried.append(f"acting as {', '.join(sorted(roles))}" + ("" if found else " (nobody is)"))
        self.actor = found or self.actor
        return found is not None

    def _act_as_another(self, not_by: tuple[str, ...]) -> bool:
        found = self.context.means.another(self.actor, not_by)
        self.tried.append(f"acting as somebody else than {', '.join(not_by)}" + ("" if found else " (nobody is)"))
        self.actor = found or self.actor
        return found is not None

    def _fill(self, remedy: Remedy, turn: int) -> bool:
        if remedy.name == "outcome":
            return self._choose(remedy, turn)
        if remedy.name == "reason" and remedy.name not in self.context.lifecycle.fields:
            self.reason = "a reason".ljust(int(remedy.params.get("min_length", 0)), ".")
            return turn == 0
        values = self.context.means.field_values(self.context.lifecycle, remedy.name, self.context.at, remedy.params)
        if turn >= len(values):
            return False
        self.data[remedy.name] = values[turn]
        self.tried.append(f"{remedy.name} = {values[turn]!r}")
        return True

    def _choose(self, remedy: Remedy, turn: int) -> bool:
        allowed = tuple(remedy.params.get("allowed", ()))
        choices = self.wanted.outcome if isinstance(self.wanted.outcome, tuple) else ()
        fitting = [choice for choice in choices if choice in allowed or not allowed]
        self.outcomes = allowed
        if turn >= len(fitting):
            return False
        self.outcome = fitting[turn]
        self.tried.append(f"outcome = {fitting[turn]!r}")
        return True

    def _add(self, remedy: Remedy, turn: int) -> bool:
        known = self.context.lifecycle.entries
        if turn > 1 or remedy.name not in known:
            return False
        for _ in range(int(remedy.params.get("count", 1))):
            held = {name: each.entry for name, each in self.context.project.held(remedy.name).items()}
            held |= {name: each for (kind, name), each in self.entries.items() if kind == remedy.name}
            try:
                entry = wanted_entry(remedy, known, held, self.context.at, self.actor.name)
            except (TypeError, ValueError) as error:
                self.tried.append(f"an entry of kind {remedy.name}, which cannot be made ({error})")
                return False
            self.tried.append(f"{remedy.name} {entry.id!r}")
            if "status" in remedy.params and is_moved(self.context, entry):
                if not bring_entry(self.context, entry, self.actor):
                    return False
            else:
                self.entries[entry.kind, entry.id] = entry
        return True

    def _approve(self, remedy: Remedy, turn: int) -> bool:
        context = self.context
        self._write()
        by = context.approver(remedy, self.actor, turn)
        self.tried.append(f"approval {remedy.name!r} by " + (by.name if by else "nobody: no actor may grant it"))
        if by is None:
            return False
        if context.alone and turn == 0:
            self._become_owner(by)
        subject = remedy.params.get("subject")
        try:
            context.pipeline.approve(context.project_id, remedy.name, subject=subject, actor=by, at=context.at)
        except InputError as error:
            self.tried.append(str(error))
            return False
        return True

    def _become_owner(self, person: Actor) -> None:
        """
        Let one person own the project and act, where the lifecycle lets that be.
        """
        context, self.actor = self.context, person
        if "owner" in context.lifecycle.fields and context.project.owner != person.name:
            with suppress(FieldLockedError, InputError, ProjectLockedError):
                context.pipeline.update(context.project_id, {"owner": person.name}, actor=person, at=context.at)
                self.tried.append(f"owner = {person.name!r}")

    def _wait(self, remedy: Remedy, turn: int) -> bool:
        until = wait_until(remedy, self.context.at, turn)
        later = until > self.context.at
        self.tried.append(f"waiting until {until:%Y-%m-%d %H:%M}")
        self.context.wait(until)
        return later

    def _write(self, turn: int = 0) -> None:
        """
        Record the data and entries; in a final stage they can only be passed with the transition.

        What is fixed is recorded as the error says: in the next version, or by somebody of another role.
        """
        context = self.context
        if context.lifecycle.stage(context.project.stage).final:
            return
        try:
            if self.data:
                context.pipeline.update(context.project_id, self.data, actor=self.actor, at=context.at)
            self.data = {}
            if self.entries:
                context.put(self.entries.values(), self.actor)
        except FieldLockedError as error:
            self.tried.append(str(error))
            done = [self._follow(way, turn) for verdict in error.verdicts for way in alternatives(verdict)]
            if any(done):
                self._write(turn + 1)
        self.data, self.entries = {}, {}

    def _probe(self, blocked: int) -> bool:
        """
        Change one field so that fewer verdicts block, found by dry runs, where no remedy says what to do.
        """
        context = self.context
        for name, field in context.lifecycle.fields.items():
            now = context.project.fields.get(name)
            near = [] if now is None else [stepped(now, 1), stepped(now, -1)]
            own = (*context.means.values.get(name, ()), *near)
            for value in (*values_for(field, context.at, {}, own)[: _PROBES + len(own)], None):
                if value != now and self._further({name: value}, blocked) and not self._turn("probe", name, value):
                    self.data[name] = value
                    self.tried.append(f"{name} = {value!r}")
                    self._write()
                    return True
        return False

    def _further(self, change: Mapping[str, Any], blocked: int) -> bool:
        context, request = self.context, self.request()
        request["data"] = {**self.data, **change}
        decision = context.lifecycle.decide(context.project, self.wanted.trigger, children=context.children, **request)
        if isinstance(decision, Accepted):
            return decision.transition.id == self.wanted.id
        return 0 < len(self.blocking(decision)) < blocked

    def stuck(self, decision: Decision | None, cause: str = "") -> StuckError:
        """
        Return why this transition cannot be taken.
        """
        blocking = [] if decision is None else self.blocking(decision)
        chosen = decision.transition.id if isinstance(decision, Accepted) else None
        return StuckError(
            self.wanted.id,
            self.context.project.stage,
            tuple(blocking),
            tried=tuple(dict.fromkeys(self.tried)),
            outcomes=self.outcomes,
            chosen=chosen,
            cause=cause,
        )


_FOLLOW: Final[Mapping[str, Callable[[GateAttempt, Remedy, int], bool]]] = {
    "field": GateAttempt._fill,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- its own file
    "entry": GateAttempt._add,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "approval": GateAttempt._approve,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "wait": GateAttempt._wait,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
}


def wait_until(remedy: Remedy, at: datetime, turn: int) -> datetime:
    """
    Return the time until which to wait: as the remedy says, or a day, and longer each time.
    """
    return waited_until(remedy, at) or at + timedelta(days=4**turn)


def take(
    context: NavigationContext,
    transition: Transition,
    outcome: str | None = None,
    *,
    verb: str = "fire",
    overrides: Mapping[str, str] = EMPTY,
    ready: Callable[[GateAttempt, Accepted], object] = lambda _attempt, _accepted: None,
    **more: Any,
) -> Fired:
    """
    Take a transition: do what its remedies say until it is accepted, then fire it.

    Args:
        outcome: the outcome to pass where the transition lets the caller choose.
        verb: the method of the pipeline that takes it.
        overrides: the reason by guard-use id, for guards that are not met but overridden.
        ready: called between the acceptance and the call that fires it.
        more: further arguments of that method, for example ``key=``.

    Raises:
        StuckError: if it stays refused, or another candidate of its trigger is chosen.
    """
    attempt = GateAttempt(context, transition, outcome, overrides)
    for _ in range(ROUNDS):
        decision = attempt.decide()
        if isinstance(decision, Accepted) and decision.transition.id == transition.id:
            ready(attempt, decision)
            return _fire(attempt, verb, more)
        if not attempt.follow_remedies(decision):
            break
    raise attempt.stuck(attempt.decide())


def _fire(attempt: GateAttempt, verb: str, more: Mapping[str, Any]) -> Fired:
    try:
        call: Callable[..., Fired] = getattr(attempt.context.pipeline, verb)
        return call(attempt.context.project_id, attempt.wanted.trigger, **attempt.request(), **more)
    except EffectError as error:
        raise attempt.stuck(None, str(error)) from error
    except TransitionRefusedError as error:
        raise attempt.stuck(error.decision, "It was accepted when it was asked for, and refused when fired.") from error
