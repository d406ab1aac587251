"""
Arguments of the wrong kind to the methods of what comes out of the library, and of the values that go in.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

import salesflow as sf
from salesflow import (
    calendars,
    dossier,
    effects,
    exchange,
    guards,
    insight,
    plugins,
    results,
    risks,
    scores,
    testing,
    typing,
)
from salesflow.plugins import Env, Plugins
from salesflow.plugins.directory import Directory
from salesflow.testing import rules
from salesflow.typing import Cadence, Duration, Label

from .cases import over_cases
from .equipment import NOW
from .pipeline_factory import AMOUNT, LEAD
from .wrong_values import USUAL, parameters, pipeline_with_deal, tried


class Deal:
    """An object of a host."""

    def __init__(self) -> None:
        self.stage = "lead"


SMALL = sf.build_lifecycle(
    sf.Definition(
        "small",
        stages=[sf.Stage("lead"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "lead", "won", guards=[guards.actor_has_role("boss")])],
    )
)


def nouns() -> dict[str, Any]:
    """One of each noun that has methods with arguments, by the name of its class."""
    pipeline, bound = pipeline_with_deal(), SMALL.bind(Deal, stage="stage")
    refused = bound.decide(Deal(), "win", actor=LEAD)
    fired = pipeline.fire("P-1", "touch")
    report = sf.check_definition(text='id = "x"\n[[stages]]\nid = "a"\n')
    found = [
        fired,
        fired.fact,
        fired.project,
        fired.decision,
        refused,
        refused.verdicts[0],
        *refused.verdicts[0].missing,
        *pipeline.options("P-1"),
        pipeline.history("P-1")[0],
        pipeline.agenda(NOW, NOW + timedelta(days=5)),
        pipeline.risks("P-1"),
        scores.evaluate([0.5, 0.2], [True, False], base_rate=0.5),
        pipeline.lifecycle,
        pipeline.lifecycle.wording,
        bound,
        SMALL.bind(Deal, stage="stage").fire(Deal(), "win", actor=sf.Actor("li", roles={"boss"}), apply=False),
        report,
        *report.faults,
        exchange.RowProblem(1, "x", "y"),
        typing.Score("bant", 5.0),
        typing.Finding("slow", "fired"),
        scores.fit_naive_bayes([], ["lead"]),
        AMOUNT,
        Duration(1, "bd"),
        Label("a", "b"),
        Cadence("weekly_report"),
        LEAD,
        guards.fields_present("amount"),
        effects.notify(("owner",)),
        calendars.weekdays(),
        risks.make_matrix(),
        testing.notice(),
        testing.key(),
        testing.FrozenClock(NOW),
        rules.never("won"),
        Env("TOKEN"),
        dossier.KPIS["win_rate"],
        dossier.Registration("r", "C-7", "li", NOW.date()),
        insight.Portfolio.of(pipeline),
        pipeline.stand_up()[0],
        pipeline.path("P-1", "lost"),
        Plugins(),
        Directory.load({"schema": 1, "people": [{"id": "li", "name": "Li"}]}),
    ]
    return {type(each).__name__: each for each in found}


def with_arguments(kind: type[Any]) -> Iterator[str]:
    """The public methods of a class that take arguments, those of the class itself as well."""
    for name in dir(kind):
        written = inspect.getattr_static(kind, name)
        method = isinstance(written, (classmethod, staticmethod)) or inspect.isfunction(written)
        if method and not name.startswith("_") and set(inspect.signature(getattr(kind, name)).parameters) - {"self"}:
            yield name


NOUNS = nouns()
CALLS = [(name, method) for name, noun in NOUNS.items() for method in with_arguments(type(noun))]
WHERE_THEY_ARE = (sf, results, typing, dossier, calendars, scores, risks, exchange, rules, plugins)
TESTED_ELSEWHERE = {"Pipeline", "Lifecycle"}
NOT_MADE_HERE = {"Plugin"}


@over_cases(("noun", "method"), CALLS)
def test_methods(noun, method):
    """
    Every method of every noun, with every wrong value in the place of every argument.
    """
    call = getattr(NOUNS[noun], method)
    usual = {
        **dict.fromkeys(parameters(call), "x"),
        **USUAL,
        "project": pipeline_with_deal().get("P-1"),
        "fact": NOUNS["Fact"],
        "facts": [NOUNS["Fact"]],
        "known": rules.never("won").begin(),
        "lifecycle": SMALL,
        "thing": Deal(),
        "day": NOW.date(),
        "when": NOW,
        "duration": Duration(1, "bd"),
        "probability": 1,
        "impact": 1,
        "impacts": [1],
        "by": timedelta(1),
        "source": {},
    }

    assert noun in TESTED_ELSEWHERE or [] == tried(call, usual, skip={"event", "probability"})


def public_classes(module: ModuleType) -> dict[str, type[Any]]:
    """The classes that a module offers, without errors and Protocols."""
    offered = {name: getattr(module, name) for name in module.__all__}
    return {
        name: each
        for name, each in offered.items()
        if isinstance(each, type) and not issubclass(each, Exception) and not getattr(each, "_is_protocol", False)
    }


def test_no_noun_is_left_out():
    """
    Whatever a public module offers that has methods with arguments is among them.
    """
    known = {*NOUNS, *TESTED_ELSEWHERE, *NOT_MADE_HERE}

    assert [] == [
        name
        for module in WHERE_THEY_ARE
        for name, each in public_classes(module).items()
        if each.__module__.startswith("salesflow") and name not in known and any(with_arguments(each))
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Duration(5, "w"), "unit of a duration: 'w' is not usable. Use one of m, h, d, bd, bh."),
        (lambda: Duration(-5, "d"), "amount of a duration: -5"),
    ],
)
def test_a_duration_that_is_none(make, said):
    """
    A duration has an amount from 0 on, and one of five units.
    """
    with pytest.raises(sf.errors.InputError) as caught:
        make()

    assert str(caught.value).startswith(said)
