"""
Mappings that refuse to change, and a faster way to fill frozen nouns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Any, Final, NoReturn, ParamSpec, TypeVar, cast

import attrs


K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
P = ParamSpec("P")


class FrozenDict(dict[K, V]):
    """
    A dictionary that refuses to change and can be hashed.

    Projects share their parts between versions, so a plugin that wrote into one
    would rewrite history; this makes the attempt an error where it happens.
    """

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        msg = "this mapping is part of a frozen value; build a new one with {**old, key: value}"
        raise TypeError(msg)

    __setitem__: Any = _refuse
    __delitem__: Any = _refuse
    __ior__: Any = _refuse
    update: Any = _refuse
    setdefault: Any = _refuse
    pop: Any = _refuse
    popitem: Any = _refuse
    clear: Any = _refuse

    def plus(self, key: K, value: V) -> FrozenDict[K, V]:
        """
        Return a copy with one item added or replaced.
        """
        new = FrozenDict(self)
        dict.__setitem__(new, key, value)  # pyright: ignore[reportUnknownMemberType] -- quicker than super()
        return new

    def minus(self, key: K) -> FrozenDict[K, V]:
        """
        Return a copy without *key*.
        """
        new = FrozenDict(self)
        dict.pop(new, key, None)  # pyright: ignore[reportUnknownMemberType]
        return new

    def __hash__(self) -> int:  # type: ignore[override]  # dict sets it to None because it is mutable
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


EMPTY: Final[FrozenDict[Any, Any]] = FrozenDict()


_ATOMS: Final = frozenset({str, int, float, bool, NoneType})


def freeze(value: Any) -> Any:
    """
    Return *value* with lists as tuples, sets and dictionaries as frozen ones, deeply.
    """
    if value.__class__ in _ATOMS:  # most often, and asking whether it is a mapping takes long
        return value
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in cast("Iterable[object]", value))
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return FrozenDict({key: freeze(item) for key, item in table.items()})
    return frozenset(cast("set[object]", value)) if isinstance(value, set) else value


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """
    Return a faster constructor of a frozen class that has no converters, validators and factories.

    A frozen slotted class pays about 80 ns an attribute, because each goes through
    ``object.__setattr__``. This fills a mutable twin of the same layout and then says what
    it is, which Python allows for equal slots; the caller gets the frozen class, whole.
    A class without slots gets a twin without. The function is made from text, as attrs makes
    ``__init__``: a plain function costs less than the call of a class that calls a hook.
    """
    kind: Any = cls  # type checkers look for the attributes of a literal class, and here is none
    fields = attrs.fields(kind)
    twin = attrs.make_class(
        f"_{cls.__name__}",
        [each.name for each in fields],
        slots=not kind.__dictoffset__,
        weakref_slot=False,
        eq=False,
        repr=False,
        init=False,
    )
    defaults = {f"_{each.name}": each.default for each in fields if each.default is not attrs.NOTHING}
    parameters = [f"{each.name}=_{each.name}" if f"_{each.name}" in defaults else each.name for each in fields]
    lines = [
        f"def make({', '.join(parameters)}):",
        "    self = _new(_twin)",
        *(f"    self.{each.name} = {each.name}" for each in fields),
        "    self.__class__ = _cls",
        "    return self",
    ]
    names: dict[str, Any] = {"_new": object.__new__, "_twin": twin, "_cls": cls, **defaults}
    exec(compile("\n".join(lines), f"<maker of {cls.__name__}>", "exec"), names)  # noqa: S102 -- only names of fields
    return names["make"]  # type: ignore[no-any-return]  # it returns what *cls* does
