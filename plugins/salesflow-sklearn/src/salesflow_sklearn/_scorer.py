"""
The scorer of a model.
"""

from __future__ import annotations

import hashlib
import json
import math
from functools import cached_property
from typing import Any, Final

import attrs

from salesflow import Project
from salesflow.scores import Contribution, Score, values_of
from salesflow.typing import AdviceContext, Label

from ._model import Linear, Row, Trees


_ENDED: Final = ("won", "lost")
_NO_VALUE: Final = Label("no value", "没有值")
_NO_INFLUENCE: Final = Label("not seen before, or of no influence", "此前未出现过，或不起作用")


@attrs.frozen(slots=False)
class SklearnScorer:
    """
    A fitted model. It is a scorer: give it to ``Pipeline(scorers=[model])``.

    Attributes:
        name: the name of its score.
        features: the fields that it uses.
        won: how many won projects it was fitted to, and *lost* how many lost projects.
        minimum: how many of each are needed before it gives a value.
        made_by: the library that fitted it, with its version.
    """

    name: str
    features: tuple[str, ...]
    model: Linear | Trees
    won: int = attrs.field(default=0, kw_only=True)
    lost: int = attrs.field(default=0, kw_only=True)
    minimum: int = attrs.field(default=0, kw_only=True)
    made_by: str = attrs.field(default="hand", kw_only=True)

    @cached_property
    def digest(self) -> str:
        """
        The SHA-256 of everything that it learned; two models with the same digest give the same scores.
        """
        text = json.dumps(self.data(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def __call__(self, ctx: AdviceContext) -> Score | None:
        return self.of_project(ctx.project)

    def of_project(self, project: Project) -> Score | None:
        """
        Return the score of a project; ``None`` if it is won or lost already.
        """
        return None if project.outcome in _ENDED else self.score(values_of(project, self.features))

    def probability(self, row: Row) -> float:
        """
        Return the probability that a row is won, 0 to 1.
        """
        odds = self.model.log_odds(row)
        # Two forms, so that neither a large nor a small value overflows.
        return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))

    def score(self, row: Row) -> Score:
        """
        Return the score of a row, 0 to 100, with the share of each feature in log-odds.

        For a logistic regression the shares and ``base`` add up to the log-odds of the score. For
        boosting a share is what the score loses without the feature, and shares do not add up.
        """
        least = min(self.won, self.lost)
        if least < self.minimum:
            evidence = {"n": least, "needed": self.minimum}
            return self._as_score(None, n=self.won + self.lost, code="insufficient_data", evidence=evidence)
        shares = self.model.shares(row)
        parts = [Contribution("base", share=self.model.base)]
        for name in self.features:
            value = row.get(name)
            note = Label() if name in shares else _NO_VALUE if value is None else _NO_INFLUENCE
            parts.append(Contribution(name, value, shares.get(name, 0.0), note))
        return self._as_score(100 * self.probability(row), n=self.won + self.lost or None, contributions=tuple(parts))

    def _as_score(self, value: float | None, **about: Any) -> Score:
        method = "by_hand" if self.made_by == "hand" else self.model.method
        return Score(self.name, value, method=method, version=self.digest[7:19], **about)

    def data(self) -> dict[str, Any]:
        """
        Return it as plain data for JSON.
        """
        return {
            "name": self.name,
            "features": list(self.features),
            "model": self.model.data(),
            "won": self.won,
            "lost": self.lost,
            "minimum": self.minimum,
            "made_by": self.made_by,
        }
