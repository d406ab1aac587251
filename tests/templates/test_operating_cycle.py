"""
The operating cycle, walked from initiation to every end: each guard refuses when it should, and lets pass what is done.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

import salesflow as sf
from salesflow import Actor, Money, dossier
from salesflow.typing import Visit

from ..cases import over_cases
from ..factory import BOSS, NOW, approved, changed, decide, later, moved, opened
from ..inside.builders import frozen


CYCLE = sf.load_lifecycle("operating_cycle")
NOBODY = Actor("nobody")
DAY = NOW.date()


def at_stage(stage: str, outcome: str = "undecided", **fields: Any) -> Any:
    """
    Return a project that stands in a stage with nothing done: its counters are full and what it has is bad.
    """
    project = changed(
        CYCLE,
        opened(CYCLE, {"is_new_market": True, **fields}),
        {},
        dossier.Goal("whole", "sales_amount", 100, unit="CNY"),
        dossier.Goal("part", "sales_amount", 10, unit="CNY", parent="whole"),
        dossier.ResourceAllocation("a", "people", 1, member="li", load=1.5, start=DAY, end=DAY),
        dossier.Payment("first", Money("10", "CNY"), due=DAY),
    )
    entered = NOW - timedelta(days=91)
    return attrs.evolve(
        project,
        stage=stage,
        outcome=outcome,
        visit=Visit(7, stage, entered, project.version),
        suspended=Visit(6, "execution", entered, 1) if stage == "on_hold" else None,
        visits=7,
        taken=frozen({one.id: 99 for one in CYCLE.transitions}),
    )


SMART = {
    "goal.not_specific",
    "goal.not_measurable",
    "goal.no_baseline",
    "goal.not_relevant",
    "goal.not_time_bound",
}

REFUSALS: list[tuple[str, str, dict[str, Any], dict[str, set[str]]]] = [
    (
        "initiation",
        "approve_initiation",
        {},
        {
            "fields_present": {"fields.missing"},
            "market_research": {"artefact.missing"},
            "research_approved": {"artefact.missing"},
            "customer_needs": {"artefact.missing"},
            "charter_approved": {"artefact.missing"},
            "scorecard_at_least": {"scorecard.missing"},
            "approval": {"approval.no_owner"},
        },
    ),
    ("initiation", "refuse_initiation", {}, {"reason_given": {"reason.missing"}, "actor_has_role": {"actor.role"}}),
    (
        "goal_setting",
        "confirm_goals",
        {},
        {
            "artefact_approved": {"artefact.missing"},
            "goals_smart": SMART,
            "goals_cover": {"goal.metric_uncovered"},
            "goals_cascade": {"goal.cascade_gap"},
            "approval": {"approval.no_owner"},
        },
    ),
    (
        "resourcing",
        "commit_resources",
        {},
        {
            "resources_allocated": {"resource.no_demand"},
            "cross_functional": {"team.single_department"},
            "roles_filled": {"role.unfilled"},
            "responsibility_clear": {"duty.none"},
            "no_overallocation": {"resource.overload"},
        },
    ),
    (
        "strategy",
        "launch",
        {},
        {
            "strategy_complete": {"strategy.part_missing"},
            "artefact_approved": {"artefact.missing"},
            "tasks_decomposed": {"task.nothing_to_decompose"},
            "risks_answered": {"risk.unregistered"},
        },
    ),
    ("execution", "hold_review", {}, {"artefact_exists": {"artefact.missing_since"}}),
    (
        "monitoring",
        "continue_execution",
        {},
        {
            "review_held": {"review.missing"},
            "artefact_exists": {"artefact.missing_since"},
            "artefact_fresh": {"artefact.missing"},
            "loop_budget": {"loop.exhausted"},
        },
    ),
    *(
        (
            "monitoring",
            loop,
            {},
            {
                "review_held": {"review.missing"},
                "artefact_exists": {"artefact.missing_since"},
                "loop_budget": {"loop.exhausted"},
            },
        )
        for loop in ("adjust_strategy", "adjust_resources")
    ),
    (
        "monitoring",
        "rebaseline_goals",
        {},
        {
            "artefact_exists": {"artefact.missing_since"},
            "approval": {"approval.no_owner"},
            "loop_budget": {"loop.exhausted"},
        },
    ),
    ("execution", "conclude", {}, {"outcome_set": {"outcome.unset"}, "contract_signed": set(), "reason_given": set()}),
    (
        "monitoring",
        "conclude",
        {"outcome": "won"},
        {"outcome_set": set(), "contract_signed": {"contract.unsigned"}, "reason_given": set()},
    ),
    (
        "execution",
        "conclude",
        {"outcome": "no_decision"},
        {"outcome_set": set(), "contract_signed": set(), "reason_given": {"reason.missing"}},
    ),
    (
        "execution",
        "conclude",
        {"outcome": "lost", "data": {"lost_reason": "other"}},
        {"outcome_set": set(), "contract_signed": set(), "reason_given": {"reason.note"}},
    ),
    *(
        (
            stage,
            "cancel",
            {},
            {"undecided": {"outcome.decided"}, "reason_given": {"reason.missing"}, "actor_has_role": {"actor.role"}},
        )
        for stage in (
            "initiation",
            "goal_setting",
            "resourcing",
            "strategy",
            "execution",
            "monitoring",
            "on_hold",
        )
    ),
    (
        "closing",
        "close_as_won",
        {},
        {
            "outcome_set": {"outcome.unset"},
            "retrospective_done": {"retro.missing"},
            "artefact_exists": {"artefact.missing"},
            "feedback_collected": {"feedback.missing"},
            "collection_at_least": {"collection.low"},
        },
    ),
    (
        "closing",
        "close_as_lost",
        {},
        {
            "outcome_set": {"outcome.unset"},
            "reason_given": {"reason.missing"},
            "retrospective_done": {"retro.missing"},
            "artefact_exists": {"artefact.missing"},
        },
    ),
    (
        "closing",
        "close_as_cancelled",
        {},
        {"outcome_set": {"outcome.unset"}, "retrospective_done": {"retro.missing"}},
    ),
    *(
        (stage, "hold", {}, {"reason_given": {"reason.missing"}, "fields_present": {"fields.missing"}})
        for stage in ("initiation", "goal_setting", "resourcing", "strategy", "execution", "monitoring")
    ),
    ("on_hold", "resume", {}, {"artefact_fresh": {"artefact.missing"}}),
    ("closed_lost", "reopen", {}, {"approval": {"approval.no_owner"}, "max_time_in_stage": {"stage.too_late"}}),
    ("closed_cancelled", "reopen", {}, {"approval": {"approval.no_owner"}, "max_time_in_stage": {"stage.too_late"}}),
    ("closed_won", "next_cycle", {}, {}),
    ("closed_lost", "next_cycle", {}, {}),
]


OUTCOMES = {"cancel": "won"}
"""What a project has as its outcome before a refused move, where it is not undecided."""


def told(decision: Any) -> dict[str, set[str]]:
    """
    Return the codes of each guard use.
    """
    found: dict[str, set[str]] = {}
    for verdict in decision.verdicts:
        found.setdefault(verdict.spec.use_id, set()).update({verdict.code} - {""})
    return found


@pytest.mark.requirement("D40", "E06", "E13", "E19")
@over_cases(
    ("stage", "trigger", "call", "codes"), REFUSALS, ids=[f"{one[1]}-{one[0]}-{n}" for n, one in enumerate(REFUSALS)]
)
def test_every_guard_refuses(stage, trigger, call, codes):
    """
    In a project where nothing is done, each guard of a transition says what it lacks, and blocks unless it only warns.
    """
    decision = decide(CYCLE, at_stage(stage, OUTCOMES.get(trigger, "undecided")), trigger, actor=NOBODY, **call)
    severe = {use.use for use in CYCLE.transition(trigger).guards if use.severity == "block"}
    lacking = {verdict.spec.guard for verdict in decision.verdicts if verdict.status in ("fail", "unknown")}

    assert codes == told(decision)
    assert bool(lacking & severe) is not decision.accepted


@over_cases(
    ("stage", "trigger", "call"),
    [one[:3] for one in REFUSALS],
    ids=[f"{one[1]}-{one[0]}-{n}" for n, one in enumerate(REFUSALS)],
)
def test_every_refusal_is_told_in_two_languages(stage, trigger, call):
    """
    Each message is there in English and Chinese, with nothing left to fill in.
    """
    verdicts = decide(
        CYCLE, at_stage(stage, OUTCOMES.get(trigger, "undecided")), trigger, actor=NOBODY, **call
    ).verdicts
    messages = [(verdict.message("en"), verdict.message("zh")) for verdict in verdicts]

    assert [] == [pair for pair in messages if "{" in "".join(pair) or pair[0] == pair[1] or pair[1].isascii()]


def test_the_table_is_complete():
    """
    Each transition is refused from each of its sources, and each of its guards fails at least once.
    """
    wanted = {(source, one.trigger) for one in CYCLE.transitions for source in one.source}
    refused = {(stage, trigger) for stage, trigger, _, _ in REFUSALS} | {("monitoring", "conclude")}
    failed = {(trigger, use) for _, trigger, _, codes in REFUSALS for use, found in codes.items() if found}
    uses = {(one.trigger, rule.spec.use_id) for one in CYCLE.transitions for rule in rules(one.id)}

    assert wanted == refused
    assert uses == failed


def rules(transition: str) -> Any:
    source = CYCLE.transition(transition).source[0]
    moves = CYCLE._table[source][CYCLE.transition(transition).trigger]
    return next(move.guards for move in moves if move.transition.id == transition)


INITIATION = {
    "background": "They outgrew their core network.",
    "objective": "Win the upgrade.",
    "customer_id": "C-7",
    "owner": "ann",
    "amount": Money("1200000", "CNY"),
    "expected_close": DAY + timedelta(days=200),
    "is_new_market": True,
}


def documents(*types: str) -> list[dossier.Artefact]:
    return [dossier.Artefact(name, digest=f"sha256:{name}") for name in types]


def signed(project: Any, *types: str) -> Any:
    for name in types:
        project = approved(CYCLE, project, name, subject=name, digest=f"sha256:{name}")
    return project


def initiated() -> Any:
    """
    Return a project that may leave initiation.
    """
    project = changed(
        CYCLE,
        opened(CYCLE, INITIATION),
        {},
        *documents("market_research_report", "customer_needs", "project_charter"),
        dossier.Scorecard(
            "feasibility",
            [
                dossier.ScoreItem("necessity", 80, met=True),
                dossier.ScoreItem("feasibility", 60, met=True),
            ],
        ),
    )
    return approved(CYCLE, signed(project, "market_research_report", "project_charter"), "initiation")


def goal(name: str, metric: str, target: int, baseline: int) -> dossier.Goal:
    return dossier.Goal(
        name,
        metric,
        target,
        baseline=baseline,
        unit="CNY",
        subject="team east",
        direction="increase",
        source="ledger",
        supports="market_entry",
        start=DAY,
        due=DAY + timedelta(days=60),
    )


def with_goals(project: Any) -> Any:
    """
    Return the project with an approved sheet of SMART goals.
    """
    project = changed(
        CYCLE,
        project,
        {},
        goal("sales", "sales_amount", 120, 100),
        goal("share", "market_share", 12, 10),
        goal("csat", "csat", 90, 80),
        *documents("goal_sheet"),
    )
    return approved(CYCLE, signed(project, "goal_sheet"), "goals")


def with_team(project: Any) -> Any:
    """
    Return the project with people, means and clear duties.
    """
    demands = [dossier.ResourceDemand(f"d_{kind}", kind, 2) for kind in ("people", "material", "budget")]
    given = [dossier.ResourceAllocation(f"a_{kind}", kind, 2) for kind in ("people", "material", "budget")]
    return changed(
        CYCLE,
        project,
        {},
        *demands,
        *given,
        dossier.Member("ann", roles=["project_lead"], department="sales"),
        dossier.Member("bo", department="delivery"),
        dossier.Duty("lead", accountable=["ann"]),
        dossier.Duty("deliver", accountable=["bo"]),
    )


def with_strategy(project: Any) -> Any:
    """
    Return the project with a strategy, its tasks and answered risks.
    """
    parts = ("market_entry", "customer_development")
    project = changed(
        CYCLE,
        project,
        {},
        *(dossier.StrategyPart(part, "Be there first.", owner="ann") for part in parts),
        *(dossier.Task(f"t_{part}", "Do it", owner="ann", due=DAY + timedelta(days=9), part=part) for part in parts),
        dossier.Risk(
            "price",
            "Price war",
            probability=4,
            impact=4,
            owner="bo",
            response="Bundle",
            response_due=DAY,
            contingency="Walk away",
        ),
        *documents("strategy_plan"),
    )
    return signed(project, "strategy_plan")


def reviewed(project: Any, *more: str) -> Any:
    """
    Return the project with a review in its present visit, and some documents.
    """
    review = dossier.Review("r", "project_review", held_at=NOW, attendees=["ann", "bo"], decision="go on")
    return changed(CYCLE, project, {}, review, *documents(*more))


def in_execution() -> Any:
    """
    Return a project that was launched.
    """
    project = moved(CYCLE, initiated(), "approve_initiation")
    project = moved(CYCLE, with_goals(project), "confirm_goals")
    project = moved(CYCLE, with_team(project), "commit_resources")
    return moved(CYCLE, with_strategy(project), "launch")


def in_monitoring() -> Any:
    """
    Return a project under review.
    """
    return moved(CYCLE, in_execution(), "hold_review", entries=documents("status_report"))


RETRO = dossier.Retrospective(sections={"successes": "Early visits.", "shortfalls": "Late figures."})
LESSON = dossier.Lesson("l", "Ask for the figures first.")
CONTRACT = dossier.Contract("k", amount=Money("1000", "CNY"), parties=["us", "them"], signed_on=DAY)


def concluded(outcome: str, **data: Any) -> Any:
    """
    Return a project in closing, with its retrospective.
    """
    project = moved(CYCLE, in_execution(), "conclude", outcome=outcome, entries=[CONTRACT], data=data)
    return changed(CYCLE, project, {}, RETRO, LESSON, *documents("project_report"))


@pytest.mark.requirement("A02")
def test_the_planned_way():
    """
    What each stage asks for is recorded, and the project goes from initiation to won without a warning.
    """
    project = concluded("won")
    feedback = dossier.Feedback("f", score=9)
    payment = dossier.Payment("p", Money("10", "CNY"), due=DAY, received=Money("10", "CNY"), received_on=DAY)
    last = decide(CYCLE, project, "close_as_won", entries=[feedback, payment])
    project = moved(CYCLE, project, "close_as_won", entries=[feedback, payment])

    assert () == last.warnings
    assert ("closed_won", "won", 1.0, "closed") == (
        project.stage,
        project.outcome,
        project.fields["probability"],
        project.fields["forecast"],
    )
    assert 6 == sum(project.taken.values())


@pytest.mark.requirement("B25", "D53", "E12")
@over_cases(
    ("make", "trigger", "stage"),
    [
        (initiated, "approve_initiation", "goal_setting"),
        (lambda: with_goals(moved(CYCLE, initiated(), "approve_initiation")), "confirm_goals", "resourcing"),
        (lambda: reviewed(in_monitoring(), "kpi_snapshot", "risk_register"), "continue_execution", "execution"),
        (lambda: reviewed(in_monitoring(), "adjustment_decision"), "adjust_strategy", "strategy"),
        (lambda: reviewed(in_monitoring(), "adjustment_decision"), "adjust_resources", "resourcing"),
        (
            lambda: approved(CYCLE, reviewed(in_monitoring(), "adjustment_decision"), "rebaseline"),
            "rebaseline_goals",
            "goal_setting",
        ),
    ],
)
def test_what_is_done_lets_pass(make, trigger, stage):
    """
    The forward ways and the loops open without a warning when what they ask for is there.
    """
    decision = decide(CYCLE, make(), trigger)

    assert decision.accepted, decision.explain()
    assert (stage, ()) == (decision.target, decision.warnings)


def test_a_review_counts_for_one_visit():
    """
    After going on as planned, the next review needs new minutes and a new snapshot.
    """
    project = moved(CYCLE, reviewed(in_monitoring(), "kpi_snapshot", "risk_register"), "continue_execution")
    again = moved(CYCLE, project, "hold_review", entries=documents("status_report"))
    decision = decide(CYCLE, again, "continue_execution")

    assert ["review_held", "artefact_exists"] == [verdict.spec.use_id for verdict in decision.blocking]
    assert 1 == again.taken["continue_execution"]


def test_an_approval_is_void_after_the_document_changed():
    """
    A charter that was changed after its approval does not open the gate.
    """
    project = changed(CYCLE, initiated(), {}, dossier.Artefact("project_charter", digest="sha256:new"))
    (verdict,) = decide(CYCLE, project, "approve_initiation").blocking

    assert ("charter_approved", "artefact.changed") == (verdict.spec.use_id, verdict.code)


def test_the_owner_approves_nothing():
    """
    Who owns the project cannot grant its initiation, whatever the role.
    """
    owner = Actor("ann", roles={"sales_director"})
    project = approved(CYCLE, changed(CYCLE, opened(CYCLE, INITIATION), {}), "initiation", actor=owner)

    assert "approval.self" in told(decide(CYCLE, project, "approve_initiation"))["approval"]


@pytest.mark.requirement("E18")
def test_research_need_not_be_approved_in_a_known_market():
    """
    The approval of the research is asked for in new markets only, also while that is not known.
    """
    status = {}
    for market in (True, False, None):
        decision = decide(CYCLE, opened(CYCLE, {**INITIATION}), "approve_initiation", data={"is_new_market": market})
        status[market] = next(v.status for v in decision.verdicts if v.spec.use_id == "research_approved")

    assert {True: "fail", False: "skipped", None: "fail"} == status


def test_refusing_the_initiation():
    """
    A director refuses with a reason, and the project is over.
    """
    project = moved(
        CYCLE, opened(CYCLE, INITIATION), "refuse_initiation", actor=BOSS, data={"reject_reason": "too_risky"}
    )

    assert ("rejected", "rejected", 0.0, "omitted") == (
        project.stage,
        project.outcome,
        project.fields["probability"],
        project.fields["forecast"],
    )


@over_cases("stage", ["initiation", "goal_setting", "resourcing", "strategy", "execution", "monitoring"])
def test_hold_and_resume(stage):
    """
    From each working stage the project is put on hold, and comes back to the same visit.
    """
    working = at_stage(stage, owner="ann")
    rest = moved(CYCLE, working, "hold", data={"hold_reason": "budget_freeze", "resume_date": DAY})
    decision = decide(CYCLE, rest, "resume", entries=documents("risk_register"))
    back = moved(CYCLE, rest, "resume", entries=documents("risk_register"))

    assert ("on_hold", stage) == (rest.stage, back.stage)
    assert ((), working.visit) == (decision.warnings, attrs.evolve(back.visit, holds=()))


@pytest.mark.requirement("A38", "B16")
def test_conclude_from_both_stages():
    """
    A project is concluded from execution or from the review, with each of three outcomes.
    """
    reasons = {"lost_reason": "price"}
    ends = [
        moved(CYCLE, make(), "conclude", outcome=outcome, data=reasons, entries=[CONTRACT])
        for make in (in_execution, in_monitoring)
        for outcome in ("won", "lost", "no_decision")
    ]

    assert {("closing", outcome) for outcome in ("won", "lost", "no_decision")} == {(p.stage, p.outcome) for p in ends}
    assert [1.0, 0.0, 0.0] * 2 == [project.fields["probability"] for project in ends]


def test_lost_and_reopened():
    """
    A lost project is reopened by somebody else's approval within ninety days, and is undecided again.
    """
    lost = moved(CYCLE, concluded("lost", lost_reason="price"), "close_as_lost")
    granted = approved(CYCLE, lost, "reopen")
    project = moved(CYCLE, granted, "reopen", at=later(90))

    assert ("closed_lost", "monitoring", "undecided") == (lost.stage, project.stage, project.outcome)
    assert ["stage.too_late"] == [v.code for v in decide(CYCLE, granted, "reopen", at=later(90.01)).blocking]


def test_cancelled():
    """
    A lead cancels with a reason from any stage; the project is closed as cancelled and can be reopened.
    """
    sources = CYCLE.transition("cancel").source
    call: dict[str, Any] = {"data": {"cancel_reason": "other"}, "reason": "The customer was bought."}
    closing = [moved(CYCLE, at_stage(source, owner="ann"), "cancel", **call) for source in sources]
    done = [moved(CYCLE, project, "close_as_cancelled", entries=[RETRO]) for project in closing]

    assert {("closed_cancelled", "cancelled")} == {(project.stage, project.outcome) for project in done}
    assert "monitoring" == moved(CYCLE, approved(CYCLE, done[0], "reopen"), "reopen").stage


@pytest.mark.requirement("E01", "E05")
@pytest.mark.parametrize("stage", ["closed_won", "closed_lost"])
def test_the_next_cycle(stage):
    """
    A closed project starts the next one and stays as it is; what is carried on is written down.
    """
    decision = decide(CYCLE, at_stage(stage), "next_cycle")

    assert (stage, True) == (decision.target, decision.move.stays)
    assert ("customer_id", "lesson", "customer_record") == decision.transition.spawn.carry


def test_no_stage_is_left_by_an_end():
    """
    From the ends, only reopening and the next cycle lead on.
    """
    ends = {stage.id: CYCLE.triggers(stage.id) for stage in CYCLE.stages if stage.final}

    assert {
        "closed_won": ("next_cycle",),
        "closed_lost": ("reopen", "next_cycle"),
        "closed_cancelled": ("reopen",),
        "rejected": (),
    } == ends


def test_confirmed_goals_are_frozen():
    """
    A goal that was confirmed keeps its target; another one needs its next version, and that a new approval.
    """
    project = moved(CYCLE, with_goals(moved(CYCLE, initiated(), "approve_initiation")), "confirm_goals")
    lower = goal("sales", "sales_amount", 60, 100)
    codes = [
        [verdict.code for verdict in decide(CYCLE, project, "commit_resources", entries=[each]).blocking][:1]
        for each in (lower, attrs.evolve(lower, version=2))
    ]

    assert [["goal.frozen"], ["resource.no_demand"]] == codes


def test_a_quarter_of_the_goals_is_not_the_whole():
    """
    Parts that do not add up are told, but stop nothing.
    """
    project = with_goals(moved(CYCLE, initiated(), "approve_initiation"))
    part = attrs.evolve(goal("q1", "sales_amount", 30, 25), parent="sales")
    project = approved(CYCLE, changed(CYCLE, project, {}, part), "goals")
    decision = decide(CYCLE, project, "confirm_goals")

    assert decision.accepted, decision.explain()
    assert {Decimal(120)} == {v.evidence["target"] for v in decision.warnings if v.code == "goal.cascade_gap"}
