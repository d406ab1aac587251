"""
What several guards ask: is it set, is it new, who holds it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias, TypeVar

from .._model.project import Held, Project
from .._model.verdict import Remedy, RemedyKind


E = TypeVar("E")

Since: TypeAlias = Literal["", "stage_entry"]
"""From when on entries count: always, or from the start of the current visit."""

_CENTURY: Final = 36_500


def is_set(value: object) -> bool:
    """
    Tell whether a value is there; 0 and ``False`` are, blank text and an empty list are not.
    """
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != ()


def counts(held: Held, project: Project, since: Since) -> bool:
    """
    Tell whether an entry is recent enough.

    Versions are compared, not times: they differ even where the clock stands still, and an entry
    that is handed in with the move itself has a version of its own.
    """
    return not since or held.version > project.visit.version


def held_of(project: Project, kind: type[E]) -> list[tuple[E, Held]]:
    """
    Return the entries of one class, each with how the dossier holds it.
    """
    found = project.held(kind.kind).values()  # type: ignore[attr-defined]  # entry classes carry their kind
    return [(held.entry, held) for held in found if isinstance(held.entry, kind)]


def cure(kind: RemedyKind, name: str, /, **params: Any) -> Remedy:
    """
    Return a remedy with its parameters written as keywords.
    """
    return Remedy(kind, name, params)


def at_least(name: str, value: int, low: int) -> None:
    """
    Check a parameter.

    Raises:
        ValueError: if it is below *low*.
    """
    if value < low:
        raise ValueError(f"{name} is {value}; it must be at least {low}.")


def days(name: str, value: int) -> timedelta:
    """
    Return a parameter that counts days of 24 hours.

    Raises:
        ValueError: if it is negative, or so large that a sum with a date could leave the calendar.
    """
    if not 0 <= value <= _CENTURY:
        raise ValueError(f"{name} is {value}; it must be at least 0 and at most {_CENTURY}.")
    return timedelta(days=value)


def some(name: str, values: tuple[str, ...]) -> None:
    """
    Check a list of names.

    Raises:
        ValueError: if it is empty.
    """
    if not values:
        raise ValueError(f"{name} is empty; name at least one.")
