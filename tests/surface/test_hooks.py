"""
Every hook is documented with its exact signature, and tested.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from salesflow import hookspecs


ROOT = Path(__file__).parents[2]
HOOKS = [name for name in hookspecs.__all__ if name.startswith("salesflow_")]


@pytest.mark.parametrize("hook", HOOKS)
def test_is_documented(hook):
    """
    The page of hooks has a row with the hook's arguments.
    """
    page = (ROOT / "docs" / "reference" / "hooks.md").read_text("utf-8")
    arguments = ", ".join(str(one) for one in inspect.signature(getattr(hookspecs, hook)).parameters.values())

    assert f"| `{hook}({arguments.replace(chr(39), '')}) ->" in page


@pytest.mark.parametrize("hook", HOOKS)
def test_is_tested(hook):
    """
    The tests of plugins use the hook.
    """
    assert hook in "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
