"""
Built-in guards are called with parameters as a definition gives them.
"""

from __future__ import annotations

from functools import partial, update_wrapper

from salesflow import dossier, guards
from salesflow._model.parameters import call_factory, problems_of
from salesflow.guards import strategy_complete

from ...cases import over_cases
from ...guards.factory import ask, context, project
from ...guards.test_every_guard import PARAMS


every_guard = over_cases("guard", guards.BUILT_IN, ids=lambda guard: guard.name)


@every_guard
def test_a_guard_takes_its_parameters_as_a_definition_gives_them(guard):
    """The use made in Python says the same, and the other questions take the same parameters."""
    params = PARAMS[guard.name]
    use = update_wrapper(partial(guard), guard.factory)

    assert [] == problems_of(guard.factory, params)
    assert params == dict(call_factory(use, params).params)
    assert all(isinstance(field, str) for field in call_factory(guard.reads, params))
    assert all(len(asked) == 2 for asked in call_factory(guard.asks, params))


@every_guard
def test_a_guard_reads_kinds_that_exist(guard):
    """A typing error here would let a host bind what it cannot give."""
    known = {kind.kind for kind in dossier.BUILT_IN} | {"visit", "taken", "children"}

    assert set() == set(guard.kinds) - known
    assert {kind for kind, _ in call_factory(guard.asks, PARAMS[guard.name])} <= set(guard.kinds)


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


ENTRY = dossier.StrategyPart("market_entry", "Through partners.", owner="li.wei")


def test_each_strategy_part_has_its_verdict():
    """The guard says which parts it asks somebody to write, and which are missing."""
    first, second = ask(strategy_complete, context(project(entries=[ENTRY])), "market_entry", "pricing")

    assert ("pass", "strategy.part_missing") == (first.status, second.code)
    assert "The strategy lacks pricing; still open: text, owner." == second.message()
    assert "策略缺少 定价 部分，待补充：内容、负责人。" == second.message("zh")
    assert (("strategy_part", "pricing"),) == tuple(call_factory(strategy_complete.asks, {"parts": ("pricing",)}))
    assert ["pass"] == found(strategy_complete, [])
