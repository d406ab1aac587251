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
    from ._contracts._guard_contract import GuardContract
    from ._contracts._plugin_contract import PluginContract
    from ._coverage._coverage import lifecycle_coverage
    from ._coverage._sums import LifecycleCoverage
    from ._fakes import FrozenClock, RecordingListener
    from ._machine._checked import CheckedPipeline
    from ._machine._invariants import InvariantError
    from ._machine._lifecycle_machine import lifecycle_machine
    from ._rules._proofs import assert_always_before, assert_exits, assert_never, assert_reachable, assert_rules
    from ._store._contract import StoreContract
    from ._store._facts import (
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
    from ._strategies._definitions import definitions, guard_uses, lifecycles
    from ._strategies._projects import histories, projects
    from ._strategies._strategies import actors, entries, field_values, times
    from ._walk._cures import Help
    from ._walk._hands import StuckError
    from ._walk._project_in import project_in
    from ._walk._way import NoWayError


_ASSERTING = ("_contracts", "_store")
# Before they are imported, so that a failing check shows both sides of its comparison.
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _ASSERTING))

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
    "LEASE": "_store._facts",
    "NOW": "_store._facts",
    "CheckedPipeline": "_machine._checked",
    "FrozenClock": "_fakes",
    "GuardContract": "_contracts._guard_contract",
    "Help": "_walk._cures",
    "InvariantError": "_machine._invariants",
    "LifecycleCoverage": "_coverage._sums",
    "NoWayError": "_walk._way",
    "PluginContract": "_contracts._plugin_contract",
    "RecordingListener": "_fakes",
    "StoreContract": "_store._contract",
    "StuckError": "_walk._hands",
    "actors": "_strategies._strategies",
    "assert_always_before": "_rules._proofs",
    "assert_exits": "_rules._proofs",
    "assert_never": "_rules._proofs",
    "assert_reachable": "_rules._proofs",
    "assert_rules": "_rules._proofs",
    "attempt": "_store._facts",
    "changed": "_store._facts",
    "claim": "_store._facts",
    "commit": "_store._facts",
    "definitions": "_strategies._definitions",
    "due": "_store._facts",
    "dump": "_store._facts",
    "entries": "_strategies._strategies",
    "field_values": "_strategies._strategies",
    "grow": "_store._facts",
    "guard_uses": "_strategies._definitions",
    "histories": "_strategies._projects",
    "key": "_store._facts",
    "lifecycle_coverage": "_coverage._coverage",
    "lifecycle_machine": "_machine._lifecycle_machine",
    "lifecycles": "_strategies._definitions",
    "moved": "_store._facts",
    "notice": "_store._facts",
    "opened": "_store._facts",
    "project_in": "_walk._project_in",
    "projects": "_strategies._projects",
    "times": "_strategies._strategies",
    "write": "_store._facts",
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
