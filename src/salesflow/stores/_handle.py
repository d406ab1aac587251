"""
What all stores share: the handle, the checks of arguments, the text of a fact, and the work of a commit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from .._codec.light import is_light
from .._model.argument_types import explain_types
from .._model.commit import Append, Commit, Key
from .._model.facts import EntryPut, Fact, Notice, OpaqueEntry, Opened
from .._model.lazy import LazyModule
from .._model.values import check_id, to_utc
from .._model.work import DueDeadline, Work
from ..errors import InputError, InvalidValueError, say


if TYPE_CHECKING:
    from .._codec import facts as codec
else:  # most commits need not be written to know that they can be
    codec = LazyModule("salesflow._codec.facts")

_LIMIT_KEY = 256
_LIMIT_CURSOR = 20  # digits
_LIMIT_ERROR = 500
_KINDS = ("deadline", "notice")
_EVERY_MOVE: Final = frozenset({"commit", "head", "load", "when_durable"})
_CLAIMS: Final = 2**20  # more than anybody claims one piece of work before it is set again


class StoreHandle:
    """
    What every store can do besides: ``with JournalStore("sales/") as store: …``.

    An argument of the wrong type, over which a public method stumbles, is an ``InputError``. The methods that every
    move needs see to it themselves, because a call around them would cost as much as a look into memory.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, method in [*vars(cls).items()]:
            if inspect.isfunction(method) and (name == "__init__" or name[0] != "_") and name not in _EVERY_MOVE:
                setattr(cls, name, explain_types(method))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        msg = f"a {type(self).__name__} is open and cannot be copied or pickled; pass on its URL and open that."
        raise TypeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def batch(self) -> AbstractContextManager[None]:
        """
        Let a store write the commits of a block together, if that is worth anything to it.
        """
        return nullcontext()

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until what this thread committed is durable; ``False``, and nothing is kept, if it is so now.
        """
        del call
        return False

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
        if not is_light(append.fact):
            codec.canonical_fact(append.fact)
    if commit.notices or commit.opened or commit.dues or commit.attempts:
        for notice in (*commit.notices, *notices_of(commit.opened)):
            codec.encode_notice(notice)
        for due in commit.dues:
            codec.encode_due(due)
        for attempt in commit.attempts:
            codec.encode_attempt(attempt)


def check_shape(commit: Commit) -> None:
    """
    Check a commit but for its values, which the codec checks when it encodes them.

    Raises:
        InputError: for a project that comes twice, a fact that does not fit its append, or
            notices without a fact.
        InvalidValueError: for a key that not every store can keep.
    """
    try:
        appends = commit.appends
    except AttributeError:
        raise InputError("commit", commit, say("input.commit")) from None
    for append in appends:
        fact, project, version = append.fact, append.project, append.expected + 1
        if version == 1:
            check_id(fact.project_id, "project id")
        if (
            fact.version != version
            or project.version != version
            or project.id != fact.project_id
            or (version == 1) is not (fact.body.__class__ is Opened)
        ):
            raise _misfit(append)
    if len(appends) > 1:
        ids = [append.fact.project_id for append in appends]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise InputError("project of a commit", twice, say("input.one_fact"))
    if commit.key is not None:
        _check_key(commit.key)
    if commit.opened:
        notices_of(commit.opened)
    if commit.notices and not appends:
        raise InputError("notices of a commit", commit.notices[0].topic, say("input.notices"))


def _misfit(append: Append) -> InputError:
    fact, project = append.fact, append.project
    return InputError(
        say("what.append", project_id=fact.project_id),
        (append.expected, fact.version, project.id, project.version, type(fact.body).__name__),
        say("input.append"),
    )


def _check_key(key: Key) -> None:
    # Printable leaves out control characters and lone surrogates, which not every store can keep.
    if not 0 < len(key.key) <= _LIMIT_KEY or not key.key.isprintable():
        raise InvalidValueError("key", say("stored.key_text", limit=_LIMIT_KEY))


def fact_text(fact: Fact, types: Mapping[str, type[Any]]) -> bytes:
    """
    Return the canonical text of a fact.

    Raises:
        InputError: for an entry that the store could not read back.
        InvalidValueError, TooLargeError: outside the value domain.
    """
    for change in fact.body.changes:
        if (
            isinstance(change, EntryPut)
            and types.get(change.entry.kind) is not type(change.entry)
            and not isinstance(change.entry, OpaqueEntry)
        ):
            raise unknown_kind(change.entry.kind)
    return codec.canonical_fact(fact)


def unknown_kind(kind: object) -> InputError:
    """
    Return the error for an entry whose class the store does not know.
    """
    return InputError("kind of entry", kind, say("input.entry_unknown"))


def check_owner(owner: str) -> None:
    """
    Raise ``InputError`` unless *owner* is a name that every store can keep.
    """
    if not isinstance(owner, str) or not 0 < len(owner) <= _LIMIT_KEY or not owner.isprintable():
        raise InputError("owner", owner, say("input.printable", limit=_LIMIT_KEY))


def check_kind(kind: str) -> None:
    """
    Raise ``InputError`` unless there is work of this kind.
    """
    if kind not in _KINDS:
        raise InputError("kind of work", kind, say("input.work_kind", known=_KINDS))


def lease_end(lease: timedelta, at: datetime) -> datetime:
    """
    Return when a lease that begins at *at* runs out, in UTC.

    Raises:
        InputError: for a lease that is not positive, or a time without a zone.
    """
    begin = to_utc(at, "at")
    if not isinstance(lease, timedelta) or lease <= timedelta(0):
        raise InputError("lease", lease, say("input.lease"))
    try:
        return begin + lease
    except OverflowError:
        raise InputError("lease", lease, say("input.lease_end")) from None


def error_text(error: str) -> str:
    """
    Return the beginning of an error's text, with nothing in it that a store could not keep.
    """
    return error[:_LIMIT_ERROR].replace("\0", "\ufffd").encode(errors="replace").decode()


def check_limit(limit: int) -> None:
    """
    Raise ``InputError`` unless *limit* is at least 1.
    """
    if type(limit) is not int or limit < 1:
        raise InputError("limit", limit, say("input.limit"))


def read_cursor(cursor: str) -> int:
    """
    Return how many facts lie before a cursor of the feed.

    Raises:
        InputError: if it is none of ours.
    """
    if cursor == "":
        return 0
    if not isinstance(cursor, str) or len(cursor) > _LIMIT_CURSOR or not (cursor.isascii() and cursor.isdigit()):
        raise InputError("cursor", cursor, say("input.cursor"))
    return int(cursor)


def notice_work(notice: Notice, number: int, at: datetime) -> Work:
    """
    Return the work of delivering the *number*-th notice of a commit.
    """
    return Work(f"n:{notice.project_id}:{notice.version}:{number}", "notice", notice.project_id, at, notice)


def notices_of(opened: Iterable[Work]) -> list[Notice]:
    """
    Return the notices of work that a commit opens as it is.

    Raises:
        InputError: if something else is among it.
    """
    found = [each.body for each in opened if isinstance(each.body, Notice)]
    wrong = next((each for each in opened if not isinstance(each.body, Notice)), None)
    if wrong is not None:
        raise InputError("opened work of a commit", wrong.id, say("input.deliveries"))
    return found


def deadline_work(due: DueDeadline) -> Work:
    """
    Return the work of watching a deadline, of a stay or an entry, or a slot of a cadence; setting it again replaces it.
    """
    part = due.part if due.slot is None else due.slot.isoformat()
    tail = "".join([f":{each}" for each in (due.entry, part) if each])
    return Work(f"d:{due.project_id}:{due.visit}:{due.deadline}{tail}", "deadline", due.project_id, due.at, due)


def work_of(commit: Commit) -> list[Work]:
    """
    Return the work that a commit opens.
    """
    opened = list(map(deadline_work, commit.dues))
    if commit.notices:
        at = commit.appends[0].fact.at
        opened += [notice_work(notice, number, at) for number, notice in enumerate(commit.notices)]
    return [*opened, *commit.opened]


def first_token(work: Work, commit: Commit) -> int:
    """
    Return the token that work starts from which *commit* sets; the first claim has the next one.

    It follows from the version of the fact that sets the work, so work that was finished or
    dropped and is set again never meets a token of its earlier life. Only work that is set
    without a fact of its project starts from 0.
    """
    version = next((each.fact.version for each in commit.appends if each.fact.project_id == work.project_id), 0)
    return version * _CLAIMS
