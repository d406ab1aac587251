"""
What a store checks before it looks at anything: the shape of a commit and its values.
"""

from __future__ import annotations

from typing import Self

from .._codec_domain import check_domain, check_values
from .._codec_facts import encode_attempt, encode_notice
from .._commit import Append, Commit, Key
from .._facts import Opened
from .._values import check_id
from ..errors import InputError, InvalidValueError


_LIMIT_KEY = 256
_LIMIT_CURSOR = 20  # digits


class Handle:
    """
    What every store can do besides: ``with JournalStore("sales/") as store: …``.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """
        Release everything; closing twice is harmless.
        """


def check_commit(commit: Commit) -> None:
    """
    Check everything about a commit that needs no knowledge of the store.

    Raises:
        InputError: for a project that comes twice, or a fact that does not fit its append.
        InvalidValueError, TooLargeError: for a value outside the domain of stores.
    """
    appends = commit.appends
    for append in appends:
        _check_append(append)
        check_values(append.fact)
    if len(appends) > 1:
        ids = [append.fact.project_id for append in appends]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise InputError("project of a commit", twice, "It comes twice; a commit has one fact per project.")
    if commit.key is not None:
        _check_key(commit.key)
    for notice in commit.notices:
        check_domain(encode_notice(notice), f"notice {notice.topic!r}")
    for attempt in commit.attempts:
        check_domain(encode_attempt(attempt), f"attempt {attempt.trigger!r}")


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
