"""
Faults, warnings and errors in both languages: each kind is raised or collected once, and rendered.
"""

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime, timedelta

import pytest

import salesflow as sf
from salesflow import errors
from salesflow.plugins.directory import Directory
from salesflow.stores import MemoryStore


CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOW = datetime(2026, 3, 2, tzinfo=UTC)

FAULTY = """
id = "deal"
initial = "opn"
outcomes = ["won"]
[[fields]]
id = "stage"
type = "money"
[[fields]]
id = "source"
type = "choice"
[[stages]]
id = "open"
colour = 1
label = "Open"
deadlines = [ { id = "x", after = "5bd" }, { id = "x", after = "0m" } ]
[[stages]]
id = "island"
[[transitions]]
id = "win"
source = "open"
target = "wonn"
guards = [
  { use = "fields_presen", fields = ["amount"] },
  { use = "field_compare", field = "amount", op = "ge", value = 5 },
  { use = "field_compare", field = "amount", op = "gg", valu = 5 },
  { any_of = [] },
]
effects = [ { use = "set_feld" } ]
[[transitions]]
id = "again"
source = "open"
target = "island"
kind = "loop"
"""


def said(thing):
    """
    Return what a fault or error says in both languages, and whether they are what they should be.
    """
    chinese = thing.text("zh-CN")
    return str(thing), bool(CHINESE.search(chinese)), str(thing) == thing.text("en") == thing.text("fr")


def every_error():
    """
    Return one error of each class that a user can meet.
    """
    store, lead = MemoryStore(), sf.Actor("li.wei")
    pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=lead)
    project = pipeline.open("Deal")

    def raised(call, *args, **options):
        with pytest.raises(errors.SalesflowError) as caught:
            call(*args, **options)
        return caught.value

    yield raised(sf.load_lifecycle, text=FAULTY)
    yield raised(sf.load_lifecycle, "simple_deals")
    yield raised(pipeline.get, "P-1")
    yield raised(pipeline.open, "")
    yield raised(pipeline.open, "Deal", fields={"amonut": 1, "owner": 5})
    yield raised(pipeline.open, "Deal", id=project.id)
    yield raised(pipeline.fire, project.id, "won")
    refused = raised(pipeline.fire, project.id, "propose")
    yield refused
    yield errors.FieldLockedError("P-1", refused.decision.blocking)
    yield raised(pipeline.update, project.id, {"owner": "li.wei"}, at=NOW - timedelta(days=9000))
    yield raised(sf.Money, 1.5, "CNY")
    yield raised(lambda: sf.Money(1, "CNY") + sf.Money(1, "EUR"))
    yield errors.DefinitionChangedError("deal", "1")
    yield errors.DefinitionChangedError("deal", "1", "P-1")
    yield errors.PluginError("acme", errors.say("plugin.no_hook"), remedy=errors.say("plugin.mark"), hook="h")
    yield errors.ProjectLockedError("P-1", "won")
    yield errors.ListenerChainError("audit", "P-1", 100)
    yield errors.EffectError("notify", "win", ValueError("no"))
    yield errors.BackfillError("P-1", NOW, NOW)
    yield errors.VersionConflictError("P-1", 3, 4)
    yield errors.KeyReusedError("P-1", "k")
    yield errors.InvalidValueError("value", errors.say("stored.nul"))
    yield errors.TooLargeError("a commit", size=2000, limit=1000)
    yield errors.StoreLockedError("sales", "4711")
    yield errors.StoreCorruptError("sales", errors.say("corrupt.database"))
    yield errors.SchemaMismatchError("a head", found=3, wanted=2)
    yield errors.StoreClosedError()
    yield errors.OutcomeUnknownError("k")
    yield errors.OutcomeUnknownError(None)
    yield errors.LeaseLostError("w")
    yield errors.ForkedHandleError()
    yield errors.UnsupportedError("tenants")


def test_every_fault_is_said_in_both_languages():
    """
    Each fault and warning has its place, its code and its next step in either language.
    """
    report = sf.check_definition(text=FAULTY)
    found = [*report.faults, *report.warnings]

    assert [] == [english for english, chinese, right in map(said, found) if not (chinese and right)]
    assert all(f"[{fault.code}]" in fault.text("zh") for fault in found)
    assert f"deal：{len(report.faults)} 个错误，{len(report.warnings)} 个警告：" == report.text("zh").splitlines()[0]
    assert 1 + len(found) == len(report.text("zh").splitlines())


def test_every_error_is_said_in_both_languages():
    """
    Each error is English as a text, and Chinese where it is asked for; so it stays after pickling.
    """
    for error in every_error():
        _, chinese, right = said(error)
        again = pickle.loads(pickle.dumps(error))

        assert (True, True, str(error), error.text("zh")) == (chinese, right, str(again), again.text("zh"))


def test_what_others_write_is_said_as_it_is():
    """
    A plain text that a host or a plugin gives as the hint stands in both languages.
    """
    error = errors.InputError("colour", "rde", "Use 'red'.")

    assert "colour: 'rde' is not usable. Use 'red'." == str(error)
    assert "colour：'rde' 不可用。Use 'red'." == error.text("zh")


def test_the_parts_are_kept():
    """
    Nobody has to take a sentence apart: what it is about are its parts.
    """
    (fault,) = [one for one in sf.check_definition(text=FAULTY).faults if one.code == "guard.unknown"]

    assert {"name": "fields_presen", "near": "fields_present"} == dict(fault.problem.parts)
    assert "没有名为 'fields_presen' 的门禁" == fault.problem.text("zh")
    assert "是否应为 'fields_present'？" == fault.hint.text("zh")


def test_outcomes_without_a_label_have_words():
    """
    The outcomes that come with the library have words in both languages; a definition's own label goes first.
    """
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won")]
    outcomes = ["undecided", sf.typing.Outcome("won", label=sf.typing.Label("signed", "签约"))]
    definition = sf.Definition("deal", stages=stages, transitions=[sf.Transition("t", "a", "b")], outcomes=outcomes)
    wording = sf.build_lifecycle(definition).wording

    assert ("未决", "签约", "other") == (
        wording.label("outcome", "undecided").text("zh"),
        wording.label("outcome", "won").text("zh"),
        wording.label("outcome", "other").text("zh"),
    )


def test_a_table_of_anything_is_a_table():
    """
    A table that may hold anything is called so, without the words of Python.
    """
    with pytest.raises(sf.errors.InputError) as caught:
        Directory.load(5)

    assert caught.value.text("en").endswith("It must be text or PathLike or a table of name = value.")
