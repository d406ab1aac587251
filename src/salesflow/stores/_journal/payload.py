"""
What one line of a journal says: a commit to and from JSON.

.. code-block:: text

    {"attempts": [...], "done": [work, ...], "dropped": [[project, visit], ...], "dues": [...], "facts": [...],
     "key": [project, key, fingerprint], "notices": [...], "opened": [[id, project, due, notice], ...],
     "position": 17}
    {"work": [[id, due, token, attempts, owner, until, error], ...], "position": 18}
    {"definition": [id, version, digest, text], "position": 18}
    {"purge": "2026-03-02T00:00:00Z", "position": 18}

``position`` is the feed position of the first fact, or of the next fact if there is none;
what is empty is left out. ``work`` says how work stands after it was claimed, extended,
released or queued again, ``definition`` what projects run under, ``purge`` that keys from before
a time were forgotten. Of the lines that a batch wrote together all but the first say ``since``, the
byte where the first of them begins. Version 0.1.0 wrote them as one line, ``{"group": [{...}, ...]}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from ..._codec import facts as codec
from ..._codec.values import canonical, decode_time, encode_time
from ..._model.commit import Append, Commit, Key, StoredDefinition
from ..._model.facts import Attempt, Fact
from ..._model.fold import evolve
from ..._model.project import Project
from ..._model.work import Work
from ...errors import say
from .._memory.work_queue import State
from ..adapting import fact_text, notices_of


Types: TypeAlias = Mapping[str, type[Any]]  # the class of every kind of entry
Part: TypeAlias = dict[str, Any]  # the JSON object of a line, or a member of its group


def encode_commit(commit: Commit, types: Types) -> bytes:
    """
    Return the JSON of a commit as far as it is known before its position.

    An entry that this journal could not read back is an ``InputError``, a fact over the limit
    a ``TooLargeError``.
    """
    parts: list[bytes] = []
    if commit.attempts:
        parts.append(b'"attempts":' + canonical([codec.encode_attempt(each) for each in commit.attempts]))
    if commit.done:
        parts.append(b'"done":' + canonical([claim.work.id for claim in commit.done]))
    if commit.dropped:
        parts.append(b'"dropped":' + canonical(commit.dropped))
    if commit.dues:
        parts.append(b'"dues":' + canonical([codec.encode_due(each) for each in commit.dues]))
    if commit.appends:
        facts = [fact_text(append.fact, types) for append in commit.appends]
        parts.append(b'"facts":[%b]' % b",".join(facts))
        if commit.key is not None:
            key = commit.key
            parts.append(b'"key":' + canonical([key.project_id, key.key, key.fingerprint]))
    if commit.notices:
        parts.append(b'"notices":' + canonical([codec.encode_notice(each) for each in commit.notices]))
    if commit.opened:
        bodies = map(codec.encode_notice, notices_of(commit.opened))
        rows = zip(commit.opened, bodies, strict=True)
        parts.append(
            b'"opened":'
            + canonical([(work.id, work.project_id, encode_time(work.due_at), body) for work, body in rows])
        )
    return b",".join(parts)


def encode_work(states: Iterable[State]) -> bytes:
    """
    Return the JSON of how work stands now.
    """
    rows = [
        (work.id, encode_time(work.due_at), token, attempts, owner, until and encode_time(until), error)
        for work, token, attempts, owner, until, error in states
    ]
    return b'"work":' + canonical(rows)


def encode_definition(definition: StoredDefinition) -> bytes:
    """
    Return the JSON of a definition that is kept.
    """
    return b'"definition":' + canonical(attrs.astuple(definition))


def encode_purge(before: datetime) -> bytes:
    """
    Return the JSON of keys being forgotten.
    """
    return b'"purge":' + canonical(encode_time(before))


def with_position(body: bytes, position: int, since: int | None = None) -> bytes:
    """
    Return the whole JSON of a line; *since* is where the lines begin that are written together with it.
    """
    if since is None:
        return b'{%b,"position":%d}' % (body, position)
    return b'{%b,"position":%d,"since":%d}' % (body, position, since)


def parts_of(line: Part) -> list[Part]:
    """
    Return the parts of a line.
    """
    group: list[Part] = line.get("group", [line])
    return group


def decode_facts(line: Part, positions: Iterable[int], types: Types) -> list[Fact]:
    """
    Return the facts of these feed positions, which are on one line.
    """
    facts = {part["position"] + n: fact for part in parts_of(line) for n, fact in enumerate(part.get("facts", ()))}
    return [codec.decode_fact(facts[position], types) for position in positions]


def decode_attempts(line: Part) -> list[Attempt]:
    """
    Return the refused attempts on a line.
    """
    return [codec.decode_attempt(each) for part in parts_of(line) for each in part.get("attempts", ())]


def decode_commit(part: Part, position: int, head: Callable[[str], Project | None], types: Types) -> Commit:
    """
    Return the commit that was written, with the heads it led to; finished work is not in it.

    *position* is where it must stand in the feed (``ValueError``), *head* gives the heads before it.
    """
    if part["position"] != position:
        msg = say("corrupt.position", place=part["position"], position=position)
        raise ValueError(msg)
    facts = [codec.decode_fact(each, types) for each in part.get("facts", ())]
    appends = tuple(Append(fact.version - 1, fact, evolve(head(fact.project_id), fact)) for fact in facts)
    notices = tuple(map(codec.decode_notice, part.get("notices", ())))
    if notices and not appends:
        msg = say("corrupt.notices")
        raise ValueError(msg)
    key = Key(*part["key"]) if "key" in part else None
    dues = tuple(map(codec.decode_due, part.get("dues", ())))
    dropped = tuple((project_id, visit) for project_id, visit in part.get("dropped", ()))
    attempts = tuple(map(codec.decode_attempt, part.get("attempts", ())))
    opened = tuple(
        Work(work_id, "notice", project_id, decode_time(due_at), codec.decode_notice(body))
        for work_id, project_id, due_at, body in part.get("opened", ())
    )
    return Commit(appends, notices, attempts, key, dues, dropped, opened=opened)


def decode_work(part: Part, before: Callable[[str], State]) -> list[State]:
    """
    Return how work stands after a part; *before* says how it stood.
    """
    states: list[State] = []
    for work_id, due_at, token, attempts, owner, end, error in part.get("work", ()):
        work = attrs.evolve(before(work_id).work, due_at=decode_time(due_at))
        states.append(State(work, token, attempts, owner, end and decode_time(end), error))
    return states
