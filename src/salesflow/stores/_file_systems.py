"""
Where a file is kept: stores that sync and lock need a local file system.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from ..errors import InputError


_MOUNTS: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = frozenset(
    [
        *("acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs"),
        *("nfs4", "orangefs", "smb2", "smb3", "smbfs", "fuse.beegfs", "fuse.ceph-fuse", "fuse.davfs2"),
        *("fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    ]
)
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


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
        raise InputError(what, os.fspath(path), f"It is on a network file system ({kind}); name a local disk.")


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
