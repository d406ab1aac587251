"""
The whole engine over a store that fails, in one thread: callers and workers take turns as a seed decides.

A seed decides everything, so a run that fails is repeated by its seed, which is in the name of the test.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random

import attrs
import pytest
from hypothesis import settings

from salesflow import Pipeline, replay
from salesflow.errors import (
    OutcomeUnknownError,
    ProjectLockedError,
    StoreBusyError,
    StoreError,
    StoreUnavailableError,
    TransitionRefusedError,
    VersionConflictError,
)
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import DeadlinePassed

from ..inside.builders import FastDisk
from ..work_factory import LI, NOW, lifecycle


SEEDS = range(1000 if settings.default.max_examples >= 1000 else 20)
MINUTE = timedelta(minutes=1)
CALLERS, PROJECTS, REQUESTS, TURNS = 4, 3, 6, 4
TRIGGERS = ("make_offer", "polish", "redo", "pause", "resume", "resume", "win")
LIMITS = lifecycle()


class Died(BaseException):
    """A process is gone, in the middle of a call."""


@attrs.define
class Faulty:
    """
    A store that is busy, does not answer, or lets others go first, and that remembers what was really written.
    """

    inner: object
    chance: Random
    others: object = None
    on: bool = True
    depth: int = 0
    written: list = attrs.Factory(list)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def commit(self, commit):
        fault = self.chance.random() if self.on else 1
        if fault < 0.30 and self.depth < TURNS:
            self.depth += 1
            self.others()
            self.depth -= 1
        elif fault < 0.36:
            raise StoreBusyError("somebody held it; nothing was written. Try again.")
        elif fault < 0.40:
            raise StoreUnavailableError("nobody is there; nothing was written. Try again.")
        elif fault < 0.44:
            raise OutcomeUnknownError(commit.key and commit.key.key)
        elif fault < 0.46:
            raise Died
        done = self.inner.commit(commit)
        if not done.replayed:
            self.written.append(commit)
        if self.on and self.chance.random() < 0.06:
            raise OutcomeUnknownError(commit.key and commit.key.key)
        if self.on and self.chance.random() < 0.02:
            raise Died
        return done


class World:
    """Callers that repeat each request until they are answered, workers that come and go, and a clock."""

    def __init__(self, seed, store):
        self.chance = Random(seed)
        self.store = Faulty(store, self.chance, self.turn)
        self.now = NOW
        self.pipeline = Pipeline(LIMITS, store=self.store, actor=LI, clock=lambda: self.now)
        self.answered, self.delivered = {}, Counter()
        self.waiting = [self.requests(number) for number in range(CALLERS)]
        self.busy = set()
        for number in range(PROJECTS):
            self.store.on = False
            self.pipeline.open("Metro", id=f"P-{number}", fields={"owner": "li.wei"})
        self.store.on = True

    def requests(self, caller):
        """What a caller wants, last first: verb, project, and the key under which it is repeated."""
        return [
            (self.chance.choice(("update", *TRIGGERS)), f"P-{self.chance.randrange(PROJECTS)}", f"k-{caller}-{number}")
            for number in range(REQUESTS)
        ]

    def turn(self):
        """Somebody who is not in the middle of a call does something; a death ends only that call."""
        free = [each for each in range(CALLERS + 2) if each not in self.busy]
        who = self.chance.choice(free) if free else None
        if who is None:
            return
        self.busy.add(who)
        with suppress(Died):
            (self.work if who >= CALLERS else self.ask)(who)
        self.busy.discard(who)

    def ask(self, caller):
        if not self.waiting[caller]:
            return
        verb, project_id, key = self.waiting[caller][-1]
        try:
            if verb == "update":
                answer = self.pipeline.update(project_id, {"owner": key}, key=key).fact
            else:
                answer = self.pipeline.fire(project_id, verb, key=key).fact
        except (StoreBusyError, StoreUnavailableError, OutcomeUnknownError, VersionConflictError):
            return  # the same again, at the next turn
        except (TransitionRefusedError, ProjectLockedError):
            answer = None
        self.waiting[caller].pop()
        self.answered[project_id, key] = answer

    def work(self, worker):
        self.now += self.chance.choice((MINUTE, 60 * MINUTE, timedelta(days=1), timedelta(days=4)))
        at = self.now - self.chance.choice((0, 0, 1, 90)) * MINUTE  # this one's clock is behind
        with suppress(StoreError):
            self.pipeline.tick(at, owner=f"w-{worker}", limit=self.chance.randint(1, 3))
        with suppress(StoreError):
            self.pipeline.deliver(self.send, at=at, owner=f"w-{worker}", limit=self.chance.randint(1, 3))

    def send(self, _notice, work_id):
        if self.store.on and self.chance.random() < 0.2:
            return False
        self.delivered[work_id.rpartition(":")[0]] += 1  # each notice has one addressee
        return True

    def run(self):
        """Play until everybody has an answer, then without faults until nothing is left to do."""
        while any(self.waiting):
            self.turn()
        self.store.on = False
        while dues := [each for each in map(self.store.next_due, ("deadline", "notice")) if each]:
            self.now = max(self.now, *dues)
            self.pipeline.tick(self.now)
            self.pipeline.deliver(self.send, at=self.now)

    def wrong(self):
        """What is not as it should be."""
        facts = self.store.feed(limit=100_000).facts
        keys = Counter((each.project_id, each.key) for each in facts if each.key)
        accepted = {asked: fact for asked, fact in self.answered.items() if fact}
        passed = [each for each in facts if isinstance(each.body, DeadlinePassed)]
        notices = {
            f"n:{each.project_id}:{each.version}:{number}"
            for commit in self.store.written
            for number, each in enumerate(commit.notices)
        }
        return {
            "twice": [key for key, count in keys.items() if count > 1],
            "lost": [asked for asked, fact in accepted.items() if fact not in facts],
            "refused and written": [asked for asked, fact in self.answered.items() if not fact and asked in keys],
            "never written": [each for each in facts if each not in self.committed()],
            "heads": [each.id for each in self.store.find() if replay(self.store.load(each.id)) != each],
            "early": [each for each in passed if each.at < each.body.due_at],
            "deadlines twice": [each for each, count in Counter(map(stay, passed)).items() if count > 1],
            "not delivered": sorted(notices - set(self.delivered)),
            "delivered without a fact": sorted(set(self.delivered) - notices),
            "dead": [*self.store.dead("notice"), *self.store.dead("deadline")],
            "check": list(self.store.check(deep=True).problems),
        }

    def committed(self):
        return [append.fact for commit in self.store.written for append in commit.appends]


def stay(fact):
    return fact.project_id, fact.body.visit, fact.body.deadline


STORES = {
    "memory": lambda _place: MemoryStore(),
    "journal": lambda place: JournalStore(place / "journal", disk=FastDisk()),
    "sqlite": lambda place: SqliteStore(place / "sales.db"),
}


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize("block", range(0, len(SEEDS), 20))
def test_whole_engine(tmp_path, name, block):
    """
    Whatever fails and whoever goes first, each request happens once and each notice and deadline is seen to.
    """
    found = {}
    for seed in SEEDS[block : block + 20] if name == "memory" else SEEDS[block : block + 2]:
        place = tmp_path / str(seed)
        place.mkdir()
        with STORES[name](place) as store:
            world = World(seed, store)
            world.run()
            found |= {f"seed {seed}, {what}": wrong for what, wrong in world.wrong().items() if wrong}

    assert {} == found


class Forgetful(MemoryStore):
    """A store that keeps no keys."""

    def commit(self, commit):
        return super().commit(attrs.evolve(commit, key=None))


def test_it_can_fail():
    """
    A store that keeps no keys makes some requests happen twice.
    """
    world = World(1, Forgetful())
    world.run()

    assert world.wrong()["twice"]
