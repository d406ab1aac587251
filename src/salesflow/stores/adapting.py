"""
What a store of your own takes from salesflow: the checks of a commit, the codec, the heads.

A store that refuses what these checks refuse, and writes what the codec writes, can exchange
its facts with every other one.
"""

from __future__ import annotations

from .._codec_facts import (
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    encode_attempt,
    encode_due,
    encode_notice,
)
from .._codec_project import HEAD_SCHEMA, decode_project, encode_project
from .._codec_values import canonical
from .._values import check_id, to_utc
from .._work import deadline_work, notice_work
from ._check import check_facts
from ._door import Handle, check_commit, check_kind, check_limit, check_owner, error_text, lease_end, read_cursor
from ._payload import entry_types
from ._set_work import first_token
from ._sqlite_lock import WriteLock
from ._texts import fact_text, unknown_kind


__all__ = [
    "HEAD_SCHEMA",
    "Handle",
    "WriteLock",
    "canonical",
    "check_commit",
    "check_facts",
    "check_id",
    "check_kind",
    "check_limit",
    "check_owner",
    "deadline_work",
    "decode_attempt",
    "decode_due",
    "decode_fact",
    "decode_notice",
    "decode_project",
    "encode_attempt",
    "encode_due",
    "encode_notice",
    "encode_project",
    "entry_types",
    "error_text",
    "fact_text",
    "first_token",
    "lease_end",
    "notice_work",
    "read_cursor",
    "to_utc",
    "unknown_kind",
]
