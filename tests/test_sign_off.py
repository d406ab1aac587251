"""
Sign-off: an approval holds for what was approved, by somebody else than whom it leaves out, in the order asked for.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings, strategies as st

import salesflow as sf
from salesflow import effects, guards
from salesflow.dossier import Goal, KpiTarget, Risk, SuccessCriterion
from salesflow.errors import FieldLockedError, InputError, TransitionRefusedError
from salesflow.stores import SqliteStore

from .cases import over_cases
from .equipment import NOW, Clock


FIVE, NINETY = sf.Money("5000000", "EUR"), sf.Money("90000000", "EUR")
KIM, ROBIN, SASHA = (sf.Actor(name, roles={"director"}) for name in ("kim", "robin", "sasha"))
FINANCE = sf.Actor("fin", roles={"finance"})


def pipeline(**asked):
    """A pipeline whose one gate asks for the approval of a price; owned by kim, of five million."""
    ask = guards.approval("price", **asked)
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("amount", "money"), sf.Field("owner"), sf.Field("note")],
        stages=[sf.Stage("bid", "open"), sf.Stage("deal"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("sign", "bid", "deal", guards=[ask]),
            sf.Transition("redo", "deal", "bid", kind="loop"),
            sf.Transition("win", "deal", "won", outcome="won"),
        ],
    )
    made = sf.Pipeline(sf.build_lifecycle(definition), actor=KIM, clock=Clock())
    made.open("A deal", id="P-1", fields={"amount": FIVE, "owner": "kim"})
    return made


def blocked(made, **handed_in):
    """The codes that stop the move; none if it is allowed."""
    return [verdict.code for verdict in made.decide("P-1", "sign", **handed_in).blocking]


def test_a_changed_amount_voids_the_approval():
    """
    An approval of five million does not hold for ninety; the verdict names the value, before and now.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    assert [] == blocked(made)

    made.update("P-1", {"amount": NINETY})
    (verdict,) = made.decide("P-1", "sign").blocking

    assert ("approval.changed", "amount", FIVE, NINETY) == (
        verdict.code,
        *(verdict.evidence[name] for name in ("what", "was", "now")),
    )
    assert ["no longer counts" in verdict.message(), "已失效" in verdict.message("zh")] == [True, True]
    assert [("approval", "price")] == [(cure.kind, cure.name) for cure in verdict.missing]


def test_a_value_that_is_handed_in_counts():
    """
    The gate looks at the amount as it would be, so the move itself cannot bring another one.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)

    assert [["approval.changed"], []] == [blocked(made, data={"amount": amount}) for amount in (NINETY, FIVE)]


def test_restored_and_unbound_values_do_not_matter():
    """
    A value that was changed and restored is the approved one; what is not bound may change.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    made.update("P-1", {"amount": NINETY, "note": "x"})
    made.update("P-1", {"amount": FIVE})

    assert [] == blocked(made)


def test_a_new_approval_heals():
    """
    Whoever approves again, approves what there is now.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    made.update("P-1", {"amount": NINETY})
    made.approve("P-1", "price", actor=ROBIN)

    assert [] == blocked(made)


@over_cases("change", ["add", "edit", "remove"])
def test_entries_are_bound_by_their_digest(change):
    """
    An approval that binds a kind of entries is void when one of them comes, changes or goes.
    """
    made = pipeline(binds=["risk"])
    made.add("P-1", Risk("r"))
    made.approve("P-1", "price", actor=ROBIN)
    made.add("P-1", Goal("g", "revenue", 5))
    assert [] == blocked(made)
    if change == "remove":
        made.remove("P-1", "risk", "r")
    else:
        made.add("P-1", Risk("r" if change == "edit" else "s", impact=5))

    assert ["approval.changed"] == blocked(made)
    assert "risk was" in made.decide("P-1", "sign").explain()


@pytest.mark.parametrize("any_visit", [False, True])
def test_visits(any_visit):
    """
    An approval is for one stay in the stage, unless the definition says for any.
    """
    made = pipeline(binds=["amount"], any_visit=any_visit)
    made.approve("P-1", "price", actor=ROBIN)
    made.fire("P-1", "sign")
    made.fire("P-1", "redo")

    assert ([] if any_visit else ["approval.pending"]) == blocked(made)


def test_what_is_bound_is_declared():
    """
    A name that is neither a field nor a kind of entries is a fault, and so is one that is both.
    """
    move = sf.Transition("go", "a", "b", guards=[guards.approval("price", binds=["amuont", "goal", "goals"])])
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won")]
    fields = [sf.Field("amount", "money"), sf.Field("goal")]
    report = sf.check_definition(sf.Definition("d", fields=fields, stages=stages, transitions=[move]))

    assert [("binds.unknown", True), ("binds.ambiguous", False), ("binds.unknown", True)] == [
        (fault.code, "Did you mean" in fault.hint) for fault in report.faults
    ]


@over_cases("owner", ["kim", "robin", ""])
def test_nobody_makes_room_for_himself_with_the_move(owner):
    """
    The owner's own approval does not count, whoever is handed in as the owner with the move.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=KIM)
    expected = "approval.self" if owner else "approval.no_owner"

    assert [expected] == blocked(made, data={"owner": owner or None})


def test_nobody_makes_room_for_himself_before_the_move():
    """
    The owner at the time of the approval is kept with it, so that handing the project over afterwards helps nobody.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=KIM)
    made.update("P-1", {"owner": "robin"})
    assert ["approval.self"] == blocked(made)

    made.approve("P-1", "price", actor=SASHA)
    assert [] == blocked(made)


def test_handing_over_first_helps_nobody_either():
    """
    Who owned the project in this stay and handed it over cannot approve it; in the next stay it is another person's.
    """
    made = pipeline(distinct_from="owner")
    made.update("P-1", {"owner": "robin"})
    made.approve("P-1", "price", actor=KIM)
    assert ["approval.self"] == blocked(made)

    made.approve("P-1", "price", actor=SASHA)
    made.fire("P-1", "sign", actor=SASHA)
    made.fire("P-1", "redo", actor=SASHA)
    made.approve("P-1", "price", actor=KIM)
    assert [] == blocked(made)


def test_who_becomes_the_owner_cannot_have_approved():
    """
    Whoever takes the project over with the move must not be the one who approved it.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=ROBIN)

    assert [[], ["approval.self"]] == [blocked(made, data={"owner": owner}) for owner in ("sasha", "robin")]


@over_cases("stored", ["José", "Jose\u0301"])
@over_cases("shape", ["{}", " {}", "{} "])
def test_one_person_in_many_spellings(stored, shape):
    """
    Blanks at the ends and another Unicode form make no other person of the owner.
    """
    made = pipeline(distinct_from="owner")
    made.update("P-1", {"owner": shape.format(stored)})
    made.approve("P-1", "price", actor=sf.Actor("José"))

    assert ["approval.self"] == blocked(made)


@over_cases("name", [" kim", "kim ", "Jose\u0301"])
def test_an_actor_has_the_normal_form(name):
    """
    A name that differs from its normal form is refused where a call names an actor.
    """
    with pytest.raises(InputError, match="differs from its normal form"):
        pipeline().approve("P-1", "price", actor=sf.Actor(name))


def test_all_of_the_roles():
    """
    A person of each role has to approve, in any order; the verdict asks for the role that is still open.
    """
    made = pipeline(roles=["director", "finance"], mode="all")
    made.approve("P-1", "price", actor=FINANCE)
    (verdict,) = made.decide("P-1", "sign").blocking
    made.approve("P-1", "price", actor=ROBIN)

    assert (("director",), []) == (verdict.missing[0].params["roles"], blocked(made))


def test_in_order():
    """
    What a later role said before the earlier one was through does not count.
    """
    made = pipeline(roles=["director", "finance"], mode="in_order")
    made.approve("P-1", "price", actor=FINANCE, at=NOW)
    made.approve("P-1", "price", actor=ROBIN, at=NOW + timedelta(hours=1))
    (verdict,) = made.decide("P-1", "sign").blocking
    made.approve("P-1", "price", actor=FINANCE, at=NOW + timedelta(hours=2))

    assert (("finance",), []) == (verdict.missing[0].params["roles"], blocked(made))


def test_modes_need_roles():
    """
    Without roles there is nothing to ask all of.
    """
    with pytest.raises(sf.errors.DefinitionError, match="roles is empty"):
        pipeline(mode="all")


CHANGES = st.lists(st.sampled_from(["amount", "owner", "approve", "restore"]), max_size=6)


@given(CHANGES)
@settings(deadline=None)
def test_never_another_amount(changes):
    """
    Whatever happens in between, a gate is only passed with the amount that somebody approved who never owned the deal.
    """
    made = pipeline(binds=["amount"], distinct_from="owner")
    approved = None
    for change in changes:
        project = made.get("P-1")
        if change == "approve":
            made.approve("P-1", "price", actor=ROBIN)
            approved = project.fields["amount"]
        elif change == "owner":
            made.update("P-1", {"owner": "robin" if project.owner == "kim" else "kim"})
        else:
            made.update("P-1", {"amount": NINETY if change == "amount" else FIVE})
    project = made.get("P-1")
    sound = approved is not None and approved == project.fields["amount"] and "owner" not in changes
    if sound:
        made.fire("P-1", "sign")
    else:
        with pytest.raises(TransitionRefusedError):
            made.fire("P-1", "sign")


def gate(*uses, fields=()):
    """A pipeline with one gate, owned by kim, of five million."""
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("amount", "money"), sf.Field("owner"), *fields],
        stages=[sf.Stage("bid", "open"), sf.Stage("deal"), sf.Stage("rest", "hold"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("sign", "bid", "deal", guards=uses),
            sf.Transition("redo", "deal", "bid", kind="loop"),
            sf.Transition("pause", "deal", "rest", kind="hold"),
            sf.Transition("go_on", "rest", "$previous", kind="resume"),
            sf.Transition("win", "deal", "won", outcome="won"),
            sf.Transition("reopen", "won", "deal", kind="reopen", outcome="undecided"),
        ],
    )
    made = sf.Pipeline(sf.build_lifecycle(definition), actor=KIM, clock=Clock())
    made.open("A deal", id="P-1", fields={"amount": FIVE, "owner": "kim"})
    return made


LIMIT = guards.field_compare("amount", "le", sf.Money("50000", "EUR"))


def test_alternatives_are_alternatives():
    """
    Of a limit and an approval both are in `missing`, as one choice, and nobody is led to lower the amount first.
    """
    made = gate(guards.any_of(LIMIT, guards.approval("large", binds=["amount"])))
    (option,) = made.options("P-1")
    (choice,) = option.decision.missing

    assert ("blocked", "any_of", "any_of") == (option.status, choice.kind, choice.name)
    assert [["approval large"], ["field amount"]] == [
        [f"{cure.kind} {cure.name}" for cure in group] for group in choice.alternatives
    ]


def test_what_is_not_there_yet_is_asked_for_first():
    """
    A field to fill in comes before a value to change, and makes the move one that needs input.
    """
    made = gate(guards.any_of(LIMIT, guards.fields_present("waiver")), fields=[sf.Field("waiver")])
    (option,) = made.options("P-1")

    assert ("needs_input", ["waiver", "amount"]) == (
        option.status,
        [group[0].name for group in option.decision.missing[0].alternatives],
    )


def test_one_way_is_no_choice():
    """
    Where one alternative alone can be cured, it is missing as it is; a value to change is no input that is missing.
    """
    made = gate(guards.any_of(LIMIT))
    (option,) = made.options("P-1")

    assert ("blocked", [("field", "amount")]) == (
        option.status,
        [(cure.kind, cure.name) for cure in option.decision.missing],
    )


def test_nothing_is_missing_of_what_is_allowed():
    """
    Both answers can be read alike: an accepted decision misses nothing.
    """
    assert () == gate().decide("P-1", "sign").missing


BOSS = sf.Actor("boss", roles={"director"})
RULE = {"roles": ["director"], "not_by": ["owner", "requester"]}


@over_cases(
    ("actor", "code"),
    [(BOSS, ""), (sf.Actor("boss"), "override.not_allowed"), (KIM, "override.own")],
)
def test_who_may_override(actor, code):
    """
    An override needs the role, and is not for the owner; otherwise it is a refusal that names the role.
    """
    made = gate(LIMIT.but(id="limit", override=RULE))
    decision = made.decide("P-1", "sign", actor=actor, overrides={"limit": "agreed"})

    assert [each for each in ("field.compare", code) if code] == [verdict.code for verdict in decision.blocking]
    assert [("role", "director")] * bool(code) == [(c.kind, c.name) for c in decision.missing if c.kind == "role"]


def test_handing_the_project_on_frees_nobody():
    """
    The owner who hands in another owner with the move is still held back.
    """
    made = gate(LIMIT.but(id="limit", override={"not_by": ["owner"]}))
    decision = made.decide("P-1", "sign", data={"owner": "x"}, overrides={"limit": "agreed"})

    assert "override.own" in [verdict.code for verdict in decision.blocking]


OVERRIDDEN = sf.build_lifecycle(
    sf.Definition(
        "handing_on",
        fields=[sf.Field("owner"), sf.Field("amount", "money")],
        stages=[sf.Stage("lead", "open"), sf.Stage("offer"), sf.Stage("paused", "hold"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("propose", "lead", "offer"),
            sf.Transition("touch", "offer", "$same"),
            sf.Transition("pause", "offer", "paused", kind="hold"),
            sf.Transition("resume", "paused", "$previous", kind="resume"),
            sf.Transition(
                "sign", "offer", "won", guards=[LIMIT.but(id="limit", override={"not_by": ["owner"]})], outcome="won"
            ),
            sf.Transition("back", "offer", "lead", kind="loop"),
        ],
    )
)


@pytest.fixture
def handing_on(tmp_path):
    """A deal of Kim's that stands before a gate, seen by two programs: what one writes, the other reads."""
    with SqliteStore(tmp_path / "deals.db") as store, SqliteStore(tmp_path / "deals.db") as other:
        made = sf.Pipeline(OVERRIDDEN, store=store, actor=KIM, clock=Clock())
        made.open("A deal", id="P-1", fields={"owner": "kim", "amount": FIVE})
        made.fire("P-1", "propose")
        yield made, sf.Pipeline(OVERRIDDEN, store=other, actor=KIM, clock=Clock())


@pytest.mark.parametrize(
    "steps",
    [
        [("update", {"fields": {"owner": "puppet"}})],
        [("fire", {"trigger": "touch", "data": {"owner": "puppet"}})],
        [("update", {"fields": {"owner": None}}), ("update", {"fields": {"owner": "puppet"}})],
        [
            ("fire", {"trigger": "pause"}),
            ("update", {"fields": {"owner": "puppet"}}),
            ("fire", {"trigger": "resume"}),
        ],
        [("fire", {"trigger": "pause", "data": {"owner": "puppet"}}), ("fire", {"trigger": "resume"})],
        [("fire", {"trigger": "pause"}), ("fire", {"trigger": "resume", "data": {"owner": "puppet"}})],
        [
            ("fire", {"trigger": "back"}),
            ("fire", {"trigger": "propose", "data": {"owner": "puppet"}}),
        ],
    ],
    ids=["update", "touch", "twice", "on_hold", "with_the_hold", "with_the_resume", "with_the_entry"],
)
def test_handing_the_project_on_before_frees_nobody(handing_on, steps):
    """
    Whoever owned the project in the visit, or handed it on with the move that began it, may not override there.
    """
    made, other = handing_on
    for verb, given_with in steps:
        getattr(made, verb)("P-1", **given_with)
    decision = other.decide("P-1", "sign", overrides={"limit": "agreed"})

    assert ["field.compare", "override.own"] == [verdict.code for verdict in decision.blocking]
    assert sf.replay(made.history("P-1")) == other.get("P-1") == made.get("P-1")


def test_an_owner_of_earlier_days_may_override(handing_on):
    """
    Who handed the project on in an earlier visit is not its owner any more.
    """
    made, _ = handing_on
    made.fire("P-1", "back")
    made.update("P-1", {"owner": "puppet"})
    made.fire("P-1", "propose")

    assert () == made.decide("P-1", "sign", overrides={"limit": "agreed"}).missing


def test_rules_of_overrides_are_checked():
    """
    A rule that says nothing, or names somebody it does not know, is a fault; anybody at all is a warning.
    """
    uses = [LIMIT.but(id=f"g{number}", override=rule) for number, rule in enumerate([{}, {"not_by": "ownr"}, True])]
    move = sf.Transition("go", "a", "b", guards=uses)
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won")]
    report = sf.check_definition(
        sf.Definition("d", fields=[sf.Field("amount", "money")], stages=stages, transitions=[move])
    )

    assert [("override.nobody", False), ("value.choice", True)] == [
        (fault.code, "Did you mean 'owner'" in fault.hint) for fault in report.faults
    ]
    assert ["override.anybody"] == [each.code for each in report.warnings if each.code.startswith("override")]


LOCKED = sf.Field("price", "money", locked={"from": "deal", "unless": ["director"]})


@over_cases(
    ("moves", "locked"),
    [
        ([], False),
        (["sign"], True),
        (["sign", "pause"], True),
        (["sign", "pause", "go_on"], True),
        (["sign", "redo"], False),
        (["sign", "win", "reopen"], True),
    ],
    ids=lambda moves: " ".join(moves) if isinstance(moves, list) else "",
)
def test_a_locked_field(moves, locked):
    """
    From its stage on, also on hold there, nobody without the role changes it; looping back unlocks it.
    """
    made = gate(fields=[LOCKED])
    for trigger in moves:
        made.fire("P-1", trigger)
    seller = sf.Actor("seller")
    if not locked:
        made.update("P-1", {"price": FIVE}, actor=seller)
    else:
        with pytest.raises(FieldLockedError) as caught:
            made.update("P-1", {"price": FIVE}, actor=seller)
        assert "price is fixed from stage deal on; it may be changed by: director." in str(caught.value)
        assert ["field.locked"] == [verdict.code for verdict in caught.value.verdicts]
        made.update("P-1", {"price": FIVE}, actor=BOSS)

    assert FIVE == made.get("P-1").fields["price"]


def test_what_a_locked_field_is_called():
    """
    People read the label of a field that is locked, and that nobody may change it.
    """
    made = gate(fields=[attrs.evolve(LOCKED, label=sf.typing.Label("Price", "报价"), locked={"from": "deal"})])
    made.fire("P-1", "sign")
    with pytest.raises(FieldLockedError) as caught:
        made.update("P-1", {"price": FIVE})

    assert "Price is fixed from stage deal on; it may be changed by: none." in str(caught.value)
    assert "报价 自阶段 deal 起锁定；可修改的角色：无。" in caught.value.text("zh")


def test_a_move_cannot_carry_a_locked_field():
    """
    What `update` may not do, a move may not hand in; the same value is no change.
    """
    made = gate(fields=[LOCKED])
    made.update("P-1", {"price": FIVE})
    made.fire("P-1", "sign")
    seller = sf.Actor("seller")
    refused = made.decide("P-1", "win", actor=seller, data={"price": NINETY})

    assert (["field.locked"], [("role", "director")]) == (
        [verdict.code for verdict in refused.blocking],
        [(cure.kind, cure.name) for cure in refused.missing],
    )
    assert [True, True] == [
        made.decide("P-1", "win", actor=who, data={"price": price}).accepted
        for who, price in ((seller, FIVE), (BOSS, NINETY))
    ]


def test_a_lock_names_a_stage():
    """
    A lock from a stage that is not there is a fault, with the one that was meant.
    """
    field = sf.Field("price", "money", locked={"from": "deel"})
    stages = [sf.Stage("bid", "open"), sf.Stage("deal"), sf.Stage("won", "won")]
    moves = [sf.Transition("sign", "bid", "deal"), sf.Transition("win", "deal", "won")]
    (fault,) = sf.check_definition(sf.Definition("d", fields=[field], stages=stages, transitions=moves)).faults

    assert ("fields[0].locked.from", "stage.unknown", "Did you mean 'deal'?") == (fault.path, fault.code, fault.hint)


TEXT = """
id = "deals"
[[fields]]
id = "price"
type = "money"
locked = { from = "deal", unless = ["director"] }
[[stages]]
id = "bid"
kind = "open"
[[stages]]
id = "deal"
kind = "won"
[[transitions]]
id = "sign"
source = "bid"
target = "deal"
guards = [ { use = "fields_present", fields = ["price"], override = { roles = ["director"], not_by = ["owner"] } } ]
"""


@pytest.mark.parametrize("form", ["toml", "json"])
def test_rules_are_read_and_written(form):
    """
    Locks and rules of overrides in a file are those of Python, and what is dumped reads back equal.
    """
    read = sf.load_definition(TEXT)
    override = {"roles": ["director"], "not_by": ["owner"]}

    assert LOCKED.locked == read.fields[0].locked
    assert guards.fields_present("price").but(override=override) == read.transitions[0].guards[0]
    assert read == sf.load_definition(text=sf.dump_definition(read, format=form))


@over_cases(
    ("old", "new", "code"),
    [
        ('from = "deal", unless', "unless", "key.missing"),
        ("unless =", "unles =", "key.unknown"),
        ('override = { roles = ["director"], not_by = ["owner"] }', 'override = "director"', "value.type"),
        ("roles = [", "rolls = [", "key.unknown"),
    ],
)
def test_rules_that_cannot_be_read(old, new, code):
    """
    A lock or a rule that does not fit is a fault at its place.
    """
    assert code in [fault.code for fault in sf.check_definition(TEXT.replace(old, new)).faults]


@pytest.mark.parametrize(
    "call",
    [lambda: sf.Field("x", locked="deal"), lambda: LIMIT.but(override="director")],
    ids=["lock", "override"],
)
def test_rules_in_python_have_a_shape(call):
    """
    Anything else in the place of a lock or a rule is refused where it is written.
    """
    with pytest.raises(InputError, match="Pass"):
        call()


def lints(**changes):
    """The codes of the warnings of a small lifecycle with changes."""
    parts = {
        "stages": [sf.Stage("a", "open"), sf.Stage("b", "won"), sf.Stage("c", "lost")],
        "transitions": [
            sf.Transition("win", "a", "b", outcome=changes.get("win", "won")),
            sf.Transition("lose", "a", "c", kind="exit", outcome=("lost", "no_decision")),
            sf.Transition("reopen", "c", "a", kind="reopen", outcome=changes.get("reopen")),
        ],
    }
    return [each.code for each in sf.check_definition(sf.Definition("d", **parts)).warnings]


def test_outcome_and_stage_that_contradict():
    """
    A reopening that keeps the outcome, and a won stage that is entered with another one, are told.
    """
    assert [["outcome.kept"], [], ["outcome.contradicts"], ["outcome.contradicts"]] == [
        lints(),
        lints(reopen="undecided"),
        lints(reopen="undecided", win="lost"),
        lints(reopen="undecided", win=("won", "cancelled")),
    ]


@over_cases(
    ("effects_of_move", "expected"),
    [
        ([], ["forecast.unset"]),
        ([effects.set_forecast()], []),
        ([effects.set_field("forecast", "x")], []),
        ([effects.set_field("note", "x")], ["forecast.unset"]),
    ],
)
def test_a_forecast_that_nobody_writes(effects_of_move, expected):
    """
    A move into a stage that states a forecast has to write it, where the project keeps one.
    """
    fields = [sf.Field("forecast"), sf.Field("probability", "number"), sf.Field("note")]
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won", forecast="closed", probability=1.0)]
    move = sf.Transition("win", "a", "b", effects=effects_of_move)
    definition = sf.Definition("d", fields=fields, stages=stages, transitions=[move])

    assert expected == [each.code for each in sf.check_definition(definition).warnings]


@over_cases(
    ("field", "binds", "expected"),
    [
        (sf.Field("amount", "money"), (), ["approval.unbound"]),
        (sf.Field("amount", "money"), ("amount",), []),
        (sf.Field("amount", "money", locked={"from": "a"}), (), []),
        (sf.Field("amount"), (), []),
    ],
)
def test_an_approval_of_an_amount_that_can_be_changed(field, binds, expected):
    """
    An approval that binds nothing, while an amount stays editable, is told.
    """
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won")]
    move = sf.Transition("win", "a", "b", guards=[guards.approval("deal", binds=binds)])

    assert expected == [
        each.code
        for each in sf.check_definition(sf.Definition("d", fields=[field], stages=stages, transitions=[move])).warnings
    ]


GOAL = Goal("g", "revenue", 100, unit="EUR", version=1)
TARGET = KpiTarget("t", "win_rate", 0.4, owner="li.wei")
CRITERION = SuccessCriterion("c", "The plant runs", met=None)


def approved_goal():
    """A project with one goal, approved by somebody."""
    made = pipeline(binds=["goal"])
    made.add("P-1", GOAL)
    made.approve("P-1", "price", actor=ROBIN)
    return made


@pytest.mark.requirement("C23")
@over_cases(
    "changed",
    [{"target": 90}, {"metric": "orders"}, {"unit": "CNY"}, {"percent": True}, {"due": NOW.date()}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_approved_goal_is_frozen(changed):
    """
    Under its version it cannot promise anything else, neither by itself nor with a move, and not by removing it first.
    """
    made = approved_goal()
    other = attrs.evolve(GOAL, **changed)
    for write in (lambda: made.add("P-1", other), lambda: made.remove("P-1", "goal", "g")):
        with pytest.raises(FieldLockedError) as caught:
            write()
        assert "Goal g is approved in version 1; change it in the next version" in str(caught.value)
        assert [("goal", 2)] == [(cure.name, cure.params["min_version"]) for cure in caught.value.verdicts[0].missing]

    assert "goal.frozen" in blocked(made, entries=[other])
    assert GOAL == made.get("P-1").all(Goal)[0]


@pytest.mark.requirement("C23", "E32")
@over_cases(
    ("entry", "promise", "progress", "code", "says"),
    [
        (TARGET, {"target": 0.3}, {"owner": "zhao"}, "target.frozen", "KPI target t is approved in version 1"),
        (TARGET, {"group": {"owner": "zhao"}}, {"owner": "zhao"}, "target.frozen", "KPI target t"),
        (CRITERION, {"text": "It was built"}, {"met": True}, "criterion.frozen", "Success criterion c is approved"),
    ],
)
def test_approved_targets_and_criteria_are_frozen(entry, promise, progress, code, says):
    """
    What they promise needs the next version; how far it is, and who answers for it, may change.
    """
    made = pipeline(binds=[entry.kind])
    made.add("P-1", entry)
    made.approve("P-1", "price", actor=ROBIN)
    with pytest.raises(FieldLockedError, match=says) as caught:
        made.add("P-1", attrs.evolve(entry, **promise))

    assert [code] == [verdict.code for verdict in caught.value.verdicts]
    made.add("P-1", attrs.evolve(entry, **progress))
    assert [] == blocked(made)
    made.add("P-1", attrs.evolve(entry, **promise, version=2))
    assert ["approval.changed"] == blocked(made)


def test_progress_of_an_approved_goal():
    """
    What it promises is fixed, not how far it is: the approval still counts when progress is written.
    """
    made = approved_goal()
    made.add("P-1", attrs.evolve(GOAL, actual=40, subject="Asia", baseline=80))

    assert [] == blocked(made)


def test_the_next_version_needs_a_new_approval():
    """
    The next version may promise something else and be changed until it is approved; there is no way back to the first.
    """
    made = approved_goal()
    for target in (90, 95):
        made.add("P-1", attrs.evolve(GOAL, target=target, version=2))
    assert ["approval.changed"] == blocked(made)
    with pytest.raises(FieldLockedError):
        made.add("P-1", attrs.evolve(GOAL, target=70))

    made.approve("P-1", "price", actor=ROBIN)

    assert [] == blocked(made)
    with pytest.raises(FieldLockedError):
        made.add("P-1", attrs.evolve(GOAL, target=70, version=2))


def test_goals_that_nobody_approved():
    """
    A goal that is not approved, or whose approval was taken back, may be changed and removed.
    """
    made = approved_goal()
    made.decline("P-1", "price", actor=ROBIN)
    made.add("P-1", attrs.evolve(GOAL, target=70), Goal("h"))
    made.remove("P-1", "goal", "g")

    assert ["h"] == [goal.id for goal in made.get("P-1").all(Goal)]


def test_an_entry_that_came_and_went():
    """
    An approval of no entries still holds when one was added and removed again.
    """
    made = pipeline(binds=["risk"])
    made.approve("P-1", "price", actor=ROBIN)
    made.add("P-1", Risk("r"))
    made.remove("P-1", "risk", "r")

    assert [] == blocked(made)
