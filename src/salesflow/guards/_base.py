"""
``@guard``: turns a factory of checks into a named, documented guard; with what guards share.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, Generic, Literal, ParamSpec, TypeAlias, TypeVar

from .._model.definition import GuardUse
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.parameters import OfFactory, call_params, documented, shown_call
from .._model.project import Held, Project
from .._model.values import Label
from .._model.verdict import Remedy, RemedyKind
from ..errors import say
from ..typing import Check


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

    Versions are compared, not times: they differ even where the clock stands still, and an entry that is added with the
    move itself has a version of its own.
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


def at_least(low: float, /, **values: float) -> None:
    """
    Check parameters.

    Raises:
        ValueError: for the first that is below *low*.
    """
    for name, value in values.items():
        if not value >= low:
            raise ValueError(say("param.least", name=name, value=value, given=f"{low:g}"))


def within_century(values: Iterable[tuple[str, float]]) -> None:
    """
    Check parameters that count days, each with its name.

    Raises:
        ValueError: for the first that is so large that a sum with a date could leave the calendar.
    """
    for name, value in values:
        if not value <= _CENTURY:
            raise ValueError(say("param.most", name=name, value=value, most=_CENTURY))


def days(name: str, value: int) -> timedelta:
    """
    Return a parameter that counts days of 24 hours.

    Raises:
        ValueError: if it is negative, or so large that a sum with a date could leave the calendar.
    """
    if not 0 <= value <= _CENTURY:
        raise ValueError(say("param.days", name=name, value=value, most=_CENTURY))
    return timedelta(days=value)


def some(name: str, values: tuple[object, ...]) -> None:
    """
    Check a list, for example of names.

    Raises:
        ValueError: if it is empty.
    """
    if not values:
        raise ValueError(say("param.empty", name=name))


P = ParamSpec("P")


def _nothing(*_args: Any, **_params: Any) -> tuple[Any, ...]:
    return ()


def _binds_nothing(*_args: Any, **_params: Any) -> Mapping[str, tuple[str, ...]]:
    return EMPTY


@noun(eq=False, repr=False)
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
        asks: takes the same parameters; the ``(entry kind, name)`` pairs that have to be produced, for
            example ``("artefact", "project_charter")``.
        kinds: what the check reads of a project besides fields: entry kinds, ``visit`` (the
            stay in the stage), ``taken`` (transitions taken before) or ``children`` (see :attr:`Context.children`).
        binds: takes the same parameters; the fields and kinds of entries that an approval is given for, by the
            name of the approval.
        typed_by: parameters that are literals of a field, as ``{"value": "field"}``:
            the literal in ``value`` has the type of the field that ``field`` names; ``"tiers.up_to"`` is the
            key ``up_to`` of each table in ``tiers``.
    """

    __doc__ = OfFactory(documented, __doc__)  # pyright: ignore[reportAssignmentType] -- it gives a text
    __signature__: ClassVar[OfFactory[inspect.Signature]] = OfFactory(inspect.signature)

    name: str
    factory: Callable[P, Check]
    codes: Mapping[str, Label]
    reads: Callable[..., Iterable[str]] = _nothing
    asks: Callable[..., Iterable[tuple[str, str]]] = _nothing
    kinds: tuple[str, ...] = ()
    typed_by: Mapping[str, str] = EMPTY
    binds: Callable[..., Mapping[str, tuple[str, ...]]] = _binds_nothing

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> GuardUse:
        return GuardUse(self.name, call_params(self.name, self.factory, args, kwargs))

    def __repr__(self) -> str:
        return shown_call(self.name, self.factory)


def guard(
    name: str,
    *,
    codes: Mapping[str, Label],
    reads: Callable[..., Iterable[str]] = _nothing,
    asks: Callable[..., Iterable[tuple[str, str]]] = _nothing,
    kinds: tuple[str, ...] = (),
    typed_by: Mapping[str, str] = EMPTY,
    binds: Callable[..., Mapping[str, tuple[str, ...]]] = _binds_nothing,
) -> Callable[[Callable[P, Check]], Guard[P]]:
    """
    Declare a guard on a factory ``f(*, params) -> Check``.

    Parameters are checked against the factory's annotations when a definition is built; a
    factory may refuse a value by raising ``ValueError``. See :class:`Guard` for the arguments.
    """

    def declare(factory: Callable[P, Check]) -> Guard[P]:
        return Guard(name, factory, FrozenDict(codes), reads, asks, kinds, typed_by, binds)

    return declare


def entry(kind: str, **params: Any) -> Remedy:
    """
    Return the remedy of adding or changing an entry; params that are ``None`` are left out.
    """
    return cure("entry", kind, **{name: value for name, value in params.items() if value is not None})


def lacking(thing: object, *attributes: str) -> tuple[str, ...]:
    """
    Return those of the attributes that are blank.
    """
    return tuple(name for name in attributes if not is_set(getattr(thing, name)))


def asked_of(roles: tuple[str, ...]) -> str | Label:
    """
    Return the end of a message that says whose approval is asked for: that of one of some roles (或签).

    The evidence has them as ``roles``.
    """
    word = "或签：" if len(roles) > 1 else ""
    return Label(" ({roles:role})", f"（{word}{{roles:role}}）") if roles else ""


def exact(value: float | Decimal) -> Decimal:
    """
    Return a number as the decimal number it was written as.
    """
    return Decimal(str(value))


def parameter(name: str, value: float | Decimal, *, low: int = 0) -> Decimal:
    """
    Return a parameter of a guard as an exact number.

    Raises:
        ValueError: if it is below *low*, or not finite.
    """
    number = exact(value)
    if not number.is_finite() or number < low:
        raise ValueError(say("param.number", name=name, value=value, low=low))
    return number


def share(name: str, value: float | Decimal) -> Decimal:
    """
    Return a parameter that is a share of a whole as an exact number.

    Raises:
        ValueError: unless it is from 0 to 1.
    """
    number = parameter(name, value)
    if number > 1:
        raise ValueError(say("param.most", name=name, value=value, most=1))
    return number
