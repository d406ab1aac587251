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
    from ._contracts.guard_contract import GuardContract
    from ._contracts.plugin_contract import PluginContract
    from ._coverage.coverage import lifecycle_coverage
    from ._coverage.sums import LifecycleCoverage
    from ._fakes import FrozenClock, RecordingListener
    from ._machine.checked import CheckedPipeline
    from ._machine.invariants import InvariantError
    from ._machine.lifecycle_machine import lifecycle_machine
    from ._navigate.context import StuckError
    from ._navigate.project_in import project_in
    from ._navigate.remedies import Help
    from ._navigate.route import NoWayError
    from ._rules.proofs import assert_always_before, assert_exits, assert_never, assert_reachable, assert_rules
    from ._store.contract import StoreContract
    from ._store.facts import (
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
    from ._strategies.definitions import definitions, guard_uses, lifecycles
    from ._strategies.projects import histories, projects
    from ._strategies.strategies import actors, entries, field_values, times


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
    "LEASE": "_store.facts",
    "NOW": "_store.facts",
    "CheckedPipeline": "_machine.checked",
    "FrozenClock": "_fakes",
    "GuardContract": "_contracts.guard_contract",
    "Help": "_navigate.remedies",
    "InvariantError": "_machine.invariants",
    "LifecycleCoverage": "_coverage.sums",
    "NoWayError": "_navigate.route",
    "PluginContract": "_contracts.plugin_contract",
    "RecordingListener": "_fakes",
    "StoreContract": "_store.contract",
    "StuckError": "_navigate.context",
    "actors": "_strategies.strategies",
    "assert_always_before": "_rules.proofs",
    "assert_exits": "_rules.proofs",
    "assert_never": "_rules.proofs",
    "assert_reachable": "_rules.proofs",
    "assert_rules": "_rules.proofs",
    "attempt": "_store.facts",
    "changed": "_store.facts",
    "claim": "_store.facts",
    "commit": "_store.facts",
    "definitions": "_strategies.definitions",
    "due": "_store.facts",
    "dump": "_store.facts",
    "entries": "_strategies.strategies",
    "field_values": "_strategies.strategies",
    "grow": "_store.facts",
    "guard_uses": "_strategies.definitions",
    "histories": "_strategies.projects",
    "key": "_store.facts",
    "lifecycle_coverage": "_coverage.coverage",
    "lifecycle_machine": "_machine.lifecycle_machine",
    "lifecycles": "_strategies.definitions",
    "moved": "_store.facts",
    "notice": "_store.facts",
    "opened": "_store.facts",
    "project_in": "_navigate.project_in",
    "projects": "_strategies.projects",
    "times": "_strategies.strategies",
    "write": "_store.facts",
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
