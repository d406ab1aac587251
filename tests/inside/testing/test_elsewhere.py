"""
Questions that are asked again: of a lifecycle built anew, in other processes, and what cannot be sent there.
"""

from __future__ import annotations

import pickle
import sys
from io import BytesIO
from types import SimpleNamespace

import pytest

import salesflow as sf
from salesflow import Actor, Definition, Stage, Transition, hookimpl
from salesflow.effects import effect
from salesflow.guards import guard, passed
from salesflow.testing import NOW, CheckedPipeline, project_in
from salesflow.testing._machine.elsewhere import Questions, _sent, answers, main
from salesflow.typing import EffectUse, GuardUse


WHO = Actor("ann")


@guard("house.quiet", codes={})
def quiet():
    """Ask for nothing."""
    return lambda ctx: passed()


def plugin():
    """A plugin of lambdas, which has no pickle."""
    return SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: (quiet,)))


def short(*plugins):
    edges = [Transition("win", "lead", "won", guards=[GuardUse("house.quiet")] if plugins else [])]
    return sf.build_lifecycle(
        Definition("short", stages=[Stage("lead", "open"), Stage("won", "won")], transitions=edges), plugins=plugins
    )


NAMED = short(plugin())


def asked(lifecycle):
    pipeline = CheckedPipeline(lifecycle, actor=WHO, clock=lambda: NOW)
    pipeline.questions = Questions()
    pipeline.open("A deal", id="P")
    pipeline.decide("P", "win")
    pipeline.decide("P", "win")
    return pipeline.questions


class Quiet:
    """A plugin of which the class is enough."""

    name = "house"

    @hookimpl
    def salesflow_guards(self):
        return (quiet,)


@pytest.mark.parametrize("lifecycle", [NAMED, short(Quiet())], ids=["by name", "by class"])
def test_what_a_module_names_is_sent_by_that_name(lifecycle, monkeypatch):
    """A lifecycle whose plugins have no pickle, or a class of a test, is read from the file of its module."""
    questions = [question for question, _ in asked(lifecycle)._first.values()]
    sent = _sent(([lifecycle], questions), globals())
    told = BytesIO()
    monkeypatch.delitem(sys.modules, __name__)
    main(BytesIO(sent), told)

    assert answers([lifecycle], questions) == pickle.loads(told.getvalue())


@pytest.mark.slow
@pytest.mark.traced
def test_other_processes_answer_the_same():
    """First and last of each kind are asked."""
    assert "asked 2 questions in 2 other processes" == asked(NAMED).check([NAMED], globals())


def test_what_cannot_be_sent_is_said():
    """A lifecycle that neither has a pickle nor a name."""
    lifecycle = short(plugin())
    said = asked(lifecycle).check([lifecycle], {"__name__": "__main__"})

    assert said.startswith("not asked in other processes, because it cannot be sent there: ")


@pytest.mark.slow
@pytest.mark.traced
def test_a_process_that_cannot_read_it_is_said():
    """The module is not there any more."""
    scope = {"__name__": "gone", "__file__": "gone.py", "lifecycle": NAMED}
    said = asked(NAMED).check([NAMED], scope)

    assert said.startswith("not asked: FileNotFoundError")


def test_without_plugins_no_process_is_asked():
    """The library's own rules are asked there by the test below."""
    said = asked(short()).check([short()], {})

    assert "not asked in other processes, because no plugin brings a rule" == said


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.parametrize("name", ["simple_deal", "operating_cycle"])
def test_the_rules_of_the_library_answer_the_same_everywhere(name):
    """In processes with other hashes and another zone."""
    lifecycle = sf.load_lifecycle(name)
    pipeline = CheckedPipeline(lifecycle, clock=lambda: NOW)
    pipeline.questions = Questions()
    for stage in lifecycle.stages:
        project_in(stage.id, lifecycle, pipeline=pipeline, id=stage.id)

    assert pipeline.questions.check([lifecycle], {}, everywhere=True).endswith("questions in 2 other processes")


def test_an_effect_that_fails_is_an_answer():
    """Other checks find it; here it only has to fail everywhere."""
    trips = effect("house.trips", writes=lambda: ())(lambda: lambda ctx: 1 // 0)
    brought = SimpleNamespace(name="house", salesflow_effects=hookimpl(lambda: (trips,)))
    win = Transition("win", "lead", "won", effects=[EffectUse("house.trips")])
    lifecycle = sf.build_lifecycle(
        Definition("short", stages=[Stage("lead", "open"), Stage("won", "won")], transitions=[win]), plugins=[brought]
    )
    questions = [question for question, _ in asked(lifecycle)._first.values()]

    assert ["EffectError"] == answers([lifecycle], questions)


def test_many_kinds_of_questions_are_not_all_kept(monkeypatch):
    """So that a long run does not ask without end."""
    monkeypatch.setattr("salesflow.testing._machine.elsewhere._MOST", 1)
    pipeline = CheckedPipeline(short(), actor=WHO, clock=lambda: NOW)
    pipeline.questions = Questions()
    pipeline.open("A deal", id="P")
    pipeline.options("P")
    pipeline.fire("P", "win")
    pipeline.decide("P", "win")

    assert 1 == len(pipeline.questions._first)
