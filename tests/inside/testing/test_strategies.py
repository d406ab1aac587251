"""
Generated values fit fields, and generated entries come back from storage.
"""

from __future__ import annotations

from typing import get_args

import attrs
import pytest
from hypothesis import find, given, settings

from salesflow import Field, dossier
from salesflow._codec.entries import decode_entry, encode_entry
from salesflow._lifecycle.inputs import checked_changes
from salesflow._model.definition import FieldType
from salesflow.stores.adapting import canonical
from salesflow.testing import (
    entries,
    field_values,
)

from ...cases import over_cases


KINDS = {kind.kind: kind for kind in dossier.BUILT_IN}


QUICK = settings(max_examples=150, derandomize=True, database=None, deadline=None)


@over_cases("kind", get_args(FieldType))
def test_field_values_fit(kind):
    """A field takes whatever is generated for it."""
    field = Field("one", kind, choices=("a", "b") if kind == "choice" else ())

    @given(field_values(field))
    def fits(value):
        assert value is not None
        assert checked_changes("any", {"one": field}, {}, {"one": value}, ())

    fits()


@pytest.mark.slow
@over_cases("kind", dossier.BUILT_IN, ids=lambda kind: kind.kind)
def test_entries_of_every_class(kind):
    """Entries of each class are generated, and kept by every store."""

    @settings(max_examples=20)
    @given(entries(kind.kind))
    def come_back(entry):
        assert entry == decode_entry(kind.kind, encode_entry(entry), KINDS)
        assert canonical(encode_entry(entry))

    come_back()


SHRUNK = [
    pytest.param(kind, marks=[] if kind in (dossier.Goal, dossier.Member, dossier.Scorecard) else pytest.mark.deep)
    for kind in dossier.BUILT_IN
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHRUNK, ids=lambda kind: kind.kind)
def test_the_smallest_entry(kind):
    """Most attributes are left alone when an entry is shrunk."""
    smallest = find(entries(kind), lambda _: True, settings=QUICK)
    extra = [one for one in attrs.fields(kind) if one.default not in (attrs.NOTHING, getattr(smallest, one.name))]

    assert [] == [one.name for one in extra if not isinstance(one.default, attrs.Factory)]
