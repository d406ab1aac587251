"""
Reading: a source that follows the feed of a pipeline's store, from a cursor on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs

from ..._definition.reader import read_definition
from ..._definition.report import DefinitionText
from ..._model.calendar import CALENDAR_DAYS
from ..._model.definition import Definition
from ..._pipeline.runtime import Runtime
from ...typing import DefinitionStore
from .columns import Source
from .fold import Horizon, fold, fold_refusals
from .tables import Tables, micros


_PAGE: Final = 5000


@attrs.define(eq=False, repr=False)
class Reader:
    """
    How far a source has read.

    Attributes:
        runtime: of the pipeline.
        as_of: facts that happened later are left out; ``None`` for all of them.
        known_at: facts that were recorded later are left out.
        source: what was folded.
        cursor, attempts: how far the feed and the refused attempts were read.
        kept: what is kept from reading to reading, by name.
    """

    runtime: Runtime
    as_of: datetime | None
    known_at: datetime | None
    source: Source = attrs.Factory(lambda: Source(Tables()))
    cursor: str = ""
    attempts: str = ""
    kept: dict[str, Any] = attrs.Factory(dict[str, Any])

    def read(self) -> int:
        """
        Fold what is new, and return how many facts that were.
        """
        horizon = Horizon(*[2**63 - 1 if each is None else micros(each) for each in (self.as_of, self.known_at)])
        store, tables, count = self.runtime.store, self.source.tables, 0
        while facts := (page := store.feed(self.cursor, limit=_PAGE)).facts:
            fold(tables, facts, horizon)
            self.cursor, count = page.cursor, count + len(facts)
        while attempts := (refused := store.refusals(self.attempts, limit=_PAGE)).attempts:
            fold_refusals(tables, attempts, horizon)
            self.attempts = refused.cursor
        self.source.now = micros(self.as_of or self.known_at or self.runtime.clock())
        self.source.refusals = self.runtime.log_refusals
        self.source.readings += 1
        self._know()
        return count

    def _know(self) -> None:
        """
        Find the definitions that are named in the facts: those of the pipeline, then those that the store keeps.
        """
        source, runtime = self.source, self.runtime
        source.given = [each.definition for each in runtime.lifecycles.values()]
        missing = source.tables.lifecycles[len(source.definitions) :]
        kept = runtime.store.definitions() if missing and isinstance(runtime.store, DefinitionStore) else ()
        texts = {(each.id, each.version): each.text for each in kept}
        for name in missing:
            built = runtime.lifecycles.get(name)
            definition = built.definition if built is not None else _read(texts.get(name))
            source.definitions.append(definition)
            source.calendars.append(CALENDAR_DAYS if built is None else built.calendar)
            source.cadences.append(() if built is None else built.cadences)


def _read(text: str | None) -> Definition | None:
    """
    Return a definition that a store kept; a definition that a newer library wrote, as far as it can be read here.
    """
    return None if text is None else read_definition(DefinitionText(text)).definition
