"""
What the stores of the package promise alike, beyond the contract of all stores.

The contract itself runs over them in ``tests/testing/test_contract_of_our_stores.py``.
"""

from __future__ import annotations

import pytest

from salesflow.errors import InputError, InvalidValueError, StoreClosedError
from salesflow.typing import FieldSet

from ..cases import over_cases
from .factory import commit, opened, write


@over_cases("cursor", ["x", "-1", "１", "9" * 21, "1 "])
def test_foreign_cursor(store, cursor):
    """
    A cursor is a number of at most 20 plain digits; whatever else there is was no page's.
    """
    with pytest.raises(InputError, match="cursor of the previous page"):
        store.feed(cursor)


def test_keys_are_texts(store):
    """
    A mapping whose keys are no texts is refused: JSON would make texts of them.
    """
    with pytest.raises(InvalidValueError, match="is not a text") as caught:
        store.commit(commit(opened("P-1", FieldSet("remark", {1: "one"}))))

    assert ("field 'remark'", None) == (caught.value.path, store.head("P-1"))


def test_closed_and_asked(store):
    """
    A closed store says what to do, also when it is asked to look deeply.
    """
    store.close()
    with pytest.raises(StoreClosedError) as caught:
        store.check(deep=True)

    assert "Open it again" in str(caught.value)


def test_used_in_a_with_block(store):
    """
    A store closes itself at the end of its block.
    """
    with store as entered:
        write(entered, opened())

    with pytest.raises(StoreClosedError):
        store.head("P-1")
