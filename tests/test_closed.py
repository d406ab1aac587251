"""
When a project is closed, since when, and when it is open again.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Definition, Fact, Pipeline, Stage, Transition, build_lifecycle, replay
from salesflow.stores import SqliteStore
from salesflow.stores.adapting import fact_text, read_fact
from salesflow.testing import moved, opened
from salesflow.typing import Opened, Outcome, Transitioned

from .cases import over_cases
from .equipment import HOUR, NOW, Clock
from .pipeline_factory import DIRECTOR, LEAD


STAGES = (
    Stage("lead", kind="open"),
    Stage("delivery"),
    Stage("paused", kind="hold"),
    Stage("done", kind="closed"),
    Stage("shelved", kind="cancelled"),
)
TRANSITIONS = (
    Transition("win", "lead", "delivery", outcome="won"),
    Transition("finish", "delivery", "done"),
    Transition("break_off", "delivery", "shelved", outcome="terminated", kind="exit"),
    Transition("hold", ("lead", "delivery"), "paused", kind="hold"),
    Transition("go_on", "paused", "$previous", kind="resume"),
    Transition("shelve", "lead", "shelved", kind="exit"),
    Transition("reopen", ("done", "shelved"), "lead", kind="reopen", outcome="running"),
    Transition("look_again", ("done", "shelved"), "delivery", kind="reopen"),
)
OUTCOMES = (Outcome("running", class_="undecided"), Outcome("won"), Outcome("terminated"), Outcome("sleeping"))


def history(*triggers, outcomes=OUTCOMES, store=None):
    """The hours after its opening at which a project was closed, after each of the moves, made an hour apart."""
    first = outcomes[0].id
    moves = [attrs.evolve(each, outcome=first if each.outcome == "running" else each.outcome) for each in TRANSITIONS]
    lifecycle = build_lifecycle(Definition("short", outcomes=outcomes, stages=STAGES, transitions=moves))
    clock = Clock()
    pipeline = Pipeline(lifecycle, clock=clock, actor=LEAD, store=store)
    pipeline.open("Bid", id="P-1")
    seen = []
    for trigger in triggers:
        clock.now += HOUR
        seen.append(pipeline.fire("P-1", trigger, actor=DIRECTOR).project)
    assert [replay(pipeline.history("P-1")), pipeline.get("P-1")] == [seen[-1]] * 2
    return [each.closed_at and (each.closed_at - NOW) // HOUR for each in seen]


UNDECIDED_FIRST = (Outcome("undecided"), *OUTCOMES[1:])


@over_cases("outcomes", [OUTCOMES, UNDECIDED_FIRST], ids=["own word", "undecided"])
@pytest.mark.requirement("D55")
@over_cases(
    ("triggers", "hours"),
    [
        (("win", "finish"), [1, 1]),
        (("win", "hold", "go_on", "finish"), [1, 1, 1, 1]),
        (("win", "break_off"), [1, 2]),
        (("hold", "go_on", "shelve"), [None, None, 3]),
        (("win", "finish", "reopen", "win"), [1, 1, None, 4]),
        (("shelve", "reopen", "shelve"), [1, None, 3]),
        (("win", "finish", "look_again", "hold", "go_on", "finish"), [1, 1, None, None, None, 6]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_closed_since(triggers, hours, outcomes):
    """
    A project is closed from the move on that gave its decided outcome or ended it, until it is reopened.
    """
    assert hours == history(*triggers, outcomes=outcomes)


def test_kept_by_a_store(tmp_path):
    """
    A head says since when its project is closed, and the facts say it to whoever folds them.
    """
    path = tmp_path / "sales.db"
    with SqliteStore(path) as store:
        history("win", "finish", store=store)
    with SqliteStore(path) as store:
        assert NOW + HOUR == store.head("P-1").closed_at
        assert store.check(deep=True).ok


def test_facts_of_the_first_version():
    """
    Facts that do not say whether they close are read by the outcome, all of which but `undecided` close.
    """
    first = opened()
    won = moved(first.project, "won", outcome="won", at=NOW + HOUR)
    stored = fact_text(won.fact, {})

    assert b"closed" not in stored
    assert (None, NOW + HOUR) == (first.project.closed_at, replay([first.fact, read_fact(stored, {}, "")]).closed_at)


def test_a_final_stage_without_an_outcome_is_on_record():
    """
    A move into a final stage says so in its fact, which is stored and read with it.
    """
    parts = Transitioned("stop", "stop", "exit", "lead", "done", "undecided", closed=True)
    facts = [
        Fact("P-1", number, NOW, LEAD, "short", "1", body)
        for number, body in enumerate((Opened("Bid", "lead", "undecided"), parts), 1)
    ]
    again = [read_fact(fact_text(each, {}), {}, "") for each in facts]

    assert (facts, NOW) == (again, replay(again).closed_at)
