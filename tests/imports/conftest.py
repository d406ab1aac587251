"""
A small CRM with nothing imported yet.
"""

from __future__ import annotations

import pytest

from .factory import Crm


@pytest.fixture
def crm(tmp_path):
    """
    Writes files of a small CRM and imports them onto one store.
    """
    return Crm(tmp_path)
