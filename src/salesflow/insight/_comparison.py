"""
Two cohorts side by side: one figure of each, the difference, and how sure it is.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, Final, Literal

from .._model.frozen import noun
from .._model.messages import render
from .._model.values import Label
from ..scores import wilson
from ._kpi import Kpi, written


def interval_of(kpi: Kpi) -> tuple[float, float] | None:
    """
    Return the 95 % interval of a rate (Wilson); ``None`` for a figure that is not a share of cases.
    """
    above, below = kpi.numerator, kpi.denominator
    if kpi.unit != "ratio" or not isinstance(above, int) or not isinstance(below, int) or not 0 <= above <= below > 0:
        return None
    return wilson(above, below)


@noun
class Comparison:
    """
    One figure of two cohorts.

    Attributes:
        first, second: the figures, each with its evidence.
        intervals: the 95 % interval of each (Wilson); ``None`` for figures that are not shares of cases.
        difference: the first less the second; ``None`` where one has no value.
        interval: within which the difference lies with 95 % (Newcombe, Statistics in Medicine 17, 1998).
    """

    first: Kpi
    second: Kpi
    intervals: tuple[tuple[float, float] | None, tuple[float, float] | None]
    difference: Any
    interval: tuple[float, float] | None

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"]:
        """
        How the first stands to the second: ``unclear`` where the interval holds no difference, or there is none.
        """
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return "unclear"
        higher = self.interval[0] > 0
        return "better" if higher == (self.first.definition.direction == "higher") else "worse"

    def text(self, lang: str = "en") -> str:
        """
        Write it down in one line.
        """
        parts = {
            "label": self.first.label,
            "first": written(self.first.value, self.first.unit, lang),
            "second": written(self.second.value, self.second.unit, lang),
            "difference": written(self.difference, self.first.unit, lang),
            "n": self.first.n,
            "others": self.second.n,
            "verdict": _VERDICTS[self.verdict],
        }
        return render(_LINE, parts, lang)


_LINE: Final = Label(
    "{label}: {first} (n {n}) against {second} (n {others}), a difference of {difference}: {verdict}",
    "{label}：{first}（n {n}）对 {second}（n {others}），相差 {difference}：{verdict}",
)
_VERDICTS: Final = {
    "better": Label("better", "更好"),
    "worse": Label("worse", "更差"),
    "unclear": Label("not clear", "尚不明确"),
}


def compared(first: Kpi, second: Kpi) -> Comparison:
    """
    Put two figures of one KPI side by side.
    """
    one, other = interval_of(first), interval_of(second)
    if first.value is None or second.value is None:
        return Comparison(first, second, (one, other), None, None)
    difference: Any = first.value - second.value
    interval = None
    if one is not None and other is not None:
        below = sqrt((first.value - one[0]) ** 2 + (other[1] - second.value) ** 2)
        above = sqrt((one[1] - first.value) ** 2 + (second.value - other[0]) ** 2)
        interval = difference - below, difference + above
    return Comparison(first, second, (one, other), difference, interval)
