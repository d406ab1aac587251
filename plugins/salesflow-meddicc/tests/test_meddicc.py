"""
What the plugin brings does what the README says.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest
import salesflow_meddicc as meddicc
from salesflow_meddicc import Contact, Element, Meddicc, plugin

import salesflow as sf
from salesflow.errors import InputError
from salesflow.insight import Portfolio
from salesflow.plugins import Plugins
from salesflow.stores import JournalStore
from salesflow.typing import Remedy


NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
BUYER = Contact("wang", "economic_buyer", name="Wang Fang", evidence="signs the budget", spoken_on=date(2026, 3, 2))
CHAMPION = Contact("zhao", "champion", name="Zhao Min", evidence="sent us the criteria", spoken_on=date(2026, 3, 6))
ELEMENTS = tuple(
    Element(letter, 3, evidence="written down")
    for letter in ("metrics", "decision_criteria", "decision_process", "identify_pain", "competition")
)


@pytest.fixture
def pipeline():
    """
    A pipeline of the plugin's own lifecycle, with a clock that stands.
    """
    return sf.Pipeline(sf.load_lifecycle("meddicc.deal", plugins=[plugin]), actor=sf.Actor("li.wei"), clock=lambda: NOW)


def opened(pipeline, *entries, stage="discover"):
    """
    Return a deal with these entries; in the second stage, if that is asked for.
    """
    deal = pipeline.open("Metro line 5", id="metro-5", fields={"amount": sf.Money("1", "CNY")}, entries=entries)
    return pipeline.fire(deal.id, "qualify").project if stage == "validate" else deal


def guarded(use, *entries):
    """
    Return the verdict of one guard about a project with these entries.
    """
    definition = sf.Definition(
        "short",
        stages=[sf.Stage("offer", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "offer", "won", guards=[use])],
    )
    pipeline = sf.Pipeline(sf.build_lifecycle(definition, plugins=[plugin]), actor=sf.Actor("li.wei"))
    pipeline.open("Metro line 5", id="metro-5", at=NOW, entries=entries)
    return pipeline.decide("metro-5", "win", at=NOW).verdicts[0]


def test_definition():
    """
    The plugin's own lifecycle has neither faults nor warnings, and speaks both languages.
    """
    report = sf.check_definition("meddicc.deal", plugins=[plugin])

    assert ((), ()) == (report.faults, report.warnings)


def test_names():
    """
    Everything it brings is named after it.
    """
    plugins = Plugins(plugin)
    brought = [name for (_, name), owner in plugins.contributions.owners.items() if owner == "meddicc"]

    assert (7, []) == (len(brought), [name for name in brought if not name.startswith("meddicc.")])


@pytest.mark.parametrize(
    ("use", "role"), [(meddicc.champion(), "champion"), (meddicc.economic_buyer(), "economic_buyer")]
)
def test_persons(use, role):
    """
    A person must be named for the role, with evidence; the remedy asks for a new contact, or completes a contact.
    """
    hoped = Contact("wang", role, name="Wang Fang", evidence="  ")
    params = {"role": role, "required": ("name", "evidence")}
    known = attrs.evolve(hoped, id="zhao", evidence="said so")

    assert ("fail", (Remedy("entry", "meddicc.contact", params),)) == (guarded(use).status, guarded(use).missing)
    assert (Remedy("entry", "meddicc.contact", {"id": "wang", **params}),) == guarded(use, hoped).missing
    assert "pass" == guarded(use, hoped, known, Contact("li")).status


@pytest.mark.parametrize("use", [meddicc.champion(), meddicc.economic_buyer(), meddicc.score_at_least(50)])
def test_both_languages(use):
    """
    What is missing is said in English and in Chinese.
    """
    verdict = guarded(use)
    en, zh = verdict.message(), verdict.message("zh")

    assert (True, True, False) == (en.endswith("."), zh.endswith("。"), "{" in en + zh)


def test_score_at_least():
    """
    Too low a score asks for the fewest letters that would do; with them it passes.
    """
    weak = Element("metrics", 3)
    verdict = guarded(meddicc.score_at_least(60), weak, CHAMPION, Contact("wang", "economic_buyer"))

    assert (
        "The MEDDICC score is 27.8 of the 60 that are asked for; look at identify_pain, metrics, economic_buyer."
        == (verdict.message())
    )
    assert [
        ("meddicc.element", {"id": "identify_pain", "min_level": 3, "required": ("evidence",)}),
        ("meddicc.element", {"id": "metrics", "min_level": 3, "required": ("evidence",)}),
        ("meddicc.contact", {"id": "wang", "role": "economic_buyer", "required": ("name", "evidence")}),
    ] == [(one.name, dict(one.params)) for one in verdict.missing]
    assert "pass" == guarded(meddicc.score_at_least(60), *ELEMENTS[:1], ELEMENTS[3], BUYER, CHAMPION).status


def test_score_of_everything():
    """
    Everything that is confirmed is exactly 100, and a champion is asked for among the rest.
    """
    assert "pass" == guarded(meddicc.score_at_least(100), *ELEMENTS, BUYER, CHAMPION).status
    assert ["meddicc.contact"] == [one.name for one in guarded(meddicc.score_at_least(100), *ELEMENTS, BUYER).missing]
    assert 7 == len(guarded(meddicc.score_at_least(100)).missing)


@pytest.mark.parametrize("minimum", [0, -1, 101])
def test_minimum(minimum):
    """
    A minimum that nothing or everything meets is a fault of the definition.
    """
    with pytest.raises(sf.errors.DefinitionError, match="it must be above 0"):
        guarded(meddicc.score_at_least(minimum))


def test_stage_rule(pipeline):
    """
    Nobody enters the negotiation without a known economic buyer; the answer names the plugin.
    """
    opened(pipeline, CHAMPION, ELEMENTS[0], stage="validate")
    refused = pipeline.decide("metro-5", "propose")
    pipeline.add("metro-5", BUYER)

    assert [("meddicc.no_economic_buyer", "meddicc")] == [(one.code, one.spec.plugin) for one in refused.blocking]
    assert "economic buyer is not known" in refused.blocking[0].message()
    assert isinstance(pipeline.decide("metro-5", "propose"), sf.Accepted)


def test_stage_rule_elsewhere(pipeline):
    """
    Moves into other stages, ways out, and other lifecycles are left alone.
    """
    opened(pipeline, CHAMPION, ELEMENTS[0])
    other = sf.Pipeline(sf.load_lifecycle("simple_deal", plugins=[plugin]), actor=sf.Actor("li.wei"), clock=lambda: NOW)
    deal = other.open("Metro line 6", fields={"amount": sf.Money("1", "CNY"), "owner": "li.wei"})
    decisions = [
        pipeline.decide("metro-5", "qualify"),
        pipeline.decide("metro-5", "lose", data={"lost_reason": "price"}),
        other.decide(deal.id, other.options(deal.id)[0].trigger),
    ]

    assert [[], [], []] == [[one for one in each.verdicts if one.code.startswith("meddicc")] for each in decisions]
    assert ((), ()) == (other.score(deal.id), other.risks(deal.id).findings)


def test_settings():
    """
    For a lifecycle of your own, your own stages and numbers count.
    """
    definition = sf.Definition(
        "our_deal",
        stages=[sf.Stage("talk", "open"), sf.Stage("bid"), sf.Stage("won", "won")],
        transitions=[sf.Transition("offer", "talk", "bid"), sf.Transition("win", "bid", "won")],
    )
    ours = Meddicc({"our_deal": ("bid",)}, quiet_days=2, contacts=1)
    pipeline = sf.Pipeline(sf.build_lifecycle(definition, plugins=[ours]), actor=sf.Actor("li.wei"), clock=lambda: NOW)
    pipeline.open("Metro line 5", id="metro-5", entries=[CHAMPION])

    assert ["meddicc.no_economic_buyer"] == [one.code for one in pipeline.decide("metro-5", "offer").blocking]
    assert [("clear", ""), ("fired", "meddicc.few_contacts")] == [
        (one.status, one.code) for one in pipeline.risks("metro-5").findings
    ]


def test_score(pipeline):
    """
    The score is the weighted sum of the levels, with the share of each letter.
    """
    opened(pipeline, CHAMPION, Element("metrics", 2, evidence="7 % less"), Element("competition", 3), Contact("li"))
    [score] = pipeline.score("metro-5")
    expected = {"metrics": 2, "economic_buyer": 0, "champion": 3, "competition": 1}

    assert ("meddicc.score", round(100 * (15 * 2 + 15 * 3 + 10) / 90 / 3, 2)) == (score.name, score.value)
    assert expected == {one.factor: one.value for one in score.contributions if one.factor in expected}
    assert score.value == round(sum(one.share for one in score.contributions), 2)
    assert "meddicc" == score.plugin


@pytest.mark.parametrize(
    ("days", "status", "level"),
    [((), "fired", "high"), ((8,), "fired", "medium"), ((8, 40), "fired", "medium"), ((0, 30), "clear", "low"),
     ((-1, 31), "fired", "high")],
)  # fmt: skip
def test_single_threaded(pipeline, days, status, level):
    """
    Talks of the last 30 days count, each contact once; days to come do not.
    """
    spoken = [Contact(f"c{day + 1}", spoken_on=date.fromordinal(NOW.date().toordinal() - day)) for day in days]
    opened(pipeline, *spoken)
    finding = pipeline.risks("metro-5").findings[1]

    assert ("meddicc.single_threaded", status, level) == (finding.check, finding.status, finding.level)


def test_no_champion(pipeline):
    """
    Without a proved champion the check fires, says so in both languages, and recommends something.
    """
    opened(pipeline, Contact("zhao", "champion", name="Zhao Min"))
    finding = pipeline.risks("metro-5").findings[0]
    pipeline.add("metro-5", CHAMPION)

    assert ("fired", "high", "Nobody is known to be our champion.") == (
        finding.status,
        finding.level,
        finding.message(),
    )
    assert ("尚无得到证实的内部支持者（Champion）。", ()) == (finding.message("zh"), finding.action.missing())
    assert "clear" == pipeline.risks("metro-5").findings[0].status


@pytest.mark.parametrize(
    ("kind", "values"),
    [(Contact, ("a", "boss")), (Element, ("paper",)), (Element, ("metrics", 4)), (Element, ("metrics", True)),
     (Element, ("metrics", 2.0))],
)  # fmt: skip
def test_refused_values(kind, values):
    """
    What an entry cannot be is refused with what it can.
    """
    with pytest.raises(InputError, match="Use "):
        kind(*values)


def test_stored(tmp_path):
    """
    Entries come back from a file as they went in.
    """
    lifecycle = sf.load_lifecycle("meddicc.deal", plugins=[plugin])
    entries = (BUYER, Element("metrics", 2, evidence="7 % less"))
    with JournalStore(tmp_path, entries=(Contact, Element)) as store:
        sf.Pipeline(lifecycle, store=store, actor=sf.Actor("li.wei")).open("Metro line 5", id="m", entries=entries)
    with JournalStore(tmp_path, entries=(Contact, Element)) as store:
        project = store.head("m")

    assert entries == (*project.all(Contact), *project.all(Element))


@pytest.mark.slow
def test_qualified_share(pipeline):
    """
    Of the open deals with any letter, those with a score of 60 and more; a lost one and a blank one are out.
    """
    given = {"good": (BUYER, CHAMPION, *ELEMENTS), "weak": (BUYER,), "blank": (), "lost": (BUYER,)}
    for name, entries in given.items():
        pipeline.open(name, id=name, entries=entries)
    pipeline.fire("lost", "lose", data={"lost_reason": "price"})
    kpi = Portfolio.of(pipeline).kpi("meddicc.qualified_share")

    assert (0.5, ["good", "weak"]) == (kpi.value, sorted(kpi.evidence))


def test_example():
    """
    The example is refused, names the buyer, and goes on.
    """
    example = Path(__file__).parents[1] / "examples" / "first_deal.py"
    ran = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True)

    assert [
        "refused: The economic buyer is not known; name the person, and how we know.",
        "拒绝：尚未确认经济决策人（Economic Buyer），请写明姓名和依据。",
        "stage: negotiate",
        "score: 44.44 {'economic_buyer': 16.7, 'identify_pain': 11.1, 'champion': 16.7}",
        "meddicc.no_champion: clear ",
        "meddicc.single_threaded: fired medium",
    ] == ran.stdout.splitlines()
