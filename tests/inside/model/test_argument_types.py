"""
Arguments of the wrong type, by the forms that an annotation may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Protocol, TypeVar

import attrs
import pytest

from salesflow._model.argument_types import explain_types
from salesflow.errors import InputError

from ...cases import over_cases


T = TypeVar("T")


class Named(Protocol):
    """Whatever has a name."""

    def name(self) -> str:
        """Its name."""
        ...


@attrs.frozen
class Hidden:
    """A class with a private attribute, and an annotation that its module does not have."""

    _number: int
    other: NotThere  # noqa: F821 -- that is the point


FORMS: list[tuple[Any, list[Any], list[Any]]] = [
    (int, [5], [True, "5", 2.5]),
    (float, [5, 2.5], [True, "5"]),
    (int | None, [5, None], ["5"]),
    (Literal["low", 1], ["low", 1], ["high", True]),
    (tuple[str, int], [("a", 1)], [("a",), ("a", "b"), ["a", 1]]),
    (tuple[int, ...], [(), (1, 2)], [(1, "2")]),
    (Mapping[str, int], [{"a": 1}], [{"a": "b"}, {1: 1}, ["a"]]),
    (Iterable[int], [[1], iter("used up later")], [["a"], 5]),
    (Callable[[int], int], [abs], [5]),
    (Named, [Named], [5]),
    (T, [5, "5"], []),
    ("NotThere", [5, "5"], []),
    (Hidden, [Hidden(5, None)], [Hidden("5", None), 5]),
    (object, [5, None], []),
]


@over_cases(("hint", "right", "wrong"), FORMS, ids=lambda each: str(each)[:30])
def test_forms_of_annotations(hint, right, wrong):
    """
    A call that stumbles says which argument is wrong, and raises what it raised where none is.
    """

    def stumbles(given):
        raise KeyError(given)

    stumbles.__annotations__["given"] = hint
    call = explain_types(stumbles)

    for value in right:
        with pytest.raises(KeyError):
            call(value)
    for value in wrong:
        with pytest.raises(InputError, match="argument 'given'"):
            call(value)
