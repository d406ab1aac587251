"""
How mutants are made and worded.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

import salesflow as sf
from salesflow import guards
from salesflow.plugins import Plugins
from salesflow.testing.mutation import mutants
from salesflow.testing.mutation._edit import near_values
from salesflow.testing.mutation._mutants import _distinct, _edits
from salesflow.testing.mutation._mutate import _Plan
from salesflow.testing.mutation._words import KINDS, TEXTS
from salesflow.typing import Duration

from ...cases import over_cases
from ...mutation.factory import BIDS, mutants_of_deal
from ...strategies import definitions


@pytest.mark.untraced
def test_sentences():
    """
    Every kind is there, and says in both languages what it does and what a test would show.
    """
    made = [*mutants_of_deal().values(), *mutants(BIDS)]
    said = [label for one in made for label in (one.text, one.wanted)]

    assert set(KINDS) == {one.kind for one in made} == set(TEXTS)
    assert [] == [label for label in said if not label.zh or label.zh == label.en]
    assert ("fast no longer asks any_of", "fast 不再检查门禁 any_of") == (
        mutants_of_deal()["fast.guards[2]:dropped"].text.en,
        mutants_of_deal()["fast.guards[2]:dropped"].text.zh,
    )


@over_cases(
    ("value", "near"),
    [
        (True, (False,)),
        (0, (-1, 1)),
        (0.0, (-0.1, 0.1)),
        (0.3, (0.27, 0.33)),
        (Decimal(20), (Decimal(18), Decimal(22))),
        (sf.Money("10", "EUR"), ("9 EUR", "11 EUR")),
        ("10 EUR", ("9 EUR", "11 EUR")),
        ("14d", ("13d", "15d")),
        (Duration(0, "bd"), ("0bd", "1bd")),
        (date(2026, 3, 1), (date(2026, 2, 28), date(2026, 3, 2))),
        ("ten euros", ()),
        (None, ()),
    ],
)
def test_near_values(value, near):
    """
    The neighbours of a value are of its kind.
    """
    assert near == near_values(value)


@pytest.mark.slow
@settings(max_examples=10)
@given(definition=definitions())
def test_of_any_definition(definition):
    """
    Edits are distinct, none gives the original, and each has a name of its own and says where it is.
    """
    edits = list(_distinct(_edits(definition, Plugins()), definition))
    made = [definition, *(edit.made for _, edit in edits)]
    names = {(owner, edit.path, edit.key) for owner, edit in edits}

    assert len(edits) == len(names)
    assert [] == [n for n, one in enumerate(made) if one in made[:n]]
    assert [] == [path for _, path, _ in names if not path.startswith(("stages[", "transitions["))]


def test_what_no_change_exists_for():
    """
    A combinator without a counterpart keeps its word; transitions of one trigger from different stages stay in order.
    """
    absent = guards.none_of(guards.fields_present("a"), guards.fields_present("b"))
    definition = sf.Definition(
        "small",
        fields=[sf.Field("a"), sf.Field("b")],
        stages=[sf.Stage("lead"), sf.Stage("offer"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("propose", "lead", "offer", trigger="next", guards=[absent]),
            sf.Transition("win", "offer", "won", trigger="next"),
        ],
    )
    kinds = {edit.kind for _, edit in _edits(definition, Plugins())}

    assert set() == kinds & {"combinator_changed", "order_swapped"}


def test_how_many_guards_have_to_pass():
    """
    One more or fewer of ``at_least``, as far as there are so many.
    """
    several = guards.at_least(2, guards.fields_present("a"), guards.fields_present("b"))
    definition = sf.Definition(
        "small",
        fields=[sf.Field("a"), sf.Field("b")],
        stages=[sf.Stage("lead"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "lead", "won", guards=[several])],
    )
    found = [edit.key for _, edit in _edits(definition, Plugins()) if edit.kind == "combinator_changed"]

    assert ["1"] == found


def test_names_that_are_ignored_are_looked_up():
    """
    Among all kinds of mutants every ignored one is known.
    """
    plan = _Plan.of("simple_deal", Plugins(), (), ["revise:removed", "win.outcome:lost"])

    assert ["revise:removed", "win.outcome:lost"] == [mutant.id for mutant in plan.ignored]
