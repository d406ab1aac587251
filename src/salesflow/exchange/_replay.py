"""
Replays the past of a CRM: rows of a file become projects, and their moves are taken again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .._definition.report import Report
from .._lifecycle.lifecycle import Lifecycle
from .._model.argument_types import explain_types
from .._model.definition import OutcomeClass
from .._model.parameters import check_plain
from .._pipeline.pipeline import Pipeline
from .._pipeline.queries import batch
from .._pipeline.recorder import commit
from .._pipeline.runtime import Runtime
from ..errors import DefinitionError, InputError, VersionConflictError, say
from ..plugins._loading import Source, load_lifecycle
from ..typing import Store
from ._check_mapping import check_mapping
from ._decide_steps import DecidedSteps, decide_steps, targets
from ._journeys import find_journeys
from ._map_file import load_mapping
from ._mapping import ColumnMapping
from ._report import ImportReport, RowProblem, Tally, label
from ._rows import read_sheet


Progress: TypeAlias = Callable[[int, int], Any]
"""Is called with how many deals are done, and how many the file has."""


@explain_types
def replay_file(
    path: str | os.PathLike[str],
    *,
    mapping: ColumnMapping | str | os.PathLike[str] | Mapping[str, Any],
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

    Of the stay that a deal ends in, the deadlines are armed. One that has passed by the pipeline's clock is
    recorded as passed when it was due, without its effects; those of earlier stays are not recorded. Cadences are
    watched from the import on: slots that have closed by then are not missed.

    Args:
        mapping: what the columns mean, or its file, or the data of one.
        lifecycle: the lifecycle of the projects, or where to load it from.
        store: where they are kept; without one, in memory, for the report's sake.
        pipeline: takes the place of *lifecycle* and *store*; its listeners are called.
        progress: called after every deal.

    Raises:
        InputError: if the file cannot be read, or is not a CSV file in the mapping's encoding, or columns are missing
            (all named).
        DefinitionError: for faults of the mapping or the lifecycle (all named).
    """
    if progress is not None:
        check_plain("progress=", progress)
    acting = _pipeline(lifecycle, store, pipeline)
    if not isinstance(mapping, ColumnMapping):
        mapping = load_mapping(mapping, lifecycle=acting.lifecycle)
    else:
        faults = tuple(check_mapping(mapping, acting.lifecycle))
        if faults:
            raise DefinitionError(Report(faults, source="mapping"))
    runtime = acting._runtime  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- it writes as a pipeline does
    return _run(runtime, os.fspath(path), mapping, progress)


def _run(runtime: Runtime, path: str, mapping: ColumnMapping, progress: Progress | None) -> ImportReport:
    lifecycle, now = runtime.lifecycle, runtime.clock()
    sheet = read_sheet(path, mapping)
    found = find_journeys(sheet.rows, mapping, lifecycle)
    tally = Tally()
    tally.problems += (*sheet.problems, *found.problems)
    tally.notes += found.notes
    triggers = targets(lifecycle)
    classes: dict[str, OutcomeClass] = {outcome.id: outcome.class_ for outcome in lifecycle.definition.outcomes}
    with batch(runtime):
        for number, journey in enumerate(found.journeys, 1):
            known = runtime.store.head(journey.id) is not None
            facts = tuple(runtime.store.load(journey.id)) if known else ()
            steps = decide_steps(journey, lifecycle, triggers, facts, now)
            _write(runtime, steps, journey.id, tally)
            project = runtime.store.head(journey.id)
            if project is not None:
                tally.count(project, classes.get(project.outcome, "other"))
            if progress is not None:
                progress(number, len(found.journeys))
    rows = len(sheet.rows) + len(sheet.problems) + sheet.blank
    return tally.report(path, lifecycle, rows=rows, blank=sheet.blank)


def _write(runtime: Runtime, steps: DecidedSteps, project_id: str, tally: Tally) -> None:
    """
    Commit the steps of a deal one by one. Where somebody else is faster, the rest is a problem of its rows.
    """
    late: list[int] = []
    for number, write in enumerate(steps.writes):
        try:
            _, failures = commit(runtime, write.staged, observed=False, late=tally.failures)
        except VersionConflictError:
            late = [each.row for each in steps.writes[number:] if each.row is not None]
            break
        tally.failures += failures
    about = label("row.overtaken")
    problems = (RowProblem(row, "row.overtaken", about, project_id=project_id) for row in dict.fromkeys(late))
    tally.done.update(row for row in steps.done if row not in late)
    tally.already.update(steps.already)
    tally.unchanged.update(steps.unchanged)
    tally.notes += steps.notes
    tally.problems += (*steps.problems, *problems)


def _pipeline(lifecycle: Lifecycle | Source | None, store: Store | None, pipeline: Pipeline | None) -> Pipeline:
    if pipeline is not None:
        if lifecycle is not None or store is not None:
            raise InputError("pipeline=", pipeline, say("input.import_pipeline"))
        return pipeline
    if lifecycle is None:
        raise InputError("lifecycle=", lifecycle, say("input.import_lifecycle"))
    built = lifecycle if isinstance(lifecycle, Lifecycle) else load_lifecycle(lifecycle)
    return Pipeline(built, store=store)
