"""
Mappings that refuse to change, and a faster way to fill frozen nouns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


def freeze(value: Any) -> Any:
    """
    Return *value* with lists as tuples, sets and dictionaries as frozen ones, deeply.
    """
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in cast("Iterable[object]", value))
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return FrozenDict({key: freeze(item) for key, item in table.items()})
    return frozenset(cast("set[object]", value)) if isinstance(value, set) else value


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """
    Return a faster constructor of a frozen class that has no converters and no validators.

    A frozen slotted class pays about 80 ns an attribute, because each goes through
    ``object.__setattr__``. This fills a mutable twin of the same layout and then says what
    it is, which Python allows for equal slots; the caller gets the frozen class, whole.
    A class without slots gets a twin without.
    """
    kind: Any = cls  # type checkers look for the attributes of a literal class, and here is none
    fields = {one.name: attrs.field(default=one.default) for one in attrs.fields(kind)}

    def become(self: Any) -> None:
        self.__class__ = cls

    twin: Any = attrs.make_class(
        f"_{cls.__name__}",
        {**fields, "__attrs_post_init__": become},
        slots=not kind.__dictoffset__,
        weakref_slot=False,
        eq=False,
        repr=False,
    )
    return twin  # type: ignore[no-any-return]  # its instances are of *cls*
