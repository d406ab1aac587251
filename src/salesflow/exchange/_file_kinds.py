"""
Tells by its first bytes that a file is not CSV, and what to do with it instead.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import Message, say_both


_BINARY: Final = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"%PDF-", "pdf"),
    (b"SQLite format 3\0", "sqlite"),
)
_MARKUP: Final = (
    (re.compile(rb"<(\w+:)?log\b"), "xes"),
    (re.compile(rb"<(\w+:)?definitions\b"), "bpmn"),
    (re.compile(rb"<(!doctype )?html\b", re.IGNORECASE), "html"),
    (re.compile(rb"<"), "xml"),
)
_JSON: Final = re.compile(rb'(\{\s*"|\[\s*[{\[])')
_BEGINNING: Final = 4096
_MARK: Final = b"\xef\xbb\xbf"


def other_kind(data: bytes) -> tuple[Message, Message] | None:
    """
    Return the kind of a file that is not CSV, with advice; ``None`` for a file that may be CSV.
    """
    begin = data[:_BEGINNING].removeprefix(_MARK).lstrip()
    found = [kind for signature, kind in _BINARY if data.startswith(signature)]
    found += [kind for pattern, kind in _MARKUP if begin.startswith(b"<") and pattern.search(begin)]
    found += ["json"] if _JSON.match(begin) else []
    return say_both(f"file_kind.{found[0]}") if found else None
