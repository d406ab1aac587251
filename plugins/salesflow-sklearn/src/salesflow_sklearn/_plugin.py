"""
The plugin object: a model as a plugin, for hosts that configure everything where the lifecycle is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from salesflow import Project, hookimpl
from salesflow.errors import InputError, in_two_languages
from salesflow.scores import Score

from ._scorer import SklearnScorer


def _named(_instance: object, _attribute: object, value: SklearnScorer) -> None:
    if not value.name.startswith("sklearn."):
        raise InputError(
            "name of a score",
            value.name,
            in_two_languages(
                "A plugin's scores begin with its name: sklearn.win.", "插件的评分名须以插件名开头，如 sklearn.win。"
            ),
        )


@attrs.frozen
class SklearnPlugin:
    """
    Gives the score of a model to every project: ``load_lifecycle(…, plugins=[SklearnPlugin(model)])``.

    Args:
        scorer: the model; its name begins with ``sklearn.``.
        lifecycle: only projects of this lifecycle are scored; by default all.
    """

    name: ClassVar[str] = "sklearn"

    scorer: SklearnScorer = attrs.field(validator=_named)
    lifecycle: str | None = None

    @property
    def version(self) -> str:
        """
        The first digits of the model's digest, kept with every score.
        """
        return self.scorer.digest[7:19]

    @property
    def advice(self) -> tuple[str, ...]:
        """
        What its score is called, for early warnings that watch it.
        """
        return (self.scorer.name,)

    @hookimpl
    def salesflow_score(self, project: Project) -> Iterable[Score]:
        """
        Score a project that is neither won nor lost.
        """
        if self.lifecycle in (None, project.lifecycle):
            score = self.scorer.of_project(project)
            if score is not None:
                yield score
