"""
A definition as far as it could be read, and where its faults stand in the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from .._model.definition import Definition
from .._model.frozen import EMPTY
from .report import Fault, line_of


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
