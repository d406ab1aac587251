"""
The five-by-five matrix of risks: probability times impact, and the level that a table gives the pair.

Both scales are ordinal: 4 is more than 2, but not twice as much. Multiplying them is a convention,
so the table of levels can be replaced, and the pair is always kept beside the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

from ..errors import InputError, nearest, say
from .argument_types import explain_types
from .frozen import FrozenDict, noun
from .values import Label


Level: TypeAlias = Literal["low", "medium", "high", "critical"]
"""How bad a risk is."""

Combine: TypeAlias = Literal["highest", "average_impacts", "average_scores"]
"""How several impacts of one risk come to one."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""The levels, mildest first."""

LEVEL_NAMES: Final[Mapping[Level, Label]] = FrozenDict(
    {
        "low": Label("low", "低"),
        "medium": Label("medium", "中"),
        "high": Label("high", "高"),
        "critical": Label("critical", "严重"),
    }
)
"""Their displayed names."""

BANDS: Final[Mapping[str, int]] = FrozenDict({"medium": 5, "high": 10, "critical": 15})
"""The lowest score of each level above ``low``, unless a definition says otherwise."""

_STEPS: Final = range(1, 6)


def worst(levels: Iterable[Level]) -> Level | None:
    """
    Return the worst of some levels, or ``None`` if there are none.

    >>> worst(["low", "high", "medium"])
    'high'
    """
    return max(levels, key=LEVELS.index, default=None)


@noun
class Rating:
    """
    The place of a risk in the matrix.

    Attributes:
        probability: 1 to 5, and *impacts* the impacts, each 1 to 5, as they were given.
        impact: the column of the combined impacts.
        score: 1 to 25; with averaged scores it may lie between two cells.
    """

    probability: int
    impacts: tuple[int, ...]
    impact: int
    score: float
    level: Level


@noun
class Matrix:
    """
    A table with a level for each pair.

    Attributes:
        rows: by probability 1 to 5; in each row the levels of impact 1 to 5.
        combine: how several impacts are combined: the *highest*; the average of the impacts, rounded
            (*average_impacts*); or the average of the scores (*average_scores*), whose level is the
            one of the next cell up.
    """

    rows: tuple[tuple[Level, ...], ...]
    combine: Combine = "highest"

    def level(self, probability: int, impact: int) -> Level:
        """
        Return the level of one pair, each 1 to 5.

        Raises:
            InputError: for any other number.
        """
        return self.rows[_step("probability", probability)][_step("impact", impact)]

    @explain_types
    def rate(self, probability: int, impacts: Sequence[int]) -> Rating:
        """
        Return where a risk with these impacts stands.

        Raises:
            InputError: for a probability or an impact other than 1 to 5, or no impact.
        """
        if not impacts:
            raise InputError("impacts", impacts, say("input.between", low=1, high=len(_STEPS)))
        _step("probability", probability)
        for each in impacts:
            _step("impact", each)
        total, count = sum(impacts), len(impacts)  # in whole numbers, so that nothing is rounded twice
        score: float
        if self.combine == "average_scores":
            impact, score = -(-total // count), probability * total / count
        else:
            impact = max(impacts) if self.combine == "highest" else (2 * total + count) // (2 * count)
            score = probability * impact
        return Rating(probability, tuple(impacts), impact, score, self.level(probability, impact))


@explain_types
def make_matrix(
    bands: Mapping[str, int] = BANDS, table: Sequence[Sequence[str]] = (), combine: Combine = "highest"
) -> Matrix:
    """
    Return the matrix of some bands of scores, or of a table of levels.

    Args:
        bands: the lowest score of each level above ``low``.
        table: in place of bands, five rows (probability 1 to 5) of five levels (impact 1 to 5).

    Raises:
        InputError: for an unknown level, a table that is not five by five, or a level that falls
            as probability or impact grows.
    """
    rows = tuple(_row(row) for row in table) if table else _banded(bands)
    if [len(row) for row in rows] != [len(_STEPS)] * len(_STEPS):
        raise InputError("table", table, say("param.matrix"))
    for line in (*rows, *zip(*rows, strict=True)):
        if list(line) != sorted(line, key=LEVELS.index):
            raise InputError("levels", line, say("param.falling"))
    return Matrix(rows, combine)


def _step(what: str, value: int) -> int:
    """
    Return the index of a step from 1 to 5.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value not in _STEPS:
        raise InputError(what, value, say("input.between", low=1, high=len(_STEPS)))
    return value - 1


def _known(level: str) -> Level:
    for one in LEVELS:
        if one == level:
            return one
    raise InputError("level", level, say("input.choice", known=LEVELS, near=nearest(level, LEVELS)))


def _row(levels: Iterable[str]) -> tuple[Level, ...]:
    found: list[Level] = [_known(level) for level in levels]
    return tuple(found)


def _banded(bands: Mapping[str, int]) -> tuple[tuple[Level, ...], ...]:
    floors: dict[Level, int] = {_known(name): lowest for name, lowest in bands.items()}

    def level(score: int) -> Level:
        given: list[Level] = [name for name in floors if score >= floors[name]]
        return worst(given) or "low"

    ordered = [floors[name] for name in LEVELS if name in floors]
    if ordered != sorted(ordered):
        raise InputError("bands", dict(bands), say("param.bands"))
    return tuple(tuple(level(probability * impact) for impact in _STEPS) for probability in _STEPS)
