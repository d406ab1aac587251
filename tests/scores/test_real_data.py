"""
A real export whose outcomes are random: the evaluation must say that nothing can be predicted.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import salesflow as sf
from salesflow.exchange import replay_file
from salesflow.scores import back_test, closed_records, fit_naive_bayes
from salesflow.stores import MemoryStore


MAVEN = Path(__file__).parents[2] / "examples" / "maven"
FIELDS = ["owner", "product", "account"]


@pytest.fixture(scope="module", name="histories")
def _histories(real_data):
    """The facts of 8,800 deals of the Maven export."""
    lifecycle, store = sf.load_lifecycle(MAVEN / "lifecycle.toml"), MemoryStore()
    export = real_data / "maven_crm" / "sales_pipeline.csv"
    replay_file(export, mapping=MAVEN / "map.toml", lifecycle=lifecycle, store=store)
    pipeline = sf.Pipeline(lifecycle, store=store)
    return lifecycle.stages, list(pipeline.histories())


@pytest.mark.slow
@pytest.mark.parametrize("features", [FIELDS, *(pytest.param([each], marks=pytest.mark.deep) for each in FIELDS[:2])])
def test_no_signal(histories, features):
    """
    Neither seller, product nor customer tell won from lost, and the evaluation says so.
    """
    stages, facts = histories
    records = closed_records(facts, stages, features=features, known_at="prospecting")
    found = back_test(records, ("prospecting", "engaging"), features=features)

    assert (6711, 1678) == (len(records), found.n)
    assert (False, "There is no signal") == (found.signal, found.message()[:18])


def test_the_close_value_is_not_seen(histories):
    """
    The close value is 0 for lost deals; because it comes with the closing, no model gets to see it.
    """
    stages, facts = histories
    records = closed_records(facts, stages, features=["amount", "closed_on", "owner"])
    model = fit_naive_bayes(records, ("prospecting", "engaging"), features=["owner"])

    assert {"owner"} == {name for record in records for name in record.values}
    assert (4238, 2473) == (model.won, model.lost)
