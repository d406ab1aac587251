"""
The lines of a journal hold JSON and nothing else.
"""

from __future__ import annotations

import json

from salesflow.stores import JournalStore
from salesflow.stores._journal.line_format import read_header, read_line

from ...stores.golden.make import fill


def test_lines_hold_json(tmp_path):
    """
    In a journal there is nothing but lines of JSON.
    """
    with JournalStore(tmp_path / "sales") as store:
        fill(store)
    (path,) = (tmp_path / "sales").glob("*.sfj")
    header, *lines = path.read_bytes().splitlines(keepends=True)
    seed, _crc = read_header(header, "")

    assert [dict] * len(lines) == [type(json.loads(read_line(line, seed).payload)) for line in lines]
    assert len(lines) > 4
