"""
Calls written as Python that runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import ClassVar

import attrs

from salesflow import Actor, Money
from salesflow.dossier import Artefact, Contract, Goal, Scorecard, ScoreItem
from salesflow.testing._machine.story import Call, StoryWriter, told

from ...cases import over_cases


class Colour(Enum):
    """
    Of an entry of a plugin.
    """

    RED = 1


@dataclass(frozen=True)
class Note:
    """
    An entry of a plugin, made with the standard library.
    """

    kind: ClassVar[str] = "note"

    id: str
    colour: Colour = Colour.RED
    size: int = 3


@attrs.frozen
class Tag:
    """
    An entry with defaults that are made.
    """

    id: str
    words: list[str] = attrs.field(factory=list)
    double: str = attrs.field(default=attrs.Factory(lambda self: self.id * 2, takes_self=True))
    late: str = attrs.field(kw_only=True)


VALUES = [
    None,
    5,
    1.5,
    True,
    "text",
    Decimal("1.50"),
    Money("12.5", "EUR"),
    date(2026, 3, 2),
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    datetime(2026, 3, 2, 9, 30, 15, 7, tzinfo=timezone(timedelta(hours=8))),
    timedelta(days=2, seconds=1),
    {"a": (1,), "b": [1, 2], "c": ()},
    frozenset({"x", "y"}),
    set(),
    Colour.RED,
    Actor("ann", roles={"b", "a"}),
    Artefact("paper"),
    Artefact("paper", "p-1", digest="d"),
    Contract("c", amount=Money("1", "CNY"), parties=("x", "y")),
    Goal("g", "sales_amount", 5, unit="CNY"),
    Scorecard("s", (ScoreItem("i", 60, met=True),)),
    Note("n"),
    Note("n", size=4),
    Tag("t", late="x"),
    Tag("t", ["w"], late="x"),
]


@over_cases("value", VALUES, ids=[f"{n}-{type(value).__name__}" for n, value in enumerate(VALUES)])
def test_a_value_is_written_as_python(value):
    """The expression, run with the imports it asks for, gives an equal value."""
    writer = StoryWriter()
    text = writer.value(value)
    scope = {"Colour": Colour, "Note": Note, "Tag": Tag}
    writer.imports.pop(__name__, None)
    exec("\n".join(writer.head()), scope)

    assert value == eval(text, scope)


def test_what_is_as_usual_is_left_out():
    """A story is short."""
    assert "Artefact('paper', digest='d')" == StoryWriter().value(Artefact("paper", digest="d"))
    assert "Tag('t', late='x')" == StoryWriter().value(Tag("t", late="x"))


def test_what_was_refused_is_let_off():
    """The story goes on after it."""
    writer = StoryWriter()
    calls = [Call("open", ("A",), {"id": "P"}), Call("fire", ("P", "win"), raised="TransitionRefusedError")]

    assert [
        "pipeline.open('A', id='P')",
        "with suppress(TransitionRefusedError):",
        "    pipeline.fire('P', 'win')",
    ] == told(calls, writer)
    assert [
        "from contextlib import suppress",
        "",
        "from salesflow.errors import TransitionRefusedError",
    ] == writer.head()
