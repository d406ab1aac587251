"""
Taking a transition: what is decided, what is written, and who is told, in that order.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Actor, Pipeline, dossier, replay
from salesflow.errors import (
    BackfillError,
    InputError,
    TransitionRefusedError,
    UnknownTriggerError,
    VersionConflictError,
)
from salesflow.stores import MemoryStore
from salesflow.typing import EntryPut, FieldSet, Override

from .equipment import HOUR, NOW, Clock
from .pipeline_factory import AMOUNT, DIRECTOR, LEAD, SHORT, Overtaken, everything, make_pipeline, opened, won


def test_fire():
    """
    A move gives the decision, the fact that was stored, and the project as it stands.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    fired = pipeline.fire("P-1", "make_offer")

    assert (2, NOW, LEAD, "short", "1", None) == (
        fired.fact.version,
        fired.fact.at,
        fired.fact.actor,
        fired.fact.lifecycle,
        fired.fact.lifecycle_version,
        fired.fact.key,
    )
    body = fired.fact.body
    assert ("make_offer", "lead", "offer", "undecided") == (body.transition, body.source, body.target, body.outcome)
    assert fired.decision.verdicts == body.verdicts
    assert (fired.project, False, None, ()) == (
        pipeline.get("P-1"),
        fired.replayed,
        fired.spawned,
        fired.listener_failures,
    )
    assert (fired.fact,) == pipeline.history("P-1")[1:]


def test_data_and_entries_are_in_the_fact():
    """
    What is handed in comes before what effects make, in one fact, and guards have seen it.
    """
    pipeline = make_pipeline()
    pipeline.open("Core network", id="P-1")
    quote = dossier.Artefact("quote")
    fired = pipeline.fire("P-1", "make_offer", data={"amount": AMOUNT}, entries=iter([quote]), reason="in time")
    task = fired.project.all(dossier.Task)[0]

    assert (FieldSet("amount", AMOUNT), EntryPut(quote), EntryPut(task)) == fired.fact.body.changes
    assert "in time" == fired.fact.body.reason


@pytest.mark.requirement("A23")
def test_refusal_changes_nothing():
    """
    A refusal carries every reason, goes to the side log, and takes no version.
    """
    pipeline = make_pipeline()
    pipeline.open("Core network", id="P-1")
    before = everything(pipeline.store)
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("P-1", "make_offer")
    (attempt,) = pipeline.attempts("P-1")

    assert ["fields.missing"] == [verdict.code for verdict in caught.value.decision.blocking]
    assert before == everything(pipeline.store)
    assert ("P-1", 1, NOW, "li.wei", "make_offer", ("fields_present:fields.missing",)) == (
        attempt.project_id,
        attempt.version,
        attempt.at,
        attempt.actor,
        attempt.trigger,
        attempt.codes,
    )


def test_refusals_need_not_be_logged():
    """
    The side log can be switched off.
    """
    pipeline = make_pipeline(log_refusals=False)
    pipeline.open("Core network", id="P-1")
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P-1", "make_offer")

    assert () == pipeline.attempts("P-1")


def test_expected_version():
    """
    A caller who says what was seen is told when it is not so any more, before anything is decided.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    pipeline.update("P-1", {"note": "new"})
    with pytest.raises(VersionConflictError) as caught:
        pipeline.fire("P-1", "make_offer", expected_version=1)

    assert ("P-1", 1, 2) == (caught.value.project_id, caught.value.expected, caught.value.actual)
    assert 3 == pipeline.fire("P-1", "make_offer", expected_version=2).fact.version


def test_lost_race_is_decided_anew():
    """
    When somebody was faster, the move is decided on what is there now.
    """
    store = MemoryStore()
    other = make_pipeline(store)
    opened(other)
    raced = make_pipeline(Overtaken(store, lambda: other.update("P-1", {"note": "faster"})))
    fired = raced.fire("P-1", "make_offer")

    assert ("faster", 3) == (fired.project.fields["note"], fired.fact.version)


def test_lost_race_may_end_in_a_refusal():
    """
    When somebody took the ground away, the move is refused on what is there now.
    """
    store = MemoryStore()
    other = make_pipeline(store)
    opened(other)
    raced = make_pipeline(Overtaken(store, lambda: other.update("P-1", {"amount": None})))
    with pytest.raises(TransitionRefusedError) as caught:
        raced.fire("P-1", "make_offer")

    assert 2 == caught.value.decision.project.version


def test_lost_race_with_an_expected_version():
    """
    With an expected version nothing is decided anew, also when the race is lost at the last moment.
    """
    store = MemoryStore()
    other = make_pipeline(store)
    opened(other)
    overtaken = Overtaken(store, lambda: other.update("P-1", {"note": "faster"}))
    with pytest.raises(VersionConflictError):
        make_pipeline(overtaken).fire("P-1", "make_offer", expected_version=1)

    assert 1 == len(overtaken.commits)


def test_sixteen_tries():
    """
    After sixteen lost races the conflict reaches the caller.
    """
    store = MemoryStore()
    other = make_pipeline(store)
    opened(other)
    overtaken = Overtaken(store, lambda: other.update("P-1", {"note": "faster"}), times=99)
    with pytest.raises(VersionConflictError):
        make_pipeline(overtaken).fire("P-1", "make_offer")

    assert 16 == len(overtaken.commits)


def test_one_clock_read():
    """
    The clock is read once for a move, also when it is decided several times.
    """
    clock = Clock()
    pipeline = make_pipeline(clock=clock)
    opened(pipeline)
    clock.reads = 0
    pipeline.fire("P-1", "make_offer")

    assert 1 == clock.reads


def test_at():
    """
    A move happens when the caller says, in UTC.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    fired = pipeline.fire("P-1", "make_offer", at=NOW + HOUR)

    assert (NOW + HOUR, NOW + HOUR) == (fired.fact.at, fired.project.updated_at)


def test_backfill():
    """
    A time before the last fact is refused unless it is an import.
    """
    clock = Clock()
    pipeline = make_pipeline(clock=clock)
    opened(pipeline)
    clock.later(2 * HOUR)
    pipeline.update("P-1", {"note": "x"})
    with pytest.raises(BackfillError) as caught:
        pipeline.fire("P-1", "make_offer", at=NOW + HOUR)
    fired = pipeline.fire("P-1", "make_offer", at=NOW + HOUR, backfill=True)

    assert (NOW + HOUR, NOW + 2 * HOUR) == (caught.value.at, caught.value.last)
    assert (NOW + HOUR, NOW + 2 * HOUR) == (fired.fact.at, fired.fact.recorded_at)
    assert (NOW + HOUR, NOW + 2 * HOUR) == (fired.project.visit.entered_at, fired.project.updated_at)


def test_a_slow_clock_does_not_run_back():
    """
    Where a clock is behind a project's last fact, the move takes the time of that fact.
    """
    clock = Clock()
    pipeline = make_pipeline(clock=clock)
    opened(pipeline)
    clock.later(-HOUR)

    assert NOW == pipeline.fire("P-1", "make_offer").fact.at


def test_unknown_trigger_is_no_refusal():
    """
    A trigger that no transition has is a mistake of the caller and is not logged.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    with pytest.raises(UnknownTriggerError):
        pipeline.fire("P-1", "make_ofer")

    assert () == pipeline.attempts("P-1")


def test_outcome():
    """
    Where the transition lets the caller choose, the outcome is chosen; elsewhere it is refused.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("P-1", "make_offer", outcome="lost")
    fired = pipeline.fire("P-1", "lose", outcome="no_decision")

    assert ["outcome.not_allowed"] == [verdict.code for verdict in caught.value.decision.blocking]
    assert "no_decision" == fired.project.outcome


def test_override():
    """
    A guard that may be overridden is passed on a recorded word.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    pipeline.fire("P-1", "make_offer")
    fired = pipeline.fire("P-1", "win", overrides={"approval": "agreed by phone"})

    assert (Override("approval", "agreed by phone", "li.wei"),) == fired.fact.body.overrides
    assert "won" == fired.project.stage


def test_roles_are_those_of_the_actor():
    """
    Guards see the actor of the call, not the default one.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    pipeline.fire("P-1", "make_offer")
    pipeline.approve("P-1", "deal", actor=Actor("sun.li"))
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P-1", "win", actor=DIRECTOR)
    pipeline.approve("P-1", "deal", actor=DIRECTOR)

    assert DIRECTOR == pipeline.fire("P-1", "win", actor=DIRECTOR).fact.actor


def test_hold_and_resume():
    """
    Resuming leads back to the stage that was held, and goes on with its visit.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    before = pipeline.fire("P-1", "make_offer").project
    held = pipeline.fire("P-1", "pause").project
    after = pipeline.fire("P-1", "resume").project

    assert ["offer", "paused", "offer"] == [each.stage for each in (before, held, after)]
    assert (before.visit, None) == (held.suspended, after.suspended)
    assert attrs.evolve(before.visit, holds=((NOW, NOW),)) == after.visit


def test_dry_run():
    """
    Deciding and listing options write nothing.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    before = everything(pipeline.store)
    decision = pipeline.decide("P-1", "make_offer", data={"amount": None})
    options = pipeline.options("P-1", at=NOW - HOUR)

    assert (False, ["make_offer", "touch", "pause", "lose"]) == (
        decision.accepted,
        [option.trigger for option in options],
    )
    assert before == everything(pipeline.store)
    assert () == pipeline.attempts("P-1")


def test_reopened_project_moves_on():
    """
    Reopening takes the outcome back, and the way to it stays in the history.
    """
    pipeline = make_pipeline()
    won(pipeline)
    project = pipeline.fire("P-1", "reopen").project

    assert ("lead", "undecided") == (project.stage, project.outcome)
    assert project == replay(pipeline.history("P-1"))
    assert "P-1" == pipeline.update("P-1", {"note": "again"}).project.id


def test_lifecycles_are_told_apart_by_version():
    """
    A project goes on under the version it was opened with, and a pipeline without it says so.
    """
    store = MemoryStore()
    opened(make_pipeline(store))
    other = Pipeline(build("2"), store=store, actor=LEAD)
    both = Pipeline([SHORT, build("2")], store=store, actor=LEAD, clock=Clock())
    with pytest.raises(InputError) as caught:
        other.fire("P-1", "make_offer")

    assert "lifecycle of project 'P-1': 'short 1' is not usable. Give it to the Pipeline. Known: short 2." == str(
        caught.value
    )
    assert "1" == both.fire("P-1", "make_offer").fact.lifecycle_version
    assert "2" == both.open("New").lifecycle_version


def build(version):
    from salesflow import build_lifecycle

    from .pipeline_factory import House, definition

    return build_lifecycle(definition(version=version), plugins=[House()])
