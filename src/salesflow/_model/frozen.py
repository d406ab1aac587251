"""
Mappings that refuse to change, and a faster way to fill frozen nouns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Any, Final, NoReturn, TypeVar, cast

import attrs


K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


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
        _put(new, key, value)
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
_put: Final[Callable[[Any, Any, Any], None]] = dict.__setitem__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


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


def maker(cls: type[T]) -> type[T]:
    """
    Return what makes objects of a frozen attrs class in less time: called like the class, with the same result.

    A frozen slotted class pays about 80 ns an attribute, because each goes through ``object.__setattr__``.
    The nouns of which every move makes one are filled as a mutable twin instead, which then says what it is:
    Python allows that for equal slots. The caller gets the frozen class, whole. Validators and converters are
    left out, and a default that is a factory takes the object.
    """
    fields = attrs.fields(cast("type[Any]", cls))
    own = tuple(each.name for each in fields if not each.inherited)
    # What a frozen base class refuses is taken from ``object`` again.
    again = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    twin = type(f"_{cls.__name__}Twin", cls.__bases__, {**again, "__slots__": own})
    asked = [each.name if each.default is attrs.NOTHING else f"{each.name}=_{each.name}" for each in fields]
    filled = [
        f"made.{each.name} = " + (f"_{each.name}.factory(made) if {each.name} is _{each.name} else " * made) + each.name
        for each, made in ((each, isinstance(each.default, attrs.Factory)) for each in fields)  # type: ignore[arg-type]
    ]
    lines = ["made = twin()", *filled, "made.__class__ = cls", "return made"]
    # As attrs does for the class itself; every word of it is a name from the library.
    source = "\n    ".join([f"def make({', '.join(asked)}):", *lines])
    names: dict[str, Any] = {"twin": twin, "cls": cls, **{f"_{each.name}": each.default for each in fields}}
    exec(compile(source, f"<maker of {cls.__name__}>", "exec"), names)  # noqa: S102
    return cast("type[T]", names["make"])
