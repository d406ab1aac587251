"""
Entries of the dossier that go through the lifecycle of their kind.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow import dossier as d, guards
from salesflow.errors import DefinitionError, FieldLockedError, InputError, InputErrors, TransitionRefusedError
from salesflow.stores import MemoryStore
from salesflow.templates import RECORDS
from salesflow.typing import Change, Deadline, EntryMoved, EntryPut

from .cases import over_cases
from .equipment import STORES, Clock
from .past import put_past


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
LI, WANG = sf.Actor("li.wei", roles={"project_lead"}), sf.Actor("wang.fang", roles={"sales_director"})
ASSESSED = {"probability": 4, "impact": 5}
ANSWER = {"owner": "li.wei", "response": "Ask early.", "response_due": date(2026, 5, 1)}
LEFT = {"residual_probability": 2, "residual_impact": 3}


def deal(**changes):
    """A short lifecycle of projects."""
    parts = {
        "fields": [sf.Field("owner"), sf.Field("amount", "money")],
        "stages": [sf.Stage("lead", "open"), sf.Stage("won", "won")],
        "transitions": [
            sf.Transition("win", "lead", "won", outcome="won", guards=[guards.approval("price", binds=["amount"])]),
            sf.Transition("close", "lead", "won", outcome="won"),
        ],
        "calendar": "weekdays",
    }
    return sf.build_lifecycle(sf.Definition("deal", **parts | changes))


def pipeline_with(*entries, lifecycles=(), store=None, clock=None):
    """A pipeline with one project, P-1, and entries in its dossier."""
    given = [*lifecycles, deal()]
    made = sf.Pipeline(given, actor=LI, clock=clock or Clock(), store=store)
    made.open("Metro", id="P-1", fields={"owner": "li.wei"})
    if entries:
        made.add("P-1", *entries)
    return made


def moved(pipeline, entry, *steps):
    """Take an entry through several transitions, each with what it takes; return it as it is then."""
    found = entry
    for trigger, data, *actor in steps:
        found = pipeline.move_entry(
            "P-1", entry.kind, entry.id, trigger, data=data, actor=actor[0] if actor else None
        ).entry
    return found


def codes(pipeline, kind, name, trigger, **how):
    """The codes of what refuses a move."""
    with pytest.raises(TransitionRefusedError) as refused:
        pipeline.move_entry("P-1", kind, name, trigger, **how)
    return [each.code for each in refused.value.decision.blocking]


WAYS = [
    (
        d.Risk("r", "Delay"),
        [
            ("assess_risk", ASSESSED),
            ("respond_to_risk", ANSWER),
            ("monitor_risk", LEFT),
            ("close_risk", {"note": "Gone."}),
        ],
        d.Risk("r", "Delay", status="closed", note="Gone.", **ASSESSED, **ANSWER, **LEFT),
    ),
    (
        d.Issue("i", "No power", severity="high"),
        [
            ("start_issue", {"owner": "li.wei"}),
            ("resolve_issue", {"resolution": "A fuse."}),
            ("reopen_issue", {}, WANG),
            ("resolve_issue", {}),
            ("verify_issue", {}, WANG),
        ],
        d.Issue(
            "i",
            "No power",
            severity="high",
            owner="li.wei",
            status="verified",
            resolution="A fuse.",
            resolved_at=NOW,
            reopened=1,
        ),
    ),
    (
        d.Goal("g", "sales_amount", 10, due=date(2026, 6, 30)),
        [("approve_goal", {}), ("start_goal", {}), ("attain_goal", {"actual": 11})],
        d.Goal("g", "sales_amount", 10, due=date(2026, 6, 30), approved_on=NOW.date(), status="attained", actual=11),
    ),
    (
        d.ImprovementAction("a", "Ask first"),
        [
            ("accept_action", {}),
            ("start_action", {"owner": "li.wei"}),
            ("finish_action", {}),
            ("verify_action", {"metric": "win_rate", "before": 0.25, "after": 0.5}),
        ],
        d.ImprovementAction(
            "a",
            "Ask first",
            owner="li.wei",
            status="verified",
            accepted_on=NOW.date(),
            done_on=NOW.date(),
            verified_on=NOW.date(),
            verified_by="li.wei",
            metric="win_rate",
            before=0.25,
            after=0.5,
        ),
    ),
    (
        d.Complaint("c", "Too late"),
        [
            ("answer_complaint", {"answer": "We look."}),
            ("resolve_complaint", {"resolution": "A new date."}),
            ("confirm_complaint", {}),
        ],
        d.Complaint(
            "c",
            "Too late",
            status="confirmed",
            answer="We look.",
            resolution="A new date.",
            answered_at=NOW,
            resolved_at=NOW,
        ),
    ),
    (
        d.ApprovalRequest("q", "price"),
        [("refuse_request", {"answer": "Too low."}, WANG), ("ask_for_approval", {}), ("grant_request", {}, WANG)],
        d.ApprovalRequest("q", "price", by="li.wei", at=NOW, status="granted"),
    ),
    (
        d.Artefact("charter", digest="sha256:1"),
        [("submit_artefact", {}), ("approve_artefact", {}, WANG), ("supersede_artefact", {})],
        d.Artefact("charter", digest="sha256:1", status="superseded", superseded=True),
    ),
    (
        d.Task("t", "Call"),
        [("start_task", {}), ("block_task", {"note": "No answer."}), ("finish_task", {"note": None})],
        d.Task("t", "Call", status="done", done_on=NOW.date()),
    ),
]


@pytest.mark.requirement("A43", "B24", "C21", "D35", "D47", "E31")
@pytest.mark.parametrize(("entry", "steps", "after"), WAYS, ids=[way[0].kind for way in WAYS])
@pytest.mark.parametrize("store", STORES)
def test_the_whole_way(entry, steps, after, store, tmp_path):
    """
    Each kind goes its whole way: each move is one fact, and the entry keeps who took which transition when.
    """
    kept = STORES[store](tmp_path)
    pipeline = pipeline_with(entry, store=kept)
    found = moved(pipeline, entry, *steps)
    held = pipeline.get("P-1").held(entry.kind)[entry.id]
    facts = [fact.body for fact in pipeline.history("P-1")[2:]]

    assert after == found == held.entry
    assert [each.transition for each in held.moves] == [each.transition for each in facts]
    assert {(EntryMoved, entry.kind, entry.kind)} == {(type(each), each.kind, each.lifecycle) for each in facts}
    assert [each[2].name if len(each) > 2 else "li.wei" for each in steps] == [each.by for each in held.moves]
    assert pipeline.get("P-1") == sf.replay(pipeline.history("P-1"))
    kept.close()


def test_every_kind_has_a_way():
    """
    All built-in lifecycles of entries are walked here; each begins where a new entry does.
    """
    begin = {name: sf.load_lifecycle(name).definition for name in RECORDS}

    assert sorted(RECORDS) == sorted(way[0].kind for way in WAYS)
    assert {name: name for name in RECORDS} == {name: each.record for name, each in begin.items()}
    assert {way[0].kind: way[0].status for way in WAYS} == {name: each.initial for name, each in begin.items()}


@pytest.mark.requirement("D47")
@over_cases(
    ("entry", "trigger", "code"),
    [
        (d.Risk("e"), "assess_risk", "fields.missing"),
        (d.Risk("e", status="assessed"), "respond_to_risk", "fields.missing"),
        (d.Risk("e", status="closed"), "risk_occurs", "transition.unavailable"),
        (d.Issue("e"), "start_issue", "fields.missing"),
        (d.ImprovementAction("e", status="done"), "verify_action", "fields.missing"),
        (d.ImprovementAction("e", status="done"), "find_ineffective", "fields.missing"),
        (d.Task("e"), "drop_task", "fields.missing"),
        (d.ApprovalRequest("e", "price"), "grant_request", "actor.same"),
        (d.ApprovalRequest("e"), "expire_request", "date.unset"),
        (d.Artefact("e"), "submit_artefact", "fields.missing"),
    ],
)
def test_what_is_missing_is_refused(entry, trigger, code):
    """
    A gate of an entry refuses as one of a project does, and the attempt is logged.
    """
    pipeline = pipeline_with()
    if entry.status == type(entry)(entry.id).status:
        pipeline.add("P-1", entry)
    else:
        put_past(pipeline, "P-1", entry)

    assert [code] == codes(pipeline, entry.kind, "e", trigger)
    assert [trigger] == [attempt.trigger for attempt in pipeline.attempts("P-1")]
    assert 2 == pipeline.get("P-1").version
    assert "allowed" != {each.trigger: each.status for each in pipeline.entry_options("P-1", entry.kind, "e")}.get(
        trigger
    )


def test_an_optional_task_is_dropped_without_a_reason():
    """
    Only a mandatory task asks why.
    """
    pipeline = pipeline_with(d.Task("t", mandatory=False))

    assert "dropped" == pipeline.move_entry("P-1", "task", "t", "drop_task").entry.status


@pytest.mark.requirement("A43")
def test_somebody_else_verifies():
    """
    Who resolved an issue last cannot verify it, and the refusal says so.
    """
    pipeline = pipeline_with(d.Issue("i", owner="li.wei"))
    moved(pipeline, d.Issue("i"), ("resolve_issue", {"resolution": "Done."}))

    assert ["actor.same"] == codes(pipeline, "issue", "i", "verify_issue")
    assert "verified" == pipeline.move_entry("P-1", "issue", "i", "verify_issue", actor=WANG).entry.status


@over_cases("risk", [d.Risk("r", probability=2), d.Risk("r", impacts={"cost": 1}), d.Risk("r", impact=3)])
def test_an_assessment_that_is_there(risk):
    """
    What was assessed when the risk was added need not be handed in again; 1 times 1 must be.
    """
    bare = pipeline_with(d.Risk("r"))

    assert "assessed" == pipeline_with(risk).move_entry("P-1", "risk", "r", "assess_risk").entry.status
    assert 1 == moved(bare, d.Risk("r"), ("assess_risk", {"probability": 1, "impact": 1})).score


def test_one_impact_in_place_of_several():
    """
    An impact that is handed in replaces the several ones.
    """
    pipeline = pipeline_with(d.Risk("r", impacts={"cost": 1, "time": 4}))

    assert (1, (2,)) == moved(pipeline, d.Risk("r"), ("assess_risk", {"impact": 2})).pair


@pytest.mark.requirement("A07", "D20")
def test_a_risk_that_comes_true():
    """
    It activates its contingency plan, opens an issue of the risk's owner, and tells the owner; without a plan as well.
    """
    pipeline = pipeline_with(d.Risk("planned", "Late", contingency="Plan B.", owner="li.wei"), d.Risk("bare"))
    put_past(pipeline, "P-1", d.Issue("risk-bare", "Of before"))
    planned, bare = (pipeline.move_entry("P-1", "risk", name, "risk_occurs").entry for name in ("planned", "bare"))
    sent = []
    pipeline.deliver(lambda notice, _id: sent.append(notice) or True)
    issues = {each.id: each for each in pipeline.get("P-1").all(d.Issue)}

    assert [("occurred", True), ("occurred", False)] == [
        (each.status, each.contingency_active) for each in (planned, bare)
    ]
    opened = {"severity": "high", "category": "risk", "opened_at": NOW}
    assert d.Issue("risk-planned", "Late", owner="li.wei", origin="risk:planned", **opened) == issues["risk-planned"]
    assert d.Issue("risk-bare-2", "bare", origin="risk:bare", **opened) == issues["risk-bare-2"]
    assert [("risk_occurred", "risk", "planned", "Late", 4), ("risk_occurred", "risk", "bare", "bare", 5)] == [
        (each.topic, each.params["kind"], each.params["id"], each.params["about"], each.version) for each in sent
    ]
    assert "风险已发生" in sent[0].text("zh")


def test_clearing_an_attribute():
    """
    None takes an attribute back to what it is without.
    """
    pipeline = pipeline_with(d.Risk("r", "Delay", exposure=sf.Money("5", "CNY"), owner="li.wei", **ASSESSED))
    found = moved(pipeline, d.Risk("r"), ("assess_risk", {"owner": None, "exposure": None, "title": None}))

    assert d.Risk("r", status="assessed", **ASSESSED) == found


NEW = {
    "risk": d.Risk("n", status="assessed"),
    "issue": d.Issue("n", status="resolved"),
    "goal": d.Goal("n", status="active"),
    "improvement_action": d.ImprovementAction("n", status="done"),
    "complaint": d.Complaint("n", status="answered"),
    "approval_request": d.ApprovalRequest("n", status="granted"),
    "artefact": d.Artefact("n", status="approved"),
    "task": d.Task("n", status="done"),
}


@over_cases("kind", RECORDS)
def test_only_moves_change_a_status(kind):
    """
    A new entry begins where its lifecycle does, on every way into the dossier; the error names the next step.
    """
    pipeline, entry = pipeline_with(), NEW[kind]
    says = f"status of {kind} 'n': {entry.status!r} is not usable. A new entry of kind {kind} starts as"
    for call in (
        lambda: pipeline.add("P-1", entry),
        lambda: pipeline.fire("P-1", "close", entries=[entry]),
        lambda: pipeline.decide("P-1", "close", entries=[entry]),
        lambda: pipeline.open("Two", entries=[entry]),
    ):
        with pytest.raises(InputError, match=says) as wrong:
            call()
        assert f"move_entry(…, '{kind}', 'n', …)" in str(wrong.value)


def test_a_status_that_stands():
    """
    Writing an entry again keeps its status, or is refused with the triggers that lead on; all problems at once.
    """
    pipeline = pipeline_with(d.Task("t"), d.Task("u"))
    doing = moved(pipeline, d.Task("t"), ("start_task", {}))
    pipeline.add("P-1", attrs.evolve(doing, title="Call again"))
    pipeline.fire("P-1", "close", entries=[attrs.evolve(doing, title="At last")])
    with pytest.raises(InputErrors) as wrong:
        pipeline.add("P-1", d.Task("t"), d.Task("u", status="done"))

    assert "At last" == pipeline.get("P-1").all(d.Task)[0].title
    says = (
        "Its status is {}; keep it to change other attributes. Only move_entry(…, 'task', {!r}, …) changes "
        "the status, with one of: {}block_task, finish_task, drop_task."
    )
    assert [says.format("doing", "t", ""), says.format("todo", "u", "start_task, ")] == [
        str(each.hint) for each in wrong.value.problems
    ]


def test_records_move_after_closing():
    """
    An entry goes on in a final stage, where a project is locked otherwise.
    """
    pipeline = pipeline_with(d.Complaint("c", "Late"))
    pipeline.fire("P-1", "close")

    assert "answered" == moved(pipeline, d.Complaint("c"), ("answer_complaint", {"answer": "We look."})).status


# Approvals


def test_granting_a_request_gives_the_approval():
    """
    The guard reads the approval that a granted request has given; what it binds voids it when it changes.
    """
    pipeline = pipeline_with(d.ApprovalRequest("q", "price"))
    before = pipeline.decide("P-1", "win").accepted
    moved(pipeline, d.ApprovalRequest("q"), ("grant_request", {"answer": "Fine."}, WANG))
    given = pipeline.get("P-1").all(d.Approval)[0]
    granted = pipeline.decide("P-1", "win").accepted
    pipeline.update("P-1", {"amount": sf.Money(5, "CNY")})

    assert (False, True, False) == (before, granted, pipeline.decide("P-1", "win").accepted)
    assert ("price", "wang.fang", True, "Fine.") == (given.name, given.by, given.granted, given.comment)


def test_refusing_a_request_declines_it():
    """
    A refused request is a refused approval, with what was said.
    """
    pipeline = pipeline_with(d.ApprovalRequest("q", "price"))
    moved(pipeline, d.ApprovalRequest("q"), ("refuse_request", {"answer": "No."}, WANG))

    assert [("price", False, "No.")] == [
        (each.name, each.granted, each.comment) for each in pipeline.get("P-1").all(d.Approval)
    ]


@over_cases("by", ["", "li.wei", "wang.fang"])
def test_who_asked_cannot_grant(by):
    """
    Neither who put the request there grants it, nor who had asked for it in the past; that is not changed afterwards.
    """
    pipeline = pipeline_with()
    put_past(pipeline, "P-1", d.ApprovalRequest("q", "price", by=by or "li.wei"))
    stated = pipeline.get("P-1").all(d.ApprovalRequest)[0].by
    pipeline.add("P-1", d.ApprovalRequest("q", "price", comment="Please"))

    assert (by or "li.wei") == stated == pipeline.get("P-1").all(d.ApprovalRequest)[0].by
    assert ["actor.same"] == codes(pipeline, "approval_request", "q", "grant_request")
    if by == "wang.fang":
        assert ["actor.same"] == codes(pipeline, "approval_request", "q", "grant_request", actor=WANG)
    with pytest.raises(InputError, match=f"{stated} asked for it"):
        pipeline.add("P-1", d.ApprovalRequest("q", "price", by="zhao"))


@pytest.mark.parametrize("to", [["wang.fang"], ["role:sales_director"], ["zhao", "role:sales_director"], ["team"], []])
def test_whom_a_request_is_addressed_to(to):
    """
    Only an addressee answers a request, by name or in a role, where the project can tell who that is.
    """
    pipeline = pipeline_with(d.ApprovalRequest("q", "price", to=to), d.ApprovalRequest("r", "price", to=to))
    bystander = sf.Actor("kim", roles={"presales"})
    if to and to != ["team"]:
        for trigger, data in (("grant_request", {}), ("refuse_request", {"answer": "No."})):
            found = codes(pipeline, "approval_request", "q", trigger, actor=bystander, data=data)
            assert found in (["actor.role"], ["actor.not_named"])
    granted = moved(pipeline, d.ApprovalRequest("q"), ("grant_request", {}, WANG))
    refused = moved(pipeline, d.ApprovalRequest("r"), ("refuse_request", {"answer": "No."}, WANG))

    assert ("granted", "refused") == (granted.status, refused.status)


HANDED_IN = {
    "grant": (d.ApprovalRequest("x", "price", to=["zhao"]), "grant_request", {"to": None}, WANG, "actor.not_named"),
    "withdraw": (d.ApprovalRequest("x", "price"), "withdraw_request", {"by": None}, sf.Actor("kim"), "actor.not_named"),
    "own goal": (
        d.Goal("x", "win_rate", 1, due=date(2026, 5, 1), owner="li.wei"),
        "approve_goal",
        {"owner": "kim"},
        LI,
        "actor.named",
    ),
}


@pytest.mark.parametrize("case", HANDED_IN)
def test_no_move_makes_room_for_itself(case):
    """
    Who may make a move, and who may not, is what the entry said before the move.
    """
    entry, trigger, data, actor, code = HANDED_IN[case]
    pipeline = pipeline_with(entry)

    assert [code] == codes(pipeline, entry.kind, "x", trigger, actor=actor, data=data)


def test_who_withdraws_a_request():
    """
    Who asked withdraws it, or a sales director; nobody else.
    """
    pipeline = pipeline_with(d.ApprovalRequest("q", "price"), d.ApprovalRequest("r", "price"))
    with pytest.raises(TransitionRefusedError) as refused:
        pipeline.move_entry("P-1", "approval_request", "q", "withdraw_request", actor=sf.Actor("kim"))
    own = moved(pipeline, d.ApprovalRequest("q"), ("withdraw_request", {}))
    others = moved(pipeline, d.ApprovalRequest("r"), ("withdraw_request", {}, WANG))

    assert ("withdrawn", "withdrawn") == (own.status, others.status)
    assert "kim may not do this; it is up to li.wei, sales director." in str(refused.value)
    assert "kim 无权执行此操作，应由 li.wei、销售总监 执行。" in refused.value.text("zh")


def test_a_request_expires():
    """
    Once its time has passed the worker takes it to expired, and nobody can grant it; asked again, it waits again.
    """
    clock = Clock()
    pipeline = pipeline_with(d.ApprovalRequest("q", "price", expires_at=NOW + timedelta(days=1)), clock=clock)
    early = pipeline.tick(NOW + timedelta(hours=23))
    clock.now += timedelta(days=2)
    late, again = pipeline.tick(), pipeline.tick()
    held = pipeline.get("P-1").held("approval_request")["q"]

    assert [0, 1, 0] == [each.done for each in (early, late, again)]
    assert ("expired", "salesflow") == (held.entry.status, held.moves[-1].by)
    assert ["transition.unavailable"] == codes(pipeline, "approval_request", "q", "grant_request", actor=WANG)
    asked = moved(pipeline, d.ApprovalRequest("q"), ("ask_for_approval", {}, WANG))
    assert ("requested", "wang.fang", None) == (asked.status, asked.by, asked.expires_at)
    assert ["actor.same"] == codes(pipeline, "approval_request", "q", "grant_request", actor=WANG)


def test_an_expiry_that_was_put_off():
    """
    The time of a request counts as it is now: put off, it passes later; withdrawn, it does not pass at all.
    """
    clock = Clock()
    pipeline = pipeline_with(d.ApprovalRequest("q", "price", expires_at=NOW + timedelta(days=1)), clock=clock)
    pipeline.add("P-1", d.ApprovalRequest("q", "price", expires_at=NOW + timedelta(days=3)))
    pipeline.add("P-1", d.ApprovalRequest("w", "price", expires_at=NOW + timedelta(days=1)))
    pipeline.add("P-1", d.ApprovalRequest("gone", "price", expires_at=NOW + timedelta(days=1)))
    moved(pipeline, d.ApprovalRequest("w"), ("withdraw_request", {}))
    pipeline.remove("P-1", "approval_request", "gone")
    clock.now += timedelta(days=2)
    early = pipeline.tick()
    clock.now += timedelta(days=2)
    pipeline.tick()

    assert (0, 2) == (early.done, early.void)
    assert ["expired", "withdrawn"] == [each.status for each in pipeline.get("P-1").all(d.ApprovalRequest)]


def test_an_approval_is_of_a_digest():
    """
    An approved document with another digest is a draft again, and its approval void; nobody approves their own.
    """
    needs = [sf.Transition("go", "lead", "$same", guards=[guards.artefact_approved("charter")])]
    stages = [sf.Stage("lead", "open", produces=["charter"]), sf.Stage("won", "won")]
    lifecycle = deal(stages=stages, transitions=[*needs, sf.Transition("win", "lead", "won")])
    pipeline = sf.Pipeline(lifecycle, actor=LI, clock=Clock())
    pipeline.open("Metro", id="P-1")
    pipeline.add("P-1", d.Artefact("charter", digest="sha256:1"))
    moved(pipeline, d.Artefact("charter"), ("submit_artefact", {}))
    own = codes(pipeline, "artefact", "charter", "approve_artefact")
    changed = codes(pipeline, "artefact", "charter", "approve_artefact", data={"digest": "sha256:2"}, actor=WANG)
    approved = moved(pipeline, d.Artefact("charter"), ("approve_artefact", {}, WANG))
    passes = pipeline.decide("P-1", "go").accepted
    pipeline.add("P-1", d.Artefact("charter", digest="sha256:2"))

    assert (["actor.same"], ["field.locked"]) == (own, changed)
    assert ("approved", True) == (approved.status, passes)
    assert "draft" == pipeline.get("P-1").all(d.Artefact)[0].status
    assert ["artefact.changed"] == [each.code for each in pipeline.decide("P-1", "go").blocking]


def test_an_approved_goal_is_frozen():
    """
    From the approval on a goal keeps what it promises; the next version is a draft again.
    """
    goal = d.Goal("g", "sales_amount", 10, due=date(2026, 6, 30))
    pipeline = pipeline_with(goal)
    pipeline.add("P-1", attrs.evolve(goal, target=12))
    approved = moved(pipeline, goal, ("approve_goal", {}))
    pipeline.add("P-1", attrs.evolve(approved, owner="wang.fang"))

    with pytest.raises(FieldLockedError):
        pipeline.add("P-1", attrs.evolve(approved, target=14))
    assert ["field.locked"] == codes(pipeline, "goal", "g", "start_goal", data={"target": 14})
    with pytest.raises(InputError, match="starts as draft"):
        pipeline.add("P-1", attrs.evolve(approved, target=14, version=2))
    pipeline.add("P-1", attrs.evolve(approved, target=14, version=2, status="draft"))
    assert "draft" == pipeline.get("P-1").all(d.Goal)[0].status


# Terms and escalation


@pytest.mark.requirement("A43")
def test_a_serious_issue_is_escalated():
    """
    What is severe is brought before the director at once; what is overdue goes to owner, lead and director, once.
    """
    clock = Clock()
    pipeline = pipeline_with(clock=clock)
    pipeline.add("P-1", d.Issue("bad", "Fire", severity="critical", due=date(2026, 3, 3)), d.Issue("small", "Dust"))
    sent = []

    def told():
        sent.clear()
        pipeline.tick()
        pipeline.deliver(lambda notice, _id: sent.append(notice) or True)
        return [(each.topic, each.params["id"], each.to) for each in sent]

    clock.now += timedelta(hours=1)
    first = told()
    clock.now += timedelta(days=2)
    second = told()
    moves = pipeline.get("P-1").held("issue")["bad"].moves

    assert [("serious_issue", "bad", ("role:sales_director",))] == first
    assert [("issue_overdue", "bad", (to,)) for to in ("owner", "role:project_lead", "role:sales_director")] == second
    assert [] == told()
    assert [("escalation", "open"), ("due_passed", "open")] == [(each.transition, each.target) for each in moves]


def test_terms_of_service():
    """
    By when a complaint is to be answered and resolved follows from the closest service standard, in working hours.

    What the closest leaves open is taken from the next, as in figures and risks.
    """
    clock = Clock()
    pipeline = pipeline_with(
        d.ServiceStandard("all", response_hours=24, resolution_hours=72),
        d.ServiceStandard("bad", severity="high", response_hours=4),
        clock=clock,
    )
    pipeline.add("P-1", d.Complaint("c", "Late", severity="high"), d.Complaint("n", "Noise"))
    own = d.Issue("own", resolve_due=NOW + timedelta(days=9))
    pipeline.add("P-1", own, d.Issue("i", opened_at=NOW - timedelta(hours=1)))
    high, mild = pipeline.get("P-1").all(d.Complaint)
    stated, raised = pipeline.get("P-1").all(d.Issue)
    hours = timedelta(hours=1)

    assert (NOW + 4 * hours, NOW + 72 * hours) == (high.answer_due, high.resolve_due)
    assert (NOW + 24 * hours, NOW + 72 * hours) == (mild.answer_due, mild.resolve_due)
    assert (own.resolve_due, NOW + 71 * hours) == (stated.resolve_due, raised.resolve_due)
    clock.now += 5 * hours
    assert 2 == pipeline.tick().done  # what is severe, and its answer


# Lifecycles of hosts

OWN = sf.Definition(
    "quick_issue",
    record="issue",
    fields=[sf.Field("title"), sf.Field("resolution")],
    stages=[
        sf.Stage("open", "open", deadlines=[Deadline("late", "1d")]),
        sf.Stage("resolved"),
        sf.Stage("verified", "closed"),
    ],
    transitions=[sf.Transition("fix", "open", "resolved"), sf.Transition("done", "resolved", "verified")],
)


def test_a_lifecycle_of_the_host():
    """
    It decides entries that have not moved yet; those that have keep the lifecycle of their first move.
    """
    store = MemoryStore()
    pipeline = pipeline_with(d.Issue("old", owner="li.wei"), d.Issue("new"), store=store)
    moved(pipeline, d.Issue("old"), ("start_issue", {}))
    quick = sf.build_lifecycle(OWN)
    again = sf.Pipeline([deal(), quick], actor=LI, clock=Clock(), store=store)

    assert "deal" == again.lifecycle.id
    assert ["resolve_issue"] == [each.trigger for each in again.entry_options("P-1", "issue", "old")]
    assert "resolved" == again.move_entry("P-1", "issue", "new", "fix").entry.status
    assert ("quick_issue", "1") == (
        again.history("P-1")[-1].body.lifecycle,
        again.get("P-1").held("issue")["new"].moves[0].version,
    )
    with pytest.raises(InputError, match=r"'quick_issue 1' is not usable\. Give it to the Pipeline"):
        pipeline.entry_options("P-1", "issue", "new")
    assert () == pipeline.agenda(NOW, NOW + timedelta(days=9))  # of a lifecycle that nobody knows here


@over_cases(
    ("held", "given", "chain"),
    [
        ([], [d.Goal("a", parent="a")], "a → a"),
        ([d.Goal("a", parent="b")], [d.Goal("b", parent="a")], "b → a → b"),
        ([d.Goal("a", parent="b"), d.Goal("b", parent="c")], [d.Goal("c", parent="a")], "c → a → b → c"),
    ],
)
def test_goals_are_no_part_of_themselves(held, given, chain):
    """
    A goal that would stand above itself is refused, with the way round.
    """
    pipeline = pipeline_with(*held)
    with pytest.raises(InputError, match="cannot belong to itself, directly or through others") as raised:
        pipeline.add("P-1", *given)

    assert chain in str(raised.value)
    assert (given[0].parent, held) == (raised.value.value, list(pipeline.get("P-1").all(d.Goal)))


def test_goals_below_goals():
    """
    A goal may be part of one that is there, that comes with it, or that is kept elsewhere.
    """
    pipeline = pipeline_with(d.Goal("year"))
    pipeline.add("P-1", d.Goal("q1", parent="year"), d.Goal("march", parent="q1"), d.Goal("team", parent="company"))

    assert {"year", "q1", "company"} == {each.parent for each in pipeline.get("P-1").all(d.Goal) if each.parent}


def test_terms_of_entries_are_due_for_whom_they_belong_to():
    """
    The agenda and what is due list them until the entry moves on; whose they are is the owner of the entry.
    """
    pipeline = sf.Pipeline([deal(), sf.build_lifecycle(OWN)], actor=LI, clock=Clock())
    pipeline.open("Metro", id="P-1")
    pipeline.add("P-1", d.Issue("leak", "Pump leaks", owner="kim"), d.Issue("dust"))
    begin = pipeline.get("P-1").opened_at
    week = (begin, begin + timedelta(days=7))
    due = [(each.due.entry, each.who) for each in pipeline.due(*week)]
    seen = [(each.name, each.label.text(), each.who) for each in pipeline.agenda(*week)]
    of_kim = [each.due.entry for each in pipeline.due(*week, who="kim")]
    for name in ("leak", "dust"):
        pipeline.move_entry("P-1", "issue", name, "fix")

    assert {("issue:leak", "kim"), ("issue:dust", "")} == set(due)
    assert {("issue:leak", "Pump leaks", "kim"), ("issue:dust", "dust", None)} == set(seen)
    assert ["issue:leak"] == of_kim
    assert ([], ()) == (list(pipeline.due(*week)), tuple(pipeline.agenda(*week)))


def test_a_task_with_a_term_stands_in_the_agenda_once():
    """
    It is there on the day it is due, whatever terms a lifecycle of the host sets for tasks.
    """
    quick = sf.Definition(
        "quick_task",
        record="task",
        fields=[sf.Field("title")],
        stages=[sf.Stage("todo", "open", deadlines=[Deadline("late", "1d")]), sf.Stage("done", "closed")],
        transitions=[sf.Transition("finish", "todo", "done")],
    )
    pipeline = sf.Pipeline([deal(), sf.build_lifecycle(quick)], actor=LI, clock=Clock())
    begin = pipeline.open("Metro", id="P-1").opened_at
    pipeline.add("P-1", d.Task("call", "Call them", due=begin.date() + timedelta(days=2)))
    week = (begin, begin + timedelta(days=7))

    assert ["task:call"] == [each.due.entry for each in pipeline.due(*week)]
    assert [("task", "call")] == [(each.kind, each.name) for each in pipeline.agenda(*week)]


def test_a_deadline_of_the_host():
    """
    A deadline without effects is on record once, for each visit.
    """
    clock = Clock()
    pipeline = pipeline_with(d.Issue("i"), lifecycles=[sf.build_lifecycle(OWN)], clock=clock)
    clock.now += timedelta(days=2)

    assert (1, 0) == (pipeline.tick().done, pipeline.tick().done)
    body = pipeline.history("P-1")[-1].body
    assert ("late", "open", "open", ()) == (body.transition, body.source, body.target, body.changes)


def test_a_lifecycle_that_is_not_there():
    """
    Where the pipeline was not given the lifecycle of an entry, the entry can still be written as it stands.
    """
    store = MemoryStore()
    pipeline = pipeline_with(d.Issue("i"), lifecycles=[sf.build_lifecycle(OWN)], store=store)
    pipeline.move_entry("P-1", "issue", "i", "fix", data={"resolution": "Done."})
    without = sf.Pipeline(deal(), actor=LI, clock=Clock(), store=store)
    entry = without.get("P-1").all(d.Issue)[0]
    without.add("P-1", attrs.evolve(entry, title="Dust"))

    assert "Dust" == without.get("P-1").all(d.Issue)[0].title
    assert 0 == without.rearm("P-1")


def test_a_deadline_that_is_refused():
    """
    Where a deadline is to take a transition whose gate refuses, the entry stays where it is.
    """
    clock = Clock()
    gate = sf.Transition("fix", "open", "resolved", guards=[guards.fields_present("resolution")])
    stages = [sf.Stage("open", "open", deadlines=[Deadline("fix", "1d")]), *OWN.stages[1:]]
    own = sf.build_lifecycle(attrs.evolve(OWN, stages=stages, transitions=[gate, OWN.transitions[1]]))
    pipeline = pipeline_with(d.Issue("i"), d.Issue("ready", resolution="Done."), lifecycles=[own], clock=clock)
    clock.now += timedelta(days=2)
    report = pipeline.tick()

    assert (1, 1) == (report.done, report.void)
    assert ["open", "resolved"] == [each.status for each in pipeline.get("P-1").all(d.Issue)]


def test_a_deadline_that_passed_is_not_due_again():
    """
    What passed in this visit stays passed when the entry is written again, and is due again in the next visit.
    """
    clock = Clock()
    pipeline = pipeline_with(clock=clock)
    pipeline.add("P-1", d.Issue("i", "Fire", severity="high", owner="li.wei"))
    clock.now += timedelta(hours=1)
    first = pipeline.tick().done
    pipeline.add("P-1", d.Issue("i", "A fire", severity="high", owner="li.wei"))
    clock.now += timedelta(hours=1)
    second = pipeline.tick().done
    moved(pipeline, d.Issue("i"), ("resolve_issue", {"resolution": "Out."}), ("reopen_issue", {}, WANG))
    clock.now += timedelta(hours=1)

    assert [1, 0, 1] == [first, second, pipeline.tick().done]
    pipeline.rearm("P-1")
    assert 0 == pipeline.tick().done


@attrs.frozen
class Bid:
    """A kind of a host's own, with any status."""

    kind = "house.bid"
    id: str
    status: str = "new"
    price: int = 0


class House:
    """A plugin with a kind of entries."""

    @sf.hookimpl
    def salesflow_entries(self):
        return [Bid]


def test_a_kind_of_a_plugin():
    """
    Any kind with a status can have a lifecycle, which a host gives to the pipeline.
    """
    own = sf.Definition(
        "bids",
        record="house.bid",
        fields=[sf.Field("price", "integer")],
        stages=[sf.Stage("new", "open"), sf.Stage("sent", "closed")],
        transitions=[sf.Transition("send", "new", "sent", guards=[guards.fields_present("price")])],
    )
    house = House()
    whole = sf.build_lifecycle(attrs.evolve(deal().definition), plugins=[house])
    pipeline = sf.Pipeline([whole, sf.build_lifecycle(own, plugins=[house])], actor=LI, clock=Clock())
    pipeline.open("Metro", id="P-1", entries=[Bid("b")])

    assert Bid("b", "sent", 5) == pipeline.move_entry("P-1", "house.bid", "b", "send", data={"price": 5}).entry
    with pytest.raises(InputError, match="starts as new"):
        pipeline.add("P-1", Bid("c", "sent"))


@over_cases(
    ("changes", "code", "path"),
    [
        ({"record": "isue"}, "record.kind", "record"),
        ({"stages": (sf.Stage("opened", "open"), *OWN.stages)}, "record.stage", "stages[0].id"),
        ({"fields": [sf.Field("titel")]}, "record.field", "fields[0].id"),
    ],
)
def test_a_lifecycle_that_does_not_fit(changes, code, path):
    """
    A kind without a status, a stage that is none of it, and a field that is no attribute are faults with their place.
    """
    with pytest.raises(DefinitionError) as wrong:
        sf.build_lifecycle(attrs.evolve(OWN, **changes))

    assert (code, path) in [(each.code, each.path) for each in wrong.value.report.faults]


# What cannot be


def test_wrong_data():
    """
    Data that the entry cannot have is an error of the input, not a refusal.
    """
    pipeline = pipeline_with(d.Risk("r"))
    with pytest.raises(InputError, match="from 1 to 5"):
        pipeline.move_entry("P-1", "risk", "r", "assess_risk", data={"probability": 6, "impact": 1})
    with pytest.raises(InputError, match="data"):
        pipeline.move_entry("P-1", "risk", "r", "assess_risk", data=[])
    with pytest.raises(InputError, match="overrides"):
        pipeline.move_entry("P-1", "risk", "r", "assess_risk", overrides=[])
    assert 2 == pipeline.get("P-1").version


def test_an_unknown_entry():
    """
    The entries there are, and the nearest, are named; so are the kinds with a lifecycle.
    """
    pipeline = pipeline_with(d.Risk("delay"))
    for call in (
        lambda: pipeline.move_entry("P-1", "risk", "delya", "assess_risk"),
        lambda: pipeline.entry_options("P-1", "risk", "delya"),
    ):
        with pytest.raises(InputError, match=r"Entries of kind risk in 'P-1': delay\. Did you mean 'delay'"):
            call()
    with pytest.raises(InputError, match="Kinds with a lifecycle: approval_request, artefact, complaint"):
        pipeline.entry_options("P-1", "member", "li.wei")


def test_a_key_is_used_once():
    """
    Repeating a move with its key gives the stored fact.
    """
    pipeline = pipeline_with(d.Risk("r"))
    first = pipeline.move_entry("P-1", "risk", "r", "assess_risk", data=ASSESSED, key="k")
    again = pipeline.move_entry("P-1", "risk", "r", "assess_risk", data=ASSESSED, key="k")

    assert (first.fact, True, None, first.entry) == (again.fact, again.replayed, again.decision, again.entry)


def test_options():
    """
    Each trigger from where an entry stands, with whether it can be taken now.
    """
    options = pipeline_with(d.Risk("r")).entry_options("P-1", "risk", "r", actor=WANG)

    assert {"assess_risk": "needs_input", "risk_occurs": "allowed", "close_risk": "needs_input"} == {
        each.trigger: each.status for each in options
    }


def test_what_an_import_wrote():
    """
    Entries of the past are in any status, and go on from there; what was due then is not sent to anybody now.
    """
    pipeline = pipeline_with()
    put_past(pipeline, "P-1", d.Issue("i", "Old", status="in_progress", due=date(2025, 1, 1)))
    (change,) = pipeline.history("P-1")[-1].body.changes
    kept: Change = change

    assert isinstance(kept, EntryPut)
    assert 0 == pipeline.tick().done
    assert "resolved" == moved(pipeline, d.Issue("i"), ("resolve_issue", {"resolution": "Long ago."})).status
