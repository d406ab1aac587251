"""
Opening projects, recording what a stage asks for, approving, and finding everything again.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesflow import (
    Actor,
    Definition,
    Field,
    Money,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    dossier,
    load_lifecycle,
    replay,
)
from salesflow.errors import BackfillError, InputError, UnknownProjectError, VersionConflictError
from salesflow.plugins import Plugins
from salesflow.results import Stay
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Changed, EntryDropped, EntryPut, FieldSet, Opened

from .cases import over_cases
from .equipment import HOUR, NOW, Clock
from .pipeline_factory import (
    DIRECTOR,
    LEAD,
    SHORT,
    Overtaken,
    clock_of,
    definition,
    journal,
    make_pipeline,
    opened,
    won,
)


@pytest.fixture
def pipeline():
    """
    A pipeline with an open project.
    """
    made = make_pipeline()
    opened(made)
    return made


def test_defaults():
    """
    A lifecycle is enough: the store is in memory and the clock is the machine's.
    """
    pipeline = Pipeline(SHORT)
    before = datetime.now(UTC)
    project = pipeline.open("Deal", actor=LEAD)

    assert isinstance(pipeline.store, MemoryStore)
    assert (True, None) == (before <= project.opened_at <= datetime.now(UTC), pipeline.actor)


def test_open():
    """
    A project opens in the initial stage, with the defaults of the lifecycle and what is handed in.
    """
    pipeline = make_pipeline()
    tasks = iter([dossier.Task("t-1", "Call")])
    project = pipeline.open("Core network", id="P-1", fields={"owner": "li.wei"}, entries=tasks)
    (fact,) = pipeline.history("P-1")

    assert ("P-1", "Core network", "lead", "undecided", 1, NOW, "li.wei") == (
        project.id,
        project.name,
        project.stage,
        project.outcome,
        project.version,
        project.opened_at,
        project.opened_by,
    )
    changes = (FieldSet("level", "low"), FieldSet("owner", "li.wei"), EntryPut(dossier.Task("t-1", "Call")))
    digest = pipeline.lifecycle.digest
    assert Opened("Core network", "lead", "undecided", changes, digest=digest) == fact.body
    assert project == pipeline.get("P-1")


def test_a_default_gives_way():
    """
    A field that is handed in has no default, also when it is cleared.
    """
    pipeline = make_pipeline()

    assert "high" == pipeline.open("A", fields={"level": "high"}).fields["level"]
    assert "level" not in pipeline.open("B", fields={"level": None}).fields


def test_open_under_a_lifecycle():
    """
    Of several lifecycles, new projects take the last one unless told.
    """
    simple = load_lifecycle("simple_deal")
    pipeline = Pipeline([simple, SHORT], actor=LEAD)

    assert ("short", "simple_deal") == (
        pipeline.open("A").lifecycle,
        pipeline.open("B", lifecycle=simple).lifecycle,
    )


def test_open_twice(pipeline):
    """
    An id is taken once.
    """
    with pytest.raises(VersionConflictError) as caught:
        opened(pipeline)

    assert "project 'P-1' exists already, at version 1. Choose another id." == str(caught.value)


def test_update(pipeline):
    """
    Fields are set and cleared in one fact.
    """
    written = pipeline.update("P-1", {"note": "x", "owner": None})

    assert Changed((FieldSet("note", "x"), FieldSet("owner", None))) == written.fact.body
    assert ("x", None, 2) == (written.project.fields["note"], written.project.owner, written.project.version)
    assert (False, ()) == (written.replayed, written.listener_failures)


def test_add_and_remove(pipeline):
    """
    Entries are put, replaced and taken out; the history keeps them.
    """
    pipeline.add("P-1", dossier.Artefact("quote", digest="sha256:01"), dossier.Task("t-1", "Call"))
    pipeline.add("P-1", dossier.Artefact("quote", digest="sha256:02"))
    written = pipeline.remove("P-1", "task", "t-1")

    assert ["sha256:02"] == [each.digest for each in written.project.all(dossier.Artefact)]
    assert (Changed((EntryDropped("task", "t-1"),)), {}) == (written.fact.body, written.project.held("task"))
    assert ["sha256:01"] == [each.digest for each in replay(pipeline.history("P-1")[:2]).all(dossier.Artefact)]


def test_remove_what_is_not_there(pipeline):
    """
    Only what is there can be taken out; a near id is suggested.
    """
    pipeline.add("P-1", dossier.Task("call_back", "Call"))
    with pytest.raises(InputError) as caught:
        pipeline.remove("P-1", "task", "call_bakc")

    assert (
        "entry of kind 'task': 'call_bakc' is not usable. Project 'P-1' has none that can be removed. "
        "Did you mean 'call_back'?" == str(caught.value)
    )


@pytest.mark.parametrize("change", [lambda p: p.update("P-1", {}), lambda p: p.add("P-1")], ids=["update", "add"])
def test_nothing_to_change(pipeline, change):
    """
    A write that changes nothing is a mistake.
    """
    with pytest.raises(InputError, match="Name at least one field or entry to change"):
        change(pipeline)

    assert 1 == pipeline.get("P-1").version


def test_approve(pipeline):
    """
    An approval says who, with which roles, when, in which visit and of what.
    """
    pipeline.add("P-1", dossier.Artefact("quote", digest="sha256:01"))
    director = Actor("zhang.min", roles={"sales_director", "board"})
    written = pipeline.approve("P-1", "deal", subject="quote", comment="good", actor=director)
    (approval,) = written.project.all(dossier.Approval)

    assert ("deal", "zhang.min", ("board", "sales_director"), True, NOW, 1, "quote", "sha256:01", "good") == (
        approval.name,
        approval.by,
        approval.roles,
        approval.granted,
        approval.at,
        approval.visit,
        approval.subject,
        approval.digest,
        approval.comment,
    )
    assert director == written.fact.actor


def test_one_decision_a_person_and_subject(pipeline):
    """
    Deciding again replaces one's decision on the same subject, and leaves the others alone.
    """
    pipeline.add("P-1", dossier.Artefact("quote"))
    pipeline.approve("P-1", "deal", actor=DIRECTOR)
    pipeline.approve("P-1", "deal", subject="quote", actor=DIRECTOR)
    pipeline.approve("P-1", "deal")
    pipeline.decline("P-1", "deal", actor=DIRECTOR)
    found = pipeline.get("P-1").all(dossier.Approval)

    assert [("zhang.min", None, False), ("zhang.min", "quote", True), ("li.wei", None, True)] == [
        (each.by, each.subject, each.granted) for each in found
    ]


def test_approval_of_nothing(pipeline):
    """
    What is approved must be there, or there is no digest to bind to.
    """
    pipeline.add("P-1", dossier.Artefact("quote"))
    with pytest.raises(InputError) as caught:
        pipeline.approve("P-1", "deal", subject="quoet")

    assert (
        "subject of approval 'deal': 'quoet' is not usable. Artefacts: quote. Add it before it is approved. "
        "Did you mean 'quote'?" == str(caught.value)
    )


def test_approval_name(pipeline):
    """
    What is approved has a name that a guard could ask for.
    """
    with pytest.raises(InputError, match="Pass a snake_case name, the one the guard asks for"):
        pipeline.approve("P-1", "The deal")

    assert () == pipeline.get("P-1").all(dossier.Approval)


@pytest.mark.parametrize(
    "write",
    [lambda p, **how: p.update("P-1", {"note": "y"}, **how), lambda p, **how: p.approve("P-1", "deal", **how)],
    ids=["update", "approve"],
)
def test_how(pipeline, write):
    """
    Every write takes a time, an actor and an expected version.
    """
    written = write(pipeline, at=NOW + HOUR, actor=DIRECTOR, expected_version=1)
    with pytest.raises(VersionConflictError):
        write(pipeline, expected_version=1)
    with pytest.raises(BackfillError):
        write(pipeline, at=NOW)

    assert (NOW + HOUR, DIRECTOR) == (written.fact.at, written.fact.actor)
    assert NOW == write(pipeline, at=NOW, backfill=True).fact.at


def test_history_and_attempts_of_nobody(pipeline):
    """
    A project that is not there has no history, which is not an empty one.
    """
    for read in (pipeline.get, pipeline.history, pipeline.attempts, pipeline.options):
        with pytest.raises(UnknownProjectError) as caught:
            read("P-9", **({"actor": LEAD} if read == pipeline.options else {}))
        assert "P-9" == caught.value.project_id

    assert 1 == len(pipeline.history("P-1"))


def test_as_of(pipeline):
    """
    A project is seen as it stood, its own changes of the same moment included.
    """
    clock_of(pipeline).later()
    pipeline.update("P-1", {"note": "one"})
    pipeline.update("P-1", {"note": "two"})
    clock_of(pipeline).later()
    pipeline.fire("P-1", "make_offer")
    seen = [pipeline.as_of("P-1", NOW + hours * HOUR) for hours in (0, 1, 1.5, 2, 9)]

    assert [1, 3, 3, 4, 4] == [project.version for project in seen]
    with pytest.raises(InputError) as caught:
        pipeline.as_of("P-1", NOW - HOUR)
    assert "It was opened later." == caught.value.hint


def test_as_of_after_a_backfill(pipeline):
    """
    A backfill counts for its own time, whatever was recorded before it, and the latest state is the project.
    """
    pipeline.update("P-1", {"note": "late"}, at=NOW + 3 * HOUR)
    pipeline.update("P-1", {"note": "early"}, at=NOW + HOUR, backfill=True)
    seen = [pipeline.as_of("P-1", NOW + hours * HOUR) for hours in (0, 1, 3)]

    assert [(1, None), (3, "early"), (3, "early")] == [(each.version, each.fields.get("note")) for each in seen]
    assert pipeline.get("P-1") == seen[-1]
    assert NOW + HOUR == seen[1].updated_at


def test_find(pipeline):
    """
    Projects are found by stage, owner and outcome, in the order of their ids, page by page.
    """
    won(pipeline, "P-3")
    opened(pipeline, "P-2", owner="chen.yu")
    found = {
        "all": pipeline.find(),
        "won": pipeline.find(stage="won", outcome="won"),
        "owner": pipeline.find(owner="li.wei", stage="lead"),
        "page": pipeline.find(after="P-1", limit=1),
    }

    assert {"all": ["P-1", "P-2", "P-3"], "won": ["P-3"], "owner": ["P-1"], "page": ["P-2"]} == {
        name: [project.id for project in projects] for name, projects in found.items()
    }


def test_find_in_an_unknown_stage(pipeline):
    """
    A stage that no lifecycle has is a mistake, not an empty answer.
    """
    with pytest.raises(InputError) as caught:
        pipeline.find(stage="wno")

    assert "Stages: lead, lost, offer, paused, won. Did you mean 'won'?" == caught.value.hint


def test_acting(pipeline):
    """
    Another pipeline has another actor and the same everything else; a call may still name its own.
    """
    other = pipeline.acting(DIRECTOR)
    facts = [
        other.update("P-1", {"note": "x"}).fact,
        other.update("P-1", {"note": "y"}, actor=LEAD).fact,
        pipeline.update("P-1", {"note": "z"}).fact,
    ]

    assert [DIRECTOR, LEAD, LEAD] == [fact.actor for fact in facts]
    assert (pipeline.store, Pipeline) == (other.store, type(other))


@over_cases(
    ("lifecycle", "options", "hint"),
    [
        ((), {}, "Pass a lifecycle from load_lifecycle() or build_lifecycle()."),
        ("simple_deal", {}, "Pass a lifecycle from load_lifecycle() or build_lifecycle()."),
        ([SHORT, definition()], {}, "Pass a lifecycle from load_lifecycle() or build_lifecycle()."),
        ([SHORT, SHORT], {}, "One of them is there twice; give a changed definition a new version."),
        (SHORT, {"store": "sales/"}, "Pass an open store, for example JournalStore('sales/')."),
        (SHORT, {"store": MemoryStore}, "Pass an open store, for example JournalStore('sales/')."),
        (SHORT, {"log_refusals": "no"}, "Pass True or False."),
        (SHORT, {"actor": "li.wei"}, "Every fact says who acted; pass actor=Actor(…) or use pipeline.acting(…)."),
    ],
    ids=["none", "name", "definition", "twice", "path", "class", "flag", "text"],
)
def test_unusable_parts(lifecycle, options, hint):
    """
    A pipeline is refused when it is made, not when it is first used.
    """
    with pytest.raises(InputError) as caught:
        Pipeline(lifecycle, **options)

    assert hint == caught.value.hint


def test_foreign_lifecycle():
    """
    A project cannot be opened under a lifecycle that the pipeline could not go on with.
    """
    pipeline = make_pipeline()
    with pytest.raises(InputError) as caught:
        pipeline.open("Deal", lifecycle=load_lifecycle("simple_deal"))

    with pytest.raises(
        InputError, match=r"lifecycle=: 'short' is not usable. Pass a lifecycle from load_lifecycle\(\)"
    ):
        pipeline.open("Deal", lifecycle="short")

    assert ("lifecycle=", "Give it to the Pipeline first. Known: short 1.") == (caught.value.what, caught.value.hint)


def test_results_are_shown_in_short(pipeline, tmp_path):
    """
    What a pipeline hands out shows in a few lines what a reader looks for first, whatever the dossier holds.
    """
    pipeline.add("P-1", dossier.Task("t", "Call the customer"))
    fired = pipeline.fire("P-1", "make_offer", data={"amount": Money("5", "CNY")})
    shown = {repr(option) for option in pipeline.options("P-1")}
    with SqliteStore(tmp_path / "a.db") as database, JournalStore(tmp_path / "b") as journal:
        stores = repr(database), repr(journal)

    assert f"<Pipeline of {SHORT.id} {SHORT.version} on <MemoryStore>>" == repr(pipeline)
    assert (f"<SqliteStore '{tmp_path}/a.db', tenant 'main'>", f"<JournalStore '{tmp_path}/b'>") == stores
    assert "Option(trigger='win', status='blocked')" in shown
    assert repr(fired.decision).startswith("Accepted(trigger='make_offer', target='offer', verdicts=(Verdict(")
    assert "Task(" not in repr(fired.project)
    assert "Project(" not in repr(pipeline.path("P-1", "won"))
    assert "<Plugins salesflow>" == repr(Plugins())


def test_own_listeners_are_named():
    """
    A listener is known by its name, or by how it shows itself.
    """

    class Broken:
        def __call__(self, facts, project):
            raise RuntimeError("mail server")

        def __repr__(self):
            return "the mailer"

    def also(facts, project):
        raise RuntimeError("disk")

    told = make_pipeline(listeners=[Broken(), also])
    opened(told)

    assert ["the mailer", "also"] == [failure.plugin for failure in told.update("P-1", {"note": "x"}).listener_failures]


def test_queries_by_fields():
    """
    Projects are found, counted and listed by a predicate over fields; one for which it is unknown does not match.
    """
    pipeline = make_pipeline()
    for number in range(3):
        opened(pipeline, project_id=f"P-{number}")
        pipeline.update(f"P-{number}", {"note": "x" * (number + 1)})
    where = {"note": {"in": ["xx", "xxx"]}}

    assert ["P-1"] == [each.id for each in pipeline.find(where=where, limit=1)]
    assert ["P-1", "P-2"] == [each.id for each in pipeline.all(where=where)]
    assert (2, 3, 0) == (pipeline.count(where=where), pipeline.count(), pipeline.count(parent="P-1"))


@over_cases(
    ("asked", "said"),
    [
        ({"where": {"amount": {"ge": 5}}}, "field 'amount': 5 is not usable. It takes money"),
        ({"where": {"not": {"amount": {"in": ["5 CNY", "x"]}}}}, "field 'amount': 'x' is not usable."),
        ({"where": {"note": None}}, "operator 'eq' of 'note' is missing. Compare with one value"),
        ({"where": {"note": {"eq": ["x"]}}}, "operator 'eq' of 'note': ('x',) is not usable."),
        ({"where": {"outcome": "wom"}}, "outcome: 'wom' is not usable. Outcomes:"),
        ({"where": {"stage": {"in": ["leed"]}}}, "stage: 'leed' is not usable. Stages:"),
        ({"outcome": "wom"}, "outcome: 'wom' is not usable. Outcomes:"),
    ],
)
def test_what_nothing_can_match(pipeline, asked, said):
    """
    A value that the field cannot have is a mistake, not an empty answer.
    """
    with pytest.raises(InputError) as caught:
        pipeline.count(**asked)

    assert str(caught.value).startswith(said)


def test_literals_of_queries():
    """
    Texts stand for money and dates as in a definition; where lifecycles type a field differently, each may take it.
    """
    stages = [Stage("lead", "open"), Stage("won", "won")]
    texts = Definition("texts", fields=[Field("amount")], stages=stages, transitions=[Transition("win", "lead", "won")])
    other = build_lifecycle(texts)
    both = Pipeline([SHORT, other], actor=LEAD, clock=lambda: NOW)
    both.open("A deal", id="P-1", lifecycle=SHORT, fields={"amount": Money("7.00", "CNY"), "due": NOW.date()})
    both.open("A text", id="P-2", lifecycle=other, fields={"amount": "7 CNY"})
    only = make_pipeline(store=both.store)

    assert 1 == only.count(where={"amount": "7 CNY", "due": {"ge": NOW.date().isoformat()}})
    assert ["P-2"] == [each.id for each in both.all(where={"amount": "7 CNY"})]
    assert ["P-1"] == [each.id for each in both.all(where={"amount": Money(7, "CNY")})]
    assert 2 == both.count(where={"stage": "lead", "amount": {"set": True}, "outcome": {"not_in": ["won"]}})


def test_orders():
    """
    Projects come in the order that is asked for, page by page and all at once, and are found by when they were closed.
    """
    pipeline = make_pipeline()
    clock = clock_of(pipeline)
    for number, amount in enumerate(("30", "4", "200")):
        opened(pipeline, project_id=f"P-{number}", amount=Money(amount, "EUR"))
        clock.now += HOUR
    pipeline.fire("P-2", "lose", outcome="lost", reason="price")
    pages = [[each.id for each in pipeline.find(order_by="-amount", limit=2)]]
    last = pipeline.find(order_by="-amount", limit=2)[-1]
    pages.append([each.id for each in pipeline.find(order_by="-amount", after=last, limit=2)])
    closing = {"closed_between": (clock.now, clock.now + HOUR)}

    assert [["P-2", "P-0"], ["P-1"]] == pages
    assert ["P-1", "P-0", "P-2"] == [each.id for each in pipeline.all(order_by="amount")]
    assert ["P-2", "P-1", "P-0"] == [each.id for each in pipeline.all(order_by="-id")]
    assert (["P-2"], 1) == ([each.id for each in pipeline.all(**closing)], pipeline.count(**closing))


def test_stays(pipeline):
    """
    Stays follow each other without a gap; a visit with a hold in it has two.
    """
    clock = clock_of(pipeline)
    for trigger in ("pause", "resume", "make_offer"):
        clock.now += HOUR
        pipeline.fire("P-1", trigger)
    pipeline.update("P-1", {"note": "x"})
    times = [NOW + HOUR * number for number in range(4)]

    assert [
        Stay(1, "lead", times[0], times[1]),
        Stay(2, "paused", times[1], times[2]),
        Stay(1, "lead", times[2], times[3]),
        Stay(3, "offer", times[3]),
    ] == list(pipeline.stays("P-1"))


@over_cases(
    ("query", "said"),
    [
        ({"where": {"nte": "x"}}, "Did you mean 'note'"),
        ({"where": {}}, "predicate"),
        ({"colour": "red"}, "Ask by stage"),
        ({"parent": 7}, "parent"),
        ({"closed_between": NOW}, "closed_between"),
    ],
    ids=str,
)
def test_queries_that_cannot_be(pipeline, query, said):
    """
    What no lifecycle declares, and what is no query, is refused with the next step.
    """
    for ask in (pipeline.find, pipeline.count, lambda **asked: list(pipeline.all(**asked))):
        with pytest.raises(InputError, match=said):
            ask(**query)


@pytest.mark.parametrize("order", ["amuont", "", 7, "-"], ids=repr)
def test_orders_that_cannot_be(pipeline, order):
    """
    An order by what no lifecycle declares is refused with what is near it.
    """
    for ask in (pipeline.find, lambda **asked: list(pipeline.all(**asked))):
        with pytest.raises(InputError, match="'amount'" if order == "amuont" else "opened_at"):
            ask(order_by=order)


@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_listeners_hear_of_a_batch_when_it_is_durable(tmp_path, caplog, kind):
    """
    In a batch listeners are called once a chunk is durable, in order; what they raise goes into the log.
    """
    told = []

    def broken(facts, _project):
        told.append(facts[0].version)
        raise LookupError("no mail")

    with Plugins().open_store(f"{kind}:{tmp_path / 'sales'}") as store:
        pipeline = make_pipeline(store, listeners=[broken])
        with pipeline.batch():
            pipeline.update(pipeline.open("Upgrade", id="P-1").id, {"note": "x"})
            inside = list(told)

    assert ([], [1, 2]) == (inside, told)
    assert [f"listener broken failed at project 'P-1', version {version}" for version in (1, 2)] == caplog.messages


def test_listeners_may_write():
    """
    A listener is told after the commit, so it may write to the same pipeline.
    """

    def follow(facts, project):
        if project.version == 1:
            pipeline.update(project.id, {"note": "welcome"})

    pipeline = make_pipeline(listeners=[follow], clock=Clock())
    opened(pipeline)

    assert ("welcome", 2) == (pipeline.get("P-1").fields["note"], pipeline.get("P-1").version)


def test_batch(tmp_path):
    """
    A block of commits is there at once and durable at its end, on stores that have batches and on others.
    """
    for store in (MemoryStore(), journal(tmp_path / "sales"), Overtaken(MemoryStore(), lambda: None, 0)):
        pipeline = make_pipeline(store)
        with pipeline.batch():
            opened(pipeline)
            pipeline.fire("P-1", "touch")

        assert 2 == pipeline.get("P-1").version
        store.close()
