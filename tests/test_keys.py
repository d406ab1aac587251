"""
Idempotency keys: the same request gives the same fact, a different one is refused.
"""

from __future__ import annotations

import pytest

from salesflow import Actor, Money, dossier
from salesflow.errors import InputError, KeyReusedError, TransitionRefusedError
from salesflow.stores import MemoryStore

from .cases import over_cases
from .equipment import HOUR, Clock
from .pipeline_factory import AMOUNT, DIRECTOR, Overtaken, clock_of, journal, make_pipeline, opened, won


QUOTE = dossier.Artefact("quote", digest="sha256:01")
CALLS = {
    "fire": lambda p, **how: p.fire("P-1", "make_offer", data={"note": "n"}, entries=[QUOTE], **how),
    "update": lambda p, **how: p.update("P-1", {"amount": Money("7", "CNY")}, **how),
    "add": lambda p, **how: p.add("P-1", QUOTE, **how),
    "remove": lambda p, **how: p.remove("P-1", "task", "t-1", **how),
    "approve": lambda p, **how: p.approve("P-1", "deal", comment="yes", **how),
    "decline": lambda p, **how: p.decline("P-1", "deal", **how),
}


@pytest.fixture(params=["memory", "journal"])
def pipeline(request, tmp_path):
    """
    A pipeline with a project that has a task.
    """
    store = MemoryStore() if request.param == "memory" else journal(tmp_path / "sales")
    made = make_pipeline(store, clock=Clock())
    opened(made)
    made.add("P-1", dossier.Task("t-1", "Call"))
    yield made
    store.close()


@pytest.mark.untraced
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_same_request(pipeline, call):
    """
    Repeating a call later gives the stored fact, says so, and writes nothing, also after the project moved on.
    """
    first = call(pipeline, key="k-1")
    pipeline.update("P-1", {"note": "in between"})
    clock_of(pipeline).later()
    again = call(pipeline, key="k-1")

    assert (False, True, first.fact) == (first.replayed, again.replayed, again.fact)
    assert ("k-1", 4) == (again.fact.key, again.project.version)


@pytest.mark.untraced
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_same_request_loses_a_race(pipeline, call):
    """
    A request that was stored by somebody else between looking and committing is not stored twice.
    """
    inner = pipeline.store
    racing = make_pipeline(Overtaken(inner, lambda: call(pipeline, key="k-1")), clock=clock_of(pipeline))
    again = call(racing, key="k-1")

    assert (True, 3, 3) == (again.replayed, again.fact.version, inner.head("P-1").version)


def test_every_part_belongs_to_the_request(pipeline):
    """
    A key that comes back with another verb, input, actor, reason or override is refused.
    """
    pipeline.fire("P-1", "make_offer", key="k-1")
    others = [
        lambda: pipeline.update("P-1", {"note": "x"}, key="k-1"),
        lambda: pipeline.fire("P-1", "touch", key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", data={"note": "x"}, key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", entries=[QUOTE], key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", reason="x", key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", outcome="lost", key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", spawn_id="P-9", key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", overrides={"approval": "x"}, key="k-1"),
        lambda: pipeline.fire("P-1", "make_offer", actor=DIRECTOR, key="k-1"),
    ]
    for other in others:
        with pytest.raises(KeyReusedError) as caught:
            other()
        assert ("P-1", "k-1") == (caught.value.project_id, caught.value.key)

    assert pipeline.fire("P-1", "make_offer", actor=Actor("li.wei"), key="k-1").replayed


def test_granting_and_declining_are_different_requests(pipeline):
    """
    The key of an approval does not serve to decline.
    """
    pipeline.approve("P-1", "deal", key="k-1")
    with pytest.raises(KeyReusedError):
        pipeline.decline("P-1", "deal", key="k-1")

    assert 3 == pipeline.get("P-1").version


def test_approval_repeated_in_a_later_visit(pipeline):
    """
    An approval that is repeated after the project moved on is the old one; it is not given again.
    """
    first = pipeline.approve("P-1", "deal", actor=DIRECTOR, key="k-1")
    pipeline.fire("P-1", "make_offer")
    clock_of(pipeline).later()
    again = pipeline.approve("P-1", "deal", actor=DIRECTOR, key="k-1")

    assert (True, first.fact) == (again.replayed, again.fact)
    assert 1 == again.project.all(dossier.Approval)[0].visit


def test_keys_are_scoped_to_the_project(pipeline):
    """
    Two projects may use the same key.
    """
    opened(pipeline, "P-2")
    pipeline.fire("P-1", "make_offer", key="k-1")

    assert not pipeline.fire("P-2", "make_offer", key="k-1").replayed


def test_open_with_a_key():
    """
    A key finds the same project again: its id comes from it.
    """
    pipeline = make_pipeline()
    first = pipeline.open("Core network", fields={"amount": AMOUNT}, key="row-17")
    clock_of(pipeline).later()
    pipeline.fire(first.id, "make_offer")
    again = pipeline.open("Core network", fields={"amount": AMOUNT}, key="row-17")

    assert ("p-", first.id, "offer") == (first.id[:2], again.id, again.stage)
    assert 1 == len(pipeline.find())


def test_open_with_a_reused_key():
    """
    A key that opened another project is refused.
    """
    pipeline = make_pipeline()
    pipeline.open("Core network", key="row-17")
    with pytest.raises(KeyReusedError):
        pipeline.open("Access network", key="row-17")

    assert 1 == len(pipeline.find())


def test_open_with_key_and_id():
    """
    With an id of the caller's, the key belongs to that project.
    """
    pipeline = make_pipeline()
    first = pipeline.open("Core network", id="P-1", key="row-17")

    assert (first, 1) == (pipeline.open("Core network", id="P-1", key="row-17"), len(pipeline.history("P-1")))


def test_open_without_a_key_is_new_each_time():
    """
    Without key and id each call opens a project.
    """
    pipeline = make_pipeline()
    ids = {pipeline.open("Core network").id for _ in range(3)}

    assert 3 == len(ids)


def test_spawned_project_comes_back_with_the_key():
    """
    Repeating a spawning move gives the same child, and no second one.
    """
    pipeline = make_pipeline()
    won(pipeline)
    first = pipeline.fire("P-1", "again", key="k-1")
    pipeline.update(first.spawned.id, {"note": "started"})
    again = pipeline.fire("P-1", "again", key="k-1")

    assert (True, None, first.fact) == (again.replayed, again.decision, again.fact)
    assert (first.spawned.id, "started") == (again.spawned.id, again.spawned.fields["note"])
    assert 2 == len(pipeline.find())


def test_a_refused_request_keeps_no_key():
    """
    A request that was refused is decided anew when it is repeated.
    """
    pipeline = make_pipeline()
    pipeline.open("Core network", id="P-1")
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P-1", "make_offer", key="k-1")
    pipeline.update("P-1", {"amount": AMOUNT})

    assert (False, "offer") == (
        (fired := pipeline.fire("P-1", "make_offer", key="k-1", at=clock_of(pipeline).later(HOUR))).replayed,
        fired.project.stage,
    )


def test_replay_needs_no_expected_version(pipeline):
    """
    A repeated request is answered although the version it expected is gone.
    """
    first = pipeline.update("P-1", {"note": "x"}, key="k-1", expected_version=2)

    assert first.fact == pipeline.update("P-1", {"note": "x"}, key="k-1", expected_version=2).fact


@over_cases("key", ["", "k" * 257, "a\nb", "a\udc80", 17, b"k"], ids=repr)
@over_cases("call", [*CALLS.values(), lambda p, **how: p.open("New", **how)], ids=[*CALLS, "open"])
def test_unusable_key(call, key):
    """
    A key is a text of 1 to 256 printable characters, for every call.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    with pytest.raises(InputError, match="Pass 1 to 256 printable characters, for example a request id") as caught:
        call(pipeline, key=key)

    assert ("key=", key, 1) == (caught.value.what, caught.value.value, pipeline.get("P-1").version)


@over_cases("fields", [{"amount": [1]}, {"amount": 1.5}, {"unheard_of": 1}], ids=repr)
def test_bad_input_is_told_alike_with_and_without_a_key(fields):
    """
    A value that a field cannot hold is named in the same words, whether or not there is a key.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    told = []
    for key in (None, "k-1"):
        for call in (
            lambda: pipeline.update("P-1", fields, key=key),  # noqa: B023 -- called at once
            lambda: pipeline.fire("P-1", "make_offer", data=fields, key=key),  # noqa: B023
        ):
            with pytest.raises(InputError) as caught:
                call()
            told.append(str(caught.value))

    assert told[:1] * 4 == told


def test_lists_in_entries_are_compared_by_their_items(pipeline):
    """
    A request whose entry has a list is the same with an equal list, and another with another one.
    """
    contract = dossier.Contract("k", parties=["us", "them"])
    first = pipeline.add("P-1", contract, key="signed")

    assert (first.fact, True) == (pipeline.add("P-1", contract, key="signed").fact, True)
    with pytest.raises(KeyReusedError):
        pipeline.add("P-1", dossier.Contract("k", parties=["us"]), key="signed")
