"""
The names of approvals: those that the guards of a lifecycle ask for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from salesflow import (
    Actor,
    Definition,
    Field,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    dossier,
    hookimpl,
)
from salesflow.errors import InputError, TransitionRefusedError
from salesflow.guards import approval, failed, guard, passed
from salesflow.typing import Label

from .pipeline_factory import make_pipeline, opened


SAYS = {
    "approve": lambda p, name: p.approve("P-1", name),
    "decline": lambda p, name: p.decline("P-1", name),
    "request": lambda p, name: p.add("P-1", dossier.ApprovalRequest("q", name)),
}


@pytest.mark.parametrize("way", SAYS)
def test_an_approval_that_no_guard_asks_for(way):
    """
    A misspelt name is said with those that guards ask for, also in a request; nothing is written.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    with pytest.raises(InputError) as caught:
        SAYS[way](pipeline, "daal")

    assert (
        "name of an approval: 'daal' is not usable. Guards ask for: deal. Did you mean 'deal'? "
        "One of an artefact takes subject=." == str(caught.value)
    )
    assert "门禁所要求的审批有：deal。" in caught.value.text("zh")
    assert 1 == pipeline.get("P-1").version


@guard("house.any", codes={"house.none": Label("Nothing is approved.", "尚无审批。")}, kinds=("approval",))
def any_approval():
    """Ask that anything was approved."""
    return lambda ctx: passed() if ctx.project.all(dossier.Approval) else failed("house.none")


@guard(
    "house.legal",
    codes={"house.none": Label("Nothing is approved.", "尚无审批。")},
    kinds=("approval",),
    asks=lambda: [("approval", "legal")],
)
def legal():
    """Ask for the approval of the lawyers."""
    return lambda ctx: passed() if ctx.project.all(dossier.Approval) else failed("house.none")


KNOWS_NO_NAMES = {
    "no guard": (SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: ())), []),
    "stage rules": (
        SimpleNamespace(name="house", salesflow_stage_rules=hookimpl(lambda project, transition: ())),
        [approval("deal")],
    ),
    "a guard": (
        SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: [any_approval])),
        [approval("deal"), any_approval()],
    ),
}


@pytest.mark.parametrize("case", KNOWS_NO_NAMES)
def test_where_any_approval_may_be_asked_for(case):
    """
    Where no guard names one, or a plugin reads approvals by itself, every name is kept.
    """
    plugin, uses = KNOWS_NO_NAMES[case]
    stages = [Stage("lead", "open"), Stage("won", "won")]
    move = Transition("win", "lead", "won", guards=uses)
    made = Pipeline(
        build_lifecycle(Definition("free", stages=stages, transitions=[move]), plugins=[plugin]),
        actor=Actor("li.wei"),
    )
    made.open("Metro", id="P-1")

    assert ["daal"] == [each.name for each in made.approve("P-1", "daal").project.all(dossier.Approval)]


def repairs(version, use):
    """A lifecycle of issues that asks for an approval before an issue is resolved."""
    return build_lifecycle(
        Definition(
            "repairs",
            version=version,
            record="issue",
            fields=[Field("title")],
            stages=[Stage("open", "open"), Stage("in_progress"), Stage("resolved", "closed")],
            transitions=[
                Transition("look", "open", "in_progress"),
                Transition("fix", "in_progress", "resolved", guards=[use]),
            ],
        ),
        plugins=[HOUSE],
    )


def test_an_approval_counts_in_the_stay_of_the_entry():
    """
    In a lifecycle of entries an approval counts that was given since the entry is where it is, and no earlier one.
    """
    stages = [Stage("lead", "open"), Stage("won", "won")]
    deal = build_lifecycle(Definition("free", stages=stages, transitions=[Transition("win", "lead", "won")]))
    times = iter(datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=each) for each in range(99))
    made = Pipeline([repairs("1", approval("repair")), deal], actor=Actor("li.wei"), clock=lambda: next(times))
    made.open("Metro", id="P-1", entries=[dossier.Issue("i", "Rain")])
    made.approve("P-1", "repair", actor=Actor("chen"))
    made.move_entry("P-1", "issue", "i", "look")
    with pytest.raises(TransitionRefusedError) as refused:
        made.move_entry("P-1", "issue", "i", "fix")
    made.approve("P-1", "repair", actor=Actor("chen"))
    made.move_entry("P-1", "issue", "i", "fix")

    assert ["approval.pending"] == [each.code for each in refused.value.decision.verdicts]
    assert "resolved" == made.get("P-1").held("issue")["i"].entry.status


HOUSE = SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: [any_approval, legal]))
ASKED_ELSEWHERE = {
    "legal": ([approval("deal"), legal()], []),
    "repair": ([approval("deal")], [repairs("1", approval("repair")), repairs("2", approval("mend"))]),
    "whatever": ([approval("deal")], [repairs("1", any_approval())]),
}


@pytest.mark.parametrize("name", ASKED_ELSEWHERE)
def test_who_else_asks_for_approvals(name):
    """
    Names count that a guard of a plugin asks for, or a lifecycle of entries, also an earlier version of it.
    """
    uses, records = ASKED_ELSEWHERE[name]
    stages = [Stage("lead", "open"), Stage("won", "won")]
    move = Transition("win", "lead", "won", guards=uses)
    deal = build_lifecycle(Definition("free", stages=stages, transitions=[move]), plugins=[HOUSE])
    made = Pipeline([*records, deal], actor=Actor("li.wei"))
    made.open("Metro", id="P-1")

    assert [name] == [each.name for each in made.approve("P-1", name).project.all(dossier.Approval)]
