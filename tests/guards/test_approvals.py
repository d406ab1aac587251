"""
Who approved, and who acts.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

import salesflow as sf
from salesflow.dossier import Approval
from salesflow.errors import DefinitionError
from salesflow.guards import actor_has_role, approval, not_same_actor
from salesflow.typing import Remedy

from ..cases import over_cases
from ..inside.builders import frozen
from .factory import DAY, NOW, ask, ask_one, context, held, project


def vote(by="wang", *, granted=True, **changes):
    made = Approval(f"initiation-{by}", "initiation", by, granted=granted, at=NOW - DAY, visit=2)
    return attrs.evolve(made, **changes)


def voted(*votes, owner="li.wei", opened_by="zhao", actor="chen.yu"):
    return context(project(fields={"owner": owner}, entries=votes, opened_by=opened_by), actor=actor)


def test_a_grant_is_enough():
    """One grant in the current visit passes by default."""
    verdict = ask_one(approval, voted(vote()), "initiation")

    assert "pass" == verdict.status


@over_cases(
    "ignored",
    [
        vote(name="reopen"),
        vote(subject="charter"),
        vote(visit=1),
        vote(roles=("clerk",)),
        vote(granted=False, visit=1, roles=("director",)),
        vote(granted=False, roles=("clerk",)),
    ],
)
def test_what_does_not_count_is_left_out(ignored):
    """Another name, an artefact's approval, another visit, another role: as if nothing was said."""
    ctx = voted(ignored if ignored.roles else attrs.evolve(ignored, roles=("director",)))
    verdict = ask_one(approval, ctx, "initiation", roles=("director", "ceo"))

    assert ("fail", "approval.pending") == (verdict.status, verdict.code)
    params = {"roles": ("director", "ceo"), "quorum": 1, "distinct_from": ""}
    assert (Remedy("approval", "initiation", params),) == verdict.missing
    assert "Approval initiation is pending: 0 of 1 granted (director, ceo)." == verdict.message()
    assert "审批 立项 尚未完成：已同意 0 人，需 1 人（或签：director、ceo）。" == verdict.message("zh")


@over_cases(("granters", "expected"), [("", "fail"), ("a", "fail"), ("ab", "pass"), ("abc", "pass")])
def test_a_quorum_counts_people(granters, expected):
    """As many different people as the quorum says."""
    verdict = ask_one(approval, voted(*map(vote, granters)), "initiation", quorum=2)

    assert expected == verdict.status


def test_one_person_counts_once():
    """Two grants of one person under two ids are one."""
    verdict = ask_one(approval, voted(vote(), vote(id="again")), "initiation", quorum=2)

    assert ("approval.pending", 1) == (verdict.code, verdict.evidence["granted"])
    assert "Approval initiation is pending: 1 of 2 granted." == verdict.message()


def test_a_role_is_enough():
    """A granter needs one of the roles, as held when granting."""
    verdict = ask_one(approval, voted(vote(roles=("x", "ceo"))), "initiation", roles=("director", "ceo"))

    assert "pass" == verdict.status


def test_a_refusal_stands():
    """No number of grants outweighs it, and only the same person can take it back."""
    ctx = voted(vote("a"), vote("b"), vote("wang", granted=False, at=NOW - 99 * DAY))
    verdict = ask_one(approval, ctx, "initiation", expires_days=3)

    assert ("fail", "approval.refused") == (verdict.status, verdict.code)
    params = {"roles": (), "quorum": 1, "distinct_from": "", "by": ("wang",)}
    assert (Remedy("approval", "initiation", params),) == verdict.missing
    assert "Approval initiation was refused by wang." == verdict.message()
    assert "审批 立项 已被 wang 否决。" == verdict.message("zh")


@over_cases(("distinct_from", "person"), [("owner", "li.wei"), ("requester", "zhao"), ("actor", "chen.yu")])
def test_nobody_approves_their_own(distinct_from, person):
    """The grant of the excluded person does not count, and the cure names the person."""
    verdict = ask_one(approval, voted(vote(person)), "initiation", distinct_from=distinct_from)

    assert ("fail", "approval.self") == (verdict.status, verdict.code)
    params = {"roles": (), "quorum": 1, "distinct_from": distinct_from, "not_by": person}
    assert (Remedy("approval", "initiation", params),) == verdict.missing
    assert f"{person} may not grant approval initiation alone: 0 of 1 granted by others." == verdict.message()
    expected = f"审批 立项 须由 {person} 以外的人作出：他人已同意 0 人，需 1 人。"
    assert expected == verdict.message("zh")


def test_a_stray_space_does_not_hide_the_owner():
    """The field may have been typed by hand; the actor's name was not."""
    verdict = ask_one(approval, voted(vote("li.wei"), owner=" li.wei "), "initiation", distinct_from="owner")

    assert "approval.self" == verdict.code


def test_ones_own_grant_does_no_harm():
    """Beside enough grants of others it is merely not counted."""
    verdict = ask_one(approval, voted(vote("li.wei"), vote("wang")), "initiation", distinct_from="owner")

    assert "pass" == verdict.status


def test_ones_own_grant_beside_too_few():
    """A quorum that only the excluded person would complete is told as such."""
    verdict = ask_one(approval, voted(vote("li.wei"), vote("wang")), "initiation", quorum=2, distinct_from="owner")

    assert ("approval.self", 1) == (verdict.code, verdict.evidence["granted"])


@pytest.mark.parametrize("owner", [None, " "])
def test_without_an_owner_it_cannot_be_told(owner):
    """Who is excluded must be known, or anybody could approve."""
    verdict = ask_one(approval, voted(vote(), owner=owner), "initiation", distinct_from="owner")

    assert ("unknown", "approval.no_owner") == (verdict.status, verdict.code)
    assert (Remedy("field", "owner"),) == verdict.missing
    assert "Cannot tell who may grant approval initiation while the project has no owner." == verdict.message()
    assert "项目尚未指定负责人，无法判断谁可以审批 立项。" == verdict.message("zh")


@pytest.mark.parametrize(
    ("age", "expected"),
    [(3 * DAY, ""), (3 * DAY + timedelta(microseconds=1), "approval.expired")],
)
def test_approvals_expire_at_an_exact_time(age, expected):
    """Exactly so many days old still counts."""
    verdict = ask_one(approval, voted(vote(at=NOW - age)), "initiation", expires_days=3)

    assert expected == verdict.code


def test_without_expiry_an_approval_is_good_for_ever():
    """Zero days mean no limit."""
    verdict = ask_one(approval, voted(vote(at=NOW - 999 * DAY)), "initiation")

    assert "pass" == verdict.status


def test_an_approval_without_a_time_is_as_old_as_its_entry():
    """The time of the commit stands in."""
    old = held(vote(at=None), at=NOW - 4 * DAY)

    assert "approval.expired" == ask_one(approval, voted(old), "initiation", expires_days=3).code
    assert "" == ask_one(approval, voted(old), "initiation", expires_days=4).code


def test_an_expired_approval_is_told():
    """The message says whose approval ran out, and how many still count."""
    ctx = voted(vote("a", at=NOW - 9 * DAY, roles=("ceo",)), vote("b", roles=("ceo",)))
    verdict = ask_one(approval, ctx, "initiation", quorum=2, expires_days=3, roles=("ceo",))

    assert (Remedy("approval", "initiation", {"roles": ("ceo",), "quorum": 2, "distinct_from": ""}),) == verdict.missing
    assert "Approval initiation by a has expired: 1 of 2 still count (ceo)." == verdict.message()
    assert "审批 立项 中 a 的同意已过期：有效同意 1 人，需 2 人（ceo）。" == verdict.message("zh")


@over_cases(
    ("votes", "expected"),
    [
        (("refused", "own", "expired"), "approval.refused"),
        (("own", "expired"), "approval.self"),
        (("expired",), "approval.expired"),
        (("own expired",), "approval.pending"),
        ((), "approval.pending"),
    ],
)
def test_one_verdict_in_a_fixed_order(votes, expected):
    """Refused comes before one's own, that before expired, that before pending."""
    cast = {
        "refused": vote("a", granted=False),
        "own": vote("li.wei"),
        "expired": vote("b", at=NOW - 9 * DAY),
        "own expired": vote("li.wei", at=NOW - 9 * DAY),
    }
    verdicts = ask(
        approval, voted(*(cast[name] for name in votes)), "initiation", distinct_from="owner", expires_days=3
    )

    assert [expected] == [verdict.code for verdict in verdicts]


def test_approval_reads_the_owner_only_where_it_must():
    """Elsewhere a lifecycle needs no such field."""
    assert ("owner",) == tuple(approval.reads("initiation", distinct_from="owner"))
    assert () == tuple(approval.reads(name="initiation", distinct_from="actor"))


@pytest.mark.parametrize("params", [{"quorum": 0}, {"expires_days": -1}])
def test_impossible_numbers_are_refused_at_build(params):
    """A quorum of nobody and a negative time are mistakes in the definition."""
    with pytest.raises(ValueError, match="must be at least"):
        approval.factory("initiation", **params)


def test_the_actor_has_a_role():
    """One of the roles is enough."""
    verdict = ask_one(actor_has_role, context(roles={"ceo", "x"}), "director", "ceo")

    assert "pass" == verdict.status


def test_the_actor_lacks_the_role():
    """Each role is an alternative cure."""
    verdict = ask_one(actor_has_role, context(roles={"x"}), "director", "ceo")

    assert "actor.role" == verdict.code
    assert (Remedy("role", "director"), Remedy("role", "ceo")) == verdict.missing
    assert "chen.yu may not do this; it takes one of these roles: director, ceo." == verdict.message()
    assert "chen.yu 无权执行此操作，须具备以下角色之一：director、ceo。" == verdict.message("zh")


def test_a_role_must_be_named():
    """Without a role nobody could act."""
    with pytest.raises(ValueError, match="name at least one"):
        actor_has_role.factory()


NAMED = {
    "by": ("chen.yu", None),
    "spaces": (" chen.yu ", None),
    "somebody else": ("li.wei", ["li.wei"]),
    "blank": ("", None),
    "several": (("li.wei", "chen.yu"), None),
    "role": (("li.wei", "role:x"), None),
    "another role": (("li.wei", "role:boss"), ["li.wei", "boss"]),
    "roles alone": (("role:boss",), ["boss"]),
    "team": (("li.wei", "team"), None),
    "topic": ("topic:win", None),
}


@over_cases("case", NAMED)
def test_whom_a_field_names(case):
    """Whoever makes the move is named by the field, or has a role that it names; what is unknown here bars nobody."""
    value, who = NAMED[case]
    verdict = ask_one(actor_has_role, context(project(fields={"to": value}), roles={"x"}), fields=["to"])

    assert ("pass" if who is None else "fail") == verdict.status
    if who is not None:
        missing = [Remedy("role", each) for each in who if each == "boss"]
        missing += [Remedy("role", "somebody_named", {"by": ("li.wei",)})] * ("li.wei" in who)
        assert missing == list(verdict.missing)
        assert all(each in verdict.message() and each in verdict.message("zh") for each in who)


def test_a_role_or_a_name_is_enough():
    """With roles and fields either is enough, and a blank field leaves the roles."""
    seen = [
        ask_one(actor_has_role, context(project(fields={"by": by}), roles=roles), "director", fields=["by"]).status
        for by, roles in (("chen.yu", set()), ("li.wei", {"director"}), ("li.wei", set()), ("", set()))
    ]

    assert ["pass", "pass", "fail", "fail"] == seen


@over_cases("use", [actor_has_role(fields=("ownr",)), not_same_actor("go", fields=("ownr",))])
def test_a_field_that_nobody_declared(use):
    """A field with names of people is one of the lifecycle."""
    stages = [sf.Stage("draft", "open"), sf.Stage("won", "won")]
    move = sf.Transition("go", "draft", "won", guards=[use])
    report = sf.check_definition(sf.Definition("x", fields=[sf.Field("owner")], stages=stages, transitions=[move]))

    assert [("transitions[0].guards[0]", "field.undeclared")] == [(each.path, each.code) for each in report.faults]


@over_cases(
    ("taken_by", "status"),
    [
        ({}, "pass"),
        ({"submit": "li.wei"}, "pass"),
        ({"submit": "chen.yu"}, "fail"),
        ({"resubmit": " chen.yu "}, "fail"),
        ({"other": "chen.yu"}, "pass"),
    ],
)
def test_somebody_else_has_to_make_the_move(taken_by, status):
    """Whoever last took one of the transitions may not; what was never taken bars nobody."""
    verdict = ask_one(not_same_actor, context(project(takers=frozen(taken_by))), "submit", "resubmit")

    assert status == verdict.status
    if status == "fail":
        (took,) = taken_by.values()
        assert (Remedy("role", "somebody_else", {"not_by": (took,)}),) == verdict.missing
        assert f"chen.yu took {next(iter(taken_by))} and may not do this as well; somebody else has to." == (
            verdict.message()
        )


@over_cases(
    ("owner", "codes"), [("li.wei", []), (None, []), (" chen.yu ", ["actor.named"]), ("chen.yu", ["actor.named"])]
)
def test_nobody_approves_what_is_their_own(owner, codes):
    """Whom a field names may not make the move; a field without a name bars nobody."""
    verdict = ask_one(not_same_actor, context(project(fields={"owner": owner})), fields=["owner"])

    assert codes == [verdict.code] * (verdict.status == "fail")
    assert [(Remedy("role", "somebody_else", {"not_by": (owner,)}),)] * len(codes) == [verdict.missing] * len(codes)


def test_who_took_a_transition_last():
    """The fold keeps the last of them by transition; the guard names transitions of the lifecycle only."""
    submit = sf.Transition("submit", "draft", "checked")
    accept = sf.Transition("accept", "checked", "won", outcome="won", guards=[not_same_actor("submit")])
    back = sf.Transition("send_back", "checked", "draft", kind="loop")
    stages = [sf.Stage("draft", "open"), sf.Stage("checked"), sf.Stage("won", "won")]
    made = sf.Pipeline(
        sf.build_lifecycle(sf.Definition("four_eyes", stages=stages, transitions=[submit, accept, back]))
    )
    li, kim = sf.Actor("li"), sf.Actor("kim")
    made.open("A deal", id="P-1", actor=li)
    for actor, trigger in ((li, "submit"), (kim, "send_back"), (kim, "submit")):
        made.fire("P-1", trigger, actor=actor)

    assert {"submit": "kim", "send_back": "kim"} == made.get("P-1").taken_by
    made.open("Another deal", id="P-2", actor=li)
    assert {} == made.get("P-2").taken_by
    made.fire("P-2", "submit", actor=li)
    assert {"submit": "li"} == made.get("P-2").taken_by
    made.fire("P-2", "send_back", actor=li)
    assert {"submit": "li", "send_back": "li"} == made.get("P-2").taken_by
    made.fire("P-2", "submit", actor=kim)
    made.fire("P-2", "send_back", actor=li)
    assert {"submit": "kim", "send_back": "li"} == made.get("P-2").taken_by
    assert ["actor.same"] == [each.code for each in made.decide("P-1", "accept", actor=kim).blocking]
    assert () == made.decide("P-1", "accept", actor=li).blocking
    with pytest.raises(DefinitionError, match="sumbit"):
        sf.build_lifecycle(
            sf.Definition(
                "four_eyes",
                stages=stages,
                transitions=[submit, back, attrs.evolve(accept, guards=[not_same_actor("sumbit")])],
            )
        )


@over_cases(
    ("mode", "en", "zh"),
    [
        ("any", "(director, ceo)", "（或签：director、ceo）"),
        ("all", "(director; all of director, ceo)", "（director；会签：director、ceo）"),
        ("in_order", "(director; in order director, ceo)", "（director；逐级：director、ceo）"),
    ],
)
def test_how_several_roles_approve_is_said(mode, en, zh):
    """Any of them, all of them, or one after the other; with whose turn it is."""
    verdict = ask_one(approval, voted(), "initiation", roles=("director", "ceo"), mode=mode)

    assert f"Approval initiation is pending: 0 of 1 granted {en}." == verdict.message()
    assert f"审批 立项 尚未完成：已同意 0 人，需 1 人{zh}。" == verdict.message("zh")
