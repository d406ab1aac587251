"""
A model of a store, and the machine that calls a store and its model alike.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ... import Fact, Project, replay
from ...errors import InputError, KeyReusedError, LeaseLostError, VersionConflictError
from ...stores.adapting import deadline_work, notice_work
from ...typing import Append, Claim, Commit, Committed, DeadWork, DueDeadline, FieldSet, Work, WorkKind
from .._difference import difference
from .facts import NOW, changed, commit, due, key, moved, notice, opened
from .hooks import Hooks
from .story import StoreStory, Written, arguments


@attrs.define
class _Row:
    work: Work
    status: Literal["ready", "leased", "dead"] = "ready"
    owner: str = ""
    token: int = 0
    until: datetime = NOW
    attempts: int = 0
    error: str = ""

    def due_at(self) -> datetime:
        return self.until if self.status == "leased" else self.work.due_at


class Model:
    """
    Facts in a list; heads, keys and work in dictionaries.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.heads: dict[str, Project] = {}
        self._keys: dict[tuple[str, str], tuple[str, Fact]] = {}
        self._work: dict[str, _Row] = {}

    def commit(self, commit: Commit) -> Committed:
        """
        Take in a commit: the key first, then versions, then claims, then everything else.
        """
        used = commit.key and self._keys.get((commit.key.project_id, commit.key.key))
        if commit.key and used:
            if used[0] != commit.key.fingerprint:
                raise KeyReusedError(commit.key.project_id, commit.key.key)
            for each in filter(self._holds, commit.done):
                del self._work[each.work.id]
            return Committed(used[1], replayed=True)
        for append in commit.appends:
            actual = getattr(self.heads.get(append.project.id), "version", 0)
            if actual != append.expected:
                raise VersionConflictError(append.project.id, append.expected, actual)
        for each in commit.done:
            self._held(each)
        self._write(commit)
        return Committed(commit.appends[0].fact if commit.appends else None)

    def _write(self, commit: Commit) -> None:
        for each in commit.done:
            del self._work[each.work.id]
        for append in commit.appends:
            self.facts.append(append.fact)
            self.heads[append.project.id] = append.project
        if commit.key:
            self._keys[commit.key.project_id, commit.key.key] = commit.key.fingerprint, commit.appends[0].fact
        for number, each_notice in enumerate(commit.notices):
            work = notice_work(each_notice, number, commit.appends[0].fact.at)
            self._work[work.id] = _Row(work)
        for stay in commit.dropped:
            for work_id in [each for each, row in self._work.items() if _stay(row.work) == stay]:
                del self._work[work_id]
        for each_due in commit.dues:
            work = deadline_work(each_due)
            before = self._work.get(work.id)
            self._work[work.id] = _Row(work, token=before.token if before else 0)

    def claimable(self, kind: WorkKind, limit: int, at: datetime) -> list[Work]:
        """
        Return the work that a claim should get, in order.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status != "dead"]
        rows = [row for row in rows if row.due_at() <= at]
        return [row.work for row in sorted(rows, key=lambda row: (row.work.due_at, row.work.id))[:limit]]

    def claimed(self, claim: Claim, lease: timedelta, at: datetime) -> Claim:
        """
        Note that a store gave out a claim; return it as it should have been.

        The numbers of tokens are the store's choice, as long as they grow.
        """
        row = self._work[claim.work.id]
        row.token = max(claim.token, row.token + 1)
        row.status, row.owner, row.until, row.attempts = "leased", claim.owner, at + lease, row.attempts + 1
        return Claim(row.work, row.owner, row.token, row.until, row.attempts)

    def extend(self, claim: Claim, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim for longer.
        """
        row = self._held(claim)
        row.until = at + lease
        return attrs.evolve(claim, until=row.until)

    def release(self, claim: Claim, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, or up.
        """
        row = self._held(claim)
        if retry_at is None:
            row.status, row.error = "dead", error
        else:
            row.status, row.work = "ready", attrs.evolve(row.work, due_at=retry_at)

    def requeue(self, work_id: str, at: datetime) -> None:
        """
        Bring dead work back.
        """
        row = self._work.get(work_id)
        if row is None or row.status != "dead":
            raise InputError("work", work_id, "There is no dead work with this id.")
        row.status, row.attempts, row.work = "ready", 0, attrs.evolve(row.work, due_at=at)

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when there is something to do.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status != "dead"]
        return min((row.due_at() for row in rows), default=None)

    def dead(self, kind: WorkKind) -> list[tuple[str, int, str]]:
        """
        Return id, attempts and error of what was given up, by id.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status == "dead"]
        return sorted((row.work.id, row.attempts, row.error) for row in rows)

    def purge(self, before: datetime) -> int:
        """
        Forget old keys.
        """
        old = [each for each, (_, fact) in self._keys.items() if fact.at < before]
        for each in old:
            del self._keys[each]
        return len(old)

    def _holds(self, claim: Claim) -> bool:
        row = self._work.get(claim.work.id)
        return row is not None and (row.status, row.owner, row.token) == ("leased", claim.owner, claim.token)

    def _held(self, claim: Claim) -> _Row:
        if not self._holds(claim):
            raise LeaseLostError(claim.work.id)
        return self._work[claim.work.id]


def _stay(work: Work) -> tuple[str, int] | None:
    return (work.project_id, work.body.visit) if isinstance(work.body, DueDeadline) else None


def dead_rows(found: Sequence[DeadWork]) -> list[tuple[str, int, str]]:
    """
    Return what a store lists as dead, as :meth:`Model.dead` puts it.
    """
    return [(each.work.id, each.attempts, each.error) for each in found]


_IDS = st.sampled_from(["A", "B"])
_KEYS = st.sampled_from([None, None, None, None, "k-1", "K-1"])
_CHEN = "FieldSet('owner', 'chen')"
_BOTH: tuple[WorkKind, ...] = ("notice", "deadline")
_KINDS: st.SearchStrategy[WorkKind] = st.sampled_from(_BOTH)
_MINUTES = st.integers(0, 5).map(lambda number: timedelta(minutes=number))
_CLAIMS = st.integers(0, 5)  # which of the last ones
_FAR = NOW + timedelta(days=1000)
_REFUSALS = (InputError, KeyReusedError, LeaseLostError, VersionConflictError)


class StoreMachine(RuleBasedStateMachine):
    """
    Tells a store and the model the same, and compares what they answer and what they hold.
    """

    def __init__(self, contract: Hooks, place: Path) -> None:
        super().__init__()
        self._contract = contract
        self._place = place
        self._store = contract.make_store(place)
        self._model = Model()
        self._now = NOW
        self._claims: list[Claim] = []
        self.story = StoreStory()

    def _same(self, expected: Callable[[], Any], actual: Callable[[], Any]) -> None:
        _agree("answer", _answer(expected), _answer(actual))

    def _append(self, project_id: str, skew: int, target: str | None) -> tuple[Append, Written]:
        """
        Return an append on the head, on an older version, or on one that is not there yet; and its name in the story.
        """
        story, name, at = self.story, repr(project_id), None if self._now == NOW else self._now
        history = [each for each in self._model.facts if each.project_id == project_id]
        known = history[: len(history) + min(skew, 0)]
        base = replay(known) if known else None
        based = story.project(known[-1]) if known else ""
        if skew > 0:
            between = changed(base) if base else opened(project_id)
            based = story.append(between, f"changed({based})" if base else f"opened({name})") + ".project"
            base = between.project
        if base is None:
            made, told = opened(project_id, owner="li", at=self._now), f"opened({arguments(name, owner='li', at=at)})"
        elif target is not None:
            made, told = moved(base, target, at=self._now), f"moved({arguments(based, repr(target), at=at)})"
        else:
            made = changed(base, FieldSet("owner", "chen"), at=self._now)
            told = f"changed({arguments(based, _CHEN, at=at)})"
        return made, Written(story.append(made, told))

    @rule(
        project_id=_IDS,
        skew=st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1]),
        stage=st.sampled_from([None, "lead", "offer"]),
        both=st.booleans(),
        name=_KEYS,
        request=st.sampled_from("aab"),
        notices=st.integers(0, 2),
        visit=st.integers(1, 2),
        wait=st.none() | _MINUTES,
        drop=st.none() | st.integers(1, 2),
        finished=st.just(set[int]()) | st.sets(_CLAIMS, max_size=2),
    )
    def write(
        self,
        project_id: str,
        skew: int,
        stage: str | None,
        both: bool,
        name: str | None,
        request: str,
        notices: int,
        visit: int,
        wait: timedelta | None,
        drop: int | None,
        finished: set[int],
    ) -> None:
        """
        Commit to one project or to both, with work to do, work done, and deadlines dropped.
        """
        append, name_of_append = self._append(project_id, skew, stage)
        other, name_of_other = self._append("B" if project_id == "A" else "A", 0, None) if both else (None, None)
        done = [each for number in sorted(finished) for each in self._claims[-1 - number :][:1]]
        # One commit says one thing about a piece of work.
        watched = [] if wait is None or visit == drop else [due(project_id, visit=visit, at=self._now + wait)]
        done = list({each.work.id: each for each in done if each.work.id not in map(_deadline_id, watched)}.values())
        version = append.project.version
        whole = commit(
            *([append] if other is None else [append, other]),
            key=None if name is None else key(name, project_id=project_id, request=request),
            notices=[notice(project_id, version, number=number) for number in range(notices)],
            dues=watched,
            dropped=[] if drop is None else [(project_id, drop)],
            done=done,
        )
        of = repr(project_id)
        parts = arguments(
            *(each.text for each in (name_of_append, name_of_other) if each is not None),
            key=name and Written(f"key({arguments(repr(name), project_id=project_id, request=request)})"),
            notices=[Written(f"notice({of}, {version}, number={number})") for number in range(notices)],
            dues=[Written(f"due({arguments(of, visit=each.visit, at=each.at)})") for each in watched],
            dropped=[Written(repr(each)) for each in whole.dropped],
            done=[Written(self.story.claim(each)) for each in done],
        )
        self.story.call("commit", f"commit({parts})")
        self._same(lambda: self._model.commit(whole), lambda: self._store.commit(whole))

    @rule(kind=_KINDS, owner=st.sampled_from(["one", "two"]), limit=st.integers(1, 3), lease=_MINUTES, later=_MINUTES)
    def claim(self, kind: WorkKind, owner: str, limit: int, lease: timedelta, later: timedelta) -> None:
        """
        Take on work after a while; tokens are as the store likes, if they grow.
        """
        lease += timedelta(minutes=1)
        self._now += later
        expected = self._model.claimable(kind, limit, self._now)
        found = list(self._store.claim(kind, owner=owner, limit=limit, lease=lease, at=self._now))
        self._claims += found
        self.story.claims(found, kind=kind, owner=owner, limit=limit, lease=lease, at=self._now)
        _agree("claimed work", expected, [each.work for each in found])
        _agree("claims", [self._model.claimed(each, lease, self._now) for each in found], found)

    @precondition(lambda self: bool(self._claims))
    @rule(which=_CLAIMS, how=st.sampled_from(["finish", "extend", "retry", "give up", "requeue"]), wait=_MINUTES)
    def use_a_claim(self, which: int, how: str, wait: timedelta) -> None:
        """
        Do something with one of the last claims, which may have been lost.
        """
        held = self._claims[-1 - which % len(self._claims)]
        store, model, now = self._store, self._model, self._now
        retry_at = now + wait if how == "retry" else None
        name, told = self.story.claim(held), self.story.call
        if how == "finish":
            told("commit", f"commit(done=[{name}])")
            self._same(lambda: model.commit(commit(done=[held])), lambda: store.commit(commit(done=[held])))
        elif how == "extend":
            lease = wait + timedelta(minutes=1)
            told("extend", name, lease=lease, at=now)
            self._same(lambda: model.extend(held, lease, now), lambda: store.extend(held, lease=lease, at=now))
        elif how == "requeue":
            told("requeue", f"{name}.work.id", at=now)
            self._same(lambda: model.requeue(held.work.id, now), lambda: store.requeue(held.work.id, at=now))
        else:
            told("release", name, retry_at=Written("None") if retry_at is None else retry_at, error="busy")
            self._same(
                lambda: model.release(held, retry_at, "busy"),
                lambda: store.release(held, retry_at=retry_at, error="busy"),
            )

    @rule(
        what=st.sampled_from(["clock", "clock", "purge", "reopen", "crash"]),
        by=st.sampled_from([1, 1, 1, 5, 60, -1, -60]),
    )
    def meanwhile(self, what: str, by: int) -> None:
        """
        Let time pass or step back, forget old keys, or open the store again, perhaps after a crash.
        """
        before = self._now - timedelta(minutes=abs(by))
        if what == "clock":
            self._now += timedelta(minutes=by)
        elif what == "purge":
            self.story.call("purge", keys_before=before)
            self._same(lambda: self._model.purge(before), lambda: self._store.purge(keys_before=before))
        elif what == "crash" and self._contract.caps.durable:
            self.story.lines += ["crash(store)", "store = make_store(place)"]
            self._contract.crash(self._store)
            self._store = self._contract.make_store(self._place)
        else:
            self.story.lines.append("store = reopen(store, place)")
            self._store = self._contract.reopen(self._store, self._place)

    @invariant()
    def agree(self) -> None:
        """
        Facts, heads, look-ups and the times of work are those of the model.
        """
        store, model = self._store, self._model
        heads = [model.heads[each] for each in sorted(model.heads)]

        _agree("store.feed().facts", tuple(model.facts), store.feed().facts)
        _agree("store.find()", heads, list(store.find()))
        _agree("heads", heads, [store.head(each.id) for each in heads])
        _agree("replayed heads", heads, [replay(store.load(each.id)) for each in heads])
        matching = [each for each in heads if each.stage == "offer" and each.owner == "li"]
        _agree("store.find(stage='offer', owner='li')", matching, list(store.find(stage="offer", owner="li")))
        for kind in _BOTH:
            _agree(f"store.next_due({kind!r})", model.next_due(kind), store.next_due(kind))
            _agree(f"store.dead({kind!r})", model.dead(kind), dead_rows(store.dead(kind)))

    def teardown(self) -> None:
        """
        Compare all work that is left, look whether the store is whole, and take it away.
        """
        self._now = _FAR
        for kind in _BOTH:
            found = self._store.claim(kind, owner="last", limit=1000, lease=timedelta(minutes=1), at=_FAR)
            _agree(f"{kind}s that are left", self._model.claimable(kind, 1000, _FAR), [each.work for each in found])
        _agree("store.check(deep=True).problems", (), self._store.check(deep=True).problems)
        self._store.close()
        shutil.rmtree(self._place)


def _agree(what: str, expected: object, actual: object) -> None:
    if expected != actual:
        raise AssertionError(f"{what}: {difference(expected, actual)}")


def _deadline_id(watched: Any) -> str:
    return f"d:{watched.project_id}:{watched.visit}:{watched.deadline}"


def _answer(call: Callable[[], Any]) -> Any:
    """
    Return what a call returned, or the class of its refusal.
    """
    try:
        return call()
    except _REFUSALS as error:
        return type(error)
