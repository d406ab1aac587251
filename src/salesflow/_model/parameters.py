"""
Checks the parameters of guards and effects against the signature of their factory.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, cast, get_type_hints

from ..errors import InputError, nearest, say, say_both, shown, term
from .frozen import FrozenDict, freeze, noun
from .written import describe, is_secret, typed, written_params


V = TypeVar("V")

_QUOTED: Final = re.compile(r"((?<=\w): |-> )([\"'])(.*?)\2")
_SHOWN: Final = 70  # so much of a repr is in help()


@noun(eq=False)
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


_Kind: TypeAlias = Literal["unknown", "missing", "type", "value", "annotation"]


@noun(slots=False, repr=False)
class ParamProblem:
    """
    One parameter that does not fit.

    Attributes:
        name: the parameter, also if it is missing.
        problem: what is wrong, and in *hint* the next step; as :class:`~salesflow.errors.Message`.
        kind: ``unknown``, ``missing``, ``type``, ``value``, or ``annotation`` where the factory's own cannot be read.
    """

    name: str
    kind: _Kind
    problem: str
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
        raise InputError(what, call, say("input.function"))
    if is_coroutine(call):
        inner = _unwrapped(call)
        name = getattr(inner, "__qualname__", None) or type(inner).__qualname__
        raise InputError(what, name, say("input.coroutine"))


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


def call_params(
    name: str, factory: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> FrozenDict[str, Any]:
    """
    Return a Python call of what has a name as the parameters a file would give: names to plain values.

    Raises:
        TypeError: as Python does when the call does not fit the signature, with the name and the signature.
    """
    try:
        bound = inspect.signature(factory).bind(*args, **kwargs)
    except TypeError as error:
        msg = f"{name}() {error}; it takes {shown_call(name, factory)}"
        raise TypeError(msg) from None
    named = dict(bound.arguments)
    for key, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            named.update(named.pop(key, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL and kwargs:
            named.setdefault(key, ())  # as a file writes an empty list, where the others say enough
    return FrozenDict({key: freeze(value) for key, value in named.items()})


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
    found = [_unknown(what, name, known, given, absent) for name in strange]
    hints = hints_of(factory)
    fitting: dict[str, Any] = {}
    for name in [name for name in given if name not in strange]:
        of = name if name in known else cast("str", rest)
        many = parameters[of].kind is inspect.Parameter.VAR_POSITIONAL
        hint: Any = hints.get(of, Any)
        expected = tuple[hint, ...] if many else hint
        if isinstance(hint, str):
            found.append(_problem(what, name, "annotation", hint=hint))
            continue
        try:
            fitting[name] = typed(given[name], expected)
        except ValueError:
            value = say("parameter.secret") if is_secret(expected) else shown(params[name])
            found.append(_problem(what, name, "type", value=value, shape=describe(expected)))
    # A wrong name and the missing right name are one mistake, not two.
    found += [_problem(what, name, "missing") for name in absent[len(strange) :]]
    return FrozenDict(fitting), found


def _problem(what: str, name: str, kind: _Kind, variant: str = "", /, **parts: Any) -> ParamProblem:
    return ParamProblem(name, kind, *say_both(f"parameter.{kind}{variant}", what=term(what), name=name, **parts))


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


def _unknown(what: str, name: str, known: list[str], params: Mapping[str, Any], absent: list[str]) -> ParamProblem:
    near = nearest(name, [one for one in known if one not in params])
    variant = "/absent" if absent and near is None else ""
    return _problem(what, name, "unknown", variant, known=known, near=near, absent=absent)


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
    given = {name: value for name, value in bound.kwargs.items() if name in params}
    rest = {name: value for name, value in params.items() if name not in named}
    return factory(*bound.args, **given, **rest)
