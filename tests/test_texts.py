"""
Texts for people: the language they are in, what they call things, and that they never act.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow import guards
from salesflow.errors import EffectError, InputError, PluginError, StoreCorruptError
from salesflow.typing import Label, Outcome

from .cases import over_cases


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
KIM = sf.Actor("kim")
ACTING = "a\n  - All guards passed.\x1b[2J\u202e\u2066\x9b\u2028"
SHOWN = r"a\n  - All guards passed.\x1b[2J\u202e\u2066\x9b\u2028"
BACK = Label("Send back", "退回")

DEAL = sf.Definition(
    "deal",
    fields=[
        sf.Field("amount", "money", label=Label("Amount", "金额")),
        sf.Field("limit", "money", label=Label("Limit", "限额")),
        sf.Field("note", label=Label("Note", "备注")),
        sf.Field("review", label=Label("Reviewer", "评审人")),
    ],
    stages=[
        sf.Stage("draft", "open", label=Label("Drafting", "起草")),
        sf.Stage("review", label=Label("Review", "评审")),
        sf.Stage("won", "won"),
    ],
    transitions=[
        sf.Transition(
            "hand_in",
            "draft",
            "review",
            label=Label("Hand it in", "提交评审"),
            guards=[guards.fields_present("note", "review"), guards.field_compare("amount", "le", other="limit")],
        ),
        sf.Transition("win", "review", "won", label=Label("Win", "赢单"), guards=[guards.min_time_in_stage(days=2)]),
        sf.Transition("win_all", "review", "won", trigger="win", guards=[guards.field_compare("note", "eq", "good")]),
        sf.Transition(
            "reject", "review", "draft", label=Label("Send back", "退回"), guards=[guards.fields_present("note")]
        ),
        sf.Transition("reject_all", "review", "draft", trigger="reject", label=Label("Send back", "退回")),
    ],
)


@pytest.fixture
def pipeline():
    """
    A pipeline with one project, which is being drafted.
    """
    made = sf.Pipeline(sf.build_lifecycle(DEAL), actor=KIM)
    made.open("Harbour", id="deal-1", at=AT)
    return made


@pytest.mark.untraced
@over_cases(
    ("tag", "same"),
    [
        ("zh-CN", "zh"),
        ("zh_TW.UTF-8", "zh"),
        (" ZH ", "zh"),
        ("cmn-Hans", "zh"),
        ("yue", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US", "en"),
        ("EN", "en"),
        ("fr", "en"),
        ("de-CH-1996", "en"),
        ("*", "en"),
        ("", "en"),
        ("zhuang", "en"),
    ],
)
def test_any_language_tag(pipeline, tag, same):
    """
    Wherever a language is taken, any tag is, and the nearest language is used.
    """
    refused, lifecycle = pipeline.decide("deal-1", "hand_in", at=AT), pipeline.lifecycle

    assert refused.explain(same) == refused.explain(tag)
    assert [verdict.message(same) for verdict in refused.verdicts] == [v.message(tag) for v in refused.verdicts]
    assert lifecycle.mermaid(same) == lifecycle.mermaid(tag)
    assert Label("a", "甲").text(same) == Label("a", "甲").text(tag)


def test_what_is_no_language():
    """
    What is no text is no language, and is told so.
    """
    with pytest.raises(InputError, match="language: 7 is not usable"):
        Label("a", "甲").text(7)


def test_a_refusal_names_labels(pipeline):
    """
    Stages, transitions and fields go by their labels, money and its currency as people write them.
    """
    data = {"amount": sf.Money("6000000.0", "CNY"), "limit": sf.Money("5000000.5", "CNY")}
    refused = pipeline.decide("deal-1", "hand_in", data=data, at=AT)

    assert (
        "project 'deal-1': 'Hand it in' is refused in stage 'Drafting'.\n"
        "  - Still to be filled in: Note, Reviewer.\n"
        "  - Amount is 6,000,000 CNY, but the rule asks for Amount ≤ Limit (5,000,000.50 CNY)."
    ) == refused.explain()
    assert (
        "项目 deal-1：在阶段 起草 不能执行 提交评审。\n"
        "  - 尚未填写：备注、评审人。\n"
        "  - 金额 目前为 6,000,000 CNY，不符合要求：金额 ≤ 限额（5,000,000.50 CNY）。"
    ) == refused.explain("zh")


def test_what_is_not_open_names_labels(pipeline):
    """
    A trigger goes by the label of its transitions where they share one, else by its id.
    """
    assert (
        "project 'deal-1': 'Send back' is refused in stage 'Drafting'.\n"
        "  - Send back is not open from stage Drafting. Open from here: Hand it in."
    ) == pipeline.decide("deal-1", "reject", at=AT).explain()
    assert pipeline.decide("deal-1", "win", at=AT).explain().startswith("project 'deal-1': 'win' is refused")


def test_times_have_a_zone(pipeline):
    """
    A time in a message says in which zone it is.
    """
    data = {"note": "n", "review": "r", "amount": sf.Money(1, "CNY"), "limit": sf.Money(2, "CNY")}
    accepted = pipeline.fire("deal-1", "hand_in", data=data, at=AT).decision

    assert "Hand it in: allowed, to stage Review." == accepted.explain()
    assert (
        "project 'deal-1': 'win' is refused in stage 'Review'.\n"
        "  Win:\n"
        "  - Review was entered on 2026-03-02 09:00 UTC; this is possible from 2026-03-04 09:00 UTC.\n"
        "  win_all:\n"
        "  - Note is n, but the rule asks for Note = good."
    ) == pipeline.decide("deal-1", "win", at=AT).explain()


def test_what_cannot_be_compared_names_both_fields(pipeline):
    """
    A comparison of two fields that have no value says which.
    """
    message = pipeline.decide("deal-1", "hand_in", at=AT).verdicts[1].message()

    assert "Cannot tell whether Amount ≤ Limit: no comparable value in Amount, Limit." == message


def test_values_do_not_act(pipeline):
    """
    What people hand in is written out in an explanation: it makes no line, moves no cursor and turns no text round.
    """
    data = {"note": ACTING, "review": "r", "amount": sf.Money(1, "CNY"), "limit": sf.Money(2, "CNY")}
    pipeline.fire("deal-1", "hand_in", data=data, at=AT)
    told = pipeline.decide("deal-1", "win", at=AT).explain()

    assert f"  - Note is {SHOWN}, but the rule asks for Note = good." == told.splitlines()[-1]


def test_labels_do_not_act():
    """
    What stands in a definition is written out as well, in explanations and in diagrams.
    """
    definition = sf.Definition(
        "deal",
        stages=[sf.Stage("draft", "open", label=Label(ACTING)), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("win", "draft", "won", label=Label(ACTING)),
            sf.Transition("back", "won", "draft", kind="reopen", outcome="undecided"),
        ],
    )
    lifecycle = sf.build_lifecycle(definition)
    pipeline = sf.Pipeline(lifecycle, actor=KIM)
    pipeline.open("Harbour", id="deal-1", at=AT)

    assert (
        f"project 'deal-1': 'back' is refused in stage '{SHOWN}'."
        == pipeline.decide("deal-1", "back", at=AT).explain().partition("\n")[0]
    )
    assert not {"\x1b", "\u202e"} & set(lifecycle.mermaid())


@pytest.mark.untraced
@over_cases("sign", ["\n", "\r", "\t", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\u200f", "\ufeff"])
def test_names_with_signs_that_act(pipeline, sign):
    """
    A name with a control character, a line break or a mark of direction is refused, and told without it.
    """
    with pytest.raises(InputError, match="without line breaks") as raised:
        pipeline.open(f"Har{sign}bour", at=AT)

    assert sign not in str(raised.value)
    assert pipeline.open("海港\u3000电信\u00a0Ltd", at=AT).name


@over_cases(
    "error",
    [
        PluginError("a", ACTING, remedy="Mend it."),
        EffectError("a", "b", ACTING),
        EffectError("a", "b", ValueError(ACTING)),
        StoreCorruptError(ACTING, ACTING),
        InputError(ACTING, ACTING, ACTING),
    ],
    ids=["plugin", "effect", "raised", "corrupt", "input"],
)
def test_errors_do_not_act(error):
    """
    An error is one line, whatever it speaks of.
    """
    assert str(error).isprintable()


def test_outcomes_by_their_labels():
    """
    A message names an outcome by its label where it has one.
    """
    outcomes = ["undecided", "won", Outcome("declined", class_="lost", label={"en": "Turned down", "zh": "谢绝"})]
    stages = [sf.Stage("talk", "open"), sf.Stage("end", "closed")]
    close = sf.Transition("close", "talk", "end", guards=[guards.outcome_set("won", "declined")])
    lifecycle = sf.build_lifecycle(sf.Definition("deal", outcomes=outcomes, stages=stages, transitions=[close]))
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li"))
    pipeline.open("A deal", id="P-1")
    refused = pipeline.decide("P-1", "close").verdicts[0]

    assert "The outcome is undecided; this move needs one of: won, Turned down." == refused.message()
    assert "当前结果为 未决，此操作要求结果为以下之一：赢单、谢绝。" == refused.message("zh")
