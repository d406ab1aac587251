"""
Tasks that a stage brings with it: put into the dossier on entry, for a role, with a day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow import effects
from salesflow.dossier import Task
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Spawn, StageTask


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
LI = sf.Actor("li.wei")
STORES = {
    "memory": lambda _: MemoryStore(),
    "journal": lambda folder: JournalStore(folder / "sales"),
    "sqlite": lambda folder: SqliteStore(folder / "sales.db"),
}
PRICES = StageTask("prices", label={"en": "Price sheet", "zh": "报价表"}, role="presales", within="3bd")
CALL = StageTask("call", within="1d", mandatory=False)
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


def test_tasks_on_entry(pipeline):
    """
    Entering a stage puts its tasks there in the same fact: for a role, or for who owns the project then.
    """
    opened = tasks(pipeline)
    pipeline.fire("P-1", "offer")
    project = pipeline.get("P-1")

    assert {"lead.brief": Task("lead.brief", "Brief the team", owner="li.wei", stage="lead")} == opened
    assert {
        **opened,
        "bid.prices": Task("bid.prices", "Price sheet / 报价表", role="presales", due=date(2026, 3, 5), stage="bid"),
        "bid.call": Task("bid.call", "call", owner="zhang.san", due=date(2026, 3, 3), stage="bid", mandatory=False),
    } == tasks(pipeline)
    assert project == sf.replay(pipeline.history("P-1"))
    assert 2 == project.version


def test_entering_again(pipeline):
    """
    A later visit brings closed tasks again and leaves open ones; a hold, and what stays in the stage, bring none.
    """
    pipeline.fire("P-1", "offer")
    doing = attrs.evolve(tasks(pipeline)["bid.prices"], status="doing", owner="wang")
    done = attrs.evolve(tasks(pipeline)["bid.call"], status="done")
    pipeline.add("P-1", doing, done)
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


@pytest.mark.parametrize(
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
