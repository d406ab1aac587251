"""
``project``: where one project stands, what is next, and what happened.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import salesflow as sf
from salesflow import dossier, effects, exchange, guards
from salesflow.errors import TransitionRefusedError
from salesflow.stores import SqliteStore
from salesflow.typing import Deadline, Label


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DEAL = sf.Definition(
    "deal",
    label=Label("Deal", "商机"),
    fields=[
        sf.Field("amount", "money", label=Label("Amount", "金额")),
        sf.Field("owner"),
        sf.Field("source", "choice", choices=["fair"], choice_labels={"fair": Label("Trade fair", "展会")}),
    ],
    stages=[
        sf.Stage("talk", "open", produces="charter", label=Label("Talking", "洽谈"), deadlines=[Deadline("sla", "5d")]),
        sf.Stage("offer", label=Label("Offer", "报价")),
        sf.Stage("won", "won"),
    ],
    transitions=[
        sf.Transition(
            "propose",
            "talk",
            "offer",
            label=Label("Propose", "提交报价"),
            guards=[guards.fields_present("amount"), guards.artefact_exists("charter"), guards.actor_has_role("boss")],
            effects=[effects.notify(["owner"], topic="offered")],
        ),
        sf.Transition("talk_on", "talk", "offer"),
        sf.Transition("win", "offer", "won", guards=[guards.fields_present("owner")]),
    ],
)


@pytest.fixture
def deal(tmp_path):
    """
    A store with one project that was refused once, and the file of its lifecycle; the arguments for the command.
    """
    (tmp_path / "deal.toml").write_text(sf.dump_definition(DEAL), "utf-8")
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.build_lifecycle(DEAL), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("海港电信", id="D-1", fields={"owner": "li.wei", "source": "fair"}, at=AT)
        with pytest.raises(TransitionRefusedError):
            pipeline.fire("D-1", "propose", at=AT)
        goal = dossier.Task("T-1", "Call", owner="li.wei")
        pipeline.add("D-1", goal, at=AT)
        pipeline.update("D-1", {"amount": sf.Money("6000000.0", "CNY")}, at=AT)
    return "project", "D-1", "--store", f"sqlite:{tmp_path / 'deals.db'}", "--lifecycle", tmp_path / "deal.toml"


def shown(run, *args):
    """
    Run the command; return what it prints, without rules and without blanks at the ends of lines.
    """
    done = run(*args)

    assert (0, "") == (done.exit_code, done.stderr)
    return [line.rstrip() for line in done.stdout.splitlines() if set(line) != {"─"}]


def test_a_project(run, deal):
    """
    Its stage, fields, entries, options with what they miss, deadlines, history and refused attempts are shown.
    """
    assert (
        """\
海港电信  D-1
Deal · Talking since 2026-03-02 09:00 UTC · outcome undecided · version 3

Field    Value
Amount   6,000,000 CNY
owner    li.wei
source   Trade fair

Entry   How many   Ids
task           1   T-1

Next      State     Missing
Propose   blocked   Artefact charter: 1 needed, 0 found.
propose               entry artefact charter
                    Somebody without a role may not do this; it takes one of these roles: boss.
                      role boss
talk_on   allowed

Deadline                  Due
time limit of the stage   2026-03-07 09:00 UTC

No.   Time                   Actor    Fact
  1   2026-03-02 09:00 UTC   li.wei   opened in Talking
  2   2026-03-02 09:00 UTC   li.wei   recorded task
  3   2026-03-02 09:00 UTC   li.wei   recorded Amount

Refused   Time                   Actor
Propose   2026-03-02 09:00 UTC   li.wei
""".splitlines()
        == shown(run, *deal)
    )


def test_a_project_in_chinese_for_somebody(run, deal):
    """
    Labels are Chinese where asked for, and the options are those of the person who is named.
    """
    found = shown(run, *deal, "--as", "zhang", "--role", "boss", "--lang", "zh-CN")

    assert "商机 · 洽谈，自 2026-03-02 09:00 UTC 起 · 结果 未决 · 版本 3" == found[1]
    assert "source   展会" in found
    assert not [line for line in found if "须具备" in line]


@pytest.mark.parametrize(("lang", "who"), [("en", "Somebody (presales) may not"), ("zh", "某人（售前） 无权执行")])
def test_somebody_with_a_role(run, deal, lang, who):
    """
    Who has a role and no name is called by the role.
    """
    assert who in "".join(shown(run, *deal, "--role", "presales", "--lang", lang))


def test_after_moves_and_a_dead_notice(run, deal, tmp_path):
    """
    Moves and passed deadlines are in the history; a notice that was given up is named with its error.
    """

    def refuse(*_notice):
        raise OSError("no \x1b[2J line")

    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.build_lifecycle(DEAL), store=store, actor=sf.Actor("b", roles={"boss"}))
        pipeline.tick(at=AT + timedelta(days=6))
        charter = dossier.Artefact("charter", digest="sha256:" + "0" * 64)
        pipeline.fire("D-1", "propose", entries=[charter], at=AT + timedelta(days=7))
        other = sf.Pipeline(sf.build_lifecycle(DEAL), store=store, actor=sf.Actor("b", roles={"boss"}))
        other.open("Another", id="D-2", fields={"owner": "li.wei", "amount": sf.Money("5", "CNY")}, at=AT)
        other.fire("D-2", "propose", entries=[charter], at=AT + timedelta(days=7), ahead=True)
        for day in range(8, 60):
            pipeline.deliver(refuse, at=AT + timedelta(days=day))
        assert {"D-1", "D-2"} == {each.work.project_id for each in store.dead("notice")}
        pipeline.remove("D-1", "artefact", "charter", at=AT + timedelta(days=8), backfill=True)
    found = "\n".join(shown(run, *deal))

    assert "deadline passed: time limit of the stage" in found
    assert "Propose: Talking → Offer" in found
    assert r"OSError: no \x1b[2J line" in " ".join(found.split())


def test_an_unknown_project(run, deal):
    """
    An id that the store does not have is told, with status 2.
    """
    done = run("project", "D-9", *deal[2:])

    assert (2, "", True) == (done.exit_code, done.stdout, "D-9" in done.stderr)


def test_an_opening_that_an_import_assumed(run, tmp_path):
    """
    The history says that nobody told of the opening.
    """
    (tmp_path / "deal.toml").write_text(sf.dump_definition(DEAL), "utf-8")
    (tmp_path / "deals.csv").write_text("id,who,stage,at\nD-2,li,Offer,2026-01-02\n", "utf-8")
    mapping = {
        "schema": 1,
        "kind": "history",
        "project": {"id": {"column": "id"}},
        "actor": {"column": "who"},
        "stage": {"column": "stage", "values": {"Offer": "offer"}},
        "time": {"formats": ["%Y-%m-%d"], "column": "at"},
    }
    lifecycle = sf.load_lifecycle(tmp_path / "deal.toml")
    with SqliteStore(tmp_path / "deals.db") as store:
        exchange.replay_file(
            tmp_path / "deals.csv", mapping=exchange.load_mapping(mapping), lifecycle=lifecycle, store=store
        )
    url = f"sqlite:{tmp_path / 'deals.db'}"

    assert any(
        line.endswith("opened in Talking, as the import assumed")
        for line in shown(run, "project", "D-2", "--store", url, "--lifecycle", tmp_path / "deal.toml")
    )


def test_what_belongs_to_it(run, deal):
    """
    A project shows the projects that belong to it, and such a project the one to which it belongs.
    """
    with SqliteStore(deal[3].removeprefix("sqlite:")) as store:
        pipeline = sf.Pipeline(sf.build_lifecycle(DEAL), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("Part", id="D-2", parent="D-1", at=AT)
    above, below = shown(run, *deal), shown(run, "project", "D-2", *deal[2:], "--lang", "zh")

    assert any("Belongs to it" in line for line in above)
    assert any({"D-2", "Part", "Talking"} <= set(line.split()) for line in above)
    assert "归属于 D-1" in below
