"""
Where a store is kept: on a local file system, in a place of its owner, and the same as when it was opened.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from ..errors import InputError, StoreUnavailableError, say


_MOUNTS: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = frozenset(
    [
        *("acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs"),
        *("nfs4", "orangefs", "smb2", "smb3", "smbfs", "fuse.beegfs", "fuse.ceph-fuse", "fuse.davfs2"),
        *("fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    ]
)
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def check_place(what: str, path: str | os.PathLike[str], *, create: bool) -> str:
    """
    Return the real path of a store, which need not exist where *create* allows to make it.

    Folders that are missing on the way are made for the owner alone then.

    Args:
        what: what the path is for, in messages.

    Raises:
        InputError: there is nothing and nothing may be made, it is on a network file system, the path is a link
            that leads nowhere, or everybody may write to it or replace it.
        StoreUnavailableError: the system does not let us look.
    """
    given = os.fspath(path)
    try:
        if not isinstance(given, str) or not given or b"\0" in os.fsencode(given):
            raise InputError(what, given, say("input.place"))
    except UnicodeEncodeError:
        raise InputError(what, given, say("input.no_such_name")) from None
    real = os.path.realpath(given)  # several names of one store share its lock
    check_local(what, real)
    try:
        _check_owned(what, given, Path(real), create=create)
    except OSError as error:
        raise unavailable(real, error) from None
    return real


def _check_owned(what: str, given: str, real: Path, *, create: bool) -> None:
    if os.path.lexists(given) and not real.exists():
        raise InputError(what, given, say("input.dangling"))
    if not real.exists() and not create:
        raise InputError(what, given, say("input.nothing_there"))
    for folder in (*reversed(real.parent.parents), real.parent):
        if not folder.exists():
            folder.mkdir(mode=0o700)
    folder_mode = real.parent.stat().st_mode
    if not stat.S_ISDIR(folder_mode):
        raise InputError(what, given, say("input.in_file"))
    # In a folder with the sticky bit, such as /tmp, nobody replaces what belongs to somebody else.
    if folder_mode & stat.S_IWOTH and not folder_mode & stat.S_ISVTX:
        raise InputError(what, given, say("input.open_folder", parent=str(real.parent)))
    mode = real.stat().st_mode if real.exists() else 0
    if mode & stat.S_IWOTH:
        right = 700 if stat.S_ISDIR(mode) else 600
        raise InputError(what, given, say("input.open_file", right=right))


def unavailable(path: str, error: OSError) -> StoreUnavailableError:
    """
    Return what an error of the system means for a store that is being opened.
    """
    why = error.strerror or type(error).__name__
    return StoreUnavailableError(say("store.unreachable", path=path, why=why))


def identity(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """
    Return what tells the file at a path from every other file, or ``None`` if there is none.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 -- every commit asks, and a Path takes twice as long
    except OSError:
        return None
    return found.st_dev, found.st_ino


def gone(path: str) -> StoreUnavailableError:
    """
    Return the error of a store whose file was taken away from under it.
    """
    return StoreUnavailableError(say("store.replaced", path=path))


def check_local(what: str, path: str | os.PathLike[str], mounts: Path = _MOUNTS) -> None:
    """
    Refuse a path on a network file system, where neither locks nor syncs can be relied on.

    The path need not exist. Where the system does not say what is mounted, as outside of
    Linux, nothing is refused; nor is ``9p``, since sandboxes give their local disks that name.

    Args:
        what: what the path is for, in messages.
        mounts: what is mounted, in the format of ``/proc/self/mountinfo``.

    Raises:
        InputError: it is on one.
    """
    kind = _kind_of(os.path.realpath(path), mounts)
    if kind in _REMOTE:
        raise InputError(what, os.fspath(path), say("input.network", kind=kind))


def _kind_of(name: str, mounts: Path) -> str:
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    longest, kind = -1, ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), left.split(" ")[4])
        inside = name == point or name.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:  # of two at one place, the later one hides the earlier
            longest, kind = len(point), right.split(" ", 1)[0]
    return kind
