"""
Writes the golden files of this version: ``python tests/stores/golden/make.py``.

Run it once for a version that is released, and never again for that version: what was written then is what
later versions have to read. Journals carry their checksums, so no tool may touch their ends of lines.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import attrs

from salesflow import Actor, Fact, Money, Verdict, __version__, dossier, replay
from salesflow.stores import JournalStore, SqliteStore
from salesflow.stores.adapting import canonical, encode_project
from salesflow.testing import LEASE, NOW, attempt, changed, claim, commit, due, key, moved, notice, opened
from salesflow.typing import (
    Append,
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    DueDeadline,
    EntryDropped,
    EntryMoved,
    EntryPut,
    FieldSet,
    GuardSpec,
    Label,
    OpaqueEntry,
    Opened,
    Override,
    Remedy,
    Reparented,
    SlotMissed,
    StoredDefinition,
    Transitioned,
    Work,
)


HERE = Path(__file__).parent
TENANTS = ("main", "south")
LATE = NOW + timedelta(days=9)
DEFINITION = StoredDefinition("short", "1", "sha256:de", '{"id": "short", "schema": 1}')
KEY = attrs.evolve(key("k-3", project_id="P-3"), former="c" * 64)
DELIVERY = attrs.evolve(
    notice("P-3"),
    to=("owner",),
    topic_label=Label("Entered", "进入"),
    project_name="Upgrade",
    lifecycle="short",
    lifecycle_version="1",
    stage="offer",
    stage_label=Label("Offer", "报价"),
    source_label=Label("Lead", "线索"),
    owner="王伟",
    actor="li.wei",
    at=NOW,
    plugin="acme_mail",
    recipient="wang.wei@example.com",
    lang="zh",
)


def fill(store):
    """Leave something of everything: each kind of value, of fact, of work, and a key."""
    artefact = dossier.Artefact("market_research_report", digest="sha256:00", title="市场调研报告")
    first = opened("P-1", FieldSet("amount", Money("1200000.50", "CNY")), EntryPut(artefact), owner="王伟", key="k-1")
    parts = {"notices": [notice(amount=7), notice(), notice()], "dues": [due(), due(at=NOW + LEASE, deadline="rot")]}
    store.commit(commit(first, opened("P-2"), key=key(), **parts))
    held = claim(store, limit=2)
    second = moved(first.project, at=NOW + LEASE)
    store.commit(commit(second, attempts=[attempt()], done=held[:1]))
    store.release(held[1], retry_at=None, error="no such address")
    third = changed(second.project, FieldSet("amount", None), EntryDropped(artefact.kind, artefact.id))
    store.commit(commit(third, dropped=[("P-1", 1)], dues=[due("P-1", visit=2, at=NOW + timedelta(days=3))]))
    won = moved(third.project, "won", outcome="won", at=NOW + timedelta(days=1))
    store.commit(commit(won, key=key("k-2", request="b")))


def fill_newer(store):
    """Leave what version 0.2.0 brought: new facts and what they carry, deliveries, a definition, refusals in order."""
    store.keep_definition(DEFINITION)
    parts = {
        1: {"key": KEY},
        2: {"work": [Work("n:P-3:2:0:001", "notice", "P-3", LATE, DELIVERY)]},
        3: {"attempts": [attempt("P-3"), attempt("P-3", trigger="win")]},
        4: {"dues": [due("P-3", visit=1, at=LATE), DueDeadline("P-3", 0, "", "report", LATE, slot=NOW)]},
    }
    facts = []
    for version, body in enumerate(bodies(), 1):
        at = NOW + timedelta(hours=version)
        actor = Actor("王伟", roles={"sales_director", "owner"})
        fact = Fact("P-3", version, at, actor, "short", "1", body, recorded_at=at + LEASE)
        facts.append(fact)
        with store.batch() if version > 5 else nullcontext():
            store.commit(commit(Append(version - 1, fact, replay(facts)), **parts.get(version, {})))


def bodies():
    """One body of each kind, with all that it can carry."""
    notes = [OpaqueEntry("crm.note", each, {"id": each, "text": "召回", "stars": 4}) for each in ("N-1", "N-2")]
    approval = dossier.Approval(
        "A-1", "price", "王伟", roles=("sales_director",), at=NOW, visit=1, owner="li.wei", requester="chen.yu",
        bound={"amount": Money("5.00", "EUR"), "goal": {"G-1": "sha256:01"}},
    )  # fmt: skip
    spec = GuardSpec("approval", "price", "warn", overridable=True, plugin="acme", plugin_version="1.2")
    remedy = Remedy("approval", "price", {"roles": ("ceo",)})
    verdict = Verdict(spec, "fail", "approval.missing", (remedy,), {"name": "price"}, overridden=True)
    risk = dossier.Risk("R-1", "Late", probability=4, impact=5, status="identified")
    moved = EntryMoved(
        "risk", "R-1", "mitigate", "identified", "responding", (EntryPut(attrs.evolve(risk, status="responding")),),
        lifecycle="risk", version="1",
    )  # fmt: skip
    override = Override("price", "agreed by phone", "王伟")
    return (
        Opened("Upgrade", "lead", "undecided", (FieldSet("owner", "li.wei"), EntryPut(notes[0])), "P-1", "sha256:de"),
        Changed((*map(EntryPut, (approval, risk, notes[1], *figures())), FieldSet("due", NOW))),
        DeadlineMoved("sla", 1, NOW, NOW + timedelta(days=5), "field due"),
        Transitioned("pause", "pause", "hold", "lead", "paused", "undecided"),
        Transitioned("go_on", "go_on", "resume", "paused", "lead", "undecided"),
        moved,
        DeadlinePassed("rot", "lead", 1, NOW + LEASE, (FieldSet("level", "high"),)),
        DeadlinePassed("old", "lead", 1, NOW, late=True),
        Transitioned(
            "win", "win", "forward", "lead", "won", "won", (EntryDropped("crm.note", "N-2"),), (verdict,), "ok",
            (override,), "P-4", closed=True,
        ),
        Transitioned("again", "again", "reopen", "won", "lead", "undecided", closed=False),
        Transitioned("stop", "stop", "exit", "lead", "done", "undecided", closed=True),
        SlotMissed("report", ((NOW, None), (NOW + LEASE, "王伟")), (FieldSet("level", "low"),)),
        Reparented("P-2", "P-1", "next quarter"),
    )  # fmt: skip


def figures():
    """Entries that figures read or write, with what can stand in them."""
    value = dossier.KpiValue(
        "win_rate", "0.4", variant="of_all", group={"owner": "王伟"}, numerator=2, denominator=5, n=5
    )
    none = dossier.KpiValue("sales_amount", unit="CNY", period="2026-Q1", reason="no_closed_projects", version=2)
    line = dossier.AppraisalCriterion("sales", 80, weight="0.5", metric="sales_amount")
    return (
        dossier.Activity("C-2", "call", direction="out", answers="C-1", planned_for=NOW, planned_until=LATE),
        dossier.Appraisal("P-1", "王伟", (line,), at=NOW, start=NOW.date(), end=LATE.date()),
        dossier.Invoice("I-1", Money("113.00", "CNY"), NOW.date(), tax_rate="0.13", taxed=False, credit=True),
        dossier.KpiSnapshot("S-1", NOW, (value, none), basis="known_today"),
        dossier.KpiTarget("T-1", "win_rate", "0.35", owner="li.wei", group={"market": "north"}, version=2),
        dossier.Survey("N-1", "after_delivery", 9, scale="nps"),
        dossier.TimeBooking("B-1", "王伟", NOW.date(), "7.5"),
    )


def main():
    """Write a dump of a SQLite file with two tenants, the lines of a journal, and the heads they lead to."""
    target = HERE / __version__
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sales.db")
        for tenant in TENANTS:
            with SqliteStore(path, tenant=tenant) as store:
                fill(store)
                fill_newer(store)
                heads = [canonical(encode_project(each)) for each in store.find()]
        with closing(sqlite3.connect(path)) as connection:
            (target / "sales.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")
        with JournalStore(Path(folder, "journal")) as store:
            fill(store)
            fill_newer(store)
        for each in Path(folder, "journal").glob("*.sfj"):
            (target / each.name).write_bytes(each.read_bytes())
    (target / "heads.jsonl").write_bytes(b"".join(each + b"\n" for each in heads))


if __name__ == "__main__":
    main()
