"""
What the contract of stores asks of files, where a store has none.
"""

from __future__ import annotations

import pytest

from salesflow.testing._store.crash import Crash


def test_a_store_without_files_is_not_asked(tmp_path):
    """A store that keeps nothing in its place has no modes of files to look at."""

    class Nowhere(Crash):
        """A contract of a store without files."""

        def make_store(self, place):
            """Nobody asks for one."""
            raise AssertionError(place)

    with pytest.raises(pytest.skip.Exception, match="no files"):
        Nowhere()._needs_files(tmp_path)
