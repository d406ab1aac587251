"""
Tasks that a stage brings with it: put into the dossier on entry, for a role, with a day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow import effects, guards
from salesflow.dossier import Task
from salesflow.insight import Portfolio
from salesflow.testing import project_in
from salesflow.typing import GuardUse, Spawn, StageTask

from .cases import over_cases
from .equipment import STORES


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
LI = sf.Actor("li.wei")
PRICES = StageTask("prices", label={"en": "Price sheet", "zh": "报价表"}, role="presales", within="3bd")
CALL = StageTask("call", within="1d")
BRIEF = StageTask("brief", label="Brief the team")


def definition(**parts):
    """A lead, a bid with two tasks, a hold, and a win that leads to a next project."""
    return sf.Definition(
        "bids",
        calendar="weekdays",
        fields=[sf.Field("owner")],
        stages=[
            sf.Stage("lead", "open", tasks=[BRIEF]),
            sf.Stage("bid", tasks=[PRICES, CALL]),
            sf.Stage("rest", "hold"),
            sf.Stage("won", "won"),
        ],
        transitions=[
            sf.Transition("offer", "lead", "bid", effects=[effects.set_field("owner", "zhang.san")]),
            sf.Transition("polish", "bid", "$same", kind="loop"),
            sf.Transition("redo", "bid", "bid", kind="loop"),
            sf.Transition("pause", "bid", "rest", kind="hold"),
            sf.Transition("resume", "rest", "$previous", kind="resume"),
            sf.Transition("win", "bid", "won"),
            sf.Transition("again", "won", kind="spawn", spawn=Spawn("bids", carry=("owner",))),
        ],
        **parts,
    )


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """
    An empty store of each kind.
    """
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def pipeline(store):
    """
    A pipeline with a project in the first stage.
    """
    made = sf.Pipeline(sf.build_lifecycle(definition()), store=store, actor=LI, clock=lambda: NOW)
    made.open("Metro", id="P-1", fields={"owner": "li.wei"})
    return made


def tasks(pipeline, project_id="P-1"):
    """The tasks of a project by id."""
    return {each.id: each for each in pipeline.get(project_id).all(Task)}


@pytest.mark.requirement("A05", "A22", "E03")
def test_tasks_on_entry(pipeline):
    """
    Entering a stage puts its tasks there in the same fact: for a role, or for who owns the project then.
    """
    opened = tasks(pipeline)
    pipeline.fire("P-1", "offer")
    project = pipeline.get("P-1")
    bid = Task("bid.prices", "Price sheet / 报价表", stage="bid", mandatory=False)

    assert {"lead.brief": Task("lead.brief", "Brief the team", owner="li.wei", stage="lead", mandatory=False)} == opened
    assert {
        **opened,
        "bid.prices": attrs.evolve(bid, role="presales", due=date(2026, 3, 5)),
        "bid.call": attrs.evolve(bid, id="bid.call", title="call", owner="zhang.san", due=date(2026, 3, 3)),
    } == tasks(pipeline)
    assert project == sf.replay(pipeline.history("P-1"))
    assert 2 == project.version


def test_entering_again(pipeline):
    """
    A later visit brings closed tasks again and leaves open ones; a hold, and what stays in the stage, bring none.
    """
    pipeline.fire("P-1", "offer")
    doing = pipeline.move_entry("P-1", "task", "bid.prices", "start_task", data={"owner": "wang"}).entry
    done = pipeline.move_entry("P-1", "task", "bid.call", "finish_task").entry
    for trigger in ("polish", "pause", "resume"):
        pipeline.fire("P-1", trigger)
    before = tasks(pipeline)
    pipeline.fire("P-1", "redo", at=NOW + timedelta(days=1), ahead=True)
    after = tasks(pipeline)

    assert (doing, done) == (before["bid.prices"], before["bid.call"])
    assert doing == after["bid.prices"]
    assert ("todo", date(2026, 3, 4)) == (after["bid.call"].status, after["bid.call"].due)


def test_a_spawned_project(pipeline):
    """
    The project that a move opens has the tasks of its first stage; a task that is handed in at opening is kept.
    """
    pipeline.fire("P-1", "offer")
    pipeline.fire("P-1", "win")
    child = pipeline.fire("P-1", "again").spawned.id
    own = Task("lead.brief", "Own")
    pipeline.open("Own", id="P-2", entries=[own])

    assert "zhang.san" == tasks(pipeline, child)["lead.brief"].owner
    assert {"lead.brief": own} == tasks(pipeline, "P-2")


def test_midnight():
    """
    What is due at midnight is due on the day that ends.
    """
    midnight = NOW.replace(hour=0)
    pipeline = sf.Pipeline(sf.build_lifecycle(definition()), actor=LI, clock=lambda: midnight)
    pipeline.open("Metro", id="P-1")
    pipeline.fire("P-1", "offer")

    assert [date(2026, 3, 4), date(2026, 3, 2)] == [tasks(pipeline)[name].due for name in ("bid.prices", "bid.call")]


def test_whom_they_wait_for(pipeline):
    """
    A task waits for its owner and helpers, or for its role while nobody owns it.
    """
    pipeline.fire("P-1", "offer")
    helped = attrs.evolve(tasks(pipeline)["bid.call"], helpers=["wang"])
    pipeline.add("P-1", helped)

    def waits(**who):
        return [each.task.id for each in pipeline.waiting_for(**who) if each.task]

    assert ["bid.prices"] == waits(role="presales") == waits(actor=sf.Actor("chen", roles=["presales"]))
    assert ["bid.call"] == waits(actor=sf.Actor("wang")) == waits(actor=sf.Actor("zhang.san"))
    assert ([], ["lead.brief"]) == (waits(role="boss"), waits(actor=LI))


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_written_reads_back(form):
    """
    Tasks are the same after they were written and read; they decide, and their labels do not.
    """
    written = definition()
    text = sf.dump_definition(written, format=form)
    other = text.replace("Price sheet", "Prices")
    fewer = text.replace("presales", "sales")
    first, same, different = (sf.load_lifecycle(text=each).digest for each in (text, other, fewer))

    assert written == sf.load_definition(text=text)
    assert (first == same, first == different) == (True, False)


@over_cases(
    ("written", "expected"),
    [
        ([{"id": "Call me"}], [("[0].id", "id.malformed")]),
        ([{"id": "a"}, {"id": "a"}], [("[1].id", "id.duplicate")]),
        ([{"id": "a", "within": "0d"}], [("[0].within", "deadline.after")]),
        ([{"id": "a", "within": "1bd"}], [("[0].within", "deadline.calendar")]),
        ([{"id": "a", "within": "soon"}], [("[0].within", "duration.malformed")]),
        ([{"id": "a", "rolle": "x"}], [("[0].rolle", "key.unknown")]),
    ],
)
def test_what_is_no_task(written, expected):
    """
    Ids are names and unique in the stage, and a time can be counted.
    """
    data = {
        "id": "x",
        "stages": [{"id": "a", "tasks": written}, {"id": "b", "kind": "won"}],
        "transitions": [{"id": "go", "source": "a", "target": "b"}],
    }
    found = [(each.path.removeprefix("stages[0].tasks"), each.code) for each in sf.check_definition(data).faults]

    assert expected == found


def gated(*guards, **parts):
    """A pipeline in a bid whose price sheet is mandatory, with guards of the move that wins it."""
    whole = definition(**parts)
    must = attrs.evolve(PRICES, mandatory=True)
    stages = [attrs.evolve(each, tasks=[must, CALL]) if each.id == "bid" else each for each in whole.stages]
    moves = [
        attrs.evolve(each, guards=guards) if each.id == "win" else each
        for each in (*whole.transitions, sf.Transition("give_up", "bid", "lead", kind="exit"))
    ]
    lifecycle = sf.build_lifecycle(attrs.evolve(whole, stages=stages, transitions=moves))
    made = sf.Pipeline(lifecycle, actor=LI, clock=lambda: NOW)
    made.open("Metro", id="P-1", fields={"owner": "li.wei"})
    made.fire("P-1", "offer")
    return made


def asked(pipeline, trigger="win"):
    """What the decision of a move says, and what would cure it."""
    decision = pipeline.decide("P-1", trigger)
    return [each.message() for each in decision.blocking], [dict(each.params) for each in decision.missing]


@pytest.mark.requirement("A22", "E03")
def test_a_mandatory_task_is_done_before_the_stage_is_left():
    """
    A forward move out of the stage names each mandatory task that is not done, whose it is, and what cures it.
    """
    made = gated()
    title = "Price sheet / 报价表"
    cure = {"id": "bid.prices", "title": title, "role": "presales", "status": "done"}

    assert (["Task bid.prices (Price sheet) of bid is not done yet; it is for presales."], [cure]) == asked(made)
    (verdict,) = made.decide("P-1", "win").blocking
    assert "阶段 bid 的任务 bid.prices（报价表）尚未完成，由 售前 负责。" == verdict.message("zh")
    assert ("tasks_done", "task.open") == (verdict.spec.use_id, verdict.code)
    assert [True] * 4 == [made.decide("P-1", name).accepted for name in ("polish", "redo", "pause", "give_up")]

    made.move_entry("P-1", "task", "bid.prices", "drop_task", data={"owner": "wang", "note": "Nobody asks."})
    assert "it is for wang." in asked(made)[0][0]
    made.move_entry("P-1", "task", "bid.prices", "reopen_task")
    made.move_entry("P-1", "task", "bid.prices", "finish_task")
    made.fire("P-1", "win")
    assert "won" == made.get("P-1").stage


def test_titles_of_tasks_have_their_labels():
    """
    A portfolio knows the label of each task that a stage brings by the title that it has in a dossier.
    """
    titles = Portfolio.of(gated()).columns.titles()

    assert ["Brief the team", "Price sheet / 报价表", "call"] == sorted(titles)
    assert PRICES.label == titles["Price sheet / 报价表"]


def test_a_mandatory_task_cannot_be_taken_out():
    """
    A task that is not in the dossier any more is asked for.
    """
    made = gated()
    made.remove("P-1", "task", "bid.prices")

    assert (
        ["Task bid.prices of bid is not in the dossier; it has to be there, and done."],
        [{"id": "bid.prices", "stage": "bid", "status": "done"}],
    ) == asked(made)
    assert "项目档案中没有阶段 bid 的任务 bid.prices" in made.decide("P-1", "win").blocking[0].message("zh")


def test_a_move_with_a_use_of_its_own():
    """
    What a transition says of mandatory tasks itself is all it asks, also within a combinator or a rule.
    """
    warned = gated(guards.tasks_done(mandatory_only=True).but(severity="warn"))
    either = gated(guards.any_of(guards.tasks_done(mandatory_only=True), guards.reason_given("owner")))

    assert [["task.open"], []] == [
        [each.code for each in getattr(warned.decide("P-1", "win"), kind)] for kind in ("warnings", "blocking")
    ]
    rules = {"free": [guards.reason_given("owner")], "outer": [GuardUse("rules", {"name": "inner"})]}
    rules["inner"] = [guards.tasks_done({"lead": ["brief"]})]
    assert gated(GuardUse("rules", {"name": "outer"}), rules=rules).decide("P-1", "win").accepted
    assert either.decide("P-1", "win", reason="They have prices already").accepted


def test_from_anywhere_each_stage_asks_for_its_own():
    """
    A move out of several stages asks for the tasks of the stage that it leaves, and one that stays for none.
    """
    must = attrs.evolve(BRIEF, mandatory=True)
    whole = sf.Definition(
        "deal",
        stages=[sf.Stage("lead", "open", tasks=[must]), sf.Stage("bid", tasks=[CALL]), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("go", "*", "bid"),
            sf.Transition("win", "*", "won"),
            sf.Transition("note", "lead", "$same"),
        ],
    )
    made = sf.Pipeline(sf.build_lifecycle(whole), actor=LI, clock=lambda: NOW)
    made.open("Metro", id="P-1", fields={})
    uses = [each.guards for each in made.lifecycle.definition.transitions]

    assert [["lead.brief"]] * 2 == [[each["id"] for each in asked(made, name)[1]] for name in ("go", "win")]
    assert made.decide("P-1", "note").accepted
    made.move_entry("P-1", "task", "lead.brief", "finish_task")
    made.fire("P-1", "go")
    assert made.decide("P-1", "win").accepted
    assert [(), (), ()] == uses  # as they are written


def test_mandatory_tasks_decide():
    """
    Whether a task is mandatory is part of what decides; the testing kit does what the gate asks for.
    """
    made = gated()

    assert made.lifecycle.digest != sf.build_lifecycle(definition()).digest
    assert "won" == project_in("won", made.lifecycle).stage
