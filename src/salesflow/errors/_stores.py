"""
Errors of stores.
"""

from __future__ import annotations

from ._base import SalesflowError, plain, shown


class StoreError(SalesflowError):
    """
    A store could not do what it was asked.
    """


class VersionConflictError(StoreError):
    """
    Somebody else committed first; nothing was written.

    Attributes:
        project_id: the project.
        expected: the version it should have had.
        actual: the version it has.
    """

    project_id: str
    expected: int
    actual: int

    def __init__(self, project_id: str, expected: int, actual: int) -> None:
        if expected == 0:
            text = f"project {project_id!r} exists already, at version {actual}. Choose another id."
        else:
            text = (
                f"project {project_id!r} is at version {actual}, not {expected}. "
                "Load it again and decide on what it says now."
            )
        super().__init__(text, project_id=project_id, expected=expected, actual=actual)


class KeyReusedError(StoreError):
    """
    An idempotency key was used again with a different request.
    """

    project_id: str
    key: str

    def __init__(self, project_id: str, key: str) -> None:
        super().__init__(
            f"key {shown(key)} of project {project_id!r} belongs to a different request. "
            "Use a new key for a new request.",
            project_id=project_id,
            key=key,
        )


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
        super().__init__(f"{plain(path)}: {plain(why)}", path=path, why=why)


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
        super().__init__(
            f"{what} takes {size:,} bytes, over the limit of {limit:,}. "
            "Keep large content elsewhere and store its digest.",
            what=what,
            size=size,
            limit=limit,
        )


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
        text = f"store {place!r} has a writer already ({holder}). Close it first; a journal has one writer."
        super().__init__(text, holder=holder)


class StoreCorruptError(StoreError):
    """
    Acknowledged data is damaged; nothing was skipped and nothing was changed.

    Attributes:
        place: the file and line, or the table and row.
    """

    place: str

    def __init__(self, place: str, why: str) -> None:
        text = f"{plain(place)}: {plain(why)}. The store is refused as it is; restore it from a copy."
        super().__init__(text, place=place)


class SchemaMismatchError(StoreError):
    """
    Data was written by a version that this one does not know.

    Attributes:
        found: the version in the data.
        wanted: the versions that can be read.
    """

    found: object
    wanted: object

    def __init__(self, what: str, *, found: object, wanted: object) -> None:
        text = f"{what} has schema {shown(found)}; this salesflow reads {shown(wanted)}. Use a newer salesflow."
        super().__init__(text, found=found, wanted=wanted)


class StoreClosedError(StoreError):
    """
    The store was closed.
    """

    def __init__(self) -> None:
        super().__init__("the store is closed. Open it again before using it.")


class StoreBusyError(StoreError):
    """
    Somebody else held the store for too long; nothing was written, and trying again may help.
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
        named = f"key {shown(key)}" if key else "no key"
        super().__init__(
            f"a commit with {named} may or may not have been stored. "
            "Repeat it with the same key; without one, look at the history first.",
            key=key,
        )


class LeaseLostError(StoreError):
    """
    A claim ran out and somebody else may hold the work now; nothing was written.
    """

    work_id: str

    def __init__(self, work_id: str) -> None:
        text = f"work {work_id!r} is not held by this claim any more. Drop what was done for it, and claim again."
        super().__init__(text, work_id=work_id)


class ForkedHandleError(StoreError):
    """
    A store handle was used in a forked child.
    """

    def __init__(self) -> None:
        super().__init__("this store was opened by the parent process. Open it again in the child.")


class UnsupportedError(StoreError):
    """
    A store does not have a capability.

    Attributes:
        capability: its name.
    """

    capability: str

    def __init__(self, capability: str) -> None:
        super().__init__(f"this store has no {capability}. Use one whose caps name it.", capability=capability)
