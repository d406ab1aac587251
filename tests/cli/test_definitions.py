"""
``templates``, ``show`` and ``check``.
"""

from __future__ import annotations

import re
import types

import attrs
import pytest

import salesflow as sf
from salesflow import Field, effects, guards, hookimpl, risks, scores
from salesflow.plugins import Plugins
from salesflow.typing import Cadence, Spawn


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


@pytest.fixture
def deal(tmp_path):
    """
    A definition file with one of everything that is shown.
    """
    when = {"all": [{"amount": {"ge": sf.Money(5, "EUR")}}, {"not": {"urgent": True}}]}
    definition = sf.Definition(
        "deal",
        fields=(Field("amount", "money", label={"en": "Amount", "zh": "金额"}), Field("urgent", "bool")),
        stages=(
            sf.Stage(
                "talk",
                "open",
                probability=0.25,
                phase="early",
                verb="execute",
                seq=1,
                forecast="pipeline",
                label={"en": "Talk", "zh": "洽谈"},
            ),
            sf.Stage("won", "won", probability="keep"),
            sf.Stage("lost", "lost"),
        ),
        transitions=(
            sf.Transition(
                "win",
                "talk",
                "won",
                outcome="won",
                guards=[
                    guards.fields_present("amount", "urgent").but(when=when, severity="warn"),
                    guards.any_of(guards.actor_has_role("boss"), guards.loop_budget("win", 3)).but(override=True),
                    guards.roles_filled({"lead": 1}),
                    guards.contract_signed(),
                ],
            ),
            sf.Transition("lose", "talk", "lost", kind="exit", trigger="end", outcome=("lost", "no_decision")),
            sf.Transition("again", ("won", "lost"), kind="spawn", spawn=Spawn("deal")),
        ),
    )
    path = tmp_path / "deal.toml"
    path.write_text(sf.dump_definition(definition), "utf-8")
    return path


@pytest.mark.untraced
def test_templates(run):
    """
    The lifecycles are listed, each with a line that says what it is for; without a description it is the label.
    """
    done = run("templates")
    shown = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines(done.stdout)[2:] if line[0] != " ")
    chinese = run("templates", "--lang", "zh").stdout

    assert 0 == done.exit_code
    assert ["Name", "What it is for"] == re.split(r"\s{2,}", lines(done.stdout)[0])
    assert "One sales project, from the first visit to the payment" == shown["four_step_project"]
    assert "大型投标项目，从线索到回款，每个关口都有决策" in chinese


def test_the_purpose_of_a_lifecycle_without_a_description(run, monkeypatch):
    """
    Where a lifecycle has no description, its label stands for it.
    """
    plain = sf.Definition("bare.deal", label="Bare deal", stages=[sf.Stage("a", "open")])
    plugins = Plugins(types.SimpleNamespace(name="bare", salesflow_lifecycles=hookimpl(lambda: {"bare.deal": plain})))
    monkeypatch.setattr("salesflow.cli._show.installed", lambda: plugins)

    assert "bare.deal                Bare deal" in lines(run("templates").stdout)


def test_show(run, deal):
    """
    Stages and transitions are shown as tables, guards with their parameters and what is special about them.
    """
    done = run("show", deal)

    assert 0 == done.exit_code
    assert [
        "deal  deal 1: 3 stages, 3 transitions",
        "",
        "Field    Label    Type    Default   Choices",
        "───────────────────────────────────────────",
        "amount   Amount   money",
        "urgent            bool",
        "",
        "Stage   Label   Kind   No.   Verb      Phase   Probability   Forecast",
        "─────────────────────────────────────────────────────────────────────",
        "talk    Talk    open     1   execute   early          25 %   pipeline",
        "won             won                                   keep",
        "lost            lost",
        "",
        "Transition   From → to, and its guards",
        "─" * 99,
        "win          talk → won · outcome won",
        "               fields_present(amount, urgent) · warn · when all(amount ≥ 5 EUR, not(urgent = true))",
        "               any_of: actor_has_role(boss) | loop_budget(transition=win, max=3) · override",
        "               roles_filled(roles={lead: 1})",
        "               contract_signed",
        "lose         talk → lost · exit · outcome lost / no_decision",
        "(end)",
        "again        won, lost → + deal · spawn",
    ] == lines(done.stdout)[:23]


def test_show_everything(run, tmp_path):
    """
    Effects, deadlines, scores, risk checks, early warnings and entries are shown, too.
    """
    late = sf.typing.Deadline("sla", "5d", effects=[effects.notify(["owner"], topic="late")])
    definition = sf.Definition(
        "deal",
        fields=(Field("level", "choice", choices=("low", "high"), default="low"), Field("owner")),
        stages=(sf.Stage("talk", "open", deadlines=[late]), sf.Stage("won", "won")),
        transitions=[sf.Transition("win", "talk", "won", effects=[effects.set_field("level", "high")])],
        scores=[scores.bant(), attrs.evolve(scores.stage_velocity(), id="pace", when={"level": "high"})],
        risks=[risks.no_next_step()],
        warnings=[
            sf.typing.EarlyWarning("slow", "no_next_step", 0.5, level="high", action={"en": "Call", "zh": "致电"})
        ],
    )
    path = tmp_path / "deal.toml"
    path.write_text(sf.dump_definition(definition), "utf-8")
    shown = {" ".join(line.split()) for line in lines(run("show", path).stdout)}

    assert {
        "level choice low low, high",
        "⇒ set_field(field=level, value=high)",
        "sla talk 5d ⇒ notify(to=owner, topic=late)",
        "bant bant",
        "pace stage_velocity · when level = high",
        "no_next_step no_next_step",
        "slow no_next_step ≥ 0.5 high Call",
    } <= shown
    assert any("feedback, " in one for one in shown)


def test_show_cadences(run, tmp_path):
    """
    A cadence is shown with its time, what meets it, where it holds, and what happens when it is missed.
    """
    path = tmp_path / "deal.toml"
    definition = sf.Definition(
        "deal",
        stages=(sf.Stage("talk", "open"), sf.Stage("won", "won")),
        transitions=(sf.Transition("win", "talk", "won", outcome="won"),),
        cadences=(
            Cadence("one_on_one", stages="talk", on_missed=[effects.notify(("owner",))]),
            Cadence("thank_you"),
        ),
    )
    path.write_text(sf.dump_definition(definition), "utf-8")
    shown = {" ".join(line.split()) for line in lines(run("show", path).stdout)}

    assert "one_on_one weekly on thu 16:00 review one_on_one talk · member" in shown
    assert "⇒ notify(owner)" in shown
    assert "thank_you once 2bd after won activity thank_you 30d after closing" in shown


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", ["2bd before end", "end", "1d after end", "30d after activity"]),
        ("zh", ["end 前 2bd", "end", "end 后 1d", "activity 后 30d"]),
    ],
)
def test_show_deadlines_of_a_date(run, tmp_path, lang, expected):
    """
    A deadline that hangs on a field, or on entries, says so.
    """
    late = sf.typing.Deadline
    limits = [late("a", field="end", before="2bd"), late("b", field="end"), late("c", "1d", field="end")]
    limits += [late("d", "30d", since="activity")]
    stages = sf.Stage("talk", "open", deadlines=limits), sf.Stage("won", "won")
    win = sf.Transition("win", "talk", "won")
    fields = [Field("end", "date")]
    definition = sf.Definition("deal", fields=fields, stages=stages, transitions=[win], calendar="weekdays")
    path = tmp_path / "deal.toml"
    path.write_text(sf.dump_definition(definition), "utf-8")
    shown = {" ".join(line.split()) for line in lines(run("show", path, "--lang", lang).stdout)}

    assert {f"{name} talk {said}" for name, said in zip("abcd", expected, strict=True)} <= shown


def test_show_tasks(run, tmp_path):
    """
    The tasks of stages have a table.
    """
    task = sf.typing.StageTask("call", label={"en": "Call", "zh": "致电"}, role="presales", within="3d")
    stages = sf.Stage("talk", "open", tasks=[task, sf.typing.StageTask("b")]), sf.Stage("won", "won")
    definition = sf.Definition("deal", stages=stages, transitions=[sf.Transition("win", "talk", "won")])
    path = tmp_path / "deal.toml"
    path.write_text(sf.dump_definition(definition), "utf-8")
    shown = {" ".join(line.split()) for line in lines(run("show", path).stdout)}

    assert {"call Call talk presales 3d", "b talk"} <= shown


def test_show_what_is_written_once(run, tmp_path):
    """
    Rules have a table of their own, and are named where they are used; a star, exceptions and conditions are shown.
    """
    tell = effects.notify(["owner"]).but(when={"owner": {"set": True}})
    definition = sf.Definition(
        "deal",
        fields=[Field("owner")],
        rules={"ready": [guards.fields_present("owner"), guards.reason_given("owner")]},
        stages=(sf.Stage("talk", "open"), sf.Stage("offer"), sf.Stage("won", "won")),
        transitions=[
            sf.Transition("go", "talk", "offer", guards=[guards.rules("ready").but(when={"owner": "li"})]),
            sf.Transition("win", "*", "won", except_="talk", effects=[tell], precondition={"owner": {"set": True}}),
        ],
        invariants=[sf.typing.Invariant("owned", {"owner": {"ne": "nobody"}}, stages=["offer", "won"])],
    )
    path = tmp_path / "deal.toml"
    path.write_text(sf.dump_definition(definition), "utf-8")
    shown = [
        {" ".join(line.split()) for line in lines(run("show", path, "--lang", lang).stdout)} for lang in ("en", "zh")
    ]

    assert {
        "rule ready · when owner = li",
        "win * except talk → won",
        "⇒ notify(owner) · when owner set true",
        "ready fields_present(owner)",
        "reason_given(field=owner)",
        "precondition: owner set true",
        "owned owner ≠ nobody · offer · won",
    } <= shown[0]
    assert {"规则组 ready · 条件 owner = li", "win * 除外 talk → won", "前置条件: owner set true"} <= shown[1]


def test_show_in_chinese(run, deal):
    """
    Labels and heads are Chinese where they are asked for in Chinese.
    """
    shown = run("show", deal, "--lang", "zh").stdout

    assert all(word in shown for word in ("3 个阶段，3 个流转", "洽谈", "门禁", "条件", "结果"))


def test_show_mermaid(run, deal):
    """
    The diagram is what the lifecycle draws, and nothing else.
    """
    done = run("show", deal, "--mermaid")

    assert sf.load_lifecycle(deal).mermaid() == done.stdout


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["operating_cycle", "simple_deal"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_built_ins_are_shown(run, name, lang):
    """
    Every built-in lifecycle can be shown, with all its stages, within the width.
    """
    shown = run("show", name, "--lang", lang).stdout

    assert [] == [stage.id for stage in sf.load_lifecycle(name).stages if f"{stage.id} " not in shown]


def test_check_good(run):
    """
    A definition without faults has the exit status 0.
    """
    done = run("check", "simple_deal")

    assert (0, "simple_deal: no faults, no warnings\n") == (done.exit_code, done.stdout)


FAULTY = """\
schema = 1
id = "deal"
label = "Deal"

[[stages]]
id = "talk"
kind = "open"
label = { en = "Talk", zh = "洽谈" }

[[stages]]
id = "won"
kind = "won"
label = { en = "Won", zh = "赢单" }

[[transitions]]
id = "win"
source = ["talk"]
target = "wonn"
label = { en = "Win", zh = "赢单" }
"""


@pytest.fixture
def faulty(tmp_path):
    """
    A definition file with a fault and a warning.
    """
    path = tmp_path / "deal.toml"
    path.write_text(FAULTY, "utf-8")
    return path


def test_check_bad(run, faulty):
    """
    Every fault and warning is a line, and faults make the exit status 1.
    """
    done = run("check", faulty)
    found = lines(done.stdout)

    assert (1, f"{faulty}: 1 fault, 1 warning") == (done.exit_code, found[-1])
    assert (
        "fault    transitions[0].target (line 18): there is no stage 'wonn' [stage.unknown]. Did you mean 'won'?"
        == (found[0])
    )
    assert found[1].startswith("warning  label (line 3): ")


def test_check_in_chinese(run, faulty):
    """
    The whole report is Chinese where it is asked for.
    """
    shown = lines(run("check", faulty, "--lang", "zh").stdout)

    assert [
        "错误     transitions[0].target（第 18 行）：没有名为 'wonn' 的阶段 [stage.unknown]。是否应为 'won'？",
        "警告     label（第 3 行）：缺少 'zh' 文本 [label.untranslated]。请在另一种语言旁补上 zh。",
        f"{faulty}：1 个错误，1 个警告",
    ] == shown


@pytest.mark.parametrize(("args", "status"), [((), 0), (("--strict",), 1)])
def test_check_strict(run, faulty, args, status):
    """
    Warnings fail only where that is asked for.
    """
    faulty.write_text(faulty.read_text("utf-8").replace("wonn", "won"), "utf-8")

    assert status == run("check", faulty, *args).exit_code


def test_check_no_file(run):
    """
    A file that is not there is a fault of its own.
    """
    done = run("check", "nothing.toml")

    assert (1, "") == (done.exit_code, done.stderr)
    assert done.stdout.startswith("fault    definition: nothing.toml cannot be read")


def test_mandatory_tasks(run, tmp_path):
    """
    Tasks of a stage say which are mandatory, and the moves that leave the stage show that they ask for them.
    """
    file = tmp_path / "deal.toml"
    file.write_text(
        """
        schema = 1
        id = "deal"
        stages = [
          { id = "bid", tasks = [{ id = "prices", role = "presales", mandatory = true }, { id = "call" }] },
          { id = "won", kind = "won" },
        ]
        transitions = [{ id = "win", source = "bid", target = "won" }]
        """,
        "utf-8",
    )
    lines = [" ".join(each.split()) for each in run("show", file).stdout.splitlines()]
    chinese = run("show", file, "--lang", "zh").stdout

    assert [True] * 3 == [
        each in lines for each in ("prices bid presales yes", "call bid", "Task Label Stage Role Within Mandatory")
    ]
    assert "tasks_done" in "".join(lines)
    assert ("必做" in chinese, "是" in chinese) == (True, True)
