"""
Names that are imported when they are first used: names of public modules, contributions, and rarely used code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

from .argument_types import explain_types


V = TypeVar("V")


class LazyValue(NamedTuple):
    """
    A contribution whose name is known before it is imported.
    """

    name: str
    module: str
    attribute: str

    def load(self) -> Any:
        """
        Import it.
        """
        return getattr(import_module(self.module), self.attribute)


class LazyMapping(Mapping[str, V]):
    """
    Contributions by name; what is :class:`LazyValue` is imported when it is first looked up.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, V | LazyValue]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> V:
        value = self._values[name]
        if isinstance(value, LazyValue):
            loaded: V = value.load()
            self._values[name] = loaded
            return loaded
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class LazyModule:
    """
    A module that is imported when something of it is first used.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        self.__dict__[name] = value  # so that this is asked once for each name
        return value


def _isort_key(name: str) -> tuple[bool, bool, str]:
    """
    Sort constants first, then classes, then the rest.
    """
    return not name.isupper(), not name[0].isupper(), name


def attach(
    door: dict[str, Any], names: Mapping[str, Iterable[str]], *loaded: str, built_in: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """
    Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package; its functions name arguments of the wrong type.

    Args:
        door: its ``globals()``.
        names: what it offers, by the module that defines it, relative to it.
        loaded: names that it has from the start.
        built_in: the names of the contributions that its ``BUILT_IN`` loads, in this order.
    """
    package = door["__name__"]
    homes = {name: module for module, listed in names.items() for name in listed}
    contributions = tuple(built_in)
    offered = [*homes, "BUILT_IN"] if contributions else [*homes]

    def __getattr__(name: str) -> Any:  # noqa: N807 -- it becomes the package's own
        if name not in offered:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=sys.modules[package])  # so that Python suggests what is near
        if name in homes:
            home = import_module(f".{homes[name]}", package)
            value = getattr(home, name)
            if isinstance(value, FunctionType):
                value = explain_types(value)
                setattr(home, name, value)  # pickles look for it there
        else:
            value = tuple(__getattr__(one) for one in contributions)
        door[name] = value  # so that this function is asked once for each name
        return value

    def __dir__() -> list[str]:  # noqa: N807 -- as above
        return sorted({*door, *offered})

    return __getattr__, __dir__, sorted((*offered, *loaded), key=_isort_key)
