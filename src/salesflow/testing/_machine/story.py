"""
Calls, written down as Python that runs.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import attrs

from ..._model.frozen import EMPTY
from ..._model.values import Money


@attrs.define
class Call:
    """
    One call of a pipeline, with literal arguments.

    Attributes:
        raised: the class of the error that it raised and that was expected, if it did.
    """

    name: str
    args: tuple[Any, ...] = ()
    how: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    raised: str = ""


def project_of(call: Call) -> str | None:
    """
    Return which project a call is about, ``None`` for all.
    """
    found = call.how.get("id") if call.name == "open" else next(iter(call.args), None)
    return found if isinstance(found, str) else None


_ASKS_FOR_A_TIME: Final = "check_end"  # it has no time of its own


def usual(calls: Iterable[Call]) -> dict[str, Any]:
    """
    Return who acts, and at what time, in most calls, as far as that is more than one.
    """
    found: dict[str, Any] = {}
    several = list(calls)
    for name in ("actor", "at"):
        ((most, times),) = Counter(call.how.get(name) for call in several).most_common(1) or [(None, 0)]
        if most is not None and times > 1:
            found[name] = most
    return found


@attrs.define
class StoryWriter:
    """
    Writes values as Python expressions, and remembers what has to be imported.

    Attributes:
        imports: names by module.
        given: names that whoever runs it has to supply.
    """

    imports: dict[str, set[str]] = attrs.field(factory=dict[str, set[str]])
    given: list[str] = attrs.field(factory=list[str])

    def name(self, module: str, name: str) -> str:
        """
        Return a name that will be imported from its module.
        """
        self.imports.setdefault(module, set()).add(name)
        return name

    def value(self, value: object) -> str:
        """
        Return an expression that gives an equal value.
        """
        plain: Any = value
        for kinds, write in _WRITERS:
            if isinstance(value, kinds):
                return write(self, plain)
        kind = type(value)
        if attrs.has(kind) or dataclasses.is_dataclass(kind):
            return self._object(plain)
        return repr(plain)

    def moment(self, value: datetime) -> str:
        """
        Write a time, in UTC, as far as its parts are not zero.
        """
        now = value.astimezone(UTC)
        parts = [now.year, now.month, now.day, now.hour, now.minute, now.second, now.microsecond]
        while len(parts) > 5 and not parts[-1]:
            parts.pop()
        self.name("datetime", "UTC")
        return f"{self.name('datetime', 'datetime')}({', '.join(map(str, parts))}, tzinfo=UTC)"

    def sequence(self, value: Any) -> str:
        """
        Write a list or tuple.
        """
        items = ", ".join(self.value(item) for item in value)
        if isinstance(value, list):
            return f"[{items}]"
        return f"({items},)" if len(value) == 1 else f"({items})"

    def _object(self, value: object) -> str:
        """
        Write a frozen noun by its constructor, without what is as it is by default.
        """
        kind = type(value)
        parts: list[str] = []
        for name, parameter in inspect.signature(kind).parameters.items():
            found = getattr(value, name)
            if parameter.default is parameter.empty and parameter.kind.name != "KEYWORD_ONLY":
                parts.append(self.value(found))
            elif found != _default(kind, name, value):
                parts.append(f"{name}={self.value(found)}")
        return f"{self.name(_door(kind), kind.__name__)}({', '.join(parts)})"

    def call(self, call: Call) -> str:
        """
        Write a call of ``pipeline``.
        """
        parts = [self.value(each) for each in call.args]
        parts += [f"{name}={self.value(each)}" for name, each in call.how.items()]
        return f"pipeline.{call.name}({', '.join(parts)})"

    def head(self) -> list[str]:
        """
        Write the imports, those of the standard library first.
        """
        found = [(module in _STANDARD, module, sorted(names)) for module, names in self.imports.items()]
        ours = [f"from {module} import {', '.join(names)}" for plain, module, names in sorted(found) if not plain]
        plain = [f"from {module} import {', '.join(names)}" for plain, module, names in sorted(found) if plain]
        return [*plain, "", *ours] if plain else ours


def _mapping(writer: StoryWriter, value: Mapping[Any, Any]) -> str:
    return "{" + ", ".join(f"{writer.value(key)}: {writer.value(item)}" for key, item in value.items()) + "}"


def _set(writer: StoryWriter, value: Iterable[Any]) -> str:
    return "{" + ", ".join(sorted(map(writer.value, value))) + "}" if value else "set()"


# Each before what it is a kind of: a time is a date as well.
_WRITERS: Final[tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[StoryWriter, Any], str]], ...]] = (
    (datetime, StoryWriter.moment),
    (date, lambda writer, day: f"{writer.name('datetime', 'date')}({day.year}, {day.month}, {day.day})"),
    (timedelta, lambda writer, span: f"{writer.name('datetime', 'timedelta')}(seconds={span.total_seconds()!r})"),
    (Decimal, lambda writer, number: f"{writer.name('decimal', 'Decimal')}({str(number)!r})"),
    (Money, lambda writer, sum_: f"{writer.name('salesflow', 'Money')}({str(sum_.amount)!r}, {sum_.currency!r})"),
    (Enum, lambda writer, member: f"{writer.name(type(member).__module__, type(member).__name__)}.{member.name}"),
    (Mapping, _mapping),
    ((set, frozenset), _set),
    ((tuple, list), StoryWriter.sequence),
)
_STANDARD: Final = ("contextlib", "datetime", "decimal", "pathlib", "tempfile")
_MISSING: Final = object()


def _default(kind: type[Any], name: str, value: Any) -> Any:
    """
    Return the default of an attribute, if it is known.
    """
    if attrs.has(kind):
        default: Any = next((each.default for each in attrs.fields(kind) if each.name == name), _MISSING)
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # it is a class at run time
            return default.factory(value) if default.takes_self else default.factory()
        return default
    return inspect.signature(kind).parameters[name].default


def _door(kind: type[Any]) -> str:
    """
    Return the public module that a class is imported from.
    """
    if kind.__module__.startswith("salesflow.dossier"):
        return "salesflow.dossier"
    return "salesflow" if kind.__module__.startswith("salesflow._") else kind.__module__


def told(calls: Iterable[Call], writer: StoryWriter, known: Mapping[str, Any] = EMPTY) -> list[str]:
    """
    Write calls as lines, without the arguments that are *known*; what was expected to raise is let off.
    """
    lines: list[str] = []
    for call in calls:
        left_out = () if call.name == _ASKS_FOR_A_TIME else known
        how = {name: each for name, each in call.how.items() if name not in left_out or each != known[name]}
        line = writer.call(attrs.evolve(call, how=how))
        if call.raised:
            writer.name("contextlib", "suppress")
            lines += [f"with suppress({writer.name('salesflow.errors', call.raised)}):", f"    {line}"]
        else:
            lines.append(line)
    return lines
