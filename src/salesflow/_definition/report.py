"""
What is wrong with a definition: single faults, the report that lists them all, and how far a definition could be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import attrs

from .._model.definition import Definition
from .._model.frozen import EMPTY
from ..errors import plain


_NUMBER = re.compile(r"(\d+)")

_Place: TypeAlias = tuple[bool, int, list[tuple[bool, int, str]]]


@attrs.frozen(slots=False)
class DefinitionText:
    """
    A definition as text, in TOML or JSON; said to be one, however it looks.
    """

    text: str


@attrs.frozen
class Fault:
    """
    One thing that is wrong, or worth a warning, in a definition.

    Attributes:
        path: where, for example ``transitions[3].guards[0].roles``; empty for the whole.
        code: stable and dotted, for example ``key.unknown``.
        text: what is wrong, without the full stop.
        hint: the next step, whole sentences.
        line: of the text it was read from, counted from 1.
        severity: a ``warning`` does not stop a build.
    """

    path: str
    code: str
    text: str
    hint: str = ""
    line: int | None = None
    severity: Literal["fault", "warning"] = "fault"

    def __str__(self) -> str:
        where = (self.path or "definition") + (f" (line {self.line})" if self.line else "")
        return plain(f"{where}: {self.text} [{self.code}]. {self.hint}".rstrip())


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """
    Return faults ordered by line, then by path with its numbers read as numbers.
    """
    return tuple(sorted(faults, key=_place))


def _place(fault: Fault) -> _Place:
    parts = [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBER.split(fault.path)]
    return fault.line is not None, fault.line or 0, parts


@attrs.frozen
class Report:
    """
    Everything that was found about a definition, in one pass.

    Attributes:
        faults: what must be cured before it can be built.
        warnings: what it can be built with.
        source: what was looked at, as the headline names it.
    """

    faults: tuple[Fault, ...] = attrs.field(default=(), converter=in_order)
    warnings: tuple[Fault, ...] = attrs.field(default=(), converter=in_order)
    source: str = "definition"

    @property
    def ok(self) -> bool:
        """
        Whether the definition can be built.
        """
        return not self.faults

    def __str__(self) -> str:
        headline = f"{plain(self.source)}: {_counted(self.faults, 'fault')}, {_counted(self.warnings, 'warning')}"
        lines = [f"  - {fault}" for fault in self.faults] + [f"  - warning: {fault}" for fault in self.warnings]
        return "\n".join([headline + (":" if lines else "."), *lines])


def _counted(found: tuple[Fault, ...], word: str) -> str:
    return f"{len(found) or 'no'} {word}{'' if len(found) == 1 else 's'}"


def line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """
    Return the line of a path, or of the nearest thing around it that has one.
    """
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


_INDEX: Final = re.compile(r"\[(\d+)\]")


@attrs.frozen(slots=False, repr=False)
class PartialDefinition:
    """
    A definition as far as it could be read.

    Attributes:
        definition: without what was left out; empty if nothing could be read.
        faults: what was wrong, with lines where there are any.
        lines: the line of each path of a TOML text.
        dropped: ids of the fields, stages and transitions that were left out, and paths of the guards
            and effects. An id of ``""`` stands for one that had none.
        kept: for each list that lost items, the positions in the source of those that are left.
    """

    definition: Definition
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = EMPTY
    dropped: frozenset[str] = frozenset()
    kept: Mapping[str, tuple[int, ...]] = EMPTY

    def locate(self, fault: Fault) -> Fault:
        """
        Return a fault of :attr:`definition` as one of the source: its positions there, and its line.
        """
        path, end = "", 0
        for index in _INDEX.finditer(fault.path):
            path += fault.path[end : index.start()]
            number = int(index[1])
            path += f"[{self.kept[path][number] if path in self.kept else number}]"
            end = index.end()
        path += fault.path[end:]
        return attrs.evolve(fault, path=path, line=fault.line or line_of(path, self.lines))
