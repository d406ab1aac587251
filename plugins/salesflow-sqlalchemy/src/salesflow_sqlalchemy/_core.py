"""
What an adapter takes from salesflow: the codec, the checks of a commit, the fold.

Everything of that kind is imported here and nowhere else.
"""

from __future__ import annotations

from salesflow import Project, replay
from salesflow.stores.adapting import (
    HEAD_SCHEMA,
    Handle,
    WriteLock,
    canonical,
    check_commit,
    check_fact,
    check_facts,
    check_id,
    check_kind,
    check_limit,
    check_owner,
    deadline_work,
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    decode_project,
    encode_attempt,
    encode_due,
    encode_fact,
    encode_notice,
    encode_project,
    entry_types,
    error_text,
    lease_end,
    notice_work,
    plain_text,
    read_cursor,
    to_utc,
)


__all__ = [
    "HEAD_SCHEMA",
    "Handle",
    "Project",
    "WriteLock",
    "canonical",
    "check_commit",
    "check_fact",
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
    "encode_fact",
    "encode_notice",
    "encode_project",
    "entry_types",
    "error_text",
    "lease_end",
    "notice_work",
    "plain_text",
    "read_cursor",
    "replay",
    "to_utc",
]
