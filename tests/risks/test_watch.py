"""
Early warnings: raised, cleared and told, once, and recorded in one fact.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesflow.dossier import Activity, RaisedWarning, Risk
from salesflow.errors import InputError, VersionConflictError
from salesflow.stores import MemoryStore
from salesflow.typing import AdviceUse, Changed, EarlyWarning, Score

from ..cases import over_cases
from ..past import put_past
from .make_pipeline import ACTION, LI, START, Clock, make_pipeline, quiet


HEAT = EarlyWarning("hot", "heat", 0.8, clear=0.5)


@pytest.mark.requirement("A28")
def test_a_warning_is_raised_and_cleared():
    """
    What changed is one fact; a second look at the same state writes nothing.
    """
    clock = Clock()
    pipeline = make_pipeline(quiet(to=("role:sales_director",), level="high"), clock=clock)
    raised, again = pipeline.watch("P-1"), pipeline.watch("P-1")
    clock.later()
    pipeline.add("P-1", Activity("call", at=START + timedelta(days=3), owner="li.wei"))
    cleared = pipeline.watch("P-1")

    assert [("quiet", "raised", 0.3)] == [(one.warning, one.kind, one.value) for one in raised.alerts]
    assert ([("quiet", "high")], 2) == ([(one.id, one.level) for one in raised.active], raised.written.fact.version)
    assert (None, (), raised.active) == (again.written, again.alerts, again.active)
    assert [("quiet", "cleared", 0.0)] == [(one.warning, one.kind, one.value) for one in cleared.alerts]
    assert ((), clock.now) == (cleared.active, pipeline.get("P-1").all(RaisedWarning)[0].cleared_at)


@pytest.mark.requirement("A28", "B14")
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


@pytest.mark.requirement("A27")
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


@over_cases(
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
    put_past(pipeline, "P-1", held)
    report = pipeline.watch("P-1")

    assert (opened, status) == (report.alerts[0].opened, pipeline.get("P-1").all(Risk)[0].status)


@over_cases(
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
    put_past(pipeline, "P-1", held)

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
    clock.later()

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
    clock.later()
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

    assert ({}, "li.wei") == (quiet().open_risk, LI.name)
