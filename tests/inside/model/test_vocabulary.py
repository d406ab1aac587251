"""
How the words of the library are read.
"""

from __future__ import annotations

from salesflow._model.vocabulary import tables_of


def test_choices_are_read_once():
    """
    The largest file of words is asked for every field that a message names, and read once.
    """
    assert tables_of("choice") is tables_of("choice")
