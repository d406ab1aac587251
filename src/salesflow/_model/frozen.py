"""
Frozen mappings, frozen nouns, and a faster way to fill them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

import attrs

from ..errors import InputError, say


__all__ = ["EMPTY", "FrozenDict", "freeze", "maker", "noun"]

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
        return FrozenDict({**self, key: value})

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
DEEPEST: Final = 64
"""How many levels of tables and lists a value may have."""

_ATOMS: Final = frozenset({str, int, float, bool, NoneType})


def freeze(value: Any, _levels: int = DEEPEST) -> Any:
    """
    Return *value* with lists as tuples, and sets and dictionaries frozen, deeply.

    Raises:
        InputError: for one that is nested deeper than 64 levels.
    """
    if value.__class__ in _ATOMS:  # most often, and asking whether it is a mapping takes long
        return value
    if not _levels:
        raise InputError("value", type(value).__name__, say("input.depth", most=DEEPEST))
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item, _levels - 1) for item in cast("Iterable[object]", value))
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return FrozenDict({key: freeze(item, _levels - 1) for key, item in table.items()})
    return frozenset(cast("set[object]", value)) if isinstance(value, set) else value


if TYPE_CHECKING:
    from attrs import frozen as noun
else:

    def noun(cls: Any = None, /, *, eq: bool = True, repr: bool = True, **options: Any) -> Any:  # noqa: A002 -- the word of attrs
        """
        Make a frozen attrs class, like :func:`attrs.frozen`, and leave to its first use what attrs writes for it.

        attrs writes source for a class and compiles it, which took a third of the time from nothing to the first
        pipeline; most classes are not used by it. What compares, hashes and shows objects is put together from what
        Python has in C. A method must not call ``super()``, and a slotted class has no cached properties.
        """
        if cls is None:
            return partial(noun, eq=eq, repr=repr, **options)
        slots = options.get("slots", True)
        own = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        names = [name for name, kind in own.get("__annotations__", {}).items() if not str(kind).startswith("ClassVar")]
        wanted = (*_PICKLED * slots, *_COMPARED * eq, *_SHOWN * repr, *_WRITTEN)
        late = [name for name in wanted if name not in own]
        first: dict[str, Any] = {}

        def fill() -> type[Any]:
            if isinstance(vars(made)["__attrs_attrs__"], _Late):
                # Threads that come by at once give attrs a class of their own, since it changes what it is given. All
                # take what the first of them has: a field is changed as well when its type is resolved.
                source = type(cls)(cls.__name__, cls.__bases__, own)
                _fill(made, first.setdefault("written", attrs.frozen(source, eq=False, repr=False, **options)), late)
            return made

        added = {**_REFUSING, **{name: _Late(name, fill) for name in late}}
        if slots:
            made = _slotted(cls, names, {**own, **added}, weakref_slot=options.get("weakref_slot", True))
        else:
            made = cls
            for name in own.keys() & {*names}:
                delattr(made, name)
            for name, value in added.items():
                setattr(made, name, value)
        return made


_WRITTEN: Final = ("__init__", "__match_args__", "__attrs_attrs__")
_PICKLED: Final = ("__getstate__", "__setstate__")
_COMPARED: Final = ("__eq__", "__hash__")
_SHOWN: Final = ("__repr__",)


class _Late:
    """
    An attribute of a noun that it gets from attrs when it is first asked for.
    """

    __slots__ = ("fill", "name")

    def __init__(self, name: str, fill: Callable[[], type[Any]]) -> None:
        self.name = name
        self.fill = fill

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        # That of the noun itself, since a child may have its own and ask for this by super().
        found: Any = vars(self.fill())[self.name]
        return found.__get__(instance, owner) if hasattr(found, "__get__") else found


@attrs.frozen(eq=False, repr=False)
class _Refusing:
    """
    What refuses to change a frozen object, and, since Python 3.13, makes a changed copy of it.
    """


_REFUSING: Final = {
    name: vars(_Refusing)[name] for name in ("__setattr__", "__delattr__", "__replace__") if name in vars(_Refusing)
}


def _slotted(cls: Any, names: Sequence[str], content: Mapping[str, Any], *, weakref_slot: bool) -> Any:
    """
    Return a class again with slots for some of its attributes.
    """
    bases = cls.__mro__[1:-1]
    slots = [name for name in names if not any(name in getattr(base, "__slots__", ()) for base in bases)]
    if weakref_slot and not any("__weakref__" in vars(base) for base in bases):
        slots.append("__weakref__")
    kept = {name: value for name, value in content.items() if name not in names}
    return type(cls)(cls.__name__, cls.__bases__, {**kept, "__slots__": slots, "__qualname__": cls.__qualname__})


def _fill(made: Any, written: Any, late: Sequence[str]) -> None:
    """
    Give a noun what attrs wrote for the same class.

    Two threads may do so at once: both write the same, and what says that all of it is there comes last.
    """
    fields = attrs.fields(written)
    if "__eq__" in late:
        _add_comparison(made, _compared(fields), hashed="__hash__" not in late)
    if "__repr__" in late:
        _add_repr(made, [(each.name, each.default) for each in fields if each.repr])
    for name in ("__attrs_props__", *late):
        if name in vars(written):
            setattr(made, name, vars(written)[name])


def _compared(fields: Sequence[Any]) -> Callable[[Any], Any]:
    """
    Return what reads the values by which objects of a class are compared.
    """
    names = [each.name for each in fields if each.eq]
    keys: dict[str, Callable[[Any], Any]] = {each.name: each.eq_key for each in fields if each.eq_key}
    if names and not keys:
        return attrgetter(*names)

    def read(self: Any) -> tuple[Any, ...]:
        return tuple([keys[each](getattr(self, each)) if each in keys else getattr(self, each) for each in names])

    return read


def _add_comparison(cls: Any, read: Callable[[Any], Any], *, hashed: bool) -> None:
    def __eq__(self: Any, other: object) -> bool:  # noqa: N807 -- it becomes the class's own, as the others below
        return read(self) == read(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(read(self))

    cls.__eq__ = __eq__
    if not hashed:
        cls.__hash__ = __hash__


def _add_repr(cls: Any, named: Sequence[tuple[str, object]]) -> None:
    # What is as by default is left out: an entry has up to thirty attributes, and a screen shows a few.
    def __repr__(self: Any) -> str:  # noqa: N807
        values = [(name, getattr(self, name), default) for name, default in named]
        shown = ", ".join([f"{name}={value!r}" for name, value, default in values if not _same(value, default)])
        return f"{self.__class__.__qualname__}({shown})"

    cls.__repr__ = __repr__


def _same(value: object, default: object) -> bool:
    return value.__class__ is default.__class__ and value == default


def maker(cls: type[T]) -> type[T]:
    """
    Return what makes objects of a frozen attrs class in less time: called like the class, with the same result.

    A frozen slotted class pays about 80 ns an attribute, because each goes through ``object.__setattr__``.
    The nouns of which every move makes one are filled as a mutable twin instead, which then says what it is:
    Python allows that for a class with the same slots. The caller gets the frozen class, whole. Validators and
    converters are left out, and a default that is a factory takes the object.
    """
    fields = attrs.fields(cast("type[Any]", cls))
    # A child with no slots of its own, which takes from ``object`` what the frozen class refuses.
    again = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    twin = type(f"_{cls.__name__}Twin", (cls,), {**again, "__slots__": ()})
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
