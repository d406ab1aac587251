"""
Every kind of write arms the deadlines of the stay that it begins, and drops those of the stay that it ends.
"""

from __future__ import annotations

from datetime import timedelta

from salesflow import Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.dossier import Risk
from salesflow.results import Score
from salesflow.stores import MemoryStore
from salesflow.typing import Deadline, EarlyWarning, Spawn

from .cases import over_cases
from .work_factory import DAY, LI, NOW, lifecycle, offered


def armed(store) -> list[tuple[str, str, int]]:
    """The deadlines that a store has armed: project, deadline, and the day on which it passes."""
    claims = store.claim("deadline", owner="t", limit=99, lease=timedelta(microseconds=1), at=NOW + 999 * DAY)
    dues = [claim.work.body for claim in claims]
    return sorted((due.project_id, due.deadline, (due.at - NOW).days) for due in dues)


OFFER = [("P-1", "remind", 3), ("P-1", "sla", 14)]


@over_cases(
    ("call", "expected"),
    [
        (lambda p: None, OFFER),
        (lambda p: p.fire("P-1", "polish", at=NOW + DAY), OFFER),
        (lambda p: p.fire("P-1", "redo", at=NOW + DAY), [("P-1", "remind", 4), ("P-1", "sla", 15)]),
        (lambda p: p.fire("P-1", "pause", at=NOW + DAY), [("P-1", "wake", 31)]),
        (lambda p: p.fire("P-1", "win"), []),
        (lambda p: p.update("P-1", {"owner": None}), OFFER),
        (lambda p: p.add("P-1", Risk("r-1", "Late")), OFFER),
        (lambda p: p.approve("P-1", "deal"), OFFER),
        (lambda p: p.add("P-1", Risk("r-1", "Late")) and p.remove("P-1", "risk", "r-1"), OFFER),
        (lambda p: p.tick(NOW + 3 * DAY, ahead=True), [("P-1", "sla", 14)]),
        (lambda p: p.tick(NOW + 14 * DAY, ahead=True), []),
    ],
    ids=["move", "same stage", "again", "hold", "final", "update", "add", "approve", "remove", "tick", "tick all"],
)
def test_a_project_in_a_stage_with_deadlines(call, expected):
    """
    A move changes what is armed, a tick finishes what passed, and any other write leaves it as it is.
    """
    store = MemoryStore()
    pipeline = offered(Pipeline(lifecycle(), store=store, actor=LI, clock=lambda: NOW))
    call(pipeline)

    assert expected == armed(store)


def test_resuming():
    """
    Leaving a hold arms what the interrupted stay has left, by as much later as the hold was long.
    """
    store = MemoryStore()
    pipeline = offered(Pipeline(lifecycle(), store=store, actor=LI, clock=lambda: NOW))
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    pipeline.fire("P-1", "pause", at=NOW + 4 * DAY, ahead=True)
    pipeline.fire("P-1", "resume", at=NOW + 9 * DAY, ahead=True)

    assert [("P-1", "sla", 19)] == armed(store)


def first_stage(**more):
    """A lifecycle whose first stage has a deadline; a final stage spawns another project."""
    return build_lifecycle(
        Definition(
            "limits",
            stages=[Stage("lead", "open", deadlines=[Deadline("sla", "1d")]), Stage("won", "won")],
            transitions=[
                Transition("win", "lead", "won"),
                Transition("again", "won", kind="spawn", spawn=Spawn("limits")),
            ],
            **more,
        )
    )


def test_opening_and_spawning():
    """
    An opening arms the deadlines of the first stage, by a call or by a move that spawns.
    """
    store = MemoryStore()
    pipeline = Pipeline(first_stage(), store=store, actor=LI, clock=lambda: NOW)
    pipeline.open("Metro", id="P-1")
    opened = armed(store)
    pipeline.fire("P-1", "win")
    pipeline.fire("P-1", "again", spawn_id="P-2", at=NOW + 2 * DAY, ahead=True)

    assert ([("P-1", "sla", 1)], [("P-2", "sla", 3)]) == (opened, armed(store))


def test_watching_and_moving_a_risk():
    """
    What is recorded of early warnings and risks changes no deadline.
    """
    store = MemoryStore()
    warning = EarlyWarning("heat", on="house", fire=0.5)
    built = first_stage(warnings=[warning])

    def house(ctx):
        """Always hot."""
        return Score("house", 1.0)

    pipeline = Pipeline(built, store=store, actor=LI, clock=lambda: NOW, scorers=[house])
    pipeline.open("Metro", id="P-1", entries=[Risk("r-1", "Late")])
    watched = pipeline.watch("P-1")
    pipeline.move_entry("P-1", "risk", "r-1", "assess_risk", data={"probability": 4, "impact": 4})

    assert (2, 3) == (watched.written.fact.version, pipeline.get("P-1").version)
    assert [("P-1", "sla", 1)] == armed(store)


def test_several_that_pass_together():
    """
    Deadlines of several projects that pass in one commit are finished, and the others stay armed.
    """
    store = MemoryStore()
    pipeline = Pipeline(lifecycle(), store=store, actor=LI, clock=lambda: NOW)
    for number in (1, 2):
        offered(pipeline, f"P-{number}")
    pipeline.tick(NOW + 3 * DAY, ahead=True)

    assert [("P-1", "sla", 14), ("P-2", "sla", 14)] == armed(store)
