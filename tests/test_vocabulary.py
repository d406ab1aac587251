"""
The words of the library have names for people, in both languages, and messages use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest

from salesflow import (
    Actor,
    Definition,
    Field,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    dossier,
    guards,
    hookimpl,
    load_definition,
    risks,
    scores,
)
from salesflow.dossier import name_of
from salesflow.errors import TransitionRefusedError
from salesflow.insight import look_back
from salesflow.templates import BUILT_IN
from salesflow.typing import Deadline, GuardUse, Label


NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
PARTS = (
    dossier.AppraisalCriterion,
    dossier.ChecklistItem,
    dossier.GateCondition,
    dossier.KpiValue,
    dossier.ScoreItem,
)
"""The classes whose values are parts of entries."""


def choices(hint: Any) -> Iterator[str]:
    """
    Yield the choices that a type hint offers, but for the blank one.
    """
    if get_origin(hint) is Literal:
        yield from (each for each in get_args(hint) if isinstance(each, str) and each)
    for part in get_args(hint):
        yield from choices(part)


def uses(several: Iterable[GuardUse]) -> Iterator[GuardUse]:
    """
    Yield uses of guards, with those that a combinator joins.
    """
    for use in several:
        yield use
        yield from uses(use.guards)


def words() -> Iterator[tuple[str, str]]:
    """
    Yield every word that has to have a name, with its sort.
    """
    for kind in (*dossier.BUILT_IN, *PARTS):
        if hasattr(kind, "kind"):
            yield "entry", kind.kind
        hints = get_type_hints(kind)
        for each in attrs.fields(kind):
            yield "attribute", each.name
            yield from (("choice", choice) for choice in choices(hints[each.name]))
    for template in BUILT_IN:
        definition = load_definition(template)
        for use in uses(each for transition in definition.transitions for each in transition.guards):
            yield from (("role", each) for each in use.params.get("roles", ()))
            if use.use == "approval":
                yield "approval", use.params["name"]
            if use.use == "strategy_complete":
                yield from (("part", each) for each in use.params["parts"])
        for stage in definition.stages:
            yield from (("artefact", each) for each in (*stage.produces, *stage.requires))
            yield from (("deadline", each.id) for each in stage.deadlines)
    yield from (("guard", each.name) for each in guards.BUILT_IN)
    yield from (("advice", each.name) for each in (*scores.BUILT_IN, *risks.BUILT_IN))


def test_every_word_has_a_name():
    """Kinds, attributes, choices, types of artefacts, deadlines and guards have labels in English and Chinese."""
    assert [] == sorted({word for word in words() if name_of(*word).missing()})


@pytest.mark.parametrize("sort", ["mood", "x" * 300, "../../errors/messages/input", "a\0b"])
def test_words_of_a_sort_that_is_not_known(sort):
    """Whatever the sort is called, its words are taken as they are."""
    assert Label("is_fine") == name_of(sort, "is_fine")


PLUGIN = Definition(
    "deal",
    fields=[Field("lost_reason", "choice", choices=["price", "other"]), Field("stage_of_life", "text")],
    stages=[
        Stage("talk", "open", produces=["offer_letter"], deadlines=[Deadline("too_late", "2d")]),
        Stage("won", "won", label=Label("Won", "赢单")),
    ],
    transitions=[
        Transition(
            "win",
            "talk",
            "won",
            guards=[
                guards.artefact_exists("offer_letter"),
                guards.strategy_complete("channels"),
                guards.any_of(
                    guards.field_compare("lost_reason", "eq", "other"), guards.actor_has_role("sales_director")
                ),
            ],
        )
    ],
)


@attrs.frozen
class Visit:
    """An entry of a plugin, which says what people call it."""

    kind = "tour.visit"
    label = Label("visit to the plant", "工厂参观")
    id: str


@attrs.frozen
class Stop:
    """An entry of a plugin that does not say so."""

    kind = "tour.bus_stop"
    id: str


class Tour:
    """A plugin with two kinds of entries."""

    @hookimpl
    def salesflow_entries(self):
        """Two of them."""
        return [Visit, Stop]


@pytest.fixture
def pipeline():
    """A project under the lifecycle of the plugin, with an entry of each kind."""
    made = Pipeline(build_lifecycle(PLUGIN, plugins=[Tour()]), actor=Actor("li"), clock=lambda: NOW)
    made.open("Metro", id="m", fields={"lost_reason": "price"})
    made.add("m", Visit("v"), Stop("s"), dossier.Member("li.wei", roles=["sales_director"]))
    return made


def test_plugins_name_their_kinds(pipeline):
    """A kind of a plugin goes by the label of its class, or else by its id with blanks."""
    assert [("recorded visit to the plant, tour.bus stop, member", "记录 工厂参观、tour.bus stop、成员")] == [
        (en.text, zh.text) for en, zh in zip(pipeline.feed().lines[1:], pipeline.feed("zh").lines[1:], strict=True)
    ]


def test_what_a_refusal_and_a_look_back_say(pipeline):
    """Messages, remedies on record and look-backs name words of the library, in each language."""
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("m", "win")
    text, form = caught.value.text("zh"), look_back(pipeline, "m")

    assert "文档 offer letter：需要 1 份，现有 0 份。" in text
    assert "策略缺少 渠道 部分，待补充：内容、负责人。" in text
    assert "lost_reason 目前为 价格，不符合要求：lost_reason = 其他" in text
    assert "须具备以下角色之一：销售总监" in text
    assert [
        "win: artefact on file: offer letter",
        "win: strategy complete: channels",
        "win: one of several conditions",
    ] == [each.what.text() for each in form.of("refused")]


def test_what_has_no_name():
    """A deadline without a name goes by its id with blanks, and a choice by that of its field."""
    wording = build_lifecycle(PLUGIN).wording

    assert "too late" == wording.label("deadline", "too_late").en
    assert "价格" == wording.label("value of lost_reason", "price").text("zh")
    assert "x_y" == wording.label("value of stage_of_life", "x_y").en
