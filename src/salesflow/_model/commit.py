"""
What a store takes and returns: commits, pages, and the request behind a key.
"""

from __future__ import annotations

from types import NoneType

import attrs

from .argument_types import is_a, tuple_of
from .facts import Attempt, Fact, Notice
from .frozen import maker, noun
from .project import Project
from .work import Claim, DueDeadline, Work


@noun(weakref_slot=False)
class Append:
    """
    One fact of one project.

    Attributes:
        expected: the version the project must have now; 0 means it must not exist.
        fact: the fact, of version ``expected + 1``.
        project: the project after it, kept as its head.
    """

    expected: int = attrs.field(validator=is_a(int))
    fact: Fact = attrs.field(validator=is_a(Fact))
    project: Project = attrs.field(validator=is_a(Project))


@noun(slots=False)
class Key:
    """
    An idempotency key, scoped to a project and bound to a request.

    Attributes:
        fingerprint: SHA-256 of the canonical request, in hex.
        former: what 0.1.0 would have stored for the request; accepted as well.
    """

    project_id: str = attrs.field(validator=is_a(str))
    key: str = attrs.field(validator=is_a(str))
    fingerprint: str = attrs.field(validator=is_a(str))
    former: str | None = None

    def accepts(self, stored: str) -> bool:
        """
        Tell whether a stored fingerprint is that of this request.
        """
        return stored in (self.fingerprint, self.former)


@noun(weakref_slot=False)
class Commit:
    """
    A commit: what is written together or not at all.

    Attributes:
        appends: at most one per project; several when a project spawns another.
        notices: to be delivered after the commit.
        attempts: refused attempts for the side log; they take no version and no position.
        key: checked inside the commit.
        dues: deadlines to watch; one that is watched already gets the new time.
        dropped: project id and visit number of the stays whose deadlines are no longer watched.
        done: claimed work that this commit finishes; every claim must still hold.
        opened: more work, as it is: the deliveries of a notice whose addressees were looked up.
    """

    appends: tuple[Append, ...] = attrs.field(default=(), validator=tuple_of(Append))
    notices: tuple[Notice, ...] = attrs.field(default=(), validator=tuple_of(Notice))
    attempts: tuple[Attempt, ...] = attrs.field(default=(), validator=tuple_of(Attempt))
    key: Key | None = attrs.field(default=None, validator=is_a(Key, NoneType))
    dues: tuple[DueDeadline, ...] = attrs.field(default=(), validator=tuple_of(DueDeadline))
    dropped: tuple[tuple[str, int], ...] = attrs.field(default=(), validator=tuple_of(tuple))
    done: tuple[Claim, ...] = attrs.field(default=(), validator=tuple_of(Claim))
    opened: tuple[Work, ...] = attrs.field(default=(), validator=tuple_of(Work))


make_append = maker(Append)


make_commit = maker(Commit)


@noun(weakref_slot=False)
class Committed:
    """
    The result of a commit.

    Attributes:
        fact: the stored fact of the commit's first append.
        replayed: whether the key had been used by the same request, so nothing was written.
    """

    fact: Fact | None
    replayed: bool = False


make_committed = maker(Committed)


@noun(slots=False)
class StoredDefinition:
    """
    A definition as a store keeps it beside the facts of the projects that run under it.

    Attributes:
        id, version: of the lifecycle.
        digest: tells whether another definition decides alike.
        text: the definition as JSON, as :func:`salesflow.load_definition` reads it.
    """

    id: str
    version: str
    digest: str
    text: str


@noun(slots=False)
class Page:
    """
    A stretch of the feed.

    Attributes:
        facts: in commit order.
        cursor: opaque; pass it as ``after`` to go on. At the end it is the cursor that was passed in.
    """

    facts: tuple[Fact, ...]
    cursor: str


@noun(slots=False)
class AttemptPage:
    """
    A stretch of the refused attempts of all projects.

    Attributes:
        attempts: in the order in which they were refused.
        cursor: opaque; pass it as ``after`` to go on. At the end it is the cursor that was passed in.
    """

    attempts: tuple[Attempt, ...]
    cursor: str


@noun(slots=False)
class Capabilities:
    """
    The capabilities of a store beyond the contract.

    Attributes:
        durable: a commit outlives the process once it returned.
        multi_process: several processes may write at once.
        tenants: one place keeps the data of several tenants apart.
        shared_order: the feed is in commit order over all writers; ``False`` for a relaxed feed.
    """

    durable: bool = False
    multi_process: bool = False
    tenants: bool = False
    shared_order: bool = True


@noun(slots=False)
class StoreCheck:
    """
    The result of checking a store; a check repairs nothing.

    Attributes:
        facts: how many were looked at.
        problems: one sentence each, with its place.
    """

    facts: int
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """
        Whether nothing is wrong.
        """
        return not self.problems
