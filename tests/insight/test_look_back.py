"""The form of a retrospective, filled from the facts, and the report of a project."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from salesflow import Actor, Money, Pipeline, build_lifecycle, errors
from salesflow.dossier import (
    GateDecision,
    Goal,
    KpiTarget,
    Lesson,
    Member,
    Milestone,
    Retrospective,
    Review,
    SuccessCriterion,
    Task,
)
from salesflow.insight import LookBackForm, Portfolio, look_back, project_report
from salesflow.stores import MemoryStore

from ..cases import over_cases
from ..equipment import Clock


LIFECYCLE = build_lifecycle(
    text="""
id = "deal"
version = "1"
label = { en = "Deal", zh = "商机" }
outcomes = ["undecided", { id = "won", class = "won", label = { en = "Won", zh = "赢单" } }, "lost"]
[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "customer"
[[stages]]
id = "plan"
label = { en = "Plan", zh = "计划" }
deadlines = [{ id = "stale", after = "2d" }]
[[stages]]
id = "work"
label = { en = "Work", zh = "执行" }
[[stages]]
id = "end"
label = { en = "Done", zh = "完成" }
[[stages]]
id = "kept"
kind = "closed"
[[transitions]]
id = "go"
label = { en = "Go", zh = "启动" }
source = "plan"
target = "work"
guards = [
  { use = "fields_present", id = "customer", fields = ["customer"] },
  { use = "fields_present", id = "amount", fields = ["amount"], override = true },
]
[[transitions]]
id = "again"
label = { en = "Plan again", zh = "重新计划" }
source = "work"
target = "plan"
kind = "loop"
[[transitions]]
id = "win"
source = "work"
target = "end"
outcome = "won"
[[transitions]]
id = "keep"
source = "end"
target = "kept"
[[cadences]]
id = "weekly_report"
"""
)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def pipeline() -> Pipeline:
    """A deal with all that a look back may find."""
    clock = Clock(START)
    pipeline = Pipeline(LIFECYCLE, store=MemoryStore(), clock=clock, actor=Actor("ann"))
    pipeline.open(
        "Campus | new",
        id="p",
        entries=[
            Member("ann", roles=["lead"], department="Sales"),
            Goal("g", "csat", target=4, actual=5, unit="points", owner="ann"),
            KpiTarget("k", "win_rate", target="0.5"),
            KpiTarget("o", "own_figure", target=3),
            SuccessCriterion("s", "On time", met=False),
            Task("t", "Price sheet", owner="bo", due=date(2026, 3, 5)),
            Task("u", "Dropped", due=date(2026, 3, 5)),
            Task("v", "In time", due=date(2026, 3, 5), done_on=date(2026, 3, 5)),
            Milestone("m", "Demo", due=date(2026, 3, 20), planned=date(2026, 3, 6), met_on=date(2026, 3, 20)),
        ],
    )
    pipeline.move_entry("p", "task", "u", "drop_task", data={"note": "Not needed."})
    pipeline.open("Other", id="q", entries=[Goal("g", "csat")])
    for _ in range(2):
        with pytest.raises(errors.TransitionRefusedError):
            pipeline.fire("p", "go")
    with pytest.raises(errors.TransitionRefusedError):
        pipeline.fire("p", "win")
    clock.now += 3 * DAY
    pipeline.tick()
    pipeline.approve("p", "price", actor=Actor("bo", roles=["director"]), comment="Good.")
    pipeline.decline("p", "discount", actor=Actor("bo", roles=["director"]))
    pipeline.update("p", {"customer": "North"})
    pipeline.fire("p", "go", overrides={"amount": "The customer waits."})
    clock.now += 10 * DAY
    pipeline.tick()
    pipeline.add("p", Review("r", decision="Set it up anew", held_at=clock.now), Review("q", held_at=clock.now))
    pipeline.add("p", GateDecision("g", "ATB", verdict="recycle", note="No margin."))
    pipeline.fire("p", "again", reason="The need changed.")
    pipeline.fire("p", "go", data={"amount": Money("10", "CNY")})
    pipeline.fire("p", "win")
    return pipeline


EXPECTED = """
Campus | new – Won
Goals
- Customer satisfaction – 5 of 4 · met
- Win rate – 1 of 0.5 · met
- own figure – – of 3 · not known
- On time – not met
Late
- Price sheet – due 2026-03-05 · by bo
- Demo – due 2026-03-06
- Plan: stale – 2026-03-04
Not held
- Weekly report × 2
Refused
- Go: fields filled in: customer × 2 – by ann · 2026-03-02
- Go: fields filled in: amount × 2 – by ann · 2026-03-02
- win – not open from that stage · by ann · 2026-03-02
Overridden
- Go: fields filled in: amount – The customer waits. · by ann · 2026-03-05
Gone through again
- Plan again
Decisions
- price approved – Good. · by bo · 2026-03-05
- discount declined – by bo · 2026-03-05
- Plan again – The need changed. · by ann · 2026-03-15
- Set it up anew – by ann · 2026-03-15
- ATB: recycle – No margin. · by ann · 2026-03-15
""".strip()


@pytest.mark.requirement("D25")
def test_the_form_has_what_the_facts_say(pipeline: Pipeline):
    """What was reached, late, not held, refused, overridden, repeated and decided stands in it, in both languages."""
    form = look_back(pipeline, "p")

    assert EXPECTED == form.text()
    assert "返工\n- 重新计划" in form.text("zh")
    assert "- 启动：字段填写：amount – The customer waits. · ann · 2026-03-05" in form.text("zh")


def test_a_number_is_the_target_of_an_amount():
    """
    A plain number that was promised of an amount is shown in the currency of what was sold.
    """
    pipeline = Pipeline(LIFECYCLE, store=MemoryStore(), actor=Actor("ann"))
    fields = {"amount": Money(500, "EUR"), "customer": "North"}
    pipeline.open("Campus", id="p", fields=fields, entries=[KpiTarget("k", "sales_amount", target=400)])
    pipeline.fire("p", "go")
    pipeline.fire("p", "win")

    assert "Goals\n- Sales amount – 500 EUR of 400 EUR · met\n" in look_back(pipeline, "p").text()


def test_a_project_of_which_there_is_nothing_to_say():
    """A project that was just opened has a form that says so, and a report without empty parts."""
    pipeline = Pipeline(LIFECYCLE, clock=Clock(START), actor=Actor("ann"))
    pipeline.open("New", id="p")
    form = look_back(pipeline, "p", portfolio=Portfolio.of(pipeline))

    assert () == form.items
    assert 7 == form.text().count("nothing on record")
    assert ["## Course"] == [line for line in project_report(pipeline, "p").text.splitlines() if line.startswith("##")]
    with pytest.raises(errors.UnknownProjectError):
        look_back(pipeline, "nobody")


@pytest.mark.requirement("D25", "D43")
def test_people_complete_the_form(pipeline: Pipeline):
    """What people write, who they are and whose view it is make a retrospective; the facts are a section of it."""
    form = look_back(pipeline, "p")
    look = form.complete({"successes": "Early demo."}, participants=["ann", "bo"], source="expert", id="expert")
    pipeline.add("p", look)

    assert look == pipeline.get("p").all(Retrospective)[0]
    assert ("expert", ("ann", "bo"), "Early demo.", EXPECTED) == (
        look.source,
        look.participants,
        look.sections["successes"],
        look.sections["facts"],
    )


@over_cases(("sections", "participants"), [({}, ["ann"]), ({"successes": "Yes."}, []), ({"successes": " "}, ["ann"])])
def test_a_form_that_nobody_filled_in_is_no_retrospective(sections: dict[str, str], participants: list[str]):
    """Without a text, and without people, it is refused."""
    form = LookBackForm("p", "P", LIFECYCLE.definition.label, ())

    with pytest.raises(errors.InputError, match="who took part"):
        form.complete(sections, participants=participants)


REPORT = r"""
# Campus \| new

- Deal: Done
- Outcome: Won
- Opened: 2026-03-02 09:00 UTC
- Closed: 2026-03-15 09:00 UTC

## Goals

- Customer satisfaction – 5 of 4 · met
- Win rate – 1 of 0.5 · met
- own figure – – of 3 · not known
- On time – not met

## Course

| Stage | From | To |
| --- | --- | --- |
| Plan | 2026-03-02 09:00 UTC | 2026-03-05 09:00 UTC |
| Work | 2026-03-05 09:00 UTC | 2026-03-15 09:00 UTC |
| Plan | 2026-03-15 09:00 UTC | 2026-03-15 09:00 UTC |
| Work | 2026-03-15 09:00 UTC | 2026-03-15 09:00 UTC |
| Done | 2026-03-15 09:00 UTC |  |

## What the facts say

**Late**
""".lstrip()


@pytest.mark.requirement("C24")
def test_the_report_of_a_project(pipeline: Pipeline):
    """It has goals, course, facts, decisions, team, retrospectives and lessons, and an artefact with its digest."""
    form = look_back(pipeline, "p")
    written = {"successes": "Early demo.\n# no head", "own words": "So it was."}
    pipeline.add("p", form.complete(written, participants=["ann"]), Retrospective("self", source="self"))
    pipeline.add("p", Lesson("l", "Offer early."))
    report = project_report(pipeline, "p", uri="reports/p.md")

    assert REPORT == report.text[: len(REPORT)]
    assert (
        "## Retrospective (of the team)\n\nann\n\n### What went well\n\nEarly demo.\n\\# no head\n\n### own words"
        in report.text
    )
    assert report.text.endswith("## Retrospective (of the owner)\n\n## Lessons\n\n- Offer early.\n")
    assert (f"sha256:{sha256(report.text.encode()).hexdigest()}", "project_report", "reports/p.md") == (
        report.artefact.digest,
        report.artefact.type,
        report.artefact.uri,
    )
    heads = [line for line in project_report(pipeline, "p", "zh").text.splitlines() if line.startswith("## ")]
    assert [
        "目标",
        "项目过程",
        "过程记录",
        "决策记录",
        "项目团队",
        "复盘（团队讨论）",
        "复盘（自我反思）",
        "经验教训",
    ] == [head[3:] for head in heads]
