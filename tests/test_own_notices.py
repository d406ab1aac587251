"""
Notices that no effect asks for: subscriptions, mentions, tasks handed over, requests, questions and guidance.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import attrs
import pytest

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.dossier import (
    Activity,
    Appraisal,
    AppraisalCriterion,
    ApprovalRequest,
    CoachingAction,
    DepartmentRequest,
    Guidance,
    Question,
    Reward,
    StatusReport,
    Subscription,
    Task,
)
from salesflow.effects import notify
from salesflow.errors import DefinitionError, TransitionRefusedError
from salesflow.guards import actor_has_role
from salesflow.plugins import Recipient, directory
from salesflow.plugins.directory import Directory
from salesflow.stores.adapting import decode_notice, encode_notice
from salesflow.typing import Spawn, StageTask

from .cases import over_cases
from .test_quiet_hours import Clock, People


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KIM, LI = Actor("kim"), Actor("li.wei")


def pipeline_of(*plugins, **parts):
    """A pipeline with a project; winning it tells somebody, losing it nobody, and one more move opens a project."""
    lifecycle = build_lifecycle(
        Definition(
            "short",
            stages=[Stage("start"), Stage("won", "won"), Stage("lost", "lost")],
            transitions=[
                Transition("win", "start", "won", effects=[notify(["team"])]),
                Transition("lose", "start", "lost", guards=[actor_has_role("director")]),
                Transition("again", "won", kind="spawn", spawn=Spawn("short")),
            ],
            **parts,
        ),
        plugins=list(plugins),
    )
    pipeline = Pipeline(lifecycle, actor=KIM, clock=Clock(NOW))
    pipeline.open("Metro", id="P-1")
    return pipeline


def told(pipeline):
    """Deliver; return to whom which topic went, in any order."""
    got = []
    pipeline.deliver(lambda notice, _id: got.append((notice.recipient, notice.topic)))
    return sorted(got)


@pytest.mark.requirement("D54", "E36")
def test_subscribers_hear_of_each_move():
    """
    Who subscribed to a project gets its notices, and one for each move that leaves none.
    """
    pipeline = pipeline_of()
    pipeline.add("P-1", Subscription("li.wei"), Subscription("zhao", topics=["win", "again"]))
    pipeline.fire("P-1", "win")
    pipeline.fire("P-1", "again")
    first = told(pipeline)
    pipeline.open("Tram", id="P-2", entries=[Subscription("li.wei"), Subscription("zhao", topics=["win"])])
    pipeline.fire("P-2", "lose", actor=Actor("kim", roles={"director"}))

    assert [
        ("li.wei", "again"),
        ("li.wei", "win"),
        ("team", "win"),
        ("zhao", "again"),
        ("zhao", "win"),
    ] == first
    assert [("li.wei", "lose")] == told(pipeline)


def test_no_subscription_no_notice():
    """
    A project to which nobody subscribed leaves the notices of its effects only.
    """
    pipeline = pipeline_of()
    pipeline.add("P-1", Subscription("zhao", topics=["lose"]))
    pipeline.fire("P-1", "win")
    pipeline.fire("P-1", "again")

    assert [("team", "win")] == told(pipeline)


def test_subscribers_whom_nobody_knows():
    """
    An address that the directory does not know is a dead letter, and whoever subscribed still hears of it once.
    """
    people = People(Recipient("zhao"))
    pipeline = pipeline_of(people)
    pipeline.add("P-1", Subscription("zhao"), Subscription("gone"))
    pipeline.fire("P-1", "win")
    pipeline.deliver()

    assert ["zhao"] == [to for to, _ in people.got]
    assert ["nobody was found at team", "nobody was found at gone"] == [dead.error for dead in pipeline.dead()]


@over_cases(("lang", "said"), [("en", "Price sheet"), ("zh", "报价表"), ("", "Price sheet / 报价表")])
def test_a_task_of_a_stage_goes_by_its_label(lang, said):
    """
    Who gets a task that a stage brought reads its title in their language; without a language in both.
    """
    people, task = (
        People(Recipient("zhao", lang=lang)),
        StageTask("prices", label={"en": "Price sheet", "zh": "报价表"}),
    )
    stages = [Stage("start", tasks=[task]), Stage("won", "won")]
    lifecycle = build_lifecycle(
        Definition("short", stages=stages, transitions=[Transition("win", "start", "won")]), plugins=[people]
    )
    pipeline = Pipeline(lifecycle, actor=KIM, clock=Clock(NOW))
    pipeline.open("Metro", id="P-1")
    (brought,) = pipeline.get("P-1").all(Task)
    pipeline.add("P-1", attrs.evolve(brought, owner="zhao"))
    pipeline.deliver()

    ((_, notice),) = people.got
    assert said == notice.params["about"]


CASES = {
    "mentioned": ([Activity("a", "visit", mentions=["li.wei", "kim"])], [("li.wei", "mentioned")]),
    "mentioned again": (
        [Activity("a", mentions=["li.wei"]), Activity("a", mentions=["li.wei", "zhao"])],
        [("li.wei", "mentioned"), ("zhao", "mentioned")],
    ),
    "a task of one's own": ([Task("t", owner="li.wei")], []),
    "handed over": (
        [Task("t", owner="li.wei"), Task("t", owner="zhao"), Task("t", "Visit", owner="zhao")],
        [("zhao", "task_handed_over")],
    ),
    "taken": ([Task("t", owner="li.wei"), Task("t", owner="kim"), Task("t")], []),
    "approval": (
        [ApprovalRequest("a", "price", to=["role:director"]), ApprovalRequest("a", "price", to=["role:director"])],
        [("role:director", "approval_requested")],
    ),
    "question": (
        [
            Question("q", "How much?", by="zhao", to=["li.wei"]),
            Question("q", "How much?", by="zhao", to=["li.wei"], answer="10", answered_at=NOW),
            Question("q", "How much?", by="zhao", to=["li.wei"], answer="11", answered_at=NOW),
        ],
        [("li.wei", "question_asked"), ("zhao", "question_answered")],
    ),
    "answered at once": (
        [Question("q", "How much?", by="zhao", to=["kim"], answer="10", answered_at=NOW)],
        [("zhao", "question_answered")],
    ),
    "guidance": (
        [Guidance("g", "Ask.", to=["owner"]), Guidance("g", "Ask first.", to=["owner"])],
        [("owner", "guidance_given")],
    ),
    "report": ([StatusReport("s", done=["Offer"])], []),
}


@pytest.mark.requirement("A18", "C40")
@over_cases("how", CASES)
def test_whom_an_entry_concerns(how):
    """
    An entry leaves a notice to whom it newly concerns, but to nobody for what they did themselves.
    """
    entries, expected = CASES[how]
    pipeline = pipeline_of()
    for each in entries:
        pipeline.add("P-1", each)

    assert expected == told(pipeline)


def test_entries_of_a_move():
    """
    What is handed in with a move leaves its notices with it; a refused move leaves none.
    """
    pipeline = pipeline_of()
    handed = Activity("a", "visit", mentions=["li.wei"], note="Ask for the price")
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P-1", "lose", entries=[handed])
    refused = told(pipeline)
    pipeline.fire("P-1", "win", entries=[handed])

    assert [] == refused
    assert [("li.wei", "mentioned"), ("team", "win")] == told(pipeline)


def test_what_it_says():
    """
    The text says what it is about, in the language of its recipient.
    """
    people = People(Recipient("li.wei", lang="zh"))
    pipeline = pipeline_of(people)
    pipeline.add("P-1", Question("q", "How much?", to=["li.wei"]))
    pipeline.deliver()
    ((_, notice),) = people.got

    assert "Metro (P-1)：提问。 “How much?”。 阶段：start。 操作人：kim。 时间：2026-03-02 09:00 UTC。" == notice.text()
    assert "Metro (P-1): question. “How much?”." == notice.text("en")[:35]


def test_a_digest_in_json():
    """
    A digest is written as JSON for other systems, each part with all it says, and read back equal.
    """
    people = People(Recipient("li.wei", digest="17:00"))
    pipeline = pipeline_of(people)
    pipeline.add("P-1", Guidance("g", "Ask.", to=["li.wei"]), Question("q", "How much?", to=["li.wei"]))
    pipeline.deliver()
    pipeline.deliver(at=datetime(2026, 3, 2, 17, tzinfo=UTC))
    ((_, digest),) = people.got

    assert 2 == len(digest.parts)
    assert digest == decode_notice(encode_notice(digest))


PEOPLE = {
    "schema": 1,
    "people": [{"id": "boss"}, {"id": "chen"}, {"id": "zhao"}],
    "subscriptions": [
        {"who": "boss", "topics": ["win", "mentioned"]},
        {"who": "chen", "topics": ["win", "lose"], "lifecycles": ["elsewhere"]},
        {"who": "chen", "topics": ["again"], "lifecycles": ["short"]},
    ],
}


@pytest.mark.parametrize("in_file", [False, True])
def test_subscribers_of_all_projects(in_file, tmp_path, monkeypatch):
    """
    Who subscribed in the directory hears of every project of the lifecycles, also of moves that leave no notice.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.json").write_text(json.dumps(PEOPLE), "utf-8")
    settings = {"plugins": {"directory": {"file": "people.json"}}} if in_file else {}
    pipeline = pipeline_of(directory if in_file else Directory.load(PEOPLE), **settings)
    pipeline.open("Tram", id="P-2")
    pipeline.add("P-2", Activity("a-1", "call", mentions=["zhao"]), Subscription("zhao", topics=["lose"]))
    pipeline.fire("P-1", "win")
    pipeline.fire("P-1", "again")
    pipeline.fire("P-2", "lose", actor=Actor("kim", roles={"director"}))

    assert [
        ("boss", "mentioned"),
        ("boss", "win"),
        ("chen", "again"),
        ("zhao", "lose"),
        ("zhao", "mentioned"),
    ] == told(pipeline)
    assert ["nobody was found at team"] == [each.error for each in pipeline.dead()]


def test_who_wants_everything():
    """
    A subscription without topics is for all of them, and one that concerns no project ends in nobody's dead letters.
    """
    everything = {**PEOPLE, "subscriptions": [{"who": "boss"}, {"who": "chen", "lifecycles": ["elsewhere"]}]}
    pipeline = pipeline_of(Directory.load(everything))
    pipeline.fire("P-1", "lose", actor=Actor("kim", roles={"director"}))
    assert [("boss", "lose")] == told(pipeline)

    other = {**PEOPLE, "subscriptions": [{"who": "chen", "topics": ["lose"], "lifecycles": ["elsewhere"]}]}
    pipeline = pipeline_of(Directory.load(other))
    pipeline.fire("P-1", "lose", actor=Actor("kim", roles={"director"}))

    assert ([], ()) == (told(pipeline), pipeline.dead())


def test_who_subscribes_is_in_the_directory():
    """
    A subscription of nobody is a fault of the directory, and so is one with a key that nothing has.
    """
    wrong = {**PEOPLE, "subscriptions": [{"who": "bos"}, {"topics": ["win"]}, {"who": "boss", "topic": "win"}]}
    with pytest.raises(DefinitionError) as caught:
        Directory.load(wrong)

    assert [
        ("subscriptions[0].who", "person.unknown"),
        ("subscriptions[1]", "key.missing"),
        ("subscriptions[2].topic", "key.unknown"),
    ] == [(each.path, each.code) for each in caught.value.report.faults]


@pytest.mark.requirement("B21", "C35", "D23", "D24")
def test_appraisals_rewards_and_coaching_are_told():
    """
    Whom an appraisal, a reward or a coaching concerns hears of it; what is acknowledged or only due is no news.
    """
    pipeline = pipeline_of()
    appraisal = Appraisal("a", "li.wei", [AppraisalCriterion("sales", 80)], by="kim", at=NOW)
    pipeline.add("P-1", appraisal, Reward("r", "li.wei"), CoachingAction("c", "li.wei", text="Practise", coach="zhao"))
    first = told(pipeline)
    pipeline.add("P-1", attrs.evolve(appraisal, acknowledged_at=NOW), actor=LI)
    pipeline.add("P-1", CoachingAction("c", "li.wei", text="Practise", coach="zhao", result="Better."))
    pipeline.add("P-1", Reward("r", "li.wei", given_on=date(2026, 3, 2)), appraisal)
    second = told(pipeline)
    pipeline.add("P-1", attrs.evolve(appraisal, criteria=[AppraisalCriterion("sales", 90)]))

    assert [("li.wei", "appraised"), ("li.wei", "coached"), ("zhao", "coached")] == first
    assert [("li.wei", "rewarded")] == second
    assert [("li.wei", "appraised")] == told(pipeline)


@pytest.mark.requirement("D29")
def test_another_department_is_asked():
    """
    Who is asked in another department hears of it, and who asked hears when that changes where it stands.
    """
    pipeline = pipeline_of()
    request = DepartmentRequest("d", "An engineer", department="Presales", by="li.wei", to=["wu"])
    pipeline.add("P-1", request)
    first = told(pipeline)
    pipeline.add("P-1", attrs.evolve(request, priority=1))
    pipeline.add("P-1", attrs.evolve(request, status="accepted", answer="From Monday"))

    assert [("wu", "department_asked")] == first
    assert [("li.wei", "department_answered")] == told(pipeline)
