"""
Decisions: every guard is asked, everything is told, and nothing is changed.
"""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow import Accepted, Field, Money, Refused, Stage, Transition, guards
from salesflow.dossier import Approval, Artefact
from salesflow.errors import InputError, InputErrors, UnknownFieldError, UnknownTriggerError
from salesflow.typing import EffectUse, EntryPut, FieldSet, GuardUse, Label, Override, Spawn

from .cases import over_cases
from .factory import (
    ANN,
    FIELDS,
    NOW,
    PLUGIN,
    STAGES,
    build,
    changed,
    decide,
    definition,
    five,
    moved,
    opened,
    raises,
    returns,
    says,
    statuses,
    uses,
)
from .strategies import definitions, fields


def asked(*given_uses: GuardUse, **call: Any) -> Any:
    """
    Decide ``go`` behind these guards, in a new project.
    """
    lifecycle = build(uses(*given_uses), plugins=[PLUGIN])
    return decide(lifecycle, opened(lifecycle), "go", **call)


def test_every_guard_is_asked():
    """
    A failing guard does not keep the others from answering, and the answers stand in file order.
    """
    decision = asked(says("fail", "a"), says("pass"), says("unknown", "b"), says("fail", "c"))

    assert isinstance(decision, Refused)
    assert "\n  - a says no.\n  - b says no.\n  - c says no." in decision.explain()
    assert ["fail", "pass", "unknown", "fail"] == statuses(decision.verdicts)
    assert ["test.says", "test.says_2", "test.says_3", "test.says_4"] == [v.spec.use_id for v in decision.verdicts]
    assert ["a", "b", "c"] == [verdict.evidence["name"] for verdict in decision.blocking]
    assert ["a", "b", "c"] == [remedy.name for remedy in decision.missing]


def test_an_accepted_move():
    """
    The answer says what is taken, where it leads, and what every guard found.
    """
    decision = asked(says("pass"), says("fail").but(severity="warn"), says("unknown").but(severity="shadow"))

    assert isinstance(decision, Accepted)
    assert ("go", "go", "middle", "undecided") == (
        decision.transition.id,
        decision.trigger,
        decision.target,
        decision.outcome,
    )
    assert ["pass", "fail", "unknown"] == statuses(decision.verdicts)
    assert ((), ["fail"]) == (decision.blocking, statuses(decision.warnings))
    assert "go: allowed, to stage middle.\n  ! it says no." == decision.explain()
    assert "go：可以执行，进入阶段 middle。\n  ! it 不同意。" == decision.explain("zh")


@over_cases("severity", ["warn", "shadow"])
@over_cases("status", ["fail", "unknown", "nonsense"])
def test_what_does_not_block(severity, status):
    """
    A guard that warns or watches stops nothing, whatever it finds.
    """
    assert asked(says(status).but(severity=severity)).accepted


@over_cases(
    ("use", "status", "code"),
    [
        (raises(), "unknown", "guard.raised"),
        (returns("none"), "unknown", "guard.malformed"),
        (returns("text"), "unknown", "guard.malformed"),
        (returns("mixed"), "unknown", "guard.malformed"),
        (returns("true"), "unknown", "guard.malformed"),
        (says("nonsense"), "unknown", "guard.malformed"),
        (says("excused"), "fail", "told"),
    ],
)
def test_no_bad_answer_opens_the_gate(use, status, code):
    """
    A guard that raises, or gives no verdict, blocks as unknown; none can excuse itself.
    """
    (verdict,) = asked(use).blocking

    assert (status, code, "test") == (verdict.status, verdict.code, verdict.spec.plugin)


def test_a_raising_guard_names_its_plugin():
    """
    The message says whose rule failed and how, in both languages.
    """
    (verdict,) = asked(raises()).blocking

    assert "The rule test.raises of plugin test raised an error: ZeroDivisionError: by zero." == verdict.message()
    assert "插件 test 的规则 test.raises 自身出错：ZeroDivisionError: by zero。" == verdict.message("zh")


def test_a_malformed_answer_is_described():
    """
    The message says what the rule returned instead of a verdict.
    """
    texts = [asked(use).blocking[0].message() for use in (returns("text"), says("nonsense"))]

    assert "The rule test.returns of plugin test gave no usable answer: it returned str, not a Verdict." == texts[0]
    assert "its status is 'perhaps', not one of pass, fail, unknown, skipped." in texts[1]


@over_cases("use", [raises(), returns("none"), says("nonsense")])
def test_a_bad_answer_inside_a_combinator(use):
    """
    Joined with others, a rule that raises an error is still unknown, and still names its plugin.
    """
    (verdict,) = asked(guards.any_of(use, says("fail"))).blocking

    assert ("unknown", "any_of.unknown") == (verdict.status, verdict.code)
    assert "test" == verdict.inner[0].spec.plugin


def test_a_guard_may_have_nothing_to_say():
    """
    An empty list of verdicts is a pass.
    """
    assert ["pass"] == statuses(asked(returns("empty")).verdicts)


def test_a_guard_may_say_several_things():
    """
    Each verdict of a guard stands in the answer.
    """
    assert ["pass", "fail", "pass", "fail", "pass"] == statuses(asked(five()).verdicts)


CANDIDATES = (
    Transition("small", "start", "middle", trigger="go", guards=[says("fail", "a")], label=Label("Small", "小")),
    Transition("large", "start", "won", trigger="go", guards=[says("fail", "b"), says("pass")]),
    Transition("none", "start", "lost", trigger="go", kind="exit", guards=[says("pass")]),
)


def test_the_first_candidate_that_passes():
    """
    Of several transitions of a trigger, the first in file order whose guards pass is taken.
    """
    lifecycle = sf.build_lifecycle(attrs.evolve(definition(), transitions=(*CANDIDATES, WIN)), plugins=[PLUGIN])

    assert "none" == decide(lifecycle, opened(lifecycle), "go").transition.id


WIN = Transition("win", "middle", "won")


def test_a_refusal_has_every_candidate():
    """
    If none passes, the refusal has the verdicts of each, and the text groups them.
    """
    refusing = (*CANDIDATES[:2], attrs.evolve(CANDIDATES[2], guards=[says("fail", "c")]), WIN)
    lifecycle = sf.build_lifecycle(attrs.evolve(definition(), transitions=refusing), plugins=[PLUGIN])
    decision = decide(lifecycle, opened(lifecycle), "go")

    assert [("small", 1), ("large", 2), ("none", 1)] == [
        (one.transition.id, len(one.verdicts)) for one in decision.candidates
    ]
    assert ["fail", "fail", "pass", "fail"] == statuses(decision.verdicts)
    assert (
        "project 'P-1': 'go' is refused in stage 'start'.\n"
        "  Small:\n  - a says no.\n  large:\n  - b says no.\n  none:\n  - c says no."
    ) == decision.explain()
    assert "项目 P-1：在阶段 start 不能执行 go。" == decision.explain("zh").splitlines()[0]


@over_cases(
    ("region", "status"), [("north", "fail"), ("south", "skipped"), (None, "fail")], ids=["true", "false", "unknown"]
)
def test_a_condition(region, status):
    """
    A guard is skipped where its condition is false; where it cannot be told the guard applies.
    """
    decision = asked(says("fail").but(when={"region": "north"}), data={"region": region})

    assert [status] == statuses(decision.verdicts)
    assert (status == "skipped") is decision.accepted


def test_a_blank_text_opens_no_gate():
    """
    A comparison with a text of blanks is as unknown as one with nothing.
    """
    assert not asked(says("fail").but(when={"owner": "ann"}), data={"owner": "  "}).accepted


def test_a_foreign_currency_opens_no_gate():
    """
    Cannot tell whether 5 EUR are 5 CNY, so the guard applies.
    """
    conditions = [{"amount": "5 CNY"}, {"amount": {"in": ["5 CNY"]}}, {"amount": {"lt": "5 CNY"}}]

    assert [False] * 3 == [
        asked(says("fail").but(when=when), data={"amount": Money("5", "EUR")}).accepted for when in conditions
    ]


def test_a_condition_on_stage_and_outcome():
    """
    Conditions may ask for the stage, and for the outcome as the move would leave it.
    """
    when = {"all": [{"stage": "start"}, {"outcome": {"ne": "undecided"}}]}
    go = Transition("go", "start", "middle", outcome=["won", "lost"], guards=[says("fail").but(when=when)])
    lifecycle = build(go, plugins=[PLUGIN])
    project = opened(lifecycle)

    assert decide(lifecycle, project, "go").accepted
    assert not decide(lifecycle, project, "go", outcome="won").accepted


def overridable(**call: Any) -> Any:
    return asked(five().but(override=True, id="strict"), says("fail", "x").but(override=True), **call)


def test_an_override_is_recorded():
    """
    What is passed on somebody's word is marked, and the decision says whose and why, once for each guard.
    """
    decision = overridable(overrides={"strict": "known customer", "test.says": "agreed"})

    assert decision.accepted
    assert [True, True, True] == [v.overridden for v in decision.verdicts if v.status == "fail"]
    assert (
        Override("strict", "known customer", "ann"),
        Override("test.says", "agreed", "ann"),
    ) == decision.overrides


def test_an_override_covers_its_guard_only():
    """
    What is not overridden still blocks.
    """
    decision = overridable(overrides={"strict": "known customer"})

    assert ["x"] == [verdict.evidence["name"] for verdict in decision.blocking]


def test_an_override_of_what_passes_leaves_no_trace():
    """
    Where there was nothing to pass, nothing is recorded.
    """
    decision = asked(says("pass").but(override=True), overrides={"test.says": "to be sure"})

    assert (True, ()) == (decision.accepted, decision.overrides)


@over_cases(
    ("overrides", "says_what"),
    [
        ({"other": "x"}, "override: 'other' is not usable. The definition allows to override: strict, test.says."),
        ({"strikt": "x"}, "Did you mean 'strict'?"),
        ({"strict": " "}, "reason of override 'strict': ' ' is not usable. Say why; it is kept with the fact."),
        ({"strict": None}, "reason of override 'strict' is missing."),
    ],
)
def test_an_override_that_cannot_be(overrides, says_what):
    """
    An override must name a guard that allows it, and give a reason.
    """
    with pytest.raises(InputError) as raised:
        overridable(overrides=overrides)

    assert says_what in str(raised.value)


def test_there_is_no_other_way_past_a_guard():
    """
    Where the definition allows no override, none is taken.
    """
    with pytest.raises(InputError) as raised:
        asked(says("fail"), overrides={"test.says": "please"})

    assert "The definition allows to override: none." in str(raised.value)


def test_a_trigger_that_is_not_open():
    """
    A known trigger from the wrong stage is refused, with what is open instead.
    """
    lifecycle = build()
    decision = decide(lifecycle, opened(lifecycle), "win")

    assert ("transition.unavailable", ("go", "lose")) == (decision.blocking[0].code, decision.open)
    assert "  - win is not open from stage start. Open from here: go, lose." == decision.explain().splitlines()[1]
    assert "  - 阶段 start 不能执行 win。当前可执行：go、lose。" == decision.explain("zh").splitlines()[1]


def test_nothing_is_open():
    """
    Where nothing leads on, the refusal has no transition to offer.
    """
    lifecycle = build()
    project = moved(lifecycle, opened(lifecycle), "lose")
    decision = decide(lifecycle, project, "go")

    assert ((), "go is not open from stage lost. Open from here: none.") == (
        decision.open,
        decision.blocking[0].message(),
    )
    assert decision.blocking[0].message("zh").endswith("当前可执行：无。")


def test_a_resume_without_a_hold():
    """
    A project that was never held has nothing to resume, although the trigger is known here.
    """
    stages = (Stage("a", "open"), Stage("rest", "hold"), Stage("end", "closed"))
    edges = (
        Transition("hold", "a", "rest", kind="hold"),
        Transition("resume", "rest", "$previous", kind="resume"),
        Transition("end", "a", "end"),
    )
    lifecycle = sf.build_lifecycle(sf.Definition("holding", stages=stages, transitions=edges))
    held = moved(lifecycle, opened(lifecycle), "hold")
    lost = attrs.evolve(held, suspended=None)

    assert "a" == decide(lifecycle, held, "resume").target
    assert "transition.unavailable" == decide(lifecycle, lost, "resume").blocking[0].code
    assert "transition.unavailable" == decide(lifecycle, lost, "resume", reason="x", outcome="won").blocking[0].code


def test_an_unknown_trigger():
    """
    A trigger that no transition has is a mistake of the caller, told with what is open and what is near.
    """
    lifecycle = build()
    with pytest.raises(UnknownTriggerError) as raised:
        decide(lifecycle, opened(lifecycle), "loose")

    assert (("go", "lose"), ("go", "lose", "win")) == (raised.value.open, raised.value.known)
    assert "trigger: 'loose' is not usable. Open from stage 'start': go, lose. Did you mean 'lose'?" == str(
        raised.value
    )


def test_a_project_in_a_stage_that_is_gone():
    """
    A project of another version, in a stage this one does not have, is not decided about.
    """
    lifecycle = build()
    project = attrs.evolve(opened(lifecycle), stage="midle")
    with pytest.raises(InputError) as raised:
        decide(lifecycle, project, "go")

    assert "stage: 'midle' is not usable. There are: start, middle, won, lost. Did you mean 'middle'?" == str(
        raised.value
    )


def outcomes(*chosen: str | None) -> list[Any]:
    """
    Try outcomes on a transition that lets the caller choose, and one that does not.
    """
    lifecycle = build(
        Transition("go", "start", "middle", outcome=["won", "lost"]),
        Transition("win", "middle", "won", outcome="won"),
    )
    project = opened(lifecycle)
    return [decide(lifecycle, project, "go", outcome=one) for one in chosen]


def test_an_outcome_is_chosen():
    """
    Where the transition allows it, the caller says the outcome; it may be left open.
    """
    assert ["won", "lost", "undecided"] == [one.outcome for one in outcomes("won", "lost", None)]


def test_an_outcome_that_the_transition_does_not_give():
    """
    An outcome that is declared but not offered here is refused, with what is.
    """
    (refused,) = outcomes("cancelled")

    assert "outcome.not_allowed" == refused.blocking[0].code
    assert "The outcome cancelled cannot be given here; allowed: won, lost." == refused.blocking[0].message()
    assert "此处不能给出结果 已取消；允许的结果：赢单、丢单。" == refused.blocking[0].message("zh")


def test_an_unknown_outcome():
    """
    An outcome that is not declared at all is a mistake of the caller.
    """
    with pytest.raises(InputError) as raised:
        outcomes("wonn")

    assert "outcome: 'wonn' is not usable. Outcomes: undecided, won, lost, " in str(raised.value)
    assert str(raised.value).endswith("Did you mean 'won'?")


def test_a_fixed_outcome():
    """
    A transition that sets the outcome sets it; saying the same is allowed, saying another is not.
    """
    lifecycle = build(
        Transition("win", "middle", "won", outcome="won"),
        Transition("reopen", "won", "middle", kind="reopen", outcome="undecided"),
    )
    project = moved(lifecycle, opened(lifecycle), "go")
    won = moved(lifecycle, project, "win")

    assert [True, True, False] == [
        decide(lifecycle, project, "win", outcome=one).accepted for one in (None, "won", "lost")
    ]
    assert ("won", "undecided") == (won.outcome, moved(lifecycle, won, "reopen").outcome)


def test_no_outcome_is_offered():
    """
    Where a transition has nothing to do with the outcome, none can be given.
    """
    lifecycle = build()
    decision = decide(lifecycle, opened(lifecycle), "go", outcome="won")

    assert "The outcome won cannot be given here; allowed: none." == decision.blocking[0].message()


def test_a_final_stage_settles_the_outcome():
    """
    A project without an outcome gets that of the kind of its final stage; one that has an outcome keeps it.
    """
    lifecycle = build(Transition("go", "start", "middle", outcome=["cancelled"]))
    undecided = moved(lifecycle, opened(lifecycle), "go")
    cancelled = moved(lifecycle, opened(lifecycle), "go", outcome="cancelled")

    assert ("won", "won") == (decide(lifecycle, undecided, "win").outcome, moved(lifecycle, undecided, "win").outcome)
    assert "lost" == moved(lifecycle, undecided, "lose").outcome
    assert "cancelled" == moved(lifecycle, cancelled, "win").outcome


@pytest.mark.parametrize("named", [("open", "won", "lost"), ("undecided", "good", "bad")])
def test_outcomes_of_another_name_are_not_settled(named):
    """
    Without an outcome that says undecided, or without one of the stage's name, nothing is settled.
    """
    lifecycle = build(outcomes=named)
    project = moved(lifecycle, moved(lifecycle, opened(lifecycle), "go"), "win")

    assert named[0] == project.outcome


def test_spawning_settles_nothing():
    """
    A transition that stays in a final stage leaves the outcome as it is.
    """
    lifecycle = build(Transition("next", "won", kind="spawn", spawn=Spawn("small")))
    project = attrs.evolve(opened(lifecycle), stage="won")
    decision = decide(lifecycle, project, "next")

    assert ("won", "undecided") == (decision.target, decision.outcome)


def test_guards_see_what_is_handed_in():
    """
    Data and entries of the call are looked at as if they had been recorded before.
    """
    go = uses(guards.fields_present("amount"), guards.artefact_exists("offer"))
    lifecycle = build(go, stages=(Stage("start", "open", produces=["offer"]), *STAGES[1:]))
    project = opened(lifecycle)
    data, entries = {"amount": Money("5", "CNY")}, [Artefact("offer")]
    decision = decide(lifecycle, project, "go", data=data, entries=entries)

    assert not decide(lifecycle, project, "go").accepted
    assert (FieldSet("amount", Money("5", "CNY")), EntryPut(Artefact("offer"))) == decision.changes
    assert ("start", Money("5", "CNY")) == (decision.context.project.stage, decision.context.project.fields["amount"])
    assert {} == project.fields


def test_guards_see_what_is_cleared():
    """
    A field that the call clears is absent for the guards.
    """
    lifecycle = build(uses(guards.fields_present("owner")))
    project = opened(lifecycle, {"owner": "ann"})

    assert [True, False] == [decide(lifecycle, project, "go", data=data).accepted for data in ({}, {"owner": None})]


def test_everything_wrong_with_a_call_is_told():
    """
    Undeclared fields, wrong values and foreign entries are named together.
    """
    lifecycle = build()
    with pytest.raises(InputErrors) as raised:
        decide(
            lifecycle,
            opened(lifecycle),
            "go",
            data={"amuont": 5, "amount": 5.5, "region": "nroth"},
            entries=[Approval("a", "x", "boss"), "note"],
        )

    assert [UnknownFieldError, InputError, InputError, InputError, InputError] == [
        type(p) for p in raised.value.problems
    ]
    assert "Did you mean 'amount'?" in str(raised.value)
    assert "never a float" in str(raised.value)
    assert "Use one of north, south. Did you mean 'north'?" in str(raised.value)
    assert "Approvals are given with Pipeline.approve(), by the person who approves." in str(raised.value)
    assert "Its kind is not known; load the plugin" in str(raised.value)


def test_one_thing_wrong_with_a_call():
    """
    A single mistake is raised as itself.
    """
    lifecycle = build()
    with pytest.raises(UnknownFieldError) as raised:
        decide(lifecycle, opened(lifecycle), "go", data={"amuont": 5})

    assert ("amuont", ("amount", "owner", "region")) == (raised.value.field, raised.value.known)


def test_fields_that_are_no_mapping():
    """
    Data must come by field id.
    """
    lifecycle = build()
    with pytest.raises(InputError) as raised:
        decide(lifecycle, opened(lifecycle), "go", data=["amount"])

    assert "fields: ['amount'] is not usable. Pass a mapping of field ids to values" in str(raised.value)


def test_a_refusal_has_warnings_too():
    """
    What only warns is shown beside what blocks.
    """
    decision = asked(says("fail", "a").but(severity="warn"), says("fail", "b"))

    assert (["a"], ["b"]) == (
        [verdict.evidence["name"] for verdict in decision.warnings],
        [verdict.evidence["name"] for verdict in decision.blocking],
    )


def test_options():
    """
    Each trigger from here is allowed, needs something that can be handed in, or is blocked.
    """
    stages = (Stage("start", "open"), Stage("middle"), Stage("won", "won"), Stage("lost", "lost"))
    lifecycle = sf.build_lifecycle(
        definition(
            uses(guards.fields_present("owner")),
            Transition("ask", "start", "middle", guards=[guards.fields_present("owner"), guards.actor_has_role("ceo")]),
            Transition("wait", "start", "middle", guards=[guards.max_time_in_stage(0)]),
            Transition(
                "never",
                "start",
                "middle",
                guards=[guards.loop_budget("never", 1), guards.none_of(guards.actor_has_role("project_lead"))],
            ),
            stages=stages,
        )
    )
    options = lifecycle.options(opened(lifecycle), actor=ANN, at=NOW)

    assert {
        "go": "needs_input",
        "lose": "allowed",
        "ask": "blocked",
        "wait": "allowed",
        "never": "blocked",
    } == {option.trigger: option.status for option in options}
    assert ["owner"] == [
        remedy.name for option in options if option.trigger == "go" for v in option.verdicts for remedy in v.missing
    ]


def test_an_option_that_one_candidate_needs_input_for():
    """
    A trigger needs input if what is missing for one of its candidates can be handed in.
    """
    lifecycle = build(
        Transition("boss", "start", "middle", trigger="up", guards=[guards.actor_has_role("ceo")]),
        Transition("field", "start", "middle", trigger="up", guards=[guards.fields_present("owner")]),
    )
    status = {option.trigger: option.status for option in lifecycle.options(opened(lifecycle), actor=ANN, at=NOW)}

    assert "needs_input" == status["up"]


@pytest.mark.untraced
@given(st.data())
def test_options_agree_with_decisions(data):
    """
    An option is allowed exactly if deciding it accepts, and no trigger is left out.
    """
    written = data.draw(definitions())
    lifecycle = sf.build_lifecycle(written)
    project = opened(lifecycle, {k: v for k, v in data.draw(fields()).items() if v is not None})
    options = lifecycle.options(project, actor=ANN, at=NOW)

    assert list(lifecycle.triggers(project.stage)) == [option.trigger for option in options]
    for option in options:
        assert decide(lifecycle, project, option.trigger) == option.decision
        assert (option.status == "allowed") is option.decision.accepted


@pytest.mark.untraced
@given(st.data())
def test_deciding_is_pure(data):
    """
    The same question has the same answer, and asking it leaves the project as it was.
    """
    written = data.draw(definitions())
    lifecycle = sf.build_lifecycle(written)
    project = opened(lifecycle, {k: v for k, v in data.draw(fields()).items() if v is not None})
    before, handed_in = copy.deepcopy(project), data.draw(fields())
    trigger = data.draw(st.sampled_from(lifecycle.triggers(project.stage)))
    first = decide(lifecycle, project, trigger, data=handed_in)

    assert first == decide(lifecycle, project, trigger, data=handed_in)
    assert before == project


def test_queries():
    """
    A lifecycle answers what it is made of, and names what it does not have.
    """
    lifecycle = build(label=Label("Small", "小"))

    assert ("small", "1", "<Lifecycle small version 1: 4 stages>") == (lifecycle.id, lifecycle.version, repr(lifecycle))
    assert (STAGES, "middle") == (lifecycle.stages, lifecycle.stage("middle").id)
    assert ("go", "win", "lose") == tuple(one.id for one in lifecycle.transitions)
    assert "won" == lifecycle.transition("win").target
    assert (("go", "lose"), ()) == (lifecycle.triggers("start"), lifecycle.triggers("won"))
    assert "artefact" in lifecycle.entries
    for ask, message in (
        (
            lambda: lifecycle.stage("won_"),
            "stage: 'won_' is not usable. There are: start, middle, won, lost. Did you mean 'won'?",
        ),
        (
            lambda: lifecycle.transition("wim"),
            "transition: 'wim' is not usable. There are: go, win, lose. Did you mean 'win'?",
        ),
        (lambda: lifecycle.triggers("x"), "stage: 'x' is not usable. There are: start, middle, won, lost."),
    ):
        with pytest.raises(InputError) as raised:
            ask()
        assert message == str(raised.value)


def test_a_lifecycle_is_frozen():
    """
    Nobody can turn a built lifecycle, which everybody shares, into another one.
    """
    lifecycle = build()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        lifecycle.definition = definition()  # type: ignore[misc]  # what is tested


def test_a_change_within_a_stage():
    """
    What was recorded before the call counts as much as what is handed in.
    """
    lifecycle = build(uses(guards.fields_present("owner")), fields=(*FIELDS, Field("note")))
    project = changed(lifecycle, opened(lifecycle), {"owner": "ann"})

    assert decide(lifecycle, project, "go").accepted


def test_notices_are_planned_in_file_order():
    """
    A move plans the notices of its effects in file order; a move without effects plans none.
    """
    lifecycle = build(
        Transition(
            "go",
            "start",
            "middle",
            effects=[EffectUse("notify", {"to": ["ann"]}), EffectUse("notify", {"to": ["bob"]})],
        )
    )
    _, notices = lifecycle.plan(decide(lifecycle, opened(lifecycle), "go"))

    assert [("ann",), ("bob",)] == [notice.to for notice in notices]
    assert () == lifecycle.plan(decide(lifecycle, opened(lifecycle), "lose"))[1]


def test_from_one_hold_to_another():
    """
    A hold that is put on hold again resumes the stay that the first hold interrupted.
    """
    stages = (Stage("a", "open"), Stage("rest", "hold"), Stage("away", "hold"), Stage("end", "closed"))
    edges = (
        Transition("pause", "a", "rest", kind="hold"),
        Transition("leave", "rest", "away", kind="hold"),
        Transition("come_back", "away", "rest", kind="hold"),
        Transition("resume", ("rest", "away"), "$previous", kind="resume"),
        Transition("stop", "a", "end"),
    )
    lifecycle = sf.build_lifecycle(sf.Definition("holding", stages=stages, transitions=edges))
    opened_in_a = opened(lifecycle)
    away = moved(lifecycle, moved(lifecycle, opened_in_a, "pause"), "leave")
    back = moved(lifecycle, away, "resume")

    assert ("away", "a", 3) == (away.stage, away.suspended.stage, away.visits)
    assert ("a", opened_in_a.visit) == (back.stage, attrs.evolve(back.visit, holds=()))
