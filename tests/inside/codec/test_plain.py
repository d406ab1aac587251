"""
The short way to the text of a plain move.
"""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Actor, Fact, Verdict
from salesflow._codec.facts import encode_fact
from salesflow._codec.plain import plain_text
from salesflow._model.frozen import FrozenDict
from salesflow.stores.adapting import canonical
from salesflow.typing import Changed, FieldSet, GuardSpec, Override, Remedy, Transitioned


AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSED = Verdict(GuardSpec("fields_present", "fields_present"), "pass")
MOVE = Transitioned("win", "win", "forward", "offer", "won", "won", (), (PASSED,))
FACT = Fact("deal-1", 3, AT, Actor("李伟"), "deal", "1", MOVE)

words = st.text("abcXYZ0189._-", max_size=8)
specs = st.builds(
    GuardSpec,
    words,
    words,
    severity=st.sampled_from(["block", "warn", "shadow"]),
    overridable=st.booleans(),
    plugin=st.sampled_from(["salesflow", "meddicc"]),
)
moves = st.builds(
    Transitioned,
    *[words] * 6,
    st.just(()),
    st.lists(st.builds(Verdict, specs, st.just("pass")), max_size=3).map(tuple),
)
actors = st.builds(
    Actor, st.sampled_from(["li.wei", '李 "伟"', "a\\b"]), roles=st.frozensets(st.sampled_from(["lead", "ceo"]))
)
facts = st.builds(
    Fact, words, st.integers(1, 99), st.datetimes(timezones=st.just(UTC)), actors, words, words, moves, st.none()
)


@given(facts)
def test_the_short_way_writes_what_the_long_way_writes(fact):
    """
    A plain move has one text, however it is written.
    """
    assert canonical(encode_fact(fact)) == plain_text(fact)


NOT_PLAIN = {
    "a name that needs quoting": attrs.evolve(FACT, project_id='a"b'),
    "an update": attrs.evolve(FACT, body=Changed((FieldSet("amount", 1),))),
    "a key": attrs.evolve(FACT, key="k"),
    "changes": attrs.evolve(FACT, body=attrs.evolve(MOVE, changes=(FieldSet("amount", 1),))),
    "a reason": attrs.evolve(FACT, body=attrs.evolve(MOVE, reason="because")),
    "an override": attrs.evolve(FACT, body=attrs.evolve(MOVE, overrides=(Override("g", "why", "li.wei"),))),
    "a spawned project": attrs.evolve(FACT, body=attrs.evolve(MOVE, spawned="deal-2")),
    "a stay": attrs.evolve(FACT, body=attrs.evolve(MOVE, stays=True)),
    "many verdicts": attrs.evolve(FACT, body=attrs.evolve(MOVE, verdicts=(PASSED,) * 200)),
    **{
        f"a verdict with {name}": attrs.evolve(
            FACT, body=attrs.evolve(MOVE, verdicts=(PASSED, attrs.evolve(PASSED, **{name: value})))
        )
        for name, value in {
            "status": "skipped",
            "code": "note",
            "evidence": FrozenDict(n=1),
            "missing": (Remedy("wait", "time"),),
            "inner": (PASSED,),
            "error": "it broke",
            "overridden": True,
        }.items()
    },
}


@pytest.mark.parametrize("fact", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_everything_else_goes_the_long_way(fact):
    """
    A fact with more to say than that everything passed has no short way.
    """
    assert plain_text(fact) is None
