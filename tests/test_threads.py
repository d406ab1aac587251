"""
A pipeline shared by threads: nothing is lost, and nothing is done twice.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from salesflow import dossier, replay
from salesflow.errors import TransitionRefusedError, VersionConflictError
from salesflow.stores import MemoryStore

from .pipeline_factory import journal, make_pipeline, opened


pytestmark = pytest.mark.threads


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


def together(count, work):
    """Run *work(number)* in so many threads that start at once; return what they gave or raised, in order."""
    start = Barrier(count)

    def run(number):
        start.wait()
        try:
            return work(number)
        except (TransitionRefusedError, VersionConflictError) as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_threads_lose_nothing(pipeline):
    """
    Eight threads that write to one project at once: nobody is turned away, every write is there once,
    and versions have no gap.
    """

    def work(number):
        for step in range(12):
            pipeline.add("P-1", dossier.Task(f"t-{number}-{step}", "Call"))
        pipeline.fire("P-1", "touch")

    turned_away = [answer for answer in together(8, work) if answer is not None]
    history = pipeline.history("P-1")
    project = pipeline.get("P-1")

    assert [] == turned_away
    assert {f"t-{number}-{step}" for number in range(8) for step in range(12)} == set(project.held("task"))
    assert list(range(1, 1 + 1 + 8 * 13)) == [fact.version for fact in history]
    assert (8, project) == (project.taken["touch"], replay(history))


def test_feed_has_every_fact_in_order(pipeline):
    """
    Eight threads, each with its own project: the feed has every fact, and each project's in order.
    """

    def work(number):
        opened(pipeline, f"T-{number}")
        for _ in range(10):
            pipeline.fire(f"T-{number}", "touch")

    together(8, work)
    facts = pipeline.store.feed(limit=1000).facts
    ids = [f"T-{number}" for number in range(8)]
    versions = {one: [each.version for each in facts if each.project_id == one] for one in ids}

    assert [list(range(1, 12))] * 8 == list(versions.values())


def test_one_key_makes_one_move(pipeline):
    """
    Four threads with the same key: one makes the move, the others get its fact.
    """
    fired = together(4, lambda _number: pipeline.fire("P-1", "make_offer", key="k-1"))

    assert [False, True, True, True] == sorted(each.replayed for each in fired)
    assert [fired[0].fact] * 4 == [each.fact for each in fired]
    assert 2 == pipeline.get("P-1").version


def test_without_a_key_one_wins(pipeline):
    """
    Four threads without a key: one makes the move, the others are refused where the project stands then.
    """
    answers = together(4, lambda _number: pipeline.fire("P-1", "make_offer"))
    refused = [each for each in answers if isinstance(each, TransitionRefusedError)]

    assert (3, 2) == (len(refused), pipeline.get("P-1").version)
    assert {"offer"} == {each.decision.project.stage for each in refused}
    assert 3 == len(pipeline.attempts("P-1"))


def test_one_expected_version_wins(pipeline):
    """
    Four threads that saw the same version: one writes, the others are told of the conflict.
    """
    answers = together(4, lambda number: pipeline.update("P-1", {"note": str(number)}, expected_version=1))
    lost = [each for each in answers if isinstance(each, VersionConflictError)]

    assert (3, 2) == (len(lost), pipeline.get("P-1").version)


def test_one_id_opens_once(pipeline):
    """
    Four threads that open the same id: one opens it, the others are told that it exists.
    """
    answers = together(4, lambda number: opened(pipeline, "P-2", note=str(number)))
    lost = [each for each in answers if isinstance(each, VersionConflictError)]
    project = pipeline.get("P-2")

    assert 3 == len(lost)
    assert [project] == [each for each in answers if each not in lost]
