"""
The fitting of models with scikit-learn: their export as plain numbers, and their cross-validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final, Literal, TypeAlias

from salesflow.errors import InputError, in_two_languages
from salesflow.scores import Evaluation, Record, evaluate

from ._model import Linear, Row, Tree, Trees, Weights
from ._scorer import SklearnScorer


ModelKind: TypeAlias = Literal["logistic", "boosting"]
"""The kind of model: a logistic regression, or gradient-boosted trees."""

_PULL: Final = 0.1
_TREES: Final[dict[str, Any]] = {"n_estimators": 100, "max_depth": 3, "learning_rate": 0.1, "subsample": 0.7}
_Column: TypeAlias = tuple[str, str]


def fit(
    rows: Sequence[Row],
    won: Sequence[bool],
    features: Sequence[str],
    *,
    model: ModelKind = "logistic",
    name: str = "sklearn.win",
    minimum: int = 20,
) -> SklearnScorer:
    """
    Fit a model to the outcomes of earlier projects.

    Each value of each feature is a column of its own, also ``Unknown`` and ``No``. An absent feature, or
    an empty text, has none of its columns set. The same rows give the same model.

    Args:
        rows: values by feature, for each project.
        won: whether each project was won, in the same order.
        features: the features to use.
        model: ``logistic`` (L2, C = 0.1) or ``boosting`` (100 trees, three levels deep).
        minimum: how many won and how many lost projects are needed before the model gives values.

    Raises:
        InputError: for no features, lengths that differ, or outcomes all alike.
    """
    hits = sum(won)
    if len(rows) != len(won) or not features or not 0 < hits < len(won):
        found = f"{len(rows)} rows, {hits} won of {len(won)} outcomes, {len(features)} features"
        raise InputError(
            "what to fit to",
            found,
            in_two_languages(
                "Pass features, one outcome a row, and outcomes of both kinds.",
                "请传入特征、每行一个结果，并且赢单与未赢单都要有。",
            ),
        )
    if model not in _FITTED:
        raise InputError(
            "model", model, in_two_languages(f"Use {' or '.join(_FITTED)}.", f"请使用 {'、'.join(_FITTED)} 之一。")
        )
    columns = sorted({(feature, row[feature]) for row in rows for feature in features if row.get(feature)})
    table = [[float(row.get(feature) == value) for feature, value in columns] for row in rows]
    made = _FITTED[model](columns, table, list(map(bool, won)))
    return SklearnScorer(
        name,
        tuple(features),
        made,
        won=hits,
        lost=len(won) - hits,
        minimum=minimum,
        made_by=f"scikit-learn {version('scikit-learn')}",
    )


def fit_records(
    records: Iterable[Record],
    features: Sequence[str],
    *,
    model: ModelKind = "logistic",
    name: str = "sklearn.win",
    minimum: int = 20,
) -> SklearnScorer:
    """
    Fit a model to the closed projects of a store: ``closed_records(pipeline.histories(), stages, features=…)``.

    Raises:
        InputError: as in :func:`fit`.
    """
    found = tuple(records)
    rows, won = [record.values for record in found], [record.won for record in found]
    return fit(rows, won, features, model=model, name=name, minimum=minimum)


def by_hand(weights: Weights, *, base: float = 0.0, name: str = "sklearn.by_hand") -> SklearnScorer:
    """
    Return a scorer with weights that people chose, in log-odds by feature and value.

    It needs no history. Choose the weights before you look at outcomes.
    """
    copied = {feature: dict(values) for feature, values in weights.items()}
    return SklearnScorer(name, tuple(weights), Linear(base, copied))


def cross_validate(
    rows: Sequence[Row],
    won: Sequence[bool],
    features: Sequence[str],
    *,
    model: ModelKind = "logistic",
    folds: int = 5,
    seed: int = 0,
) -> Evaluation:
    """
    Score each project by a model that was fitted without it, and compare with the outcomes.

    Rows that are equal in all features stay in one fold, whatever their outcome: a model that has seen
    the same row has memorised it.

    Raises:
        InputError: as in :func:`fit` and ``salesflow.scores.evaluate``.
    """
    alike: dict[tuple[str | None, ...], int] = {}
    groups = [alike.setdefault(tuple(row.get(feature) for feature in features), len(alike)) for row in rows]
    splitter = _sklearn("model_selection").StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    scores = [0.0] * len(rows)
    learned: list[int]
    held: list[int]
    for learned, held in splitter.split(rows, list(map(bool, won)), groups):
        part = fit(
            [rows[index] for index in learned], [won[index] for index in learned], features, model=model, minimum=0
        )
        for index in held:
            scores[index] = part.probability(rows[index])
    return evaluate(scores, won, base_rate=sum(won) / len(won))


def _sklearn(part: str) -> Any:
    # Imported here, because computing scores must not need it; and it has no type hints.
    return import_module(f"sklearn.{part}")


def _logistic(columns: Sequence[_Column], table: list[list[float]], won: list[bool]) -> Linear:
    fitted = _sklearn("linear_model").LogisticRegression(C=_PULL, solver="newton-cholesky", tol=1e-8).fit(table, won)
    weights: dict[str, dict[str, float]] = {}
    base = float(fitted.intercept_[0])
    for number, (feature, value) in enumerate(columns):
        weights.setdefault(feature, {})[value] = float(fitted.coef_[0][number])
    for feature, values in weights.items():
        # Moved so that the average project has a share of 0; projects without a value have none to move.
        counts = [sum(row[number] for row in table) for number, one in enumerate(columns) if one[0] == feature]
        if sum(counts) == len(table):
            mean = sum(count * weight for count, weight in zip(counts, values.values(), strict=True)) / len(table)
            weights[feature] = {value: weight - mean for value, weight in values.items()}
            base += mean
    return Linear(base, weights)


def _boosting(columns: Sequence[_Column], table: list[list[float]], won: list[bool]) -> Trees:
    fitted = _sklearn("ensemble").GradientBoostingClassifier(random_state=0, **_TREES).fit(table, won)
    rate = float(fitted.learning_rate)
    trees = tuple(_tree(one[0].tree_, columns, rate) for one in fitted.estimators_)
    # The rest, which no tree adds, is the constant that boosting started with.
    start = float(fitted.decision_function(table[:1])[0]) - sum(tree.value(_row(table[0], columns)) for tree in trees)
    return Trees(start, trees)


def _row(line: Sequence[float], columns: Sequence[_Column]) -> dict[str, str]:
    return {feature: value for (feature, value), there in zip(columns, line, strict=True) if there}


def _tree(tree: Any, columns: Sequence[_Column], rate: float) -> Tree:
    leaf = [left < 0 for left in tree.children_left]
    return Tree(
        tuple(None if ends else columns[int(asked)] for ends, asked in zip(leaf, tree.feature, strict=True)),
        tuple(int(node) for node in tree.children_left),
        tuple(int(node) for node in tree.children_right),
        tuple(rate * float(value) for value in tree.value[:, 0, 0]),
    )


_Fitter: TypeAlias = Callable[[Sequence[_Column], list[list[float]], list[bool]], Linear | Trees]
_FITTED: Final[dict[str, _Fitter]] = {"logistic": _logistic, "boosting": _boosting}
