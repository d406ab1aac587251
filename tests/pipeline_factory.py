"""
What the tests of the pipeline share: a short lifecycle with a little of everything, a clock that is told the
time, and stores that do what another process might do in between.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from salesflow import Actor, Definition, Field, Money, Pipeline, Stage, Transition, build_lifecycle, guards
from salesflow.effects import create_task, effect, notify, set_field
from salesflow.guards import guard, passed
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import JournalStore, MemoryStore
from salesflow.typing import Commit, Committed, Label, Spawn

from .equipment import Clock
from .inside.builders import FastDisk


LEAD = Actor("li.wei", roles={"project_lead"})
DIRECTOR = Actor("zhang.min", roles={"sales_director"})
AMOUNT = Money("1200000", "CNY")

CODES = {"house.note": Label("Change the note {note}.", "请修改备注 {note}。")}


@guard("house.calm", codes=CODES, reads=lambda: ("note",))
def calm():
    """
    Raises when the note says so.
    """

    def check(ctx):
        if ctx.project.fields.get("note") == "guard raises":
            raise LookupError("no such register")
        return passed()

    return check


@effect("house.stamp")
def stamp():
    """
    Raises when the note says so.
    """

    def run(ctx):
        if ctx.project.fields.get("note") == "effect raises":
            raise ZeroDivisionError("no amount")
        return ()

    return run


class House:
    """A plugin with the guard and the effect above."""

    name = "house"

    @hookimpl
    def salesflow_guards(self):
        return (calm,)

    @hookimpl
    def salesflow_effects(self):
        return (stamp,)


def definition(**changes: Any) -> Definition:
    """The short lifecycle; *changes* replace parts of it."""
    parts: dict[str, Any] = {
        "label": Label("Short", "简短"),
        "fields": (
            Field("owner"),
            Field("amount", "money"),
            Field("note"),
            Field("level", "choice", choices=("low", "high"), default="low"),
            Field("due", "date"),
            Field("seats", "integer"),
        ),
        "stages": (
            Stage("lead", "open"),
            Stage("offer", "active", produces=("quote",)),
            Stage("paused", "hold"),
            Stage("won", "won"),
            Stage("lost", "lost"),
        ),
        "transitions": (
            Transition(
                "make_offer",
                "lead",
                "offer",
                guards=(guards.fields_present("amount"), calm()),
                effects=(stamp(), notify(("team",)), create_task("Call the customer", due_days=3)),
            ),
            Transition("revise", "offer", "lead", kind="loop"),
            Transition("touch", ("lead", "offer"), "$same", effects=(set_field("level", "high"),)),
            Transition("pause", ("lead", "offer"), "paused", kind="hold"),
            Transition("resume", "paused", "$previous", kind="resume"),
            Transition(
                "win",
                "offer",
                "won",
                outcome="won",
                guards=(guards.approval("deal", roles=("sales_director",)).but(override=True),),
            ),
            Transition("lose", ("lead", "offer", "paused"), "lost", kind="exit", outcome=("lost", "no_decision")),
            Transition("reopen", ("won", "lost"), "lead", kind="reopen", outcome="undecided"),
            Transition("again", ("won",), kind="spawn", spawn=Spawn("short", carry=("owner", "amount", "artefact"))),
        ),
    }
    return Definition("short", **{**parts, **changes})


SHORT = build_lifecycle(definition(), plugins=[House()])


def journal(folder: Path) -> JournalStore:
    """A journal that does not wait for its medium."""
    return JournalStore(folder, disk=FastDisk())


def make_pipeline(store: Any = None, *, clock: Any = None, **more: Any) -> Pipeline:
    """A pipeline of the short lifecycle, at which the project lead acts."""
    options = {"actor": LEAD, **more}
    return Pipeline(SHORT, store=MemoryStore() if store is None else store, clock=clock or Clock(), **options)


def clock_of(pipeline: Pipeline) -> Any:
    """The clock that a pipeline was given."""
    (clock,) = pipeline._runtime.clock.args
    return clock


def opened(pipeline: Pipeline, project_id: str = "P-1", **fields: Any) -> Any:
    """A project that may make an offer."""
    return pipeline.open("Core network", id=project_id, fields={"owner": "li.wei", "amount": AMOUNT, **fields})


def won(pipeline: Pipeline, project_id: str = "P-1") -> Any:
    """A project that was won."""
    opened(pipeline, project_id)
    pipeline.fire(project_id, "make_offer")
    pipeline.approve(project_id, "deal", actor=DIRECTOR)
    return pipeline.fire(project_id, "win").project


def everything(store: Any, project_id: str = "P-1") -> tuple[Any, ...]:
    """What a store holds about a project, the side log aside."""
    return store.head(project_id), list(store.load(project_id)), store.feed().facts, store.next_due("notice")


@attrs.define
class Overtaken:
    """
    A store in which somebody else is faster: before a commit of facts, *before* is called, as often as *times* says.
    """

    inner: Any
    before: Callable[[], object]
    times: int = 1
    commits: list[Commit] = attrs.Factory(list)

    def commit(self, commit: Commit) -> Committed:
        self.commits.append(commit)
        if commit.appends and self.times:
            self.times -= 1
            self.before()
        return self.inner.commit(commit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
