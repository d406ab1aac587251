"""
Checks the parameters of guards and effects against the signature of their factory.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Generic, Literal, TypeVar, cast, get_type_hints

import attrs

from ..errors import InputError, did_you_mean, shown
from .frozen import FrozenDict, freeze
from .written import describe, is_secret, typed, written_params


V = TypeVar("V")

_QUOTED: Final = re.compile(r"((?<=\w): |-> )([\"'])(.*?)\2")
_SHOWN: Final = 70  # so much of a repr is in help()


@attrs.frozen(eq=False)
class OfFactory(Generic[V]):
    """
    What ``help()`` shows of an object that has a factory: that of the factory; and of its class, that of the class.
    """

    read: Callable[[Callable[..., Any]], V]
    of_class: V | None = None

    def __get__(self, instance: Any, owner: type) -> V:
        if instance is not None:
            return self.read(instance.factory)
        if self.of_class is None:
            msg = f"{owner.__name__} itself has none; ask one of its objects."
            raise AttributeError(msg)
        return self.of_class


@attrs.frozen(slots=False, repr=False)
class ParamProblem:
    """
    One parameter that does not fit.

    Attributes:
        name: the parameter; a missing one is named too.
        kind: ``unknown``, ``missing``, ``type``, ``value``, or ``annotation`` where the factory's own cannot be read.
    """

    name: str
    kind: Literal["unknown", "missing", "type", "value", "annotation"]
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
    Return a name with the parameters that its factory takes, their types as they are written.
    """
    return name + _QUOTED.sub(r"\1\3", str(inspect.signature(factory)))


def documented(factory: Callable[..., Any]) -> str:
    """
    Return the docstring of a factory, with all parameters where ``help()`` would cut them short.
    """
    said = inspect.getdoc(factory) or ""
    call = shown_call(getattr(factory, "__name__", ""), factory)
    if not said or len(call) <= _SHOWN:
        return said
    return f"{said}\n\nIn full:\n    {textwrap.fill(call, 100, subsequent_indent=' ' * 8, break_on_hyphens=False)}"


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
    return read_params(factory, params)[1]


def read_params(
    factory: Callable[..., Any], params: Mapping[str, Any], *, what: str = "parameter"
) -> tuple[Mapping[str, Any], list[ParamProblem]]:
    """
    Return the parameters as the factory's annotations want them, and every way in which they do not fit.

    Args:
        what: the word for one of them.
    """
    parameters = inspect.signature(factory).parameters
    known = [name for name, one in parameters.items() if one.kind is not one.VAR_KEYWORD]
    rest = next((name for name, one in parameters.items() if one.kind is one.VAR_KEYWORD), None)
    given = written_params(params)
    strange = [name for name in given if name not in known] if rest is None else []
    absent = [name for name in known if name not in given and _needed(parameters[name])]
    listed = ", ".join(known) or "none"
    found = [
        ParamProblem(
            name, "unknown", f"unknown {what} {name!r}", f"It takes: {listed}.{_meant(name, known, given, absent)}"
        )
        for name in strange
    ]
    hints = hints_of(factory)
    fitting: dict[str, Any] = {}
    for name in [name for name in given if name not in strange]:
        of = name if name in known else cast("str", rest)
        many = parameters[of].kind is inspect.Parameter.VAR_POSITIONAL
        hint: Any = hints.get(of, Any)
        expected = tuple[hint, ...] if many else hint
        if isinstance(hint, str):
            text = f"the annotation {hint!r} of parameter {name!r} cannot be read"
            advice = "The module of the factory has to have that name when it runs, not under TYPE_CHECKING only."
            found.append(ParamProblem(name, "annotation", text, advice))
            continue
        try:
            fitting[name] = typed(given[name], expected)
        except ValueError:
            value = "of another type" if is_secret(expected) else shown(params[name])
            text = f"{what} {name!r} is {value}"
            found.append(ParamProblem(name, "type", text, f"It must be {describe(expected)}."))
    # A wrong name and the one it stands for are one mistake, not two.
    found += [
        ParamProblem(name, "missing", f"{what} {name!r} is missing", f"Add {name} = ….")
        for name in absent[len(strange) :]
    ]
    return FrozenDict(fitting), found


def hints_of(factory: Callable[..., Any]) -> Mapping[str, Any]:
    """
    Return the annotations of a factory; one that names what its module does not have stays a text.
    """
    try:
        return get_type_hints(factory)
    except NameError:  # perhaps only what it returns
        return {name: _hint(factory, name) for name in inspect.signature(factory).parameters}


def _hint(factory: Callable[..., Any], name: str) -> Any:
    def holder() -> None: ...

    names: dict[str, Any] = getattr(inspect.unwrap(factory), "__globals__", {})
    written_down = inspect.signature(factory).parameters[name].annotation
    holder.__annotations__ = {name: Any if written_down is inspect.Parameter.empty else written_down}
    try:
        return get_type_hints(holder, names)[name]
    except NameError:
        return holder.__annotations__[name]


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
