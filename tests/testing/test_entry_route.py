"""
The testing kit takes entries to the status that a remedy asks for, by their own lifecycle.
"""

from __future__ import annotations

import attrs
import pytest

import salesflow as sf
from salesflow import dossier as d, guards
from salesflow.errors import SalesflowError
from salesflow.guards import failed, guard
from salesflow.testing import project_in
from salesflow.typing import Label, Remedy

from ..cases import over_cases


CODES = {"house.wanted": Label("Bring {kind} to {status}.", "请将 {kind} 流转到 {status}。")}


@guard("house.brought", codes=CODES, kinds=("issue", "task", "approval_request", "activity"))
def brought(kind: str, status: str, **more: str):
    """
    Ask for an entry of a kind in a status.
    """

    def check(ctx):
        if any(each.entry.status == status for each in ctx.project.held(kind).values()):
            return guards.passed()
        return failed(
            "house.wanted", Remedy("entry", kind, {"id": "x", "status": status, **more}), kind=kind, status=status
        )

    return check


class House:
    """The plugin that brings the guard."""

    @sf.hookimpl
    def salesflow_guards(self):
        return [brought]


def lifecycle(*asked, stages=()):
    """A lifecycle whose only gate asks for entries."""
    uses = [sf.typing.GuardUse("house.brought", params) for params in asked]
    return sf.build_lifecycle(
        sf.Definition(
            "deal",
            stages=[sf.Stage("lead", "open"), sf.Stage("won", "won")],
            transitions=[sf.Transition("win", "lead", "won", guards=uses)],
        ),
        plugins=[House()],
    )


@over_cases(
    ("kind", "status"),
    [
        ("issue", "verified"),
        ("task", "done"),
        ("task", "dropped"),
        ("task", "todo"),
        ("approval_request", "granted"),
        ("activity", "done"),
    ],
)
def test_an_entry_is_brought_there(kind, status):
    """
    Whatever its gates ask for is handed in, by another person where it has to be another; other kinds are put there.
    """
    pipeline = sf.Pipeline(lifecycle({"kind": kind, "status": status, "name": "price"}))
    project = project_in("won", pipeline.lifecycle, pipeline=pipeline)

    assert [status] == [each.entry.status for each in project.held(kind).values()]


def test_an_entry_that_is_there_goes_on():
    """
    One that stands somewhere on the way goes on from there, with what the remedy asks of it besides.
    """
    pipeline = sf.Pipeline(lifecycle({"kind": "task", "status": "done", "title": "Call"}))
    project = project_in("won", pipeline.lifecycle, pipeline=pipeline)
    (held,) = project.held("task").values()

    assert ("Call", ["finish_task"]) == (held.entry.title, [each.transition for each in held.moves])


@pytest.mark.parametrize(("kind", "status"), [("approval_request", "expired"), ("issue", "nowhere")])
def test_where_nothing_leads(kind, status):
    """
    A status that no way leads to, or whose gate only time opens, leaves the kit stuck, and it says so.
    """
    with pytest.raises(SalesflowError):
        project_in("won", lifecycle({"kind": kind, "status": status}))
    assert d.Issue("i").open


FIX = sf.Transition("fix", "open", "resolved", guards=[guards.field_compare("title", "eq", "Exactly this")])


@pytest.mark.parametrize("ways", [(), (FIX,)])
def test_a_gate_that_nothing_opens(ways):
    """
    Where no way leads on, or its gate refuses whatever is handed in, the kit gives up after a few tries.
    """
    own = sf.Definition(
        "hard",
        record="issue",
        fields=[sf.Field("title")],
        stages=[sf.Stage("open", "open"), sf.Stage("resolved", "closed"), sf.Stage("verified", "closed")],
        transitions=[*ways, sf.Transition("skip", "open", "verified")],
    )
    asked = lifecycle({"kind": "issue", "status": "resolved"})
    if not ways:
        own = attrs.evolve(own, stages=[own.stages[0], own.stages[2]])
    pipeline = sf.Pipeline([sf.build_lifecycle(own), asked])

    with pytest.raises(SalesflowError):
        project_in("won", asked, pipeline=pipeline)
