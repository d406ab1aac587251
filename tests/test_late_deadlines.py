"""
Deadlines that passed while nobody looked: they are recorded late; and deadlines that are watched again.
"""

from __future__ import annotations

import pytest

from salesflow import Pipeline, replay
from salesflow.errors import InputError, UnknownProjectError
from salesflow.stores import JournalStore, MemoryStore, copy_facts
from salesflow.typing import Commit

from .inside.builders import FastDisk
from .work_factory import DAY, LI, NOW, lifecycle, make_pipeline, offered, passed


@pytest.fixture(params=["memory", "journal"])
def store(request, tmp_path):
    """
    Each kind of store that a pipeline has in a process of its own.
    """
    made = MemoryStore() if request.param == "memory" else JournalStore(tmp_path / "sales", disk=FastDisk())
    yield made
    made.close()


def late(pipeline, project_id="P-1"):
    """What was recorded as late: deadline, stay, and when it was due."""
    bodies = [fact.body for fact in pipeline.history(project_id)]
    return [(each.deadline, each.visit, each.due_at) for each in bodies if getattr(each, "late", False)]


def test_whether_a_worker_ran(store):
    """
    The history tells of a deadline that passed, whether a worker ran before the project moved on or not.
    """
    pipeline = make_pipeline(store)
    offered(pipeline, "P-1")
    offered(pipeline, "P-2")
    pipeline.fire("P-1", "win", at=NOW + 5 * DAY, ahead=True)
    first = pipeline.tick(NOW + 6 * DAY, ahead=True)
    again = pipeline.tick(NOW + 99 * DAY, ahead=True)

    assert (2, 0) == (first.done, again.void)
    assert [("remind", 2, NOW + 3 * DAY)] == late(pipeline)
    assert (["offer.remind"], ["offer.remind", "offer.sla"]) == (passed(pipeline), passed(pipeline, "P-2"))
    assert [] == late(pipeline, "P-2")


def test_late_runs_no_effects(store):
    """
    What passes late is a fact of now in the stage of now, a final one too, and nobody is told.
    """
    pipeline = offered(make_pipeline(store))
    before = pipeline.fire("P-1", "win", at=NOW + 20 * DAY, ahead=True).project
    pipeline.tick(NOW + 21 * DAY, ahead=True)
    after = pipeline.get("P-1")

    assert [("remind", 2, NOW + 3 * DAY), ("sla", 2, NOW + 14 * DAY)] == late(pipeline)
    assert (before.fields, before.entries, before.visit) == (after.fields, after.entries, after.visit)
    assert ("won", NOW + 21 * DAY, None) == (after.stage, after.updated_at, store.next_due("notice"))
    assert after == replay(pipeline.history("P-1"))


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_in_time(store, left):
    """
    A stay that was left before a deadline, or at its very time, was in time.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.fire("P-1", "win", at=NOW + left * DAY, ahead=True)

    assert (0, None) == (pipeline.tick(NOW + 99 * DAY, ahead=True).done, store.next_due("deadline"))


def test_passed_before_a_hold(store):
    """
    What passed before a hold is recorded during it as late, or when the stay goes on, with its effects; once.
    """
    pipeline = make_pipeline(store)
    for number in (1, 2):
        offered(pipeline, f"P-{number}")
        pipeline.fire(f"P-{number}", "pause", at=NOW + 4 * DAY, ahead=True)
    pipeline.fire("P-2", "resume", at=NOW + 5 * DAY, ahead=True)
    pipeline.tick(NOW + 6 * DAY, ahead=True)
    pipeline.fire("P-1", "resume", at=NOW + 7 * DAY, ahead=True)
    pipeline.tick(NOW + 8 * DAY, ahead=True)

    assert [("remind", 2, NOW + 3 * DAY)] == late(pipeline)
    assert (["offer.remind"], ["offer.remind"]) == (passed(pipeline), passed(pipeline, "P-2"))
    assert [] == late(pipeline, "P-2")
    assert ("remind",) == pipeline.get("P-1").visit.passed == pipeline.get("P-2").visit.passed
    assert NOW + 15 * DAY == store.next_due("deadline")


def test_a_stay_long_ago(store):
    """
    The stay may be several moves back; entering its stage again watches the new stay for itself.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.fire("P-1", "redo", at=NOW + 5 * DAY, ahead=True)
    pipeline.fire("P-1", "redo", at=NOW + 6 * DAY, ahead=True)
    pipeline.tick(NOW + 9 * DAY, ahead=True)

    assert [("remind", 2, NOW + 3 * DAY)] == late(pipeline)
    assert ["offer.remind", "offer.remind"] == passed(pipeline)
    assert 4 == pipeline.get("P-1").visit.number


def test_recorded_already(store):
    """
    Work of a stay that is over writes nothing where a fact has told of it.
    """
    pipeline = offered(make_pipeline(store))
    (due, _) = pipeline.lifecycle.dues(pipeline.get("P-1"))
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    pipeline.fire("P-1", "win", at=NOW + 4 * DAY, ahead=True)
    before = pipeline.history("P-1")
    store.commit(Commit(dues=(due,)))
    report = pipeline.tick(NOW + 5 * DAY, ahead=True)

    assert (0, 1, before) == (report.done, report.void, pipeline.history("P-1"))


def test_rearm(store):
    """
    Copied facts bring no open work; ``rearm`` watches the current stays, of one project or of all.
    """
    first = make_pipeline(MemoryStore())
    for number in (1, 2):
        offered(first, f"P-{number}")
    first.open("Other", id="P-3")
    copied = copy_facts(first.store, store)
    pipeline = make_pipeline(store)
    bare = store.next_due("deadline")
    armed = pipeline.rearm("P-1"), pipeline.rearm()
    report = pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert (5, None, (2, 4), 2) == (copied, bare, armed, report.done)
    with pytest.raises(UnknownProjectError):
        pipeline.rearm("P-9")


def test_rearm_of_what_is_over(store):
    """
    Nothing is watched in a final stage, whether the project is named or found among all.
    """
    pipeline = offered(make_pipeline(store))
    pipeline.fire("P-1", "win", at=NOW + DAY, ahead=True)

    assert (0, 0) == (pipeline.rearm("P-1"), pipeline.rearm())


def test_rearm_of_another_lifecycle(store):
    """
    Projects of a lifecycle that the pipeline does not know are left out, and refused by name.
    """
    offered(make_pipeline(store))
    other = Pipeline(lifecycle(version="2"), store=store, actor=LI)

    assert 0 == other.rearm()
    with pytest.raises(InputError, match="limits"):
        other.rearm("P-1")
