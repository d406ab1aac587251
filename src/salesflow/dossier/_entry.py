"""
``@entry``: makes the classes of entries, whose errors say which attribute of which kind does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from .._model.frozen import noun
from ..errors import InputError


__all__ = ["entry"]

V = TypeVar("V")

if TYPE_CHECKING:
    from attrs import frozen as entry
else:

    def entry(cls: type[V]) -> type[V]:
        """
        Make a class of entries, or of parts of them: of a value that does not fit, the error names kind and attribute.
        """
        return noun(cls, field_transformer=_with_places)


def _with_places(cls: Any, attributes: Iterable[Any]) -> list[Any]:
    kind = getattr(cls, "kind", cls.__name__)
    return [
        each.evolve(
            **{
                step: _naming(kind, each.name, check)
                for step in ("converter", "validator")
                if (check := getattr(each, step)) is not None
            }
        )
        for each in attributes
    ]


def _naming(kind: str, name: str, check: Callable[..., Any]) -> Callable[..., Any]:
    """
    Return a converter or validator whose errors say what they are about, such as ``deposit.amount``.
    """

    @wraps(check)
    def run(*given: Any) -> Any:
        try:
            return check(*given)
        except InputError as error:
            what = error.what if error.what.startswith(f"{name}[") else name
            raise InputError(f"{kind}.{what}", error.value, error.hint) from None

    return run
