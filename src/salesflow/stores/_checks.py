"""
What a store checks before it looks at anything: the shape of a commit and its values.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Self

from .._codec.facts import check_values, encode_attempt, encode_due, encode_notice
from .._model.commit import Append, Commit, Key
from .._model.facts import Opened
from .._model.values import check_id, to_utc
from ..errors import InputError, InvalidValueError


_LIMIT_KEY = 256
_LIMIT_CURSOR = 20  # digits
_LIMIT_ERROR = 500
_KINDS = ("deadline", "notice")


class StoreHandle:
    """
    What every store can do besides: ``with JournalStore("sales/") as store: …``.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def batch(self) -> AbstractContextManager[None]:
        """
        Let a store write the commits of a block together, if that is worth anything to it.
        """
        return nullcontext()

    def close(self) -> None:
        """
        Release everything; closing twice is harmless.
        """


def check_commit(commit: Commit) -> None:
    """
    Check everything about a commit that needs no knowledge of the store.

    Raises:
        InputError: for a project that comes twice, a fact that does not fit its append, or
            notices without a fact.
        InvalidValueError, TooLargeError: for a value outside the domain of stores.
    """
    check_shape(commit)
    for append in commit.appends:
        check_values(append.fact)
    for notice in commit.notices:
        encode_notice(notice)
    for due in commit.dues:
        encode_due(due)
    for attempt in commit.attempts:
        encode_attempt(attempt)


def check_shape(commit: Commit) -> None:
    """
    Check a commit but for its values, which the codec checks when it encodes them.

    Raises:
        InputError: for a project that comes twice, a fact that does not fit its append, or
            notices without a fact.
        InvalidValueError: for a key that not every store can keep.
    """
    appends = commit.appends
    for append in appends:
        _check_append(append)
    if len(appends) > 1:
        ids = [append.fact.project_id for append in appends]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise InputError("project of a commit", twice, "It comes twice; a commit has one fact per project.")
    if commit.key is not None:
        _check_key(commit.key)
    if commit.notices and not appends:
        raise InputError("notices of a commit", commit.notices[0].topic, "They go with a fact; append one.")


def _check_append(append: Append) -> None:
    fact, project, expected = append.fact, append.project, append.expected
    if expected == 0:
        check_id(fact.project_id, "project id")
    if (
        fact.version != expected + 1
        or project.version != expected + 1
        or project.id != fact.project_id
        or (expected == 0) is not isinstance(fact.body, Opened)
    ):
        raise InputError(
            f"append to project {fact.project_id!r}",
            (expected, fact.version, project.id, project.version, type(fact.body).__name__),
            "Expected version, fact and head must follow each other, and version 1 alone is an opening.",
        )


def _check_key(key: Key) -> None:
    # Printable leaves out control characters and lone surrogates, which not every store can keep.
    if not 0 < len(key.key) <= _LIMIT_KEY or not key.key.isprintable():
        raise InvalidValueError("key", f"pass 1 to {_LIMIT_KEY} printable characters")


def check_owner(owner: str) -> None:
    """
    Raise ``InputError`` unless *owner* is a name that every store can keep.
    """
    if not 0 < len(owner) <= _LIMIT_KEY or not owner.isprintable():
        raise InputError("owner", owner, f"Pass 1 to {_LIMIT_KEY} printable characters.")


def check_kind(kind: str) -> None:
    """
    Raise ``InputError`` unless there is work of this kind.
    """
    if kind not in _KINDS:
        raise InputError("kind of work", kind, f"Pass one of {_KINDS}.")


def lease_end(lease: timedelta, at: datetime) -> datetime:
    """
    Return when a lease that begins at *at* runs out, in UTC.

    Raises:
        InputError: for a lease that is not positive, or a time without a zone.
    """
    begin = to_utc(at, "at")
    if lease <= timedelta(0):
        raise InputError("lease", lease, "Hold work for some time, for example timedelta(minutes=1).")
    try:
        return begin + lease
    except OverflowError:
        raise InputError("lease", lease, "It would end after the year 9999.") from None


def error_text(error: str) -> str:
    """
    Return the beginning of an error's text, with nothing in it that a store could not keep.
    """
    return error[:_LIMIT_ERROR].replace("\0", "\ufffd").encode(errors="replace").decode()


def check_limit(limit: int) -> None:
    """
    Raise ``InputError`` unless *limit* is at least 1.
    """
    if limit < 1:
        raise InputError("limit", limit, "Ask for at least one.")


def read_cursor(cursor: str) -> int:
    """
    Return how many facts lie before a cursor of the feed.

    Raises:
        InputError: if it is none of ours.
    """
    if not cursor:
        return 0
    if len(cursor) > _LIMIT_CURSOR or not (cursor.isascii() and cursor.isdigit()):
        raise InputError("cursor", cursor, "Pass the cursor of the page before, or '' to begin.")
    return int(cursor)
