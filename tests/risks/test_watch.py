"""
Early warnings: raised, cleared and told, once, and recorded in one fact.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow._lifecycle.early_warnings import evaluate_warning, measure
from salesflow._model.frozen import EMPTY
from salesflow.dossier import Activity, RaisedWarning, Risk
from salesflow.errors import InputError, VersionConflictError
from salesflow.stores import MemoryStore
from salesflow.typing import AdviceUse, Changed, EarlyWarning, Finding, Score

from .factory import Story
from .make_pipeline import ACTION, LI, START, Clock, make_pipeline, quiet


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


@pytest.mark.parametrize(
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


def test_a_warning_is_raised_and_cleared():
    """
    What changed is one fact; a second look at the same state writes nothing.
    """
    clock = Clock()
    pipeline = make_pipeline(quiet(to=("role:sales_director",), level="high"), clock=clock)
    raised, again = pipeline.watch("P-1"), pipeline.watch("P-1")
    clock.later(hours=1)
    pipeline.add("P-1", Activity("call", at=START + timedelta(days=3), owner="li.wei"))
    cleared = pipeline.watch("P-1")

    assert [("quiet", "raised", 0.3)] == [(one.warning, one.kind, one.value) for one in raised.alerts]
    assert ([("quiet", "high")], 2) == ([(one.id, one.level) for one in raised.active], raised.written.fact.version)
    assert (None, (), raised.active) == (again.written, again.alerts, again.active)
    assert [("quiet", "cleared", 0.0)] == [(one.warning, one.kind, one.value) for one in cleared.alerts]
    assert ((), clock.now) == (cleared.active, pipeline.get("P-1").all(RaisedWarning)[0].cleared_at)


def test_somebody_is_told():
    """
    The notice goes to whom the warning names, with what is recommended, in the same commit.
    """
    pipeline = make_pipeline(quiet(to=("owner",)))
    pipeline.watch("P-1")
    sent = []
    pipeline.deliver(lambda notice, _id: sent.append(notice) or True)

    assert [(("owner",), "quiet", 2)] == [(one.to, one.topic, one.version) for one in sent]
    assert ("no_next_step", 0.3, ACTION) == tuple(sent[0].params[name] for name in ("on", "value", "action"))


def test_a_risk_is_opened_and_a_plan_activated():
    """
    Both are in the fact of the warning; a risk that is there is left alone.
    """
    warning = quiet(open_risk={"title": "Nobody cares", "probability": 4, "impact": 3}, activate="delay")
    pipeline = make_pipeline(warning)
    pipeline.add("P-1", Risk("delay", contingency="Plan B."))
    report = pipeline.watch("P-1")
    risks = {risk.id: risk for risk in pipeline.get("P-1").all(Risk)}

    assert (3, "quiet", "delay") == (report.written.fact.version, report.alerts[0].opened, report.alerts[0].activated)
    assert (12, True) == (risks["quiet"].score, risks["delay"].contingency_active)
    assert isinstance(report.written.fact.body, Changed)


@pytest.mark.parametrize(
    ("held", "opened", "status"),
    [
        (Risk("old", "Mine", status="monitored"), None, "monitored"),
        (Risk("old", "Mine", status="occurred"), None, "occurred"),
        (Risk("old", "Mine", status="closed"), "old", "identified"),
    ],
)
def test_a_known_risk(held, opened, status):
    """
    Only a risk that was closed is opened anew.
    """
    pipeline = make_pipeline(quiet(open_risk={"id": "old", "title": "Again"}))
    pipeline.add("P-1", held)
    report = pipeline.watch("P-1")

    assert (opened, status) == (report.alerts[0].opened, pipeline.get("P-1").all(Risk)[0].status)


@pytest.mark.parametrize(
    "held",
    [
        Risk("other", contingency="Plan B."),
        Risk("delay"),
        Risk("delay", contingency="Plan B.", contingency_active=True),
        Risk("delay", contingency="Plan B.", status="closed"),
    ],
)
def test_nothing_to_activate(held):
    """
    A plan that is not there, is active already, or is of a closed risk is not activated; the alert says none.
    """
    pipeline = make_pipeline(quiet(activate="delay"))
    pipeline.add("P-1", held)

    assert pipeline.watch("P-1").alerts[0].activated is None
    assert (held,) == pipeline.get("P-1").all(Risk)


def test_a_plan_of_the_risk_that_is_opened():
    """
    A warning may open a risk and activate its plan at once; the risk is put once.
    """
    pipeline = make_pipeline(quiet(open_risk={"contingency": "Call."}, activate="quiet"))
    body = pipeline.watch("P-1").written.fact.body

    assert (2, True) == (len(body.changes), pipeline.get("P-1").all(Risk)[0].contingency_active)


def test_scores_are_watched():
    """
    A warning may be on a score, also of the pipeline's own scorers; what cannot be told is named.
    """

    def heat(ctx):
        return Score("heat", ctx.project.fields.get("heat"), high=1.0)

    pipeline = make_pipeline(HEAT, EarlyWarning("cold", "nobody", 1), scorers=(heat,))
    before = pipeline.watch("P-1")
    pipeline.update("P-1", {"heat": 0.9})
    after = pipeline.watch("P-1")

    assert (("hot", "cold"), None) == (before.unknown, before.written)
    assert (("cold",), ["hot"]) == (after.unknown, [one.id for one in after.active])


def test_clearing_by_hand():
    """
    A warning that a person cleared is raised again while the reason lasts.
    """
    clock = Clock()
    pipeline = make_pipeline(quiet(), clock=clock)
    pipeline.watch("P-1")
    pipeline.add("P-1", RaisedWarning("quiet"))
    clock.later(hours=1)

    assert ["raised"] == [one.kind for one in pipeline.watch("P-1").alerts]


@pytest.mark.parametrize("warnings", [(), (quiet(),)])
def test_nothing_is_watched_at_the_end(warnings):
    """
    In a final stage, and without warnings, nothing is evaluated or recorded.
    """
    pipeline = make_pipeline(*warnings)
    pipeline.fire("P-1", "win")
    report = pipeline.watch("P-1")

    assert (None, (), ()) == (report.written, report.alerts, report.unknown)


def test_counting_is_remembered():
    """
    Evaluations in a row are counted in the dossier, so that any process may go on.
    """
    clock = Clock()
    pipeline = make_pipeline(quiet(evaluations=2), clock=clock)
    first = pipeline.watch("P-1")
    clock.later(hours=1)
    second = pipeline.watch("P-1")

    assert ((), 1) == (first.alerts, first.written.project.all(RaisedWarning)[0].evaluations)
    assert ["raised"] == [one.kind for one in second.alerts]


class Overtaken:
    """A store in which somebody else is faster once, just before a fact is committed."""

    def __init__(self, inner):
        self.inner, self.before = inner, None

    def commit(self, commit):
        first, self.before = self.before, None
        if first is not None:
            first()
        return self.inner.commit(commit)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_a_lost_race_is_evaluated_again():
    """
    After a lost race the warning is evaluated on the project as it stands then.
    """
    store = Overtaken(MemoryStore())
    pipeline = make_pipeline(quiet(), store=store)
    store.before = lambda: pipeline.add("P-1", Activity("call", at=START + timedelta(days=3), owner="li.wei"))
    report = pipeline.watch("P-1")

    assert (None, (), 2) == (report.written, report.active, pipeline.get("P-1").version)


def test_a_lost_race_with_a_version():
    """
    With an expected version the caller hears of it.
    """
    store = Overtaken(MemoryStore())
    pipeline = make_pipeline(quiet(), store=store)
    store.before = lambda: pipeline.update("P-1", {"heat": 0.1})

    with pytest.raises(VersionConflictError):
        pipeline.watch("P-1", expected_version=1)


def test_a_key_is_used_once():
    """
    Repeating a call with its key gives what the first one stored, and alerts nobody again.
    """
    pipeline = make_pipeline(quiet())
    first = pipeline.watch("P-1", key="round-1")
    again = pipeline.watch("P-1", key="round-1")

    assert (first.written.fact, True, ()) == (again.written.fact, again.written.replayed, again.alerts)
    assert first.active == again.active


def test_norms_are_handed_on():
    """
    Checks that compare with closed projects get the norms that watch is given.
    """
    pipeline = make_pipeline(
        EarlyWarning("slow", "stage_overstay", 0.3), risks=(AdviceUse("stage_overstay", {"needed": 2}),)
    )

    assert ("slow",) == pipeline.watch("P-1", norms=pipeline.norms()).unknown


def test_no_project():
    """
    A project that is not there is an error, as in every other call.
    """
    with pytest.raises(InputError):
        make_pipeline(quiet()).watch("P-1", actor=None, at="now")  # type: ignore[arg-type]

    assert (EMPTY, "li.wei") == (quiet().open_risk, LI.name)
