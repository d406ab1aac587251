"""
Generated values are usable wherever the library takes them, and shrink to what a person would have written.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from salesflow import Actor, check_definition, load_lifecycle, replay
from salesflow.errors import InputError
from salesflow.testing import (
    NOW,
    actors,
    definitions,
    entries,
    histories,
    lifecycles,
    projects,
    times,
)
from salesflow.typing import EntryPut, Opened

from ..cases import over_cases


SIMPLE = load_lifecycle("simple_deal")
CYCLE = load_lifecycle("operating_cycle")


@given(definitions())
def test_definitions_can_be_built(definition):
    """Whatever is generated has no fault."""
    assert () == check_definition(definition).faults


@pytest.mark.slow
@over_cases("kind", ["forward", "loop", "exit", "hold", "resume", "reopen", "spawn"])
def test_definitions_have_everything(kind):
    """Each kind of transition is generated, and the smallest example with it is small."""
    assert find(definitions(), lambda one: any(edge.kind == kind for edge in one.transitions), settings=ANY)


QUICK = settings(max_examples=150, derandomize=True, database=None, deadline=None)
ANY = settings(QUICK, phases=[Phase.generate])
"""For what is only to be found, however large it is."""


@pytest.mark.slow
@over_cases(
    "has",
    [
        lambda one: any(len(edge.guards) == 2 for edge in one.transitions),
        lambda one: any(edge.effects for edge in one.transitions),
        lambda one: any(isinstance(edge.outcome, tuple) for edge in one.transitions),
        lambda one: any(stage.deadlines for stage in one.stages),
        lambda one: any(edge.id == "extend" for edge in one.transitions),
        lambda one: len({edge.trigger for edge in one.transitions}) < len(one.transitions),
        lambda one: any(use.guards and use.when for edge in one.transitions for use in edge.guards),
    ],
    ids=["guards", "effects", "choices", "deadlines", "chains", "candidates", "joined"],
)
def test_definitions_have_every_part(has):
    """Every part of a definition is generated."""
    assert find(definitions(), has, settings=ANY)


@pytest.mark.slow
def test_the_smallest_definition():
    """A property that fails everywhere is shown with a stage that is won or lost."""
    found = find(definitions(), lambda _: True, settings=QUICK)

    assert ["lead", "won", "lost"] == [stage.id for stage in found.stages]
    assert ["close", "lose"] == [edge.id for edge in found.transitions]


@given(definitions(parts=()))
def test_parts_can_be_left_out(definition):
    """Without parts there is a plain line of stages."""
    assert {"forward", "exit"} == {edge.kind for edge in definition.transitions}
    assert not any(edge.guards or edge.effects or edge.outcome for edge in definition.transitions)


class Mood(Enum):
    """How it went."""

    GOOD = "good"
    BAD = "bad"


@attrs.frozen
class Stop:
    """A stop of a journey."""

    place: str = ""


@attrs.frozen
class Journey:
    """An entry of a plugin, with everything that an entry may have."""

    kind: ClassVar[str] = "house.journey"

    id: str
    stops: tuple[Stop, ...] = ()
    mood: Mood = Mood.GOOD
    price: Decimal | int | None = None
    code: str = attrs.field(default="AB", validator=attrs.validators.matches_re("[A-Z]{2}"))
    twice: int = attrs.field(default=0, converter=attrs.Converter(lambda value, self_: value * 2, takes_self=True))
    even: int = attrs.field(default=0)
    hidden: int = attrs.field(default=0, init=False)

    @even.validator
    def _is_even(self, attribute: Any, value: int) -> None:
        if value % 2:
            raise ValueError("odd")

    def __attrs_post_init__(self) -> None:
        if self.even > 50 and self.stops:
            raise ValueError("too much at once")


@given(entries(Journey, code=st.sampled_from(["AB", "CD"])))
def test_entries_of_a_plugin(journey):
    """The attributes, their validators and what they do not allow together are read from the class."""
    assert isinstance(journey, Journey)
    assert journey.code in ("AB", "CD")
    assert all(isinstance(stop, Stop) for stop in journey.stops)
    assert 0 == journey.even % 2
    assert journey.even <= 50 or not journey.stops


def test_what_a_class_refuses_is_not_generated():
    """Only making an entry shows what its class does not allow together."""
    stops = st.sampled_from([(Stop("hall"),), ()])
    found = find(entries(Journey, even=st.just(52), stops=stops), lambda _: True, settings=QUICK)

    assert (52, ()) == (found.even, found.stops)


@attrs.frozen
class Odd:
    """An entry with something that nothing is known of."""

    kind: ClassVar[str] = "house.odd"

    id: str
    what: complex = 0j
    maybe: complex | None = None


def test_what_is_not_known_is_asked_for():
    """An attribute of an unknown type is named, and can be given."""
    with pytest.raises(InputError, match=r"Pass entries\(…, what="):
        entries(Odd)

    assert 1j == find(entries(Odd, what=st.just(1j)), lambda _: True, settings=QUICK).what


@pytest.mark.parametrize(
    "ask", [lambda: entries("artefakt"), lambda: entries("artefact", kolor=st.none())], ids=["kind", "attribute"]
)
def test_unknown_entries_are_refused(ask):
    """A kind or attribute that nobody knows is refused."""
    with pytest.raises(InputError):
        ask()


@given(entries(lifecycle=SIMPLE))
def test_any_entry_can_be_added(entry):
    """Without a kind, what can be added is generated: everything but approvals."""
    assert "approval" != entry.kind
    assert SIMPLE.changes({}, [entry])


@given(actors(roles=("ceo",)), actors(names=("ann",), roles=()))
def test_actors_have_the_roles_that_are_asked_for(actor, other):
    """Names and roles can be chosen."""
    assert actor.roles <= {"ceo"}
    assert Actor("ann") == other


@given(times(days=2))
def test_times_lie_in_the_days_asked_for(at):
    """They are aware, and from the start on."""
    assert NOW <= at <= NOW + timedelta(days=2)


@pytest.mark.slow
def test_values_shrink_to_the_usual_ones():
    """What stands for anything is what a person would have written first."""
    found = [find(strategy, lambda _: True, settings=QUICK) for strategy in (actors(), times())]

    assert [Actor("ann"), NOW] == found


@pytest.mark.long
@given(histories(CYCLE))
def test_histories_add_up(facts):
    """The facts of a history follow each other, begin with the opening, and can be replayed."""
    assert [*range(1, len(facts) + 1)] == [fact.version for fact in facts]
    assert isinstance(facts[0].body, Opened)
    assert facts[-1].version == replay(facts).version


@pytest.mark.slow
@settings(QUICK)
@given(histories(SIMPLE))
def test_nobody_writes_for_another_in_a_history(facts):
    """What an entry says that somebody did is written by that person, as a pipeline asks."""
    wrong = [
        change.entry
        for fact in facts
        for change in fact.body.changes
        if isinstance(change, EntryPut) and change.entry.kind == "acknowledgement"
        if change.entry.by not in ("", fact.actor.name)
    ]

    assert [] == wrong


@pytest.mark.long
@given(st.data())
def test_projects_of_any_lifecycle(data):
    """Every generated lifecycle has projects."""
    lifecycle = data.draw(lifecycles())
    project = data.draw(projects(lifecycle))

    assert lifecycle.id == project.lifecycle
    assert lifecycle.stage(project.stage)


@pytest.mark.slow
def test_projects_get_through_gates():
    """Not every project stands still: gates are walked through as their remedies say."""
    longer = settings(ANY, max_examples=300)
    found = find(projects(CYCLE), lambda project: project.stage == "goal_setting", settings=longer)

    assert 1 == found.taken["approve_initiation"]
