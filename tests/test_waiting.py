"""
What waits for a role or a person, over all open projects.
"""

from __future__ import annotations

from types import NoneType

import attrs
import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, guards
from salesflow.dossier import Task
from salesflow.errors import DefinitionChangedError, InputError
from salesflow.stores import JournalStore, MemoryStore, SqliteStore


LI, ZHANG, WANG = Actor("li"), Actor("zhang", roles={"director"}), Actor("wang", roles={"lead"})
CHOICE = guards.any_of(
    guards.fields_present("owner"), guards.approval("deal", roles=("director",), distinct_from="requester")
)
GATES = Definition(
    "gates",
    fields=(Field("owner"),),
    stages=(Stage("lead", "open"), Stage("won", "won")),
    transitions=(
        Transition("win", "lead", "won", outcome="won", guards=(CHOICE, guards.actor_has_role("lead"))),
        Transition("check", "lead", "$same", guards=(guards.approval("check"),)),
    ),
)


def make(store=None):
    """A pipeline of two open projects, of which the director opened the second."""
    pipeline = Pipeline(build_lifecycle(GATES), store=store or MemoryStore(), actor=LI)
    pipeline.open("A", id="A", entries=[Task("call", owner="wang"), Task("done", owner="wang")])
    pipeline.move_entry("A", "task", "done", "finish_task")
    pipeline.open("B", id="B", actor=ZHANG)
    return pipeline


def test_a_changed_definition_is_named_and_the_others_are_looked_at():
    """
    A project whose definition was changed under its version has an error, and what waits in the others is found.
    """
    pipeline = make()
    other = build_lifecycle(attrs.evolve(GATES, id="other"))
    Pipeline(other, store=pipeline.store, actor=LI).open("C", id="C")
    changed = build_lifecycle(attrs.evolve(GATES, transitions=(Transition("win", "lead", "won", outcome="won"),)))
    found = list(Pipeline([changed, other], store=pipeline.store).waiting_for(role="director"))

    assert [("A", DefinitionChangedError), ("B", DefinitionChangedError), ("C", NoneType)] == [
        (each.project_id, type(each.error)) for each in found
    ]


def shown(found):
    """What waits, short."""
    return [
        (
            each.project_id,
            each.trigger,
            (each.remedy or each.task).kind,
            (each.remedy or each.task).id if each.task else each.remedy.name,
        )
        for each in found
    ]


@pytest.mark.parametrize("kind", ["memory", "journal", "sqlite"])
def test_what_waits_for_a_role_or_a_person(kind, tmp_path):
    """
    Alternatives count, whoever may not approve is left out, tasks wait for their owner; the same on each store.
    """
    places = {
        "memory": MemoryStore,
        "journal": lambda: JournalStore(tmp_path / "j"),
        "sqlite": lambda: SqliteStore(tmp_path / "s.db"),
    }
    with places[kind]() as store:
        pipeline = make(store)

        assert [("A", "win", "approval", "deal"), ("B", "win", "approval", "deal")] == shown(
            pipeline.waiting_for(role="director")
        )
        assert [
            ("A", "win", "approval", "deal"),
            ("A", "check", "approval", "check"),
            ("B", "check", "approval", "check"),
        ] == shown(pipeline.waiting_for(actor=ZHANG))
        assert [
            ("A", "win", "role", "lead"),
            ("A", "check", "approval", "check"),
            ("A", None, "task", "call"),
            ("B", "win", "role", "lead"),
            ("B", "check", "approval", "check"),
        ] == shown(pipeline.waiting_for(actor=WANG))


def test_a_move_waits_for_whom_a_field_names():
    """
    The person of a field finds the trigger that is up to nobody else, and so does the path.
    """
    move = Transition("go", "lead", "won", guards=[guards.actor_has_role(fields=("owner",))])
    pipeline = Pipeline(build_lifecycle(attrs.evolve(GATES, id="own", transitions=(move,))), actor=LI)
    pipeline.open("C", id="C", fields={"owner": "kim"})
    found = [[each.trigger for each in pipeline.waiting_for(actor=Actor(who))] for who in ("kim", "li")]

    assert ([["go"], []], ("kim",)) == (found, pipeline.path("C", "won").who)


def test_a_refusal_waits_for_whoever_refused():
    """
    Nobody else can take it back.
    """
    pipeline = make()
    pipeline.decline("A", "check", actor=WANG)

    assert [("B", "check", "approval", "check")] == shown(pipeline.waiting_for(actor=LI))
    assert ("A", "check", "approval", "check") in shown(pipeline.waiting_for(actor=WANG))


def test_final_and_foreign_projects_wait_for_nobody():
    """
    A final stage and a lifecycle that the pipeline was not given are left out.
    """
    pipeline = make()
    pipeline.approve("A", "deal", actor=ZHANG)
    pipeline.fire("A", "win", actor=WANG)
    other = Pipeline(
        build_lifecycle(Definition("other", fields=GATES.fields, stages=GATES.stages, transitions=GATES.transitions)),
        store=pipeline.store,
        actor=LI,
    )

    assert {"B"} == {each.project_id for each in pipeline.waiting_for(actor=WANG)}
    assert [] == list(other.waiting_for(actor=WANG))


@pytest.mark.parametrize("asked", [{}, {"role": "lead", "actor": LI}])
def test_a_role_or_a_person(asked):
    """
    It takes one of the two, and the call itself says so.
    """
    with pytest.raises(InputError, match="Pass one of the two"):
        make().waiting_for(**asked)
