"""
The fitted models as plain numbers: from a row of values they compute log-odds and shares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

import attrs

from salesflow.errors import InputError, in_two_languages


Row: TypeAlias = Mapping[str, str]
"""Values by feature. A missing feature has no value; ``Unknown`` is a value."""

Weights: TypeAlias = Mapping[str, Mapping[str, float]]
"""Weights in log-odds, by feature and value."""


@attrs.frozen
class Linear:
    """
    A logistic regression, or weights set by hand: a weight for each value of each feature.

    Attributes:
        base: the log-odds of the average project.
        weights: what a value adds to it. The average over the projects that it was fitted to is 0, so
            a share says how much better or worse than usual a value is.
    """

    method: ClassVar[str] = "logistic"

    base: float
    weights: Weights

    def log_odds(self, row: Row) -> float:
        """
        Return the natural logarithm of the odds of being won.
        """
        return self.base + math.fsum(self.shares(row).values())

    def shares(self, row: Row) -> dict[str, float]:
        """
        Return what each present feature adds to the log-odds; an unseen value adds nothing.
        """
        return {name: values[row[name]] for name, values in self.weights.items() if row.get(name) in values}

    def data(self) -> dict[str, Any]:
        """
        Return it as plain data for JSON.
        """
        weights = {name: dict(values) for name, values in self.weights.items()}
        return {"method": self.method, "base": self.base, "weights": weights}


@attrs.frozen
class Tree:
    """
    A decision tree as a list of nodes; node 0 is its root.

    Attributes:
        asks: the feature and value that a node tests, ``None`` in a leaf.
        no: the next node if the project does not have the value, and *yes* if it does.
        adds: what a leaf adds to the log-odds.
    """

    asks: tuple[tuple[str, str] | None, ...]
    no: tuple[int, ...]
    yes: tuple[int, ...]
    adds: tuple[float, ...]

    def value(self, row: Row) -> float:
        """
        Return what the leaf of a row adds.
        """
        node = 0
        while (asked := self.asks[node]) is not None:
            node = self.yes[node] if row.get(asked[0]) == asked[1] else self.no[node]
        return self.adds[node]


@attrs.frozen
class Trees:
    """
    Boosted trees, whose values add up.

    Attributes:
        base: the log-odds before any tree.
    """

    method: ClassVar[str] = "boosting"

    base: float
    trees: tuple[Tree, ...]

    def log_odds(self, row: Row) -> float:
        """
        Return the natural logarithm of the odds of being won.
        """
        return self.base + math.fsum(tree.value(row) for tree in self.trees)

    def shares(self, row: Row) -> dict[str, float]:
        """
        Return how much the log-odds fall when a feature is taken away, one at a time (occlusion).

        Features act together, so the shares do not add up to the log-odds.
        """
        whole = self.log_odds(row)
        used = {asked[0] for tree in self.trees for asked in tree.asks if asked is not None}
        return {
            name: whole - self.log_odds({key: value for key, value in row.items() if key != name})
            for name in row
            if name in used
        }

    def data(self) -> dict[str, Any]:
        """
        Return it as plain data for JSON.
        """
        trees = [
            {"asks": [asked and list(asked) for asked in tree.asks], "no": tree.no, "yes": tree.yes, "adds": tree.adds}
            for tree in self.trees
        ]
        return {"method": self.method, "base": self.base, "trees": trees}


def model_of(data: Mapping[str, Any]) -> Linear | Trees:
    """
    Return the model that ``data()`` of a model describes.

    Raises:
        InputError: if its method is unknown.
        KeyError, TypeError, ValueError: if the data is not as ``data()`` writes it.
    """
    method = data["method"]
    if method == Linear.method:
        weights = {
            str(name): {str(value): float(weight) for value, weight in values.items()}
            for name, values in data["weights"].items()
        }
        return Linear(float(data["base"]), weights)
    if method == Trees.method:
        return Trees(float(data["base"]), tuple(map(_tree, data["trees"])))
    raise InputError(
        "method of a model",
        method,
        in_two_languages(f"Use {Linear.method} or {Trees.method}.", f"请使用 {Linear.method} 或 {Trees.method}。"),
    )


def _tree(data: Mapping[str, Any]) -> Tree:
    asks = tuple(None if asked is None else (str(asked[0]), str(asked[1])) for asked in data["asks"])
    no, yes = tuple(map(int, data["no"])), tuple(map(int, data["yes"]))
    # A child always comes after its parent, so that evaluation ends and stays inside the tree.
    for node, asked in enumerate(asks):
        if asked is not None and not node < min(no[node], yes[node]) <= max(no[node], yes[node]) < len(asks):
            raise ValueError(f"node {node} of a tree leads nowhere")
    return Tree(asks, no, yes, tuple(map(float, data["adds"])))
