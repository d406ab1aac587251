"""
One transition on its way to being accepted, by what its remedies say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

import attrs

from ..._lifecycle.decision import Accepted, Decision
from ..._model.definition import Transition
from ..._model.facts import Entry
from ..._model.values import Actor
from ..._model.verdict import Remedy, Verdict
from ...errors import InputError
from .context import Hands, StuckError
from .remedies import alternatives, wait_until
from .remedies_entries import wanted_entry
from .remedies_fields import stepped, values_for


_TURNS: Final = 6  # how often one remedy is tried, each time in another way
_PROBES: Final = 6  # how many values of a field are tried where no remedy helps


@attrs.define
class Gate:
    """
    One transition on its way to being accepted: what is handed in with it, and what was tried.
    """

    walker: Hands
    wanted: Transition
    outcome: str | None
    actor: Actor = attrs.field(init=False)
    reason: str | None = None
    data: dict[str, Any] = attrs.field(factory=dict[str, Any])
    entries: dict[tuple[str, str], Entry] = attrs.field(factory=dict[tuple[str, str], Entry])
    turns: Counter[Any] = attrs.field(factory=Counter[Any])
    tried: list[str] = attrs.field(factory=list[str])
    outcomes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self.actor = self.walker.actor

    def request(self) -> dict[str, Any]:
        """
        Return what is handed in with the call; nothing that says nothing.
        """
        found: dict[str, Any] = {"data": dict(self.data), "entries": tuple(self.entries.values())}
        found |= {"outcome": self.outcome, "reason": self.reason}
        return {name: value for name, value in found.items() if value} | {"actor": self.actor, "at": self.walker.at}

    def decide(self) -> Decision:
        """
        Ask, without writing anything.
        """
        return self.walker.pipeline.decide(self.walker.project_id, self.wanted.trigger, **self.request())

    def blocking(self, decision: Decision) -> list[Verdict]:
        """
        Return what stops the wanted transition, whatever the other candidates say.
        """
        candidates = () if isinstance(decision, Accepted) else decision.candidates
        return [
            verdict
            for candidate in candidates
            if candidate.transition.id == self.wanted.id
            for verdict in candidate.verdicts
            if verdict.blocks
        ]

    def cure(self, decision: Decision) -> bool:
        """
        Do what the verdicts ask for; tell whether anything could be done.
        """
        stopping = self.blocking(decision)
        done = [self._cure_one(verdict) for verdict in stopping]  # each of them, also after one was cured
        self._write()
        return any(done) or (bool(stopping or isinstance(decision, Accepted)) and self._probe(len(stopping)))

    def _cure_one(self, verdict: Verdict) -> bool:
        return self._helped(verdict) or self._followed(verdict)

    def _helped(self, verdict: Verdict) -> bool:
        ask = self.walker.means.help
        turn = self._turn("help", verdict.spec.use_id, verdict.code)
        given = ask(verdict, self.walker.project) if ask is not None and turn < _TURNS else None
        if given is None:
            return False
        if isinstance(given, Actor):
            self.actor = given
        elif isinstance(given, timedelta):
            self.walker.wait(self.walker.at + given)
        elif isinstance(given, Mapping):
            self.data |= cast("Mapping[str, Any]", given)
        else:
            for entry in cast("Iterable[Any]", given if isinstance(given, (list, tuple)) else (given,)):
                self.entries[entry.kind, entry.id] = entry
        self.tried.append(f"help for {verdict.spec.use_id} gave {given!r}")
        return True

    def _followed(self, verdict: Verdict) -> bool:
        for edge in alternatives(verdict):
            while (turn := self._turn(verdict.spec.use_id, verdict.code, edge)) < _TURNS:
                if self._follow(edge, turn):
                    return True
        return False

    def _turn(self, *key: Any) -> int:
        """
        Return how often this was asked before, up to the most turns there are.
        """
        marked = repr(key)  # parameters of remedies need not be hashable
        turn = self.turns[marked]
        self.turns[marked] = min(turn + 1, _TURNS)
        return turn

    def _follow(self, remedies: Iterable[Remedy], turn: int) -> bool:
        every = tuple(remedies)
        roles = [remedy.name for remedy in every if remedy.kind == "role"]
        done = [_FOLLOW[remedy.kind](self, remedy, turn) for remedy in every if remedy.kind != "role"]
        if roles and turn < len(roles):  # one of them is enough
            done.append(self._act_as(frozenset({roles[turn]})))
        return any(done)

    def _act_as(self, roles: frozenset[str]) -> bool:
        found = self.walker.means.somebody(self.actor.roles | roles, self.actor)
        found = found or self.walker.means.somebody(roles, self.walker.actor)
        self.tried.append(f"acting as {', '.join(sorted(roles))}" + ("" if found else " (nobody is)"))
        self.actor = found or self.actor
        return found is not None

    def _fill(self, remedy: Remedy, turn: int) -> bool:
        if remedy.name == "outcome":
            return self._choose(remedy, turn)
        if remedy.name == "reason" and remedy.name not in self.walker.lifecycle.fields:
            self.reason = "a reason".ljust(int(remedy.params.get("min_length", 0)), ".")
            return turn == 0
        values = self.walker.means.field_values(self.walker.lifecycle, remedy.name, self.walker.at, remedy.params)
        if turn >= len(values):
            return False
        self.data[remedy.name] = values[turn]
        self.tried.append(f"{remedy.name} = {values[turn]!r}")
        return True

    def _choose(self, remedy: Remedy, turn: int) -> bool:
        allowed = tuple(remedy.params.get("allowed", ()))
        choices = self.wanted.outcome if isinstance(self.wanted.outcome, tuple) else ()
        fitting = [one for one in choices if one in allowed or not allowed]
        self.outcomes = allowed
        if turn >= len(fitting):
            return False
        self.outcome = fitting[turn]
        self.tried.append(f"outcome = {fitting[turn]!r}")
        return True

    def _add(self, remedy: Remedy, turn: int) -> bool:
        known = self.walker.lifecycle.entries
        if turn > 1 or remedy.name not in known:
            return False
        for _ in range(int(remedy.params.get("count", 1))):
            held = {name: each.entry for name, each in self.walker.project.held(remedy.name).items()}
            held |= {name: each for (kind, name), each in self.entries.items() if kind == remedy.name}
            try:
                entry = wanted_entry(remedy, known, held, self.walker.at)
            except (TypeError, ValueError) as error:
                self.tried.append(f"an entry of kind {remedy.name}, which cannot be made ({error})")
                return False
            self.entries[entry.kind, entry.id] = entry
            self.tried.append(f"{remedy.name} {entry.id!r}")
        return True

    def _approve(self, remedy: Remedy, turn: int) -> bool:
        walker = self.walker
        self._write()
        if walker.alone and turn == 0:
            by = walker.means.somebody(frozenset(remedy.params.get("roles", ())), self.actor)
        else:
            by = walker.means.approver(remedy, walker.project, self.actor, turn)
        self.tried.append(f"approval {remedy.name!r} by " + (by.name if by else "nobody: no actor may grant it"))
        if by is None:
            return False
        subject = remedy.params.get("subject")
        try:
            walker.pipeline.approve(walker.project_id, remedy.name, subject=subject, actor=by, at=walker.at)
        except InputError as error:
            self.tried.append(str(error))
            return False
        return True

    def _wait(self, remedy: Remedy, turn: int) -> bool:
        until = wait_until(remedy, self.walker.at, turn)
        later = until > self.walker.at
        self.tried.append(f"waiting until {until:%Y-%m-%d %H:%M}")
        self.walker.wait(until)
        return later

    def _write(self) -> None:
        """
        Record what was worked out; in a final stage it can only be handed in with the move.
        """
        walker = self.walker
        if walker.lifecycle.stage(walker.project.stage).final:
            return
        if self.data:
            walker.pipeline.update(walker.project_id, self.data, actor=self.actor, at=walker.at)
        if self.entries:
            walker.pipeline.add(walker.project_id, *self.entries.values(), actor=self.actor, at=walker.at)
        self.data, self.entries = {}, {}

    def _probe(self, blocked: int) -> bool:
        """
        Look, by dry runs, for one field whose change gets further where no remedy says what to do.
        """
        walker = self.walker
        for name, field in walker.lifecycle.fields.items():
            now = walker.project.fields.get(name)
            near = [] if now is None else [stepped(now, 1), stepped(now, -1)]
            own = (*walker.means.values.get(name, ()), *near)
            for value in (*values_for(field, walker.at, {}, own)[: _PROBES + len(own)], None):
                if value != now and self._further({name: value}, blocked) and not self._turn("probe", name, value):
                    self.data[name] = value
                    self.tried.append(f"{name} = {value!r}")
                    self._write()
                    return True
        return False

    def _further(self, change: Mapping[str, Any], blocked: int) -> bool:
        walker, request = self.walker, self.request()
        request["data"] = {**self.data, **change}
        decision = walker.lifecycle.decide(walker.project, self.wanted.trigger, **request)
        if isinstance(decision, Accepted):
            return decision.transition.id == self.wanted.id
        left = len(self.blocking(decision))
        return 0 < left < blocked

    def stuck(self, decision: Decision | None, cause: str = "") -> StuckError:
        """
        Return why this transition cannot be taken.
        """
        stopping = [] if decision is None else self.blocking(decision)
        chosen = decision.transition.id if isinstance(decision, Accepted) else None
        return StuckError(
            self.wanted.id,
            self.walker.project.stage,
            stopping,
            tried=dict.fromkeys(self.tried),
            outcomes=self.outcomes,
            chosen=chosen,
            cause=cause,
        )


_FOLLOW: Final[Mapping[str, Callable[[Gate, Remedy, int], bool]]] = {
    "field": Gate._fill,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- its own file
    "entry": Gate._add,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "approval": Gate._approve,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "wait": Gate._wait,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
}
