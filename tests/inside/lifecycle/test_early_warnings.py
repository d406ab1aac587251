"""
One early warning, evaluated step by step.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow._lifecycle.early_warnings import evaluate_warning, measure
from salesflow.dossier import RaisedWarning
from salesflow.typing import EarlyWarning, Finding, Score

from ...cases import over_cases
from ...risks.factory import Story
from ...risks.make_pipeline import START, make_pipeline


HEAT = EarlyWarning("hot", "heat", 0.8, clear=0.5)
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)


def hour(number):
    return START + timedelta(hours=number)


def run(warning, *values):
    """
    Evaluate a warning every hour; return its states and the hours in which somebody was told.
    """
    state, states, told = None, [], []
    for number, value in enumerate(values):
        state, tell = evaluate_warning(warning, state, value, hour(number))
        states.append(state)
        told += [number] * tell
    return states, told


def actives(states):
    return "".join("x" if state.active else "-" for state in states)


@over_cases(
    ("warning", "values", "expected", "told"),
    [
        (HEAT, (0.7, 0.8, 0.9, 0.6, 0.5, 0.4, 0.9), "-xxxx-x", [1, 6]),
        (HEAT, (0.9, None, 0.6, 0.4, None, 0.6, 0.8), "xxx---x", [0, 6]),
        (attrs.evolve(HEAT, op="le", fire=0.2, clear=0.5), (0.3, 0.2, 0.5, 0.6, 0.3), "-xx--", [1]),
        (attrs.evolve(HEAT, clear=None), (0.8, 0.79, 0.8), "x-x", [0, 2]),
        (attrs.evolve(HEAT, evaluations=3), (0.8, 0.9, 0.7, 0.8, 0.8, 0.8, 0.8), "-----xx", [5]),
        (attrs.evolve(HEAT, evaluations=2), (0.8, None, 0.8, 0.1), "--x-", [2]),
        (attrs.evolve(HEAT, cool_down="3h"), (0.9, 0.1, 0.9, 0.9, 0.9), "x-xxx", [0, 3]),
        (attrs.evolve(HEAT, cool_down="3h"), (0.9, 0.1, 0.9, 0.1, 0.9), "x-x-x", [0, 4]),
        (HEAT, (), "", []),
    ],
)
def test_evaluations(warning, values, expected, told):
    """
    It is raised at one threshold and cleared beyond the other; one alert for each time, after the cool-down.
    """
    states, hours = run(warning, *values)

    assert (expected, told) == (actives(states), hours)


@given(st.lists(st.floats(0.5, 0.7999), max_size=12), st.booleans())
def test_it_never_flaps(values, on):
    """
    Between the two thresholds nothing changes, whatever the value does.
    """
    state = RaisedWarning("hot", active=on, since=START, last_alert_at=START)
    for number, value in enumerate(values):
        after, tell = evaluate_warning(HEAT, state, value, hour(number))

        assert (state.active, False) == (after.active, tell)
        state = after


@given(VALUES, st.integers(1, 3), st.integers(0, 4))
def test_one_alert_for_each_time(values, evaluations, pause):
    """
    There are never more alerts than times it was raised, none within the cool-down, and none while it is off.
    """
    states, told = run(attrs.evolve(HEAT, evaluations=evaluations, cool_down=f"{pause}h"), *values)
    raised = sum(
        one == "x" and before == "-" for before, one in zip("-" + actives(states), actives(states), strict=False)
    )

    assert len(told) <= raised
    assert all(later - earlier >= pause for earlier, later in pairwise(told))
    assert all(states[number].active for number in told)


@pytest.mark.traced
@given(VALUES)
def test_evaluating_again_at_the_same_time(values):
    """
    A second evaluation at the same time changes nothing more.
    """
    warning = attrs.evolve(HEAT, evaluations=2)
    state = None
    for number, value in enumerate(values):
        state, _ = evaluate_warning(warning, state, value, hour(number))

        assert (state, False) == evaluate_warning(warning, state, value, hour(number))


def test_what_is_measured():
    """
    A score gives its value, a check its strongest signal; what was not asked, or cannot be told, gives none.
    """
    pipeline = make_pipeline()
    checks, ctx = pipeline.lifecycle.risk_checks, Story(stage="lead").context()
    findings = [
        Finding("a", "fired", signal=0.2),
        Finding("a", "fired", signal=0.7),
        Finding("a", "unknown"),
        Finding("b", "unknown"),
        Finding("c", "clear"),
    ]
    scores = [Score("heat", 60.0), Score("cold", None)]
    names = ("heat", "cold", "a", "b", "c", "partner_delay", "nobody")

    assert [60.0, None, 0.7, None, 0.0, 0.0, None] == [measure(one, scores, findings, checks, ctx) for one in names]
