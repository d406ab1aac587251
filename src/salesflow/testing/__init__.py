"""
The testing kit: contracts, fakes, and the tools that test a lifecycle.

Install the extra ``salesflow[testing]``. Names are loaded when they are first used, so that the pytest plugin of this
package costs nothing in runs that do not use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .._model import lazy


if TYPE_CHECKING:
    from ._contracts.guard_contract import GuardContract as GuardContract
    from ._contracts.plugin_contract import PluginContract as PluginContract
    from ._coverage.observe import lifecycle_coverage as lifecycle_coverage
    from ._coverage.sums import LifecycleCoverage as LifecycleCoverage
    from ._fakes import FrozenClock as FrozenClock, RecordingListener as RecordingListener
    from ._machine.checked import CheckedPipeline as CheckedPipeline
    from ._machine.invariants import InvariantError as InvariantError
    from ._machine.lifecycle_machine import lifecycle_machine as lifecycle_machine
    from ._navigate.context import Help as Help, StuckError as StuckError
    from ._navigate.route import NoRouteError as NoRouteError, project_in as project_in
    from ._rules.paths import paths as paths
    from ._rules.proofs import (
        assert_always_before as assert_always_before,
        assert_exits as assert_exits,
        assert_never as assert_never,
        assert_reachable as assert_reachable,
        assert_rules as assert_rules,
    )
    from ._store.contract import StoreContract as StoreContract
    from ._store.facts import (
        LEASE as LEASE,
        NOW as NOW,
        attempt as attempt,
        changed as changed,
        claim as claim,
        commit as commit,
        due as due,
        dump as dump,
        grow as grow,
        key as key,
        moved as moved,
        notice as notice,
        opened as opened,
        write as write,
    )
    from ._strategies.definitions import definitions as definitions, guard_uses as guard_uses, lifecycles as lifecycles
    from ._strategies.projects import histories as histories, projects as projects
    from ._strategies.strategies import (
        actors as actors,
        entries as entries,
        field_values as field_values,
        times as times,
    )
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            "_contracts.guard_contract": ("GuardContract",),
            "_contracts.plugin_contract": ("PluginContract",),
            "_coverage.observe": ("lifecycle_coverage",),
            "_coverage.sums": ("LifecycleCoverage",),
            "_fakes": ("FrozenClock", "RecordingListener"),
            "_machine.checked": ("CheckedPipeline",),
            "_machine.invariants": ("InvariantError",),
            "_machine.lifecycle_machine": ("lifecycle_machine",),
            "_navigate.context": ("Help", "StuckError"),
            "_navigate.route": ("NoRouteError", "project_in"),
            "_rules.paths": ("paths",),
            "_rules.proofs": (
                "assert_always_before",
                "assert_exits",
                "assert_never",
                "assert_reachable",
                "assert_rules",
            ),
            "_store.contract": ("StoreContract",),
            "_store.facts": (
                "LEASE",
                "NOW",
                "attempt",
                "changed",
                "claim",
                "commit",
                "due",
                "dump",
                "grow",
                "key",
                "moved",
                "notice",
                "opened",
                "write",
            ),
            "_strategies.definitions": ("definitions", "guard_uses", "lifecycles"),
            "_strategies.projects": ("histories", "projects"),
            "_strategies.strategies": ("actors", "entries", "field_values", "times"),
        },
    )


# Before they are imported, so that a failing check shows both sides of its comparison.
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in ("_contracts", "_store")))
