"""
A planted mutant is what everybody gets who reads the original.
"""

from __future__ import annotations

import types

import pytest

import salesflow as sf
from salesflow import guards
from salesflow.errors import InputError
from salesflow.plugins import _loading
from salesflow.testing import _mutant
from salesflow.testing.mutation import mutants
from salesflow.testing.mutation._task import Proof, note, read_proof, write_task

from ...mutation.factory import DEAL


def deal(value):
    use = guards.field_compare("amount", "ge", value)
    stages = (sf.Stage("a", "open"), sf.Stage("end", "closed"))
    edge = sf.Transition("go", "a", "end", guards=[use])
    return sf.Definition("money", fields=[sf.Field("amount", "money")], stages=stages, transitions=[edge])


@pytest.fixture
def plant(monkeypatch, tmp_path):
    """
    Plant a mutant of a definition, until the end of the test; returns the original and the mutant.
    """
    monkeypatch.setattr(_loading, "_draft", _loading._draft)
    monkeypatch.setenv("SALESFLOW_MUTANT", str(tmp_path))

    def planted(source, mutant_id, *only):
        original = sf.load_definition(source)
        mutant = next(one for one in mutants(source, only=only) if one.id == mutant_id).definition
        write_task(tmp_path, original, mutant)
        _mutant.plant(tmp_path)
        return original, mutant

    return planted


def targets(lifecycle):
    return {one.id: one.target for one in lifecycle.transitions}


def test_however_it_is_read(plant, tmp_path):
    """
    By name, as a file, a text, data or a definition; checked, loaded or built.
    """
    original, mutant = plant("simple_deal", "revise.target:propose", "target_changed")
    path = tmp_path / "same.json"
    path.write_text(sf.dump_definition(original, format="json"), "utf-8")
    text = sf.dump_definition(original)

    assert ["propose"] * 4 == [
        targets(lifecycle)["revise"]
        for lifecycle in (
            sf.load_lifecycle("simple_deal"),
            sf.load_lifecycle(path),
            sf.build_lifecycle(text),
            sf.build_lifecycle(original),
        )
    ]
    assert mutant == sf.load_definition(path)
    assert Proof(planted=True, reached=True) == read_proof(tmp_path)


@pytest.mark.slow
@pytest.mark.traced
def test_only_the_original(plant, tmp_path):
    """
    Other definitions stay what they are, and reading them is no proof.
    """
    original, _ = plant(DEAL, "fast.target:won", "target_changed")
    other = sf.load_definition(DEAL.replace('"14d"', '"15d"'))

    assert ["offer", "qualify"] == [
        targets(sf.build_lifecycle(other))["fast"],
        targets(sf.load_lifecycle("simple_deal"))["revise"],
    ]
    assert "cannot be read" in str(sf.check_definition("there_is_none.toml"))
    assert Proof(planted=True) == read_proof(tmp_path)
    assert original.id == other.id


def test_literals_of_python(plant):
    """
    Money in Python and its text in a file are the same definition; what no file can hold is another one.
    """
    plant(deal(sf.Money("100", "EUR")), "go.guards[0].op:gt")
    ops = [sf.build_lifecycle(deal(value)).transitions[0].guards[0].params["op"] for value in ("100 EUR", "200 EUR")]

    assert ["gt", "ge"] == ops
    assert "ge" == sf.load_definition(deal(object())).transitions[0].guards[0].params["op"]


def test_what_no_file_can_hold(tmp_path):
    """
    Such a definition has no task.
    """
    with pytest.raises(InputError, match="A file holds"):
        write_task(tmp_path, deal(object()), deal("1 EUR"))


@pytest.mark.slow
@pytest.mark.traced
def test_the_first_failure_is_told(plant, tmp_path):
    """
    A run stops at its first failure, and says which one it was; what the user said about it holds.
    """
    plant(DEAL, "fast.target:won", "target_changed")
    reports = [("a", False), ("b", True), ("c", True)]
    for name, failed in reports:
        _mutant.pytest_runtest_logreport(types.SimpleNamespace(nodeid=name, failed=failed))
    configs = [types.SimpleNamespace(option=types.SimpleNamespace(maxfail=given)) for given in (0, 3)]
    for config in configs:
        _mutant.pytest_configure(config)

    assert ("b", [1, 3]) == (read_proof(tmp_path).test, [config.option.maxfail for config in configs])


@pytest.mark.slow
@pytest.mark.traced
def test_a_failing_collection_is_told(plant, tmp_path):
    """
    A file that cannot be imported has noticed the mutant, too.
    """
    plant(DEAL, "fast.target:won", "target_changed")
    _mutant.pytest_collectreport(types.SimpleNamespace(nodeid="test_a.py", failed=True))

    assert "test_a.py" == read_proof(tmp_path).test


def test_proofs(tmp_path):
    """
    A run that told nothing proves nothing.
    """
    silent = read_proof(tmp_path)
    note(tmp_path, "planted")

    assert (Proof(), Proof(planted=True)) == (silent, read_proof(tmp_path))
