"""
What facts add up to: replaying a history gives the project as it stands, whatever was done to it.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Fact, Money, dossier, replay
from salesflow.errors import SalesflowError, TransitionRefusedError
from salesflow.stores import MemoryStore
from salesflow.stores.adapting import decode_project, encode_project
from salesflow.typing import Changed, EntryDropped, EntryPut, FieldSet, Held, Opened, Transitioned

from .equipment import HOUR, NOW, Clock
from .pipeline_factory import AMOUNT, DIRECTOR, LEAD, clock_of, journal, make_pipeline, opened, won


IDS = st.sampled_from(["P-1", "P-1", "P-1", "P-2"])
TRIGGERS = ["make_offer", "revise", "touch", "pause", "resume", "win", "lose", "reopen", "again", "nonsense"]
FIELDS = st.sampled_from(
    [
        *({} for _ in range(6)),
        {"amount": AMOUNT},
        {"amount": AMOUNT, "owner": "chen.yu"},
        {"amount": None},
        {"amount": 5},
        {"amount": Money("5.50", "EUR"), "seats": 3},
        {"note": "guard raises"},
        {"note": "effect raises"},
        {"note": None, "level": "high"},
        {"unheard_of": 1},
    ]
)
ENTRIES = st.sampled_from(
    [
        *([] for _ in range(4)),
        [dossier.Artefact("quote", digest="sha256:01")],
        [dossier.Artefact("quote", digest="sha256:02"), dossier.Task("t-1", "Call", mandatory=False)],
        [dossier.Task("t-1", "Write"), dossier.Task("t-2", "Read")],
        [dossier.Approval("forged", "deal", "nobody")],
    ]
)
KEYS = st.sampled_from([None, None, None, None, None, None, "k-1", "k-2"])
OUTCOMES = st.sampled_from([None, None, None, None, "lost", "won"])
PLAIN = st.just({}), st.just([]), st.none(), st.none()
COMMANDS = st.one_of(
    # Each trigger is a branch of its own, so that walks get far.
    *(st.tuples(st.just("fire"), st.just("P-1"), st.just(trigger), *PLAIN) for trigger in TRIGGERS),
    st.tuples(st.just("fire"), IDS, st.sampled_from(TRIGGERS), FIELDS, ENTRIES, OUTCOMES, KEYS),
    st.tuples(st.just("update"), IDS, FIELDS, KEYS),
    st.tuples(st.just("add"), IDS, ENTRIES, KEYS),
    st.tuples(st.just("remove"), IDS, st.sampled_from(["artefact", "task", "approval"]), st.just("quote")),
    st.tuples(st.just("approve"), IDS, st.sampled_from([True, True, False]), KEYS),
    st.tuples(st.just("open"), IDS, FIELDS, ENTRIES, KEYS),
    st.tuples(st.just("reopen_store")),
)
WALKS = st.lists(COMMANDS, min_size=10, max_size=40)


def run(pipeline, command):
    """Do what a command says; *None* where it is refused."""
    verb, *rest = command
    match verb:
        case "open":
            project_id, fields, entries, key = rest
            return pipeline.open("Core network", id=project_id, fields=fields, entries=entries, key=key)
        case "update":
            project_id, fields, key = rest
            return pipeline.update(project_id, fields, key=key)
        case "add":
            project_id, entries, key = rest
            return pipeline.add(project_id, *entries, key=key)
        case "remove":
            return pipeline.remove(*rest)
        case "approve":
            project_id, granted, key = rest
            evaluate = pipeline.approve if granted else pipeline.decline
            return evaluate(project_id, "deal", actor=DIRECTOR, key=key)
        case _:
            project_id, trigger, fields, entries, outcome, key = rest
            return pipeline.fire(project_id, trigger, data=fields, entries=entries, outcome=outcome, key=key)


def heads(store):
    return {project.id: project for project in store.find(limit=1000)}


def check_histories(store):
    """Hold every promise about histories against everything in a store."""
    for project_id, head in heads(store).items():
        history = tuple(store.load(project_id))
        assert list(range(1, head.version + 1)) == [fact.version for fact in history]
        assert head == replay(history)
        assert head.stage == head.visit.stage
        assert sorted(fact.at for fact in history) == [fact.at for fact in history]


def check_log(pipeline, project_id, error):
    """Hold a refusal against the last line of the side log; other errors are not logged."""
    if isinstance(error, TransitionRefusedError):
        last = pipeline.attempts(project_id)[-1]
        assert (error.decision.trigger, error.decision.project.version) == (last.trigger, last.version)


def walk(pipeline, reopen, commands):
    """
    Run commands, and after each one hold what must not have changed against what was there before.
    """
    (won if len(commands) % 2 else opened)(pipeline)
    for command in commands:
        clock_of(pipeline).later()
        if command[0] == "reopen_store":
            pipeline = reopen(pipeline)
            continue
        before, count = heads(pipeline.store), len(pipeline.store.feed(limit=1000).facts)
        try:
            run(pipeline, command)
        except SalesflowError as error:
            assert before == heads(pipeline.store)
            assert count == len(pipeline.store.feed(limit=1000).facts)
            check_log(pipeline, command[1], error)
            continue
        after = heads(pipeline.store)
        grown = {each: after[each].version - (before[each].version if each in before else 0) for each in after}
        assert set(grown.values()) <= {0, 1}
    return pipeline


@pytest.mark.untraced
@given(WALKS)
def test_replay_is_the_head(commands):
    """
    In memory: after any commands each history has no gap and adds up to the head; what is refused changes nothing.
    """
    pipeline = walk(make_pipeline(MemoryStore(), clock=Clock()), lambda same: same, commands)
    check_histories(pipeline.store)

    assert heads(pipeline.store) == {each: pipeline.get(each) for each in heads(pipeline.store)}


@pytest.mark.slow
@given(WALKS)
def test_replay_is_the_head_of_a_journal(commands):
    """
    The same in a journal, which is closed and opened again in between and at the end.
    """
    with tempfile.TemporaryDirectory() as folder:

        def reopen(pipeline):
            pipeline.store.close()
            return make_pipeline(journal(Path(folder) / "sales"), clock=clock_of(pipeline))

        first = make_pipeline(journal(Path(folder) / "sales"), clock=Clock())
        last = walk(first, reopen, commands)
        known = heads(last.store)
        with closing(reopen(last).store) as store:
            check_histories(store)

            assert known == heads(store)


@pytest.mark.untraced
@given(WALKS, st.integers(0, 30))
def test_as_of_is_a_prefix(commands, hours):
    """
    A project as of a time is the replay of its facts up to then.
    """
    pipeline = walk(make_pipeline(clock=Clock()), lambda same: same, commands)
    at = NOW + hours * HOUR
    expected = {}
    found = {}
    for project_id in heads(pipeline.store):
        until = [fact for fact in pipeline.history(project_id) if fact.at <= at]
        if until:
            expected[project_id] = replay(until)
            found[project_id] = pipeline.as_of(project_id, at)

    assert expected == found


@pytest.mark.untraced
@given(WALKS)
def test_a_head_can_be_written_down(commands):
    """
    A head of any history comes back equal from its JSON.
    """
    pipeline = walk(make_pipeline(clock=Clock()), lambda same: same, commands)
    types = {kind.kind: kind for kind in dossier.BUILT_IN}
    found = heads(pipeline.store)

    assert found == {each: decode_project(encode_project(head), types) for each, head in found.items()}


def fact(body, version=1, project_id="P-1"):
    return Fact(project_id, version, NOW + version * HOUR, LEAD, "short", "1", body)


OPENING = fact(Opened("Core network", "lead", "undecided"))


def test_a_history_begins_with_an_opening():
    """
    A history that begins later is refused, with the version it begins with.
    """
    with pytest.raises(SalesflowError) as caught:
        replay([fact(Changed(()), 2)])

    assert "project 'P-1': its history begins with version 2, not with its opening." == str(caught.value)


def test_a_project_opens_once():
    """
    A second opening is no change of an open project.
    """
    with pytest.raises(SalesflowError, match="opens a project that is open") as caught:
        replay([OPENING, attrs.evolve(OPENING, version=2)])

    assert "fact 2 of 'P-1'" in str(caught.value)


def test_replay_of_nothing():
    """
    No facts are no project.
    """
    with pytest.raises(SalesflowError) as caught:
        replay([])

    assert "there are no facts to replay. Pass the history of one project, from its opening." == str(caught.value)


def test_changes():
    """
    Fields are set and cleared, entries put, replaced and dropped, each with who did it and when.
    """
    quote = dossier.Artefact("quote", digest="sha256:01")
    task = dossier.Task("t-1", "Call")
    project = replay(
        [
            OPENING,
            fact(Changed((FieldSet("amount", AMOUNT), FieldSet("note", "x"), EntryPut(quote), EntryPut(task))), 2),
            fact(Changed((FieldSet("note", None), EntryDropped("task", "t-1"), EntryDropped("risk", "none"))), 3),
        ]
    )

    assert {"amount": AMOUNT} == project.fields
    assert {"quote": Held(quote, 2, NOW + 2 * HOUR, "li.wei")} == project.held("artefact")
    assert ((quote,), ()) == (project.all(dossier.Artefact), project.all(dossier.Task))
    assert ({}, None) == (project.held("member"), project.owner)


def moved(version, kind, source, target, *, stays=False, outcome="undecided"):
    return fact(Transitioned(kind, kind, kind, source, target, outcome, stays=stays), version)


def test_hold_and_resume_continue_the_visit():
    """
    A hold interrupts a visit, resuming continues it, and anything else forgets it.
    """
    history = [
        OPENING,
        moved(2, "forward", "lead", "offer"),
        moved(3, "hold", "offer", "paused"),
        moved(4, "resume", "paused", "offer"),
        moved(5, "hold", "offer", "paused"),
        moved(6, "hold", "paused", "frozen"),
        moved(7, "exit", "frozen", "lost", outcome="lost"),
        moved(8, "spawn", "lost", "lost", stays=True, outcome="lost"),
    ]
    seen = [replay(history[: n + 1]) for n in range(len(history))]

    assert [1, 2, 3, 2, 4, 5, 6, 6] == [each.visit.number for each in seen]
    assert [None, None, 2, None, 2, 2, None, None] == [each.suspended and each.suspended.number for each in seen]
    assert [1, 2, 3, 3, 4, 5, 6, 6] == [each.visits for each in seen]
    assert {"forward": 1, "hold": 3, "resume": 1, "exit": 1, "spawn": 1} == seen[-1].taken
    assert [0, 0, 0, 0, 0, 0, 7, 7] == [each.outcome_version for each in seen]


def test_projects_that_went_the_same_way_share_their_counts():
    """
    Projects that took the same transitions share what counts them, and a history of any length is counted right.
    """
    loops = [moved(version, f"loop_{version % 7}", "lead", "lead", stays=True) for version in range(2, 2102)]
    one, other, longest = replay([OPENING, *loops[:9]]), replay([OPENING, *loops[:9]]), replay([OPENING, *loops])

    assert one.taken is other.taken
    assert {f"loop_{number}": 2 if number in {2, 3} else 1 for number in range(7)} == one.taken
    assert {f"loop_{number}": 300 for number in range(7)} == longest.taken


def test_resume_without_a_hold_is_a_new_visit():
    """
    A resume whose hold nobody recorded begins a visit.
    """
    project = replay([OPENING, moved(2, "resume", "paused", "offer")])

    assert (2, 2) == (project.visit.number, project.visit.version)


def test_hold_knows_its_stage():
    """
    A project on hold knows which stage it left.
    """
    pipeline = make_pipeline()
    before = opened(pipeline)
    after = pipeline.fire("P-1", "pause").project

    assert (False, True, False) == (before.holds("lead"), after.holds("lead"), after.holds("offer"))
