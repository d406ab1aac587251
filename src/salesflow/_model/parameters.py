"""
Checks the parameters of guards and effects against the signature of their factory.
"""

from __future__ import annotations

import inspect
import types
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

import attrs

from ..errors import InputError, did_you_mean, shown
from .frozen import FrozenDict, freeze
from .values import Money


@attrs.frozen(slots=False, repr=False)
class ParamProblem:
    """
    One parameter that does not fit.

    Attributes:
        name: the parameter; a missing one is named too.
        kind: ``unknown``, ``missing``, ``type`` or ``value``.
    """

    name: str
    kind: Literal["unknown", "missing", "type", "value"]
    text: str
    hint: str


def _unwrapped(call: object) -> object:
    while isinstance(call, partial):
        call = cast("Any", call).func
    return call


def is_coroutine(call: object) -> bool:
    """
    Tell whether a call of this gives a coroutine or an asynchronous generator instead of an answer.
    """
    call = _unwrapped(call)
    asked = (call, getattr(type(call), "__call__", None))  # noqa: B004 -- an object may be called through it
    return any(inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each) for each in asked)


def check_plain(what: str, call: object) -> None:
    """
    Refuse what cannot be called, and a coroutine function, which nobody would await.

    Raises:
        InputError: naming what was given.
    """
    if not callable(call):
        raise InputError(what, call, "Pass a function.")
    if is_coroutine(call):
        inner = _unwrapped(call)
        name = getattr(inner, "__qualname__", None) or type(inner).__qualname__
        raise InputError(what, name, "It is a coroutine function, and nobody awaits it here; pass a plain function.")


def shown_call(name: str, factory: Callable[..., Any]) -> str:
    """
    Return a name with the parameters that its factory takes, as ``help()`` shows them.
    """
    return f"{name}{inspect.signature(factory)}"


def call_params(factory: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """
    Return a Python call as the parameters a file would give: names to plain values.

    Raises:
        TypeError: as Python does when the call does not fit the signature.
    """
    bound = inspect.signature(factory).bind(*args, **kwargs)
    named = dict(bound.arguments)
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            named.update(named.pop(name, {}))
    return FrozenDict({name: freeze(value) for name, value in named.items()})


def problems_of(factory: Callable[..., Any], params: Mapping[str, Any]) -> list[ParamProblem]:
    """
    Return every way in which *params* do not fit the factory's signature.
    """
    parameters = inspect.signature(factory).parameters
    known = [name for name, one in parameters.items() if one.kind is not one.VAR_KEYWORD]
    strange = [name for name in params if name not in known] if len(known) == len(parameters) else []
    absent = [name for name in known if name not in params and _needed(parameters[name])]
    listed = ", ".join(known) or "none"
    found = [
        ParamProblem(
            name, "unknown", f"unknown parameter {name!r}", f"It takes: {listed}.{_meant(name, known, params, absent)}"
        )
        for name in strange
    ]
    hints = get_type_hints(factory)
    for name in [name for name in known if name in params]:
        many = parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        hint: Any = hints.get(name, Any)
        expected = tuple[hint, ...] if many else hint
        if not conforms(params[name], expected):
            text = f"parameter {name!r} is {shown(params[name])}"
            found.append(ParamProblem(name, "type", text, f"It must be {describe(expected)}."))
    # A wrong name and the one it stands for are one mistake, not two.
    found += [
        ParamProblem(name, "missing", f"parameter {name!r} is missing", f"Add {name} = ….")
        for name in absent[len(strange) :]
    ]
    return found


def _needed(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.VAR_POSITIONAL or parameter.default is parameter.empty


def _meant(name: str, known: Iterable[str], params: Mapping[str, Any], absent: list[str]) -> str:
    near = did_you_mean(name, [one for one in known if one not in params])
    return near or (f" {', '.join(map(repr, absent))} is missing." if absent else "")


def call_factory(factory: Callable[..., Any], params: Mapping[str, Any]) -> Any:
    """
    Call the factory with parameters from a file; lists go to ``*args``.

    Raises:
        TypeError: as Python does when the parameters do not fit the signature.
    """
    signature = inspect.signature(factory)
    named = {name for name, one in signature.parameters.items() if one.kind is not one.VAR_KEYWORD}
    bound = inspect.BoundArguments(signature, OrderedDict((name, params[name]) for name in params if name in named))
    if any(params.get(name) for name, one in signature.parameters.items() if one.kind is one.VAR_POSITIONAL):
        bound.apply_defaults()  # a list comes after all that stands before it
    rest = {name: value for name, value in params.items() if name not in named}
    return factory(*bound.args, **{**bound.kwargs, **rest})


def conforms(value: Any, hint: Any) -> bool:
    """
    Tell whether a plain value fits a type hint of a parameter.
    """
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin is Literal:
        return value in args
    if origin in (Union, types.UnionType):
        return any(conforms(value, arg) for arg in args)
    if _is_generic(origin, Mapping):
        table = cast("Mapping[object, object]", value) if isinstance(value, Mapping) else None
        return table is not None and all(conforms(k, args[0]) and conforms(v, args[1]) for k, v in table.items())
    if _is_generic(origin, Iterable):
        items = cast("Iterable[object]", value) if isinstance(value, (tuple, list, frozenset)) else None
        return items is not None and all(conforms(item, args[0]) for item in items)
    if hint is float:
        return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is Money:
        return isinstance(value, Money) or (isinstance(value, str) and _is_money(value))
    return isinstance(value, hint)


def _is_generic(origin: Any, kind: type[Any]) -> bool:
    return isinstance(origin, type) and issubclass(origin, kind)


def _is_money(text: str) -> bool:
    try:
        Money.parse(text)
    except InputError:
        return False
    return True


_PLAIN: Final[Mapping[Any, str]] = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    Money: "money such as '100 CNY'",
}


def describe(hint: Any) -> str:
    """
    Say a type hint in words.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, args))
    if origin in (Union, types.UnionType):
        return " or ".join(describe(arg) for arg in args if arg is not type(None))
    if _is_generic(origin, Mapping):
        return f"a table of name = {describe(args[1])}"
    if _is_generic(origin, Iterable):
        return f"a list, each item {describe(args[0])}"
    return _PLAIN.get(hint) or str(getattr(hint, "__name__", hint))
