"""
One row a deal: its path, its problems, and a second run.
"""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

import salesflow as sf
from salesflow import Field, guards
from salesflow.exchange import replay_file
from salesflow.stores import SqliteStore
from salesflow.typing import Outcome

from .factory import SNAPSHOT, Crm, but, definition, told


HEADER = "id,who,stage,opened,worked,closed,value"
WON = "D-1,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,100.50"


def test_a_path_is_walked(crm):
    """
    A won deal is opened, worked on and won at the times of its columns, with its amount at the end.
    """
    report = crm.run(SNAPSHOT, HEADER, WON)
    facts = crm.history("D-1")

    assert (1, 1, 0, 0) == (report.rows, report.imported, report.already, report.refused)
    assert [datetime(2024, month, day, tzinfo=UTC) for month, day in [(1, 1), (1, 5), (2, 1)]] == [
        fact.at for fact in facts
    ]
    assert ["Opened", "work", "win"] == [getattr(fact.body, "transition", "Opened") for fact in facts]
    assert {"owner": "li.wei", "amount": sf.Money("100.50", "EUR")} == crm.store.head("D-1").fields


def test_figures(crm):
    """
    Stages, outcomes, revenue and both win rates are counted over the deals that are there.
    """
    lost = "D-2,li.wei,Lost,2024-01-01,,2024-02-01,"
    report = crm.run(
        SNAPSHOT, HEADER, WON, lost, "D-3,li.wei,New,2024-01-01,,,", "D-4,li.wei,Work,2024-01-01,2024-01-02,,"
    )

    assert {"new": 1, "working": 1, "won": 1, "lost": 1} == report.stages
    assert {"undecided": 2, "won": 1, "lost": 1} == report.outcomes
    assert (4, 1, 1, 0.5, 0.5, 0.25) == (
        report.deals,
        report.won,
        report.lost,
        report.win_rate,
        report.win_rate_of_closed,
        report.win_rate_of_all,
    )
    assert (sf.Money("100.50", "EUR"),) == report.revenue


def test_win_rates_go_by_class(tmp_path):
    """
    What counts as won, lost or closed is the class of an outcome, whatever it is called.
    """
    outcomes = ("open", Outcome("signed", class_="won"), Outcome("declined", class_="lost"), "cancelled", "parked")
    ends = [
        sf.Transition(f"to_{name}", "new", name, outcome=name) for name in ("signed", "declined", "cancelled", "parked")
    ]
    stages = [sf.Stage("new", "open"), *(sf.Stage(way.target, "closed") for way in ends)]
    fields = [Field("amount", "money")]
    lifecycle = sf.build_lifecycle(
        sf.Definition("crm", outcomes=outcomes, fields=fields, stages=stages, transitions=ends)
    )
    start = {"stage": "new", "column": "opened"}
    mapping = but(
        SNAPSHOT,
        stage={"column": "stage", "values": {stage.id: stage.id for stage in stages}},
        paths={"new": [start], **{way.target: [start, {"stage": way.target, "column": "closed"}] for way in ends}},
        fields={"amount": SNAPSHOT["fields"]["amount"] | {"on": ["signed", "declined"]}},
    )
    words = ("signed", "declined", "declined", "declined", "cancelled", "parked", "new")
    rows = [f"D-{number},ann,{word},2024-01-01,,2024-02-01,5" for number, word in enumerate(words)]
    report = Crm(tmp_path, lifecycle).run(mapping, HEADER, *rows)

    assert {"undecided": 1, "won": 1, "lost": 3, "cancelled": 1, "other": 1} == report.classes
    assert (1 / 4, 1 / 6, 1 / 7) == (report.win_rate, report.win_rate_of_closed, report.win_rate_of_all)
    assert (1, 3, 6, (sf.Money(5, "EUR"),)) == (report.won, report.lost, report.closed, report.revenue)


def test_no_deals(crm):
    """
    A file with a header alone imports nothing, and has no win rate.
    """
    report = crm.run(SNAPSHOT, HEADER)

    assert (0, 0, {}, (), None, None) == (
        report.rows,
        report.deals,
        report.stages,
        report.revenue,
        report.win_rate_of_closed,
        report.win_rate_of_all,
    )


BAD = {
    "D-2,li.wei,Wonn,2024-01-01,2024-01-05,2024-02-01,1": "unknown stage, the mapping does not list it: Wonn",
    "D-2,li.wei,,2024-01-01,2024-01-05,2024-02-01,1": "no stage: stage is empty",
    "D-2,li.wei,Won,2024-13-01,2024-01-05,2024-02-01,1": (
        "opened is not a time of the form %Y-%m-%d / %Y-%m-%d %H:%M: 2024-13-01"
    ),
    "D-1,li.wei,New,2024-01-01,,,": "duplicate id, an earlier row has it already: D-1",
    ",li.wei,New,2024-01-01,,,": "no id: id is empty",
    "a/b,li.wei,New,2024-01-01,,,": (
        "id is not an id (1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit; slug = "
        "true under project.id in the mapping makes an id of any text): a/b"
    ),
    "D-2,li.wei,Won,2024-01-01,2024-01-05,,1": "won without a date: closed is empty",
    "D-2,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,-1": "negative amount in value: -1",
    'D-2,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,"1,000"': (
        "value is not a valid amount of money (see [numbers] in the mapping): 1,000"
    ),
    "D-2,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,": ("win from working is refused: Still to be filled in: amount"),
    "D-2,li.wei,Won,2024-01-01,2024-01-05,2023-02-01,1": (
        "won (closed) lies before the opening of the deal: 2023-02-01"
    ),
    "D-2,li.wei,Won,2024-01-01,2024-01-05,2024-01-03,1": (
        "won (closed) lies before the step that precedes it: 2024-01-03"
    ),
    "D-2,,New,2024-01-01,,,": "nobody acted: who is empty",
    "D-2,a\tb,New,2024-01-01,,,": "who is not the name of an actor (1 to 128 printable characters): a\\tb",
    "D-2,li.wei,New,2024-01-01": "not as many cells as the header has (7): 4",
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row(crm, row):
    """
    Each thing that can be wrong with a row has its own message; the other rows are imported.
    """
    report = crm.run(SNAPSHOT, HEADER, WON, row, "D-9,li.wei,New,2024-01-01,,,")

    assert [f"row 3: {BAD[row]}"] == told(report)
    assert (3, 2, 1) == (report.rows, report.imported, report.refused)
    assert {"D-1": "won", "D-9": "new"} == crm.stand("D-1", "D-2", "D-9")


def test_all_problems_of_a_row(crm):
    """
    A row with several faults is refused once, with all of them.
    """
    report = crm.run(SNAPSHOT, HEADER, "?,,Won,2024-01-01,x,,-1")

    assert (1, 0, 1) == (report.rows, report.imported, report.refused)
    assert ["id.malformed", "actor.missing", "time.unreadable", "time.missing", "amount.negative"] == [
        problem.code for problem in report.problems
    ]


def test_problems_are_grouped(crm):
    """
    Equal problems are told together, the most frequent first, with the numbers of their rows.
    """
    report = crm.run(SNAPSHOT, HEADER, ",li.wei,New,2024-01-01,,,", "a,b,X,,,,", WON, "c,b,Y,,,,", "d,b,X,,,,")

    assert [("stage.unknown", (3, 5, 6)), ("id.missing", (2,))] == [(group.code, group.rows) for group in report.groups]
    assert "第 3 行：未知阶段，映射文件中没有对应项：X" == report.groups[0].problems[0].message("zh")


def test_a_refused_row_leaves_nothing(crm):
    """
    A row is taken in as a whole or not at all, so that it can be corrected and imported again.
    """
    row = "D-1,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,"
    refused = crm.run(SNAPSHOT, HEADER, row)
    corrected = crm.run(SNAPSHOT, HEADER, row + "7")

    assert (1, 0) == (refused.refused, refused.deals)
    assert (1, 1, {"D-1": "won"}) == (corrected.imported, corrected.deals, crm.stand("D-1"))


def test_again(crm):
    """
    A second run of the same file writes nothing and has the same figures.
    """
    first = crm.run(SNAPSHOT, HEADER, WON)
    second = crm.run(SNAPSHOT, HEADER, WON)

    assert (0, 1, 0, first.stages, first.revenue) == (
        second.imported,
        second.already,
        second.refused,
        second.stages,
        second.revenue,
    )
    assert 3 == len(crm.history("D-1"))


def test_a_newer_export(crm):
    """
    A deal that has moved since the last export goes on from where it stands.
    """
    crm.run(SNAPSHOT, HEADER, "D-1,li.wei,Work,2024-01-01,2024-01-05,,")
    report = crm.run(SNAPSHOT, HEADER, WON)

    assert (1, 0, {"D-1": "won"}, 3) == (report.imported, report.already, crm.stand("D-1"), len(crm.history("D-1")))


def test_what_was_imported_is_not_rewritten(crm):
    """
    A row that says something else now is refused, naming what differs.
    """
    crm.run(SNAPSHOT, HEADER, WON)
    report = crm.run(SNAPSHOT, HEADER, WON.replace("100.50", "99"), "D-2,li.wei,New,2024-01-01,,,")
    moved = crm.run(SNAPSHOT, HEADER, WON.replace("2024-01-01", "2023-12-31"))

    assert ["row 2: imported before with other values (amount)"] == told(report)
    assert ["row 2: imported before with other values (opened)"] == told(moved)
    assert (1, sf.Money("100.50", "EUR")) == (report.imported, crm.store.head("D-1").fields["amount"])


def test_values_that_were_not_imported(crm):
    """
    A field that an earlier import did not bring is named as such, not as another value.
    """
    crm.run(but(SNAPSHOT, fields={"amount": SNAPSHOT["fields"]["amount"]}), HEADER, WON)
    report = crm.run(SNAPSHOT, HEADER, WON)

    assert ["row 2: imported before without these values (owner); they are not put in afterwards"] == told(report)


def test_ids_of_other_characters(crm):
    """
    Ids of any text become ids of the library where the mapping says so; two stay two, and a good one stays as it is.
    """
    mapping = but(SNAPSHOT, project={"id": {"column": "id", "slug": True}})
    texts = ("SO/2026/7", "SO-2026-7", "合同-8", "订单-8", "x" * 200)
    rows = [f"{text},ann,New,2024-01-01,,," for text in (*texts, "")]
    first, second = crm.run(mapping, HEADER, *rows), crm.run(mapping, HEADER, *rows)
    found = sorted(project.id for project in crm.store.find())

    assert (5, 5, ["row 7: no id: id is empty"]) == (first.imported, second.already, told(first))
    assert ["8", "8", "SO-2026-7", "SO-2026-7-e8e7da8837690949", "x" * 100] == [
        name if name.startswith("SO") else name.partition("-")[0] for name in found
    ]


def test_a_move_ahead(crm):
    """
    A move that is dated after the import is refused; a day is left for clocks and zones.
    """
    now = datetime(2024, 1, 10, 12, tzinfo=UTC)
    pipeline = sf.Pipeline(crm.lifecycle, store=crm.store, clock=lambda: now, actor=sf.Actor("host"))
    rows = ("D-1,ann,Work,2024-01-01,2099-01-05,,", "D-2,ann,New,2024-01-11,,,", "D-3,ann,New,2024-01-12,,,")
    path = crm.write("\n".join((HEADER, *rows)))
    report = replay_file(path, mapping=crm.mapped(SNAPSHOT), pipeline=pipeline)

    assert (1, ["time.ahead", "time.ahead"]) == (report.imported, [problem.code for problem in report.problems])
    assert "row 2: working (worked) lies more than a day ahead of now" == told(report)[0]


def test_a_project_of_somebody_else(crm):
    """
    A project that is in the store already, and not from an import, is left alone.
    """
    pipeline = sf.Pipeline(crm.lifecycle, store=crm.store, actor=sf.Actor("host"))
    pipeline.open("Ours", id="D-1")
    report = crm.run(SNAPSHOT, HEADER, WON)

    assert ["the store has a project of this id already, not from an import under this lifecycle"] == [
        group.about.en for group in report.groups
    ]
    assert 1 == len(crm.history("D-1"))


def test_moves_made_since(crm):
    """
    A step that would lie before moves of the host is refused; one after them goes on from there.
    """
    crm.run(SNAPSHOT, HEADER, "D-1,li.wei,New,2024-01-01,,,", "D-2,li.wei,New,2024-01-01,,,")
    pipeline = sf.Pipeline(crm.lifecycle, store=crm.store, actor=sf.Actor("host"))
    pipeline.update("D-1", {"seats": 3}, at=datetime(2024, 1, 9, tzinfo=UTC))
    pipeline.update("D-2", {"seats": 3}, at=datetime(2024, 1, 2, tzinfo=UTC))
    report = crm.run(SNAPSHOT, HEADER, WON, "D-2,li.wei,Work,2024-01-01,2024-01-05,,")

    assert ["row 2: the deal has later facts in this store already"] == told(report)
    assert {"D-1": "new", "D-2": "working"} == crm.stand("D-1", "D-2")


def test_several_transitions_lead_there(crm):
    """
    The first transition whose guards pass is taken; if all are refused, every one says why.
    """
    asks = guards.fields_present
    crm.lifecycle = sf.build_lifecycle(
        definition(
            sf.Transition("work", "new", "working"),
            sf.Transition("sign", "working", "won", outcome="won", guards=[asks("account")]),
            sf.Transition("win", "working", "won", outcome="won", guards=[asks("amount")], label="Win"),
            sf.Transition("lose", "new", "lost"),
        )
    )
    report = crm.run(SNAPSHOT, HEADER, WON, "D-2,li.wei,Won,2024-01-01,2024-01-05,2024-02-01,")

    refused = "is refused: Still to be filled in:"

    assert "win" == crm.history("D-1")[-1].body.transition
    assert [f"row 3: sign from working {refused} account / Win from working {refused} amount"] == told(report)


def test_values_that_no_store_keeps(crm):
    """
    A cell that no store could keep refuses its row before anything is written.
    """
    mapping = but(SNAPSHOT, fields={"owner": {"column": "worked"}})
    report = crm.run(mapping, HEADER, "D-2,li.wei,New,2024-01-01,a\0b,,")

    assert ["row 2: field 'owner': it contains U+0000, which databases cannot keep"] == told(report)
    assert {} == crm.stand("D-2")


def test_a_pipeline_of_the_host(crm):
    """
    A host's own pipeline may be handed in; its listeners are told, and their failures are returned.
    """

    def broken(facts, project):
        raise RuntimeError(project.id)

    pipeline = sf.Pipeline(crm.lifecycle, store=crm.store, listeners=[broken])
    path = crm.write(f"{HEADER}\n{WON}\n")
    report = replay_file(path, mapping=crm.mapped(SNAPSHOT), pipeline=pipeline)

    assert ["broken"] * 3 == [failure.plugin for failure in report.listener_failures]
    assert {"D-1": "won"} == crm.stand("D-1")


def test_progress(crm):
    """
    Progress is told after every deal.
    """
    seen: list[tuple[int, int]] = []
    crm.run(SNAPSHOT, HEADER, WON, WON.replace("D-1", "D-2"), progress=lambda done, of: seen.append((done, of)))

    assert [(1, 2), (2, 2)] == seen


def test_somebody_imports_the_same_meanwhile(crm):
    """
    A deal that another import stored in between is not stored twice, and nobody is told again.
    """
    told = []
    pipeline = sf.Pipeline(crm.lifecycle, store=crm.store, listeners=[lambda facts, project: told.append(project.id)])
    path, mapping = crm.write(f"{HEADER}\n{WON}\n"), crm.mapped(SNAPSHOT)
    commit = crm.store.commit

    def overtaken(asked):
        crm.store.commit = commit
        replay_file(path, mapping=mapping, lifecycle=crm.lifecycle, store=crm.store)
        return commit(asked)

    crm.store.commit = overtaken
    replay_file(path, mapping=mapping, pipeline=pipeline)

    assert [] == told
    assert {"D-1": "won"} == crm.stand("D-1")


def test_listeners_that_fail_in_a_batch(crm, tmp_path):
    """
    On a store that makes commits durable together, listeners are called after that; their failures are in the report.
    """

    def broken(facts, project):
        raise RuntimeError(project.id)

    path = crm.write(f"{HEADER}\n{WON}\n")
    with SqliteStore(tmp_path / "crm.db") as store:
        pipeline = sf.Pipeline(crm.lifecycle, store=store, listeners=[broken])
        report = replay_file(path, mapping=crm.mapped(SNAPSHOT), pipeline=pipeline)

    assert ["broken"] * 3 == [failure.plugin for failure in report.listener_failures]


def test_a_definition_that_was_changed_under_its_version(crm):
    """
    What was imported under another definition of the same version is not gone on with.
    """
    path = crm.write(f"{HEADER}\n{WON}\n")
    first = sf.Pipeline(crm.lifecycle, store=crm.store)
    replay_file(path, mapping=crm.mapped(SNAPSHOT), pipeline=first)
    changed = attrs.evolve(crm.lifecycle.definition, transitions=crm.lifecycle.definition.transitions[::-1])
    again = sf.Pipeline(sf.build_lifecycle(changed), store=crm.store)
    report = replay_file(path, mapping=crm.mapped(SNAPSHOT), pipeline=again)

    assert ["project.exists"] == [problem.code for problem in report.problems]
