"""
What a pipeline takes where nothing is given.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesflow import Pipeline
from salesflow._pipeline.runtime import utc_now
from salesflow.stores import MemoryStore

from ...pipeline_factory import (
    LEAD,
    SHORT,
    make_pipeline,
    opened,
)


@pytest.fixture
def pipeline():
    """
    A pipeline with an open project.
    """
    made = make_pipeline()
    opened(made)
    return made


def test_defaults():
    """
    A lifecycle is enough: the store is in memory and the clock is the machine's.
    """
    pipeline = Pipeline(SHORT)
    before = datetime.now(UTC)
    project = pipeline.open("Deal", actor=LEAD)

    assert isinstance(pipeline.store, MemoryStore)
    assert (True, None) == (before <= project.opened_at <= utc_now(), pipeline.actor)
