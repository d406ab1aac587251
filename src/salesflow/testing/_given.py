"""
The checks of arguments that several functions of the kit share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from .._lifecycle.lifecycle import Lifecycle
from .._model.parameters import check_plain
from ..errors import InputError


T = TypeVar("T")


def a_lifecycle(given: Any) -> Lifecycle:
    """
    Return a lifecycle.

    Raises:
        InputError: for anything else, such as its name.
    """
    if not isinstance(given, Lifecycle):
        raise InputError("lifecycle", given, "Pass a lifecycle from load_lifecycle() or build_lifecycle().")
    return given


def some_lifecycles(given: Lifecycle | Sequence[Lifecycle]) -> tuple[Lifecycle, ...]:
    """
    Return a lifecycle, or the lifecycles of a list, as a tuple.

    Raises:
        InputError: for anything else, and for an empty list.
    """
    if isinstance(given, (list, tuple)) and given:
        return tuple(map(a_lifecycle, given))
    return (a_lifecycle(given),)


def listed(what: str, given: Iterable[T]) -> tuple[T, ...]:
    """
    Return the items of an argument that takes a list.

    Raises:
        InputError: for something that cannot be iterated.
    """
    if not isinstance(given, Iterable):
        raise InputError(what, given, f"Pass a list, even for a single item: {what}[…].")
    return tuple(given)


def functions(what: str, given: Iterable[T]) -> tuple[T, ...]:
    """
    Return the items of an argument that takes a list of functions.

    Raises:
        InputError: also for what cannot be called, and for a coroutine function, whose answer nobody would see.
    """
    found = listed(what, given)
    for each in found:
        check_plain(what, each)
    return found
