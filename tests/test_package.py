"""
What the package offers at its top.
"""

from __future__ import annotations

import importlib.metadata

import pytest

import salesflow


def test_every_name_is_there():
    """
    Every name of ``__all__`` can be used and is listed, also before it was loaded.
    """
    assert set(salesflow.__all__) <= set(dir(salesflow))
    assert all(getattr(salesflow, name) is not None for name in salesflow.__all__)


def test_no_other_name_is_there():
    """
    A misspelt name is an error that says whose it is, so that Python can suggest the name that was meant.
    """
    with pytest.raises(AttributeError, match="module 'salesflow' has no attribute 'Pipelin'") as caught:
        salesflow.Pipelin  # noqa: B018 -- reading it is the test

    assert ("Pipelin", salesflow) == (caught.value.name, caught.value.obj)


def test_version():
    """
    The version is the one of the distribution.
    """
    assert importlib.metadata.version("salesflow") == salesflow.__version__
