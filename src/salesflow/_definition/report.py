"""
What is wrong with a definition: single faults, the report that lists them all, and how far a definition could be read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import attrs

from .._model.definition import Definition
from .._model.frozen import EMPTY, noun
from ..errors import Message, nearest, plain, say, say_both


_NUMBER = re.compile(r"(\d+)")

_Place: TypeAlias = tuple[bool, int, list[tuple[bool, int, str]]]


@noun(slots=False)
class DefinitionText:
    """
    A definition as text, in TOML or JSON; said to be one, however it looks.
    """

    text: str


@noun
class Fault:
    """
    One thing that is wrong, or worth a warning, in a definition.

    Attributes:
        path: where, for example ``transitions[3].guards[0].roles``; empty for the whole.
        code: stable and dotted, for example ``key.unknown``.
        problem: what is wrong, without the full stop, in English; :meth:`text` says it in Chinese too.
        hint: the next step, whole sentences; written like *problem*.
        line: of the text it was read from, counted from 1.
        severity: a ``warning`` does not stop a build.
    """

    path: str
    code: str
    problem: str
    hint: str = ""
    line: int | None = None
    severity: Literal["fault", "warning"] = "fault"

    def text(self, lang: str = "en") -> str:
        """
        Say where it is, what is wrong, and the next step, in the language nearest to *lang*; ``str()`` is English.
        """
        where = self.path or say("definition")
        place = say("fault.line", where=where, line=self.line) if self.line else where
        found = say("fault", where=place, problem=self.problem, code=self.code, hint=self.hint)
        return plain(found.text(lang)).rstrip()

    def __str__(self) -> str:
        return self.text()


def fault(path: str, name: str, /, **parts: Any) -> Fault:
    """
    Return a fault by the name of its message; the part before a ``/`` in the name is its code.
    """
    return Fault(path, name.partition("/")[0], *say_both(name, **parts))


def warning(path: str, name: str, /, **parts: Any) -> Fault:
    """
    Return a warning like :func:`fault`.
    """
    return attrs.evolve(fault(path, name, **parts), severity="warning")


def unknown_choice(path: str, value: object, known: Sequence[str]) -> Fault:
    """
    Return a fault for a word that is not among those that are known.
    """
    return fault(path, "value.choice", value=value, known=known, near=nearest(str(value), known))


def few(names: Collection[str], most: int = 20) -> list[str]:
    """
    Return the first names, and how many more there are: many faults that each list all names would have no end.
    """
    more = len(names) - most
    return [*islice(names, most), *([say("more", count=more)] if more > 0 else [])]


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """
    Return faults ordered by line, then by path with its numbers read as numbers.
    """
    return tuple(sorted(faults, key=_place))


def _place(fault: Fault) -> _Place:
    parts = [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBER.split(fault.path)]
    return fault.line is not None, fault.line or 0, parts


@noun
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

    def summary(self, lang: str = "en") -> str:
        """
        Say how much was found, in one line without a full stop.
        """
        faults, warnings = _counted(self.faults, "fault"), _counted(self.warnings, "warning")
        return say("report", source=self.source, faults=faults, warnings=warnings).text(lang)

    def text(self, lang: str = "en") -> str:
        """
        Say what was found in the language nearest to *lang*, a line for each; ``str()`` is English.
        """
        found: list[Fault | Message] = [*self.faults, *(say("report.warning", fault=each) for each in self.warnings)]
        stop = say("report.listed" if found else "report.ended").text(lang)
        return "\n".join([self.summary(lang) + stop, *(f"  - {each.text(lang)}" for each in found)])

    def __str__(self) -> str:
        return self.text()


def _counted(found: tuple[Fault, ...], word: str) -> Message:
    return say(f"report.{word}s{min(len(found), 2)}", count=len(found))


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


@noun(slots=False, repr=False)
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
