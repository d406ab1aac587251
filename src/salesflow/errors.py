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
    ├── UnknownProjectError (LookupError)      .project_id
    ├── ProjectLockedError         .project_id, .stage
    ├── TransitionRefusedError     .decision
    ├── EffectError                .effect, .transition
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
        └── StoreClosedError

A message names the thing, the value and the next step; the same parts are
attributes, so that nobody has to take a sentence apart.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


__all__ = [
    "BackfillError",
    "CurrencyMismatchError",
    "DefinitionError",
    "EffectError",
    "InputError",
    "InputErrors",
    "InvalidValueError",
    "KeyReusedError",
    "PluginError",
    "ProjectLockedError",
    "SalesflowError",
    "SchemaMismatchError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreError",
    "StoreFailedError",
    "StoreFullError",
    "StoreLockedError",
    "TooLargeError",
    "TransitionRefusedError",
    "UnknownFieldError",
    "UnknownProjectError",
    "UnknownTriggerError",
    "VersionConflictError",
    "did_you_mean",
    "shown",
]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """
    Return `` Did you mean 'x'?`` for the known word nearest to *word*, or ``""``.
    """
    near = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def shown(value: object, *, limit: int = 80) -> str:
    """
    Return the ``repr`` of *value*, cut to *limit* characters for use in a message.
    """
    text = repr(value)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text)} characters)"


def _rebuild(kind: type[SalesflowError], args: tuple[Any, ...], parts: dict[str, Any]) -> SalesflowError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(parts)
    return error


class SalesflowError(Exception):
    """
    The base of every error of this library.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with ``args``; ours take their
        # parts instead, so the parts travel beside the sentence.
        return _rebuild, (type(self), self.args, self.__dict__)


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
    """

    plugin: str
    hook: str | None

    def __init__(self, plugin: str, problem: str, *, hook: str | None = None) -> None:
        self.plugin = plugin
        self.hook = hook
        where = f"plugin {plugin!r}" + (f", hook {hook!r}" if hook else "")
        super().__init__(f"{where}: {problem}")


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
        super().__init__(f"{what}: {shown(value)} is not usable. {hint}")


class InputErrors(InputError):
    """
    Several values of one call are not usable; ``problems`` has one error for each.
    """

    problems: tuple[InputError, ...]

    def __init__(self, problems: Sequence[InputError]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{len(problems)} values", [p.value for p in problems], "All of them:")
        self.args = (f"{len(problems)} values are not usable:{lines}",)


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
    """

    field: str
    known: tuple[str, ...]

    def __init__(self, field: str, known: Iterable[str], *, lifecycle: str) -> None:
        self.field = field
        self.known = tuple(known)
        super().__init__(
            "field",
            field,
            f"Lifecycle {lifecycle!r} declares no such field; declare it under [[fields]]."
            f"{did_you_mean(field, self.known)}",
        )


class UnknownTriggerError(InputError):
    """
    No transition of the lifecycle has this trigger.
    """

    trigger: str
    open: tuple[str, ...]
    known: tuple[str, ...]

    def __init__(self, trigger: str, *, open: Iterable[str], known: Iterable[str], stage: str) -> None:  # noqa: A002 -- the word of the domain
        self.trigger = trigger
        self.open = tuple(open)
        self.known = tuple(known)
        listed = ", ".join(self.open) or "none"
        super().__init__(
            "trigger",
            trigger,
            f"Open from stage {stage!r}: {listed}.{did_you_mean(trigger, self.known)}",
        )


class BackfillError(InputError):
    """
    A time lies before the last fact of the project.
    """

    at: datetime
    last: datetime

    def __init__(self, project_id: str, at: datetime, last: datetime) -> None:
        self.at = at
        self.last = last
        super().__init__(
            f"at= of project {project_id!r}",
            at.isoformat(),
            f"Its last fact is of {last.isoformat()}; pass backfill=True to import older history.",
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


class StoreError(SalesflowError):
    """
    A store could not do what it was asked.
    """


class VersionConflictError(StoreError):
    """
    Somebody else committed first; nothing was written.
    """

    project_id: str
    expected: int
    actual: int

    def __init__(self, project_id: str, expected: int, actual: int) -> None:
        self.project_id = project_id
        self.expected = expected
        self.actual = actual
        if expected == 0:
            text = f"project {project_id!r} exists already, at version {actual}. Choose another id."
        else:
            text = (
                f"project {project_id!r} is at version {actual}, not {expected}. "
                "Load it again and decide on what it says now."
            )
        super().__init__(text)


class KeyReusedError(StoreError):
    """
    An idempotency key came back with a different request.
    """

    project_id: str
    key: str

    def __init__(self, project_id: str, key: str) -> None:
        self.project_id = project_id
        self.key = key
        super().__init__(
            f"key {shown(key)} of project {project_id!r} belongs to a different request. "
            "Use a new key for a new request."
        )


class InvalidValueError(StoreError):
    """
    A value lies outside what every store can keep.
    """

    path: str
    why: str

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


class TooLargeError(StoreError):
    """
    A value is larger than the limit, both in bytes.
    """

    what: str
    size: int
    limit: int

    def __init__(self, what: str, *, size: int, limit: int) -> None:
        self.what = what
        self.size = size
        self.limit = limit
        super().__init__(
            f"{what} takes {size:,} bytes, over the limit of {limit:,}. Keep large content elsewhere and store its digest."
        )


class StoreFullError(StoreError, OSError):
    """
    The medium has no room; nothing was written, and the store stays usable.
    """


class StoreFailedError(StoreError):
    """
    A sync failed, so what is on disk is unknown; close and reopen the store.
    """


class StoreLockedError(StoreError):
    """
    Another writer holds the store.
    """

    holder: str

    def __init__(self, place: str, holder: str) -> None:
        self.holder = holder
        super().__init__(f"store {place!r} has a writer already ({holder}). Close it first; a journal has one writer.")


class StoreCorruptError(StoreError):
    """
    Acknowledged data is damaged; nothing was skipped and nothing was changed.
    """

    place: str

    def __init__(self, place: str, why: str) -> None:
        self.place = place
        super().__init__(f"{place}: {why}. The store is refused as it is; restore it from a copy.")


class SchemaMismatchError(StoreError):
    """
    Data was written by a version that this one does not know.
    """

    found: object
    wanted: object

    def __init__(self, what: str, *, found: object, wanted: object) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"{what} has schema {shown(found)}; this salesflow reads {shown(wanted)}. Use a newer salesflow."
        )


class StoreClosedError(StoreError):
    """
    The store was closed.
    """

    def __init__(self) -> None:
        super().__init__("the store is closed. Open it again before using it.")
