"""
Contracts of stores that are broken on purpose; each says which check has to fail.

Not collected by itself: ``test_broken_stores.py`` runs the named checks.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import pickle
import sys
import time
import unicodedata
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path

import attrs

from salesflow.errors import InputError, KeyReusedError, VersionConflictError
from salesflow.testing import StoreContract
from salesflow.typing import Capabilities, Claim, Page


def _toy():
    """The neighbour, loaded by its path: this file is loaded by its own in other processes."""
    if "contract_toy" not in sys.modules:
        spec = importlib.util.spec_from_file_location("contract_toy", Path(__file__).with_name("toy.py"))
        module = sys.modules["contract_toy"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["contract_toy"]


DictStore, SavedStore, OpenWork = _toy().DictStore, _toy().SavedStore, _toy().OpenWork


class InMemory(StoreContract):
    """A contract of a store without files; ``Broken`` or its ``BrokenWork`` in the contracts below."""

    Broken = DictStore
    BrokenWork = OpenWork
    steps = 50

    def make_store(self, place):
        store = self.Broken()
        store.work = self.BrokenWork()
        return store


class InFile(InMemory):
    """A contract of a store in a file."""

    Broken = SavedStore
    caps = SavedStore.caps
    kills = 4

    def make_store(self, place):
        return self.Broken(place)

    def make_reader(self, place):
        if not (place / "state").exists():
            raise InputError("place", str(place), "Nothing is there.")
        return self.make_store(place)

    def crash(self, store):
        pass


class TestWholeDictStore(InMemory):
    """Nothing is broken."""


class TestWholeSavedStore(InFile):
    """Nothing is broken."""


class TestWholeTenants(InMemory):
    """Nothing is broken."""

    caps = Capabilities(tenants=True)

    def make_tenant(self, place, tenant):
        return DictStore()


class TestNoVersionCheck(InMemory):
    """Whoever comes last wins."""

    caught_by = ("test_version_conflict", "test_threads_on_one_project")

    class Broken(DictStore):
        def check_versions(self, appends):
            pass


class TestStageInsteadOfVersion(InMemory):
    """It compares the stage that the writer saw, as many a table with a status column does."""

    caught_by = ("test_version_conflict[too_low]",)

    class Broken(DictStore):
        def check_versions(self, appends):
            for each in appends:
                head = self.heads.get(each.project.id)
                if (head is None) != (each.expected == 0) or (head and head.stage != each.project.stage):
                    raise VersionConflictError(each.project.id, each.expected, head.version if head else 0)


class TestNotAtomic(InMemory):
    """Several projects are checked and written one after the other."""

    caught_by = ("test_one_conflict_undoes_all",)

    class Broken(DictStore):
        def check_versions(self, appends):
            for each in appends:
                super().check_versions([each])
                self.heads[each.project.id] = each.project
                self.facts.append(each.fact)

        def write(self, commit):
            super().write(attrs.evolve(commit, appends=()))


class TestReadersSeeHalves(InMemory):
    """Heads change one by one, and readers do not wait."""

    caught_by = ("test_readers_see_whole_commits",)

    class Broken(DictStore):
        def write(self, commit):
            for each in commit.appends:
                self.heads[each.project.id] = each.project
                time.sleep(0.001)
            super().write(commit)

        def find(self, **asked):
            found = []
            for each in sorted(self.heads):
                found.append(self.heads[each])
                time.sleep(0.002)  # longer than a head takes, so that a move falls in between on any machine
            return found


class TestAcknowledgedTooEarly(InFile):
    """What was acknowledged is written when the store is closed."""

    caught_by = ("test_crash_keeps_what_was_acknowledged", "test_killed_writers")

    class Broken(SavedStore):
        def save(self):
            pass

        def read(self):
            if not self.facts:
                super().read()

        def close(self):
            if not self.closed:
                super().save()
            super().close()


class Batching(DictStore):
    """A store that undoes a batch, or calls too early; what is wrong with it is in the contracts below."""

    @contextmanager
    def batch(self):
        before = list(self.facts), dict(self.heads), list(self.refused)
        try:
            yield
        except BaseException:
            self.facts, self.heads, self.refused = before
            raise


class TestBatchUndone(InMemory):
    """A block that raises is rolled back, as the transactions of most databases are."""

    caught_by = ("test_batch_that_raises_keeps_its_commits",)
    Broken = Batching


class TestRefusalEndsTheBatch(InMemory):
    """One refused commit takes the commits before it along."""

    caught_by = ("test_refused_commit_in_a_batch",)

    class Broken(Batching):
        before = None

        @contextmanager
        def batch(self):
            self.before = list(self.facts), dict(self.heads)
            yield
            self.before = None

        def check_versions(self, appends):
            try:
                super().check_versions(appends)
            except VersionConflictError:
                if self.before is not None:
                    self.facts, self.heads = self.before
                raise


class TestCalledBackwards(InMemory):
    """What waits for the end of a batch is called from the last to the first."""

    caught_by = ("test_large_batch",)

    class Broken(DictStore):
        calls = None

        @contextmanager
        def batch(self):
            self.calls = []
            yield
            calls, self.calls = self.calls, None
            while calls:
                calls.pop()()

        def when_durable(self, call):
            if self.calls is not None:
                self.calls.append(call)
            return self.calls is not None


class TestCalledTooEarly(InFile):
    """What a batch keeps is called before anybody else can see the commits."""

    caught_by = ("test_durable_when_called",)

    class Broken(SavedStore):
        waiting = False

        @contextmanager
        def batch(self):
            self.waiting = True
            yield
            self.waiting = False
            super().save()

        def save(self):
            if not self.waiting:
                super().save()

        def read(self):
            if not self.waiting:
                super().read()


class TestFileThatIsGone(InFile):
    """A handle goes on with what it knows when its file was removed."""

    caught_by = ("test_nothing_goes_to_a_place_that_is_gone",)

    class Broken(SavedStore):
        known = None

        def saved(self):
            return super().saved() or self.known or {}

        def put(self, state):
            if self.known is None or self.path.exists():
                super().put(state)
            self.known = state


class TestReaderMakesTheStore(InFile):
    """Whoever looks into a folder leaves a store in it."""

    caught_by = ("test_reading_makes_nothing",)

    def make_reader(self, place):
        store = self.make_store(place)
        store.head("P-1")
        return store


class TestTwoFiles(InFile):
    """Facts are saved first, heads a little later."""

    caught_by = ("test_killed_writers",)

    class Broken(SavedStore):
        def put(self, state):
            super().put(state | {"heads": self.saved().get("heads", {})})
            time.sleep(0.01)
            super().put(state)


class TestLateCommits(InMemory):
    """One commit in five takes its position at once, and is seen a little later."""

    caught_by = ("test_reader_misses_nothing",)

    class Broken(DictStore):
        def __init__(self):
            super().__init__()
            self.position, self.visible = 0, []

        def commit(self, commit):
            with self.use():
                self.position += 1
                place = self.position
            if place % 5 == 0:
                time.sleep(0.002)
            done = super().commit(commit)
            self.visible += [(place, each.fact) for each in commit.appends]
            return done

        def feed(self, after="", *, limit=1000):
            behind = [each for each in self.visible if each[0] > int(after or 0)]
            page = sorted(behind, key=lambda each: each[0])[:limit]
            return Page(tuple(fact for _, fact in page), str(page[-1][0]) if page else after)


class TestPositionsReused(InMemory):
    """After a purge it counts from the beginning again."""

    caught_by = ("test_cursors_outlive_the_handle",)

    class Broken(DictStore):
        offset = 0

        def purge(self, *, keys_before):
            self.offset = len(self.facts)
            return super().purge(keys_before=keys_before)

        def feed(self, after="", *, limit=1000):
            page = super().feed(str(int(after) + self.offset) if after else "", limit=limit)
            return attrs.evolve(page, cursor=str(int(page.cursor or 0) - self.offset) if page.facts else after)


class TestFeedByProject(InMemory):
    """The feed comes project by project."""

    caught_by = ("test_feed_gives_every_fact_once", "test_order_is_that_of_time")

    class Broken(DictStore):
        def write(self, commit):
            super().write(commit)
            self.facts.sort(key=lambda fact: fact.project_id)


class TestUnknownMatches(InMemory):
    """A project without the field that is asked for is found as well."""

    caught_by = ("test_find_by_a_predicate", "test_count")

    class Broken(DictStore):
        def matching(self, *, where=None, **asked):
            found = super().matching(**asked)
            return [
                each for each in found if where is None or where.field not in each.fields or each in self.good(where)
            ]

        def good(self, where):
            return super().matching(where=where)


class TestParentForgotten(InMemory):
    """A child that changed is a child no more."""

    caught_by = ("test_find_by_parent",)

    class Broken(DictStore):
        def write(self, commit):
            super().write(commit)
            for each in commit.appends:
                if each.expected:
                    self.heads[each.project.id] = attrs.evolve(each.project, parent=None)


class TestUpcomingWithoutHeld(InMemory):
    """Work that somebody holds is not listed as coming."""

    caught_by = ("test_upcoming_work",)

    class BrokenWork(OpenWork):
        def upcoming(self, kind, until, after):
            held = {row.work.id for row in self.rows.values() if row.owner is not None}
            return [work for work in super().upcoming(kind, until, after) if work.id not in held]


class TestRefusalsByProject(InMemory):
    """Refused attempts come project by project."""

    caught_by = ("test_refusals_are_paged",)

    class Broken(DictStore):
        def write(self, commit):
            super().write(commit)
            self.refused.sort(key=lambda each: each.project_id)


class TestForeignCursors(InMemory):
    """A cursor that it does not know is the beginning."""

    caught_by = ("test_foreign_cursor",)

    class Broken(DictStore):
        def feed(self, after="", *, limit=1000):
            return super().feed(after if after.isdecimal() else "", limit=limit)


class TestKeyBesideTheCommit(InFile):
    """Keys live in a cache beside the store."""

    caught_by = ("test_keys_outlive_the_handle",)

    class Broken(SavedStore):
        kept = ("facts", "heads", "refused", "work")


class TestKeyOfARefusedCommit(InMemory):
    """A key is taken although the commit was refused."""

    caught_by = ("test_failed_commit_keeps_no_key", "test_one_conflict_undoes_all")

    class Broken(DictStore):
        def commit(self, commit):
            try:
                return super().commit(commit)
            except VersionConflictError:
                if commit.key:
                    fact = commit.appends[0].fact
                    self.keys[commit.key.project_id, commit.key.key] = commit.key.fingerprint, fact
                raise


class TestNoFingerprint(InMemory):
    """A key stands for whatever came first."""

    caught_by = ("test_key_of_another_request",)

    class Broken(DictStore):
        def stored(self, key):
            try:
                return super().stored(key)
            except KeyReusedError:
                return self.keys[key.project_id, key.key][1]


class TestKeysOfEverybody(InMemory):
    """A key is the same in every project."""

    caught_by = ("test_keys_belong_to_projects",)

    class Broken(DictStore):
        def stored(self, key):
            return super().stored(key and attrs.evolve(key, project_id="all"))

        def write(self, commit):
            super().write(attrs.evolve(commit, key=commit.key and attrs.evolve(commit.key, project_id="all")))


class TestKeysWithoutCase(InMemory):
    """A key is the same in capitals."""

    caught_by = ("test_keys_differ_by_case", "test_any_sequence_of_calls")

    class Broken(DictStore):
        def stored(self, key):
            return super().stored(key and attrs.evolve(key, key=key.key.lower()))

        def write(self, commit):
            super().write(attrs.evolve(commit, key=commit.key and attrs.evolve(commit.key, key=commit.key.key.lower())))


class TestVersionBeforeKey(InMemory):
    """A repeat that comes late meets the version check."""

    caught_by = ("test_retry_after_the_version_moved", "test_same_request_twice")

    class Broken(DictStore):
        def commit(self, commit):
            with self.use():
                self.check_versions(commit.appends)
            return super().commit(commit)


class TestRepeatsWork(InMemory):
    """A repeat opens its work once more."""

    caught_by = ("test_repeat_touches_no_work",)

    class Broken(DictStore):
        def commit(self, commit):
            done = super().commit(commit)
            if done.replayed:
                self.work.apply(attrs.evolve(commit, done=()))
            return done


class TestPurgesEverything(InMemory):
    """Keys are forgotten whatever their age."""

    caught_by = ("test_purge_forgets_old_keys",)

    class Broken(DictStore):
        def purge(self, *, keys_before):
            return super().purge(keys_before=keys_before + timedelta(days=1000))


class TestTokensIgnored(InMemory):
    """A claim holds for whoever has the right name."""

    caught_by = ("test_old_token_is_refused[worker]",)

    class BrokenWork(OpenWork):
        def holds(self, claim):
            row = self.rows.get(claim.work.id)
            return row is not None and row.owner == claim.owner


class TestLeasesForEver(InMemory):
    """A lease does not run out."""

    caught_by = ("test_expired_lease_is_given_out_again",)

    class BrokenWork(OpenWork):
        def alive(self, kind):
            return [row for row in super().alive(kind) if row.owner is None]


class TestLeasesForNothing(InMemory):
    """Work is given out although somebody holds it."""

    caught_by = ("test_held_work_is_not_given_out", "test_no_two_hold_one")

    class BrokenWork(OpenWork):
        def claim(self, kind, owner, limit, until, at):
            for row in self.rows.values():
                row.until = row.until and at
            return super().claim(kind, owner, limit, until, at)


class TestClaimsRace(InMemory):
    """It looks first and takes later, with nothing held in between."""

    caught_by = ("test_no_two_hold_one",)

    class Broken(DictStore):
        def claim(self, kind, *, owner, limit, lease, at):
            due = [row for row in self.work.alive(kind) if row.next_at <= at][:limit]
            time.sleep(0.001)
            for row in due:
                row.owner, row.until, row.token = owner, at + lease, row.token + 1
            return [Claim(row.work, owner, row.token, row.until, 1) for row in due]


class TestEarlyDeadlines(InMemory):
    """It rounds to seconds, upwards."""

    caught_by = ("test_nothing_is_early",)

    class Broken(DictStore):
        def claim(self, kind, **asked):
            return super().claim(kind, **{**asked, "at": asked["at"] + timedelta(seconds=1)})


class TestDroppedStillFire(InMemory):
    """Deadlines of a stay that ended are kept."""

    caught_by = ("test_dropped_deadlines_never_fire", "test_dropped_while_held", "test_any_sequence_of_calls")

    class BrokenWork(OpenWork):
        def apply(self, commit):
            super().apply(attrs.evolve(commit, dropped=()))


class TestDroppedByPrefix(InMemory):
    """Visit 1 takes visit 11 with it."""

    caught_by = ("test_dropped_deadlines_never_fire",)

    class BrokenWork(OpenWork):
        def apply(self, commit):
            for project_id, visit in commit.dropped:
                prefix = f"d:{project_id}:{visit}"
                self.rows = {name: row for name, row in self.rows.items() if not name.startswith(prefix)}
            super().apply(attrs.evolve(commit, done=[each for each in commit.done if each.work.id in self.rows]))


class TestDoneBeforeTheCommit(InMemory):
    """Work is finished first, and the commit may still be refused."""

    caught_by = ("test_conflict_finishes_no_work",)

    class Broken(DictStore):
        def commit(self, commit):
            with self.use():
                done = [each for each in commit.done if self.work.holds(each)]
                self.work.finish(done)
            return super().commit(attrs.evolve(commit, done=[each for each in commit.done if each not in done]))


class TestDoneForgotten(InMemory):
    """A lost claim does not undo its commit."""

    caught_by = ("test_lost_claim_undoes_the_commit", "test_old_token_is_refused")

    class Broken(DictStore):
        def commit(self, commit):
            held = [each for each in commit.done if self.work.holds(each)]
            return super().commit(attrs.evolve(commit, done=held))


class TestDeadLettersLost(InMemory):
    """What was given up is gone."""

    caught_by = ("test_work_given_up", "test_requeue")

    class BrokenWork(OpenWork):
        def release(self, claim, retry_at, error):
            super().release(claim, retry_at, error)
            if retry_at is None:
                del self.rows[claim.work.id]


class TestTokensBeginAnew(InMemory):
    """A deadline that is set again starts with its first token."""

    caught_by = ("test_deadline_set_again_while_held",)

    class BrokenWork(OpenWork):
        def open(self, work, token):
            self.rows.pop(work.id, None)
            super().open(work, token)


class TestTokensOfALifeBefore(InMemory):
    """What was finished and is set again counts its tokens from the start."""

    caught_by = ("test_tokens_of_work_set_again",)

    class BrokenWork(OpenWork):
        def open(self, work, token):
            super().open(work, 0)


class TestLeasesAreNotDue(InMemory):
    """It forgets that a lease may run out."""

    caught_by = ("test_next_due",)

    class Broken(DictStore):
        def next_due(self, kind):
            return min((row.work.due_at for row in self.work.alive(kind) if row.owner is None), default=None)


class TestFindWithoutPages(InMemory):
    """It begins at the first id, whatever it is asked."""

    caught_by = ("test_find_pages_while_projects_move",)

    class Broken(DictStore):
        def find(self, *, after=None, **asked):
            return super().find(**asked)


class TestOrderedAsText(InMemory):
    """Every value is ordered as a text."""

    caught_by = ("test_order",)

    class Broken(DictStore):
        def find(self, *, order_by=None, **asked):
            found = super().find(order_by=order_by, **asked)
            if order_by != "size":
                return found
            return sorted(found, key=lambda each: (each.fields.get("size") is None, str(each.fields.get("size"))))


class TestNothingComesFirst(InMemory):
    """The other way round, those without a value come first, as a database does it."""

    caught_by = ("test_order",)

    class Broken(DictStore):
        def find(self, *, order_by=None, **asked):
            turned = order_by is not None and order_by.startswith("-")
            found = super().find(order_by=order_by.removeprefix("-") if turned else order_by, **asked)
            return found[::-1] if turned else found


class TestPageFromWhereItIsNow(InMemory):
    """A page goes on behind where the last project stands by now."""

    caught_by = ("test_page_goes_on_where_it_ended[closed_at]",)

    class Broken(DictStore):
        def find(self, *, after=None, **asked):
            return super().find(after=self.heads.get(getattr(after, "id", None), after), **asked)


class TestClosedForGood(InMemory):
    """A project that was reopened is still found by when it was closed."""

    caught_by = ("test_closed_between",)

    class Broken(DictStore):
        def write(self, commit):
            before = {each.project.id: self.heads.get(each.project.id) for each in commit.appends}
            super().write(commit)
            for name, old in before.items():
                if old is not None and old.closed_at is not None:
                    self.heads[name] = attrs.evolve(self.heads[name], closed_at=old.closed_at)


class TestPeriodWithItsEnd(InMemory):
    """The end of a period is taken for a part of it."""

    caught_by = ("test_closed_between",)

    class Broken(DictStore):
        def matching(self, *, closed_between=None, **asked):
            if closed_between is not None:
                closed_between = (closed_between[0], closed_between[1] + timedelta(microseconds=1))
            return super().matching(closed_between=closed_between, **asked)


class TestIdsWithoutCase(InMemory):
    """Ids are ordered as people would."""

    caught_by = ("test_find_orders_ids_by_code_point",)

    class Broken(DictStore):
        def find(self, **asked):
            return sorted(super().find(**asked), key=lambda project: project.id.casefold())


class TestBoundsOffByOne(InMemory):
    """The fact at the lower bound comes along."""

    caught_by = ("test_load_bounds",)

    class Broken(DictStore):
        def load(self, project_id, *, after=0, upto=None):
            return super().load(project_id, after=after - 1, upto=upto)


class TestTextsNormalised(InMemory):
    """Texts are brought into one form, as some file systems and databases do."""

    caught_by = ("test_values_come_back_to_the_byte",)

    class Broken(DictStore):
        def load(self, project_id, **bounds):
            for fact in super().load(project_id, **bounds):
                changes = tuple(attrs.evolve(each, value=_shorter(each.value)) for each in fact.body.changes)
                yield attrs.evolve(fact, body=attrs.evolve(fact.body, changes=changes))


def _shorter(value):
    return unicodedata.normalize("NFKD", value).strip() if isinstance(value, str) else value


class TestDamageSkipped(InFile):
    """A file that was cut off while it was written is taken for an empty one."""

    caught_by = ("test_killed_writers",)

    class Broken(SavedStore):
        def saved(self):
            with suppress(pickle.UnpicklingError, EOFError):
                return super().saved()
            return {"facts": [], "refused": [], "heads": {}, "keys": {}, "work": OpenWork()}

        def put(self, state):
            whole = pickle.dumps(state)
            self.path.write_bytes(whole[:-9])
            time.sleep(0.01)
            self.path.write_bytes(whole)


class TestProjectsOneByOne(InFile):
    """The projects of a commit are saved one after the other."""

    caught_by = ("test_killed_consumers",)

    kills = 10

    class Broken(SavedStore):
        def write(self, commit):
            for number, each in enumerate(commit.appends):
                if number:
                    self.save()
                    time.sleep(0.05)
                super().write(attrs.evolve(commit, appends=(each,)))


class TestSavedInPlace(InFile):
    """The file is written over while readers may look at it."""

    caught_by = ("test_images_of_the_files", "test_killed_writers")

    class Broken(SavedStore):
        def put(self, state):
            with self.path.open("wb") as file:
                whole = pickle.dumps(state)
                file.write(whole[:-9])
                file.flush()
                time.sleep(0.05)  # far longer than all the rest, so that a look at any time finds it torn
                file.write(whole[-9:])


class TestFilesOfEverybody(InFile):
    """The umask decides who may read."""

    caught_by = ("test_files_are_private",)

    class Broken(SavedStore):
        def put(self, state):
            self.path.write_bytes(pickle.dumps(state))


class TestPathsFromIds(InFile):
    """Each project has a folder of its name, made before anything is checked."""

    caught_by = ("test_hostile_ids",)

    class Broken(SavedStore):
        def commit(self, commit):
            for each in commit.appends:
                with suppress(OSError, ValueError):
                    (self.path.parent / each.project.id).mkdir(parents=True, exist_ok=True)
            return super().commit(commit)


class TestPreparedWithoutALock(InFile):
    """Whoever finds no file makes an empty one, a little later."""

    caught_by = ("test_opened_by_many_at_once",)

    class Broken(SavedStore):
        def __init__(self, place):
            super().__init__(place)
            if not self.path.exists():
                time.sleep(0.05)
                self.save()


class TestReadersWithoutALock(InFile):
    """Heads are saved one by one, and readers take what they find."""

    caught_by = ("test_readers_see_whole_commits_of_others",)

    class Broken(SavedStore):
        def put(self, state):
            old = self.saved().get("heads", {})
            for name in sorted(state["heads"]):
                old = old | {name: state["heads"][name]}
                super().put(state | {"heads": old})
                time.sleep(0.001)

        def find(self, **asked):
            heads = self.saved()["heads"]
            return [heads[each] for each in sorted(heads)]


class TestValuesAreWalkedFirst(InMemory):
    """A commit is copied before anything about it is checked."""

    caught_by = ("test_bombs[long_decimal]",)

    class Broken(DictStore):
        def commit(self, commit):
            str([str(each.fact) * 60 for each in commit.appends])
            return super().commit(commit)


class TestErrorsWithValues(InMemory):
    """Errors say everything, so that they are easy to find."""

    caught_by = ("test_failures_tell_no_values",)

    class Broken(DictStore):
        def check_versions(self, appends):
            try:
                super().check_versions(appends)
            except VersionConflictError as error:
                error.add_note(repr(appends))
                raise


class TestLogsWithValues(InMemory):
    """The log has every commit."""

    caught_by = ("test_failures_tell_no_values",)

    class Broken(DictStore):
        def commit(self, commit):
            logging.getLogger("store").debug("commit %r", commit)
            return super().commit(commit)


class TestNoLockBetweenProcesses(InFile):
    """Threads wait for each other, processes only until they all have begun."""

    caught_by = ("test_processes_on_one_project",)

    class Broken(SavedStore):
        def locked(self):
            # Those who wait for the others lose nothing, or they would wait for a minute.
            return nullcontext() if "P-1" in self.heads else super().locked()

        def read(self):
            super().read()
            os.sched_yield()  # another process reads the same

        def put(self, state):
            new = self.path.with_name(f"new-{os.getpid()}")
            new.write_bytes(pickle.dumps(state))
            new.replace(self.path)


class TestTenantsMixed(InMemory):
    """Tenants share more than the place."""

    caught_by = ("test_tenants_are_apart",)
    caps = Capabilities(tenants=True)

    def make_tenant(self, place, tenant):
        return vars(self).setdefault("shared", DictStore())
