"""
One short lifecycle, and a project to ask about.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import salesflow_cel

import salesflow as sf
from salesflow.typing import GuardUse


MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)

FIELDS = [
    {"id": "amount", "type": "money"},
    {"id": "margin", "type": "number"},
    {"id": "seats", "type": "integer"},
    {"id": "urgent", "type": "bool"},
    {"id": "region", "type": "text"},
    {"id": "due", "type": "date"},
    {"id": "signed", "type": "datetime"},
    {"id": "note", "type": "text"},
]
VALUES = {
    "amount": sf.Money("120000.10", "CNY"),
    "margin": 0.25,
    "seats": 3,
    "urgent": True,
    "region": "华东",
    "due": date(2026, 3, 1),
    "signed": datetime(2026, 3, 8, 20, 30, tzinfo=UTC),
}


def _definition(use: GuardUse):
    """
    Return a definition whose one transition has this guard.
    """
    return {
        "schema": 1,
        "id": "deal",
        "fields": FIELDS,
        "stages": [{"id": "offer", "kind": "open"}, {"id": "won", "kind": "won"}],
        "transitions": [
            {"id": "win", "source": ["offer"], "target": "won", "guards": [{"use": use.use, **use.params}]}
        ],
    }


@pytest.fixture
def definition():
    """
    Return what writes a definition around a guard.
    """
    return _definition


@pytest.fixture
def values():
    """
    Return the values of the project's fields.
    """
    return VALUES


@pytest.fixture(scope="session")
def ask():
    """
    Ask a guard about the project, and return its verdict.
    """

    def asked(expr, *, guard=salesflow_cel.expression, fields=VALUES, entries=(), reason=None, **params):
        lifecycle = sf.build_lifecycle(_definition(guard(expr, **params)), plugins=[salesflow_cel])
        pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei", roles={"sales_director"}))
        opened = datetime(2026, 3, 6, 9, tzinfo=UTC)
        pipeline.open("Metro line 5", id="metro-5", at=opened, fields=fields, entries=entries)
        return pipeline.decide("metro-5", "win", at=MONDAY, reason=reason).verdicts[0]

    return asked
