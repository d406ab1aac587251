"""
Documents: there, approved, fresh.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from salesflow.dossier import Approval, Artefact
from salesflow.guards import artefact_approved, artefact_exists, artefact_fresh
from salesflow.typing import Remedy

from ..cases import over_cases
from .factory import DAY, NOW, VISIT, ask_one, context, held, project


CHARTER = Artefact("charter", digest="sha256:1")


def holding(*entries):
    return context(project(entries=entries))


def approved(by="wang", *, subject="charter", digest="sha256:1", roles=(), granted=True):
    entry_id = f"charter-{subject}-{by}"
    return Approval(entry_id, "charter", by, roles=roles, granted=granted, subject=subject, digest=digest, visit=2)


@pytest.mark.requirement("E13")
def test_an_artefact_exists():
    """One of the type is enough by default, whenever it was added."""
    verdict = ask_one(artefact_exists, holding(held(CHARTER, version=1)), "charter")

    assert "pass" == verdict.status


@over_cases("entries", [(), (Artefact("report"),), (Artefact("charter", superseded=True),)])
def test_an_artefact_is_missing(entries):
    """None at all, one of another type, and one that was superseded."""
    verdict = ask_one(artefact_exists, holding(*entries), "charter")

    assert ("fail", "artefact.missing") == (verdict.status, verdict.code)
    assert (Remedy("entry", "artefact", {"type": "charter"}),) == verdict.missing
    assert "Artefact charter: 1 needed, 0 found." == verdict.message()
    assert "文档 charter：需要 1 份，现有 0 份。" == verdict.message("zh")


def test_several_artefacts_are_counted():
    """The cure says how many more are to be added."""
    verdict = ask_one(artefact_exists, holding(Artefact("charter", "a"), Artefact("charter", "b")), "charter", min=4)

    assert 2 == verdict.evidence["found"]
    assert (Remedy("entry", "artefact", {"type": "charter", "count": 2}),) == verdict.missing


@over_cases(
    ("version", "expected"),
    [(VISIT.version - 1, "fail"), (VISIT.version, "fail"), (VISIT.version + 1, "pass"), (11, "pass")],
)
def test_since_stage_entry_counts_versions(version, expected):
    """What came with the entry or before is old, even at the same time; what comes with the move is new."""
    entry = held(CHARTER, version=version, at=VISIT.entered_at)
    verdict = ask_one(artefact_exists, holding(entry), "charter", since="stage_entry")

    assert expected == verdict.status


def test_since_stage_entry_is_told():
    """The message says from when on artefacts count."""
    verdict = ask_one(artefact_exists, context(), "charter", since="stage_entry")

    assert "artefact.missing_since" == verdict.code
    assert (
        "Artefact charter: 1 needed, 0 added since 2026-02-20 09:00 UTC, when this stage was entered."
        == verdict.message()
    )


def test_an_artefact_is_approved():
    """A grant for the present digest passes."""
    verdict = ask_one(artefact_approved, holding(CHARTER, approved()), "charter")

    assert "pass" == verdict.status


def test_an_artefact_must_be_there_to_be_approved():
    """Missing comes before unapproved."""
    verdict = ask_one(artefact_approved, holding(approved()), "charter")

    assert "artefact.missing" == verdict.code
    assert (Remedy("entry", "artefact", {"type": "charter"}),) == verdict.missing


@over_cases(
    "approvals",
    [
        (),
        (approved(granted=False),),
        (approved(subject="other"),),
        (approved(roles=("clerk",), digest="sha256:0"),),
        (approved("a", digest="sha256:0", roles=("director",)), approved("b", granted=False, roles=("director",))),
        (approved(digest="sha256:0", roles=("director",), granted=False),),
    ],
)
def test_an_artefact_is_not_approved(approvals):
    """None, a refusal, another subject, another role, and a refusal of the present content."""
    verdict = ask_one(artefact_approved, holding(CHARTER, *approvals), "charter", roles=("director",))

    assert ("fail", "artefact.unapproved") == (verdict.status, verdict.code)
    assert (Remedy("approval", "charter", {"subject": "charter", "roles": ("director",)}),) == verdict.missing
    assert "Not approved yet: charter (director)." == verdict.message()
    assert "尚未批准：charter（director）。" == verdict.message("zh")


def test_who_approved_an_artefact_without_the_role_is_named():
    """A grant of the artefact as it is now, in another role."""
    grants = (approved("a", roles=("clerk",)), approved("b", granted=False, roles=("clerk",)))
    verdict = ask_one(artefact_approved, holding(CHARTER, *grants), "charter", roles=("director",))

    assert "Not approved yet: charter (director); approved without this role: a." == verdict.message()
    assert "尚未批准：charter（director）；a 已同意，但不具备所需角色。" == verdict.message("zh")
    assert ("a",) == verdict.evidence["lacking"]


def test_whose_approval_of_which_artefact():
    """An id that says more than the type is shown, and so are all roles of which one is enough."""
    verdict = ask_one(artefact_approved, holding(Artefact("charter", "c-1")), "charter", roles=("director", "ceo"))

    assert "Not approved yet: charter (c-1) (director, ceo)." == verdict.message()
    assert "尚未批准：charter（c-1）（或签：director、ceo）。" == verdict.message("zh")


def test_a_changed_digest_voids_the_approval():
    """A grant of other content is told apart from no grant."""
    verdict = ask_one(artefact_approved, holding(CHARTER, approved(digest="sha256:0")), "charter")

    assert ("fail", "artefact.changed") == (verdict.status, verdict.code)
    assert (Remedy("approval", "charter", {"subject": "charter", "roles": ()}),) == verdict.missing
    assert "charter has changed since it was approved and needs a new approval." == verdict.message()
    assert "charter 在批准后有改动，需要重新批准。" == verdict.message("zh")


def test_one_grant_outweighs_another_persons_refusal():
    """An artefact needs one grant for its present content."""
    ctx = holding(CHARTER, approved("a"), approved("b", granted=False))
    verdict = ask_one(artefact_approved, ctx, "charter")

    assert "pass" == verdict.status


@over_cases(("digest", "approval_version", "expected"), [(None, 7, ""), ("", 6, ""), (None, 5, "artefact.changed")])
def test_without_a_digest_the_approval_must_not_be_older(digest, approval_version, expected):
    """An artefact that was put in again after the approval may have changed."""
    entries = (held(Artefact("charter"), version=6), held(approved(digest=digest), version=approval_version))
    verdict = ask_one(artefact_approved, holding(*entries), "charter")

    assert expected == verdict.code


@over_cases(("versions", "expected"), [((5, 6), "artefact.unapproved"), ((6, 5), ""), ((6, 6), "artefact.unapproved")])
def test_the_latest_artefact_counts(versions, expected):
    """The one added last must be approved; of two in one commit, the greater id."""
    artefacts = [held(Artefact("charter", name, digest="d"), version=v) for name, v in zip("ab", versions, strict=True)]
    verdict = ask_one(artefact_approved, holding(*artefacts, approved(subject="a", digest="d")), "charter")

    assert expected == verdict.code


def test_several_artefacts_must_be_approved():
    """Each of the latest is looked at; an unapproved one decides the code, all open ones are cured."""
    artefacts = [Artefact("charter", name, digest="d") for name in "abc"]
    grants = [approved(subject="a", digest="d"), approved(subject="b", digest="old")]
    verdict = ask_one(artefact_approved, holding(*artefacts, *grants), "charter", min=3)

    assert "artefact.unapproved" == verdict.code
    assert {"b", "c"} == {remedy.params["subject"] for remedy in verdict.missing}


@pytest.mark.requirement("E24")
@over_cases(
    ("age", "expected"),
    [(timedelta(0), "pass"), (30 * DAY, "pass"), (30 * DAY + timedelta(microseconds=1), "fail")],
)
def test_freshness_has_an_exact_bound(age, expected):
    """Exactly the greatest age passes."""
    verdict = ask_one(artefact_fresh, holding(held(CHARTER, at=NOW - age)), "charter", 30)

    assert expected == verdict.status


def test_a_stale_artefact_is_to_be_put_in_again():
    """The newest one counts, and the message says when it was updated."""
    old = held(Artefact("charter", "old"), at=NOW - 90 * DAY)
    verdict = ask_one(artefact_fresh, holding(old, held(CHARTER, at=NOW - 31 * DAY)), "charter", 30)

    assert ("fail", "artefact.stale") == (verdict.status, verdict.code)
    assert (Remedy("entry", "artefact", {"type": "charter"}),) == verdict.missing
    assert "charter was last updated on 2026-01-30 09:00 UTC; it may be 30 day(s) old at most." == verdict.message()
    assert "charter 上次更新于 2026-01-30 09:00 UTC，最长有效期为 30 天。" == verdict.message("zh")


def test_an_artefact_must_be_there_to_be_fresh():
    """A superseded one is as good as none."""
    verdict = ask_one(artefact_fresh, holding(Artefact("charter", superseded=True)), "charter", 30)

    assert "artefact.missing" == verdict.code


@over_cases("guard", [artefact_exists, artefact_approved, artefact_fresh])
def test_guards_say_which_artefact_they_ask_for(guard):
    """Somebody must produce it, and a build can check that a stage does."""
    assert (("artefact", "charter"),) == tuple(guard.asks("charter"))
    assert (("artefact", "charter"),) == tuple(guard.asks(type="charter", max_age_days=3, min=1))


@over_cases(
    "call",
    [
        partial(artefact_exists.factory, "charter", min=0),
        partial(artefact_approved.factory, "charter", min=0),
        partial(artefact_fresh.factory, "charter", -1),
    ],
    ids=["artefact_exists", "artefact_approved", "artefact_fresh"],
)
def test_impossible_numbers_are_refused_at_build(call):
    """None needed and a negative age are mistakes in the definition."""
    with pytest.raises(ValueError, match="must be at least"):
        call()
