"""
What test suites use: contracts, fakes, and everything that proves a lifecycle.

Install the extra ``salesflow[testing]``. Names are loaded when they are first used, so that the
pytest plugin of this package costs a run nothing that does not need it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from ._checked import CheckedPipeline
    from ._contract import StoreContract
    from ._coverage import lifecycle_coverage
    from ._coverage_sums import LifecycleCoverage
    from ._cures import Help
    from ._facts import (
        LEASE,
        NOW,
        attempt,
        changed,
        claim,
        commit,
        due,
        dump,
        grow,
        key,
        moved,
        notice,
        opened,
        write,
    )
    from ._fakes import FrozenClock, RecordingListener
    from ._guard_contract import GuardContract
    from ._invariants import InvariantError
    from ._lifecycle_machine import lifecycle_machine
    from ._plugin_contract import PluginContract
    from ._project_in import project_in
    from ._proofs import assert_always_before, assert_exits, assert_never, assert_reachable, assert_rules
    from ._strategies import actors, entries, field_values, times
    from ._strategies_definitions import definitions, guard_uses, lifecycles
    from ._strategies_projects import histories, projects
    from ._walk_hands import StuckError
    from ._walk_way import NoWayError


_ASSERTING = (
    *("basics", "crash", "feed", "keys", "later", "machine"),
    *("processes", "reading", "tasks", "threads", "values", "work"),
    *("guard_contract", "plugin_contract"),
)
# Before they are imported, so that a failing check shows both sides of its comparison.
pytest.register_assert_rewrite(*(f"{__name__}._{name}" for name in _ASSERTING))

__all__ = [
    "LEASE",
    "NOW",
    "CheckedPipeline",
    "FrozenClock",
    "GuardContract",
    "Help",
    "InvariantError",
    "LifecycleCoverage",
    "NoWayError",
    "PluginContract",
    "RecordingListener",
    "StoreContract",
    "StuckError",
    "actors",
    "assert_always_before",
    "assert_exits",
    "assert_never",
    "assert_reachable",
    "assert_rules",
    "attempt",
    "changed",
    "claim",
    "commit",
    "definitions",
    "due",
    "dump",
    "entries",
    "field_values",
    "grow",
    "guard_uses",
    "histories",
    "key",
    "lifecycle_coverage",
    "lifecycle_machine",
    "lifecycles",
    "moved",
    "notice",
    "opened",
    "project_in",
    "projects",
    "times",
    "write",
]

_HOME = {
    "LEASE": "_facts",
    "NOW": "_facts",
    "CheckedPipeline": "_checked",
    "FrozenClock": "_fakes",
    "GuardContract": "_guard_contract",
    "Help": "_cures",
    "InvariantError": "_invariants",
    "LifecycleCoverage": "_coverage_sums",
    "NoWayError": "_walk_way",
    "PluginContract": "_plugin_contract",
    "RecordingListener": "_fakes",
    "StoreContract": "_contract",
    "StuckError": "_walk_hands",
    "actors": "_strategies",
    "assert_always_before": "_proofs",
    "assert_exits": "_proofs",
    "assert_never": "_proofs",
    "assert_reachable": "_proofs",
    "assert_rules": "_proofs",
    "attempt": "_facts",
    "changed": "_facts",
    "claim": "_facts",
    "commit": "_facts",
    "definitions": "_strategies_definitions",
    "due": "_facts",
    "dump": "_facts",
    "entries": "_strategies",
    "field_values": "_strategies",
    "grow": "_facts",
    "guard_uses": "_strategies_definitions",
    "histories": "_strategies_projects",
    "key": "_facts",
    "lifecycle_coverage": "_coverage",
    "lifecycle_machine": "_lifecycle_machine",
    "lifecycles": "_strategies_definitions",
    "moved": "_facts",
    "notice": "_facts",
    "opened": "_facts",
    "project_in": "_project_in",
    "projects": "_strategies_projects",
    "times": "_strategies",
    "write": "_facts",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value  # so that this function is asked once for each name
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
