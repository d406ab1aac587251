"""
Takes the tables of a mapping apart, key by key, and collects what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._definition.report import Fault
from ..errors import did_you_mean, shown


@attrs.define(eq=False)
class Table:
    """
    One table of a mapping: every key is asked for once, and what was not asked for is unknown.

    Attributes:
        data: as the file has it.
        path: where the table stands; empty for the file itself.
        faults: shared by all tables of a file.
    """

    data: Mapping[str, Any]
    path: str
    faults: list[Fault]
    asked: list[str] = attrs.field(factory=list[str])

    def place(self, key: str) -> str:
        """
        Return the path of one key.
        """
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, code: str, text: str, hint: str) -> None:
        """
        Note that something is wrong with one key.
        """
        self.faults.append(Fault(self.place(key), code, text, hint))

    def take(self, key: str, kind: type, shape: str, *, required: bool = False, empty: bool = False) -> Any:
        """
        Return the value of a key, or ``None`` if it is not there or not of its kind.

        Args:
            empty: whether an empty text will do.
        """
        self.asked.append(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.fault(key, "key.missing", "it is missing", f"Give {shape}.")
            return None
        if not isinstance(value, kind) or isinstance(value, bool) or (value == "" and not empty):
            self.fault(key, "value.type", f"{shown(value)} does not fit", f"Give {shape}.")
            return None
        return value

    def text(self, key: str, shape: str = "a text that is not empty", *, required: bool = False) -> str | None:
        """
        Return a text.
        """
        found: str | None = self.take(key, str, shape, required=required)
        return found

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """
        Return a list of texts as a tuple, empty if there is none.
        """
        shape = "a list of texts"
        found: list[Any] = self.take(key, list, shape, required=required) or []
        wrong = [item for item in found if not isinstance(item, str) or not item]
        if wrong or (required and key in self.data and not found):
            self.fault(key, "value.type", f"{shown(wrong or found)} does not fit", f"Give {shape} that are not empty.")
            return ()
        return tuple(found)

    def one_of(self, key: str, choices: tuple[str, ...]) -> str | None:
        """
        Return one of a few words.
        """
        found = self.text(key, f"one of {', '.join(choices)}", required=True)
        if found is not None and found not in choices:
            hint = did_you_mean(found, choices).strip()
            self.fault(key, "value.choice", f"{shown(found)} is none of {', '.join(choices)}", hint)
            return None
        return found

    def table(self, key: str, *, required: bool = False) -> Table:
        """
        Return the table under a key; an empty one if it is not there.
        """
        found: Mapping[str, Any] = self.take(key, dict, f"a table [{self.place(key)}]", required=required) or {}
        return Table(found, self.place(key), self.faults)

    def tables(self) -> dict[str, Table]:
        """
        Return every key of this table as a table of its own.
        """
        return {key: self.table(key) for key in self.data}

    def close(self) -> None:
        """
        Note the keys that nobody asked for.
        """
        for key in self.data:
            if key not in self.asked:
                hint = f"Known here: {', '.join(self.asked)}.{did_you_mean(key, self.asked)}"
                self.fault(key, "key.unknown", "there is no such key", hint)
