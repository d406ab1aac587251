"""
Errors about definitions, plugins, projects and moves.
"""

from __future__ import annotations

from typing import Any

from ._base import SalesflowError, shown


class DefinitionError(SalesflowError):
    """
    A definition cannot be built; ``report`` lists every fault that was found.
    """

    report: Any  # salesflow's Report; typed loosely because errors import nothing

    def __init__(self, report: Any) -> None:
        self.report = report
        super().__init__(str(report))


class PluginError(SalesflowError):
    """
    A plugin does not fit: it is named, with the hook and what to do about it.

    Attributes:
        distribution: what it was installed with, and in which version, if it was.
        argument: the argument of the hook that does not fit.
        remedy: the next step.
    """

    plugin: str
    hook: str | None
    distribution: str | None
    argument: str | None
    remedy: str

    def __init__(
        self,
        plugin: str,
        problem: str,
        *,
        remedy: str,
        hook: str | None = None,
        argument: str | None = None,
        distribution: str | None = None,
    ) -> None:
        self.plugin = plugin
        self.hook = hook
        self.distribution = distribution
        self.argument = argument
        self.remedy = remedy
        parts = (("plugin", plugin), ("distribution", distribution), ("hook", hook), ("argument", argument))
        where = ", ".join(f"{what} {name!r}" for what, name in parts if name)
        super().__init__(f"{where}: {problem} {remedy}")


class DefinitionChangedError(SalesflowError):
    """
    The definition of a lifecycle was changed under its version: it would decide otherwise than it did.

    Attributes:
        lifecycle: the id of the lifecycle.
        version: its version, under which the store knows another definition.
        project_id: the project that was to be written or decided; ``None`` for a new one.
    """

    project_id: str | None
    lifecycle: str
    version: str

    def __init__(self, lifecycle: str, version: str, project_id: str | None = None) -> None:
        self.project_id = project_id
        self.lifecycle = lifecycle
        self.version = version
        name = f"lifecycle {lifecycle!r}, version {version!r}"
        what = f"project {project_id!r} runs under {name}" if project_id else f"the store knows {name}"
        super().__init__(
            f"{what}, with another definition than the one given here. Give the changed definition a new version and "
            "pass both to the Pipeline, or restore the old one."
        )


class UnknownProjectError(SalesflowError, LookupError):
    """
    The store has no project with this id.
    """

    project_id: str

    def __init__(self, project_id: str) -> None:
        self.project_id = project_id
        super().__init__(
            f"project {shown(project_id)} is not in this store. Open it with Pipeline.open(), "
            "or look for it with Pipeline.find()."
        )


class ProjectLockedError(SalesflowError):
    """
    A project in a final stage takes no more changes.
    """

    project_id: str
    stage: str

    def __init__(self, project_id: str, stage: str) -> None:
        self.project_id = project_id
        self.stage = stage
        super().__init__(
            f"project {project_id!r} is in the final stage {stage!r} and locked. "
            "Reopen it by a transition of kind 'reopen' before changing it."
        )


class TransitionRefusedError(SalesflowError):
    """
    A transition was refused; ``decision`` is the whole :class:`~salesflow.Refused`.
    """

    decision: Any  # Refused; typed loosely because errors import nothing

    def __init__(self, decision: Any) -> None:
        self.decision = decision
        super().__init__(decision.explain("en"))


class EffectError(SalesflowError):
    """
    An effect raised, so nothing was stored; the cause is chained.
    """

    effect: str
    transition: str

    def __init__(self, effect: str, transition: str, cause: BaseException | str) -> None:
        self.effect = effect
        self.transition = transition
        why = cause if isinstance(cause, str) else f"{type(cause).__name__}: {cause}"
        super().__init__(f"effect {effect!r} of transition {transition!r} failed ({why}). Nothing was stored.")
