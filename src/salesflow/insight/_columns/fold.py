"""
The fold of many projects: each fact adds rows to the tables of a portfolio, in the same way as ``evolve`` does for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..._model.definition import UNDECIDED
from ..._model.facts import (
    Attempt,
    Change,
    DeadlinePassed,
    EntryMoved,
    EntryPut,
    Fact,
    FieldSet,
    OpaqueEntry,
    Opened,
    Reparented,
    Transitioned,
)
from ..._model.frozen import noun
from .tables import NEVER, NONE, Entries, Tables, Values, micros


_LATEST: Final = 2**63 - 1


@noun
class Horizon:
    """
    What a portfolio knows of.

    Attributes:
        at: facts that happened later are left out; microseconds since 1970.
        known: a project's facts end before the first that was recorded later.
    """

    at: int = _LATEST
    known: int = _LATEST


def fold(tables: Tables, facts: Iterable[Fact], horizon: Horizon) -> None:
    """
    Add the rows of facts, each project's in the order of its versions.
    """
    rows, projects = tables.rows, tables.projects
    everything = horizon.at == horizon.known == _LATEST
    for fact in facts:
        at = micros(fact.at)
        row = rows.get(fact.project_id, NONE)
        if not everything and _beyond(tables, fact, row, at, horizon):
            continue
        body = fact.body
        recorded = at if fact.recorded_at == fact.at else micros(fact.recorded_at)
        if isinstance(body, Opened):
            row = _open(tables, fact, body, at, recorded)
        elif row == NONE:
            continue  # its opening is later than the horizon
        elif recorded > projects.known[row]:
            projects.known[row] = recorded
        if isinstance(body, Transitioned):
            _move(tables, row, fact, body, at)
        else:
            _follow(tables, row, fact, at)
        if body.changes:
            _change(tables, row, body.changes, at, fact.actor.name)
        projects.updated[row] = max(projects.updated[row], at)
        projects.version[row] = fact.version


def _follow(tables: Tables, row: int, fact: Fact, at: int) -> None:
    body = fact.body
    if isinstance(body, DeadlinePassed):
        _pass(tables, row, body, at)
    elif isinstance(body, EntryMoved):
        _move_entry(tables, row, fact, body, at)
    elif isinstance(body, Reparented):
        tables.projects.parent[row] = body.parent
        tables.spawned.discard(fact.project_id)


def _beyond(tables: Tables, fact: Fact, row: int, at: int, horizon: Horizon) -> bool:
    """
    Tell whether a fact is later than what the portfolio knows of.

    As in ``facts_until``, a project ends with the first fact that was recorded later, and later facts are left out.
    """
    stopped = tables.projects.stopped
    if row != NONE and stopped[row]:
        return True
    if horizon.known != _LATEST and micros(fact.recorded_at) > horizon.known:
        if row != NONE:
            stopped[row] = 1
        return True
    return at > horizon.at


def _open(tables: Tables, fact: Fact, body: Opened, at: int, recorded: int) -> int:
    projects, number = tables.projects, tables.words.number
    row = tables.rows[fact.project_id] = len(projects.id)
    stage, outcome, actor = number(body.stage), number(body.outcome), number(fact.actor.name)
    lifecycle = (fact.lifecycle, fact.lifecycle_version)
    if lifecycle not in tables.lifecycles:
        tables.lifecycles.append(lifecycle)
    projects.id.append(fact.project_id)
    projects.name.append(body.name)
    projects.lifecycle.append(tables.lifecycles.index(lifecycle))
    projects.opened.append(at)
    projects.opened_by.append(actor)
    projects.parent.append(body.parent)
    projects.stage.append(stage)
    projects.outcome.append(outcome)
    projects.closed.append(NEVER)
    projects.visit.append(_enter(tables, row, stage, outcome, at))
    projects.suspended.append(NONE)
    projects.updated.append(at)
    projects.version.append(fact.version)
    projects.known.append(recorded)
    projects.stopped.append(0)
    _add_move(tables, row, fact, (NONE, number("open"), NONE, stage, outcome), at, closed=False)
    return row


def _enter(tables: Tables, row: int, stage: int, outcome: int, at: int) -> int:
    visits = tables.visits
    visits.project.append(row)
    visits.stage.append(stage)
    visits.entered.append(at)
    visits.left.append(NEVER)
    visits.outcome.append(outcome)
    return len(visits.project) - 1


def _add_move(
    tables: Tables,
    row: int,
    fact: Fact,
    move: tuple[int, int, int, int, int],
    at: int,
    *,
    closed: bool,
    overrides: int = 0,
) -> None:
    moves = tables.moves
    transition, kind, source, target, outcome = move
    moves.project.append(row)
    moves.at.append(at)
    moves.known.append(tables.projects.known[row])
    moves.version.append(fact.version)
    moves.transition.append(transition)
    moves.kind.append(kind)
    moves.source.append(source)
    moves.target.append(target)
    moves.outcome.append(outcome)
    moves.closed.append(closed)
    moves.actor.append(tables.words.number(fact.actor.name))
    moves.overrides.append(overrides)
    moves.visit.append(tables.projects.visit[row])


def _move(tables: Tables, row: int, fact: Fact, body: Transitioned, at: int) -> None:
    projects, visits, holds, number = tables.projects, tables.visits, tables.holds, tables.words.number
    visit, suspended = projects.visit[row], projects.suspended[row]
    target, outcome = number(body.target), number(body.outcome)
    back = body.kind == "resume" and suspended != NONE
    if suspended != NONE and (back or not body.stays):
        holds.visit.append(suspended)
        holds.start.append(visits.entered[visit])
        holds.end.append(at)
    if back:
        visits.left[visit] = at
        projects.visit[row], projects.suspended[row] = suspended, NONE
    elif not body.stays:
        if body.kind == "hold" and suspended == NONE:
            projects.suspended[row] = visit
        else:
            visits.left[visit] = at
            if body.kind != "hold" and suspended != NONE:
                visits.left[suspended] = at
                projects.suspended[row] = NONE
        projects.visit[row] = _enter(tables, row, target, outcome, at)
    if body.spawned is not None:
        tables.spawned.add(body.spawned)
    closed = _closed(tables, row, body, outcome, at)
    projects.stage[row], projects.outcome[row], projects.closed[row] = target, outcome, closed
    lifecycle = (fact.lifecycle, fact.lifecycle_version)
    if lifecycle != tables.lifecycles[projects.lifecycle[row]]:
        if lifecycle not in tables.lifecycles:
            tables.lifecycles.append(lifecycle)
        projects.lifecycle[row] = tables.lifecycles.index(lifecycle)
    move = (number(body.transition), number(body.kind), number(body.source), target, outcome)
    _add_move(tables, row, fact, move, at, closed=closed != NEVER, overrides=len(body.overrides))


def _closed(tables: Tables, row: int, body: Transitioned, outcome: int, at: int) -> int:
    """
    Return since when the project has been closed after a move, as ``evolve`` finds it.
    """
    since, renewed = tables.projects.closed[row], outcome != tables.projects.outcome[row]
    closed = body.closed
    if closed is None:
        closed = body.outcome != UNDECIDED and body.kind != "reopen" and (renewed or since != NEVER)
    if not closed:
        return NEVER
    return at if since == NEVER or renewed else since


def _pass(tables: Tables, row: int, body: DeadlinePassed, at: int) -> None:
    passed, number = tables.passed, tables.words.number
    passed.project.append(row)
    passed.deadline.append(number(body.deadline))
    passed.stage.append(number(body.stage))
    passed.due.append(micros(body.due_at))
    passed.at.append(at)
    passed.late.append(body.late)


def _move_entry(tables: Tables, row: int, fact: Fact, body: EntryMoved, at: int) -> None:
    moves, number = tables.entry_moves, tables.words.number
    moves.project.append(row)
    moves.at.append(at)
    moves.by.append(number(fact.actor.name))
    moves.kind.append(number(body.kind))
    moves.id.append(body.id)
    moves.transition.append(number(body.transition))
    moves.source.append(number(body.source))
    moves.target.append(number(body.target))


def _change(tables: Tables, row: int, changes: tuple[Change, ...], at: int, actor: str) -> None:
    fields, known = tables.fields, tables.projects.known[row]
    for change in changes:
        if isinstance(change, FieldSet):
            values = fields.get(change.field)
            if values is None:
                values = fields[change.field] = Values()
            values.project.append(row)
            values.at.append(at)
            values.known.append(known)
            values.value.append(change.value)
        elif isinstance(change, EntryPut):
            entry = change.entry
            if not isinstance(entry, OpaqueEntry):
                _put(tables, entry.kind, row, at, actor, entry.id, entry)
        else:
            _put(tables, change.kind, row, at, actor, change.id, None)


def _put(tables: Tables, kind: str, row: int, at: int, actor: str, entry_id: str, entry: object) -> None:
    table = tables.entries.get(kind)
    if table is None:
        table = tables.entries[kind] = Entries()
    table.project.append(row)
    table.at.append(at)
    table.known.append(tables.projects.known[row])
    table.by.append(tables.words.number(actor))
    table.id.append(entry_id)
    table.entry.append(entry)


def fold_refusals(tables: Tables, attempts: Iterable[Attempt], horizon: Horizon) -> None:
    """
    Add the rows of refused attempts.
    """
    refusals, number, last = tables.refusals, tables.words.number, min(horizon.at, horizon.known)
    for attempt in attempts:
        at = micros(attempt.at)
        row = tables.rows.get(attempt.project_id, NONE)
        if row == NONE or at > last:
            continue
        refusals.project.append(row)
        refusals.at.append(at)
        refusals.version.append(attempt.version)
        refusals.actor.append(number(attempt.actor))
        refusals.trigger.append(number(attempt.trigger))
        refusals.transition.append(number(attempt.transition) if attempt.transition else NONE)
        refusals.codes.append(attempt.codes)
