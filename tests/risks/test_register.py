"""
The checks on the register: matrix, expected loss, residual risk.
"""

from __future__ import annotations

import pytest

from salesflow import Money
from salesflow.dossier import Risk
from salesflow.risks import residual, risk_exposure, risk_matrix

from ..cases import over_cases
from .factory import Story, ask, said


GRAVE = Risk("grave", probability=4, impact=4)
SMALL = Risk("small", probability=2, impact=2)
MIDDLE = Risk("middle", probability=3, impact=3)


@over_cases(
    ("risks", "params", "expected"),
    [
        ([], {}, []),
        ([Risk("r", probability=5, impact=5, status="closed")], {}, []),
        ([SMALL], {}, ["clear risk.rated"]),
        ([SMALL], {"fire_at": "low"}, ["fired low risk.rated"]),
        ([SMALL, MIDDLE], {}, ["fired medium risk.rated"]),
        ([GRAVE, MIDDLE], {}, ["fired critical risk.rated"]),
        ([GRAVE], {"levels": {"medium": 10, "high": 17}}, ["fired medium risk.rated"]),
        ([GRAVE], {"table": [["low"] * 5] * 4 + [["high"] * 5]}, ["clear risk.rated"]),
        ([Risk("r", probability=2, impacts={"cost": 1, "time": 4})], {}, ["fired medium risk.rated"]),
        (
            [Risk("r", probability=2, impacts={"cost": 1, "time": 4})],
            {"combine": "average_impacts"},
            ["fired medium risk.rated"],
        ),
        (
            [Risk("r", probability=2, impacts={"cost": 1, "time": 2})],
            {"combine": "average_scores"},
            ["clear risk.rated"],
        ),
    ],
)
def test_matrix(risks, params, expected):
    """
    The worst open risk counts, by the table and the way of combining that the definition says.
    """

    assert expected == said(risk_matrix, Story(*risks), params)


def test_the_raw_pair_is_kept():
    """
    The evidence has the pair of every open risk beside its score and level.
    """
    (found,) = ask(risk_matrix, Story(GRAVE, SMALL))

    assert (0.64, "grave") == (found.signal, found.evidence["risk"])
    assert {"probability": 2, "impacts": (2,), "score": 4, "level": "low"} == found.evidence["cells"]["small"]
    assert "风险 grave 的等级为 严重：概率 4，影响 4，评分 16。" == found.message("zh")


def test_a_monitored_risk_is_what_is_left_of_it():
    """
    Once the response is carried out, the residual pair counts.
    """
    answered = Risk("r", probability=5, impact=5, residual_probability=1, residual_impact=2)

    assert ["fired critical risk.rated"] == said(risk_matrix, Story(answered))
    assert ["clear risk.rated"] == said(
        risk_matrix,
        Story(Risk("r", probability=5, impact=5, residual_probability=1, residual_impact=2, status="monitored")),
    )


def costing(name, probability, amount, currency="CNY"):
    return Risk(name, probability=probability, exposure=Money(amount, currency))


@over_cases(
    ("risks", "params", "expected", "exposure"),
    [
        ([SMALL], {}, [], None),
        ([costing("a", 1, "1000"), costing("b", 5, "100")], {}, ["clear exposure.total"], "190 CNY"),
        ([costing("a", 3, "1000")], {"limit": "500 CNY"}, ["clear exposure.total"], "500 CNY"),
        ([costing("a", 3, "1000")], {"limit": Money("499", "CNY")}, ["fired high exposure.high"], "500 CNY"),
        ([costing("a", 3, "1000")], {"shares": (0, 0, 1, 1, 1)}, ["clear exposure.total"], "1000 CNY"),
        ([costing("a", 3, "1000"), costing("b", 1, "5", "EUR")], {}, ["unknown exposure.mixed"], None),
        ([costing("a", 3, "1000")], {"limit": "500 EUR"}, ["unknown exposure.mixed"], None),
    ],
)
def test_exposure(risks, params, expected, exposure):
    """
    The expected loss is the sum of share times amount, in one currency; it fires above a limit only.
    """
    found = ask(risk_exposure, Story(*risks), params)

    assert expected == said(risk_exposure, Story(*risks), params)
    assert exposure is None or Money.parse(exposure) == found[0].evidence["exposure"]


@over_cases("shares", [(0.5,) * 4, (0, 0, 0, 0, 1.1), (-0.1, 0, 0, 0, 0)])
def test_shares_that_cannot_be(shares):
    """
    There is one share for each probability, from 0 to 1.
    """
    with pytest.raises(ValueError, match="give five numbers from 0 to 1"):
        risk_exposure.factory(shares=shares)


@over_cases(
    ("left", "expected"),
    [
        ({}, []),
        ({"residual_impact": 2}, ["clear residual.told"]),
        ({"residual_probability": 3}, ["fired high residual.told"]),
    ],
)
def test_residual(left, expected):
    """
    Both levels are told of each risk with a residual pair; it fires where the response does too little.
    """

    assert expected == said(residual, Story(Risk("r", probability=4, impact=4, **left)))


def test_residual_of_several():
    """
    Risks that are over are left out, and the raw pairs are kept.
    """
    story = Story(
        Risk("a", probability=5, impact=5, residual_probability=4, residual_impact=4),
        Risk("b", probability=5, impact=5, residual_probability=1, residual_impact=1, status="closed"),
    )
    (found,) = ask(residual, story)

    assert (0.64, "After the response, a is critical (before: critical).") == (found.signal, found.message())
    assert ((5,), (4,)) == (found.evidence["raw"]["impacts"], found.evidence["residual"]["impacts"])
