"""
What plugins answer is validated, isolated and named; what they bring has their prefix.
"""

from __future__ import annotations

from math import inf, nan
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import attrs
import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, Verdict, build_lifecycle, check_definition
from salesflow.effects import effect
from salesflow.errors import PluginError
from salesflow.guards import failed, guard, passed
from salesflow.plugins import Plugins, hookimpl
from salesflow.scores import Contribution
from salesflow.typing import EarlyWarning, Finding, Label, Score

from .cases import over_cases


SHORT = Definition(
    "short",
    fields=[Field("owner")],
    stages=[Stage("start"), Stage("done", "won")],
    transitions=[Transition("go", "start", "done")],
)


def plugin(name, hooks, **more):
    """
    Return a plugin made of functions.
    """
    return SimpleNamespace(name=name, **{hook: hookimpl(call) for hook, call in hooks.items()}, **more)


def pipeline_with(*plugins):
    """
    Return a pipeline with one project.
    """
    pipeline = Pipeline(build_lifecycle(SHORT, plugins=list(plugins)), actor=Actor("kim"))
    pipeline.open("One", id="one")
    return pipeline


GOOD = plugin(
    "good",
    {
        "salesflow_score": lambda: [Score("good.score", 50)],
        "salesflow_check_risks": lambda: [Finding("good.risk", "clear")],
    },
)


@over_cases(
    ("finding", "said"),
    [
        (Finding("bad.risk", "fired", level="severe"), "level: 'severe' is not one of low, medium, high, critical"),
        (Finding("bad.risk", "burnt"), "status: 'burnt' is not one of fired, clear, unknown"),
        (Finding("bad.risk", "fired", signal=7), "signal: 7 is not from 0 to 1"),
        (Finding("bad.risk", "fired", signal=nan), "signal: nan is not from 0 to 1"),
        (Finding("bad.risk", "fired", signal="much"), "signal: 'much' is not of the type number"),
        (Finding("bad.risk", "fired", code=5), "code: 5 is not of the type text"),
        (Finding(5, "fired"), "check: 5 is not of the type text"),
        (Finding("good.risk", "fired"), "check: 'good.risk' does not begin with 'bad.'"),
        (Finding("bad.other", "fired"), "check: 'bad.other' is not in the plugin's advice, bad.risk"),
        (Score("bad.risk", 5), "Score is no Finding"),
    ],
)
def test_a_finding_that_cannot_be(finding, said):
    """
    The report says whose finding is wrong and how, keeps the findings of others, and has a score from 0 to 100.
    """
    bad = plugin("bad", {"salesflow_check_risks": lambda: [finding]}, advice=["bad.risk"])
    report = pipeline_with(bad, GOOD).risks("one")
    wrong, good = report.findings

    assert ("bad.risks", "unknown", "advice.malformed", "bad") == (wrong.check, wrong.status, wrong.code, wrong.plugin)
    assert said == wrong.error
    assert "bad" in wrong.message("zh")
    assert "good.risk" == good.check
    assert report.score is None or 0 <= report.score <= 100


@over_cases(
    ("score", "said"),
    [
        (Score("bad.score", inf, high=inf), "value: inf is no finite number"),
        (Score("bad.score", 5, contributions=(Contribution("x", share=nan),)), "contributions: 'x' adds nan"),
        (Score("bad.score", 5, interval=(9, 1)), "interval: (9, 1) is not from a lower to a higher number"),
        (Score("bad.score", 5, n=-1), "n: -1 is below 0"),
        (Score("bad.score", True), "value: True is not of the type number"),
        (Score("score", 5), "name: 'score' does not begin with 'bad.'"),
    ],
)
def test_a_score_that_cannot_be(score, said):
    """
    It is a score without value that says whose it is and what is wrong, and the others are there.
    """
    bad = plugin("bad", {"salesflow_score": lambda: [score]})
    wrong, good = pipeline_with(bad, GOOD).score("one")

    assert ("bad.score", None, "advice.malformed", "bad") == (wrong.name, wrong.value, wrong.code, wrong.plugin)
    assert wrong.error is not None
    assert wrong.error.startswith(said)
    assert ("good.score", 50) == (good.name, good.value)


def test_what_raises_is_no_malformed_answer():
    """
    A plugin that says what its findings are called and raises is still told to have raised.
    """
    bad = plugin("bad-2", {"salesflow_check_risks": lambda: 1 / 0}, advice=["bad.risk"])
    (found,) = pipeline_with(bad).risks("one").findings

    assert ("bad-2.risks", "advice.raised") == (found.check, found.code)


def test_answers_that_are_right():
    """
    Scores with a sample and an interval, and fired findings, are passed on as they are.
    """
    score = Score("fine.score", 5, n=3, interval=(1, 9), contributions=(Contribution("x", share=5.0),))
    finding = Finding("fine.risk", "fired", level="high", signal=1)
    fine = plugin("fine", {"salesflow_score": lambda: score, "salesflow_check_risks": lambda: finding})
    pipeline = pipeline_with(fine)

    assert [(5, 3, (1, 9))] == [(one.value, one.n, one.interval) for one in pipeline.score("one")]
    assert [("fired", "high", 1)] == [(one.status, one.level, one.signal) for one in pipeline.risks("one").findings]


@over_cases(
    ("verdict", "said"),
    [
        (attrs.evolve(failed("bad.no"), missing=("a remedy",)), "not a list of remedies"),
        (attrs.evolve(failed("bad.no"), missing=5), "not a list of remedies"),
        (attrs.evolve(failed("bad.no"), code=5), "not a text"),
    ],
    ids=["a text", "a number", "code"],
)
def test_a_verdict_that_cannot_be(verdict: Verdict, said: str):
    """
    A stage rule with a verdict that cannot be shown blocks the move as unknown.
    """
    bad = plugin("bad", {"salesflow_stage_rules": lambda: [verdict]})
    (found,) = pipeline_with(bad).decide("one", "go").blocking

    assert ("unknown", "guard.malformed", "bad") == (found.status, found.code, found.spec.plugin)
    assert said in str(found.error)


@attrs.frozen
class Note:
    """
    An entry without the prefix of a plugin.
    """

    kind: ClassVar[str] = "remark"

    id: str


@guard("champion", codes={})
def champion():
    """
    Ask for nothing.
    """
    return lambda ctx: passed()


@effect("mark")
def mark():
    """
    Do nothing.
    """
    return lambda ctx: ()


BROUGHT = [
    ("guard 'champion'", {"salesflow_guards": lambda: [champion]}, {}),
    ("effect 'mark'", {"salesflow_effects": lambda: [mark]}, {}),
    ("entry 'remark'", {"salesflow_entries": lambda: [Note]}, {}),
    ("lifecycle 'acmes.short'", {"salesflow_lifecycles": lambda: {"acmes.short": SHORT}}, {}),
    ("code 'no'", {"salesflow_stage_rules": lambda: ()}, {"codes": {"no": Label("No.", "不。")}}),
    ("advice 'risk'", {"salesflow_score": lambda: ()}, {"advice": ["risk"]}),
]


@over_cases(("what", "hooks", "more"), BROUGHT, ids=[what for what, _, _ in BROUGHT])
def test_a_name_without_the_prefix(what, hooks, more):
    """
    Whatever a plugin brings under a name that is not its own is refused, with the name.
    """
    with pytest.raises(PluginError, match=rf"the {what} does not begin with 'acme\.'") as caught:
        Plugins(plugin("acme", hooks, **more))

    assert "acme" == caught.value.plugin


def test_the_prefix_of_a_plugin():
    """
    The prefix is the name in lower case, up to what no name has, and a module's is without its packages.
    """
    module = ModuleType("house.plugins.salesflow_acme")
    module.salesflow_committed = hookimpl(lambda facts: None)  # type: ignore[attr-defined]
    names = ["acme", "Acme 2", "salesflow-acme", "acme.other"]
    given = [plugin(name, {"salesflow_committed": lambda facts: None}) for name in names]

    assert ["acme"] * 5 == [one.prefix for one in Plugins(*given, module).known[1:]]


@over_cases("advice", [5, "acme.risk", [5]])
def test_advice_that_is_no_list(advice):
    """
    What is no list of names is refused.
    """
    with pytest.raises(PluginError, match="its advice is no list of names"):
        Plugins(plugin("acme", {"salesflow_score": lambda: ()}, advice=advice))


def test_an_early_warning_on_a_name_that_nothing_answers_to():
    """
    A misspelt name of a plugin's finding is a warning that names the right one.
    """
    acme = plugin("acme", {"salesflow_check_risks": lambda: [Finding("acme.sleepy", "clear")]}, advice=["acme.sleepy"])

    def on(name: str) -> Definition:
        return attrs.evolve(SHORT, warnings=(EarlyWarning("early", name, fire=0.5),))

    (found,) = check_definition(on("acme.slepy"), plugins=[acme]).warnings

    assert ("warnings[0].on", "warning.unsourced") == (found.path, found.code)
    assert "Did you mean 'acme.sleepy'?" in found.hint
    assert () == check_definition(on("acme.sleepy"), plugins=[acme]).warnings
