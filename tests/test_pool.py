"""
The pool (公海): a deal without contact goes back to it, and somebody else claims it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

import salesflow as sf
from salesflow import effects, guards
from salesflow.dossier import Activity
from salesflow.errors import DefinitionError
from salesflow.typing import Deadline, DeadlinePassed

from .cases import over_cases
from .equipment import NOW, Clock


DAY = timedelta(days=1)
CLOCK = Clock()
LI, KIM = sf.Actor("li"), sf.Actor("kim")
TO_POOL = Deadline("to_pool", "30d", since="activity", effects=[effects.clear_fields(("owner",))])


def definition(deadline=TO_POOL):
    """A lifecycle whose deals go to the pool; who claims a deal owns it."""
    claim = sf.Transition(
        "claim",
        "lead",
        "lead",
        kind="loop",
        guards=[guards.fields_absent("owner")],
        effects=[effects.stamp("owner", value="actor")],
    )
    return sf.Definition(
        "deals",
        fields=[sf.Field("owner"), sf.Field("customer"), sf.Field("day", "date")],
        stages=[sf.Stage("lead", "open", deadlines=[deadline]), sf.Stage("won", "won"), sf.Stage("paused", "hold")],
        transitions=[
            claim,
            sf.Transition("win", "lead", "won", outcome="won"),
            sf.Transition("pause", "lead", "paused", kind="hold"),
            sf.Transition("go_on", "paused", "$previous", kind="resume"),
        ],
    )


@pytest.fixture
def pipeline():
    made = sf.Pipeline(sf.build_lifecycle(definition()), actor=LI, clock=CLOCK)
    on(0)
    made.open("A deal", id="P-1", fields={"owner": "li", "customer": "C-7"})
    return made


def on(day):
    """Let it be a day after the opening."""
    CLOCK.now = NOW + day * DAY


def call(pipeline, day, name="call", *, status="done"):
    """A call that takes place on a day after the opening."""
    pipeline.add("P-1", Activity(name, "call", at=NOW + day * DAY, status=status))


def due(pipeline):
    """When the deal goes to the pool, in days from its opening; ``None`` if it does not."""
    found = [each.at - NOW for each in pipeline.lifecycle.dues(pipeline.get("P-1"))]
    return found[0] / DAY if found else None


def test_the_last_contact_counts(pipeline):
    """
    From the entry on, and again from each activity that was done; the latest of them counts, however they are recorded.
    """
    assert 30 == due(pipeline)
    on(20)
    call(pipeline, 20)
    assert 50 == due(pipeline)
    call(pipeline, 1, "earlier")
    call(pipeline, 25, "planned", status="planned")
    assert 50 == due(pipeline)
    pipeline.remove("P-1", "activity", "call")
    assert 31 == due(pipeline)


def test_a_deal_goes_to_the_pool_and_is_claimed(pipeline):
    """
    Once, when its time is over; whoever claims it gets the whole time, and what has an owner cannot be claimed.
    """
    on(10)
    call(pipeline, 10)
    assert ["fields.filled"] == [each.code for each in pipeline.decide("P-1", "claim", actor=KIM).blocking]
    on(39)
    pipeline.tick()
    assert "li" == pipeline.get("P-1").owner

    on(41)
    pipeline.tick()
    pipeline.tick()
    assert (None, None) == (pipeline.get("P-1").owner, due(pipeline))
    assert 1 == sum(isinstance(each.body, DeadlinePassed) for each in pipeline.history("P-1"))
    pipeline.fire("P-1", "claim", actor=KIM)
    assert ("kim", 71) == (pipeline.get("P-1").owner, due(pipeline))


def test_a_contact_of_a_deal_in_the_pool(pipeline):
    """
    What lies in the pool and is talked to is watched again.
    """
    on(31)
    pipeline.tick()
    call(pipeline, 31)
    assert 61 == due(pipeline)


def test_a_hold_puts_off_the_pool(pipeline):
    """
    The time of a hold does not count from the entry; a later contact counts for itself.
    """
    on(10)
    pipeline.fire("P-1", "pause")
    on(20)
    pipeline.fire("P-1", "go_on")
    assert 40 == due(pipeline)
    call(pipeline, 19)
    assert 49 == due(pipeline)


@over_cases(
    ("deadline", "text"),
    [
        (Deadline("x", "30d", since="activitty"), "Did you mean 'activity'?"),
        (Deadline("x", "30d", since="activity", field="day"), "since counts from the latest entry of a kind"),
        (Deadline("x", since="activity", field="day", before="1d"), "since counts from the latest entry of a kind"),
        (Deadline("x", since="activity"), "after"),
    ],
)
def test_what_a_deadline_cannot_count_from(deadline, text):
    """
    The kind is known, and it goes with a length of time alone; the fault names the place.
    """
    with pytest.raises(DefinitionError) as caught:
        sf.build_lifecycle(definition(deadline))

    assert "stages[0].deadlines[0]" in str(caught.value)
    assert text in str(caught.value)


def test_it_is_written_and_read():
    """
    As data; and the table of deadlines says so.
    """
    assert definition() == sf.load_definition(text=sf.dump_definition(definition()))


def test_open_projects_by_customer(pipeline):
    """
    Norms have the owners of the open projects of each customer, those without an owner and those that closed left out.
    """
    for name, owner, customer in (("P-2", "kim", " C-7"), ("P-3", "kim", "C-8"), ("P-4", "kim", None)):
        pipeline.open("Another", id=name, fields={"owner": owner, "customer": customer})
    pipeline.fire("P-3", "win")
    pipeline.open("Nobody's", id="P-5", fields={"customer": "C-7"})

    assert {"C-7": {"P-1": "li", "P-2": "kim"}} == pipeline.norms().customers
