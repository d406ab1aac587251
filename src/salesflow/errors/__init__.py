"""
Every error that salesflow raises.

.. code-block:: text

    SalesflowError
    ├── DefinitionError            .report: every fault of a definition, at once
    ├── PluginError                .plugin, .hook
    ├── InputError (ValueError)    .what, .value, .hint: a value handed in is not usable
    │   ├── InputErrors            .problems: several of them in one call
    │   ├── CurrencyMismatchError  .left, .right
    │   ├── UnknownFieldError      .field, .known
    │   ├── UnknownTriggerError    .trigger, .open, .known
    │   └── BackfillError          .at, .last
    ├── DefinitionChangedError     .lifecycle, .version, .project_id
    ├── UnknownProjectError (LookupError)      .project_id
    ├── ProjectLockedError         .project_id, .stage
    ├── FieldLockedError           .project_id, .verdicts
    ├── TransitionRefusedError     .decision
    ├── EffectError                .effect, .transition
    ├── ListenerChainError         .listener, .project_id, .depth
    └── StoreError
        ├── VersionConflictError   .project_id, .expected, .actual
        ├── KeyReusedError         .project_id, .key
        ├── InvalidValueError      .path, .why: outside the value domain of stores
        ├── TooLargeError          .limit, .size, .what
        ├── StoreFullError (OSError)           nothing was written
        ├── StoreFailedError       a sync failed; close and reopen the store
        ├── StoreLockedError       .holder
        ├── StoreCorruptError      .place
        ├── SchemaMismatchError    .found, .wanted
        ├── StoreClosedError
        ├── StoreBusyError         nothing was written, try again
        ├── StoreUnavailableError  nothing was written
        ├── OutcomeUnknownError    .key: repeat with the same key
        ├── LeaseLostError         .work_id
        ├── ForkedHandleError
        └── UnsupportedError       .capability

A message names the thing, the value and the next step; the same parts are
attributes, so that nobody has to take a sentence apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ._base import SalesflowError, did_you_mean, few_suggestions, nearest, plain, shown
from ._stores import (
    ForkedHandleError,
    InvalidValueError,
    KeyReusedError,
    LeaseLostError,
    OutcomeUnknownError,
    SchemaMismatchError,
    StoreBusyError,
    StoreClosedError,
    StoreCorruptError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreLockedError,
    StoreUnavailableError,
    TooLargeError,
    UnsupportedError,
    VersionConflictError,
)


__all__ = [
    "BackfillError",
    "CurrencyMismatchError",
    "DefinitionChangedError",
    "DefinitionError",
    "EffectError",
    "FieldLockedError",
    "ForkedHandleError",
    "InputError",
    "InputErrors",
    "InvalidValueError",
    "KeyReusedError",
    "LeaseLostError",
    "ListenerChainError",
    "OutcomeUnknownError",
    "PluginError",
    "ProjectLockedError",
    "SalesflowError",
    "SchemaMismatchError",
    "StoreBusyError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreError",
    "StoreFailedError",
    "StoreFullError",
    "StoreLockedError",
    "StoreUnavailableError",
    "TooLargeError",
    "TransitionRefusedError",
    "UnknownFieldError",
    "UnknownProjectError",
    "UnknownTriggerError",
    "UnsupportedError",
    "VersionConflictError",
    "did_you_mean",
    "few_suggestions",
    "nearest",
    "plain",
    "shown",
]


class DefinitionError(SalesflowError):
    """
    A definition cannot be built; ``report`` lists every fault that was found.
    """

    report: Any  # salesflow's Report; typed loosely because errors import nothing

    def __init__(self, report: Any) -> None:
        super().__init__(str(report), report=report)


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
        parts = {"plugin": plugin, "distribution": distribution, "hook": hook, "argument": argument}
        where = ", ".join(f"{what} {name!r}" for what, name in parts.items() if name)
        super().__init__(f"{where}: {plain(problem)} {remedy}", remedy=remedy, **parts)


class DefinitionChangedError(SalesflowError):
    """
    The definition of a lifecycle was changed under its version: it would decide otherwise than it did.

    Attributes:
        lifecycle: the id of the lifecycle.
        version: its version, under which the store knows another definition.
        project_id: the project that was to be written or decided; ``None`` for a new one.
    """

    lifecycle: str
    version: str
    project_id: str | None

    def __init__(self, lifecycle: str, version: str, project_id: str | None = None) -> None:
        name = f"lifecycle {lifecycle!r}, version {version!r}"
        what = f"project {project_id!r} runs under {name}" if project_id else f"the store knows {name}"
        super().__init__(
            f"{what}, with another definition than the one given here. Give the changed definition a new version and "
            "pass both to the Pipeline, or restore the old one.",
            lifecycle=lifecycle,
            version=version,
            project_id=project_id,
        )


class UnknownProjectError(SalesflowError, LookupError):
    """
    The store has no project with this id.
    """

    project_id: str

    def __init__(self, project_id: str) -> None:
        super().__init__(
            f"project {shown(project_id)} is not in this store. Open it with Pipeline.open(), "
            "or look for it with Pipeline.find().",
            project_id=project_id,
        )


class ProjectLockedError(SalesflowError):
    """
    A project in a final stage takes no more changes.
    """

    project_id: str
    stage: str

    def __init__(self, project_id: str, stage: str) -> None:
        super().__init__(
            f"project {project_id!r} is in the final stage {stage!r} and locked. "
            "Reopen it by a transition of kind 'reopen' before changing it.",
            project_id=project_id,
            stage=stage,
        )


class ListenerChainError(SalesflowError):
    """
    A listener writes, is called for that, and writes again, without end; nothing was written.

    Attributes:
        listener: its name.
        project_id: the project that it writes.
        depth: how many writes there were, each inside the one before.
    """

    listener: str
    project_id: str
    depth: int

    def __init__(self, listener: str, project_id: str, depth: int) -> None:
        super().__init__(
            f"listener {listener!r} may not write to project {project_id!r}: {depth} writes of listeners led to this "
            "one. Have it write only if something is left to do.",
            listener=listener,
            project_id=project_id,
            depth=depth,
        )


class FieldLockedError(SalesflowError):
    """
    Locked fields or approved goals were to be changed; ``verdicts`` says which, and what would be allowed.
    """

    project_id: str
    verdicts: tuple[Any, ...]  # Verdict; typed loosely because errors import nothing

    def __init__(self, project_id: str, verdicts: tuple[Any, ...]) -> None:
        said = " ".join(verdict.message("en") for verdict in verdicts)
        super().__init__(f"project {project_id!r}: {said}", project_id=project_id, verdicts=verdicts)


class TransitionRefusedError(SalesflowError):
    """
    A transition was refused; ``decision`` is the whole :class:`~salesflow.Refused`.
    """

    decision: Any  # Refused; typed loosely because errors import nothing

    def __init__(self, decision: Any) -> None:
        super().__init__(decision.explain("en"), decision=decision)


class EffectError(SalesflowError):
    """
    An effect raised, so nothing was stored; the cause is chained.

    Attributes:
        effect: its name.
        transition: the id of the transition.
    """

    effect: str
    transition: str

    def __init__(self, effect: str, transition: str, cause: BaseException | str) -> None:
        why = cause if isinstance(cause, str) else f"{type(cause).__name__}: {cause}"
        text = f"effect {effect!r} of transition {transition!r} failed ({plain(why)}). Nothing was stored."
        super().__init__(text, effect=effect, transition=transition)


class InputError(SalesflowError, ValueError):
    """
    A value handed in is not usable.

    Attributes:
        what: the thing that was given, for example ``field 'amount'``.
        value: the value as it was given.
        hint: the next step, one sentence.
    """

    what: str
    value: object
    hint: str

    def __init__(self, what: str, value: object, hint: str) -> None:
        self.what = what
        self.value = value
        self.hint = hint
        super().__init__(f"{plain(what)}: {shown(value)} is not usable. {plain(hint)}")


class InputErrors(InputError):  # noqa: N818 -- it is several of them
    """
    Several values of one call are not usable; ``problems`` has one error for each.
    """

    problems: tuple[InputError, ...]

    def __init__(self, problems: Sequence[InputError]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(problems)} values", [p.value for p in problems], "Mend all of them.")

    def __str__(self) -> str:
        return "".join([f"{self.what} are not usable:", *(f"\n  - {problem}" for problem in self.problems)])


class CurrencyMismatchError(InputError):
    """
    Two amounts of different currencies were added or compared.
    """

    left: str
    right: str

    def __init__(self, left: str, right: str) -> None:
        self.left = left
        self.right = right
        super().__init__("currency", right, f"It meets {left}; convert one of the amounts first.")


class UnknownFieldError(InputError):
    """
    A field is not declared by the lifecycle.

    Attributes:
        field: the id that was given.
        known: the fields there are.
    """

    field: str
    known: tuple[str, ...]

    def __init__(self, field: str, known: Iterable[str], *, lifecycle: str) -> None:
        self.field = field
        self.known = tuple(known)
        hint = f"Lifecycle {lifecycle!r} declares no such field; declare it under [[fields]]."
        super().__init__("field", field, f"{hint}{did_you_mean(field, self.known)}")


class UnknownTriggerError(InputError):
    """
    No transition of the lifecycle has this trigger.

    Attributes:
        trigger: what was asked for.
        open: what can be taken from the stage, guards aside.
        known: every trigger of the lifecycle.
    """

    trigger: str
    open: tuple[str, ...]
    known: tuple[str, ...]

    def __init__(self, trigger: str, *, open: Iterable[str], known: Iterable[str], stage: str) -> None:  # noqa: A002 -- the word of the domain
        self.trigger = trigger
        self.open = tuple(open)
        self.known = tuple(known)
        listed = ", ".join(self.open) or "none"
        hint = f"Open from stage {stage!r}: {listed}.{did_you_mean(trigger, self.known)}"
        super().__init__("trigger", trigger, hint)


class BackfillError(InputError):
    """
    A time lies before the last fact of the project, or before what even a backfill may not lie before.

    Attributes:
        last: the time before which it lies.
    """

    at: datetime
    last: datetime

    def __init__(self, project_id: str, at: datetime, last: datetime, hint: str = "") -> None:
        self.at = at
        self.last = last
        hint = hint or f"Its last fact is of {last.isoformat()}; pass backfill=True to import older history."
        super().__init__(f"at= of project {project_id!r}", at.isoformat(), hint)


for _name in __all__:
    globals()[_name].__module__ = __name__  # tracebacks name the door, not the file behind it
