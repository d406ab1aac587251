"""
Commits to rows, and rows back to facts, projects and work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from salesflow import Fact, Project
from salesflow.stores import adapting
from salesflow.typing import Append, Claim, Commit, DueDeadline, Key, Work


T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
Types: TypeAlias = Mapping[str, type[Any]]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """
    Return an aware time as microseconds since 1970, UTC.
    """
    return (at - _EPOCH) // _TICK


def moment(number: int) -> datetime:
    """
    Read what :func:`micros` wrote.
    """
    return _EPOCH + number * _TICK


def keepable(*texts: str | None) -> bool:
    """
    Return whether a database could hold these texts; what it cannot hold it need not be asked for.
    """
    given = "".join(each for each in texts if each is not None)
    return "\0" not in given and not any("\ud800" <= character <= "\udfff" for character in given)


@attrs.frozen
class Draft:
    """
    A commit as the rows it will be.

    Attributes:
        facts: fact and head together, in the order of the commit.
        work: at most one row for each id.
    """

    tenant: str
    relaxed: bool
    first: Fact | None
    key: Row | None
    facts: tuple[Row, ...]
    done: tuple[Row, ...]
    dropped: tuple[Row, ...]
    work: tuple[Row, ...]
    attempts: tuple[Row, ...]


def make_draft(commit: Commit, types: Types, *, tenant: str, relaxed: bool) -> Draft:
    """
    Encode a commit that was checked.

    Raises:
        InputError: for an entry that this store could not read back.
        TooLargeError: for a fact over the limit.
    """
    work = {each.id: _work_row(each, adapting.first_token(each, commit)) for each in adapting.work_of(commit)}
    stays = dict.fromkeys(commit.dropped)
    return Draft(
        tenant,
        relaxed,
        commit.appends[0].fact if commit.appends else None,
        None if commit.key is None else key_row(commit.key),
        tuple([_fact_row(append, types) for append in commit.appends]),
        tuple({claim_id(claim): claim_row(claim) for claim in commit.done}.values()),
        tuple([{"project": project, "visit": visit} for project, visit in stays]),
        tuple(work.values()),
        tuple([{"project": each.project_id, "body": _text(adapting.encode_attempt(each))} for each in commit.attempts]),
    )


def _text(data: Any) -> str:
    return adapting.canonical(data).decode()


def key_row(key: Key) -> Row:
    """
    Return the row of a key, but for its fact.
    """
    return {"project": key.project_id, "key": key.key, "fingerprint": key.fingerprint, "former": key.former}


def claim_id(claim: Claim) -> tuple[str, str, int]:
    """
    Return what tells a claim from all others.
    """
    return claim.work.id, claim.owner, claim.token


def claim_row(claim: Claim) -> Row:
    """
    Return what a row of work is compared with.
    """
    return {"id": claim.work.id, "owner": claim.owner, "token": claim.token}


def _fact_row(append: Append, types: Types) -> Row:
    fact, project = append.fact, append.project
    # A field of another type may have taken the name, and by that nobody is found.
    owner: Any = project.owner
    return {
        "project": fact.project_id,
        "expected": append.expected,
        "version": fact.version,
        "at": micros(fact.at),
        "fact": adapting.fact_text(fact, types).decode(),
        "stage": project.stage,
        "outcome": project.outcome,
        "owner": owner if isinstance(owner, str) else None,
        "head": _text(adapting.encode_project(project)),
        "parent": project.parent,
        "opened": micros(project.opened_at),
        "closed": None if project.closed_at is None else micros(project.closed_at),
    }


def _work_row(work: Work, token: int) -> Row:
    body = work.body
    if isinstance(body, DueDeadline):
        visit, data = body.visit, adapting.encode_due(body)
    else:
        visit, data = None, adapting.encode_notice(body)
    return {
        "id": work.id,
        "kind": work.kind,
        "project": work.project_id,
        "visit": visit,
        "due": micros(work.due_at),
        "token": token,
        "body": _text(data),
    }


def read_work(row: Row) -> Work:
    """
    Return the work of a row.
    """

    def decode(data: Any) -> Work:
        body = adapting.decode_notice(data) if row["kind"] == "notice" else adapting.decode_due(data)
        return Work(row["id"], row["kind"], row["project"], moment(row["due"]), body)

    return adapting.read_text(row["body"], decode, f"work {row['id']!r}")


def read_fact(body: str, types: Types, place: str) -> Fact:
    """
    Return the fact that a row holds; *place* names it if it is damaged.
    """
    return adapting.read_fact(body, types, place)


def read_project(body: str, types: Types, otherwise: Callable[[], T], place: str) -> Project | T:
    """
    Return the head that a row holds, or what *otherwise* returns for one of another schema.
    """

    def decode(data: Any) -> Project | T:
        return adapting.decode_project(data, types) if data["v"] == adapting.HEAD_SCHEMA else otherwise()

    return adapting.read_text(body, decode, place)
