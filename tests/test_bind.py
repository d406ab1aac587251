"""
A lifecycle on a host's own class: it writes what the move and the call say, and cannot be built half bound.
"""

from __future__ import annotations

import copy
import enum
import pickle
from datetime import UTC, datetime

import attrs
import pytest

from salesflow import Definition, Field, Money, Stage, Transition, build_lifecycle, guards
from salesflow.dossier import Goal
from salesflow.effects import notify, set_field
from salesflow.errors import InputError, InputErrors, TransitionRefusedError, UnknownTriggerError
from salesflow.typing import FieldSet, GuardUse, Notice

from .cases import over_cases
from .equipment import NOW, Clock
from .pipeline_factory import AMOUNT, LEAD


@attrs.define
class Deal:
    """What a host has."""

    status: str = "lead"
    total: object = None
    result: str | None = None
    held: str | None = None
    remark: str = ""


def lifecycle(*more: Transition, guard: GuardUse | None = None):
    """A lifecycle that a host's class can be bound to."""
    return build_lifecycle(
        Definition(
            "house_deal",
            fields=(Field("amount", "money"), Field("note"), Field("signed_at", "datetime")),
            stages=(
                Stage("lead", "open"),
                Stage("offer"),
                Stage("paused", "hold"),
                Stage("away", "hold"),
                Stage("won", "won"),
            ),
            transitions=(
                Transition(
                    "make_offer",
                    "lead",
                    "offer",
                    guards=(guards.fields_present("amount") if guard is None else guard,),
                    effects=(set_field("note", "sent"), notify(("team",))),
                ),
                Transition("pause", ("lead", "offer"), "paused", kind="hold"),
                Transition("leave", "paused", "away", kind="hold"),
                Transition("resume", ("paused", "away"), "$previous", kind="resume"),
                Transition("touch", "offer", "$same"),
                Transition("win", ("offer", "paused", "away"), "won", outcome="won"),
                *more,
            ),
        )
    )


BOUND = lifecycle().bind(
    Deal, stage="status", fields={"amount": "total", "outcome": "result"}, previous="held", clock=Clock()
)


def test_fire_leaves_effects_to_the_host():
    """
    A move sets the stage; what effects would write is handed back, and applied by nobody.
    """
    deal = Deal(total=AMOUNT)
    moved = BOUND.fire(deal, "make_offer", actor=LEAD)

    assert Deal("offer", AMOUNT) == deal
    assert (FieldSet("note", "sent"),) == moved.changes
    assert [Notice] == [type(notice) for notice in moved.notices]
    assert ("offer", NOW) == (moved.decision.target, moved.decision.context.at)


def test_refusal_sets_nothing():
    """
    A refused move leaves the object alone and has every reason.
    """
    deal = Deal()
    with pytest.raises(TransitionRefusedError) as caught:
        BOUND.fire(deal, "make_offer", actor=LEAD)

    assert Deal() == deal
    assert [("field", "amount")] == [(cure.kind, cure.name) for cure in caught.value.decision.missing]


def test_decide_and_options():
    """
    Deciding and listing set nothing.
    """
    deal = Deal(total=AMOUNT)
    decision = BOUND.decide(deal, "make_offer", actor=LEAD)
    options = BOUND.options(deal, actor=LEAD, at=NOW)

    assert (True, Deal(total=AMOUNT)) == (decision.accepted, deal)
    assert [("make_offer", "allowed"), ("pause", "allowed")] == [(each.trigger, each.status) for each in options]


def test_data_is_written():
    """
    What is handed in counts for the guards, is written to the object, and is handed back as a change.
    """
    deal = Deal()
    moved = BOUND.fire(deal, "make_offer", actor=LEAD, data={"amount": AMOUNT})

    assert ("offer", AMOUNT) == (deal.status, deal.total)
    assert FieldSet("amount", AMOUNT) == moved.changes[0]


def test_written_later():
    """
    A move that is not applied leaves the object alone until the host applies it.
    """
    deal = Deal()
    moved = BOUND.fire(deal, "make_offer", actor=LEAD, data={"amount": AMOUNT}, apply=False)

    assert (Deal(), {"total": AMOUNT, "status": "offer"}) == (deal, moved.values)
    moved.apply(deal)
    assert Deal("offer", AMOUNT) == deal


@over_cases(
    ("handed_in", "problem"),
    [
        ({"data": {"note": "x"}}, "field 'note': 'x' is not usable. It could not be written; bind it with fields=."),
        ({"entries": [Goal("g", "sales", 5)]}, "A host's object has no dossier to keep them; use a Pipeline."),
        ({"data": {"notte": "x"}}, "Did you mean 'note'?"),
    ],
)
@over_cases("verb", ["decide", "fire"])
def test_what_could_not_be_written(verb, handed_in, problem):
    """
    What the object has no place for is refused, so that no gate is passed by it.
    """
    deal = Deal(total=AMOUNT)
    with pytest.raises(InputError) as caught:
        getattr(BOUND, verb)(deal, "make_offer", actor=LEAD, **handed_in)

    assert (True, Deal(total=AMOUNT)) == (str(caught.value).endswith(problem), deal)


class Picky(Deal):
    """A class whose setter of the stage raises once it is armed."""

    armed = False

    def __setattr__(self, name, value):
        if self.armed and name == "status":
            raise RuntimeError("the form is locked")
        super().__setattr__(name, value)


def test_all_or_nothing():
    """
    When a setter raises, the attributes that were written before it have their old values again.
    """
    deal = Picky(total=None, held="offer", status="paused")
    Picky.armed = True
    try:
        with pytest.raises(InputError) as caught:
            BOUND.fire(deal, "resume", actor=LEAD, data={"amount": AMOUNT})
    finally:
        Picky.armed = False

    assert (None, "offer", "paused") == (deal.total, deal.held, deal.status)
    assert (RuntimeError, "offer") == (type(caught.value.__cause__), caught.value.value)
    assert "Its setter raised RuntimeError: the form is locked. Nothing was written." in str(caught.value)


def test_an_attribute_that_was_not_there_goes_again():
    """
    What an object did not have before a failed move, it does not have afterwards.
    """

    class Bare:
        status = property(lambda self: "lead", lambda self, value: 1 / 0)

    flow = lifecycle().bind(Bare, stage="status", fields={"amount": "total"}, previous="held")
    thing = Bare()
    thing.total = AMOUNT
    thing.held = None
    with pytest.raises(InputError, match="ZeroDivisionError"):
        flow.fire(thing, "pause", actor=LEAD)

    assert {"total": AMOUNT, "held": None} == vars(thing)
    move = flow.fire(thing, "pause", actor=LEAD, apply=False)
    fresh = Bare()
    with pytest.raises(InputError, match="ZeroDivisionError"):
        move.apply(fresh)
    assert {} == vars(fresh)


def test_an_attribute_that_is_not_there():
    """
    An object without a bound attribute is told from a refusal.
    """
    flow = lifecycle().bind(Deal, stage="state", fields={"amount": "total"}, previous="held")
    with pytest.raises(InputError, match=r"attribute 'state'.*It cannot be read .AttributeError"):
        flow.fire(Deal(), "pause", actor=LEAD)


def test_host_is_a_class():
    """
    An object in place of its class is refused when the lifecycle is bound.
    """
    with pytest.raises(InputError, match="Pass the class whose objects move"):
        lifecycle().bind(Deal(), stage="status")  # type: ignore[arg-type]


async def never_awaited(*_given: object) -> None:
    """A coroutine function, as a host with asyncio writes them."""


def test_a_clock_is_no_coroutine_function():
    """
    Nobody would await it, so it is refused when the lifecycle is bound.
    """
    with pytest.raises(InputError, match="clock=: 'never_awaited' is not usable"):
        lifecycle().bind(Deal, stage="status", fields={"amount": "total"}, previous="held", clock=never_awaited)


class State(enum.Enum):
    """Stages as a host may write them."""

    LEAD = "lead"
    OFFER = "offer"
    PAUSED = "paused"
    GONE = "away"


class Result(enum.StrEnum):
    """Outcomes as a host may write them."""

    OPEN = "undecided"
    WON = "won"


def test_members_of_an_enum():
    """
    Stage, held stage and outcome stay members of the host's enums, and values handed in may be members too.
    """
    deal = Deal(status=State.LEAD, total=AMOUNT, result=Result.OPEN)
    seen = []
    for trigger in ("make_offer", "pause", "resume"):
        BOUND.fire(deal, trigger, actor=LEAD)
        seen.append((deal.status, deal.held))
    other = Deal(status="offer", result=Result.OPEN)
    BOUND.fire(other, "win", actor=LEAD)

    assert [(State.OFFER, None), (State.PAUSED, State.OFFER), (State.OFFER, None)] == seen
    assert [("won", Result.WON), (True, True)] == [
        (other.status, other.result),
        (isinstance(deal.status, State), isinstance(other.result, Result)),
    ]


def test_enum_without_the_stage():
    """
    A stage that the host's enum does not know is refused before anything is written.
    """
    deal = Deal(status=State.OFFER, result=Result.OPEN)
    with pytest.raises(InputError) as caught:
        BOUND.fire(deal, "win", actor=LEAD)

    hint = "Enum State has no such member: 'lead', 'offer', 'paused', 'away'."
    assert f"attribute 'status': 'won' is not usable. {hint}" == str(caught.value)
    assert (State.OFFER, Result.OPEN) == (deal.status, deal.result)


def test_a_warning_may_read_what_is_not_bound():
    """
    A guard that stops nobody does not keep a lifecycle from being bound.
    """
    built = lifecycle(guard=guards.fields_present("note").but(severity="warn"))
    deal = Deal(total=AMOUNT)
    move = built.bind(Deal, stage="status", fields={"amount": "total"}, previous="held").fire(
        deal, "make_offer", actor=LEAD
    )

    assert ("offer", 1) == (deal.status, len(move.decision.warnings))


def test_hold_and_resume():
    """
    A hold remembers where it began, through further holds; resuming leads back and forgets it.
    """
    deal = Deal(total=AMOUNT, status="offer")
    seen = []
    for trigger in ("pause", "resume", "pause", "leave"):
        BOUND.fire(deal, trigger, actor=LEAD)
        seen.append((deal.status, deal.held))

    assert [("paused", "offer"), ("offer", None), ("paused", "offer"), ("away", "offer")] == seen


def test_leaving_a_hold_for_good_forgets_it():
    """
    Any other move out of a hold forgets where the hold began, so that a later hold does not lead back there.
    """
    deal = Deal(status="paused", held="lead")
    BOUND.fire(deal, "win", actor=LEAD)

    assert ("won", None) == (deal.status, deal.held)


def test_staying_sets_nothing():
    """
    A move that stays sets nothing at all, not even the same value.
    """

    class Watched(Deal):
        def __setattr__(self, name, value):
            if getattr(self, "ready", False):
                raise AssertionError(name)
            super().__setattr__(name, value)

    deal = Watched(status="offer")
    object.__setattr__(deal, "ready", True)

    assert () == BOUND.fire(deal, "touch", actor=LEAD).changes


def test_previous_is_asked_for():
    """
    Without a place to remember the held stage, a lifecycle with a hold cannot be bound.
    """
    with pytest.raises(InputErrors) as caught:
        lifecycle().bind(Deal, stage="status", fields={"amount": "total"})

    assert ["transition 'pause'", "transition 'leave'"] == [problem.what for problem in caught.value.problems]
    assert "Bind previous= to remember the held stage" in str(caught.value)


@over_cases(
    ("guard", "value", "hint"),
    [
        (guards.fields_present("note"), "note", "It reads this field; bind it with fields="),
        (guards.fields_present("amount").but(when={"note": "x"}), "note", "It reads this field; bind it with fields="),
        (guards.any_of(guards.fields_present("note")), "note", "It reads this field; bind it with fields="),
        (guards.fields_present("amount").but(when={"outcome": "won"}), "outcome", "It reads this field"),
        (guards.approval("deal"), "approval", "which a host's object does not have; use a Pipeline"),
        (guards.loop_budget("win", 2), "taken", "which a host's object does not have; use a Pipeline"),
        (guards.min_time_in_stage(2), "visit", "which a host's object does not have; use a Pipeline"),
    ],
)
def test_unbound_reads(guard, value, hint):
    """
    A guard that reads what is not bound is told when the lifecycle is bound, with the transition it stands in.
    """
    built = lifecycle(guard=guard)
    with pytest.raises(InputErrors) as caught:
        built.bind(Deal, stage="status", fields={"amount": "total"}, previous="held")
    (problem,) = caught.value.problems

    assert (True, value) == (problem.what.endswith("of 'make_offer'"), problem.value)
    assert hint in str(caught.value)


def test_unbound_condition_of_an_effect():
    """
    A field that only decides whether an effect runs has to be bound as well, so that none is left undone unseen.
    """
    tell = notify(("boss",)).but(when={"note": "urgent", "stage": "lead"})
    built = lifecycle(Transition("tell", "lead", "$same", effects=[tell]))
    with pytest.raises(InputErrors) as caught:
        built.bind(Deal, stage="status", fields={"amount": "total"}, previous="held")

    assert [("effect 'notify' of 'tell'", "note")] == [(each.what, each.value) for each in caught.value.problems]


def test_stage_needs_no_binding():
    """
    A condition on the stage reads what is always bound.
    """
    built = lifecycle(guard=guards.fields_present("amount").but(when={"stage": "lead"}))

    assert built.bind(Deal, stage="status", fields={"amount": "total"}, previous="held")


def test_foreign_field():
    """
    Only declared fields can be bound.
    """
    with pytest.raises(InputErrors, match="The lifecycle declares no such field"):
        lifecycle().bind(Deal, stage="status", fields={"amount": "total", "amonut": "total"}, previous="held")

    assert BOUND.fields == {"amount": "total", "outcome": "result"}


@over_cases(
    ("deal", "message"),
    [
        (Deal(status="unheard_of"), "stage: 'unheard_of' is not usable. There are: lead, offer, paused, away, won."),
        (Deal(total=5), "field 'amount': 5 is not usable. It takes money"),
        (Deal(result="wonn"), "outcome: 'wonn' is not usable. Outcomes: undecided, won, lost, no_decision, cancelled."),
        ("deal", "bound object: 'deal' is not usable. This lifecycle is bound to Deal."),
    ],
)
def test_unusable_object(deal, message):
    """
    An object whose attributes do not fit the lifecycle is told apart from a refusal.
    """
    with pytest.raises(InputError) as caught:
        BOUND.fire(deal, "make_offer", actor=LEAD)

    assert str(caught.value).startswith(message)


def test_values_are_read_as_fields_are():
    """
    Values of the host are taken as the fields take them: times in UTC.
    """
    here = datetime.fromisoformat("2026-03-02T17:00:00+08:00")
    bound = lifecycle().bind(Deal, stage="status", fields={"amount": "total", "signed_at": "remark"}, previous="held")
    decision = bound.decide(Deal(remark=here), "pause", actor=LEAD, at=NOW)

    assert (NOW, None) == (decision.context.project.fields["signed_at"], decision.context.project.fields.get("amount"))


def test_outcome():
    """
    A bound outcome is read, and the one that a move sets is written.
    """
    deal = Deal("offer", result="lost")
    moved = BOUND.fire(deal, "win", actor=LEAD)

    assert ("won", "won", "undecided") == (
        moved.decision.outcome,
        deal.result,
        BOUND.decide(Deal(), "pause", actor=LEAD).context.project.outcome,
    )


def test_time():
    """
    Without a clock of its own a call takes the machine's; a time without a zone is refused.
    """
    bound = lifecycle().bind(Deal, stage="status", fields={"amount": "total"}, previous="held")
    before = datetime.now(UTC)
    move = bound.fire(Deal(), "pause", actor=LEAD)

    assert before <= move.decision.context.at <= datetime.now(UTC)
    with pytest.raises(InputError, match="It has no time zone"):
        bound.fire(Deal(), "pause", actor=LEAD, at=NOW.replace(tzinfo=None))


def test_unknown_trigger():
    """
    A trigger that no transition has is an error.
    """
    deal = Deal()
    with pytest.raises(UnknownTriggerError, match="Did you mean 'pause'"):
        BOUND.fire(deal, "puase", actor=LEAD)

    assert Deal() == deal


@pytest.mark.parametrize("send", [copy.deepcopy, lambda deal: pickle.loads(pickle.dumps(deal))], ids=["copy", "pickle"])
def test_objects_stay_their_own(send):
    """
    A moved object drags nothing along when it is copied or pickled.
    """
    deal = Deal(total=Money("5", "CNY"))
    BOUND.fire(deal, "make_offer", actor=LEAD)
    there = send(deal)

    assert (deal, {"status", "total", "result", "held", "remark"}) == (there, set(attrs.asdict(deal)))
    assert len(pickle.dumps(deal)) < 300
