"""
The context of navigation (project, pipeline, actor, time) and the error where a transition stays refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.project import Project
from ..._model.values import Actor
from ..._model.verdict import Verdict
from ..._pipeline.pipeline import Pipeline
from ...errors import SalesflowError
from .remedies import DEFAULT_ACTOR, Means


class StuckError(SalesflowError):
    """
    A transition could not be taken, whatever its remedies said.

    Attributes:
        transition: its id.
        stage: where the project stood.
        verdicts: the verdicts that still block, of this transition only.
        tried: what was done, one sentence each.
        outcomes: the outcomes that it needs, where only an earlier transition can set them.
        chosen: the transition that was chosen instead, when another candidate of the trigger was.
    """

    transition: str
    stage: str
    verdicts: tuple[Verdict, ...]
    tried: tuple[str, ...]
    outcomes: tuple[str, ...]
    chosen: str | None

    def __init__(
        self,
        transition: str,
        stage: str,
        verdicts: Iterable[Verdict] = (),
        *,
        tried: Iterable[str] = (),
        outcomes: Iterable[str] = (),
        chosen: str | None = None,
        cause: str = "",
    ) -> None:
        self.transition = transition
        self.stage = stage
        self.verdicts = tuple(verdicts)
        self.tried = tuple(tried)
        self.outcomes = tuple(outcomes)
        self.chosen = chosen
        why = [f"{verdict.spec.use_id}: {verdict.message()}" for verdict in self.verdicts]
        if chosen is not None:
            why.append(f"{chosen!r} comes first and was chosen instead.")
        if cause:
            why.append(cause)
        lines = [f"transition {transition!r} cannot be taken from stage {stage!r}:"]
        lines += [f"  - {each}" for each in why]
        lines.append(f"  tried: {'; '.join(self.tried) or 'nothing, no remedy could be followed'}.")
        bare = dict.fromkeys(verdict.spec.use_id for verdict in self.verdicts if not verdict.missing)
        if bare:
            lines.append(
                f"  No remedy is named by {', '.join(bare)}. Let the guard name one, or pass help= that cures it."
            )
        else:
            lines.append("  Pass values= or help= if a remedy lacks what only you know.")
        super().__init__("\n".join(lines))


def at_any_time(pipeline: Pipeline) -> Pipeline:
    """
    Return a pipeline on the same store that takes any time: tests go ahead of its clock.
    """
    runtime = pipeline._runtime  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- part of no call
    if runtime.ahead == timedelta.max:
        return pipeline
    free = object.__new__(type(pipeline))
    free.__dict__.update(pipeline.__dict__, _runtime=attrs.evolve(runtime, ahead=timedelta.max))
    return free


@attrs.define
class NavigationContext:
    """
    One project under navigation, and what navigation may use.

    Attributes:
        pipeline: through which everything is written, as by any other caller.
        means: values, people and help that may be used besides remedies.
        actor: who acts where no guard asks for another role.
        at: the current time of the navigation; it moves on when a remedy says to wait.
        ticks: whether deadlines are acted on when time passes.
        alone: whether the actor tries to approve as well, before others are asked.
        probes: whether field values are tried out where no remedy helps.
    """

    pipeline: Pipeline = attrs.field(converter=at_any_time)
    project_id: str
    means: Means = Means()  # noqa: RUF009 -- frozen
    actor: Actor = DEFAULT_ACTOR
    at: datetime = attrs.field(kw_only=True)
    ticks: bool = attrs.field(default=False, kw_only=True)
    alone: bool = attrs.field(default=False, kw_only=True)
    probes: bool = attrs.field(default=True, kw_only=True)

    @property
    def project(self) -> Project:
        """
        The project as it stands.
        """
        return self.pipeline.get(self.project_id)

    @property
    def lifecycle(self) -> Lifecycle:
        """
        The lifecycle of the project.
        """
        return self.pipeline.lifecycle_of(self.project)

    def wait(self, until: datetime) -> None:
        """
        Move the time on; a time in the past changes nothing.
        """
        self.at = max(self.at, until)
        if self.ticks:
            self.pipeline.tick(self.at)
