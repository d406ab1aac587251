"""
Checks the parameters of guards and effects against the signature of their factory.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ._values import FrozenDict, Money, freeze
from .errors import InputError, did_you_mean, shown


@attrs.frozen
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
    signature = inspect.signature(factory)
    hints = get_type_hints(factory)
    known = [name for name, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
    open_ended = len(known) < len(signature.parameters)
    found: list[ParamProblem] = []
    for name in params:
        if name not in known and not open_ended:
            listed = ", ".join(known) or "none"
            found.append(
                ParamProblem(
                    name, "unknown", f"unknown parameter {name!r}", f"It takes: {listed}.{did_you_mean(name, known)}"
                )
            )
    for name in known:
        parameter = signature.parameters[name]
        many = parameter.kind is parameter.VAR_POSITIONAL
        if name in params:
            expected = tuple[hints[name], ...] if many else hints[name]  # type: ignore[valid-type]  # built at run time
            if not conforms(params[name], expected):
                text = f"parameter {name!r} is {shown(params[name])}"
                found.append(ParamProblem(name, "type", text, f"It must be {describe(expected)}."))
        elif many or parameter.default is parameter.empty:
            found.append(ParamProblem(name, "missing", f"parameter {name!r} is missing", f"Add {name} = ….")) 
    return found


def call_factory(factory: Callable[..., Any], params: Mapping[str, Any]) -> Any:
    """
    Call the factory with parameters from a file; lists go to ``*args``.
    """
    args: list[Any] = []
    kwargs = dict(params)
    for name, parameter in inspect.signature(factory).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.extend(kwargs.pop(name, ()))
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name in kwargs and not args:
            args.append(kwargs.pop(name))
        elif parameter.kind is parameter.POSITIONAL_ONLY and name in kwargs:
            args.append(kwargs.pop(name))
    return factory(*args, **kwargs)


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
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return isinstance(value, (tuple, list)) and all(conforms(item, args[0]) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(conforms(k, args[0]) and conforms(v, args[1]) for k, v in value.items())
    if hint is float:
        return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is Money:
        return isinstance(value, Money) or (isinstance(value, str) and _is_money(value))
    return value is None if hint is type(None) else isinstance(value, hint)


def _is_money(text: str) -> bool:
    try:
        Money.parse(text)
    except InputError:
        return False
    return True


_PLAIN = {str: "text", int: "an integer", float: "a number", bool: "true or false", Money: "money such as '100 CNY'"}


def describe(hint: Any) -> str:
    """
    Say a type hint in words.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, args))
    if origin in (Union, types.UnionType):
        return " or ".join(describe(arg) for arg in args if arg is not type(None))
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return f"a list, each item {describe(args[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a table of name = {describe(args[1])}"
    return _PLAIN.get(hint) or str(getattr(hint, "__name__", hint))
