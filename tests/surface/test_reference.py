"""
The reference pages say what the code says, of every public name; and so does ``help()``.
"""

from __future__ import annotations

import inspect
import json
import pydoc
from importlib import import_module

import attrs
import pytest

from salesflow import Fact, check_definition, dossier, effects, guards, risks, scores
from salesflow.plugins import hookspecs

from ..cases import over_cases
from .docstrings import taken_apart
from .generated import HOOKS, PAGES, named, rewritten
from .reference import USES, attributes
from .stored_facts import BODIES, stored


DOORS = {
    "salesflow": {"__version__", "errors", "hookimpl"},
    "salesflow.calendars": {"BUILT_IN"},
    "salesflow.dossier": {"BUILT_IN", "CHOICES", "PLANS"},
    "salesflow.effects": set(),
    "salesflow.errors": set(),
    "salesflow.exchange": set(),
    "salesflow.guards": set(),
    "salesflow.insight": {"REASONS"},
    "salesflow.plugins": {"hookimpl"},
    "salesflow.results": set(),
    "salesflow.risks": set(),
    "salesflow.scores": set(),
    "salesflow.stores": set(),
    "salesflow.typing": set(),
}
"""The public rooms, each with the names that the text of a page explains. The testing kit has a page of its own."""

USED = (*guards.BUILT_IN, *effects.BUILT_IN, *scores.BUILT_IN, *risks.BUILT_IN)
CALLED = [(kind.name, kind) for kind in USED] + [(kind.__name__, kind) for kind in dossier.BUILT_IN]
CALLED += [(hook, getattr(hookspecs, hook)) for hook in HOOKS]
each_noun = over_cases("kind", [*dossier.BUILT_IN, Fact, *map(type, BODIES)], ids=lambda kind: kind.__name__)


@pytest.mark.untraced
@over_cases("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_read_off_the_code(page):
    """
    A page says of each name what the code says.
    """
    text = page.read_text("utf-8")

    assert rewritten(text) == text, "run make docs"


@over_cases("door", DOORS)
def test_every_public_name_is_on_a_page(door):
    """
    No public name is without a section.
    """
    shown = {name.rpartition(".")[2] for page in PAGES for name in named(page.read_text("utf-8"))}
    shown |= {kind.name for kind in USED}

    assert [] == [name for name in import_module(door).__all__ if name not in shown | DOORS[door]]


def test_their_parameters_have_names():
    """
    What is called has parameters of its own: none is a mapping of whatever else is given.
    """
    found = [(name, each) for name, thing in CALLED for each in inspect.signature(thing).parameters.values()]

    assert [] == [
        f"{name}: {each}" for name, each in found if each.kind is each.VAR_KEYWORD or each.name in ("args", "kwargs")
    ]


def test_help_shows_every_parameter():
    """
    ``help()`` shows the parameters, also where there are many.
    """
    found = [(name, thing, pydoc.render_doc(thing, renderer=pydoc.plaintext)) for name, thing in CALLED]

    assert [] == [
        f"{name}: {each}"
        for name, thing, shown in found
        for each in inspect.signature(thing).parameters
        if f"{each}:" not in shown
    ]


@over_cases("kind", [guards.Guard, effects.EffectKind, risks.AdviceKind])
def test_help_of_the_class_is_its_own(kind):
    """
    The class behind them has a docstring and a signature as well.
    """
    assert "use by name" in kind.__doc__
    assert ["name", "factory"] == [*inspect.signature(kind).parameters][:2]


@each_noun
def test_every_attribute_has_a_meaning(kind):
    """
    The docstring says what each attribute is.
    """
    told = {"id": "", **taken_apart(kind.__doc__)[1]["Attributes"]}

    assert [] == [name for name, *_ in attributes(kind) if name not in told]


@over_cases("body", BODIES, ids=lambda body: type(body).__name__)
def test_the_json_of_a_fact_has_every_part(body):
    """
    The JSON on the page leaves nothing out.
    """
    assert len(attrs.fields(type(body))) == len(json.loads(stored()[type(body)])["body"])


def test_the_examples_build():
    """
    The definition from which the examples are taken has neither faults nor warnings.
    """
    report = check_definition(USES)

    assert ((), ()) == (report.faults, report.warnings)


def test_everything_has_an_example():
    """
    The definition with every part uses each guard, effect, score and risk check on a line of its own.
    """
    uses = USES.read_text("utf-8")

    assert [] == [kind.name for kind in USED if f'\n  {{ use = "{kind.name}"' not in uses]
