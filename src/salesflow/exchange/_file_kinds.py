"""
Tells by its first bytes that a file is not CSV, and what to do with it instead.
"""

from __future__ import annotations

import re
from typing import Final


_AS_CSV: Final = "Save its sheet as 'CSV UTF-8' and replay that file."
_BINARY: Final = (
    (b"PK\x03\x04", "an .xlsx workbook or another zip archive", _AS_CSV),
    (b"\xd0\xcf\x11\xe0", "an .xls workbook", _AS_CSV),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it, for example with gunzip, and replay the file in it."),
    (b"BZh", "compressed with bzip2", "Unpack it, for example with bunzip2, and replay the file in it."),
    (b"%PDF-", "a PDF document", "Export the deals from the CRM as CSV."),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "Read a store with 'salesflow store export'; export other tables as CSV.",
    ),
)
_MARKUP: Final = (
    (
        re.compile(rb"<(\w+:)?log\b"),
        "an event log in XES",
        "XES is not read; save the log as CSV with one event a row, and use a mapping with kind = 'history'.",
    ),
    (
        re.compile(rb"<(\w+:)?definitions\b"),
        "a process model in BPMN",
        "It says how deals go and holds no deals. Export the deals as CSV, and write the model as a lifecycle.",
    ),
    (re.compile(rb"<(!doctype )?html\b", re.IGNORECASE), "an HTML page", _AS_CSV),
    (re.compile(rb"<"), "XML", "Export the deals from the CRM as CSV, the columns named in the first row."),
)
_JSON: Final = re.compile(rb'(\{\s*"|\[\s*[{\[])')
_BEGINNING: Final = 4096
_MARK: Final = b"\xef\xbb\xbf"


def other_kind(data: bytes) -> tuple[str, str] | None:
    """
    Return what a file is that is not CSV, and what to do; ``None`` for what may be CSV.
    """
    for signature, what, advice in _BINARY:
        if data.startswith(signature):
            return what, advice
    begin = data[:_BEGINNING].removeprefix(_MARK).lstrip()
    if begin.startswith(b"<"):
        return next((what, advice) for pattern, what, advice in _MARKUP if pattern.search(begin))
    if _JSON.match(begin):
        advice = "Write a row for each deal or change as CSV. Facts that salesflow wrote: 'salesflow store import'."
        return "JSON", advice
    return None
