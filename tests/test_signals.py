"""
Signals from outside with what follows them, and early warnings that the worker evaluates at their rhythm.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow import dossier as d, effects, risks
from salesflow.errors import DefinitionError, InputError, ProjectLockedError
from salesflow.typing import Changed, EarlyWarning, SignalRule

from .cases import over_cases
from .equipment import STORES, Clock


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
LI = sf.Actor("li.wei")
DAY = timedelta(days=1)
QUIET = EarlyWarning("quiet", "no_next_step", 0.3, every="daily 08:00", to=["owner"])
DEAL = sf.Definition(
    "deal",
    calendar="weekdays",
    fields=[sf.Field("owner")],
    stages=[sf.Stage("lead", "open"), sf.Stage("bid"), sf.Stage("won", "won")],
    transitions=[
        sf.Transition("bid", "lead", "bid"),
        sf.Transition("adjust", "bid", "lead", kind="loop", label={"en": "Adjust", "zh": "调整"}),
        sf.Transition("win", ("lead", "bid"), "won", outcome="won"),
        sf.Transition("again", "won", "lead", kind="reopen", outcome="undecided"),
    ],
    risks=[risks.no_next_step(), risks.risk_matrix()],
)


def make(clock=None, store=None, **changes):
    """A pipeline with one project, P-1, in the stage bid."""
    lifecycle = sf.build_lifecycle(attrs.evolve(DEAL, **changes))
    pipeline = sf.Pipeline(lifecycle, actor=LI, clock=clock or Clock(), store=store)
    pipeline.open("Metro", id="P-1", fields={"owner": "li.wei"})
    pipeline.fire("P-1", "bid")
    return pipeline


def sent(pipeline):
    """What people were told."""
    found = []
    pipeline.deliver(lambda notice, _id: found.append(notice) or True)
    return found


# Signals


@pytest.mark.requirement("D60", "E23")
def test_a_signal_offers_a_loop():
    """
    A new need offers the loop back to whoever owns the project; taking it is what was decided on the signal.
    """
    pipeline = make(signals=[SignalRule(["need", "market"], offer="adjust")])
    done = pipeline.signal("P-1", "need", text="Two more lines", evidence="mail of 2 March")
    (notice,) = sent(pipeline)
    pipeline.fire("P-1", "adjust")
    (decided,) = pipeline.get("P-1").all(d.Signal)
    seen = d.Signal(
        "need-3",
        "Two more lines",
        category="need",
        evidence="mail of 2 March",
        offers="adjust",
        by="li.wei",
        seen_at=NOW,
    )

    assert (seen,) == done.project.all(d.Signal)
    assert attrs.evolve(seen, decided_at=NOW, decided_by="li.wei", decision="adjust") == decided
    assert ("adjust", ("owner",), "Two more lines") == (notice.topic, notice.to, notice.params["about"])
    assert "“Two more lines”" in notice.text()
    assert pipeline.get("P-1") == sf.replay(pipeline.history("P-1"))


def test_an_offer_that_does_not_lead_on():
    """
    Where the loop is not open from the stage, or the kind is another, the signal is only recorded.
    """
    pipeline = make(signals=[SignalRule(["need"], offer="adjust", to=[])])
    pipeline.signal("P-1", "market", signal_id="prices")
    pipeline.signal("P-1", "need", signal_id="quiet")
    pipeline.fire("P-1", "adjust")
    pipeline.signal("P-1", "need", signal_id="late")

    assert {"prices": "", "quiet": "adjust", "late": ""} == {
        each.id: each.offers for each in pipeline.get("P-1").all(d.Signal)
    }
    assert [] == sent(pipeline)


@pytest.mark.requirement("B26")
def test_a_signal_has_the_risks_assessed_again():
    """
    The early warnings are evaluated in the same fact, and effects run: an issue and a task to assess the register.
    """
    rule = SignalRule(
        ["market", "partner", "competitor"],
        reassess=True,
        effects=[effects.open_issue(severity="high"), effects.create_task("Assess the risks again")],
    )
    quiet = attrs.evolve(QUIET, every="", open_risk={"title": "Nobody cares"})
    pipeline = make(signals=[rule], warnings=[quiet])
    fact = pipeline.signal("P-1", "partner", text="Their factory burns", signal_id="fire").fact
    project = pipeline.get("P-1")

    assert (3, Changed) == (fact.version, type(fact.body))
    (issue,) = project.all(d.Issue)
    assert ("Metro", "high", "signal:fire", "li.wei") == (issue.title, issue.severity, issue.origin, issue.owner)
    assert ["Assess the risks again"] == [each.title for each in project.all(d.Task)]
    assert [("quiet", True)] == [(each.id, each.active) for each in project.all(d.RaisedWarning)]
    assert [("Nobody cares", "check")] == [(each.title, each.identified_by) for each in project.all(d.Risk)]
    assert ["quiet"] == [each.topic for each in sent(pipeline)]


def test_a_signal_that_cannot_be():
    """
    Another kind, a text that is none and a final stage are refused; a key gives the stored fact.
    """
    pipeline = make()
    with pytest.raises(InputError, match="Did you mean 'market'"):
        pipeline.signal("P-1", "markets")
    with pytest.raises(InputError, match="evidence="):
        pipeline.signal("P-1", "market", evidence=5)
    first = pipeline.signal("P-1", "market", key="k")
    assert (first.fact, True) == (
        (again := pipeline.signal("P-1", "market", key="k")).fact,
        again.replayed,
    )
    pipeline.fire("P-1", "win")
    with pytest.raises(ProjectLockedError):
        pipeline.signal("P-1", "market")


@pytest.mark.requirement("D61")
def test_research_leads_to_a_project():
    """
    What research has found opens a project of its own, which names where it comes from and has the research with it.
    """
    pipeline = make()
    plan = d.ResearchPlan("rail", findings="Cities build lines.", opportunity="Signalling for new lines")
    pipeline.add("P-1", plan)
    child = pipeline.open(plan.opportunity, parent="P-1", fields={"owner": "li.wei"}, entries=[plan])

    assert ("Signalling for new lines", "P-1", "lead", (plan,)) == (
        child.name,
        child.parent,
        child.stage,
        child.all(d.ResearchPlan),
    )


@over_cases(
    ("changes", "code", "path"),
    [
        ({"signals": [SignalRule(["weather"])]}, "value.choice", "signals[0].kinds"),
        ({"signals": [SignalRule(["need"], offer="adjsut")]}, "transition.unknown", "signals[0].offer"),
        ({"signals": [SignalRule(["need"], effects=[{"use": "x"}])]}, "effect.unknown", "signals[0].effects[0].use"),
        ({"warnings": [attrs.evolve(QUIET, every="dayly")]}, "cadence.every", "warnings[0].every"),
        ({"warnings": [attrs.evolve(QUIET, every="every 2d after bid")]}, "warning.every", "warnings[0].every"),
        ({"warnings": [attrs.evolve(QUIET, open_issue={"titel": 1})]}, "warning.issue", "warnings[0].open_issue"),
    ],
)
def test_a_definition_that_cannot_be(changes, code, path):
    """
    What is wrong is a fault with its place.
    """
    if code == "effect.unknown":
        changes = {"signals": [SignalRule(["need"], effects=[sf.typing.EffectUse("x")])]}
    with pytest.raises(DefinitionError) as wrong:
        sf.build_lifecycle(attrs.evolve(DEAL, **changes))

    assert (code, path) in [(each.code, each.path) for each in wrong.value.report.faults]


def test_signals_and_rhythms_in_a_file():
    """
    What is dumped reads back equal.
    """
    rule = SignalRule(["need"], offer="adjust", reassess=True, to=["team"], effects=[effects.open_issue("Look")])
    definition = attrs.evolve(DEAL, signals=[rule], warnings=[attrs.evolve(QUIET, open_issue={"title": "Quiet"})])

    for form in ("toml", "json"):
        assert definition == sf.load_definition(text=sf.dump_definition(definition, format=form))


# Rhythms


@pytest.mark.requirement("A07")
@pytest.mark.parametrize("store", STORES)
def test_a_warning_at_its_rhythm(store, tmp_path):
    """
    The worker evaluates it once for each of its times, by itself, and opens the issue; on days of rest it does not.
    """
    clock, kept = Clock(), STORES[store](tmp_path)
    warning = attrs.evolve(QUIET, evaluations=2, open_issue={"title": "Nobody calls"})
    pipeline = make(clock, kept, warnings=[warning])
    found = []
    for day in range(1, 5):
        clock.now = NOW + day * DAY
        found.append((pipeline.tick().done, pipeline.tick().done, len(pipeline.get("P-1").all(d.Issue))))
    clock.now = NOW + 6 * DAY  # a Sunday: Friday's time was the last, and that of Saturday lies on Monday
    found.append((pipeline.tick().done, pipeline.tick().done, len(pipeline.get("P-1").all(d.Issue))))
    (issue,) = pipeline.get("P-1").all(d.Issue)

    assert [(1, 0, 0), *[(1, 0, 1)] * 3] == found[:4]
    assert (0, 0, 1) == found[4]
    assert d.Issue("quiet", "Nobody calls", owner="li.wei", opened_at=NOW + 2 * DAY, origin="warning:quiet") == issue
    assert ["quiet"] == [each.topic for each in sent(pipeline)]
    kept.close()


def test_after_a_long_stop():
    """
    However many times have passed, it is evaluated once, and again at the next; two workers do not do it twice.
    """
    clock = Clock()
    pipeline = make(clock, warnings=[QUIET])
    clock.now = NOW + 30 * DAY
    first = pipeline.tick()
    version = pipeline.get("P-1").version
    other = sf.Pipeline(pipeline.lifecycle, store=pipeline.store, clock=clock, actor=LI).tick()
    clock.now += DAY
    again = pipeline.tick()

    assert (1, 0, 1) == (first.done, other.done, again.done)
    assert ("quiet", version) == (sent(pipeline)[0].topic, pipeline.get("P-1").version)


class Twice:
    """A plugin with a rule that ends after two days."""

    @sf.hookimpl
    def salesflow_recurrences(self, text):
        days = [datetime(2026, 3, day, 8) for day in (3, 4)]  # noqa: DTZ001 -- as clocks in the zone show them
        return (
            (lambda first, last: [each for each in days if first <= each.date() <= last]) if text == "twice" else None
        )


def test_a_rule_of_a_plugin_that_ends():
    """
    A plugin may say when; after its last time there is no further look, and other warnings have none of their own.
    """
    clock = Clock()
    warnings = [attrs.evolve(QUIET, every="twice"), attrs.evolve(QUIET, id="asked", every="")]
    lifecycle = sf.build_lifecycle(attrs.evolve(DEAL, warnings=warnings), plugins=[Twice()])
    pipeline = sf.Pipeline(lifecycle, actor=LI, clock=clock)
    pipeline.open("Metro", id="P-1")
    found = []
    for day in range(1, 5):
        clock.now = NOW + day * DAY
        report = pipeline.tick()
        found.append((report.done, report.void))

    assert [(1, 0), (0, 1), (0, 0), (0, 0)] == found
    assert ["quiet"] == [each.id for each in pipeline.get("P-1").all(d.RaisedWarning)]


def test_final_stages_are_not_watched():
    """
    In a final stage the look ends; once the project is reopened it begins again, and rearming sets it as well.
    """
    clock = Clock()
    pipeline = make(clock, warnings=[QUIET])
    pipeline.fire("P-1", "win")
    clock.now = NOW + DAY
    closed, none = pipeline.tick(), pipeline.tick(NOW + 3 * DAY, ahead=True)
    pipeline.fire("P-1", "again")
    clock.now = NOW + 2 * DAY
    opened = pipeline.tick()
    pipeline.rearm("P-1")
    clock.now = NOW + 3 * DAY

    assert (0, 1, 0) == (closed.done, closed.void, none.done)
    assert (1, 1) == (opened.done, pipeline.tick().done)


def test_a_warning_opens_no_second_issue():
    """
    While the issue of the last alert is open there is no other; once it is resolved, the next alert opens one.
    """
    clock = Clock()
    warning = attrs.evolve(QUIET, every="", open_issue={"title": "Nobody calls"})
    pipeline = make(clock, warnings=[warning])
    call = d.Activity("call", "call", owner="li.wei", status="planned", at=NOW + DAY)
    issues = []
    for resolve in (False, False, True, False):
        issues.append(pipeline.watch("P-1").alerts[0].issue)
        if resolve:
            pipeline.move_entry("P-1", "issue", "quiet", "resolve_issue", data={"resolution": "Called."})
        pipeline.add("P-1", call)
        pipeline.watch("P-1")
        pipeline.remove("P-1", "activity", "call")
        clock.now += timedelta(hours=1)

    assert ["quiet", None, None, "quiet-2"] == issues
    assert ["quiet", "quiet-2"] == [each.id for each in pipeline.get("P-1").all(d.Issue)]


# Risks in words


@pytest.mark.requirement("A08", "D18", "D20")
def test_what_a_risk_harms():
    """
    Impacts have types with labels, in the finding and in the report; so have responses and how a risk was found.
    """
    pipeline = make()
    pipeline.add(
        "P-1",
        d.Risk("a", probability=4, impacts={"customer_loss": 5, "financial_loss": 2}, identified_by="research"),
        d.Risk("b", probability=5, impacts={"financial_loss": 4, "weather": 1}, response_type="transfer"),
        d.Risk("c", probability=1, impact=2),
    )
    report = pipeline.risks("P-1")
    (found,) = [each for each in report.findings if each.check == "risk_matrix"]

    assert "Risk a is critical: probability 4, impact loss of the customer 5, financial loss 2" in found.message()
    assert "影响 客户流失 5, 财务损失 2" in found.message("zh")
    assert {"customer_loss": ["a"], "financial_loss": ["b", "a"], "weather": ["b"], "": ["c"]} == {
        name: [each.id for each in risks] for name, risks in report.by_impact.items()
    }
    assert ("财务损失", "转移", "市场调研") == (
        d.IMPACT_TYPES["financial_loss"].text("zh"),
        d.RESPONSE_TYPES["transfer"].text("zh"),
        d.IDENTIFIED_BY["research"].text("zh"),
    )
    with pytest.raises(InputError, match="avoid, transfer, mitigate, accept"):
        d.Risk("r", response_type="pray")
