"""
How advisers are bound and asked: every fault at once, each on its own, and who said what.
"""

from __future__ import annotations

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, check_definition
from salesflow._definition.edges import NO_GAPS
from salesflow._lifecycle.bind_advice import ask_risk_checks, ask_scorers, bind_advice
from salesflow._lifecycle.bind_guards import DeclaredNames
from salesflow._lifecycle.contributions import Contributions
from salesflow._model.advice import AdviceKind, BoundAdvice
from salesflow._model.predicate import to_predicate
from salesflow.scores import Score, bant, meddpicc, weighted
from salesflow.typing import AdviceUse, Finding, Label

from ...cases import over_cases
from ...scores.factory import Deals


WAYS = [Transition("close", "talk", "done", outcome="won")]
STAGES = [Stage("talk", "open"), Stage("done", "closed")]


def faults(*scores, fields=()):
    """The faults of a definition with these scores."""
    report = check_definition(Definition("deal", fields=fields, stages=STAGES, transitions=WAYS, scores=scores))
    return [(fault.path, fault.code) for fault in report.faults]


def test_what_is_wrong_with_uses():
    """
    Unknown names, wrong parameters, twice the same id and an id that is none are all told at once, with their place.
    """
    found = faults(
        AdviceUse("bantt"),
        AdviceUse("meddpicc", {"crad": "x"}),
        AdviceUse("weighted", {"parts": {"a": -1}}),
        bant(),
        bant(),
        AdviceUse("bant", id="Not so"),
        AdviceUse("bant", id="rich", when={"amount": {"set": True}}),
    )

    assert [
        ("scores[0].use", "advice.unknown"),
        ("scores[1].crad", "advice.parameter_unknown"),
        ("scores[2]", "advice.parameter_value"),
        ("scores[4].id", "id.duplicate"),
        ("scores[5].id", "id.malformed"),
        ("scores[6].when", "field.undeclared"),
    ] == found


def test_hints():
    """
    An unknown name comes with those there are, and with the nearest one.
    """
    (fault,) = check_definition(
        Definition("deal", stages=STAGES, transitions=WAYS, scores=[AdviceUse("meddpic")])
    ).faults

    assert "there is no scorer 'meddpic'" == fault.problem
    assert "Did you mean 'meddpicc'?" in fault.hint


def test_fields_that_are_read_must_be_declared():
    """
    A kind says which fields it reads, and one that is not declared is a fault.
    """
    kind = AdviceKind("of_field", lambda field: lambda ctx: None, reads=lambda field: (field,))
    scope = DeclaredNames(
        Contributions(), {"size": Field("size")}, NO_GAPS, (), frozenset(), frozenset(), frozenset(), {}
    )
    told = []
    uses = [AdviceUse("of_field", {"field": "size"}), AdviceUse("of_field", {"field": "sice"}, id="two")]
    bound = bind_advice(uses, scope, "scores", {"of_field": kind}, told)

    assert [("scores[1]", "field.undeclared")] == [(fault.path, fault.code) for fault in told]
    assert ["of_field", "two"] == [adviser.name for adviser in bound]


def test_order_and_names():
    """
    Scores come in file order under the ids of their uses, and later ones see those before.
    """
    deals = Deals(
        AdviceUse("bant", id="need"), meddpicc(), weighted({"need": 1, "meddpicc": 1}), AdviceUse("health", id="pulse")
    )
    deals.deal("A")
    found = deals.pipeline.score("A")

    assert ["need", "meddpicc", "weighted", "pulse"] == [score.name for score in found]
    assert ("need", "meddpicc") == found[2].evidence["missing"]
    assert {("salesflow", "")} == {(score.plugin, score.plugin_version) for score in found}


def test_when():
    """
    A score that does not apply is not there; an unknown condition asks for it.
    """
    scores = [AdviceUse("bant", id=name, when={"is_new": answer}) for name, answer in (("yes", True), ("no", False))]
    deals = Deals(*scores)
    deals.deal("A", is_new=True)
    deals.deal("B")

    assert ["yes"] == [score.name for score in deals.pipeline.score("A")]
    assert ["yes", "no"] == [score.name for score in deals.pipeline.score("B")]


def answering(answer):
    return BoundAdvice("it", lambda ctx: answer(), codes={"own": Label("Own.")}, plugin="house", version="3")


def boom():
    yield Score("house.a", 1.0)
    raise LookupError("no register")


@over_cases(
    ("answer", "told"),
    [
        (lambda: None, []),
        (lambda: Score("house.a", 1.0), [("house.a", "")]),
        (lambda: (Score(name, 1.0) for name in ("house.a", "house.b")), [("house.a", ""), ("house.b", "")]),
        (lambda: [Score("house.a", 1.0), 7], [("house.a", ""), ("it", "int is no Score")]),
        (lambda: "yes", [("it", "str is no Score")]),
        (lambda: {"a": 1}, [("it", "dict is no Score")]),
        (boom, [("it", "LookupError: no register")]),
        (lambda: Score("house.a", 300.0), [("it", "InputError: value of score 'house.a': 300.0 is not usable.")]),
    ],
)
def test_what_scorers_answer(answer, told):
    """
    One score, many or none; everything else is a score without value that says what was wrong.
    """
    deals = Deals()
    found = ask_scorers([answering(answer), answering(lambda: Score("house.z", 2.0))], deals.context(deals.deal("A")))
    short = [(score.name, (score.error or "").partition(" Its range")[0]) for score in found]

    assert [*told, ("house.z", "")] == short
    assert {("house", "3")} == {(score.plugin, score.plugin_version) for score in found}


def test_what_checks_answer():
    """
    Findings keep their own messages or get those of the plugin; what raises is unknown.
    """
    own = {"own": Label("Mine.")}
    deals = Deals()
    found = ask_risk_checks(
        [
            answering(lambda: Finding("house.a", "fired", code="own")),
            answering(lambda: Finding("house.b", "fired", code="own", codes=own)),
            answering(lambda: 1 / 0),
            BoundAdvice("idle", lambda ctx: Finding("idle", "clear")),
            BoundAdvice("other", lambda ctx: Finding("x", "clear"), when=to_predicate({"is_new": False})),
        ],
        deals.context(deals.deal("A", is_new=True)),
    )

    assert ["Own.", "Mine.", "unknown"] == [found[0].message(), found[1].message(), found[2].status]
    assert ("idle", "salesflow") == (found[3].check, found[3].plugin)


def own(ctx):
    return [Score("first", 1.0), Score("second", 2.0)]


def test_scorers_of_the_host():
    """
    A scorer that was handed to the pipeline names its scores itself, and is named where it fails.
    """
    pipeline = Pipeline(
        build_lifecycle(Definition("deal", stages=STAGES, transitions=WAYS)),
        actor=Actor("ann"),
        scorers=[own, lambda ctx: 1 / 0],
    )
    pipeline.open("A", id="A")
    found = pipeline.score("A")

    assert [("first", "own"), ("second", "own"), ("<lambda>", "<lambda>")] == [(one.name, one.plugin) for one in found]
