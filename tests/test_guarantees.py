"""
Every promise of ``docs/reference/guarantees.md``, one test for each row.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from salesflow import Pipeline, Stage, Transition, build_lifecycle, dossier, replay
from salesflow.effects import effect, set_field
from salesflow.errors import (
    BackfillError,
    EffectError,
    InputError,
    KeyReusedError,
    ProjectLockedError,
    SalesflowError,
    StoreFullError,
    TransitionRefusedError,
    UnknownTriggerError,
    VersionConflictError,
)
from salesflow.guards import guard, passed
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import JournalStore, MemoryStore
from salesflow.typing import EntryDropped, EntryPut, FieldSet, Notice

from .equipment import HOUR, NOW, Clock
from .inside.builders import FullDisk
from .pipeline_factory import (
    AMOUNT,
    DIRECTOR,
    LEAD,
    House,
    Overtaken,
    clock_of,
    definition,
    everything,
    journal,
    make_pipeline,
    opened,
    won,
)


ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "guarantees.md"
NAMED = re.compile(r"`(?P<file>[\w/-]+\.py|StoreContract)::(?P<test>\w+)`")


@pytest.fixture(params=["memory", "journal"])
def pipeline(request, tmp_path):
    """
    A pipeline with an open project, on either store.
    """
    store = MemoryStore() if request.param == "memory" else journal(tmp_path / "sales")
    made = make_pipeline(store)
    opened(made)
    yield made
    store.close()


@pytest.mark.long
def test_every_row_names_a_test():
    """
    Each row of a table on the page ends with a test, and each of these tests exists.
    """
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    rows = [line for line in lines if line.rstrip().endswith("` |")]
    named = [found for row in rows for found in [NAMED.search(row.rsplit("|", 2)[-2])] if found]
    missing = [found[0] for found in named if found["test"] not in defined(found["file"])]

    assert (len(rows), []) == (len(named), missing)
    assert len(rows) > 60


def defined(name):
    """The tests of a file, or of the contract."""
    contract = sorted((ROOT / "src" / "salesflow" / "testing").rglob("*.py"))
    files = contract if name == "StoreContract" else [ROOT / name]
    return [test for file in files for test in re.findall(r"^ *def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)]


def test_every_test_has_a_row():
    """
    Each test of this file is named on the page.
    """
    here = set(defined("tests/test_guarantees.py"))
    named = {found["test"] for found in NAMED.finditer(PAGE.read_text("utf-8"))}

    assert {"test_every_row_names_a_test", "test_every_test_has_a_row"} == here - named


# --- What fails, and what then is on disk ----------------------------------------------------------------------------


def test_guard_raises(pipeline):
    """
    A guard that raises is an unknown verdict that names guard and plugin; the attempt is in the side log.
    """
    pipeline.update("P-1", {"note": "guard raises"})
    before = everything(pipeline.store)
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("P-1", "make_offer")
    (verdict,) = caught.value.decision.blocking

    assert ("unknown", "guard.raised", "house", "house.calm", "LookupError: no such register") == (
        verdict.status,
        verdict.code,
        verdict.spec.plugin,
        verdict.spec.guard,
        verdict.error,
    )
    assert "The rule house.calm of plugin house raised an error: LookupError: no such register." in str(caught.value)
    assert [("house.calm:guard.raised",)] == [each.codes for each in pipeline.attempts("P-1")]
    assert before == everything(pipeline.store)


def test_effect_raises(pipeline):
    """
    An effect that raises leaves nothing behind, and the error names it and its transition.
    """
    pipeline.update("P-1", {"note": "effect raises"})
    before = everything(pipeline.store)
    with pytest.raises(EffectError) as caught:
        pipeline.fire("P-1", "make_offer", key="k-1")

    assert ("house.stamp", "make_offer") == (caught.value.effect, caught.value.transition)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (before, ()) == (everything(pipeline.store), pipeline.attempts("P-1"))


def test_version_conflict(pipeline):
    """
    A lost race is decided anew; with an expected version it reaches the caller. Nothing is written by the loser.
    """
    raced = make_pipeline(Overtaken(pipeline.store, lambda: pipeline.update("P-1", {"note": "faster"}), times=2))
    with pytest.raises(VersionConflictError) as caught:
        raced.fire("P-1", "make_offer", expected_version=1)
    history = pipeline.history("P-1")
    fired = raced.fire("P-1", "make_offer")

    assert (1, 2) == (caught.value.expected, caught.value.actual)
    assert [1, 2] == [fact.version for fact in history]
    assert ("faster", 4) == (fired.project.fields["note"], fired.fact.version)


CRASH = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.pipeline_factory import AMOUNT, journal, make_pipeline, opened

class Dying:
    def __init__(self, inner): self.inner = inner
    def __getattr__(self, name): return getattr(self.inner, name)
    def commit(self, commit):
        if sys.argv[3] == "after":
            self.inner.commit(commit)
        os._exit(9)

store = journal(Path(sys.argv[2]))
if store.head("P-1") is None:
    opened(make_pipeline(store))
pipeline = make_pipeline(Dying(store))
pipeline.fire("P-1", "make_offer", data={"note": "once"}, key="k-1")
"""


@pytest.mark.slow
def test_process_dies(tmp_path):
    """
    A process that dies in a commit leaves all of it or nothing; repeating with the key gives one move, not two.
    """
    for moment, versions in (("before", [1, 2]), ("after", [1, 2])):
        folder = tmp_path / moment
        died = subprocess.run([sys.executable, "-c", CRASH, str(ROOT), str(folder), moment], check=False)
        with_store = journal(folder)
        left = len(list(with_store.load("P-1")))
        again = make_pipeline(with_store).fire("P-1", "make_offer", data={"note": "once"}, key="k-1")
        found = list(with_store.load("P-1"))
        with_store.close()

        assert (9, {"before": 1, "after": 2}[moment]) == (died.returncode, left)
        assert ({"before": False, "after": True}[moment], found[1]) == (again.replayed, again.fact)
        assert versions == [fact.version for fact in found]


def test_listener_raises(pipeline):
    """
    A listener that raises undoes nothing and stops no other; its failure is returned.
    """
    seen = []
    error = RuntimeError("mail server")

    def broken(facts, project):
        raise error

    told = make_pipeline(pipeline.store, listeners=[broken, lambda facts, project: seen.append((facts, project))])
    fired = told.fire("P-1", "make_offer")

    assert [("broken", error)] == [(failure.plugin, failure.error) for failure in fired.listener_failures]
    assert [((fired.fact,), fired.project)] == seen
    assert fired.project == pipeline.get("P-1")


def test_listener_raises_after_opening(pipeline, caplog):
    """
    Opening returns the project itself, so there a failing listener is logged.
    """

    def broken(facts, project):
        raise RuntimeError("mail server")

    told = make_pipeline(pipeline.store, listeners=[broken])
    with caplog.at_level(logging.ERROR, "salesflow"):
        opened(told, "P-2")

    assert ["listener broken failed after opening P-2"] == [record.getMessage() for record in caplog.records]
    assert "P-2" == pipeline.get("P-2").id


def test_notices_are_in_the_commit(pipeline):
    """
    A notice is stored with the move that made it, or not at all.
    """
    pipeline.fire("P-1", "make_offer")
    stored = pipeline.store.claim("notice", owner="t", limit=9, lease=HOUR, at=NOW + HOUR)
    with pytest.raises(VersionConflictError):
        make_pipeline(Overtaken(pipeline.store, lambda: pipeline.fire("P-1", "touch"))).fire(
            "P-1", "revise", expected_version=2
        )

    about = {"transition": "make_offer", "source": "lead", "target": "offer", "actor": "li.wei"}
    assert [Notice("P-1", 2, ("team",), "make_offer", about)] == [claim.work.body for claim in stored]
    assert () == tuple(pipeline.store.claim("notice", owner="t", limit=9, lease=HOUR, at=NOW + HOUR))


def test_full_disk(tmp_path):
    """
    A full medium reaches the caller as an ``OSError``; nothing was written, and the store stays usable.
    """

    disk = FullDisk()
    store = JournalStore(tmp_path / "sales", disk=disk)
    pipeline = make_pipeline(store)
    opened(pipeline)
    before = everything(store)
    disk.full = True
    with pytest.raises(StoreFullError) as caught:
        pipeline.fire("P-1", "make_offer", key="k-1")
    after = everything(store)
    disk.full = False
    fired = pipeline.fire("P-1", "make_offer", key="k-1")
    store.close()
    with_store = journal(tmp_path / "sales")
    kept = everything(with_store)
    with_store.close()

    assert isinstance(caught.value, OSError)
    assert (before, False, fired.project) == (after, fired.replayed, kept[0])


# --- The order of a move ---------------------------------------------------------------------------------------------


def test_order_of_fire(pipeline):
    """
    Load, decide, effects, commit, listeners, return: each sees what the one before it did, and no more.
    """

    steps = []

    class Watched(Overtaken):
        def head(self, project_id):
            steps.append("load")
            return self.inner.head(project_id)

    @guard("watch.guard", codes={})
    def watching():
        def check(ctx):
            steps.append("decide")
            return passed()

        return check

    @effect("watch.effect")
    def affecting():
        def run(ctx):
            steps.append("effects")
            return ()

        return run

    class Watch:
        name = "watch"
        salesflow_guards = staticmethod(hookimpl(lambda: (watching,)))
        salesflow_effects = staticmethod(hookimpl(lambda: (affecting,)))

    short = definition(
        version="2",
        stages=(Stage("lead", "open"), Stage("won", "won")),
        transitions=(Transition("go", "lead", "won", guards=(watching(),), effects=(affecting(),)),),
    )
    lifecycle = build_lifecycle(short, plugins=[Watch()])

    watched = Pipeline(
        lifecycle,
        store=Watched(MemoryStore(), lambda: steps.append("commit"), times=99),
        actor=LEAD,
        listeners=[lambda facts, project: steps.append("listeners")],
    )
    watched.open("Core network", id="P-1")
    steps.clear()
    watched.fire("P-1", "go")

    assert ["load", "decide", "effects", "commit", "listeners"] == steps


def test_effects_see_earlier_changes():
    """
    Effects run in file order, and a later one sees what an earlier one changed.
    """

    seen = []

    @effect("look.at")
    def look():
        def run(ctx):
            seen.append((ctx.project.fields["level"], ctx.project.stage, ctx.version))
            return ()

        return run

    class Look:
        name = "look"
        salesflow_effects = staticmethod(hookimpl(lambda: (look,)))

    base = definition()
    moves = (
        attrs.evolve(base.transitions[0], effects=(look(), set_field("level", "high"), look())),
        *base.transitions[1:],
    )

    lifecycle = build_lifecycle(definition(transitions=moves), plugins=[House(), Look()])
    pipeline = Pipeline(lifecycle, actor=LEAD, clock=Clock())
    opened(pipeline)
    pipeline.fire("P-1", "make_offer")

    assert [("low", "lead", 2), ("high", "lead", 2)] == seen


def test_effects_are_checked():
    """
    What an effect gives is held against the lifecycle: no undeclared field, no forged approval, nothing foreign.
    """

    given = []

    @effect("free.hand")
    def free():
        return lambda ctx: given

    class Free:
        name = "free"
        salesflow_effects = staticmethod(hookimpl(lambda: (free,)))

    base = definition()
    moves = (attrs.evolve(base.transitions[0], effects=(free(),)), *base.transitions[1:])
    lifecycle = build_lifecycle(definition(transitions=moves), plugins=[House(), Free()])
    pipeline = Pipeline(lifecycle, actor=LEAD, clock=Clock())
    opened(pipeline)
    for wrong in (FieldSet("unheard_of", 1), EntryPut(dossier.Approval("a", "deal", "me")), "text"):
        given[:] = [wrong]
        with pytest.raises(EffectError):
            pipeline.fire("P-1", "make_offer")
    given[:] = [EntryPut(dossier.Task("t-1", "Call")), EntryDropped("task", "t-1"), FieldSet("note", "x")]
    project = pipeline.fire("P-1", "make_offer").project

    assert (2, {}, "x") == (project.version, project.held("task"), project.fields["note"])


def test_deciding_is_pure(pipeline):
    """
    Deciding, also what is refused, writes nothing and reads the clock once.
    """
    before = everything(pipeline.store)
    clock_of(pipeline).reads = 0
    decisions = [pipeline.decide("P-1", trigger).accepted for trigger in ("make_offer", "win")]

    assert ([True, False], 2) == (decisions, clock_of(pipeline).reads)
    assert (before, ()) == (everything(pipeline.store), pipeline.attempts("P-1"))


def test_listeners_in_order(pipeline):
    """
    Listeners of plugins are told first, then the pipeline's own, each in the order given, on the caller's thread.
    """

    told = []

    def listener(name):
        return lambda facts, project: told.append((name, threading.get_ident()))

    class Mail:
        name = "mail"

        @hookimpl
        def salesflow_committed(self, project):
            told.append(("mail", threading.get_ident()))

    lifecycle = build_lifecycle(definition(), plugins=[House(), Mail()])
    Pipeline(
        lifecycle,
        store=pipeline.store,
        actor=LEAD,
        clock=Clock(),
        listeners=[listener("one"), listener("two")],
    ).fire("P-1", "touch")

    assert [(name, threading.get_ident()) for name in ("mail", "one", "two")] == told


# --- Races and keys --------------------------------------------------------------------------------------------------


def test_sixteen_tries(pipeline):
    """
    Every write starts again after a lost race, sixteen times in all, and then reports the conflict.
    """
    for write in (
        lambda raced: raced.fire("P-1", "touch"),
        lambda raced: raced.update("P-1", {"seats": 3}),
        lambda raced: raced.add("P-1", dossier.Artefact("quote")),
        lambda raced: raced.approve("P-1", "deal"),
    ):
        raced = make_pipeline(Overtaken(pipeline.store, lambda: pipeline.update("P-1", {"note": "faster"}), times=15))
        write(raced)
        beaten = Overtaken(pipeline.store, lambda: pipeline.update("P-1", {"note": "faster"}), times=99)
        with pytest.raises(VersionConflictError):
            write(make_pipeline(beaten))

        assert (16, 16) == (len(raced.store.commits), len(beaten.commits))


def test_same_key(pipeline):
    """
    The same request with the same key gives the stored fact, also later, and writes nothing.
    """
    first = pipeline.fire("P-1", "make_offer", key="k-1")
    pipeline.fire("P-1", "touch")
    again = pipeline.fire("P-1", "make_offer", key="k-1")

    assert (True, first.fact, 3) == (again.replayed, again.fact, again.project.version)


def test_reused_key(pipeline):
    """
    Another request with the same key is refused.
    """
    pipeline.fire("P-1", "make_offer", key="k-1")
    with pytest.raises(KeyReusedError) as caught:
        pipeline.fire("P-1", "touch", key="k-1")

    assert ("P-1", "k-1", 2) == (caught.value.project_id, caught.value.key, pipeline.get("P-1").version)


def test_replayed_calls_tell_nobody(pipeline):
    """
    A repeated request tells no listener again.
    """
    told = []
    telling = make_pipeline(pipeline.store, listeners=[lambda facts, project: told.append(facts[0].version)])
    for _ in range(3):
        telling.fire("P-1", "make_offer", key="k-1")

    assert [2] == told


@pytest.mark.threads
def test_threads(pipeline):
    """
    Threads that share a pipeline lose nothing.
    """

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: pipeline.add("P-1", dossier.Task(f"t-{n}", "Call")), range(16)))

    assert {f"t-{n}" for n in range(16)} == set(pipeline.get("P-1").held("task"))
    assert list(range(1, 18)) == [fact.version for fact in pipeline.history("P-1")]


# --- Time ------------------------------------------------------------------------------------------------------------


def test_one_clock_read(pipeline):
    """
    The clock is read once for each call.
    """
    calls = [
        lambda: opened(pipeline, "P-2"),
        lambda: pipeline.update("P-1", {"note": "x"}),
        lambda: pipeline.add("P-1", dossier.Artefact("quote")),
        lambda: pipeline.approve("P-1", "deal"),
        lambda: pipeline.options("P-1"),
        lambda: pipeline.fire("P-1", "make_offer"),
    ]
    reads = []
    for call in calls:
        clock_of(pipeline).reads = 0
        call()
        reads.append(clock_of(pipeline).reads)

    assert [1] * len(calls) == reads


def test_time_does_not_run_back(pipeline):
    """
    A time before the project's last fact is refused unless it is a backfill; a slow clock waits for the fact.
    """
    clock_of(pipeline).later(-HOUR)
    slow = pipeline.update("P-1", {"note": "x"}).fact
    pipeline.update("P-1", {"note": "y"}, at=NOW + 2 * HOUR)
    with pytest.raises(BackfillError):
        pipeline.update("P-1", {"note": "x"}, at=NOW + HOUR)
    filled = pipeline.update("P-1", {"note": "y"}, at=NOW + HOUR, backfill=True).fact

    assert [(NOW, NOW - HOUR), (NOW + HOUR, NOW - HOUR)] == [(each.at, each.recorded_at) for each in (slow, filled)]


def test_as_of(pipeline):
    """
    A project as of a time is the replay of its facts up to then; before its opening there is none.
    """
    clock_of(pipeline).later()
    pipeline.fire("P-1", "make_offer")

    assert replay(pipeline.history("P-1")[:1]) == pipeline.as_of("P-1", NOW)
    assert pipeline.get("P-1") == pipeline.as_of("P-1", NOW + HOUR)
    with pytest.raises(InputError):
        pipeline.as_of("P-1", NOW - HOUR)


# --- Facts -----------------------------------------------------------------------------------------------------------


def test_versions(pipeline):
    """
    A commit is one fact of a project, and its version is one more than the one before.
    """
    pipeline.update("P-1", {"note": "x", "seats": 4})
    pipeline.add("P-1", dossier.Artefact("quote"), dossier.Task("t-1", "Call"))
    pipeline.fire("P-1", "make_offer")

    assert [1, 2, 3, 4] == [fact.version for fact in pipeline.history("P-1")]


def test_replay(pipeline):
    """
    The replay of a history is the project as it stands, without its lifecycle.
    """
    won(pipeline, "P-2")

    assert pipeline.get("P-2") == replay(pipeline.history("P-2"))


def test_evolve_refuses_gaps(pipeline):
    """
    A fact that does not follow is refused.
    """
    fact = pipeline.update("P-1", {"note": "x"}).fact
    with pytest.raises(SalesflowError, match="does not follow"):
        replay([*pipeline.history("P-1"), fact])

    assert 2 == pipeline.get("P-1").version


def test_refusal_is_logged_apart(pipeline):
    """
    A refused attempt is in the side log and changes neither project nor version nor feed.
    """
    before = everything(pipeline.store)
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P-1", "win")

    assert before == everything(pipeline.store)
    assert [("win", 1, ("salesflow:transition.unavailable",))] == [
        (each.trigger, each.version, each.codes) for each in pipeline.attempts("P-1")
    ]


def test_unknown_trigger(pipeline):
    """
    A trigger that no transition has is an error of the caller, not a refusal.
    """
    with pytest.raises(UnknownTriggerError) as caught:
        pipeline.fire("P-1", "make_ofer")

    assert (("make_offer", "touch", "pause", "lose"), ()) == (caught.value.open, pipeline.attempts("P-1"))


def test_spawned_in_one_commit(pipeline):
    """
    A spawned project is opened in the same commit, or neither is written.
    """
    won(pipeline, "P-2")
    count = len(pipeline.store.feed().facts)
    with pytest.raises(VersionConflictError):
        pipeline.fire("P-2", "again", spawn_id="P-1")
    same = len(pipeline.store.feed().facts)
    fired = pipeline.fire("P-2", "again", spawn_id="P-3")

    assert (count, 4) == (same, fired.fact.version - 1)
    assert [fired.fact, *pipeline.history("P-3")] == list(pipeline.store.feed(str(count)).facts)


# --- What a project refuses ------------------------------------------------------------------------------------------


def test_final_stages_are_locked(pipeline):
    """
    A project in a final stage takes no changes until it is reopened; approvals for what may follow are taken.
    """
    won(pipeline, "P-2")
    for change in (
        lambda: pipeline.update("P-2", {"note": "x"}),
        lambda: pipeline.add("P-2", dossier.Artefact("quote")),
        lambda: pipeline.remove("P-2", "task", "t-1"),
    ):
        with pytest.raises(ProjectLockedError) as caught:
            change()
        assert ("P-2", "won") == (caught.value.project_id, caught.value.stage)
    pipeline.approve("P-2", "deal", actor=DIRECTOR)
    pipeline.fire("P-2", "reopen")

    assert "x" == pipeline.update("P-2", {"note": "x"}).project.fields["note"]


def test_approvals_cannot_be_forged(pipeline):
    """
    An approval is stamped with the acting actor; it cannot be added, handed in with a move, or removed.
    """
    forged = dossier.Approval("deal-1", "deal", "zhang.min", roles=("sales_director",))
    given = pipeline.approve("P-1", "deal", actor=DIRECTOR).project.all(dossier.Approval)[0]
    for forge in (
        lambda: pipeline.add("P-1", forged),
        lambda: pipeline.open("New", entries=[forged]),
        lambda: pipeline.fire("P-1", "make_offer", entries=[forged]),
        lambda: pipeline.remove("P-1", "approval", given.id),
    ):
        with pytest.raises(InputError):
            forge()

    assert ("zhang.min", ("sales_director",), True, NOW, 1) == (
        given.by,
        given.roles,
        given.granted,
        given.at,
        given.visit,
    )
    assert (given,) == pipeline.get("P-1").all(dossier.Approval)


def test_all_problems_at_once(pipeline):
    """
    What is wrong with the values of one call is told in one error, and nothing is written.
    """
    with pytest.raises(InputError) as caught:
        pipeline.update("P-1", {"amount": 5, "unheard_of": 1, "note": "x"})

    assert ["field", "field 'amount'"] == [problem.what for problem in caught.value.problems]
    assert (1, AMOUNT) == (pipeline.get("P-1").version, pipeline.get("P-1").fields["amount"])
