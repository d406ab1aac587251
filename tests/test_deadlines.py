"""
Deadlines: what is watched, when it passes, and that each passes once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs
import pytest

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle, dossier, replay
from salesflow.stores import JournalStore, MemoryStore
from salesflow.typing import Commit, Deadline, DueDeadline

from .work_factory import DAY, NOW, lifecycle, make_pipeline, offered, passed


@pytest.fixture(params=["memory", "journal"])
def store(request, tmp_path):
    """
    An empty store.
    """
    made = MemoryStore() if request.param == "memory" else JournalStore(tmp_path / "sales")
    yield made
    made.close()


def test_nothing_fires_early(store):
    """
    A deadline passes at its time, not a microsecond before.
    """
    pipeline = offered(make_pipeline(store))
    early = pipeline.tick(NOW + 3 * DAY - timedelta(microseconds=1), ahead=True)
    due = pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert (0, 1) == (early.done, due.done)
    assert ["offer.remind"] == passed(pipeline)


def test_what_a_passing_does(store):
    """
    A passing is one fact by the engine, with the changes and notices of its effects.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    project, fact = pipeline.get("P-1"), pipeline.history("P-1")[-1]
    (task,) = project.all(dossier.Task)

    assert ("salesflow", NOW + 3 * DAY, NOW + 3 * DAY) == (fact.actor.name, fact.at, fact.body.due_at)
    assert ("Call them", "li.wei", ("remind",)) == (task.title, task.owner, project.visit.passed)
    assert ["offer_waits"] == [claim.work.body.topic for claim in _notices(store)]
    assert project == replay(pipeline.history("P-1"))


def _notices(store):
    return store.claim("notice", owner="t", limit=10, lease=DAY, at=NOW + 99 * DAY)


def test_each_passes_once(store):
    """
    However often and however late it ticks, a deadline of a stay passes once.
    """
    pipeline = offered(make_pipeline(store))
    reports = [pipeline.tick(NOW + days * DAY, ahead=True) for days in (3, 3, 20, 40)]

    assert [1, 0, 1, 0] == [report.done for report in reports]
    assert ["offer.remind", "offer.sla"] == passed(pipeline)
    assert pipeline.get("P-1").fields["late"] is True


def test_leaving_the_stage_ends_the_watch(store):
    """
    Deadlines of a stay that is over do not pass.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.fire("P-1", "win", at=NOW + DAY)

    assert 0 == pipeline.tick(NOW + 99 * DAY, ahead=True).done
    assert (None, []) == (store.next_due("deadline"), passed(pipeline))


@pytest.mark.parametrize(("trigger", "expected"), [("polish", NOW + 3 * DAY), ("redo", NOW + 4 * DAY)])
def test_staying_and_entering_anew(store, trigger, expected):
    """
    ``$same`` leaves the clock running; entering the stage again starts it anew.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.fire("P-1", trigger, at=NOW + DAY)

    assert expected == store.next_due("deadline")


def test_a_hold_stops_the_clock(store):
    """
    The time on hold does not count, the hold has limits of its own, and what passed before stays passed.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    pipeline.fire("P-1", "pause", at=NOW + 4 * DAY, ahead=True)
    waking = store.next_due("deadline")
    pipeline.fire("P-1", "leave", at=NOW + 6 * DAY, ahead=True)
    away = store.next_due("deadline")
    pipeline.fire("P-1", "resume", at=NOW + 10 * DAY, ahead=True)

    assert (NOW + 34 * DAY, None) == (waking, away)
    assert NOW + 20 * DAY == store.next_due("deadline")
    visit = pipeline.get("P-1").visit
    assert (((NOW + 4 * DAY, NOW + 6 * DAY), (NOW + 6 * DAY, NOW + 10 * DAY)), ("remind",)) == (
        visit.holds,
        visit.passed,
    )
    assert (0, 1) == (pipeline.tick(NOW + 19 * DAY, ahead=True).done, pipeline.tick(NOW + 20 * DAY, ahead=True).done)


def test_a_first_stage_and_a_spawned_project_are_watched(store):
    """
    Limits of the initial stage count from the opening, also for a project that another one spawned.
    """
    stages = [Stage("lead", "open", deadlines=[Deadline("sla", "1d")]), Stage("won", "won")]
    ways = [
        Transition("win", "lead", "won"),
        Transition("again", "won", kind="spawn", spawn=lifecycle().transition("again").spawn),
    ]
    definition = Definition("limits", stages=stages, transitions=ways, fields=lifecycle().definition.fields)
    pipeline = make_pipeline(store)
    pipeline = type(pipeline)(build_lifecycle(definition), store=store, actor=pipeline.actor, clock=lambda: NOW)
    pipeline.open("Metro", id="P-1")
    first = store.next_due("deadline")
    pipeline.fire("P-1", "win", at=NOW + DAY / 2)
    pipeline.fire("P-1", "again", at=NOW + 2 * DAY, ahead=True, spawn_id="P-2")

    assert (NOW + DAY, NOW + 3 * DAY) == (first, store.next_due("deadline"))


@pytest.mark.threads
def test_eight_threads_pass_it_once(store):
    """
    Workers that tick at once share the work: every deadline passes once.
    """
    pipeline = make_pipeline(store)
    for number in range(12):
        offered(pipeline, f"P-{number}")
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda n: pipeline.tick(NOW + 3 * DAY, ahead=True, owner=f"w{n}", limit=5), range(8)))

    assert 12 == sum(report.done for report in reports)
    assert [["offer.remind"]] * 12 == [passed(pipeline, f"P-{number}") for number in range(12)]


def test_a_worker_that_died(store):
    """
    What a worker had claimed when it died is done by another after the lease, once.
    """
    pipeline = offered(make_pipeline(store))
    (lost,) = store.claim("deadline", owner="dead", limit=1, lease=DAY, at=NOW + 3 * DAY)
    during, after = pipeline.tick(NOW + 3 * DAY, ahead=True), pipeline.tick(NOW + 4 * DAY, ahead=True)

    assert (0, 1, 1) == (during.done, after.done, len(passed(pipeline)))
    assert "P-1" == lost.work.project_id


def test_a_move_between_claim_and_passing(store):
    """
    A deadline whose stay ended while it was claimed writes nothing.
    """
    pipeline = offered(make_pipeline(store))
    claims = store.claim

    def claim_and_move(kind, **how):
        found = claims(kind, **how)
        if found:
            pipeline.fire("P-1", "win", at=NOW + 3 * DAY, ahead=True)
        return found

    store.claim = claim_and_move
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert (0, 1, []) == (report.done, report.void, passed(pipeline))


def test_work_of_another_stay_is_void(store):
    """
    Work that does not fit the project any more is finished without a fact.
    """
    pipeline = offered(make_pipeline(store))
    for due in (
        DueDeadline("P-1", 9, "offer", "remind", NOW),
        DueDeadline("P-1", 2, "offer", "unheard_of", NOW),
    ):
        store.commit(Commit(dues=(due,)))

    report = pipeline.tick(NOW)

    assert (0, 2, []) == (report.done, report.void, passed(pipeline))


def test_an_effect_that_raises(store):
    """
    A deadline whose effect fails is tried again, with nothing stored meanwhile.
    """
    pipeline = offered(make_pipeline(store))
    project = pipeline.get("P-1")
    limit = pipeline.lifecycle.limits["offer"][1]

    def broken(_ctx):
        raise ZeroDivisionError("no clock")

    object.__setattr__(limit, "effects", ((limit.effects[0][0], broken),))
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    report = pipeline.tick(NOW + 14 * DAY, ahead=True)
    (failure,) = report.failures

    assert ("d:P-1:2:sla", 0) == (failure.work.id, report.done)
    assert "ZeroDivisionError: no clock" in failure.error
    assert timedelta(seconds=4) < failure.retry_at - (NOW + 14 * DAY) < timedelta(seconds=6)
    assert (project.version + 1, failure.retry_at) == (pipeline.get("P-1").version, store.next_due("deadline"))


def test_listeners_are_told(store):
    """
    A passing is told like every commit, and a listener that raises undoes nothing.
    """
    told = []

    def broken(facts, project):
        told.append(type(facts[0].body).__name__)
        raise RuntimeError("no mail")

    pipeline = offered(make_pipeline(store, listeners=[broken]))
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert ("DeadlinePassed", 1, 1) == (told[-1], report.done, len(report.listener_failures))


def test_a_move_while_it_passes(store):
    """
    A passing that loses a race is decided anew on what the project says then, and not given up.
    """
    pipeline = offered(make_pipeline(store))
    commit, moves = store.commit, ["redo", "polish"]

    def overtaken(asked):
        if asked.done and asked.appends and moves:
            pipeline.fire("P-1", moves.pop(), at=NOW + 3 * DAY, ahead=True)
        return commit(asked)

    store.commit = overtaken
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)

    # Polishing left the stay as it was, so the reminder was tried again; redoing then ended the stay.
    assert (0, 1, []) == (report.done, report.void, passed(pipeline))


def test_a_move_that_never_stops(store):
    """
    A passing that loses every race is put off, and passes later.
    """
    pipeline = offered(make_pipeline(store))
    commit = store.commit

    def overtaken(asked):
        if asked.done and asked.appends:
            pipeline.fire("P-1", "polish", at=NOW + 3 * DAY, ahead=True)
        return commit(asked)

    store.commit = overtaken
    (failure,) = pipeline.tick(NOW + 3 * DAY, ahead=True).failures
    store.commit = commit

    assert "is at version" in failure.error
    assert 1 == pipeline.tick(failure.retry_at, ahead=True).done


def test_a_passing_with_effects_round_trips(tmp_path):
    """
    What passed is the same after the journal was opened again, with and without changes.
    """
    with JournalStore(tmp_path / "sales") as store:
        pipeline = offered(make_pipeline(store))
        pipeline.fire("P-1", "pause", at=NOW)
        pipeline.tick(NOW + 30 * DAY, ahead=True)
        pipeline.fire("P-1", "resume", at=NOW + 31 * DAY, ahead=True)
        pipeline.tick(NOW + 60 * DAY, ahead=True)
        before = pipeline.history("P-1"), pipeline.get("P-1")
    with JournalStore(tmp_path / "sales") as store:
        pipeline = make_pipeline(store)

        assert before == (pipeline.history("P-1"), pipeline.get("P-1"))
        assert ["rest.wake", "offer.remind", "offer.sla"] == passed(pipeline)


class Counting(MemoryStore):
    """A store that notes how many facts each commit has."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def commit(self, commit):
        self.sizes.append(len(commit.appends))
        return super().commit(commit)


def test_many_pass_in_few_commits():
    """
    Deadlines of several projects pass together; each has its fact, its notices and its listeners.
    """
    told = []
    store = Counting()
    pipeline = make_pipeline(store, listeners=[lambda facts, project: told.append((facts[0].version, project.id))])
    names = [f"P-{number:02}" for number in range(20)]
    for name in names:
        offered(pipeline, name)
    told.clear()
    store.sizes.clear()
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)
    notices = store.claim("notice", owner="w", limit=99, lease=DAY, at=NOW + 3 * DAY)

    assert (20, [16, 4]) == (report.done, store.sizes)
    assert [(3, name) for name in names] == told
    assert sorted(names) == sorted(each.work.project_id for each in notices)
    assert [["offer.remind"]] * 20 == [passed(pipeline, name) for name in names]
    assert store.check(deep=True).ok


def test_two_deadlines_of_one_project(store):
    """
    Of one project they pass one after the other, beside those of others.
    """
    pipeline = offered(offered(make_pipeline(store)), "P-2", at=NOW + DAY)
    report = pipeline.tick(NOW + 14 * DAY, ahead=True)

    assert (3, ["offer.remind", "offer.sla"]) == (report.done, passed(pipeline))
    assert ["offer.remind"] == passed(pipeline, "P-2")


def test_a_project_that_is_ahead(store):
    """
    A project whose last fact is later than the tick passes its deadline at that time.
    """
    pipeline = offered(offered(offered(make_pipeline(store)), "P-2"), "P-3")
    pipeline.update("P-2", {"late": True}, at=NOW + 5 * DAY, ahead=True)
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)
    times = [pipeline.history(f"P-{number}")[-1].at for number in (1, 2, 3)]

    assert (3, [NOW + 3 * DAY, NOW + 5 * DAY, NOW + 3 * DAY]) == (report.done, times)


def test_one_that_fails_does_not_hold_up_the_others(store):
    """
    If one of several cannot pass, the others do, and it is tried again.
    """
    pipeline = make_pipeline(store)
    for number in range(3):
        offered(pipeline, f"P-{number}")
    limit = pipeline.lifecycle.limits["offer"][0]
    (use, run) = limit.effects[0]

    def picky(ctx):
        if ctx.project.id == "P-1":
            raise ZeroDivisionError("no clock")
        return run(ctx)

    object.__setattr__(limit, "effects", ((use, picky),))
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert (2, ["d:P-1:2:remind"]) == (report.done, [each.work.id for each in report.failures])
    assert [["offer.remind"], [], ["offer.remind"]] == [passed(pipeline, f"P-{number}") for number in range(3)]


def test_a_deadline_of_another_stay_passes_nothing():
    """
    A deadline of a stay that is over writes nothing for the stay that a project is in now.
    """
    stages = [Stage("lead", "open", deadlines=[Deadline("sla", "1d")]), Stage("won", "won")]
    ways = [Transition("win", "lead", "won", outcome="won")]
    lifecycle = build_lifecycle(Definition("deal", stages=stages, transitions=ways))
    project = Pipeline(lifecycle, actor=Actor("kim"), clock=lambda: NOW).open("Deal", id="P-1")
    (due,) = lifecycle.dues(project)
    older = attrs.evolve(due, visit=due.visit + 1)

    assert lifecycle.pass_deadline(project, due, actor=Actor("kim"), at=due.at) is not None
    assert lifecycle.pass_deadline(project, older, actor=Actor("kim"), at=due.at) is None
