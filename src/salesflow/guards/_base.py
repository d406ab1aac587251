"""
``@guard``: turns a factory of checks into a named, documented guard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, ParamSpec

import attrs

from .._model.definition import GuardUse
from .._model.frozen import EMPTY, FrozenDict
from .._model.parameters import call_params
from .._model.values import Label
from ..typing import Check


P = ParamSpec("P")


def _nothing(*_args: Any, **_params: Any) -> tuple[Any, ...]:
    return ()


@attrs.frozen(eq=False)
class Guard(Generic[P]):
    """
    A guard that definitions can use by name.

    Calling it gives a :class:`~salesflow.typing.GuardUse`:
    ``guards.fields_present("amount")``.

    Attributes:
        name: what a definition writes after ``use =``; plugins prefix theirs.
        factory: takes the parameters and returns the check.
        codes: a message for each code of its verdicts, ``{name}`` taken from the evidence.
        reads: takes the same parameters; the field ids that the check reads.
        asks: takes the same parameters; the ``(entry kind, name)`` pairs that somebody must produce,
            for example ``("artefact", "project_charter")``.
        kinds: what the check reads of a project besides fields: entry kinds, ``visit`` (the
            stay in the stage) or ``taken`` (transitions taken before).
        typed_by: parameters that are literals of a field, as ``{"value": "field"}``:
            the literal in ``value`` has the type of the field that ``field`` names.
    """

    name: str
    factory: Callable[P, Check]
    codes: Mapping[str, Label]
    reads: Callable[..., Iterable[str]] = _nothing
    asks: Callable[..., Iterable[tuple[str, str]]] = _nothing
    kinds: tuple[str, ...] = ()
    typed_by: Mapping[str, str] = EMPTY

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> GuardUse:
        return GuardUse(self.name, call_params(self.factory, args, kwargs))

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]  # a guard is documented by its factory
        return self.factory.__doc__


def guard(
    name: str,
    *,
    codes: Mapping[str, Label],
    reads: Callable[..., Iterable[str]] = _nothing,
    asks: Callable[..., Iterable[tuple[str, str]]] = _nothing,
    kinds: tuple[str, ...] = (),
    typed_by: Mapping[str, str] = EMPTY,
) -> Callable[[Callable[P, Check]], Guard[P]]:
    """
    Declare a guard on a factory ``f(*, params) -> Check``.

    Parameters are checked against the factory's annotations when a definition is built; a
    factory may refuse a value by raising ``ValueError``. See :class:`Guard` for the arguments.
    """

    def declare(factory: Callable[P, Check]) -> Guard[P]:
        return Guard(name, factory, FrozenDict(codes), reads, asks, kinds, typed_by)

    return declare
