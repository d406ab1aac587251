"""
Names a store on the command line: ``journal:FOLDER`` or ``memory:``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import click

from ..stores import JournalStore, MemoryStore
from ..typing import Store


@attrs.frozen
class StoreUrl:
    """
    A store that is named, and not open yet.
    """

    scheme: str
    place: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.place}"

    def open(self, entries: Iterable[type[Any]] = ()) -> Store:
        """
        Open it, with the entry classes of a lifecycle.

        Raises:
            StoreError: if it is in use, damaged, or written by a newer version.
        """
        return MemoryStore() if self.scheme == "memory" else JournalStore(self.place, entries=entries)


class StoreParam(click.ParamType[StoreUrl]):
    """
    Reads the name of a store.
    """

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StoreUrl:
        if isinstance(value, StoreUrl):
            return value
        scheme, colon, place = str(value).partition(":")
        if not colon or scheme not in ("journal", "memory") or (scheme == "journal") is not bool(place):
            self.fail(f"{value!r} names no store. Use journal:FOLDER, or memory: to keep nothing.", param, ctx)
        return StoreUrl(scheme, place)
