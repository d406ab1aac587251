"""
The decorator behind scorers and checks of risks.
"""

from __future__ import annotations

from salesflow._model.advice import advises
from salesflow.scores import Score, scorer
from salesflow.typing import AdviceUse, Label


CODES = {"card.torn": Label("The card {card} is torn.", "评分卡 {card} 已损坏。")}


@advises("toy", codes=CODES)
def toy(field, *, most=100):
    """
    Score a field.
    """
    return lambda ctx: Score("toy", float(min(ctx.project.fields.get(field, 0), most)))


def test_a_kind_makes_uses():
    """
    Calling a scorer as a function gives what a definition says of it, and its docstring is that of the factory.
    """
    assert AdviceUse("toy", {"field": "size", "most": 5}) == toy("size", most=5)
    assert "Score a field." == toy.__doc__.strip()
    assert scorer is advises
