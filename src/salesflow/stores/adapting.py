"""
What a store of your own takes from salesflow: the checks of a commit, the codec, the heads.

A store that refuses what these checks refuse, and writes what the codec writes, can exchange
its facts with every other one.
"""

from __future__ import annotations

from .._codec.facts import (
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    encode_attempt,
    encode_due,
    encode_notice,
)
from .._codec.project import HEAD_SCHEMA, decode_project, encode_project
from .._codec.values import canonical
from .._model.values import check_id, to_utc
from ._check_facts import check_facts
from ._checks import (
    StoreHandle,
    check_commit,
    check_kind,
    check_limit,
    check_owner,
    check_shape,
    error_text,
    lease_end,
    read_cursor,
)
from ._fact_text import entry_types, fact_text, unknown_kind
from ._sqlite.write_lock import WriteLock
from ._work_of import deadline_work, first_token, notice_work


__all__ = [
    "HEAD_SCHEMA",
    "StoreHandle",
    "WriteLock",
    "canonical",
    "check_commit",
    "check_facts",
    "check_id",
    "check_kind",
    "check_limit",
    "check_owner",
    "check_shape",
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
