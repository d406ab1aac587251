"""
Replays the past of a CRM: rows of a file become projects, and their moves are taken again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from .._definition.report import Report
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Fact
from .._pipeline.pipeline import Pipeline
from .._pipeline.queries import record
from ..errors import DefinitionError, InputError
from ..plugins._loading import Source, load_lifecycle
from ..typing import Store
from ._journeys import find_journeys
from ._map_check import check_mapping
from ._map_file import load_mapping
from ._mapping import ColumnMapping
from ._report import ImportReport, Tally
from ._rows import read_sheet
from ._walk import targets, walk


Progress: TypeAlias = Callable[[int, int], Any]
"""Is told how many deals are done, and how many there are."""


def replay_file(
    path: str | os.PathLike[str],
    *,
    mapping: ColumnMapping | str | os.PathLike[str],
    lifecycle: Lifecycle | Source | None = None,
    store: Store | None = None,
    pipeline: Pipeline | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """
    Import a CSV file of a CRM: every deal becomes a project, at the times at which it moved.

    Every move is decided by the lifecycle; what is refused is reported with its row, and the
    other rows are imported. A row of a snapshot is taken in as a whole or not at all, a history
    row by row. Running the same file again changes nothing.

    Args:
        mapping: what the columns mean, or its file.
        lifecycle: the lifecycle of the projects, or where to load it from.
        store: where they are kept; without one, in memory, for the report's sake.
        pipeline: takes the place of *lifecycle* and *store*; its listeners are told.
        progress: called after every deal.

    Raises:
        OSError: if the file cannot be read.
        InputError: if it is no CSV in the mapping's encoding, or columns are missing (all named).
        DefinitionError: for faults of the mapping or the lifecycle (all named).
    """
    acting = _pipeline(lifecycle, store, pipeline)
    if not isinstance(mapping, ColumnMapping):
        mapping = load_mapping(mapping, lifecycle=acting.lifecycle)
    else:
        faults = tuple(check_mapping(mapping, acting.lifecycle))
        if faults:
            raise DefinitionError(Report(faults, source="mapping"))
    return _run(acting, os.fspath(path), mapping, progress)


def _run(acting: Pipeline, path: str, mapping: ColumnMapping, progress: Progress | None) -> ImportReport:
    sheet = read_sheet(path, mapping)
    found = find_journeys(sheet.rows, mapping, acting.lifecycle)
    tally = Tally()
    tally.problems += (*sheet.problems, *found.problems)
    triggers = targets(acting.lifecycle)
    with acting.batch():
        for number, journey in enumerate(found.journeys, 1):
            walked = walk(journey, acting.lifecycle, triggers, _facts(acting, journey.id))
            for write in walked.writes:
                tally.failures += record(acting, write)
            tally.take(walked)
            project = acting.store.head(journey.id)
            if project is not None:
                tally.count(project)
            if progress is not None:
                progress(number, len(found.journeys))
    rows = len(sheet.rows) + len(sheet.problems) + sheet.blank
    return tally.report(path, acting.lifecycle, rows=rows, blank=sheet.blank)


def _pipeline(lifecycle: Lifecycle | Source | None, store: Store | None, pipeline: Pipeline | None) -> Pipeline:
    if pipeline is not None:
        if lifecycle is not None or store is not None:
            raise InputError("pipeline=", pipeline, "It has its lifecycle and store; pass either it or those.")
        return pipeline
    if lifecycle is None:
        raise InputError("lifecycle=", lifecycle, "Pass the lifecycle that the deals went through, or a pipeline.")
    built = lifecycle if isinstance(lifecycle, Lifecycle) else load_lifecycle(lifecycle)
    return Pipeline(built, store=store)


def _facts(acting: Pipeline, project_id: str) -> Sequence[Fact]:
    return () if acting.store.head(project_id) is None else tuple(acting.store.load(project_id))
