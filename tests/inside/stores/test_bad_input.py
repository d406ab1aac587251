"""
A journal of a newer version is refused by name.
"""

from __future__ import annotations

import pytest

from salesflow.errors import (
    SchemaMismatchError,
)
from salesflow.stores import JournalStore
from salesflow.stores._journal.line_format import make_line, read_header

from ...pipeline_factory import journal, make_pipeline, opened


def test_newer_journal(tmp_path):
    """
    A journal of a newer version is refused with what it has and what is known, and left alone.
    """
    store = journal(tmp_path / "sales")
    opened(make_pipeline(store))
    store.close()
    (path,) = (tmp_path / "sales").glob("*.sfj")
    header = path.read_bytes().splitlines(keepends=True)[0]
    seed, _checksum = read_header(header, "")
    newer, _checksum = make_line(header.rstrip().split(b" ", 3)[3].replace(b"sfj/1", b"sfj/9"), 0, seed)
    path.write_bytes(newer)
    with pytest.raises(SchemaMismatchError) as caught:
        JournalStore(tmp_path / "sales")

    assert ("sfj/9", newer) == (caught.value.found, path.read_bytes())
    assert str(caught.value).startswith(f"journal {path}")
    assert str(caught.value).endswith("has schema 'sfj/9'; this salesflow reads 'sfj/1'. Use a newer salesflow.")
