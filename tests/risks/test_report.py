"""
What all checks of a project come to, and what holds for every check.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, strategies as st

from salesflow import check_definition, risks
from salesflow.dossier import RaisedWarning, Risk
from salesflow.risks import Level, make_matrix, matrix_of, report_of
from salesflow.scores import noisy_or
from salesflow.typing import AdviceUse, Finding, Label

from ..cases import over_cases
from .factory import NOW, STAGES, Story, ask, project_of
from .make_pipeline import START, definition, make_pipeline


PAGE = Path(__file__).parents[2] / "docs" / "reference" / "risks.md"
NEEDED = {"skill_gap": {"skills": {"price": 1}}}
SIGNALS = st.lists(st.floats(0, 1), max_size=6).map(tuple)
every_check = over_cases("check", risks.BUILT_IN, ids=lambda check: check.name)


def finding(signal=0.5, level="medium", status="fired"):
    return Finding("x", status, signal=signal, level=level)


def test_there_are_28():
    """
    All checks are known under their own names, each once.
    """
    names = [check.name for check in risks.BUILT_IN]

    assert 28 == len(set(names)) == len(names)
    assert all(getattr(risks, name) in risks.BUILT_IN for name in names)


@every_check
def test_a_check_is_documented(check):
    """
    It says what it looks for, its parameters are annotated, and its row in the reference names them all.
    """
    hints = get_type_hints(check.factory)
    (row,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{check.name}` |")]
    named = [part.split("`")[1] for part in row.split(" | ")[2].split("; ")]

    assert inspect.cleandoc(check.__doc__).splitlines()[0].endswith(".")
    assert {*inspect.signature(check.factory).parameters, "return"} == set(hints)
    assert list(inspect.signature(check.factory).parameters) == named


@over_cases("label", [label for check in risks.BUILT_IN for label in check.codes.values()])
def test_every_code_speaks_two_languages(label):
    """
    Both languages are there, and both end as sentences do.
    """

    assert ((), True, True) == (label.missing(), label.en.endswith("."), label.zh.endswith("。"))


@every_check
def test_a_bare_project_is_answered(check):
    """
    Without any data a check answers in declared words, in every stage, or says nothing.
    """
    found = [
        (stage.id, one.code) for stage in STAGES for one in ask(check, Story(stage=stage.id), NEEDED.get(check.name))
    ]

    assert [] == [each for each in found if each[1] in ("advice.raised", "advice.malformed")]


@every_check
def test_a_definition_can_use_it(check):
    """
    Every check can be named in a definition with its defaults.
    """
    use = AdviceUse(check.name, NEEDED.get(check.name, {}))

    assert () == tuple(check_definition(definition(risks=(use,))).faults)


def test_the_golden_score():
    """
    Signals of 0.3, 0.5 and 0.2 come to 72.
    """
    found = report_of(project_of(Story()), NOW, [finding(0.3), finding(0.5), finding(0.2)], make_matrix())

    assert (72.0, "medium") == (found.score, found.level)


@given(SIGNALS, st.floats(0, 1))
def test_one_more_signal_only_raises_it(signals, more):
    """
    The score stays between 0 and 100, and no further signal lowers it.
    """
    project = project_of(Story())
    before, after = (
        report_of(project, NOW, [finding(one) for one in given], make_matrix()).score
        for given in (signals, (*signals, more))
    )

    assert 0 <= before <= after <= 100
    assert pytest.approx(100 * noisy_or(signals), abs=0.01) == before


def test_the_level():
    """
    It is the worst of what fired and of the open risks; what is clear or unknown does not count.
    """
    bad, over = Risk("r", probability=5, impact=5), Risk("r", probability=5, impact=5, status="occurred")
    quiet = finding(0, "critical", "unknown")
    levels = [
        report_of(project_of(Story(*entries)), NOW, found, make_matrix()).level
        for entries, found in (
            ((), ()),
            ((), [quiet]),
            ((over,), [finding(level="high")]),
            ((bad,), [finding(), quiet]),
        )
    ]

    assert [None, None, "high", "critical"] == levels
    assert {*get_args(Level)} > {level for level in levels if level}


def test_cells_and_lists():
    """
    Open risks lie in their cells; fired, unknown and active warnings have lists of their own.
    """
    story = Story(
        Risk("a", probability=2, impact=3),
        Risk("b", probability=2, impacts={"cost": 3, "time": 1}),
        Risk("c", probability=2, impact=3, status="closed"),
        RaisedWarning("on", active=True),
        RaisedWarning("off"),
    )
    found = report_of(project_of(story), NOW, [finding(), finding(status="unknown")], make_matrix())

    assert {(2, 3): ("a", "b")} == {cell: tuple(risk.id for risk in held) for cell, held in found.cells.items()}
    assert (1, 1, ["on"]) == (len(found.fired), len(found.unknown), [one.id for one in found.warnings])


def test_the_matrix_of_a_definition():
    """
    The first risk_matrix among the checks says how risks are rated; without one it is the usual way.
    """
    use = AdviceUse("risk_matrix", {"levels": {"high": 2}, "combine": "average_scores", "fire_at": "low"})

    assert make_matrix({"high": 2}, (), "average_scores") == matrix_of((AdviceUse("rotting"), use))
    assert make_matrix() == matrix_of((AdviceUse("rotting"),))


@pytest.mark.requirement("A35")
def test_the_risks_of_a_project():
    """
    A pipeline asks the checks of the definition and rates the register by its matrix.
    """
    pipeline = make_pipeline(risks=(AdviceUse("no_next_step"), AdviceUse("risk_matrix", {"levels": {"critical": 6}})))
    pipeline.add("P-1", Risk("r", probability=2, impact=3))
    found = pipeline.risks("P-1")

    assert ("P-1", START, "critical", 46.8) == (found.project_id, found.at, found.level, found.score)
    assert ["no_next_step", "risk_matrix"] == [one.check for one in found.fired]


def test_a_parameter_that_cannot_be():
    """
    What a check refuses is a fault of the definition, at its place.
    """
    (fault,) = check_definition(definition(risks=(AdviceUse("rotting", {"days": 0}),))).faults

    assert ("risks[0]", "advice.parameter_value") == (fault.path, fault.code)
    assert Label() == Finding("x", "clear").action
