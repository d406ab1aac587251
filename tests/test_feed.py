"""
The readable feed: what happened, one line for each fact, in two languages.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle
from salesflow.dossier import Risk, Task
from salesflow.errors import InputError, UnknownProjectError
from salesflow.typing import Label


NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LI, KIM = Actor("li.wei"), Actor("kim")


def lifecycle_of(name="deal"):
    """A lifecycle with labels in both languages, in Shanghai."""
    return build_lifecycle(
        Definition(
            name,
            fields=[Field("amount", "integer", label=Label("Amount", "金额"))],
            stages=[
                Stage("talk", "open", label=Label("Talking", "洽谈")),
                Stage("won", "won", label=Label("Won", "赢单")),
            ],
            transitions=[Transition("win", "talk", "won", label=Label("Sign", "签约"))],
            time_zone="Asia/Shanghai",
        )
    )


@pytest.fixture
def pipeline():
    """
    Two projects with a short past.
    """
    made = Pipeline(lifecycle_of(), actor=LI, clock=lambda: NOW)
    made.open("Metro", id="P-1")
    made.open("Tram", id="P-2", actor=KIM)
    made.add("P-1", Task("t-1"), Task("t-2"), Risk("r-1"))
    made.update("P-1", {"amount": 5})
    made.remove("P-1", "task", "t-1")
    made.fire("P-1", "win")
    return made


@pytest.mark.requirement("D54")
def test_every_fact_has_a_line(pipeline):
    """
    Each fact says when, who, in which project and what, with labels, and times in the lifecycle's zone.
    """
    assert [
        "2026-03-02 09:00 Asia/Shanghai li.wei: Metro (P-1): opened in Talking",
        "2026-03-02 09:00 Asia/Shanghai kim: Tram (P-2): opened in Talking",
        "2026-03-02 09:00 Asia/Shanghai li.wei: Metro (P-1): recorded task × 2, risk",
        "2026-03-02 09:00 Asia/Shanghai li.wei: Metro (P-1): recorded Amount",
        "2026-03-02 09:00 Asia/Shanghai li.wei: Metro (P-1): removed task",
        "2026-03-02 09:00 Asia/Shanghai li.wei: Metro (P-1): Sign: Talking → Won",
    ] == list(map(str, pipeline.feed().lines))
    assert [
        "创建，进入洽谈",
        "创建，进入洽谈",
        "记录 任务 × 2、风险",
        "记录 金额",
        "移除 任务",
        "签约：洽谈 → 赢单",
    ] == [each.text for each in pipeline.feed("zh-CN").lines]


@pytest.mark.parametrize("project_id", [None, "P-1"])
def test_page_by_page(pipeline, project_id):
    """
    The cursor of an answer leads on, to the end and to what is written later.
    """
    whole = pipeline.feed(project_id=project_id).lines
    pages, after = [], ""
    while (page := pipeline.feed(project_id=project_id, after=after, limit=2)).lines:
        pages.append(page.lines)
        after = page.cursor
    pipeline.approve("P-1", "deal")
    later = pipeline.feed(project_id=project_id, after=after).lines

    assert whole == sum(pages, ())
    assert {2, 1} >= {len(page) for page in pages}
    assert ["recorded approval"] == [each.text for each in later]


def test_lifecycles_that_were_not_given(pipeline):
    """
    A pipeline names the parts of other lifecycles as the definitions say that the store keeps.
    """
    other = Pipeline(lifecycle_of("other"), store=pipeline.store, actor=KIM, clock=lambda: NOW)
    other.open("Bus", id="P-3")

    assert pipeline.feed("zh").lines == other.feed("zh").lines


def test_a_store_without_definitions(pipeline):
    """
    Where nobody keeps definitions, parts of unknown lifecycles go by their ids, and times are in UTC.
    """
    store = Bare(pipeline.store)
    lines = Pipeline(lifecycle_of("other"), store=store, actor=KIM).feed().lines

    assert "2026-03-02 01:00 UTC li.wei: Metro (P-1): win: talk → won" == str(lines[-1])


class Bare:
    """A store that keeps no definitions."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        if name in {"definitions", "keep_definition"}:
            raise AttributeError(name)
        return getattr(self._store, name)


def test_an_unknown_project(pipeline):
    """
    A project that the store does not have is an error, and so is a cursor that no answer for a project had.
    """
    with pytest.raises(UnknownProjectError):
        pipeline.feed(project_id="P-3")
    with pytest.raises(InputError, match="after"):
        pipeline.feed(project_id="P-1", after="x")
    with pytest.raises(InputError, match="limit"):
        pipeline.feed(project_id="P-1", limit=0)
