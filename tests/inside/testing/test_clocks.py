"""
The clocks of a transition: what runs out between its open gate and the move.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, guards, hookimpl
from salesflow.guards import guard, passed
from salesflow.testing import NOW
from salesflow.testing._machine.clocks import clocks_of
from salesflow.typing import Deadline, Duration, GuardUse


DAY = timedelta(days=1)


@guard("house.window", codes={}, reads=lambda **_: ("day", "moment", "name"))
def window(within: Duration, until: date, hours: int):
    """Ask for nothing, and read times of each kind."""
    return lambda ctx: passed()


PLUGIN = SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: (window,)))
FIELDS = (Field("day", "date"), Field("moment", "datetime"), Field("name"))


def clocks(*uses, deadlines=(), **fields):
    """Return the clocks of a transition with these guards, in days after it could be taken."""
    lifecycle = build_lifecycle(
        Definition(
            "timed",
            fields=FIELDS,
            stages=[Stage("lead", "open", deadlines=deadlines), Stage("won", "won")],
            transitions=[Transition("win", "lead", "won", guards=uses)],
        ),
        plugins=[PLUGIN],
    )
    project = Pipeline(lifecycle, actor=Actor("ann"), clock=lambda: NOW).open("A deal", fields=fields)
    return [(each - NOW) / DAY for each in clocks_of(lifecycle, project, lifecycle.transition("win"), NOW)]


def test_without_any_clock_time_passes():
    """What has no limit is old some day."""
    assert [400] == clocks()


def test_deadlines_and_days_run_out():
    """Each by a day, also inside a combinator, and none that is zero."""
    uses = guards.any_of(guards.min_time_in_stage(2), guards.approval("deal", expires_days=0))

    assert [3, 6, 406] == clocks(uses, deadlines=[Deadline("rot", "5d")])


def test_times_of_parameters_and_fields_run_out():
    """Durations, days and moments; other values do not count, and what has run out already neither."""
    use = GuardUse("house.window", {"within": "4d", "until": date(2026, 3, 5), "hours": 7})
    fields = {"day": date(2020, 1, 1), "moment": datetime(2026, 3, 9, 9, tzinfo=UTC), "name": "x"}

    assert [3.625, 5, 8, 408] == clocks(use, **fields)


def test_the_earliest_five_are_enough():
    """The last one is long after them."""
    found = clocks(deadlines=[Deadline(f"on_{day}", f"{day}d") for day in range(1, 9)])

    assert [2, 3, 4, 5, 6, 409] == found
