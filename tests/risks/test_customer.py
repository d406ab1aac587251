"""
The checks on the customer and the competition.
"""

from __future__ import annotations

import pytest

from salesflow.dossier import (
    Activity,
    Artefact,
    Complaint,
    Contact,
    CustomerRecord,
    Feedback,
    Issue,
    Party,
    Scorecard,
    ScoreItem,
    ServiceStandard,
)
from salesflow.risks import (
    buyer_gap,
    competition,
    customer_conflict,
    customer_need_change,
    satisfaction_drop,
    service_overdue,
    single_threaded,
)
from salesflow.scores import Norms

from ..cases import over_cases
from .factory import Story, ask, later, said


def talk(days, contact, status="done"):
    return Activity(f"talk-{days}-{contact}".replace(" ", "-"), at=later(days), status=status, contact=contact)


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(stage="lead"), {}, []),
        (Story(), {}, ["fired medium contact.few"]),
        (Story(talk(-1, "Chen"), talk(-2, "Luo")), {}, ["clear"]),
        (Story(talk(-1, "Chen"), talk(-2, "Chen")), {}, ["fired medium contact.few"]),
        (Story(talk(-1, "Chen"), talk(-31, "Luo")), {}, ["fired medium contact.few"]),
        (Story(talk(-1, "Chen"), talk(-2, "Luo", "planned")), {}, ["fired medium contact.few"]),
        (Story(talk(-1, ""), talk(-2, "")), {}, ["unknown contact.unnamed"]),
        (Story(talk(-1, "Chen")), {"needed": 1}, ["clear"]),
        (Story(), {"from_stage": "bid"}, []),
        (Story().move(-1, "paused", "hold"), {}, []),
    ],
)
def test_single_threaded(story, params, expected):
    """
    From strategy on, at least two people of the customer were talked to in a month.
    """

    assert expected == said(single_threaded, story, params)


def record(**contacts):
    return CustomerRecord("C-7", contacts=contacts)


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, []),
        (Story(stage="bid"), {}, ["fired high buyer.unknown"]),
        (Story(record(champion="Luo", economic_buyer="Chen"), stage="bid"), {}, ["clear"]),
        (Story(record(champion="Luo", economic_buyer=" "), stage="bid"), {}, ["fired high buyer.unknown"]),
        (
            Story(record(champion="Luo"), Scorecard("meddpicc", (ScoreItem("economic_buyer", 1),)), stage="bid"),
            {},
            ["clear"],
        ),
        (
            Story(record(champion="Luo"), Scorecard("meddpicc", (ScoreItem("economic_buyer", 0),)), stage="bid"),
            {},
            ["fired high buyer.unknown"],
        ),
        (Story(record(champion="Luo"), stage="bid"), {"roles": ("champion",)}, ["clear"]),
        (Story(), {"from_stage": "plan", "level": "critical"}, ["fired critical buyer.unknown"]),
    ],
)
def test_buyer_gap(story, params, expected):
    """
    At bid, a contact or a mark in the card stands for each buying role.
    """

    assert expected == said(buyer_gap, story, params)


def needs(digest):
    return Artefact("customer_needs", digest=digest)


def changed_need(days, status="done"):
    return Activity(f"n-{days}", "need_change", at=later(days), status=status)


@pytest.mark.requirement("A26", "D19", "D51")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, ["clear"]),
        (Story(needs("1")).change(-5, needs("2")), {}, ["clear"]),
        (Story(needs("1")).change(-5, needs("2")).change(-4, needs("3")), {}, ["fired medium need.changed"]),
        (Story(needs("1")).change(-5, needs("1")).change(-4, needs("1")), {}, ["clear"]),
        (Story(needs("1")).change(-5, Artefact("customer_needs", "more", digest="2")), {"count": 1}, ["clear"]),
        (Story(Artefact("offer", digest="1")).change(-5, Artefact("offer", digest="2")), {"count": 1}, ["clear"]),
        (Story(changed_need(-3), changed_need(-2)), {}, ["fired medium need.changed"]),
        (Story(changed_need(-3), changed_need(-2, "planned")), {}, ["clear"]),
        (Story(changed_need(-3), changed_need(-40)), {}, ["clear"]),
        (Story(Activity("n", "need_change", status="done")), {"count": 1}, ["clear"]),
        (Story(needs("1")).change(-5, needs("2")), {"count": 1}, ["fired medium need.changed"]),
        (Story(note="1").change(-5, note="2"), {"count": 1}, ["clear"]),
    ],
)
def test_need_change(story, params, expected):
    """
    A new digest of the needs, and an activity that says so, are changes; the first version is none.
    """

    assert expected == said(customer_need_change, story, params)


def answers(when, *marks):
    return [Feedback(f"f{when}-{number}", score=mark) for number, mark in enumerate(marks)]


def surveyed(before, after):
    return Story(age=200).change(-100, *answers("a", *before)).change(-10, *answers("b", *after))


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, []),
        (surveyed((5, 5, 5, 5, 5), (5, 5, 5, 5, 5)), {}, ["clear"]),
        (surveyed((5, 5, 5, 5, 5), (5, 5, 5, 5, 3)), {}, ["fired medium csat.dropped"]),
        (surveyed((5, 5, 5, 5, 5), (5, 5, 5, 5, 3)), {"points": 21}, ["clear"]),
        (surveyed((1, 1, 1, 1, 1), (5, 5, 5, 5, 5)), {}, ["clear"]),
        (surveyed((5, 5, 5, 5), (1, 1, 1, 1, 1)), {}, ["unknown insufficient_data"]),
        (surveyed((5, 5, 5, 5), (1, 1, 1, 1)), {"needed": 4}, ["fired medium csat.dropped"]),
        (surveyed((5,) * 5, (3,) * 5), {"top": 3}, ["clear"]),
        (surveyed((5,) * 5, (3,) * 5), {"days": 5}, []),
        (surveyed((5,) * 5, (3,) * 5).move(-1, "won"), {}, ["fired medium csat.dropped"]),
        (Story(Feedback("a", source="team", score=1), Feedback("b", declined=True)), {}, []),
    ],
)
def test_satisfaction(story, params, expected):
    """
    Two periods of the same length are compared, if enough customers answered in each; also after the end.
    """

    assert expected == said(satisfaction_drop, story, params)


def test_satisfaction_is_told():
    """
    Both figures and the drop are told.
    """
    (found,) = ask(satisfaction_drop, surveyed((5,) * 5, (5, 5, 5, 2, 2)))

    assert "Satisfaction fell by 40 points, from 100 to 60." == found.message()


OURS = Scorecard(
    "competition", (ScoreItem("price", 50, met=True), ScoreItem("reach", 80, met=False), ScoreItem("x", 1))
)


def rival(name, **scores):
    return Scorecard(f"rival-{name}", tuple(ScoreItem(item, score) for item, score in scores.items()), about=name)


@pytest.mark.requirement("D19")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, ["clear"]),
        (Story(stage="bid"), {}, ["fired medium rival.unknown"]),
        (Story(), {"from_stage": "plan"}, ["fired medium rival.unknown"]),
        (Story(rival("A", price=40)), {}, ["unknown rival.no_card"]),
        (Story(OURS, rival("A", price=40, reach=79, x=100)), {}, ["clear"]),
        (Story(OURS, rival("A", price=50)), {}, ["fired medium rival.strong"]),
        (
            Story(OURS, rival("A", price=60), rival("B", reach=10), rival("C", reach=90)),
            {},
            ["fired medium rival.strong"] * 2,
        ),
        (Story(OURS, rival("A", price=60)), {"card": "other"}, ["unknown rival.no_card"]),
    ],
)
def test_competition(story, params, expected):
    """
    A competitor who is as good in a must-have fires, and so does not knowing any at bid.
    """

    assert expected == said(competition, story, params)


@over_cases(
    ("kind", "params"),
    [
        (single_threaded, {"needed": 0}),
        (single_threaded, {"days": 0}),
        (buyer_gap, {"roles": ()}),
        (customer_need_change, {"count": 0}),
        (customer_need_change, {"days": 0}),
        (satisfaction_drop, {"days": 0}),
        (satisfaction_drop, {"needed": 0}),
    ],
)
def test_parameters_that_cannot_be(kind, params):
    """
    A limit that means nothing is refused when the lifecycle is built.
    """
    with pytest.raises(ValueError):
        kind.factory(**params)


CHEN = Contact("chen", "Ms Chen", roles=["champion", "economic_buyer"], strength=2)


@pytest.mark.requirement("D57", "E43")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(CHEN, stage="bid"), {}, ["clear"]),
        (Story(CHEN, stage="bid"), {"min_strength": 3}, ["fired high buyer.unknown"]),
        (Story(Contact("luo", roles=["champion", "economic_buyer"]), stage="bid"), {"min_strength": 3}, ["clear"]),
        (Story(Contact("luo", roles=["champion"]), stage="bid"), {}, ["fired high buyer.unknown"]),
    ],
)
def test_contacts_of_a_weak_relationship(story, params, expected):
    """
    A contact with the role counts, unless the relationship is weaker than asked for.
    """

    assert expected == said(buyer_gap, story, params)


@pytest.mark.requirement("E43")
@over_cases(
    ("party", "expected"),
    [
        (Party("r", "Rival", "competitor"), ["clear"]),
        (Party("r", type="competitor"), ["clear"]),
        (Party("r", "Assembler", "partner"), ["fired medium rival.unknown"]),
    ],
)
def test_a_competitor_is_a_party(party, expected):
    """
    A party of that type is known as a competitor, also before anybody scores it.
    """

    assert expected == said(competition, Story(party, stage="bid"), {})


CALL = Activity("call", "call", at=later(-4), status="done", direction="in")
ANSWER = Activity("mail", "mail", at=later(-3), status="done", direction="out", answers="call")
SOON, LONG = ServiceStandard("s", response_hours=4, resolution_hours=8), ServiceStandard("l", response_hours=99)


@pytest.mark.requirement("D33", "D35")
@over_cases(
    ("story", "expected"),
    [
        (Story(CALL), []),
        (Story(CALL, SOON), ["fired high service.overdue"]),
        (Story(CALL, LONG), ["clear"]),
        (Story(CALL, ANSWER, SOON), ["clear"]),
        (Story(Activity("v", at=later(1), status="planned", direction="in"), SOON), ["clear"]),
        (Story(Activity("v", direction="in"), SOON), ["clear"]),
        (Story(Activity("v", at=later(-4), status="dropped", direction="in"), SOON), ["clear"]),
        (Story(Complaint("c", raised_at=later(-4)), SOON), ["fired high service.overdue"]),
        (Story(Complaint("c", raised_at=later(-4), answered_at=later(-3)), LONG), ["clear"]),
        (Story(Complaint("c", raised_at=later(-4), answered_at=later(-3)), SOON), ["fired high service.overdue"]),
        (Story(Complaint("c", raised_at=later(-4), status="resolved"), SOON), ["clear"]),
        (Story(Complaint("c"), SOON), ["fired high service.overdue"]),
        (Story(Issue("i", "Leak", item="Pump"), SOON), ["fired high service.overdue"]),
        (
            Story(Issue("i", "Leak", item="Pump"), SOON, ServiceStandard("p", "Pump", resolution_hours=9999)),
            ["clear"],
        ),
        (
            Story(Issue("i", severity="high"), LONG, ServiceStandard("h", resolution_hours=1, severity="high")),
            ["fired high service.overdue"],
        ),
        (Story(Issue("i", opened_at=later(-4), status="verified"), SOON), ["clear"]),
        (Story(CALL, SOON).move(-1, "won"), []),
    ],
)
def test_customers_who_wait_too_long(story, expected):
    """
    The most particular standard holds; what is answered or settled does not wait.
    """

    assert expected == said(service_overdue, story, {})


@pytest.mark.requirement("D33")
def test_who_waits_is_named():
    """
    The finding says what is overdue, in both languages.
    """
    (found,) = ask(service_overdue, Story(CALL, Complaint("c", raised_at=later(-4)), SOON))

    assert "Beyond the service standard: activity call, complaint c." == found.message()
    assert "超出服务标准时限：activity call、complaint c。" == found.message("zh")


def served(**others):
    return Norms(customers={"C-7": {"P-1": "li", **others}})


@over_cases(
    ("story", "norms", "expected"),
    [
        (Story(owner="li"), served(), []),
        (Story(customer="C-7"), served(), []),
        (Story(owner="li", customer="C-7"), None, ["unknown customer.unasked"]),
        (Story(owner="li", customer="C-7"), served(), ["clear"]),
        (Story(owner="li", customer="C-7"), served(other=" li "), ["clear"]),
        (Story(owner="li", customer=" C-7"), served(other="kim"), ["fired medium customer.shared"]),
        (Story(owner="li", customer="C-8"), served(other="kim"), ["clear"]),
    ],
)
def test_two_owners_of_one_customer(story, norms, expected):
    """
    An open project of the same customer that somebody else owns is found; one's own are not, nor those of nobody.
    """
    assert expected == said(customer_conflict, story, {}, norms=norms)


def test_what_a_conflict_says():
    """
    Who else serves the customer, and where.
    """
    (found,) = ask(customer_conflict, Story(owner="li", customer="C-7"), {}, norms=served(P_2="kim"))

    assert {"customer": "C-7", "owners": ("kim",), "projects": ("P_2",)} == dict(found.evidence)
