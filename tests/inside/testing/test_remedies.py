"""
Values, entries and people, worked out from what remedies say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Literal

import attrs
from hypothesis import given, strategies as st

from salesflow import Actor, Field, Money, Pipeline, Transition, guards
from salesflow._model.predicate import OPS
from salesflow.dossier import BUILT_IN, Approval, Lesson
from salesflow.guards import failed, guard, passed
from salesflow.testing import NOW, project_in
from salesflow.testing._navigate.attempt import take, wait_until
from salesflow.testing._navigate.context import NavigationContext
from salesflow.testing._navigate.remedies_entries import (
    blank_entry,
    filled_entry,
    free_id,
    stepped,
    values_for,
    wanted_entry,
)
from salesflow.typing import GuardUse, Remedy

from ...cases import over_cases
from ...testing.planted import CODES, deal, plugin


DAY = timedelta(days=1)
TYPES = ("text", "number", "integer", "money", "date", "datetime", "bool", "reference")


@over_cases("holds", TYPES)
def test_every_type_has_values(holds):
    """Without a word from a remedy there is something to try."""
    assert [] != values_for(Field("x", holds), NOW, {})


def test_choices_come_before_other():
    """``other`` wants a note, so it is the last thing to try."""
    assert ["a", "b", "other"] == values_for(Field("x", "choice", choices=("other", "a", "b")), NOW, {})


@given(st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]), st.integers(-1000, 1000))
def test_the_first_value_stands_in_the_relation(op, wanted):
    """What a comparison asks for is met at once, for numbers, money and days alike."""
    bounds = {
        "integer": wanted,
        "number": Decimal(wanted) / 10,
        "money": Money(wanted, "EUR"),
        "date": date(2026, 1, 1) + wanted * DAY,
    }
    for holds, bound in bounds.items():
        found = values_for(Field("x", holds), NOW, {"op": op, "value": bound})

        assert OPS[op](found[0], bound)


@over_cases(
    ("holds", "params", "expected"),
    [
        ("text", {"op": "in", "value": ("a", "b")}, "a"),
        ("integer", {"op": "not_in", "value": (1, 100)}, 0),
        ("text", {"allowed": ("yes",)}, "yes"),
        ("integer", {"min": 7}, 7),
        ("integer", {"above": 7, "max": 9}, 9),
        ("integer", {"below": -5}, -6),
        ("number", {"above": 1.5, "below": 1.6}, 1.51),
    ],
)
def test_what_a_remedy_says_is_kept(holds, params, expected):
    """Lists, allowed values and bounds."""
    assert expected == values_for(Field("x", holds), NOW, params)[0]


def test_texts_are_long_enough_and_match():
    """A length is filled up, a pattern is met."""
    assert all(len(each) >= 20 for each in values_for(Field("x"), NOW, {"min_length": 20}))
    assert values_for(Field("x"), NOW, {"op": "matches", "value": "[A-Z]{3}-[0-9]+"})[0][3] == "-"


def test_a_value_that_the_field_cannot_hold_is_left_out():
    """Whoever gave it."""
    assert "soon" not in values_for(Field("x", "date"), NOW, {}, ["soon"])


def test_what_has_no_next_value_stays():
    """A text is not counted."""
    assert ("a", True) == (stepped("a", 1), stepped(True, 1))


@over_cases("kind", [kind for kind in BUILT_IN if kind is not Approval], ids=lambda kind: kind.kind)
def test_every_entry_can_be_made(kind):
    """Blank, and with everything filled in."""
    assert ("e-1", "e-1") == (blank_entry(kind, "e-1", NOW).id, filled_entry(kind, "e-1", NOW).id)


class Colour(Enum):
    """
    Of an entry of a plugin.
    """

    RED = 1


@dataclass(frozen=True)
class Sample:
    """
    An entry of a plugin, with everything that can be in one.
    """

    kind: ClassVar[str] = "sample"

    id: str
    colour: Colour
    words: tuple[str, ...]
    sizes: tuple[int, ...]
    things: tuple[object, ...]
    state: Literal["", "fresh"]
    levels: Mapping[str, int]
    notes: Mapping[str, str]
    when: datetime
    day: date | None
    share: float
    sure: bool
    cost: Money


def test_an_entry_of_a_plugin_is_made_by_its_types():
    """Also where it is a dataclass, and nothing has a default."""
    made = blank_entry(Sample, "s", NOW)
    changed = wanted_entry(Remedy("entry", "sample", {"id": "s", "share": 0.5, "odd": 1}), {}, {"s": made}, NOW, "kim")

    assert (Colour.RED, ("words of s",), (1,), (), "fresh") == (
        made.colour, made.words, made.sizes, made.things, made.state,
    )  # fmt: skip
    assert ({"text": 1}, {"text": "text"}, NOW, 1.0, True) == (
        made.levels, made.notes, made.when, made.share, made.sure,
    )  # fmt: skip
    assert (0.5, made.cost) == (changed.share, changed.cost)


def test_a_free_id_is_free():
    """Also when entries were taken out in between."""
    assert "new-2" == free_id({"new-1": Lesson("new-1"), "a": Lesson("a")})


@over_cases(
    ("params", "expected"),
    [({"until": NOW + DAY}, NOW + DAY), ({"days": 3}, NOW + 3 * DAY), ({"hours": 24}, NOW + DAY), ({}, NOW + 4 * DAY)],
)
def test_how_long_to_wait(params, expected):
    """As the remedy says, or longer each time."""
    assert expected == wait_until(Remedy("wait", "x", params), NOW, 1)


def won_with(*uses, **more):
    win = Transition("win", "offer", ("won"), outcome="won", guards=uses)
    return project_in("won", deal(win, plugins=(plugin(guards=(asks,), entries=(Picky,)),)), **more)


def test_any_of_several_ways_will_do():
    """Where the one with the fewest remedies cannot be gone, the next one is."""
    role = guards.actor_has_role("chief")
    both = guards.all_of(guards.fields_present("note"), guards.fields_present("owner"))
    ann = Actor("ann")

    assert won_with(guards.any_of(role, both), actors=[ann]).fields["note"]


def test_several_people_approve():
    """A quorum is of different people, each with the role that is asked for."""
    project = won_with(guards.approval("deal", quorum=3, roles=("chief", "boss"), distinct_from="actor"))

    assert 3 == len({each.by for each in project.all(Approval)})


def test_the_same_person_may_approve_again():
    """Where there is only one who may."""
    boss = Actor("boss", roles={"chief"})

    assert won_with(guards.approval("deal", roles=("chief",)), actors=[Actor("ann"), boss])


@attrs.frozen
class Picky:
    """
    An entry that cannot be made by anybody who does not know how.
    """

    kind: ClassVar[str] = "planted.picky"

    id: str
    code: str = attrs.field(validator=attrs.validators.matches_re("[0-9]+"))


@guard("planted.asks", codes=CODES)
def asks(kind: str, name: str) -> object:
    """
    Ask for something that nobody can give, unless there is a note.
    """

    def check(ctx):
        if ctx.project.fields.get("note"):
            return passed()
        return failed("planted.no", Remedy(kind, name, {"subject": "none"} if kind == "approval" else {}), why="no")

    return check


@over_cases(("kind", "name"), [("entry", "planted.picky"), ("entry", "unknown"), ("approval", "deal"), ("field", "x")])
def test_a_remedy_that_cannot_be_followed_is_left(kind, name):
    """Something else is tried: here a field whose change gets further."""
    assert won_with(GuardUse("planted.asks", {"kind": kind, "name": name})).fields["note"]


def test_a_reason_is_given_with_the_move():
    """Where no field takes it."""
    other = Transition("lose", "lead", "lost", outcome="lost", guards=[guards.reason_given("note", min_length=12)])
    project = project_in("lost", deal(other), fields={"note": "other"})

    assert "other" == project.fields["note"]


def test_who_refused_is_asked_again():
    """A refusal can be taken back by nobody else."""
    lifecycle = deal(Transition("win", "offer", "won", outcome="won", guards=[guards.approval("deal")]))
    pipeline = Pipeline(lifecycle)
    project = project_in("offer", lifecycle, pipeline=pipeline)
    pipeline.decline(project.id, "deal", actor=Actor("eve"), at=NOW)
    context = NavigationContext(pipeline, project.id, at=NOW)
    take(context, lifecycle.transition("win"))

    assert [("eve", True)] == [(each.by, each.granted) for each in context.project.all(Approval)]


def test_several_verdicts_of_one_way_are_cured_together():
    """A goal that is not SMART is mended in all its parts, where nobody has the role."""
    edge = guards.any_of(guards.actor_has_role("chief"), guards.goals_smart())

    assert won_with(edge, actors=[Actor("ann")]).held("goal")


def test_a_bound_of_something_an_entry_does_not_have_is_left():
    """The words of a remedy are read as far as they fit."""
    remedy = Remedy("entry", "lesson", {"min_age": 3, "required": ("text",)})
    made = wanted_entry(remedy, {"lesson": Lesson}, {}, NOW, "kim")

    assert Lesson("new-0", "text of new-0") == made


def test_the_outcome_is_chosen_where_the_caller_may():
    """As the remedy says, whatever was to be given."""
    end = Transition("win", "offer", "won", outcome=("cancelled", "won"), guards=[guards.outcome_set("won")])

    assert "won" == project_in("won", deal(end)).outcome


def test_an_outcome_that_was_settled_before_is_planned():
    """The way to it leads over the transition that sets it."""
    lifecycle = deal(
        Transition("judge", "lead", "offer", outcome=("lost", "won")),
        Transition("win", "offer", "won", guards=[guards.outcome_set("won")]),
    )

    assert "won" == project_in("won", lifecycle).outcome
