"""
Finds the argument of a public call that does not have the type of its annotation.

Nothing is checked before a call, so arguments that fit cost nothing. Only if a call raises an error are its arguments
compared with its annotations; if all of them fit, the error is raised as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, wraps
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, cast, get_args, get_origin

import attrs

from ..errors import InputError, InputErrors, SalesflowError, say
from .frozen import EMPTY
from .parameters import hints_of
from .written import describe, either


P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def explain_types(call: Callable[P, R]) -> Callable[P, R]:
    """
    Return a call that raises an ``InputError`` where it stumbles over an argument of the wrong type.
    """

    @wraps(call)
    def explained(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except SalesflowError:
            raise
        except Exception as error:
            _raise_for_types(error, call, args, kwargs)
            raise

    return explained


def is_a(*kinds: type[Any]) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """
    Return the validator of an attribute that is of one of some classes; a truth value is not a number.
    """

    def check(made: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not any(_is(value, kind) for kind in kinds):
            shape = either(describe(kind) for kind in kinds if kind is not NoneType)
            what = say("what.part", attribute=attribute.name, kind=type(made).__name__)
            raise InputError(what, value, say("input.shape", shape=shape))

    return check


def items_of(name: str, values: Iterable[T], kind: type[T]) -> tuple[T, ...]:
    """
    Return the items of the argument *name*; an iterator is used up before its items could be compared later.

    Raises:
        InputError: if an item is of another class.
    """
    items = tuple(values)
    wrong = next((each for each in items if not isinstance(each, kind)), None)
    if wrong is not None:
        raise InputError(say("what.argument", name=name), wrong, say("input.shape", shape=describe(kind)))
    return items


def tuple_of(kind: type[Any]) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """
    Return the validator of an attribute that is a tuple, each item of one class.
    """

    def check(made: object, attribute: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
        if value.__class__ is not tuple or not all(isinstance(each, kind) for each in value):
            what = say("what.part", attribute=attribute.name, kind=type(made).__name__)
            raise InputError(what, value, say("input.tuple_of", kind=kind.__name__))

    return check


def _raise_for_types(
    error: Exception, call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any] = EMPTY
) -> None:
    """
    Raise an ``InputError`` for the arguments of a call that are of another type than its annotations say.

    It returns where all of them fit, and where the call does not fit the signature at all.

    Args:
        error: over which the call stumbled.
    """
    try:
        given = inspect.signature(call).bind(*args, **kwargs)
    except TypeError:
        return
    hints, problems = hints_of(call), list[InputError]()
    for name, value in given.arguments.items():
        hint = hints.get(name, Any)
        values: tuple[object, ...] = (value,)
        kind = given.signature.parameters[name].kind
        if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            values = value if kind is inspect.Parameter.VAR_POSITIONAL else tuple(value.values())
        problems += [
            InputError(say("what.argument", name=name), each, say("input.shape", shape=describe(hint)))
            for each in values
            if not _fits(each, hint)
        ]
    raise_problems(problems, error)


def raise_problems(problems: Sequence[InputError], cause: BaseException | None = None) -> None:
    """
    Raise what is wrong with a call, a single problem as itself; nothing where nothing is wrong.

    Raises:
        InputErrors: for several.
    """
    if problems:
        raise (problems[0] if len(problems) == 1 else InputErrors(problems)) from cause


def _fits(value: object, hint: Any) -> bool:
    """
    Tell whether a value is what an annotation says, as far as that can be seen without using it up.
    """
    origin, arms = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, arm) for arm in arms)
    if origin is Literal:
        return any(type(value) is type(arm) and value == arm for arm in arms)
    kind: Any = origin or (NoneType if hint is None else hint)
    if not isinstance(kind, type) or kind is object:
        return True
    if not _is(value, kind):
        return False
    if attrs.has(kind):
        # Where one of them names what its module does not have, they go by what is passed.
        hints = _hints_of_class(kind)
        parts = ((each.name, each.alias or "") for each in attrs.fields(kind))
        return all(_fits(getattr(value, name), hints.get(name, hints.get(alias, Any))) for name, alias in parts)
    if isinstance(value, Mapping) and len(arms) == 2:
        table = cast("Mapping[object, object]", value)
        return all(_fits(key, arms[0]) and _fits(item, arms[1]) for key, item in table.items())
    if arms and issubclass(kind, Iterable) and isinstance(value, Collection):
        return _items_fit(cast("Collection[object]", value), arms, exact=kind is tuple)
    return True


# A lifecycle has thousands of parts of a few dozen classes.
_hints_of_class = lru_cache(512)(hints_of)


def _items_fit(values: Collection[object], arms: tuple[Any, ...], *, exact: bool) -> bool:
    if exact and arms[-1] is not ...:
        return len(values) == len(arms) and all(map(_fits, values, arms))
    return all(_fits(each, arms[0]) for each in values)


def _is(value: object, kind: type[Any]) -> bool:
    if isinstance(value, bool) and kind in (int, float):
        return False
    try:
        return isinstance(value, (int, float) if kind is float else kind)
    except TypeError:  # of a protocol only its members can be asked for
        return all(hasattr(value, name) for name in dir(kind) if name[0] != "_")
