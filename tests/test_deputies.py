"""
Deputies approve on behalf of whom they stand in for (代理审批), on record, on their days, within the same rules.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

import salesflow as sf
from salesflow import guards, hookimpl
from salesflow.dossier import Approval, Artefact, Member
from salesflow.errors import InputError, PluginError
from salesflow.plugins import Recipient
from salesflow.plugins.directory import Directory

from .cases import over_cases
from .equipment import NOW, Clock


CHEN = sf.Actor("chen", roles={"director"})
LI, WANG, ZHOU = (sf.Actor(name) for name in ("li", "wang", "zhou"))
TODAY = NOW.date()
DAY = timedelta(days=1)
PEOPLE = {
    "schema": 1,
    "people": [
        {"id": "chen", "roles": ["director", "legal"]},
        {"id": "wu", "roles": ["director"]},
        *({"id": name} for name in ("li", "wang", "zhou")),
    ],
    "deputies": [
        {"of": "chen", "by": "li", "start": TODAY, "end": TODAY + DAY, "roles": ["director"]},
        {"of": "wu", "by": "li", "start": TODAY, "end": TODAY},
        {"of": "chen", "by": "wang", "start": TODAY, "end": TODAY},
    ],
}
ROLES = ("director", "finance")


def pipeline(*plugins, owner="kim", opener=ZHOU, **asked):
    """A pipeline whose one gate asks a director for the approval of a price."""
    asked.setdefault("roles", ["director"])
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("owner"), sf.Field("amount", "money")],
        stages=[sf.Stage("bid", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("sign", "bid", "won", outcome="won", guards=[guards.approval("price", **asked)])],
    )
    lifecycle = sf.build_lifecycle(definition, plugins=plugins or [Directory.load(PEOPLE)])
    made = sf.Pipeline(lifecycle, actor=opener, clock=Clock())
    made.open("A deal", id="P-1", fields={"owner": owner}, entries=[Artefact("quote", digest="sha256:1")])
    return made


def verdict(made):
    """What the one guard says."""
    return made.decide("P-1", "sign").verdicts[0]


def codes(made):
    """The codes that stop the move; none if it is allowed."""
    return [each.code for each in made.decide("P-1", "sign").blocking]


def test_on_behalf_of_a_director():
    """
    A deputy's approval counts in the role of the person represented, and says who, for whom, and on whose word.
    """
    made = pipeline()
    made.approve("P-1", "price", actor=LI)
    assert ["approval.pending"] == codes(made)

    made.approve("P-1", "price", actor=LI, on_behalf_of="chen")
    own, given = made.get("P-1").all(Approval)

    assert ("li", None, (), "") == (own.by, own.on_behalf_of, own.roles, own.authority)
    assert ("li", "chen", ("director",), "directory") == (given.by, given.on_behalf_of, given.roles, given.authority)
    found = verdict(made)
    assert ("pass", "Approval price is granted by li (deputy of chen).", "审批 价格 已由 li（代 chen） 同意。") == (
        found.status,
        found.message(),
        found.message("zh"),
    )
    assert found.message() == made.fire("P-1", "sign").decision.verdicts[0].message()


def test_the_roles_of_a_member_count_too():
    """
    Without roles a deputy stands in for all that the person is, in the company and in the project.
    """
    made = pipeline(roles=["expert"])
    made.add("P-1", Member("wu", roles=["expert"]))
    made.approve("P-1", "price", actor=LI, on_behalf_of="wu")

    assert ("director", "expert") == next(iter(made.get("P-1").all(Approval))).roles
    assert [] == codes(made)


@over_cases(
    ("actor", "away", "days", "known"),
    [
        (WANG, "chen", 1, "none"),
        (LI, "wu", 1, "chen"),
        (LI, "chen", 2, "none"),
        (ZHOU, "chen", 0, "none"),
        (LI, "chne", 0, "chen, wu. Did you mean 'chen'?"),
        (CHEN, "chen", 0, "none"),
    ],
)
def test_who_does_not_stand_in(actor, away, days, known):
    """
    Outside the days, or for somebody else, nobody approves for another, and the error says for whom one could.
    """
    made = pipeline()
    at = NOW + days * DAY
    with pytest.raises(InputError) as caught:
        made.approve("P-1", "price", actor=actor, on_behalf_of=away, at=at, ahead=True)

    said = f"At {at:%Y-%m-%d %H:%M} UTC, {actor.name!r} stands in for: {known}"
    assert ("on_behalf_of=", away) == (caught.value.what, caught.value.value)
    assert said in str(caught.value)
    assert "可代理的人员" in caught.value.text("zh")
    assert () == tuple(made.get("P-1").all(Approval))


def test_a_wrong_type():
    """
    For whom is a text.
    """
    with pytest.raises(InputError, match="on_behalf_of="):
        pipeline().approve("P-1", "price", actor=LI, on_behalf_of=["chen"])


@over_cases(
    ("owner", "opener", "distinct_from", "expected"),
    [
        ("chen", ZHOU, "owner", ["approval.self"]),
        ("li", ZHOU, "owner", ["approval.self"]),
        ("kim", CHEN, "requester", ["approval.self"]),
        ("kim", LI, "requester", ["approval.self"]),
        ("kim", LI, "actor", ["approval.self"]),
        ("kim", CHEN, "actor", ["approval.self"]),
        ("chen", LI, "", []),
        ("kim", ZHOU, "owner", []),
    ],
)
def test_nobodys_own_approval(owner, opener, distinct_from, expected):
    """
    Whose own approval does not count neither grants as a deputy nor through one.
    """
    made = pipeline(owner=owner, opener=opener, distinct_from=distinct_from)
    made.approve("P-1", "price", actor=LI, on_behalf_of="chen")

    assert expected == codes(made)
    if expected:
        assert verdict(made).message().startswith("li (deputy of chen) may not grant approval price alone")
        assert "审批 价格 须由 li（代 chen） 以外的人作出" in verdict(made).message("zh")


def test_a_quorum_counts_people():
    """
    Neither a person with a deputy nor a deputy of two people is two of a quorum.
    """
    made = pipeline(quorum=2)
    made.approve("P-1", "price", actor=LI, on_behalf_of="chen")
    made.approve("P-1", "price", actor=WANG, on_behalf_of="chen")
    assert ["wang"] == [each.by for each in made.get("P-1").all(Approval)]

    made.approve("P-1", "price", actor=LI, on_behalf_of="chen")
    made.approve("P-1", "price", actor=LI, on_behalf_of="wu")
    assert 1 == verdict(made).evidence["granted"]

    made.approve("P-1", "price", actor=CHEN)
    assert [] == codes(made)
    assert "li (deputy of wu)" in verdict(made).message()


def test_in_order_counts_from_the_last_of_a_quorum():
    """
    What the next role said before enough people of the first had spoken does not count.
    """
    made = pipeline(roles=ROLES, mode="in_order", quorum=2)
    clock, finance = NOW, [sf.Actor(name, roles={"finance"}) for name in ("fa", "fb")]
    for who, away in ((LI, "chen"), (LI, "wu"), (finance[0], None), (sf.Actor("xu", roles={"director"}), None)):
        made.approve("P-1", "price", actor=who, on_behalf_of=away, at=clock)
        clock += timedelta(minutes=1)
    made.approve("P-1", "price", actor=finance[1], at=clock)
    assert 1 == verdict(made).evidence["granted"]

    made.approve("P-1", "price", actor=finance[0], at=clock)

    assert [] == codes(made)


def test_a_refusal_is_taken_back_by_the_person_represented():
    """
    What a deputy refused is that person's, who is back: the remedy names the person, and the next word replaces it.
    """
    made = pipeline()
    made.decline("P-1", "price", actor=LI, on_behalf_of="chen")
    (cure,) = verdict(made).missing

    assert ("approval.refused", ("chen",)) == (verdict(made).code, cure.params["by"])
    assert "Approval price was refused by li (deputy of chen)." == verdict(made).message()
    made.approve("P-1", "price", actor=CHEN)
    assert ("pass", "") == (verdict(made).status, verdict(made).code)


def test_an_artefact_is_approved_by_a_deputy():
    """
    Approvals of an artefact count in the roles of the person represented as well.
    """
    made = pipeline()
    made.approve("P-1", "quote", subject="quote", actor=LI, on_behalf_of="chen")
    asked = guards.artefact_approved("quote", roles=["director"])
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("owner"), sf.Field("amount", "money")],
        stages=[sf.Stage("bid", "open", produces=["quote"]), sf.Stage("won", "won")],
        transitions=[sf.Transition("sign", "bid", "won", outcome="won", guards=[asked])],
    )
    project = made.get("P-1")

    assert sf.build_lifecycle(definition).decide(project, "sign", actor=LI, at=NOW).accepted


def test_what_waits_for_a_deputy():
    """
    An approval waits for the deputy of whom it waits for, once, unless the deputy may not give it.
    """
    made = pipeline(distinct_from="owner")
    own, barred = pipeline(roles=[]), pipeline(distinct_from="owner", owner="li")

    def waits(pipeline, actor):
        return [each.on_behalf_of for each in pipeline.waiting_for(actor=actor)]

    assert [["chen", "wu"], [None], [], ["chen"], []] == [
        waits(made, LI),
        waits(own, LI),
        waits(barred, LI),
        waits(made, WANG),
        waits(made, ZHOU),
    ]


def test_a_repeated_request():
    """
    The person represented is part of what a key stands for; a repeated request asks no directory.
    """
    made = pipeline()
    first = made.approve("P-1", "price", actor=LI, on_behalf_of="wu", key="k")
    again = made.approve("P-1", "price", actor=LI, on_behalf_of="wu", key="k", at=NOW + 2 * DAY, ahead=True)

    assert (False, True, first.fact) == (first.replayed, again.replayed, again.fact)
    with pytest.raises(sf.errors.KeyReusedError):
        made.approve("P-1", "price", actor=LI, on_behalf_of="chen", key="k")


class TwoDirectories:
    """Two directories that each know one role, of which the second may fail."""

    def __init__(self, name, role, answer=None):
        self.name, self.role, self.answer = name, role, answer

    @hookimpl
    def salesflow_directory(self, address):
        """Return the person represented, in one role."""
        if self.answer is not None:
            return self.answer
        return [Recipient("chen", roles=[self.role])] if address == "deputy:li" else None


def test_several_directories():
    """
    The roles of all directories count together; one that answers something else is named.
    """
    made = pipeline(TwoDirectories("one", "director"), TwoDirectories("two", "finance"), roles=ROLES, mode="all")
    made.approve("P-1", "price", actor=LI, on_behalf_of="chen")
    (given,) = made.get("P-1").all(Approval)

    assert (("director", "finance"), "one", []) == (given.roles, given.authority, codes(made))
    broken = pipeline(TwoDirectories("broken", "director", ["chen"]))
    with pytest.raises(PluginError, match="broken"):
        broken.approve("P-1", "price", actor=LI, on_behalf_of="chen")
