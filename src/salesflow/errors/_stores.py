"""
Errors of stores.
"""

from __future__ import annotations

from ._base import SalesflowError
from ._messages import say, term


class StoreError(SalesflowError):
    """
    A store could not do what it was asked.
    """


class VersionConflictError(StoreError):
    """
    Another writer committed first; nothing was written.

    Attributes:
        project_id: the project.
        expected: the version it should have had.
        actual: the version it has.
    """

    project_id: str
    expected: int
    actual: int

    def __init__(self, project_id: str, expected: int, actual: int) -> None:
        parts = {"project_id": project_id, "expected": expected, "actual": actual}
        super().__init__(say("version_conflict" if expected else "version_conflict/opening", **parts), **parts)


class KeyReusedError(StoreError):
    """
    An idempotency key was used again with a different request.
    """

    project_id: str
    key: str

    def __init__(self, project_id: str, key: str) -> None:
        parts = {"project_id": project_id, "key": key}
        super().__init__(say("key_reused", **parts), **parts)


class InvalidValueError(StoreError):
    """
    A value lies outside what every store can keep.

    Attributes:
        path: where the value stands.
        why: what is wrong with it.
    """

    path: str
    why: str

    def __init__(self, path: str, why: str) -> None:
        super().__init__(say("invalid_value", path=path, why=why), path=path, why=why)


class TooLargeError(StoreError):
    """
    A value is larger than the limit.

    Attributes:
        what: what is too large.
        size, limit: in bytes.
    """

    what: str
    size: int
    limit: int

    def __init__(self, what: str, *, size: int, limit: int) -> None:
        parts = {"what": what, "size": size, "limit": limit}
        super().__init__(say("too_large", **{**parts, "what": term(what)}), **parts)


class StoreFullError(StoreError, OSError):
    """
    The medium has no room; nothing was written, and the store stays usable.
    """


class StoreFailedError(StoreError):
    """
    A sync failed, so what is on disk is unknown; close and reopen the store.
    """


class StoreLockedError(StoreError):
    """
    Another writer holds the store.

    Attributes:
        holder: who holds it, as far as that is known.
    """

    holder: str

    def __init__(self, place: str, holder: str) -> None:
        super().__init__(say("store_locked", place=place, holder=holder), holder=holder)


class StoreCorruptError(StoreError):
    """
    Acknowledged data is damaged; nothing was skipped and nothing was changed.

    Attributes:
        place: the file and line, or the table and row.
    """

    place: str

    def __init__(self, place: str, why: str) -> None:
        super().__init__(say("store_corrupt", place=place, why=why), place=place)


class SchemaMismatchError(StoreError):
    """
    Data was written by a version of salesflow that is not known here.

    Attributes:
        found: the version in the data.
        wanted: the versions that can be read.
    """

    found: object
    wanted: object

    def __init__(self, what: str, *, found: object, wanted: object) -> None:
        super().__init__(
            say("schema_mismatch", what=term(what), found=found, wanted=wanted), found=found, wanted=wanted
        )


class StoreClosedError(StoreError):
    """
    The store was closed.
    """

    def __init__(self) -> None:
        super().__init__(say("store_closed"))


class StoreBusyError(StoreError):
    """
    Another writer held the store for too long; nothing was written, and trying again may help.
    """


class StoreUnavailableError(StoreError):
    """
    The store cannot be reached; nothing was written.
    """


class OutcomeUnknownError(StoreError):
    """
    The connection ended while a commit was under way: it may have been stored or not.

    Repeating it with the same key is safe: it gives the stored fact, or writes it now.

    Attributes:
        key: the key of the request, with which it can be repeated; ``None`` without one.
    """

    key: str | None

    def __init__(self, key: str | None) -> None:
        super().__init__(say("outcome_unknown" if key else "outcome_unknown/keyless", key=key), key=key)


class LeaseLostError(StoreError):
    """
    A claim ran out, and another worker may hold the work now; nothing was written.
    """

    work_id: str

    def __init__(self, work_id: str) -> None:
        super().__init__(say("lease_lost", work_id=work_id), work_id=work_id)


class ForkedHandleError(StoreError):
    """
    A store handle was used in a forked child.
    """

    def __init__(self) -> None:
        super().__init__(say("forked_handle"))


class UnsupportedError(StoreError):
    """
    A store does not have a capability.

    Attributes:
        capability: its name.
    """

    capability: str

    def __init__(self, capability: str) -> None:
        super().__init__(say("unsupported", capability=capability), capability=capability)
