"""
Warnings are told once, and hold nothing up.
"""

from __future__ import annotations

import pytest

import salesflow as sf
from salesflow import Stage, Transition, guards, templates
from salesflow._definition.check_graph import check_warnings

from ...factory import STAGES, definition


def codes(written: sf.Definition) -> list[tuple[str, str, str]]:
    """
    Return path, code and severity of each warning.
    """
    return [(one.path, one.code, one.severity) for one in check_warnings(written)]


def test_a_shadowed_transition_is_told_once():
    """
    However many stages it is shadowed in, a transition is told once, with the first of them.
    """
    first = Transition("first", ("start", "middle"), "won", trigger="x")
    second = Transition("second", ("start", "middle"), "lost", trigger="x", guards=[guards.fields_present("owner")])
    warnings = list(check_warnings(definition(first, second)))

    assert [("transitions[4]", "transition.shadowed")] == [(one.path, one.code) for one in warnings]
    assert "'second' is never chosen from stage 'start'" == warnings[0].problem
    assert "'first' comes first with the same trigger and no blocking guard; reorder or guard it." == warnings[0].hint


def test_a_fall_is_told_with_its_numbers():
    """
    The text names both stages and both numbers; only forward ways are looked at.
    """
    stages = (Stage("start", "open", probability=0.5), Stage("middle", probability=0.25), *STAGES[2:])
    written = definition(Transition("skip", "start", "middle", kind="exit"), stages=stages)
    (warning,) = check_warnings(written)

    assert "the probability falls from 0.5 in 'start' to 0.25 in 'middle'" == warning.problem
    assert [("transitions[0]", "probability.falls", "warning")] == codes(written)


@pytest.mark.untraced
def test_the_built_in_lifecycles_are_clean():
    """
    What salesflow brings has neither faults nor warnings.
    """
    reports = [sf.check_definition(name) for name in templates.BUILT_IN]

    assert [((), ())] * len(reports) == [(report.faults, report.warnings) for report in reports]
