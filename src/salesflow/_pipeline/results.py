"""
What a pipeline hands back from a write, and the hash of the request behind a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

import attrs

from .._codec.facts import encode_change
from .._codec.values import encode_value, fingerprint
from .._lifecycle.decision import Accepted
from .._model.commit import Key
from .._model.facts import Change, Fact
from .._model.project import Project
from .._model.values import Actor
from .._model.work import Work
from ..errors import InputError


class WriteOptions(TypedDict, total=False):
    """
    What every write of a project takes; see :class:`salesflow.Pipeline`.
    """

    actor: Actor | None
    at: datetime | None
    key: str | None
    expected_version: int | None
    backfill: bool


@attrs.frozen(slots=False)
class ListenerFailure:
    """
    A listener that raised after a commit; the commit stands.
    """

    plugin: str
    error: Exception


@attrs.frozen(slots=False)
class Written:
    """
    A write that was stored.

    Attributes:
        fact: what was stored.
        project: as it stands afterwards.
        listener_failures: the listeners that raised when told.
        replayed: whether the key had been used by the same request, so that nothing was written now.
    """

    fact: Fact
    project: Project
    listener_failures: tuple[ListenerFailure, ...] = ()
    replayed: bool = False


@attrs.frozen(slots=False)
class Fired(Written):
    """
    A transition that was taken.

    Attributes:
        decision: what allowed it; ``None`` when the call was replayed.
        spawned: the project that was opened with it.
    """

    decision: Accepted | None = None
    spawned: Project | None = None


@attrs.frozen(slots=False)
class WorkFailure:
    """
    Work that could not be done this time.

    Attributes:
        retry_at: when it is tried again; ``None`` if it was given up as dead.
    """

    work: Work
    error: str
    retry_at: datetime | None


@attrs.frozen(slots=False)
class WorkReport:
    """
    What a round of work came to.

    Attributes:
        done: how much was done: deadlines that passed, or notices that were delivered.
        void: how much did not concern its project any more.
        failures: what could not be done; it is tried again, or dead.
        listener_failures: listeners that raised when told.
    """

    done: int = 0
    void: int = 0
    failures: tuple[WorkFailure, ...] = ()
    listener_failures: tuple[ListenerFailure, ...] = ()


def request_key(key: str, project_id: str, verb: str, changes: Iterable[Change] = (), **parts: Any) -> Key:
    """
    Return the idempotency key of a request, bound to a hash of everything it asks for.

    The time is left out, so that repeating a call a little later is the same request.

    Raises:
        InputError: see :func:`check_key`.
        InvalidValueError: for a part that cannot be stored.
    """
    asked: Mapping[str, Any] = {
        "verb": verb,
        "changes": [encode_change(change) for change in changes],
        "parts": {name: encode_value(part) for name, part in parts.items() if part is not None},
    }
    return Key(project_id, check_key(key), fingerprint(asked))


def check_key(key: object) -> str:
    """
    Return an idempotency key that can be kept.

    Raises:
        InputError: for anything but a text of 1 to 256 printable characters.
    """
    if isinstance(key, str) and 0 < len(key) <= 256 and key.isprintable():
        return key
    raise InputError("key=", key, "Pass 1 to 256 printable characters, for example a request id.")
