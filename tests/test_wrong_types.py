"""
Arguments of the wrong kind: whatever is handed to a public call, only errors of the library come out of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import salesflow as sf
from salesflow.errors import SalesflowError

from .pipeline_factory import AMOUNT, LEAD, NOW, make_pipeline


class Odd:
    """An object that is none of what anybody expects."""


WRONG = [
    None,
    5,
    -1,
    2.5,
    float("nan"),
    True,
    "",
    "x\0y",
    "\ud800",
    b"x",
    [],
    [5],
    (),
    {},
    {"a": 5},
    {5: "a"},
    {1, 2},
    Odd,
    Odd(),
    Decimal("NaN"),
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001 -- it has no zone on purpose
    timedelta(days=-1),
    iter([5]),
    lambda: 5,
]


OPTIONS = ("actor", "at", "key", "expected_version", "backfill", "ahead")


def parameters(call: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a call, with those that it passes on instead of ``**options`` and ``**request``."""
    found: dict[str, inspect.Parameter] = {}
    for name, each in inspect.signature(call).parameters.items():
        if name == "options":
            found |= {key: it for key, it in inspect.signature(sf.Pipeline.fire).parameters.items() if key in OPTIONS}
        elif name == "query":
            kind = inspect.Parameter.KEYWORD_ONLY
            asked = ("stage", "owner", "outcome", "parent", "where")
            found |= {key: inspect.Parameter(key, kind, default=None) for key in asked}
        elif name == "request":
            found |= {key: it for key, it in parameters(sf.Lifecycle.decide).items() if it.default is not it.empty}
        elif name != "self":
            found[name] = each
    return found


def tried(call: Callable[..., Any], usual: Mapping[str, Any], skip: Container[str] = ()) -> list[str]:
    """Put each wrong value in the place of each parameter; return what came out besides errors of the library."""
    found = []
    known = parameters(call)
    given = {
        name: usual[name]
        for name, each in known.items()
        if each.default is each.empty and each.kind is not each.VAR_POSITIONAL
    }
    for name in known.keys() - skip:
        for wrong in WRONG:
            try:
                if known[name].kind is inspect.Parameter.VAR_POSITIONAL:
                    result = call(*given.values(), wrong)
                elif known[name].kind is inspect.Parameter.POSITIONAL_ONLY:
                    result = call(wrong)
                else:
                    result = call(**{**given, name: wrong})
                if inspect.isgenerator(result):
                    next(result, None)
            except SalesflowError:
                pass
            except Exception as error:  # noqa: BLE001 -- it is what the test looks for
                found.append(f"{name}={wrong!r}: {type(error).__name__}: {error}"[:160])
    return found


def methods(kind: type[Any]) -> list[str]:
    """The public methods of a class."""
    return [name for name in dir(kind) if not name.startswith("_") and inspect.isfunction(getattr(kind, name))]


def pipeline_with_deal() -> sf.Pipeline:
    """A pipeline with one project."""
    pipeline = make_pipeline()
    pipeline.open("A deal", id="P-1", fields={"amount": AMOUNT, "owner": "li.wei"})
    return pipeline


USUAL = {
    "project_id": "P-1",
    "name": "A deal",
    "trigger": "touch",
    "at": NOW,
    "actor": LEAD,
    "kind": "goal",
    "entry_id": "g",
    "risk_id": "r",
    "fields": {},
    "to": "won",
}


@pytest.mark.parametrize("name", methods(sf.Pipeline))
def test_calls_of_a_pipeline(name):
    """
    Every method of a pipeline, with every wrong value in the place of every argument.
    """
    pipeline = pipeline_with_deal()

    assert [] == tried(getattr(pipeline, name), {**USUAL, "project": pipeline.get("P-1")})


@pytest.mark.parametrize("name", methods(sf.Lifecycle))
def test_calls_of_a_lifecycle(name):
    """
    Every method of a lifecycle that takes something from a user; the project itself comes from the library.
    """
    pipeline = pipeline_with_deal()
    usual = {
        **USUAL,
        "project": pipeline.get("P-1"),
        "stage_id": "lead",
        "transition_id": "touch",
        "host": dict,
        "accepted": pipeline.decide("P-1", "touch"),
        "due": None,
    }
    skip = {"project", "accepted", "due", "definition", "compiled", "contributions", "plugins", "clock", "again"}

    assert name in ("of", "pass_deadline") or [] == tried(getattr(pipeline.lifecycle, name), usual, skip)


@pytest.mark.parametrize("name", methods(sf.Project))
def test_calls_of_a_project(name):
    """
    Every method of a project.
    """
    assert [] == tried(getattr(pipeline_with_deal().get("P-1"), name), {**USUAL, "stage": "lead"})


@pytest.mark.parametrize("call", [sf.build_lifecycle, sf.check_definition, sf.load_definition, sf.load_lifecycle])
def test_loading(call):
    """
    Every way to load a definition.
    """
    assert [] == tried(call, USUAL)


PARTS = {
    sf.Field: {"id": "x"},
    sf.Stage: {"id": "x"},
    sf.Transition: {"id": "x", "source": "lead"},
    sf.Definition: {"id": "x"},
}


@pytest.mark.parametrize("noun", PARTS, ids=lambda noun: noun.__name__)
def test_definitions_in_python(noun):
    """
    What does not fit in a definition that is written in Python is a fault of it, and never an error of Python.
    """

    def checked(**given: Any) -> object:
        made = noun(**given)
        if noun is sf.Definition:
            return sf.check_definition(made)
        key = f"{noun.__name__.lower()}s"
        return sf.check_definition(sf.Definition("whole", **{key: [made]}))

    found = []
    for name in parameters(noun):
        for wrong in WRONG:
            try:
                checked(**{**PARTS[noun], name: wrong})
            except SalesflowError:
                pass
            except Exception as error:  # noqa: BLE001 -- it is what the test looks for
                found.append(f"{name}={wrong!r}: {type(error).__name__}: {error}"[:160])

    assert [] == found


@pytest.mark.parametrize("value", [sf.Money, sf.Actor])
def test_values(value):
    """
    Every value that a user makes.
    """
    usual = {"name": "li", "amount": "5", "currency": "CNY"}

    assert [] == tried(value, usual)
