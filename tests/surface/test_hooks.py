"""
Every hook is tested, and used by a plugin that people install.
"""

from __future__ import annotations

from pathlib import Path

from ..cases import over_cases
from .generated import HOOKS


ROOT = Path(__file__).parents[2]
OURS = ("salesflow_guards", "salesflow_effects", "salesflow_entries", "salesflow_lifecycles", "salesflow_stores")


def sources(*patterns: str) -> str:
    return "".join(path.read_text("utf-8") for pattern in patterns for path in ROOT.glob(pattern))


@over_cases("hook", HOOKS)
def test_is_tested(hook):
    """
    The tests of plugins use the hook.
    """
    assert hook in sources("tests/test_*.py", "tests/cli/test_plugins.py")


@over_cases("hook", [hook for hook in HOOKS if hook not in OURS])
def test_is_used(hook):
    """
    A hook that the library itself does not need is one that a plugin in plugins/ does.
    """
    assert f"def {hook}(" in sources("plugins/*/src/**/*.py")
