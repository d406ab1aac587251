"""
The naive Bayes scorer: the probability that a project is won, from counts of how earlier projects ended.

It counts as a widely used CRM does (Odoo, predictive lead scoring), with two
differences: it is done in logarithms, and it says so where too little is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import attrs

from .._model.advice import AdviceContext, Contribution, Score
from .._model.argument_types import explain_types, is_a, items_of, tuple_of
from .._model.frozen import FrozenDict, freeze, noun
from .._model.values import Label
from ..errors import InputError, say
from ._parts import stage_of
from ._records import Record, values_of


STAGE: Final = "stage"
"""The feature that is counted by stages, as no field can be called."""

_SCHEMA: Final = 1
_CODES: Final = FrozenDict(
    {
        "one_sided": Label(
            "Nothing can be learned while all {n} closed projects ended alike.",
            "{n} 个已关闭项目结果相同，无从学习。",
        )
    }
)

Counts = Mapping[str, Mapping[str, tuple[float, float]]]
"""By feature and value: how many were won and lost, smoothing included."""


def _row(model: NaiveBayes, attribute: attrs.Attribute[Any], counts: Counts) -> None:
    try:
        numbers = [number for rows in counts.values() for pair in rows.values() for number in pair]
        counted = model.stages and counts.get(STAGE, {}).keys() >= set(model.stages)
        fit = counted and all(0 < number < math.inf for number in numbers)
    except (AttributeError, TypeError, ArithmeticError):
        raise InputError(attribute.name, counts, say("input.count_numbers")) from None
    if not fit:
        raise InputError(attribute.name, counts, say("input.counts"))


@noun(slots=False)
class NaiveBayes:
    """
    A fitted model. It is a scorer: give it to ``Pipeline(scorers=[model])``.

    Attributes:
        name: what its score is called.
        stages: the open stages in file order; a won project counts in all of them, a lost one
            in its last stage and those before.
        features: the fields that it looks at.
        counts: what it learned.
        won: how many won projects it learned from, and *lost* how many lost projects.
        minimum: how many of each it needs before it gives a value.
    """

    name: str = attrs.field(validator=is_a(str))
    stages: tuple[str, ...] = attrs.field(validator=tuple_of(str))
    features: tuple[str, ...] = attrs.field(validator=tuple_of(str))
    counts: Counts = attrs.field(converter=freeze, validator=_row)
    won: int = attrs.field(validator=is_a(int))
    lost: int = attrs.field(validator=is_a(int))
    minimum: int = attrs.field(default=10, validator=is_a(int))

    @cached_property
    def version(self) -> str:
        """
        A digest of what it learned: models that learned the same have the same digest.
        """
        rows = sorted((name, sorted(rows.items())) for name, rows in self.counts.items())
        return sha256(repr((self.stages, self.won, self.lost, rows)).encode()).hexdigest()[:12]

    @property
    def shortage(self) -> str:
        """
        Why it gives no value yet: ``insufficient_data``, ``one_sided``, or empty.
        """
        if min(self.won, self.lost) >= self.minimum:
            return ""
        return "one_sided" if (self.won > 0) != (self.lost > 0) else "insufficient_data"

    def __call__(self, ctx: AdviceContext) -> Score | None:
        if ctx.stage.final:
            return self._ended(ctx.project.outcome)
        stage = stage_of(ctx).id
        return self.score(stage, values_of(ctx.project, self.features)) if stage in self.stages else None

    @explain_types
    def score(self, stage: str, values: Mapping[str, str]) -> Score:
        """
        Return the score of a project in a stage, 0.01 to 99.99, with ``ln(P(x|won) / P(x|lost))`` by factor.

        The shares add up to ``ln(p / (1 - p))``. Values that the model has not seen are skipped.
        """
        if self.shortage:
            few = min(self.won, self.lost) if self.shortage == "insufficient_data" else self.won + self.lost
            return self._given(None, code=self.shortage, evidence={"n": few, "needed": self.minimum})
        first = self.counts[STAGE][self.stages[0]]
        prior = Label(f"{self.won} won, {self.lost} lost", f"赢单 {self.won}，丢单 {self.lost}")
        logs = [Contribution("prior", None, math.log(first[0] / first[1]), prior)]
        for name, value in {STAGE: stage, **values}.items():
            rows = self.counts.get(name, {})
            if value in rows:
                totals = first if name == STAGE else _totals(rows)
                won, lost = (count / total for count, total in zip(rows[value], totals, strict=True))
                logs.append(Contribution(name, value, math.log(won / lost)))
        percent = round(100 * _sigmoid(math.fsum(part.share for part in logs)), 2)
        return self._given(min(max(percent, 0.01), 99.99), contributions=tuple(logs))

    def _ended(self, outcome: str) -> Score | None:
        known = {"won": 100.0, "lost": 0.0}.get(outcome)
        return None if known is None else self._given(known, contributions=(Contribution("outcome", outcome),))

    def _given(self, value: float | None, **more: Any) -> Score:
        n = self.won + self.lost
        return Score(self.name, value, n=n, method="naive_bayes", version=self.version, codes=_CODES, **more)

    def data(self) -> dict[str, Any]:
        """
        Return the model as plain data for JSON; :meth:`of` reads it back.
        """
        return {"schema": _SCHEMA, "version": self.version, **attrs.asdict(self)}

    @classmethod
    def of(cls, data: Any) -> NaiveBayes:
        """
        Read what :meth:`data` gave.

        Raises:
            InputError: if it is not the data of a model, or was changed since.
        """
        try:
            counts = {
                name: {value: (float(won), float(lost)) for value, (won, lost) in rows.items()}
                for name, rows in data["counts"].items()
            }
            stages, features = tuple(data["stages"]), tuple(data["features"])
            model = cls(data["name"], stages, features, counts, data["won"], data["lost"], data["minimum"])
            same = data["schema"] == _SCHEMA and data["version"] == model.version
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError("data of a model", data, say("input.model_data", error=error)) from None
        if not same:
            hint = say("input.model_changed", version=model.version)
            raise InputError("version of a model", (data["schema"], data["version"]), hint)
        return model


def _sigmoid(odds: float) -> float:
    # Written twice, so that neither end overflows.
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))


def _totals(rows: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    return math.fsum(won for won, _ in rows.values()), math.fsum(lost for _, lost in rows.values())


def _check(records: Sequence[Record], stages: Sequence[str], features: Sequence[str], smoothing: float) -> None:
    if not stages or not 0 < smoothing < math.inf:
        raise InputError("stages and smoothing", (tuple(stages), smoothing), say("input.smoothing"))
    if STAGE in features or len(set(features)) < len(features):
        raise InputError("features", tuple(features), say("input.features_once"))
    for record in records:
        if record.stage not in stages:
            raise InputError(
                say("what.record_stage", project_id=record.project_id),
                record.stage,
                say("input.stage_list", known=stages),
            )
    empty = [feature for feature in features if not any(feature in record.values for record in records)]
    if records and empty:
        raise InputError("features", tuple(empty), say("input.features_empty"))


def fit_naive_bayes(
    records: Iterable[Record],
    stages: Sequence[str],
    *,
    features: Sequence[str] = (),
    smoothing: float = 0.1,
    minimum: int = 10,
    name: str = "win_probability",
) -> NaiveBayes:
    """
    Count how won and lost projects were, and return a model.

    Args:
        records: closed projects, see :func:`closed_records`.
        stages: ids of the open stages, in file order.
        features: the fields to look at.
        smoothing: added to every count, so that nothing is impossible; 0.1 is Odoo's.
        minimum: how many won and how many lost projects it takes before there is a value; 1 is Odoo's.

    Raises:
        InputError: for no stages, a record from another lifecycle, a feature without any value, a
            *smoothing* of 0 or less, or a *minimum* below 1.
    """
    rows = items_of("records", records, Record)
    _check(rows, stages, features, smoothing)
    if minimum < 1:
        raise InputError("minimum", minimum, say("input.won_and_lost"))
    tables: dict[str, dict[str, list[float]]] = {table: {} for table in (STAGE, *features)}
    tables[STAGE] = {stage: [smoothing, smoothing] for stage in stages}
    ended = [0, 0]
    for record in rows:
        side = 0 if record.won else 1
        ended[side] += 1
        for stage in stages if record.won else stages[: stages.index(record.stage) + 1]:
            tables[STAGE][stage][side] += 1
        for feature in features:
            if feature in record.values:
                tables[feature].setdefault(record.values[feature], [smoothing, smoothing])[side] += 1
    counts = {table: {value: (won, lost) for value, (won, lost) in seen.items()} for table, seen in tables.items()}
    return NaiveBayes(name, tuple(stages), tuple(features), counts, ended[0], ended[1], minimum)
