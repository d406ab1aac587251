"""
Arguments of the wrong kind: whatever is handed to a public call, only errors of the library come out of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import attrs
import pytest

import salesflow as sf
from salesflow import calendars, exchange, guards, risks, scores, stores, testing
from salesflow.errors import InputError, InputErrors, SalesflowError
from salesflow.plugins import Plugins
from salesflow.results import Bound
from salesflow.typing import Commit, Duration, Invariant, StoredDefinition

from .cases import over_cases
from .equipment import NOW
from .pipeline_factory import SHORT
from .wrong_values import USUAL, WRONG, Odd, methods, parameters, pipeline_with_deal, tried


@over_cases("name", methods(sf.Pipeline))
def test_calls_of_a_pipeline(name):
    """
    Every method of a pipeline, with every wrong value in the place of every argument.
    """
    pipeline, asked = pipeline_with_deal(), Event()
    asked.set()
    call = getattr(pipeline, name)
    if name == "work":  # it would go on for ever
        call = partial(call, stop=asked, once=True)

    assert [] == tried(call, {**USUAL, "project": pipeline.get("P-1")})


@over_cases("name", methods(sf.Lifecycle))
def test_calls_of_a_lifecycle(name):
    """
    Every method of a lifecycle that takes something from a user.
    """
    pipeline = pipeline_with_deal()
    usual = {
        **USUAL,
        "project": pipeline.get("P-1"),
        "stage_id": "lead",
        "transition_id": "touch",
        "host": dict,
        "accepted": pipeline.decide("P-1", "touch"),
        "due": None,
    }
    skip = {"definition", "compiled", "contributions", "plugins", "clock", "again"}

    assert name == "of" or [] == tried(getattr(pipeline.lifecycle, name), usual, skip)


DEAL = sf.Definition(
    "deal",
    fields=[sf.Field("amount", "money")],
    stages=[sf.Stage("lead"), sf.Stage("won", "won")],
    transitions=[sf.Transition("win", "lead", "won", guards=[guards.actor_has_role("seller")], outcome="won")],
)


@pytest.mark.parametrize("name", methods(Bound))
def test_calls_on_objects_of_a_host(name):
    """
    Every method of a lifecycle that is bound to a host's class.
    """

    made = attrs.make_class("Deal", {"stage": attrs.field(default="lead"), "amount": attrs.field(default=None)})
    bound = sf.build_lifecycle(DEAL).bind(made, fields={"amount": "amount"})

    assert [] == tried(getattr(bound, name), {**USUAL, "thing": made(), "trigger": "win"})


@over_cases("name", methods(sf.Project))
def test_calls_of_a_project(name):
    """
    Every method of a project.
    """
    assert [] == tried(getattr(pipeline_with_deal().get("P-1"), name), {**USUAL, "stage": "lead"})


@over_cases("call", [sf.build_lifecycle, sf.check_definition, sf.load_definition, sf.load_lifecycle])
def test_loading(call):
    """
    Every way to load a definition.
    """
    assert [] == tried(call, USUAL)


PARTS = {
    sf.Field: {"id": "x"},
    sf.Stage: {"id": "x"},
    sf.Transition: {"id": "x", "source": "lead"},
    Invariant: {"id": "x", "holds": {"stage": "lead"}},
    sf.Definition: {"id": "x"},
}


@over_cases("noun", PARTS, ids=lambda noun: noun.__name__)
def test_definitions_in_python(noun):
    """
    What does not fit in a definition that is written in Python is a fault of it, and never an error of Python.
    """

    def checked(**given: Any) -> object:
        made = noun(**given)
        if noun is sf.Definition:
            return sf.check_definition(made)
        key = f"{noun.__name__.lower()}s"
        return sf.check_definition(sf.Definition("whole", **{key: [made]}))

    found = []
    for name in parameters(noun):
        for wrong in WRONG:
            try:
                checked(**{**PARTS[noun], name: wrong})
            except SalesflowError:
                pass
            except Exception as error:  # noqa: BLE001 -- it is what the test looks for
                found.append(f"{name}={wrong!r}: {type(error).__name__}: {error}"[:160])

    assert [] == found


@pytest.mark.parametrize("value", [sf.Money, sf.Actor])
def test_values(value):
    """
    Every value that a user makes.
    """
    usual = {"name": "li", "amount": "5", "currency": "CNY"}

    assert [] == tried(value, usual)


STORES = {
    "memory": lambda _place: stores.MemoryStore(),
    "journal": lambda place: stores.JournalStore(place / "journal"),
    "sqlite": lambda place: stores.SqliteStore(place / "sales.db"),
}


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """A store of each kind with one project, a notice and a deadline of it."""
    with STORES[request.param](tmp_path) as opened:
        start = testing.commit(testing.opened(), notices=[testing.notice()], dues=[testing.due()])
        opened.commit(start)
        yield opened


def test_calls_of_a_store(store):
    """
    Every method of every store.
    """
    usual = {
        **USUAL,
        "commit": testing.commit(testing.changed(store.head("P-1"))),
        "definition": StoredDefinition("short", "1", "d", "{}"),
        "call": list,
        "key": testing.key(),
        "kind": "notice",
        "owner": "worker",
        "limit": 1,
        "lease": testing.LEASE,
        "claim": testing.claim(store)[0],
        "retry_at": NOW,
        "error": "no answer",
        "until": NOW,
        "keys_before": NOW,
    }

    assert [] == [
        (name, found)
        for name in methods(type(store))
        if name != "close"
        for found in tried(getattr(store, name), usual)
    ]


COMMIT_PARTS = ["appends", "notices", "attempts", "dues", "dropped", "done", "opened", "key"]


def commits_with(wrong: Any, store: Any) -> dict[str, Callable[[], Commit]]:
    """A good commit, with one value of the wrong type in the place of each of its parts, and in these."""
    append, (claim,) = testing.changed(store.head("P-1")), testing.claim(store, limit=1)
    whole = Commit((append,), key=testing.key(), done=(claim,))
    return {
        **{name: lambda name=name: attrs.evolve(whole, **{name: wrong}) for name in COMMIT_PARTS},
        **{f"item of {name}": lambda name=name: attrs.evolve(whole, **{name: (wrong,)}) for name in COMMIT_PARTS[:-1]},
        **{
            f"append.{name}": lambda name=name: Commit((attrs.evolve(append, **{name: wrong}),))
            for name in ("expected", "fact", "project")
        },
        **{
            f"key.{name}": lambda name=name: attrs.evolve(whole, key=attrs.evolve(testing.key(), **{name: wrong}))
            for name in ("project_id", "key", "fingerprint")
        },
        **{
            f"claim.{name}": lambda name=name: Commit(done=(attrs.evolve(claim, **{name: wrong}),))
            for name in ("work", "owner", "token")
        },
    }


@pytest.mark.parametrize("wrong", [2.5, True, b"x", [], {5: "a"}, Odd(), NOW], ids=lambda wrong: type(wrong).__name__)
def test_parts_of_a_commit(store, wrong):
    """
    A commit of which a part is of the wrong type is refused whole, by the commit itself or by the store.
    """
    head, taken = store.head("P-1"), []

    for name, make in commits_with(wrong, store).items():
        try:
            store.commit(make())
        except InputError:
            continue
        taken.append(name)

    assert ([], head) == (taken, store.head("P-1"))


@pytest.mark.parametrize("opening", [stores.JournalStore, stores.SqliteStore, Plugins().open_store])
def test_opening_a_store(opening, tmp_path):
    """
    Every way to open a store.
    """
    assert [] == tried(opening, {"path": tmp_path / "store", "url": "memory:"})


def of_calendars() -> dict[str, Callable[..., Any]]:
    """The functions of the module, and the methods of a calendar."""
    week = calendars.weekdays()
    named = ("calendar_days", "weekdays", "working_days_of")
    return {
        **{name: getattr(calendars, name) for name in named},
        **{name: getattr(week, name) for name in methods(type(week))},
        "WorkingWeek": type(week),
    }


def of_door(module: Any) -> dict[str, Callable[..., Any]]:
    """What a module offers that can be called and says with what."""
    offered = {name: getattr(module, name) for name in module.__all__}
    strange = "Guard", "AdviceKind"  # their signatures are those of their factories
    kinds = (type, guards.Guard, risks.AdviceKind)
    return {
        name: each
        for name, each in offered.items()
        if name not in strange and (inspect.isfunction(each) or isinstance(each, kinds))
    }


DOORS = {
    **{module.__name__: of_door(module) for module in (stores, exchange, guards, scores, risks, testing)},
    calendars.__name__: of_calendars(),
}

USUAL_OF_DOORS = {
    **USUAL,
    "source": stores.MemoryStore(),
    "target": stores.MemoryStore(),
    "path": "deals.csv",
    "mapping": {"a": 5},
    "lifecycle": SHORT,
    "stage": "lead",
    "stages": ["lead"],
    "records": [],
    "histories": [],
    "features": [],
    "scores": [0.5],
    "won": [True],
    "base_rate": 0.5,
    "hits": 1,
    "n": 2,
    "signals": (0.5,),
    "verdict_groups": [],
    "findings": [],
    "uses": [],
    "matrix": risks.make_matrix(),
    "field": sf.Field("x"),
    "names": "win",
    "first": "make_offer",
    "then": "win",
    "calendar": calendars.weekdays(),
    "zone": NOW.tzinfo,
    "day": NOW.date(),
    "when": NOW,
    "start": NOW,
    "end": NOW,
    "duration": Duration(1, "bd"),
    "days": 5,
    "rows": (),
    "counts": {},
    "value": 5,
}


# They build whole machines, or histories, with each wrong value, and take longer than all others together.
LONG = (
    "project_in",
    "projects",
    "histories",
    "lifecycle_machine",
    "CheckedPipeline",
    "assert_always_before",
    "assert_never",
    "assert_exits",
    "assert_rules",
)
CALLS = [(module, name) for module, offered in DOORS.items() for name in offered]
LONG_CALLS = [(testing.__name__, name) for name in LONG]


def tried_in(module: str, name: str) -> list[str]:
    """What came out of a call of what a module offers besides errors of the library."""
    call, store = DOORS[module][name], stores.MemoryStore()
    project = testing.write(store, testing.opened())
    return tried(call, {**dict.fromkeys(parameters(call), "x"), **USUAL_OF_DOORS, "store": store, "project": project})


@over_cases("module, name", [call for call in CALLS if call not in LONG_CALLS])
def test_calls_of_a_module(module, name, tmp_path, monkeypatch):
    """
    Everything that a public module offers, called with every wrong value in the place of every argument.
    """
    monkeypatch.chdir(tmp_path)

    assert [] == tried_in(module, name)


@pytest.mark.slow
@over_cases("module, name", LONG_CALLS)
def test_long_calls_of_a_module(module, name, tmp_path, monkeypatch):
    """
    The same for what takes longer than all others together.
    """
    monkeypatch.chdir(tmp_path)

    assert [] == tried_in(module, name)


def test_the_argument_is_named():
    """
    The error names the argument, shows the value, and says what it must be; several are told together.
    """
    with pytest.raises(InputError, match=r"argument 'hits': '5' is not usable. It must be an integer.") as one:
        scores.wilson("5", 9)
    with pytest.raises(InputErrors) as several:
        scores.evaluate(5, None, base_rate="x")

    assert ("5", "argument 'hits'") == (one.value.value, one.value.what)
    assert ["argument 'scores'", "argument 'won'", "argument 'base_rate'"] == [
        each.what for each in several.value.problems
    ]


def test_what_fits_and_raises_goes_on():
    """
    What a user's own function raises is not taken for a wrong argument, and nor is a call that does not fit at all.
    """
    store = stores.MemoryStore()
    testing.write(store, testing.opened())

    def fails(_seen: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stores.copy_facts(store, stores.MemoryStore(), progress=fails)
    with pytest.raises(TypeError, match="missing"):
        stores.copy_facts(store)


def test_what_an_actor_of_a_host_raises_goes_on():
    """
    An actor whose name cannot be read is an actor, so a decision hides nothing of what it raises.
    """

    class Broken(sf.Actor):
        name = property(lambda self: self.nothing)

    project = sf.Pipeline(sf.build_lifecycle(DEAL), actor=sf.Actor("li.wei")).open("Deal")
    broken = object.__new__(Broken)
    with pytest.raises(AttributeError, match="nothing"):
        sf.build_lifecycle(DEAL).decide(project, "win", actor=broken, at=NOW)


def test_what_is_inside_counts():
    """
    Lists, tables and pairs are looked into; an iterator is not used up.
    """
    with pytest.raises(InputErrors) as several:
        testing.commit(notices=5, dropped=[("P-1", "2")], dues=[5], done=iter([5]))
    with pytest.raises(InputError) as table:
        risks.make_matrix({"high": "5", "low": 3})

    assert ["argument 'notices'", "argument 'dues'", "argument 'dropped'"] == [
        each.what for each in several.value.problems
    ]
    assert {"high": "5", "low": 3} == table.value.value


async def nothing(*_given: object) -> None:
    """What nobody awaits."""


SEAMS = {
    "progress of a copy": lambda: stores.copy_facts(stores.MemoryStore(), stores.MemoryStore(), progress=nothing),
    "progress of an import": lambda: exchange.replay_file("x", mapping="y", lifecycle=SHORT, progress=nothing),
    "trace of plugins": lambda: Plugins(trace=nothing),
    "store of a machine": lambda: testing.lifecycle_machine(SHORT, store=nothing),
    "crash of a machine": lambda: testing.lifecycle_machine(SHORT, crash=nothing),
    "help of a machine": lambda: testing.lifecycle_machine(SHORT, help=nothing),
    "crash of a pipeline": lambda: testing.CheckedPipeline(SHORT, crash=nothing),
    "help of a route": lambda: testing.project_in("won", SHORT, help=nothing),
}


@over_cases("seam", SEAMS)
def test_nobody_awaits(seam):
    """
    A coroutine function is refused at once wherever a function is called and its answer counts.
    """
    with pytest.raises(InputError, match=r"'nothing' is not usable. It is a coroutine function"):
        SEAMS[seam]()
