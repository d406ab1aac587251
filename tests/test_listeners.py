"""
Listeners: in version order, without a lock, and not without end.
"""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, hookimpl
from salesflow.errors import ListenerChainError, StoreBusyError
from salesflow.stores import JournalStore, MemoryStore

from .work_factory import NOW


KIM = Actor("kim")


def build(name="path", plugins=()):
    """A lifecycle with a loop between two stages."""
    return build_lifecycle(
        Definition(
            name,
            fields=[Field("owner"), Field("count", "integer")],
            stages=[Stage("a", "open"), Stage("b"), Stage("won", "won")],
            transitions=[
                Transition("go", "a", "b"),
                Transition("back", "b", "a", kind="loop"),
                Transition("win", "b", "won"),
            ],
        ),
        plugins=list(plugins),
    )


def make_pipeline(*listeners, store=None, lifecycle=None):
    """A pipeline on a clock that stands."""
    return Pipeline(lifecycle or build(), store=store, actor=KIM, clock=lambda: NOW, listeners=listeners)


def run(*targets):
    """Run functions at the same time, and wait for all of them."""
    threads = [threading.Thread(target=target, daemon=True) for target in targets]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)


def test_a_listener_that_fires():
    """
    What a listener writes is heard after what it was called for, by every listener; its own call says so.
    """
    heard, answers = [], []

    def onward(facts, project):
        if project.stage == "b":
            answers.append(pipeline.fire(project.id, "win"))

    pipeline = make_pipeline(onward, lambda facts, project: heard.append((facts[0].version, project.stage)))
    pipeline.open("One", id="one")
    outer = pipeline.fire("one", "go")

    assert [(1, "a"), (2, "b"), (3, "won")] == heard
    assert (True, [False]) == (outer.told, [each.told for each in answers])


def test_another_project_is_heard_at_once():
    """
    What a listener writes of another project is heard before its call returns.
    """
    heard = []

    def follow(facts, project):
        if project.id == "one":
            heard.append(pipeline.update("two", {"count": 1}).told)

    pipeline = make_pipeline(follow, lambda facts, project: heard.append(project.id))
    make_pipeline(store=pipeline.store).open("Two", id="two")
    pipeline.open("One", id="one")

    assert ["two", True, "one"] == heard


def test_failures_come_with_the_outer_call():
    """
    A listener that fails for a queued fact is reported by the call that calls it, with project and version.
    """

    def onward(facts, project):
        if project.stage == "b":
            assert () == pipeline.fire(project.id, "win").listener_failures

    def broken(facts, project):
        if project.stage == "won":
            raise RuntimeError("no route")

    pipeline = make_pipeline(onward, broken)
    pipeline.open("One", id="one")
    (failure,) = pipeline.fire("one", "go").listener_failures

    assert ("broken", "no route", "one", 3) == (
        failure.plugin,
        str(failure.error),
        failure.project_id,
        failure.version,
    )


@pytest.mark.threads
def test_versions_in_order_over_threads():
    """
    Threads that write one project never let its listeners hear a later version first, or two at a time.
    """
    heard, running = [], Counter()

    def hear(facts, project):
        running["now"] += 1
        heard.append((facts[0].version, running["now"]))
        running["now"] -= 1

    pipeline = make_pipeline(hear)
    pipeline.open("One", id="one")
    run(*[lambda: [pipeline.update("one", {"count": number}) for number in range(25)] for _ in range(4)])

    assert [(version, 1) for version in range(1, 102)] == heard


class SlowAnswer(MemoryStore):
    """Stores the update of a count, and lets others write before it answers."""

    between = None

    def commit(self, commit):
        committed = super().commit(commit)
        changes = [change for each in commit.appends for change in each.fact.body.changes]
        if self.between is not None and any(getattr(change, "field", "") == "count" for change in changes):
            between, self.between = self.between, None
            between()
        return committed


def test_a_later_version_waits_for_an_earlier_one():
    """
    A fact that is committed before the call of an earlier fact has returned is left to that call.
    """
    heard, answers, store = [], [], SlowAnswer()
    pipeline = make_pipeline(lambda facts, project: heard.append(facts[0].version), store=store)
    pipeline.open("One", id="one")
    store.between = lambda: answers.append(pipeline.update("one", {"owner": "kim"}).told)
    outer = pipeline.update("one", {"count": 1})

    assert ([1, 2, 3], [False], True) == (heard, answers, outer.told)


@pytest.mark.parametrize("ends", ["fails", "is repeated"])
def test_a_write_that_comes_to_nothing_holds_nobody_up(caplog, ends):
    """
    What waited for a commit that stored nothing is heard when that ends; a failure then goes to the log.
    """
    heard, answers = [], []

    class Failing(MemoryStore):
        armed = False

        def commit(self, commit):
            if self.armed and commit.appends:
                self.armed = False
                answers.append(pipeline.update("one", {"owner": "kim"}, key="k").told)
                answers.append(pipeline.update("one", {"owner": "robin"}).told)
                if ends == "fails":
                    raise StoreBusyError("busy")
            return super().commit(commit)

    def hear(facts, project):
        heard.append(facts[0].version)
        raise RuntimeError("no route")

    pipeline = make_pipeline(hear, store=Failing())
    pipeline.open("One", id="one")
    pipeline.store.armed = True
    if ends == "fails":
        with pytest.raises(StoreBusyError):
            pipeline.update("one", {"count": 1})
    else:
        assert pipeline.update("one", {"owner": "kim"}, key="k").replayed

    assert ([1, 2, 3], [True, False]) == (heard, answers)
    assert "listener hear failed at project 'one', version 3" in caplog.text


class Contested(MemoryStore):
    """The next writes lose a race, each against an update by somebody else."""

    rivals = 0

    def commit(self, commit):
        if self.rivals and commit.appends and commit.appends[0].fact.actor == KIM:
            self.rivals -= 1
            Pipeline(build(), store=self, actor=Actor("other"), clock=lambda: NOW).update("one", {"count": 9})
        return super().commit(commit)


@pytest.mark.threads
def test_no_lock_is_held():
    """
    A listener may wait for another thread that writes through the same pipeline, also after both lost a race.
    """
    ended = []

    def wait(facts, project):
        if not ended:
            ended.append("begun")
            pipeline.store.rivals = 1
            other = threading.Thread(target=lambda: pipeline.update("one", {"owner": "robin"}), daemon=True)
            other.start()
            other.join(30)
            ended.append(other.is_alive())

    pipeline = make_pipeline(wait, store=Contested())
    make_pipeline(store=pipeline.store).open("One", id="one")
    pipeline.store.rivals = 1
    pipeline.update("one", {"count": 1})

    assert ["begun", False] == ended


def test_writes_without_end():
    """
    Two listeners that move a project back and forth are stopped, with an error that names one; the rest stands.
    """

    def onward(facts, project):
        pipeline.fire(project.id, "go" if project.stage == "a" else "back")

    pipeline = make_pipeline(onward)
    make_pipeline(store=pipeline.store).open("One", id="one")
    (failure,) = pipeline.fire("one", "go").listener_failures

    assert isinstance(failure.error, ListenerChainError)
    assert ("onward", "one", 100) == (failure.error.listener, failure.error.project_id, failure.error.depth)
    assert 1 + 100 == pipeline.get("one").version


def test_openings_without_end(caplog):
    """
    A listener that opens a project for every project is stopped as well, before the stack ends.
    """

    def multiply(facts, project):
        pipeline.open("More", id=f"{int(project.id) + 1}")

    pipeline = make_pipeline(multiply)
    pipeline.open("One", id="1")

    assert 100 == len(pipeline.find(limit=500))
    assert "ListenerChainError" in caplog.text


def test_writes_without_end_in_a_batch(tmp_path):
    """
    The same is found where listeners are called at the end of a batch.
    """
    with JournalStore(tmp_path / "sales") as store:

        def onward(facts, project):
            pipeline.fire(project.id, "go" if project.stage == "a" else "back")

        pipeline = make_pipeline(onward, store=store)
        make_pipeline(store=store).open("One", id="one")
        with pipeline.batch():
            told = pipeline.fire("one", "go").told

        assert (False, 1 + 100) == (told, pipeline.get("one").version)


def test_an_interrupt_of_a_listener():
    """
    An interrupt leaves the call; the next fact is heard as ever.
    """
    heard = []

    def hear(facts, project):
        heard.append(facts[0].version)
        if facts[0].version == 1:
            raise KeyboardInterrupt

    pipeline = make_pipeline(hear)
    with pytest.raises(KeyboardInterrupt):
        pipeline.open("One", id="one")
    pipeline.fire("one", "go")

    assert [1, 2] == heard


@pytest.mark.requirement("A05")
def test_a_coroutine_is_a_failure():
    """
    A function that looks plain and returns a coroutine is a listener that failed: nobody would await it.
    """

    async def tell() -> None:
        """Never runs."""

    pipeline = make_pipeline(lambda _facts, _project: tell())
    pipeline.open("Deal", id="P-1")
    (failure,) = pipeline.fire("P-1", "go").listener_failures

    assert "would not be awaited; pass a plain function" in str(failure.error)


def test_plugins_of_another_lifecycle():
    """
    A plugin hears of projects whose lifecycle was built with it, once, and of no others.
    """
    heard = []

    class Chat:
        def __init__(self, name):
            self.name = name

        @hookimpl
        def salesflow_committed(self, project):
            heard.append((self.name, project.id))

    both = Chat("both")
    first, second = build("first", [Chat("one"), both]), build("second", [Chat("two"), both])
    pipeline = make_pipeline(lifecycle=[first, second])
    pipeline.open("A", id="a", lifecycle=first)
    pipeline.open("B", id="b", lifecycle=second)

    assert [("one", "a"), ("both", "a"), ("two", "b"), ("both", "b")] == heard
