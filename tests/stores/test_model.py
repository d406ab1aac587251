"""
Any sequence of commits against a plain model, over both stores, with the journal opened anew in between.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from salesflow import Project, replay
from salesflow.errors import KeyReusedError, VersionConflictError
from salesflow.stores import JournalStore, MemoryStore
from salesflow.typing import FieldSet

from ..inside.builders import FastDisk
from .factory import changed, commit, dump, key, moved, opened


IDS = st.sampled_from(["A", "B", "C"])
KEYS = st.none() | st.sampled_from(["k-1", "k-2"])
REQUESTS = st.sampled_from("ab")


class Stores(RuleBasedStateMachine):
    """
    Both stores are told the same; the model is a list of facts, a dictionary of heads and one of keys.
    """

    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryStore()
        self.journal = self.opened_journal()
        self.facts = []
        self.heads: dict[str, Project] = {}
        self.keys = {}

    def opened_journal(self):
        return JournalStore(Path(self.folder.name) / "sales", disk=FastDisk())

    def tell(self, appends, name, request):
        """Commit to both stores, and to the model; all must agree about the answer."""
        given = key(name, project_id=appends[0].fact.project_id, request=request) if name else None
        expected = self.expected(appends, given)
        answers = [self.answer(store, commit(*appends, key=given)) for store in (self.memory, self.journal)]

        assert [expected, expected] == answers

    def expected(self, appends, given):
        used = self.keys.get((given.project_id, given.key)) if given else None
        if used:
            return (used[1], True) if used[0] == given.fingerprint else KeyReusedError
        if any(each.expected != getattr(self.heads.get(each.project.id), "version", 0) for each in appends):
            return VersionConflictError
        for each in appends:
            self.facts.append(each.fact)
            self.heads[each.project.id] = each.project
        if given:
            self.keys[given.project_id, given.key] = given.fingerprint, appends[0].fact
        return appends[0].fact, False

    @staticmethod
    def answer(store, what):
        try:
            done = store.commit(what)
        except (KeyReusedError, VersionConflictError) as error:
            return type(error)
        return done.fact, done.replayed

    @rule(project_id=IDS, owner=st.sampled_from([None, "li", "chen"]), name=KEYS, request=REQUESTS)
    def open_project(self, project_id, owner, name, request):
        self.tell([opened(project_id, owner=owner)], name, request)

    @rule(project_id=IDS, stage=st.sampled_from(["lead", "offer", "won"]), name=KEYS, request=REQUESTS)
    def move(self, project_id, stage, name, request):
        self.tell([moved(self.head_or_new(project_id), stage, outcome=stage)], name, request)

    @rule(project_id=IDS, owner=st.sampled_from([None, "li", "chen"]), name=KEYS, request=REQUESTS)
    def change(self, project_id, owner, name, request):
        self.tell([changed(self.head_or_new(project_id), FieldSet("owner", owner))], name, request)

    @rule(project_id=IDS, stale=st.integers(1, 5))
    def change_from_an_old_head(self, project_id, stale):
        old = [each for each in self.facts if each.project_id == project_id][:stale]
        if old:
            self.tell([changed(replay(old))], None, "a")

    @rule(name=KEYS, request=REQUESTS)
    def change_two(self, name, request):
        self.tell([changed(self.head_or_new("A")), moved(self.head_or_new("B"))], name, request)

    def head_or_new(self, project_id):
        return self.heads.get(project_id) or opened(project_id).project

    @rule()
    def reopen(self):
        self.journal.close()
        self.journal = self.opened_journal()

    @invariant()
    def agree(self):
        if not hasattr(self, "facts"):
            return
        heads = [self.heads[each] for each in sorted(self.heads)]
        for store in (self.memory, self.journal):
            assert tuple(self.facts) == store.feed().facts
            assert heads == store.find()
            assert heads == [store.head(each.id) for each in heads]
            assert heads == [replay(store.load(each.id)) for each in heads]
            for stage in ("lead", "won"):
                assert [each for each in heads if each.stage == stage] == store.find(stage=stage)
                found = [each for each in heads if each.stage == stage and each.owner == "li"]
                assert found == store.find(stage=stage, owner="li")

    def teardown(self):
        if hasattr(self, "facts"):
            assert dump(self.memory) == dump(self.journal)
            self.journal.close()
            self.folder.cleanup()


TestStores = Stores.TestCase
TestStores.settings = settings(stateful_step_count=20)
