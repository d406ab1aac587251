"""
Every error that salesflow raises.

.. code-block:: text

    SalesflowError
    ├── DefinitionError            .report: every fault of a definition, at once
    ├── PluginError                .plugin, .hook
    ├── InputError (ValueError)    .what, .value, .hint: a given value is not usable
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

from ._base import SalesflowError, few_suggestions, nearest, reason_of
from ._messages import Message, in_language, in_two_languages, is_chinese, plain, say, say_both, shown, term
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
    "Message",
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
    "few_suggestions",
    "in_language",
    "in_two_languages",
    "is_chinese",
    "nearest",
    "plain",
    "reason_of",
    "say",
    "say_both",
    "shown",
    "term",
]


class DefinitionError(SalesflowError):
    """
    A definition cannot be built; ``report`` lists every fault that was found.
    """

    report: Any  # salesflow's Report; typed loosely because errors import nothing

    def __init__(self, report: Any) -> None:
        super().__init__(str(report), report=report)

    def text(self, lang: str = "en") -> str:
        """
        Say every fault in a language.
        """
        return in_language(self.report, lang)


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
        where = [say(f"plugin.{what}", name=name) for what, name in parts.items() if name]
        super().__init__(say("plugin", where=where, problem=problem, remedy=remedy), remedy=remedy, **parts)


class DefinitionChangedError(SalesflowError):
    """
    The definition of a lifecycle was changed under its version: it would decide otherwise than it did.

    Attributes:
        lifecycle: the id of the lifecycle.
        version: its version, under which the store knows another definition.
        project_id: the project that was to be written or decided; ``None`` for a new project.
    """

    lifecycle: str
    version: str
    project_id: str | None

    def __init__(self, lifecycle: str, version: str, project_id: str | None = None) -> None:
        parts = {"lifecycle": lifecycle, "version": version, "project_id": project_id}
        code = "definition_changed" if project_id else "definition_changed/store"
        super().__init__(say(code, **parts), **parts)


class UnknownProjectError(SalesflowError, LookupError):
    """
    The store has no project with this id.
    """

    project_id: str

    def __init__(self, project_id: str) -> None:
        super().__init__(say("unknown_project", project_id=project_id), project_id=project_id)


class ProjectLockedError(SalesflowError):
    """
    A project in a final stage takes no more changes.
    """

    project_id: str
    stage: str

    def __init__(self, project_id: str, stage: str) -> None:
        parts = {"project_id": project_id, "stage": stage}
        super().__init__(say("project_locked", **parts), **parts)


class ListenerChainError(SalesflowError):
    """
    A listener writes, is called for that, and writes again, without end; nothing was written.

    Attributes:
        listener: its name.
        project_id: the project that it writes.
        depth: how many writes there were, each inside the previous one.
    """

    listener: str
    project_id: str
    depth: int

    def __init__(self, listener: str, project_id: str, depth: int) -> None:
        parts = {"listener": listener, "project_id": project_id, "depth": depth}
        super().__init__(say("listener_chain", **parts), **parts)


class FieldLockedError(SalesflowError):
    """
    Locked fields or approved goals were to be changed; ``verdicts`` says which, and what would be allowed.
    """

    project_id: str
    verdicts: tuple[Any, ...]  # Verdict; typed loosely because errors import nothing

    def __init__(self, project_id: str, verdicts: tuple[Any, ...]) -> None:
        super().__init__(self._said(project_id, verdicts, "en"), project_id=project_id, verdicts=verdicts)

    @staticmethod
    def _said(project_id: str, verdicts: tuple[Any, ...], lang: str) -> str:
        said = [verdict.message(lang) for verdict in verdicts]
        return say("field_locked", project_id=project_id, said=" ".join(said)).text(lang)

    def text(self, lang: str = "en") -> str:
        """
        Say what every verdict found in a language.
        """
        return self._said(self.project_id, self.verdicts, lang)


class TransitionRefusedError(SalesflowError):
    """
    A transition was refused; ``decision`` is the whole :class:`~salesflow.Refused`.
    """

    decision: Any  # Refused; typed loosely because errors import nothing

    def __init__(self, decision: Any) -> None:
        super().__init__(decision.explain("en"), decision=decision)

    def text(self, lang: str = "en") -> str:
        """
        Explain the decision in a language.
        """
        return str(self.decision.explain(lang))


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
        said = say("effect", effect=effect, transition=transition, why=why)
        super().__init__(said, effect=effect, transition=transition)


class InputError(SalesflowError, ValueError):
    """
    A value that a call was given cannot be used.

    Attributes:
        what: the thing that was given, for example ``field 'amount'``.
        value: the value as it was given.
        hint: the next step, one sentence.

    Where *what* or *hint* is a :class:`Message`, it is said in the language that is asked for.
    """

    what: str
    value: object
    hint: str

    def __init__(self, what: str, value: object, hint: str) -> None:
        self.what = term(what)
        self.value = value
        self.hint = hint
        super().__init__(say("input.none" if value is None else "input", what=self.what, value=value, hint=hint))


class InputErrors(InputError):  # noqa: N818 -- it is several of them
    """
    Several values of one call are not usable; ``problems`` has one error for each.
    """

    problems: tuple[InputError, ...]

    def __init__(self, problems: Sequence[InputError]) -> None:
        self.problems = tuple(problems)
        values = [problem.value for problem in self.problems]
        super().__init__(say("inputs.what", count=len(values)), values, say("inputs.hint"))

    def text(self, lang: str = "en") -> str:
        """
        Say every problem in a language, a line for each.
        """
        if len(self.problems) == 1:
            return self.problems[0].text(lang)
        head = say("inputs", what=self.what).text(lang)
        return "\n  - ".join([head, *(problem.text(lang) for problem in self.problems)])

    def __str__(self) -> str:
        return self.text()


class CurrencyMismatchError(InputError):
    """
    Two amounts of different currencies were added or compared.
    """

    left: str
    right: str

    def __init__(self, left: str, right: str) -> None:
        self.left = left
        self.right = right
        super().__init__("currency", right, say("currency.meets", left=left))


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
        hint = say("unknown_field", lifecycle=lifecycle, near=nearest(field, self.known))
        super().__init__("field", field, hint)


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
        hint = say("unknown_trigger", stage=stage, open=self.open, near=nearest(trigger, self.known))
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
        super().__init__(say("what.at", project_id=project_id), at, hint or say("backfill", last=last))


for _name in __all__:
    globals()[_name].__module__ = __name__  # tracebacks name the door, not the file behind it
