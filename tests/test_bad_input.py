"""
Bad input by name: each is told with the thing, the value and the next step, and leaves nothing behind.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from salesflow import Actor, Money, dossier
from salesflow.errors import (
    BackfillError,
    CurrencyMismatchError,
    InputError,
    ProjectLockedError,
    SalesflowError,
    StoreFullError,
    TooLargeError,
    TransitionRefusedError,
    UnknownFieldError,
    UnknownProjectError,
    UnknownTriggerError,
)
from salesflow.stores import JournalStore, MemoryStore

from .cases import over_cases
from .equipment import HOUR, NOW
from .inside.builders import FullDisk
from .pipeline_factory import AMOUNT, everything, journal, make_pipeline, opened, won


@pytest.fixture(params=["memory", "journal"])
def pipeline(request, tmp_path):
    """
    A pipeline with an open project, on either store.
    """
    store = MemoryStore() if request.param == "memory" else journal(tmp_path / "sales")
    made = make_pipeline(store)
    opened(made)
    yield made
    store.close()


def told(pipeline, kind, call):
    """Return the message of the error that *call* raises, having checked that nothing changed."""
    before = everything(pipeline.store)
    with pytest.raises(kind) as caught:
        call()
    assert before == everything(pipeline.store)
    assert isinstance(caught.value, SalesflowError)
    return str(caught.value)


def test_unknown_trigger(pipeline):
    """
    An unknown trigger is told with the open ones and a suggestion.
    """
    message = told(pipeline, UnknownTriggerError, lambda: pipeline.fire("P-1", "make_ofer"))

    assert (
        "trigger: 'make_ofer' is not usable. Open from stage 'lead': make_offer, touch, pause, lose. "
        "Did you mean 'make_offer'?" == message
    )


@over_cases("trigger", [None, 5, ""], ids=repr)
def test_trigger_that_is_none(pipeline, trigger):
    """
    What is no trigger at all is told with the open ones.
    """
    message = told(pipeline, UnknownTriggerError, lambda: pipeline.fire("P-1", trigger))

    said = "trigger is missing" if trigger is None else f"trigger: {trigger!r} is not usable"
    assert f"{said}. Open from stage 'lead': make_offer, touch, pause, lose." == message


@over_cases("project_id", ["P-9", None, 7, "../P-1", "x" * 10_000], ids=lambda one: repr(one)[:12])
def test_unknown_project(pipeline, project_id):
    """
    An unknown project is named, shortened, and told how to get one.
    """
    message = told(pipeline, UnknownProjectError, lambda: pipeline.update(project_id, {"note": "x"}))

    assert message.startswith(f"project {repr(project_id)[:80]}")
    assert message.endswith("is not in this store. Open it with Pipeline.open(), or look for it with Pipeline.find().")
    assert len(message) < 300


def test_undeclared_field(pipeline):
    """
    An undeclared field is an error everywhere, with a suggestion.
    """
    expected = (
        "field: 'amuont' is not usable. Lifecycle 'short' declares no such field; declare it under [[fields]]. "
        "Did you mean 'amount'?"
    )
    calls = (
        lambda: pipeline.open("New", fields={"amuont": AMOUNT}),
        lambda: pipeline.update("P-1", {"amuont": AMOUNT}),
        lambda: pipeline.fire("P-1", "make_offer", data={"amuont": AMOUNT}),
        lambda: pipeline.decide("P-1", "make_offer", data={"amuont": AMOUNT}),
    )

    assert [expected] * 4 == [told(pipeline, UnknownFieldError, call) for call in calls]


@over_cases("name", ["", "   ", None, "a\nb", "x" * 129], ids=lambda one: repr(one)[:8])
def test_actor_without_a_name(name):
    """
    An actor has a name that can be printed.
    """
    with pytest.raises(InputError) as caught:
        Actor(name)

    assert ("actor name", name) == (caught.value.what, caught.value.value)
    assert str(caught.value).endswith("Every fact says who acted; pass 1 to 128 printable characters.")


def test_naive_time(pipeline):
    """
    A time without a zone is refused, in calls and from the clock, with how to say which one it is.
    """
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 -- that is what is tested
    hint = "is not usable. It has no time zone; say which one, for example value.replace(tzinfo=UTC)."
    bad_clock = make_pipeline(pipeline.store, clock=lambda: naive)

    assert f"at=: '2026-03-02T09:00:00' {hint}" == told(
        pipeline, InputError, lambda: pipeline.fire("P-1", "make_offer", at=naive)
    )
    assert f"at: '2026-03-02T09:00:00' {hint}" == told(pipeline, InputError, lambda: pipeline.as_of("P-1", naive))
    assert f"clock: '2026-03-02T09:00:00' {hint}" == told(
        pipeline, InputError, lambda: bad_clock.fire("P-1", "make_offer")
    )


def test_no_time(pipeline):
    """
    What is no time is refused with what to pass.
    """
    message = told(pipeline, InputError, lambda: pipeline.fire("P-1", "make_offer", at="2026-03-02"))

    assert "at=: '2026-03-02' is not usable. Pass an aware datetime, for example datetime.now(UTC)." == message


def test_time_before_the_last_fact(pipeline):
    """
    A time before the last fact is told with both times and how to import.
    """
    pipeline.update("P-1", {"note": "x"}, at=NOW + 2 * HOUR)
    message = told(pipeline, BackfillError, lambda: pipeline.update("P-1", {"note": "x"}, at=NOW + HOUR))

    assert (
        "at= of project 'P-1': 2026-03-02 10:00 UTC is not usable. "
        "Its last fact is of 2026-03-02 11:00 UTC; pass backfill=True to import older history." == message
    )


@over_cases("amount", [12.5, 5, "100", True, Decimal(7)], ids=repr)
def test_amount_that_is_no_money(pipeline, amount):
    """
    A money field takes money, and a float above all is none.
    """
    message = told(pipeline, InputError, lambda: pipeline.update("P-1", {"amount": amount}))
    shown = amount if isinstance(amount, Decimal) else repr(amount)

    assert (
        f"field 'amount': {shown} is not usable. It takes money: Money('1200.50', 'CNY') in Python, "
        "'1200.50 CNY' in a definition; never a float." == message
    )


def test_float_money():
    """
    Money is not made of a float.
    """
    with pytest.raises(InputError) as caught:
        Money(1200.5, "CNY")

    assert (
        "amount of money: 1200.5 is not usable. Pass a string, int or Decimal: a float has lost cents already."
        == str(caught.value)
    )


def test_mixed_currencies():
    """
    Amounts of two currencies are neither added nor compared.
    """
    with pytest.raises(CurrencyMismatchError) as caught:
        Money("5", "CNY") + Money("5", "EUR")

    assert "currency: 'EUR' is not usable. It is combined with CNY; convert one of the amounts first." == str(
        caught.value
    )


@pytest.mark.untraced
@over_cases(
    "name",
    ["../etc", "a/b", "a\\b", "a\x00b", "a\nb", "", ".hidden", "x" * 10_000, "项目", None, 7],
    ids=lambda one: ascii(one)[:12],
)
def test_unusable_ids(pipeline, name):
    """
    Ids of projects and entries are short and harmless as names of files.
    """
    if name is not None:
        message = told(pipeline, InputError, lambda: pipeline.open("New", id=name))
        assert message.startswith("project id: ")
        assert len(message) < 300
    with pytest.raises(InputError) as caught:
        dossier.Task(name, "Call")

    assert "An id has 1 to 128 letters, digits, '.', '_' or '-' and starts with a letter or digit." == caught.value.hint


def test_field_beyond_the_limit(pipeline):
    """
    A text that does not fit into a fact is told with its size and the limit, and nothing is kept.
    """
    message = told(pipeline, TooLargeError, lambda: pipeline.update("P-1", {"note": "x" * 300_000}))

    assert message.startswith("field 'note' takes 300,000 ")
    assert message.endswith("bytes, over the limit of 262,144. Keep large content elsewhere and store its digest.")


@over_cases("value", ["a\x00b", "a\udc80"], ids=ascii)
def test_text_that_no_store_keeps(pipeline, value):
    """
    A text with U+0000 or half a character is told with its field.
    """
    message = told(pipeline, SalesflowError, lambda: pipeline.update("P-1", {"note": value}))

    assert "note" in message


def test_full_disk(tmp_path):
    """
    On a full disk the system's error reaches the caller, acknowledged facts are there, and writing goes on later.
    """
    disk = FullDisk()
    store = JournalStore(tmp_path / "sales", disk=disk)
    pipeline = make_pipeline(store)
    opened(pipeline)
    disk.full = True
    message = told(pipeline, OSError, lambda: pipeline.update("P-1", {"note": "x"}))
    with pytest.raises(StoreFullError):
        pipeline.fire("P-1", "win")  # a refusal that cannot be logged
    disk.full = False
    pipeline.update("P-1", {"note": "y"})
    store.close()
    again = journal(tmp_path / "sales")
    head = again.head("P-1")
    again.close()

    assert "No space left on device" in message
    assert ("y", 2) == (head.fields["note"], head.version)


# --- What newcomers do first -----------------------------------------------------------------------------------------


def test_forgotten_actor():
    """
    Who forgot the actor is told where to say it.
    """
    pipeline = make_pipeline(actor=None)
    with pytest.raises(InputError) as caught:
        pipeline.open("Deal")

    assert "actor= is missing. Every fact says who acted; pass actor=Actor(…) or use pipeline.acting(…)." == str(
        caught.value
    )


def test_name_instead_of_an_actor(pipeline):
    """
    A name is no actor, for it has no roles; every call and the pipeline say so.
    """
    expected = (
        "actor=: 'li.wei' is not usable. Every fact says who acted; pass actor=Actor(…) or use pipeline.acting(…)."
    )
    calls = (
        lambda: pipeline.open("New", actor="li.wei"),
        lambda: pipeline.update("P-1", {"note": "x"}, actor="li.wei"),
        lambda: pipeline.fire("P-1", "make_offer", actor="li.wei"),
        lambda: pipeline.decide("P-1", "make_offer", actor="li.wei"),
        lambda: pipeline.approve("P-1", "deal", actor=""),
        lambda: pipeline.acting("li.wei"),
    )

    assert [*[expected] * 4, expected.replace("'li.wei'", "''"), expected] == [
        told(pipeline, InputError, call) for call in calls
    ]


@over_cases(
    ("fields", "message"),
    [
        ({"seats": "7"}, "field 'seats': '7' is not usable. It takes a whole number."),
        ({"due": "2026-03-02"}, "field 'due': '2026-03-02' is not usable. It takes a date: datetime.date in Python"),
        ({"level": "hihg"}, "field 'level': 'hihg' is not usable. Use one of low, high. Did you mean 'high'?"),
        ({"owner": 7}, "field 'owner': 7 is not usable. It takes a text."),
        ("amount", "fields: 'amount' is not usable. Pass a mapping of field ids to values"),
        ({"seats": "7", "owner": 7}, "2 values are not usable:\n  - field 'seats': '7' is not usable."),
    ],
    ids=["integer", "date", "choice", "text", "no mapping", "several"],
)
def test_wrong_types(pipeline, fields, message):
    """
    A value of the wrong type is told with its field and what it takes, all of them at once.
    """
    assert told(pipeline, InputError, lambda: pipeline.update("P-1", fields)).startswith(message)


def test_final_stage(pipeline):
    """
    From a final stage the refusal says what is open, and a change says how to get out.
    """
    won(pipeline, "P-2")
    refused = told(pipeline, TransitionRefusedError, lambda: pipeline.fire("P-2", "make_offer"))
    locked = told(pipeline, ProjectLockedError, lambda: pipeline.update("P-2", {"note": "x"}))

    assert "make_offer is not open from stage won. Open from here: reopen, again." in refused
    assert "Reopen it by a transition of kind 'reopen' before changing it." in locked


def test_approval_by_hand(pipeline):
    """
    Who adds an approval is told how one is given.
    """
    forged = dossier.Approval("deal-1", "deal", "zhang.min")
    message = told(pipeline, InputError, lambda: pipeline.add("P-1", forged))

    assert message.startswith("entry: Approval(id='deal-1'")
    assert message.endswith("Approvals are given with Pipeline.approve(), by the person who approves.")


@over_cases("entry", ["quote", {"type": "quote"}, [dossier.Artefact("quote")], dossier.Artefact])
def test_no_entry(pipeline, entry):
    """
    What is no entry is told with the kinds that are known.
    """
    message = told(pipeline, InputError, lambda: pipeline.add("P-1", entry))

    assert "Its kind is not known; load the plugin" in message
    assert "Known: acknowledgement, activity, appraisal" in message


@over_cases("name", ["", "  ", None, 7, "x" * 501], ids=lambda one: repr(one)[:6])
def test_project_without_a_name(pipeline, name):
    """
    A project has a name for people.
    """
    message = told(pipeline, InputError, lambda: pipeline.open(name))

    assert message.startswith("name of a project is missing. " if name is None else "name of a project: ")
    assert message.endswith(
        "Pass a text of 1 to 500 characters, without line breaks, control characters and marks of direction."
    )


def test_unknown_outcome_and_override(pipeline):
    """
    An outcome or override that the definition does not have is told with those it has.
    """
    outcome = told(pipeline, InputError, lambda: pipeline.fire("P-1", "lose", outcome="lots"))
    override = told(pipeline, InputError, lambda: pipeline.fire("P-1", "make_offer", overrides={"calm": "x"}))
    pipeline.fire("P-1", "make_offer")
    reason = told(pipeline, InputError, lambda: pipeline.fire("P-1", "win", overrides={"approval": " "}))

    assert outcome.endswith("Outcomes: undecided, won, lost, no_decision, cancelled. Did you mean 'lost'?")
    assert override.endswith("The definition allows to override: none.")
    assert "reason of override 'approval': ' ' is not usable. Say why; it is kept with the fact." == reason
