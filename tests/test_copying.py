"""
Lifecycles in copies, pickles and other processes; a pipeline says why it cannot be there.
"""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from salesflow import Lifecycle, Pipeline, effects, guards, load_lifecycle, risks, scores
from salesflow.plugins import Plugins
from salesflow.stores import MemoryStore

from . import house_rules
from .cases import over_cases
from .equipment import NOW
from .pipeline_factory import AMOUNT, LEAD, make_pipeline


def moved(lifecycle: Lifecycle) -> tuple[str, list[str]]:
    """What a lifecycle says of a first move, and with which plugins."""
    pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
    pipeline.open("A deal", id="P-1", fields={"amount": AMOUNT})
    return pipeline.decide("P-1", "propose").explain(), list(lifecycle.plugins.names)


@pytest.mark.untraced
@pytest.mark.parametrize("plugins", [(), (house_rules,)], ids=["alone", "with a plugin"])
def test_a_pickled_lifecycle_decides_alike(plugins):
    """
    A lifecycle is pickled as its definition and its plugins, and built again from them.
    """
    lifecycle = load_lifecycle("simple_deal", plugins=plugins)
    again = pickle.loads(pickle.dumps(lifecycle))

    assert (lifecycle.definition, moved(lifecycle)) == (again.definition, moved(again))


@pytest.mark.slow
def test_in_another_process():
    """
    A process that shares nothing with this one decides alike with a lifecycle that is sent to it.
    """
    lifecycle = load_lifecycle("simple_deal", plugins=[house_rules])
    script = "import pickle, sys; from tests.test_copying import moved; print(moved(pickle.load(sys.stdin.buffer)))"
    root = Path(__file__).parent.parent
    there = subprocess.run(
        [sys.executable, "-c", script], cwd=root, input=pickle.dumps(lifecycle), capture_output=True, check=True
    )

    assert f"{moved(lifecycle)}\n" == there.stdout.decode()


def test_plugins_are_pickled_by_name():
    """
    Plugins come back under the names, versions and distributions that they had.
    """
    plugins = Plugins(house_rules)
    again = pickle.loads(pickle.dumps(plugins))

    assert [(each.name, each.version, each.distribution) for each in plugins.known] == [
        (each.name, each.version, each.distribution) for each in again.known
    ]


def test_copies_are_the_lifecycle_itself():
    """
    A lifecycle and its plugins never change, so a deep copy shares them.
    """
    lifecycle = load_lifecycle("simple_deal")

    assert [lifecycle, lifecycle.plugins] == [copy.deepcopy(lifecycle), copy.deepcopy(lifecycle.plugins)]


@over_cases("send", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_pipeline_says_why_not(send):
    """
    A pipeline has an open store; it says so instead of failing somewhere inside.
    """
    with pytest.raises(TypeError, match="a Pipeline has an open store and cannot be copied or pickled"):
        send(make_pipeline())


def test_an_accepted_decision_says_why_not():
    """
    An accepted decision holds functions and cannot be pickled, and says so; a deep copy of it is equal.
    """
    pipeline = make_pipeline()
    pipeline.open("Deal", id="P-1", fields={"amount": AMOUNT})
    decision = pipeline.decide("P-1", "pause")

    assert decision.accepted
    assert decision == copy.deepcopy(decision)
    with pytest.raises(TypeError, match="pass on the fact that firing returns"):
        pickle.dumps(decision)


MADE = [guards.roles_filled, effects.set_field, *scores.BUILT_IN[:2], *risks.BUILT_IN[:2]]


@over_cases("made", MADE, ids=lambda made: made.name)
def test_what_a_decorator_made_shows_its_parameters(made):
    """
    ``signature()``, ``repr()`` and with it ``help()`` show the parameters of the function that it was made of.
    """
    written = str(inspect.signature(made))

    assert (str(inspect.signature(made.factory)), f"{made.name}{written}".replace("'", "")) == (
        written,
        repr(made).replace("'", ""),
    )


@over_cases("way", [pickle.dumps, copy.deepcopy, copy.copy], ids=lambda way: way.__name__)
def test_an_open_store_is_not_copied(way):
    """
    A store belongs to its process, and says what to pass on instead.
    """
    with pytest.raises(TypeError, match="a MemoryStore is open and cannot be copied or pickled"):
        way(MemoryStore())
