"""
Errors about values that callers pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ._base import SalesflowError, did_you_mean, shown


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
    A time lies before the last fact of the project, or before what even a backfill may not lie before.

    Attributes:
        last: the time before which it lies.
    """

    at: datetime
    last: datetime

    def __init__(self, project_id: str, at: datetime, last: datetime, hint: str | None = None) -> None:
        self.at = at
        self.last = last
        older = f"Its last fact is of {last.isoformat()}; pass backfill=True to import older history."
        super().__init__(f"at= of project {project_id!r}", at.isoformat(), older if hint is None else hint)
