"""Following a path: taking its moves with the remedies of the testing kit."""

from __future__ import annotations

from salesflow import Pipeline
from salesflow.results import PathAhead
from salesflow.testing._navigate.attempt import take
from salesflow.testing._navigate.context import NavigationContext


def follow(pipeline: Pipeline, project_id: str, found: PathAhead) -> None:
    """Take the moves of a path, each once its remedies are done."""
    context = NavigationContext(pipeline, project_id, at=pipeline.get(project_id).updated_at)
    for step in found.steps:
        take(context, context.lifecycle.transition(step.transition), step.given)
